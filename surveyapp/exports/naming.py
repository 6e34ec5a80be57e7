"""Names of columns and tables: an item's own name where that is clear, else its path."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import count

#: before the path of an item whose own name is that of a column that every submission has
ANSWERS = "answers"


def names_of(paths: Iterable[str], reserved: Iterable[str]) -> dict[str, str]:
    """A name for each item path, no two the same and none that is reserved, upper and lower case alike.

    `visit/a_region` is `a_region` when no other item has that name, else `visit-a_region`; an item at
    the top called `status` is `answers-status`. The answer does not depend on which items are asked for.
    """
    every = list(dict.fromkeys(paths))
    shared = Counter(_last(path).casefold() for path in every)
    taken = {name.casefold() for name in reserved}
    names = {}
    for path in every:
        plain = _last(path)
        if shared[plain.casefold()] == 1 and plain.casefold() not in taken:
            names[path] = plain
    taken |= {name.casefold() for name in names.values()}
    for path in every:
        if path not in names:
            names[path] = next(name for name in _longer(path) if name.casefold() not in taken)
            taken.add(names[path].casefold())
    return {path: names[path] for path in every}


def _last(path: str) -> str:
    return path.rpartition("/")[2]


def _longer(path: str) -> Iterator[str]:
    dashed = path.replace("/", "-")
    yield dashed
    yield f"{ANSWERS}-{dashed}"
    for number in count(2):
        yield f"{ANSWERS}-{dashed}-{number}"
