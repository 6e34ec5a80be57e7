"""The choices of an export: how each is called, what it means, and which words it takes.

Page, API, saved presets and command line have the same; `choosing` makes an `ExportRequest` of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from surveyapp.exports.request import Missing, Multiple, Profile, Rosters, Times
from surveyapp.i18n import LANGUAGES
from surveyapp.submissions.models import Channel, Flag, State

#: before the name of a breakdown: `group-area=rural`, as in the addresses of lists
GROUP = "group-"
YES, NO = "yes", "no"
#: how a separator is called where a bare one would be lost
SEPARATOR_WORDS = {"comma": ",", "semicolon": ";", "tab": "\t"}
#: before the number of a phone among collectors; an account's stands alone
PHONE = "phone-"
CODES, LABELS, BOTH = "codes", "labels", "both"


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice: its name, what it means, and the words it takes (empty: other values, see `kind`)."""

    name: str
    meaning: LazyString
    words: tuple[str, ...] = ()
    #: `word`, `words` (some of them, parted by commas), `list` (any), `time`, `text`
    kind: str = "word"
    default: str = ""


def _yes_or_no(name: str, meaning: LazyString, default: str = NO) -> Choice:
    return Choice(name, meaning, (YES, NO), default=default)


#: which submissions; every format knows these
WHICH = (
    Choice("versions", _l("Only these versions of the questionnaire"), kind="list"),
    Choice("received_from", _l("Only received on this day or later"), kind="time"),
    Choice("received_to", _l("Only received on this day or earlier"), kind="time"),
    Choice("finished_from", _l("Only finished on this day or later"), kind="time"),
    Choice("finished_to", _l("Only finished on this day or earlier"), kind="time"),
    Choice(
        "status",
        _l("Only in one of these states"),
        tuple(state for state in State if not state.is_gone),
        "words",
    ),
    Choice("region", _l("Only of these regions"), kind="list"),
    Choice(
        "channel", _l("Only come in one of these ways"), tuple(each.value for each in Channel), "words"
    ),
    Choice("flag", _l("Only with this flag, with any, or with none"), ("any", "none", *Flag)),
    Choice("answered_in", _l("Only answered in this language"), LANGUAGES),
    Choice("collector", _l("Only sent by these people and phones"), kind="list"),
    Choice("where", _l("Only those of which this is true, such as ${age} > 17"), kind="text"),
    _yes_or_no("synthetic", _l("With what the program made up"), YES),
    _yes_or_no("rejected", _l("With what a reviewer rejected")),
)
#: how answers are told
HOW = (
    Choice(
        "values",
        _l("Choices by their codes, their labels, or both"),
        (CODES, LABELS, BOTH),
        default=CODES,
    ),
    Choice("language", _l("Language of the labels"), LANGUAGES, default=LANGUAGES[0]),
    Choice(
        "multiple",
        _l("Several choices of one question: joined, split into columns, or both"),
        tuple(Multiple),
        default=Multiple.JOINED,
    ),
    Choice(
        "missing",
        _l("Cells without an answer: blank, or marked as not asked, left empty, refused, don't know"),
        tuple(Missing),
        default=Missing.BLANK,
    ),
    Choice(
        "rosters",
        _l("Rosters: linked tables, or flat columns of the submission"),
        tuple(Rosters),
        default=Rosters.LINKED,
    ),
    Choice(
        "times",
        _l("Times: local as in the settings, or UTC"),
        tuple(Times),
        default=Times.LOCAL,
    ),
    Choice("columns", _l("Only these columns"), kind="list"),
)
#: how a CSV file is written
CSV = (
    Choice("separator", _l("Between two columns"), tuple(SEPARATOR_WORDS), default="comma"),
    _yes_or_no("decimal_comma", _l("Decimal comma (1,5) instead of a point")),
    _yes_or_no("bom", _l("Begin with a byte order mark, as Excel expects")),
)
#: what needs a right and a reason
MORE = (
    Choice(
        "profile",
        _l("How much it tells of people: counts only, without what points at somebody, or everything"),
        tuple(Profile),
        default=Profile.DE_IDENTIFIED,
    ),
    _yes_or_no("identity", _l("With answers that point at a person")),
    _yes_or_no("sensitive", _l("With sensitive answers")),
    Choice("reason", _l("Why they are needed; kept in the audit log"), kind="text"),
)
WHAT = (
    Choice("format", _l("The format"), kind="text", default="csv"),
    _yes_or_no("package", _l("Everything in a .zip: every table, codebook and manifest")),
)
#: for programs that keep a copy; a page has no field for it
AGAIN = (
    Choice(
        "since",
        _l("What changed since a cursor; “beginning” gives everything and a cursor"),
        kind="text",
    ),
)
CHOICES: Mapping[str, Choice] = {each.name: each for each in (*WHAT, *WHICH, *HOW, *CSV, *MORE, *AGAIN)}

_WHICH = frozenset(each.name for each in (*WHAT, *WHICH, *MORE, *AGAIN))
#: what means something to a format without tables, with tables, and to CSV
PLAIN_CHOICES = _WHICH | {"values", "language", "times", "columns"}
TABLE_CHOICES = _WHICH | {each.name for each in HOW}
CSV_CHOICES = TABLE_CHOICES | {each.name for each in CSV}
