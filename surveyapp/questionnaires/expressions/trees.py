"""The shape of trees: what is a path, what lies inside what."""

from __future__ import annotations

from collections.abc import Iterator

from surveyapp.questionnaires.definition import Tree

#: Trees of these kinds are paths.
PATHS = frozenset({"absolute", "relative", "current", "instance"})


def steps(path: Tree) -> list[Tree]:
    """The steps of a path."""
    return path[2:] if path[0] == "instance" else path[1:]


def parts(tree: Tree) -> list[Tree]:
    """The trees directly in a tree: operands, arguments, predicates."""
    if tree[0] in PATHS:
        return [predicate for step in steps(tree) for predicate in step[1:]]
    return [part for part in tree[1:] if isinstance(part, list)]


def walk(tree: Tree) -> Iterator[Tree]:
    """The tree and all trees in it."""
    waiting = [tree]
    while waiting:
        yield (next_ := waiting.pop())
        waiting += parts(next_)


def depth(tree: Tree) -> int:
    """How many levels of trees there are."""
    levels, level = 0, [tree]
    while level:
        levels += 1
        level = [part for each in level for part in parts(each)]
    return levels


def from_below(tree: Tree, levels: int) -> Tree:
    """What a tree says at a node, said at a node so many levels below that one."""
    return _moved(tree, [[".."]] * levels, relative=True)


def _moved(tree: Tree, up: list[Tree], *, relative: bool) -> Tree:
    """`relative`: relative paths begin at the node, not at a step that they are a condition of."""
    if tree[0] not in PATHS:
        return [_moved(part, up, relative=relative) if isinstance(part, list) else part for part in tree]
    begins = tree[0] == "current" or (relative and tree[0] == "relative")
    inside = [
        [name, *(_moved(part, up, relative=False) for part in some)] for name, *some in steps(tree)
    ]
    plain = [step for step in inside if step != ["."]] if begins else inside
    return [*tree[: len(tree) - len(inside)], *(up if begins else []), *plain]


def is_plain_path(tree: Tree) -> bool:
    """Whether a tree is a path into the answers without predicates."""
    return tree[0] in PATHS - {"instance"} and not parts(tree)
