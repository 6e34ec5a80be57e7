"""The page of days of rest: what is listed, told, taken away; where its absence is warned of."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus

import pytest
from flask import Flask

from surveyapp.database import utc_now
from surveyapp.people.rights import RoleName
from surveyapp.submissions import told_days
from tests.accounts import post
from tests.manage.test_records import as_role, text_of

DAYS = "/manage/days"
WARNING = "Kurban Ait of this year is not told yet"


def told(year: int) -> list[tuple[date, str]]:
    return [(each.day, each.kind) for each in told_days.told_of(year)]


def test_a_day_is_told_listed_and_taken_away(app: Flask) -> None:
    client = as_role(app, RoleName.ADMINISTRATOR)
    before = text_of(client.get(f"{DAYS}?year=2026"))
    assert "27 May" not in before and "16 December 2026" in before
    made = post(client, DAYS, {"day": "2026-05-27", "kind": "kurban_ait"})
    assert (made.status_code, made.location) == (HTTPStatus.SEE_OTHER, f"{DAYS}?year=2026")
    page = text_of(client.get(made.location))
    assert "Saved: 27 May 2026, Wednesday." in page and "Kurban Ait: a day of rest" in page
    post(client, f"{DAYS}/take-away", {"day": "2026-05-27"})
    assert told(2026) == []
    again = post(client, f"{DAYS}/take-away", {"day": "2026-05-27"})
    assert "somebody else was quicker" in text_of(client.get(again.location))


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"day": ""}, "Write a day"),
        ({"day": "yesterday"}, "Not a valid date"),
        ({"day": "1999-05-27"}, "between 2020 and 2099"),
        ({"day": "2026-12-16"}, "that already"),
        ({"kind": ""}, "Choose one"),
        ({"kind": "party"}, "Not a valid choice"),
    ],
)
def test_what_cannot_be_told_is_said_beside_it(app: Flask, change: dict[str, str], wrong: str) -> None:
    client = as_role(app, RoleName.DATA_STEWARD)
    answer = post(client, DAYS, {"day": "2026-05-27", "kind": "rest"} | change)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert wrong in text_of(answer)
    assert told(2026) == []


@pytest.mark.parametrize("typed", ["", "abc", "1", "99999999999999999999"])
def test_an_odd_year_is_this_one(app: Flask, typed: str) -> None:
    page = text_of(as_role(app, RoleName.DATA_STEWARD).get(f"{DAYS}?year={typed}"))
    assert f"Days of rest and of work: {utc_now().year}" in page


def test_pages_with_deadlines_warn_until_this_years_kurban_ait_is_told(app: Flask) -> None:
    client = as_role(app, RoleName.DATA_STEWARD)
    pages = ("/manage/requests", "/manage/breaches", DAYS)
    assert all(WARNING in text_of(client.get(page)) for page in pages)
    year = utc_now().astimezone(app.config["SETTINGS"].timezone).year
    post(client, DAYS, {"day": f"{year}-05-27", "kind": "kurban_ait"})
    assert not any(WARNING in text_of(client.get(page)) for page in pages)


def test_the_log_says_which_day_it_was(app: Flask) -> None:
    client = as_role(app, RoleName.DATA_STEWARD)
    post(client, DAYS, {"day": "2026-05-30", "kind": "working"})
    log = client.get("/manage/log")
    assert "30 May 2026" in text_of(log) and "a working day, moved by the government" in text_of(log)
    about = client.get("/manage/log?subject=2026-05-30").get_data(as_text=True)
    assert f'href="{DAYS}?year=2026"' in about
