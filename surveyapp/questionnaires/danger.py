"""Which answers tell that somebody saw, or fears, danger to a child.

They are kept out of what is handed to a family unless an officer says otherwise: whoever asks for a copy
may be the one whom the child fears.
"""

from __future__ import annotations

from collections.abc import Iterator

from surveyapp.questionnaires.definition import Expression, Item, Questionnaire, Valued
from surveyapp.questionnaires.dependencies import Dependencies, dependencies_of


def about_danger(questionnaire: Questionnaire) -> frozenset[str]:
    """Item paths of disclosures, of the guarded answers they follow from, and of what follows from them.

    A disclosure also reads answers that tell nothing by themselves (an age); only sensitive ones, and
    those that point at a person, are taken along.
    """
    items = {item.path: item for item in questionnaire.walk()}
    dependencies = dependencies_of(questionnaire)
    found: set[str] = set()
    waiting = [path for path, item in items.items() if isinstance(item, Valued) and item.disclosure]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += [each for each in _read_by(items[path], dependencies) if _guarded(items[each])]
    return frozenset(found | _following(questionnaire, found))


def _read_by(item: Item, dependencies: Dependencies) -> set[str]:
    read = set(dependencies.directly_before(item.path))
    if isinstance(item, Valued) and item.disclosure:
        read |= dependencies.read_by(item.disclosure.condition, item)
    return read


def _guarded(item: Item) -> bool:
    return isinstance(item, Valued) and (item.sensitive or item.identity)


def _following(questionnaire: Questionnaire, telling: set[str]) -> set[str]:
    """With what is only asked because of it, counted or calculated by it; a section with all in it."""
    dependencies = dependencies_of(questionnaire)
    reads = {
        item.path: {item.path.rpartition("/")[0]}.union(
            *(dependencies.read_by(expression, item) for expression in _deciding(item))
        )
        for item in questionnaire.walk()
    }
    found = set(telling)
    while more := {path for path, read in reads.items() if path not in found and read & found}:
        found |= more
    return found


def _deciding(item: Item) -> Iterator[Expression]:
    """Says whether an item is asked, how often, or what it comes to."""
    names = ("relevant", "count", "calculation")
    expressions = (getattr(item, name, None) for name in names)
    return (expression for expression in expressions if expression is not None)
