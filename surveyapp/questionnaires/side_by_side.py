"""Every text of a questionnaire in its languages, side by side, and what is suspicious about it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

from surveyapp.questionnaires.definition import (
    Item,
    Question,
    Questionnaire,
    Roster,
    Section,
    Text,
    Valued,
)

#: what pyxform writes where a translation is missing
_NONE = "-"
#: two letters side by side: figures, signs and single letters are the same in every language
_WORD = re.compile(r"[^\W\d_]{2}")


class Kind(StrEnum):
    """What a text is."""

    TITLE = "title"
    SECTION = "section"
    LABEL = "label"
    HINT = "hint"
    GUIDANCE = "guidance"
    REQUIRED = "required"
    CONSTRAINT = "constraint"
    WARNING = "warning"
    PERMISSION = "permission"
    CHOICE = "choice"


class Doubt(StrEnum):
    """What is suspicious about a text."""

    #: not there in a language
    MISSING = "missing"
    #: the same words in two languages
    EQUAL = "equal"
    #: what is filled in is not the same in all languages
    PLACEHOLDERS = "placeholders"


@dataclass(frozen=True, slots=True)
class Line:
    """One text; `texts` by language, empty where it is missing. `path` of a choice: `list/name`."""

    kind: Kind
    path: str
    texts: Mapping[str, str]
    #: language → what is suspicious about it
    doubts: Mapping[str, frozenset[Doubt]]

    def has(self, doubt: Doubt) -> bool:
        """Whether that is suspicious about it in any language."""
        return any(doubt in found for found in self.doubts.values())


def lines(questionnaire: Questionnaire, languages: Sequence[str]) -> list[Line]:
    """The texts in the order of the questionnaire, choices behind; without those that nobody wrote."""
    return [
        _line(kind, path, text, languages)
        for kind, path, text in _texts(questionnaire)
        if any(_is_there(text, language) for language in text.wordings)
    ]


def counts(found: Sequence[Line]) -> dict[Doubt, int]:
    """How many texts each doubt is about."""
    return {doubt: sum(line.has(doubt) for line in found) for doubt in Doubt}


def _texts(questionnaire: Questionnaire) -> Iterator[tuple[Kind, str, Text]]:
    yield Kind.TITLE, "", questionnaire.title
    yield Kind.PERMISSION, "", questionnaire.permission
    for item in questionnaire.walk():
        yield from ((kind, item.path, text) for kind, text in _of_item(item))
    for name, choices in questionnaire.choice_lists.items():
        yield from ((Kind.CHOICE, f"{name}/{choice.name}", choice.label) for choice in choices)


def _of_item(item: Item) -> Iterator[tuple[Kind, Text]]:
    yield Kind.SECTION if isinstance(item, Section | Roster) else Kind.LABEL, item.label
    yield Kind.HINT, item.hint
    yield Kind.GUIDANCE, item.guidance
    if isinstance(item, Valued):
        yield Kind.REQUIRED, item.required_message
        yield Kind.CONSTRAINT, item.constraint_message
    if isinstance(item, Question) and item.warning is not None:
        yield Kind.WARNING, item.warning.message


def _line(kind: Kind, path: str, text: Text, languages: Sequence[str]) -> Line:
    texts = {each: _spelt(text, each) if _is_there(text, each) else "" for each in languages}
    doubts: dict[str, set[Doubt]] = {each: set() for each in languages}
    for language, words in texts.items():
        if not words:
            doubts[language].add(Doubt.MISSING)
    for one, other in combinations([each for each in languages if texts[each]], 2):
        found = set(_between(text, one, other, texts))
        doubts[one] |= found
        doubts[other] |= found
    return Line(kind, path, texts, {each: frozenset(found) for each, found in doubts.items()})


def _between(text: Text, one: str, other: str, texts: Mapping[str, str]) -> Iterator[Doubt]:
    same = texts[one].strip().casefold() == texts[other].strip().casefold()
    if same and _WORD.search(_literal(text, one)):
        yield Doubt.EQUAL
    if _filled_in(text, one) != _filled_in(text, other):
        yield Doubt.PLACEHOLDERS


def _is_there(text: Text, language: str) -> bool:
    return _spelt(text, language).strip() not in {"", _NONE}


def _spelt(text: Text, language: str) -> str:
    """A wording, with expressions as their author wrote them."""
    pieces = text.wordings.get(language, ())
    return "".join(piece if isinstance(piece, str) else f"${{{piece.source}}}" for piece in pieces)


def _literal(text: Text, language: str) -> str:
    return " ".join(piece for piece in text.wordings.get(language, ()) if isinstance(piece, str))


def _filled_in(text: Text, language: str) -> Counter[str]:
    pieces = text.wordings.get(language, ())
    return Counter(piece.source for piece in pieces if not isinstance(piece, str))
