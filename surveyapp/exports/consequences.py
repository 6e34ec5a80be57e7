"""What tells an answer that was lost: whatever the questionnaire makes of it, or made it of.

The name of a district tells its region, and so does what is calculated of the region, and that
something was answered which is asked, or taken, in one region alone. A breakdown that is calculated
itself is told by what it is calculated of. What is asked from an age on (`${age} >= 6`) is left: it
tells which side of it somebody is, and no more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from surveyapp.questionnaires.definition import (
    Assignment,
    Calculation,
    Expression,
    Item,
    Question,
    Questionnaire,
    Roster,
    Tree,
    Valued,
    walk,
)
from surveyapp.questionnaires.dependencies import dependencies_of
from surveyapp.questionnaires.expressions.trees import PATHS, parts, steps

_ORDER = frozenset({"<", "<=", ">", ">="})
#: true of everything, in the place of a comparison that is left
_ANY: Tree = ["number", 1]
#: names from the root of the answers down
_Place: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lost:
    """What goes with the breakdowns of an entry of a roster, by path."""

    #: in that entry, its breakdowns among it
    within: frozenset[str]
    #: in the whole submission: what is made of several entries, or stands outside
    outside: frozenset[str]

    @property
    def everything(self) -> frozenset[str]:
        """Both."""
        return self.within | self.outside


def told_by(definition: Questionnaire, lost: Collection[str]) -> frozenset[str]:
    """The paths of lost answers, with those of all items that would tell one of them."""
    following = _Following(definition)
    following.outside = set(lost) | following.makings(lost)
    following.follow()
    return frozenset(following.outside)


def told_by_entry(
    definition: Questionnaire, roster: str, lost: Collection[str], declared: Collection[str]
) -> Lost:
    """The same of answers that one entry of a roster lost.

    `declared`: the paths of all breakdowns. One outside of the entry, or of another entry, stays, with
    what it stands in: it goes with a group of its own, and who loses it for another reason would make
    that group smaller.
    """
    kept = {*declared, *(above for path in declared for above in _around(path))}
    following = _Following(definition, roster, kept)
    for path in {*lost, *following.makings(lost)}:
        following.add(path, is_within=following.is_below(path))
    following.follow()
    return Lost(frozenset(following.within), frozenset(following.outside))


class _Following:
    """Paths of what is lost, and of what follows."""

    def __init__(
        self, definition: Questionnaire, roster: str | None = None, kept: Collection[str] = ()
    ) -> None:
        self._dependencies = dependencies_of(definition)
        self._items = {item.path: item for item in walk(definition.root)}
        self._roster = roster
        self._kept = kept
        self._entry = (definition.root_name, *(roster or "").split("/"))
        #: by path, what changes of other answers set it to
        self._set_elsewhere: dict[str, list[Expression]] = {}
        for item in self._items.values():
            for each in _assignments(item):
                self._set_elsewhere.setdefault(each.target, []).append(each.value)
        self.within: set[str] = set()
        self.outside: set[str] = set()

    def is_below(self, path: str) -> bool:
        """Whether an item stands in the roster."""
        return self._roster is not None and path.startswith(f"{self._roster}/")

    def makings(self, paths: Iterable[str]) -> set[str]:
        """What these are calculated of, and that of; the answers alone, not the rosters counted."""
        found: set[str] = set()
        waiting = list(paths)
        while waiting:
            item = self._items.get(waiting.pop())
            if item is not None:
                read = {
                    path
                    for each in self._setting(item)
                    for path in self._dependencies.read_by(each, item)
                }
                new = {path for path in read - found if isinstance(self._items[path], Valued)}
                found |= new
                waiting += new
        return found

    def _setting(self, item: Item) -> Iterator[Expression]:
        """What an answer is set to by the questionnaire."""
        calculation = item.calculation if isinstance(item, Question | Calculation) else None
        if calculation is not None:
            yield calculation
        yield from self._set_elsewhere.get(item.path, ())

    def add(self, path: str, *, is_within: bool) -> None:
        """Lose one more, in the entry or in the whole submission."""
        if path in self.outside:
            return
        if is_within:
            self.within.add(path)
        elif path not in self._kept:
            self.within.discard(path)
            self.outside.add(path)

    def follow(self) -> None:
        """Lose all that tells of what is lost already."""
        size = -1
        # lists may hang on each other in any order
        while len(self.within) + 2 * len(self.outside) > size:
            size = len(self.within) + 2 * len(self.outside)
            for path, item in self._items.items():
                self._look_at(path, path.rpartition("/")[0])
                for each in _making(item):
                    self._read(path, each, item)
                self._set_by(item)

    def _look_at(self, path: str, told: str) -> None:
        """Lose an item that is told of by another one of the same entry, or by one outside."""
        if told in self.outside:
            self.add(path, is_within=False)
        elif told in self.within:
            self.add(path, is_within=self.is_below(path))

    def _read(self, path: str, expression: Expression, item: Item) -> None:
        """Lose an item, if one of its expressions reads what is lost."""
        read = self._dependencies.read_by(expression, item)
        if not read.isdisjoint(self.outside):
            self.add(path, is_within=False)
        elif not read.isdisjoint(self.within):
            stays = self.is_below(path) and not self._crosses(expression.tree, item)
            self.add(path, is_within=stays)

    def _set_by(self, item: Item) -> None:
        """Lose what a change of an answer sets elsewhere, if one of the two is lost."""
        for each in _assignments(item):
            target = self._items.get(each.target)
            if target is not None:
                self._look_at(each.target, item.path)
                self._read(each.target, each.value, target)

    def _crosses(self, tree: Tree, item: Item) -> bool:
        own = (self._entry[0], *item.path.split("/"))
        return _Crossing(self._entry, own).is_by(tree, own, is_foreign=False)


class _Crossing:
    """Whether an expression in an entry of a roster reads other entries of it.

    It does if it goes up and comes down again, by a predicate, or by `indexed-repeat`. A plain path from
    the root is bound to the entry that it stands in (`expressions.paths`).
    """

    def __init__(self, entry: _Place, own: _Place) -> None:
        self._entry, self._own = entry, own

    def is_by(self, tree: Tree, node: _Place, *, is_foreign: bool) -> bool:
        """Whether a tree does, at a node that may be of another entry already."""
        if tree[0] in PATHS:
            return self._is_by_path(tree, node, is_foreign=is_foreign)
        if tree[:2] == ["call", "indexed-repeat"]:
            return True
        return any(self.is_by(part, node, is_foreign=is_foreign) for part in parts(tree))

    def _is_by_path(self, tree: Tree, node: _Place, *, is_foreign: bool) -> bool:
        if tree[0] == "absolute":
            place: _Place = ()
        else:
            place, is_foreign = (node, is_foreign) if tree[0] == "relative" else (self._own, False)
        is_bound = tree[0] == "absolute"
        for name, *predicates in steps(tree):
            place = place[:-1] if name == ".." else place if name == "." else (*place, name)
            is_bound = is_bound and not predicates
            if name == "*" and tree[0] != "instance":
                return True
            if place == self._entry and name not in {"..", "."}:  # down into one, from above
                is_foreign = not is_bound
            if any(self.is_by(each, place, is_foreign=is_foreign) for each in predicates):
                return True
        return is_foreign and place[: len(self._entry)] == self._entry


def _around(path: str) -> Iterator[str]:
    """The paths of the containers that an item stands in."""
    while path := path.rpartition("/")[0]:
        yield path


def _assignments(item: Item) -> Sequence[Assignment]:
    return item.assignments if isinstance(item, Question | Roster) else ()


def _making(item: Item) -> Iterator[Expression]:
    """What an answer is made of, when there is one, and what it is checked against: errors are told."""
    asked = [item.relevant]
    if isinstance(item, Valued):
        asked += [item.constraint, item.required]
    for each in asked:
        if each is not None:
            yield replace(each, tree=_without_order(each.tree))
    found: list[Expression | str | None] = []
    if isinstance(item, Roster):
        found.append(item.count)
    if isinstance(item, Valued):
        found.append(item.default)
    if isinstance(item, Question | Calculation):
        found.append(item.calculation)
    if isinstance(item, Question) and item.choices:
        found += [item.choices.filter, item.choices.nodes]
    yield from (made_of for made_of in found if isinstance(made_of, Expression))


def _without_order(tree: Tree) -> Tree:
    if tree and isinstance(tree[0], str) and tree[0] in _ORDER:
        return _ANY
    return [_without_order(part) if isinstance(part, list) else part for part in tree]
