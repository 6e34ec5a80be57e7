"""Publishing without a command line: everything wrong at once, what changed, who may answer, retiring."""

from __future__ import annotations

import io
from http import HTTPStatus
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access, PublishedVersion
from surveyapp.extensions import db
from surveyapp.people import granting, service
from surveyapp.people.models import AuditEntry
from surveyapp.people.rights import Place, RoleName
from tests.accounts import CHANGE_PASSWORD, PASSWORD, browser, make_user, post, sign_in, token_of
from tests.questionnaires.test_differences import BEFORE

VERSIONS = "/manage/q/home/versions"


@pytest.fixture
def author(client: FlaskClient) -> FlaskClient:
    """A browser in which somebody is signed in who may publish."""
    make_user("author", RoleName.ADMINISTRATOR)
    sign_in(client, "author")
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def send(client: FlaskClient, text: str, button: str = "check", **more: Any) -> TestResponse:
    form = {"csrf_token": token_of(client, CHANGE_PASSWORD), "access": "public", button: "1", **more}
    form["workbook"] = (io.BytesIO(text.encode()), "home.md")
    return client.post("/manage/publish", data=form, content_type="multipart/form-data")


def version(number: int, *changes: tuple[str, str]) -> str:
    text = BEFORE.replace("| | home | 1 |", f"| | home | {number} |")
    for old, new in changes:
        text = text.replace(old, new)
    return text


def published() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(PublishedVersion.version).order_by(PublishedVersion.serial)))


def test_a_check_tells_everything_at_once_and_publishes_nothing(author: FlaskClient) -> None:
    faulty = version(1, ("| integer | rooms |", "| integr | rooms |"), ("one fuel |", "one petrol |"))
    answer = send(author, faulty, "publish")
    page = answer.get_data(as_text=True)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "integr" in page
    assert "petrol" in page
    assert "survey" in page
    assert published() == []
    answer = send(author, version(1))
    assert answer.status_code == HTTPStatus.OK
    assert "This questionnaire is new: home" in answer.get_data(as_text=True)
    assert published() == []


def test_what_is_published_is_open_to_whom_was_said(author: FlaskClient) -> None:
    answer = send(author, version(1), "publish")
    assert (answer.status_code, answer.location) == (HTTPStatus.SEE_OTHER, VERSIONS)
    assert published() == ["1"]
    (entry,) = catalogue.entries()
    assert entry.access == Access.PUBLIC
    assert "Version 1 is published." in author.get(VERSIONS).get_data(as_text=True)


def test_the_versions_lead_to_the_one_that_is_tried_out(author: FlaskClient) -> None:
    send(author, version(1), "publish")
    trial = 'href="/manage/q/home/trial"'
    assert trial not in author.get(VERSIONS).get_data(as_text=True)
    send(author, version(2), "keep")
    assert trial in author.get(VERSIONS).get_data(as_text=True)


def test_who_publishes_the_same_again_is_told_that_nothing_changed(author: FlaskClient) -> None:
    send(author, version(1), "publish")
    author.get(VERSIONS)
    send(author, version(2, ("How many rooms?", "Number of rooms?")), "publish")
    author.get(VERSIONS)
    assert send(author, version(1), "publish").location == VERSIONS
    page = author.get(VERSIONS).get_data(as_text=True)
    assert "Version 1 was published before, just like this." in page
    assert "Version 1 is published." not in page


def test_who_publishes_a_retired_version_again_is_told_that_it_is_not_offered(
    author: FlaskClient,
) -> None:
    send(author, version(1), "publish")
    assert "nobody can begin" not in author.get(VERSIONS).get_data(as_text=True)
    post(author, "/manage/q/home/retire", {"version": "1", "confirmed": "y"})
    assert "nobody can begin" in author.get(VERSIONS).get_data(as_text=True)
    send(author, version(1), "publish")
    page = author.get(VERSIONS).get_data(as_text=True)
    assert "Version 1 was retired" in page and "just like this" not in page


def test_a_new_version_says_what_it_changes_before_it_is_out(author: FlaskClient) -> None:
    send(author, version(1), "publish")
    page = send(author, version(2, ("How many rooms?", "Number of rooms?"))).get_data(as_text=True)
    assert "Against version 1" in page
    assert "Number of rooms?" in page
    assert published() == ["1"]
    send(author, version(2, ("How many rooms?", "Number of rooms?")), "publish")
    assert "Number of rooms?" in author.get(VERSIONS).get_data(as_text=True)


def test_another_type_under_the_same_name_is_refused(author: FlaskClient) -> None:
    send(author, version(1), "publish")
    answer = send(author, version(2, ("| integer | rooms |", "| text | rooms |")), "publish")
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "another type of answer than before: home/rooms" in answer.get_data(as_text=True)
    assert published() == ["1"]


def test_a_version_that_is_out_is_never_replaced(author: FlaskClient) -> None:
    send(author, version(1), "publish")
    answer = send(author, version(1, ("Remark", "Comment")), "publish")
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "Give the workbook a new version" in answer.get_data(as_text=True)


def test_without_a_file_the_form_says_so(author: FlaskClient) -> None:
    answer = post(author, "/manage/publish", {"access": "staff", "check": "1"})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Choose a file" in answer.get_data(as_text=True)


@pytest.mark.parametrize("content", [b"", b"\x00\xff\xfe", b"PK\x03\x04nothing", b"<a><b></a>"])
@pytest.mark.parametrize("name", ["home.md", "home.xlsx", "home.xml", "../../etc/passwd", "no-suffix"])
def test_what_is_no_workbook_is_told_so(author: FlaskClient, content: bytes, name: str) -> None:
    form = {"csrf_token": token_of(author, CHANGE_PASSWORD), "access": "staff", "publish": "1"}
    data = form | {"workbook": (io.BytesIO(content), name)}
    answer = author.post("/manage/publish", data=data, content_type="multipart/form-data")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert published() == []


def test_the_files_of_a_version_come_back_as_they_were(author: FlaskClient) -> None:
    send(author, version(1), "publish")
    workbook = author.get(f"{VERSIONS}/1/workbook")
    assert workbook.get_data(as_text=True) == version(1)
    assert "attachment" in workbook.headers["Content-Disposition"]
    xform = author.get(f"{VERSIONS}/1/xform")
    assert xform.get_data() == db.session.scalars(select(PublishedVersion.xform)).one()
    assert author.get(f"{VERSIONS}/2/xform").status_code == HTTPStatus.NOT_FOUND


def test_access_is_said_and_written_down(author: FlaskClient) -> None:
    send(author, version(1), "publish")
    assert (
        post(author, "/manage/q/home/access", {"access": "closed"}).status_code == HTTPStatus.SEE_OTHER
    )
    (entry,) = catalogue.entries()
    assert entry.access == Access.CLOSED
    actions = list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.serial)))
    assert actions[-2:] == ["questionnaire_published", "questionnaire_access"]
    wrong = post(author, "/manage/q/home/access", {"access": "everybody"})
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_a_version_is_retired_when_that_was_confirmed(author: FlaskClient) -> None:
    send(author, version(1), "publish")
    unsure = post(author, "/manage/q/home/retire", {"version": "1"})
    assert unsure.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert catalogue.current("home") is not None
    db.session.rollback()
    post(author, "/manage/q/home/retire", {"version": "1", "confirmed": "y"})
    assert catalogue.current("home") is None
    nothing = post(author, "/manage/q/home/retire", {"version": "7", "confirmed": "y"})
    assert nothing.status_code == HTTPStatus.NOT_FOUND


def test_a_questionnaire_whose_versions_are_retired_is_not_new(author: FlaskClient) -> None:
    send(author, version(1), "publish")
    post(author, "/manage/q/home/retire", {"version": "1", "confirmed": "y"})
    report = send(author, version(2, ("How many rooms?", "Number of rooms?")), "check")
    page = report.get_data(as_text=True)
    assert "Against version 1" in page and "This questionnaire is new" not in page


def test_who_may_publish_one_questionnaire_publishes_no_other(app: Flask) -> None:
    service.add_user("dana", [], PASSWORD)
    granting.give("dana", RoleName.ADMINISTRATOR, Place("school", None))
    client = browser(app)
    sign_in(client, "dana")
    assert client.get("/manage/publish").status_code == HTTPStatus.OK
    assert send(client, version(1), "publish").status_code == HTTPStatus.FORBIDDEN
    assert published() == []
