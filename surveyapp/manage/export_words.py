"""What the choices of an export, and the states of what is prepared, are called on the pages."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from surveyapp.exports.jobs import Failure
from surveyapp.exports.models import JobState
from surveyapp.exports.request import Profile
from surveyapp.i18n import LANGUAGE_NAMES
from surveyapp.manage.words import CHANNELS, FLAGS, STATUSES

FORMATS: Mapping[str, LazyString] = {
    "csv": _l("tables as text (.csv)"),
    "xlsx": _l("Excel (.xlsx)"),
    "sav": _l("SPSS (.sav)"),
    "dta": _l("Stata (.dta)"),
    "parquet": _l("Parquet, for Python and R (.parquet)"),
    "jsonl": _l("JSON Lines, as the answers were sent (.jsonl)"),
    "geojson": _l("places for maps (.geojson)"),
    "media": _l("photographs and other files (.zip)"),
}
#: choice → its words
WORDS: Mapping[str, Mapping[str, LazyString | str]] = {
    "format": FORMATS,
    "profile": {
        Profile.AGGREGATE: _l("counts only, no submission"),
        Profile.DE_IDENTIFIED: _l("submissions without what points at somebody"),
        Profile.FULL: _l("everything as answered, encrypted, once a second person agreed"),
    },
    "status": STATUSES,
    "channel": CHANNELS,
    "flag": {"any": _l("anything"), "none": _l("nothing"), **FLAGS},
    "answered_in": LANGUAGE_NAMES,
    "language": LANGUAGE_NAMES,
    "values": {"codes": _l("codes"), "labels": _l("labels"), "both": _l("codes and labels")},
    "multiple": {
        "joined": _l("in one column, side by side"),
        "split": _l("in a column for each choice (1 or 0)"),
        "both": _l("in both ways"),
    },
    "missing": {
        "blank": _l("an empty cell"),
        "marked": _l("a mark that says why there is none"),
    },
    "rosters": {
        "linked": _l("tables of their own, linked by numbers"),
        "flat": _l("columns beside the submission"),
    },
    "times": {"local": _l("local time"), "utc": _l("universal time (UTC)")},
    "separator": {"comma": _l("comma"), "semicolon": _l("semicolon"), "tab": _l("tab")},
}
JOB_STATES: Mapping[str, LazyString] = {
    JobState.WAITING: _l("waits for its turn"),
    JobState.RUNNING: _l("is being made"),
    JobState.DONE: _l("ready"),
    JobState.FAILED: _l("could not be made"),
    JobState.CANCELLED: _l("cancelled"),
    JobState.EXPIRED: _l("deleted, as its days are over"),
}
FAILURES: Mapping[str, LazyString] = {
    Failure.RIGHTS: _l("Your roles do not allow it any more."),
    Failure.REFUSED: _l("It cannot be made with these choices."),
    Failure.GIVEN_UP: _l("It was begun several times and never came to an end."),
    Failure.BROKEN: _l("The program failed over it. The operator finds the reason in the server's log."),
}
