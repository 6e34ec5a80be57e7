"""One submission as the reader hands it to every writer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from surveyapp.questionnaires.answers import Answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A submission's own facts and its answers; identity is among them only when it was asked for."""

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


@dataclass(frozen=True, slots=True)
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
        for position, answers in enumerate(rows, start=1):
            yield Instance(
                record=self.record,
                answers=answers if isinstance(answers, Mapping) else {},
                key=f"{self.key}/{'/'.join(steps)}[{position}]",
                parent_key=self.key,
                positions=(*self.positions, position),
            )


def answer_at(answers: Mapping[str, Any], steps: Sequence[str]) -> Any:
    """The answer at a path of names, None where there is none (or where a roster is in the way)."""
    found: Any = answers
    for step in steps:
        if not isinstance(found, Mapping):
            return None
        found = found.get(step)
    return found
