"""Strongly connected components: what can be reached from each other."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import TypeVar

Node = TypeVar("Node", bound=Hashable)


def components(
    nodes: Iterable[Node], following: Callable[[Node], Iterable[Node]]
) -> Iterator[list[Node]]:
    """The strongly connected components, also those of one node (Tarjan 1972, without recursion)."""
    index: dict[Node, int] = {}
    low: dict[Node, int] = {}
    stack: list[Node] = []
    waiting: set[Node] = set()
    for start in nodes:
        if start in index:
            continue
        work = [(start, iter(following(start)))]
        index[start] = low[start] = len(index)
        stack.append(start)
        waiting.add(start)
        while work:
            node, rest = work[-1]
            for each in rest:
                if each not in index:
                    index[each] = low[each] = len(index)
                    stack.append(each)
                    waiting.add(each)
                    work.append((each, iter(following(each))))
                    break
                if each in waiting:
                    low[node] = min(low[node], index[each])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    yield _taken(node, stack, waiting)


def _taken(node: Node, stack: list[Node], waiting: set[Node]) -> list[Node]:
    found = []
    while True:
        found.append(stack.pop())
        waiting.discard(found[-1])
        if found[-1] == node:
            return found


def shortest_cycle(nodes: list[Node], following: Callable[[Node], Iterable[Node]]) -> list[Node]:
    """A shortest way within a component from its first node back to it; first and last are the same."""
    inside, start = set(nodes), nodes[0]
    before: dict[Node, Node] = {}
    level = [start]
    while level:
        further: list[Node] = []
        for node in level:
            for each in following(node):
                if each == start:
                    return _way(start, node, before)
                if each in inside and each not in before:
                    before[each] = node
                    further.append(each)
        level = further
    return [start]


def _way(start: Node, last: Node, before: dict[Node, Node]) -> list[Node]:
    way = [start, last]
    while way[-1] != start:
        way.append(before[way[-1]])
    return way[::-1] if len(way) > 2 or last == start else [start, last, start]
