"""A questionnaire as it is printed on paper: numbered questions, conditions that a reader follows.

A condition is said in numbers of questions and labels of choices, as far as it compares answers with
values; of any other there is only what its author wrote.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeAlias

from surveyapp.questionnaires.definition import (
    ATTACHMENT_TYPES,
    SELECT_TYPES,
    Choice,
    Container,
    DataType,
    Expression,
    Item,
    Note,
    Question,
    Questionnaire,
    Roster,
    Section,
    Text,
)
from surveyapp.questionnaires.expressions import parse

#: choices beyond which a list is not printed: the answer is written in words
MOST_BOXES = 40
_SIGNS = {"=": "=", "!=": "≠", "<": "<", "<=": "≤", ">": ">", ">=": "≥"}


class Room(StrEnum):
    """What stands there to be filled in."""

    NOTHING = "nothing"
    #: one of the boxes, several, or a number in each
    ONE = "one"
    SEVERAL = "several"
    ORDER = "order"
    LINE = "line"
    LINES = "lines"
    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    #: only a device can answer it
    DEVICE = "device"


@dataclass(frozen=True, slots=True)
class Compared:
    """An answer against a value: the question's number, a sign, and a label or what is written there."""

    number: int
    sign: str
    value: Text | str


@dataclass(frozen=True, slots=True)
class Joined:
    """Several conditions, with `and` or `or` between them."""

    word: str
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Unsaid:
    """A condition that is more than comparing answers, as its author wrote it."""

    source: str


Condition: TypeAlias = Compared | Joined | Unsaid


@dataclass(frozen=True, slots=True)
class Piece:
    """A heading (`room` nothing, no number), a note, or a question; within how many sections it lies."""

    item: Item
    depth: int
    room: Room = Room.NOTHING
    number: int | None = None
    choices: tuple[Choice, ...] = ()
    condition: Condition | None = None
    #: of what stands in a roster: in which of its blocks
    block: int | None = None


class Paper:
    """Makes the pieces of one questionnaire; `blocks` is the room for instances of a roster."""

    def __init__(self, questionnaire: Questionnaire, blocks: int) -> None:
        self._questionnaire = questionnaire
        self._blocks = blocks
        asked = [item for item in questionnaire.walk() if _is_asked(item)]
        #: path of a question → its number
        self.numbers: Mapping[str, int] = {item.path: n for n, item in enumerate(asked, 1)}
        self._asked = {item.path: item for item in asked}

    def pieces(self) -> list[Piece]:
        """All of it, in order; a roster stands there once for each of its blocks."""
        return list(self._below(self._questionnaire.root, 0, None))

    def _below(self, container: Container, depth: int, block: int | None) -> Iterator[Piece]:
        for item in container.items:
            if isinstance(item, Roster):
                for number in range(1, self._blocks + 1):
                    yield Piece(item, depth, condition=self._condition(item), block=number)
                    yield from self._below(item, depth + 1, number)
            elif isinstance(item, Section):
                inner = list(self._below(item, depth + 1, block))
                if inner:
                    yield Piece(item, depth, condition=self._condition(item))
                    yield from inner
            elif isinstance(item, Note):
                yield Piece(item, depth, condition=self._condition(item), block=block)
            elif isinstance(item, Question) and _is_asked(item):
                yield self._question(item, depth, block)

    def _question(self, item: Question, depth: int, block: int | None) -> Piece:
        choices = self._choices(item)
        return Piece(
            item,
            depth,
            room=_room(item, choices),
            number=self.numbers[item.path],
            choices=choices,
            condition=self._condition(item),
            block=block,
        )

    def _choices(self, item: Question) -> tuple[Choice, ...]:
        source = item.choices
        if source is None or source.nodes or source.roster or source.search:
            return ()
        found = self._questionnaire.choice_lists.get(source.list_name, ())
        return found if len(found) <= MOST_BOXES else ()

    # --- conditions ---------------------------------------------------------------------------------

    def _condition(self, item: Item) -> Condition | None:
        if item.relevant is None:
            return None
        return self._said(item.relevant.tree, item) or Unsaid(item.relevant.source.strip())

    def _said(self, tree: Any, at: Item) -> Condition | None:
        match tree:
            case ["and" | "or" as word, *parts]:
                return self._joined(word, parts, at)
            case [sign, path, [_, value]] if sign in _SIGNS:
                return self._compared(sign, path, value, at)
            case ["call", "selected", path, ["string", value]]:
                return self._compared("=", path, value, at)
            case ["call", "not", ["call", "selected", path, ["string", value]]]:
                return self._compared("!=", path, value, at)
        return None

    def _joined(self, word: str, parts: list[Any], at: Item) -> Condition | None:
        said = [self._said(part, at) for part in parts]
        found = tuple(each for each in said if each is not None)
        return Joined(word, found) if len(found) == len(said) else None

    def _compared(self, sign: str, path: Any, value: Any, at: Item) -> Condition | None:
        asked = self._asked.get(_path(path, at) or "")
        if asked is None or isinstance(value, list):
            return None
        return Compared(self.numbers[asked.path], _SIGNS[sign], self._value(asked, value))

    def _value(self, item: Item, value: Any) -> Text | str:
        source = getattr(item, "choices", None)
        choices = self._questionnaire.choice_lists.get(source.list_name, ()) if source else ()
        label = next((each.label for each in choices if each.name == str(value)), None)
        if label:
            return label
        is_whole = isinstance(value, float) and value.is_integer()
        return str(int(value)) if is_whole else str(value)

    def number_of(self, expression: Expression, at: Item) -> int | None:
        """The number of the question whose answer an expression puts into a text."""
        return self.numbers.get(_path(expression.tree, at) or "")


def _path(tree: Any, at: Item) -> str | None:
    """The item that a plain path leads to, from an item; None for any other path."""
    match tree:
        case ["absolute", [_root], *steps]:
            names = [*steps]
            base: list[str] = []
        case ["relative" | "current", *steps]:
            names, base = [*steps], at.path.split("/")
        case _:
            return None
    for step in names:
        match step:
            case [".."] if base:
                base.pop()
            case ["."]:
                continue
            case [str() as name]:
                base.append(name)
            case _:
                return None
    return "/".join(base)


def _is_asked(item: Item) -> bool:
    return isinstance(item, Question) and item.calculation is None


def _room(item: Question, choices: tuple[Choice, ...]) -> Room:
    if item.type in SELECT_TYPES:
        if not choices:
            return Room.LINE
        rooms = {DataType.SELECT_ONE: Room.ONE, DataType.SELECT_MULTIPLE: Room.SEVERAL}
        return rooms.get(item.type, Room.ORDER)
    if is_for_devices(item):
        return Room.DEVICE
    if item.type is DataType.TEXT and "multiline" in item.appearance:
        return Room.LINES
    return _ROOMS.get(item.type, Room.LINE)


@lru_cache(maxsize=32)
def without_devices(questionnaire: Questionnaire) -> Questionnaire:
    """The same, but what only a device can answer is never asked: nobody can type it from paper."""
    return replace(
        questionnaire, root=_without(questionnaire.root), hash=f"{questionnaire.hash} on paper"
    )


def _without(item: Any) -> Any:
    if isinstance(item, Section | Roster):
        return replace(item, items=tuple(map(_without, item.items)))
    return (
        replace(item, relevant=_NEVER) if isinstance(item, Question) and is_for_devices(item) else item
    )


_NEVER = Expression("false()", parse("false()"))


def is_for_devices(question: Question) -> bool:
    """Whether only a device can answer a question: paper has no room for it."""
    return question.type in ATTACHMENT_TYPES or question.type in _ON_DEVICES


_ON_DEVICES = frozenset({DataType.GEOPOINT, DataType.GEOTRACE, DataType.GEOSHAPE})
_ROOMS = {
    DataType.INTEGER: Room.NUMBER,
    DataType.DECIMAL: Room.NUMBER,
    DataType.DATE: Room.DATE,
    DataType.DATETIME: Room.DATE,
    DataType.TIME: Room.TIME,
}
