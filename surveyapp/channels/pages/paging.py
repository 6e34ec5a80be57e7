"""How a questionnaire is cut into pages (docs/decisions/0008-answering-without-scripts.md).

A page is a section, or one instance of a roster; a long one is split. Without scripts a page cannot
change while it is being filled in, so a question never stands on the page of another one that it
depends on: a boundary is put before it, and the server decides between the pages. A group with the
appearance `field-list` is the author's own page, with the groups in it, and is never split. A form
whose setting `style` says `pages` has one question on a page, as ODK Collect shows it.
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
FIELD_LIST = "field-list"
#: word of the setting `style`
_ONE_BY_ONE = "pages"
#: appearance of a question that nobody answers: the head of a table of others
_HEAD = "label"


# Compared by identity: the plan of a questionnaire is made once.
@dataclass(frozen=True, slots=True, eq=False)
class PlannedPage:
    """One page of the plan, for every instance of the rosters it stands in.

    `rosters` are those, outermost first. Besides questions and notes, `items` has what only heads those
    that follow: sections of an author's own page, and heads of tables. With `lists` it is not a page of
    questions, but the one that lists the instances of a roster that people add to and remove from.
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
        for path, item in self.shown():
            if isinstance(item, Question | Note) and not is_heading(item):
                yield path, item

    def shown(self) -> Iterator[tuple[str, Item]]:
        """The same, with what only heads others."""
        for item in self.planned.items:
            yield self.node_path(item.path), item


def is_heading(item: Item) -> bool:
    """Whether an item of a page is not answered, but says what those after it have in common."""
    return isinstance(item, Section) or (isinstance(item, Question) and _HEAD in item.appearance)


class Paging:
    """The pages of one questionnaire."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self._root_name = questionnaire.root_name
        self._items = {item.path: item for item in questionnaire.walk()}
        self._dependencies = dependencies_of(questionnaire)
        by_audience = MOST_QUESTIONS.get(questionnaire.audience, MOST_FOR_FIELD)
        self._most = 1 if _ONE_BY_ONE in questionnaire.style else by_audience
        drafted = list(self._container(questionnaire.root, ()))
        self.pages = tuple(PlannedPage(number, *rest) for number, rest in enumerate(drafted, start=1))

    def _container(
        self, container: Container, rosters: tuple[Roster, ...]
    ) -> Iterator[tuple[Container, tuple[Item, ...], tuple[Roster, ...], Roster | None]]:
        run: list[Item] = []
        is_own_page = FIELD_LIST in container.appearance
        for item in _with_inner(container) if is_own_page else container.items:
            if isinstance(item, Question | Note) or (is_own_page and isinstance(item, Section)):
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
        self, container: Container, run: list[Item], rosters: tuple[Roster, ...]
    ) -> Iterator[tuple[Container, tuple[Item, ...], tuple[Roster, ...], Roster | None]]:
        if not run:
            return
        whole = FIELD_LIST in container.appearance
        for items in [run] if whole else self._split(run):
            yield container, tuple(items), rosters, None

    def _split(self, run: list[Item]) -> Iterator[list[Item]]:
        for independent in self._independent(_with_their_notes(run)):
            yield from _evenly(independent, self._most)

    def _independent(self, units: Iterable[list[Item]]) -> Iterator[list[list[Item]]]:
        """Cut before each unit that depends on something since the last cut."""
        since: list[list[Item]] = []
        paths: set[str] = set()
        for unit in units:
            if since and not paths.isdisjoint(self._read_by(unit)):
                yield since
                since, paths = [], set()
            since.append(unit)
            paths |= {item.path for item in unit}
        if since:
            yield since

    def _read_by(self, unit: list[Item]) -> frozenset[str]:
        """All that decides whether, how and with which choices the unit's items are shown."""
        read: set[str] = set()
        for item in unit:
            read |= self._dependencies.all_before(item.path)
            for path in self._shown_with(item):
                read |= {path} | self._dependencies.all_before(path)
        return frozenset(read)

    def _shown_with(self, item: Item) -> Iterator[str]:
        """The items whose answers its texts quote or its choices are filtered by."""
        root = f"/{self._root_name}/"
        own = root + item.path
        found: set[str] = set()
        for text in _texts(item):
            for expression in _outputs(text):
                found |= references(expression.tree, own)
        if isinstance(item, Question) and item.choices and item.choices.filter:
            # relative paths in a filter are columns of the list
            found |= references(item.choices.filter.tree, current=own)
        return (path for place in found if (path := place.removeprefix(root)) in self._items)


def _with_inner(container: Container) -> Iterator[Item]:
    """What a container has, with what its sections have; one that says nothing is no heading."""
    for item in container.items:
        if not isinstance(item, Section):
            yield item
            continue
        if item.label:
            yield item
        yield from _with_inner(item)


def _with_their_notes(run: Iterable[Item]) -> Iterator[list[Item]]:
    """Each question with the notes and headings before it, which introduce it."""
    unit: list[Item] = []
    for item in run:
        unit.append(item)
        if isinstance(item, Question) and not is_heading(item):
            yield unit
            unit = []
    if unit:
        yield unit


def _evenly(units: list[list[Item]], most: int) -> Iterator[list[Item]]:
    """As few pages as the limit allows, all about equally long: 3 and 3 rather than 5 and 1."""
    pages = -(-len(units) // most)
    for page in range(pages):
        share = units[page * len(units) // pages : (page + 1) * len(units) // pages]
        yield [item for unit in share for item in unit]


def _texts(item: Item) -> tuple[Text, ...]:
    return (item.label, item.hint, item.guidance) if isinstance(item, Question | Note) else (item.label,)


def _outputs(text: Text) -> Iterator[Expression]:
    for wording in text.wordings.values():
        yield from (piece for piece in wording if isinstance(piece, Expression))


@lru_cache(maxsize=_KEPT_PLANS)
def paging_of(questionnaire: Questionnaire) -> Paging:
    """The pages of a questionnaire; those used last are kept."""
    return Paging(questionnaire)
