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

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from surveyapp.exports.cells import Cell
from surveyapp.exports.records import Instance, Record
from surveyapp.questionnaires.definition import DataType


@dataclass(frozen=True, slots=True)
class Fact:
    """Something known of a submission besides its answers."""

    name: str
    type: DataType
    #: the value as JSON Lines and tables alike start from it
    value: Callable[[Record, tzinfo], Any]
    meaning: LazyString
    #: the clock item (`start`, `end`) whose answer stands in where the submission itself has no time
    clock: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """Something that ties a roster's row to where it belongs."""

    name: str
    type: DataType
    value: Callable[[Instance], Cell]
    meaning: LazyString


def _plain(name: str) -> Callable[[Record, tzinfo], Any]:
    return lambda record, _zone: getattr(record, name)


def _moment(name: str) -> Callable[[Record, tzinfo], datetime | None]:
    def moment(record: Record, zone: tzinfo) -> datetime | None:
        time: datetime | None = getattr(record, name)
        return time.astimezone(zone) if time else None

    return moment


def _errors(record: Record, _zone: tzinfo) -> list[str]:
    return [f"{error.get('path', '')}:{error.get('code', '')}" for error in record.errors]


SYNTHETIC = _l("1: made up by the program, not real")

FACTS: Sequence[Fact] = (
    Fact("id", DataType.TEXT, lambda r, _: str(r.id), _l("Identifier of the submission")),
    Fact("revision", DataType.INTEGER, _plain("revision"), _l("Revision: 1 until it is edited")),
    Fact("questionnaire", DataType.TEXT, _plain("questionnaire"), _l("Identifier of the questionnaire")),
    Fact("version", DataType.TEXT, _plain("version"), _l("Version of the questionnaire")),
    Fact("language", DataType.TEXT, _plain("language"), _l("Language of the interview")),
    Fact("channel", DataType.TEXT, _plain("channel"), _l("Way it came: web, field, openrosa, api")),
    Fact("app", DataType.TEXT, _plain("app"), _l("Program that sent it")),
    Fact("status", DataType.TEXT, _plain("status"), _l("State of the submission")),
    Fact("flags", DataType.TEXT, _plain("flags"), _l("What a reviewer should know")),
    Fact("errors", DataType.TEXT, _errors, _l("Broken rules: place and kind")),
    Fact("synthetic", DataType.INTEGER, _plain("synthetic"), SYNTHETIC),
    Fact(
        "day",
        DataType.DATE,
        lambda record, zone: record.received_at.astimezone(zone).date(),
        _l("Day on which it was received"),
    ),
    Fact("started_at", DataType.DATETIME, _moment("started_at"), _l("When it was begun"), "start"),
    Fact("finished_at", DataType.DATETIME, _moment("finished_at"), _l("When it was finished"), "end"),
    Fact("received_at", DataType.DATETIME, _moment("received_at"), _l("When it was received")),
    Fact(
        "clock_skew",
        DataType.INTEGER,
        _plain("clock_skew"),
        _l("Seconds by which the device's clock was ahead"),
    ),
)

LINKS: Sequence[Link] = (
    Link("id", DataType.TEXT, lambda i: i.key, _l("Identifier of this row")),
    Link("parent_id", DataType.TEXT, lambda i: i.parent_key, _l("Identifier of the row it belongs to")),
    Link("submission_id", DataType.TEXT, lambda i: str(i.record.id), _l("Identifier of the submission")),
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
