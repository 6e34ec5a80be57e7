"""What “by day” means: a day begins and ends at midnight in the time zone of the settings.

Working days are those of Kazakhstan. Known are the holidays that have a fixed date (Law No. 267-II of
13 December 2001, articles 2 to 5): one that falls on a day of rest makes the next working day one, too.
The first day of Kurban Ait, which follows the moon, and days that the government moves are `Told` by an
administrator (submissions/told_days.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a day, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The moment at which a day is over (the next one's first), in UTC."""
    return start_of(day + timedelta(days=1), zone)


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """The day on which an aware moment falls."""
    return moment.astimezone(zone).date()


#: month and day of national and state holidays, without the Constitution's
_HOLIDAYS = (
    (1, 1),
    (1, 2),
    (3, 8),
    (3, 21),
    (3, 22),
    (3, 23),
    (5, 1),
    (5, 7),
    (5, 9),
    (7, 6),
    (10, 25),
    (12, 16),
)
#: a day of rest which is no holiday: on a weekend it makes no other day one
_CHRISTMAS = (1, 7)
#: the last year with the former Constitution's day, 30 August; from 2027 on it is 15 March
_FORMER_CONSTITUTION_UNTIL = 2025


@dataclass(frozen=True, slots=True)
class Told:
    """Days that follow no rule: days of rest, and Saturdays and Sundays on which people work."""

    rest: frozenset[date] = frozenset()
    working: frozenset[date] = frozenset()


NOTHING_TOLD = Told()


def holidays_of(year: int, told: Told = NOTHING_TOLD) -> frozenset[date]:
    """The days of rest of a year that are no Saturdays or Sundays by themselves, as far as known.

    Those told are among them. They are no holidays, so on a weekend they make no other day one.
    """
    found = [date(year, *each) for each in _HOLIDAYS]
    if year <= _FORMER_CONSTITUTION_UNTIL:
        found.append(date(year, 8, 30))
    elif year > _FORMER_CONSTITUTION_UNTIL + 1:
        found.append(date(year, 3, 15))
    resting = {*found, date(year, *_CHRISTMAS), *(day for day in told.rest if day.year == year)}
    for holiday in sorted(found):
        if _is_weekend(holiday):
            instead = holiday
            while _is_weekend(instead) or instead in resting:
                instead += timedelta(days=1)
            resting.add(instead)
    return frozenset(resting)


def is_working_day(day: date, told: Told = NOTHING_TOLD) -> bool:
    """Whether it is none of the days of rest that are known; what is told goes before every rule."""
    if day in told.working:
        return True
    return not _is_weekend(day) and day not in holidays_of(day.year, told)


def working_day_after(day: date, count: int, told: Told = NOTHING_TOLD) -> date:
    """The `count`-th working day after a day."""
    for _step in range(count):
        day += timedelta(days=1)
        while not is_working_day(day, told):
            day += timedelta(days=1)
    return day


def _is_weekend(day: date) -> bool:
    return day.isoweekday() > 5  # Friday
