"""Downloading answers: what is left out by default, what is logged, and a file that programs read."""

from __future__ import annotations

import csv
import io
import zipfile
from http import HTTPStatus

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from surveyapp.extensions import db
from surveyapp.people.models import AuditEntry
from tests.accounts import make_user, post, sign_in
from tests.manage.rows import SITE, publish, publish_site, store

PAGE = f"/manage/q/{SITE}"
#: what the form sends when nothing is touched
UNTOUCHED = {
    "what": "csv",
    "labels": "codes",
    "multiple": "joined",
    "separator": "comma",
    "byte_order_mark": "y",
    "reason": "",
}


@pytest.fixture
def administrator(client: FlaskClient) -> FlaskClient:
    """A browser in which an administrator is signed in; five submissions are there."""
    make_user()
    publish_site()
    store(5, identity_sealed=None, breakdowns={"region": "750000000"})
    sign_in(client)
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


HOUSEHOLD = "household_baseline"


def downloaded(client: FlaskClient, **changed: str | None) -> TestResponse:
    form = {name: value for name, value in {**UNTOUCHED, **changed}.items() if value is not None}
    return post(client, f"{PAGE}/download", form)


def rows(answer: TestResponse, separator: str = ",") -> list[dict[str, str]]:
    text = answer.get_data().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=separator))


def exported() -> list[AuditEntry]:
    entries = select(AuditEntry).where(AuditEntry.action == "exported").order_by(AuditEntry.serial)
    return list(db.session.scalars(entries))


def test_the_untouched_form_gives_a_table_that_excel_reads(administrator: FlaskClient) -> None:
    answer = downloaded(administrator)
    assert answer.status_code == HTTPStatus.OK
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{SITE}.csv"'
    assert answer.mimetype == "text/csv"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.get_data().startswith(b"\xef\xbb\xbf")
    assert len(rows(answer)) == 5


def test_the_form_on_the_page_sends_just_that(administrator: FlaskClient) -> None:
    html = administrator.get(PAGE).get_data(as_text=True)
    assert f'action="{PAGE}/download' in html
    for name in (*UNTOUCHED, "identity", "sensitive", "decimal_comma"):
        assert f'name="{name}"' in html, name
    for unticked in ("identity", "sensitive"):
        assert f'checked id="{unticked}"' not in html


def test_choices_come_as_codes_or_in_a_language(administrator: FlaskClient) -> None:
    codes = str(rows(downloaded(administrator)))
    kazakh = str(rows(downloaded(administrator, labels="kk")))
    assert "750000000" in codes
    assert "Алматы" in kazakh


@pytest.mark.parametrize(("name", "sign"), [("comma", ","), ("semicolon", ";"), ("tab", "\t")])
def test_the_separator_and_the_byte_order_mark_can_be_chosen(
    administrator: FlaskClient, name: str, sign: str
) -> None:
    answer = downloaded(administrator, separator=name, byte_order_mark=None)
    assert not answer.get_data().startswith(b"\xef\xbb\xbf")
    assert len(rows(answer, sign)[0]) > 10


def test_several_choices_can_have_a_column_each(administrator: FlaskClient) -> None:
    publish(HOUSEHOLD)
    store(questionnaire=HOUSEHOLD, answers={"household": {"h_assets": ["car", "fridge"]}})
    page = f"/manage/q/{HOUSEHOLD}/download"
    header = post(administrator, page, {**UNTOUCHED, "multiple": "split"}).get_data(as_text=True)
    assert "h_assets/car" in header.splitlines()[0]


def test_the_package_holds_table_and_description(administrator: FlaskClient) -> None:
    answer = downloaded(administrator, what="zip")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{SITE}.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.get_data())) as package:
        assert package.testzip() is None
        assert "submissions.csv" in package.namelist()


@pytest.mark.parametrize("asked", ["identity", "sensitive"])
def test_confidential_answers_want_a_reason(administrator: FlaskClient, asked: str) -> None:
    answer = downloaded(administrator, **{asked: "y"})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Say why; the log keeps it" in answer.get_data(as_text=True)
    assert exported() == []


def test_every_download_is_in_the_log_with_who_and_what(app: Flask, administrator: FlaskClient) -> None:
    downloaded(administrator)
    (plain,) = exported()
    assert plain.user_id is not None
    assert (plain.subject, plain.details["identity"]) == (SITE, False)
    assert plain.details["profile"] == "de-identified"


@pytest.mark.parametrize(
    ("field", "value"),
    [("what", "exe"), ("labels", "xx"), ("separator", "|"), ("multiple", ""), ("reason", "x" * 1000)],
)
def test_what_the_form_does_not_offer_is_refused(
    administrator: FlaskClient, field: str, value: str
) -> None:
    answer = downloaded(administrator, **{field: value})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert exported() == []


def test_an_unknown_questionnaire_has_no_download(administrator: FlaskClient) -> None:
    answer = post(administrator, "/manage/q/no_such/download", UNTOUCHED)
    assert answer.status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("reason", ["for\x00 the report", "a\u0300" + "\u0301" * 40])
def test_a_reason_that_cannot_be_stored_is_refused_and_nothing_is_given(
    administrator: FlaskClient, reason: str
) -> None:
    answer = downloaded(administrator, identity="y", reason=reason)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "characters that cannot be stored" in answer.get_data(as_text=True)
    assert exported() == []
