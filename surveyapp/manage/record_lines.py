"""A submission's answers as the lines of a page: labels beside codes, and why an answer is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any

from surveyapp.exports.missing import WORDS
from surveyapp.i18n import format_day, format_number
from surveyapp.manage.sight import Speaker
from surveyapp.messages import plain
from surveyapp.questionnaires import paths
from surveyapp.questionnaires.definition import (
    SELECT_TYPES,
    Calculation,
    Container,
    DataType,
    Item,
    Questionnaire,
    Roster,
    Section,
    Text,
    Valued,
    Wording,
)
from surveyapp.questionnaires.interview import UnknownPath
from surveyapp.questionnaires.values import from_text
from surveyapp.submissions.looking import Guard

UNGUARDED = Guard()


class Kept(StrEnum):
    """What is known of an answer."""

    ANSWERED = "answered"
    #: it was asked, and nothing was said
    EMPTY = "empty"
    NOT_ASKED = "not_asked"
    #: points at a person: sealed apart
    APART = "apart"
    #: sensitive: shown on demand
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Line:
    """A heading (a section, an instance of a roster: `kept` is None) or an answer."""

    path: str
    #: how many sections and rosters it lies in
    depth: int
    label: str
    kept: Kept | None = None
    #: in words, and as it is stored where that differs
    words: str = ""
    code: str = ""
    is_calculated: bool = False
    #: of a heading: the number of the roster's instance
    number: int | None = None
    #: a place that may be drawn
    place: Mapping[str, Any] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Eyes:
    """In which language, and what may be seen of it."""

    language: str
    sensitive: bool = False
    #: identity answers by node path, once they were opened
    identity: Mapping[str, Any] | None = None
    #: item path → what is guarded beside what the questionnaire's version itself guards
    guards: Mapping[str, Guard] = field(default_factory=dict)
    #: says texts with answers put in; without one only what is literal in them is said
    speaker: Speaker | None = field(default=None, compare=False)


def lines(questionnaire: Questionnaire, answers: Mapping[str, Any], eyes: Eyes) -> list[Line]:
    """All of a questionnaire's lines, in its order; headings of what was not asked are left out."""
    return list(_Told(questionnaire, eyes).of(questionnaire.root, answers, "", 0))


def above(told: Sequence[Line]) -> dict[str, tuple[str, ...]]:
    """Node path of each answer → the headings above it, outermost first."""
    headings: list[str] = []
    found: dict[str, tuple[str, ...]] = {}
    for line in told:
        del headings[line.depth :]
        if line.kept is None:
            headings.append(f"{line.label} {line.number}" if line.number else line.label)
        else:
            found[line.path] = tuple(headings)
    return found


class _Told:
    def __init__(self, questionnaire: Questionnaire, eyes: Eyes) -> None:
        self._questionnaire, self._eyes = questionnaire, eyes

    def of(
        self, container: Container, answers: Mapping[str, Any], path: str, depth: int
    ) -> Iterator[Line]:
        for item in container.items:
            here = paths.join(path, item.name)
            if isinstance(item, Section):
                yield from self._section(item, answers.get(item.name), here, depth)
            elif isinstance(item, Roster):
                yield from self._roster(item, answers.get(item.name) or [], here, depth)
            elif isinstance(item, Valued):
                yield self._answer(item, answers, here, depth)

    def _section(self, item: Section, below: Any, path: str, depth: int) -> Iterator[Line]:
        found = list(self.of(item, below or {}, path, depth + 1))
        if any(line.kept is not Kept.NOT_ASKED for line in found):
            yield Line(path, depth, self._label(item, path))
            yield from found

    def _roster(self, item: Roster, instances: list[Any], path: str, depth: int) -> Iterator[Line]:
        for number, below in enumerate(instances, 1):
            label = self._label(item, f"{path}[{number}]")
            yield Line(f"{path}[{number}]", depth, label, number=number)
            yield from self.of(item, below, f"{path}[{number}]", depth + 1)

    def _answer(self, item: Valued, answers: Mapping[str, Any], path: str, depth: int) -> Line:
        kept, value = self._kept(item, answers, path)
        code = "" if value is None else _code(value)
        words = "" if value is None else self._words(item, value, path)
        calculated = isinstance(item, Calculation)
        return Line(
            path,
            depth,
            self._label(item, path),
            kept,
            words,
            code if code != words else "",
            calculated,
            place=value if item.type is DataType.GEOPOINT else None,
        )

    def _kept(self, item: Valued, answers: Mapping[str, Any], path: str) -> tuple[Kept, Any]:
        guard, opened = self._eyes.guards.get(item.path, UNGUARDED), self._eyes.identity
        if opened is None and (item.identity or guard.identity):
            return Kept.APART, None
        if opened is not None and item.identity:
            answers = {item.name: opened[path]} if path in opened else {}
        if item.name not in answers:
            return Kept.NOT_ASKED, None
        if (item.sensitive or guard.sensitive) and not self._eyes.sensitive:
            return Kept.HIDDEN, None
        value = answers[item.name]
        return (Kept.EMPTY, None) if value is None else (Kept.ANSWERED, value)

    def _label(self, item: Item, path: str) -> str:
        return self._said(item.label, path).strip() or item.name

    def _said(self, text: Text, path: str) -> str:
        if self._eyes.speaker is not None and any(map(_has_values, text.wordings.values())):
            try:
                return self._eyes.speaker.phrase(text, path, self._eyes.language).text
            except UnknownPath:
                pass  # an answer to what the interview has not got: its words go without values
        return plain(text, self._eyes.language, self._questionnaire.default_language)

    def _words(self, item: Valued, value: Any, path: str) -> str:
        if item.type in SELECT_TYPES:
            return self._choices(item, [value] if isinstance(value, str) else value, path)
        for code, reason in item.missing.items():
            if from_text(item.type, code) == value:
                return str(WORDS[reason])
        speak = _WORDS.get(item.type)
        return speak(value, self._eyes.language) if speak else _code(value)

    def _choices(self, item: Valued, names: list[str], path: str) -> str:
        source = getattr(item, "choices", None)
        known = self._questionnaire.choice_lists.get(source.list_name, ()) if source else ()
        labels = {
            choice.name: self._said(choice.label, path) for choice in known if choice.name in names
        }
        return ", ".join(labels.get(name) or name for name in names)


def _has_values(wording: Wording) -> bool:
    return any(not isinstance(piece, str) for piece in wording)


def _code(value: Any) -> str:
    """A value as it is stored, on one line."""
    if isinstance(value, dict):
        return "; ".join(str(part) for part in value.values() if part is not None)
    if isinstance(value, list):
        return " ".join(_code(part) for part in value)
    return str(value)


def _day(value: Any, language: str) -> str:
    return format_day(date.fromisoformat(value), language)


def _clock(value: Any, _language: str) -> str:
    return f"{time.fromisoformat(value):%H:%M}"


def _moment(value: Any, language: str) -> str:
    moment = datetime.fromisoformat(value)
    return f"{format_day(moment.date(), language)}, {moment:%H:%M}"


def _place(value: Any, language: str) -> str:
    return f"{format_number(value['lat'], language)}; {format_number(value['lon'], language)}"


#: types whose stored value is not what people read
_WORDS: Mapping[DataType, Callable[[Any, str], str]] = {
    DataType.INTEGER: format_number,
    DataType.DECIMAL: format_number,
    DataType.DATE: _day,
    DataType.TIME: _clock,
    DataType.DATETIME: _moment,
    DataType.GEOPOINT: _place,
}
