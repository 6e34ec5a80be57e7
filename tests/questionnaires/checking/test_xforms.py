"""XForms of other tools: what ODK Collect refuses is an error at its node."""

from __future__ import annotations

import pytest

from surveyapp.questionnaires.checking import check
from surveyapp.questionnaires.xlsform import compile_workbook
from tests.questionnaires.forms import table, workbook

SURVEY = table(
    {
        "type": "integer",
        "name": "n",
        "label::English (en)": "How many?",
        "label::Қазақша (kk)": "Қанша?",
    },
    {"type": "calculate", "name": "c", "calculation": "1", "trigger": "${n}"},
)
FORM = compile_workbook(workbook(SURVEY).encode(), "form.md").xform.decode()


def found(form: str) -> list[tuple[str, str | None, str | None]]:
    problems = check(form.encode(), "form.xml").problems
    return [(problem.code, problem.path, problem.column) for problem in problems]


def test_the_form_that_is_broken_below_is_sound() -> None:
    assert found(FORM) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('<setvalue ref="/data/c"', '<setvalue ref="/data/d"', ("setvalue_target", "d", "setvalue")),
        ('<text id="/data/n:label">', '<text id="/data/m:label">', ("missing_text", "n", "label")),
        ('<input ref="/data/n"', '<input ref="/data/x"', ("unbound", "x", None)),
        ('value="1"', 'value="lenght(1)"', ("expression", "c", "setvalue")),
    ],
)
def test_what_collect_refuses_is_an_error(
    old: str, new: str, problem: tuple[str, str | None, str | None]
) -> None:
    assert old in FORM
    assert problem in found(FORM.replace(old, new))
