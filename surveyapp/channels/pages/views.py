"""Pages that stand before and beside an interview: the list, the statements, the quick exit."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response, make_response, render_template, request

from surveyapp.catalogue import service as catalogue
from surveyapp.channels.pages.month import month_of
from surveyapp.channels.pages.phrases import Titled, titled
from surveyapp.channels.pages.statements import operator
from surveyapp.i18n import current_language
from surveyapp.people.access import ANYONE, allow
from surveyapp.wiring import settings_of

blueprint = Blueprint("pages", __name__)
LANG = "/<any(kk,ru,en):lang>"


@blueprint.get("/")
@allow(ANYONE)
def front() -> Response:
    """The first page, in the language that the browser asks for."""
    response = make_response(_home(current_language()))
    response.vary.add("Accept-Language")
    return response


@blueprint.get(f"{LANG}/")
@allow(ANYONE)
def home(lang: str) -> str:
    """The questionnaires that can be answered now."""
    return _home(lang)


def _home(language: str) -> str:
    offered = [titled(edition.definition, language) for edition in catalogue.offered()]
    return render_template("pages/home.html", questionnaires=offered)


@blueprint.get(f"{LANG}/privacy")
@allow(ANYONE)
def privacy(lang: str) -> str:
    """The privacy notice."""
    return render_template("pages/privacy.html", about=operator(lang))


@blueprint.get(f"{LANG}/accessibility")
@allow(ANYONE)
def accessibility(lang: str) -> str:
    """The accessibility statement."""
    return render_template("pages/accessibility.html", about=operator(lang))
