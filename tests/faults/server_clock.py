"""The server's own clock is moved by hours to ten years, both ways, while phones send.

`tests/faults/shifted` moves it in all processes of the server at once, for all that Python tells of time;
the times of files, and what the database would say, stay as they are.

python -m tests.faults.server_clock --rounds 100 --seed 1
"""

from __future__ import annotations

import math
import os
import struct
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.submissions import orphans
from tests.faults import wire
from tests.faults.crowds import Crowd, collecting, crowd_of
from tests.faults.phones import Asking, note_results
from tests.faults.program import run
from tests.faults.records import Draw, Record
from tests.faults.scenes import Scene, scene
from tests.faults.shifted import sitecustomize

_HOUR, _TEN_YEARS = 3600.0, 3653 * 24 * 3600.0
#: a clock that is so near to where it was put was surely moved
_NEAR = timedelta(minutes=5)
#: of what was sent before, so many records are sent again after each move
_AGAIN = 5
#: between the seeds of the crowd's records and the others: none is drawn twice
_APART = 10**6


@dataclass(frozen=True, slots=True)
class Clock:
    """How far the server's clock is off: seconds in a file that its processes look at."""

    file: Path

    def move(self, seconds: float) -> None:
        """Put it so far from the time that it is."""
        with self.file.open("r+b") as opened:
            opened.write(struct.pack("<d", seconds))

    def now(self) -> datetime:
        """What the server takes for now."""
        return utc_now() + timedelta(seconds=struct.unpack("<d", self.file.read_bytes())[0])


def act(set_up: Scene, rounds: int, seed: int) -> None:
    """In each round another clock: new records, old ones again, the worker's chores, a crowd all the while."""
    draw, asking = Draw(seed + _APART), Asking(set_up.address, set_up.ledger)
    clock = Clock(Path(set_up.served.environment[sitecustomize.FILE]))
    sent: list[Record] = []
    with Crowd(crowd_of(set_up, 2), collecting(seed)):
        for _round in range(rounds):
            clock.move(_drawn(draw.random))
            sent.append(draw.record())
            _send(set_up, asking, clock, sent[-1], {"stored", "duplicate"})
            for record in draw.random.sample(sent, min(_AGAIN, len(sent))):
                _send(set_up, asking, clock, record, {"duplicate"})
            _tend(set_up, clock)
            set_up.ledger.wait_for(draw.random.randrange(5, 30))
    asking.close()


def _drawn(random: Random) -> float:
    """Seconds from an hour to ten years, small ones as often as large ones, forward or back."""
    size = math.exp(random.uniform(math.log(_HOUR), math.log(_TEN_YEARS)))
    return random.choice((-size, size))


def _send(set_up: Scene, asking: Asking, clock: Clock, record: Record, expected: set[str]) -> None:
    """Send a record until it is answered; the server must believe its clock.

    Between two rounds the connection may be idle for so long that the server lets it go.
    """
    set_up.ledger.sent(record, by_xml=False)
    request = wire.batch(set_up.token, [record], device_time=utc_now().isoformat())
    answer = asking.until(request, lambda a: a.status == 200)
    said = note_results(set_up.ledger, [record], answer)
    set_up.ledger.expect(set(said) <= expected, said)
    off = abs(datetime.fromisoformat(answer.json()["server_time"]) - clock.now())
    set_up.ledger.expect(off < _NEAR, f"its clock is {off} from where it was put")


def _tend(set_up: Scene, clock: Clock) -> None:
    """What the worker does every few minutes: it lets go of what is over by that clock."""
    with set_up.app.app_context():
        orphans.tend(clock.now())
        db.session.remove()
        db.engine.dispose()


@contextmanager
def stage(database: str) -> Iterator[Scene]:
    """A server whose clock can be moved."""
    with tempfile.TemporaryDirectory(prefix="surveyapp-clock-") as folder:
        file = Path(folder) / "clock"
        file.write_bytes(struct.pack("<d", 0.0))
        path = [str(Path(sitecustomize.__file__).parent), os.environ.get("PYTHONPATH", "")]
        settings = {sitecustomize.FILE: str(file), "PYTHONPATH": os.pathsep.join(filter(None, path))}
        with scene(database, settings=settings) as set_up:
            yield set_up


if __name__ == "__main__":
    run(act, rounds=100, stage=stage)
