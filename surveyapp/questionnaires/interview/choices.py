"""The choices that a question offers: its list after the author's filter, or a roster's instances."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from surveyapp.questionnaires.definition import (
    Choice,
    ChoiceSource,
    Question,
    RosterChoices,
    Text,
)
from surveyapp.questionnaires.expressions import Context, Node, compiled, to_boolean, to_string
from surveyapp.questionnaires.expressions.functions.nodesets import randomize
from surveyapp.questionnaires.interview.nodes import Leaf
from surveyapp.questionnaires.interview.scope import Scope

#: a choice, and the node that stands for it in expressions
_Row: TypeAlias = tuple[Choice, Node]


def offered(scope: Scope, leaf: Leaf) -> tuple[Choice, ...]:
    """The choices that a question offers now."""
    source = leaf.item.choices if isinstance(leaf.item, Question) else None
    if source is None:
        return ()
    rows = [row for row in _all(scope, source) if _passes(scope, source, row[1], leaf)]
    if source.randomize:
        rows = _shuffled(rows, scope, source, leaf)
    return tuple(choice for choice, _ in rows)


def unoffered(scope: Scope, leaf: Leaf) -> list[str]:
    """The names in a question's answer that it does not offer (any more)."""
    source = leaf.item.choices if isinstance(leaf.item, Question) else None
    if source is None or source.list_name in scope.plan.questionnaire.external_lists:
        return []
    return [name for name in chosen(leaf) if not _offers(scope, source, leaf, name)]


def chosen(leaf: Leaf) -> list[str]:
    """The names of the choices that a question's answer has."""
    if leaf.stored is None:
        return []
    return list(leaf.stored) if isinstance(leaf.stored, list) else [str(leaf.stored)]


def _offers(scope: Scope, source: ChoiceSource, leaf: Leaf, name: str) -> bool:
    return any(_passes(scope, source, node, leaf) for _, node in _named(scope, source, name))


def _all(scope: Scope, source: ChoiceSource) -> Sequence[_Row]:
    if source.roster:
        return list(_of_roster(scope, source.roster))
    nodes = scope.plan.list_nodes(source.list_name)
    return nodes.rows if nodes else ()


def _named(scope: Scope, source: ChoiceSource, name: str) -> Sequence[_Row]:
    if source.roster:
        return [row for row in _of_roster(scope, source.roster) if row[0].name == name]
    nodes = scope.plan.list_nodes(source.list_name)
    return nodes.named(name) if nodes else ()


def _of_roster(scope: Scope, source: RosterChoices) -> Iterator[_Row]:
    """A choice for each relevant instance that has a name."""
    instances: list[Node] = [scope.root]
    for step in source.path.split("/"):
        instances = [child for node in instances for child in node.children(step)]
    for instance in instances:
        name = _text_at(instance, source.name)
        if name and instance.relevant:
            label = (_text_at(instance, source.label),)
            yield Choice(name, Text({scope.plan.questionnaire.default_language: label})), instance


def _text_at(instance: Node, path: str) -> str:
    node: Node | None = instance
    for step in path.removeprefix("./").split("/"):
        node = next(iter(node.children(step)), None) if node else None
    return to_string(node.value()) if node else ""


def _passes(scope: Scope, source: ChoiceSource, node: Node, leaf: Leaf) -> bool:
    if source.filter is None:
        return True
    result = scope.evaluate(compiled(source.filter), node, "choice_filter", current=leaf)
    # a filter that cannot be evaluated rather offers too much than makes a question unanswerable
    return result is None or to_boolean(result)


def _shuffled(rows: Sequence[_Row], scope: Scope, source: ChoiceSource, leaf: Leaf) -> list[_Row]:
    """The rows in the order that `randomize` gives their nodes."""
    seed = [] if source.seed is None else [scope.evaluate(compiled(source.seed), leaf, "randomize")]
    context = Context(scope, leaf, leaf)
    nodes = randomize(context, tuple(node for _, node in rows), *(each or "" for each in seed))
    order = {id(node): position for position, node in enumerate(nodes)}
    return sorted(rows, key=lambda row: order[id(row[1])])
