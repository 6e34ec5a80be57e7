"""Many versions of a questionnaire seen as one: which items there were, and with which choices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from surveyapp.questionnaires.definition import (
    Choice,
    Container,
    DataType,
    Item,
    Metadata,
    Question,
    Questionnaire,
    Roster,
    Section,
    Text,
    Valued,
)
from surveyapp.questionnaires.values import from_text

#: Item paths of the rosters around an item, outermost first; empty outside rosters.
RosterChain: TypeAlias = tuple[str, ...]
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Edition:
    """An item as one version has it."""

    definition: Questionnaire
    item: Valued


@dataclass(frozen=True, slots=True)
class MergedItem:
    """A valued item as all the versions that have it tell of it; wordings are the newest's."""

    path: str
    rosters: RosterChain
    type: DataType
    #: versions in which the item has this type
    versions: frozenset[str]
    #: in at least one version, whatever the type
    identity: bool
    sensitive: bool
    label: Text
    default_language: str
    #: every choice that was ever offered, the newest version's first
    choices: tuple[Choice, ...]
    #: `start` or `end` when it is the time that every submission has besides its answers
    clock: str | None = None
    #: the item in each of these versions, the newest first
    editions: tuple[Edition, ...] = ()
    #: the codes of `choices` in the order in which they were first offered, the oldest version's first
    codes: tuple[str, ...] = ()
    #: answers that are none (`survey:missing`) as any version declares them: code and reason
    missing: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class _Found:
    """An item of one version, and where it stands."""

    item: Item
    rosters: RosterChain
    definition: Questionnaire

    @property
    def variant(self) -> tuple[RosterChain, DataType | None]:
        """What tells it from an item of the same path in another version; numbers are one type."""
        kind = self.item.type if isinstance(self.item, Valued) else None
        return self.rosters, DataType.DECIMAL if kind is DataType.INTEGER else kind


def merged_items(definitions: Sequence[Questionnaire]) -> list[MergedItem]:
    """Every valued item of all versions (oldest first) in the newest's document order.

    What only an older version has follows the item it followed there. An item whose type changed is
    two items. The code of an invitation is cut out on receipt, so it has no column either.
    """
    return [
        _merged_item(same, everywhere)
        for everywhere in _merge(definitions, Valued)
        for same in _variants(everywhere)
        if not _is_invitation(same[0])
    ]


def merged_rosters(definitions: Sequence[Questionnaire]) -> list[RosterChain]:
    """Every roster of all versions with those around it, outer ones before what they contain."""
    return [
        (*same[0].rosters, same[0].item.path)
        for everywhere in _merge(definitions, Roster)
        for same in _variants(everywhere)
    ]


def in_one_order(sequences: Iterable[Sequence[Key]]) -> list[Key]:
    """All keys once: the first sequence's order; another's own key follows its predecessor there."""
    merged: list[Key] = []
    for sequence in sequences:
        position = 0
        known = set(merged)
        for key in sequence:
            if key in known:
                position = merged.index(key) + 1
            else:
                merged.insert(position, key)
                position += 1
    return merged


def _merge(definitions: Sequence[Questionnaire], kind: type[Item]) -> Iterator[list[_Found]]:
    """For each path of an item of a kind what the versions say of it, the newest first."""
    versions = [_items(definition, kind) for definition in reversed(definitions)]
    for path in in_one_order([list(version) for version in versions]):
        yield [version[path] for version in versions if path in version]


def _variants(everywhere: Sequence[_Found]) -> list[list[_Found]]:
    """Those that are the same item, together."""
    variants: dict[tuple[RosterChain, DataType | None], list[_Found]] = {}
    for found in everywhere:
        variants.setdefault(found.variant, []).append(found)
    return list(variants.values())


def _items(definition: Questionnaire, kind: type[Item]) -> dict[str, _Found]:
    """The items of a kind by path, in document order."""
    every = _placed(definition, definition.root, ())
    return {found.item.path: found for found in every if isinstance(found.item, kind)}


def _placed(definition: Questionnaire, container: Container, rosters: RosterChain) -> Iterator[_Found]:
    for item in container.items:
        yield _Found(item, rosters, definition)
        if isinstance(item, Roster):
            yield from _placed(definition, item, (*rosters, item.path))
        elif isinstance(item, Section):
            yield from _placed(definition, item, rosters)


def _is_invitation(found: _Found) -> bool:
    return isinstance(found.item, Question) and found.item.invitation


def _merged_item(same: Sequence[_Found], everywhere: Sequence[_Found]) -> MergedItem:
    newest = same[0]
    types = {item.type for item in _valued(same)}
    kind = types.pop() if len(types) == 1 else DataType.DECIMAL
    return MergedItem(
        path=newest.item.path,
        rosters=newest.rosters,
        type=kind,
        versions=frozenset(found.definition.version for found in same),
        # what one author held to point at a person is not given out because another did not
        identity=any(item.identity for item in _valued(everywhere)),
        sensitive=any(item.sensitive for item in _valued(everywhere)),
        label=newest.item.label,
        default_language=newest.definition.default_language,
        choices=_merged_choices(same),
        clock=_clock(newest),
        editions=_editions(same),
        codes=tuple(choice.name for choice in _merged_choices(same[::-1])),
        missing=_merged_codes(same, kind),
    )


def _editions(same: Sequence[_Found]) -> tuple[Edition, ...]:
    return tuple(Edition(f.definition, f.item) for f in same if isinstance(f.item, Valued))


def _valued(found: Sequence[_Found]) -> list[Valued]:
    return [each.item for each in found if isinstance(each.item, Valued)]


def _merged_choices(same: Sequence[_Found]) -> tuple[Choice, ...]:
    choices: dict[str, Choice] = {}
    for found in same:
        if isinstance(found.item, Question) and found.item.choices is not None:
            offered = found.definition.choice_lists.get(found.item.choices.list_name, ())
            for choice in offered:
                choices.setdefault(choice.name, choice)
    return tuple(choices.values())


def _merged_codes(same: Sequence[_Found], kind: DataType) -> tuple[tuple[str, str], ...]:
    """Of all versions: who declares a code tells what it meant before, too. The newest's word stands.

    `-99` of a whole number and `-99.0` of a decimal are one answer.
    """
    codes: dict[Any, tuple[str, str]] = {}
    for item in _valued(same):
        for code, reason in item.missing.items():
            codes.setdefault(from_text(kind, code), (code, reason))
    return tuple(codes.values())


def _clock(found: _Found) -> str | None:
    item = found.item
    if found.rosters or not isinstance(item, Metadata) or item.preload != "timestamp":
        return None
    if item.identity or item.sensitive:
        return None
    return item.preload_parameter if item.preload_parameter in {"start", "end"} else None
