"""What would tell a breakdown that a small group lost is lost with it."""

from __future__ import annotations

import csv
import io
import json

import pytest
from flask import Flask

from surveyapp.catalogue import service as catalogue
from surveyapp.exports.choosing import read_request
from surveyapp.exports.consequences import told_by, told_by_entry
from surveyapp.exports.service import export
from surveyapp.people.rights import RoleName
from surveyapp.people.tokens import Scope
from surveyapp.questionnaires import xform
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.xlsform import compile_workbook
from surveyapp.wiring import settings_of
from tests.channels.api.conftest import caller
from tests.factories import store_submission
from tests.questionnaires.compiled import built_in

ID = "followed"
_FORM = """
| survey |
| | type | name | label::English (en) | calculation | relevant | repeat_count | bind::survey:breakdown | default | trigger |
| | select_one region | region | Region | | | | region | | |
| | integer | age | Age | | | | age | | |
| | select_one yes_no | goats | Goats? | | ${region} = 'south' | | | | |
| | integer | herd | How many? | | ${goats} = 'yes' | | | | |
| | begin_group | hills | Hills | | ${region} = 'south' | | | | |
| | integer | height | How high? | | | | | | |
| | end_group | | | | | | | | |
| | calculate | code | | if(${region} = 'south', 'S', 'N') | | | | | |
| | calculate | again | | concat(${code}, '1') | | | | | |
| | begin_repeat | visit | Visit | | | if(${region} = 'south', 2, 1) | | | |
| | integer | minutes | How long? | | | | | | |
| | end_repeat | | | | | | | | |
| | integer | school | Years at school | | ${age} >= 6 | | | | |
| | integer | size | How many live here? | | | | | | |
| choices |
| | list_name | name | label::English (en) |
| | region | north | North |
| | region | south | South |
| | yes_no | yes | Yes |
| | yes_no | no | No |
| settings |
| | form_id | version | form_title | default_language | namespaces |
| | followed | 1 | Followed | English (en) | survey="https://surveyapp.example/xmlns/survey" |
"""
SOUTH = {
    "region": "south",
    "age": 9,
    "goats": "yes",
    "herd": 4,
    "hills": {"height": 900},
    "code": "S",
    "again": "S1",
    "visit": [{"minutes": 5}, {"minutes": 6}],
    "school": 3,
    "size": 5,
}
NORTH = {
    "region": "north",
    "age": 9,
    "code": "N",
    "again": "N1",
    "visit": [{"minutes": 5}],
    "school": 3,
    "size": 5,
}


@pytest.fixture
def followed(app: Flask) -> None:
    """Three of the south and three of the north, who all lose what they can be told apart by."""
    catalogue.publish(compile_workbook(_FORM.encode(), f"{ID}.md"), demonstration=False)
    for answers in [SOUTH, NORTH] * 3:
        store_submission(ID, dict(answers), breakdowns={"region": answers["region"], "age": "9"})


def taken(**asked: str) -> bytes:
    return b"".join(export(read_request(ID, asked, settings_of().timezone)))


@pytest.mark.usefixtures("followed")
@pytest.mark.parametrize("missing", ["blank", "marked"])
@pytest.mark.parametrize("rosters", ["linked", "flat"])
def test_no_cell_tells_one_small_group_from_another(missing: str, rosters: str) -> None:
    """Neither by what it says nor by whether it was asked."""
    rows = list(csv.DictReader(io.StringIO(taken(missing=missing, rosters=rosters).decode())))
    told = {tuple(value for name, value in row.items() if name != "id") for row in rows}
    assert len(rows) == 6
    assert len(told) == 1
    assert (rows[0]["size"], rows[0]["school"]) == ("5", "3")


@pytest.mark.usefixtures("followed")
def test_no_line_of_json_tells_one_small_group_from_another() -> None:
    answers = [json.loads(line)["answers"] for line in taken(format="jsonl").splitlines()]
    assert answers == [{"school": 3, "size": 5}] * 6


@pytest.mark.usefixtures("followed")
@pytest.mark.parametrize(
    "where", ["${code} = 'S'", "${again} = 'S1'", "${herd} > 1", "${height} > 1", "count(${visit}) = 2"]
)
def test_no_expression_finds_one_small_group_by_what_follows_from_it(where: str) -> None:
    assert len(taken(where=where).splitlines()) == 1


def test_what_is_lost_with_a_region() -> None:
    definition = xform.parse(compile_workbook(_FORM.encode(), f"{ID}.md").xform)
    told = told_by(definition, ["region", "age"])
    assert {path for path in told if path.count("/") == 0} == {
        *("region", "age", "goats", "herd", "hills", "code", "again", "visit", "visit_count")
    }


def _definition(rows: str, column: str = "") -> Questionnaire:
    text = (
        f"| survey |\n| | type | name | label::English (en) | calculation | relevant |{column}\n"
        f"{rows}| settings |\n| | form_id | version | form_title | default_language |\n"
        "| | rows | 1 | Rows | English (en) |\n"
    )
    return xform.parse(compile_workbook(text.encode(), "rows.md").xform)


def test_what_a_breakdown_is_calculated_of_tells_it() -> None:
    definition = _definition("""\
| | integer | tv | Televisions | | |
| | integer | cars | Cars | | |
| | integer | cows | Cows | | |
| | calculate | things | | ${tv} + ${cars} | |
| | calculate | wealth | | if(${things} > 2, 'rich', 'poor') | |
| | integer | colour | In colour? | | ${tv} = 1 |
""")
    assert told_by(definition, ["wealth"]) == {"wealth", "things", "tv", "cars", "colour"}


def test_what_a_breakdown_is_set_to_when_another_answer_changes_tells_it() -> None:
    definition = _definition(
        """\
| | date | born | Born | | | |
| | integer | age | Age | int((today() - ${born}) div 365) | | ${born} |
| | integer | shoes | Shoes | | | |
""",
        " trigger |",
    )
    assert told_by(definition, ["age"]) == {"age", "born"}


CROSSING = """\
| | integer | rate | Rate | | |
| | begin_repeat | child | Child | | |
| | integer | age | Age | | |
| | calculate | own | | ${age} + 1 | |
| | begin_group | more | More | | |
| | calculate | deep | | ${own} * 2 | |
| | calculate | youngest | | min(../../../child/age) | |
| | end_group | more | | | |
| | calculate | before | | indexed-repeat(${age}, ${child}, position(..) - 1) | |
| | calculate | older | | count(${child}[age > current()/../age]) | |
| | integer | why | Why? | | ${older} = 1 |
| | begin_repeat | toy | Toy | | |
| | calculate | fit | | if(${age} = 3, 1, 0) | |
| | calculate | siblings | | sum(../../../child/own) | |
| | end_repeat | toy | | | |
| | end_repeat | child | | | |
| | begin_repeat | adult | Adult | | |
| | calculate | cares | | sum(/data/child/age) * ${rate} | |
| | integer | hours | Hours | | |
| | end_repeat | adult | | | |
| | begin_group | small | Small | | count(${child}[age = 1]) = 1 |
| | integer | nappies | Nappies | | |
| | end_group | small | | | |
"""


def test_what_reads_other_entries_goes_with_any_of_them() -> None:
    lost = told_by_entry(_definition(CROSSING), "child", ["child/age"], ["child/age"])
    assert lost.within == {"child/age", "child/own", "child/more/deep", "child/toy/fit"}
    assert lost.outside == {
        *("child/more/youngest", "child/before", "child/older", "child/why", "child/toy/siblings"),
        *("adult/cares", "small", "small/nappies"),
    }


def test_a_breakdown_elsewhere_goes_with_no_entry_and_nothing_that_it_stands_in() -> None:
    """Its own group was counted with everybody who has it."""
    declared = ["child/age", "small/nappies", "adult/cares"]
    lost = told_by_entry(_definition(CROSSING), "child", ["child/age"], declared)
    assert lost.outside.isdisjoint({"small", "small/nappies", "adult", "adult/cares"})
    inner = told_by_entry(_definition(CROSSING), "child", ["child/age"], ["child/age", "child/toy/fit"])
    assert "child/toy/fit" in inner.within


def test_what_is_asked_from_an_age_on_is_left_in_the_families_questionnaire() -> None:
    definition = xform.parse(built_in("family_survey").xform)
    lost = {"about/b_region", "about/b_area", "about/b_age", "about/b_sex"}
    assert told_by(definition, lost) == lost


_CHECKED = """
| survey |
| | type | name | label::English (en) | constraint | required | bind::survey:breakdown |
| | select_one region | region | Region | | | region |
| | integer | goats | Goats | . = 0 or ${region} = 'south' | | |
| | integer | sheep | Sheep | | ${region} = 'south' | |
| | integer | size | How many live here? | . >= count(${child}[c_sex = 'girl']) | | |
| | integer | girls | How many girls? | . = count(${child}[c_sex = 'girl']) | | |
| | begin_repeat | child | Child | | | |
| | select_one sex | c_sex | Sex | | | sex |
| | integer | c_age | Age | . != min(../../child[c_sex = 'girl']/c_age) | | age |
| | integer | births | Births | . = 0 or ${c_sex} = 'girl' | | |
| | integer | weight | Weight | | ${c_age} >= 5 | |
| | end_repeat | child | | | | |
| choices |
| | list_name | name | label::English (en) |
| | region | north | North |
| | region | south | South |
| | sex | girl | Girl |
| | sex | boy | Boy |
| settings |
| | form_id | version | form_title | default_language | namespaces |
| | checked | 1 | Checked | English (en) | survey="https://surveyapp.example/xmlns/survey" |
"""


def test_what_an_answer_is_checked_against_is_told_by_it_and_by_its_error(app: Flask) -> None:
    workbook = compile_workbook(_CHECKED.encode(), "checked.md")
    definition = xform.parse(workbook.xform)
    assert told_by(definition, ["region"]) == {"region", "goats", "sheep"}
    catalogue.publish(workbook, demonstration=False)
    wrong = [
        {"path": path, "code": code, "params": {}}
        for path, code in (("goats", "constraint"), ("sheep", "required"), ("size", "constraint"))
    ]
    for region in ("north", "south"):
        store_submission(
            "checked",
            {"region": region, "goats": 3, "sheep": None, "size": 4, "child": []},
            breakdowns={"region": region},
            errors=wrong,
        )
    asked = read_request("checked", {"format": "jsonl"}, settings_of().timezone)
    for line in b"".join(export(asked)).splitlines():
        told = json.loads(line)
        assert told["answers"].keys().isdisjoint({"region", "goats", "sheep"})
        assert told["errors"] == ["size:constraint"]


def test_a_breakdown_of_an_entry_that_is_made_of_others_stays_where_they_lose_theirs() -> None:
    """Else those who are told alike would be fewer than were counted."""
    definition = xform.parse(compile_workbook(_CHECKED.encode(), "checked.md").xform)
    own = {"child/c_sex", "child/c_age"}
    lost = told_by_entry(definition, "child", own, {*own, "region"})
    assert lost.within == own | {"child/births"}
    assert lost.outside == {"girls"}


def test_odata_tells_no_rows_and_no_number_of_rows_that_follow_from_a_small_group(
    app: Flask, followed: None
) -> None:
    call = caller(app, "reader", RoleName.ANALYST, scope=Scope.EXPORT)
    assert call("GET", f"/odata/{ID}/visit").get_json()["value"] == []
    for address, query in (("visit/$count", {}), ("visit", {"$count": "true"})):
        assert call("GET", f"/odata/{ID}/{address}", query_string=query).status_code == 501
    assert call("GET", f"/odata/{ID}/submissions/$count").text == "6"
