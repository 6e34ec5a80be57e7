"""What no database can hold, and what no program should be asked to walk through."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from surveyapp.questionnaires import paths
from surveyapp.questionnaires.answers import AnswerError
from surveyapp.questionnaires.definition import Container, Item, Roster, Section

#: NUL ends texts in PostgreSQL; a lone surrogate has no UTF-8.
_NEVER = re.compile("[\x00\ud800-\udfff]")
#: Stream-Safe Text Format (UAX #15, 13): no language needs more marks on one letter. Normalising takes
#: quadratic time in them: 8.5 s for 100,000 (measured).
_MOST_MARKS = 30
#: finds at the regex engine's speed where such a run may be: a mark is neither word nor blank
_SUSPECT = re.compile(rf"[^\w\s]{{{_MOST_MARKS + 1},}}")


def is_storable(text: str) -> bool:
    """Whether a text can be stored on every database and normalised in linear time."""
    if _NEVER.search(text):
        return False
    return text.isascii() or not any(_is_overloaded(run.group()) for run in _SUSPECT.finditer(text))


def _is_overloaded(text: str) -> bool:
    """Whether more marks than allowed follow each other."""
    kinds = "".join("m" if unicodedata.combining(letter) else "-" for letter in text)
    return "m" * (_MOST_MARKS + 1) in kinds


def unstorable(
    root: Container, answers: Any, *, depth: int, length: int, values: int
) -> Iterator[AnswerError]:
    """What must not get in: texts that cannot be stored (`unstorable`), and whatever is too much.

    `depth` counts objects and lists, the answers themselves as one; `length` is in characters of a
    text (`too_long`), `values` are all there may be, objects and lists included (`too_many`): nothing
    is looked at after them. What is wrong below a field that nobody knows carries the path of the
    nearest item that somebody knows: a stranger's keys may hold anything, and errors are stored in the
    open.
    """
    if _is_sound(answers, depth, length, values):
        return
    walk = _Walk(length, values)
    yield from walk.value(answers, "", root, depth)
    if walk.left < 0:
        yield AnswerError("", "too_many", {"max": values})


#: made once: `dict | list` would be made anew for each value
_CONTAINERS = (dict, list)


def _is_sound(answers: Any, depth: int, length: int, values: int) -> bool:
    """Whether nothing is wrong: what is true of nearly all answers, told in one go, without paths.

    A blank between two texts ends a run of marks, so that they can be looked at as one.
    """
    texts, level, left = list[str](), [answers], values
    while level:
        left -= len(level)
        containers = [value for value in level if isinstance(value, _CONTAINERS)]
        if left < 0 or (containers and depth <= 0):
            return False
        texts += [value for value in level if isinstance(value, str)]
        level, depth = [], depth - 1
        for container in containers:
            if isinstance(container, dict):
                texts += container
                level += container.values()
            else:
                level += container
    return max(map(len, texts), default=0) <= length and is_storable("\n".join(texts))


@dataclass(slots=True)
class _Walk:
    """Goes through answers beside the definition; an item of None is nobody's."""

    length: int
    #: values that may still come
    left: int

    def value(self, value: Any, path: str, item: Item | None, depth: int) -> Iterator[AnswerError]:
        self.left -= 1
        if isinstance(value, str):
            yield from self.text(value, path)
        elif isinstance(value, dict | list) and depth <= 0:
            yield AnswerError(path, "too_deep")
        elif isinstance(value, dict):
            yield from self.object(value, path, item, depth)
        elif isinstance(value, list):
            yield from self.list(value, path, item, depth)

    def text(self, text: str, path: str) -> Iterator[AnswerError]:
        if len(text) > self.length:
            yield AnswerError(path, "too_long", {"max": self.length})
        elif not is_storable(text):
            yield AnswerError(path, "unstorable")

    def object(
        self, value: Mapping[str, Any], path: str, item: Item | None, depth: int
    ) -> Iterator[AnswerError]:
        held = item.items if isinstance(item, Section | Roster) else ()
        known = {below.name: below for below in held}
        for name, inner in value.items():
            if self.left < 0:
                return
            yield from self.text(name, path)
            here = paths.join(path, name) if name in known else path
            yield from self.value(inner, here, known.get(name), depth - 1)

    def list(self, value: list[Any], path: str, item: Item | None, depth: int) -> Iterator[AnswerError]:
        for position, inner in enumerate(value, 1):
            if self.left < 0:
                return
            here = f"{path}[{position}]" if isinstance(item, Roster) else path
            yield from self.value(inner, here, item, depth - 1)
