"""Administrators' pages: who may open them, what they count, and what is never on them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from html import unescape
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from surveyapp.catalogue import service as catalogue
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.manage import queries
from surveyapp.people import audit
from surveyapp.people.models import User
from surveyapp.people.rights import EVERYWHERE, Reach, RoleName
from surveyapp.submissions.models import Quarantined
from tests.accounts import LINK, PASSWORD, SIGN_IN, browser, make_user, post, sign_in
from tests.manage.rows import CANARY, SITE, days_ago, publish_site, quarantine, store
from tests.test_house_rules import SAMPLE_ARGUMENTS, address

PAGES = [
    "/manage",
    f"/manage/q/{SITE}",
    f"/manage/q/{SITE}/submissions",
    "/manage/quarantine",
    "/manage/log",
]
ASTANA = ZoneInfo("Asia/Almaty")
ALL_OF_IT = Reach(frozenset({EVERYWHERE}))


@pytest.fixture
def administrator(client: FlaskClient) -> FlaskClient:
    """A browser in which an administrator is signed in; a questionnaire is published."""
    make_user()
    publish_site()
    sign_in(client, **{"Accept-Language": "en"})
    client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def html_of(client: FlaskClient, page: str) -> str:
    answer = client.get(page)
    assert answer.status_code == HTTPStatus.OK, page
    return answer.get_data(as_text=True)


def figures(html: str) -> dict[str, int]:
    """The figures of the first questionnaire on a page, by their words."""
    found = re.findall(r"<dt>([^<]+)</dt><dd>([\d,]+)</dd>", html)
    return {words: int(number.replace(",", "")) for words, number in found[:5]}


# --- who may open them ------------------------------------------------------------------------------


def routes(app: Flask) -> Iterator[tuple[str, str]]:
    """Address and method of everything under /manage."""
    for rule in app.url_map.iter_rules():
        # single sign-on is there only where there is a provider (tests/people/test_single_sign_on)
        if rule.rule.startswith("/manage") and not rule.rule.startswith("/manage/sso"):
            for method in (rule.methods or set()) & {"GET", "POST"}:
                yield address(rule).replace("family_survey", SITE), method


NOT_HERE = (
    SAMPLE_ARGUMENTS["submission_id"],
    SAMPLE_ARGUMENTS["job_id"],
    "/trial",
    "/paper/1",
    "/quarantine/",
    "/requests/1",
    "/breaches/1",
    "/devices/1/code",
    "/full-exports/1",
)
#: what the roles of the first account do not open
FOR_REVIEWERS = f"/s/{SAMPLE_ARGUMENTS['submission_id']}/edit"
SECOND_STEP = {"/manage/sign-in/second", "/manage/sign-in/passkey"}
OPEN_TO_ALL = {SIGN_IN, "/manage/sign-out", "/manage/language", LINK, *SECOND_STEP}
#: where a form was answered and nothing is to be seen afterwards: they lead on
LEADING_ON = {*SECOND_STEP, "/manage/second-factor/codes"}


def test_strangers_are_led_to_the_sign_in_from_every_page(app: Flask, client: FlaskClient) -> None:
    closed = [(page, method) for page, method in routes(app) if page not in OPEN_TO_ALL]
    assert len(closed) >= 8
    for page, method in closed:
        answer = client.open(page, method=method)
        assert answer.status_code == HTTPStatus.FOUND, (page, method)
        assert answer.location.startswith(SIGN_IN), (page, method)


def test_an_administrator_may_open_every_page(app: Flask, administrator: FlaskClient) -> None:
    version = catalogue.entries()[0].versions[0].version
    number = db.session.scalars(select(User.id)).first()
    db.session.rollback()
    wrong = {}
    for page, method in routes(app):
        if method == "GET" and page not in {SIGN_IN, LINK, *LEADING_ON}:
            named = page.replace(SAMPLE_ARGUMENTS["version"], version)
            named = re.sub(r"^/manage/people/1$", f"/manage/people/{number}", named)
            # of what is not here nothing is shown: test_records has a submission, test_trials a trial
            # version, test_paper a sheet, test_exporting a prepared file
            is_there = not any(name in page for name in NOT_HERE)
            expected = HTTPStatus.OK if is_there else HTTPStatus.NOT_FOUND
            if FOR_REVIEWERS in page:
                expected = HTTPStatus.FORBIDDEN
            found = administrator.get(named).status_code
            if found != expected:
                wrong[page] = found
    assert wrong == {}


def test_every_form_under_manage_wants_its_token(app: Flask, administrator: FlaskClient) -> None:
    for page, method in routes(app):
        if method == "POST" and page not in {"/manage/sign-out", SIGN_IN}:
            assert administrator.post(page).status_code == HTTPStatus.BAD_REQUEST, page


# --- what is on them --------------------------------------------------------------------------------


def test_the_first_page_counts_what_came_when(administrator: FlaskClient) -> None:
    store(3)
    store(2, received_at=days_ago(3))
    store(4, received_at=days_ago(20))
    store(1, received_at=days_ago(20), flags=["invalid"])
    quarantine(2)
    quarantine(1, decided_at=days_ago(0), decision="discard")
    assert figures(html_of(administrator, "/manage")) == {
        "Today": 3,
        "7 days": 5,
        "In all": 10,
        "Flagged": 1,
        "In quarantine": 2,
    }


def test_what_is_gone_is_counted_nowhere(administrator: FlaskClient) -> None:
    store(2, region="750000000")
    for status in ("deleted", "blocked", "erased"):
        store(region="710000000", status=status, flags=["invalid"])
    counted = figures(html_of(administrator, "/manage"))
    assert counted == {"Today": 2, "7 days": 2, "In all": 2, "Flagged": 0, "In quarantine": 0}
    assert (
        sum(
            count
            for _day, count in queries.by_day(
                SITE, ALL_OF_IT, queries.last_days(1, utc_now(), ASTANA), ASTANA
            )
        )
        == 2
    )
    assert queries.by_region(SITE, ALL_OF_IT) == {"750000000": 2}


def test_a_questionnaire_without_submissions_counts_nothing(administrator: FlaskClient) -> None:
    assert set(figures(html_of(administrator, "/manage")).values()) == {0}


@pytest.mark.parametrize(
    ("received", "day"),
    [
        (datetime(2026, 3, 1, 18, 59, 59, tzinfo=UTC), date(2026, 3, 1)),
        (datetime(2026, 3, 1, 19, 0, tzinfo=UTC), date(2026, 3, 2)),
        # until the last of February 2024 Almaty was six hours ahead, now it is five
        (datetime(2024, 2, 29, 17, 59, 59, tzinfo=UTC), date(2024, 2, 29)),
        (datetime(2024, 2, 29, 18, 30, tzinfo=UTC), date(2024, 2, 29)),
        (datetime(2024, 2, 29, 19, 0, tzinfo=UTC), date(2024, 3, 1)),
    ],
)
def test_a_day_begins_at_midnight_of_the_time_zone(app: Flask, received: datetime, day: date) -> None:
    store(received_at=received)
    days = [day - timedelta(days=1), day, day + timedelta(days=1)]
    assert [count for _day, count in queries.by_day(SITE, ALL_OF_IT, days, ASTANA)] == [0, 1, 0]


def test_days_without_submissions_are_there_with_zero(app: Flask) -> None:
    days = queries.last_days(30, datetime(2026, 9, 30, 12, tzinfo=UTC), ASTANA)
    assert (days[0], days[-1]) == (date(2026, 9, 1), date(2026, 9, 30))
    assert queries.by_day(SITE, ALL_OF_IT, days, ASTANA) == [(day, 0) for day in days]


@pytest.mark.parametrize(
    ("language", "name"), [("kk", "Алматы қаласы"), ("ru", "город Алматы"), ("en", "Almaty city")]
)
def test_regions_are_named_in_the_readers_language(
    administrator: FlaskClient, language: str, name: str
) -> None:
    store(5)
    post(administrator, "/manage/language", {"language": language})
    assert name.casefold() in html_of(administrator, f"/manage/q/{SITE}").casefold()
    assert name.casefold() in html_of(administrator, f"/manage/q/{SITE}/submissions").casefold()


def test_regions_that_are_unknown_or_of_another_version_are_not_lost(
    administrator: FlaskClient,
) -> None:
    store(2, region=None)
    store(3, region="990000000")
    html = html_of(administrator, f"/manage/q/{SITE}")
    table = dict(re.findall(r'<tr><th scope="row">([^<]+)</th>.*?class="number">(\d+)<', html))
    assert table["not stated"] == "2"
    assert table["990000000"] == "3"
    assert len(table) >= 20


def test_the_chart_can_cover_a_longer_time(administrator: FlaskClient) -> None:
    store()
    assert 'viewBox="0 0 90 100"' in html_of(administrator, f"/manage/q/{SITE}?days=90")
    for nonsense in ("0", "-1", "x", "99999999", "31"):
        html = html_of(administrator, f"/manage/q/{SITE}?days={nonsense}")
        assert 'viewBox="0 0 30 100"' in html


def test_the_list_shows_flags_channel_and_receipt(administrator: FlaskClient) -> None:
    store(flags=["invalid", "clock_skew"], receipt_code="abc-123", synthetic=True)
    html = html_of(administrator, f"/manage/q/{SITE}/submissions")
    for words in ("breaks a rule", "device clock wrong", "synthetic", "abc-123", "API", "2026.1"):
        assert words in html


def test_the_quarantine_says_why_something_waits(administrator: FlaskClient) -> None:
    quarantine(receipt_code="abc-123", questionnaire="no_such_form")
    html = html_of(administrator, "/manage/quarantine")
    for words in ("unknown version", "abc-123", "no_such_form", "2,048 bytes"):
        assert words in html


def test_the_log_says_who_did_what(administrator: FlaskClient) -> None:
    audit.record(audit.Action.EXPORTED, SITE, {"identity": True, "scopes": ["a", "b"]})
    db.session.commit()
    html = html_of(administrator, "/manage/log")
    for words in ("signed in", "aigerim", "command line", "with identity: yes", "scopes: a, b"):
        assert words in html


def test_where_nothing_came_it_says_so_and_where_to_go(administrator: FlaskClient) -> None:
    empty = html_of(administrator, f"/manage/q/{SITE}")
    assert "Nothing came in these days." in empty
    assert "Versions, access, links" in empty
    assert 'class="days"' not in empty
    store()
    assert 'class="days"' in html_of(administrator, f"/manage/q/{SITE}")


def test_no_answer_is_on_any_page(administrator: FlaskClient) -> None:
    store(3, errors=[{"path": "site/k_code", "code": "constraint", "params": {"given": CANARY}}])
    quarantine(3, errors=[{"path": "x", "code": "choice", "params": {"given": CANARY}}])
    for page in PAGES:
        assert CANARY not in html_of(administrator, page)


def test_what_a_stranger_sent_cannot_become_markup(administrator: FlaskClient) -> None:
    quarantine(questionnaire="<script>alert(1)</script>", version="<b>", reason="<i>")
    html = html_of(administrator, "/manage/quarantine")
    assert "<script>alert" not in html
    assert "&lt;script&gt;" in html


def test_an_unknown_questionnaire_is_not_found(administrator: FlaskClient) -> None:
    for page in ("/manage/q/no_such", "/manage/q/no_such/submissions", "/manage/q/%00"):
        answer = administrator.get(page)
        assert answer.status_code == HTTPStatus.NOT_FOUND
        assert "There is no such page" in answer.get_data(as_text=True)


def test_what_is_refused_is_told_in_the_frame_of_the_administration(app: Flask) -> None:
    """No help lines, no quick exit, and no way out to the families' pages: whoever reads it works here."""
    publish_site()
    make_user("erlan", RoleName.ANALYST)
    analyst = browser(app)
    sign_in(analyst, "erlan")
    for page, status, words in (
        ("/manage/log", HTTPStatus.FORBIDDEN, "Your roles do not allow it"),
        (f"/manage/q/{SITE}/versions", HTTPStatus.FORBIDDEN, "Your roles do not allow it"),
        (f"/manage/q/{SITE}/nothing", HTTPStatus.NOT_FOUND, "what was here is gone"),
        ("/manage/nothing", HTTPStatus.NOT_FOUND, "what was here is gone"),
    ):
        answer = analyst.get(page, headers={"Accept-Language": "en"})
        html = answer.get_data(as_text=True)
        assert (answer.status_code, words in html) == (status, True), page
        assert "Signed in as erlan" in html
        assert 'href="/manage"' in html
        assert "tel:" not in html


def test_pages_carry_the_banner_of_a_demonstration(administrator: FlaskClient) -> None:
    for page in [*PAGES, "/manage/password"]:
        assert 'class="trial"' in html_of(administrator, page)


def test_pages_of_a_session_are_not_compressed(administrator: FlaskClient) -> None:
    """A token beside what an address says could be guessed from the length (BREACH)."""
    for page in PAGES:
        answer = administrator.get(page, headers={"Accept-Encoding": "gzip"})
        assert "Content-Encoding" not in answer.headers, page


# --- long lists -------------------------------------------------------------------------------------


def receipts(html: str) -> list[str]:
    return re.findall(r'class="receipt"[^>]*>([^<]+)<', html)


@pytest.mark.parametrize(
    ("page", "fill"),
    [(f"/manage/q/{SITE}/submissions", store), ("/manage/quarantine?order=newest", quarantine)],
)
def test_a_long_list_has_every_row_once_newest_first(
    administrator: FlaskClient, page: str, fill: Any
) -> None:
    names = [f"r{number:03}" for number in range(queries.PAGE * 2 + 1)]
    for name in names:
        fill(receipt_code=name)
    seen: list[str] = []
    address: str | None = page
    while address:
        html = html_of(administrator, address)
        seen += receipts(html)
        if len(seen) == queries.PAGE:
            fill(receipt_code="later")  # what comes meanwhile moves nothing
        following = re.search(r'rel="next" href="([^"]+)"', html)
        address = unescape(following[1]) if following else None
    assert seen == names[::-1]


def test_the_log_is_paged_too(administrator: FlaskClient) -> None:
    for number in range(queries.PAGE + 5):
        audit.record(audit.Action.EXPORTED, f"form-{number}")
    db.session.commit()
    first = html_of(administrator, "/manage/log")
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following
    both = first + html_of(administrator, following[1])
    for number in range(queries.PAGE + 5):
        assert f">form-{number}</a>" in both


@pytest.mark.parametrize("before", ["0", "-5", "x", "9" * 30, ""])
def test_a_bad_place_in_a_list_is_its_beginning(administrator: FlaskClient, before: str) -> None:
    quarantine(receipt_code="abc-123")
    assert receipts(html_of(administrator, f"/manage/quarantine?before={before}")) == ["abc-123"]


@contextmanager
def counted_queries() -> Iterator[list[str]]:
    statements: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", count)
    yield statements
    event.remove(db.engine, "before_cursor_execute", count)


@pytest.mark.parametrize("page", PAGES)
def test_the_number_of_queries_does_not_grow_with_the_rows(
    administrator: FlaskClient, page: str
) -> None:
    def fill() -> None:
        store(10, region=None)
        store(10, received_at=days_ago(2), flags=["invalid"])
        quarantine(10)
        for name in ("one", "two", "three"):
            make_user(f"{name}-{days_ago(0).timestamp()}", RoleName.ANALYST)

    fill()
    html_of(administrator, page)
    with counted_queries() as few:
        html_of(administrator, page)
    fill()
    fill()
    with counted_queries() as many:
        html_of(administrator, page)
    assert len(many) == len(few)
    assert len(few) <= 12, few  # on SQLite `BEGIN` and the look for prepared files among them


def test_quarantined_rows_of_a_retired_name_are_counted_apart(app: Flask) -> None:
    quarantine(2, questionnaire="a")
    quarantine(1, questionnaire="b")
    db.session.execute(db.update(Quarantined).values(decided_at=None))
    assert queries.waiting_by_questionnaire(ALL_OF_IT) == {"a": 2, "b": 1}


def test_a_stolen_session_cookie_of_another_key_opens_nothing(app: Flask) -> None:
    make_user()
    thief = browser(app)
    thief.set_cookie("session", "eyJfdXNlcl9pZCI6IjEifQ.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb")
    assert thief.get("/manage").status_code == HTTPStatus.FOUND
    assert sign_in(thief, password=PASSWORD).location == "/manage"
