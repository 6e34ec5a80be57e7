"""`/<lang>/receipt`: did it arrive, and what became of what was asked? By the code that people keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import render_template, request

from surveyapp.channels.pages import browser
from surveyapp.channels.pages.routes import LANG, Served, blueprint
from surveyapp.channels.pages.wishes import WISHES
from surveyapp.days import day_of
from surveyapp.i18n import format_day
from surveyapp.people.access import ANYONE, allow
from surveyapp.people.attempts import Limit, callers_place, claim
from surveyapp.submissions import subject_requests
from surveyapp.submissions.arrivals import Arrival, arrival
from surveyapp.submissions.receipts import read_code
from surveyapp.submissions.subject_models import Outcome, SubjectRequest
from surveyapp.submissions.subject_requests import LONGEST_WORDS
from surveyapp.wiring import settings_of

#: codes that were not found, from one address; a whole school may share it. Sixty random bits would
#: hold against more, but whoever tries so many is not looking for a record of their own
CODES_OF_AN_ADDRESS = Limit("receipt: address", 30, timedelta(minutes=15))


@dataclass(frozen=True, slots=True)
class Answer:
    """What the page says to a code. `day` is empty when nothing is here."""

    typed: str
    #: the text cannot be a code
    misspelt: bool = False
    day: str = ""
    whole: bool = False
    #: the answers were destroyed
    is_destroyed: bool = False
    requests: Sequence[AskedFor] = ()


@dataclass(frozen=True, slots=True)
class AskedFor:
    """One request, as the family reads it: its days in words; `closed` is empty while it waits."""

    wish: str
    asked: str
    due: str
    closed: str
    is_refused: bool
    answer: str


@blueprint.route(f"{LANG}/receipt", methods=["GET", "POST"])
@allow(ANYONE)
def receipt(lang: str) -> Served:
    """Ask for a code, and say whether what it stands for is here."""
    if request.method != "POST":
        return render_template("pages/receipt.html", answer=None)
    browser.refuse_other_sites()
    answer = _answer(request.form.get("code", ""), lang)
    return render_template("pages/receipt.html", answer=answer, wishes=WISHES, longest=LONGEST_WORDS)


def _answer(typed: str, language: str) -> Answer:
    code = read_code(typed)
    if code is None:
        return Answer(typed[:40], misspelt=True)
    attempt = claim([(CODES_OF_AN_ADDRESS, callers_place())])
    found, standing = arrival(code), subject_requests.standing(code)
    if found is None and standing is None:
        return Answer(code)
    attempt.forgive()
    return Answer(
        code,
        day=_day(found, language) if found else "",
        whole=bool(found and found.whole),
        is_destroyed=bool(standing and standing.is_destroyed),
        requests=[_asked_for(each, language) for each in standing.requests] if standing else (),
    )


def _asked_for(request: SubjectRequest, language: str) -> AskedFor:
    zone = settings_of().timezone
    closed = format_day(day_of(request.closed_at, zone), language) if request.closed_at else ""
    return AskedFor(
        wish=request.wish,
        asked=format_day(day_of(request.asked_at, zone), language),
        due=format_day(request.due_on, language),
        closed=closed,
        is_refused=request.outcome == Outcome.REFUSED,
        answer=request.answer or "",
    )


def _day(found: Arrival, language: str) -> str:
    """The day only: a time would help to tell whose it is."""
    return format_day(found.since.astimezone(settings_of().timezone).date(), language)
