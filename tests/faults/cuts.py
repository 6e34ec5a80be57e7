"""Connections cut after every byte of a request, and before the answer: nothing half-written stays.

python -m tests.faults.cuts --rounds 1 --seed 1
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator, Sequence
from contextlib import suppress
from random import Random

from tests.faults import wire
from tests.faults.ledger import Ledger
from tests.faults.phones import CollectPhone, JsonPhone
from tests.faults.program import run
from tests.faults.records import Draw, Record
from tests.faults.scenes import Scene
from tests.faults.wire import Request

#: pixels a side: a picture of some 250 bytes
_SMALL = 12
#: SO_LINGER that makes closing a reset
_RESET = struct.pack("ii", 1, 0)


def act(set_up: Scene, rounds: int, seed: int) -> None:
    """In each round every request of two records is cut at every byte; then the records are sent whole."""
    _sweep(set_up, rounds, seed, every=1)


def at_some_bytes(set_up: Scene, rounds: int, seed: int) -> None:
    """The short form: at every twentieth byte or so."""
    _sweep(set_up, rounds, seed, every=20)


def _sweep(set_up: Scene, rounds: int, seed: int, every: int) -> None:
    draw = Draw(seed)
    for _round in range(rounds):
        by_json, by_xml = [draw.record(photo=True)], [draw.record(photo=True)]
        for request in _requests(set_up, by_json[0], by_xml[0]):
            _cut(set_up, request, draw.random, every)
        for phone, records in ((JsonPhone(set_up), by_json), (CollectPhone(set_up), by_xml)):
            phone.deliver(records)
            phone.close()


def _requests(set_up: Scene, by_json: Record, by_xml: Record) -> Iterator[Request]:
    """Whatever phones send for these; the upload's first half has come already."""
    assert by_json.photo is not None
    assert by_xml.photo is not None
    ledger = set_up.ledger
    ledger.sent(by_json, by_xml=False)
    ledger.sent(by_xml, by_xml=True)
    yield wire.batch(set_up.token, [by_json])
    yield wire.post(set_up.key, by_xml, [by_xml.photo])
    yield wire.upload(set_up.token, by_json.photo)


def _cut(set_up: Scene, request: Request, random: Random, every: int) -> None:
    """Send its first bytes only, as many as there are; and all of it without hearing the answer."""
    whole = request.as_bytes(set_up.address.removeprefix("http://"))
    for position in [*_positions(len(whole), random, every), len(whole)]:
        with wire.connected(set_up.address) as line, suppress(OSError):
            if random.random() < 0.5:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            line.sendall(whole[:position])
            _note(set_up.ledger, line, is_whole=position == len(whole))


def _positions(length: int, random: Random, every: int) -> Sequence[int]:
    return range(random.randrange(every), length, every)


def _note(ledger: Ledger, line: socket.socket, *, is_whole: bool) -> None:
    """Half of the phones wait for what is said of half a request: it is never success."""
    if is_whole:
        return
    line.shutdown(socket.SHUT_WR)
    line.settimeout(10)
    try:
        status = wire.answer_on(line).status
    except OSError as error:
        ledger.answered(type(error).__name__)
        return
    ledger.answered(status)
    ledger.expect(status >= 400, f"half a request was answered {status}")


if __name__ == "__main__":
    run(act, rounds=1)
