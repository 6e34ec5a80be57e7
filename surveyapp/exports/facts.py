"""The columns that every submission has, whatever was asked; and those that link rosters to it.

| column | means |
|---|---|
| `id` | UUID that the device made; in a roster's table the row's own key, `UUID/child[2]` |
| `revision`, `questionnaire`, `version`, `language`, `channel`, `app`, `status` | as stored |
| `flags` | what a reviewer should know, apart by spaces: `invalid`, `foreign` … |
| `errors` | broken rules as `path:code`, apart by spaces; never an answer |
| `synthetic` | 1 when the submission was made up by the program |
| `day` | day it was received in the installation's time zone: what the lists count by |
| `started_at`, `finished_at`, `received_at` | ISO 8601 with the offset of the installation's time zone |
| `clock_skew` | seconds by which the device's clock was ahead |
| `parent_id`, `submission_id`, `position`, `parent_position` | links of a roster's row |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from surveyapp.exports.cells import Cell
from surveyapp.exports.records import Instance, Record
from surveyapp.questionnaires.definition import DataType


@dataclass(frozen=True, slots=True)
class Fact:
    """Something known of a submission besides its answers: an attribute of its record, told somehow."""

    name: str
    type: DataType
    attribute: str
    meaning: LazyString
    #: what JSON Lines and tables alike start from, of the attribute
    told: Callable[[Any, tzinfo], Any] = lambda value, _zone: value
    #: the clock item (`start`, `end`) whose answer stands in where the submission itself has no time
    clock: str | None = None
    #: whether it is a list
    several: bool = False

    def value(self, record: Record, zone: tzinfo) -> Any:
        """What is told of a record."""
        return self.told(getattr(record, self.attribute), zone)


@dataclass(frozen=True, slots=True)
class Link:
    """Something that ties a roster's row to where it belongs."""

    name: str
    type: DataType
    value: Callable[[Instance], Cell]
    meaning: LazyString


def _moment(time: datetime | None, zone: tzinfo) -> datetime | None:
    return time.astimezone(zone) if time else None


def _day(time: datetime, zone: tzinfo) -> date:
    return time.astimezone(zone).date()


def _errors(errors: Sequence[Mapping[str, Any]], _zone: tzinfo) -> list[str]:
    return [f"{error.get('path', '')}:{error.get('code', '')}" for error in errors]


SYNTHETIC = _l("1: made up by the program, not real")

FACTS: Sequence[Fact] = (
    Fact("id", DataType.TEXT, "key", _l("Identifier of the submission")),
    Fact("revision", DataType.INTEGER, "revision", _l("Revision: 1 until it is edited")),
    Fact("questionnaire", DataType.TEXT, "questionnaire", _l("Identifier of the questionnaire")),
    Fact("version", DataType.TEXT, "version", _l("Version of the questionnaire")),
    Fact("language", DataType.TEXT, "language", _l("Language of the interview")),
    Fact("channel", DataType.TEXT, "channel", _l("Way it came: web, field, openrosa, api")),
    Fact("app", DataType.TEXT, "app", _l("Program that sent it")),
    Fact("status", DataType.TEXT, "status", _l("State of the submission")),
    Fact("flags", DataType.TEXT, "flags", _l("What a reviewer should know"), several=True),
    Fact(
        "errors",
        DataType.TEXT,
        "errors",
        _l("Broken rules: place and kind"),
        _errors,
        several=True,
    ),
    Fact("synthetic", DataType.INTEGER, "synthetic", SYNTHETIC),
    Fact("day", DataType.DATE, "received_at", _l("Day on which it was received"), _day),
    Fact("started_at", DataType.DATETIME, "started_at", _l("When it was begun"), _moment, "start"),
    Fact("finished_at", DataType.DATETIME, "finished_at", _l("When it was finished"), _moment, "end"),
    Fact("received_at", DataType.DATETIME, "received_at", _l("When it was received"), _moment),
    Fact(
        "clock_skew",
        DataType.INTEGER,
        "clock_skew",
        _l("Seconds by which the device's clock was ahead"),
    ),
)

LINKS: Sequence[Link] = (
    Link("id", DataType.TEXT, lambda i: i.key, _l("Identifier of this row")),
    Link("parent_id", DataType.TEXT, lambda i: i.parent_key, _l("Identifier of the row it belongs to")),
    Link("submission_id", DataType.TEXT, lambda i: i.record.key, _l("Identifier of the submission")),
    Link("position", DataType.INTEGER, lambda i: i.positions[-1], _l("Place in its roster, from 1")),
    Link("synthetic", DataType.INTEGER, lambda i: int(i.record.synthetic), SYNTHETIC),
)
#: only where a roster lies in a roster
PARENT_POSITION = Link(
    "parent_position",
    DataType.INTEGER,
    lambda i: i.positions[-2],
    _l("Place of the row it belongs to in its roster, from 1"),
)
