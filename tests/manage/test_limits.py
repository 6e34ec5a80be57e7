"""The limits of what is unusual: usual ones, a questionnaire's own, told where they are used."""

from __future__ import annotations

from http import HTTPStatus

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from surveyapp.extensions import db
from surveyapp.manage.limits import limits_of
from surveyapp.manage.quality_rules import USUAL, Limits, marks
from surveyapp.people.models import AuditEntry
from surveyapp.people.rights import RoleName
from surveyapp.submissions.field_models import QualityLimits
from tests.accounts import make_user, post
from tests.manage.rows import SITE, publish_site
from tests.manage.test_assignments import signed_in
from tests.manage.test_progress import colleagues, row
from tests.manage.test_records import text_of

LIMITS, QUALITY = f"/manage/q/{SITE}/quality/limits", f"/manage/q/{SITE}/quality"


@pytest.fixture
def administrator(app: Flask) -> FlaskClient:
    publish_site()
    make_user("saule", RoleName.ADMINISTRATOR)
    return signed_in(app, "saule")


def test_usual_limits_hold_until_others_are_set_and_the_page_tells_which(
    administrator: FlaskClient,
) -> None:
    usual = text_of(administrator.get(QUALITY))
    assert "The limits are the usual ones" in usual and "more than 3.5 usual deviations" in usual
    form = administrator.get(LIMITS).get_data(as_text=True)
    assert 'name="seconds"' in form and 'value="30"' in form and 'value="3.5"' in form
    own = {"seconds": "45", "deviations": "2,5", "records": "20", "night": "", "spread": "30"}
    assert post(administrator, LIMITS, own).location == QUALITY
    db.session.rollback()
    assert limits_of(SITE) == Limits(seconds=0.45, deviations=2.5, records=20)
    told = text_of(administrator.get(QUALITY))
    assert "This questionnaire has limits of its own" in told
    assert "more than 2.5 usual deviations" in told and "at least 20 records" in told
    assert "shorter than those of colleagues by at least 45%" in told
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.serial.desc()).limit(1)).one()
    assert (entry.action, entry.subject) == ("limits_changed", SITE)


def test_the_form_speaks_the_readers_decimal_sign(administrator: FlaskClient) -> None:
    html = administrator.get(LIMITS, headers={"Accept-Language": "ru"}).get_data(as_text=True)
    assert 'value="3,5"' in html


def test_what_is_left_empty_is_as_usual_again(administrator: FlaskClient) -> None:
    post(administrator, LIMITS, {"records": "20"})
    post(administrator, LIMITS, {"records": ""})
    db.session.rollback()
    assert limits_of(SITE) == USUAL


@pytest.mark.parametrize(
    "odd",
    [
        {"records": "0"},
        {"records": "2.5"},
        {"deviations": "0.5"},
        {"deviations": "1.2.3"},
        {"deviations": "."},
        {"night": "101"},
        {"missing": "-1"},
        {"straight": "٣"},
        {"spread": "9" * 50},
        {"seconds": "many\x00"},
    ],
)
def test_what_is_no_limit_is_said_and_nothing_is_kept(
    administrator: FlaskClient, odd: dict[str, str]
) -> None:
    answer = post(administrator, LIMITS, odd)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert 'class="bad"' in answer.get_data(as_text=True)
    db.session.rollback()
    assert db.session.scalars(select(QualityLimits)).all() == []


def test_the_limits_decide_what_is_marked() -> None:
    rows = colleagues(row("odd", missing=0.4))
    assert list(marks(rows)) == ["odd"]
    assert marks(rows, Limits(missing=0.5)) == {}
    assert marks(rows, Limits(records=1000)) == {}
