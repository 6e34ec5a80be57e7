"""Columns that look misspelt are named; ours must be spelt and used rightly."""

from __future__ import annotations

import pytest

from surveyapp.questionnaires.columns import column_problems
from surveyapp.questionnaires.workbook_files import read_workbook
from tests.questionnaires.bad_workbooks import extended


def found(text: str) -> list[tuple[str, str | None]]:
    """Codes and columns of the problems."""
    return [(p.code, p.column) for p in column_problems(read_workbook(text.encode(), "f.md"))]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("relevent", "relevant"),
        ("Constraint mesage::English (en)", "constraint_message"),
        ("calculations", "calculation"),
    ],
)
def test_a_misspelt_column_is_named_with_the_likely_one(written: str, meant: str) -> None:
    workbook = read_workbook(
        f"| survey |\n| | type | name | {written} |\n| | text | a | x |\n".encode(), "f.md"
    )
    (problem,) = column_problems(workbook)
    assert (problem.code, problem.column, problem.facts) == (
        "misspelt_column",
        written,
        {"meant": meant},
    )


@pytest.mark.parametrize(
    "column", ["relevance", "note to self", "media::image", "label::English (en)", "$given_name"]
)
def test_known_columns_and_an_authors_own_are_left_alone(column: str) -> None:
    assert found(f"| survey |\n| | type | name | {column} |\n| | text | a | x |\n") == []


@pytest.mark.parametrize("column", ["sensitve", "identity_kk", "Warning_xx_kk"])
def test_an_unknown_column_in_our_namespace_is_refused(column: str) -> None:
    assert found(extended(column, "yes")) == [("unknown_extension", f"bind::survey:{column}")]


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("identity", "no"),
        ("breakdown", "wealth"),
        ("coarsen", "1000"),
        ("audience", "family"),
        ("warning", ". > 100"),
        ("warning_kk", "Солай ма?"),
        ("permission_ru", "Можно?"),
    ],
)
def test_our_columns_used_rightly_are_accepted(column: str, cell: str) -> None:
    assert found(extended(column, cell)) == []


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("identity", "Yes"),
        ("sensitive", "1"),
        ("breakdown", "district"),
        ("coarsen", "1 km"),
        ("audience", "all"),
    ],
)
def test_a_value_that_would_not_be_understood_is_refused(column: str, cell: str) -> None:
    assert found(extended(column, cell)) == [("extension_value", f"bind::survey:{column}")]


def test_a_level_without_a_rule_is_half_a_disclosure() -> None:
    assert found(extended("disclosure_level", "red")) == [("extension_half", "bind::survey:disclosure")]


def test_a_level_that_is_not_known_is_refused() -> None:
    assert ("extension_value", "bind::survey:disclosure_level") in found(
        extended("disclosure_level", "orange")
    )
