"""What each choice does to a file: both codes and labels, marks, flat rosters, UTC, chosen columns, which rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from surveyapp.exports import plan as planning
from surveyapp.exports.choosing import read_request
from surveyapp.exports.errors import (
    GrewMeanwhile,
    OnlyForTables,
    TooManyColumns,
    UnknownColumns,
)
from surveyapp.exports.request import ExportRequest
from surveyapp.exports.service import export
from surveyapp.extensions import db
from surveyapp.submissions.models import Submission
from tests.exports import visits
from tests.exports.command import run
from tests.exports.conftest import FIRST, SECOND
from tests.exports.visits import lines_of, rows_of, unzipped
from tests.factories import store_submission

ALMATY = ZoneInfo("Asia/Almaty")


def asked(**words: str) -> bytes:
    """As answered: a full export, opened."""
    request = replace(read_request(visits.ID, words, ALMATY), **visits.FULL)
    return visits.opened(b"".join(export(request)), request)


def rows(**words: str) -> list[dict[str, str]]:
    return rows_of(asked(**words))


def ids(**words: str) -> list[str]:
    return [row["id"] for row in rows(**words)]


@pytest.mark.usefixtures("stored")
def test_both_gives_codes_and_labels_in_two_columns() -> None:
    first, second = rows(values="both", language="ru")
    assert (first["agreed"], first["agreed~label"]) == ("yes", "Да")
    assert (first["helps"], first["helps~label"]) == ("food none", "Еда; Никакая")
    assert (second["helps"], second["helps~label"]) == ("", "")
    assert "remark~label" not in first


@pytest.mark.usefixtures("stored")
def test_several_choices_can_be_joined_and_split_at_once() -> None:
    first, _ = rows(multiple="both")
    assert (first["helps"], first["helps/food"], first["helps/none"]) == ("food none", "1", "1")


@pytest.mark.usefixtures("stored")
def test_marks_keep_not_asked_and_left_empty_apart() -> None:
    first, second = rows(missing="marked")
    assert (first["size"], first["place/alt"]) == ("3", ".e")
    assert (second["remark"], second["helps"], second["size"], second["place/lat"]) == (
        *(".e", ".e"),
        *(".n", ".n"),
    )
    assert second["app"] == ""  # a fact was never asked


def test_a_text_that_reads_like_a_mark_is_told_apart(published: None) -> None:
    store_submission(visits.ID, {"visit": {"remark": ".n"}})
    (row,) = rows(missing="marked")
    assert row["remark"] == "'.n"
    (row,) = rows()
    assert row["remark"] == ".n"


def test_what_a_version_did_not_have_was_not_asked(app: Flask) -> None:
    visits.publish("1", "2")
    store_submission(visits.ID, {"visit": {"size": 5}})
    (row,) = rows(missing="marked")
    assert (row["size~integer"], row["size~text"], row["phoned"]) == ("5", ".n", ".n")


@pytest.mark.usefixtures("stored")
def test_flat_rosters_stand_beside_the_answers_up_to_the_largest_number() -> None:
    first, second = rows(rosters="flat")
    assert (first["child[1]/c_age"], first["child[2]/c_age"]) == ("7", "-1")
    assert (first["child[1]/toy[1]/t_name"], first["child[1]/toy[2]/t_name"]) == ("доп", "ат")
    assert (second["child[1]/c_age"], first["child[2]/toy[1]/t_name"]) == ("", "")
    assert not [name for name in first if name.startswith("child[3]")]
    files = unzipped(asked(rosters="flat", package="yes"))
    assert "child.csv" not in files
    assert b"child[2]/toy[2]/t_name" in files["codebook.csv"]


def test_flat_rosters_follow_the_selection_and_may_be_empty(published: None) -> None:
    store_submission(visits.ID, {"child": [{"c_age": 1}]}, language="kk")
    store_submission(visits.ID, {"child": None}, language="ru")
    assert "child[1]/c_age" in rows(rosters="flat")[0]
    assert "child[2]/c_age" not in rows(rosters="flat")[0]


def test_flat_rosters_wider_than_programs_take_are_refused(
    published: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "MOST_COLUMNS", 40)
    store_submission(visits.ID, {"child": [{"c_age": n} for n in range(30)]})
    with pytest.raises(TooManyColumns, match="59 columns, more than 40"):
        asked(rosters="flat")


def test_an_entry_that_came_meanwhile_is_not_passed_over(published: None) -> None:
    id_ = store_submission(visits.ID, {"child": [{"c_age": 1}]})
    taking = export(read_request(visits.ID, {"rosters": "flat"}, ALMATY))
    row = db.session.query(Submission).filter_by(id=id_).one()
    row.answers = {"child": [{"c_age": 1}, {"c_age": 2}]}
    db.session.commit()
    with pytest.raises(GrewMeanwhile):
        list(taking)


@pytest.mark.usefixtures("stored")
def test_times_are_told_in_utc_and_the_day_stays_the_installation_s() -> None:
    first, _ = rows(times="utc")
    assert first["received_at"] == "2026-09-01T20:30:15+00:00"
    assert first["called"] == "2026-09-01T08:03:07+00:00"
    assert first["day"] == "2026-09-02"
    line = lines_of(asked(format="jsonl", times="utc"))[0]
    assert (line["received_at"], line["day"]) == ("2026-09-01T20:30:15+00:00", "2026-09-02")


@pytest.mark.usefixtures("stored")
def test_chosen_columns_come_with_what_marks_and_links_the_rows() -> None:
    first, _ = rows(columns="helps,size", multiple="split")
    assert list(first) == ["id", "flags", "synthetic", "size", "helps/food", "helps/none"]
    files = unzipped(asked(columns="c_age", package="yes"))
    assert {"submissions.csv", "child.csv"} <= set(files)
    assert "toy.csv" not in files
    (line, _) = lines_of(asked(format="jsonl", columns="size"))
    assert line["answers"] == {"visit": {"size": 3}}


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("name", ["nothing", "family", "worry", "c_name"])
def test_a_column_that_is_not_there_or_not_for_them_is_refused_alike(name: str) -> None:
    with pytest.raises(UnknownColumns, match=name):
        asked(columns=f"size,{name}")


@pytest.mark.parametrize(
    "words", [{"rosters": "flat"}, {"missing": "marked"}, {"multiple": "both"}, {"bom": "yes"}]
)
def test_json_lines_refuse_what_is_for_tables(published: None, words: dict[str, str]) -> None:
    with pytest.raises(OnlyForTables, match=next(iter(words))):
        asked(format="jsonl", **words)


def test_excel_refuses_what_is_for_csv(published: None) -> None:
    with pytest.raises(OnlyForTables, match="separator"):
        asked(format="xlsx", separator="semicolon")


def test_which_submissions_come_along(published: None) -> None:
    def stored(**facts: Any) -> str:
        return str(store_submission(visits.ID, {}, **facts))

    accepted = stored(status="accepted", region="1")
    flagged = stored(flags=["invalid"], region="2", channel="web")
    finished = stored(finished_at=datetime(2026, 9, 3, 12, tzinfo=UTC))
    rejected = stored(status="rejected", version="1")
    assert ids(status="accepted") == [accepted]
    assert ids(status="accepted,rejected") == [accepted, rejected]
    assert ids(region="1,2") == [accepted, flagged]
    assert ids(channel="web") == ids(flag="any") == ids(flag="invalid") == [flagged]
    assert ids(flag="foreign") == []
    assert ids(flag="none") == [accepted, finished]
    assert ids(finished_from="2026-09-03", finished_to="2026-09-03") == [finished]
    assert ids(finished_from="2026-09-04") == []
    assert ids(versions="2") == []
    assert ids(rejected="yes", versions="1") == [accepted, flagged, finished, rejected]


@pytest.mark.usefixtures("stored")
def test_the_choices_stand_in_the_manifest() -> None:
    manifest = unzipped(asked(package="yes", rosters="flat", answered_in="kk"))["manifest.json"]
    assert b'"rosters": "flat"' in manifest
    assert b'"answered_in": "kk"' in manifest


@pytest.mark.usefixtures("stored")
def test_the_command_takes_every_choice(app: Flask, tmp_path: Any) -> None:
    folder = tmp_path / "x"
    folder.mkdir()
    file = folder / "v.csv"
    result = run(
        app, visits.ID, "--output", file, "--choose", "rosters=flat", "--choose", "columns=child"
    )
    assert result.exit_code == 0, result.output
    assert [row["child[2]/c_age"] for row in rows_of(file.read_bytes())] == ["-1", ""]
    assert [row["id"] for row in rows_of(file.read_bytes())] == [str(FIRST), str(SECOND)]


@pytest.mark.parametrize("choice", ["rosters=round", "nonsense", "identity=yes", "unknown=1"])
def test_the_command_says_what_it_cannot_understand(
    app: Flask, published: None, tmp_path: Any, choice: str
) -> None:
    result = run(app, visits.ID, "--output", tmp_path / "v.csv", "--choose", choice)
    assert result.exit_code in {1, 2}
    assert isinstance(result.exception, SystemExit)
    assert choice.partition("=")[0] in result.stderr


def test_the_default_request_makes_the_same_file_as_ever(stored: None) -> None:
    made = b"".join(export(read_request(visits.ID, {}, ALMATY)))
    assert made == b"".join(export(ExportRequest(questionnaire=visits.ID)))
