"""What the worker reckons of records: counts by day, region, interviewer and result, and how records are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from surveyapp.extensions import db
from surveyapp.people import devices
from surveyapp.people.devices import Purpose
from surveyapp.questionnaires import xform
from surveyapp.questionnaires.xlsform import compile_workbook
from surveyapp.submissions import measuring, reviewing
from surveyapp.submissions.changes import begin_epoch
from surveyapp.submissions.field_models import ALWAYS, EVERY_REGION, Measure, Quality, Tally
from surveyapp.submissions.measures import (
    Place,
    batteries,
    counted,
    is_night,
    seconds_taken,
    spread,
)
from surveyapp.submissions.verdicts import Sender
from tests.collecting import answers, envelope, publish, send

BATTERY = """
| survey |
| | type | name | label |
| | select_one yn | a | A |
| | select_one yn | b | B |
| | select_one yn | c | C |
| | select_one yn | d | D |
| | select_one other | e | E |
| | begin_repeat | child | Child |
| | select_one yn | f | F |
| | select_one yn | g | G |
| | select_one yn | h | H |
| | select_one yn | i | I |
| | end_repeat | | |
| choices |
| | list_name | name | label |
| | yn | yes | Yes |
| | yn | no | No |
| | other | yes | Yes |
| settings |
| | form_title | form_id | version |
| | T | battery | 1 |
"""


def phone(app: Flask, name: str = "bus") -> Sender:
    return Sender(device_id=devices.enrol(name, Purpose.API).id)


def tally() -> dict[tuple[str, str], int]:
    db.session.rollback()
    rows = db.session.scalars(select(Tally).where(Tally.day == ALWAYS)).all()
    by_day = db.session.scalars(select(Tally.count).where(Tally.day != ALWAYS)).all()
    assert sum(by_day) == sum(row.count for row in rows)
    return {(row.region, row.collector): row.count for row in rows}


def quality(collector: str, region: str = EVERY_REGION) -> Quality:
    db.session.rollback()
    row = db.session.get(Quality, ("visit", region, collector), populate_existing=True)
    assert row is not None
    return row


def test_records_are_counted_by_region_and_interviewer_once(app: Flask) -> None:
    publish()
    bus = phone(app)
    elsewhere = envelope(answers=answers(place={"region": "71", "gps": None}))
    send(envelope(), envelope(), elsewhere, sender=bus)
    send(envelope())
    assert measuring.catch_up() == 4
    mine = f"device {bus.device_id}"
    assert tally() == {("75", mine): 2, ("71", mine): 1, ("75", ""): 1}
    assert measuring.catch_up() == 0
    assert quality(mine).records == 3
    assert quality(mine, "71").records == 1


def test_an_edit_moves_a_record_and_deleting_it_takes_it_back(app: Flask) -> None:
    publish()
    bus = phone(app)
    first = envelope()
    send(first, sender=bus)
    measuring.catch_up()
    moved = envelope(
        id=str(first.id), base_revision=1, answers=answers(place={"region": "71", "gps": None})
    )
    send(moved, sender=bus)
    measuring.catch_up()
    mine = f"device {bus.device_id}"
    assert tally() == {("71", mine): 1}
    reviewing.delete(UUID(str(first.id)))
    measuring.catch_up()
    assert tally() == {}
    reviewing.restore(UUID(str(first.id)))
    measuring.catch_up()
    assert tally() == {("71", mine): 1}


def test_after_a_restore_all_is_reckoned_anew(app: Flask) -> None:
    publish()
    bus = phone(app)
    send(envelope(), envelope(), sender=bus)
    measuring.catch_up()
    begin_epoch()
    assert measuring.catch_up() == 2
    assert sum(tally().values()) == 2
    db.session.rollback()
    assert len(db.session.scalars(select(Measure)).all()) == 2


def test_equal_records_are_found_in_both_interviewers(app: Flask, monkeypatch: Any) -> None:
    monkeypatch.setattr("surveyapp.submissions.measures.LEAST_ANSWERS", 3)
    publish()
    bus, car = phone(app), phone(app, "car")
    send(envelope(answers=answers(rooms=7, twice="14")), sender=bus)
    measuring.catch_up()
    assert quality(f"device {bus.device_id}").duplicates == 0
    send(envelope(answers=answers(rooms=7, twice="14")), sender=car)
    send(envelope(answers=answers(rooms=8, twice="16")), sender=car)
    measuring.catch_up()
    assert quality(f"device {bus.device_id}").duplicates == 1
    assert quality(f"device {car.device_id}").duplicates == 1


def test_no_answer_is_kept_in_the_clear_beside_the_record(app: Flask) -> None:
    publish()
    send(envelope(answers=answers(note="zhumbaq7391")))
    measuring.catch_up()
    db.session.rollback()
    row = db.session.scalars(select(Measure)).one()
    assert "zhumbaq7391" not in str({name: getattr(row, name) for name in Measure.__table__.c.keys()})  # noqa: SIM118


def test_runs_of_equal_answers_are_found_in_rosters_too() -> None:
    definition = xform.parse(compile_workbook(BATTERY.encode(), "b.md").xform)
    assert batteries(definition) == {"": [["a", "b", "c", "d"]], "child": [["f", "g", "h", "i"]]}
    child = dict.fromkeys("fghi", "no")
    found = counted(
        definition,
        {"a": "yes", "b": "yes", "c": "no", "d": "yes", "e": None, "child": [child, {"f": "no"}]},
    )
    assert (found.runs, found.straight) == (2, 1)
    assert (found.asked, found.missing) == (10, 1)


START = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)


def test_what_is_no_answer_is_missing_and_no_run_of_equal_answers() -> None:
    """Who refuses a whole battery answers nothing; and an interviewer's 99 is no number of children."""
    form = BATTERY.replace(
        "| | type | name | label |", "| | type | name | label | bind::survey:missing |"
    )
    form = form.replace(
        "| | begin_repeat |", "| | integer | size | Size | -99=refused |\n| | begin_repeat |"
    )
    form = form.replace("| | yn | no | No |", "| | yn | no | No |\n| | yn | ref | No answer |")
    form = form.replace("| version |", "| version | namespaces |")
    form = form.replace("| 1 |", '| 1 | survey="https://surveyapp.example/xmlns/survey" |')
    definition = xform.parse(compile_workbook(form.encode(), "battery.md").xform)
    refused = counted(definition, {**dict.fromkeys("abcd", "ref"), "e": "yes", "size": -99, "child": []})
    assert (refused.asked, refused.missing, refused.runs, refused.straight) == (6, 5, 0, 0)
    told = counted(definition, {**dict.fromkeys("abcd", "no"), "e": "yes", "size": 99, "child": []})
    assert (told.asked, told.missing, told.runs, told.straight) == (6, 0, 1, 1)


@pytest.mark.parametrize(
    ("minutes", "paradata", "seconds"),
    [
        (30, {}, 1800),
        (30, {"seconds": {"visit": 41, "household": 19}}, 60),
        (30, {"seconds": "odd"}, 1800),
        (30, {"seconds": {"visit": "odd", "b": -1}}, 1800),
        (600, {}, None),
        (-1, {}, None),
    ],
)
def test_how_long_it_took(minutes: int, paradata: dict[str, Any], seconds: int | None) -> None:
    assert seconds_taken(START, START + timedelta(minutes=minutes), paradata) == seconds


@pytest.mark.parametrize(("hour", "night"), [(16, False), (17, True), (23, True), (0, False)])
def test_night_is_told_by_the_clock_of_the_place(hour: int, night: bool) -> None:
    assert is_night(START.replace(hour=hour), 300) is night
    assert is_night(None, 300) is False


def test_places_far_apart_are_spread() -> None:
    assert spread([Place(51.1, 71.4)]) is None
    assert spread([Place(51.1, 71.4)] * 9) == 0
    far = spread([Place(51.1, 71.4), Place(51.2, 71.4), Place(51.3, 71.4)])
    assert far == pytest.approx(11_119, rel=0.01)
