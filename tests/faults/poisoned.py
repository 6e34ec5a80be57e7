"""Batches of fifty with one poisoned item: the other forty-nine are stored, and it gets its own verdict.

python -m tests.faults.poisoned --rounds 200 --seed 1
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from tests.faults import wire
from tests.faults.ledger import WORDS
from tests.faults.program import run
from tests.faults.records import Draw, as_json
from tests.faults.scenes import Scene
from tests.faults.wire import Line, written

Item: TypeAlias = dict[str, Any]
_BATCH = 50


def _with(**changes: Any) -> Callable[[Item], bytes]:
    return lambda item: written(item | changes)


def _answered(**changes: Any) -> Callable[[Item], bytes]:
    return lambda item: written(item | {"answers": item["answers"] | changes})


def _raw(old: bytes, new: bytes) -> Callable[[Item], bytes]:
    """With an answer that no JSON writer of Python's would write."""
    return lambda item: written(item | {"answers": {"rooms": "HERE"}}).replace(old, new)


def _file(**changes: Any) -> Callable[[Item], bytes]:
    told = {"name": "a.png", "sha256": "0" * 64, "size": 1, "type": "image/png"} | changes
    return lambda item: written(item | {"attachments": [told]})


def _nested(levels: int) -> Any:
    value: Any = 1
    for _level in range(levels):
        value = [value]
    return value


MALFORMED, WAITS, STORED = "malformed", "quarantined", "stored"
#: what is done to an item, and what is said of it then
POISONS: Mapping[str, tuple[str, Callable[[Item], bytes]]] = {
    "no object": (MALFORMED, lambda _item: b"5"),
    "null": (MALFORMED, lambda _item: b"null"),
    "a list": (MALFORMED, lambda _item: b"[[]]"),
    "empty": (MALFORMED, lambda _item: b"{}"),
    "no id": (MALFORMED, _with(id=None)),
    "another id": (MALFORMED, _with(id="../../etc/passwd")),
    "answers are a list": (MALFORMED, _with(answers=[1])),
    "no number": (MALFORMED, _raw(b'"HERE"', b"NaN")),
    "endless number": (MALFORMED, _raw(b'"HERE"', b"1e999")),
    "four thousand digits": (MALFORMED, _raw(b'"HERE"', b"9" * 4400)),
    "name twice": (MALFORMED, _raw(b'"rooms":"HERE"', b'"rooms":1,"rooms":2')),
    "too deep": (MALFORMED, _answered(note=_nested(60))),
    "a path for a file": (MALFORMED, _file(name="../../keys.json")),
    "a file of negative size": (MALFORMED, _file(size=-1)),
    "no digest": (MALFORMED, _file(sha256="x")),
    "zero byte": (WAITS, _answered(note="a\0b")),
    "half a character": (WAITS, _raw(b'"HERE"', b'"\\ud800"')),
    "text for a number": (WAITS, _answered(rooms="three")),
    "number for a text": (WAITS, _answered(note=7)),
    "a section that is a word": (WAITS, _answered(place="75")),
    "a roster that is none": (WAITS, _answered(child={"name": "x"})),
    "unknown choice": (WAITS, _answered(worries=["sharks"])),
    "unknown version": (WAITS, _with(version="99")),
    "unknown questionnaire": (WAITS, _with(questionnaire="nowhere")),
    "an edit of nothing": (WAITS, _with(base_revision=7)),
    "sealed to nobody": (WAITS, lambda item: written({"id": item["id"], "sealed": "AAAA"})),
    "a huge whole number": (WAITS, _answered(rooms=10**40)),
    "nobody's field": (STORED, _answered(shoe_size=43)),
    "a broken rule": (STORED, _answered(child=[{"name": "x", "age": 99}])),
}


def act(set_up: Scene, rounds: int, seed: int) -> None:
    """Each round has another poison, somewhere in the batch; the batch is sent twice."""
    draw, line = Draw(seed), Line(set_up.address)
    names = draw.random.sample(list(POISONS), len(POISONS))
    for number in range(rounds):
        _send(set_up, line, draw, names[number % len(names)])
    line.close()


def _send(set_up: Scene, line: Line, draw: Draw, name: str) -> None:
    ledger, (expected, poison) = set_up.ledger, POISONS[name]
    records = [draw.record() for _record in range(_BATCH - 1)]
    items = [written(as_json(record)) for record in records]
    position = draw.random.randrange(_BATCH)
    poisoned = draw.record()
    ledger.strangers.add(poisoned.id)
    items.insert(position, poison(as_json(poisoned)))
    for record in records:
        ledger.sent(record, by_xml=False)
    for sound in ("stored", "duplicate"):
        answer = line.ask(wire.batch_of(set_up.token, items))
        ledger.answered(answer.status)
        results = answer.json()["results"]
        said = results.pop(position)["status"]
        ledger.expect(said in {expected, sound if expected == STORED else expected}, f"{name}: {said}")
        for record, result in zip(records, results, strict=True):
            ledger.expect(result["status"] == sound, f"{name}: a neighbour is {result['status']}")
            if result["status"] in WORDS:
                ledger.acknowledged(record, WORDS[result["status"]], result["receipt"])


if __name__ == "__main__":
    run(act, rounds=200)
