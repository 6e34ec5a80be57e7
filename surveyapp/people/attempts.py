"""Limits that guard people: attempts are counted in the database, so that every server counts them.

An attempt is written down *before* the secret is checked (a burst of parallel tries cannot slip
through a count that is made afterwards) and taken back when it succeeds: only failures count.
Refused attempts do not count, so whoever waits gets in. What is counted is kept as a keyed hash:
people type passwords into name fields, and addresses are personal data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, IPv6Network, ip_address

from flask import request
from sqlalchemy import delete, insert, select
from werkzeug.exceptions import TooManyRequests

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people.keys import keyed_hash
from surveyapp.people.models import Attempt

#: how long an attempt is remembered at all; no window may be longer
REMEMBERED = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `ceiling` failed attempts within `window`; `name` tells limits apart."""

    name: str
    ceiling: int
    window: timedelta


class TooManyAttempts(TooManyRequests):
    """A limit is reached: 429 with `Retry-After` in seconds."""

    def __init__(self, seconds: int) -> None:
        super().__init__(retry_after=seconds)
        self.minutes = -(-seconds // 60)


@dataclass(frozen=True, slots=True)
class Claim:
    """An attempt that was let through and is counted until it is forgiven."""

    serials: tuple[int, ...]

    def forgive(self) -> None:
        """Take the attempt back: it succeeded."""
        _forget(self.serials)


def claim(counts: Sequence[tuple[Limit, str]]) -> Claim:
    """Count one attempt against each limit and subject; commits the session.

    Raises `TooManyAttempts` when one of the limits is reached; the attempt then counts against none.
    """
    now = utc_now()
    db.session.execute(delete(Attempt).where(Attempt.at < now - REMEMBERED))
    buckets = [(limit, _bucket(limit, subject)) for limit, subject in counts]
    serials = tuple(_write_down(bucket, now) for _limit, bucket in buckets)
    db.session.commit()
    waits = [wait for limit, bucket in buckets if (wait := _wait(limit, bucket, now))]
    if waits:
        _forget(serials)
        raise TooManyAttempts(max(waits))
    return Claim(serials)


def _bucket(limit: Limit, subject: str) -> bytes:
    return keyed_hash("attempts", limit.name, subject)


def _write_down(bucket: bytes, now: datetime) -> int:
    statement = insert(Attempt).values(bucket=bucket, at=now).returning(Attempt.serial)
    return db.session.execute(statement).scalar_one()


def _forget(serials: Sequence[int]) -> None:
    db.session.execute(delete(Attempt).where(Attempt.serial.in_(serials)))
    db.session.commit()


def _wait(limit: Limit, bucket: bytes, now: datetime) -> int:
    """Seconds until one more attempt fits the limit; 0 when this one, already counted, does."""
    times = db.session.scalars(
        select(Attempt.at)
        .where(Attempt.bucket == bucket, Attempt.at > now - limit.window)
        .order_by(Attempt.at.desc(), Attempt.serial.desc())
        .limit(limit.ceiling + 1)
    ).all()
    if len(times) <= limit.ceiling:
        return 0
    return max(1, round((times[-1] + limit.window - now).total_seconds()))


def callers_place() -> str:
    """The caller's address; of IPv6 the half that a provider hands to one customer."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return ""
    if isinstance(address, IPv6Address):
        return str(IPv6Network((address, 64), strict=False))
    return str(address)
