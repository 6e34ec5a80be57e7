"""The same record on many connections at the same moment: every answer is success, with one receipt.

python -m tests.faults.races --rounds 50 --seed 1
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack, suppress
from threading import Barrier, Thread

from tests.faults import wire
from tests.faults.ledger import Word
from tests.faults.program import run
from tests.faults.records import Draw, Record
from tests.faults.scenes import Scene
from tests.faults.wire import Answer, Request

CONNECTIONS = (4, 16, 50)


def act(set_up: Scene, rounds: int, seed: int) -> None:
    """In each round one record by JSON and one with its photo by OpenRosa, on 4, 16 and 50 connections."""
    draw = Draw(seed)
    for _round in range(rounds):
        for connections in CONNECTIONS:
            _race_json(set_up, draw.record(), connections)
            _race_xml(set_up, draw.record(photo=True), connections)


def _race_json(set_up: Scene, record: Record, connections: int) -> None:
    ledger = set_up.ledger
    ledger.sent(record, by_xml=False)
    answers = came(at_once(set_up, [wire.batch(set_up.token, [record])] * connections))
    results = [answer.json()["results"][0] for answer in answers if answer.status == 200]
    said = sorted(result["status"] for result in results)
    ledger.expect(said == ["duplicate"] * (connections - 1) + ["stored"], said)
    for result in results:
        ledger.acknowledged(record, Word.HELD, result["receipt"])


def _race_xml(set_up: Scene, record: Record, connections: int) -> None:
    assert record.photo is not None
    ledger = set_up.ledger
    ledger.sent(record, by_xml=True)
    request = wire.post(set_up.key, record, [record.photo])
    answers = came(at_once(set_up, [request] * connections))
    said = [answer.status for answer in answers]
    ledger.expect(said == [201] * connections, said)
    if 201 in said:
        ledger.acknowledged(record, Word.HELD, files=(record.photo,))


def at_once(set_up: Scene, requests: Sequence[Request]) -> list[Answer | None]:
    """Each request on a connection of its own, all at the same moment; None: its connection broke."""
    answers: list[Answer | None] = [None] * len(requests)
    barrier = Barrier(len(requests))
    host = set_up.address.removeprefix("http://")

    def send(number: int) -> None:
        content = requests[number].as_bytes(host)
        with wire.connected(set_up.address) as line, suppress(OSError):
            barrier.wait()
            line.sendall(content)
            answers[number] = wire.answer_on(line)

    with ExitStack() as threads:
        for number in range(len(requests)):
            thread = Thread(target=send, args=(number,))
            thread.start()
            threads.callback(thread.join)
    for answer in answers:
        set_up.ledger.answered(answer.status if answer else "broken")
    return answers


def came(answers: Iterable[Answer | None]) -> list[Answer]:
    """Those that came."""
    return [answer for answer in answers if answer]


if __name__ == "__main__":
    run(act, rounds=50)
