"""Trying a questionnaire out before it is published, apart from everything that is real."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue import trials
from surveyapp.catalogue.errors import TypesChanged
from surveyapp.catalogue.models import Access, PublishedVersion
from surveyapp.catalogue.trial_models import Trial, TrialFile
from surveyapp.catalogue.trials import Upload
from surveyapp.extensions import db
from surveyapp.people import granting, service
from surveyapp.people.models import AuditEntry
from surveyapp.people.rights import Place, RoleName
from surveyapp.questionnaires.xlsform import compile_workbook
from surveyapp.submissions import trials as answered
from surveyapp.submissions.trial_models import TrialAnswer
from tests.accounts import CHANGE_PASSWORD, PASSWORD, browser, make_user, post, sign_in, token_of
from tests.questionnaires.test_differences import BEFORE

TRIAL = "/manage/q/home/trial"
ASKED = "${rooms} != ''"
XML = """<data id="home" version="{version}" xmlns:jr="http://openrosa.org/javarosa">
<home><rooms>{rooms}</rooms><heating>coal</heating></home><remark>{remark}</remark>
<meta><instanceID>uuid:{id}</instanceID></meta></data>"""


@pytest.fixture
def author(client: FlaskClient) -> FlaskClient:
    """A browser in which somebody is signed in who may publish."""
    make_user("author", RoleName.ADMINISTRATOR)
    sign_in(client, "author")
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def version(number: int, *changes: tuple[str, str]) -> str:
    text = BEFORE.replace("| | home | 1 |", f"| | home | {number} |")
    for old, new in changes:
        text = text.replace(old, new)
    return text


def upload(client: FlaskClient, text: str, button: str = "keep") -> Any:
    form = {"csrf_token": token_of(client, CHANGE_PASSWORD), "access": "public", button: "1"}
    data = form | {"workbook": (io.BytesIO(text.encode()), "home.md")}
    return client.post("/manage/publish", data=data, content_type="multipart/form-data")


def kept() -> Trial:
    found = trials.find("home")
    assert found is not None
    return found


def keep(number: int = 1, *changes: tuple[str, str], demonstration: bool = False) -> Trial:
    compiled = compile_workbook(version(number, *changes).encode(), "home.md")
    said = Upload(name="home.md", access=Access.STAFF, demonstration=demonstration)
    return trials.keep(compiled, said)


def record(trial: Trial, **changes: Any) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "questionnaire": "home",
        "version": trial.version,
        "language": "kk",
        "answers": {"home": {"rooms": 3, "heating": "coal"}, "remark": "zhumbaq"},
        **changes,
    }


def test_a_checked_workbook_is_kept_and_nothing_is_published(author: FlaskClient) -> None:
    answer = upload(author, version(1))
    assert (answer.status_code, answer.location) == (HTTPStatus.SEE_OTHER, TRIAL)
    page = author.get(TRIAL)
    assert page.status_code == HTTPStatus.OK
    assert catalogue.entries() == []
    assert "home.md" in page.get_data(as_text=True)
    assert TRIAL in author.get("/manage/publish").get_data(as_text=True)


def test_what_is_faulty_is_not_kept(author: FlaskClient) -> None:
    answer = upload(author, version(1, ("| integer | rooms |", "| integr | rooms |")))
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert trials.every() == []


def test_only_the_preview_may_be_framed_and_only_by_us(author: FlaskClient) -> None:
    trial = keep()
    framing = author.get(TRIAL)
    framed = author.get(f"/kk/test/{trials.key_of(kept())}")
    assert "frame-src 'self'" in framing.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in framing.headers["Content-Security-Policy"]
    assert framing.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'self'" in framed.headers["Content-Security-Policy"]
    assert framed.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert trial is not None
    logic = author.get(f"/kk/test/{trials.key_of(kept())}/logic.json")
    assert "frame-ancestors 'none'" in logic.headers["Content-Security-Policy"]


def test_all_its_questions_are_read_without_scripts(author: FlaskClient) -> None:
    assert author.get(f"{TRIAL}/paper-form/en").status_code == HTTPStatus.NOT_FOUND
    asked_sometimes = (
        "| | text | remark | Ескерту | Remark |",
        f"| | text | remark | Ескерту | Remark | {ASKED} |",
    )
    headings = (
        "| label::English (en) |\n| | begin_group",
        "| label::English (en) | relevant |\n| | begin_group",
    )
    upload(author, version(1, headings, asked_sometimes))
    assert "/trial/paper-form/en" in author.get(TRIAL).get_data(as_text=True)
    page = author.get(f"{TRIAL}/paper-form/en").get_data(as_text=True)
    for words in ("How many rooms?", "Coal", "Only if something is answered to 1", "trial version"):
        assert words in page
    assert "<script" not in page
    assert "Неше бөлме?" in author.get(f"{TRIAL}/paper-form/kk").get_data(as_text=True)


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_preview_is_the_whole_page_with_other_modules(app: Flask, language: str) -> None:
    key = trials.key_of(keep())
    page = browser(app).get(f"/{language}/test/{key}")
    text = page.get_data(as_text=True)
    assert page.status_code == HTTPStatus.OK
    assert "/scripts/trial.js" in text
    assert "/scripts/keeper.js" not in text
    assert f'action="/{language}/test/{key}"' in text
    assert page.headers["Cache-Control"] == "no-store"
    logic = browser(app).get(f"/{language}/test/{key}/logic.json").get_json()
    assert logic["items"]


def test_a_key_that_was_never_given_out_opens_nothing(app: Flask) -> None:
    key = trials.key_of(keep())
    wrong = "A" if key[-1] != "A" else "B"
    for guess in ("1", "é" * 38, key[:-1] + wrong, key[:22], key + "A", "\x00" * 38, "-" * 38):
        for page in (f"/kk/test/{guess}", f"/openrosa/test/{guess}/formList"):
            assert browser(app).get(page).status_code == HTTPStatus.NOT_FOUND, page


def test_answers_are_listed_with_what_they_break(author: FlaskClient) -> None:
    trial = keep()
    address = f"/kk/test/{trials.key_of(trial)}"
    good = author.post(address, json=record(trial))
    assert good.get_json() == {"number": answered.answered(kept())[0].serial, "faults": 0}
    bad = author.post(address, json=record(trial, answers={"home": {"rooms": "many"}}))
    assert bad.get_json()["faults"] == 1
    page = author.get(f"{TRIAL}/answers").get_data(as_text=True)
    assert "zhumbaq" in page
    assert "How many rooms?" in page
    assert "breaks a rule" in page
    assert "would wait in quarantine" in page


def test_what_is_sent_again_takes_its_own_place(app: Flask) -> None:
    trial = keep()
    address, sent = f"/kk/test/{trials.key_of(trial)}", record(trial)
    for remark in ("first", "second"):
        browser(app).post(address, json={**sent, "answers": {"remark": remark}})
    [only] = answered.answered(kept())
    assert only.answers["remark"] == "second"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'{"id": NaN}', b"[" * 100_000, b"\xff", b'{"id":"\\u0000"}', b"{}"],
)
def test_what_is_no_record_is_told_so(app: Flask, body: bytes) -> None:
    address = f"/kk/test/{trials.key_of(keep())}"
    answer = browser(app).post(address, data=body, content_type="application/json")
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert answered.count(kept()) == 0


def test_a_record_of_another_version_is_refused(app: Flask) -> None:
    trial = keep()
    address = f"/kk/test/{trials.key_of(trial)}"
    answer = browser(app).post(address, json=record(trial, version="7"))
    assert answer.status_code == HTTPStatus.CONFLICT
    assert answered.count(kept()) == 0


def test_collect_lists_loads_and_sends_by_the_testing_address(app: Flask) -> None:
    trial = keep()
    base = f"/openrosa/test/{trials.key_of(trial)}"
    client = browser(app)
    listed = client.get(f"{base}/formList")
    assert listed.headers["X-OpenRosa-Version"] == "1.0"
    [address] = re.findall(r"<downloadUrl>http://localhost([^<]+)</downloadUrl>", listed.text)
    assert client.get(address).get_data() == kept().xform
    assert client.head(f"{base}/submission").status_code == HTTPStatus.NO_CONTENT
    xml = XML.format(version="1", rooms=3, remark="from Collect", id=uuid4())
    files = {
        "xml_submission_file": (io.BytesIO(xml.encode()), "submission.xml", "text/xml"),
        "a.jpg": (io.BytesIO(b"\xff\xd8\xff"), "a.jpg", "image/jpeg"),
    }
    sent = client.post(f"{base}/submission", data=files)
    assert sent.status_code == HTTPStatus.CREATED
    [only] = answered.answered(kept())
    assert only.answers["remark"] == "from Collect"
    assert [file["name"] for file in only.files] == ["a.jpg"]
    code = client.get(f"{base}/collect.svg")
    assert code.mimetype == "image/svg+xml"


def test_a_new_trial_version_keeps_the_address_and_nothing_else(app: Flask) -> None:
    trial = keep()
    key = trials.key_of(trial)
    answered_before = browser(app).post(f"/kk/test/{key}", json=record(trial))
    assert answered_before.status_code == HTTPStatus.OK
    second = keep(2, ("Remark", "Comment"))
    assert trials.key_of(second) == key
    assert answered.count(second) == 0
    assert "Comment" in browser(app).get(f"/en/test/{key}").get_data(as_text=True)
    assert db.session.scalars(select(TrialAnswer)).all() == []


def test_what_was_tried_is_published_byte_for_byte(author: FlaskClient) -> None:
    xform = keep().xform
    author.post(f"/kk/test/{trials.key_of(kept())}", json=record(kept()))
    answer = post(author, f"{TRIAL}/publish")
    assert answer.location == "/manage/q/home/versions"
    published = db.session.scalars(select(PublishedVersion)).one()
    assert (published.xform, published.workbook_name) == (xform, "home.md")
    for table in (Trial, TrialFile, TrialAnswer):
        assert db.session.scalars(select(table)).all() == []
    actions = set(db.session.scalars(select(AuditEntry.action)))
    assert "questionnaire_published" in actions and "trial_discarded" not in actions


def test_a_demonstration_is_not_published_as_real(
    app: Flask, author: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(demonstration=True)
    serious = replace(app.config["SETTINGS"], demonstration=False)
    monkeypatch.setitem(app.config, "SETTINGS", serious)
    answer = post(author, f"{TRIAL}/publish")
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "Upload the workbook again" in answer.get_data(as_text=True)
    assert catalogue.entries() == []
    assert kept() is not None


def test_another_type_of_answer_is_refused_before_it_is_tried(app: Flask) -> None:
    assert app
    catalogue.publish(compile_workbook(version(1).encode(), "home.md"))
    with pytest.raises(TypesChanged):
        keep(2, ("| integer | rooms |", "| text | rooms |"))
    db.session.rollback()
    assert trials.every() == []


def test_it_is_thrown_away_once_that_was_confirmed(author: FlaskClient) -> None:
    keep()
    assert post(author, f"{TRIAL}/discard").status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert trials.every() != []
    db.session.rollback()
    assert post(author, f"{TRIAL}/discard", {"confirmed": "y"}).status_code == HTTPStatus.SEE_OTHER
    assert trials.every() == []
    assert author.get(TRIAL).status_code == HTTPStatus.NOT_FOUND
    actions = list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.serial)))
    assert actions[-2:] == ["trial_kept", "trial_discarded"]


def test_who_may_publish_another_questionnaire_sees_nothing_of_it(app: Flask) -> None:
    keep()
    service.add_user("dana", [], PASSWORD)
    granting.give("dana", RoleName.ADMINISTRATOR, Place("school", None))
    client = browser(app)
    sign_in(client, "dana")
    assert client.get(TRIAL).status_code == HTTPStatus.FORBIDDEN
    assert client.get(f"{TRIAL}/answers").status_code == HTTPStatus.FORBIDDEN
    assert TRIAL not in client.get("/manage/publish").get_data(as_text=True)


def test_a_copy_of_the_database_tells_neither_answers_nor_keys(app: Flask) -> None:
    trial = keep()
    key = trials.key_of(trial)
    browser(app).post(f"/kk/test/{key}", json=record(trial))
    row = db.session.scalars(select(TrialAnswer)).one()
    assert b"zhumbaq" not in row.sealed
    assert key[22:] not in json.dumps([str(value) for value in vars(kept()).values()])


def test_only_the_newest_answers_are_kept(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answered, "MOST", 2)
    trial = keep()
    address = f"/kk/test/{trials.key_of(trial)}"
    for remark in ("one", "two", "three"):
        browser(app).post(address, json=record(trial, answers={"remark": remark}))
    assert [each.answers["remark"] for each in answered.answered(kept())] == ["three", "two"]
