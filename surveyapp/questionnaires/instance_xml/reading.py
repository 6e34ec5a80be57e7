"""The instance's XML → answers. Loads nothing but the bytes it is given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from surveyapp.questionnaires.answers import Answers
from surveyapp.questionnaires.definition import (
    Container,
    DataType,
    Item,
    Note,
    Questionnaire,
    Roster,
    Section,
    Valued,
)
from surveyapp.questionnaires.instance_xml.instance import Envelope, Foreign, Instance
from surveyapp.questionnaires.paths import join
from surveyapp.questionnaires.values import MisshapenValue, from_text
from surveyapp.questionnaires.xform.document import (
    JAVAROSA,
    MAX_DEPTH,
    OPENROSA,
    child,
    children,
    is_too_deep,
    local_name,
)

MAX_BYTES = 10 * 1024 * 1024
#: more than any form has in a submission; each costs memory and time
MAX_ELEMENTS = 200_000

META = "meta"
_INSTANCE_ID, _DEPRECATED_ID, _ENTITY = "instanceID", "deprecatedID", "entity"
_TEMPLATE = f"{{{JAVAROSA}}}template"
_ENVELOPE_ATTRIBUTES = frozenset({"id", "version"})


class InstanceError(ValueError):
    """XML that is no instance of the questionnaire: `code` is one of `CODES`, `params` says more."""

    CODES = frozenset(
        {
            "too_large",  # bytes, limit
            "too_deep",  # limit
            "too_many",  # limit: elements
            "not_xml",  # line, column
            "doctype",
            "wrong_root",  # found, expected
        }
    )

    def __init__(self, code: str, **params: Any) -> None:
        self.code = code
        self.params = params
        super().__init__(f"{code}: {params}" if params else code)


class OpenedInstance:
    """An instance's XML, parsed once: its envelope says which questionnaire to read the rest by."""

    def __init__(self, xml: bytes) -> None:
        """Raises `InstanceError`, whatever the bytes are."""
        self._root = _parse(xml)
        self.envelope = _envelope(self._root)

    def read(self, questionnaire: Questionnaire) -> Instance:
        """What it holds. Raises `InstanceError` if its root is another questionnaire's."""
        root, expected = self._root, questionnaire.root_name
        if local_name(root) != expected:
            raise InstanceError("wrong_root", found=local_name(root)[:100], expected=expected)
        reader = _Reader(etree.QName(root).namespace)
        answers = reader.container(questionnaire.root, root, "")
        return Instance(answers=answers, envelope=self.envelope, foreign=tuple(reader.foreign))


def read_envelope(xml: bytes) -> Envelope:
    """Form, version and id of a submission whose questionnaire is not known. Raises `InstanceError`."""
    return OpenedInstance(xml).envelope


def read_instance(questionnaire: Questionnaire, xml: bytes) -> Instance:
    """What an instance's XML holds. Raises `InstanceError`, whatever the bytes are."""
    return OpenedInstance(xml).read(questionnaire)


def _parse(xml: bytes) -> etree._Element:
    if len(xml) > MAX_BYTES:
        raise InstanceError("too_large", bytes=len(xml), limit=MAX_BYTES)
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        if is_too_deep(error):
            raise InstanceError("too_deep", limit=MAX_DEPTH) from None
        line, column = error.position
        raise InstanceError("not_xml", line=line, column=column) from None
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]  # lxml-stubs forgot it
        raise InstanceError("doctype")
    _refuse_size(root)
    return root


def _refuse_size(root: etree._Element) -> None:
    depth = count = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        count += event == "start"
        if depth > MAX_DEPTH:
            raise InstanceError("too_deep", limit=MAX_DEPTH)
        if count > MAX_ELEMENTS:
            raise InstanceError("too_many", limit=MAX_ELEMENTS)


def _envelope(root: etree._Element) -> Envelope:
    meta = child(root, META)
    return Envelope(
        form_id=root.get("id", ""),
        version=root.get("version", ""),
        instance_id=_text_of(meta, _INSTANCE_ID),
        deprecated_id=_text_of(meta, _DEPRECATED_ID),
        entities=() if meta is None else tuple(map(_xml, children(meta, _ENTITY))),
    )


def _text_of(meta: etree._Element | None, name: str) -> str | None:
    found = None if meta is None else child(meta, name)
    return None if found is None else (found.text or "").strip() or None


def _xml(element: etree._Element) -> str:
    return str(etree.tostring(element, encoding="unicode", with_tail=False))


@dataclass
class _Reader:
    """Reads the elements of one instance; what is in another namespace than the root is nobody's."""

    namespace: str | None
    foreign: list[Foreign] = field(default_factory=list)
    #: by the identity of containers, which live as long as the questionnaire that is being read by
    _items: dict[int, dict[str, Item]] = field(default_factory=dict)

    def container(self, container: Container, element: etree._Element, path: str) -> Answers:
        """The answers of a section or an instance."""
        found: Answers = {}
        items = self._items_of(container)
        self._note_attributes(element, path)
        texts = [element.text]
        for below in element:
            texts.append(below.tail)
            tag = below.tag
            if not isinstance(tag, str):
                continue  # type: ignore[unreachable]  # an entity that was left unresolved has none
            namespace, _, name = tag.rpartition("}")
            item = items.get(name) if not namespace or self._is_own(namespace) else None
            if not self._read(found, item, below, path) and not self._is_envelope(below, path):
                self.foreign.append(Foreign(path, name, _xml(below)))
        self._note_text(texts, path)
        return found

    def _items_of(self, container: Container) -> dict[str, Item]:
        """Its items by name; instances of a roster have the same."""
        known = self._items.get(id(container))
        if known is None:
            known = self._items[id(container)] = {item.name: item for item in container.items}
        return known

    def _read(self, found: Answers, item: Item | None, element: etree._Element, path: str) -> bool:
        """Whether the element belongs to an item, and was not there already."""
        if isinstance(item, Roster):
            self._read_row(found, item, element, path)
            return True
        if item is None or item.name in found:
            return False
        if isinstance(item, Section):
            found[item.name] = self.container(item, element, join(path, item.name))
            return True
        if len(element):
            return False
        text = element.text or ""
        if isinstance(item, Valued):
            found[item.name] = value_of(item.type, text)
            if element.attrib:
                self._note_attributes(element, join(path, item.name))
            return True
        return isinstance(item, Note) and not text and not element.attrib

    def _read_row(self, found: Answers, roster: Roster, element: etree._Element, path: str) -> None:
        rows = found.setdefault(roster.name, [])
        if _TEMPLATE not in element.attrib:
            row = join(path, roster.name, len(rows) + 1)
            rows.append(self.container(roster, element, row))

    def _is_own(self, braced: str) -> bool:
        """Whether a namespace, written as in tags without the closing brace, is no stranger's."""
        return braced[1:] in {self.namespace, OPENROSA}

    def _is_envelope(self, element: etree._Element, path: str) -> bool:
        if path == META:
            return local_name(element) in {_INSTANCE_ID, _DEPRECATED_ID, _ENTITY}
        if path or local_name(element) != META or element.getparent() is None:
            return False
        # the questionnaire has no items in `meta`: what it holds beside the envelope is foreign
        self.container(Section(name=META, path=META), element, META)
        return next(children(element.getparent(), META)) is element  # type: ignore[arg-type]  # it has one

    def _note_text(self, texts: Sequence[str | None], path: str) -> None:
        if words := "".join(text for text in texts if text and text.strip()):
            self.foreign.append(Foreign(path, "#text", words))

    def _note_attributes(self, element: etree._Element, path: str) -> None:
        for name, value in _attributes(element):
            if path or name not in _ENVELOPE_ATTRIBUTES:
                self.foreign.append(Foreign(path, f"@{name}", value))


def _attributes(element: etree._Element) -> Iterator[tuple[str, str]]:
    return ((str(name), str(value)) for name, value in element.attrib.items())


def value_of(kind: DataType, text: str) -> Any:
    """The JSON value of an element's text; the text itself if it is no value of its item's type."""
    try:
        # what a client wrote is kept, though JavaRosa reads no other truth than `1`
        return text.strip() or None if kind is DataType.BOOLEAN else from_text(kind, text)
    except MisshapenValue:
        return text
