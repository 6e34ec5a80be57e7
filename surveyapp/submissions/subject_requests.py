"""What families ask of their data: by receipt code, or through an officer; carried out by an officer.

A request is a row of its own, so that what was asked and done about it can be shown when the data
themselves are destroyed. What they wrote is sealed under a key of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from sqlalchemy import Connection, Select, insert, select, update

from surveyapp.database import utc_now
from surveyapp.days import NOTHING_TOLD, Told, day_of, working_day_after
from surveyapp.extensions import db
from surveyapp.people import audit
from surveyapp.people.audit import Action
from surveyapp.questionnaires.storable import is_storable
from surveyapp.submissions import destroying, reviewing
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.keys import Keys, keys_of
from surveyapp.submissions.models import State
from surveyapp.submissions.refusals import AlreadySo, Refused
from surveyapp.submissions.reviewing import Reviewer
from surveyapp.submissions.sealing import DataKey
from surveyapp.submissions.sealing import Row as SealedRow
from surveyapp.submissions.subject_finding import WAITING, Subject, known_by
from surveyapp.submissions.subject_models import DESTROYING, Outcome, SubjectRequest, Wish
from surveyapp.submissions.told_days import told_on
from surveyapp.submissions.transactions import in_one_transaction
from surveyapp.wiring import settings_of

#: working days within which a request is to be answered
DAYS_TO_ANSWER = 3
LONGEST_WORDS = 1000
LONGEST_ANSWER = 500
#: requests that a family is told of
MOST_TOLD = 20


class NoSuchRequest(Refused):
    """No request has this number."""

    def __init__(self, number: int) -> None:
        super().__init__(f"There is no request {number}.")


class AlreadyClosed(Refused):
    """It was carried out or refused before."""

    def __init__(self, number: int) -> None:
        super().__init__(f"The request {number} is closed already.")


class NoAnswer(Refused):
    """A request is not refused without a reason."""

    def __init__(self) -> None:
        super().__init__("Say why: a request is not refused without a reason.")


class OnlyACopy(Refused):
    """Nothing but a copy can be asked of what waits in quarantine."""

    def __init__(self) -> None:
        super().__init__("It waits in quarantine: until that is decided only a copy can be asked for.")


class BadWords(Refused):
    """They are too long, or no text that can be kept."""

    def __init__(self) -> None:
        super().__init__("The words are too long, or cannot be kept.")


# --- asking -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked: `words` may say who asks and how to reach them; `by` wrote it down for them."""

    about: Subject
    wish: Wish
    words: str = ""
    by: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a family learns by its receipt code: are its answers destroyed, what became of its wishes."""

    is_destroyed: bool
    #: newest first
    requests: Sequence[SubjectRequest]


def standing(code: str) -> Standing | None:
    """How it stands with the submission of a receipt code, an erased one too; None: there is none."""
    found = known_by(code)
    if found is None:
        return None
    query = (
        select(SubjectRequest)
        .where(SubjectRequest.submission_id == found.id)
        .order_by(SubjectRequest.serial.desc())
        .limit(MOST_TOLD)
    )
    return Standing(found.status == State.ERASED, db.session.scalars(query).all())


def awaited() -> Select[tuple[UUID]]:
    """The submissions about which something is asked that could not be done once they are destroyed."""
    table = table_of(SubjectRequest)
    return select(table.c.submission_id).where(
        table.c.closed_at.is_(None), table.c.wish.not_in(DESTROYING)
    )


def ask(asked: Asked) -> SubjectRequest:
    """Write a request down; commits. The same one again, while it is open, is the one that is there.

    Raises `BadWords`, `OnlyACopy`.
    """
    if asked.about.status == WAITING and asked.wish is not Wish.COPY:
        raise OnlyACopy
    if len(asked.words) > LONGEST_WORDS or not is_storable(asked.words):
        raise BadWords
    keys = keys_of()

    def work(connection: Connection) -> int:
        there = _open_one(connection, asked)
        return there if there is not None else _write_down(connection, keys, asked)

    db.session.commit()
    return one(in_one_transaction(work))


def _open_one(connection: Connection, asked: Asked) -> int | None:
    table = table_of(SubjectRequest)
    found: int | None = connection.scalar(
        select(table.c.serial).where(
            table.c.submission_id == asked.about.id,
            table.c.wish == asked.wish,
            table.c.closed_at.is_(None),
        )
    )
    return found


def _write_down(connection: Connection, keys: Keys, asked: Asked) -> int:
    request_id, now = uuid4(), utc_now()
    key = DataKey.new(keys, SealedRow.of_subject_request(request_id))
    row = {
        "id": request_id,
        "wish": asked.wish,
        "submission_id": asked.about.id,
        "questionnaire": asked.about.questionnaire,
        "region": asked.about.region,
        "asked_at": now,
        "due_on": due_on(day_of(now, settings_of().timezone), told_on(connection)),
        "asked_by": asked.by,
        "words_sealed": key.seal_json("words_sealed", asked.words) if asked.words else None,
        "data_key": key.wrapped,
        "key_id": key.key_id,
    }
    table = table_of(SubjectRequest)
    number: int = connection.execute(insert(table).values(**row).returning(table.c.serial)).scalar_one()
    details: dict[str, audit.Detail] = {
        "questionnaire": asked.about.questionnaire,
        "decision": asked.wish,
    }
    subject = f"request {number}"
    audit.record_on(connection, Action.REQUEST_MADE, subject, details, user_id=asked.by)
    return number


def due_on(asked: date, told: Told = NOTHING_TOLD) -> date:
    """The day by which a request of a day is to be answered."""
    return working_day_after(asked, DAYS_TO_ANSWER, told)


# --- what an officer does ---------------------------------------------------------------------------


def one(number: int) -> SubjectRequest:
    """The request of a number, as it is now. Raises `NoSuchRequest`."""
    found = db.session.get(SubjectRequest, number, populate_existing=True)
    if found is None:
        raise NoSuchRequest(number)
    return found


def words_of(keys: Keys, request: SubjectRequest) -> str:
    """What they wrote; empty when nothing, or when it was destroyed. Raises as `sealing` does."""
    if request.words_sealed is None or request.data_key is None or request.key_id is None:
        return ""
    row = SealedRow.of_subject_request(request.id)
    key = DataKey.unwrap(keys, row, request.data_key, request.key_id)
    words: str = key.open_json("words_sealed", request.words_sealed)
    return words


#: what carrying a request out does to the submission; a copy and a correction are the officer's own work
_DEEDS: Mapping[str, Callable[[UUID, Reviewer], None]] = {
    Wish.BLOCK: reviewing.block,
    Wish.IDENTITY: destroying.erase_identity,
    Wish.WITHDRAW: reviewing.erase,
}


def carry_out(number: int, answer: str = "", *, by: int | None = None) -> SubjectRequest:
    """Do what was asked, and close the request; commits. Raises `Refused`.

    The submission is blocked or destroyed first: a server that dies in between leaves an open request,
    which closes when it is carried out again.
    """
    request = _open(number)
    _check_answer(answer)
    deed = _DEEDS.get(request.wish)
    if deed is not None:
        with suppress(AlreadySo):  # it is as it was asked to be
            deed(request.submission_id, Reviewer(user_id=by))
    _close(number, Outcome.DONE, answer, by)
    return one(number)


def refuse(number: int, answer: str, *, by: int | None = None) -> SubjectRequest:
    """Close a request without doing what was asked, for a reason; commits. Raises `Refused`."""
    _open(number)
    if not answer.strip():
        raise NoAnswer
    _check_answer(answer)
    _close(number, Outcome.REFUSED, answer, by)
    return one(number)


def _open(number: int) -> SubjectRequest:
    request = one(number)
    if request.closed_at is not None:
        raise AlreadyClosed(number)
    return request


def _check_answer(answer: str) -> None:
    if len(answer) > LONGEST_ANSWER or not is_storable(answer):
        raise BadWords


def _close(number: int, outcome: Outcome, answer: str, by: int | None) -> None:
    def work(connection: Connection) -> None:
        table = table_of(SubjectRequest)
        closed = connection.execute(
            update(table)
            .where(table.c.serial == number, table.c.closed_at.is_(None))
            # what they wrote says who they are, and is needed no longer
            .values(
                closed_at=utc_now(),
                outcome=outcome,
                closed_by=by,
                answer=answer.strip() or None,
                words_sealed=None,
                data_key=None,
                key_id=None,
            )
            .returning(table.c.wish, table.c.questionnaire)
        ).one_or_none()
        if closed is None:  # somebody else was quicker
            raise AlreadyClosed(number)
        details: dict[str, audit.Detail] = {
            "questionnaire": closed.questionnaire,
            "decision": f"{closed.wish}: {outcome}",
        }
        audit.record_on(connection, Action.REQUEST_CLOSED, f"request {number}", details, user_id=by)

    db.session.commit()
    in_one_transaction(work)
