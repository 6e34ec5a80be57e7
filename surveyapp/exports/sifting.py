"""Reading only the submissions of which an expression is true.

It is asked of each record twice: once before the first byte, so that counts are right and what cannot be
said stops nothing half-way, and once when it is written. Groups of a de-identified export are counted
over what is left, else a filter would make small ones that nobody notices.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from surveyapp.exports.anonymity import Anonymity, Key
from surveyapp.exports.deidentifying import Deidentifying
from surveyapp.exports.incremental import Change, ChangesReader, change_of, gone
from surveyapp.exports.merging import RosterChain
from surveyapp.exports.reader import Reader, Span, Unseal
from surveyapp.exports.records import Record
from surveyapp.exports.where import Where


class Sifting:
    """Tells of which records the expression is true, as their profile lets them through."""

    def __init__(
        self, where: Where, treating: Deidentifying | None, every: Reader, every_span: Span
    ) -> None:
        self._where = where
        self.treating = treating
        # an expression must not tell whom a small group is about: it sees none of its breakdowns
        self._groups: Anonymity | None = None
        if treating is not None:
            names = treating.breakdowns
            self._groups = treating.assess(every.sizes(every_span, names) if names else {})

    def holds(self, record: Record) -> bool:
        """Whether it comes along. Raises `WhereRefused`."""
        if self.treating is not None and self._groups is not None:
            record = self.treating.record(record, self._groups)
        return self._where.holds(record)


class SiftedReader:
    """A reader that passes on what an expression is true of, with the same methods."""

    def __init__(self, reader: Reader, sifting: Sifting) -> None:
        self._reader, self._sifting = reader, sifting

    def span(self) -> Span:
        """What there is now; reads all of it."""
        return self.sifted(self._reader.span())

    def sifted(self, span: Span) -> Span:
        """How much of a span is left. Raises `WhereRefused`."""
        submissions = synthetic = 0
        for batch in self.batches(span):
            submissions += len(batch)
            synthetic += sum(record.synthetic for record in batch)
        return Span(span.last_serial, submissions, synthetic)

    def sizes(self, span: Span, _names: Sequence[str]) -> dict[Key, int]:
        """How many submissions of the span that are left have the same breakdowns."""
        treating = self._sifting.treating
        if treating is None:
            return {}
        return dict(Counter(treating.key(each) for batch in self.batches(span) for each in batch))

    def sizes_of_rosters(self, span: Span, chains: Sequence[RosterChain]) -> Mapping[RosterChain, int]:
        """How many entries each roster has at most in the span; among what is left perhaps fewer."""
        return self._reader.sizes_of_rosters(span, chains)

    def batches(self, span: Span, unseal: Unseal | None = None) -> Iterator[list[Record]]:
        """The submissions of the span that are left, a few at a time."""
        for batch in self._reader.batches(span, unseal):
            if left := [record for record in batch if self._sifting.holds(record)]:
                yield left


class SiftedChanges:
    """The same of changes: what the expression is not true of (any more) is told as gone."""

    def __init__(self, reader: ChangesReader, sifting: Sifting) -> None:
        self._reader, self._sifting = reader, sifting

    def span(self) -> Span:
        """How much there is, with what is only told as gone."""
        return self._reader.span()

    def batches(self, span: Span, unseal: Unseal | None = None) -> Iterator[list[Record]]:
        """The submissions in the order of their changes, a few at a time."""
        for batch in self._reader.batches(span, unseal):
            yield [self._told(record) for record in batch]

    def _told(self, record: Record) -> Record:
        if change_of(record) == Change.DELETED or self._sifting.holds(record):
            return record
        return gone(record.id, record.revision, record.questionnaire)


Readers: TypeAlias = Reader | SiftedReader
Tellers: TypeAlias = Readers | ChangesReader | SiftedChanges
