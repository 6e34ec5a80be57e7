"""The texts that a new form has in the XForm beside its items' defaults.

Those of roster instances that are not all alike, and those that an expression finds when it is evaluated
as the default.
"""

from __future__ import annotations

from collections.abc import Iterator

from surveyapp.questionnaires.definition import Element, Expression, Roster, Valued
from surveyapp.questionnaires.interview.nodes import Branch, Leaf, Node


def prefilled(branch: Branch) -> Iterator[tuple[Leaf, str]]:
    """Each leaf below a branch that has such a text, with the text, empty ones too."""
    for child in branch.children("*"):
        if isinstance(child, Leaf):
            yield from _found(child)
            continue
        given = _given(child)
        yield from prefilled(child) if given is None else _texts(child, given)


def _found(leaf: Leaf) -> Iterator[tuple[Leaf, str]]:
    item = leaf.item
    if isinstance(item, Valued) and isinstance(item.default, Expression) and item.text_default:
        yield leaf, item.text_default


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
