"""From an answer as it is stored to the cells of a table; the cells are typed, writers render them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from functools import partial
from typing import Any, TypeAlias

from surveyapp.exports.merging import MergedItem
from surveyapp.exports.missing import declared_marks, marks_of, told_apart
from surveyapp.exports.request import Missing, TableOptions
from surveyapp.exports.wording import choice_label
from surveyapp.questionnaires.definition import SELECT_TYPES, Choice, DataType

#: What a table holds. None is no answer: not asked, or left empty.
Cell: TypeAlias = str | int | float | bool | date | datetime | None
Reading: TypeAlias = Callable[[Any], Cell]

#: between the codes of a select_multiple, as XForms write it; codes have no spaces
CODES_APART = " "
#: between its labels, which have spaces
LABELS_APART = "; "
#: between an item's name and the part of its answer that the column holds; in no item's name
PART = "/"
#: after the name of an item's column of labels where its codes have one, too (`agreed~label`)
LABEL = "~label"

GEOPOINT_PARTS = ("lat", "lon", "alt", "accuracy")


@dataclass(frozen=True, slots=True)
class CellColumn:
    """One column of an item: `part` is empty, a choice's code, or a part of a place.

    `read` is None where a text answer stands as it is; `told` is what is told, for the column's name.
    """

    part: str
    type: DataType
    read: Reading | None
    choice: Choice | None = None
    told: str = ""


def cell_columns(item: MergedItem, options: TableOptions, zone: tzinfo) -> Iterator[CellColumn]:
    """The columns that an item's answers need; times are turned to `zone`."""
    if item.type is DataType.GEOPOINT:
        for part in GEOPOINT_PARTS:
            yield CellColumn(part, DataType.DECIMAL, partial(_part_of_place, part))
    elif item.type is DataType.SELECT_MULTIPLE and options.split_multiple and item.choices:
        if options.joined_multiple:
            yield from _told(item, options, zone)
        for choice in item.choices:
            yield CellColumn(choice.name, DataType.INTEGER, partial(_is_chosen, choice.name), choice)
    else:
        yield from _told(item, options, zone)


def _told(item: MergedItem, options: TableOptions, zone: tzinfo) -> Iterator[CellColumn]:
    """By codes or labels; both in two columns."""
    if item.choices and options.labels is not None and options.codes:
        codes = replace(options, labels=None)
        yield CellColumn("", item.type, _reading(item, codes, zone))
        yield CellColumn("", item.type, _reading(item, options, zone), told=LABEL)
    else:
        yield CellColumn("", item.type, _reading(item, options, zone))


def labels_of(item: MergedItem, options: TableOptions) -> Mapping[str, str]:
    """Code → label in the language asked for; empty when codes are asked for."""
    if options.labels is None:
        return {}
    return {c.name: choice_label(c, options.labels, item.default_language) for c in item.choices}


def moment(zone: tzinfo, value: Any) -> Cell:
    """A stored dateTime as the aware time in a zone; as text if it is none."""
    try:
        time = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return plain_text(value)
    # without an offset nobody knows the moment: it stays as it was said
    return time.astimezone(zone) if time.tzinfo else plain_text(value)


def _reading(item: MergedItem, options: TableOptions, zone: tzinfo) -> Reading | None:
    marked = options.missing is Missing.MARKED
    if item.type is DataType.DATETIME:
        return partial(moment, zone)
    if item.type in SELECT_TYPES:
        words = labels_of(item, options)
        if marked and options.labels is None:
            words = marks_of(item.choices)
        if item.type is DataType.SELECT_ONE:
            return partial(_label, words) if words else None
        apart = CODES_APART if options.labels is None else LABELS_APART
        return partial(_joined, words, apart) if words else partial(_joined_codes, apart)
    if item.type in _PLAIN:
        marks = declared_marks(item) if marked and options.declared_marked else {}
        return partial(_marked, marks, _PLAIN[item.type]) if marks else _PLAIN[item.type]
    return _text_beside_marks if marked else None


def takes_floats(read: Reading | None) -> bool:
    """Whether a float is its own cell."""
    return read is _decimal


def plain_text(value: Any) -> Cell:
    """A text as it is; anything else that an old version may have stored as text."""
    return value if value is None or isinstance(value, str) else str(value)


def _text_beside_marks(value: Any) -> Cell:
    return told_apart(value) if isinstance(value, str) else plain_text(value)


def _marked(marks: Mapping[Any, str], read: Reading, value: Any) -> Cell:
    """A number or day, or the mark of one that is no answer."""
    if isinstance(value, int | float | str) and value in marks:
        return marks[value]
    return read(value)


def _number(value: Any) -> Cell:
    kind = type(value)
    if kind is int:
        whole: int = value
        return whole
    if kind is float:
        return int(value) if value.is_integer() else float(value)
    return int(value) if kind is bool else plain_text(value)


def _decimal(value: Any) -> Cell:
    if type(value) is float:
        return value
    # PostgreSQL gives 1e21 back as a whole number, SQLite as it was
    return float(value) if isinstance(value, (int, float)) else plain_text(value)


def _day(value: Any) -> Cell:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return plain_text(value)


def _label(labels: Mapping[str, str], value: Any) -> Cell:
    return labels.get(value, value) if isinstance(value, str) else plain_text(value)


def _joined(labels: Mapping[str, str], apart: str, value: Any) -> Cell:
    if not isinstance(value, list):
        return plain_text(value)
    return apart.join([labels.get(code, code) if isinstance(code, str) else str(code) for code in value])


def _joined_codes(apart: str, value: Any) -> Cell:
    if not isinstance(value, list):
        return plain_text(value)
    try:
        return apart.join(value)
    except TypeError:  # what is no code was stored in spite of it
        return apart.join(map(str, value))


def _is_chosen(code: str, value: Any) -> Cell:
    return int(code in value) if isinstance(value, list) else None


def _part_of_place(part: str, value: Any) -> Cell:
    return _decimal(value.get(part)) if isinstance(value, dict) else None


def _trace(value: Any) -> Cell:
    """`lat lon alt accuracy; …`, as XForms write a line or an area."""
    if not isinstance(value, list) or not all(isinstance(point, dict) for point in value):
        return plain_text(value)
    return "; ".join(" ".join(str(point.get(part) or 0) for part in GEOPOINT_PARTS) for point in value)


_PLAIN: Mapping[DataType, Reading] = {
    DataType.INTEGER: _number,
    DataType.DECIMAL: _decimal,
    DataType.DATE: _day,
    DataType.GEOTRACE: _trace,
    DataType.GEOSHAPE: _trace,
}
