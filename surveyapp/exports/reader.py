"""Streams submissions in the order of storing, in bounded memory, on either database.

Batches follow one another by serial (keyset), each in a short read-only transaction of its own: nothing
is locked or held open while a slow client takes what it has got. A submission is always whole; one that
is stored after the export began is not part of it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Engine, Text, cast, func, select
from sqlalchemy.engine import Row

from surveyapp.exports.anonymity import Key
from surveyapp.exports.records import Record
from surveyapp.exports.request import Selection
from surveyapp.exports.selecting import conditions
from surveyapp.questionnaires.answers import Answers
from surveyapp.submissions.models import Submission

#: submissions in memory at once. A whole household is about 10 kB of JSON; a roster of 500 may have 1 MB
BATCH = 50

#: Gives a submission's answers with its identity put back, from the row with its sealed columns.
Unseal = Callable[[Row[Any]], Answers]

_FACTS = [field.name for field in fields(Record)]
_PLAIN = [getattr(Submission, name) for name in _FACTS]
_SEALED = [Submission.identity_sealed, Submission.data_key, Submission.key_id]


@dataclass(frozen=True, slots=True)
class Span:
    """What an export covers, fixed before it starts: up to which serial, and how many submissions."""

    last_serial: int
    submissions: int
    synthetic: int


class Reader:
    """Reads the selected submissions of one questionnaire."""

    def __init__(self, engine: Engine, questionnaire: str, selection: Selection) -> None:
        # on SQLite BEGIN instead of BEGIN IMMEDIATE: writers go on while we read
        self._engine = engine.execution_options(reads=True, postgresql_readonly=True)
        self._conditions = conditions(questionnaire, selection, engine.dialect.name)

    def span(self) -> Span:
        """Measure what there is now."""
        query = select(
            func.coalesce(func.max(Submission.serial), 0),
            func.count(),
            func.count().filter(Submission.synthetic),
        ).where(*self._conditions)
        with self._engine.begin() as connection:
            return Span(*connection.execute(query).one())

    def sizes(self, span: Span, names: Sequence[str]) -> dict[Key, int]:
        """How many submissions of the span have the same answers to these breakdowns."""
        told = cast(Submission.breakdowns, Text)
        query = (
            select(told, func.count())
            .where(*self._conditions, Submission.serial <= span.last_serial)
            .group_by(told)
        )
        sizes: Counter[Key] = Counter()
        with self._engine.begin() as connection:
            for text, count in connection.execute(query):
                found = json.loads(text)
                sizes[tuple(found.get(name) for name in names)] += count
        return dict(sizes)

    def batches(self, span: Span, unseal: Unseal | None = None) -> Iterator[list[Record]]:
        """The submissions of the span, a few at a time.

        Without `unseal` the sealed columns are not even asked of the database.
        """
        return (batch for _reached, batch in self.numbered(span, unseal))

    def numbered(
        self, span: Span, unseal: Unseal | None = None, *, after: int = 0
    ) -> Iterator[tuple[int, list[Record]]]:
        """The batches of the submissions after a serial, each with the serial that it reaches."""
        columns = _PLAIN if unseal is None else [*_PLAIN, *_SEALED]
        reached = after
        while rows := self._rows(columns, after=reached, last=span.last_serial):
            reached = rows[-1].serial
            yield reached, [_record(row, unseal) for row in rows]

    def _rows(self, columns: Sequence[Any], *, after: int, last: int) -> Sequence[Row[Any]]:
        query = (
            select(Submission.serial, *columns)
            .where(*self._conditions, Submission.serial > after, Submission.serial <= last)
            .order_by(Submission.serial)
            .limit(BATCH)
        )
        with self._engine.begin() as connection:
            return connection.execute(query).all()


def _record(row: Row[Any], unseal: Unseal | None) -> Record:
    facts = {name: getattr(row, name) for name in _FACTS}
    return Record(**facts | ({} if unseal is None else {"answers": unseal(row)}))
