"""Whatever the answers are, an expression has a value or an `EvaluationError`."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from surveyapp.questionnaires.definition import DataType, Tree
from surveyapp.questionnaires.expressions import (
    Context,
    EvaluationError,
    Scalar,
    compile_expression,
    storage_text,
    to_boolean,
    to_number,
    to_string,
)
from surveyapp.questionnaires.expressions.parser import PRECEDENCE
from surveyapp.questionnaires.expressions.signatures import SIGNATURES
from tests.questionnaires.expressions.world import World

zones = st.sampled_from((UTC, timezone(timedelta(hours=5)), timezone(-timedelta(hours=12))))
answers = st.one_of(
    st.text(max_size=12),
    st.sampled_from(("2024-02-29", "9999-12-31T23:59:59-12:00", "0001-01-01", "\ud800", "(", "%")),
    st.floats(),
    st.sampled_from((math.nan, math.inf, -0.0, 2.0**31, 1e308, 5e-324)),
    st.booleans(),
    st.dates(),
    st.sampled_from((date.min, date.max)),
    st.datetimes(timezones=zones),
    st.sampled_from((datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))),
    st.times(timezones=st.none() | st.just(UTC)),
)
calls = [(name, count) for name in SIGNATURES for count in range(5) if SIGNATURES[name].accepts(count)]
operators = [(operator, 2) for level in PRECEDENCE for operator in sorted(level)]


def value_of(tree: Tree, given_answers: list[Scalar], now: datetime) -> None:
    world = World.of({"a": list(given_answers)})
    world.now = now
    world.add_instance("file", [{"name": "x"}])
    try:
        value = compile_expression(tree)(Context(world, world.root, world.root))
        to_string(value), to_number(value), to_boolean(value)
        for type_ in DataType:
            assert isinstance(storage_text(value, world, type_), str)
    except EvaluationError as error:
        assert error.code


def operands(count: int) -> list[Tree]:
    def nth(number: int) -> Tree:
        return ["=", ["call", "position"], ["number", number]]

    return [["absolute", ["data"], ["a", nth(number + 1)]] for number in range(count)]


@pytest.mark.parametrize(("name", "count"), calls)
@settings(max_examples=25)
@given(data=st.data(), now=st.datetimes(timezones=zones))
def test_a_call_has_a_value_or_a_structured_error(
    name: str, count: int, data: st.DataObject, now: datetime
) -> None:
    tree = ["call", name, *operands(count)]
    value_of(tree, data.draw(st.lists(answers, min_size=count, max_size=count)), now)


@pytest.mark.parametrize(("operator", "count"), operators)
@settings(max_examples=25)
@given(data=st.data(), now=st.datetimes(timezones=zones))
def test_an_operation_has_a_value(operator: str, count: int, data: st.DataObject, now: datetime) -> None:
    tree = [operator, *operands(count)]
    value_of(tree, data.draw(st.lists(answers, min_size=count, max_size=count)), now)


@given(st.text(), st.text())
@example("2024-02-29", "%Y")
def test_any_text_can_be_a_date_and_its_format(text: str, pattern: str) -> None:
    now = datetime(2024, 3, 15, tzinfo=UTC)
    value_of(["call", "format-date", *operands(2)], [text, pattern], now)
    value_of(["call", "decimal-time", *operands(1)], [time(23, 59)], now)
