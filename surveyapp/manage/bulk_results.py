"""What was done to many, as an address: the page after it can be opened again and does nothing.

Acts are told by their serials, refusals by the sentence and the serials of the submissions, so that the
whole fits the longest address that a server takes. Whoever opens it sees their own acts, as far as they
see the submissions.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask_babel import LazyString
from sqlalchemy import ColumnElement, select
from werkzeug.datastructures import MultiDict

from surveyapp.extensions import db
from surveyapp.manage.refusal_words import CANNOT, WORDS
from surveyapp.people.rights import Reach
from surveyapp.submissions.bulk import MOST, Outcome
from surveyapp.submissions.models import Act, ReviewAct, Submission

#: acts whose page tells of them
TOLD = (Act.ACCEPT, Act.RETURN, Act.REJECT, Act.DELETE, Act.WITHDRAW, Act.RESTORE)
_BY_NAME: Mapping[str, LazyString] = {kind.__name__: words for kind, words in WORDS.items()}
_SERIALS = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})*")


@dataclass(frozen=True, slots=True)
class DoneRow:
    """One act that was done."""

    id: UUID
    revision: int
    serial: int
    act: str


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A submission that was left as it was, and why."""

    id: UUID
    receipt_code: str
    words: LazyString


@dataclass(frozen=True, slots=True)
class Result:
    """What an address tells of; `unknown`: how many of those ticked are not here."""

    done: Sequence[DoneRow]
    refused: Sequence[RefusedRow]
    unknown: int

    @property
    def act(self) -> str | None:
        """What was done to all of them; None: an undoing, or nothing."""
        acts = {row.act for row in self.done}
        return acts.pop() if len(acts) == 1 and not acts & {Act.WITHDRAW, Act.RESTORE} else None


def address_of(outcomes: Sequence[Outcome]) -> dict[str, list[str]]:
    """The arguments of the address that tells of these outcomes."""
    serials = _serials_of([each.chosen.id for each in outcomes if each.refused])
    refused: dict[str, list[str]] = defaultdict(list)
    unknown = 0
    for each in outcomes:
        if each.refused and each.receipt_code and each.chosen.id in serials:
            refused[type(each.refused).__name__].append(str(serials[each.chosen.id]))
        elif each.refused:
            unknown += 1
    done = ".".join(str(each.act) for each in outcomes if each.act is not None and not each.refused)
    told = [f"{name}.{'.'.join(numbers)}" for name, numbers in refused.items()]
    return {"done": [done] if done else [], "no": told, "unknown": [str(unknown)] if unknown else []}


def read_result(
    arguments: MultiDict[str, str], questionnaire: str, reach: Reach, user_id: int
) -> Result:
    """What an address tells of, as far as somebody did it and sees it; nonsense tells of nothing."""
    here = (
        Submission.questionnaire == questionnaire,
        reach.rows(Submission.questionnaire, Submission.region),
    )
    unknown = arguments.get("unknown", 0, type=int)
    return Result(
        _done(_numbers(arguments.get("done", "")), here, user_id),
        _refused(arguments.getlist("no"), here),
        unknown if 0 < unknown <= MOST else 0,
    )


def _done(serials: Sequence[int], here: Sequence[ColumnElement[bool]], user_id: int) -> list[DoneRow]:
    query = (
        select(ReviewAct.submission_id, ReviewAct.revision, ReviewAct.serial, ReviewAct.act)
        .join(Submission, Submission.id == ReviewAct.submission_id)
        .where(ReviewAct.serial.in_(serials), ReviewAct.user_id == user_id, *here)
        .where(ReviewAct.act.in_(TOLD))
        .order_by(ReviewAct.serial)
    )
    return [DoneRow(*row) for row in db.session.execute(query)]


def _refused(told: Sequence[str], here: Sequence[ColumnElement[bool]]) -> list[RefusedRow]:
    words: dict[int, LazyString] = {}
    for each in told[: len(_BY_NAME)]:
        name, _dot, numbers = each.partition(".")
        words |= dict.fromkeys(_numbers(numbers), _BY_NAME.get(name, CANNOT))
    query = select(Submission.serial, Submission.id, Submission.receipt_code).where(
        Submission.serial.in_(list(words)[:MOST]), *here
    )
    rows = db.session.execute(query.order_by(Submission.serial))
    return [RefusedRow(row.id, row.receipt_code, words[row.serial]) for row in rows]


def _serials_of(ids: Sequence[UUID]) -> dict[UUID, int]:
    query = select(Submission.id, Submission.serial).where(Submission.id.in_(ids))
    return {row.id: row.serial for row in db.session.execute(query)}


def _numbers(text: str) -> list[int]:
    return [int(each) for each in text.split(".")][:MOST] if _SERIALS.fullmatch(text) else []
