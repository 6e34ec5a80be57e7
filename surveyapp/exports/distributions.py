"""Counts as they may be shown: how the answers to each question are spread, small counts kept back.

Everything here is about one place (the regions somebody may see) and at most one breakdown.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from surveyapp.exports.counting import ALL, EMPTY, GIVEN, NO_ANSWER, NOT_ASKED, Counted, Counts, Group
from surveyapp.exports.suppressing import Joined, joined, suppressed_line, suppressed_table
from surveyapp.questionnaires.definition import DataType

_MISSING = (*NO_ANSWER.values(), EMPTY, NOT_ASKED)
#: the group of those that are too small to stand alone
OTHERS = " others"
#: of these each choice is a question of its own
SEVERAL = frozenset({DataType.SELECT_MULTIPLE, DataType.RANK})
_NUMBERS = frozenset({DataType.INTEGER, DataType.DECIMAL})
BINS = 10
#: of a longer list only the choices that somebody made are told
LONG = 20
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
#: of so few numbers the tenth would be nearly a person's own
LEAST_FOR_QUANTILES = 20


@dataclass(frozen=True, slots=True)
class Row:
    """How often one answer was given: `count` None is kept back; `by` has the same for each group."""

    bucket: str
    count: int | None
    share: float | None
    by: tuple[int | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Bin:
    """Numbers from `low` to below `high` (both in, where they are the same)."""

    low: float
    high: float
    count: int


@dataclass(frozen=True, slots=True)
class Distribution:
    """How the answers to one item are spread: `rows` of choices, months, missing; `bins` of numbers."""

    counted: Counted
    #: of how many people or things it was asked or could have been
    total: int
    rows: tuple[Row, ...]
    bins: tuple[Bin, ...] = ()
    quantiles: tuple[float, ...] = ()
    #: quantiles of each group; empty where there are too few
    by_quantiles: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Spread:
    """A whole report: the groups of its breakdown, with how many submissions each has, and all items."""

    submissions: int
    groups: tuple[tuple[str, int], ...]
    items: tuple[Distribution, ...]


def spread(
    counts: Counts,
    items: Sequence[Counted],
    *,
    k: int,
    regions: Collection[str] | None = None,
    breakdown: str = "",
) -> Spread:
    """What may be shown of these regions (None: all) by a breakdown ("": none)."""
    sizes = _summed(counts.sizes, regions)
    total = sizes.get((ALL, ALL), 0)
    if total < k:  # two households may have children enough
        return Spread(0, (), ())
    grouping = {code: n for (name, code), n in sizes.items() if name == breakdown and breakdown}
    groups = joined(grouping, k) if grouping else Joined((), ())
    found = [
        _distribution(each, _merged(counts, number, regions), (breakdown, groups), k)
        for number, each in enumerate(items)
    ]
    shown = [(code, grouping[code]) for code in groups.alone]
    if groups.others:
        shown.append((OTHERS, sum(grouping[code] for code in groups.others)))
    return Spread(total, tuple(shown), tuple(f for f in found if f.total >= k))


def breakdowns_of(counts: Counts) -> list[str]:
    """The breakdowns that submissions have answers to."""
    return sorted({name for groups in counts.sizes.values() for name, _code in groups if name})


def _distribution(
    counted: Counted,
    groups: Mapping[Group, Mapping[str, int]],
    by: tuple[str, Joined[str]],
    k: int,
) -> Distribution:
    breakdown, shown = by
    everybody = groups.get((ALL, ALL), {})
    columns = [groups.get((breakdown, code), {}) for code in shown.alone]
    if shown.others:
        columns.append(_added(groups.get((breakdown, code), {}) for code in shown.others))
    # who is in no group stands in a column that is not shown, so that the sums are right
    rest = Counter(everybody)
    for column in columns:
        rest.subtract(column)
    kinds = _buckets(counted, everybody)
    if counted.item.type in SEVERAL:
        rows = _several(kinds, everybody, [*columns, rest], k)
    else:
        rows = _rows(kinds, everybody, [*columns, rest], k)
    width = len(columns)
    rows = tuple(Row(r.bucket, r.count, r.share, r.by[:width]) for r in rows)
    total = sum(everybody.values())
    if counted.item.type not in _NUMBERS:
        return Distribution(counted, total, rows)
    numbers = _numbers(everybody)
    return Distribution(
        counted,
        total,
        tuple(row for row in rows if row.bucket in {*_MISSING, GIVEN}),
        _bins(numbers, k),
        _quantiles(numbers),
        tuple(_quantiles(_numbers(column)) for column in columns),
    )


def _buckets(counted: Counted, everybody: Mapping[str, int]) -> list[str]:
    """The choices in their own order, months in theirs, then what is missing."""
    known = [choice.name for choice in counted.item.choices]
    if len(known) > LONG:
        known = [name for name in known if name in everybody]
    other = sorted(each for each in everybody if each not in {*known, *_MISSING})
    return [*known, *other, *(each for each in _MISSING if each in everybody)]


def _rows(
    kinds: Sequence[str],
    everybody: Mapping[str, int],
    columns: Sequence[Mapping[str, int]],
    k: int,
) -> tuple[Row, ...]:
    counts = [everybody.get(kind, 0) for kind in kinds]
    shown = suppressed_line(counts, k)
    table = suppressed_table(
        [[column.get(kind, 0) for column in columns] for kind in kinds],
        [count is None for count in shown],
        k,
    )
    total = sum(counts)
    return tuple(
        Row(kind, count, _share(count, total), tuple(by))
        for kind, count, by in zip(kinds, shown, table, strict=True)
    )


def _several(
    kinds: Sequence[str],
    everybody: Mapping[str, int],
    columns: Sequence[Mapping[str, int]],
    k: int,
) -> tuple[Row, ...]:
    """Of several choices each is a question of its own: chosen or not."""
    rows = []
    for kind in kinds:
        count = everybody.get(kind, 0)
        (shown,) = [None if 0 < count < k else count]
        (by,) = suppressed_table([[column.get(kind, 0) for column in columns]], [shown is None], k)
        rows.append(Row(kind, shown, None, tuple(by)))
    return tuple(rows)


def _share(count: int | None, total: int) -> float | None:
    return count / total if count is not None and total else None


def _numbers(counts: Mapping[str, int]) -> list[tuple[float, int]]:
    return sorted((float(b), n) for b, n in counts.items() if not b.startswith(" ") and n > 0)


def _bins(numbers: Sequence[tuple[float, int]], k: int) -> tuple[Bin, ...]:
    """At most `BINS` of even width; one with fewer than k joins its neighbour."""
    if sum(count for _number, count in numbers) < k:
        return ()
    low, high = numbers[0][0], numbers[-1][0]
    width = _width(high - low)
    found: list[Bin] = []
    for number, count in numbers:
        start = math.floor(number / width) * width
        if found and (found[-1].high > start or found[-1].count < k):
            last = found.pop()
            found.append(Bin(last.low, max(last.high, start + width), last.count + count))
        else:
            found.append(Bin(start, start + width, count))
    if len(found) > 1 and found[-1].count < k:
        last, before = found.pop(), found.pop()
        found.append(Bin(before.low, last.high, before.count + last.count))
    return tuple(Bin(round(b.low, 6), round(b.high, 6), b.count) for b in found)


def _width(span: float) -> float:
    """A round width: 1, 2 or 5 times a power of ten."""
    raw = span / BINS
    if raw <= 0:
        return 1.0
    power = 10 ** math.floor(math.log10(raw))
    return float(next(step * power for step in (1, 2, 5, 10) if step * power >= raw))


def _quantiles(numbers: Sequence[tuple[float, int]]) -> tuple[float, ...]:
    total = sum(count for _number, count in numbers)
    if total < LEAST_FOR_QUANTILES:
        return ()
    return tuple(_quantile(numbers, total * share) for share in QUANTILES)


def _quantile(numbers: Sequence[tuple[float, int]], place: float) -> float:
    passed = 0
    for number, count in numbers:
        passed += count
        if passed >= place:
            return number
    return numbers[-1][0]


def _merged(counts: Counts, number: int, regions: Collection[str] | None) -> dict[Group, dict[str, int]]:
    found: dict[Group, Counter[str]] = {}
    for region, groups in counts.counts.get(str(number), {}).items():
        if regions is None or region in regions:
            for group, buckets in groups.items():
                found.setdefault(group, Counter()).update(buckets)
    return {group: dict(buckets) for group, buckets in found.items()}


def _summed(
    sizes: Mapping[str, Mapping[Group, int]], regions: Collection[str] | None
) -> dict[Group, int]:
    found: Counter[Group] = Counter()
    for region, groups in sizes.items():
        if regions is None or region in regions:
            found.update(groups)
    return dict(found)


def _added(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for each in counts:
        found.update(each)
    return dict(found)


def every_row(found: Spread) -> Iterator[tuple[Distribution, Row]]:
    """All rows, item by item."""
    for each in found.items:
        for row in each.rows:
            yield each, row
