"""What waits in quarantine beside what is stored, as the lines of a page: where they differ first."""

from __future__ import annotations

from dataclasses import dataclass, replace

from surveyapp.manage.record_lines import Eyes, Kept, Line, above, lines
from surveyapp.questionnaires import partition
from surveyapp.questionnaires.answers import Answers
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.submissions.merging import Pair

#: differences that are settled one by one on a page; a form with very many parts is refused
MOST = 300


@dataclass(frozen=True, slots=True)
class Compared:
    """A question with both answers; None: it is in a roster's row that is not there."""

    path: str
    #: the headings it stands below, outermost first
    trail: tuple[str, ...]
    label: str
    held: Line | None
    waiting: Line | None
    #: they name files of the same name with other content
    other_file: bool = False

    @property
    def is_hidden(self) -> bool:
        """Whether one of the two answers is not shown."""
        return any(
            line is not None and line.kept in {Kept.APART, Kept.HIDDEN}
            for line in (self.held, self.waiting)
        )


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Where two versions differ, what more there is of that, and what is the same in both."""

    differing: tuple[Compared, ...]
    #: differences that the page does not list: they are settled together
    unlisted: int
    same: tuple[Compared, ...]


def side_by_side(pair: Pair, eyes: Eyes, *, opened: bool) -> SideBySide:
    """The questions of both sides. `opened`: what points at a person is shown too."""
    held = _answers(pair.definition, pair.held, eyes, opened)
    waiting = _answers(pair.definition, pair.waiting, eyes, opened)
    trails = above(held) | above(waiting)
    ours, theirs = _by_path(held), _by_path(waiting)
    differing = {difference.path: difference for difference in pair.differences()}
    found = [
        Compared(path, trails[path], line.label, ours.get(path), theirs.get(path))
        for path, line in {**theirs, **ours}.items()
    ]
    order = {path: place for place, path in enumerate(dict.fromkeys((*differing, *ours, *theirs)))}
    found.sort(key=lambda each: order[each.path])
    apart = [
        replace(each, other_file=_same_name(differing[each.path]))
        for each in found
        if each.path in differing
    ]
    same = tuple(each for each in found if each.path not in differing and not _is_unasked(each))
    return SideBySide(tuple(apart[:MOST]), len(apart[MOST:]), same)


def _answers(definition: Questionnaire, answers: Answers, eyes: Eyes, opened: bool) -> list[Line]:
    parted = partition.split_identity(definition, answers)
    return lines(
        definition,
        parted.open_answers,
        replace(eyes, identity=parted.identity if opened else None),
    )


def _by_path(told: list[Line]) -> dict[str, Line]:
    return {line.path: line for line in told if line.kept is not None}


def _same_name(difference: object) -> bool:
    held, waiting = getattr(difference, "held", None), getattr(difference, "waiting", None)
    return bool(held and waiting and held.value == waiting.value)


def _is_unasked(each: Compared) -> bool:
    return all(line is None or line.kept is Kept.NOT_ASKED for line in (each.held, each.waiting))
