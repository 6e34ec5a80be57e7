"""Full exports: asked for by one person, agreed to by another, taken by the first; nobody stands for both."""

from __future__ import annotations

import re
from datetime import timedelta
from http import HTTPStatus

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from surveyapp.database import utc_now
from surveyapp.exports.approval_models import FullExport
from surveyapp.extensions import db
from surveyapp.people.models import AuditEntry
from surveyapp.people.rights import RoleName
from tests.accounts import make_user, post
from tests.exports.visits import PASSWORD
from tests.manage.rows import SITE, publish_site, store
from tests.manage.test_assignments import local, signed_in
from tests.manage.test_download import UNTOUCHED

PAGE = "/manage/full-exports"
ASK = {**UNTOUCHED, "identity": "y", "sensitive": "y", "reason": "call families back"}
TAKE = {"password": PASSWORD, "again": PASSWORD}


@pytest.fixture
def steward(app: Flask) -> FlaskClient:
    """A data steward who has asked for everything."""
    publish_site()
    store(5, identity_sealed=None)
    make_user("aigul", RoleName.DATA_STEWARD)
    make_user("saule", RoleName.ADMINISTRATOR)
    client = signed_in(app, "aigul")
    answer = post(client, f"/manage/q/{SITE}/download", ASK)
    assert (answer.status_code, answer.headers["Location"]) == (HTTPStatus.SEE_OTHER, PAGE)
    return client


def deeds() -> list[tuple[str, int | None]]:
    db.session.rollback()
    query = select(AuditEntry).where(AuditEntry.action.like("%export%")).order_by(AuditEntry.serial)
    return [(entry.action, entry.user_id) for entry in db.session.scalars(query)]


def only() -> FullExport:
    db.session.rollback()
    return db.session.scalars(select(FullExport)).one()


def decided(client: FlaskClient, word: str) -> str:
    answer = post(client, f"{PAGE}/{only().id}/{word}", {})
    assert answer.status_code == HTTPStatus.SEE_OTHER
    return client.get(PAGE).get_data(as_text=True)


def taken(client: FlaskClient, **changed: str) -> bytes:
    return post(client, f"{PAGE}/{only().id}/take", {**TAKE, **changed}).get_data()


def test_it_is_taken_once_another_person_agreed(app: Flask, steward: FlaskClient) -> None:
    assert not taken(steward).startswith(b"PK")
    other = signed_in(app, "saule")
    html = other.get(PAGE).get_data(as_text=True)
    assert "call families back" in html
    assert f"/{only().id}/agree" in html
    asked = other.get(PAGE, headers={"Accept-Language": "ru"}).get_data(as_text=True)
    assert "<dd>да</dd>" in asked
    assert "<dd>yes</dd>" not in asked
    assert "You agreed" in decided(other, "agree")
    content = taken(steward)
    assert content.startswith(b"PK")
    assert [deed for deed, _who in deeds()] == ["full_export_asked", "export_approved", "exported"]
    row = only()
    assert [who for _deed, who in deeds()] == [row.asked_by, row.decided_by, row.asked_by]
    assert row.asked_by != row.decided_by


def test_nobody_agrees_to_their_own(steward: FlaskClient) -> None:
    assert "/agree" not in steward.get(PAGE).get_data(as_text=True)
    assert "for somebody else" in decided(steward, "agree")
    assert only().agreed is None


def test_what_was_refused_is_not_given(app: Flask, steward: FlaskClient) -> None:
    other = signed_in(app, "saule")
    assert "You refused" in decided(other, "refuse")
    assert "decided already" in decided(other, "agree")
    assert not taken(steward).startswith(b"PK")


@pytest.mark.parametrize(
    ("column", "word"), [("asked_at", "decided already"), ("decided_at", "time is over")]
)
def test_each_word_is_for_a_limited_time(
    app: Flask, steward: FlaskClient, column: str, word: str
) -> None:
    other = signed_in(app, "saule")
    if column == "decided_at":
        decided(other, "agree")
    only()
    db.session.execute(update(FullExport).values({column: utc_now() - timedelta(days=4)}))
    db.session.commit()
    if column == "asked_at":
        assert word in decided(other, "agree")
    assert not taken(steward).startswith(b"PK")
    if column == "decided_at":
        assert word in steward.get(PAGE).get_data(as_text=True)


def test_only_who_asked_takes_it(app: Flask, steward: FlaskClient) -> None:
    decided(signed_in(app, "saule"), "agree")
    make_user("bolat", RoleName.DATA_STEWARD)
    assert not taken(signed_in(app, "bolat")).startswith(b"PK")
    assert (
        post(signed_in(app, "saule"), f"{PAGE}/{only().id}/take", TAKE).status_code
        == HTTPStatus.FORBIDDEN
    )


@pytest.mark.parametrize("again", ["another password than that", "short"])
def test_a_password_is_long_and_typed_twice(app: Flask, steward: FlaskClient, again: str) -> None:
    decided(signed_in(app, "saule"), "agree")
    changed = {"again": again} if len(again) > 14 else {"again": again, "password": again}
    assert not taken(steward, **changed).startswith(b"PK")
    assert re.search("not the same|at least 14", steward.get(PAGE).get_data(as_text=True))


def test_a_steward_of_one_region_does_not_agree_to_all_of_them(app: Flask, steward: FlaskClient) -> None:
    client = local(app, "dana", RoleName.DATA_STEWARD, "710000000")
    assert "call families back" not in client.get(PAGE).get_data(as_text=True)
    assert "for somebody else" in decided(client, "agree")


def test_an_analyst_cannot_ask_for_it(app: Flask) -> None:
    publish_site()
    make_user("erlan", RoleName.ANALYST)
    client = signed_in(app, "erlan")
    assert post(client, f"/manage/q/{SITE}/download", ASK).status_code == HTTPStatus.FORBIDDEN
    assert client.get(PAGE).status_code == HTTPStatus.FORBIDDEN
