"""Functions of what a path leads to."""

from __future__ import annotations

import pytest

from surveyapp.questionnaires.expressions import EvaluationError, Value, to_string
from tests.questionnaires.expressions.world import Answers, World, evaluate

CHILDREN: Answers = {"child": [{"age": 9.0, "name": "Ann"}, {"age": "", "name": ""}, {"age": 4.0}]}


@pytest.mark.parametrize(
    ("source", "number"),
    [
        ("count(/data/child)", 3),
        ("count(/data/child/name)", 2),
        ("count(/data/none)", 0),
        ("count-non-empty(/data/child/age)", 2),
        ("count-non-empty(/data/child)", 3),
        ("sum(/data/child/age)", 13),
        ("sum(/data/child/name)", 0),
        ("sum(/data/none)", 0),
    ],
)
def test_nodes_are_counted_and_added_up(source: str, number: float) -> None:
    assert evaluate(source, CHILDREN) == number


@pytest.mark.parametrize(
    "source", ["count(1)", "sum('x')", "count-non-empty(1)", "randomize(1)", "position(1)", "area(1)"]
)
def test_what_is_no_path_has_no_nodes(source: str) -> None:
    with pytest.raises(EvaluationError) as raised:
        evaluate(source)
    assert raised.value.code == "nodeset"
    assert source.startswith(raised.value.params["function"])


@pytest.mark.parametrize(
    ("seed", "order"),
    [
        ("42", "c1 c2 c3"),
        ("'42'", "c1 c2 c3"),
        ("1", "c2 c1 c3"),
        ("0", "c3 c2 c1"),
        ("''", "c3 c2 c1"),
        ("-7", "c1 c2 c3"),
        ("123456789", "c1 c2 c3"),
        ("1.9", "c2 c1 c3"),
    ],
)
def test_the_same_seed_gives_javarosas_order(seed: str, order: str) -> None:
    world = with_counties()
    source = f"join(' ', randomize(instance('county')/root/item/name, {seed}))"
    assert world.evaluate(source) == order


def test_a_text_is_a_seed_too() -> None:
    world = with_counties()
    first, second = (
        world.evaluate(f"join(' ', randomize(instance('county')/root/item/name, '{seed}'))")
        for seed in ("Ann", "Eve")
    )
    assert sorted(to_string(first).split()) == sorted(to_string(second).split()) == ["c1", "c2", "c3"]
    assert first != second


def test_without_a_seed_every_order_comes_up() -> None:
    world = with_counties()
    source = "join(' ', randomize(instance('county')/root/item/name))"
    assert len({world.evaluate(source) for _ in range(200)}) == 6


def with_counties() -> World:
    world = World.of()
    world.add_instance("county", [{"name": name} for name in ("c1", "c2", "c3")])
    return world


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("pulldata('fruit', 'price', 'name', 'apple')", "30"),
        ("pulldata('fruit.csv', 'price', 'name', 'pear')", "40"),
        ("pulldata('fruit', 'price', 'name', 'none')", ""),
        ("pulldata('fruit', 'none', 'name', 'apple')", ""),
        ("pulldata('fruit', 'name', 'price', 40)", "pear"),
    ],
)
def test_a_cell_is_pulled_from_a_file(source: str, value: Value) -> None:
    world = World.of()
    world.add_instance("fruit", [{"name": "apple", "price": "30"}, {"name": "pear", "price": "40"}])
    assert world.evaluate(source) == value


def test_a_missing_file_is_an_error() -> None:
    with pytest.raises(EvaluationError) as raised:
        evaluate("pulldata('none', 'a', 'b', 'c')")
    assert (raised.value.code, raised.value.params) == ("instance", {"name": "none"})
