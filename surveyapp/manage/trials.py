"""The pages of a trial version: look at it on a phone, try it out, publish it as it was tried."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue import trials
from surveyapp.catalogue.errors import CatalogueError
from surveyapp.catalogue.trial_models import Trial
from surveyapp.config import Settings
from surveyapp.i18n import LANGUAGES, current_language
from surveyapp.manage.editions import said_published
from surveyapp.manage.publish_form import DiscardForm
from surveyapp.manage.qr import public_address
from surveyapp.manage.record_lines import Eyes, Line, lines
from surveyapp.manage.workbooks import refusal
from surveyapp.messages import sentence
from surveyapp.people.access import allow
from surveyapp.people.rights import Right
from surveyapp.people.roles import needs
from surveyapp.questionnaires import files, partition
from surveyapp.questionnaires.answers import Answers, with_authors_words
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.differences import differences
from surveyapp.security_headers import FRAMING
from surveyapp.submissions import trials as answered
from surveyapp.submissions.trials import Tried
from surveyapp.wiring import settings_of

blueprint = Blueprint("trials", __name__, url_prefix="/manage/q/<questionnaire_id>/trial")
#: shown side by side
ALL = "all"


@dataclass(frozen=True, slots=True)
class Shown:
    """One filled questionnaire of the draft area, with its answers in words."""

    tried: Tried
    lines: list[Line]
    #: path and sentence of each
    errors: list[tuple[str, str]]


@blueprint.get("", strict_slashes=False)
@allow(needs(Right.PUBLISH))
def trial(questionnaire_id: str) -> ResponseReturnValue:
    """The trial version on phones, the way to ODK Collect, and what can become of it."""
    return _page(_trial(questionnaire_id))


@blueprint.get("/answers")
@allow(needs(Right.PUBLISH))
def answers(questionnaire_id: str) -> str:
    """What was answered to it."""
    found = _trial(questionnaire_id)
    definition = trials.definition_of(found)
    shown = [_shown(definition, each) for each in answered.answered(found)]
    return render_template("manage/trial_answers.html", trial=found, shown=shown, most=answered.MOST)


@blueprint.post("/publish")
@allow(needs(Right.PUBLISH))
def publish(questionnaire_id: str) -> ResponseReturnValue:
    """Publish it as it was tried."""
    found = _trial(questionnaire_id)
    try:
        made = trials.publish(found)
    except CatalogueError as error:
        flash(refusal(error), "error")
        return _page(_trial(questionnaire_id), HTTPStatus.CONFLICT)
    return said_published(made)


@blueprint.post("/discard")
@allow(needs(Right.PUBLISH))
def discard(questionnaire_id: str) -> ResponseReturnValue:
    """Throw it away with all that was answered, once that was confirmed."""
    found = _trial(questionnaire_id)
    if not DiscardForm().validate():
        flash(_("Tick the box to confirm."), "error")
        return _page(found, HTTPStatus.UNPROCESSABLE_ENTITY)
    trials.discard(found)
    flash(_("The trial version was thrown away."))
    return redirect(url_for("editions.publish"), HTTPStatus.SEE_OTHER)


def _trial(questionnaire_id: str) -> Trial:
    found = trials.find(questionnaire_id) if questionnaire_id.isprintable() else None
    return found or abort(HTTPStatus.NOT_FOUND)


def _page(found: Trial, status: int = HTTPStatus.OK) -> Response:
    definition = trials.definition_of(found)
    before = catalogue.current(found.questionnaire_id)
    key = trials.key_of(found)
    response = make_response(
        render_template(
            "manage/trial.html",
            trial=found,
            key=key,
            chosen=_chosen(),
            every=ALL,
            count=answered.count(found),
            missing=sorted(files.names(definition) - {each.name for each in found.files}),
            before=before,
            changed=differences(before.definition, definition) if before else [],
            collect=_collect_address(key),
            alone=public_address("pages.trial", lang=_chosen()[0], key=key),
        ),
        status,
    )
    response.headers.update(FRAMING)
    return response


def _chosen() -> list[str]:
    """The languages whose phones are shown."""
    asked = request.args.get("show", "")
    if asked == ALL:
        return list(LANGUAGES)
    return [asked if asked in LANGUAGES else current_language()]


def _collect_address(key: str) -> str:
    """What is typed into ODK Collect where no camera reads the code."""
    public, path = settings_of().public_url, url_for("openrosa_trial.form_list", key=key)
    host = public or request.host_url.rstrip("/")
    return f"{host}{path}".removesuffix("/formList")


def _shown(definition: Questionnaire, tried: Tried) -> Shown:
    found = _lines(definition, dict(tried.answers)) if tried.fits else []
    return Shown(tried, found, _errors(definition, tried))


def _lines(definition: Questionnaire, given: Answers) -> list[Line]:
    identity = {
        path: value for path, _item, value in partition.leaves(definition, given, partition.is_identity)
    }
    return lines(definition, given, Eyes(current_language(), sensitive=True, identity=identity))


def _errors(definition: Questionnaire, tried: Tried) -> list[tuple[str, str]]:
    told = with_authors_words(tried.errors, definition)
    language = current_language()
    return [(each.path, sentence(each, language, definition.default_language)) for each in told]


def register_trials(app: Flask, _settings: Settings) -> None:
    """Serve the pages."""
    app.register_blueprint(blueprint)
