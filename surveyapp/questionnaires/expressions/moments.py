"""Dates and times: reading and writing their texts, and their days as numbers.

A *moment* is a `date` or an aware `datetime`; a date begins at midnight in the interview's offset. An
interview has one offset, that of its device; a moment written in another offset is carried over.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import TypeAlias

from surveyapp.questionnaires.expressions.context import Scalar, Scope
from surveyapp.questionnaires.expressions.conversions import EPOCH_DAY
from surveyapp.questionnaires.expressions.errors import EvaluationError

Moment: TypeAlias = date | datetime

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
MILLISECONDS_A_DAY = 86_400_000
#: The largest day that JavaRosa takes (a 32-bit integer); Python's dates end long before.
LAST_DAY = 2**31 - 1
#: a time is in the offset that its zone has for good, as far as is known
_ANY_DAY = date(2100, 1, 1)

_DATE = re.compile(r"([0-9]{1,4})-([0-9]{1,2})-([0-9]{1,2})")
_CLOCK = re.compile(
    r"([0-9]{1,2}):([0-9]{1,2})(?::([0-9]{1,2})(?:\.([0-9]*))?)?(Z|[+-][0-9]{1,2}(?::[0-9]{1,2})?)?"
)


def zone(scope: Scope) -> tzinfo:
    """The interview's offset."""
    return scope.now.tzinfo or UTC


def parse_moment(text: str, scope: Scope) -> Moment:
    """`2024-03-15`, or with a clock `2024-03-15T10:00:00.000+05:00`; without an offset: the interview's.

    Raises:
        EvaluationError: `date`.
    """
    day, separator, clock = text.partition("T")
    try:
        if not separator:
            return _parse_day(day)
        return datetime.combine(_parse_day(day), _parse_clock(clock, scope)).astimezone(zone(scope))
    except (ValueError, OverflowError) as error:
        raise EvaluationError("date", value=text) from error


def _parse_day(text: str) -> date:
    match = _DATE.fullmatch(text)
    if not match:
        raise ValueError(text)
    return date(*map(int, match.groups()))


def _parse_clock(text: str, scope: Scope) -> time:
    match = _CLOCK.fullmatch(text)
    if not match:
        raise ValueError(text)
    hour, minute, second, fraction, offset = match.groups()
    milliseconds = int(f"{fraction or ''}000"[:3])
    return time(
        int(hour),
        int(minute),
        int(second or 0),
        milliseconds * 1000,
        tzinfo=_parse_offset(offset) if offset else zone(scope),
    )


def _parse_offset(text: str) -> tzinfo:
    if text == "Z":
        return UTC
    hours, _, minutes = text[1:].partition(":")
    distance = timedelta(hours=int(hours), minutes=int(minutes or 0))
    return timezone(-distance if text[0] == "-" else distance)


def to_moment(value: Scalar, scope: Scope) -> Moment | None:
    """A value as a moment: a number counts days since 1970, a time is today's; None: there is none.

    Raises:
        EvaluationError: `date`, it is neither a date nor empty.
    """
    if isinstance(value, datetime):
        return _carried_over(value, scope)
    if isinstance(value, date):
        return value
    if isinstance(value, time):
        clock = value if value.tzinfo else value.replace(tzinfo=zone(scope))
        return _carried_over(datetime.combine(scope.now.date(), clock), scope)
    if isinstance(value, str):
        return parse_moment(value, scope) if value else None
    if isinstance(value, bool):
        raise EvaluationError("date", value=value)
    return _moment_of_days(value, scope)


def _carried_over(moment: datetime, scope: Scope) -> datetime:
    """The moment in the interview's offset."""
    try:
        return moment.astimezone(zone(scope))
    except OverflowError as error:
        raise EvaluationError("date", value=moment) from error


def _moment_of_days(days: float, scope: Scope) -> datetime | None:
    if math.isnan(days):
        return None
    milliseconds = int(in_range(days) * MILLISECONDS_A_DAY)
    try:
        return _carried_over(EPOCH + milliseconds * MILLISECOND, scope)
    except OverflowError as error:
        raise EvaluationError("date", value=days) from error


def date_of_day(days: float) -> date:
    """The date so many whole days after 1970-01-01.

    Raises:
        EvaluationError: `date`, outside the years 1 to 9999.
    """
    try:
        return date.fromordinal(EPOCH_DAY + int(in_range(days)))
    except (ValueError, OverflowError) as error:
        raise EvaluationError("date", value=days) from error


def in_range(days: float) -> float:
    """The same days, if JavaRosa would take them.

    Raises:
        EvaluationError: `date`.
    """
    if abs(days) > LAST_DAY:
        raise EvaluationError("date", value=days)
    return days


def with_clock(moment: Moment, scope: Scope) -> datetime:
    """The moment with a clock; a date's is midnight."""
    if isinstance(moment, datetime):
        return moment
    return datetime.combine(moment, time(), zone(scope))


def decimal_days(moment: Moment, scope: Scope) -> float:
    """Days since 1970-01-01T00:00Z, with the time as a fraction."""
    return _milliseconds(with_clock(moment, scope)) / MILLISECONDS_A_DAY


def decimal_clock(moment: Moment, scope: Scope) -> float:
    """The time of day as a fraction, computed as JavaRosa does, rounding noise and all."""
    moment = with_clock(moment, scope)
    # Java's raw offset: that of today, without summer time
    offset = (scope.now.utcoffset() or timedelta()) - (scope.now.dst() or timedelta())
    days = (_milliseconds(moment) + offset // MILLISECOND) / MILLISECONDS_A_DAY
    return days - math.floor(days)


def _milliseconds(moment: datetime) -> int:
    return (moment - EPOCH) // MILLISECOND


# ---------------------------------------------------------------- writing

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

_ESCAPES: dict[str, Callable[[datetime], str]] = {
    "%": lambda moment: "%",
    "Y": lambda moment: f"{moment.year:04d}",
    "y": lambda moment: f"{moment.year:04d}"[2:],
    "m": lambda moment: f"{moment.month:02d}",
    "n": lambda moment: str(moment.month),
    "b": lambda moment: _MONTHS[moment.month - 1],
    "d": lambda moment: f"{moment.day:02d}",
    "e": lambda moment: str(moment.day),
    "H": lambda moment: f"{moment.hour:02d}",
    "h": lambda moment: str(moment.hour),
    "M": lambda moment: f"{moment.minute:02d}",
    "S": lambda moment: f"{moment.second:02d}",
    "3": lambda moment: f"{moment.microsecond // 1000:03d}",
    "a": lambda moment: _WEEKDAYS[moment.weekday()],
    "W": lambda moment: str(moment.isocalendar().week),
}


#: what a format may have behind a `%`
ESCAPES = frozenset(_ESCAPES)
_ESCAPE = re.compile(r"%(.?)", re.DOTALL)


def escapes_of(pattern: str) -> list[str]:
    """What stands behind each `%` of a format."""
    return _ESCAPE.findall(pattern)


def format_moment(moment: datetime, pattern: str) -> str:
    """The moment written as `%Y-%m-%d` and its like say.

    Raises:
        EvaluationError: `date_format`, an escape that ODK does not know.
    """
    return _ESCAPE.sub(lambda escape: _written(escape.group(1), moment), pattern)


def _written(escape: str, moment: datetime) -> str:
    write = _ESCAPES.get(escape)
    if write is None:
        raise EvaluationError("date_format", escape=f"%{escape}")
    return write(moment)


def clock_in(zone_: tzinfo, clock: time) -> time:
    """A time in the offset of a zone; one without an offset is there already."""
    moment = datetime.combine(_ANY_DAY, clock)
    moment = moment.astimezone(zone_) if clock.tzinfo else moment.replace(tzinfo=zone_)
    return with_offset(moment)


def with_offset(moment: datetime) -> time:
    """The clock of a moment, with the offset of that day: a zone alone says none for a time."""
    return moment.time().replace(tzinfo=timezone(moment.utcoffset() or timedelta()))


def iso_text(moment: datetime) -> str:
    """`2024-03-15T10:00:00.000+05:00`, `Z` for no offset: how XForms store a moment."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def iso_clock_text(clock: time) -> str:
    """`10:00:00.000+05:00`: how XForms store a time."""
    return clock.isoformat(timespec="milliseconds").replace("+00:00", "Z")
