"""Fills a database with submissions: one that is there is copied under new ids, by one statement.

The copies answer to no receipt; they are there to be in the way, as much as real ones are.
"""

from __future__ import annotations

from sqlalchemy import Connection, func, select, text

from surveyapp.extensions import db
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.models import Submission

_TABLE = table_of(Submission)
#: of what must be another one in each row
_FRESH = {
    "postgresql": {
        "id": "gen_random_uuid()",
        "receipt_code": "left(gen_random_uuid()::text, 18)",
        "content_digest": "sha256(gen_random_uuid()::text::bytea)",
    },
    "sqlite": {
        "id": "lower(hex(randomblob(16)))",
        "receipt_code": "hex(randomblob(8))",
        "content_digest": "randomblob(32)",
    },
}
_NUMBERS = {
    "postgresql": "generate_series(1, :most) AS numbers (number)",
    "sqlite": "(WITH RECURSIVE n(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM n "
    "WHERE number < :most) SELECT number FROM n) AS numbers",
}


def held() -> int:
    """How many submissions there are."""
    with db.engine.connect().execution_options(reads=True) as connection:
        return connection.scalar(select(func.count()).select_from(_TABLE)) or 0


def fill(wanted: int) -> None:
    """Copy what is there until there are as many as wanted; the planner learns of it."""
    with db.engine.begin() as connection:
        missing = wanted - (connection.scalar(select(func.count()).select_from(_TABLE)) or 0)
        if missing > 0:
            _copy(connection, missing)
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE" if _is_postgresql(connection) else "ANALYZE"))
        if _is_postgresql(connection):
            connection.execute(text("CHECKPOINT"))


def _copy(connection: Connection, most: int) -> None:
    dialect = connection.dialect.name
    fresh = _FRESH[dialect]
    names = [column.name for column in _TABLE.columns if column.name != "serial"]
    copied = ", ".join(fresh.get(name, f"first.{name}") for name in names)
    connection.execute(
        text(  # names of our own columns, no value from outside
            f"INSERT INTO submission ({', '.join(names)}) SELECT {copied} FROM {_NUMBERS[dialect]} "  # noqa: S608
            "JOIN (SELECT submission.*, row_number() OVER (ORDER BY serial) - 1 AS place FROM submission "
            "ORDER BY serial LIMIT 200) AS first ON first.place = numbers.number % "
            "(SELECT least_held FROM (SELECT CASE WHEN count(*) < 200 THEN count(*) ELSE 200 END "
            "AS least_held FROM submission) AS held) LIMIT :most"
        ),
        {"most": most},
    )


def _is_postgresql(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"
