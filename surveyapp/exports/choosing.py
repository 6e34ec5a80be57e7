"""An export's choices as plain strings by name: an address's query, a saved preset, a command.

`read_request` makes an `ExportRequest` of them, `written_request` is its inverse. The reach of whoever
asks (`Selection.regions`) is no choice: it is neither read nor written, the caller adds it each time
(`within`).

A list is parted by commas. A time is a day (`2026-09-01`, in the time zone of the settings, both ends
included) or a moment with its offset (`2026-09-01T10:00:00+05:00`; the end is not included).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from surveyapp.days import end_of, start_of
from surveyapp.exports.choices import (
    BOTH,
    CHOICES,
    CODES,
    GROUP,
    LABELS,
    NO,
    PHONE,
    SEPARATOR_WORDS,
    YES,
    Choice,
)
from surveyapp.exports.errors import ExportError
from surveyapp.exports.request import (
    CsvOptions,
    ExportRequest,
    Missing,
    Multiple,
    Profile,
    Rosters,
    Selection,
    TableOptions,
    Times,
)

#: characters; the longest list of columns that an address carries
LONGEST = 8000
#: years that a moment of an interview can have
YEARS = range(1970, 2201)
_COLLECTOR = re.compile(rf"({PHONE})?[1-9][0-9]{{0,8}}", re.ASCII)
_MOMENT = timedelta(microseconds=1)


class ChoicesRefused(ExportError):
    """Some choices cannot be understood: `errors` has a sentence for each, by its name."""

    def __init__(self, errors: Mapping[str, LazyString]) -> None:
        self.errors = errors
        super().__init__(errors)

    def __str__(self) -> str:
        return "; ".join(f"{name}: {sentence}" for name, sentence in self.errors.items())


Asked: TypeAlias = Mapping[str, str]


def read_request(questionnaire: str, asked: Asked, zone: ZoneInfo) -> ExportRequest:
    """What these strings ask for; an empty one is not asked. Raises `ChoicesRefused`, with all errors.

    Whether the format is there, and knows the choices, is seen when the export begins.
    """
    reading = _Reading({name: text.strip() for name, text in asked.items() if text.strip()}, zone)
    made = ExportRequest(
        questionnaire=questionnaire,
        format=reading.text("format"),
        package=reading.yes("package"),
        selection=_selection(reading),
        tables=_tables(reading),
        csv=CsvOptions(
            separator=SEPARATOR_WORDS[reading.word("separator")],
            byte_order_mark=reading.yes("bom"),
            decimal_comma=reading.yes("decimal_comma"),
        ),
        reason=reading.text("reason"),
        profile=Profile(reading.word("profile")),
        since=reading.text("since"),
    )
    if reading.errors:
        raise ChoicesRefused(reading.errors)
    return made


def _selection(reading: _Reading) -> Selection:
    return Selection(
        since=reading.time("received_from"),
        before=reading.end("received_to"),
        finished_since=reading.time("finished_from"),
        finished_before=reading.end("finished_to"),
        language=reading.word("answered_in") or None,
        chosen_regions=reading.some("region"),
        versions=reading.some("versions"),
        statuses=reading.some("status"),
        channels=reading.some("channel"),
        collectors=reading.collectors(),
        where=reading.text("where"),
        flag=reading.word("flag") or None,
        groups=reading.groups(),
        synthetic=reading.yes("synthetic"),
        rejected=reading.yes("rejected"),
    )


def _tables(reading: _Reading) -> TableOptions:
    language, values, multiple = (reading.word(name) for name in ("language", "values", "multiple"))
    return TableOptions(
        labels=None if values == CODES else language,
        codes=values == BOTH,
        language=language,
        split_multiple=multiple != Multiple.JOINED,
        joined_multiple=multiple == Multiple.BOTH,
        missing=Missing(reading.word("missing")),
        rosters=Rosters(reading.word("rosters")),
        times=Times(reading.word("times")),
        columns=reading.list("columns"),
        include_identity=reading.yes("identity"),
        include_sensitive=reading.yes("sensitive"),
    )


class _Reading:
    """Reads one choice after the other, and collects what is wrong."""

    def __init__(self, asked: Asked, zone: ZoneInfo) -> None:
        self._asked = asked
        self._zone = zone
        self.errors: dict[str, LazyString] = {}
        for name, text in asked.items():
            if name not in CHOICES and not name.startswith(GROUP):
                self.errors[name] = _l("There is no such choice")
            elif len(text) > LONGEST or not text.isprintable():
                self.errors[name] = _l("This cannot be understood")

    def text(self, name: str) -> str:
        return self._asked.get(name, CHOICES[name].default)

    def word(self, name: str) -> str:
        choice, word = CHOICES[name], self.text(name)
        if word in {*choice.words, choice.default}:
            return word
        self._refuse_word(choice)
        return choice.default

    def yes(self, name: str) -> bool:
        return self.word(name) == YES

    def list(self, name: str) -> tuple[str, ...]:
        choice = CHOICES[name]
        parts = tuple(part.strip() for part in self.text(name).split(",") if part.strip())
        if choice.words and not set(parts) <= set(choice.words):
            self._refuse_word(choice)
        return tuple(dict.fromkeys(parts))

    def some(self, name: str) -> frozenset[str] | None:
        return frozenset(self.list(name)) or None

    def collectors(self) -> frozenset[str] | None:
        some = self.some("collector")
        if some and not all(_COLLECTOR.fullmatch(each) for each in some):
            self.errors["collector"] = _l("This must be the number of an account (7) or phone (phone-3)")
        return some

    def groups(self) -> tuple[tuple[str, str], ...]:
        return tuple(
            (name.removeprefix(GROUP), code)
            for name, code in sorted(self._asked.items())
            if name.startswith(GROUP) and name != GROUP
        )

    def time(self, name: str) -> datetime | None:
        """The first moment."""
        return self._moment(name, start_of)

    def end(self, name: str) -> datetime | None:
        """The moment at which it is over."""
        return self._moment(name, end_of)

    def _moment(self, name: str, of_day: Callable[[date, ZoneInfo], datetime]) -> datetime | None:
        text = self.text(name)
        if not text:
            return None
        try:
            found = datetime.fromisoformat(text)
            if found.year not in YEARS:
                raise ValueError
            if found.tzinfo is not None:
                return found
            if len(text) == len("2026-09-01"):
                return of_day(found.date(), self._zone)
        except (ValueError, OverflowError):
            pass
        self.errors[name] = _l(
            "This must be a day such as 2026-09-05, or a time with its offset such as "
            "2026-09-05T10:00:00+05:00"
        )
        return None

    def _refuse_word(self, choice: Choice) -> None:
        self.errors[choice.name] = _l("There is only: %(words)s", words=", ".join(choice.words))


def written_request(request: ExportRequest, zone: ZoneInfo) -> dict[str, str]:
    """The choices of a request that are not the defaults, as `read_request` reads them.

    Not the questionnaire, and not the reach of whoever asked.
    """
    selection, tables = request.selection, request.tables
    written = {
        "format": request.format,
        "package": _yes(request.package),
        "versions": _list(selection.versions),
        "received_from": _first(selection.since, zone),
        "received_to": _last(selection.before, zone),
        "finished_from": _first(selection.finished_since, zone),
        "finished_to": _last(selection.finished_before, zone),
        "status": _list(selection.statuses),
        "region": _list(selection.chosen_regions),
        "channel": _list(selection.channels),
        "collector": _list(selection.collectors),
        "where": selection.where,
        "flag": selection.flag or "",
        "answered_in": selection.language or "",
        "synthetic": _yes(selection.synthetic),
        "rejected": _yes(selection.rejected),
        "values": CODES if tables.labels is None else BOTH if tables.codes else LABELS,
        "language": tables.labels or tables.language,
        "multiple": tables.multiple,
        "missing": tables.missing,
        "rosters": tables.rosters,
        "times": tables.times,
        "columns": ",".join(tables.columns),
        **_csv_words(request.csv),
        "identity": _yes(tables.include_identity),
        "sensitive": _yes(tables.include_sensitive),
        "reason": request.reason,
        "profile": request.profile,
        "since": request.since,
    }
    changed = {name: str(text) for name, text in written.items() if text != CHOICES[name].default}
    return changed | {f"{GROUP}{name}": code for name, code in selection.groups}


def strange_choices(request: ExportRequest, known: frozenset[str]) -> list[str]:
    """The choices that were made and mean nothing to a format that knows these."""
    made = {name for name in written_request(request, ZoneInfo("UTC")) if not name.startswith(GROUP)}
    return sorted(made - known)


def within(request: ExportRequest, regions: frozenset[str] | None) -> ExportRequest:
    """The same request, cut to the regions that somebody may see (None: all)."""
    return replace(request, selection=replace(request.selection, regions=regions))


def _csv_words(options: CsvOptions) -> dict[str, str]:
    called = {separator: word for word, separator in SEPARATOR_WORDS.items()}
    return {
        "separator": called[options.separator],
        "decimal_comma": _yes(options.decimal_comma),
        "bom": _yes(options.byte_order_mark),
    }


def _yes(is_so: bool) -> str:
    return YES if is_so else NO


def _list(some: Any) -> str:
    return ",".join(sorted(some or ()))


def _first(moment: datetime | None, zone: ZoneInfo) -> str:
    if moment is None:
        return ""
    day = moment.astimezone(zone).date()
    return day.isoformat() if start_of(day, zone) == moment else moment.isoformat()


def _last(moment: datetime | None, zone: ZoneInfo) -> str:
    if moment is None:
        return ""
    day = (moment - _MOMENT).astimezone(zone).date()
    return day.isoformat() if end_of(day, zone) == moment else moment.isoformat()
