"""Looking through the audit log: pages of it and a copy of it, by person, deed, subject and time."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select

from surveyapp.extensions import db
from surveyapp.people.models import AuditEntry, AuditLink, User

#: entries read at once for a copy
BATCH = 500
COLUMNS = ("serial", "at", "user", "action", "subject", "details", "address", "position", "link")
#: a spreadsheet takes a text that begins so for a formula
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which entries; empty: all. `user_id` 0: what was done on the command line."""

    user_id: int | None = None
    action: str = ""
    #: exactly this: a submission's number, a questionnaire's id, a user's name
    subject: str = ""
    since: datetime | None = None
    before: datetime | None = None


def page(wanted: Wanted, before: int | None = None, *, size: int) -> list[AuditEntry]:
    """Entries older than a serial (without one: the newest), newest first."""
    query = _narrowed(select(AuditEntry), wanted).order_by(AuditEntry.serial.desc()).limit(size)
    if before is not None:
        query = query.where(AuditEntry.serial < before)
    return list(db.session.scalars(query))


def people() -> dict[int, str]:
    """Everybody with an account by number, in the order of names."""
    query = select(User.id, User.username).order_by(User.username)
    return {row.id: row.username for row in db.session.execute(query)}


def last_serial() -> int:
    """Where a copy that is begun now ends."""
    return int(db.session.scalars(select(func.coalesce(func.max(AuditEntry.serial), 0))).one())


def as_csv(wanted: Wanted, last: int, engine: Any) -> Iterator[bytes]:
    """The wanted entries up to a serial as CSV, oldest first, each with its link of the chain in hex.

    A few at a time, each in a short transaction of its own; needs no application context.
    """
    yield b"\xef\xbb\xbf" + _line(COLUMNS)
    query = _narrowed(_copied(), wanted).where(AuditEntry.serial <= last).order_by(AuditEntry.serial)
    reached = 0
    while rows := _some(engine, query.where(AuditEntry.serial > reached).limit(BATCH)):
        reached = rows[-1].serial
        yield b"".join(_line(_cells(row)) for row in rows)


def _copied() -> Select[Any]:
    return (
        select(
            AuditEntry.serial,
            AuditEntry.at,
            User.username,
            AuditEntry.action,
            AuditEntry.subject,
            AuditEntry.details,
            AuditEntry.address,
            AuditLink.position,
            AuditLink.link,
        )
        .outerjoin(User, User.id == AuditEntry.user_id)
        .outerjoin(AuditLink, AuditLink.serial == AuditEntry.serial)
    )


def _narrowed(query: Any, wanted: Wanted) -> Any:
    if wanted.user_id is not None:
        who = AuditEntry.user_id
        query = query.where(who == wanted.user_id if wanted.user_id else who.is_(None))
    if wanted.action:
        query = query.where(AuditEntry.action == wanted.action)
    if wanted.subject:
        query = query.where(AuditEntry.subject == wanted.subject)
    if wanted.since is not None:
        query = query.where(AuditEntry.at >= wanted.since)
    if wanted.before is not None:
        query = query.where(AuditEntry.at < wanted.before)
    return query


def _some(engine: Any, query: Select[Any]) -> Sequence[Row[Any]]:
    with engine.connect().execution_options(reads=True) as connection:
        rows: Sequence[Row[Any]] = connection.execute(query).all()
    return rows


def _cells(row: Row[Any]) -> list[str]:
    details = json.dumps(row.details, ensure_ascii=False, sort_keys=True)
    link = row.link.hex() if row.link else ""
    cells = [row.username or "", row.action, row.subject, details, row.address or ""]
    return [str(row.serial), row.at.isoformat(), *map(_harmless, cells), str(row.position or ""), link]


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _line(cells: Sequence[str]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue().encode()
