"""Why an export is refused, for people: which choice is wrong, and a sentence in their language."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from surveyapp.exports.choosing import ChoicesRefused
from surveyapp.exports.errors import (
    CursorRefused,
    ExportError,
    OnlyForTables,
    ReasonMissing,
    ReasonTooLong,
    ReasonUnstorable,
    UnknownFormat,
)
from surveyapp.messages import SENTENCES
from surveyapp.people.audit import DETAIL_LENGTH

_NO_CURSOR = _l("“since” must be a cursor that this server gave out")
_RESTORED = _l("The database was restored since; start again without “since”")
_SAID: Mapping[type[ExportError], Callable[[], tuple[str, LazyString | str]]] = {
    UnknownFormat: lambda: ("format", _l("There is no such format here.")),
    OnlyForTables: lambda: (
        "format",
        _l("Some of these choices are for tables only; this format has none."),
    ),
    ReasonMissing: lambda: ("reason", _l("Say why; the log keeps it")),
    ReasonTooLong: lambda: (
        "reason",
        _l("Too long: at most %(max)s characters", max=DETAIL_LENGTH),
    ),
    ReasonUnstorable: lambda: ("reason", SENTENCES["unstorable"]),
}


def refused_choices(error: ExportError) -> Mapping[str, LazyString | str]:
    """Name of a choice → what is wrong with it."""
    if isinstance(error, ChoicesRefused):
        return error.errors
    if isinstance(error, CursorRefused):
        return {"since": _RESTORED if error.other_epoch else _NO_CURSOR}
    for kind, said in _SAID.items():
        if isinstance(error, kind):
            name, sentence = said()
            return {name: sentence}
    return {"format": str(error)}
