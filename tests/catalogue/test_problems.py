"""A workbook's problems are explained in the reader's language."""

from __future__ import annotations

import pytest
from flask import Flask

from surveyapp.catalogue.problems import SENTENCES, explain
from surveyapp.questionnaires.workbook import WorkbookError, WorkbookProblem
from surveyapp.questionnaires.xlsform import compile_workbook
from tests.questionnaires.bad_workbooks import BAD_WORKBOOKS, Bad

#: Codes that no Markdown workbook provokes, or that are only warnings; tested by themselves.
WITHOUT_A_BAD_WORKBOOK = {
    "file_type",
    "untranslated",
    "placeholder_unknown",
    "misspelt_column",
    "unknown_extension",
}


@pytest.mark.parametrize("bad", BAD_WORKBOOKS, ids=lambda bad: bad.code)
@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_every_problem_has_a_sentence_in_every_language(app: Flask, bad: Bad, language: str) -> None:
    with pytest.raises(WorkbookError) as refusal:
        compile_workbook(bad.text.encode(), "form.md")
    for problem in refusal.value.problems:
        assert explain(problem, language)


def test_no_sentence_is_without_a_problem() -> None:
    assert {bad.code for bad in BAD_WORKBOOKS} | WITHOUT_A_BAD_WORKBOOK == set(SENTENCES)


def test_a_sentence_says_where_and_what(app: Flask) -> None:
    problem = WorkbookProblem("survey", 4, "type", "unknown_type", {"type": "txt"})
    assert explain(problem, "en") == "survey, row 4, type: There is no question type “txt”"


def test_a_markdown_file_is_addressed_by_line(app: Flask) -> None:
    problem = WorkbookProblem("choices", 4, None, "duplicate_choice", line=61)
    assert explain(problem, "en").startswith("choices, line 61: ")


def test_a_problem_of_the_whole_file_has_no_place(app: Flask) -> None:
    problem = WorkbookProblem(None, None, None, "file_type", {"suffix": ".pdf"})
    assert explain(problem, "en") == "A workbook is a file that ends in .xlsx or .md"
