"""Rows of a file are found by an index on the phone too, and the same rows as on the server."""

from __future__ import annotations

import json

import pytest

from surveyapp.questionnaires import logic, xform
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.expressions import parse
from surveyapp.questionnaires.javascript import Engine
from tests.questionnaires.forms import workbook, xform_of
from tests.questionnaires.javascript.pairs import Pair

ROWS = "code,name\n10,ten\n10.0,point\n 10 ,blanks\n1e1,exponent\n,none\n3.0000000000004,near\n" + (
    "3.000000000002,far\n0.0000000005,edge\n0.0000000004999995,under\n12345678901234567,large\n2,two\n2,twice\n"
)


@pytest.fixture(scope="module")
def form() -> Questionnaire:
    survey = """
    | type | name | label | calculation |
    | integer | n | N | |
    | text | t | T | |
    | calculate | pulled | | pulldata('f', 'name', 'code', ${t}) |
    | calculate | found | | join(' ', instance('f')/root/item[code = ${n}]/name) |
    """
    external = "| csv-external | f | | |"
    return xform.parse(xform_of(workbook(survey + external)), {"f.csv": ROWS.encode()})


@pytest.mark.parametrize(
    ("number", "names"),
    [
        ("10", "ten point blanks"),
        ("3", "near"),
        ("0.0000000005", "edge under"),
        ("12345678901234567", "large"),
        ("2.0", "two twice"),
        ("4", ""),
        ("number('')", ""),
        ("-1 div 0", ""),
    ],
)
def test_a_number_finds_what_is_equal_to_it(
    engine: Engine, form: Questionnaire, number: str, names: str
) -> None:
    tree = parse(f"join(' ', instance('f')/root/item[code = {number}]/name)")
    python, javascript = Pair(engine, form).evaluated(tree)
    assert (python.string, javascript.string) == (names, names)


@pytest.mark.parametrize(
    ("text", "name"),
    [("10", "ten"), ("10.0", "point"), (" 10 ", "blanks"), ("", "none"), ("2", "two"), ("9", "")],
)
def test_pulldata_finds_the_first_row_of_a_text(
    engine: Engine, form: Questionnaire, text: str, name: str
) -> None:
    tree = parse(f"pulldata('f.csv', 'name', 'code', '{text}')")
    python, javascript = Pair(engine, form).evaluated(tree)
    assert (python.string, javascript.string) == (name, name)


def test_pulldata_is_a_part(form: Questionnaire) -> None:
    assert logic.document(form)["parts"] == ["pulling"]


@pytest.mark.parametrize("source", ["[code = 7]/name", "[code = '7']/name", "pulldata"])
def test_no_more_rows_are_looked_at_than_may_be_meant(engine: Engine, source: str) -> None:
    """Each look at a cell of a row is counted."""
    form = xform.parse(
        xform_of(workbook("| type | name | label |\n| csv-external | f | |\n| text | t | T |")),
        {"f.csv": "\n".join(["code,name", *(f"{n},n{n}" for n in range(1000))]).encode()},
    )
    document = logic.document(form)
    cells = {"columns": ["code", "name"], "cells": [list(map(str, range(1000)))] * 2}
    document["instances"]["f"] |= cells
    tree = parse(
        "pulldata('f', 'name', 'code', '7')"
        if source == "pulldata"
        else f"instance('f')/root/item{source}"
    )
    script = f"""
    (() => {{
      const plan = new logic.Plan({json.dumps(document)});
      const rows = plan.instance("f").children("root")[0].children("item");
      let looks = 0;
      for (const row of rows) {{
        const children = row.children;
        row.children = (name) => {{ looks++; return children(name); }};
      }}
      const now = "2026-09-01T14:03:07.000+05:00";
      const interview = new logic.Interview(plan, {{ language: "default", now }});
      const found = () => interview.evaluate(["call", "string", {json.dumps(tree)}], "");
      found();
      looks = 0;
      return JSON.stringify([found(), looks]);
    }})()
    """
    text, looks = json.loads(engine.evaluate(script))
    assert text == "7"
    assert looks <= 2


def test_a_tiny_coordinate_is_the_same_text(engine: Engine) -> None:
    form = xform.parse(xform_of(workbook("| type | name | label |\n| geopoint | g | G |")))
    pair = Pair(engine, form)
    place = {"lat": 1e-5, "lon": -1.23456e-5, "alt": 12345678.9, "accuracy": 0.001}
    for side in (pair.python, pair.javascript):
        side.set("g", place)
    python, javascript = pair.evaluated(parse("string(/data/g)"))
    assert python.string == javascript.string == "1.0E-5 -1.23456E-5 1.23456789E7 0.001"
