"""Functions of dates and times."""

from __future__ import annotations

import math
from datetime import date, datetime

from surveyapp.questionnaires.expressions.context import Context
from surveyapp.questionnaires.expressions.conversions import Function, Value, to_string, unpack
from surveyapp.questionnaires.expressions.functions.numbers import truncate
from surveyapp.questionnaires.expressions.moments import (
    date_of_day,
    decimal_clock,
    decimal_days,
    format_moment,
    in_range,
    to_moment,
    with_clock,
)


def today(context: Context) -> date:
    """The interview's day, in its own offset."""
    return context.scope.now.date()


def now(context: Context) -> datetime:
    """The interview's moment."""
    return context.scope.now


def to_date(context: Context, value: Value) -> Value:
    """A date; a text with a clock keeps it, a number counts whole days; `''` and NaN stay what they are.

    Raises:
        EvaluationError: `date`.
    """
    value = unpack(value)
    if isinstance(value, float):
        return value if math.isnan(value) else date_of_day(truncate(value))
    moment = to_moment(value, context.scope)
    if moment is None or isinstance(value, str):
        return moment or ""
    return moment.date() if isinstance(moment, datetime) else moment


def to_date_time(context: Context, value: Value) -> Value:
    """A moment; a number counts days in UTC with their fraction; `''` and NaN stay what they are.

    Raises:
        EvaluationError: `date`.
    """
    value = unpack(value)
    moment = to_moment(value, context.scope)
    return value if moment is None else moment


def decimal_date_time(context: Context, value: Value) -> Value:
    """Days since 1970-01-01T00:00Z; a number is one already; `''` stays `''`.

    Raises:
        EvaluationError: `date`.
    """
    value = unpack(value)
    if isinstance(value, float):
        return value if math.isnan(value) else in_range(value)
    moment = to_moment(value, context.scope)
    return "" if moment is None else decimal_days(moment, context.scope)


def decimal_time(context: Context, value: Value) -> Value:
    """The time of day from 0 to 1; of a number its fraction; `''` stays `''`.

    Raises:
        EvaluationError: `date`.
    """
    value = unpack(value)
    if isinstance(value, float):
        return value if math.isnan(value) else in_range(value) - math.floor(value)
    moment = to_moment(value, context.scope)
    return "" if moment is None else decimal_clock(moment, context.scope)


def format_date(context: Context, value: Value, pattern: Value) -> str:
    """The moment as `%d/%m/%Y` and its like say; `''` for none. Names of months and days are English.

    Raises:
        EvaluationError: `date` or `date_format`.
    """
    moment = to_moment(unpack(value), context.scope)
    if moment is None:
        return ""
    return format_moment(with_clock(moment, context.scope), to_string(pattern))


DATES_IN_CONTEXT: dict[str, Function] = {
    "date": to_date,
    "date-time": to_date_time,
    "decimal-date-time": decimal_date_time,
    "decimal-time": decimal_time,
    "format-date": format_date,
    "format-date-time": format_date,
    "now": now,
    "today": today,
}
