"""What “by day” means: a day begins and ends at midnight in the time zone of the settings."""

from __future__ import annotations

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


def working_day_after(day: date, count: int) -> date:
    """The `count`-th working day after a day; Saturdays and Sundays are none, holidays are not known."""
    for _step in range(count):
        day += timedelta(days=1)
        while day.isoweekday() > 5:  # Friday
            day += timedelta(days=1)
    return day
