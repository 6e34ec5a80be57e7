"""Equalities in a predicate that rows of a table can be looked up by, instead of trying each of them.

`[region = /data/a_region and kind != 'x']` can be true only for rows whose `region` equals one value,
which does not depend on the row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias, runtime_checkable

from surveyapp.questionnaires.definition import Tree
from surveyapp.questionnaires.expressions.context import Context, Node, Scalar
from surveyapp.questionnaires.expressions.conversions import Value, unpack
from surveyapp.questionnaires.expressions.references import VOLATILE
from surveyapp.questionnaires.expressions.trees import walk

_Compiled: TypeAlias = Callable[[Context], Value]
#: Functions whose value depends on the node that they are evaluated at.
_OF_THE_NODE = frozenset({"position", "once"}) | VOLATILE


@runtime_checkable
class Indexed(Protocol):
    """A node whose children can be looked up."""

    def matching(self, column: str, value: Scalar) -> Sequence[Node] | None:
        """All children whose `column` may equal a value, in order; None: only trying can tell."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """A column, and what it has to equal."""

    column: str
    value: _Compiled

    def find(self, parent: Node, name: str, context: Context) -> Sequence[Node]:
        """The children of a name for which the predicate may be true; with doubt, all of them."""
        children = parent.children(name)
        if not isinstance(parent, Indexed) or not children or children[0].name != name:
            return children
        value = unpack(self.value(Context(context.scope, children[0], context.current)))
        found = parent.matching(self.column, value)
        return children if found is None else found


def lookup_of(predicate: Tree, compile_: Callable[[Tree], _Compiled]) -> Lookup | None:
    """How the rows that a predicate may be true for are looked up; None if it says no such thing."""
    return next((Lookup(column, compile_(value)) for column, value in _equalities(predicate)), None)


def _equalities(predicate: Tree) -> Iterator[tuple[str, Tree]]:
    match predicate:
        case ["and", *parts]:
            for part in parts:
                yield from _equalities(part)
        case ["=", ["relative", [column]], value] if _may_be_looked_up(column, value):
            yield column, value
        case ["=", value, ["relative", [column]]] if _may_be_looked_up(column, value):
            yield column, value


def _may_be_looked_up(column: str, value: Tree) -> bool:
    return column not in {".", "..", "*"} and _is_the_same_for_all_rows(value)


def _is_the_same_for_all_rows(tree: Tree) -> bool:
    return not any(
        part[0] == "relative" or (part[0] == "call" and part[1] in _OF_THE_NODE) for part in walk(tree)
    )
