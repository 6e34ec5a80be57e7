"""Looking for a person among what is sealed: row by row, since nothing lies open to be indexed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, Select, select

from surveyapp.extensions import db
from surveyapp.people.rights import Reach
from surveyapp.submissions.inserting import table_of
from surveyapp.submissions.keys import KeyMissing, Keys
from surveyapp.submissions.models import Submission
from surveyapp.submissions.opening import Erased, identity_of
from surveyapp.submissions.sealing import CannotOpen

#: rows that one look goes through; the next one goes on from there
MOST_LOOKED_THROUGH = 5_000
MOST_FOUND = 20
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Found:
    """Submissions in which somebody is named, how many were looked through, and where to go on."""

    rows: tuple[Row[Any], ...]
    looked_through: int
    #: serial below which nothing was looked at yet; None: all was
    before: int | None


def who_is_named(
    keys: Keys, questionnaire: str, text: str, reach: Reach, before: int | None = None
) -> Found:
    """The newest submissions of a questionnaire with a text in what points at a person.

    Capital letters and runs of blanks make no difference. Rows: id, receipt_code, received_at, status,
    region.
    """
    wanted, found, looked = _folded(text), list[Row[Any]](), 0
    for row in _rows(questionnaire, reach, before):
        if looked == MOST_LOOKED_THROUGH or len(found) == MOST_FOUND:
            return Found(tuple(found), looked, before)
        looked, before = looked + 1, row.serial
        if any(wanted in _folded(value) for value in _named(keys, row)):
            found.append(row)
    return Found(tuple(found), looked, None)


def _rows(questionnaire: str, reach: Reach, before: int | None) -> Iterator[Row[Any]]:
    table = table_of(Submission)
    query: Select[Any] = (
        select(
            table.c.serial,
            table.c.id,
            table.c.receipt_code,
            table.c.received_at,
            table.c.status,
            table.c.region,
            table.c.data_key,
            table.c.key_id,
            table.c.identity_sealed,
            table.c.foreign_sealed,
        )
        .where(
            table.c.questionnaire == questionnaire,
            table.c.identity_sealed.is_not(None),
            reach.rows(Submission.questionnaire, Submission.region),
        )
        .order_by(table.c.serial.desc())
        .limit(_BATCH)
    )
    while True:
        part = query if before is None else query.where(table.c.serial < before)
        with db.engine.connect().execution_options(reads=True) as connection:
            rows = connection.execute(part).all()
        yield from rows
        if len(rows) < _BATCH:
            return
        before = rows[-1].serial


def _named(keys: Keys, row: Row[Any]) -> Iterator[str]:
    try:
        identity: Mapping[str, Any] = identity_of(keys, row)
    except (Erased, CannotOpen, KeyMissing):
        return
    yield from (str(value) for value in identity.values() if value is not None)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def is_worth_looking_for(text: str) -> bool:
    """Whether a text has at least three letters or digits: fewer are in nearly every name."""
    return sum(letter.isalnum() for letter in text) >= 3
