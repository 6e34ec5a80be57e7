"""`/<lang>/receipt/request`: what a family asks of its answers, by receipt code; an officer answers."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from flask import render_template, request

from surveyapp.channels.pages import browser
from surveyapp.channels.pages.arrived import CODES_OF_AN_ADDRESS
from surveyapp.channels.pages.routes import LANG, Served, blueprint
from surveyapp.channels.pages.wishes import WISHES
from surveyapp.i18n import format_day
from surveyapp.people.access import ANYONE, allow
from surveyapp.people.attempts import callers_place, claim
from surveyapp.questionnaires.storable import is_storable
from surveyapp.submissions import subject_finding, subject_requests
from surveyapp.submissions.receipts import read_code
from surveyapp.submissions.subject_models import Wish
from surveyapp.submissions.subject_requests import LONGEST_WORDS, Asked


@dataclass(frozen=True, slots=True)
class Told:
    """What is said to a request; without `number` nothing was written down: `wrong` says why."""

    code: str
    wish: str = ""
    words: str = ""
    number: int | None = None
    day: str = ""
    #: `code`, `waiting`, `wish` or `words`
    wrong: str = ""


@blueprint.post(f"{LANG}/receipt/request")
@allow(ANYONE)
def subject_request(lang: str) -> Served:
    """Write down what is asked, and say by when it is answered."""
    browser.refuse_other_sites()
    told = _told(lang)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if told.wrong else HTTPStatus.OK
    page = render_template("pages/asked.html", told=told, wishes=WISHES, longest=LONGEST_WORDS)
    return page, status


def _told(language: str) -> Told:
    typed, wish = request.form.get("code", "")[:40], request.form.get("wish", "")
    words = request.form.get("words", "").strip()
    code = read_code(typed)
    if code is None:
        return Told(typed, wish, words, wrong="code")
    attempt = claim([(CODES_OF_AN_ADDRESS, callers_place())])
    about = subject_finding.asked_about(code)
    if about is None:
        return Told(code, wish, words, wrong="code")
    attempt.forgive()
    if wish not in WISHES:
        return Told(code, "", words, wrong="wish")
    if len(words) > LONGEST_WORDS or not is_storable(words):
        return Told(code, wish, words[:LONGEST_WORDS].replace("\x00", ""), wrong="words")
    try:
        made = subject_requests.ask(Asked(about, Wish(wish), words))
    except subject_requests.OnlyACopy:
        return Told(code, wish, words, wrong="waiting")
    return Told(code, wish, number=made.serial, day=format_day(made.due_on, language))
