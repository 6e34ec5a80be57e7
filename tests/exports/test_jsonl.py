"""JSON Lines: the facts of a submission and its answers, nested as in the JSON API."""

from __future__ import annotations

import pytest
from flask import Flask

from surveyapp.exports.errors import OnlyForTables
from surveyapp.exports.request import CsvOptions, TableOptions
from tests.exports import visits
from tests.exports.conftest import CANARY, FIRST, SECOND, WORRY
from tests.exports.visits import exported, lines_of, unzipped
from tests.factories import store_submission

pytestmark = pytest.mark.usefixtures("stored")


def test_a_line_is_exactly_this() -> None:
    first, second = lines_of(exported(format="jsonl"))
    answers = first.pop("answers")
    assert first == {
        "id": str(FIRST),
        "revision": 1,
        "questionnaire": "visits",
        "version": "1",
        "language": "kk",
        "channel": "api",
        "app": "field/1.0",
        "status": "stored",
        "flags": ["invalid", "clock_skew"],
        "errors": ["child[2]/c_age:constraint"],
        "synthetic": False,
        "day": "2026-09-02",
        "started_at": "2026-09-01T13:00:05+05:00",
        "finished_at": "2026-09-01T13:30:00+05:00",
        "received_at": "2026-09-02T01:30:15+05:00",
        "clock_skew": -4,
    }
    assert answers == {
        "visit": {
            "agreed": "yes",
            "size": 3,
            "weight": 3.5,
            "born": "2019-02-28",
            "called": "2026-09-01T14:03:07.250+06:00",
            "hour": "14:30:00+05:00",
            "remark": 'Ол "жақсы",\r\nдеді 🙂; осылай',
            "helps": ["food", "none"],
            "place": {"lat": 43.25, "lon": -76.9, "alt": None, "accuracy": 12.0},
            "double": "6",
        },
        "child": [{"c_age": 7, "toy": [{"t_name": "доп"}, {"t_name": "ат"}]}, {"c_age": -1, "toy": []}],
    }
    assert second["synthetic"] is True


def test_not_asked_is_absent_and_left_empty_is_null() -> None:
    _, second = lines_of(exported(format="jsonl"))
    assert second["id"] == str(SECOND)
    assert second["answers"] == {"visit": {"agreed": "no", "remark": None, "helps": None}, "child": []}


def test_answers_stand_in_document_order_on_every_database() -> None:
    first, _ = lines_of(exported(format="jsonl"))
    assert list(first["answers"]["visit"])[:4] == ["agreed", "size", "weight", "born"]


def test_identity_and_sensitive_answers_come_only_when_asked_for() -> None:
    everything = TableOptions(include_identity=True, include_sensitive=True)
    assert CANARY not in exported(format="jsonl").decode()
    assert WORRY not in exported(format="jsonl").decode()
    first, _ = lines_of(exported(format="jsonl", tables=everything, reason="audit"))
    assert first["answers"]["visit"]["family"] == CANARY
    assert first["answers"]["visit"]["worry"] == WORRY
    assert [child["c_name"] for child in first["answers"]["child"]] == [CANARY, None]


def test_labels_take_the_place_of_codes() -> None:
    first, _ = lines_of(exported(format="jsonl", tables=TableOptions(labels="kk")))
    assert first["answers"]["visit"]["agreed"] == "Иә"
    assert first["answers"]["visit"]["helps"] == ["Тамақ, азық", "Ешқандай"]
    assert first["answers"]["visit"]["remark"].startswith("Ол")


def test_labels_stand_beside_the_codes_where_both_are_asked_for() -> None:
    first, _ = lines_of(exported(format="jsonl", tables=TableOptions(labels="kk", codes=True)))
    visit = first["answers"]["visit"]
    assert (visit["agreed"], visit["agreed~label"]) == ("yes", "Иә")
    assert (visit["helps"], visit["helps~label"]) == (["food", "none"], ["Тамақ, азық", "Ешқандай"])
    assert "remark~label" not in visit


def test_what_a_version_does_not_know_is_not_passed_on() -> None:
    store_submission(visits.ID, {"visit": {"agreed": "no", "smuggled": "x"}, "other": {"y": 1}})
    *_, last = lines_of(exported(format="jsonl"))
    assert last["answers"] == {"visit": {"agreed": "no"}}


def test_each_line_follows_its_own_version(app: Flask) -> None:
    visits.publish("2")
    store_submission(visits.ID, {"visit": {"size": "yes", "agreed": "yes"}}, version="2")
    *_, last = lines_of(exported(format="jsonl", tables=TableOptions(labels="en")))
    assert last["answers"] == {"visit": {"agreed": "Yes", "size": "yes"}}


def test_the_package_has_the_lines_and_the_codebook() -> None:
    files = unzipped(exported(format="jsonl", package=True))
    codebooks = {"codebook.csv", "codebook.html", "codebook.xml"}
    assert set(files) == {"submissions.jsonl", "README.txt", "manifest.json"} | codebooks
    assert files["submissions.jsonl"] == exported(format="jsonl")
    assert "submissions.jsonl" in files["README.txt"].decode()


@pytest.mark.parametrize(
    "asked",
    [{"tables": TableOptions(split_multiple=True)}, {"csv": CsvOptions(separator=";")}],
)
def test_options_for_tables_are_refused(asked: dict[str, TableOptions | CsvOptions]) -> None:
    with pytest.raises(OnlyForTables):
        exported(format="jsonl", **asked)
