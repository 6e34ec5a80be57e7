"""The head of an instance as nearly all clients write it; the rest is read by what a definition expects.

Only a small part of XML is read here and in `reading`, by regular expressions: whatever is not of this
part, right or wrong, is `Unusual` and for the XML parser to tell. There are no comments, entities,
CDATA, and no attributes but the root's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from surveyapp.questionnaires.storable import is_storable
from surveyapp.questionnaires.xform.document import OPENROSA

#: a larger instance goes the general way, which counts its elements and its levels
MAX_BYTES = 64 * 1024

_DECLARATION = (
    r"(?:<\?xml version=(?:'1\.0'|\"1\.0\")(?: encoding=(?:'[Uu][Tt][Ff]-8'|\"[Uu][Tt][Ff]-8\"))? ?\?>)?"
)
_NAME = r"[^\W\d][\w.-]*"
_ATTRIBUTE = r'(?:[ \n\t]+[\w:]+="[^"<&\t\n]*")'
_HEAD = re.compile(rf"{_DECLARATION}[ \n\t]*<({_NAME})({_ATTRIBUTE}*)[ \n\t]*>")
_EACH_ATTRIBUTE = re.compile(r'([\w:]+)="([^"]*)"')
_PREFIX = re.compile(r"xmlns(?::(?!xml)[a-z]+)?")
_NAMESPACE = re.compile(r"https?://[A-Za-z0-9./_-]+")
#: what no text of XML holds, or what a parser reads in another way than it stands there
_NEVER = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
#: bytes of UTF-8 that stand for letters and signs below U+0100, Cyrillic ones, and signs from U+2000 on:
#: where there are no others, and no marks among these, nothing is what may not be stored
_USUAL = bytes([0x09, 0x0A, *range(0x20, 0xC0), 0xC2, 0xC3, *range(0xD0, 0xD4), 0xE2])
_CYRILLIC_MARK = re.compile(rb"\xd2[\x83-\x89]")
#: U+20C0 to U+20FF, most of them marks
_MARK_OF_SIGNS = b"\xe2\x83"


class Unusual(Exception):
    """A record that only the general way can answer for."""


class Elements(NamedTuple):
    """An instance's root, and where what stands in it begins."""

    root: str
    form_id: str
    version: str
    #: names that elements of OpenRosa's own may have here: `meta`, `orx:meta` → `meta`
    prefixes: tuple[str, ...]
    text: str
    begin: int


def elements_of(xml: bytes) -> Elements:
    """An instance, as far as its root tells. Raises `Unusual`."""
    if len(xml) > MAX_BYTES:
        raise Unusual
    try:
        text = xml.decode()
    except UnicodeDecodeError:
        raise Unusual from None
    head = _HEAD.match(text)
    if head is None or "]]>" in text or not (_is_usual(xml) or _can_be_kept(text)):
        raise Unusual
    attributes = _attributes(head[2])
    return Elements(
        head[1],
        attributes.pop("id", ""),
        attributes.pop("version", ""),
        tuple(_prefixes(attributes)),
        text,
        head.end(),
    )


def _is_usual(xml: bytes) -> bool:
    """Whether it holds nothing that may be a control character or a mark, as most do not."""
    has_marks = _MARK_OF_SIGNS in xml or _CYRILLIC_MARK.search(xml)
    return not (xml.translate(None, _USUAL) or has_marks)


def _can_be_kept(text: str) -> bool:
    return not _NEVER.search(text) and is_storable(text)


def _attributes(text: str) -> dict[str, str]:
    found = _EACH_ATTRIBUTE.findall(text)
    attributes = dict(found)
    if len(attributes) < len(found):
        raise Unusual
    return attributes


def _prefixes(attributes: Mapping[str, str]) -> Iterator[str]:
    """How names of OpenRosa's own begin; any attribute that declares no namespace is unusual."""
    yield ""
    for name, value in attributes.items():
        if not _PREFIX.fullmatch(name) or not _NAMESPACE.fullmatch(value):
            raise Unusual
        if value == OPENROSA and name != "xmlns":
            yield name.removeprefix("xmlns:") + ":"
