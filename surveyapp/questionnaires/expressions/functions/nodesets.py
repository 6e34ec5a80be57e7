"""Functions of what a path leads to."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator

from surveyapp.questionnaires.expressions.context import Context, Node
from surveyapp.questionnaires.expressions.conversions import (
    Function,
    Nodeset,
    Value,
    to_number,
    to_string,
    unpack,
)
from surveyapp.questionnaires.expressions.errors import EvaluationError
from surveyapp.questionnaires.expressions.functions.numbers import added
from surveyapp.questionnaires.expressions.functions.strings import values_of
from surveyapp.questionnaires.expressions.lookups import Indexed

#: Park and Miller's generator, which every XForms client shuffles with.
_MODULUS = 2**31 - 1
_MULTIPLIER = 16807


def nodeset(function: str, value: Value) -> Nodeset:
    """The value as nodes.

    Raises:
        EvaluationError: `nodeset`, it is not the value of a path.
    """
    if not isinstance(value, tuple):
        raise EvaluationError("nodeset", function=function)
    return value


def count(value: Value) -> float:
    """How many relevant nodes there are."""
    return float(len(nodeset("count", value)))


def count_non_empty(value: Value) -> float:
    """How many of the nodes hold an answer, or nodes."""
    return float(sum(map(_holds_something, nodeset("count-non-empty", value))))


def _holds_something(node: Node) -> bool:
    return node.value() != "" or bool(node.children("*"))


def total(value: Value) -> float:
    """The numbers of the nodes added up; those without a number count nothing."""
    numbers = map(to_number, values_of(nodeset("sum", value)))
    return added(number for number in numbers if not math.isnan(number))


def position(context: Context, *values: Value) -> float:
    """The position among nodes of the same name: of a path's first node, or of the context.

    0 for a path that leads nowhere.
    """
    if values:
        nodes = nodeset("position", values[0])
        return float(nodes[0].position) if nodes else 0.0
    if context.position is not None:
        return float(context.position)
    return float(context.node.position)


def randomize(context: Context, value: Value, *seed: Value) -> Nodeset:
    """The nodes in another order; the same order for the same seed, on every client.

    ODK XForms specification, `randomize`: Fisher-Yates, inside out, with Park and Miller's generator.
    """
    chances = _park_miller(_seed(seed[0])) if seed else _chances(context)
    shuffled: list[Node] = []
    for last, (node, chance) in enumerate(zip(nodeset("randomize", value), chances, strict=False)):
        place = int(chance * (last + 1))
        shuffled.append(node)
        shuffled[last], shuffled[place] = shuffled[place], shuffled[last]
    return tuple(shuffled)


def _park_miller(seed: int) -> Iterator[float]:
    """Numbers from 0 to below 1, always the same for a seed."""
    while True:
        seed = seed * _MULTIPLIER % _MODULUS
        yield (seed - 1) / (_MODULUS - 1)


def _chances(context: Context) -> Iterator[float]:
    yield 0.0  # the first node has but one place
    while True:
        yield context.scope.random()


def _seed(value: Value) -> int:
    number = to_number(value)
    text = to_string(value)
    if math.isnan(number) and text not in {"", "NaN"}:
        digest = hashlib.sha256(text.encode(errors="replace")).digest()
        whole = int.from_bytes(digest[:8], "big", signed=True)
    else:
        whole = 0 if math.isnan(number) else int(max(-(2.0**63), min(number, 2.0**63 - 1024)))
    seed = abs(whole) % _MODULUS * (1 if whole > 0 else -1)
    return seed if seed > 0 else seed + _MODULUS - 1


def pulldata(context: Context, source: Value, column: Value, key_column: Value, key: Value) -> str:
    """One cell of a file: of the first row whose `key_column` is `key`; `''` if there is none.

    Raises:
        EvaluationError: `instance`, there is no such file.
    """
    name = to_string(source).removesuffix(".csv")
    holder = context.scope.instance(name)
    if holder is None:
        raise EvaluationError("instance", name=name)
    wanted, where = to_string(key), to_string(key_column)
    for root in holder.children("root"):
        for row in _rows_with(root, where, wanted):
            return to_string(tuple(row.children(to_string(column))))
    return ""


def _rows_with(root: Node, column: str, text: str) -> Iterator[Node]:
    """The rows with a text in a column, looked up if that can be."""
    found = root.matching(column, text) if isinstance(root, Indexed) else None
    for row in root.children("item") if found is None else found:
        if row.name == "item" and to_string(tuple(row.children(column))) == text:
            yield row


def once(context: Context, value: Value) -> Value:
    """The context node's own value, or `value` as long as it has none."""
    own = context.node.value()
    return unpack(value) if own == "" else own


NODESETS: dict[str, Function] = {"count": count, "count-non-empty": count_non_empty, "sum": total}
NODESETS_IN_CONTEXT: dict[str, Function] = {
    "once": once,
    "position": position,
    "pulldata": pulldata,
    "randomize": randomize,
}
