"""What families ask of their data: written down once, carried out, refused; nothing readable stays."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from surveyapp.extensions import db
from surveyapp.people.models import AuditEntry
from surveyapp.people.rights import EVERYWHERE, Place, Reach
from surveyapp.submissions import reviewing, rotation, searching, subject_finding, subject_requests
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.models import State, Submission
from surveyapp.submissions.refusals import Gone, NotBlocked
from surveyapp.submissions.subject_finding import Subject
from surveyapp.submissions.subject_models import Outcome, SubjectRequest, Wish
from surveyapp.submissions.subject_requests import AlreadyClosed, Asked, BadWords, NoAnswer
from tests.collecting import CANARY, QUESTIONNAIRE, answers, envelope, publish, send

ALL = Reach(frozenset({EVERYWHERE}))
WORDS = "ринг 8 701 000 00 00, Айгүл"


@pytest.fixture
def subject(app: Flask) -> Subject:
    publish()
    (result,) = send(envelope(answers=answers(rooms=None, twice=None)))
    found = subject_finding.asked_about(str(result.receipt_code))
    assert found is not None
    return found


def status(submission_id: UUID) -> str:
    db.session.rollback()
    return db.session.scalars(select(Submission.status).filter_by(id=submission_id)).one()


def test_a_request_is_sealed_and_due_after_three_working_days(subject: Subject) -> None:
    made = subject_requests.ask(Asked(subject, Wish.COPY, WORDS))
    assert made.due_on == subject_requests.due_on(made.asked_at.date())
    assert made.words_sealed is not None and "Айгүл".encode() not in made.words_sealed
    assert subject_requests.words_of(keys_of(), made) == WORDS
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.serial.desc())).first()
    assert entry is not None
    assert (entry.action, entry.subject) == ("request_made", f"request {made.serial}")
    assert entry.details == {"questionnaire": QUESTIONNAIRE, "decision": "copy"}


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        (date(2026, 11, 23), date(2026, 11, 26)),
        (date(2026, 11, 26), date(2026, 12, 1)),
        (date(2026, 11, 27), date(2026, 12, 2)),
        (date(2026, 11, 28), date(2026, 12, 2)),
    ],
)
def test_saturdays_and_sundays_do_not_count(asked: date, due: date) -> None:
    assert subject_requests.due_on(asked) == due


def test_the_same_request_again_is_the_one_that_is_there(subject: Subject) -> None:
    first, again = (subject_requests.ask(Asked(subject, Wish.BLOCK)).serial for _time in range(2))
    other = subject_requests.ask(Asked(subject, Wish.COPY)).serial
    assert first == again != other
    subject_requests.refuse(first, "no")
    assert subject_requests.ask(Asked(subject, Wish.BLOCK)).serial not in {first, other}


@pytest.mark.parametrize("words", ["x" * 1001, "a\x00b"])
def test_words_that_cannot_be_kept_are_refused_and_nothing_is_written(
    subject: Subject, words: str
) -> None:
    with pytest.raises(BadWords):
        subject_requests.ask(Asked(subject, Wish.COPY, words))
    assert db.session.scalars(select(SubjectRequest)).all() == []


def test_taking_consent_back_destroys_the_answers_and_what_was_said_about_them(subject: Subject) -> None:
    number = subject_requests.ask(Asked(subject, Wish.WITHDRAW, WORDS)).serial
    done = subject_requests.carry_out(number, "told by telephone")
    assert status(subject.id) == State.ERASED
    assert (done.outcome, done.answer) == (Outcome.DONE, "told by telephone")
    assert (done.words_sealed, done.data_key) == (None, None)
    assert (done.questionnaire, done.region) == (subject.questionnaire, subject.region)
    with pytest.raises(AlreadyClosed):
        subject_requests.carry_out(number)


def test_a_server_that_died_in_between_leaves_a_request_that_can_be_carried_out_again(
    subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = subject_requests.ask(Asked(subject, Wish.WITHDRAW)).serial
    with monkeypatch.context() as broken, pytest.raises(RuntimeError):
        broken.setattr(subject_requests, "_close", _die)
        subject_requests.carry_out(number)
    assert (status(subject.id), subject_requests.one(number).closed_at) == (State.ERASED, None)
    assert subject_requests.carry_out(number).outcome == Outcome.DONE


def _die(*_arguments: object) -> None:
    raise RuntimeError


def test_what_is_blocked_takes_no_part_and_comes_back_as_it_was(subject: Subject) -> None:
    reviewing.accept(subject.id)
    subject_requests.carry_out(subject_requests.ask(Asked(subject, Wish.BLOCK)).serial)
    assert status(subject.id) == State.BLOCKED
    assert State.BLOCKED.is_gone
    for act in (reviewing.accept, reviewing.block):
        with pytest.raises(Exception, match="blocked"):
            act(subject.id)
    with pytest.raises(Gone):
        reviewing.return_to_collector(subject.id, {"": "mend"})
    reviewing.unblock(subject.id)
    assert status(subject.id) == State.ACCEPTED
    with pytest.raises(NotBlocked):
        reviewing.unblock(subject.id)


def test_a_refusal_wants_a_reason(subject: Subject) -> None:
    number = subject_requests.ask(Asked(subject, Wish.WITHDRAW, WORDS)).serial
    with pytest.raises(NoAnswer):
        subject_requests.refuse(number, "  ")
    refused = subject_requests.refuse(number, "the law wants it to be kept")
    assert (refused.outcome, status(subject.id)) == (Outcome.REFUSED, State.STORED)
    assert refused.words_sealed is None


def test_a_rotated_key_still_opens_what_was_said(subject: Subject) -> None:
    number = subject_requests.ask(Asked(subject, Wish.COPY, WORDS)).serial
    before = subject_requests.one(number).key_id
    db.session.rollback()
    rotation.rotate(lambda _rows: lambda _done: None)
    after = subject_requests.one(number)
    assert after.key_id != before
    assert subject_requests.words_of(keys_of(), after) == WORDS


def test_a_person_is_found_by_a_part_of_the_name_within_ones_reach_only(subject: Subject) -> None:
    def found(text: str, reach: Reach = ALL) -> list[UUID]:
        return [row.id for row in searching.who_is_named(keys_of(), QUESTIONNAIRE, text, reach).rows]

    assert found(CANARY.upper()) == found(f"  {CANARY[2:8]} ") == [subject.id]
    assert found("nobody of that name") == []
    assert found(CANARY, Reach(frozenset({Place("another", None)}))) == []
    assert found(CANARY, Reach()) == []
    subject_requests.carry_out(subject_requests.ask(Asked(subject, Wish.WITHDRAW)).serial)
    assert found(CANARY) == []


def test_a_search_goes_on_where_it_stopped(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    send(envelope(answers=answers(rooms=None, twice=None)))
    monkeypatch.setattr(searching, "MOST_LOOKED_THROUGH", 1)
    first = searching.who_is_named(keys_of(), QUESTIONNAIRE, CANARY, ALL)
    assert (len(first.rows), first.looked_through) == (1, 1)
    second = searching.who_is_named(keys_of(), QUESTIONNAIRE, CANARY, ALL, first.before)
    assert [row.id for row in second.rows] == [subject.id]
    assert second.before is None
