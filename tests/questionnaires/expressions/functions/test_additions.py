"""Sums are added from left to right, as Java and JavaScript do, whatever Python's own `sum` does.

From Python 3.12 on that makes up for what is rounded off (0.1 + 0.2 + 0.3 is 0.6); here it does so on
every Python.
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Iterable

import pytest

from tests.questionnaires.expressions.world import Answers, evaluate

ANSWERS: Answers = {
    "row": [{"number": 0.1}, {"number": 0.2}, {"number": 0.3}],
    "trace": "44.604 68.002; 46.439 69.891; 45.593 70.503; 49.406 67.676; 44.312 73.008; 42.376 62.527; "
    "49.778 68.028",
    "shape": "48.335 65.961; 48.555 59.232; 43.367 71.256; 48.849 66.278; 42.250 58.023; 45.296 59.770; "
    "48.068 75.962",
}


def compensated(numbers: Iterable[float], start: float = 0) -> float:
    """What the sum would be if nothing were rounded off on the way."""
    return math.fsum([*numbers, start])


@pytest.fixture(autouse=True)
def _compensating_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builtins, "sum", compensated)


def test_a_sum_keeps_what_is_rounded_off() -> None:
    assert evaluate("sum(/data/row/number)", ANSWERS) == 0.1 + 0.2 + 0.3 != 0.6


def test_the_weights_of_a_checklist_are_added_in_turn() -> None:
    assert evaluate("weighted-checklist(0.6, 0.6, 1, 0.1, 1, 0.2, 1, 0.3)") is False


@pytest.mark.parametrize(
    ("source", "size"),
    [("distance(/data/trace)", 3330009.343238805), ("area(/data/shape)", 240869006097.60504)],
)
def test_places_are_added_as_javarosa_adds_them(source: str, size: float) -> None:
    """The figures are JavaRosa's own, to the last digit."""
    assert evaluate(source, ANSWERS) == size
