"""Phones whose clocks are up to ten years off: their times are kept as they are, and flagged.

python -m tests.faults.clocks --rounds 200 --seed 1
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from random import Random
from uuid import UUID

from sqlalchemy import select

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.submissions.models import Flag, Submission
from tests.faults import wire
from tests.faults.phones import note_results
from tests.faults.program import run
from tests.faults.records import Draw, Record
from tests.faults.scenes import Scene
from tests.faults.wire import Line

_TEN_YEARS = 3653 * 24 * 3600
#: differences that are surely beyond the ten minutes from which on a record is flagged
_SURELY = timedelta(minutes=11)


def act(set_up: Scene, rounds: int, seed: int) -> None:
    """Each round is one phone, whose clock and offset from UTC are its own, and its record sent twice."""
    draw, line = Draw(seed), Line(set_up.address)
    skews: dict[UUID, timedelta] = {}
    for _round in range(rounds):
        skew = timedelta(seconds=draw.random.randint(-_TEN_YEARS, _TEN_YEARS))
        record = _collected(draw, skew)
        skews[record.id] = skew
        set_up.ledger.sent(record, by_xml=False)
        for expected in ("stored", "duplicate"):
            told = (utc_now() + skew).isoformat()
            answer = line.ask(wire.batch(set_up.token, [record], device_time=told))
            said = note_results(set_up.ledger, [record], answer)
            set_up.ledger.expect(said == [expected], said)
    line.close()
    _look_at_flags(set_up, skews)


def _collected(draw: Draw, skew: timedelta) -> Record:
    """A record with the times that a phone with such a clock writes."""
    zone = timezone(timedelta(minutes=15 * draw.random.randint(-48, 56)))
    started = datetime.now(zone).replace(microsecond=0) + skew
    return replace(draw.record(), started_at=started, finished_at=started + _an_hour(draw.random))


def _an_hour(random: Random) -> timedelta:
    return timedelta(seconds=random.randrange(3600))


def _look_at_flags(set_up: Scene, skews: dict[UUID, timedelta]) -> None:
    with set_up.app.app_context():
        for row in db.session.scalars(select(Submission).where(Submission.id.in_(skews))):
            skew = skews[row.id]
            is_flagged = Flag.CLOCK_SKEW in row.flags
            set_up.ledger.expect(is_flagged or abs(skew) < _SURELY, f"{row.id} is not flagged")
            measured = timedelta(seconds=row.clock_skew or 0)
            off = abs(measured - skew)
            set_up.ledger.expect(off < timedelta(minutes=1), f"{row.id}: measured {measured}, is {skew}")
        db.session.remove()
        db.engine.dispose()


if __name__ == "__main__":
    run(act, rounds=200)
