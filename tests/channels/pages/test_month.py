"""The neutral page shows a true calendar, from Monday, in the reader's words."""

from __future__ import annotations

from datetime import date

import pytest

from surveyapp.channels.pages.month import month_of


@pytest.mark.parametrize(
    ("language", "title", "monday"),
    [
        ("kk", "Қыркүйек 2026", "дс"),
        ("ru", "Сентябрь 2026", "пн"),
        ("en", "September 2026", "Mon"),
    ],
)
def test_the_month_is_named_in_the_reader_s_language(language: str, title: str, monday: str) -> None:
    month = month_of(date(2026, 9, 5), language)
    assert month.title == title
    assert month.weekdays[0].lower() == monday.lower()


def test_the_first_of_september_2026_is_a_tuesday() -> None:
    weeks = month_of(date(2026, 9, 5), "en").weeks
    assert weeks[0] == (0, 1, 2, 3, 4, 5, 6)
    assert [day for week in weeks for day in week if day] == list(range(1, 31))
