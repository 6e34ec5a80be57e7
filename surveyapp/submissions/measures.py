"""What counts of one record: how long it took, what was left empty, where and when it was. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import groupby
from math import cos, hypot, radians
from statistics import median
from typing import Any, NamedTuple

from surveyapp.questionnaires import paths
from surveyapp.questionnaires.answers import Answers
from surveyapp.questionnaires.definition import (
    CONSENT_GIVEN,
    CONSENT_LISTS,
    DataType,
    Question,
    Questionnaire,
    Section,
    Valued,
)
from surveyapp.questionnaires.no_answers import is_no_answer
from surveyapp.questionnaires.partition import leaves

#: questions in a row with the same choices, from which on equal answers to all are remarkable
SHORTEST_RUN = 4
#: hours that an interview takes at most; longer, and the phone lay about in between
LONGEST = timedelta(hours=4)
#: answers from which on two equal records are remarkable
LEAST_ANSWERS = 8
NIGHT_BEGINS, NIGHT_ENDS = 22, 5
#: what became of asking for consent
AGREED, DECLINED = "agreed", "declined"
_METRES_OF_DEGREE = 111_195
#: differ between any two visits, or say nothing of what was answered
_NOT_COMPARED = frozenset({DataType.GEOPOINT, DataType.DATE, DataType.TIME, DataType.DATETIME})


class Place(NamedTuple):
    """In degrees."""

    lat: float
    lon: float


class Counted(NamedTuple):
    """Of the questions of one record."""

    asked: int
    missing: int
    runs: int
    straight: int
    place: Place | None
    #: what is compared with other records: path → answer; empty: too little of it
    compared: Mapping[str, Any]


def counted(definition: Questionnaire, answers: Answers) -> Counted:
    """What the answers tell; those that point at a person are not among them."""
    found = [
        (path, item, value)
        for path, item, value in leaves(definition, answers, _is_asked)
        if isinstance(item, Question)
    ]
    given = [each for each in found if not is_no_answer(each[1], each[2])]
    runs = list(_runs(definition, {path: value for path, _item, value in given}))
    places = [value for _path, item, value in given if item.type is DataType.GEOPOINT]
    compared = {path: value for path, item, value in given if item.type not in _NOT_COMPARED}
    return Counted(
        asked=len(found),
        missing=len(found) - len(given),
        runs=len(runs),
        straight=sum(len(set(map(str, run))) == 1 for run in runs),
        place=Place(places[0]["lat"], places[0]["lon"]) if places else None,
        compared=compared if len(compared) >= LEAST_ANSWERS else {},
    )


def _is_asked(item: Valued) -> bool:
    return isinstance(item, Question) and not item.calculation


def _runs(definition: Questionnaire, given: Mapping[str, Any]) -> Iterator[Sequence[Any]]:
    """The answers to each run, in each instance of a roster, that is answered far enough."""
    by_place: dict[str, dict[str, Any]] = {}
    for path, value in given.items():
        steps = paths.parse_path(path)
        around, name = paths.format_path(steps[:-1]), steps[-1].name
        by_place.setdefault(around, {})[name] = value
    for around, values in by_place.items():
        for run in batteries(definition).get(paths.item_path(around), ()):
            answered = [values[name] for name in run if name in values]
            if len(answered) >= SHORTEST_RUN:
                yield answered


@lru_cache(maxsize=64)
def batteries(definition: Questionnaire) -> Mapping[str, Sequence[Sequence[str]]]:
    """Path of a section or roster → names of questions that follow each other with the same choices."""
    found: dict[str, list[list[str]]] = {}

    def look(path: str, items: Sequence[Any]) -> None:
        for _choices, run in groupby(items, key=_choices_of):
            names = [item.name for item in run]
            if _choices is not None and len(names) >= SHORTEST_RUN:
                found.setdefault(path, []).append(names)
        for item in items:
            if hasattr(item, "items"):
                look(item.path, item.items)

    look("", definition.root.items)
    return found


def _choices_of(item: Any) -> str | None:
    if isinstance(item, Question) and item.type is DataType.SELECT_ONE and item.choices:
        return item.choices.list_name
    return None


def seconds_taken(
    started: datetime | None, finished: datetime | None, paradata: Mapping[str, Any]
) -> int | None:
    """How long the interview took: by the page's own count if there is one, else by the clock."""
    by_section = paradata.get("seconds")
    if isinstance(by_section, Mapping):
        told = [each for each in by_section.values() if isinstance(each, int) and 0 <= each < 86_400]
        if told:
            return min(sum(told), 86_400)
    if started is None or finished is None or not timedelta() <= finished - started <= LONGEST:
        return None
    return int((finished - started).total_seconds())


def is_night(finished: datetime | None, utc_offset: int | None) -> bool:
    """Whether it was finished at night, by the clock of the place."""
    if finished is None:
        return False
    hour = (finished + timedelta(minutes=utc_offset or 0)).hour
    return hour >= NIGHT_BEGINS or hour < NIGHT_ENDS


def spread(places: Sequence[Place]) -> float | None:
    """Metres of places from the middle of them, in the middle; None: too few."""
    if len(places) < 2:
        return None
    lat, lon = median(each.lat for each in places), median(each.lon for each in places)
    return median(_metres(each, Place(lat, lon)) for each in places)


def _metres(one: Place, other: Place) -> float:
    """Good enough for what one interviewer walks or drives in a day."""
    across = (one.lon - other.lon) * cos(radians(other.lat))
    return hypot(one.lat - other.lat, across) * _METRES_OF_DEGREE


def results(definition: Questionnaire) -> list[Question]:
    """Questions that can say how a visit went: of one choice, once in a record, nobody's secret."""
    return [item for item in _outside_rosters(definition.root.items) if _may_tell(item)]


def consent_in(definition: Questionnaire, answers: Answers) -> str:
    """`AGREED` where each consent that was answered was given, else `DECLINED`; "": nobody answered."""
    given = [value for path in consents(definition) if (value := _at(answers, path)) is not None]
    if not given:
        return ""
    return AGREED if all(value == CONSENT_GIVEN for value in given) else DECLINED


@lru_cache(maxsize=64)
def consents(definition: Questionnaire) -> tuple[str, ...]:
    """Paths of the questions that ask for consent to the interview, once in a record."""
    return tuple(
        item.path
        for item in _outside_rosters(definition.root.items)
        if item.choices is not None
        and item.choices.list_name in CONSENT_LISTS
        and item.type is DataType.SELECT_ONE
        and not item.identity
    )


def _at(answers: Answers, path: str) -> Any:
    value: Any = answers
    for step in path.split("/"):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _outside_rosters(items: Sequence[Any]) -> Iterator[Question]:
    for item in items:
        if isinstance(item, Question):
            yield item
        elif isinstance(item, Section):
            yield from _outside_rosters(item.items)


def _may_tell(item: Question) -> bool:
    is_secret = item.identity or item.sensitive or item.invitation
    return item.type is DataType.SELECT_ONE and not is_secret and item.choices is not None
