"""What “by day” means, and which days of Kazakhstan are working days."""

from __future__ import annotations

from datetime import date

import pytest

from surveyapp.days import Told, holidays_of, is_working_day, working_day_after


@pytest.mark.parametrize(
    ("day", "count", "answer"),
    [
        (date(2026, 11, 27), 1, date(2026, 11, 30)),  # a Friday
        (date(2026, 12, 15), 1, date(2026, 12, 17)),  # Independence Day between
        (date(2026, 12, 31), 1, date(2027, 1, 5)),  # 2 January 2027 is a Saturday: Monday instead
        (date(2026, 3, 20), 1, date(2026, 3, 26)),  # Nauryz, of which two days fall on a weekend
        (date(2025, 8, 29), 1, date(2025, 9, 2)),  # the former Constitution Day, a Saturday
        (date(2026, 8, 28), 1, date(2026, 8, 31)),  # it is none any more: an ordinary weekend
        (date(2027, 3, 15), 1, date(2027, 3, 16)),
        (date(2026, 11, 24), 3, date(2026, 11, 27)),
    ],
)
def test_a_deadline_counts_working_days_alone(day: date, count: int, answer: date) -> None:
    assert working_day_after(day, count) == answer


def test_a_holiday_on_a_weekend_makes_the_next_working_day_one() -> None:
    assert date(2028, 1, 3) in holidays_of(2028)  # 1 and 2 January: Saturday, Sunday
    assert date(2028, 1, 4) in holidays_of(2028)
    assert is_working_day(date(2028, 1, 5))


def test_christmas_on_a_weekend_makes_no_other_day_one() -> None:
    assert date(2029, 1, 7).isoweekday() == 7
    assert is_working_day(date(2029, 1, 8))


def test_the_day_of_the_constitution_moves() -> None:
    assert not is_working_day(date(2024, 8, 30))
    assert is_working_day(date(2027, 8, 30))
    assert not is_working_day(date(2027, 3, 15))


KURBAN_AIT = date(2026, 5, 27)  # a Wednesday


def test_what_is_told_goes_before_every_rule() -> None:
    told = Told(rest=frozenset({KURBAN_AIT}), working=frozenset({date(2026, 5, 30)}))
    assert is_working_day(KURBAN_AIT) and not is_working_day(KURBAN_AIT, told)
    assert working_day_after(date(2026, 5, 26), 1, told) == date(2026, 5, 28)
    # a Saturday on which people work
    assert working_day_after(date(2026, 5, 29), 1, told) == date(2026, 5, 30)
    assert is_working_day(date(2026, 1, 7), Told(working=frozenset({date(2026, 1, 7)})))


def test_a_holiday_is_not_moved_onto_a_day_of_rest_that_is_told() -> None:
    # 9 May 2027 is a Sunday
    assert date(2027, 5, 10) in holidays_of(2027)
    told = Told(rest=frozenset({date(2027, 5, 10)}))
    assert {date(2027, 5, 10), date(2027, 5, 11)} <= holidays_of(2027, told)


def test_a_told_day_of_rest_on_a_weekend_makes_no_other_day_one() -> None:
    told = Told(rest=frozenset({date(2027, 5, 16)}))  # Kurban Ait, a Sunday
    assert is_working_day(date(2027, 5, 17), told)
