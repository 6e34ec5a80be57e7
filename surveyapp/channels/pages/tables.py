"""Questions with the same answers, one under the other: a table on wide screens, cards on a phone.

Authors ask for one with the appearances that ODK Collect knows (`list-nolabel`, which pyxform makes of
`table-list`, and `list`), or with `likert`. Every row stays a question of its own, with its own group
and labels, so that a screen reader says question and answer; the row of heads is only for the eye.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Generic, TypeVar

from surveyapp.channels.pages.phrases import Wording
from surveyapp.channels.pages.questions import QuestionView

Shown = TypeVar("Shown")


@dataclass(frozen=True, slots=True)
class Run(Generic[Shown]):
    """Questions one after the other; those with `columns` are the rows of a table."""

    shown: tuple[Shown, ...]
    columns: tuple[Wording, ...] = ()


def runs(shown: Iterable[Shown], view_of: Callable[[Shown], QuestionView]) -> Iterator[Run[Shown]]:
    """What a page shows, with the tables in it."""
    for kind, together in groupby(shown, lambda each: view_of(each).table):
        rows = tuple(together)
        first = view_of(rows[0])
        columns = (choice.label for choice in (*first.choices, *first.apart)) if kind else ()
        yield Run(rows, tuple(columns))
