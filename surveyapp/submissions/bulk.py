"""One act of review for many submissions: each is judged alone, and what was done can be taken back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from surveyapp.extensions import db
from surveyapp.people.rights import Reach
from surveyapp.submissions import reviewing
from surveyapp.submissions.keys import KeyMissing
from surveyapp.submissions.models import Act, ReviewAct, Submission
from surveyapp.submissions.refusals import NotThere, Refused
from surveyapp.submissions.reviewing import Reviewer
from surveyapp.submissions.sealing import CannotOpen

#: submissions that one act may be about: more than a page of a list has
MOST = 200


@dataclass(frozen=True, slots=True)
class Chosen:
    """A submission, and the revision that was looked at; of an undoing, the act to be taken back."""

    id: UUID
    revision: int
    act: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one: the serial of the act that was done, or why nothing was."""

    chosen: Chosen
    receipt_code: str = ""
    act: int | None = None
    refused: Exception | None = None


@dataclass(frozen=True, slots=True)
class Hand:
    """Who acts, on which questionnaire, and within which reach."""

    by: int
    questionnaire: str
    reach: Reach


def review(act: Act, chosen: Sequence[Chosen], hand: Hand, text: str = "") -> list[Outcome]:
    """Do an act to each: accept, return with a comment on all of it, reject with a reason, or delete.

    Each in a transaction of its own. What is beyond the reach, or of another questionnaire, is told as
    not there.
    """
    acts: dict[Act, Callable[[UUID, Reviewer], None]] = {
        Act.ACCEPT: reviewing.accept,
        Act.RETURN: lambda one, who: reviewing.return_to_collector(one, {"": text}, who),
        Act.REJECT: lambda one, who: reviewing.reject(one, text, who),
        Act.DELETE: reviewing.delete,
    }
    do = acts[act]
    return _each(chosen, hand, lambda one, who: do(one.id, who))


def undo(act: Act, chosen: Sequence[Chosen], hand: Hand) -> list[Outcome]:
    """Take the named acts of one kind back, where nothing has happened since; otherwise as `review`."""

    def take_back(one: Chosen, who: Reviewer) -> None:
        reviewing.undo(one.id, one.act, who, kinds={act})

    return _each(chosen, hand, take_back)


def _each(chosen: Sequence[Chosen], hand: Hand, do: Callable[[Chosen, Reviewer], None]) -> list[Outcome]:
    codes = _codes(chosen, hand)
    done, refused = [], dict[UUID, Exception]()
    for one in chosen:
        try:
            if one.id not in codes:
                raise NotThere(one.id)
            do(one, Reviewer(user_id=hand.by, revision=one.revision))
            done.append(one.id)
        except (Refused, CannotOpen, KeyMissing) as error:
            refused[one.id] = error
    acts = _last_acts(done)
    return [Outcome(one, codes.get(one.id, ""), acts.get(one.id), refused.get(one.id)) for one in chosen]


def _codes(chosen: Sequence[Chosen], hand: Hand) -> dict[UUID, str]:
    """The receipt codes of those that somebody may act on."""
    query = select(Submission.id, Submission.receipt_code).where(
        Submission.id.in_([one.id for one in chosen]),
        Submission.questionnaire == hand.questionnaire,
        hand.reach.rows(Submission.questionnaire, Submission.region),
    )
    return {row.id: row.receipt_code for row in db.session.execute(query)}


def _last_acts(ids: Sequence[UUID]) -> dict[UUID, int]:
    query = (
        select(ReviewAct.submission_id, func.max(ReviewAct.serial))
        .where(ReviewAct.submission_id.in_(ids))
        .group_by(ReviewAct.submission_id)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}
