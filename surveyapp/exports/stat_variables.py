"""Columns as the variables of SPSS and Stata: numbers and texts, with labels and missing values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from surveyapp.exports.cells import Cell
from surveyapp.exports.merging import MergedItem
from surveyapp.exports.missing import Mark, worded_marks
from surveyapp.exports.plan import Plan
from surveyapp.exports.request import Missing
from surveyapp.exports.stat_codes import Codes, NoAnswers, Value
from surveyapp.exports.stat_names import NameRules, stat_names
from surveyapp.exports.tables import Column, Table
from surveyapp.exports.typed import is_truth, label_of
from surveyapp.questionnaires.definition import DataType
from surveyapp.questionnaires.values import from_text

#: stands at the end of a text that was longer than the format allows
CUT = " […]"
#: types of answers of which some can be declared to be none
_LOOKS = {DataType.DATE: "day", DataType.INTEGER: "whole", DataType.DECIMAL: "decimal"}
_MARKS = frozenset(mark.value for mark in Mark)


@dataclass(frozen=True, slots=True)
class Dialect:
    """What tells SPSS from Stata."""

    name: str
    rules: NameRules
    #: no answer → its value
    missing: Mapping[str, Value | None]
    #: day and moment that are 0, and how many units a day and a second have
    zero: date
    day: float
    second: float
    #: how numbers look, by `day`, `moment`, `code`, `whole` and `decimal`; else as the program does it
    formats: Mapping[str, str]
    #: bytes of a text, and of a value's label
    text: int
    value_label: int
    #: cuts a variable's label to what fits
    label: Callable[[str], str]
    #: what is taken for missing above it
    most: float


@dataclass(frozen=True, slots=True)
class Variable:
    """A column under its name there; `value` makes of a cell a number, a text, or a missing value."""

    column: Column
    name: str
    label: str
    is_text: bool
    value: Callable[[Any], Value | None]
    format: str | None = None
    codes: Codes | NoAnswers | None = None


class Unfit(ValueError):
    """A cell that is not of its column's type, or out of range."""


def variables(table: Table, plan: Plan, dialect: Dialect) -> list[Variable]:
    """The variables of a table, labelled in the language of the options."""
    labelled = {column.name for column in table.columns if _is_coded(column) or _has_no_answers(column)}
    names = stat_names([column.name for column in table.columns], dialect.rules, labelled)
    language = plan.options.labels or plan.options.language
    found = [
        _variable(column, name, language, dialect)
        for column, name in zip(table.columns, names, strict=True)
    ]
    if plan.options.missing is Missing.MARKED:
        _label_marks(found, language, dialect)
    return found


def _label_marks(some: Sequence[Variable], language: str, dialect: Dialect) -> None:
    """Say at each question with choices what stands for not asked and for left empty."""
    values = ((dialect.missing.get(mark), told) for mark, told in worded_marks(language).items())
    labels = {value: told for value, told in values if value is not None}
    for variable in some:
        if isinstance(variable.codes, Codes):
            variable.codes.labels.update(labels)


def _variable(column: Column, name: str, language: str, dialect: Dialect) -> Variable:
    label, formats = dialect.label(label_of(column, language)), dialect.formats
    item = column.item
    if item is not None and _is_coded(column):
        codes = Codes(item, language, dialect.missing)
        return Variable(column, name, label, False, _coded(codes), formats.get("code"), codes)
    if item is not None and _has_no_answers(column):
        plain = Variable(column, name, label, False, _day(dialect))
        return _with_codes(plain, item, language, dialect)
    if column.type is DataType.DATE:
        return Variable(column, name, label, False, _day(dialect), formats.get("day"))
    if column.type is DataType.DATETIME:
        return Variable(column, name, label, False, _moment(dialect), formats.get("moment"))
    if is_truth(column) or column.type in {DataType.INTEGER, DataType.DECIMAL}:
        look = "decimal" if column.type is DataType.DECIMAL and column.choice is None else "whole"
        return Variable(column, name, label, False, _number(dialect), formats.get(look))
    return Variable(column, name, label, True, _text(dialect))


def _is_coded(column: Column) -> bool:
    """Whether its cells are the codes of choices."""
    is_chosen = column.choice is None and column.type is DataType.SELECT_ONE
    return is_chosen and column.item is not None and bool(column.item.codes)


def _has_no_answers(column: Column) -> bool:
    """Whether some of its numbers or days are declared to be no answer."""
    return column.item is not None and bool(column.item.missing)


def _with_codes(plain: Variable, item: MergedItem, language: str, dialect: Dialect) -> Variable:
    """A number or day of which some are no answer."""
    is_day = item.type is DataType.DATE
    read, value = (date.fromisoformat, _day(dialect)) if is_day else (float, _number(dialect))
    cells = {code: read(str(from_text(item.type, code))) for code, _reason in item.missing}
    codes = NoAnswers(item, language, dialect.missing, cells, value)
    values = codes.values

    def told(cell: Cell) -> Value | None:
        return values[cell] if cell in values else value(cell)

    return replace(plain, value=told, format=dialect.formats.get(_LOOKS[item.type]), codes=codes)


def _coded(codes: Codes) -> Callable[[Cell], Value | None]:
    values = codes.values

    def value(cell: Cell) -> Value | None:
        if cell is None:
            return None
        return values[cell] if cell in values else codes.value(str(cell))  # type: ignore[index]

    return value


def _number(dialect: Dialect) -> Callable[[Cell], Value | None]:
    most, missing = dialect.most, dialect.missing

    def value(cell: Cell) -> Value | None:
        if cell is None:
            return None
        if isinstance(cell, str):
            return _mark(cell, missing)
        if not isinstance(cell, (int, float)) or abs(cell) > most:
            raise Unfit(cell)
        return float(cell)

    return value


def _day(dialect: Dialect) -> Callable[[Cell], Value | None]:
    zero, unit, missing = dialect.zero.toordinal(), dialect.day, dialect.missing

    def value(cell: Cell) -> Value | None:
        if isinstance(cell, date):
            return (cell.toordinal() - zero) * unit
        return None if cell is None else _mark(cell, missing)

    return value


def _moment(dialect: Dialect) -> Callable[[Cell], Value | None]:
    zero = datetime.combine(dialect.zero, datetime.min.time())
    unit, missing = dialect.second, dialect.missing
    millisecond = timedelta(milliseconds=1)

    def value(cell: Cell) -> Value | None:
        if isinstance(cell, datetime):
            # neither program knows zones: the wall's time in the zone of the export
            return (cell.replace(tzinfo=None) - zero) // millisecond * unit / 1000
        return None if cell is None else _mark(cell, missing)

    return value


def _mark(cell: Any, missing: Mapping[str, Value | None]) -> Value | None:
    """A mark in a column of numbers: SPSS has no number that none of these could be."""
    if cell not in _MARKS:
        raise Unfit(cell)
    value = missing.get(cell)
    return value if isinstance(value, str) else None


def _text(dialect: Dialect) -> Callable[[Cell], Value | None]:
    most = dialect.text

    def value(cell: Cell) -> Value | None:
        if cell is None:
            return None
        text = cell if isinstance(cell, str) else str(cell)
        return text if len(text) * 4 <= most else cut(text, most)

    return value


def cut(text: str, most: int) -> str:
    """A text of at most so many bytes of UTF-8; one that was longer ends in `[…]`."""
    encoded = text.encode()
    if len(encoded) <= most:
        return text
    return encoded[: most - len(CUT.encode())].decode(errors="ignore") + CUT


def cut_letters(text: str, most: int) -> str:
    """The same by letters."""
    return text if len(text) <= most else text[: most - len(CUT)] + CUT


def value_labels(variable: Variable, dialect: Dialect) -> dict[Value, str]:
    """Value → label; none of a variable without choices."""
    if variable.codes is None:
        return {}
    return {v: cut(label, dialect.value_label) for v, label in variable.codes.labels.items()}


def by_name(some: Sequence[Variable]) -> dict[str, Variable]:
    """The variables under their names."""
    return {variable.name: variable for variable in some}
