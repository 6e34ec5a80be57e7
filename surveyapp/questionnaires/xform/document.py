"""An XForm's XML, read safely, and where things stand in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple, cast

from lxml import etree

from surveyapp.questionnaires.xform.errors import XFormError

MAX_BYTES = 20 * 1024 * 1024
#: elements within each other; real forms stay below 20, and reading them recurses
MAX_DEPTH = 64

_IS_TOO_DEEP = etree.XPath(f"boolean({'/*' * (MAX_DEPTH + 1)})")

JAVAROSA = "http://openrosa.org/javarosa"
ODK = "http://www.opendatakit.org/xforms"
OPENROSA = "http://openrosa.org/xforms"
XFORMS = "http://www.w3.org/2002/xforms"
XML_EVENTS = "http://www.w3.org/2001/xml-events"
#: namespaces that say nothing of which form it is
NAMESPACES = frozenset({JAVAROSA, ODK, OPENROSA, XFORMS, "http://www.w3.org/1999/xhtml"})

#: controls that hold a value; `odk:rank` by its local name
CONTROLS = frozenset({"input", "select1", "select", "rank", "range", "trigger", "upload", "secret"})

#: what stands in a body, by its elements' names
_KINDS = {**dict.fromkeys(CONTROLS, "control"), "group": "group", "repeat": "repeat"}

#: controls that offer choices
CHOICE_CONTROLS = frozenset({"select1", "select", "rank"})

SETVALUE = "setvalue"
VALUE_CHANGED = "xforms-value-changed"
NEW_REPEAT = "odk-new-repeat"
#: in the order in which JavaRosa comes to them
_FIRST_EVENTS = ("odk-instance-first-load", "xforms-ready", "odk-instance-load")
#: marks the element that new instances of a roster are copied from
_TEMPLATE = f"{{{JAVAROSA}}}template"
#: where a `setvalue` is carried out
_ACTIVE = CONTROLS | {"model", "repeat"}
_DEVICE_ACTIONS = {"setgeopoint": "start-geopoint", "recordaudio": "background-audio"}

#: an attribute in a path; a text that only looks like it costs little
_ATTRIBUTE = re.compile(r"(?:@|attribute::)([\w.-]+)")
_MAY_READ_ATTRIBUTES = etree.XPath("//@*[contains(., '@') or contains(., '::')]", smart_strings=False)
#: a reference from the root as most forms write it: no prefix, dot or blank
_PLAIN = re.compile(r"/[^/:.\s]+/((?:[^/:.\s]+/)*[^/:.\s]+)")
_PREFIX = re.compile(r"[^/:]+:(?=[^/:])")


def read(xform: bytes) -> etree._Element:
    """The root element of an XForm. Raises `XFormError`; loads nothing but these bytes."""
    if len(xform) > MAX_BYTES:
        raise XFormError("too_large", bytes=len(xform), limit=MAX_BYTES)
    try:
        root = etree.fromstring(xform, _parser())
    except etree.XMLSyntaxError as error:
        if is_too_deep(error):
            raise XFormError("too_deep", limit=MAX_DEPTH) from None
        line, column = error.position
        raise XFormError("not_xml", line=line, column=column) from None
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]  # lxml-stubs forgot it
        raise XFormError("doctype")
    _refuse_depth(root)
    return root


def is_too_deep(error: etree.XMLSyntaxError) -> bool:
    """Whether the parser itself, whose limit is 256 levels, stopped because of nested elements."""
    return "Excessive depth" in str(error)


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def _refuse_depth(root: etree._Element) -> None:
    if _IS_TOO_DEEP(root):
        raise XFormError("too_deep", limit=MAX_DEPTH)


def local_name(element: etree._Element) -> str:
    """An element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def elements(parent: etree._Element) -> Iterator[etree._Element]:
    """The child elements (with entities left unresolved, an entity is a child without a name)."""
    return (child for child in parent if isinstance(child.tag, str))


def child(parent: etree._Element, name: str) -> etree._Element | None:
    """The first child element of a local name."""
    return next(parent.iterchildren(f"{{*}}{name}"), None)


def children(parent: etree._Element, name: str) -> Iterator[etree._Element]:
    """The child elements of a local name."""
    return parent.iterchildren(f"{{*}}{name}")


def named_children(parent: etree._Element) -> dict[str, etree._Element]:
    """The first child element of each local name."""
    return {local_name(each): each for each in reversed(list(elements(parent)))}


def own_text(element: etree._Element | None) -> str:
    """The text within an element, without the blanks around it."""
    if element is None:
        return ""
    texts = map(str, element.itertext()) if len(element) else (str(element.text or ""),)
    return "".join(texts).strip()


def file_name(address: str) -> str:
    """The file's name in an address: `jr://file-csv/places.csv` → `places.csv`."""
    return address.replace("\\", "/").rpartition("/")[2]


def set_to(action: etree._Element) -> str:
    """The expression of a `setvalue`; one without an expression sets its text."""
    value = action.get("value")
    if value is not None:
        return value
    text = own_text(action)
    quote = '"' if "'" in text else "'"
    return f"{quote}{text}{quote}"


class Action(NamedTuple):
    """A `setvalue`: the path of what it sets, the expression, the events, and the element itself."""

    target: str
    source: str
    events: frozenset[str]
    element: etree._Element


class DynamicDefault(NamedTuple):
    """An expression, and whether it holds when a form begins, and in further roster instances."""

    source: str
    first: bool
    later: bool


def _events(action: etree._Element) -> frozenset[str]:
    event = action.get("event", "") or action.get(f"{{{XML_EVENTS}}}event", "")
    return frozenset(event.split())


def _parent_name(element: etree._Element) -> str:
    parent = element.getparent()
    return "" if parent is None else local_name(parent)


def _paths_below(parent: etree._Element, path: str) -> Iterator[str]:
    for element in elements(parent):
        own = f"{path}/{local_name(element)}" if path else local_name(element)
        yield own
        yield from _paths_below(element, own)


def _live(parent: etree._Element, name: str) -> Iterator[etree._Element]:
    return (each for each in children(parent, name) if not is_template(each))


def is_template(element: etree._Element) -> bool:
    """Whether new instances of a roster are copied from an element that is none itself."""
    return element.get(_TEMPLATE) is not None


class Document:
    """The parts of an XForm, found by the path of the item that they belong to.

    Paths are those of the definition: without the root element and without namespace prefixes.
    """

    def __init__(self, xform: bytes, *, whole: bool = False) -> None:
        """`whole` says that any attribute may be read, not only those that an expression names."""
        self.root = read(xform)
        self._whole = whole
        self.head = self._part(self.root, "head")
        self.body = self._part(self.root, "body")
        self.model = self._part(self.head, "model")
        self.data = self._primary_instance()
        self.root_name = local_name(self.data)

    @staticmethod
    def _part(parent: etree._Element, name: str) -> etree._Element:
        part = child(parent, name)
        if part is None:
            raise XFormError("not_xform", element=name)
        return part

    def _primary_instance(self) -> etree._Element:
        instance = self._part(self.model, "instance")
        data = next(elements(instance), None)
        if data is None:
            raise XFormError("not_xform", element="instance")
        return data

    @cached_property
    def attributes_read(self) -> frozenset[str]:
        """The names of the attributes that expressions may read; `*` for all of them."""
        if self._whole:
            return frozenset({"*"})
        texts = cast("list[str]", _MAY_READ_ATTRIBUTES(self.root))
        return frozenset(name for text in texts for name in _ATTRIBUTE.findall(text))

    @cached_property
    def attributes_computed(self) -> frozenset[str]:
        """The names of the attributes that the form computes, or sets when it begins."""
        bound = (path for path, bind in self._binds.items() if bind.get("calculate"))
        places = (*bound, *(action.target for action in self.actions))
        names = (place.rpartition("/")[2] for place in places)
        return frozenset(name for name in names if name.startswith("@"))

    @cached_property
    def paths(self) -> frozenset[str]:
        """The paths of all that the primary instance holds."""
        return frozenset(_paths_below(self.data, ""))

    def instances(self, path: str) -> list[etree._Element] | None:
        """A roster's instances in a new form, within the first instance of those around it.

        Templates are none. None if one around it has no instance in a new form.
        """
        *around, name = path.split("/")
        parent: etree._Element | None = self.data
        for step in around:
            parent = next(_live(parent, step), None) if parent is not None else None
        return None if parent is None else list(_live(parent, name))

    def secondary_instances(self) -> Iterator[tuple[str, etree._Element]]:
        """Choice lists and other instances beside the answers: id and element."""
        for instance in list(children(self.model, "instance"))[1:]:
            yield instance.get("id", ""), instance

    def path_of(self, reference: str) -> str:
        """The item path of a reference from the root: ` /data/g/age ` → `g/age`."""
        return self._path(reference, "")

    def _path(self, reference: str, base: str) -> str:
        """The item path of a reference; a relative one (`./age`, `../g/age`) begins at `base`."""
        if usual := _PLAIN.fullmatch(reference):
            return usual[1]
        plain = _PREFIX.sub("", reference).strip()
        steps = [step.strip() for step in plain.removeprefix("current()/").strip("/").split("/")]
        path = [] if plain.startswith("/") or not base else base.split("/")
        for step in steps[1:] if plain.startswith("/") else steps:
            if step == "..":
                path = path[:-1]
            elif step and step != ".":
                path.append(step)
        return "/".join(path)

    @cached_property
    def _binds(self) -> dict[str, etree._Element]:
        return {self.path_of(bind.get("nodeset", "")): bind for bind in children(self.model, "bind")}

    def bind(self, path: str) -> dict[str, str]:
        """The attributes of an item's bind; those with a namespace as `{namespace}name`."""
        bind = self._binds.get(path)
        return {} if bind is None else {str(key): str(text) for key, text in bind.attrib.items()}

    @cached_property
    def _bind_paths(self) -> dict[str, str]:
        return {bind.get("id", ""): path for path, bind in self._binds.items() if bind.get("id")}

    @property
    def controls(self) -> dict[str, etree._Element]:
        """The control of each question; the first one if it has several."""
        return self._placed["control"]

    @property
    def groups(self) -> dict[str, etree._Element]:
        """The body's group of each section or roster."""
        return self._placed["group"]

    @property
    def repeats(self) -> dict[str, etree._Element]:
        """The body's repeat of each roster."""
        return self._placed["repeat"]

    @cached_property
    def actions(self) -> tuple[Action, ...]:
        """Every `setvalue`, in document order; JavaRosa takes no notice of one within a group."""
        found = (each for each in self.root.iter(f"{{*}}{SETVALUE}") if _parent_name(each) in _ACTIVE)
        return tuple(Action(self._referred(each), set_to(each), _events(each), each) for each in found)

    @cached_property
    def dynamic_defaults(self) -> dict[str, DynamicDefault]:
        """What each item is set to in a new form or roster instance, by path; the last one holds."""
        found: dict[str, DynamicDefault] = {}
        for action in self.actions:
            first = not action.events.isdisjoint(_FIRST_EVENTS)
            later = NEW_REPEAT in action.events and self._is_within_repeat(action)
            before = found.get(action.target)
            if (first or later) and before and not (first and later):
                first, later = first or before.first, later or before.later
            if first or later:
                found[action.target] = DynamicDefault(action.source, first, later)
        return found

    def first_load(self) -> list[Action]:
        """What a new form sets, in order: at each event the model's actions, then those in the body."""
        ordered = sorted(self.actions, key=lambda action: _parent_name(action.element) != "model")
        return [action for event in _FIRST_EVENTS for action in ordered if event in action.events]

    def _is_within_repeat(self, action: Action) -> bool:
        """Whether what it sets may be in the repeat that it stands in."""
        parent = action.element.getparent()
        if parent is None or local_name(parent) != "repeat":
            return True
        return action.target.startswith(f"{self._referred(parent)}/")

    def new_instance_actions(self, repeat: etree._Element) -> Iterator[tuple[str, str]]:
        """What a new instance of a repeat sets elsewhere: item path and expression."""
        for action in self.actions:
            is_own = action.element.getparent() is repeat
            if is_own and NEW_REPEAT in action.events and not self._is_within_repeat(action):
                yield action.target, action.source

    @cached_property
    def assigned(self) -> frozenset[str]:
        """The items that an answer to another question, or a new roster instance, sets."""
        changing = {VALUE_CHANGED, NEW_REPEAT}
        return frozenset(each.target for each in self.actions if each.events & changing)

    def assignments(self, control: etree._Element) -> Iterator[tuple[str, str]]:
        """What a change of a control's answer sets: item path and expression."""
        for action in self.actions:
            if action.element.getparent() is control and VALUE_CHANGED in action.events:
                yield action.target, action.source

    @cached_property
    def device_filled(self) -> dict[str, str]:
        """The items that the device fills in by an action: a place, a recording."""
        return {
            self._referred(action): preload
            for name, preload in _DEVICE_ACTIONS.items()
            for action in self.root.iter(f"{{*}}{name}")
        }

    @cached_property
    def _placed(self) -> dict[str, dict[str, etree._Element]]:
        """What the body holds, by the kind of element and the path that it refers to."""
        found: dict[str, dict[str, etree._Element]] = {kind: {} for kind in set(_KINDS.values())}
        for element in self.body.iter(etree.Element):
            kind = _KINDS.get(local_name(element))
            if kind and (path := self._referred(element)):
                found[kind].setdefault(path, element)
        return found

    def _referred(self, element: etree._Element) -> str:
        """The path of what an element refers to; empty if it refers to nothing."""
        reference = element.get("ref") or element.get("nodeset")
        if reference is None:
            return self._bind_paths.get(element.get("bind", ""), "")
        return self._path(reference, "" if reference.startswith("/") else self._base(element))

    def _base(self, element: etree._Element) -> str:
        """What relative references start from: the nearest group, repeat or control around."""
        parent = element.getparent()
        if parent is None or local_name(parent) in {"body", "model"}:
            return ""
        return self._referred(parent) or self._base(parent)


def form_id(document: Document) -> str:
    """The id of a form; old ones have a namespace of their own instead. Raises `XFormError`."""
    namespace = etree.QName(document.data).namespace
    found = document.data.get("id", "").strip() or document.data.get(f"{{{namespace}}}id", "").strip()
    if not found and namespace and namespace not in NAMESPACES:
        found = namespace
    if not found:
        raise XFormError("no_form_id")
    return found
