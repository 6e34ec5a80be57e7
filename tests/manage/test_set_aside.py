"""What was deleted or blocked: who still reads its answers, and what the others are told."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update

from surveyapp.extensions import db
from surveyapp.manage.words import CAUSES
from surveyapp.people.rights import RoleName
from surveyapp.submissions import destroying, reviewing
from surveyapp.submissions.models import Cause, Submission
from tests.accounts import post
from tests.collecting import CANARY, QUESTIONNAIRE, answers, envelope, publish, send
from tests.manage.test_records import as_role, text_of

AWAY = pytest.mark.parametrize(
    ("put_away", "readers"),
    [
        (reviewing.delete, {RoleName.ADMINISTRATOR, RoleName.DATA_STEWARD}),
        (reviewing.block, {RoleName.DATA_STEWARD}),
    ],
    ids=["deleted", "blocked"],
)
READERS = [
    RoleName.ADMINISTRATOR,
    RoleName.SUPERVISOR,
    RoleName.REVIEWER,
    RoleName.ANALYST,
    RoleName.DATA_STEWARD,
]


@pytest.fixture
def record(app: Flask) -> UUID:
    publish()
    said = answers(rooms=31, twice="62", worries=["danger"], note="a note")
    (result,) = send(envelope(answers=said))
    db.session.execute(update(Submission).values(region="750000000"))  # a region of the map
    db.session.commit()
    return UUID(str(result.id))


def page_of(record: UUID) -> str:
    return f"/manage/q/{QUESTIONNAIRE}/s/{record}"


@AWAY
@pytest.mark.parametrize("role", READERS)
def test_only_whoever_may_bring_it_back_reads_its_answers(
    app: Flask,
    record: UUID,
    put_away: Callable[[UUID], None],
    readers: set[RoleName],
    role: RoleName,
) -> None:
    client = as_role(app, role)
    assert "Rooms" in text_of(client.get(page_of(record)))
    put_away(record)
    answer = client.get(page_of(record))
    assert answer.status_code == HTTPStatus.OK
    shown = text_of(answer)
    assert ("Rooms" in shown) == (role in readers)
    assert ("Where it was" in shown) == (role in readers)
    assert ("shown only to whoever may bring it back" in shown) == (role not in readers)


@AWAY
def test_addresses_made_up_by_hand_show_no_more(
    app: Flask, record: UUID, put_away: Callable[[UUID], None], readers: set[RoleName]
) -> None:
    client = as_role(app, RoleName.REVIEWER)
    put_away(record)
    page = page_of(record)
    assert [client.get(f"{page}/{part}").status_code for part in ("changes", "household")] == [403, 403]
    for part in ("sensitive", "changes", f"files/{'0' * 64}"):
        assert post(client, f"{page}/{part}", {"reason": "?"}).status_code == HTTPStatus.FORBIDDEN
    assert client.get(f"{page}/files/{'0' * 64}").status_code == HTTPStatus.FORBIDDEN


@AWAY
def test_what_reviewers_said_of_it_is_shown_to_no_more_people_than_its_answers(
    app: Flask, record: UUID, put_away: Callable[[UUID], None], readers: set[RoleName]
) -> None:
    reviewing.reject(record, "her uncle said so")
    put_away(record)
    for role in (RoleName.REVIEWER, RoleName.DATA_STEWARD):
        shown = text_of(as_role(app, role, name=f"one-{role}").get(page_of(record)))
        assert "rejected" in shown.lower()
        assert ("her uncle said so" in shown) == (role in readers)


def test_a_deleted_record_says_until_when_it_can_be_restored(app: Flask, record: UUID) -> None:
    client = as_role(app, RoleName.ADMINISTRATOR)
    reviewing.delete(record)
    assert "it is destroyed for good on" in text_of(client.get(page_of(record)))
    reviewing.restore(record)
    assert "it is destroyed for good on" not in text_of(client.get(page_of(record)))


def test_who_was_meant_is_said_to_be_destroyed_and_not_kept_apart(app: Flask, record: UUID) -> None:
    client = as_role(app, RoleName.DATA_STEWARD)
    assert "kept apart" in text_of(client.get(page_of(record)))
    destroying.erase_identity(record)
    shown = text_of(client.get(page_of(record)))
    assert "kept apart" not in shown and CANARY not in shown
    assert "identity_erased" not in shown
    db.session.rollback()
    assert db.session.scalars(select(Submission.cause)).one() == Cause.IDENTITY_ERASED


def test_every_cause_of_a_revision_has_words() -> None:
    assert set(CAUSES) == set(Cause)
