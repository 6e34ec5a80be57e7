"""Random interviews with JavaRosa's answers: what another engine must give for the same steps.

    for round_ in interview(oracle, form, seed=1):
        … apply round_.steps to the engine under test, compare its nodes with round_.expected …

The clock should stand still (`Oracle(now=NOW)`). Nodes that depend on `uuid()` or `random()` differ by
nature: `volatile_paths` finds them by running the same steps again.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from tests.oracle.engine import Oracle, OracleError, Reply, Step

#: A node of a dump.
Node: TypeAlias = dict[str, Any]

TEXTS = ("", "Ann", "bob smith", "0712345678", "123456789", "Élan 2", "a", "x" * 40, "none", "5")
LIKELY_INTEGERS = (0, 1, 2, 3, 4, 5)
OTHER_INTEGERS = (-1, 8, 12, 15, 17, 18, 20, 45)
LINE = "1.0 2.0 0.0 0.0; 1.1 2.1 0.0 0.0"
POLYGON = f"{LINE}; 1.2 2.0 0.0 0.0; 1.0 2.0 0.0 0.0"


@dataclass(frozen=True, slots=True)
class Round:
    """Some steps, the engine's replies to them, and its dump afterwards."""

    steps: Sequence[Step]
    replies: Sequence[Reply]
    expected: Reply


def interview(
    oracle: Oracle, form: Path | str, *, seed: int, rounds: int = 6, per_round: int = 6
) -> Iterator[Round]:
    """The rounds of one random interview: the first has no steps, it shows the new form.

    Each round is drawn from the state that the round before left, so the steps make sense: only
    relevant, writable questions are answered, with values of their type and from their choices.

    Raises:
        OracleError: JavaRosa cannot load the form or show it.
    """
    draw = random.Random(f"{Path(form).name}-{seed}")  # noqa: S311  # reproducible, not secret
    oracle.load(form)
    dump = oracle.dump()
    yield Round((), (), dump)
    for _ in range(rounds):
        steps = [step for _ in range(per_round) if (step := _next_step(dump["nodes"], draw))]
        replies = [oracle.raw(step) for step in steps]
        _raise_if_ended(replies)
        dump = oracle.dump()
        yield Round(steps, replies, dump)


def volatile_paths(oracle: Oracle, form: Path | str, rounds: Sequence[Round]) -> frozenset[str]:
    """Paths of the nodes that differ when the same steps are taken again."""
    oracle.load(form)
    differing: set[str] = set()
    for round_ in rounds:
        for step in round_.steps:
            oracle.raw(step)
        again = {node["path"]: node for node in oracle.dump()["nodes"]}
        differing.update(
            node["path"] for node in round_.expected["nodes"] if again.get(node["path"]) != node
        )
    return frozenset(differing)


def _raise_if_ended(replies: Sequence[Reply]) -> None:
    for reply in replies:
        if reply.get("dead") or "paging forward" in reply.get("error", ""):
            raise OracleError(reply)


def _next_step(nodes: Sequence[Node], draw: random.Random) -> Step | None:
    instances = [node for node in nodes if node["kind"] == "repeat" and node["relevant"]]
    chance = draw.random()
    if instances and chance < 0.12:
        return {"new_repeat": draw.choice(instances)["path"].rsplit("[", 1)[0]}
    if instances and chance < 0.16:
        return {"delete_repeat": draw.choice(instances)["path"]}
    questions = [node for node in nodes if _can_be_answered(node)]
    return _answer(questions, draw) if questions else None


def _can_be_answered(node: Node) -> bool:
    return bool(
        node.get("control") and node["relevant"] and not node["readonly"] and node["type"] != "binary"
    )


def _answer(questions: Sequence[Node], draw: random.Random) -> Step:
    # mostly unanswered questions, so that deep parts of the form come alive
    unanswered = [node for node in questions if node.get("value") is None]
    node = draw.choice(unanswered if unanswered and draw.random() < 0.8 else questions)
    value = None if draw.random() < 0.06 else random_value(node, draw)
    if value is None:
        return {"clear": node["path"]}
    return {"set": node["path"], "value": value}


def random_value(node: Node, draw: random.Random) -> str | None:
    """A value that this question might get; None for a type that this cannot make up."""
    if node.get("choices"):
        return _random_choice(node, draw)
    if node.get("control") == "trigger":
        return "OK"
    make = _BY_TYPE.get(node["type"])
    return make(draw) if make else None


def _random_choice(node: Node, draw: random.Random) -> str:
    names = [choice["name"] for choice in node["choices"]]
    if node["type"] == "multiple_items" or node.get("control") == "select_multi":
        return " ".join(draw.sample(names, draw.randint(1, min(3, len(names)))))
    if node.get("control") == "rank":
        return " ".join(draw.sample(names, len(names)))
    return str(draw.choice(names))


def _integer(draw: random.Random) -> str:
    return str(draw.choice(LIKELY_INTEGERS if draw.random() < 0.6 else OTHER_INTEGERS))


def _decimal(draw: random.Random) -> str:
    return draw.choice(("0", "0.5", "2.345", "61.5", "-1.25", "250.5", str(draw.randint(0, 500))))


def _date(draw: random.Random) -> str:
    year = draw.choice((1950, 1990, 2010, 2023, 2024, 2025))
    return f"{year}-{draw.randint(1, 12):02d}-{draw.randint(1, 28):02d}"


def _datetime(draw: random.Random) -> str:
    day = f"{draw.choice((2010, 2024))}-{draw.randint(1, 12):02d}-{draw.randint(1, 28):02d}"
    return f"{day}T{draw.randint(0, 23):02d}:30:00.000Z"


def _time(draw: random.Random) -> str:
    return f"{draw.randint(0, 23):02d}:{draw.randint(0, 59):02d}:00.000Z"


def _geopoint(draw: random.Random) -> str:
    place = f"{draw.uniform(-60, 60):.5f} {draw.uniform(-170, 170):.5f}"
    return f"{place} 10.0 {draw.choice(('4.0', '12.5'))}"


def _text(draw: random.Random) -> str:
    return draw.choice(TEXTS)


#: JavaRosa's names of types.
_BY_TYPE: dict[str, Callable[[random.Random], str]] = {
    "integer": _integer,
    "long": _integer,
    "decimal": _decimal,
    "date": _date,
    "date_time": _datetime,
    "time": _time,
    "geopoint": _geopoint,
    "geotrace": lambda draw: LINE,
    "geoshape": lambda draw: POLYGON,
    "boolean": lambda draw: draw.choice(("0", "1")),
    "text": _text,
    "barcode": _text,
}
