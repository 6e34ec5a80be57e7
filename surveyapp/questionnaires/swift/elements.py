"""The elements of an instance as nearly all clients write it: names, texts, nothing else.

A small part of XML, read by one regular expression: whatever is not of this part, right or wrong, is
`Unusual` and for the XML parser to tell. There are no comments, entities, CDATA, and no attributes but
the root's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple, TypeAlias

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
#: an element with its text, an empty one, beginning or end of one with others in it; anything else, and
#: all behind it: it is looked at once
_PIECE = re.compile(
    r"\s*(?:<([^\s<>/&!?\"'=]+)(?:>([^<&]*)<(/)\1>| ?(/)>|>)|</([^\s<>/&]+)>)\s*|([\s\S]+)"
)
#: what no text of XML holds, or what a parser reads in another way than it stands there
_NEVER = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|\\]\\]>")


class Unusual(Exception):
    """A record that only the general way can answer for."""


#: name, text, whether it ends here (two ways to write that), name of what ends, whatever else there is
Piece: TypeAlias = tuple[str, str, str, str, str, str]


class Elements(NamedTuple):
    """An instance's root, and what stands in it."""

    root: str
    form_id: str
    version: str
    #: names that elements of OpenRosa's own may have here: `meta`, `orx:meta` → `meta`
    prefixes: tuple[str, ...]
    pieces: list[Piece]


def elements_of(xml: bytes) -> Elements:
    """The elements of an instance. Raises `Unusual`."""
    if len(xml) > MAX_BYTES:
        raise Unusual
    try:
        text = xml.decode()
    except UnicodeDecodeError:
        raise Unusual from None
    head = _HEAD.match(text)
    if head is None or _NEVER.search(text) or not text.rstrip(" \n\t").endswith(">"):
        raise Unusual
    attributes = _attributes(head[2])
    pieces = _PIECE.findall(text, head.end())
    return Elements(
        head[1],
        attributes.pop("id", ""),
        attributes.pop("version", ""),
        tuple(_prefixes(attributes)),
        pieces,
    )


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
