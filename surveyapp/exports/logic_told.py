"""The logic of an item as its author wrote it, version by version, for codebooks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from surveyapp.exports.merging import Edition, MergedItem
from surveyapp.questionnaires.definition import (
    Calculation,
    Expression,
    Item,
    Question,
    Questionnaire,
    walk,
)


class Logic(StrEnum):
    """What an expression decides."""

    #: whether it is asked; the conditions of the sections around it come first
    RELEVANT = "relevant"
    REQUIRED = "required"
    CONSTRAINT = "constraint"
    CALCULATION = "calculation"


@dataclass(frozen=True, slots=True)
class Told:
    """An expression, and the versions that have it."""

    logic: Logic
    source: str
    versions: tuple[str, ...]


def logic_of(item: MergedItem) -> list[Told]:
    """Every expression of an item, those of the newest version first within its kind."""
    found: dict[tuple[Logic, str], list[str]] = {}
    for edition in item.editions:
        for logic, source in _of_edition(edition):
            found.setdefault((logic, source), []).append(edition.definition.version)
    order = list(Logic)
    told = [Told(logic, source, tuple(versions)) for (logic, source), versions in found.items()]
    return sorted(told, key=lambda each: order.index(each.logic))


def _of_edition(edition: Edition) -> Iterator[tuple[Logic, str]]:
    item = edition.item
    conditions = [
        each.relevant.source for each in _around(edition.definition, item.path) if each.relevant
    ]
    if conditions:
        yield Logic.RELEVANT, " and ".join(_bracketed(conditions))
    named: list[tuple[Logic, Expression | None]] = [
        (Logic.REQUIRED, item.required),
        (Logic.CONSTRAINT, item.constraint),
    ]
    if isinstance(item, Question | Calculation):
        named.append((Logic.CALCULATION, item.calculation))
    yield from ((logic, expression.source) for logic, expression in named if expression)


def _bracketed(conditions: list[str]) -> list[str]:
    return [f"({each})" for each in conditions] if len(conditions) > 1 else conditions


def _around(definition: Questionnaire, path: str) -> list[Item]:
    """The item itself and what it stands in, the outermost first."""
    return [
        each for each in walk(definition.root) if path == each.path or path.startswith(f"{each.path}/")
    ]
