"""Where two states of a record differ, question by question, as lines of a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from surveyapp.manage.record_lines import Kept, Line, above

#: questions that one page lists of a difference
MOST = 300


@dataclass(frozen=True, slots=True)
class Change:
    """A question before and after; None: it is in a roster's row that is not there."""

    path: str
    #: the headings it stands below, outermost first
    trail: tuple[str, ...]
    label: str
    before: Line | None
    after: Line | None

    @property
    def is_calculated(self) -> bool:
        """Whether nobody typed it."""
        return any(line is not None and line.is_calculated for line in (self.before, self.after))


def changes(
    before: Sequence[Line], after: Sequence[Line], differ: Callable[[str], bool]
) -> list[Change]:
    """The questions at whose node path the two differ, in the order of the questionnaire."""
    ours, theirs = _by_path(before), _by_path(after)
    trails = above(before) | above(after)
    return [
        Change(path, trails[path], line.label, ours.get(path), theirs.get(path))
        for path, line in {**ours, **theirs}.items()
        if differ(path) and not _is_unasked(ours.get(path), theirs.get(path))
    ]


def _by_path(told: Sequence[Line]) -> dict[str, Line]:
    return {line.path: line for line in told if line.kept is not None}


def _is_unasked(*lines: Line | None) -> bool:
    return all(line is None or line.kept is Kept.NOT_ASKED for line in lines)
