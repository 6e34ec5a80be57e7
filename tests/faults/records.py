"""Records to send, drawn from a seed: awkward text, a roster, and a photo that is a real picture.

They belong to the questionnaire of `tests.collecting`.
"""

from __future__ import annotations

import hashlib
import struct
import unicodedata
import zlib
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from random import Random
from typing import Any
from uuid import UUID
from xml.sax.saxutils import escape

from tests.collecting import QUESTIONNAIRE

_ALMATY = timezone(timedelta(hours=5))
_FIRST = datetime(2026, 9, 1, 8, 0, tzinfo=_ALMATY)
_SIGNS = "абвгдәғқңөұүһі АБВ abc 019 <&>\"'\\/%{}[]—“”№\t\n😀𝒳"


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture that goes with a record."""

    name: str
    content: bytes = field(repr=False)

    @property
    def sha256(self) -> str:
        """Digest of its bytes, in hex."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One state of one filled questionnaire, as a phone holds it."""

    id: UUID
    answers: dict[str, Any] = field(repr=False)
    started_at: datetime
    finished_at: datetime
    photo: Photo | None = None
    #: JSON: the revision that this is an edit of
    base_revision: int | None = None
    #: OpenRosa: the instance id of this revision, and of the one that it is an edit of
    instance: UUID | None = None
    deprecates: UUID | None = None


class Draw:
    """Makes records; the same seed makes the same ones."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311  # to be repeated, no secret

    def record(self, *, photo: bool = False) -> Record:
        """A new record."""
        started = _FIRST + timedelta(seconds=self.random.randrange(10**6))
        picture = self.photo() if photo else None
        return Record(
            id=self._id(),
            answers=self._answers(picture),
            started_at=started,
            finished_at=started + timedelta(seconds=self.random.randrange(3600)),
            photo=picture,
        )

    def edit(self, record: Record) -> Record:
        """Other answers to the same interview; of which revision they are an edit is for the caller."""
        return replace(record, answers=self._answers(record.photo))

    def photo(self, side: int = 24) -> Photo:
        """A picture of so many pixels a side; no two are alike."""
        name = f"{self.random.getrandbits(48):012x}.png"
        return Photo(name, _png(self.random, side))

    def text(self) -> str:
        """A short text with signs that a careless program would change."""
        drawn = "".join(self.random.choices(_SIGNS, k=self.random.randrange(1, 40)))
        return unicodedata.normalize("NFC", f"a{drawn}z")

    def _id(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)

    def _answers(self, photo: Photo | None) -> dict[str, Any]:
        rooms = self.random.randrange(1, 20)
        return {
            "place": {"region": self.random.choice(["75", "71"]), "gps": None},
            "child": [self._child() for _child in range(self.random.randrange(1, 4))],
            "worries": self.random.choice([["none"], ["danger"]]),
            "note": self.text(),
            "photo": photo.name if photo else None,
            "rooms": rooms,
            "twice": str(rooms * 2),
        }

    def _child(self) -> dict[str, Any]:
        return {"name": self.text(), "age": self.random.randrange(18)}


def as_json(record: Record) -> dict[str, Any]:
    """The record as an item of a batch."""
    photo = record.photo
    return {
        "id": str(record.id),
        "questionnaire": QUESTIONNAIRE,
        "version": "1",
        "language": "kk",
        "started_at": record.started_at.isoformat(),
        "finished_at": record.finished_at.isoformat(),
        "base_revision": record.base_revision,
        "answers": record.answers,
        "attachments": [
            {
                "name": photo.name,
                "sha256": photo.sha256,
                "size": len(photo.content),
                "type": "image/png",
            }
        ]
        if photo
        else [],
    }


def as_xml(record: Record) -> bytes:
    """The record as ODK Collect writes it."""
    answers = record.answers
    children = "".join(
        f"<child><name>{escape(child['name'])}</name><age>{child['age']}</age></child>"
        for child in answers["child"]
    )
    deprecated = f"<deprecatedID>uuid:{record.deprecates}</deprecatedID>" if record.deprecates else ""
    return (
        "<?xml version='1.0' encoding='UTF-8'?>\n"
        f'<data id="{QUESTIONNAIRE}" version="1" xmlns:orx="http://openrosa.org/xforms">'
        f"<place><region>{answers['place']['region']}</region><gps/></place>{children}"
        f"<worries>{' '.join(answers['worries'])}</worries><note>{escape(answers['note'])}</note>"
        f"<photo>{answers['photo'] or ''}</photo>"
        f"<rooms>{answers['rooms']}</rooms><twice>{answers['twice']}</twice>"
        f"<orx:meta><instanceID>uuid:{record.instance or record.id}</instanceID>{deprecated}</orx:meta>"
        "</data>"
    ).encode()


def _png(random: Random, side: int) -> bytes:
    """A grey PNG of random pixels: as large as its pixels, for they cannot be packed."""
    rows = b"".join(b"\0" + random.randbytes(side) for _row in range(side))
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    checked = kind + content
    return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))
