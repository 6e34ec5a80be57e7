"""What was sent, and what the server has given its word for: against it the database is held."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock

from tests.faults.records import Photo, Record


class Word(StrEnum):
    """What the server has said of a record."""

    HELD = "held"
    QUARANTINED = "quarantined"


@dataclass(slots=True)
class Entry:
    """One state of a record, and all that was said of it."""

    record: Record
    #: OpenRosa: times and the like do not travel in the XML
    by_xml: bool
    words: set[Word] = field(default_factory=set)
    receipts: set[str] = field(default_factory=set)
    #: files that the server has said it holds
    files: dict[str, Photo] = field(default_factory=dict)


@dataclass(slots=True)
class Ledger:
    """Entries by the record's own state; threads may write to it."""

    entries: dict[int, Entry] = field(default_factory=dict)
    #: answers by kind: statuses, and connections that broke
    answers: Counter[str] = field(default_factory=Counter)
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
            entry.words.add(word)
            self.words += 1
            entry.receipts |= {receipt} if receipt else set()
            entry.files |= {file.name: file for file in files}

    def answered(self, what: object) -> None:
        """An answer of a kind came, or none."""
        with self._lock:
            self.answers[str(what)] += 1

    def wait_for(self, words: int, seconds: float = 120.0) -> None:
        """Wait until the server has given its word so many times more. Raises TimeoutError."""
        goal, deadline = self.words + words, time.monotonic() + seconds
        while self.words < goal:
            if time.monotonic() > deadline:
                raise TimeoutError("the server takes nothing")
            time.sleep(0.005)
