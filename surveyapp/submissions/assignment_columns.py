"""What the columns of a list of visits mean: questions that are answered beforehand, and their cells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from surveyapp.questionnaires import paths
from surveyapp.questionnaires.definition import (
    ATTACHMENT_TYPES,
    CONSENT_LISTS,
    Choice,
    DataType,
    Hidden,
    Question,
    Questionnaire,
    Roster,
    Valued,
)
from surveyapp.questionnaires.values import from_text

#: children of one household that a list can tell of
MOST_INSTANCES = 50
_NUMBERS = frozenset({DataType.INTEGER, DataType.DECIMAL})
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")


class BadColumn(ValueError):
    """A heading that is no question, or none that can be filled in beforehand; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Column:
    """A question, and the node of it that a column is about (`child[2]/c_age`)."""

    path: str
    item: Valued
    choices: tuple[Choice, ...] = ()

    def value(self, cell: str) -> Any:
        """The JSON value of a cell; None: empty. Raises `MisshapenValue`."""
        return from_text(self.item.type, self._plain(cell.strip()))

    def _plain(self, text: str) -> str:
        kind = self.item.type
        if kind in _NUMBERS:
            return re.sub(r"[\s\u00a0\u202f]", "", text).replace(",", ".")
        if kind is DataType.DATE:
            found = day_of(text)
            return found.isoformat() if found else text
        if kind is DataType.SELECT_ONE:
            return self._name_of(text)
        if kind is DataType.SELECT_MULTIPLE and "|" in text:
            return " ".join(self._name_of(part.strip()) for part in text.split("|"))
        return text

    def _name_of(self, text: str) -> str:
        """A choice by its name, or by its label in any language."""
        if any(choice.name == text for choice in self.choices):
            return text
        named = [choice.name for choice in self.choices if is_called(choice, text)]
        return named[0] if len(named) == 1 else text


def is_called(choice: Choice, text: str) -> bool:
    """Whether a choice has this label in some language."""
    wordings = choice.label.wordings.values()
    plain = ("".join(piece for piece in each if isinstance(piece, str)) for each in wordings)
    return text.casefold() in {each.strip().casefold() for each in plain}


def column(definition: Questionnaire, heading: str) -> Column:
    """The question that a heading names by its path, or by its name where that is one question's alone.

    Raises `BadColumn`.
    """
    try:
        steps = paths.parse_path(heading)
    except paths.BadPath:
        raise BadColumn("column_unknown") from None
    name = "/".join(step.name for step in steps)
    item = _item(definition, name)
    node = heading if name == item.path else item.path
    if isinstance(item, Question) and item.choices and item.choices.list_name in CONSENT_LISTS:
        raise BadColumn("column_consent")
    if not _is_fillable(item):
        raise BadColumn("column_not_fillable")
    _refuse_places(definition, paths.parse_path(node))
    return Column(node, item, _choices(definition, item))


def _item(definition: Questionnaire, name: str) -> Valued:
    items = [item for item in definition.walk() if isinstance(item, Valued)]
    found = [item for item in items if item.path == name] or [i for i in items if i.name == name]
    if len(found) != 1:
        raise BadColumn("column_unknown" if not found else "column_ambiguous")
    return found[0]


def _is_fillable(item: Valued) -> bool:
    if isinstance(item, Question):
        is_file = item.type in ATTACHMENT_TYPES
        return not (is_file or item.calculation or item.invitation)
    return isinstance(item, Hidden)


def _refuse_places(definition: Questionnaire, steps: Sequence[paths.Step]) -> None:
    """Within a roster a heading must say which instance; elsewhere it cannot."""
    rosters = {item.path for item in definition.walk() if isinstance(item, Roster)}
    for end in range(1, len(steps) + 1):
        position = steps[end - 1].position
        is_roster = "/".join(step.name for step in steps[:end]) in rosters
        if is_roster != (position is not None):
            raise BadColumn("column_position")
        if position is not None and position > MOST_INSTANCES:
            raise BadColumn("column_position")


def _choices(definition: Questionnaire, item: Valued) -> tuple[Choice, ...]:
    if isinstance(item, Question) and item.choices:
        return definition.choice_lists.get(item.choices.list_name, ())
    return ()


def region_column(definition: Questionnaire) -> Column | None:
    """The question that feeds the breakdown by region, if a list can answer it beforehand."""
    for item in definition.walk():
        if isinstance(item, Question) and item.breakdown == "region":
            try:
                return column(definition, item.path)
            except BadColumn:
                return None
    return None


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """Answers by node path as the JSON API nests them; instances that are only skipped are empty."""
    answers: dict[str, Any] = {}
    for path, value in values.items():
        place: dict[str, Any] = answers
        *way, last = paths.parse_path(path)
        for step in way:
            place = _below(place, step)
        place[last.name] = value
    return answers


def _below(place: dict[str, Any], step: paths.Step) -> dict[str, Any]:
    if step.position is None:
        found: dict[str, Any] = place.setdefault(step.name, {})
        return found
    instances: list[dict[str, Any]] = place.setdefault(step.name, [])
    instances.extend({} for _number in range(step.position - len(instances)))
    return instances[step.position - 1]


def day_of(text: str) -> date | None:
    """`2026-09-30`, or `30.09.2026` as Excel writes it here; None: no day."""
    dotted = _DOTTED.fullmatch(text)
    try:
        if dotted:
            day, month, year = map(int, dotted.groups())
            return date(year, month, day)
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def columns(
    definition: Questionnaire, headings: Sequence[str]
) -> Iterator[tuple[str, Column | BadColumn]]:
    """Each heading with the question that it names, or why it names none."""
    for heading in headings:
        try:
            yield heading, column(definition, heading)
        except BadColumn as bad:
            yield heading, bad
