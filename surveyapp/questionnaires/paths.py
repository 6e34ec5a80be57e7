"""Paths of nodes: `child[2]/c_age`, and what can be told from them.

An *item path* (`child/c_age`) names an item of the definition. A *node path* names one node of an
interview and so carries the 1-based position of every roster instance on its way; a roster without
a position (`child`, `child[2]/toy`) means the roster as a whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

_STEP = re.compile(r"([^/\[\]\s]+)(?:\[([1-9][0-9]{0,8})\])?")


class BadPath(ValueError):
    """The text is not the path of a node."""


@dataclass(frozen=True, slots=True)
class Step:
    """One name on a path, with the roster instance's 1-based position if it gives one."""

    name: str
    position: int | None = None

    def __str__(self) -> str:
        return self.name if self.position is None else f"{self.name}[{self.position}]"


NodePath: TypeAlias = tuple[Step, ...]


def parse_path(text: str) -> NodePath:
    """The steps of a node path; the empty text is the root. Raises `BadPath`."""
    return tuple(_parse_step(part) for part in text.split("/")) if text else ()


def _parse_step(part: str) -> Step:
    match = _STEP.fullmatch(part)
    if match is None:
        raise BadPath(f"not a step of a path: {part!r}")
    name, position = match.groups()
    return Step(name, int(position) if position else None)


def format_path(steps: NodePath) -> str:
    """The text of a node path, the inverse of `parse_path`."""
    return "/".join(map(str, steps))


def item_path(node_path: str) -> str:
    """Path of the item that a node belongs to: `child[2]/c_age` → `child/c_age`."""
    return "/".join(step.name for step in parse_path(node_path))


def join(parent: str, name: str, position: int | None = None) -> str:
    """Path of a node below another one; the root is the empty path."""
    step = name if position is None else f"{name}[{position}]"
    return f"{parent}/{step}" if parent else step


def is_below(path: str, ancestor: str) -> bool:
    """Whether a node path is `ancestor` itself or lies below it.

    A roster as a whole (`child`) has all its instances (`child[2]/c_age`) below it.
    """
    if not ancestor or path == ancestor:
        return True
    return path.startswith((ancestor + "/", ancestor + "["))
