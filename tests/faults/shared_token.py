"""Two phones with the same token: what both edit at once is kept twice, a revision and a conflict.

python -m tests.faults.shared_token --rounds 100 --seed 1
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tests.faults import wire
from tests.faults.phones import JsonPhone, note_results
from tests.faults.program import run
from tests.faults.races import at_once
from tests.faults.records import Draw, Record
from tests.faults.scenes import Scene


def act(set_up: Scene, rounds: int, seed: int) -> None:
    """Both have a record, both edit it, both send at the same moment, and once more."""
    draw, phone = Draw(seed), JsonPhone(set_up)
    for _round in range(rounds):
        record = draw.record()
        phone.deliver([record])
        edits = [replace(draw.edit(record), base_revision=1) for _phone in range(2)]
        first, again = (_send(set_up, edits) for _time in range(2))
        set_up.ledger.expect(sorted(first) == ["quarantined", "stored"], first)
        set_up.ledger.expect(sorted(again) == ["duplicate", "quarantined"], again)
    phone.close()


def _send(set_up: Scene, edits: Sequence[Record]) -> list[str]:
    """What is said of each of them."""
    for edit in edits:
        set_up.ledger.sent(edit, by_xml=False)
    answers = at_once(set_up, [wire.batch(set_up.token, [edit]) for edit in edits])
    said = (
        note_results(set_up.ledger, [edit], answer)
        for edit, answer in zip(edits, answers, strict=True)
        if answer and answer.status == 200
    )
    return [status for statuses in said for status in statuses]


if __name__ == "__main__":
    run(act, rounds=100)
