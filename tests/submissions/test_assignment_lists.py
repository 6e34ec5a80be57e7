"""Lists of visits: what is read out of a file, and everything that is wrong with one at once."""

from __future__ import annotations

from datetime import date

import pytest

from surveyapp.people.collectors import Collector
from surveyapp.people.rights import EVERYWHERE, Place, Reach
from surveyapp.questionnaires import xform
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.schema import Limits
from surveyapp.submissions.assigning import MOST_OPEN
from surveyapp.submissions.assignment_lists import MOST_BYTES, BadList, read_list
from surveyapp.submissions.assignment_rows import LONGEST_LABEL, Given
from tests.collecting import compiled

ALL = Reach(frozenset({EVERYWHERE}))
ERLAN = Collector("erlan", user_id=7, reach=ALL)
ASTANA = Collector("gulnar", user_id=8, reach=Reach(frozenset({Place(None, "71")})))
BUS, OTHER_BUS = (Collector("Bus", device_id=number, reach=ALL) for number in (3, 4))


@pytest.fixture(scope="module")
def definition() -> Questionnaire:
    return xform.parse(compiled().xform)


@pytest.fixture
def given(definition: Questionnaire) -> Given:
    return Given(
        definition=definition,
        collectors=[ERLAN, ASTANA, BUS, OTHER_BUS],
        regions=None,
        today=date(2026, 9, 1),
        limits=Limits(text_length=1000, roster_instances=100, depth=20),
    )


def wrong(content: str | bytes, given: Given) -> list[tuple[int, str, str]]:
    raw = content.encode() if isinstance(content, str) else content
    with pytest.raises(BadList) as found:
        read_list(raw, given)
    return [
        (each.row, each.column, each.answer.code if each.answer else each.code)
        for each in found.value.mistakes
    ]


def test_a_row_becomes_a_visit_with_its_answers(given: Given) -> None:
    header = "interviewer;label;region;due;key;child[2]/name;rooms;worries"
    row = "Erlan; Абай  12 ;almaty;30.09.2026;7;Дана;1 004;none danger"
    [visit] = read_list(f"{header}\n{row}\n\n;;\n".encode("utf-8-sig"), given).visits
    assert (visit.collector, visit.label, visit.region) == (ERLAN, "Абай 12", "75")
    assert (visit.due, visit.key) == (date(2026, 9, 30), "7")
    assert visit.answers == {
        "place/region": "75",
        "child[2]/name": "Дана",
        "rooms": 1004,
        "worries": ["none", "danger"],
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_usual_kinds_of_csv_are_read(given: Given, encoding: str, delimiter: str) -> None:
    text = "interviewer,label\nerlan,Әлия\n".replace(",", delimiter)
    found = read_list(text.encode(encoding), given)
    assert [visit.label for visit in found.visits] == ["Әлия"]
    assert not found.is_windows


def test_windows_1251_is_read_and_told(given: Given) -> None:
    found = read_list("interviewer;label\nerlan;Алия\n".encode("cp1251"), given)
    assert [visit.label for visit in found.visits] == ["Алия"]
    assert found.is_windows


def test_everything_that_is_wrong_is_told_at_once_by_row_and_column(given: Given) -> None:
    rows = (
        "interviewer,label,region,due,key,rooms,place/region",
        "nobody,,Mars,31.02.2027,1,many,",
        "Bus,x,,2026-08-31,1,,",
        "gulnar,x,75,,2,,71",
        "erlan,x,,,3,,9,9,9",
    )
    assert wrong("\n".join(rows), given) == [
        (2, "rooms", "integer"),
        (2, "region", "region_unknown"),
        (2, "interviewer", "interviewer_unknown"),
        (2, "label", "required"),
        (2, "due", "due_unreadable"),
        (3, "interviewer", "interviewer_ambiguous"),
        (3, "due", "due_past"),
        (3, "key", "key_twice"),
        (4, "region", "region_differs"),
        (4, "interviewer", "interviewer_elsewhere"),
        (5, "place/region", "choice"),
        (5, "", "cells"),
    ]


def test_headings_that_are_wrong_are_told_before_any_row(given: Given) -> None:
    header = "label,label,wish,child/name,rooms[1],twice,photo,region,name,place/region,place[1]/region"
    assert wrong(f"{header}\nx\n", given) == [
        (1, "interviewer", "column_missing"),
        (1, "label", "column_twice"),
        (1, "wish", "column_unknown"),
        (1, "child/name", "column_position"),
        (1, "rooms[1]", "column_position"),
        (1, "twice", "column_not_fillable"),
        (1, "photo", "column_not_fillable"),
        (1, "name", "column_position"),
        (1, "place[1]/region", "column_position"),
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "column_missing"),
        (b"interviewer,label\n", "no_rows"),
        (b'interviewer,label\n"erlan,x\n', "not_csv"),
        (b"interviewer,label\nerlan,a\x00b\n", "not_csv"),
        (b"\xff\xfe\x00", "encoding"),
        (b"interviewer,label\n\x98\xff", "encoding"),
        (b"x" * (MOST_BYTES + 1), "too_large"),
        (b"interviewer,label\n" + b"erlan,x\n" * 5001, "too_many_rows"),
        (b"interviewer,label," + b"a," * 300, "too_many_columns"),
        (b"interviewer,label\nerlan,a\x07b\n", "text"),
        (b"interviewer,label\nerlan," + b"x" * (LONGEST_LABEL + 1), "too_long"),
        (b"interviewer,label,child[99]/name\nerlan,x,y", "column_position"),
    ],
)
def test_no_file_breaks_it(given: Given, content: bytes, code: str) -> None:
    assert code in [each[2] for each in wrong(content, given)]


def test_whoever_cares_for_some_regions_gives_out_visits_there_only(
    definition: Questionnaire, given: Given
) -> None:
    from dataclasses import replace

    mine = replace(given, regions=frozenset({"71"}))
    assert wrong("interviewer,label,region\nerlan,x,75\nerlan,y,\n", mine) == [
        (2, "region", "region_outside"),
        (3, "region", "required"),
    ]
    assert [visit.region for visit in read_list("interviewer,label,region\ngulnar,x,Астана".encode(), mine).visits] == ["71"]  # fmt: skip


def test_nobody_is_given_more_than_a_phone_can_show(given: Given) -> None:
    from dataclasses import replace

    busy = replace(given, open_visits={ERLAN.key: MOST_OPEN - 1})
    assert wrong("interviewer,label\nerlan,x\nerlan,y\n", busy) == [
        (3, "interviewer", "interviewer_full")
    ]
