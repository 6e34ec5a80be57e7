"""`surveyapp demo` fills the database through the one door, marked and spread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import delete, func, select

from surveyapp.catalogue import service as catalogue
from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.people.models import Invitation
from surveyapp.questionnaires.xlsform import compile_workbook
from surveyapp.submissions.demonstrating import BATCH, SPREAD, Demonstration
from surveyapp.submissions.models import Channel, Quarantined, Submission

UNTIL = datetime(2026, 9, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _published(app: Flask, settings: Settings) -> None:
    catalogue.publish_built_in(settings)


def demo(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["demo", *arguments])


def demonstration(seed: int = 1, *ids: str) -> Demonstration:
    chosen = ids or [entry.id for entry in catalogue.entries()]
    editions = [edition for edition in map(catalogue.current, chosen) if edition]
    return Demonstration(editions, Random(seed), UNTIL)  # noqa: S311  # no secret


def stored() -> list[Submission]:
    return list(db.session.scalars(select(Submission).order_by(Submission.serial)))


def test_every_questionnaire_gets_its_share_of_valid_marked_submissions(app: Flask) -> None:
    outcome = demo(app, "--submissions", "24", "--seed", "5")
    assert outcome.exit_code == 0, outcome.output
    assert "24 synthetic submissions stored" in outcome.stdout
    submissions = stored()
    assert Counter(submission.questionnaire for submission in submissions) == {
        entry.id: 6 for entry in catalogue.entries()
    }
    assert all(submission.synthetic for submission in submissions)
    assert [submission.flags + submission.errors for submission in submissions] == [[]] * 24


def test_one_questionnaire_can_be_chosen(app: Flask) -> None:
    assert demo(app, "--questionnaire", "site_safety", "--submissions", "3").exit_code == 0
    assert {submission.questionnaire for submission in stored()} == {"site_safety"}


def test_they_are_spread_over_the_last_weeks_in_the_order_in_which_they_came(app: Flask) -> None:
    list(demonstration().send(20))
    received = [submission.received_at for submission in stored()]
    assert received == sorted(received)
    assert len({moment.date() for moment in received}) == 20
    assert received[-1] <= UNTIL
    assert received[0] < UNTIL - SPREAD + timedelta(weeks=1)


def test_they_were_finished_before_they_arrived_and_begun_before_that(app: Flask) -> None:
    list(demonstration().send(20))
    for submission in stored():
        assert submission.started_at is not None
        assert submission.finished_at is not None
        assert submission.started_at < submission.finished_at <= submission.received_at


def test_nobody_answers_by_night(app: Flask) -> None:
    list(demonstration().send(40))
    for submission in stored():
        assert submission.finished_at is not None
        assert 9 <= submission.finished_at.hour < 20
        assert 9 <= submission.received_at.hour < 20


def test_field_work_comes_by_the_field_and_families_answer_on_the_web(app: Flask) -> None:
    list(demonstration().send(8))
    assert {(s.questionnaire, s.channel) for s in stored()} == {
        ("household_baseline", Channel.FIELD),
        ("family_survey", Channel.WEB),
        ("adolescent_selfreport", Channel.WEB),
        ("site_safety", Channel.FIELD),
    }


def test_invitations_are_used_up_and_no_code_is_kept(app: Flask) -> None:
    list(demonstration(1, "adolescent_selfreport").send(5))
    used = db.session.scalar(
        select(func.count()).select_from(Invitation).where(Invitation.used_at.is_not(None))
    )
    assert used == 5 == db.session.scalar(select(func.count()).select_from(Invitation))
    assert all("t_code" not in submission.answers["start"] for submission in stored())


def test_the_same_seed_makes_the_same_answers(app: Flask) -> None:
    list(demonstration(7, "family_survey").send(4))
    first = [submission.answers for submission in stored()]
    db.session.execute(delete(Submission))
    db.session.commit()
    list(demonstration(7, "family_survey").send(4))
    assert [submission.answers for submission in stored()] == first


def test_a_batch_is_never_larger_than_one_transaction_should_be(app: Flask) -> None:
    plan = demonstration(1, "family_survey")
    sizes: list[int] = []
    for results in plan.send(BATCH * 50):
        sizes.append(len(results))
        if len(sizes) == 2:
            break
    assert sizes == [BATCH, BATCH]


@pytest.fixture
def real_settings(app: Flask, settings: Settings) -> Iterator[Settings]:
    """The same installation with the demonstration ended and its own consent texts."""
    real = Settings.from_environment(
        {
            "INSTANCE_PATH": str(settings.instance_path),
            "DATABASE_URL": settings.database_url,
            "OPERATOR": "Operator",
            "OPERATOR_BIN": "000000000000",
            "OPERATOR_CONTACT": "+7 700 000 00 00",
            "RETENTION_UNTIL": "2031-01-01",
        }
    )
    app.config["SETTINGS"] = real
    yield real
    app.config["SETTINGS"] = settings


def test_outside_a_demonstration_they_are_stored_too_and_marked(
    app: Flask, real_settings: Settings
) -> None:
    """The command may fill a questionnaire for staff; whoever can start it has the database anyway."""
    catalogue.publish_built_in(real_settings)
    assert demo(app, "--submissions", "6").exit_code == 0
    assert [submission.synthetic for submission in stored()] == [True] * 6
    assert {submission.questionnaire for submission in stored()} >= {"household_baseline"}


def test_without_a_published_questionnaire_there_is_nothing_to_fill(
    app: Flask, real_settings: Settings
) -> None:
    """What was published for a demonstration is not offered after it."""
    outcome = demo(app)
    assert outcome.exit_code == 1
    assert "nothing is published" in outcome.output


def test_an_unknown_questionnaire_is_said_to_be_unknown(app: Flask) -> None:
    outcome = demo(app, "--questionnaire", "nothing_like_it")
    assert outcome.exit_code == 1
    assert "nothing_like_it is not published" in outcome.output


def test_a_time_of_day_is_made_up_with_the_offset_of_the_zone(app: Flask) -> None:
    form = """
| survey |
| | type | name | label::English (en) |
| | time | wakes | When do you wake up? |
| settings |
| | form_id | version | form_title | default_language |
| | woken | 1 | Woken | English (en) |
"""
    catalogue.publish(compile_workbook(form.encode(), "woken.md"), demonstration=True)
    assert demo(app, "--submissions", "5", "--questionnaire", "woken").exit_code == 0
    told = [submission.answers for submission in stored()]
    assert {answers["wakes"][-6:] for answers in told if answers["wakes"]} == {"+05:00"}


def test_what_is_not_stored_is_reported(app: Flask) -> None:
    catalogue.close("family_survey")
    entry = catalogue.current("family_survey")
    assert entry is not None
    entry.entry.closed_at = UNTIL - 2 * SPREAD
    db.session.commit()
    outcome = demo(app, "--questionnaire", "family_survey", "--submissions", "2")
    assert outcome.exit_code == 1
    assert "2 were not stored" in outcome.output
    waiting = list(db.session.scalars(select(Quarantined)))
    assert [each.synthetic for each in waiting] == [True, True]


def test_help_shows_an_example(app: Flask) -> None:
    assert "surveyapp demo --submissions 5000" in demo(app, "--help").output
