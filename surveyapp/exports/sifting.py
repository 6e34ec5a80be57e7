"""Reading only the submissions of which an expression is true, or whose group is large enough.

An expression is asked of each record twice: once before the first byte, so that counts are right and
what cannot be said stops nothing half-way, and once when it is written. Groups of a de-identified export
are counted over what is left, else a filter would make small ones that nobody notices.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Protocol, TypeAlias

from surveyapp.exports.anonymity import Anonymity, Key
from surveyapp.exports.deidentifying import Deidentifying
from surveyapp.exports.entry_groups import Groups
from surveyapp.exports.incremental import Change, ChangesReader, change_of, gone
from surveyapp.exports.layouts import Layout, Place
from surveyapp.exports.merging import RosterChain
from surveyapp.exports.reader import Reader, Span, Unseal
from surveyapp.exports.records import Record
from surveyapp.exports.tallies import Group, Tally
from surveyapp.exports.where import Where


class Test(Protocol):
    """Tells which records come along."""

    def holds(self, record: Record) -> bool:
        """Whether this one does."""


class Sifting:
    """Tells of which records the expression is true, as their profile lets them through."""

    def __init__(self, where: Where, treating: Deidentifying | None, groups: Groups | None) -> None:
        """`groups`: of what is asked for without the expression; None: it sees all that was answered."""
        self._where = where
        # an expression must not tell whom a small group is about: it sees none of its breakdowns
        self._treating, self._groups = treating, groups

    def holds(self, record: Record) -> bool:
        """Whether it comes along. Raises `WhereRefused`."""
        if self._treating is not None and self._groups is not None:
            record = self._treating.record(record, self._groups)
        return self._where.holds(record)


class Cutting:
    """Leaves out the members of small groups, whom a cut by what they lost would tell."""

    def __init__(self, treating: Deidentifying, whole: Anonymity) -> None:
        self._treating, self.whole = treating, whole

    @property
    def names(self) -> Sequence[str]:
        """The breakdowns that the groups are by."""
        return self._treating.breakdowns

    def holds(self, record: Record) -> bool:
        """Whether its group is large enough; asked of records that nobody treated yet."""
        return not self.whole.is_small(self._treating.key(record))


class CutReader:
    """A reader without the members of small groups, with the same methods; counts read no answers."""

    def __init__(self, reader: Reader, uncut: Reader, cutting: Cutting) -> None:
        """`uncut`: the reader of the same without what it is cut by."""
        self._reader, self._uncut, self._cutting = reader, uncut, cutting

    def span(self) -> Span:
        """What there is now."""
        return self.counted(self._reader.span())

    def counted(self, span: Span) -> Span:
        """How much of a span is left."""
        kept = [
            group
            for key, group in self._reader.groups(self._cutting.names, span).items()
            if not self._cutting.whole.is_small(key)
        ]
        submissions, synthetic = (sum(group[place] for group in kept) for place in range(2))
        return Span(span.last_serial, submissions, synthetic)

    def groups(self, names: Sequence[str], span: Span) -> dict[Key, Group]:
        """The groups of the span by these breakdowns, of which none is small in the whole."""
        groups = self._reader.groups(names, span)
        return {key: group for key, group in groups.items() if not self._cutting.whole.is_small(key)}

    def entry_groups(
        self, layouts: Mapping[Layout, Collection[str]], names: Sequence[str], span: Span
    ) -> dict[Place, Group]:
        """The groups of entries of the submissions that are left."""
        found = self._reader.entry_groups(layouts, names, span)
        is_small = self._cutting.whole.is_small
        return {place: group for place, group in found.items() if not is_small(place[1][0])}

    def sizes_of_rosters(self, span: Span, chains: Sequence[RosterChain]) -> Mapping[RosterChain, int]:
        """How many entries each roster has at most without the cut.

        A column more would say that somebody who is left out has so many.
        """
        return self._uncut.sizes_of_rosters(self._uncut.span(), chains)

    def batches(self, span: Span, unseal: Unseal | None = None) -> Iterator[list[Record]]:
        """The submissions of the span that are left, a few at a time."""
        return sifted(self._reader.batches(span, unseal), self._cutting)


class SiftedReader:
    """A reader that passes on what an expression is true of, with the same methods."""

    def __init__(self, reader: Readers, sifting: Sifting, treating: Deidentifying | None) -> None:
        self._reader, self._sifting, self._treating = reader, sifting, treating
        #: what the reading that `sifted` a span found besides, by its last serial
        self._groups: dict[int, dict[Key, Group]] = {}
        self._entries: dict[int, dict[Place, Group]] = {}

    def span(self) -> Span:
        """What there is now; reads all of it."""
        return self.sifted(self._reader.span())

    def sifted(self, span: Span) -> Span:
        """How much of a span is left. Raises `WhereRefused`."""
        submissions = synthetic = 0
        groups, entries = Tally[Key](), Tally[Place]()
        for batch in self.batches(span):
            submissions += len(batch)
            synthetic += sum(record.synthetic for record in batch)
            if (treating := self._treating) is not None:
                for record in batch:
                    groups.add([treating.key(record)], synthetic=record.synthetic)
                    entries.add(treating.places(record), synthetic=record.synthetic)
        self._groups[span.last_serial] = groups.groups()
        self._entries[span.last_serial] = entries.groups()
        return Span(span.last_serial, submissions, synthetic)

    def groups(self, _names: Sequence[str], span: Span) -> dict[Key, Group]:
        """The groups of the submissions of the span that are left."""
        if span.last_serial not in self._groups:
            self.sifted(span)
        return self._groups[span.last_serial]

    def entry_groups(
        self, _layouts: Mapping[Layout, Collection[str]], _names: Sequence[str], span: Span
    ) -> dict[Place, Group]:
        """The groups of entries of the submissions that are left."""
        if span.last_serial not in self._entries:
            self.sifted(span)
        return self._entries[span.last_serial]

    def sizes_of_rosters(self, span: Span, chains: Sequence[RosterChain]) -> Mapping[RosterChain, int]:
        """How many entries each roster has at most in the span; among what is left perhaps fewer."""
        return self._reader.sizes_of_rosters(span, chains)

    def batches(self, span: Span, unseal: Unseal | None = None) -> Iterator[list[Record]]:
        """The submissions of the span that are left, a few at a time."""
        return sifted(self._reader.batches(span, unseal), self._sifting)


def sifted(batches: Iterable[list[Record]], test: Test) -> Iterator[list[Record]]:
    """The batches with what comes along; those without any are passed over."""
    for batch in batches:
        if left := [record for record in batch if test.holds(record)]:
            yield left


class SiftedChanges:
    """The same of changes: what does not come along (any more) is told as gone."""

    def __init__(self, reader: Changes, test: Test) -> None:
        self._reader, self._test = reader, test

    def span(self) -> Span:
        """How much there is, with what is only told as gone."""
        return self._reader.span()

    def batches(self, span: Span, unseal: Unseal | None = None) -> Iterator[list[Record]]:
        """The submissions in the order of their changes, a few at a time."""
        for batch in self._reader.batches(span, unseal):
            yield [self._told(record) for record in batch]

    def _told(self, record: Record) -> Record:
        if change_of(record) == Change.DELETED or self._test.holds(record):
            return record
        return gone(record.id, record.revision, record.questionnaire)


Readers: TypeAlias = Reader | CutReader | SiftedReader
Changes: TypeAlias = ChangesReader | SiftedChanges
Tellers: TypeAlias = Readers | Changes
