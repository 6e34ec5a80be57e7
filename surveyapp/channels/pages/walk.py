"""The pages of one interview in their order, and which of them have something to ask now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from surveyapp.channels.pages.paging import Page, PlannedPage, paging_of
from surveyapp.questionnaires.definition import Question, Roster
from surveyapp.questionnaires.interview import Interview


@dataclass
class Walk:
    """A view of an interview as pages; make a new one after the answers have changed."""

    interview: Interview

    @cached_property
    def pages(self) -> tuple[Page, ...]:
        """Every page of every roster instance there is, whether it asks something now or not."""
        planned = paging_of(self.interview.questionnaire).pages
        return tuple(self._expand(planned, ()))

    def _expand(self, planned: Sequence[PlannedPage], positions: tuple[int, ...]) -> Iterator[Page]:
        """The pages for the given instances of the rosters around them; inner rosters in turn."""
        depth = len(positions)
        for _path, run in groupby(planned, lambda page: _path_at(page, depth)):
            group = list(run)
            roster = _roster_at(group[0], depth)
            if roster is None:
                yield from (Page(page, positions) for page in group)
                continue
            for position in range(1, self.count(group[0], roster, positions) + 1):
                yield from self._expand(group, (*positions, position))

    def count(self, planned: PlannedPage, roster: Roster, positions: tuple[int, ...]) -> int:
        """How many instances a roster has inside the given instances of those around it."""
        return self.interview.instances(_whole(planned, roster, positions))

    def open_pages(self) -> list[Page]:
        """The pages that have something to ask or to say."""
        return [page for page in self.pages if self.is_open(page)]

    def is_open(self, page: Page) -> bool:
        """Whether anything on a page is relevant."""
        if page.planned.lists is not None:
            return self.interview.relevant(page.listed)
        return any(self.interview.relevant(path) for path, _item in page.nodes())

    def find(self, key: str) -> Page | None:
        """The page of a key; None when there is none now."""
        return next((page for page in self.pages if page.key == key), None)

    def after(self, page: Page) -> Page | None:
        """The next page with something to ask; None: everything has been asked."""
        return next((each for each in self._behind(page) if self.is_open(each)), None)

    def before(self, page: Page) -> Page | None:
        """The page before; None: this is the first."""
        earlier = self.pages[: self._index(page)]
        return next((each for each in reversed(earlier) if self.is_open(each)), None)

    def nearest(self, page: Page) -> Page | None:
        """The page itself if it asks something, else the next that does, else the last before it."""
        return page if self.is_open(page) else self.after(page) or self.before(page)

    def page_of(self, path: str) -> Page | None:
        """The page that a question is on, by its node path."""
        return self._by_node.get(path)

    def asked(self, page: Page) -> list[str]:
        """Node paths of the questions that a page asks now; those that only show a value left out."""
        return [
            path
            for path, item in page.nodes()
            if isinstance(item, Question)
            and self.interview.relevant(path)
            and not self.interview.read_only(path)
        ]

    def question(self, path: str) -> Question:
        """The question at a node. Raises `KeyError` when no page has it."""
        return self._questions[path]

    @cached_property
    def _by_node(self) -> dict[str, Page]:
        return {path: page for page in self.pages for path, _item in page.nodes()}

    @cached_property
    def _questions(self) -> dict[str, Question]:
        return {
            path: item
            for page in self.pages
            for path, item in page.nodes()
            if isinstance(item, Question)
        }

    def _index(self, page: Page) -> int:
        return next((index for index, each in enumerate(self.pages) if each == page), len(self.pages))

    def _behind(self, page: Page) -> tuple[Page, ...]:
        return self.pages[self._index(page) + 1 :]


def _roster_at(page: PlannedPage, depth: int) -> Roster | None:
    return page.rosters[depth] if len(page.rosters) > depth else None


def _path_at(page: PlannedPage, depth: int) -> str | None:
    roster = _roster_at(page, depth)
    return roster.path if roster else None


def _whole(planned: PlannedPage, roster: Roster, positions: tuple[int, ...]) -> str:
    """Node path of a roster as a whole."""
    around = Page(PlannedPage(0, planned.container, (), planned.rosters[: len(positions)]), positions)
    return around.node_path(roster.path)
