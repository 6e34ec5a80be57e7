"""A workbook's problems are explained in the reader's language."""

from __future__ import annotations

import pytest
from flask import Flask

from surveyapp.catalogue.problems import advice, explain, message, place
from surveyapp.catalogue.sentences import SENTENCES
from surveyapp.questionnaires.problems import KINDS, Problem, WorkbookError
from surveyapp.questionnaires.xlsform import compile_workbook
from tests.questionnaires.bad_workbooks import BAD_WORKBOOKS, Bad


@pytest.mark.parametrize("bad", BAD_WORKBOOKS, ids=lambda bad: bad.code)
@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_every_problem_has_a_sentence_in_every_language(words: Flask, bad: Bad, language: str) -> None:
    with pytest.raises(WorkbookError) as refusal:
        compile_workbook(bad.text.encode(), "form.md")
    for problem in refusal.value.problems:
        assert message(problem, language)
        assert advice(problem, language)


def test_every_kind_of_problem_has_its_sentences_and_no_sentence_is_left_over() -> None:
    assert SENTENCES.keys() == KINDS.keys()


def test_a_sentence_says_where_and_what(words: Flask) -> None:
    problem = Problem("survey", 4, "type", "unknown_type", {"type": "txt"})
    assert explain(problem, "en") == "survey, row 4, type: There is no question type “txt”"


def test_a_markdown_file_is_addressed_by_line(words: Flask) -> None:
    problem = Problem("choices", 4, None, "duplicate_choice", line=61)
    assert place(problem, "en") == "choices, line 61"


def test_a_problem_of_the_whole_file_has_no_place(words: Flask) -> None:
    problem = Problem(None, None, None, "file_type", {"suffix": ".pdf"})
    assert explain(problem, "en") == "A file that ends in “.pdf” is no workbook"
