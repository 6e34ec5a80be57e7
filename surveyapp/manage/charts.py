"""The geometry of charts that are drawn as SVG on the server: no script, no inline style."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Label = TypeVar("Label")


@dataclass(frozen=True, slots=True)
class Bar(Generic[Label]):
    """One bar: what it stands for, its count, and its length as a share of 100."""

    label: Label
    count: int
    length: float


def bars(counts: Sequence[tuple[Label, int]]) -> list[Bar[Label]]:
    """Bars to scale: the largest count is 100 long, and whatever is there at all can be seen."""
    largest = max((count for _label, count in counts), default=0)
    return [Bar(label, count, _length(count, largest)) for label, count in counts]


def _length(count: int, largest: int) -> float:
    return round(max(1.0, 100 * count / largest), 2) if count else 0.0
