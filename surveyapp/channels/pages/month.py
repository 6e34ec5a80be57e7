"""Where the quick exit leads: this month's calendar, which says nothing of any questionnaire."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date

from babel.dates import get_day_names, get_month_names


@dataclass(frozen=True, slots=True)
class Month:
    """A month to print: its title, the week-days' names from Monday, and its weeks (0: no day)."""

    title: str
    weekdays: tuple[str, ...]
    weeks: tuple[tuple[int, ...], ...]


def month_of(day: date, language: str) -> Month:
    """The month a day lies in, in a language's words."""
    names = get_month_names("wide", context="stand-alone", locale=language)
    weekdays = get_day_names("abbreviated", context="stand-alone", locale=language)
    weeks = calendar.Calendar(firstweekday=calendar.MONDAY).monthdayscalendar(day.year, day.month)
    name = names[day.month]
    return Month(
        title=f"{name[0].upper()}{name[1:]} {day.year}",
        weekdays=tuple(weekdays[number] for number in range(7)),
        weeks=tuple(map(tuple, weeks)),
    )
