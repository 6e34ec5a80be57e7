"""The submission's XML as ODK's engine writes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml import etree

from surveyapp.questionnaires.replay.nodes import Nodes
from surveyapp.questionnaires.replay.skeleton import Part
from surveyapp.questionnaires.replay.tree import Place, Tree
from surveyapp.questionnaires.xform.document import JAVAROSA, XFORMS

_DECLARATION = "<?xml version='1.0' encoding='UTF-8' ?>"
_TEMPLATE = f"{{{JAVAROSA}}}template"
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
#: Java's table of a dozen names begins with as many places
_PLACES = 16


def submission(tree: Tree, nodes: Nodes, prefixes: Mapping[str, str]) -> str:
    """The whole instance without what is irrelevant."""
    return _DECLARATION + _Writer(tree, nodes, prefixes).element(Place(tree.root, ""))


class _Writer:
    def __init__(self, tree: Tree, nodes: Nodes, prefixes: Mapping[str, str]) -> None:
        self._tree = tree
        self._nodes = nodes
        self._prefixes = prefixes
        self._by_address = {address: prefix for prefix, address in prefixes.items()}

    def element(self, place: Place) -> str:
        """One element with all below it; nothing of one that is irrelevant."""
        part = place.part
        look = self._nodes.look(place) if place.path else None
        if look is not None and not look.relevant:
            return ""
        name = self._name(part.element)
        begin = " ".join([name, *self._attributes(part)])
        value = self._nodes.text(part, look) if look is not None else None
        inner = escaped(value) if value is not None else self._children(place)
        return f"<{begin}>{inner}</{name}>" if inner or value is not None else f"<{begin} />"

    def _children(self, place: Place) -> str:
        return "".join(map(self.element, self._tree.below(place)))

    def _attributes(self, part: Part) -> Iterator[str]:
        for name, value in part.element.attrib.items():
            if name != _TEMPLATE:
                given = self._nodes.attribute(part, str(name), str(value))
                yield f"{self._qualified(str(name))}={_quoted(given)}"
        if part.path:
            return
        for prefix in in_java_order(self._prefixes):
            yield f"xmlns:{prefix}={_quoted(self._prefixes[prefix])}"
        if (address := etree.QName(part.element).namespace) and address != XFORMS:
            yield f"xmlns={_quoted(address)}"

    def _name(self, element: etree._Element) -> str:
        return self._qualified(str(element.tag))

    def _qualified(self, tag: str) -> str:
        name = etree.QName(tag)
        prefix = self._by_address.get(name.namespace or "")
        return f"{prefix}:{name.localname}" if prefix else name.localname


def prefixes_of(document: etree._Element) -> dict[str, str]:
    """The namespaces that the form's own root declares, by prefix."""
    return {prefix: address for prefix, address in document.nsmap.items() if prefix}


def escaped(text: str, quote: str = "") -> str:
    """Text as kXML, which JavaRosa writes with, puts it into XML."""
    return "".join(_escape(character, quote) for character in text)


def _escape(character: str, quote: str) -> str:
    if character in _ENTITIES:
        return _ENTITIES[character]
    if character == quote:
        return "&quot;" if quote == '"' else "&apos;"
    is_plain = character >= " " and character != "@"
    is_blank = not quote and character in "\n\r\t"
    return character if is_plain or is_blank else f"&#{ord(character)};"


def _quoted(text: str) -> str:
    quote = "'" if '"' in text else '"'
    return f"{quote}{escaped(text, quote)}{quote}"


def in_java_order(names: Mapping[str, str]) -> list[str]:
    """Names in the order in which a Java `HashMap` of a few of them goes through them."""
    places = _PLACES
    while len(names) > places * 3 // 4:
        places *= 2
    return sorted(names, key=lambda name: _java_hash(name) & (places - 1))


def _java_hash(text: str) -> int:
    number = 0
    for character in text:
        number = (31 * number + ord(character)) & 0xFFFFFFFF
    return number ^ (number >> 16)
