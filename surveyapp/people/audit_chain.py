"""The chain of the audit log: each link commits, under a key, to its entry and to the link before it.

The database itself refuses to change or remove an entry (triggers, migration 0010). Whoever can take
them away can still not make a log that fits: an entry that was changed, left out or put in breaks the
chain. That the newest are missing shows against a head that was written down elsewhere (`audit head`).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, event, func, insert, select, text
from sqlalchemy.orm import Session

from surveyapp.extensions import db
from surveyapp.people.keys import key_for
from surveyapp.people.models import AuditEntry, AuditLink

#: what stands before the first link
BEGINNING = b""
BATCH = 500
#: whoever holds this lock of PostgreSQL's appends the next link; SQLite has one writer anyhow
_LOCK = text("SELECT pg_advisory_xact_lock(7221094)")
_PENDING = "audit entries without a link"
_FACTS = ("serial", "at", "user_id", "action", "subject", "details", "address")


@dataclass(frozen=True, slots=True)
class Head:
    """The newest link: how many there are, and what commits to all of them."""

    position: int
    link: bytes

    def __str__(self) -> str:
        return f"{self.position}:{self.link.hex()}"

    @classmethod
    def read(cls, written: str) -> Head:
        """The head that was written down. Raises `ValueError`."""
        position, _colon, link = written.strip().partition(":")
        return cls(int(position), bytes.fromhex(link))


def link_at_commit(session: Session, entry: AuditEntry) -> None:
    """Give the entry its link when the session's transaction is committed, after all else was written.

    So that two that append wait for each other for a moment, while neither holds what the other wants.
    """
    session.info.setdefault(_PENDING, []).append(entry)


def link_now(connection: Connection, entries: Sequence[AuditEntry]) -> None:
    """Give entries that are written their links; the caller's transaction ends soon after it."""
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK)
    last = head(connection)
    rows = []
    for entry in sorted(entries, key=lambda entry: entry.serial):
        last = Head(last.position + 1, _link(last.link, {name: getattr(entry, name) for name in _FACTS}))
        rows.append({"position": last.position, "serial": entry.serial, "link": last.link})
    connection.execute(insert(AuditLink), rows)


def head(connection: Connection) -> Head:
    """The newest link; of an empty log nothing at position 0."""
    query = select(AuditLink.position, AuditLink.link).order_by(AuditLink.position.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    return Head(row.position, row.link) if row else Head(0, BEGINNING)


def begin_missing() -> int:
    """Link the entries that an older edition wrote, in their order; how many there were."""
    done = 0
    while found := _link_some():
        done += found
    return done


def _link_some() -> int:
    query = select(AuditEntry).where(~_has_link()).order_by(AuditEntry.serial).limit(BATCH)
    entries = list(db.session.scalars(query))
    if entries:
        link_now(db.session.connection(), entries)
    db.session.commit()
    return len(entries)


@event.listens_for(Session, "before_commit")
def _link_pending(session: Session) -> None:
    pending = session.info.get(_PENDING)
    if not pending or session.in_nested_transaction():
        return
    session.flush()
    link_now(session.connection(), session.info.pop(_PENDING))


@event.listens_for(Session, "after_rollback")
def _forget_pending(session: Session) -> None:
    session.info.pop(_PENDING, None)


def _link(before: bytes, facts: dict[str, Any]) -> bytes:
    plain = {**facts, "at": _plain(facts["at"])}
    written = json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hmac.new(key_for("audit"), before + written.encode(), hashlib.sha256).digest()


def _plain(at: datetime) -> str:
    """UTC with microseconds: that much of a time both databases keep."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


# --- whether it fits --------------------------------------------------------------------------------


def verify(
    written_down: Head | None = None, progress: Callable[[int], None] = lambda _n: None
) -> Iterator[str]:
    """What does not fit, in English, oldest first; nothing if all is as it was written.

    `written_down`: a head of an earlier day, which must be part of the chain.
    """
    last = Head(0, BEGINNING)
    is_found = written_down is None or written_down == last
    for row in _linked():
        if row.position != last.position + 1:
            yield f"links {last.position + 1} to {row.position - 1} of the log are missing"
        if row.action is None:
            yield f"entry {row.linked} is missing"
        elif not hmac.compare_digest(
            row.link, _link(last.link, {name: getattr(row, name) for name in _FACTS})
        ):
            yield f"entry {row.linked} is not as it was written, or not in its place"
        last = Head(row.position, row.link)
        is_found = is_found or last == written_down
        progress(1)
    if not is_found:
        yield f"the head {written_down} is not part of the log"
    if alone := _without_link():
        yield f"{alone} entries have no link"


def _linked() -> Iterator[Row[Any]]:
    """Every link with its entry (None where it is gone), a few at a time, in the order of the chain."""
    columns = [getattr(AuditEntry, name) for name in _FACTS]
    query = select(AuditLink.position, AuditLink.link, AuditLink.serial.label("linked"), *columns)
    query = query.outerjoin(AuditEntry, AuditEntry.serial == AuditLink.serial)
    position = 0
    while rows := _rows(
        query.where(AuditLink.position > position).order_by(AuditLink.position).limit(BATCH)
    ):
        yield from rows
        position = rows[-1].position


def _without_link() -> int:
    return int(_rows(select(func.count()).select_from(AuditEntry).where(~_has_link()))[0][0])


def _has_link() -> ColumnElement[bool]:
    return select(AuditLink.serial).where(AuditLink.serial == AuditEntry.serial).exists()


def _rows(query: Any) -> Sequence[Row[Any]]:
    with db.engine.connect().execution_options(reads=True) as connection:
        return connection.execute(query).all()
