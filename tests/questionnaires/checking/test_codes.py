"""Codes that are declared as no answer: which are understood, and which nobody could give."""

from __future__ import annotations

import pytest

from surveyapp.questionnaires.checking.report import check
from surveyapp.questionnaires.definition import Valued
from surveyapp.questionnaires.xform import parse
from surveyapp.questionnaires.xlsform import compile_workbook
from tests.questionnaires.forms import row, table, workbook

NAMESPACES = 'survey="https://surveyapp.example/xmlns/survey"'


def form(type_: str, missing: str, constraint: str = "", parameters: str = "") -> str:
    asked = row("integer", "other"), row(type_, "q", constraint=constraint, parameters=parameters)
    asked[1]["bind::survey:missing"] = missing
    settings = {"form_id": "codes", "version": "1", "namespaces": NAMESPACES}
    return workbook(table(*asked), settings=table(settings))


def found(text: str) -> list[tuple[str, int | None, str | None]]:
    problems = check(text.encode(), "codes.md").problems
    return [(each.code, each.row, each.column) for each in problems if each.is_error]


REFUSED_BY_CONSTRAINT = [("code_refused", 3, "constraint")]


@pytest.mark.parametrize(
    ("type_", "missing", "constraint", "errors"),
    [
        ("integer", "-99=refused", "", []),
        ("integer", "-99=refused -98=dont_know", "(. >= 0 and . < 120) or . = -99 or . = -98", []),
        (
            "integer",
            "-99=refused -98=dont_know",
            "(. >= 0 and . < 120) or . = -99",
            REFUSED_BY_CONSTRAINT,
        ),
        ("integer", "-99=refused", ". >= 0", REFUSED_BY_CONSTRAINT),
        # what hangs on another answer may take it
        ("integer", "-99=refused", ". < ${other}", []),
        ("integer", "-99=refused", ". >= 0 and . < ${other}", REFUSED_BY_CONSTRAINT),
        ("decimal", "-9.5=refused", ". > -9.5", REFUSED_BY_CONSTRAINT),
        ("decimal", "-9.5=refused", ". >= -9.5", []),
        ("date", "1900-01-01=dont_know", ". <= today()", []),
        ("date", "1900-01-01=dont_know", ". > date('2000-01-01')", REFUSED_BY_CONSTRAINT),
        ("date", "1900-01-01=dont_know", ". > date('2000-01-01') or . = date('1900-01-01')", []),
    ],
)
def test_a_code_must_pass_the_constraint(
    type_: str, missing: str, constraint: str, errors: list[tuple[str, int, str]]
) -> None:
    assert found(form(type_, missing, constraint)) == errors


def test_a_code_must_be_within_the_range() -> None:
    assert (
        found(form("range", "-1=refused", parameters="start=0 end=10 step=1")) == REFUSED_BY_CONSTRAINT
    )
    assert found(form("range", "10=refused", parameters="start=0 end=10 step=1")) == []


@pytest.mark.parametrize(
    ("type_", "missing"),
    [
        ("integer", "-99"),
        ("integer", "-99=no"),
        ("integer", "x=refused"),
        ("integer", "1.5=refused"),
        ("integer", "-99=refused -99=dont_know"),
        ("decimal", "-9=refused -9.0=dont_know"),
        ("integer", "-1=refused -2=refused -3=refused -4=dont_know"),
        ("date", "-99=refused"),
        ("date", "1900-02-30=refused"),
        ("text", "-99=refused"),
        ("geopoint", "-99=refused"),
    ],
)
def test_what_cannot_be_a_code_is_an_error_at_its_cell(type_: str, missing: str) -> None:
    """And one that says of what kind codes are; another where the cell has no such shape at all."""
    ((code, number, column),) = found(form(type_, missing))
    assert (number, column) == (3, "bind::survey:missing")
    assert code == ("extension_value" if missing in {"-99", "-99=no"} else "missing_codes")


def test_the_definition_has_the_codes_and_the_xform_still_says_them_in_our_namespace() -> None:
    compiled = compile_workbook(form("integer", "-99=refused -98=dont_know").encode(), "codes.md")
    definition = parse(compiled.xform)
    (item,) = [i for i in definition.walk() if isinstance(i, Valued) and i.name == "q"]
    assert dict(item.missing) == {"-99": "refused", "-98": "dont_know"}
    assert b'survey:missing="-99=refused -98=dont_know"' in compiled.xform
