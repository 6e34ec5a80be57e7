"""What pyxform says is recognised, whatever of its errors it is."""

from __future__ import annotations

import pytest
from pyxform.errors import ErrorCode  # type: ignore[import-untyped]  # it ships no types

from surveyapp.questionnaires.problems import KINDS, Severity
from surveyapp.questionnaires.pyxform_errors import doubts_of, problems_of
from surveyapp.questionnaires.workbook import Sheet, Workbook

EMPTY = Workbook({"survey": Sheet("survey", ["type", "name"], [{}, {"name": "a"}])}, ["survey"])
#: said to programmers, or as warnings
OTHERS = {"INTERNAL_001", "INTERNAL_002", "HEADER_004", "LABEL_001", "NAMES_002", "NAMES_013"}


@pytest.mark.parametrize("error", [each for each in ErrorCode if each.name not in OTHERS])
def test_an_error_gets_a_code_of_ours_and_its_row(error: ErrorCode) -> None:
    facts = {"row": 3, "sheet": "survey", "column": "relevant", "name": "step", "missing": "'type'"}
    sentence = error.value.format(**facts)
    (problem,) = problems_of(sentence, EMPTY)
    assert problem.code in KINDS.keys() - {"pyxform"}
    assert (problem.row == 3) is ("[row : 3]" in sentence)


@pytest.mark.parametrize("warning", ["HEADER_004", "LABEL_001", "NAMES_002", "NAMES_013"])
def test_a_warning_gets_a_code_of_ours(warning: str) -> None:
    sentence = ErrorCode[warning].value.format(row=3, sheet="survey", candidates="'surveys'")
    (problem,) = doubts_of(sentence, EMPTY)
    assert (problem.code != "pyxform_doubt", problem.severity) == (True, Severity.WARNING)


@pytest.mark.parametrize(("speak", "code"), [(problems_of, "pyxform"), (doubts_of, "pyxform_doubt")])
def test_what_is_not_recognised_keeps_its_row_and_its_own_words(speak: object, code: str) -> None:
    assert callable(speak)
    (problem,) = speak("[row : 7] Something new.", EMPTY)
    assert (problem.code, problem.row, problem.facts) == (code, 7, {"message": "Something new."})


def test_several_errors_in_one_answer_are_told_apart() -> None:
    sentence = ErrorCode.NAMES_007.value
    both = "\n".join(sentence.format(row=row) for row in (4, 6))
    assert [(each.code, each.row) for each in problems_of(both, EMPTY)] == [
        ("duplicate_choice", 4),
        ("duplicate_choice", 6),
    ]
