"""What a questionnaire weighs on a cheap phone, and what it may."""

from __future__ import annotations

from random import Random

import pytest

from surveyapp.questionnaires.checking import Report, check
from surveyapp.questionnaires.checking.weight import LARGE_LIST
from tests.questionnaires.forms import row, table, workbook


def of(questions: int, words: int = 2) -> Report:
    """The report of so many questions with so many different words in each label."""
    random = Random(1)  # noqa: S311  # the same texts each time
    labels = (" ".join(f"{random.getrandbits(40):x}" for _ in range(words)) for _ in range(questions))
    rows = [row("text", f"q{number}", label=label) for number, label in enumerate(labels)]
    return check(workbook(table(*rows)).encode(), "form.md")


@pytest.mark.parametrize(("questions", "kib"), [(1, 40), (60, 40), (70, 43), (160, 70)])
def test_the_budget_grows_with_the_questions_above_sixty(questions: int, kib: float) -> None:
    weight = of(questions).weight
    assert weight is not None
    assert (weight.questions, weight.page_budget) == (questions, int(kib * 1024))


def test_a_light_page_has_no_problem_and_a_heavy_one_says_how_heavy_it_is() -> None:
    assert of(30).problems == ()
    heavy = of(30, words=150)
    (problem,) = heavy.problems
    assert heavy.weight is not None
    assert problem.code == "heavy_page"
    assert problem.facts == {"page": round(heavy.weight.page / 1024, 1), "budget": 40.0}


def test_the_heaviest_language_counts() -> None:
    def page(kazakh: str) -> int:
        survey = table({"type": "text", "name": "a", "label::A (aa)": "x", "label::K (kk)": kazakh})
        weight = check(workbook(survey).encode(), "form.md").weight
        assert weight is not None
        return weight.page

    random = Random(2)  # noqa: S311  # the same texts each time
    long = " ".join(f"{random.getrandbits(60):x}" for _ in range(300))
    assert page(long) > page("x") + 1000


def test_a_large_list_is_noticed_and_does_not_weigh_on_the_page() -> None:
    def report(size: int) -> Report:
        choices = "".join(f"| l | n{number} | Village {number} |\n" for number in range(size))
        survey = table(row("select_one l", "a"))
        return check(
            workbook(survey, choices="| list_name | name | label |\n" + choices).encode(), "form.md"
        )

    small, large = report(LARGE_LIST), report(LARGE_LIST + 1)
    assert [problem.code for problem in small.problems] == []
    assert [(problem.code, problem.facts["rows"]) for problem in large.problems] == [("large_list", 301)]
    assert small.weight is not None
    assert large.weight is not None
    assert (large.weight.largest_list, large.weight.largest_list_name) == (301, "l")
    assert large.weight.page < small.weight.page
