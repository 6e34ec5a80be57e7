"""Records as a de-identified export may hold them.

They are treated between the reader and the writers, so that no format, however it is written, is ever
given what its profile does not give (docs/decisions/0039).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from functools import lru_cache, partial
from typing import Any

from surveyapp.config import Settings
from surveyapp.exports.anonymity import Anonymity, Key, assess
from surveyapp.exports.consequences import told_by
from surveyapp.exports.entry_groups import EntryGroups, EntrySizes, Groups
from surveyapp.exports.layouts import Layout, Place, in_fives
from surveyapp.exports.losing import Breakdowns, RosterBreakdowns
from surveyapp.exports.merging import MergedItem, merged_items
from surveyapp.exports.profiles import withheld_because
from surveyapp.exports.records import Record, answer_at
from surveyapp.exports.ways import Change, Ways, along, nothing, ways_of
from surveyapp.questionnaires.coarsening import coarse_place
from surveyapp.questionnaires.definition import (
    DataType,
    Questionnaire,
    Roster,
    Valued,
    walk,
)
from surveyapp.questionnaires.partition import LONGEST_GROUP
from surveyapp.questionnaires.paths import item_path
from surveyapp.questionnaires.values import from_text

#: days and moments of a question that are remembered
_DAYS = 1024

_HOUR = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?")


class Deidentifying:
    """Makes records what a de-identified export may hold of them."""

    def __init__(
        self, definitions: Sequence[Questionnaire], *, metres: int, smallest_group: int, zone: tzinfo
    ) -> None:
        items = merged_items(definitions)
        # groups are counted by what feeds a breakdown first; if that is withheld, nobody knows how large
        # those by another question are
        unknown = {
            each.item.breakdown
            for item in items
            if withheld_because(item) is not None and not item.identity and not item.rosters
            for each in item.editions
        }
        #: version and path of what is withheld, and of what comes whole
        withheld, whole = set(), set()
        for item in items:
            here = {(each.definition.version, item.path) for each in item.editions}
            if withheld_because(item) is not None or _feeds(item, unknown):
                withheld |= here
            elif all(each.item.releasable for each in item.editions):
                whole |= here
        told = {i.path for i in items if withheld_because(i) is None and not _feeds(i, unknown)}
        self.smallest_group, self._zone = smallest_group, zone
        making = _Making(frozenset(withheld), frozenset(whole), metres, zone)
        # only a version that declares a breakdown counts its groups: in others nobody knows how large
        # they are
        declared = {i.path for i in items if i.path in told and _feeds_any(i)}
        moved = _moved(definitions, declared)
        layouts: dict[Layout, Layout] = {}
        self._versions = {
            each.version: _Version(each, making, told, declared | moved[each.version], layouts)
            for each in definitions
        }
        self._withheld = frozenset(path for _version, path in withheld)
        #: version, path, and whether it is whole, of each answer that is told of large groups
        self.told = frozenset(
            (version, item.path, (version, item.path) in whole)
            for item in items
            for version in item.versions
            if (version, item.path) not in withheld
            and item.path not in self._versions[version].uncounted
        )
        self.metres = metres
        #: the rosters whose entries have breakdowns, each with the versions in which it is like that
        self.layouts: Mapping[Layout, Collection[str]] = {
            layout: [name for name, each in self._versions.items() if layout in each.rosters.layouts]
            for layout in layouts
            if layout.own
        }
        #: names of the declared breakdowns that come along
        self.breakdowns = tuple(
            sorted({name for each in self._versions.values() for name, _steps in each.breakdowns})
        )

    def assess(self, sizes: Mapping[Key, int], whole: Anonymity | None = None) -> Anonymity:
        """The groups by `breakdowns`, as they were counted beforehand.

        What is small in the `whole` questionnaire is small in every part of it: else two files of which
        one is a part of the other, laid side by side by their ids, would tell what each keeps back.
        """
        small = [] if whole is None else [key for key in sizes if whole.is_small(key)]
        return assess(sizes, self.smallest_group, small)

    def entry_groups(
        self,
        sizes: EntrySizes,
        submissions: Anonymity,
        whole: EntryGroups | None = None,
        *,
        is_part: bool = False,
    ) -> EntryGroups:
        """The groups of the entries of rosters, as they were counted beforehand."""
        return EntryGroups([*self.layouts], sizes, submissions, whole, is_part=is_part)

    def records(self, batches: Iterable[Sequence[Record]], groups: Groups) -> Iterator[list[Record]]:
        """The batches, treated."""
        for batch in batches:
            yield [self.record(record, groups) for record in batch]

    def record(self, record: Record, groups: Groups) -> Record:
        """One record, treated where it is; one of a small group also loses its breakdowns and places.

        So do entries of rosters whose own groups are small.

        It belongs to this export alone: making another one takes as long again.
        """
        zone = self._zone
        record.started_at = record.started_at and week_of(record.started_at, zone)
        record.finished_at = record.finished_at and week_of(record.finished_at, zone)
        record.received_at = week_of(record.received_at, zone)
        record.clock_skew = None
        version = self._versions.get(record.version)
        if version is None:  # nothing is known of its answers, so nothing is told of them
            record.errors, record.answers = [], {}
            return record
        key = version.key(record.answers, self.breakdowns) if (self.breakdowns or self.layouts) else ()
        is_small = bool(self.breakdowns) and groups.is_small(key)
        lost = version.rosters.lose(record.answers, key, groups.entries) if self.layouts else ()
        if record.errors:
            untold = self._withheld.union(lost, version.lost if is_small else version.uncounted)
            record.errors = [each for each in record.errors if _place_of(each) not in untold]
        version.drop_second(record.answers)
        record.answers = along(version.small if is_small else version.usual, record.answers)
        return record

    @property
    def tells_fives(self) -> bool:
        """Whether ages of entries of rosters are told in fives, in any version."""
        return any(each.rosters.years for each in self._versions.values())

    def may_lose(self, path: str) -> bool:
        """Whether small groups, or entries of small groups, lose an item in any version."""
        return any(path in each.lost or path in each.rosters.lost for each in self._versions.values())

    def places(self, record: Record) -> Iterator[Place]:
        """The entries with breakdowns in a record, as they were answered."""
        version = self._versions.get(record.version)
        if version is None or not self.layouts:
            return iter(())
        return version.rosters.places(record.answers, self.key(record))

    def key(self, record: Record) -> Key:
        """The group of a record, as it was answered, by `breakdowns`."""
        version = self._versions.get(record.version)
        if version is None:
            return tuple(None for _name in self.breakdowns)
        return version.key(record.answers, self.breakdowns)


def deidentifying(definitions: Sequence[Questionnaire], settings: Settings) -> Deidentifying:
    """As the settings have it."""
    return Deidentifying(
        definitions,
        metres=settings.coarse_place_metres,
        smallest_group=settings.smallest_group,
        zone=settings.timezone,
    )


def _feeds(item: MergedItem, names: Collection[str | None]) -> bool:
    """Whether an item is one of these breakdowns, in any version."""
    found = (each.item.breakdown for each in item.editions)
    return not item.rosters and any(name and name in names for name in found)


def _feeds_any(item: MergedItem) -> bool:
    return any(each.item.breakdown for each in item.editions)


def _moved(definitions: Sequence[Questionnaire], paths: Collection[str]) -> dict[str, set[str]]:
    """Version → where the questions at these paths stand that it asks somewhere else by the same name.

    One that another version has beside it is another question.
    """
    every = {
        each.version: {item.path for item in walk(each.root) if isinstance(item, Valued)}
        for each in definitions
    }
    moved: dict[str, set[str]] = {version: set() for version in every}
    for path in paths:
        beside = set().union(*(here for here in every.values() if path in here))
        for version, here in every.items():
            if path not in here:
                moved[version] |= {each for each in here - beside if _name(each) == _name(path)}
    return moved


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _place_of(error: Mapping[str, Any]) -> str:
    return item_path(str(error.get("path", "")))


# --- versions ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Making:
    """Makes the change that an item's answers want, if any."""

    withheld: frozenset[tuple[str, str]]
    whole: frozenset[tuple[str, str]]
    metres: int
    zone: tzinfo

    def usual(self, version: str, item: Valued) -> Change | None:
        place = (version, item.path)
        if place in self.withheld:
            return nothing
        if place in self.whole:
            return None
        coarse = _COARSE.get(item.type)
        if coarse is None:
            return None
        if item.type is DataType.GEOPOINT:  # no key to look it up by, and seldom twice the same
            return lambda value: coarse(value, self)
        # a day that is no answer says nothing of anybody, and must be known as such
        codes = {from_text(item.type, code) for code in item.missing}
        remembered = lru_cache(maxsize=_DAYS)(lambda t: t if t in codes else coarse(t, self))
        return lambda value: remembered(value) if type(value) is str else coarse(value, self)


class _Version:
    """What is done with the answers of one version."""

    def __init__(
        self,
        definition: Questionnaire,
        making: _Making,
        told: set[str],
        declared: set[str],
        layouts: dict[Layout, Layout],
    ) -> None:
        version = definition.version
        grouping, own = _grouping(definition, told)
        self.breakdowns = [(name, path.split("/")) for name, path in grouping]
        counted = {path for some in (grouping, *own.values()) for _name, path in some}
        #: what another version declares to be a breakdown, and this one does not; with what tells it
        self.uncounted = told_by(definition, declared - counted)
        self.lost = self.uncounted | told_by(definition, {path for _name, path in grouping})
        self.rosters = RosterBreakdowns(definition, grouping, own, self.lost, layouts)

        names = Counter(name for name, _path in grouping)
        #: of each breakdown that several questions feed: where they are, and what goes with each
        self._several = [
            [(path.split("/"), _losing(definition, path)) for each, path in grouping if each == name]
            for name, number in names.items()
            if number > 1
        ]

        def usual(item: Valued) -> Change | None:
            codes = self.rosters.years.get(item.path)
            return making.usual(version, item) if codes is None else partial(in_fives, codes=codes)

        def small(item: Valued) -> Change | None:
            return nothing if item.type is DataType.GEOPOINT else usual(item)

        self.usual = ways_of(definition.root, usual, self.uncounted)
        self.small = ways_of(definition.root, small, self.lost)

    def drop_second(self, answers: dict[str, Any]) -> None:
        """Take out what feeds a breakdown that another answer feeds already: groups are by the first."""
        for several in self._several:
            answered = [ways for steps, ways in several if names_a_group(answer_at(answers, steps))]
            for ways in answered[1:]:
                along(ways, answers)

    def key(self, answers: Mapping[str, Any], names: Sequence[str]) -> Key:
        """The group of a submission; as `partition.breakdowns` finds it."""
        found: dict[str, str] = {}
        for name, steps in self.breakdowns:
            value = answer_at(answers, steps)
            if name not in found and names_a_group(value):
                found[name] = str(value)
        return tuple(found.get(name) for name in names)


def _grouping(
    definition: Questionnaire, told: Collection[str]
) -> tuple[Breakdowns, Mapping[str, Breakdowns]]:
    """The breakdowns that come along, name and path: outside rosters, and of each roster's entries."""
    outside: list[tuple[str, str]] = []
    own: dict[str, list[tuple[str, str]]] = {}
    rosters = [item.path for item in walk(definition.root) if isinstance(item, Roster)]
    for item in walk(definition.root):
        if isinstance(item, Valued) and item.breakdown and item.path in told:
            # rosters around others come before them
            around = [path for path in rosters if item.path.startswith(f"{path}/")]
            found = own.setdefault(around[-1], []) if around else outside
            found.append((item.breakdown, item.path))
    return outside, own


def _losing(definition: Questionnaire, path: str) -> Ways:
    """The ways of an item and of all that would tell it."""
    return ways_of(definition.root, lambda _item: None, told_by(definition, {path}))


def names_a_group(value: Any) -> bool:
    """Whether an answer is a group that something is broken down by."""
    return isinstance(value, int) or (isinstance(value, str) and len(value) <= LONGEST_GROUP)


# --- answers ----------------------------------------------------------------------------------------


def week_of(moment: datetime, zone: tzinfo) -> datetime:
    """The beginning of its week: midnight of the Monday, in a zone."""
    return _monday(moment.astimezone(zone).date(), zone)


@lru_cache(maxsize=4096)
def _monday(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day - timedelta(days=day.weekday()), time(), zone)


def _coarse_moment(value: Any, making: _Making) -> Any:
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=making.zone)
        return week_of(moment, making.zone).isoformat()
    except (TypeError, ValueError, OverflowError):
        return None


def _coarse_date(value: Any, _making: _Making) -> Any:
    try:
        return date.fromisoformat(value).replace(day=1).isoformat()
    except (TypeError, ValueError):
        return None


def _coarse_time(value: Any, _making: _Making) -> Any:
    """The hour; what follows it (an offset) stays."""
    found = _HOUR.match(value) if isinstance(value, str) else None
    return f"{found[1]}:00:00{value[found.end() :]}" if found else None


def _coarse_place(value: Any, making: _Making) -> Any:
    if not isinstance(value, Mapping) or not isinstance(value.get("lat"), int | float):
        return None
    if not isinstance(value.get("lon"), int | float):
        return None
    # how good the fix was would tell one place from the next
    return coarse_place({"lat": value["lat"], "lon": value["lon"]}, making.metres)


_COARSE: Mapping[DataType, Callable[[Any, _Making], Any]] = {
    DataType.DATE: _coarse_date,
    DataType.DATETIME: _coarse_moment,
    DataType.TIME: _coarse_time,
    DataType.GEOPOINT: _coarse_place,
}
