"""The start page: what it says, and what its button does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from surveyapp.catalogue.models import Access
from surveyapp.catalogue.service import Edition
from surveyapp.catalogue.windows import Phase, Window
from surveyapp.channels.pages import drafts
from surveyapp.channels.pages.browser import is_for_nobody
from surveyapp.channels.pages.drafts import DraftState, OpenDraft
from surveyapp.channels.pages.entry import demonstration_code
from surveyapp.channels.pages.invited import code_brought, fill_in, places_of
from surveyapp.channels.pages.phrases import Wording, wording
from surveyapp.channels.pages.presenting import untranslated
from surveyapp.channels.pages.sitting import moment_of
from surveyapp.channels.pages.statements import operator
from surveyapp.database import utc_now
from surveyapp.questionnaires.interview import Interview
from surveyapp.questionnaires.xform.texts import UNNAMED
from surveyapp.wiring import settings_of


@dataclass(frozen=True, slots=True, kw_only=True)
class StartView:
    """Before the first question: who asks, what for, how long, and whose phone this is."""

    questionnaire: str
    heading: Wording
    operator: str
    minutes: str | None
    untranslated: str
    shared: bool
    underway: str
    code: str | None
    #: the code that a personal link brought, and where it goes, by node path
    invited: str
    prefill: Mapping[str, str]
    #: whether it may be begun now, and from when to when it may
    phase: Phase
    window: Window


def start_view(edition: Edition, language: str, underway: str) -> StartView:
    """The start page; `underway` is the address where a draft on this phone goes on, if there is one."""
    definition = edition.definition
    default = definition.default_language
    phase = phase_of(edition)
    missing = language not in definition.languages and default != UNNAMED
    return StartView(
        questionnaire=definition.id,
        heading=wording(definition.title, language, default),
        operator=operator(language).operator,
        minutes=definition.minutes,
        untranslated=untranslated(default) if missing else "",
        shared=definition.audience == "adolescent",
        underway=underway,
        code=None if is_for_nobody() or phase is not Phase.OPEN else demonstration_code(edition),
        invited=(brought := code_brought(definition.id)),
        prefill=dict.fromkeys(places_of(definition), brought) if brought else {},
        phase=phase,
        window=edition.entry.window,
    )


def phase_of(edition: Edition) -> Phase:
    """Whether it may be begun now; one that is closed cannot be any more."""
    if edition.entry.access == Access.CLOSED:
        return Phase.AFTER
    return edition.entry.window.phase(utc_now())


def begin(edition: Edition, language: str, *, shared: bool) -> OpenDraft:
    """Begin a draft of a new form; the code of a personal link is filled in."""
    definition, settings = edition.definition, settings_of()
    now = moment_of("", settings)
    interview = Interview(definition, language=language, now=now)
    if code := code_brought(definition.id):
        fill_in(interview, definition, code)
    return drafts.begin(new_state(interview, language, now, shared=shared))


def new_state(interview: Interview, language: str, now: datetime, *, shared: bool) -> DraftState:
    """What a draft remembers of an interview that begins."""
    return DraftState(
        questionnaire=interview.questionnaire.id,
        version=interview.questionnaire.version,
        submission=str(uuid4()),
        language=language,
        shared=shared,
        started_at=now.isoformat(timespec="milliseconds"),
        snapshot=interview.snapshot(),
    )
