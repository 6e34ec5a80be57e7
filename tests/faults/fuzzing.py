"""Many bad requests to a real server, and what must never come back: a failure, a path, others' data."""

from __future__ import annotations

import argparse
import json
import logging
import math
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from threading import Lock
from typing import TypeAlias

from tests.collecting import CANARY
from tests.faults import smuggling, wire
from tests.faults.asking import Asker
from tests.faults.databases import POSTGRESQL, SQLITE
from tests.faults.records import Draw, Record
from tests.faults.scenes import Scene, scene

#: what is drawn from → the bytes of one request
Make: TypeAlias = Callable[[Random], bytes]
#: scene → what makes its requests
Maker: TypeAlias = Callable[[Scene], Make]

logger = logging.getLogger(__name__)
#: of the senders whose request has two lengths, so many hang up: the others may cost two seconds each
_GONE = 0.95
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
    """What came of it: `failures`, `leaks`, `smuggled`, `strays`, `logged` are to be 0, and memory flat."""

    requests: int = 0
    answers: dict[str, int] = field(default_factory=dict)
    #: server errors, and tracebacks in the log
    failures: int = 0
    #: answers that told of paths, of the program's inside, or of others' data
    leaks: int = 0
    #: more answers than requests on one connection
    smuggled: int = 0
    #: lines of the log that quote an answer, a token or a key
    logged: int = 0
    #: files where none should be
    strays: list[str] = field(default_factory=list)
    #: requests sent until then → KiB of all workers: at the start, after each tenth
    memory: dict[int, int] = field(default_factory=dict)
    #: whether a worker ended
    died: bool = False
    complaints: dict[str, int] = field(default_factory=dict)
    #: each with its number: `--first NUMBER --rounds 1` with the same seed sends it again
    examples: list[str] = field(default_factory=list)

    @property
    def grown(self) -> int:
        """KiB by which the workers grew once they were warm: after two tenths of the requests."""
        told = list(self.memory.values())
        return told[-1] - told[2] if len(told) > 2 else 0

    @property
    def is_good(self) -> bool:
        """Whether none of it happened."""
        wrong = self.failures or self.leaks or self.smuggled or self.logged or self.strays or self.died
        return not wrong and self.grown < _GROWTH

    def __str__(self) -> str:
        return json.dumps(asdict(self) | {"grown": self.grown}, ensure_ascii=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be sent: the requests of a seed, from a first number on."""

    rounds: int
    seed: int = 1
    first: int = 0
    #: connections at once
    senders: int = 4
    #: after which no further request is begun
    seconds: float = math.inf


def fuzz(set_up: Scene, make: Make, plan: Plan) -> Fuzzed:
    """Send so many requests on some connections at once; the same seed and number make the same one."""
    run = _Run(set_up, make, plan)
    workers = set_up.served.workers()
    _warm_up(set_up)
    found = run.play()
    found.died = set_up.served.workers() != workers
    found.strays = _strays(set_up)
    found.logged = _quoted_in_log(set_up)
    found.complaints = dict(Counter(set_up.served.complaints()))
    found.failures += sum(found.complaints.values())
    return found


class _Run:
    """Senders that share one row of numbers, and what they found."""

    def __init__(self, set_up: Scene, make: Make, plan: Plan) -> None:
        self._scene, self._make, self._plan = set_up, make, plan
        self._found = Fuzzed()
        self._numbers = iter(range(plan.first, plan.first + plan.rounds))
        self._deadline = time.monotonic() + plan.seconds
        self._lock = Lock()

    def play(self) -> Fuzzed:
        """Send all of them."""
        self._note_memory()
        with ThreadPoolExecutor(self._plan.senders) as threads:
            senders = [threads.submit(self._send) for _sender in range(self._plan.senders)]
        for sender in senders:
            sender.result()
        self._note_memory()
        return self._found

    def _send(self) -> None:
        asker = Asker(self._scene.address)
        while (number := self._next()) is not None:
            random = Random(f"{self._plan.seed}/{number}")  # noqa: S311  # to be repeated, no secret
            request = self._make(random)
            answer = asker.ask(request, is_gone=smuggling.MARK in request and random.random() < _GONE)
            with self._lock:
                self._judge(number, request, answer)
        with self._lock:
            self._found.smuggled += bool(asker.close())

    def _next(self) -> int | None:
        with self._lock:
            return None if time.monotonic() > self._deadline else next(self._numbers, None)

    def _judge(self, number: int, request: bytes, answer: bytes) -> None:
        found = self._found
        status = int(answer[9:12]) if answer.startswith(b"HTTP/1.") else 0
        found.requests += 1
        found.answers[str(status)] = found.answers.get(str(status), 0) + 1
        problems = {
            "failures": status >= 500 and status not in _RIGHT,
            "leaks": any(secret in answer for secret in _secrets(self._scene)),
            "smuggled": answer.count(b"HTTP/1.1 ") > 1,
        }
        for name, is_there in problems.items():
            if is_there:
                setattr(found, name, getattr(found, name) + 1)
                if len(found.examples) < _SHOWN:
                    found.examples.append(f"{number} {name}: {request[:1500]!r} → {answer[:1500]!r}")
        if found.requests % max(1, self._plan.rounds // 10) == 0:
            self._note_memory()

    def _note_memory(self) -> None:
        self._found.memory[self._found.requests] = self._scene.served.memory()
        logger.info("%s requests, %s", self._found.requests, self._found.memory)


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


def _quoted_in_log(set_up: Scene) -> int:
    """Lines of the log with something in them that is nobody's business."""
    told = set_up.served.log.read_bytes().splitlines()
    secrets = [secret.encode() for secret in (CANARY, set_up.token, set_up.other, set_up.key)]
    return sum(any(secret in line for secret in secrets) for line in told)


def run(maker: Maker, *, rounds: int) -> None:
    """Fuzz as the command line says, print what was found as JSON, and end with 1 when it is not good."""
    parser = argparse.ArgumentParser(description=maker.__doc__)
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first request")
    parser.add_argument("--senders", type=int, default=8, help="connections at once")
    parser.add_argument("--minutes", type=float, default=math.inf, help="after which to stop")
    parser.add_argument("--database", choices=(SQLITE, POSTGRESQL), default=SQLITE)
    chosen = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(143))
    plan = Plan(
        rounds=chosen.rounds,
        seed=chosen.seed,
        first=chosen.first,
        senders=chosen.senders,
        seconds=chosen.minutes * 60,
    )
    begun = time.monotonic()
    with scene(chosen.database) as set_up:
        found = fuzz(set_up, maker(set_up), plan)
    print(found)
    print(f"{time.monotonic() - begun:.0f} s", file=sys.stderr)
    sys.exit(0 if found.is_good else 1)
