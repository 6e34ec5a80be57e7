"""How a questionnaire is cut into pages (docs/decisions/0008-answering-without-scripts.md).

A page is a section, or one instance of a roster; a long one is split. Without scripts a page cannot
change while it is being filled in, so a question never stands on the page of another one that it
depends on: a boundary is put before it, and the server decides between the pages. A group with the
appearance `field-list` is the author's own page and is never split.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from surveyapp.questionnaires.definition import (
    Container,
    Expression,
    Item,
    Note,
    Question,
    Questionnaire,
    Roster,
    Section,
    Text,
)
from surveyapp.questionnaires.dependencies import dependencies_of
from surveyapp.questionnaires.expressions import references
from surveyapp.questionnaires.paths import join

#: audience → most questions on a page (self-administered questionnaires: facts, “survey practice”)
MOST_QUESTIONS: Mapping[str | None, int] = {"family": 5, "adolescent": 5}
MOST_FOR_FIELD = 8
_KEPT_PLANS = 32


# Compared by identity: the plan of a questionnaire is made once.
@dataclass(frozen=True, slots=True, eq=False)
class PlannedPage:
    """One page of the plan, for every instance of the rosters it stands in.

    `rosters` are those, outermost first. With `lists` it is not a page of questions, but the one that
    lists the instances of a roster that people add to and remove from.
    """

    number: int
    container: Container
    items: tuple[Item, ...]
    rosters: tuple[Roster, ...] = ()
    lists: Roster | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of one interview: `positions` says of which instance of each roster around it."""

    planned: PlannedPage
    positions: tuple[int, ...] = ()

    @property
    def key(self) -> str:
        """Its name in the address: `5`, or `5-2` for the second instance. Says nothing to others."""
        return "-".join(map(str, (self.planned.number, *self.positions)))

    def node_path(self, item_path: str) -> str:
        """The node of an item on this page: `child/c_age` → `child[2]/c_age`."""
        names = item_path.split("/")
        positions = {
            roster.path: position
            for roster, position in zip(self.planned.rosters, self.positions, strict=True)
        }
        path = ""
        for depth, name in enumerate(names, start=1):
            path = join(path, name, positions.get("/".join(names[:depth])))
        return path

    @property
    def instance(self) -> str | None:
        """Node path of the innermost roster instance that the page belongs to."""
        rosters = self.planned.rosters
        return self.node_path(rosters[-1].path) if rosters else None

    @property
    def listed(self) -> str:
        """Node path of the roster, as a whole, that the page lists; empty on a page of questions."""
        return self.node_path(self.planned.lists.path) if self.planned.lists else ""

    def nodes(self) -> Iterator[tuple[str, Question | Note]]:
        """The questions and notes with their node paths, in order."""
        for item in self.planned.items:
            if isinstance(item, Question | Note):
                yield self.node_path(item.path), item


class Paging:
    """The pages of one questionnaire."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self._root_name = questionnaire.root_name
        self._items = {item.path: item for item in questionnaire.walk()}
        self._dependencies = dependencies_of(questionnaire)
        self._most = MOST_QUESTIONS.get(questionnaire.audience, MOST_FOR_FIELD)
        drafted = list(self._container(questionnaire.root, ()))
        self.pages = tuple(PlannedPage(number, *rest) for number, rest in enumerate(drafted, start=1))

    def _container(
        self, container: Container, rosters: tuple[Roster, ...]
    ) -> Iterator[tuple[Container, tuple[Item, ...], tuple[Roster, ...], Roster | None]]:
        run: list[Question | Note] = []
        for item in container.items:
            if isinstance(item, Question | Note):
                run.append(item)
            elif isinstance(item, Section | Roster):
                yield from self._pages(container, run, rosters)
                run = []
                yield from self._inner(item, rosters)
        yield from self._pages(container, run, rosters)

    def _inner(
        self, container: Container, rosters: tuple[Roster, ...]
    ) -> Iterator[tuple[Container, tuple[Item, ...], tuple[Roster, ...], Roster | None]]:
        if isinstance(container, Section):
            yield from self._container(container, rosters)
            return
        yield from self._container(container, (*rosters, container))
        if container.count is None:
            yield container, (), rosters, container

    def _pages(
        self, container: Container, run: list[Question | Note], rosters: tuple[Roster, ...]
    ) -> Iterator[tuple[Container, tuple[Item, ...], tuple[Roster, ...], Roster | None]]:
        if not run:
            return
        whole = "field-list" in container.appearance
        for items in [run] if whole else self._split(run):
            yield container, tuple(items), rosters, None

    def _split(self, run: list[Question | Note]) -> Iterator[list[Question | Note]]:
        for independent in self._independent(_with_their_notes(run)):
            yield from _evenly(independent, self._most)

    def _independent(
        self, units: Iterable[list[Question | Note]]
    ) -> Iterator[list[list[Question | Note]]]:
        """Cut before each unit that depends on something since the last cut."""
        since: list[list[Question | Note]] = []
        paths: set[str] = set()
        for unit in units:
            if since and not paths.isdisjoint(self._read_by(unit)):
                yield since
                since, paths = [], set()
            since.append(unit)
            paths |= {item.path for item in unit}
        if since:
            yield since

    def _read_by(self, unit: list[Question | Note]) -> frozenset[str]:
        """All that decides whether, how and with which choices the unit's items are shown."""
        read: set[str] = set()
        for item in unit:
            read |= self._dependencies.all_before(item.path)
            for path in self._shown_with(item):
                read |= {path} | self._dependencies.all_before(path)
        return frozenset(read)

    def _shown_with(self, item: Question | Note) -> Iterator[str]:
        """The items whose answers its texts quote or its choices are filtered by."""
        root = f"/{self._root_name}/"
        own = root + item.path
        found: set[str] = set()
        for text in (item.label, item.hint, item.guidance):
            for expression in _outputs(text):
                found |= references(expression.tree, own)
        if isinstance(item, Question) and item.choices and item.choices.filter:
            # relative paths in a filter are columns of the list
            found |= references(item.choices.filter.tree, current=own)
        return (path for place in found if (path := place.removeprefix(root)) in self._items)


def _with_their_notes(run: Iterable[Question | Note]) -> Iterator[list[Question | Note]]:
    """Each question with the notes before it, which introduce it."""
    unit: list[Question | Note] = []
    for item in run:
        unit.append(item)
        if isinstance(item, Question):
            yield unit
            unit = []
    if unit:
        yield unit


def _evenly(units: list[list[Question | Note]], most: int) -> Iterator[list[Question | Note]]:
    """As few pages as the limit allows, all about equally long: 3 and 3 rather than 5 and 1."""
    pages = -(-len(units) // most)
    for page in range(pages):
        share = units[page * len(units) // pages : (page + 1) * len(units) // pages]
        yield [item for unit in share for item in unit]


def _outputs(text: Text) -> Iterator[Expression]:
    for wording in text.wordings.values():
        yield from (piece for piece in wording if isinstance(piece, Expression))


@lru_cache(maxsize=_KEPT_PLANS)
def paging_of(questionnaire: Questionnaire) -> Paging:
    """The pages of a questionnaire; those used last are kept."""
    return Paging(questionnaire)
