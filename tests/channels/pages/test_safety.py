"""Nobody is harmed: quick exit, shared phones, neutral titles, help, and answers that only the browser opens."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from surveyapp import database
from surveyapp.channels.pages import drafts
from surveyapp.channels.pages.models import Draft, DraftPhoto
from surveyapp.extensions import db
from tests.channels.pages.test_journeys import FAMILY, HOUSEHOLD, YOUNG
from tests.channels.pages.visitor import Visitor

CANARY = "Айгерім Жұмабаева 7391"
#: tables that name the questionnaires because somebody published them
PUBLISHED = {"questionnaire", "questionnaire_version", "audit_entry"}
SELF_ADMINISTERED = ("family_survey", "adolescent_selfreport")
pytestmark = pytest.mark.usefixtures("built_in")


def begun(visitor: Visitor, questionnaire: str, language: str = "en", phone: str = "own") -> Visitor:
    visitor.open(f"/{language}/q/{questionnaire}")
    return visitor.send(visitor.fields() | {"phone": [phone]})


def cookies(visitor: Visitor) -> list[str]:
    return visitor.response.headers.getlist("Set-Cookie")


def drafts_kept() -> int:
    return db.session.scalar(select(func.count()).select_from(Draft)) or 0


# --- quick exit -----------------------------------------------------------------------------------


@pytest.mark.parametrize("questionnaire", SELF_ADMINISTERED)
def test_every_page_has_the_quick_exit_the_help_box_and_a_title_that_says_nothing(
    visitor: Visitor, questionnaire: str
) -> None:
    visitor.open(f"/en/q/{questionnaire}")
    wishes = {**FAMILY, **YOUNG} | {"t_code": visitor.text("//*[@class='code']")}
    begun(visitor, questionnaire)
    seen = []
    while not visitor.address.endswith("/thanks"):
        seen.append(visitor.address)
        assert visitor.title == "Survey"
        assert visitor.text("//a[@data-exit]") == "Quick exit"
        assert "111" in visitor.boxes("help")[0]
        visitor.next(wishes)
    assert len(set(seen)) > 5
    assert "111" in visitor.boxes("help")[0]
    assert visitor.title == "Survey"


def test_the_field_s_pages_have_no_quick_exit_and_help_only_at_the_end(visitor: Visitor) -> None:
    begun(visitor, "household_baseline")
    assert visitor.all("//a[@data-exit]") == []
    assert visitor.boxes("help") == []
    visitor.walk(HOUSEHOLD).next()
    assert "111" in visitor.boxes("help")[0]


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_quick_exit_is_a_link_to_a_calendar_and_ends_the_draft(
    visitor: Visitor, language: str
) -> None:
    begun(visitor, "family_survey", language).next(FAMILY)
    page = visitor.address
    visitor.open(visitor.all("//a[@data-exit]/@href")[0])
    assert visitor.title in {"Күнтізбе", "Календарь", "Calendar"}
    assert len(visitor.all("//table//th")) == 7
    assert visitor.all("//a | //form | //script") == [], "nothing there points back"
    assert not re.search("survey|сауалнама|опрос", visitor.text().lower())
    assert any("draft_" in cookie and "Max-Age=0" in cookie for cookie in cookies(visitor))
    assert drafts_kept() == 0
    assert visitor.open(page).response.status_code == 410
    assert "amily" not in visitor.text()


def test_the_quick_exit_leaves_an_interviewer_s_draft_alone(visitor: Visitor) -> None:
    begun(visitor, "household_baseline").next(HOUSEHOLD)
    page = visitor.address
    begun(visitor, "adolescent_selfreport")
    visitor.open("/en/exit")
    assert drafts_kept() == 1
    assert visitor.open(page).response.status_code == 200


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Purpose": "prefetch"}, {"X-Purpose": "preview"}]
)
def test_neither_another_site_nor_a_preview_ends_a_draft(
    visitor: Visitor, headers: dict[str, str]
) -> None:
    begun(visitor, "family_survey")
    assert visitor.request("GET", "/en/exit", headers=headers).status_code == 200
    assert drafts_kept() == 1


# --- the cookie -----------------------------------------------------------------------------------


def test_on_one_s_own_phone_the_cookie_lives_24_hours(visitor: Visitor) -> None:
    visitor.open("/en/q/family_survey")
    response = visitor.request("POST", visitor.address, data={"phone": "own"})
    [cookie] = response.headers.getlist("Set-Cookie")
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Max-Age=86400" in cookie
    assert "Secure" not in cookie


def test_on_a_shared_phone_it_ends_with_the_session(visitor: Visitor) -> None:
    response = visitor.request("POST", "/en/q/family_survey", data={"phone": "shared"})
    [cookie] = response.headers.getlist("Set-Cookie")
    assert "Max-Age" not in cookie and "Expires" not in cookie


def test_under_https_the_cookie_is_secure(visitor: Visitor) -> None:
    response = visitor.request(
        "POST", "/en/q/family_survey", data={"phone": "own"}, base_url="https://survey.example"
    )
    [cookie] = response.headers.getlist("Set-Cookie")
    assert "Secure" in cookie


def test_it_is_the_only_cookie_and_its_name_tells_nothing(visitor: Visitor) -> None:
    begun(visitor, "adolescent_selfreport", phone="shared").next().press("language-ru")
    [cookie] = visitor.cookies()
    assert re.fullmatch("draft_[0-9a-f]{10}", cookie.key)


def test_adolescents_are_asked_as_on_a_shared_phone_unless_they_say_otherwise(visitor: Visitor) -> None:
    assert visitor.open("/en/q/adolescent_selfreport").fields()["phone"] == ["shared"]
    assert visitor.open("/en/q/family_survey").fields()["phone"] == ["own"]


def test_on_a_shared_phone_the_next_person_is_not_offered_the_answers(visitor: Visitor) -> None:
    begun(visitor, "family_survey", phone="shared").next(FAMILY)
    visitor.open("/en/q/family_survey")
    assert "under way" not in visitor.text()
    visitor.send(visitor.fields())
    assert visitor.fields().get("start/b_consent") is None
    assert drafts_kept() == 1


# --- what the server can read -----------------------------------------------------------------------


def test_a_dump_of_the_database_without_the_cookie_shows_no_answer(visitor: Visitor) -> None:
    begun(visitor, "family_survey").walk(dict(FAMILY) | {"b_wish": CANARY})
    dump = "".join(
        repr([bytes(value) if isinstance(value, memoryview) else value for value in row])
        for table in db.metadata.sorted_tables
        if table.name not in PUBLISHED
        for row in db.session.execute(select(table))
    )
    assert drafts_kept() == 1
    for word in (CANARY, "b_wish", "750000000", "family_survey"):
        assert word not in dump
        assert repr(word.encode())[2:-1] not in dump


def test_a_draft_is_gone_after_its_time_and_the_page_says_so_kindly(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(visitor, "family_survey", "kk").next(FAMILY)
    later = database.utc_now() + timedelta(hours=24, seconds=1)
    monkeypatch.setattr(drafts, "utc_now", lambda: later)
    visitor.open(visitor.address)
    assert visitor.response.status_code == 410
    assert visitor.all("/html/@lang") == ["kk"]
    assert visitor.heading == "Мұнда ашық ештеңе жоқ"


def test_after_sending_no_answer_is_left_in_the_draft(visitor: Visitor) -> None:
    begun(visitor, "family_survey").walk(FAMILY)
    [cookie] = visitor.cookies()
    secret = drafts.DraftSecret.from_cookie(cookie.value)
    visitor.next()
    assert secret is not None
    draft = drafts.open_draft(secret)
    assert draft is not None
    assert draft.state.sent is not None
    assert (draft.state.snapshot, draft.state.raw, draft.state.languages) == ({}, {}, {})
    assert db.session.scalar(select(func.count()).select_from(DraftPhoto)) == 0


def test_answers_reach_no_log(visitor: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        begun(visitor, "family_survey").walk(dict(FAMILY) | {"b_wish": CANARY}).next()
    assert "surveyapp.requests" in caplog.text
    assert CANARY not in caplog.text
    assert "family_survey" not in caplog.text


# --- forms of other sites -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_a_form_of_another_site_is_refused(visitor: Visitor, headers: dict[str, str]) -> None:
    begun(visitor, "family_survey")
    for address in (visitor.address, "/en/q/family_survey", "/en/q/family_survey/review"):
        response = visitor.request("POST", address, data={"@go": "next"}, headers=headers)
        assert response.status_code == 403
    assert drafts_kept() == 1


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}, {}]
)
def test_a_form_of_our_own_is_taken(visitor: Visitor, headers: dict[str, str]) -> None:
    begun(visitor, "family_survey")
    response = visitor.request("POST", visitor.address, data={"@go": "next"}, headers=headers)
    assert response.status_code == 303


def test_browsers_are_told_to_say_where_our_own_forms_come_from(visitor: Visitor) -> None:
    assert visitor.open("/en/").response.headers["Referrer-Policy"] == "same-origin"


# --- invitations --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "words"), [("ABCD2345", "Wrong code"), ("ABC", "Wrong code"), ("", "answer this question")]
)
def test_a_wrong_code_is_said_to_be_wrong_and_can_be_mended(
    visitor: Visitor, code: str, words: str
) -> None:
    begun(visitor, "adolescent_selfreport").next(t_code=code, t_assent="agree")
    assert words in visitor.boxes("wrong")[0]
    assert visitor.fields()["start/t_assent"] == ["agree"]


def test_a_used_code_lets_nobody_in_again(visitor: Visitor, client: FlaskClient, app: Flask) -> None:
    visitor.open("/en/q/adolescent_selfreport")
    code = visitor.text("//*[@class='code']")
    visitor.send(visitor.fields()).walk(dict(YOUNG) | {"t_code": code}).next()
    assert visitor.address.endswith("/thanks")
    second = begun(Visitor(app.test_client()), "adolescent_selfreport")
    second.next(dict(YOUNG) | {"t_code": code})
    assert "used already" in second.boxes("wrong")[0]


def test_after_ten_wrong_codes_one_has_to_wait_and_the_draft_stays(visitor: Visitor) -> None:
    begun(visitor, "adolescent_selfreport", "ru")
    page = visitor.address
    for number in range(10):
        assert (
            visitor.next(t_code=f"ABCD234{number % 8 + 2}", t_assent="agree").response.status_code == 200
        )
    visitor.next(t_code="ABCD2222")
    assert visitor.response.status_code == 429
    assert int(visitor.response.headers["Retry-After"]) > 0
    assert visitor.all("/html/@lang") == ["ru"]
    assert visitor.open(page).fields()["start/t_assent"] == ["agree"]


def test_no_code_is_kept_anywhere_after_sending(visitor: Visitor) -> None:
    visitor.open("/en/q/adolescent_selfreport")
    code = visitor.text("//*[@class='code']")
    visitor.send(visitor.fields()).walk(dict(YOUNG) | {"t_code": code}).next()
    for table in db.metadata.sorted_tables:
        for row in db.session.execute(text(f'SELECT * FROM "{table.name}"')):  # noqa: S608  # our names
            assert code not in repr(row)
