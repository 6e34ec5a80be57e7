"""One submission as the reader hands it to every writer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from surveyapp.questionnaires.answers import Answers

#: a name, or (of an entry of a roster) its place from 0
Step: TypeAlias = str | int


@dataclass(slots=True)
class Record:
    """A submission's own facts and its answers; identity is among them only when it was asked for.

    Nobody changes one; it is not `frozen` because that takes 2 µs of the 100 that a submission may take.
    """

    id: UUID
    revision: int
    questionnaire: str
    version: str
    language: str
    channel: str
    app: str | None
    status: str
    flags: Sequence[str]
    errors: Sequence[Mapping[str, Any]]
    synthetic: bool
    started_at: datetime | None
    finished_at: datetime | None
    received_at: datetime
    clock_skew: int | None
    answers: Answers
    #: the id as its rows are called by
    key: str = field(init=False)

    def __post_init__(self) -> None:
        self.key = str(self.id)


#: names of what is read of a submission
STORED: tuple[str, ...] = tuple(each.name for each in fields(Record) if each.init)


@dataclass(slots=True)
class Instance:
    """What one row of a table is about: a whole submission, or one instance of a roster.

    `key` names it among all rows (`UUID/child[2]`), `positions` are 1-based, outermost first.
    """

    record: Record
    answers: Mapping[str, Any]
    key: str
    parent_key: str = ""
    positions: tuple[int, ...] = ()

    def below(self, steps: Sequence[str]) -> Iterator[Instance]:
        """The instances of a roster that lies at `steps` below this one."""
        rows = answer_at(self.answers, steps)
        if not isinstance(rows, list):
            return
        prefix = f"{self.key}/{'/'.join(steps)}["
        for position, answers in enumerate(rows, start=1):
            yield Instance(
                self.record,
                answers if isinstance(answers, dict) else {},
                f"{prefix}{position}]",
                self.key,
                (*self.positions, position),
            )


def answer_at(answers: Any, steps: Sequence[Step]) -> Any:
    """The answer at a path, None where there is none (or where a roster is in the way)."""
    found = answers
    for step in steps:
        if isinstance(step, int):
            if not isinstance(found, list) or step >= len(found):
                return None
            found = found[step]
        elif isinstance(found, dict):
            found = found.get(step)
        else:
            return None
    return found
