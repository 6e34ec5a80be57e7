"""What devices tell of themselves with each contact, and the short memory of it: a row a day.

Our own program tells in the header `Survey-Device`, a dictionary of structured fields (RFC 9651):
`app="field/1.0", unsent=12, oldest-unsent=86400, free-storage=1234567890, battery=64, time=@1764152103`.
What is not understood is passed over: a report must not cost a record.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from flask import current_app
from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from surveyapp.days import day_of
from surveyapp.extensions import db
from surveyapp.people.devices import KeyHolder
from surveyapp.people.models import Device, DeviceDay
from surveyapp.wiring import settings_of

logger = logging.getLogger(__name__)

HEADER = "Survey-Device"
#: how often it is written down that a device was heard of, if it has nothing new to tell
SEEN_AGAIN = timedelta(minutes=10)
#: seconds by which two skews of one clock differ when the network is slow
SAME_SKEW = 60
#: how long the days are kept
KEPT = timedelta(days=90)
LONGEST_TEXT = 200
_LARGEST = 2**53
_MEMBER = re.compile(r'([a-z][a-z0-9-]{0,40})=(?:"([ -!#-\[\]-~]{0,200})"|@?(-?[0-9]{1,15}))', re.ASCII)
#: whole numbers among the members → the most that they can be
_MOST: Mapping[str, int] = {
    "unsent": 2**31 - 1,
    "oldest-unsent": 100 * 366 * 86400,
    "free-storage": _LARGEST,
    "battery": 100,
    "time": _LARGEST,
}
_MOST_REMEMBERED = 20_000
_EXTENSION = "surveyapp-contacts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a device tells of itself; None: it does not tell."""

    app: str | None = None
    installation: str | None = None
    unsent: int | None = None
    #: seconds since the oldest unsent one was finished: an age, since its clock may be wrong
    oldest_unsent: int | None = None
    #: bytes
    free_storage: int | None = None
    #: percent
    battery: int | None = None
    #: what its clock shows
    clock: datetime | None = None
    #: seconds by which its clock is ahead at least, where only a record tells it
    clock_ahead: int | None = None

    def columns(self, now: datetime) -> dict[str, Any]:
        """What is written down, without what was not told."""
        told = {
            "app": self.app,
            "unsent": self.unsent,
            "oldest_unsent_at": self._oldest_unsent_at(now),
            "free_storage": self.free_storage,
            "battery": self.battery,
            "clock_skew": self.clock_skew(now),
        }
        columns: dict[str, Any] = {name: value for name, value in told.items() if value is not None}
        if self.unsent == 0:
            columns["oldest_unsent_at"] = None
        return columns | {"seen_at": now}

    def _oldest_unsent_at(self, now: datetime) -> datetime | None:
        return now - timedelta(seconds=self.oldest_unsent) if self.oldest_unsent is not None else None

    def clock_skew(self, now: datetime) -> int | None:
        """By how many seconds its clock is ahead, as far as it tells."""
        return round((self.clock - now).total_seconds()) if self.clock else self.clock_ahead


def read_report(header: str | None) -> Report:
    """The report in the header; what cannot be read is left out."""
    told = dict(_members(header or ""))
    return Report(
        app=told.get("app"),
        installation=told.get("installation"),
        unsent=told.get("unsent"),
        oldest_unsent=told.get("oldest-unsent"),
        free_storage=told.get("free-storage"),
        battery=told.get("battery"),
        clock=_moment(told.get("time")),
    )


def _members(header: str) -> Iterator[tuple[str, Any]]:
    for member in header[:2000].split(","):
        found = _MEMBER.fullmatch(member.strip())
        if found is None:
            continue
        name, text, number = found.groups()
        if name in _MOST and number is not None and 0 <= int(number) <= _MOST[name]:
            yield name, int(number)
        elif name in {"app", "installation"} and text:
            yield name, text


def _moment(seconds: int | None) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds is not None else None
    except (ValueError, OverflowError, OSError):
        return None


# --- writing it down --------------------------------------------------------------------------------


def note(holder: KeyHolder, report: Report, now: datetime) -> None:
    """Write down that a device was heard of and what it told, if that is news; commits by itself.

    Whatever goes wrong is logged: no record waits for it. The session's transaction, if one is still
    open, ends here: on SQLite it would hold the lock that this needs.
    """
    if not _is_news(holder, report, now):
        return
    try:
        db.session.rollback()
        with db.engine.begin() as connection:
            _write(connection, holder.device_id, report, now)
    except SQLAlchemyError as error:
        logger.warning("a device's contact was not written down: %s", type(error).__name__)


def _is_news(holder: KeyHolder, report: Report, now: datetime) -> bool:
    """Whether this process has not written down the same a short while ago."""
    noted: dict[Any, _Noted] = current_app.extensions.setdefault(_EXTENSION, {})
    key = (holder.device_id, report.installation)
    note, before = _Noted(now, (report.app, report.unsent), report.clock_skew(now)), noted.get(key)
    if holder.seen_at is not None and before is not None and not note.is_news_after(before):
        return False
    if len(noted) >= _MOST_REMEMBERED:
        noted.clear()
    noted[key] = note if before is None or note.skew is not None else note._replace(skew=before.skew)
    return True


class _Noted(NamedTuple):
    """What was written down last of an installation, and when."""

    at: datetime
    told: tuple[Any, ...]
    #: None: its clock was never told
    skew: int | None

    def is_news_after(self, before: _Noted) -> bool:
        if before.told != self.told or self.at - before.at >= SEEN_AGAIN:
            return True
        return self.skew is not None and (
            before.skew is None or abs(self.skew - before.skew) > SAME_SKEW
        )


def _write(connection: Connection, device_id: int, report: Report, now: datetime) -> None:
    columns = report.columns(now)
    of_device = dict(columns)
    if report.installation is not None:
        of_device["installation"] = report.installation[:LONGEST_TEXT]
    if "clock_skew" in columns:
        of_device["clock_skew_at"] = now
    connection.execute(update(Device).where(Device.id == device_id).values(**of_device))
    today = day_of(now, settings_of().timezone)
    _write_day(connection, device_id, today, report.installation, columns)
    old = (DeviceDay.device_id == device_id, DeviceDay.day < today - KEPT)
    connection.execute(delete(DeviceDay).where(*old))


def _write_day(
    connection: Connection,
    device_id: int,
    today: date,
    installation: str | None,
    columns: Mapping[str, Any],
) -> None:
    key = {"device_id": device_id, "day": today, "installation": (installation or "")[:LONGEST_TEXT]}
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    row = dialect.insert(DeviceDay).values(**key, **columns)
    connection.execute(row.on_conflict_do_update(index_elements=list(key), set_=dict(columns)))


def days_of(device_id: int) -> Sequence[DeviceDay]:
    """The days on which a device was heard of, the newest first."""
    order = (DeviceDay.day.desc(), DeviceDay.seen_at.desc())
    return db.session.scalars(
        select(DeviceDay).where(DeviceDay.device_id == device_id).order_by(*order)
    ).all()
