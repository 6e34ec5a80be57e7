"""Which rows a selection means, as conditions of a query on either database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from sqlalchemy import ColumnElement, func, or_

from surveyapp.exports.choices import PHONE
from surveyapp.exports.request import Selection
from surveyapp.submissions.models import State, Submission

#: states of what is nobody's answers any more
GONE = [state for state in State if state.is_gone]
ANY_FLAG, NO_FLAG = "any", "none"


def conditions(questionnaire: str, selection: Selection, dialect: str) -> list[ColumnElement[bool]]:
    """What a submission must be to be exported; they hold all together."""
    return [
        Submission.questionnaire == questionnaire,
        Submission.status.not_in(GONE),
        *_times(selection),
        *_sets(selection),
        *_collectors(selection.collectors),
        *_marks(selection, dialect),
        *(Submission.breakdowns[name].as_string() == code for name, code in selection.groups),
    ]


def _times(selection: Selection) -> Iterator[ColumnElement[bool]]:
    if selection.since is not None:
        yield Submission.received_at >= selection.since
    if selection.before is not None:
        yield Submission.received_at < selection.before
    if selection.finished_since is not None:
        yield Submission.finished_at >= selection.finished_since
    if selection.finished_before is not None:
        yield Submission.finished_at < selection.finished_before


def _sets(selection: Selection) -> Iterator[ColumnElement[bool]]:
    chosen = (
        (Submission.region, selection.regions),
        (Submission.region, selection.chosen_regions),
        (Submission.version, selection.versions),
        (Submission.status, selection.statuses),
        (Submission.channel, selection.channels),
    )
    for column, some in chosen:
        if some is not None:
            yield column.in_(sorted(some))


def _collectors(some: frozenset[str] | None) -> Iterator[ColumnElement[bool]]:
    """Who sent the current revision; a phone's owner is no condition of it."""
    if some is None:
        return
    phones = sorted(int(each.removeprefix(PHONE)) for each in some if each.startswith(PHONE))
    people = sorted(int(each) for each in some if not each.startswith(PHONE))
    yield or_(Submission.device_id.in_(phones), Submission.sender_id.in_(people))


def _marks(selection: Selection, dialect: str) -> Iterator[ColumnElement[bool]]:
    if selection.language is not None:
        yield Submission.language == selection.language
    if selection.flag is not None:
        yield _flagged(selection.flag, dialect)
    if not selection.synthetic:
        yield Submission.synthetic.is_(False)
    # who asks for the state itself means it
    if not selection.rejected and State.REJECTED not in (selection.statuses or ()):
        yield Submission.status != State.REJECTED


def _flagged(flag: str, dialect: str) -> ColumnElement[bool]:
    """A flag's name is a word of ours, which no other one contains quoted."""
    if flag == NO_FLAG:
        return Submission.flags == []
    if flag == ANY_FLAG:
        return Submission.flags != []
    if dialect == "postgresql":
        return cast("ColumnElement[bool]", Submission.flags.op("@>", is_comparison=True)([flag]))
    return func.instr(Submission.flags, f'"{flag}"') > 0
