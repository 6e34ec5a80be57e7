"""How the result of a calculation is stored: JavaRosa's `IAnswerData.wrapData` and its serializer."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal

from surveyapp.questionnaires.definition import DataType
from surveyapp.questionnaires.expressions.context import Scalar, Scope
from surveyapp.questionnaires.expressions.conversions import Value, number_text, to_boolean, unpack
from surveyapp.questionnaires.expressions.moments import (
    Moment,
    clock_in,
    iso_clock_text,
    iso_text,
    with_clock,
    with_offset,
    zone,
)

#: Nothing smaller than this stands behind the point of a stored number.
STORED_TOLERANCE = 1e-9
#: Java writes numbers from here to there without an exponent.
_SHORT, _LONG = 1e-3, 1e7


def storage_text(value: Value, scope: Scope, type_: DataType = DataType.TEXT) -> str:
    """The stored text of a calculation's result; `''` when nothing is stored.

    A boolean is `1` or `0` (as is any value if `type_` is boolean), NaN is nothing, a whole number has
    no point, an integer's fraction is cut
    off. A moment is a dateTime (a date: its midnight, in the interview's offset) unless `type_` is date
    or time.

    Raises:
        EvaluationError: `repeated`.
    """
    value = unpack(value)
    if type_ is DataType.BOOLEAN and _says_something(value):
        value = to_boolean(value)
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float | int):
        return _stored_number(value, type_)
    if isinstance(value, time):
        return iso_clock_text(value if value.tzinfo else clock_in(zone(scope), value))
    return _STORED_MOMENTS.get(type_, _stored_datetime)(value, scope)


def _says_something(value: Scalar) -> bool:
    return value != "" and not (isinstance(value, float) and math.isnan(value))


def _stored_number(number: float, type_: DataType) -> str:
    if math.isnan(number):
        return ""
    if type_ is DataType.INTEGER and not math.isinf(number):
        number = math.trunc(number)
    return number_text(number, STORED_TOLERANCE)


def _stored_date(moment: Moment, scope: Scope) -> str:
    return (moment.date() if isinstance(moment, datetime) else moment).isoformat()


def _stored_time(moment: Moment, scope: Scope) -> str:
    return iso_clock_text(with_offset(with_clock(moment, scope)))


def _stored_datetime(moment: Moment, scope: Scope) -> str:
    return iso_text(with_clock(moment, scope))


_STORED_MOMENTS: dict[DataType, Callable[[date, Scope], str]] = {
    DataType.DATE: _stored_date,
    DataType.TIME: _stored_time,
}


def double_text(number: float) -> str:
    """The text of a decimal: as an answer it always has a point, `70.0`; plain digits."""
    text = number_text(number, 0)
    return text if "." in text or not math.isfinite(number) else f"{text}.0"


def coordinate_text(number: float) -> str:
    """The text of a number of a place, as Java writes it: `76.0`, but `1.0E-5` and `1.2E7`."""
    if not number or _SHORT <= abs(number) < _LONG:
        return repr(float(number))
    digits, exponent = format(Decimal(repr(number)).normalize(), "E").split("E")
    return f"{digits if '.' in digits else f'{digits}.0'}E{int(exponent)}"
