"""What becomes of the answers of a container: which are lost, withheld, or changed where they are."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, TypeAlias

from surveyapp.questionnaires.definition import Container, Roster, Section, Valued

#: What becomes of an answer.
Change: TypeAlias = Callable[[Any], Any]


def nothing(_value: Any) -> None:
    """The change of an answer that is withheld: it is told only that it was asked."""
    return None


@dataclass(frozen=True, slots=True)
class Ways:
    """What becomes of the answers of a container, by name."""

    #: not even whether it was asked is told
    lost: tuple[str, ...]
    withheld: tuple[str, ...]
    changed: tuple[tuple[str, Change], ...]
    below: tuple[tuple[str, Ways], ...]


def ways_of(
    container: Container, change_of: Callable[[Valued], Change | None], lost: Collection[str] = ()
) -> Ways:
    """The ways of all below a container that does not stay as it is."""
    withheld: list[str] = []
    changed: list[tuple[str, Change]] = []
    below: list[tuple[str, Ways]] = []
    kept = [item for item in container.items if item.path not in lost]
    for item in kept:
        if isinstance(item, Section | Roster):
            ways = ways_of(item, change_of, lost)
            if ways.lost or ways.withheld or ways.changed or ways.below:
                below.append((item.name, ways))
        elif isinstance(item, Valued) and (change := change_of(item)) is not None:
            if change is nothing:
                withheld.append(item.name)
            else:
                changed.append((item.name, change))
    gone = tuple(item.name for item in container.items if item.path in lost)
    return Ways(gone, tuple(withheld), tuple(changed), tuple(below))


def along(ways: Ways, answers: Any) -> Any:
    """The answers of a container, or of each instance of a roster, changed where they are."""
    if isinstance(answers, list):
        return [along(ways, each) for each in answers]
    if not isinstance(answers, dict):
        return None
    for name in ways.lost:
        answers.pop(name, None)
    for name in ways.withheld:
        if name in answers:
            answers[name] = None
    for name, change in ways.changed:
        if name in answers:
            answers[name] = change(answers[name])
    for name, further in ways.below:
        if name in answers:
            answers[name] = along(further, answers[name])
    return answers
