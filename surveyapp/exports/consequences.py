"""What tells an answer that was lost: whatever the questionnaire makes of it.

The name of a district tells its region, and so does what is calculated of the region, and that
something was answered which is asked in one region alone. What is asked from an age on
(`${age} >= 6`) is left: it tells which side of it somebody is, and no more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from surveyapp.questionnaires.definition import (
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
from surveyapp.questionnaires.dependencies import Dependencies, dependencies_of

_ORDER = frozenset({"<", "<=", ">", ">="})
#: true of everything, in the place of a comparison that is left
_ANY: Tree = ["number", 1]


def told_by(definition: Questionnaire, lost: Collection[str]) -> frozenset[str]:
    """The paths of lost answers, with those of all items that would tell one of them."""
    dependencies = dependencies_of(definition)
    items = {item.path: item for item in walk(definition.root)}
    found: set[str] = set(lost)
    size = -1
    while len(found) > size:  # lists may hang on each other in any order
        size = len(found)
        for path, item in items.items():
            if path.rpartition("/")[0] in found or _reads(item, found, dependencies):
                found.add(path)
            found.update(_set_by(item, found, items, dependencies))
    return frozenset(found)


def _reads(item: Item, lost: Collection[str], dependencies: Dependencies) -> bool:
    return any(not dependencies.read_by(each, item).isdisjoint(lost) for each in _making(item))


def _making(item: Item) -> Iterator[Expression]:
    """What an answer is made of, and when there is one."""
    if item.relevant is not None:
        yield replace(item.relevant, tree=_without_order(item.relevant.tree))
    found: list[Expression | str | None] = []
    if isinstance(item, Roster):
        found.append(item.count)
    if isinstance(item, Valued):
        found.append(item.default)
    if isinstance(item, Question | Calculation):
        found.append(item.calculation)
    if isinstance(item, Question) and item.choices:
        found += [item.choices.filter, item.choices.nodes]
    yield from (each for each in found if isinstance(each, Expression))


def _without_order(tree: Tree) -> Tree:
    if tree and isinstance(tree[0], str) and tree[0] in _ORDER:
        return _ANY
    return [_without_order(part) if isinstance(part, list) else part for part in tree]


def _set_by(
    item: Item, lost: Collection[str], items: dict[str, Item], dependencies: Dependencies
) -> Iterator[str]:
    """What a change of an answer sets elsewhere, if one of the two is lost."""
    for each in item.assignments if isinstance(item, Question | Roster) else ():
        target = items.get(each.target)
        if target is not None and (
            item.path in lost or not dependencies.read_by(each.value, target).isdisjoint(lost)
        ):
            yield each.target
