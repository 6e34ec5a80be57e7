"""The texts of a questionnaire in three languages side by side, and what is suspicious about them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Flask, Response, abort, render_template, request, url_for
from flask_babel import gettext as _

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue import trials
from surveyapp.config import Settings
from surveyapp.i18n import LANGUAGE_NAMES, LANGUAGES, current_language
from surveyapp.manage.words import DOUBTS, TEXT_KINDS, spoken
from surveyapp.people.access import allow
from surveyapp.people.rights import Right
from surveyapp.people.roles import needs
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.side_by_side import Doubt, Line, counts, lines

blueprint = Blueprint("languages", __name__, url_prefix="/manage/q/<questionnaire_id>")
PAGE = 200
#: signs at which a spreadsheet takes a cell for a formula
_FORMULA = "=+-@\t\r"


@blueprint.get("/languages")
@allow(needs(Right.PUBLISH))
def published(questionnaire_id: str) -> str:
    """Those of the version that is offered now."""
    return _page(_current(questionnaire_id), "languages.published")


@blueprint.get("/trial/languages")
@allow(needs(Right.PUBLISH))
def tried(questionnaire_id: str) -> str:
    """Those of the trial version."""
    return _page(_trial(questionnaire_id), "languages.tried")


@blueprint.get("/languages.csv")
@allow(needs(Right.PUBLISH))
def published_table(questionnaire_id: str) -> Response:
    """The same as a table, for a translator."""
    return _table(_current(questionnaire_id))


@blueprint.get("/trial/languages.csv")
@allow(needs(Right.PUBLISH))
def tried_table(questionnaire_id: str) -> Response:
    """The same of the trial version."""
    return _table(_trial(questionnaire_id))


def _current(questionnaire_id: str) -> Questionnaire:
    found = catalogue.current(questionnaire_id) if questionnaire_id.isprintable() else None
    return found.definition if found else abort(HTTPStatus.NOT_FOUND)


def _trial(questionnaire_id: str) -> Questionnaire:
    found = trials.find(questionnaire_id) if questionnaire_id.isprintable() else None
    return trials.definition_of(found) if found else abort(HTTPStatus.NOT_FOUND)


def _page(definition: Questionnaire, endpoint: str) -> str:
    every = lines(definition, LANGUAGES)
    doubt = _asked()
    found = [line for line in every if doubt is None or line.has(doubt)]
    start = _start()
    shown = found[start : start + PAGE]
    values: dict[str, Any] = {"questionnaire_id": definition.id, "show": doubt.value if doubt else None}
    more = url_for(endpoint, start=start + PAGE, **values) if len(found) > start + PAGE else None
    return render_template(
        "manage/languages.html",
        definition=definition,
        title=_title(definition, every),
        lines=shown,
        total=len(every),
        counts=counts(every),
        chosen=doubt,
        endpoint=endpoint,
        more=more,
        is_trial=endpoint == "languages.tried",
    )


def _title(definition: Questionnaire, every: Sequence[Line]) -> str:
    """In the reader's language, else in the questionnaire's own."""
    texts = next((line.texts for line in every if line.kind == "title"), {})
    return texts.get(current_language()) or texts.get(definition.default_language) or definition.id


def _asked() -> Doubt | None:
    asked = request.args.get("show", "")
    return Doubt(asked) if asked in {each.value for each in Doubt} else None


def _start() -> int:
    start = request.args.get("start", 0, type=int)
    return start if 0 <= start < 2**31 else 0


def _table(definition: Questionnaire) -> Response:
    """A CSV file that spreadsheets open as it is."""
    text = io.StringIO()
    table = csv.writer(text)
    names = [LANGUAGE_NAMES[each] for each in LANGUAGES]
    table.writerow([_("What"), _("Question"), *names, _("Look at this")])
    table.writerows(map(_row, lines(definition, LANGUAGES)))
    response = Response("\ufeff" + text.getvalue(), mimetype="text/csv")
    name = f"{definition.id}-languages.csv"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _row(line: Line) -> list[str]:
    doubts = [each for each in Doubt if line.has(each)]
    kind, marks = spoken(TEXT_KINDS, line.kind), ", ".join(map(_doubt_in_words, doubts))
    return [_cell(each) for each in (kind, line.path, *line.texts.values(), marks)]


def _doubt_in_words(doubt: Doubt) -> str:
    return spoken(DOUBTS, doubt)


def _cell(text: str) -> str:
    return f"'{text}" if text[:1] and text[0] in _FORMULA else text


def register_languages(app: Flask, _settings: Settings) -> None:
    """Serve the pages."""
    app.register_blueprint(blueprint)
