"""Functions of truth."""

from __future__ import annotations

from surveyapp.questionnaires.expressions.conversions import (
    Function,
    Value,
    to_boolean,
    to_index,
    to_number,
    to_string,
)
from surveyapp.questionnaires.expressions.errors import EvaluationError
from surveyapp.questionnaires.expressions.functions.numbers import added
from surveyapp.questionnaires.expressions.functions.strings import spread, values_of


def boolean_from_string(value: Value) -> bool:
    """True for `1` and for `true`, in whatever case."""
    return to_string(value).lower() in {"1", "true"}


def checklist(least: Value, most: Value, *factors: Value) -> bool:
    """Whether the number of true factors lies between the two; a negative bound does not bind."""
    low, high = to_index(least), to_index(most)
    count = sum(map(to_boolean, spread(factors)))
    return (low < 0 or count >= low) and (high < 0 or count <= high)


def weighted_checklist(least: Value, most: Value, *pairs: Value) -> bool:
    """Whether the weights of the true factors add up to something between the two.

    `pairs` are a factor and its weight in turn, or a nodeset of factors and one of weights.

    Raises:
        EvaluationError: `lengths`.
    """
    weights = [to_number(weight) for factor, weight in _factors_and_weights(pairs) if to_boolean(factor)]
    return to_number(least) <= added(weights) <= to_number(most)


def _factors_and_weights(pairs: tuple[Value, ...]) -> list[tuple[Value, Value]]:
    match pairs:
        case (tuple() as factors, tuple() as weights):
            if len(factors) != len(weights):
                raise EvaluationError("lengths")
            return list(zip(values_of(factors), values_of(weights), strict=True))
    return list(zip(pairs[::2], pairs[1::2], strict=True))


def depend(value: Value, *others: Value) -> Value:
    """The first argument; the others are named so that it is computed again when they change."""
    return value


LOGIC: dict[str, Function] = {
    "boolean": to_boolean,
    "boolean-from-string": boolean_from_string,
    "checklist": checklist,
    "depend": depend,
    "false": lambda: False,
    "not": lambda value: not to_boolean(value),
    "true": lambda: True,
    "weighted-checklist": weighted_checklist,
}
