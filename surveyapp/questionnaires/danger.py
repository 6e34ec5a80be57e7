"""Which answers tell that somebody saw, or fears, danger to a child.

They are kept out of what is handed to a family unless an officer says otherwise: whoever asks for a copy
may be the one whom the child fears.
"""

from __future__ import annotations

from surveyapp.questionnaires.definition import Item, Questionnaire, Valued
from surveyapp.questionnaires.dependencies import Dependencies, dependencies_of


def about_danger(questionnaire: Questionnaire) -> frozenset[str]:
    """Item paths of disclosures, of the guarded answers they follow from, and of what is asked then.

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
    return frozenset(found | _asked_then(questionnaire, found))


def _read_by(item: Item, dependencies: Dependencies) -> set[str]:
    read = set(dependencies.directly_before(item.path))
    if isinstance(item, Valued) and item.disclosure:
        read |= dependencies.read_by(item.disclosure.condition, item)
    return read


def _guarded(item: Item) -> bool:
    return isinstance(item, Valued) and (item.sensitive or item.identity)


def _asked_then(questionnaire: Questionnaire, telling: set[str]) -> set[str]:
    """What is only asked because of such an answer; a section with all that lies in it."""
    dependencies, found = dependencies_of(questionnaire), set[str]()
    for item in questionnaire.walk():  # a container comes before what lies in it
        container = item.path.rpartition("/")[0]
        reads = dependencies.read_by(item.relevant, item) if item.relevant else frozenset()
        if container in found or reads & (telling | found):
            found.add(item.path)
    return found
