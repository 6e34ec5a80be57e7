"""Many bad requests to a real server, and what must never come back: a failure, a path, others' data."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from threading import Lock, Thread
from typing import TypeAlias

from tests.collecting import CANARY
from tests.faults import wire
from tests.faults.databases import POSTGRESQL, SQLITE
from tests.faults.records import Draw, Record
from tests.faults.scenes import Scene, scene

#: seed → the bytes of one request
Make: TypeAlias = Callable[[Random], bytes]
#: scene → what makes its requests
Maker: TypeAlias = Callable[[Scene], Make]

_THREADS = 4
#: server errors that are the right answer: later (503, 507), and a transfer coding that nobody
#: knows (501; RFC 9112, 6.1)
_RIGHT = {501, 503, 507}
#: KiB that two workers may grow by once they are warm
_GROWTH = 20 * 1024
#: what the instance folder has after any number of requests
_FILES = {"keys.json", "media", "surveyapp.sqlite3", "surveyapp.sqlite3-wal", "surveyapp.sqlite3-shm"}
_SHOWN = 5


@dataclass(slots=True)
class Fuzzed:
    """What came of it: `failures`, `leaks` and `strays` are to be 0, and memory flat."""

    requests: int = 0
    answers: dict[str, int] = field(default_factory=dict)
    #: server errors, and tracebacks in the log
    failures: int = 0
    #: answers that told of paths, of the program's inside, or of others' data
    leaks: int = 0
    #: more answers than requests on one connection
    smuggled: int = 0
    #: files where none should be
    strays: list[str] = field(default_factory=list)
    #: KiB of all workers, after a fifth of the requests and at the end
    memory: tuple[int, int] = (0, 0)
    #: whether a worker ended
    died: bool = False
    complaints: dict[str, int] = field(default_factory=dict)
    examples: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether none of it happened."""
        wrong = self.failures or self.leaks or self.smuggled or self.strays or self.died
        return not wrong and self.memory[1] - self.memory[0] < _GROWTH

    def __str__(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)


def fuzz(set_up: Scene, make: Make, rounds: int, seed: int) -> Fuzzed:
    """Send so many requests on four connections at once; the same seed sends the same ones."""
    found, workers = Fuzzed(), set_up.served.workers()
    _warm_up(set_up)
    _in_parallel(set_up, [_drawn(make, rounds // 5, f"{seed}/{n}") for n in range(_THREADS)], found)
    warm = set_up.served.memory()
    rest = rounds - rounds // 5
    _in_parallel(set_up, [_drawn(make, rest, f"{seed}/rest/{n}") for n in range(_THREADS)], found)
    found.memory = (warm, set_up.served.memory())
    found.died = set_up.served.workers() != workers
    found.strays = _strays(set_up)
    found.complaints = dict(Counter(set_up.served.complaints()))
    found.failures += sum(found.complaints.values())
    return found


def _drawn(make: Make, rounds: int, seed: str) -> Iterator[bytes]:
    """One thread's share of so many requests."""
    random = Random(seed)  # noqa: S311  # to be repeated, no secret
    return (make(random) for _round in range(rounds // _THREADS))


def _in_parallel(set_up: Scene, shares: Sequence[Iterator[bytes]], found: Fuzzed) -> None:
    lock = Lock()
    threads = [Thread(target=_send, args=(set_up, share, found, lock)) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _warm_up(set_up: Scene) -> None:
    """Somebody else's record, of which nothing may come back."""
    for record in _others():
        line = wire.Line(set_up.address)
        for request in (wire.batch(set_up.other, [record]), wire.post(set_up.key, record)):
            line.ask(request)
        line.close()


def _others() -> list[Record]:
    records = [Draw(seed).record() for seed in range(10)]
    for record in records:
        record.answers["note"] = CANARY
    return records


def _send(set_up: Scene, requests: Iterator[bytes], found: Fuzzed, lock: Lock) -> None:
    for request in requests:
        answer = _answer(set_up, request)
        with lock:
            _judge(set_up, found, request, answer)


def _answer(set_up: Scene, request: bytes) -> bytes:
    """All that comes back until the server hangs up; nothing when it does so at once."""
    received = bytearray()
    with wire.connected(set_up.address) as line:
        try:
            line.sendall(request)
            while piece := line.recv(65536):
                received += piece
        except OSError:
            pass  # it has answered before it read all; what came before the reset counts
    return bytes(received)


def _judge(set_up: Scene, found: Fuzzed, request: bytes, answer: bytes) -> None:
    status = int(answer[9:12]) if answer.startswith(b"HTTP/1.") else 0
    found.requests += 1
    found.answers[str(status)] = found.answers.get(str(status), 0) + 1
    problems = {
        "failures": status >= 500 and status not in _RIGHT,
        "leaks": any(secret in answer for secret in _secrets(set_up)),
        "smuggled": answer.count(b"HTTP/1.1 ") > 1,
    }
    for name, is_there in problems.items():
        if is_there:
            setattr(found, name, getattr(found, name) + 1)
            if len(found.examples) < _SHOWN:
                found.examples.append(f"{name}: {request[:1500]!r} → {answer[:1500]!r}")


def _secrets(set_up: Scene) -> tuple[bytes, ...]:
    folder = str(set_up.served.settings.instance_path).encode()
    return (
        CANARY.encode(),
        folder,
        b"Traceback",
        b"site-packages",
        b"sqlalchemy",
        b"root:x:",
        b"/surveyapp/",
    )


def _strays(set_up: Scene) -> list[str]:
    """Files beside those that the program makes, and what was left under way."""
    folder = set_up.served.settings.instance_path
    names = {file.name for file in folder.iterdir()} - _FILES
    names |= {file.name for file in folder.parent.iterdir()} - {
        folder.name,
        "server.log",
        "pg",
        "postgresql.log",
    }
    coming = folder / "media" / ".coming"
    names |= {file.name for file in coming.iterdir()} if coming.exists() else set()
    return sorted([*names, *_misplaced(folder / "media")])[:_SHOWN]


def _misplaced(media: Path) -> list[str]:
    """Files in the store at another address than those that the program makes."""
    kept = [file for file in media.rglob("*") if file.is_file()]
    return [str(f) for f in kept if len(f.name) not in {32, 64} or f.name[:2] != f.parent.name]


def run(maker: Maker, *, rounds: int) -> None:
    """Fuzz as the command line says, print what was found as JSON, and end with 1 when it is not good."""
    parser = argparse.ArgumentParser(description=maker.__doc__)
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=(SQLITE, POSTGRESQL), default=SQLITE)
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(143))
    begun = time.monotonic()
    with scene(chosen.database) as set_up:
        found = fuzz(set_up, maker(set_up), chosen.rounds, chosen.seed)
    print(found)
    print(f"{time.monotonic() - begun:.0f} s", file=sys.stderr)
    sys.exit(0 if found.is_good else 1)
