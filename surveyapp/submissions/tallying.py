"""Kept counts of records: what a batch of measures adds to them, and what it takes away."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete

from surveyapp.submissions.field_models import ALWAYS, Tally
from surveyapp.submissions.inserting import INSERTS, table_of
from surveyapp.submissions.measures import AGREED, DECLINED

_KEY = ("questionnaire", "day", "region", "collector", "result")
_COUNTS = ("count", "flagged", "synthetic", "agreed", "declined")
Measures = Sequence[dict[str, Any]]


def count(connection: Connection, fresh: Measures, former: Measures) -> None:
    """Add what the measures of a batch count, and take away what these records counted before."""
    _add(connection, _changes(fresh, former))


def _keys(measure: dict[str, Any]) -> list[tuple[Any, ...]]:
    """What a record counts under: its day, and all days."""
    return [tuple((measure | {"day": day})[name] for name in _KEY) for day in (measure["day"], ALWAYS)]


def _changes(fresh: Measures, former: Measures) -> dict[tuple[Any, ...], Counter[str]]:
    """Key → what is added to its counts, and taken away from them."""
    found = defaultdict[tuple[Any, ...], Counter[str]](Counter)
    for measures, sign in ((fresh, 1), (former, -1)):
        for measure in measures:
            for key in _keys(measure):
                found[key].update(
                    count=sign,
                    flagged=sign * measure["flagged"],
                    synthetic=sign * measure["synthetic"],
                    agreed=sign * (measure["consent"] == AGREED),
                    declined=sign * (measure["consent"] == DECLINED),
                )
    return found


def _add(connection: Connection, changes: Mapping[tuple[Any, ...], Counter[str]]) -> None:
    """Add to the counts, and take away from them."""
    table = table_of(Tally)
    rows = [
        dict(zip(_KEY, key, strict=True)) | {name: change[name] for name in _COUNTS}
        for key, change in changes.items()
        if any(change.values())
    ]
    if not rows:
        return
    put = INSERTS[connection.dialect.name](table)
    added = {name: table.c[name] + put.excluded[name] for name in _COUNTS}
    connection.execute(put.on_conflict_do_update(index_elements=list(_KEY), set_=added), rows)
    questionnaires = {row["questionnaire"] for row in rows}
    empty = (table.c.questionnaire.in_(questionnaires), table.c["count"] <= 0)
    connection.execute(delete(table).where(*empty))
