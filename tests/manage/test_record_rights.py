"""Unblocking, destroying who is meant, and retention dates, on pages."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from flask import Flask
from sqlalchemy import select

from surveyapp.extensions import db
from surveyapp.people.rights import Place, RoleName
from surveyapp.submissions import retention_rules, reviewing, subject_finding, subject_requests
from surveyapp.submissions.models import Cause, State, Submission
from surveyapp.submissions.retention_models import Fate, Unit
from surveyapp.submissions.subject_models import Wish
from surveyapp.submissions.subject_requests import Asked
from tests.accounts import post
from tests.collecting import QUESTIONNAIRE, publish, send
from tests.collecting import envelope as an_envelope
from tests.manage.test_records import as_role, text_of
from tests.manage.test_rights import somebody

RETENTION = f"/manage/q/{QUESTIONNAIRE}/retention"
RULE = {"amount": "2", "unit": "months", "fate": "identity", "notice": "14", "sure": "y"}


@pytest.fixture(autouse=True)
def _stored(app: Flask) -> None:
    publish()
    send(an_envelope())


def submission() -> Submission:
    db.session.rollback()
    found = db.session.scalars(select(Submission)).one()
    db.session.expunge(found)
    db.session.rollback()
    return found


def page_of(record: Submission) -> str:
    return f"/manage/q/{record.questionnaire}/s/{record.id}"


def test_what_is_blocked_says_so_and_is_unblocked(app: Flask) -> None:
    record = submission()
    reviewing.accept(record.id)
    reviewing.block(record.id)
    client = as_role(app, RoleName.DATA_STEWARD)
    shown = text_of(client.get(page_of(record)))
    assert "asked that nothing is done with it" in shown
    assert "Delete it" not in shown
    post(client, f"{page_of(record)}/unblock", {"revision": "1"})
    assert submission().status == State.ACCEPTED
    again = post(client, f"{page_of(record)}/unblock", {"revision": "1"})
    assert again.status_code == HTTPStatus.SEE_OTHER
    assert "Only what is blocked" in text_of(client.get(page_of(record)))


def test_a_reviewer_is_told_of_the_block_and_cannot_lift_it(app: Flask) -> None:
    record = submission()
    reviewing.block(record.id)
    client = somebody(app, RoleName.REVIEWER, Place(None, None))
    shown = client.get(page_of(record)).get_data(as_text=True)
    assert "Unblock<" not in shown and "/unblock" not in shown
    refused = post(client, f"{page_of(record)}/unblock", {"revision": "1"})
    assert refused.status_code == HTTPStatus.FORBIDDEN


def test_who_is_meant_is_destroyed_for_a_reason_and_when_one_is_sure(app: Flask) -> None:
    record = submission()
    client = as_role(app, RoleName.DATA_STEWARD)
    address = f"{page_of(record)}/identity/destroy"
    assert "nothing brings it back" in text_of(client.get(address))
    for form, wrong in (
        ({"revision": "1", "reason": "asked"}, "Tick the box"),
        ({"revision": "1", "sure": "y"}, "Say why"),
    ):
        unsure = post(client, address, form)
        assert unsure.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert wrong in text_of(unsure)
    assert submission().cause == Cause.SENT
    post(client, address, {"revision": "1", "reason": "asked", "sure": "y"})
    assert submission().cause == Cause.IDENTITY_ERASED
    shown = text_of(client.get(page_of(record)))
    assert "Who is meant was destroyed for good." in shown
    assert "Show who is meant" not in shown
    assert "Who is meant was destroyed" in text_of(client.get(address))


def test_a_request_for_it_is_carried_out_when_one_is_sure(app: Flask) -> None:
    about = subject_finding.subject_of(submission().id)
    assert about is not None
    number = subject_requests.ask(Asked(about, Wish.IDENTITY)).serial
    db.session.rollback()
    client = as_role(app, RoleName.DATA_STEWARD)
    page = f"/manage/requests/{number}"
    unsure = post(client, f"{page}/done", {"answer": "done"})
    assert unsure.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    post(client, f"{page}/done", {"answer": "done", "sure": "y"})
    assert submission().cause == Cause.IDENTITY_ERASED


def test_a_date_is_set_announced_on_the_first_page_and_called_off(app: Flask) -> None:
    client = as_role(app, RoleName.DATA_STEWARD)
    assert "No date is set" in text_of(client.get(RETENTION))
    assert post(client, RETENTION, RULE).location == RETENTION
    db.session.rollback()
    rule = retention_rules.rule_of(QUESTIONNAIRE)
    assert rule is not None
    assert (rule.fate, rule.amount, rule.unit, rule.notice) == (Fate.IDENTITY, 2, Unit.MONTHS, 14)
    db.session.rollback()
    assert "It is announced 14 days before." in text_of(client.get(RETENTION))
    assert "Records: 1" not in text_of(client.get("/manage"))
    post(client, RETENTION, RULE | {"amount": "1", "unit": "days"})
    assert "Records: 1" in text_of(client.get("/manage"))  # due before the notice is over
    post(client, RETENTION, {"last_day": "2020-01-01", "fate": "all", "notice": "3", "sure": "y"})
    assert "Records: 1" in text_of(client.get("/manage"))
    assert "Records: 1" in text_of(client.get(RETENTION))
    post(client, f"{RETENTION}/stop", {})
    assert "called off" in text_of(client.get(RETENTION))
    assert "Records: 1" not in text_of(client.get("/manage"))
    assert post(client, f"{RETENTION}/stop", {}).status_code == HTTPStatus.SEE_OTHER


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"amount": ""}, "either how long, or the last day"),
        ({"last_day": "2030-01-01"}, "either how long, or the last day"),
        ({"amount": "0"}, "whole number"),
        ({"notice": "0"}, "whole number"),
        ({"notice": ""}, "whole number"),
        ({"fate": ""}, "Choose one"),
        ({"fate": "burn"}, "Not a valid choice"),
        ({"sure": ""}, "Tick the box"),
        ({"amount": "", "last_day": "tomorrow"}, "Not a valid date"),
    ],
)
def test_what_makes_no_sense_is_said_and_changes_nothing(
    app: Flask, change: dict[str, str], wrong: str
) -> None:
    client = as_role(app, RoleName.DATA_STEWARD)
    form = {name: value for name, value in (RULE | change).items() if value}
    answer = post(client, RETENTION, form)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert wrong in text_of(answer)
    assert retention_rules.rule_of(QUESTIONNAIRE) is None


def test_whoever_has_one_region_sees_the_date_and_does_not_set_it(app: Flask) -> None:
    client = somebody(app, RoleName.ADMINISTRATOR, Place(QUESTIONNAIRE, "75"))
    shown = client.get(RETENTION).get_data(as_text=True)
    assert "No date is set" in shown and 'name="notice"' not in shown
    for address in (RETENTION, f"{RETENTION}/stop"):
        assert post(client, address, RULE).status_code == HTTPStatus.FORBIDDEN


def test_a_questionnaire_that_is_not_there_has_no_date(app: Flask) -> None:
    client = as_role(app, RoleName.DATA_STEWARD)
    assert client.get("/manage/q/nowhere/retention").status_code == HTTPStatus.NOT_FOUND
    assert client.get("/manage/q/%00/retention").status_code == HTTPStatus.NOT_FOUND
