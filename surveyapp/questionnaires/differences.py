"""What a version changes: what came, went, reads differently, or has another type of answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from surveyapp.questionnaires.definition import Item, Note, Questionnaire, Roster, Section, Text, Valued


class Change(StrEnum):
    """In which way an item differs."""

    ADDED = "added"
    REMOVED = "removed"
    #: another type of answer under the same name: answers of both versions fit in no one column
    TYPE = "type"
    WORDING = "wording"
    CHOICES = "choices"


@dataclass(frozen=True, slots=True)
class Difference:
    """One item that differs; `before` and `after` are types, wordings or names of choices."""

    change: Change
    path: str
    before: str = ""
    after: str = ""
    #: of a wording
    language: str = ""


def differences(before: Questionnaire, after: Questionnaire) -> list[Difference]:
    """What differs, in the order of the newer version; what was removed comes last."""
    was, now = _by_path(before), _by_path(after)
    found = [each for path, item in now.items() for each in _of_item(before, after, was.get(path), item)]
    gone = [
        Difference(Change.REMOVED, path, _kind(item)) for path, item in was.items() if path not in now
    ]
    return found + gone


def changed_types(before: Questionnaire, after: Questionnaire) -> list[Difference]:
    """The items whose answers have another type now."""
    return [each for each in differences(before, after) if each.change is Change.TYPE]


def _by_path(questionnaire: Questionnaire) -> dict[str, Item]:
    return {item.path: item for item in questionnaire.walk() if item is not questionnaire.root}


def _of_item(
    before: Questionnaire, after: Questionnaire, was: Item | None, now: Item
) -> Iterator[Difference]:
    if was is None:
        yield Difference(Change.ADDED, now.path, after=_kind(now))
        return
    if _kind(was) != _kind(now):
        yield Difference(Change.TYPE, now.path, _kind(was), _kind(now))
    yield from _wordings(was.label, now.label, now.path)
    names, names_now = _choice_names(before, was), _choice_names(after, now)
    if names != names_now:
        gone, new = (
            " ".join(n for n in a if n not in b) for a, b in ((names, names_now), (names_now, names))
        )
        yield Difference(Change.CHOICES, now.path, gone, new)


def _kind(item: Item) -> str:
    """The type of an item's answer, or what else it is."""
    if isinstance(item, Valued):
        return item.type.value
    kinds: Mapping[type[Item], str] = {Section: "section", Roster: "roster", Note: "note"}
    return kinds.get(type(item), "")


def _wordings(was: Text, now: Text, path: str) -> Iterator[Difference]:
    for language in sorted({*was.wordings, *now.wordings}):
        before, after = _spelt(was, language), _spelt(now, language)
        if before != after:
            yield Difference(Change.WORDING, path, before, after, language)


def _spelt(text: Text, language: str) -> str:
    """A wording, with expressions as their author wrote them."""
    pieces = text.wordings.get(language, ())
    return "".join(piece if isinstance(piece, str) else f"${{{piece.source}}}" for piece in pieces)


def _choice_names(questionnaire: Questionnaire, item: Item) -> list[str]:
    source = getattr(item, "choices", None)
    if source is None:
        return []
    return [choice.name for choice in questionnaire.choice_lists.get(source.list_name, ())]
