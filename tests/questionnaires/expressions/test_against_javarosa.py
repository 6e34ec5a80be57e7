"""Random expressions have the same value here and in JavaRosa, wherever JavaRosa gives one."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from surveyapp.questionnaires import xform
from surveyapp.questionnaires.definition import Questionnaire, Tree
from surveyapp.questionnaires.expressions import (
    Context,
    EvaluationError,
    Scalar,
    Value,
    compile_expression,
    print_expression,
    to_boolean,
    to_number,
    to_string,
    unpack,
)
from tests.oracle import NOW, Oracle, Reply, require_java
from tests.questionnaires.expressions.generated import CONTEXTS, expressions
from tests.questionnaires.expressions.world import World
from tests.questionnaires.forms import xform_of

FORM = Path(__file__).parent / "forms" / "world.md"
#: Kazakhstan's, without the summer times of the past: an interview has one offset
ZONE = timezone(timedelta(hours=5))
ANSWERS = {
    "text": "Сәлем a",
    "whole": "12",
    "decimal": "2.5",
    "day": "2024-02-29",
    "moment": "2024-03-01T22:30:15.250Z",
    "one": "yes",
    "many": "red orange",
    "field": "43.2 76.9 0 0; 43.3 76.9 0 0; 43.3 77.0 0 0; 43.2 76.9 0 0",
    "visit/rooms": "3",
    "never/hidden": "7",
    "child[1]/name": "Ann",
    "child[1]/age": "9",
    "child[1]/school/grade": "3",
    "child[1]/toy[1]/price": "2",
    "child[2]/name": "Bob",
    "child[2]/age": "4",
    "child[2]/school/grade": "1",
    "child[2]/toy[1]/label": "car",
    "child[2]/toy[1]/price": "5",
    "child[2]/toy[2]/label": "ball",
    "child[2]/toy[2]/price": "1",
    "child[3]/age": "6",
}
COLOURS = {
    "red": "yes",
    "blue": "no",
    "orange": "yes",
    "green": "no",
    "violet": "no",
    "yellow": "yes",
    "black": "",
    "white": "",
}
NEW_INSTANCES = ("child", "child", "child[2]/toy", "child[2]/toy")
WITH_EXPONENT = re.compile(r"-?[0-9.]+E-?[0-9]+")


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    """JavaRosa with the form filled in."""
    require_java()
    with Oracle(now=NOW, tz="Etc/GMT-5") as running:
        running.load(FORM)
        for roster in NEW_INSTANCES:
            running.new_repeat(f"/data/{roster}")
        for path, value in ANSWERS.items():
            running.set(f"/data/{path}", value)
        yield running


@pytest.fixture(scope="module")
def world(oracle: Oracle) -> World:
    """The same answers for our evaluator, read from JavaRosa's own state."""
    world = World(now=datetime.fromisoformat(NOW).replace(tzinfo=ZONE))
    for node in oracle.dump(choices=False)["nodes"]:
        place, _, name = node["path"].removeprefix("/data/").rpartition("/")
        element = (world.root.find(place) if place else world.root).add(name.split("[")[0])
        element.hidden = not node["relevant"]
        element.own = typed(node.get("type"), node.get("value"))
    rows = enumerate(COLOURS.items())
    world.add_instance(
        "colour",
        [{"name": name, "warm": warm, "itextId": f"colour-{number}"} for number, (name, warm) in rows],
    )
    form = definition()
    world.translations = form.translations[form.default_language]
    attributes = {item.path: item.attributes for item in form.walk()} | {"": form.root.attributes}
    for element in list(world.root.walk()):
        for name, text in attributes.get(element.path, {}).items():
            element.add(f"@{name}", text)
    return world


@cache
def definition() -> Questionnaire:
    """The form of the world, with all that an expression may read of it."""
    return xform.parse(xform_of(FORM), as_written=True)


def typed(kind: str | None, text: str | None) -> Scalar:
    """The typed value of a stored text."""
    if not text:
        return ""
    if kind in {"integer", "decimal"}:
        return float(text)
    if kind == "date":
        return date.fromisoformat(text)
    return datetime.fromisoformat(text) if kind == "date_time" else text


@pytest.mark.java
@settings(
    max_examples=600,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(tree=expressions(), where=st.sampled_from(CONTEXTS))
def test_an_expression_has_javarosas_value(oracle: Oracle, world: World, tree: Tree, where: str) -> None:
    reply = oracle.raw({"eval": print_expression(tree), "context": where})
    try:
        ours = evaluate(world, tree, where)
    except EvaluationError as error:
        # JavaRosa takes the root for whatever is named above it
        assert not reply["ok"] or error.code == "above_root"
        return
    if reply["ok"]:
        assert differences(ours, reply["result"]) == {}


@pytest.mark.java
@pytest.mark.parametrize("seed", ["1", "42", "0", "-7", "2147483647", "123456789.9", "''", "'17'"])
def test_a_seed_gives_javarosas_order(oracle: Oracle, world: World, seed: str) -> None:
    source = f"join(' ', randomize(instance('colour')/root/item/name, {seed}))"
    assert world.evaluate(source) == oracle.eval(source)["string"]


def evaluate(world: World, tree: Tree, where: str) -> Value:
    place = where.removeprefix("/data").removeprefix("/")
    node = world.root.find(place) if place else world.root
    return unpack(compile_expression(tree)(Context(world, node, current=node)))


def differences(ours: Value, theirs: Reply) -> dict[str, tuple[Any, Any]]:
    """What differs: ours and JavaRosa's type, text, number and truth."""
    return {
        what: (our, their)
        for what, our, their in (
            ("type", kind(ours), theirs["type"]),
            ("string", to_string(ours), theirs["string"]),
            ("number", to_number(ours), float(theirs["number"])),
            ("boolean", to_boolean(ours), theirs["boolean"]),
        )
        if not agree(our, their)
    }


def kind(value: Value) -> str:
    names = {str: "string", float: "double", bool: "boolean", date: "date", datetime: "date"}
    return names[type(value)]


def agree(ours: object, theirs: object) -> bool:
    if isinstance(ours, float) and isinstance(theirs, float):
        return ours == theirs or (math.isnan(ours) and math.isnan(theirs)) or close(ours, theirs)
    if isinstance(ours, str) and WITH_EXPONENT.fullmatch(str(theirs)):
        return close(float(ours), float(str(theirs)))
    return ours == theirs


def close(ours: float, theirs: float) -> bool:
    return math.isclose(ours, theirs, rel_tol=1e-12, abs_tol=1e-12)


@pytest.mark.java
def test_the_world_has_what_the_form_has(world: World) -> None:
    toy = world.root.find("child[2]/toy[2]")
    assert [(element.name, element.own) for element in toy.walk()] == [
        ("toy", ""),
        ("label", "ball"),
        ("price", 1.0),
    ]
    assert not world.root.find("never/hidden").relevant
