"""What was sent, and what the server has given its word for: against it the database is held."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock
from uuid import UUID

from tests.faults.records import Photo, Record


class Word(StrEnum):
    """What the server has said of a record."""

    HELD = "held"
    QUARANTINED = "quarantined"


#: status of the JSON API → what it says
WORDS = {"stored": Word.HELD, "duplicate": Word.HELD, "quarantined": Word.QUARANTINED}


@dataclass(slots=True)
class Entry:
    """One state of a record, and all that was said of it."""

    record: Record
    #: OpenRosa: times and the like do not travel in the XML
    by_xml: bool
    #: what was said of it, and the receipts that came with it
    words: dict[Word, set[str]] = field(default_factory=dict)
    #: files that the server has said it holds
    files: dict[str, Photo] = field(default_factory=dict)


@dataclass(slots=True)
class Ledger:
    """Entries by the record's own state; threads may write to it."""

    entries: dict[int, Entry] = field(default_factory=dict)
    #: answers by kind: statuses, and connections that broke
    answers: Counter[str] = field(default_factory=Counter)
    #: ids that are stored with content which is not looked at
    strangers: set[UUID] = field(default_factory=set)
    #: answers that should have been others
    surprises: list[str] = field(default_factory=list)
    #: how often the server has given its word
    words: int = 0
    _lock: Lock = field(default_factory=Lock)

    def sent(self, record: Record, *, by_xml: bool) -> None:
        """A record is about to be sent."""
        with self._lock:
            self.entries.setdefault(id(record), Entry(record, by_xml))

    def acknowledged(
        self, record: Record, word: Word, receipt: str | None = None, files: tuple[Photo, ...] = ()
    ) -> None:
        """The server has given its word for a record, and for these of its files."""
        with self._lock:
            entry = self.entries[id(record)]
            entry.words.setdefault(word, set()).update([receipt] if receipt else ())
            self.words += 1
            entry.files |= {file.name: file for file in files}

    def answered(self, what: object) -> None:
        """An answer of a kind came, or none."""
        with self._lock:
            self.answers[str(what)] += 1

    def expect(self, expected: bool, what: object) -> None:
        """Note what came, unless it was to be expected."""
        if not expected:
            with self._lock:
                self.surprises.append(str(what))

    def wait_for(self, words: int, seconds: float = 120.0) -> None:
        """Wait until the server has given its word so many times more. Raises TimeoutError."""
        goal, deadline = self.words + words, time.monotonic() + seconds
        while self.words < goal:
            if time.monotonic() > deadline:
                raise TimeoutError("the server takes nothing")
            time.sleep(0.005)
