"""Parts of answers: identity split off and put back, what may not be shown left out, places made coarse.

Nothing here changes the answers it is given. Answers are known fields only, as a `Judgement` has them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from surveyapp.questionnaires import paths
from surveyapp.questionnaires.answers import Answers
from surveyapp.questionnaires.coarsening import coarse_place
from surveyapp.questionnaires.definition import (
    ATTACHMENT_TYPES,
    Container,
    Item,
    Question,
    Questionnaire,
    Roster,
    Section,
    Valued,
)

Predicate: TypeAlias = Callable[[Valued], bool]

#: longer answers are no group that anything is broken down by (nor can PostgreSQL index them)
LONGEST_GROUP = 100
#: leaves an answer out
_OUT = object()


def is_identity(item: Valued) -> bool:
    """Points at a person: sealed apart."""
    return item.identity


def is_sensitive(item: Valued) -> bool:
    """Is not for lists, previews, logs and the default export."""
    return item.sensitive


def is_invitation(item: Valued) -> bool:
    """Holds an invitation's code, which is kept nowhere."""
    return isinstance(item, Question) and item.invitation


def _is_any(_item: Valued) -> bool:
    return True


def _is_coarse(item: Valued) -> bool:
    return isinstance(item, Question) and item.coarsen is not None


def _is_breakdown(item: Valued) -> bool:
    return bool(item.breakdown) and not item.identity


def _is_file(item: Valued) -> bool:
    return item.type in ATTACHMENT_TYPES


class Parted(NamedTuple):
    """Answers in two parts: `identity` has what points at a person, by node path (`child[2]/c_name`)."""

    open_answers: Answers
    identity: dict[str, Any]


def split_identity(questionnaire: Questionnaire, answers: Answers) -> Parted:
    """Part the identity answers from the rest; sections and roster instances stay, emptied."""
    identity = {path: value for path, _item, value in leaves(questionnaire, answers, is_identity)}
    return Parted(drop(questionnaire, answers, is_identity), identity)


def join_identity(
    questionnaire: Questionnaire, open_answers: Answers, identity: Mapping[str, Any]
) -> Answers:
    """Put the identity answers back: the inverse of `split_identity`."""
    joined = _transformed(_ways(questionnaire, _is_any), open_answers, lambda _item, value: value)
    for path, value in identity.items():
        *way, leaf = paths.parse_path(path)
        _reach(joined, way)[leaf.name] = value
    return joined


def drop(questionnaire: Questionnaire, answers: Answers, predicate: Predicate) -> Answers:
    """The answers without those whose item the predicate is true of."""
    return _transformed(_ways(questionnaire, predicate), answers, lambda _item, _value: _OUT)


def changed(
    questionnaire: Questionnaire,
    answers: Answers,
    predicate: Predicate,
    change: Callable[[Valued, Any], Any],
) -> Answers:
    """The answers, each whose item the predicate is true of being what `change` makes of it."""
    return _transformed(_ways(questionnaire, predicate), answers, change)


def coarsen(questionnaire: Questionnaire, answers: Answers) -> Answers:
    """The answers with each place moved to the grid its question asks for; twice is the same as once."""

    def coarse(item: Valued, value: Any) -> Any:
        metres = item.coarsen if isinstance(item, Question) else None
        if metres is None or value is None:
            return value
        return _coarse(value, metres)

    return changed(questionnaire, answers, _is_coarse, coarse)


def breakdowns(questionnaire: Questionnaire, answers: Answers) -> dict[str, str]:
    """Breakdown (`region`, `area` …) → the answer's code or whole number as text; the first of each.

    An answer of more than `LONGEST_GROUP` characters is none.

    None is taken from a roster: its members are broken down one by one by who counts them. None is taken
    from identity: these stand in the open.
    """
    found: dict[str, str] = {}
    for path, item, value in leaves(questionnaire, answers, _is_breakdown):
        if item.breakdown and "[" not in path and _names_a_group(value):
            found.setdefault(item.breakdown, str(value))
    return found


def _names_a_group(value: Any) -> bool:
    return isinstance(value, int) or (isinstance(value, str) and len(value) <= LONGEST_GROUP)


def leaves(
    questionnaire: Questionnaire, answers: Answers, predicate: Predicate = _is_any
) -> Iterator[tuple[str, Valued, Any]]:
    """Each answer with its node path and item, in the order of the definition; empty ones too.

    Only those whose item the predicate is true of.
    """
    yield from _leaves(_ways(questionnaire, predicate), answers, "")


def file_names(questionnaire: Questionnaire, answers: Answers) -> Iterator[tuple[str, str]]:
    """The path and the file's name of each answer that names a file."""
    for path, _item, name in leaves(questionnaire, answers, _is_file):
        if name is not None:
            yield path, name


class FileUse(NamedTuple):
    """What the questions that name a file want with it."""

    #: `image`, `audio`, `video` or `file`
    wanted: str
    #: whether it points at a person
    identity: bool
    #: whether places in its metadata are asked for
    keeps_place: bool


def file_uses(questionnaire: Questionnaire, answers: Answers) -> dict[str, FileUse]:
    """Name → use of each file that an answer names; the strictest of several questions' identity."""
    uses: dict[str, FileUse] = {}
    for _path, item, name in leaves(questionnaire, answers, _is_file):
        if name is not None:
            before = uses.get(name, FileUse(item.type.value, False, False))
            uses[name] = FileUse(
                before.wanted,
                before.identity or item.identity or not isinstance(item, Question),
                before.keeps_place or (isinstance(item, Question) and item.keeps_place),
            )
    return uses


class _Way(NamedTuple):
    """What a name leads to: an item that was looked for, or one with such items below it."""

    item: Item
    #: empty at the item that was looked for
    below: Mapping[str, _Way]


@lru_cache(maxsize=512)
def _ways(questionnaire: Questionnaire, predicate: Predicate) -> Mapping[str, _Way]:
    """The ways to the items that a predicate is true of: most questionnaires have few, or none."""
    return _ways_below(questionnaire.root, predicate)


def _ways_below(container: Container, predicate: Predicate) -> dict[str, _Way]:
    ways = {item.name: _way(item, predicate) for item in container.items}
    return {name: way for name, way in ways.items() if way}


def _way(item: Item, predicate: Predicate) -> _Way | None:
    if isinstance(item, Section | Roster):
        below = _ways_below(item, predicate)
        return _Way(item, below) if below else None
    return _Way(item, {}) if isinstance(item, Valued) and predicate(item) else None


def _leaves(ways: Mapping[str, _Way], answers: Answers, path: str) -> Iterator[tuple[str, Valued, Any]]:
    for name, (item, below) in ways.items():
        if name not in answers:
            continue
        value, here = answers[name], paths.join(path, name)
        if isinstance(item, Section):
            yield from _leaves(below, value, here)
        elif isinstance(item, Roster):
            for position, instance in enumerate(value, 1):
                yield from _leaves(below, instance, f"{here}[{position}]")
        elif isinstance(item, Valued):
            yield here, item, value


def _transformed(
    ways: Mapping[str, _Way], answers: Answers, change: Callable[[Valued, Any], Any]
) -> Answers:
    """The answers of one container in which each answer on these ways is what `change` makes of it."""
    made = {
        name: _changed(ways[name], value, change) if name in ways else value
        for name, value in answers.items()
    }
    return {name: value for name, value in made.items() if value is not _OUT}


def _changed(way: _Way, value: Any, change: Callable[[Valued, Any], Any]) -> Any:
    item, below = way
    if isinstance(item, Section):
        return _transformed(below, value, change)
    if isinstance(item, Roster):
        return [_transformed(below, instance, change) for instance in value]
    return change(item, value) if isinstance(item, Valued) else value


def _coarse(value: Any, metres: int) -> Any:
    if isinstance(value, list):
        return [coarse_place(place, metres) for place in value]
    return coarse_place(value, metres)


def _reach(answers: Answers, way: list[paths.Step]) -> Answers:
    """The section or roster instance at the end of a way; `split_identity` has left it in place."""
    for step in way:
        below = answers[step.name]
        answers = below if step.position is None else below[step.position - 1]
    return answers
