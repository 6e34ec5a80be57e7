"""What an expression depends on: paths, choice lists, the clock and chance."""

from __future__ import annotations

from typing import TypeAlias

from surveyapp.questionnaires.definition import Tree
from surveyapp.questionnaires.expressions.signatures import ONLY_OURS
from surveyapp.questionnaires.expressions.trees import PATHS, parts, steps, walk

#: Names from the root down; None: not a place in the answers.
_Place: TypeAlias = tuple[str, ...] | None

#: Functions whose result differs from one evaluation to the next although no answer changed.
VOLATILE = frozenset({"now", "random", "randomize", "today", "uuid"})


def references(tree: Tree, context: str | None = None, current: str | None = None) -> frozenset[str]:
    """Absolute paths (`/data/child/c_age`) of all that the expression reads, predicates included.

    `context` is the absolute path of the node that the expression stands in; without it relative paths
    are left out, as is right for a choice filter, where they are columns of the list. `current` is the
    path of what `current()` means, if that is another node (in a choice filter: the question). Positions
    are left out, `*` stays.
    """
    node = _place(context)
    own = node if current is None else _place(current)
    found: set[_Place] = set()
    _read(tree, node, own, found)
    return frozenset("/" + "/".join(place) for place in found if place)


def is_volatile(tree: Tree) -> bool:
    """Whether evaluating again may give another value although no answer changed.

    True with `now`, `today`, `random`, `uuid`, and with `randomize` unless it has a seed.
    """
    return any(
        call[1] in VOLATILE and not (call[1] == "randomize" and len(call) > 3)
        for call in walk(tree)
        if call[0] == "call"
    )


def functions(tree: Tree) -> frozenset[str]:
    """Names of the functions that the expression calls."""
    return frozenset(call[1] for call in walk(tree) if call[0] == "call")


def unknown_to_collect(tree: Tree) -> frozenset[str]:
    """Functions in it that ODK Collect has not got: it would stop at them when the form is filled."""
    return functions(tree) & ONLY_OURS.keys()


def attributes(tree: Tree) -> frozenset[str]:
    """Names of the attributes (`@id`) that the expression reads of answers, predicates left out."""
    paths = (part for part in walk(tree) if part[0] in PATHS - {"instance"})
    names = (step[0] for path in paths for step in steps(path))
    return frozenset(name for name in names if name.startswith("@"))


def instances(tree: Tree) -> frozenset[str]:
    """Names of the secondary instances (choice lists, files) that the expression reads.

    A file that `pulldata` names by an expression cannot be known beforehand and is left out.
    """
    return frozenset(filter(None, map(_instance_read, walk(tree))))


def _instance_read(tree: Tree) -> str | None:
    return tree[1] if tree[0] == "instance" else _file_pulled(tree)


def files_pulled(tree: Tree) -> frozenset[str]:
    """Names, without `.csv`, of the files that `pulldata` reads, as far as they are given in quotes."""
    return frozenset(name for part in walk(tree) if (name := _file_pulled(part)))


def _file_pulled(tree: Tree) -> str | None:
    match tree:
        case ["call", "pulldata", ["string", str() as name], *_]:
            return name.removesuffix(".csv")
    return None


def _place(path: str | None) -> _Place:
    return None if path is None else tuple(path.strip("/").split("/"))


def _read(tree: Tree, node: _Place, current: _Place, found: set[_Place]) -> None:
    """Add the places that a tree reads to those found; `node` is its context's place."""
    if tree[0] not in PATHS:
        for part in parts(tree):
            _read(part, node, current, found)
        return
    place = _start(tree, node, current)
    for step in steps(tree):
        place = _next(place, step[0])
        for predicate in step[1:]:
            _read(predicate, place, current, found)
    found.add(place)


def _start(tree: Tree, node: _Place, current: _Place) -> _Place:
    if tree[0] == "absolute":
        return ()
    return {"relative": node, "current": current}.get(tree[0])


def _next(place: _Place, name: str) -> _Place:
    if place is None or name == "." or name[0] == "@":
        return place  # an attribute is relevant when its element is
    return place[:-1] if name == ".." else (*place, name)
