"""What entries of the log are about, and their details, in words that administrators know."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from surveyapp.extensions import db
from surveyapp.manage import words
from surveyapp.manage.queries import PAGE
from surveyapp.people import audit, service
from surveyapp.people.audit import Action
from surveyapp.people.rights import RoleName
from surveyapp.submissions import sheets
from tests.accounts import PASSWORD, browser, make_user, sign_in
from tests.manage.rows import SITE, publish_site, store
from tests.manage.test_pages import counted_queries

LOG = "/manage/log"


@pytest.fixture
def steward(app: Flask) -> Iterator[FlaskClient]:
    """Somebody who has the log and all about data, and reads English."""
    publish_site()
    make_user("aigerim", RoleName.DATA_STEWARD)
    client = browser(app)
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    sign_in(client)
    yield client


def entries(client: FlaskClient, language: str = "en") -> str:
    """What the entries say, without the filters above them."""
    html = client.get(LOG, headers={"Accept-Language": language}).get_data(as_text=True)
    listed = html[html.index("<ol") : html.index("</ol>")]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", listed)).split())


def write(action: Action, subject: str, **details: audit.Detail) -> None:
    audit.record(action, subject, details)
    db.session.commit()


def test_every_deed_and_every_detail_has_words() -> None:
    assert set(Action) <= set(words.ACTIONS)
    assert set(words.DETAILS) >= audit.DETAILS


def test_a_questionnaire_is_told_by_its_title(steward: FlaskClient) -> None:
    write(Action.PLAN_CHANGED, SITE)
    code = sheets.new_code()
    write(Action.SHEET_ENTERED, f"{SITE} {code}")
    told = entries(steward)
    assert "plan changed School and service-point safety checklist" in told
    assert f"sheet {code}" in told
    assert SITE not in told


def test_a_submission_is_told_by_its_receipt_code_and_led_to(steward: FlaskClient) -> None:
    store(receipt_code="K7QM-2XPD-9999")
    [row] = db.session.execute(db.text("SELECT id FROM submission")).all()
    write(Action.SUBMISSION_ACCEPTED, str(row.id))
    assert "submission K7QM-2XPD-9999" in entries(steward)
    about = steward.get(f"{LOG}?subject={row.id}").get_data(as_text=True)
    assert f'href="/manage/q/{SITE}/s/' in about


def test_what_is_known_by_a_number_is_told_in_the_readers_language(steward: FlaskClient) -> None:
    write(Action.BREACH_WRITTEN, "breach 1")
    write(Action.DEVICE_REVOKED, "device 7")
    write(Action.REQUEST_MADE, "request 3")
    write(Action.SUBMISSION_OPENED, "somewhere", reason="request 3", profile="de-identified")
    told = entries(steward, "ru")
    for number in ("№ 1", "№ 7", "№ 3"):
        assert number in told
    for word in ("breach 1", "device 7", "request 3", "profile", "de-identified"):
        assert word not in told
    assert "/manage/breaches/1" in steward.get(f"{LOG}?subject=breach 1").get_data(as_text=True)


def test_a_person_named_like_a_questionnaire_stays_a_person(steward: FlaskClient) -> None:
    service.add_user(SITE, [RoleName.ANALYST], PASSWORD)
    assert f"user added {SITE}" in entries(steward)


def test_what_nobody_signed_in_did_says_so(steward: FlaskClient) -> None:
    write(Action.KEY_ROTATED, "2026")
    assert "command line or the program itself" in entries(steward)


def test_naming_them_takes_as_many_queries_for_many(steward: FlaskClient) -> None:
    def asked() -> int:
        with counted_queries() as statements:
            steward.get(LOG)
        return len(statements)

    store(1, receipt_code="A")
    steward.get(LOG)
    few = asked()
    store(PAGE)
    for row in db.session.execute(db.text("SELECT id FROM submission")).all():
        write(Action.SUBMISSION_OPENED, str(row.id))
    assert asked() == few
