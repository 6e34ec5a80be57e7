"""A list of visits, read from a CSV file: all of its mistakes at once by row and column, or the visits.

Columns: `interviewer`, `label`, and if wanted `region`, `due` and `key`; every other one is a question,
by its path (`place/region`, `child[2]/c_age`) or its name. Russian Excel writes Windows-1251, which has
no Kazakh letters: it is read, and told.
"""

from __future__ import annotations

import codecs
import csv
import io
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
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
from surveyapp.submissions.assignment_columns import (
    BadColumn,
    Column,
    columns,
    day_of,
    is_called,
    nested,
    region_column,
)

#: columns that are no questions
OWN = ("interviewer", "label", "region", "due", "key")
NEEDED = ("interviewer", "label")
MOST_ROWS = 5000
MOST_COLUMNS = 200
MOST_BYTES = 2 * 1024 * 1024
LONGEST_CELL = 2000
LONGEST_LABEL = 200
#: mistakes that are told at once
MOST_TOLD = 200
_DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something wrong; `row` counts as a spreadsheet does, the header being 1."""

    row: int
    column: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    #: of code `answer`: what is wrong with the cell
    answer: AnswerError | None = None


class BadList(ValueError):
    """The list has mistakes; `count` of them, the first `MOST_TOLD` are told."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__(f"{len(mistakes)} mistakes")
        self.count = len(mistakes)
        self.mistakes = tuple(mistakes[:MOST_TOLD])


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


@dataclass(frozen=True, slots=True)
class ReadList:
    """The visits of a list, and whether it was in Windows-1251."""

    visits: list[Visit]
    is_windows: bool = False


def read_list(content: bytes, given: Given) -> ReadList:
    """The visits of a file. Raises `BadList`."""
    if len(content) > MOST_BYTES:
        raise BadList([Mistake(1, "", "too_large", {"max": MOST_BYTES // 1024 // 1024})])
    text, is_windows = _text(content)
    table = _rows(text)
    header, *rows = table or [[]]
    headings = [heading.strip() for heading in header]
    numbered = [(number, cells) for number, cells in enumerate(rows, 2) if any(map(str.strip, cells))]
    return ReadList(read_rows(headings, numbered, given), is_windows)


def read_rows(
    headings: Sequence[str], numbered: Sequence[tuple[int, Sequence[str]]], given: Given
) -> list[Visit]:
    """The visits of rows below headings. Raises `BadList`."""
    headings = [heading.lower() if heading.lower() in OWN else heading for heading in headings]
    found = dict(columns(given.definition, [each for each in headings if each not in OWN]))
    if mistakes := list(_wrong_headings(headings, found, len(numbered))):
        raise BadList(mistakes)
    questions = {name: each for name, each in found.items() if isinstance(each, Column)}
    reader = _Reader(given, questions)
    visits = [
        reader.visit(number, dict(zip(headings, cells, strict=False))) for number, cells in numbered
    ]
    wide = [Mistake(n, "", "cells", {"count": len(c)}) for n, c in numbered if len(c) > len(headings)]
    mistakes = [*reader.mistakes, *wide]
    if mistakes:
        raise BadList(sorted(mistakes, key=lambda mistake: mistake.row))
    return [visit for visit in visits if visit is not None]


# --- the file ---------------------------------------------------------------------------------------


def _text(content: bytes) -> tuple[str, bool]:
    """Its text, and whether that was in Windows-1251."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decoded(content, "utf-16"), False
    try:
        return content.decode("utf-8-sig"), False
    except UnicodeDecodeError:
        return _decoded(content, "cp1251"), True


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise BadList([Mistake(1, "", "encoding")]) from None


def _rows(text: str) -> list[list[str]]:
    if "\x00" in text:
        raise BadList([Mistake(1, "", "not_csv")])
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        raise BadList([Mistake(1, "", "not_csv")]) from None


def _wrong_headings(
    headings: Sequence[str], found: Mapping[str, Column | BadColumn], rows: int
) -> Iterator[Mistake]:
    if len(headings) > MOST_COLUMNS:
        yield Mistake(1, "", "too_many_columns", {"max": MOST_COLUMNS})
        return
    yield from (Mistake(1, name, "column_missing") for name in NEEDED if name not in headings)
    repeated = [name for name, times in Counter(headings).items() if times > 1]
    yield from (Mistake(1, name, "column_twice") for name in repeated)
    by_path: dict[str, str] = {}
    for name, each in found.items():
        if isinstance(each, BadColumn):
            yield Mistake(1, name, each.code)
        elif by_path.setdefault(each.path, name) != name:
            yield Mistake(1, name, "column_twice")
    if not rows:
        yield Mistake(1, "", "no_rows")
    elif rows > MOST_ROWS:
        yield Mistake(1, "", "too_many_rows", {"max": MOST_ROWS})


# --- its rows ---------------------------------------------------------------------------------------


class _Reader:
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
