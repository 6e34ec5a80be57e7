"""`surveyapp invitation create`."""

from __future__ import annotations

import re

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from surveyapp.extensions import db
from surveyapp.people import invitations
from surveyapp.people.invitations import InvitationStatus
from surveyapp.people.models import Invitation
from tests.manage.rows import SITE, publish_site


@pytest.fixture(autouse=True)
def published(app: Flask) -> None:
    """There is a questionnaire to invite to."""
    publish_site()


def run(app: Flask, *words: str) -> Result:
    db.session.rollback()
    return app.test_cli_runner().invoke(args=["invitation", "create", *words])


def test_as_many_codes_are_printed_as_were_asked_for(app: Flask) -> None:
    codes = run(app, SITE, "--count", "5").stdout.split()
    assert len(codes) == 5
    assert {invitations.check(code, SITE) for code in codes} == {InvitationStatus.VALID}


def test_the_last_day_is_a_day_of_the_settings_time_zone(app: Flask) -> None:
    run(app, SITE, "--expires", "2026-12-31")
    ends = db.session.scalars(select(Invitation.expires_at)).one()
    assert ends is not None
    assert ends.isoformat() == "2026-12-31T19:00:00+00:00"


@pytest.mark.parametrize(
    "words",
    [("no_such_form",), (SITE, "--count", "0"), (SITE, "--count", "x"), (SITE, "--expires", "soon")],
)
def test_what_cannot_be_done_is_said_and_makes_no_code(app: Flask, words: tuple[str, ...]) -> None:
    result = run(app, *words)
    assert result.exit_code != 0
    assert "Error: " in result.output
    assert db.session.scalars(select(Invitation)).all() == []


def test_help_shows_an_example(app: Flask) -> None:
    assert re.search(r"  surveyapp invitation create \w+ --count", run(app, "--help").output)
