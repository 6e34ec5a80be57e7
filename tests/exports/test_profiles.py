"""Profiles: what each gives to whom, in every format; coarse places and times; small groups."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from surveyapp.catalogue import service as catalogue
from surveyapp.exports.anonymity import assess
from surveyapp.exports.errors import (
    ApprovalMissing,
    ExportError,
    NotAsCounts,
    OnlyAsPackage,
    OnlyInFull,
    PasswordTooShort,
)
from surveyapp.exports.formats import FORMATS
from surveyapp.exports.request import ExportRequest, Profile, TableOptions
from surveyapp.exports.service import export
from surveyapp.questionnaires.xlsform import compile_workbook
from tests.exports import visits
from tests.exports.conftest import CANARY, WORRY
from tests.exports.visits import exported, rows_of, unzipped
from tests.factories import store_submission

GUARDED = TableOptions(include_identity=True, include_sensitive=True)
OPEN = [Profile.DE_IDENTIFIED, Profile.AGGREGATE]

GROUPED = """
| survey |
| | type | name | label::English (en) | bind::survey:breakdown | bind::survey:releasable | choice_filter |
| | select_one region | region | Region | region | | |
| | select_one district | district | District | | | region=${region} |
| | select_one yn | ok | All well? | | | |
| | integer | size | How many? | | | |
| | text | words | Words | | | |
| | text | code | Code | | yes | |
| | geopoint | place | Place | | | |
| choices |
| | list_name | name | label::English (en) | region |
| | region | north | North | |
| | region | south | South | |
| | district | n1 | North one | north |
| | district | s1 | South one | south |
| | yn | yes | Yes | |
| | yn | no | No | |
| settings |
| | form_id | version | form_title | default_language | namespaces |
| | grouped | 1 | Grouped | English (en) | survey="https://surveyapp.example/xmlns/survey" |
"""


def answers(region: str, ok: str = "yes") -> dict[str, Any]:
    return {
        "region": region,
        "district": f"{region[0]}1",
        "ok": ok,
        "size": 3,
        "words": CANARY,
        "code": "A-17",
        "place": {"lat": 43.23891, "lon": 76.88971, "alt": 800.0, "accuracy": 4.0},
    }


@pytest.fixture
def grouped(app: Flask) -> None:
    """Six records of the north and two of the south."""
    catalogue.publish(compile_workbook(GROUPED.encode(), "grouped.md"), demonstration=False)
    for number in range(8):
        region = "north" if number < 6 else "south"
        store_submission(
            "grouped", answers(region, "yes" if number % 2 else "no"), breakdowns={"region": region}
        )


def taken(**asked: Any) -> bytes:
    return b"".join(export(ExportRequest(questionnaire="grouped", **asked)))


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("profile", OPEN)
@pytest.mark.parametrize("package", [False, True])
@pytest.mark.parametrize("name", list(FORMATS))
def test_no_format_gives_a_name_or_a_sensitive_answer_outside_a_full_export(
    profile: Profile, package: bool, name: str
) -> None:
    try:
        content = exported(profile=profile, package=package, format=name)
    except (NotAsCounts, OnlyAsPackage):
        return
    files = unzipped(content).values() if zipfile.is_zipfile(io.BytesIO(content)) else [content]
    told = b"".join(files)
    assert CANARY.encode() not in told
    assert WORRY.encode() not in told
    assert "жақсы".encode() not in told


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("profile", OPEN)
def test_guarded_answers_cannot_be_asked_for_outside_a_full_export(profile: Profile) -> None:
    with pytest.raises(OnlyInFull):
        exported(profile=profile, tables=GUARDED)


@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize(
    ("lacking", "error"),
    [({"approved_by": " "}, ApprovalMissing), ({"password": "short"}, PasswordTooShort)],
)
def test_a_full_export_needs_a_second_person_and_a_password(
    lacking: dict[str, str], error: type[ExportError]
) -> None:
    with pytest.raises(error):
        exported(tables=GUARDED, **lacking)


@pytest.mark.usefixtures("stored")
def test_a_full_export_opens_with_its_password_only() -> None:
    request = ExportRequest(
        questionnaire=visits.ID, **visits.FULL | {"tables": GUARDED, "package": True}
    )
    content = b"".join(export(request))
    assert CANARY.encode() not in content
    with zipfile.ZipFile(io.BytesIO(content)) as archive, pytest.raises(RuntimeError, match="encrypted"):
        archive.read("submissions.csv")
    assert CANARY in unzipped(visits.opened(content, request))["submissions.csv"].decode()


@pytest.mark.usefixtures("stored")
def test_an_encrypted_archive_begins_with_its_first_file() -> None:
    """An empty directory stood before it: 7-Zip took the archive for an empty one."""
    content = b"".join(export(ExportRequest(questionnaire=visits.ID, **visits.FULL)))
    assert content.startswith(b"PK\x03\x04")
    assert content.count(b"PK\x05\x06") == 1
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.infolist()[0].header_offset == 0


@pytest.mark.usefixtures("stored")
def test_times_become_weeks_and_dates_months() -> None:
    first = rows_of(exported(profile=Profile.DE_IDENTIFIED))[0]
    monday = "2026-08-31T00:00:00+05:00"
    assert [first[name] for name in ("started_at", "finished_at", "received_at", "called")] == [
        monday
    ] * 4
    assert (first["day"], first["born"], first["hour"]) == ("2026-08-31", "2019-02-01", "14:00:00+05:00")
    assert (first["clock_skew"], first["size"], first["double"]) == ("", "3", "6")
    assert float(first["place/lat"]) == pytest.approx(43.25, abs=0.06)
    assert first["place/lat"] != "43.25"
    assert "remark" not in first


@pytest.mark.usefixtures("stored")
def test_the_manifest_says_why_something_is_left_out_and_how_coarse_the_rest_is() -> None:
    told = json.loads(unzipped(exported(profile=Profile.DE_IDENTIFIED, package=True))["manifest.json"])
    because = {each["path"]: each["because"] for each in told["left_out"]}
    assert because == {
        "visit/remark": ["text"],
        "visit/family": ["identity"],
        "visit/worry": ["sensitive"],
        "child/c_name": ["identity"],
        "child/toy/t_name": ["text"],
    }
    assert told["profile"] == "de-identified"
    assert told["coarsened"]["places_metres"] == 10_000


@pytest.mark.usefixtures("grouped")
def test_a_small_group_loses_its_breakdown_what_narrows_it_and_its_place() -> None:
    rows = rows_of(taken())
    # two of the south are fewer than five, and two alone would be told apart from the rest: all lose it
    told = [(row["region"], row["district"], row["place/lat"]) for row in rows]
    assert told == [("", "", "")] * 8
    assert [row["size"] for row in rows] == ["3"] * 8
    assert [row["code"] for row in rows] == ["A-17"] * 8


@pytest.mark.usefixtures("grouped")
def test_groups_that_are_large_enough_keep_everything() -> None:
    for _number in range(5):
        store_submission("grouped", answers("south"), breakdowns={"region": "south"})
    files = unzipped(taken(package=True))
    rows = rows_of(files["submissions.csv"])
    assert [row["district"] for row in rows] == ["n1"] * 6 + ["s1"] * 7
    told = json.loads(files["manifest.json"])["k_anonymity"]
    assert told == {
        "breakdowns": ["region"],
        "k": 5,
        "groups": 2,
        "smallest_group_before": 6,
        "smallest_group": 6,
        "groups_suppressed": 0,
        "submissions_suppressed": 0,
        "sizes": {"6": 1, "7": 1},
    }


@given(st.dictionaries(st.text("abc", max_size=3), st.integers(1, 40), max_size=12), st.integers(1, 12))
def test_what_lost_its_breakdowns_is_a_group_of_k_or_everything(sizes: dict[str, int], k: int) -> None:
    found = assess({(name,): size for name, size in sizes.items()}, k)
    lost = sum(sizes[str(key[0])] for key in found.suppressed)
    kept = [size for name, size in sizes.items() if (name,) not in found.suppressed]
    assert all(size >= k for size in kept)
    assert lost == 0 or lost >= k or not kept


@pytest.mark.usefixtures("grouped")
def test_counts_are_by_breakdown_and_small_ones_are_kept_back() -> None:
    for _number in range(10):
        store_submission("grouped", answers("south"), breakdowns={"region": "south"})
    files = unzipped(taken(package=True, profile=Profile.AGGREGATE))
    assert list(files) == ["counts.csv", "README.txt", "manifest.json"]
    rows = rows_of(files["counts.csv"])
    ok = {(r["group"], r["answer"]): r["count"] for r in rows if r["item"] == "ok"}
    # yes: 14, no: 4; three of the north said no, one of the south
    assert ok[("", "yes")] == ok[("", "no")] == ""
    assert {r["item"] for r in rows} == {"region", "district", "ok", "size", "words", "code", "place"}
    assert json.loads(files["manifest.json"])["cells_kept_back"] > 0
    assert CANARY.encode() not in files["counts.csv"]


@pytest.mark.usefixtures("grouped")
def test_a_record_of_another_time_is_in_the_week_of_its_own() -> None:
    store_submission(
        "grouped", answers("north"), received_at=datetime(2026, 9, 6, 20, tzinfo=UTC), breakdowns={}
    )
    # Sunday evening in London is Monday in Almaty
    assert rows_of(taken())[-1]["day"] == "2026-09-07"
