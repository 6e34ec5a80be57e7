"""Pages that stand before and beside an interview: the list, the statements, the quick exit."""

from __future__ import annotations

from flask import make_response, render_template

from surveyapp.catalogue import service as catalogue
from surveyapp.channels.pages import browser, drafts, invited
from surveyapp.channels.pages.drafts import OpenDraft
from surveyapp.channels.pages.month import month_of
from surveyapp.channels.pages.phrases import titled
from surveyapp.channels.pages.presenting import is_self_administered
from surveyapp.channels.pages.routes import LANG, Served, blueprint
from surveyapp.channels.pages.statements import operator
from surveyapp.database import utc_now
from surveyapp.i18n import current_language
from surveyapp.people.access import ANYONE, allow
from surveyapp.wiring import settings_of


@blueprint.get("/")
@allow(ANYONE)
def front() -> Served:
    """The first page, in the language that the browser asks for."""
    response = make_response(_home(current_language()))
    response.vary.add("Accept-Language")
    return response


@blueprint.get(f"{LANG}/")
@allow(ANYONE)
def home(lang: str) -> Served:
    """The questionnaires that can be answered now."""
    return _home(lang)


def _home(language: str) -> str:
    offered = [titled(edition.definition, language) for edition in catalogue.offered()]
    return render_template("pages/home.html", questionnaires=offered)


@blueprint.get(f"{LANG}/privacy")
@allow(ANYONE)
def privacy(lang: str) -> Served:
    """The privacy notice."""
    return render_template("pages/privacy.html", about=operator(lang))


@blueprint.get(f"{LANG}/accessibility")
@allow(ANYONE)
def accessibility(lang: str) -> Served:
    """The accessibility statement."""
    return render_template("pages/accessibility.html", about=operator(lang))


@blueprint.get(f"{LANG}/exit")
@allow(ANYONE)
def leave(lang: str) -> Served:
    """The quick exit: end what this browser answers for itself, and show a calendar.

    It is a link, so that it works at once and without scripts. A browser that only looks ahead, or a
    link on another site, ends nothing.
    """
    today = utc_now().astimezone(settings_of().timezone).date()
    page = render_template("pages/month.html", month=month_of(today, lang), today=today.day)
    response = make_response(page)
    if not browser.is_preview() and not browser.is_from_another_site():
        for draft in filter(_ends_with_quick_exit, browser.drafts_here()):
            drafts.end(draft.secret)
            browser.take_cookie(response, draft.state.questionnaire)
        invited.forget(response)
    return response


def _ends_with_quick_exit(draft: OpenDraft) -> bool:
    """A field worker's draft stays: the phone may only have been lent to somebody for a moment."""
    edition = catalogue.edition(draft.state.questionnaire, draft.state.version)
    return edition is None or is_self_administered(edition.definition)
