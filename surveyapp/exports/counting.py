"""Answers counted: how often each was given, by region and by breakdown, in one pass over the records.

Nobody's record is kept. Choices are counted by their code, numbers to two figures, dates by month, and
of everything else only whether there was an answer. What points at a person is never counted.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from surveyapp.exports.deidentifying import names_a_group
from surveyapp.exports.flattening import steps_below
from surveyapp.exports.merging import MergedItem, merged_items
from surveyapp.exports.missing import declared
from surveyapp.exports.records import Instance, Record
from surveyapp.questionnaires.definition import DONT_KNOW, REFUSED, DataType, Metadata, Questionnaire

#: instead of an answer; no choice is called so, an XForm's name has no space
EMPTY, NOT_ASKED, GIVEN = " empty", " not asked", " given"
#: of numbers and days that their author declared to be none
NO_ANSWER: Mapping[str, str] = {REFUSED: " refused", DONT_KNOW: " don't know"}
#: the group of everybody, and the region of a submission that has none
ALL, NOWHERE = "", ""
_NUMBERS = frozenset({DataType.INTEGER, DataType.DECIMAL})
_CHOSEN = frozenset({DataType.SELECT_ONE, DataType.ACKNOWLEDGE, DataType.BOOLEAN})
_SEVERAL = frozenset({DataType.SELECT_MULTIPLE, DataType.RANK})

#: breakdown and group; `("", "")` is everybody
Group = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Counted:
    """An item that is counted, and how its answers become what is counted."""

    item: MergedItem
    steps: tuple[str, ...]
    levels: tuple[tuple[str, ...], ...]
    #: answers that are none → what they count for
    missing: Mapping[Any, str] = field(default_factory=dict)

    def buckets(self, instance: Instance) -> Sequence[str]:
        """What one answer counts for: one thing, or one for each of several choices."""
        if instance.record.version not in self.item.versions:
            return (NOT_ASKED,)
        found: Any = instance.answers
        for step in self.steps:
            if not isinstance(found, Mapping) or step not in found:
                return (NOT_ASKED,)
            found = found[step]
        if found is None:
            return (EMPTY,)
        if self.missing and isinstance(found, int | float | str) and found in self.missing:
            return (self.missing[found],)
        return _buckets(self.item.type, found)


def counted_items(definitions: Sequence[Questionnaire]) -> list[Counted]:
    """The items of all versions that are counted: those with a label that point at nobody."""
    return [
        Counted(item, _steps(item.path, item.rosters), tuple(_levels(item)), _no_answers(item))
        for item in merged_items(definitions)
        if item.label and not item.identity and not isinstance(item.editions[0].item, Metadata)
    ]


def _no_answers(item: MergedItem) -> dict[Any, str]:
    return {answer: NO_ANSWER[reason] for answer, reason in declared(item).items()}


class Counts:
    """Counts by item, region and group, with the number of records and of those made up."""

    def __init__(self) -> None:
        #: key of an item → region → group → bucket → how often
        self.counts: dict[str, dict[str, dict[Group, dict[str, int]]]] = {}
        #: region → group → submissions
        self.sizes: dict[str, dict[Group, int]] = {}
        self.submissions = 0
        self.synthetic = 0

    def add(self, number: int, bucket: str, where: tuple[str, Sequence[Group]]) -> None:
        """Count one answer, in its region and in each of its groups."""
        region, groups = where
        found = self.counts.setdefault(str(number), {}).setdefault(region, {})
        for group in groups:
            of_group = found.setdefault(group, {})
            of_group[bucket] = of_group.get(bucket, 0) + 1

    def packed(self) -> bytes:
        """As bytes that `unpacked` reads."""
        told = {
            "counts": {
                number: {region: _listed(groups) for region, groups in regions.items()}
                for number, regions in self.counts.items()
            },
            "sizes": {region: _listed(groups) for region, groups in self.sizes.items()},
            "submissions": self.submissions,
            "synthetic": self.synthetic,
        }
        return zlib.compress(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode())

    @classmethod
    def unpacked(cls, content: bytes) -> Counts:
        """The counts of these bytes."""
        told, made = json.loads(zlib.decompress(content)), cls()
        made.counts = {
            number: {region: _keyed(groups) for region, groups in regions.items()}
            for number, regions in told["counts"].items()
        }
        made.sizes = {region: _keyed(groups) for region, groups in told["sizes"].items()}
        made.submissions, made.synthetic = told["submissions"], told["synthetic"]
        return made


class Counting:
    """Counts records of one questionnaire into `counts`."""

    def __init__(self, definitions: Sequence[Questionnaire], counts: Counts | None = None) -> None:
        self.items = counted_items(definitions)
        self.counts = counts or Counts()
        #: items that feed a breakdown, by the rosters around them
        self._breakdowns = [
            (each, str(each.item.editions[0].item.breakdown))
            for each in self.items
            if each.item.editions[0].item.breakdown and not each.item.sensitive
        ]

    def add(self, record: Record) -> None:
        """Count one record, and every entry of its rosters."""
        top = Instance(record, record.answers, "")
        groups = self._groups(top, (), {})
        region = groups.get("region", NOWHERE)
        self.counts.submissions += 1
        self.counts.synthetic += record.synthetic
        sizes = self.counts.sizes.setdefault(region, {})
        for group in _as_groups(groups):
            sizes[group] = sizes.get(group, 0) + 1
        units: dict[tuple[str, ...], list[tuple[Instance, list[Group]]]] = {}
        for number, each in enumerate(self.items):
            rosters = each.item.rosters
            if rosters not in units:
                units[rosters] = [
                    (unit, _as_groups(self._groups(unit, rosters, groups)))
                    for unit in _units(top, each.levels)
                ]
            for unit, of_unit in units[rosters]:
                for bucket in each.buckets(unit):
                    self.counts.add(number, bucket, (region, of_unit))

    def _groups(
        self, unit: Instance, rosters: tuple[str, ...], around: Mapping[str, str]
    ) -> dict[str, str]:
        """Breakdown → code: those of the record, and over them those of the entry itself."""
        found: dict[str, str] = {}
        for each, name in self._breakdowns:
            if each.item.rosters == rosters and name not in found:
                value = _at(unit, each.steps)
                if names_a_group(value):
                    found[name] = str(value)
        return {**around, **found}


# --- what an answer counts for ----------------------------------------------------------------------


def _buckets(kind: DataType, answer: Any) -> Sequence[str]:
    if kind in _CHOSEN:
        return (str(answer),)
    if kind in _SEVERAL:
        return [str(code) for code in answer] if isinstance(answer, list) and answer else (EMPTY,)
    if kind in _NUMBERS:
        return (_coarse(answer),)
    if kind is DataType.DATE:
        return (answer[:7],) if isinstance(answer, str) else (GIVEN,)
    return (GIVEN,)


def _coarse(number: Any) -> str:
    """Whole numbers below 100 as they are, all else to two figures."""
    if not isinstance(number, int | float) or not math.isfinite(number):
        return GIVEN
    if isinstance(number, int) and abs(number) < 100:
        return str(number)
    return f"{float(f'{number:.1e}'):g}"


def _at(unit: Instance, steps: Sequence[str]) -> Any:
    found: Any = unit.answers
    for step in steps:
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def _units(top: Instance, levels: Sequence[tuple[str, ...]]) -> list[Instance]:
    units = [top]
    for steps in levels:
        units = [below for unit in units for below in unit.below(steps)]
    return units


def _steps(path: str, rosters: tuple[str, ...]) -> tuple[str, ...]:
    """The names that lead to an item from the innermost of the rosters around it."""
    return steps_below(path, rosters[-1] if rosters else "")


def _levels(item: MergedItem) -> Iterator[tuple[str, ...]]:
    around: tuple[str, ...] = ()
    for path in item.rosters:
        yield _steps(path, around)
        around = (*around, path)


def _as_groups(groups: Mapping[str, str]) -> list[Group]:
    return [(ALL, ALL), *groups.items()]


def _listed(groups: Mapping[Group, Any]) -> list[list[Any]]:
    return [[*group, counts] for group, counts in groups.items()]


def _keyed(listed: Sequence[Sequence[Any]]) -> dict[Group, Any]:
    return {(breakdown, group): counts for breakdown, group, counts in listed}
