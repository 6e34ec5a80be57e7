"""Roles are given and taken: for everything, one questionnaire, one region; somebody can always give."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from surveyapp.extensions import db
from surveyapp.people import granting, service
from surveyapp.people.errors import BadGrant, LastAdministrator, NoSuchGrant
from surveyapp.people.models import AuditEntry, Grant
from surveyapp.people.rights import (
    EVERYWHERE,
    OF_EVERYTHING,
    Place,
    Reach,
    Right,
    RoleName,
    reach_of,
    reach_of_account,
)
from surveyapp.submissions.models import Submission

NAMES = st.sampled_from(["a", "b", "c"])
REACHES = st.frozensets(st.tuples(st.none() | NAMES, st.none() | NAMES).map(Place._make)).map(Reach)


def reach(name: str, right: Right) -> Reach:
    return reach_of_account(service.known_user(name).id, right)


def test_what_is_given_is_had_and_what_is_taken_is_not(app: Flask) -> None:
    service.add_user("dana", [])
    place = Place("household_baseline", "270000000")
    assert granting.give("dana", RoleName.SUPERVISOR, place)
    assert not granting.give("dana", RoleName.SUPERVISOR, place)
    assert reach("dana", Right.WATCH) == Reach(frozenset({place}))
    assert not reach("dana", Right.EXPORT)
    granting.take("dana", RoleName.SUPERVISOR, place)
    assert not reach("dana", Right.WATCH)
    with pytest.raises(NoSuchGrant):
        granting.take("dana", RoleName.SUPERVISOR, place)


def test_who_is_deactivated_has_no_rights(app: Flask) -> None:
    service.add_user("dana", [RoleName.REVIEWER])
    assert reach("dana", Right.READ).is_everywhere
    service.deactivate("dana")
    assert not reach("dana", Right.READ)


def test_giving_and_taking_are_in_the_log(app: Flask) -> None:
    service.add_user("dana", [])
    granting.give("dana", RoleName.ANALYST, Place("family_survey", None))
    granting.take("dana", RoleName.ANALYST, Place("family_survey", None))
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.serial)).all()
    assert [(entry.action, entry.details) for entry in entries[1:]] == [
        ("role_granted", {"roles": ["analyst"], "questionnaire": "family_survey"}),
        ("role_taken", {"roles": ["analyst"], "questionnaire": "family_survey"}),
    ]


@pytest.mark.parametrize("name", ["", "x" * 201, "a\nb", "a\x00", "\ud800"])
def test_what_no_questionnaire_is_called_is_refused(app: Flask, name: str) -> None:
    service.add_user("dana", [])
    with pytest.raises(BadGrant):
        granting.give("dana", RoleName.ANALYST, Place(name, None))


def test_the_last_who_can_give_rights_keeps_them(app: Flask) -> None:
    service.add_user("aigerim", [RoleName.ADMINISTRATOR])
    service.add_user("part", [])
    granting.give("part", RoleName.ADMINISTRATOR, Place("family_survey", None))
    with pytest.raises(LastAdministrator):
        granting.take("aigerim", RoleName.ADMINISTRATOR, EVERYWHERE)
    with pytest.raises(LastAdministrator):
        service.deactivate("aigerim")
    assert service.known_user("aigerim").active
    assert reach("aigerim", Right.PEOPLE)
    service.add_user("bolat", [RoleName.ADMINISTRATOR])
    granting.take("aigerim", RoleName.ADMINISTRATOR, EVERYWHERE)
    assert not reach("aigerim", Right.PEOPLE)


def test_of_two_who_leave_at_once_one_stays(app: Flask) -> None:
    names = ["aigerim", "bolat"]
    for name in names:
        service.add_user(name, [RoleName.ADMINISTRATOR])
    db.session.remove()
    together = Barrier(2)

    def leave(name: str) -> str | None:
        with app.app_context():
            together.wait()
            try:
                granting.take(name, RoleName.ADMINISTRATOR, EVERYWHERE)
            except LastAdministrator:
                return name
        return None

    with ThreadPoolExecutor(2) as pool:
        stayed = [name for name in pool.map(leave, names) if name]
    assert len(stayed) == 1
    assert len(db.session.scalars(select(Grant)).all()) == 1


def test_what_is_about_everything_is_not_given_by_a_part() -> None:
    part = [("administrator", "family_survey", "")]
    assert reach_of(part, Right.PUBLISH).touches("family_survey")
    for right in OF_EVERYTHING:
        assert not reach_of(part, right)
        assert reach_of([("administrator", "", "")], right).is_everywhere


def test_a_role_of_a_newer_edition_gives_nothing() -> None:
    assert not reach_of([("emperor", "", "")], Right.PEOPLE)


@given(reach=REACHES, questionnaire=NAMES, region=st.none() | NAMES)
def test_the_ways_to_ask_a_reach_agree(reach: Reach, questionnaire: str, region: str | None) -> None:
    regions = reach.regions(questionnaire)
    assert reach.covers(questionnaire, region) == (regions is None or region in regions)
    assert reach.touches(questionnaire) == (regions is None or bool(regions))


@given(reach=REACHES, questionnaire=NAMES, region=st.none() | NAMES)
def test_a_condition_on_rows_says_the_same(reach: Reach, questionnaire: str, region: str | None) -> None:
    """Asked of a database, with values where the columns would be."""
    from sqlalchemy import Column, MetaData, String, Table, create_engine, insert

    table = Table("t", MetaData(), Column("q", String), Column("r", String))
    engine = create_engine("sqlite://")
    table.create(engine)
    columns: dict[str, object] = {"questionnaire": table.c.q, "region": table.c.r}
    with engine.begin() as connection:
        connection.execute(insert(table).values(q=questionnaire, r=region))
        found = connection.execute(select(table).where(reach.rows(**columns))).all()  # type: ignore[arg-type]
    assert bool(found) == reach.covers(questionnaire, region)
    engine.dispose()


def test_without_a_column_of_regions_only_whole_questionnaires_count(app: Flask) -> None:
    reach = Reach(frozenset({Place("a", None), Place("b", "270000000")}))
    condition = str(reach.rows(Submission.questionnaire).compile(compile_kwargs={"literal_binds": True}))
    assert "'a'" in condition
    assert "'b'" not in condition
