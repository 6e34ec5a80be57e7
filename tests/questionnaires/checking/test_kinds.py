"""A hundred kinds of broken workbooks: each mistake is named, with its place, and nothing else is."""

from __future__ import annotations

import pytest

from surveyapp.questionnaires import library, xform
from surveyapp.questionnaires.checking import check
from surveyapp.questionnaires.placeholders import PLACEHOLDERS
from surveyapp.questionnaires.problems import Severity
from surveyapp.questionnaires.xlsform import WorkbookError, compile_workbook
from tests.questionnaires.checking.kinds import KINDS, Found, Kind
from tests.questionnaires.forms import row, table, workbook


def found(text: str) -> list[Found]:
    problems = check(text.encode(), "form.md").problems
    return [(p.code, p.sheet, p.row, p.column) for p in problems]


def test_there_are_a_hundred_kinds_and_no_two_are_the_same() -> None:
    assert len({kind.name for kind in KINDS}) == len({kind.text for kind in KINDS}) == len(KINDS) > 100


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_mistake_is_named_with_its_place_and_nothing_else_is(kind: Kind) -> None:
    assert sorted(found(kind.text), key=str) == sorted(kind.found, key=str)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_what_has_no_error_can_be_published_and_what_cannot_be_has_one(kind: Kind) -> None:
    report = check(kind.text.encode(), "form.md")
    try:
        xform.parse(compile_workbook(kind.text.encode(), "form.md").xform)
    except (WorkbookError, xform.XFormError):
        assert report.errors
    else:
        # the check refuses more than parsing: what is published already stays readable
        assert {problem.code for problem in report.errors} <= {
            *("pattern_forever", "error_value", "empty_sheet", "duplicate_header", "reserved_name"),
        }


@pytest.mark.parametrize("built_in", library.BUILT_IN, ids=lambda each: each.id)
def test_nothing_is_wrong_with_the_built_in_questionnaires(built_in: library.BuiltIn) -> None:
    texts = dict.fromkeys(PLACEHOLDERS, "1")
    report = check(library.workbook(built_in.id), built_in.file, placeholders=texts, strict=True)
    assert report.problems == ()
    assert report.weight is not None
    assert report.weight.page < report.weight.page_budget


MANY = workbook(
    table(
        row("begin_group", "g"),
        row("intger", "1a"),
        row("select_one nope", "s"),
        row("text", "t", relevant="${nn} = 1", constraint="lenght(.) > 1"),
        row("date", "d", constraint=". < '2024-01-01'"),
        row("text", "never", relevant="1 = 2"),
        row("text", "t", constraint="regex(., '(a+)+')"),
        row("range", "r", parameters="start=a"),
        row("range", "q", parameters="start=1 end=5 step=0"),
        row("select_multiple l", "m"),
    ),
    choices="| list_name | name | label |\n| l | a b | A |\n| l | c | |\n| l | c | C |\n| u | a | A |\n",
)


def test_everything_is_said_at_once_whatever_stands_in_whose_way() -> None:
    assert found(MANY) == [
        ("unmatched_begin", "survey", 2, "type"),
        ("bad_name", "survey", 3, "name"),
        ("unknown_type", "survey", 3, "type"),
        ("missing_list", "survey", 4, "type"),
        ("expression", "survey", 5, "constraint"),
        ("unknown_reference", "survey", 5, "relevant"),
        ("date_as_text", "survey", 6, "constraint"),
        ("never_relevant", "survey", 7, "relevant"),
        ("duplicate_name", "survey", 8, "name"),
        ("pattern_forever", "survey", 8, "constraint"),
        ("parameter_number", "survey", 9, "parameters"),
        ("parameter_zero", "survey", 10, "parameters"),
        ("blank_in_choice", "choices", 2, "name"),
        ("choice_label", "choices", 3, "label"),
        ("duplicate_choice", "choices", 4, "name"),
        ("unused_list", "choices", 5, "list_name"),
    ]


@pytest.mark.parametrize(
    ("wrong", "code", "meant"),
    [
        ("| text | a | ${agee} |", "unknown_reference", "age"),
        ("| intgeer | a | A |", "unknown_type", "integer"),
        ("| Select_One yes_no | a | A |", "unknown_type", "select_one yes_no"),
        ("| select_one yesno | a | A |", "missing_list", "yes_no"),
    ],
)
def test_what_may_have_been_meant_is_proposed(wrong: str, code: str, meant: str) -> None:
    survey = (
        f"| type | name | label |\n| integer | age | Age |\n| select_one yes_no | q | Q |\n{wrong}\n"
    )
    choices = "| list_name | name | label |\n| yes_no | yes | Yes |\n"
    problems = check(workbook(survey, choices=choices).encode(), "form.md").problems
    assert [(problem.code, problem.facts["meant"]) for problem in problems] == [(code, meant)]


@pytest.mark.parametrize(
    ("calculation", "meant"),
    [("IF(1, 2, 3)", "if"), ("lenght('a')", "string-length"), ("TRUE()", "true"), ("nope()", "")],
)
def test_the_function_that_may_have_been_meant_is_proposed(calculation: str, meant: str) -> None:
    (problem,) = check(
        workbook(table(row("calculate", "c", calculation=calculation))).encode(), "f.md"
    ).problems
    assert problem.facts["meant"] == meant


def test_what_stands_beside_a_text_is_marked_there() -> None:
    survey = table(row("integer", "n"), row("calculate", "c", calculation="concat('a' ${n})"))
    (problem,) = check(workbook(survey).encode(), "form.md").problems
    assert problem.facts["reason"] == "unexpected"


@pytest.mark.parametrize("number", [2, 3, 4, 5])
def test_no_message_names_a_row_as_its_author_did_not(number: int) -> None:
    rows = [row("text", "a"), row("text", "b"), row("text", "c"), row("text", "d")]
    rows[number - 2] = row(
        "integer", "1st one", label="", relevant="1 = 2", constraint=". > 5 and . < 3"
    )
    problems = check(workbook(table(*rows)).encode(), "form.md").problems
    names = {str(problem.facts["name"]) for problem in problems if "name" in problem.facts}
    assert {problem.code for problem in problems} == {
        *("bad_name", "missing_label", "never_relevant", "never_kept"),
    }
    assert names == {"1st one"}


def test_a_row_without_a_name_is_called_by_its_label() -> None:
    rows = (row("text", "", label="How old?", relevant="1 = 2"), row("text", "a"))
    problems = check(workbook(table(*rows)).encode(), "form.md").problems
    assert [problem.facts.get("name") for problem in problems] == [None, "How old?"]


def test_a_syntax_error_is_marked_in_the_text_of_the_cell() -> None:
    survey = table(row("integer", "age"), row("text", "a", relevant="${age} > 5 annd 1"))
    (problem,) = check(workbook(survey).encode(), "form.md").problems
    assert problem.facts["source"][problem.facts["position"] :] == "annd 1"


def test_a_comparison_is_shown_as_its_author_wrote_it() -> None:
    kind = next(kind for kind in KINDS if kind.name == "date as a text")
    (problem,) = check(kind.text.encode(), "form.md").problems
    assert problem.facts["compared"] == "${d} < '2000-01-01'"


def test_the_rows_of_a_cycle_are_named() -> None:
    kind = next(kind for kind in KINDS if kind.name == "cycle of two")
    (problem,) = check(kind.text.encode(), "form.md").problems
    assert problem.facts["paths"] == ("a", "b", "a")
    assert problem.facts["rows"] == [3, 4, 3]  # lines of the file


def test_strict_makes_errors_of_missing_translations_only() -> None:
    kind = next(kind for kind in KINDS if kind.name == "translation missing")
    assert check(kind.text.encode(), "form.md").errors == ()
    (problem,) = check(kind.text.encode(), "form.md", strict=True).errors
    assert (problem.code, problem.severity) == ("untranslated", Severity.ERROR)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.found], ids=lambda kind: kind.name)
def test_an_xform_has_the_same_problems_of_meaning_at_its_nodes(kind: Kind) -> None:
    try:
        compiled = compile_workbook(kind.text.encode(), "form.md")
    except WorkbookError:
        return  # no XForm comes of it
    of_workbook = {code for code, _sheet, _row, column in kind.found if column in _EXPRESSION_COLUMNS}
    of_xform = check(compiled.xform, "form.xml").problems
    assert {problem.code for problem in of_xform} >= of_workbook - _OF_CELLS
    assert all(problem.path and problem.sheet is None for problem in of_xform if problem.column)


#: what only the cells show
_OF_CELLS = {"misspelt_column", "error_value", "doubtful_expression"}
_EXPRESSION_COLUMNS = {"relevant", "constraint", "calculation", "choice_filter", "required"}
