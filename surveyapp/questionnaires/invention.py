"""One made-up answer to one question: from its type, its choices, and what its constraint gives away."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any, TypeAlias

from surveyapp.questionnaires.definition import DataType, Expression, Question, Tree
from surveyapp.questionnaires.matching import random_match

#: Frequent first names in Kazakhstan; of nobody in particular.
FIRST_NAMES = (
    *("Айша", "Әли", "Нұрай", "Алихан", "Раяна", "Ерасыл", "Томирис", "Санжар", "Айлин", "Мансұр"),
    *(
        "Аружан",
        "Бекарыс",
        "Кәусар",
        "Нұрислам",
        "Зере",
        "Абылай",
        "Медина",
        "Арсен",
        "Сезім",
        "Темірлан",
    ),
)
REMARKS: Mapping[str, tuple[str, ...]] = {
    "kk": ("Ойын алаңы керек", "Мектеп алыс", "Үйірмелер көбірек болса", "Бәрі жақсы"),
    "ru": ("Нужна детская площадка", "Школа далеко", "Больше бы кружков", "Всё хорошо"),
    "en": ("A playground is needed", "The school is far away", "More clubs, please", "All is well"),
}

#: How often a choice of that name is chosen, against 1 for any other.
WEIGHTS: Mapping[str, float] = {
    **{"agree": 9, "decline": 1, "done": 24},
    **{"none": 0.4, "dk": 0.2, "ref": 0.15, "nobody": 0.4, "na": 0.2, "other": 0.3},
    **{"lot": 0.15, "cannot": 0.04, "daily": 0.2, "weekly": 0.4},
}
#: “None” first in its list is the usual answer (no difficulty, no concern), last it is the exception.
USUALLY_NONE = 12.0
#: at most so many of a list are chosen together
MOST_CHOSEN = 4
#: ranges wider than this thin out upwards: households, minutes, hours; narrower ones are scales and ages
SCALE = 18
#: what points at a person and has to be short is a name, otherwise a remark
LONGEST_NAME = 40
#: where Kazakhstan is, in degrees
LATITUDES = (42.5, 52.0)
LONGITUDES = (52.0, 82.0)

_SELF: Tree = ["relative", ["."]]


#: the number that a part of a constraint stands for, such as another question's answer; None if none
NumberOf: TypeAlias = Callable[[Tree], float | None]


@dataclass(frozen=True, slots=True)
class Clues:
    """What a constraint says of an answer: bounds (both possible), a pattern, a length."""

    least: float = -math.inf
    most: float = math.inf
    pattern: str | None = None
    longest: int | None = None


def literal_number(tree: Tree) -> float | None:
    """The number that is written in a constraint."""
    match tree:
        case ["number", int() | float() as number]:
            return number
        case ["negative", ["number", int() | float() as number]]:
            return -number
    return None


def clues(constraint: Expression | None, number_of: NumberOf = literal_number) -> Clues:
    """The clues in a constraint; whatever else it says is none. `number_of` reads its bounds."""
    if constraint is None:
        return Clues()
    tree, found = constraint.tree, Clues()
    for part in tree[1:] if tree[0] == "and" else [tree]:
        found = _with_clue(found, part, number_of)
    return found


def _with_clue(found: Clues, part: Tree, number_of: NumberOf) -> Clues:
    match part:
        case [">=" | ">", left, right] if left == _SELF and (bound := number_of(right)) is not None:
            return replace(found, least=max(found.least, bound + (part[0] == ">")))
        case ["<=" | "<", left, right] if left == _SELF and (bound := number_of(right)) is not None:
            return replace(found, most=min(found.most, bound - (part[0] == "<")))
        case ["call", "regex", left, ["string", str() as pattern]] if left == _SELF:
            return replace(found, pattern=pattern)
        case ["<=" | "<", ["call", "string-length", *_], ["number", int() as length]]:
            return replace(found, longest=length - (part[0] == "<"))
    return found


@dataclass(frozen=True, slots=True)
class Setting:
    """The circumstances in which somebody answers: in which language, when (aware), and by what luck."""

    random: Random
    language: str
    moment: datetime


@dataclass(frozen=True, slots=True)
class _Situation:
    """All that a draw may depend on."""

    question: Question
    choices: Sequence[str]
    clues: Clues
    random: Random
    language: str
    moment: datetime


def invent(question: Question, choices: Sequence[str], told: Clues, setting: Setting) -> Any:
    """An answer that fits the question's type and probably its constraint; None for a file.

    `choices` are the names that it offers now, `told` is what its constraint says.
    """
    draw = _DRAWS.get(question.type)
    if draw is None:
        return None
    random, language, moment = setting.random, setting.language, setting.moment
    return draw(_Situation(question, choices, told, random, language, moment))


def _integer(at: _Situation) -> int:
    least, most = _range(at)
    if most - least < SCALE:
        return at.random.randint(least, most)
    return min(most, least + int(at.random.expovariate(8 / (most - least))))


def _range(at: _Situation) -> tuple[int, int]:
    """Bounds of a whole number: the constraint's, a range question's, else 0 to 100."""
    parameters = at.question.parameters
    least = at.clues.least if at.clues.least > -math.inf else float(parameters.get("start", 0))
    most = at.clues.most if at.clues.most < math.inf else float(parameters.get("end", least + 100))
    return math.ceil(least), max(math.ceil(least), math.floor(most))


def _decimal(at: _Situation) -> float:
    return round(at.random.uniform(*_range(at)), 1)


def _text(at: _Situation) -> str:
    if at.clues.pattern is not None:
        return random_match(at.clues.pattern, at.random)
    if at.question.identity and (at.clues.longest or LONGEST_NAME) <= LONGEST_NAME:
        return at.random.choice(FIRST_NAMES)
    return at.random.choice(REMARKS.get(at.language, REMARKS["en"]))[: at.clues.longest]


def _one(at: _Situation) -> str | None:
    if not at.choices:
        return None
    return at.random.choices(at.choices, weights=_weights(at.choices))[0]


def _weights(choices: Sequence[str]) -> list[float]:
    weights = [WEIGHTS.get(name, 1.0) for name in choices]
    if choices[0] == "none":
        weights[0] = USUALLY_NONE
    return weights


def _several(at: _Situation) -> list[str] | None:
    drawn = [_one(at) for _ in range(at.random.randint(1, MOST_CHOSEN))] if at.choices else []
    # in the list's order, each once
    return [name for name in at.choices if name in drawn] or None


def _order(at: _Situation) -> list[str] | None:
    return at.random.sample(at.choices, len(at.choices)) or None


def _day(at: _Situation) -> str:
    return (at.moment - timedelta(days=at.random.randint(0, 30))).date().isoformat()


def _time(at: _Situation) -> str:
    moment = at.moment.replace(minute=at.random.randint(0, 59), microsecond=0)
    # a time of day by itself does not know the offset of a zone
    return moment.isoformat().partition("T")[2]


def _moment(at: _Situation) -> str:
    earlier = at.moment - timedelta(minutes=at.random.randint(0, 60))
    return earlier.isoformat(timespec="seconds")


def _place(at: _Situation) -> dict[str, float | None]:
    lat, lon = at.random.uniform(*LATITUDES), at.random.uniform(*LONGITUDES)
    return {"lat": round(lat, 6), "lon": round(lon, 6), "alt": None, "accuracy": 10.0}


def _places(at: _Situation) -> list[dict[str, float | None]]:
    return [_place(at) for _ in range(4)]


_Draw: TypeAlias = Callable[[_Situation], Any]

_DRAWS: Mapping[DataType, _Draw] = {
    DataType.TEXT: _text,
    DataType.BARCODE: lambda at: str(at.random.randint(4_870_000_000_000, 4_879_999_999_999)),
    DataType.ACKNOWLEDGE: lambda _at: "OK",
    DataType.BOOLEAN: lambda at: at.random.choice("10"),
    DataType.INTEGER: _integer,
    DataType.DECIMAL: _decimal,
    DataType.DATE: _day,
    DataType.TIME: _time,
    DataType.DATETIME: _moment,
    DataType.SELECT_ONE: _one,
    DataType.SELECT_MULTIPLE: _several,
    DataType.RANK: _order,
    DataType.GEOPOINT: _place,
    DataType.GEOTRACE: _places,
    DataType.GEOSHAPE: _places,
}
