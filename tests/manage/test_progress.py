"""The pages of the field work: the plan, the map, interviewers, quality; what a region's supervisor sees."""

from __future__ import annotations

import re
from datetime import timedelta
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select, update

from surveyapp.catalogue import service as catalogue
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.manage.quality_rules import marks
from surveyapp.manage.tiles import tiles
from surveyapp.people import service
from surveyapp.people.rights import RoleName
from surveyapp.questionnaires.geography import regions
from surveyapp.submissions import measuring, reviewing
from surveyapp.submissions.field_models import Plan, Target
from surveyapp.submissions.models import Submission
from surveyapp.wiring import settings_of
from tests.accounts import make_user, post
from tests.manage.rows import ALMATY_CITY, SITE, publish, publish_site, store
from tests.manage.test_assignments import local, signed_in

PROGRESS, QUALITY, PLAN = (f"/manage/q/{SITE}/{page}" for page in ("progress", "quality", "plan"))
ASTANA = "710000000"


@pytest.fixture
def administrator(app: Flask) -> FlaskClient:
    publish_site()
    make_user("saule", RoleName.ADMINISTRATOR)
    return signed_in(app, "saule")


def cells(html: str, heading: str) -> list[str]:
    """The cells of the table row that begins with a heading."""
    found = re.search(rf'<tr><th scope="row">{heading}.*?</tr>', html, re.S)
    assert found, html
    return re.findall(r"<td[^>]*>(?:<svg.*?</svg>)?([^<]*)</td>", found[0])


def test_records_stand_against_the_plan_by_region_and_day(administrator: FlaskClient) -> None:
    store(3)
    store(1, region=ASTANA)
    store(1, region=None)
    measuring.catch_up()
    # as the page has it: in Kazakhstan it is tomorrow from the evening of UTC on
    today = utc_now().astimezone(settings_of().timezone).date()
    plan = {
        "first": (today - timedelta(days=1)).isoformat(),
        "last": (today + timedelta(days=2)).isoformat(),
        "wanted": "20",
        f"region-{ALMATY_CITY}": "6",
    }
    assert post(administrator, PLAN, plan).status_code == HTTPStatus.SEE_OTHER
    html = administrator.get(PROGRESS).get_data(as_text=True)
    assert cells(html, "Almaty City") == ["3", "6", "50%"]
    assert cells(html, "Astana City") == ["1", "–", "–"]
    assert cells(html, "not stated") == ["1", "–", "–"]
    assert "<dt>Received</dt><dd>5</dd>" in html
    assert "<dt>Wanted</dt><dd>20</dd>" in html
    assert html.count('<line class="plan"') == 2  # of the days shown yesterday and today are planned
    assert html.count('<g class="shade-') == 20
    assert "ALA" in html


def test_what_is_wrong_with_a_plan_is_said_and_nothing_is_kept(administrator: FlaskClient) -> None:
    for odd in (
        {"wanted": "-1"},
        {"wanted": "9" * 50},
        {"wanted": "٣"},
        {f"region-{ALMATY_CITY}": "many"},
        {"first": "soon"},
        {"first": "2026-09-02", "last": "2026-09-01"},
        {"result": "nothing"},
        {"wanted": "1\x00"},
    ):
        answer = post(administrator, PLAN, odd)
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY, odd
        assert 'class="bad"' in answer.get_data(as_text=True)
    db.session.rollback()
    assert db.session.scalars(select(Plan)).all() == []
    assert db.session.scalars(select(Target)).all() == []


def test_the_response_rate_leaves_out_where_nobody_could_be_asked(app: Flask) -> None:
    publish("household_baseline")
    make_user("saule", RoleName.ADMINISTRATOR)
    client = signed_in(app, "saule")
    for result in ("done", "done", "done", "refused", "vacant"):
        store(1, questionnaire="household_baseline", answers={"visit": {"a_visit": result}})
    edition = catalogue.current("household_baseline")
    assert edition is not None
    name = edition.version.version
    db.session.execute(update(Submission).values(version=name))
    db.session.commit()
    measuring.catch_up()
    html = client.get("/manage/q/household_baseline/progress").get_data(as_text=True)
    assert "Response rate: <b>75%</b>" in html


def visits(*told: dict[str, Any], questionnaire: str = "household_baseline") -> None:
    """Records of the version that is published, each with some answers; counted."""
    for answers in told:
        store(1, questionnaire=questionnaire, answers=answers)
    edition = catalogue.current(questionnaire)
    assert edition is not None
    name = edition.version.version
    mine = update(Submission).where(Submission.questionnaire == questionnaire)
    db.session.execute(mine.values(version=name))
    db.session.commit()
    measuring.catch_up()


def test_the_rate_by_consent_is_of_visits_where_there_was_somebody_to_ask(app: Flask) -> None:
    publish("household_baseline")
    make_user("saule", RoleName.ADMINISTRATOR)
    client = signed_in(app, "saule")
    done = {"visit": {"a_visit": "done"}}
    agreed = [done | {"consent": {"a_consent": "agree"}}] * 2
    declined = done | {"consent": {"a_consent": "decline"}}
    visits(*agreed, declined, {"visit": {"a_visit": "refused"}}, {"visit": {"a_visit": "vacant"}})
    page = "/manage/q/household_baseline/progress"
    html = client.get(page).get_data(as_text=True)
    assert "Response rate: <b>75%</b>" in html
    assert "Response rate by consent: <b>50%</b>" in html
    assert "Consent given: 2, not given: 1." in html
    # a record that is deleted is taken away again
    one = select(Submission.id).where(Submission.answers["consent"]["a_consent"].as_string() == "agree")
    reviewing.delete(db.session.scalars(one.limit(1)).one())
    measuring.catch_up()
    assert "Consent given: 1, not given: 1." in client.get(page).get_data(as_text=True)


def test_without_a_question_about_visits_the_rate_is_of_the_answers_to_consent(app: Flask) -> None:
    publish("family_survey")
    make_user("saule", RoleName.ADMINISTRATOR)
    client = signed_in(app, "saule")
    given = [{"start": {"b_consent": word}} for word in ("agree", "agree", "agree", "decline")]
    visits(*given, {}, questionnaire="family_survey")
    html = client.get("/manage/q/family_survey/progress").get_data(as_text=True)
    assert "Response rate by consent: <b>75%</b>" in html
    assert "consent given, among those who answered to it" in html


def test_a_questionnaire_without_consent_tells_no_such_rate(administrator: FlaskClient) -> None:
    store(1)
    measuring.catch_up()
    assert "by consent" not in administrator.get(PROGRESS).get_data(as_text=True)


def test_a_supervisor_of_a_region_sees_its_counts_and_no_others(app: Flask) -> None:
    publish_site()
    make_user("erlan", RoleName.INTERVIEWER)
    make_user("gulnar", RoleName.INTERVIEWER)
    here, there = (service.known_user(name).id for name in ("erlan", "gulnar"))
    db.session.commit()
    store(3, sender_id=here)
    store(17, region=ASTANA, sender_id=there)
    measuring.catch_up()
    client = local(app, "saule", RoleName.SUPERVISOR, ALMATY_CITY)
    html = client.get(PROGRESS).get_data(as_text=True)
    assert "<dt>Received</dt><dd>3</dd>" in html
    assert "erlan" in html
    assert "gulnar" not in html
    assert "Astana City</th>" not in html
    quality = client.get(QUALITY).get_data(as_text=True)
    assert "erlan" in quality
    assert "gulnar" not in quality
    # of what can be read: a form's token may have any digits
    read = re.sub(r"<svg.*?</svg>|<[^>]*>|\d\d:\d\d|\d{4}-\d\d-\d\d", " ", quality, flags=re.S)
    assert not re.search(r"\b17\b", read)


def test_the_pages_cost_as_many_queries_for_many_records_as_for_one(administrator: FlaskClient) -> None:
    make_user("person0", RoleName.INTERVIEWER)
    first = service.known_user("person0").id
    db.session.commit()
    store(1, sender_id=first)
    measuring.catch_up()
    few = [count(administrator, page) for page in (PROGRESS, QUALITY)]
    for number in range(1, 12):
        make_user(f"person{number}", RoleName.INTERVIEWER)
        one = service.known_user(f"person{number}").id
        db.session.commit()
        store(10, sender_id=one, region=ASTANA)
    measuring.catch_up()
    assert [count(administrator, page) for page in (PROGRESS, QUALITY)] == few


def count(client: FlaskClient, page: str) -> int:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)
        assert "FROM submission" not in statement  # counts are looked up, records are not

    event.listen(db.engine, "before_cursor_execute", note)
    assert client.get(page).status_code == HTTPStatus.OK
    event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)


def test_the_map_has_every_region_once_and_no_two_on_one_place() -> None:
    found = tiles({}, {}, "kk")
    assert {tile.code for tile in found} == {place.code for place in regions()}
    assert len({(tile.column, tile.row) for tile in found}) == 20
    for language in ("kk", "ru", "en"):
        assert len({tile.letters for tile in tiles({}, {}, language)}) == 20


def test_a_tile_is_darker_the_more_of_the_plan_is_reached() -> None:
    wanted = dict.fromkeys((ALMATY_CITY, ASTANA), 100)
    shades = []
    for number in (0, 1, 40, 70, 100, 130):
        found = {tile.code: tile for tile in tiles({ALMATY_CITY: number}, wanted, "en")}
        shades.append(found[ALMATY_CITY].shade)
    assert shades == [0, 1, 2, 3, 4, 4]


def row(collector: str, **facts: Any) -> Any:
    usual = {
        "collector": collector,
        "records": 40,
        "seconds": 1800.0,
        "missing": 0.03,
        "straight": 0.2,
        "night": 0.0,
        "duplicates": 0,
        "spread": 900.0,
    }
    return SimpleNamespace(**usual | facts)


def colleagues(*rows: Any) -> list[Any]:
    others = [row(f"user {n}", seconds=1700.0 + 40 * n, missing=0.02 + n / 200) for n in range(6)]
    return [*others, *rows]


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"seconds": 300.0}, "seconds"),
        ({"missing": 0.4}, "missing"),
        ({"straight": 0.9}, "straight"),
        ({"night": 0.5}, "night"),
        ({"duplicates": 2}, "duplicates"),
        ({"spread": 5.0}, "spread"),
    ],
)
def test_what_is_unusual_is_marked_with_its_rule(facts: dict[str, Any], rule: str) -> None:
    found = marks(colleagues(row("odd", **facts)))
    assert {collector: [mark.rule for mark in each] for collector, each in found.items()} == {
        "odd": [rule]
    }


@pytest.mark.parametrize(
    "facts",
    [
        {"seconds": 3600.0},  # long interviews are no fault
        {"missing": 0.0},
        {"missing": 0.06},  # far by the numbers, and yet nothing
        {"seconds": 300.0, "records": 9},
        {"seconds": None, "missing": None, "straight": None, "spread": None},
    ],
)
def test_what_is_usual_is_not_marked(facts: dict[str, Any]) -> None:
    assert marks(colleagues(row("odd", **facts))) == {}


def test_nobody_is_judged_among_too_few() -> None:
    assert marks([row("a"), row("b"), row("odd", seconds=60.0)]) == {}
