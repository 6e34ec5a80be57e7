"""The whole questionnaire as one page, and its logic: the same for everybody, kept under its mark.

The mark is that of the page in all three languages, so that each can name the others. A mark that is not
the present one leads there: a release, or a setting that shows on the page, makes a new one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Response, abort, current_app, make_response, redirect, request, url_for

from surveyapp.assets import FOR_EVER
from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access
from surveyapp.catalogue.service import Edition
from surveyapp.channels.pages.pictures import kept_addresses, light_addresses
from surveyapp.channels.pages.routes import LANG, QUESTIONNAIRE, Served, blueprint
from surveyapp.channels.pages.whole_logic import mark_of, page_logic
from surveyapp.channels.pages.whole_rendering import Places, render_whole
from surveyapp.i18n import LANGUAGES
from surveyapp.people.access import ANYONE, allow
from surveyapp.questionnaires.definition import Questionnaire

#: stands where the mark will be while the page is rendered that it is the mark of
_NO_MARK = "0" * 10
_EXTENSION = "surveyapp-whole-pages"
#: versions whose pages a process keeps; the built-in ones take 0.2 to 0.35 MB each in three languages
_KEPT_PAGES = 64
#: bytes of pictures and sounds that a family's phone keeps with the page before anybody has seen them:
#: with the other languages a first visit must stay within 100 KiB
MOST_MEDIA = 30 * 1024


@dataclass(frozen=True, slots=True)
class WholePage:
    """A version's page by language, and their common mark."""

    mark: str
    texts: Mapping[str, str]


@blueprint.get(f"{QUESTIONNAIRE}/<version>/<mark>")
@allow(ANYONE)
def whole(lang: str, questionnaire: str, version: str, mark: str) -> Served:
    """Every question of a version, for the modules; of any that was published: phones began it."""
    page = whole_page(_edition(questionnaire, version))
    if mark != page.mark:
        return make_response(redirect(whole_address(lang, questionnaire, version, page.mark)))
    return _for_ever(make_response(page.texts[lang]), page.mark)


@blueprint.get(f"{LANG}/logic/<questionnaire>/<version>/<mark>.json")
@allow(ANYONE)
def logic(lang: str, questionnaire: str, version: str, mark: str) -> Served:
    """The logic of a version, as its whole page runs it."""
    return _document(page_logic(_edition(questionnaire, version).definition, lang).document, mark)


@blueprint.get(f"{LANG}/lists/<questionnaire>/<version>/<mark>.json")
@allow(ANYONE)
def lists(lang: str, questionnaire: str, version: str, mark: str) -> Served:
    """The long lists of a version, which its whole page loads after the first question."""
    content = page_logic(_edition(questionnaire, version).definition, lang).lists
    return _document(content, mark) if content else abort(404)


def _document(content: bytes, mark: str) -> Response:
    response = make_response(content)
    response.mimetype = "application/json"
    return _for_ever(response, mark) if mark == mark_of(content) else response


def _edition(questionnaire: str, version: str) -> Edition:
    found = catalogue.edition(questionnaire, version)
    if found is None:
        abort(404)
    return found


def _for_ever(response: Response, mark: str) -> Response:
    response.headers["Cache-Control"] = FOR_EVER
    response.set_etag(mark)
    response.make_conditional(request)
    return response


def whole_page(edition: Edition) -> WholePage:
    """The page of a version; rendered once by a process, which keeps those asked for last."""
    kept: dict[str, WholePage] = current_app.extensions.setdefault(_EXTENSION, {})
    key = f"{edition.definition.hash} {edition.definition.version} {request.script_root}"
    page = kept.pop(key, None) or _rendered(edition)
    kept[key] = page
    for oldest in list(kept)[:-_KEPT_PAGES]:
        kept.pop(oldest, None)
    return page


def whole_address(language: str, questionnaire: str, version: str, mark: str) -> str:
    """Address of a whole page."""
    return url_for("pages.whole", lang=language, questionnaire=questionnaire, version=version, mark=mark)


def offered_whole(edition: Edition, language: str) -> str:
    """Address of the whole page if the start page may lead to it, else empty.

    An interviewer with a session sends from the stepwise pages: this one sends without any sign-in.
    """
    is_closed = edition.entry.access == Access.CLOSED  # but what waits on a phone goes on there
    if not (is_closed or catalogue.answerable_by_anyone(edition) or catalogue.needs_invitation(edition)):
        return ""
    definition = edition.definition
    return whole_address(language, definition.id, definition.version, whole_page(edition).mark)


def documents_of(questionnaire: Questionnaire, language: str) -> dict[str, str]:
    """Addresses of the logic and of the long lists; empty where there are none."""
    made = page_logic(questionnaire, language)
    contents = {"logic": made.document, "lists": made.lists}
    return {
        name: url_for(
            f"pages.{name}",
            lang=language,
            questionnaire=questionnaire.id,
            version=questionnaire.version,
            mark=mark_of(each),
        )
        if each
        else ""
        for name, each in contents.items()
    }


def _rendered(edition: Edition) -> WholePage:
    texts = {language: _in_language(edition, language) for language in LANGUAGES}
    mark = hashlib.sha256("".join(texts.values()).encode()).hexdigest()[:10]
    return WholePage(mark, {language: text.replace(_NO_MARK, mark) for language, text in texts.items()})


def _in_language(edition: Edition, language: str) -> str:
    questionnaire = edition.definition
    places = Places(
        action=url_for("pages.begin", lang=language, questionnaire=questionnaire.id),
        documents=documents_of(questionnaire, language),
        files=kept_addresses(edition.version),
        light=light_addresses(edition.version, MOST_MEDIA),
        others={each: _address(questionnaire, each) for each in LANGUAGES},
    )
    return render_whole(questionnaire, language, places)


def _address(questionnaire: Questionnaire, language: str) -> str:
    return whole_address(language, questionnaire.id, questionnaire.version, _NO_MARK)
