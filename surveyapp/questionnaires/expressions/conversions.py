"""Values and how one kind becomes another, as JavaRosa's `XPathFuncExpr` converts them.

JavaRosa knows one kind of moment. Here a date is a `date`, a moment with a clock a `datetime` in the
device's own offset; as text and as a number both are their day. A time is its clock (`06:30:00`) and
the fraction of the day; JavaRosa makes it a moment of today (docs/expressions.md).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import TypeAlias

from surveyapp.questionnaires.expressions.context import Node, Scalar
from surveyapp.questionnaires.expressions.errors import EvaluationError

Nodeset: TypeAlias = tuple[Node, ...]
#: What an expression gives: one scalar, or the nodes that a path leads to.
Value: TypeAlias = Scalar | Nodeset
#: A function of the language, its arguments computed.
Function: TypeAlias = Callable[..., Value]

#: Numbers closer than this are equal; smaller ones are nothing.
TOLERANCE = 1e-12
EPOCH_DAY = date(1970, 1, 1).toordinal()
SECONDS_A_DAY = 86400
#: What Java's `String.trim` takes away.
JAVA_BLANKS = "".join(map(chr, range(33)))
_NUMBER = re.compile(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)")


def unpack(value: Value) -> Scalar:
    """One scalar: the value itself, or that of a nodeset's only node; no node has the value `''`.

    Raises:
        EvaluationError: `repeated`, the nodeset has several nodes.
    """
    if not isinstance(value, tuple):
        return value
    if len(value) == 1:
        return value[0].value()
    if value:
        raise EvaluationError("repeated", name=value[0].name)
    return ""


def to_number(value: Value) -> float:
    """A number; NaN for a text that is none (also `'1e3'`, `'+5'`, `''`), whole days for a date."""
    if isinstance(value, tuple):
        value = unpack(value)
    if isinstance(value, float):
        return value
    if isinstance(value, str):
        return _number_of_text(value)
    if isinstance(value, int):
        return float(value)
    if isinstance(value, date):
        return float(value.toordinal() - EPOCH_DAY)
    return fraction_of_day(value)


def _number_of_text(text: str) -> float:
    # some keyboards write a comma
    if not text:  # no answer, which is what most texts in sums are
        return math.nan
    plain = text.strip(JAVA_BLANKS).replace(",", ".")
    return float(plain) if _NUMBER.fullmatch(plain) else math.nan


def fraction_of_day(clock: time | datetime) -> float:
    """How much of its day has passed, from 0 to 1."""
    seconds = clock.hour * 3600 + clock.minute * 60 + clock.second
    return (seconds + clock.microsecond / 1e6) / SECONDS_A_DAY


def to_index(value: Value) -> int:
    """A whole number, fractions cut off, within 32 bits; 0 if it is none (Java's `intValue`)."""
    number = to_number(value)
    if math.isnan(number):
        return 0
    return int(max(-(2.0**31), min(number, 2.0**31 - 1)))


def to_boolean(value: Value) -> bool:
    """False for `''`, 0, NaN and false; true for all else (also for `'0'` and `'false'`)."""
    if isinstance(value, bool):  # mostly, hence first
        return value
    value = unpack(value)
    if isinstance(value, float | int):
        return abs(value) > TOLERANCE
    return value != ""


def to_string(value: Value) -> str:
    """The text of a value: `true`, whole numbers without a point, a moment's day as `YYYY-MM-DD`."""
    value = unpack(value)
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float | int):
        return number_text(value, TOLERANCE)
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, time):
        return value.replace(tzinfo=None).isoformat(timespec="seconds")
    return value.isoformat()


def number_text(number: float, tolerance: float) -> str:
    """Plain digits, never an exponent; without a point if nothing above `tolerance` stands behind it."""
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    whole = int(number)
    if abs(number - whole) < tolerance:
        return str(whole)
    return format(Decimal(repr(number)), "f")


def is_empty(value: Value) -> bool:
    """Whether there is no answer: `''` or NaN."""
    value = unpack(value)
    return value == "" or (isinstance(value, float) and math.isnan(value))
