"""Assignments are done by records that name them, in the transaction that stores these.

A record without one costs nothing. What was withdrawn and is done all the same is done.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Update, bindparam, update

from surveyapp.driver import DriverStatement
from surveyapp.submissions.assignment_models import Assignment, Task
from surveyapp.submissions.inserting import InsertedRow, table_of

_PREFIX = "fulfilling_"


def fulfilled_by(row: InsertedRow) -> dict[str, Any] | None:
    """The values of `FULFIL` for a submission's row; None: it names no assignment.

    Nor does the record of somebody who is not known: assignments are given to people and phones.
    """
    named = row["assignment"]
    if named is None or (row["sender_id"] is None and row["device_id"] is None):
        return None
    try:
        assignment = UUID(named)
    except ValueError:
        return None
    values = {
        "assignment": assignment,
        "questionnaire": row["questionnaire"],
        "submission": row["id"],
        "at": row["received_at"],
    }
    return {_PREFIX + name: value for name, value in values.items()}


def fulfil(connection: Connection, rows: Iterable[InsertedRow]) -> None:
    """Mark the assignments of submissions that were just inserted as done."""
    named = [values for row in rows if (values := fulfilled_by(row))]
    for values in in_order(named):
        connection.execute(_statement(), values)


def in_order(named: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """By assignment, so that two transactions wait for each other only one way."""
    return sorted(named, key=lambda values: str(values[_PREFIX + "assignment"]))


def _statement() -> Update:
    table = table_of(Assignment)

    def given(name: str, column: str) -> Any:
        return bindparam(_PREFIX + name, type_=table.c[column].type)

    return (
        update(table)
        .where(
            table.c.id == given("assignment", "id"),
            table.c.questionnaire == given("questionnaire", "questionnaire"),
            table.c.state != Task.DONE.value,
        )
        .values(
            state=Task.DONE.value,
            submission_id=given("submission", "submission_id"),
            settled_at=given("at", "settled_at"),
        )
    )


#: by the database's own driver
FULFIL = DriverStatement(_statement().returning(table_of(Assignment).c.serial))
