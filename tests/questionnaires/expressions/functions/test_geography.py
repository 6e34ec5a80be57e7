"""Distances and areas; the figures are JavaRosa's own."""

from __future__ import annotations

import pytest

from surveyapp.questionnaires.expressions import EvaluationError
from tests.questionnaires.expressions.world import Answers, evaluate

PLACES: Answers = {
    "trace": "1.0 2.0 0.0 0.0; 1.1 2.1 0.0 0.0",
    "shape": "1.0 2.0 0.0 0.0; 1.1 2.1 0.0 0.0; 1.2 2.0 0.0 0.0; 1.0 2.0 0.0 0.0",
    "point": "1.5 2.5 3.0 4.0",
    "none": "",
    "text": "somewhere",
    "stop": [{"place": "1 2 0 0"}, {"place": "1.1 2.1 0 0"}, {"place": "1.2 2.0 0 0"}],
}


@pytest.mark.parametrize(
    ("source", "metres"),
    [
        ("distance(/data/trace)", 15741.539356533274),
        ("distance(/data/shape)", 53746.58400239746),
        ("distance('1 2;3 4')", 314753.3294496601),
        ("distance('1;2')", 111318.84502143922),
        ("distance(/data/point)", 0),
        ("distance(/data/none)", 0),
        ("distance('')", 0),
        ("distance('5 5; 5 5')", 0),
        ("area(/data/shape)", 1.238960158266686e8),
        ("area(/data/trace)", 0),
        ("area(/data/none)", 0),
    ],
)
def test_a_distance_or_an_area_is_javarosas(source: str, metres: float) -> None:
    assert evaluate(source, PLACES) == pytest.approx(metres, rel=1e-12)


@pytest.mark.parametrize(
    ("point", "is_inside"),
    [
        ("1.1 2.05", True),
        ("1.1 2.05 0 0", True),
        ("1.0 2.0", False),
        ("1.1 2.0", True),
        ("1.1 2.1", False),
        ("0.9 2.05", False),
        ("", False),
    ],
)
def test_a_point_is_inside_as_in_javarosa(point: str, is_inside: bool) -> None:
    assert evaluate(f"geofence('{point}', /data/shape)", PLACES) is is_inside


def test_the_places_of_several_instances_are_one_line() -> None:
    along = evaluate("distance(/data/stop/place)", PLACES)
    assert along == evaluate("distance('1 2; 1.1 2.1; 1.2 2.0')")
    inside = evaluate("enclosed-area(/data/stop/place)", PLACES)
    assert inside == pytest.approx(1.238960158266686e8, rel=1e-12)


def test_a_text_that_is_no_place_is_an_error() -> None:
    with pytest.raises(EvaluationError) as raised:
        evaluate("area(/data/text)", PLACES)
    assert (raised.value.code, raised.value.params) == ("geography", {"function": "area"})
