"""Paths: the nodes that they lead to from a context.

An absolute path is bound to its context as JavaRosa binds it (`TreeReference.contextualize`): as far as
the names of the path and of the context's own line of ancestors agree, the path means *these* instances.
In the second child, `/data/child/c_age` is that child's age and `count(/data/child)` is 1. A step with a
predicate is not bound, the steps behind it are. Relative paths are never bound: `count(../../child)`
counts all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from surveyapp.questionnaires.definition import Tree
from surveyapp.questionnaires.expressions.context import Context, Node
from surveyapp.questionnaires.expressions.conversions import Nodeset, Value
from surveyapp.questionnaires.expressions.errors import EvaluationError
from surveyapp.questionnaires.expressions.lookups import Lookup, lookup_of

Compiled: TypeAlias = Callable[[Context], Value]
Compile: TypeAlias = Callable[[Tree], Compiled]
PathCompiled: TypeAlias = Callable[[Context], Nodeset]
#: The position that each level of a path is bound to; None: any.
Positions: TypeAlias = Sequence[int | None]

WILDCARD = "*"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path: a child's name (`*`: all children), `.` or `..`, and its predicates.

    `lookup`, if there is one, finds the nodes for which the first predicate may be true.
    """

    name: str
    predicates: tuple[Compiled, ...] = ()
    lookup: Lookup | None = None


def compile_steps(trees: Sequence[Tree], compile_: Compile) -> tuple[Step, ...]:
    """The steps of a path's tree."""
    return tuple(Step(tree[0], tuple(map(compile_, tree[1:]))) for tree in trees)


def compile_absolute(tree: Tree, compile_: Compile) -> PathCompiled:
    """A path from the root of the answers."""
    root, *steps = [step for step in compile_steps(tree[1:], compile_) if step.name != "."]

    def evaluate(context: Context) -> Nodeset:
        start = context.scope.root
        if root.name not in {start.name, WILDCARD}:
            return ()
        nodes = _filtered([start], root.predicates, context)
        return relevant(_descend(nodes, steps, context, _Binding(context)))

    if any(step.predicates or step.name == WILDCARD for step in (root, *steps)):
        return evaluate
    return _by_names((root.name, *(step.name for step in steps)), evaluate)


def _by_names(names: tuple[str, ...], otherwise: PathCompiled) -> PathCompiled:
    """The way of most absolute paths, to a node that stands in no roster."""

    def evaluate(context: Context) -> Nodeset:
        node = context.scope.unique.get(names)
        if node is None:
            return otherwise(context)
        return (node,) if node.relevant else ()

    return evaluate


def compile_relative(tree: Tree, compile_: Compile) -> PathCompiled:
    """A path from the context node."""
    return _from(lambda context: context.node, compile_steps(tree[1:], compile_))


def compile_current(tree: Tree, compile_: Compile) -> PathCompiled:
    """A path from the node that the whole expression stands in, also inside a predicate."""
    return _from(lambda context: context.current, compile_steps(tree[1:], compile_))


def _from(origin: Callable[[Context], Node], path: Sequence[Step]) -> PathCompiled:
    ups = sum(step.name == ".." for step in path)
    steps = [step for step in path if step.name not in {".", ".."}]
    start = (lambda context: _climb(origin(context), ups)) if ups else origin

    def evaluate(context: Context) -> Nodeset:
        return relevant(_descend([start(context)], steps, context))

    return _straight(start, steps, evaluate)


def _straight(
    start: Callable[[Context], Node], steps: Sequence[Step], otherwise: PathCompiled
) -> PathCompiled:
    """The way of most relative paths, one node at every step, so that nothing is to be filtered."""
    if any(step.predicates for step in steps):
        return otherwise
    names = [step.name for step in steps]

    def evaluate(context: Context) -> Nodeset:
        node = start(context)
        for name in names:
            nodes = node.children(name)
            if len(nodes) != 1:
                return otherwise(context)
            node = nodes[0]
        return (node,) if node.relevant else ()

    return evaluate


def compile_instance(tree: Tree, compile_: Compile) -> PathCompiled:
    """A path into a secondary instance (a choice list, a file)."""
    name = tree[1]
    steps = [_looked_up(step, compile_) for step in tree[2:] if step[0] != "."]

    def evaluate(context: Context) -> Nodeset:
        holder = context.scope.instance(name)
        if holder is None:
            raise EvaluationError("instance", name=name)
        return tuple(_descend([holder], steps, context))

    return evaluate


def _looked_up(tree: Tree, compile_: Compile) -> Step:
    step = compile_steps([tree], compile_)[0]
    return replace(step, lookup=lookup_of(tree[1], compile_)) if step.predicates else step


def nodes_at(context: Context, names: Sequence[str], positions: Positions) -> Nodeset:
    """The nodes at the end of absolute `names`, each level bound to its position, if it has one."""
    start = context.scope.root
    nodes = [start] if names[:1] == [start.name] else []
    for name, position in zip(names[1:], positions[1:], strict=True):
        nodes = [
            child
            for node in nodes
            for child in node.children(name)
            if position is None or child.position == position
        ]
    return relevant(nodes)


def line_of(node: Node) -> tuple[Node, ...]:
    """The node and all above it, the root first."""
    line = [node]
    while (parent := line[-1].parent) is not None:
        line.append(parent)
    return tuple(reversed(line))


def relevant(nodes: Sequence[Node]) -> Nodeset:
    """The nodes without the irrelevant ones, which no expression sees."""
    return tuple([node for node in nodes if node.relevant])


# ---------------------------------------------------------------- walking


class _Binding:
    """The context's own line, looked up only where a path meets several nodes of a name."""

    __slots__ = ("_context", "_line")

    def __init__(self, context: Context) -> None:
        self._context = context
        self._line: tuple[Node, ...] | None = None

    def position(self, names: Sequence[str]) -> int | None:
        """The position of the context's own node at the end of these names, if there is one."""
        if self._line is None:
            self._line = line_of(self._context.node)
        own = self._line[: len(names)]
        if [node.name for node in own] == list(names):
            return own[-1].position
        return None


def _descend(
    nodes: Sequence[Node],
    steps: Sequence[Step],
    context: Context,
    binding: _Binding | None = None,
) -> Sequence[Node]:
    predicated = False
    names: list[str] = [context.scope.root.name]
    for step in steps:
        names.append(step.name)
        nodes = [child for node in nodes for child in _children(node, step, context)]
        if step.predicates:
            nodes = _filtered(nodes, step.predicates, context)
            predicated = True
        elif binding and (predicated or len(nodes) > 1):
            position = binding.position(names)
            if position is not None:
                nodes = [node for node in nodes if node.position == position]
    return nodes


def _children(node: Node, step: Step, context: Context) -> Sequence[Node]:
    if step.lookup is None:
        return node.children(step.name)
    return step.lookup.find(node, step.name, context)


def _filtered(nodes: Sequence[Node], predicates: Sequence[Compiled], context: Context) -> Sequence[Node]:
    """The nodes for which every predicate is true; a number or a text selects nothing (JavaRosa)."""
    for number, predicate in enumerate(predicates):
        nodes = [
            node
            for index, node in enumerate(nodes, 1)
            if predicate(_inside(context, node, index if number else node.position)) is True
        ]
    return nodes


def _inside(context: Context, node: Node, position: int) -> Context:
    return Context(context.scope, node, context.current, position)


def _climb(node: Node, levels: int) -> Node:
    for _ in range(levels):
        parent = node.parent
        if parent is None:
            raise EvaluationError("above_root")
        node = parent
    return node


def absolute_names(tree: Tree, context: Context) -> Iterator[str]:
    """The names from the root to where a plain path leads from its context."""
    if tree[0] == "absolute":
        yield from (step[0] for step in tree[1:] if step[0] != ".")
        return
    start = context.node if tree[0] == "relative" else context.current
    steps = [step[0] for step in tree[1:] if step[0] != "."]
    ups = steps.count("..")
    yield from (node.name for node in line_of(_climb(start, ups)))
    yield from steps[ups:]
