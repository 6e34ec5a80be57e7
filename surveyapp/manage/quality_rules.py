"""What is unusual about an interviewer's records against those of the colleagues. Pure.

Each figure is held against the one in the middle of all colleagues (median), by how far colleagues
usually are from it (median absolute deviation): one odd colleague moves neither. Whoever has few records
is not judged, and nobody is where there are few colleagues. It is a reason to look, never a verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

_NORMAL = 0.6745


@dataclass(frozen=True, slots=True)
class Limits:
    """From which figures on something is unusual; a questionnaire may have its own."""

    #: records from which on somebody is judged, and colleagues who are
    records: int = 10
    colleagues: int = 4
    #: usual deviations from which on a figure is unusual (Iglewicz and Hoaglin, 1993: modified z-score)
    deviations: float = 3.5
    #: the least difference that matters: interviews shorter by this share of the colleagues' length …
    seconds: float = 0.3
    #: … and so much more of what is a share itself
    missing: float = 0.05
    straight: float = 0.15
    night: float = 0.1
    #: metres within which many visits to different households can hardly be
    spread: float = 30.0


USUAL = Limits()


@dataclass(frozen=True, slots=True)
class Rule:
    """What is looked at: in which direction it is unusual, and how the least difference is meant."""

    name: str
    #: 1: more than colleagues, -1: less
    direction: int
    #: whether the limit of this name is a share of the colleagues' figure
    is_share: bool = False


RULES = (Rule("seconds", -1, is_share=True), Rule("missing", 1), Rule("straight", 1), Rule("night", 1))


@dataclass(frozen=True, slots=True)
class Mark:
    """Something unusual: which rule, the figure, and that of the colleagues."""

    rule: str
    value: float
    usual: float | None = None


def marks(rows: Sequence[Any], limits: Limits = USUAL) -> dict[str, list[Mark]]:
    """Interviewer → what is unusual; rows as `Quality` has them."""
    judged = [row for row in rows if row.records >= limits.records]
    found: dict[str, list[Mark]] = {}
    for row in judged:
        each = [mark for rule in RULES if (mark := _against(rule, row, judged, limits))]
        each += [mark for alone in _ALONE if (mark := alone(row, limits))]
        if each:
            found[row.collector] = each
    return found


def _against(rule: Rule, row: Any, judged: Sequence[Any], limits: Limits) -> Mark | None:
    value = getattr(row, rule.name)
    others = [v for v in (getattr(each, rule.name) for each in judged) if v is not None]
    if value is None or len(others) < limits.colleagues:
        return None
    usual = median(others)
    away = rule.direction * (value - usual)
    deviation = median(abs(other - usual) for other in others)
    limit: float = getattr(limits, rule.name)
    least = limit * usual if rule.is_share else limit
    is_far = _NORMAL * away > limits.deviations * deviation
    return Mark(rule.name, value, usual) if is_far and away >= least else None


def _doubled(row: Any, _limits: Limits) -> Mark | None:
    return Mark("duplicates", row.duplicates) if row.duplicates else None


def _in_one_place(row: Any, limits: Limits) -> Mark | None:
    if row.spread is None or row.spread > limits.spread:
        return None
    return Mark("spread", row.spread)


_ALONE: tuple[Callable[[Any, Limits], Mark | None], ...] = (_doubled, _in_one_place)


def usual(rows: Sequence[Any], limits: Limits = USUAL) -> Mapping[str, float]:
    """The figures in the middle of those who are judged."""
    judged = [row for row in rows if row.records >= limits.records]
    found = {}
    for name in ("seconds", "missing", "straight", "night", "spread"):
        values = [v for v in (getattr(row, name) for row in judged) if v is not None]
        if values:
            found[name] = float(median(values))
    return found
