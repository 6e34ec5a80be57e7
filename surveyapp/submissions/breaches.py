"""Breaches of personal data: what the law wants to be told of within one working day, out of the log.

What somebody writes is kept edition by edition beside what the log told then: who read and took out what
in a time, of which questionnaires, of how many records, whether who is meant was among it. The log
knows what was done here, and nothing of a stolen disk or a lost phone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, Select, func, insert, select

from surveyapp.database import utc_now
from surveyapp.days import NOTHING_TOLD, Told, day_of, working_day_after
from surveyapp.extensions import db
from surveyapp.people import audit
from surveyapp.people.audit import Action
from surveyapp.people.models import AuditEntry
from surveyapp.submissions.breach_models import Breach, BreachEdition
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.models import State, Submission
from surveyapp.submissions.told_days import told_on
from surveyapp.submissions.transactions import in_one_transaction
from surveyapp.wiring import settings_of

#: working days within which the authorised body is told, counted from the day it was noticed
#: (Law No. 94-V, from 1 July 2024)
DAYS_TO_TELL = 1
#: deeds by which data are seen or leave
READING = (
    Action.SUBMISSION_OPENED,
    Action.QUARANTINE_OPENED,
    Action.IDENTITY_SEARCHED,
    Action.EXPORTED,
    Action.LOG_EXPORTED,
)
#: fields of the form, in the order of the sheet
TEXTS = ("happened", "data", "persons", "harm", "measures", "told", "contact")
LONGEST_TEXT = 2000
BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What the log is asked about: a time; one account's deeds (None: all); one questionnaire, or ""."""

    since: datetime
    until: datetime
    user_id: int | None = None
    questionnaire: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What somebody writes of a breach."""

    noticed_at: datetime
    window: Window
    texts: Mapping[str, str] = field(repr=False)


def due_on(noticed_at: datetime, told: Told = NOTHING_TOLD) -> date:
    """The day by which the authorised body is told."""
    return working_day_after(day_of(noticed_at, settings_of().timezone), DAYS_TO_TELL, told)


# --- what the log tells -----------------------------------------------------------------------------


def told_by_log(window: Window) -> dict[str, Any]:
    """Who read or took out what, as plain values.

    `deeds`: rows of `user_id`, `action`, `questionnaire`, `count`, `identity`, `sensitive`.
    `questionnaires`: id → numbers of records: `opened` (each once), `named` of them with who is meant,
    `exported` at most (all that had come when they were taken out), and whether `exported_named`.
    """
    entries = _entries(window)
    places = _places({entry.subject for entry in entries if entry.action == Action.SUBMISSION_OPENED})
    deeds: dict[tuple[Any, ...], int] = defaultdict(int)
    opened: dict[str, set[str]] = defaultdict(set)
    named: dict[str, set[str]] = defaultdict(set)
    taken: dict[str, tuple[datetime, bool]] = {}
    for entry in entries:
        subject = "" if entry.action in _OF_NO_QUESTIONNAIRE else entry.subject
        where = places.get(subject, "") if entry.action == Action.SUBMISSION_OPENED else subject
        if window.questionnaire and where != window.questionnaire:
            continue
        identity = bool(entry.details.get("identity"))
        sensitive = bool(entry.details.get("sensitive"))
        deeds[entry.user_id, entry.action, where, identity, sensitive] += 1
        if entry.action == Action.SUBMISSION_OPENED:
            opened[where].add(subject)
            named[where] |= {subject} if identity else set()
        elif entry.action == Action.EXPORTED:
            before, was_named = taken.get(where, (entry.at, False))
            taken[where] = (max(before, entry.at), was_named or identity)
    return {
        "deeds": [
            dict(zip(("user_id", "action", "questionnaire", "identity", "sensitive"), deed, strict=True))
            | {"count": count}
            for deed, count in sorted(deeds.items(), key=lambda each: -each[1])
        ],
        "questionnaires": {
            where: {
                "opened": len(opened[where]),
                "named": len(named[where]),
                "exported": _received_by(where, taken[where][0]) if where in taken else 0,
                "exported_named": where in taken and taken[where][1],
            }
            for where in sorted({*opened, *taken})
        },
    }


_OF_NO_QUESTIONNAIRE = frozenset({Action.LOG_EXPORTED, Action.QUARANTINE_OPENED})


def _entries(window: Window) -> Sequence[Row[Any]]:
    table = table_of(AuditEntry)
    query: Select[Any] = select(
        table.c.at, table.c.user_id, table.c.action, table.c.subject, table.c.details
    ).where(table.c.action.in_(READING), table.c.at >= window.since, table.c.at < window.until)
    if window.user_id is not None:
        query = query.where(table.c.user_id == window.user_id)
    with db.engine.connect().execution_options(reads=True) as connection:
        rows: Sequence[Row[Any]] = connection.execute(query.order_by(table.c.serial)).all()
    return rows


def _places(subjects: Iterable[str]) -> dict[str, str]:
    """Submission (as text) → its questionnaire."""
    ids = sorted(_ids(subjects))
    table, found = table_of(Submission), dict[str, str]()
    with db.engine.connect().execution_options(reads=True) as connection:
        for start in range(0, len(ids), BATCH):
            query = select(table.c.id, table.c.questionnaire).where(
                table.c.id.in_(ids[start : start + BATCH])
            )
            found |= {str(row.id): row.questionnaire for row in connection.execute(query)}
    return found


def _ids(subjects: Iterable[str]) -> set[UUID]:
    ids = set()
    for subject in subjects:
        try:
            ids.add(UUID(subject))
        except ValueError:  # it was opened in another way than by its id
            continue
    return ids


def _received_by(questionnaire: str, at: datetime) -> int:
    """How many records had come: an export has at most these."""
    table = table_of(Submission)
    query = select(func.count()).where(
        table.c.questionnaire == questionnaire,
        table.c.first_received_at <= at,
        table.c.status != State.ERASED,
    )
    with db.engine.connect().execution_options(reads=True) as connection:
        return int(connection.scalar(query) or 0)


# --- writing it down --------------------------------------------------------------------------------


def write(written: Written, number: int | None = None, *, by: int | None = None) -> int:
    """Keep a further edition of a breach, or the first of a new one; the breach's number. Commits."""
    db.session.commit()
    told, now = told_by_log(written.window), utc_now()

    def work(connection: Connection) -> int:
        breaches, editions = table_of(Breach), table_of(BreachEdition)
        serial = number
        if serial is None:
            made = insert(breaches).values(begun_at=now, begun_by=by).returning(breaches.c.serial)
            serial = connection.execute(made).scalar_one()
        else:  # locked, so that two who write at once make two editions
            locked = select(breaches.c.serial).where(breaches.c.serial == serial).with_for_update()
            connection.execute(locked).one()
        last = select(func.max(editions.c.number)).where(editions.c.breach_serial == serial)
        edition = int(connection.scalar(last) or 0) + 1
        values = {
            "breach_serial": serial,
            "number": edition,
            "written_at": now,
            "written_by": by,
            "noticed_at": written.noticed_at,
            "due_on": due_on(written.noticed_at, told_on(connection)),
            "since": written.window.since,
            "until": written.window.until,
            "user_id": written.window.user_id,
            "questionnaire": written.window.questionnaire,
            "texts": {name: written.texts.get(name, "") for name in TEXTS},
            "told": told,
        }
        connection.execute(insert(editions).values(**values))
        details: dict[str, audit.Detail] = {"count": edition}
        audit.record_on(connection, Action.BREACH_WRITTEN, f"breach {serial}", details, user_id=by)
        return int(serial)

    return in_one_transaction(work)


def last_editions() -> Sequence[BreachEdition]:
    """The edition of each breach that stands, the newest breach first."""
    last = select(func.max(BreachEdition.serial)).group_by(BreachEdition.breach_serial)
    query = select(BreachEdition).where(BreachEdition.serial.in_(last))
    return db.session.scalars(query.order_by(BreachEdition.breach_serial.desc())).all()


def editions(number: int) -> Sequence[BreachEdition]:
    """All editions of a breach, the last one first; none: there is no such breach."""
    query = select(BreachEdition).filter_by(breach_serial=number)
    return db.session.scalars(query.order_by(BreachEdition.number.desc())).all()
