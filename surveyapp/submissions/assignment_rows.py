"""The rows of a list of visits: each cell read by what the list is read by, with all that is wrong."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from surveyapp.people.collectors import Collector
from surveyapp.people.service import canonical_name
from surveyapp.questionnaires.answers import AnswerError
from surveyapp.questionnaires.definition import Choice, Questionnaire
from surveyapp.questionnaires.schema import Limits, check_types
from surveyapp.questionnaires.values import MisshapenValue
from surveyapp.submissions.assigning import MOST_OPEN, Visit
from surveyapp.submissions.assignment_columns import Column, day_of, is_called, nested, region_column

LONGEST_CELL = 2000
LONGEST_LABEL = 200


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something wrong; `row` counts as a spreadsheet does, the header being 1."""

    row: int
    column: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    #: of code `answer`: what is wrong with the cell
    answer: AnswerError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a list is read by."""

    definition: Questionnaire
    collectors: Sequence[Collector]
    #: regions that whoever assigns cares for; None: all
    regions: frozenset[str] | None
    today: date
    limits: Limits
    #: open visits that each collector (`Collector.key`) has already
    open_visits: Mapping[str, int] = field(default_factory=dict)


class RowReader:
    """Reads row after row, and notes all that is wrong."""

    def __init__(self, given: Given, questions: Mapping[str, Column]) -> None:
        self.given = given
        self.questions = questions
        self.region = region_column(given.definition)
        self.mistakes: list[Mistake] = []
        self._row = 1
        self._keys: dict[str, int] = {}
        self._open = Counter(given.open_visits)
        self._named: dict[str, list[Collector]] = defaultdict(list)
        for each in given.collectors:
            for name in {each.key, canonical_name(each.name)}:
                self._named[name].append(each)

    def visit(self, row: int, cells: Mapping[str, str]) -> Visit | None:
        """The visit of a row; None if something is wrong with it."""
        self._row, before = row, len(self.mistakes)
        cells = {name: unicodedata.normalize("NFC", cell).strip() for name, cell in cells.items()}
        if not self._is_plain(cells):
            return None
        answers = self._answers(cells)
        region = self._region(cells.get("region", ""), answers)
        collector = self._collector(cells.get("interviewer", ""), region)
        label, due = self._label(cells.get("label", "")), self._due(cells.get("due", ""))
        key = self._key(cells.get("key", ""))
        if collector is None or len(self.mistakes) > before:
            return None
        return Visit(collector=collector, label=label, region=region, due=due, answers=answers, key=key)

    def _wrong(self, column: str, code: str, **params: Any) -> None:
        self.mistakes.append(Mistake(self._row, column, code, params))

    def _is_plain(self, cells: Mapping[str, str]) -> bool:
        bad = False
        for name, cell in cells.items():
            if any(unicodedata.category(sign) in {"Cc", "Cs"} and sign not in "\n\r\t" for sign in cell):
                self._wrong(name, "text")
                bad = True
            elif len(cell) > LONGEST_CELL:
                self._wrong(name, "too_long", max=LONGEST_CELL)
                bad = True
        return not bad

    def _collector(self, cell: str, region: str | None) -> Collector | None:
        if not cell:
            self._wrong("interviewer", "required")
            return None
        found = self._named.get(cell) or self._named.get(canonical_name(cell), [])
        if len(found) != 1:
            code = "interviewer_ambiguous" if found else "interviewer_unknown"
            self._wrong("interviewer", code, keys=", ".join(each.key for each in found))
            return None
        (one,) = found
        if not one.reach.covers(self.given.definition.id, region) and region is not None:
            self._wrong("interviewer", "interviewer_elsewhere")
        self._open[one.key] += 1
        if self._open[one.key] > MOST_OPEN:
            self._wrong("interviewer", "interviewer_full", max=MOST_OPEN)
        return one

    def _label(self, cell: str) -> str:
        if not cell:
            self._wrong("label", "required")
        elif len(cell) > LONGEST_LABEL:
            self._wrong("label", "too_long", max=LONGEST_LABEL)
        return " ".join(cell.split())

    def _due(self, cell: str) -> date | None:
        if not cell:
            return None
        day = day_of(cell)
        if day is None:
            self._wrong("due", "due_unreadable")
        elif day < self.given.today:
            self._wrong("due", "due_past")
        return day

    def _key(self, cell: str) -> str:
        before = self._keys.setdefault(cell, self._row) if cell else self._row
        if before != self._row:
            self._wrong("key", "key_twice", row=before)
        return cell

    def _region(self, cell: str, answers: dict[str, Any]) -> str | None:
        """The region's code, which answers the question for it, too; or what answers that already."""
        known = answers.get(self.region.path) if self.region else None
        region = self._region_named(cell) if cell else (str(known) if known is not None else None)
        if region is not None and known is not None and region != str(known):
            self._wrong("region", "region_differs")
        allowed = self.given.regions
        if allowed is not None and region is None and not cell:
            self._wrong("region", "required")
        elif allowed is not None and region is not None and region not in allowed:
            self._wrong("region", "region_outside")
        if region is not None and self.region and self.region.choices:
            answers.setdefault(self.region.path, region)
        return region

    def _region_named(self, cell: str) -> str | None:
        choices: Sequence[Choice] = self.region.choices if self.region else ()
        if any(choice.name == cell for choice in choices):
            return cell
        named = [choice.name for choice in choices if is_called(choice, cell)]
        if len(named) != 1:
            self._wrong("region", "region_unknown")
            return None
        return named[0]

    def _answers(self, cells: Mapping[str, str]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        names: dict[str, str] = {}
        for name, column in self.questions.items():
            try:
                value = column.value(cells.get(name, ""))
            except MisshapenValue:
                error = AnswerError(column.path, str(column.item.type))
                self.mistakes.append(Mistake(self._row, name, "answer", {}, error))
                continue
            if value is not None:
                values[column.path], names[column.path] = value, name
        for error in check_types(self.given.definition, nested(values), self.given.limits).errors:
            self.mistakes.append(
                Mistake(self._row, names.get(error.path, error.path), "answer", {}, error)
            )
        return values
