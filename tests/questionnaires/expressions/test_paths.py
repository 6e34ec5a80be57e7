"""Paths lead where JavaRosa's lead; `test_against_javarosa` compares at random, here are the rules."""

from __future__ import annotations

import pytest

from surveyapp.questionnaires.expressions import EvaluationError, Value, to_number, to_string
from tests.questionnaires.expressions.world import Answers, World

FAMILY: Answers = {
    "rooms": 3.0,
    "child": [
        {"name": "Ann", "age": 9.0, "toy": [{"price": 2.0}]},
        {"name": "Bob", "age": 4.0, "toy": [{"price": 5.0}, {"price": 1.0}]},
        {"name": "Eve", "age": 6.0},
    ],
}
BOB = "child[2]/age"


@pytest.fixture
def world() -> World:
    return World.of(FAMILY)


def number(world: World, source: str, at: str = "") -> float:
    return to_number(world.evaluate(source, at))


def test_an_absolute_path_means_this_instance_inside_a_roster(world: World) -> None:
    assert number(world, "/data/child/age", BOB) == 4
    assert number(world, "count(/data/child)", BOB) == 1
    assert number(world, "sum(/data/child/toy/price)", BOB) == 6
    assert number(world, "/data/child/toy/price", "child[2]/toy[2]/price") == 1


def test_an_absolute_path_means_all_instances_outside_the_roster(world: World) -> None:
    assert number(world, "sum(/data/child/age)") == 19
    assert number(world, "sum(/data/child/age)", "rooms") == 19


def test_a_relative_path_means_all_instances_everywhere(world: World) -> None:
    assert number(world, "count(../../child)", BOB) == 3
    assert number(world, "sum(../../child/age)", BOB) == 19


def test_a_predicate_frees_its_step_but_not_those_behind_it(world: World) -> None:
    assert number(world, "sum(/data/child[age > 3]/age)", BOB) == 19
    assert number(world, "sum(/data/child[age > 3]/toy/price)", "child[2]/toy[1]/price") == 7


def test_one_value_of_several_instances_is_an_error(world: World) -> None:
    with pytest.raises(EvaluationError) as raised:
        to_string(world.evaluate("/data/child/age"))
    assert raised.value.code == "repeated"


def test_a_path_to_nothing_is_empty(world: World) -> None:
    for source in (
        "/data/none",
        "/other/rooms",
        "none",
        "/data/rooms/none",
        "/data/child[age > 99]/age",
    ):
        assert to_string(world.evaluate(source)) == ""
        assert number(world, f"count({source})") == 0


def test_above_the_root_is_nothing(world: World) -> None:
    with pytest.raises(EvaluationError) as raised:
        world.evaluate("../../../..", BOB)
    assert raised.value.code == "above_root"


def test_position_counts_among_nodes_of_the_same_name(world: World) -> None:
    assert number(world, "position(..)", BOB) == 2
    assert number(world, "position()", BOB) == 1
    assert number(world, "position(/data/none)", BOB) == 0
    assert number(world, "/data/child[position() = 3]/age") == 6


def test_the_first_predicate_sees_positions_in_the_roster_and_the_next_those_that_are_left(
    world: World,
) -> None:
    assert number(world, "/data/child[age < 8][position() = 1]/age") == 4
    assert number(world, "count(/data/child[age < 8][position() = 3])") == 0


@pytest.mark.parametrize("predicate", ["1", "'x'", "name"])
def test_only_a_truth_selects(world: World, predicate: str) -> None:
    assert number(world, f"count(/data/child[{predicate}])") == 0


def test_inside_a_predicate_current_is_the_expressions_own_node(world: World) -> None:
    assert to_string(world.evaluate("/data/child[age = current()/.]/name", BOB)) == "Bob"
    assert to_string(world.evaluate("current()/../name", BOB)) == "Bob"
    assert to_string(world.evaluate("/data/child[current()/. < age][position() = 2]/name", BOB)) == "Eve"


def test_irrelevant_nodes_are_not_seen(world: World) -> None:
    world.root.find("child[2]").hidden = True
    assert number(world, "count(/data/child)") == 2
    assert number(world, "sum(/data/child/age)") == 15
    assert to_string(world.evaluate("../name", BOB)) == ""
    assert number(world, "/data/child[position() = 3]/age") == 6


def test_an_instance_is_searched_from_its_holder(world: World) -> None:
    world.add_instance("town", [{"name": "a", "area": "n"}, {"name": "b", "area": "s"}])
    assert to_string(world.evaluate("instance('town')/root/item[name = 'b']/area")) == "s"
    assert number(world, "count(instance('town')/root/item[area != ''])") == 2


def test_inside_an_instances_predicate_relative_paths_are_its_columns(world: World) -> None:
    world.add_instance("town", [{"name": "Ann", "n": 1.0}, {"name": "Bob", "n": 2.0}])
    source = "instance('town')/root/item[name = current()/../name]/n"
    assert number(world, source, BOB) == 2
    assert number(world, "instance('town')/root/item[n < /data/rooms][position() = 2]/n") == 2


def test_an_unknown_instance_is_an_error(world: World) -> None:
    with pytest.raises(EvaluationError) as raised:
        world.evaluate("instance('none')/root/item")
    assert (raised.value.code, raised.value.params) == ("instance", {"name": "none"})


@pytest.mark.parametrize(
    ("source", "at", "value"),
    [
        ("indexed-repeat(/data/child/name, /data/child, 1)", BOB, "Ann"),
        ("indexed-repeat(/data/child/name, /data/child, 0)", BOB, "Ann"),
        ("indexed-repeat(/data/child/name, /data/child, 9)", BOB, ""),
        ("indexed-repeat(../name, .., 3)", BOB, "Eve"),
        ("indexed-repeat(/data/child/name, /data/child, position(..) - 1)", BOB, "Ann"),
        ("indexed-repeat(/data/child/toy/price, /data/child, 2, /data/child/toy, 2)", "", 1.0),
        ("indexed-repeat(/data/child/toy/price, /data/child/toy, 2)", BOB, 1.0),
        ("count(indexed-repeat(/data/child/toy/price, /data/child, 2))", "", 2.0),
    ],
)
def test_indexed_repeat_picks_an_instance(world: World, source: str, at: str, value: Value) -> None:
    assert to_string(world.evaluate(source, at)) == to_string(value)


@pytest.mark.parametrize(
    "source",
    [
        "indexed-repeat(/data/rooms, /data/child, 1)",
        "indexed-repeat('x', /data/child, 1)",
        "indexed-repeat(/data/child/age, 1, 1)",
        "indexed-repeat(/data/child, /data/child, 1)",
    ],
)
def test_indexed_repeat_needs_a_path_inside_the_roster(world: World, source: str) -> None:
    with pytest.raises(EvaluationError) as raised:
        world.evaluate(source)
    assert raised.value.code == "indexed_repeat"
