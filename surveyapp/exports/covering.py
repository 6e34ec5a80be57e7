"""What an export covers, fixed before its first byte: which submissions, and how far they are told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.service import Edition
from surveyapp.exports.anonymity import Anonymity
from surveyapp.exports.deidentifying import Deidentifying, deidentifying
from surveyapp.exports.incremental import ChangesReader, Window
from surveyapp.exports.merging import RosterChain, merged_rosters
from surveyapp.exports.reader import Reader, Span
from surveyapp.exports.request import ExportRequest, Profile, Selection
from surveyapp.exports.sifting import (
    Changes,
    CutReader,
    Cutting,
    Readers,
    SiftedChanges,
    SiftedReader,
    Sifting,
    Tellers,
)
from surveyapp.exports.where import where
from surveyapp.exports.whole import Whole, uncut
from surveyapp.extensions import db
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.wiring import settings_of


@dataclass(frozen=True, slots=True)
class Cover:
    """What an export reads and how far."""

    editions: Sequence[Edition]
    definitions: Sequence[Questionnaire]
    #: all that was asked for, of which an export of changes has a part
    every: Readers
    every_span: Span
    #: of an export of changes
    changes: Changes | None
    span: Span
    #: what makes the records those of the profile; None: they stay as they are
    treating: Deidentifying | None
    #: the groups of the whole questionnaire, for a de-identified export
    whole: Whole | None

    @property
    def reader(self) -> Tellers:
        """What reads the records that are told."""
        return self.changes or self.every

    def sizes_of_rosters(self) -> Mapping[RosterChain, int]:
        """How many entries each roster has at most; reads all answers in the database."""
        return self.every.sizes_of_rosters(self.every_span, merged_rosters(self.definitions))


def cover(request: ExportRequest, between: Window | None, now: datetime) -> Cover:
    """What a request means just now. Reads answers only for an expression. Raises `WhereRefused`."""
    plain = Reader(db.engine, request.questionnaire, request.selection)
    # first how far to read, then the versions: so each submission's version is among them
    every_span = plain.span()
    changes = _changes(request, between)
    span = changes.span() if changes else every_span
    editions = catalogue.all_editions(request.questionnaire)
    definitions = [edition.definition for edition in editions]
    # on SQLite its lock would keep every writer out while an expression is asked of each record
    db.session.rollback()
    treating = None if request.confidential else deidentifying(definitions, settings_of())
    is_counted = request.profile is Profile.AGGREGATE
    covered = Cover(
        editions=editions,
        definitions=definitions,
        every=plain,
        every_span=every_span,
        changes=changes,
        span=span,
        treating=treating,
        whole=Whole(db.engine, request.questionnaire, request.selection, treating)
        if treating and not is_counted
        else None,
    )
    if is_counted:
        return _counted(covered, request, plain)
    return _sifted(_cut(covered, request, plain), request, now)


def _whole(request: ExportRequest, treating: Deidentifying) -> Whole:
    return Whole(db.engine, request.questionnaire, request.selection, treating)


def _cut(covered: Cover, request: ExportRequest, plain: Reader) -> Cover:
    """Without the members of small groups, where being in it would tell of them."""
    treating, whole = covered.treating, covered.whole
    if treating is None or whole is None or not whole.is_cut:
        return covered
    everywhere = Reader(db.engine, request.questionnaire, uncut(request.selection))
    cutting = Cutting(treating, whole.groups)
    every = CutReader(plain, everywhere, cutting)
    changes = covered.changes and SiftedChanges(covered.changes, cutting)
    every_span = every.counted(covered.every_span)
    span = covered.span if changes else every_span
    return replace(covered, every=every, every_span=every_span, changes=changes, span=span)


def _counted(covered: Cover, request: ExportRequest, plain: Reader) -> Cover:
    """Nobody, where they are few; of a part without the members of small groups, if those are few.

    Else counts of one region would tell where somebody is from who stands in a file of the same window.
    """
    treating, span = covered.treating, covered.every_span
    if treating is None:
        return covered
    few = treating.smallest_group
    if request.selection != Selection() and treating.breakdowns:
        cutting = Cutting(treating, _whole(request, treating).groups)
        cut = CutReader(plain, plain, cutting)
        left = cut.counted(span)
        if 0 < span.real - left.real < few:
            covered, span = replace(covered, every=cut, every_span=left, span=left), left
    if span.real < few and (span.real or span.submissions < few):
        none = CutReader(plain, plain, Cutting(treating, Anonymity(few, {}, frozenset())))
        span = replace(span, submissions=0, synthetic=0)
        covered = replace(covered, every=none, every_span=span, span=span)
    return covered


def _sifted(covered: Cover, request: ExportRequest, now: datetime) -> Cover:
    """Only what an expression is true of."""
    expression = where(request, covered.definitions, now)
    if expression is None:
        return covered
    whole = covered.whole
    groups = whole.assess(covered.every, covered.every_span) if whole else None
    sifting = Sifting(expression, covered.treating, groups)
    every = SiftedReader(covered.every, sifting, covered.treating)
    if covered.changes is not None:
        return replace(covered, every=every, changes=SiftedChanges(covered.changes, sifting))
    span = every.sifted(covered.every_span)
    return replace(covered, every=every, every_span=span, span=span)


def _changes(request: ExportRequest, between: Window | None) -> ChangesReader | None:
    if between is None:
        return None
    definitions = [edition.definition for edition in catalogue.all_editions(request.questionnaire)]
    return ChangesReader(db.engine, request.questionnaire, request.selection, between, definitions)
