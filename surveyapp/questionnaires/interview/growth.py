"""How the answers' tree grows from the definition, one roster instance at a time."""

from __future__ import annotations

from surveyapp.questionnaires.definition import Roster, Section
from surveyapp.questionnaires.interview.nodes import Branch, Leaf


def grow(container: Branch, *, first: bool, counted: bool = False) -> None:
    """Grow the nodes of all items of a container's own item below it.

    With `first` each uncounted roster, with `counted` also each counted one, gets an instance: so
    begins a new form, but not a further instance of a roster around it, unless the form says so.
    """
    for item in container.item.items:
        if isinstance(item, Roster | Section):
            _grow_container(container, item, first=first, counted=counted)
        else:
            container.add(Leaf(item, container))


def _grow_container(container: Branch, item: Roster | Section, *, first: bool, counted: bool) -> None:
    if isinstance(item, Section):
        section = Branch(item, container)
        container.add(section)
        grow(section, first=first, counted=counted)
        return
    container.add_roster(item)
    if counted or item.count is None:
        for _ in range(_beginning(item, first=first)):
            add_instance(container, item, first=first, counted=counted)


def _beginning(roster: Roster, *, first: bool) -> int:
    """How many instances it has as soon as what it stands in is there."""
    if not first:
        return roster.initial_later
    return 1 if roster.initial is None else len(roster.initial)


def add_instance(container: Branch, roster: Roster, *, first: bool, counted: bool = False) -> Branch:
    """Append an instance to one of the container's rosters."""
    instance = Branch(roster, container, len(container.children(roster.name)) + 1)
    container.add(instance)
    grow(instance, first=first, counted=counted)
    return instance
