"""Who may begin what, outside a demonstration."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from surveyapp import create_app
from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access
from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.migrating import upgrade_database
from surveyapp.people import service as people
from surveyapp.people.rights import RoleName
from tests.channels.pages.conftest import stored
from tests.channels.pages.test_journeys import FAMILY, SITE
from tests.channels.pages.visitor import Visitor


@pytest.fixture
def real_app(tmp_path: Path) -> Iterator[Flask]:
    """An installation that is no demonstration, with everything set that the texts need."""
    settings = Settings.from_environment(
        {
            "INSTANCE_PATH": str(tmp_path),
            "OPERATOR": "Балалар институты",
            "OPERATOR_BIN": "123456789012",
            "OPERATOR_CONTACT": "privacy@institute.example",
            "RETENTION_UNTIL": "2031-12-31",
            "SAFEGUARDING_CONTACT": "officer@institute.example",
            "PASSWORD_MEMORY": "8",
            "PASSWORD_ROUNDS": "1",
        }
    )
    app = create_app(settings)
    app.testing = True
    with app.app_context():
        upgrade_database()
        catalogue.publish_built_in(settings)
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def outsider(real_app: Flask) -> Visitor:
    return Visitor(real_app.test_client())


def test_outside_a_demonstration_only_what_is_public_or_by_invitation_is_listed(
    outsider: Visitor,
) -> None:
    outsider.open("/en/")
    offered = {href.rpartition("/")[2] for href in outsider.all("//a[@class='card']/@href")}
    assert offered == {"family_survey", "adolescent_selfreport"}
    assert "Demonstration" not in outsider.text()


def test_no_code_is_given_away(outsider: Visitor) -> None:
    outsider.open("/en/q/adolescent_selfreport")
    assert outsider.all("//*[@class='code']") == []


def test_the_operator_is_named_and_the_contact_in_the_privacy_notice(outsider: Visitor) -> None:
    assert "Балалар институты" in outsider.open("/kk/q/family_survey").text()
    notice = outsider.open("/kk/privacy").text()
    assert "123456789012" in notice and "privacy@institute.example" in notice
    assert "31.12.2031" in notice


def test_answers_are_not_marked_as_a_trial(outsider: Visitor) -> None:
    outsider.open("/en/q/family_survey")
    outsider.send(outsider.fields()).walk(FAMILY).next()
    [submission] = stored("family_survey")
    assert submission.synthetic is False


def test_staff_s_questionnaires_lead_to_the_sign_in(outsider: Visitor) -> None:
    outsider.open("/ru/q/site_safety")
    assert outsider.address == "/manage/sign-in"


@pytest.mark.parametrize(
    ("role", "status"),
    [(RoleName.INTERVIEWER, 200), (RoleName.ADMINISTRATOR, 200), (RoleName.ANALYST, 403)],
)
def test_an_interviewer_begins_after_signing_in(outsider: Visitor, role: RoleName, status: int) -> None:
    sign_in(outsider, role)
    assert outsider.open("/ru/q/site_safety").response.status_code == status


def test_what_an_interviewer_sends_is_known_to_be_theirs(outsider: Visitor) -> None:
    sign_in(outsider, RoleName.INTERVIEWER)
    outsider.open("/ru/q/site_safety")
    outsider.send(outsider.fields()).walk(SITE).next()
    [submission] = stored("site_safety")
    assert submission.sender_id is not None


@pytest.mark.parametrize("questionnaire", ["nothing", "household_baseline"])
def test_what_is_unknown_or_closed_to_the_staff_is_not_there(
    outsider: Visitor, questionnaire: str
) -> None:
    catalogue.set_access("household_baseline", Access.CLOSED)
    assert outsider.open(f"/en/q/{questionnaire}").response.status_code == 404


@pytest.mark.parametrize("questionnaire", ["family_survey", "adolescent_selfreport"])
def test_a_closed_survey_says_so_and_is_not_begun(outsider: Visitor, questionnaire: str) -> None:
    catalogue.close(questionnaire)
    assert outsider.open(f"/en/q/{questionnaire}").response.status_code == 200
    assert "It cannot be begun any more" in outsider.text()
    answer = outsider.request("POST", f"/en/q/{questionnaire}", data={"phone": "own"})
    assert answer.status_code == 403
    assert outsider.open(f"/en/q/{questionnaire}/page/1").response.status_code != 200


def test_what_was_begun_before_it_was_closed_is_still_taken(outsider: Visitor) -> None:
    outsider.open("/en/q/family_survey")
    outsider.send(outsider.fields())
    catalogue.close("family_survey")
    outsider.walk(FAMILY).next()
    assert len(stored("family_survey")) == 1


def sign_in(visitor: Visitor, role: RoleName) -> None:
    people.add_user("aidar", [role], "correct horse battery")
    db.session.commit()
    visitor.open("/manage/sign-in")
    form = next(form for form in visitor.page.forms if "password" in form.fields)
    fields = {name: value for name, value in form.fields.items() if value is not None}
    address = form.get("action") or visitor.address
    given = fields | {"username": "aidar", "password": "correct horse battery"}
    response = visitor.request("POST", address, data=given)
    assert response.status_code == 302, "signed in"
