"""Edits that overtake each other: each is a revision or waits, by JSON and by OpenRosa; none is lost.

python -m tests.faults.out_of_order --rounds 200 --seed 1
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from tests.faults.phones import CollectPhone, JsonPhone, Phone
from tests.faults.program import run
from tests.faults.records import Draw, Record
from tests.faults.scenes import Scene

_REVISIONS = 5


def act(set_up: Scene, rounds: int, seed: int) -> None:
    """In each round five revisions by each channel, some sent twice, in any order, and all at the end."""
    draw = Draw(seed)
    for _round in range(rounds):
        for kind in (JsonPhone, CollectPhone):
            history = _history(draw)
            order = [*history, *draw.random.choices(history, k=3)]
            draw.random.shuffle(order)
            _deliver(kind(set_up), [*order, *history])


def _deliver(phone: Phone, order: Sequence[Record]) -> None:
    for revision in order:
        phone.deliver([revision])
    phone.close()


def _history(draw: Draw) -> list[Record]:
    """A record and its edits, each of the one before it."""
    history = [draw.record()]
    for number in range(1, _REVISIONS):
        before = history[-1]
        history.append(
            replace(
                draw.edit(before),
                base_revision=number,
                instance=UUID(int=draw.random.getrandbits(128), version=4),
                deprecates=before.instance or before.id,
            )
        )
    return history


if __name__ == "__main__":
    run(act, rounds=200)
