"""The texts that the instances of a new form have in the XForm, where they are not all alike."""

from __future__ import annotations

from collections.abc import Iterator

from surveyapp.questionnaires.definition import Element, Roster
from surveyapp.questionnaires.interview.nodes import Branch, Leaf, Node


def prefilled(branch: Branch) -> Iterator[tuple[Leaf, str]]:
    """Each leaf below a branch whose text is in such an instance, with the text, empty ones too."""
    for child in branch.children("*"):
        if isinstance(child, Branch):
            given = _given(child)
            yield from prefilled(child) if given is None else _texts(child, given)


def _given(branch: Branch) -> Element | None:
    if not isinstance(branch.item, Roster) or not branch.item.initial:
        return None
    return branch.item.initial[branch.position - 1]


def _texts(node: Node, given: Element) -> Iterator[tuple[Leaf, str]]:
    if isinstance(node, Leaf):
        yield node, given.text
        return
    for name in dict.fromkeys(child.name for child in given.children):
        elements = [child for child in given.children if child.name == name]
        for child, element in zip(node.children(name), elements, strict=False):
            yield from _texts(child, element)
