"""A personal link: its code goes from the address into a cookie, and from there into the answers.

In the address it would stay in the list of visited pages, and a change of language would lose it.
The cookie lives an hour, is taken when the interview begins and by the quick exit, and names no
questionnaire.
"""

from __future__ import annotations

import hashlib

from flask import Response, request

from surveyapp.channels.pages.routes import see_other
from surveyapp.cookies import came_over_https
from surveyapp.people import invitations
from surveyapp.questionnaires.definition import Question, Questionnaire
from surveyapp.questionnaires.interview import Interview

_PREFIX = "invited_"
_SECONDS = 3600


def moved_into_cookie(questionnaire: str) -> Response | None:
    """The way to the same page without the code in its address; None if there is none in it."""
    if "code" not in request.args:
        return None
    response = see_other(request.path)
    # the address with the code is told nobody, not even ourselves
    response.headers["Referrer-Policy"] = "no-referrer"
    code = _good(request.args["code"])
    if code:
        response.set_cookie(
            _name(questionnaire),
            code,
            max_age=_SECONDS,
            secure=came_over_https(),
            httponly=True,
            samesite="Lax",
        )
    return response


def code_brought(questionnaire: str) -> str:
    """The code that a personal link brought to this browser; empty if none did."""
    return _good(request.cookies.get(_name(questionnaire), ""))


def fill_in(interview: Interview, definition: Questionnaire, code: str) -> None:
    """Put the code where it is asked for; there it is judged as a typed one is."""
    for path in places_of(definition):
        interview.set(path, code)


def places_of(definition: Questionnaire) -> list[str]:
    """The node paths where a code is asked for."""
    return [i.path for i in definition.walk() if isinstance(i, Question) and i.invitation]


def forget(response: Response, questionnaire: str | None = None) -> Response:
    """Let the browser forget the code of a questionnaire, or of each."""
    names = [_name(questionnaire)] if questionnaire else list(request.cookies)
    for name in names:
        if name.startswith(_PREFIX) and name in request.cookies:
            response.delete_cookie(name, secure=came_over_https(), httponly=True, samesite="Lax")
    return response


def _good(text: str) -> str:
    """The code in a text, if it could be one."""
    code = invitations.as_printed(text[:100])
    return code if len(code) == invitations.LENGTH and set(code) <= set(invitations.ALPHABET) else ""


def _name(questionnaire: str) -> str:
    return _PREFIX + hashlib.sha256(questionnaire.encode()).hexdigest()[:10]
