"""Why an export is refused, for people: which choice is wrong, and a sentence in their language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from surveyapp.exports.choosing import ChoicesRefused
from surveyapp.exports.errors import (
    ApprovalMissing,
    ChangesNotAsCounts,
    CursorRefused,
    ExportError,
    NotAsCounts,
    OnlyForTables,
    OnlyInFull,
    ReasonMissing,
    ReasonTooLong,
    ReasonUnstorable,
    TooManyColumns,
    UnknownColumns,
    UnknownFormat,
    WhereNotAsCounts,
    WhereRefused,
)
from surveyapp.messages import SENTENCES
from surveyapp.people.audit import DETAIL_LENGTH

_NO_CURSOR = _l("“since” must be a cursor that this server gave out")
_RESTORED = _l("The database was restored since; start again without “since”")
_SAID: Mapping[type[ExportError], Callable[[Any], tuple[str, LazyString | str]]] = {
    UnknownFormat: lambda _error: ("format", _l("There is no such format here.")),
    ReasonMissing: lambda _error: ("reason", _l("Say why; the log keeps it")),
    ReasonTooLong: lambda _error: (
        "reason",
        _l("Too long: at most %(max)s characters", max=DETAIL_LENGTH),
    ),
    ReasonUnstorable: lambda _error: ("reason", SENTENCES["unstorable"]),
    OnlyInFull: lambda _error: (
        "profile",
        _l("Names, addresses and sensitive answers come only with everything as answered."),
    ),
    ApprovalMissing: lambda _error: (
        "profile",
        _l(
            "A full export is asked for on the page of downloads: a second person agrees to it, and you "
            "take the encrypted file there."
        ),
    ),
    NotAsCounts: lambda _error: ("format", _l("Counts come as a table of text (csv) only.")),
    ChangesNotAsCounts: lambda _error: ("since", _l("Counts are of everything, not of what changed.")),
    TooManyColumns: lambda _error: (
        "rosters",
        _l("That would be too many columns. Choose tables of their own."),
    ),
    WhereRefused: lambda error: ("where", error.sentence),
    WhereNotAsCounts: lambda _error: (
        "where",
        _l("Counts take no expression: two of them, subtracted, would tell of single people."),
    ),
    UnknownColumns: lambda error: (
        "columns",
        _l("There are no such columns: %(names)s", names=", ".join(error.names)),
    ),
}


def refused_choices(error: ExportError) -> Mapping[str, LazyString | str]:
    """Name of a choice → what is wrong with it."""
    if isinstance(error, ChoicesRefused):
        return error.errors
    if isinstance(error, OnlyForTables):
        return dict.fromkeys(error.choices, _l("This format has no use for it."))
    if isinstance(error, CursorRefused):
        return {"since": _RESTORED if error.other_epoch else _NO_CURSOR}
    name, sentence = _SAID.get(type(error), _as_it_is)(error)
    return {name: sentence}


def _as_it_is(error: ExportError) -> tuple[str, str]:
    return "format", str(error)
