"""Hypothesis strategies made from a definition: answers that fit it, keep its rules, or do not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from random import Random
from typing import Any, TypeAlias

from hypothesis import strategies as st

from surveyapp.questionnaires.answer_fields import MOST_WHOLE
from surveyapp.questionnaires.answers import Answers
from surveyapp.questionnaires.definition import (
    Container,
    DataType,
    Item,
    Question,
    Questionnaire,
    Roster,
    Section,
    Valued,
)
from surveyapp.questionnaires.storable import is_storable
from surveyapp.questionnaires.synthetic import synthesise

Strategy: TypeAlias = st.SearchStrategy[Any]

#: whatever a keyboard or an attacker makes of a text that a database can hold
TEXTS = st.text(max_size=40).filter(is_storable)
OFFSETS = st.sampled_from([300, 360, 0, -210]).map(lambda minutes: timezone(timedelta(minutes=minutes)))
DEGREES = st.floats(-90, 90, allow_nan=False)
PLACES = st.fixed_dictionaries(
    {"lat": DEGREES, "lon": st.floats(-180, 180)},
    optional={
        "alt": st.none() | st.floats(-400, 7000),
        "accuracy": st.none() | st.floats(0, 10_000),
    },
)
NAMES = st.from_regex(r"[a-zа-я0-9 _-]{1,20}\.(jpg|png|m4a)", fullmatch=True)
DAYS = st.dates(date(2, 1, 1), date(9998, 12, 31)).map(date.isoformat)
TIMES = st.times(timezones=OFFSETS).map(time.isoformat)
MOMENTS = st.datetimes(datetime(2, 1, 2), datetime(9998, 12, 30), timezones=OFFSETS).map(  # noqa: DTZ001  # bounds of Hypothesis are naive
    datetime.isoformat
)


#: when the valid answers were finished
NOW = datetime(2026, 9, 1, 14, 3, 7, tzinfo=timezone(timedelta(hours=5)))
SEEDS = st.integers(0, 2**32 - 1)


def valid_answers(questionnaire: Questionnaire, language: str = "kk") -> st.SearchStrategy[Answers]:
    """Answers that keep every rule at `NOW`: what a synthetic respondent says, by seed."""
    return SEEDS.map(
        lambda seed: synthesise(questionnaire, Random(seed), language=language, finished_at=NOW)  # noqa: S311  # no secret
    )


def typed_answers(questionnaire: Questionnaire, *, instances: int = 3) -> st.SearchStrategy[Answers]:
    """Answers that fit the types and know nothing of rules: any field absent, empty or anything."""
    return _container(questionnaire, questionnaire.root, instances)


def _container(questionnaire: Questionnaire, container: Container, instances: int) -> Strategy:
    fields = ((item.name, _item(questionnaire, item, instances)) for item in container.items)
    return st.fixed_dictionaries(
        {}, optional={name: field for name, field in fields if field is not None}
    )


def _item(questionnaire: Questionnaire, item: Item, instances: int) -> Strategy | None:
    if isinstance(item, Section):
        return _container(questionnaire, item, instances)
    if isinstance(item, Roster):
        return st.lists(_container(questionnaire, item, instances), max_size=instances)
    return st.none() | typed_answer(questionnaire, item) if isinstance(item, Valued) else None


def typed_answer(questionnaire: Questionnaire, item: Valued) -> Strategy:
    """An answer of the item's type."""
    if item.type in CHOSEN:
        return CHOSEN[item.type](choice_names(questionnaire, item))
    return VALUES[item.type]


def choice_names(questionnaire: Questionnaire, item: Valued) -> Strategy:
    """A name of the question's whole list; of a list in a file, any word."""
    source = item.choices if isinstance(item, Question) else None
    choices = questionnaire.choice_lists.get(source.list_name, ()) if source else ()
    if not choices:
        return st.from_regex(r"[a-z0-9_-]{1,12}", fullmatch=True)
    return st.sampled_from([choice.name for choice in choices])


def _chosen_names(names: Strategy) -> Strategy:
    return st.lists(names, unique=True, max_size=4)


CHOSEN: dict[DataType, Callable[[Strategy], Strategy]] = {
    DataType.SELECT_ONE: lambda names: names,
    DataType.SELECT_MULTIPLE: _chosen_names,
    DataType.RANK: _chosen_names,
}

VALUES: dict[DataType, Strategy] = {
    DataType.TEXT: TEXTS,
    DataType.BARCODE: TEXTS,
    DataType.ACKNOWLEDGE: st.just("OK"),
    DataType.BOOLEAN: st.sampled_from("10"),
    DataType.INTEGER: st.integers(-MOST_WHOLE, MOST_WHOLE) | st.integers(-2, 30),
    DataType.DECIMAL: st.floats(allow_nan=False, allow_infinity=False) | st.integers(-2, 30),
    DataType.DATE: DAYS,
    DataType.TIME: TIMES,
    DataType.DATETIME: MOMENTS,
    DataType.GEOPOINT: PLACES,
    DataType.GEOTRACE: st.lists(PLACES, min_size=2, max_size=4),
    DataType.GEOSHAPE: st.lists(PLACES, min_size=3, max_size=4),
    DataType.IMAGE: NAMES,
    DataType.AUDIO: NAMES,
    DataType.VIDEO: NAMES,
    DataType.FILE: NAMES,
}
