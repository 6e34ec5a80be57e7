"""How the latest records of one interviewer are, reckoned from their measures (`Quality`)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from statistics import median
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from surveyapp.submissions.field_models import EVERY_REGION, NONE, Measure, Quality
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.measures import Place, spread

#: of an interviewer's records the latest ones are judged
JUDGED = 1000


def touched(
    connection: Connection,
    questionnaire: str,
    fresh: Sequence[dict[str, Any]],
    former: Sequence[dict[str, Any]],
) -> set[str]:
    """Whose records a batch is about, and whose records have the same answers as one of it."""
    digests = {measure["digest"] for measure in (*fresh, *former)} - {None}
    own = {measure["collector"] for measure in (*fresh, *former)} - {NONE}
    return own | _with(connection, questionnaire, digests)


def _with(connection: Connection, questionnaire: str, digests: Collection[bytes]) -> set[str]:
    """Whose records have these answers, too: theirs is, or was, equal to another one."""
    table = table_of(Measure)
    query = select(table.c.collector).where(
        table.c.questionnaire == questionnaire, table.c.digest.in_(sorted(digests))
    )
    return set(connection.scalars(query.distinct())) - {NONE}


def judge(connection: Connection, questionnaire: str, touched: Collection[str]) -> None:
    """Reckon anew how the records of those are whose records changed; two queries for each."""
    table = table_of(Quality)
    for collector in sorted(touched):
        rows = _latest(connection, questionnaire, collector)
        doubled = _doubled(connection, questionnaire, {row.digest for row in rows if row.digest})
        regions = sorted({row.region for row in rows})
        parts = [(EVERY_REGION, rows)] + [(r, [x for x in rows if x.region == r]) for r in regions]
        named = {"questionnaire": questionnaire, "collector": collector}
        made = [named | {"region": r} | _quality(part, doubled) for r, part in parts if part]
        old = (table.c.questionnaire == questionnaire, table.c.collector == collector)
        connection.execute(delete(table).where(*old))
        if made:
            connection.execute(insert(table), made)


def _latest(connection: Connection, questionnaire: str, collector: str) -> Sequence[Row[Any]]:
    table = table_of(Measure)
    query = select(table).where(table.c.questionnaire == questionnaire, table.c.collector == collector)
    return connection.execute(query.order_by(table.c.received_at.desc()).limit(JUDGED)).all()


def _doubled(connection: Connection, questionnaire: str, digests: Collection[bytes]) -> set[bytes]:
    """Those of the digests that more than one record has."""
    table, found = table_of(Measure), set[bytes]()
    listed = sorted(digests)
    for begin in range(0, len(listed), 500):
        query = (
            select(table.c.digest)
            .where(
                table.c.questionnaire == questionnaire,
                table.c.digest.in_(listed[begin : begin + 500]),
            )
            .group_by(table.c.digest)
            .having(func.count() > 1)
        )
        found |= {bytes(digest) for digest in connection.scalars(query)}
    return found


def _quality(rows: Sequence[Row[Any]], doubled: Collection[bytes]) -> dict[str, Any]:
    seconds = [row.seconds for row in rows if row.seconds is not None]
    asked, runs = sum(row.asked for row in rows), sum(row.runs for row in rows)
    places = [Place(row.lat, row.lon) for row in rows if row.lat is not None]
    return {
        "records": len(rows),
        "seconds": float(median(seconds)) if seconds else None,
        "missing": sum(row.missing for row in rows) / asked if asked else None,
        "straight": sum(row.straight for row in rows) / runs if runs else None,
        "night": sum(row.night for row in rows) / len(rows),
        "duplicates": sum(row.digest is not None and bytes(row.digest) in doubled for row in rows),
        "spread": spread(places),
    }
