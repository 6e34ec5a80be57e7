"""A record is what its XML means, however that is written."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from surveyapp.extensions import db
from surveyapp.submissions.models import Quarantined, Submission
from tests.channels.openrosa.conftest import SUCCESS, Phone, message_of
from tests.channels.openrosa.test_submission import visit

#: one way of writing the same record
Way = Callable[[str], bytes]


def references(xml: str) -> bytes:
    """Every letter beyond ASCII as a character reference."""
    return xml.encode("ascii", "xmlcharrefreplace")


def in_sections(xml: str) -> bytes:
    """Every text as a CDATA section."""
    return re.sub(r">([^<>\s][^<>]*)<", r"><![CDATA[\1]]><", xml).encode()


def commented(xml: str) -> bytes:
    """A comment and an instruction within every text."""
    return re.sub(r">([^<>\s])([^<>]*)<", r">\1<!-- c --><?p i?>\2<", xml).encode()


def indented(xml: str) -> bytes:
    """Blanks between elements, and within their tags."""
    return re.sub(r"(<\w[^<>/?]*)>(?=<)", "\\1 \n>\n\t ", xml).replace("><", ">\r\n <").encode()


def quoted(xml: str) -> bytes:
    """The other quotes around attributes."""
    return re.sub(r'="([^"\']*)"', r"='\1'", xml).encode()


def prefixed(xml: str) -> bytes:
    """A prefix that another client would choose for the namespace of the metadata."""
    return xml.replace("orx:", "n0:").replace("xmlns:orx", "xmlns:n0").encode()


def all_prefixed(xml: str) -> bytes:
    """Every name in a namespace of the form's own, by a prefix."""
    own = re.sub(r"<(/?)(?![?/]|\w+:)(\w)", r"<\1m:\2", xml)
    return own.replace("<m:data ", '<m:data xmlns:m="urn:own" ', 1).encode()


def encoded(encoding: str) -> Way:
    """The same text in other bytes."""
    return lambda xml: f'<?xml version="1.0" encoding="{encoding}"?>{xml}'.encode(encoding)


WAYS: dict[str, Way] = {
    "character references": references,
    "CDATA": in_sections,
    "comments and instructions": commented,
    "indented": indented,
    "quotes": quoted,
    "another prefix": prefixed,
    "all with a prefix": all_prefixed,
    "UTF-16": encoded("utf-16"),
    "KOI8-R": lambda xml: (
        b'<?xml version="1.0" encoding="KOI8-R"?>' + xml.encode("koi8-r", "xmlcharrefreplace")
    ),
    "UTF-8 with a mark": lambda xml: b"\xef\xbb\xbf" + xml.encode(),
    "a declaration": encoded("utf-8"),
    "blanks behind": lambda xml: f"{xml}\n<!-- the end -->\n".encode(),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_the_same_record_in_another_spelling_is_the_same_record(phone: Phone, way: Way) -> None:
    plain = visit(instance=f"uuid:{uuid4()}")
    assert phone.send(plain).status_code == 201
    declared = re.sub(rb"^<\?xml[^>]*\?>\s*", b"", plain).decode()
    written = way(declared)
    assert written != plain
    again = phone.send(written)
    assert (again.status_code, message_of(again)) == (201, SUCCESS)
    counted = [db.session.scalar(select(func.count()).select_from(m)) for m in (Submission, Quarantined)]
    assert counted == [1, 0]
