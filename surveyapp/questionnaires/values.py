"""An answer's three forms: its JSON value, its typed value in expressions, its text in an XForm.

JSON is what is stored and exchanged (design: “Answers in JSON”), None is no answer. The typed value is
what expressions reckon with; the empty string is no answer. The text is what XForms write into an
element: defaults here, and what ODK Collect sends. JavaRosa's rules for each (`IAnswerData.wrapData`,
`XPathPathExpr.unpackValue`) are kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date, datetime, time, tzinfo
from typing import Any

from surveyapp.questionnaires.definition import DataType
from surveyapp.questionnaires.expressions import EvaluationError, storage_text
from surveyapp.questionnaires.expressions.context import Scalar, Scope
from surveyapp.questionnaires.expressions.moments import clock_in
from surveyapp.questionnaires.expressions.storage import coordinate_text, double_text

_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,300}\.?[0-9]*|\.[0-9]+)(?:[eE](?:[+-]?[0-9]{1,2}|-[0-9]{3}))?")
_PLAIN_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]*[1-9])?")
#: ODK Collect writes `1`, other clients write `true`
_TRUE = frozenset({"1", "true"})
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}(?:Z|[+-][0-9]{2}:[0-9]{2})"
)


class MisshapenValue(ValueError):
    """A value that its question's type does not have."""


def typed(kind: DataType, value: Any, zone: tzinfo) -> Scalar:
    """The typed value of a JSON value; a moment or time is carried over into the device's offset.

    Raises `MisshapenValue`.
    """
    if value is None or value == "":
        return ""
    try:
        found = _TYPED.get(kind, _text)(value)
        return _in_zone(found, zone) if kind in _CLOCKED else found
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise MisshapenValue(f"not a value of type {kind}") from error


def _in_zone(value: Scalar, zone: tzinfo) -> Scalar:
    """Without an offset it is the device's."""
    if isinstance(value, datetime):
        return value.astimezone(zone) if value.tzinfo else value.replace(tzinfo=zone)
    if isinstance(value, time) and value.tzinfo:
        return clock_in(zone, value)
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError
    return float(value)


def _names(value: Any) -> str:
    if not isinstance(value, list):
        raise TypeError
    return " ".join(map(_text, value))


def _point(value: Any) -> str:
    numbers = (value["lat"], value["lon"], value.get("alt"), value.get("accuracy"))
    return " ".join(coordinate_text(_number(0 if number is None else number)) for number in numbers)


def _trace(value: Any) -> str:
    return "; ".join(map(_point, value))


def _truth(value: Any) -> bool:
    return _text(value) in _TRUE


def _acknowledged(value: Any) -> str:
    return "OK" if value is True else _text(value)


_TYPED: Mapping[DataType, Callable[[Any], Scalar]] = {
    DataType.INTEGER: _number,
    DataType.DECIMAL: _number,
    DataType.DATE: date.fromisoformat,
    DataType.TIME: time.fromisoformat,
    DataType.DATETIME: datetime.fromisoformat,
    DataType.SELECT_MULTIPLE: _names,
    DataType.RANK: _names,
    DataType.GEOPOINT: _point,
    DataType.GEOTRACE: _trace,
    DataType.GEOSHAPE: _trace,
    DataType.ACKNOWLEDGE: _acknowledged,
    DataType.BOOLEAN: _truth,
}


#: what is carried over into the device's offset
_CLOCKED = frozenset({DataType.TIME, DataType.DATETIME})


def from_text(kind: DataType, text: str) -> Any:
    """The JSON value of an XForm's text. Raises `MisshapenValue`."""
    if not text or (kind is not DataType.TEXT and text.isspace()):
        return None
    try:
        return _FROM_TEXT.get(kind, str)(text)
    except ValueError as error:
        raise MisshapenValue(f"not the text of a value of type {kind}") from error


def _integer(text: str) -> int:
    if not _INTEGER.fullmatch(text.strip()):  # Python's int() takes `1_000` too
        raise ValueError
    return int(text)


def _decimal(text: str) -> float:
    if not _DECIMAL.fullmatch(text.strip()):
        raise ValueError
    return float(text)


def _point_from(text: str) -> dict[str, float]:
    numbers = [_decimal(part) for part in text.split()]
    if len(numbers) < 2:
        raise ValueError
    return dict(zip(("lat", "lon", "alt", "accuracy"), numbers, strict=False))


def _trace_from(text: str) -> list[dict[str, float]]:
    return [_point_from(part) for part in text.split(";") if part.strip()]


_FROM_TEXT: Mapping[DataType, Callable[[str], Any]] = {
    DataType.INTEGER: _integer,
    DataType.DECIMAL: _decimal,
    DataType.DATE: lambda text: date.fromisoformat(text.strip().partition("T")[0]).isoformat(),
    DataType.TIME: lambda text: time.fromisoformat(text.strip()).isoformat(),
    DataType.DATETIME: lambda text: datetime.fromisoformat(text.strip()).isoformat(),
    DataType.SELECT_MULTIPLE: str.split,
    DataType.RANK: str.split,
    DataType.GEOPOINT: _point_from,
    DataType.GEOTRACE: _trace_from,
    DataType.GEOSHAPE: _trace_from,
    # to JavaRosa everything else is false
    DataType.BOOLEAN: lambda text: str(int(text == "1")),
}


def to_text(kind: DataType, value: Any) -> str:
    """The text of a JSON value in an instance's XML, as JavaRosa writes it; the inverse of `from_text`.

    No answer is the empty text. Raises `MisshapenValue`.
    """
    if value is None:
        return ""
    try:
        return _TO_TEXT.get(kind, _text)(value)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise MisshapenValue(f"not a value of type {kind}") from error


def _integer_text(value: Any) -> str:
    number = _number(value)
    if not number.is_integer():
        raise ValueError
    return str(int(value))


def _clock_text(value: time | datetime) -> str:
    """To the millisecond as JavaRosa writes, unless that would lose something."""
    fine = bool(value.microsecond % 1000)
    text = value.isoformat(timespec="microseconds" if fine else "milliseconds")
    return text.replace("+00:00", "Z")


def _point_text(value: Any) -> str:
    """As many numbers as there are; of an altitude that is missing between them 0."""
    numbers = [value["lat"], value["lon"], value.get("alt"), value.get("accuracy")]
    while numbers[-1] is None:
        numbers.pop()
    return " ".join(coordinate_text(_number(0 if number is None else number)) for number in numbers)


def _decimal_text(value: Any) -> str:
    return double_text(_number(value))


_TO_TEXT: Mapping[DataType, Callable[[Any], str]] = {
    DataType.INTEGER: _integer_text,
    DataType.DECIMAL: _decimal_text,
    DataType.DATE: lambda value: date.fromisoformat(value).isoformat(),
    DataType.TIME: lambda value: _clock_text(time.fromisoformat(value)),
    DataType.DATETIME: lambda value: _clock_text(datetime.fromisoformat(value)),
    DataType.SELECT_MULTIPLE: _names,
    DataType.RANK: _names,
    DataType.GEOPOINT: _point_text,
    DataType.GEOTRACE: lambda value: "; ".join(map(_point_text, value)),
    DataType.GEOSHAPE: lambda value: "; ".join(map(_point_text, value)),
    DataType.ACKNOWLEDGE: _acknowledged,
}


def from_result(kind: DataType, result: Scalar, scope: Scope) -> Any:
    """The JSON value of what an expression gave, in the type of the item that keeps it.

    Nothing is no answer; neither is a result that the type cannot hold.
    """
    try:
        return cast(kind, result, scope)
    except EvaluationError:
        return None


def cast(kind: DataType, result: Scalar, scope: Scope) -> Any:
    """The same for an assignment. Raises `EvaluationError` for a result that the type cannot hold."""
    text = storage_text(result, scope, kind)
    try:
        return from_text(kind, text)
    except MisshapenValue as error:
        raise EvaluationError("cast") from error


def retyped(text: str, zone: tzinfo) -> Scalar:
    """What a stored text of a calculation most likely was: a number, a moment, else a text.

    Calculations without a type are kept as texts, but until then JavaRosa reckons with what they gave.
    """
    if _PLAIN_NUMBER.fullmatch(text):
        return float(text)
    if _MOMENT.fullmatch(text):
        with suppress(ValueError, OverflowError):
            return _in_zone(datetime.fromisoformat(text), zone)
    return text
