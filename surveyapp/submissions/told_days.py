"""Days that an administrator told: Kurban Ait, which follows the moon, and what the government moves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, select

from surveyapp.days import Told
from surveyapp.extensions import db
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.told_day_models import Kind, ToldDay


def told_on(connection: Connection) -> Told:
    """All that is told, as it is in a transaction; a few days a year."""
    table = table_of(ToldDay)
    rows = connection.execute(select(table.c.day, table.c.kind)).all()
    working = frozenset(row.day for row in rows if row.kind == Kind.WORKING)
    return Told(frozenset(row.day for row in rows) - working, working)


def told_of(year: int) -> Sequence[ToldDay]:
    """What is told of a year, by day."""
    within = ToldDay.day.between(date(year, 1, 1), date(year, 12, 31))
    return db.session.scalars(select(ToldDay).where(within).order_by(ToldDay.day)).all()


def knows_kurban_ait(year: int) -> bool:
    """Whether its first day is told of a year."""
    return any(each.kind == Kind.KURBAN_AIT for each in told_of(year))
