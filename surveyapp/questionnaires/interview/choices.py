"""The choices that a question offers: its list after the author's filter, or a roster's instances."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING

from surveyapp.questionnaires.definition import (
    Choice,
    ChoiceSource,
    Expression,
    Question,
    RosterChoices,
    Text,
)
from surveyapp.questionnaires.expressions import (
    Context,
    EvaluationError,
    Node,
    compile_expression,
    compiled,
    to_boolean,
)
from surveyapp.questionnaires.expressions.functions.nodesets import randomize
from surveyapp.questionnaires.expressions.lookups import Lookup, lookup_of
from surveyapp.questionnaires.interview.lists import Row, choice_at, text_at
from surveyapp.questionnaires.interview.nodes import Leaf
from surveyapp.questionnaires.interview.searches import found_by_search

if TYPE_CHECKING:  # which asks for a choice's name
    from surveyapp.questionnaires.interview.scope import Scope


def offered(scope: Scope, leaf: Leaf) -> tuple[Choice, ...]:
    """The choices that a question offers now."""
    source = leaf.item.choices if isinstance(leaf.item, Question) else None
    if source is None:
        return ()
    rows = list(_offered(scope, source, leaf))
    if source.randomize:
        rows = _shuffled(rows, scope, source, leaf)
    return tuple(choice for choice, _ in rows)


def unoffered(scope: Scope, leaf: Leaf) -> list[str]:
    """The names in a question's answer that it does not offer (any more).

    None of a list whose file is missing.
    """
    source = leaf.item.choices if isinstance(leaf.item, Question) else None
    if source is None or _is_unknown(scope, source):
        return []
    return [name for name in chosen(leaf) if offered_row(scope, source, leaf, name) is None]


def _is_unknown(scope: Scope, source: ChoiceSource) -> bool:
    whole = scope.plan.questionnaire
    name = source.search.file if source.search else source.instance
    return name in whole.external_lists and name not in whole.instances


def chosen(leaf: Leaf) -> list[str]:
    """The names of the choices that a question's answer has."""
    if leaf.stored is None:
        return []
    return list(leaf.stored) if isinstance(leaf.stored, list) else [str(leaf.stored)]


def offered_row(scope: Scope, source: ChoiceSource, leaf: Leaf, name: str) -> Row | None:
    """What a question offers under a name."""
    if source.roster or source.nodes or source.search:
        rows = iter(_offered(scope, source, leaf))
        return next((row for row in rows if row[0].name == name), None)
    named = scope.plan.list_nodes(source).named(name)
    if source.filter is None:
        return named[0] if named else None
    return next((row for row in named if _passes(scope, source, row[1], leaf)), None)


def _offered(scope: Scope, source: ChoiceSource, leaf: Leaf) -> Iterable[Row]:
    """The choices after the filter, in the order of their list."""
    if source.search:
        return found_by_search(scope, source, source.search, leaf)
    rows = _candidates(scope, source, leaf)
    return [row for row in rows if _passes(scope, source, row[1], leaf)]


def _candidates(scope: Scope, source: ChoiceSource, leaf: Leaf) -> Iterable[Row]:
    """The choices that the filter may let through."""
    if source.nodes:
        return _at_nodes(scope, source, source.nodes, leaf)
    if source.roster:
        return _of_roster(scope, source.roster)
    nodes = scope.plan.list_nodes(source)
    lookup = _lookup(source.filter) if source.filter else None
    if lookup:
        with suppress(EvaluationError):  # each row is tried then, and the fault noted
            return nodes.looked_up(lookup, Context(scope, leaf, leaf))
    return nodes.rows()


@lru_cache(maxsize=1024)
def _lookup(condition: Expression) -> Lookup | None:
    return lookup_of(condition.tree, compile_expression)


def _at_nodes(scope: Scope, source: ChoiceSource, path: Expression, leaf: Leaf) -> Iterator[Row]:
    """The choices that a path leads to; as in JavaRosa, one whose name is empty too."""
    language = scope.plan.questionnaire.default_language
    for node in scope.nodes(compiled(path), leaf, "itemset"):
        yield choice_at(node, source.value, source.label, language), node


def _of_roster(scope: Scope, source: RosterChoices) -> Iterator[Row]:
    """A choice for each relevant instance; as in JavaRosa, for one whose name is empty too."""
    instances: list[Node] = [scope.root]
    for step in source.path.split("/"):
        instances = [child for node in instances for child in node.children(step)]
    for instance in instances:
        if instance.relevant:
            name, label = text_at(instance, source.name), (text_at(instance, source.label),)
            yield Choice(name, Text({scope.plan.questionnaire.default_language: label})), instance


def _passes(scope: Scope, source: ChoiceSource, node: Node, leaf: Leaf) -> bool:
    if source.filter is None:
        return True
    result = scope.evaluate(compiled(source.filter), node, "choice_filter", current=leaf)
    # a filter that cannot be evaluated rather offers too much than makes a question unanswerable
    return result is None or to_boolean(result)


def _shuffled(rows: Sequence[Row], scope: Scope, source: ChoiceSource, leaf: Leaf) -> list[Row]:
    """The rows in the order that `randomize` gives their nodes."""
    seed = [] if source.seed is None else [scope.evaluate(compiled(source.seed), leaf, "randomize")]
    context = Context(scope, leaf, leaf)
    nodes = randomize(context, tuple(node for _, node in rows), *(each or "" for each in seed))
    order = {id(node): position for position, node in enumerate(nodes)}
    return sorted(rows, key=lambda row: order[id(row[1])])
