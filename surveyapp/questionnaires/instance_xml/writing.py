"""Answers → the instance's XML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from lxml import etree

from surveyapp.questionnaires.definition import Container, Questionnaire, Roster, Section, Valued
from surveyapp.questionnaires.instance_xml.instance import Envelope, Foreign, Instance
from surveyapp.questionnaires.paths import join
from surveyapp.questionnaires.values import MisshapenValue, to_text

#: what XML 1.0 has no way to write
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_META = "meta"


class UnwritableText(ValueError):
    """A text that XML cannot hold: control characters, half a character; `path` is the node's."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(f"text that XML cannot hold at {path or 'the root'}")


def write_instance(questionnaire: Questionnaire, instance: Instance) -> bytes:
    """The XML of an instance, UTF-8.

    Raises:
        UnwritableText: a text has characters that XML has not.
        ValueError: something foreign belongs to a section or instance that the answers have not got.
    """
    writer = _Writer()
    root = etree.Element(questionnaire.root_name)
    envelope = instance.envelope
    root.set("id", writer.text(envelope.form_id or questionnaire.id, ""))
    if version := envelope.version or questionnaire.version:
        root.set("version", writer.text(version, ""))
    writer.container(questionnaire.root, instance.answers, root, "")
    _write_envelope(root, envelope, writer)
    writer.add_foreign(instance.foreign)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def _write_envelope(root: etree._Element, envelope: Envelope, writer: _Writer) -> None:
    given = {"instanceID": envelope.instance_id, "deprecatedID": envelope.deprecated_id}
    texts = {name: text for name, text in given.items() if text is not None}
    if not texts and not envelope.entities:
        return
    meta = writer.meta(root)
    for name, text in texts.items():
        etree.SubElement(meta, name).text = writer.text(text, f"{_META}/{name}")
    meta.extend(map(etree.fromstring, envelope.entities))


class _Writer:
    """Writes the elements of one instance, and knows them by node path."""

    def __init__(self) -> None:
        self._written: dict[str, etree._Element] = {}

    def container(self, container: Container, answers: Any, element: etree._Element, path: str) -> None:
        """Write the answers of a section or an instance into its element."""
        self._written[path] = element
        for item in container.items:
            if item.name not in answers:
                continue
            value = answers[item.name]
            if isinstance(item, Roster):
                self._rows(item, value, element, path)
            elif isinstance(item, Section):
                inner = etree.SubElement(element, item.name)
                self.container(item, value, inner, join(path, item.name))
            elif isinstance(item, Valued):
                self._value(item, value, etree.SubElement(element, item.name), join(path, item.name))

    def _rows(self, roster: Roster, rows: Sequence[Any], element: etree._Element, path: str) -> None:
        for position, row in enumerate(rows, 1):
            inner = etree.SubElement(element, roster.name)
            self.container(roster, row, inner, join(path, roster.name, position))

    def _value(self, item: Valued, value: Any, element: etree._Element, path: str) -> None:
        try:
            text = to_text(item.type, value)
        except MisshapenValue:
            text = str(value)  # what was read as it was, is written as it was
        element.text = self.text(text, path) or None
        self._written[path] = element

    def text(self, text: str, path: str) -> str:
        """The same text, if XML can hold it."""
        if _UNWRITABLE.search(text):
            raise UnwritableText(path)
        return text

    def meta(self, root: etree._Element) -> etree._Element:
        """The element of the envelope; answers may be in it too."""
        if _META not in self._written:
            self._written[_META] = etree.SubElement(root, _META)
        return self._written[_META]

    def add_foreign(self, foreign: Sequence[Foreign]) -> None:
        """Put what nobody knows back where it was."""
        for each in foreign:
            if each.path == _META:
                self.meta(self._written[""])
            element = self._written.get(each.path)
            if element is None:
                raise ValueError(f"nothing was written at {each.path}")
            if each.name.startswith("@"):
                element.set(each.name[1:], self.text(each.xml, each.path))
            elif each.name == "#text":
                element.text = self.text(each.xml, each.path)
            else:
                element.append(etree.fromstring(each.xml))
