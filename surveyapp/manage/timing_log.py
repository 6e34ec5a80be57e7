"""The log that ODK Collect writes while a form is filled (`audit.csv`), as a record's page tells it.

Its form is that of the client audit logs of the ODK XForms specification: `event`, `node` (an XPath),
`start` and `end` in milliseconds. What it may hold besides (places, answers before and after a change)
is read by nobody here: of an answer that is guarded it would tell what it was.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from surveyapp.messages import plain
from surveyapp.questionnaires import paths
from surveyapp.questionnaires.definition import Metadata, Questionnaire
from surveyapp.questionnaires.paths import BadPath
from surveyapp.submissions import file_access
from surveyapp.submissions.keys import KeyMissing
from surveyapp.submissions.models import Submission
from surveyapp.submissions.opening import Erased
from surveyapp.submissions.sealing import CannotOpen

LOG_PATH, LOG_PRELOAD = "meta/audit", "audit"
#: bytes and events of a log that a page reads; a longer one can be downloaded
MOST_BYTES, MOST_EVENTS = 1024 * 1024, 20_000
#: why its bytes cannot be read: the page is worth more than its timing
UNREADABLE = (OSError, Erased, CannotOpen, KeyMissing)
#: questions that one page lists
MOST_LISTED = 500
_LONGEST = 200
#: intervals at a question, or at a page of several
_ASKED = frozenset({"question", "group questions"})
EVENTS: Mapping[str, LazyString] = {
    "form start": _l("form begun"),
    "form resume": _l("form gone on with"),
    "form save": _l("form saved"),
    "form finalize": _l("form finished"),
    "form exit": _l("form left"),
    "end screen": _l("last screen"),
    "add repeat": _l("roster entry added"),
    "delete repeat": _l("roster entry removed"),
    "jump": _l("list of questions opened"),
    "constraint error": _l("an answer was refused"),
    "finalize error": _l("could not be finished"),
    "save error": _l("could not be saved"),
    "": _l("anything else"),
}


@dataclass(frozen=True, slots=True)
class Event:
    """A line of the log; `node` is a node path, or empty; `seconds` None: it has no length."""

    kind: str
    node: str
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, or a page of several: how often somebody came to it, and how long they were there."""

    path: str
    label: str
    times: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Timing:
    """What the page tells of the log; `asked` in the order in which they were first come to."""

    asked: Sequence[Asked] = ()
    #: kind of what else happened → how often
    others: Mapping[str, int] | None = None
    #: questions that the page does not list
    unlisted: int = 0
    #: too long to be read, or its bytes are not at hand
    is_unread: bool = False


def log_name(definition: Questionnaire | None, answers: Mapping[str, Any]) -> str | None:
    """The name of the log's file; None: the questionnaire keeps none, or none came."""
    if definition is None:
        return None
    keeps = any(
        isinstance(item, Metadata) and item.path == LOG_PATH and item.preload == LOG_PRELOAD
        for item in definition.walk()
    )
    meta = answers.get("meta") if keeps else None
    name = meta.get("audit") if isinstance(meta, Mapping) else None
    return name if isinstance(name, str) else None


def timing_of(definition: Questionnaire | None, found: Submission, language: str) -> Timing | None:
    """What the current revision's log tells; None: there is none, or it has not come.

    It may hold any answer, so that its file is sealed as one that points at a person; what is told of
    it is no answer, and stands in no log.
    """
    name = log_name(definition, found.answers)
    if definition is None or name is None:
        return None
    try:
        opened = file_access.opened_unseen(found, name)
    except UNREADABLE:
        return Timing(is_unread=True)
    if opened is None:
        return None
    with opened as content:
        told_of = content.read(MOST_BYTES + 1)
    return Timing(is_unread=True) if len(told_of) > MOST_BYTES else told(definition, told_of, language)


def told(definition: Questionnaire, content: bytes, language: str) -> Timing:
    """The log's bytes as the page tells them."""
    asked: dict[str, list[float]] = {}
    others: Counter[str] = Counter()
    for event in events(content):
        if event.kind in _ASKED and event.node:
            asked.setdefault(event.node, []).append(event.seconds or 0.0)
        else:
            # of a log that is broken this may be a line of an answer
            others[event.kind if event.kind in EVENTS else ""] += 1
    labels = {
        item.path: plain(item.label, language, definition.default_language).strip()
        for item in definition.walk()
    }
    listed = [
        Asked(path, labels.get(paths.item_path(path)) or path, len(spent), round(sum(spent), 1))
        for path, spent in asked.items()
    ]
    return Timing(listed[:MOST_LISTED], dict(others), len(listed[MOST_LISTED:]))


def events(content: bytes) -> Iterator[Event]:
    """The log's lines, as far as they can be read."""
    text = content.decode("utf-8-sig", errors="replace").replace("\x00", "")
    try:
        for number, row in enumerate(csv.DictReader(io.StringIO(text, newline=""))):
            if number >= MOST_EVENTS:
                return
            kind = (row.get("event") or "").strip()[:_LONGEST]
            if kind:
                yield Event(kind, _node(row.get("node") or ""), _seconds(row))
    except csv.Error:  # cut off, or no such thing: what was read stands
        return


def _node(xpath: str) -> str:
    """`/data/child[1]/age` → `child[1]/age`; empty: none."""
    below = xpath.strip().lstrip("/").partition("/")[2]
    try:
        return paths.format_path(paths.parse_path(below)) if below else ""
    except BadPath:
        return ""


def _seconds(row: Mapping[str, Any]) -> float | None:
    try:
        length = int(row.get("end") or "") - int(row.get("start") or "")
    except ValueError:
        return None
    return length / 1000 if 0 <= length < 2**53 else None
