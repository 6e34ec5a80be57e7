"""`/manage/q/<id>/poster`: an A4 page to be hung up, in each language: title, sentence, QR code."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Flask, abort, render_template, request
from flask_babel import force_locale
from flask_babel import gettext as _

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access
from surveyapp.catalogue.service import Edition
from surveyapp.config import Settings
from surveyapp.i18n import LANGUAGES
from surveyapp.manage.qr import public_address
from surveyapp.people.access import allow
from surveyapp.people.rights import Right
from surveyapp.people.roles import needs

blueprint = Blueprint("posters", __name__, url_prefix="/manage/q/<questionnaire_id>")
LONGEST = 160


@dataclass(frozen=True, slots=True)
class Poster:
    """One page; `sentence` is the author's, `usual` what stands there without one."""

    language: str
    title: str
    sentence: str
    usual: str
    address: str


@blueprint.get("/poster")
@allow(needs(Right.PUBLISH))
def poster(questionnaire_id: str) -> str:
    """The posters, ready to be printed; the form above them is not printed."""
    found = _edition(questionnaire_id)
    wanted = [each for each in LANGUAGES if each in request.args.getlist("in")] or list(LANGUAGES)
    return render_template(
        "manage/poster.html",
        edition=found,
        all_posters=[_poster(found, each) for each in LANGUAGES],
        wanted=wanted,
        is_public=found.entry.access == Access.PUBLIC,
        longest=LONGEST,
    )


def _edition(questionnaire_id: str) -> Edition:
    found = catalogue.current(questionnaire_id) if questionnaire_id.isprintable() else None
    return found or abort(HTTPStatus.NOT_FOUND)


def _poster(found: Edition, language: str) -> Poster:
    title = found.version.title
    typed = request.args.get(f"text_{language}", "")
    return Poster(
        language=language,
        title=str(title.get(language) or title.get(found.version.default_language, "")),
        sentence=typed[:LONGEST] if typed.isprintable() else "",
        usual=_usual(found, language),
        address=public_address("pages.start", lang=language, questionnaire=found.entry.id),
    )


def _usual(found: Edition, language: str) -> str:
    minutes: Any = found.definition.minutes
    with force_locale(language):
        if minutes:
            return str(
                _("Point your phone’s camera here. It takes about %(minutes)s minutes.", minutes=minutes)
            )
        return str(_("Point your phone’s camera here and answer on your phone."))


def register_posters(app: Flask, _settings: Settings) -> None:
    """Serve the page."""
    app.register_blueprint(blueprint)
