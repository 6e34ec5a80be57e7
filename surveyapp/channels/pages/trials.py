"""`/<lang>/test/<key>`: a trial version as a family's or an interviewer's phone would show it.

It is the whole page itself, with other modules to keep and send by: answers go to the draft area, and
nothing stays on the phone. Without scripts its first section begins the stepwise pages, as a family's
does (`trial_steps`). Only our own pages may show it in a frame.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from flask import Response, jsonify, make_response, request, url_for
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from surveyapp.catalogue import trials
from surveyapp.catalogue.trial_models import Trial
from surveyapp.catalogue.trials import KEYED, trial_of_request
from surveyapp.channels.pages.browser import refuse_other_sites
from surveyapp.channels.pages.pictures import shown_file, shown_type
from surveyapp.channels.pages.routes import Served, blueprint
from surveyapp.channels.pages.trial_steps import RATE, TEST, TrialSteps, framed
from surveyapp.channels.pages.whole_logic import page_logic
from surveyapp.channels.pages.whole_rendering import Places, render_whole
from surveyapp.i18n import LANGUAGES
from surveyapp.limiting import limiter
from surveyapp.people.access import allow
from surveyapp.submissions import trials as answered
from surveyapp.submissions.envelope import BadEnvelope, Envelope, load_envelope
from surveyapp.submissions.models import Channel
from surveyapp.submissions.trials import NotItsAnswer
from surveyapp.wiring import settings_of

SAID: dict[str, LazyString] = {"saved": _l("Kept in this window only")}


@blueprint.get(TEST)
@allow(KEYED)
def trial(lang: str, key: str) -> Served:
    """The questionnaire, to be tried out."""
    return framed(_page(trial_of_request(), lang, key))


@blueprint.get(f"{TEST}/logic.json")
@allow(KEYED)
def trial_logic(lang: str, key: str) -> Served:  # the rule has read the key
    """Its logic, as the page runs it."""
    return _json(page_logic(trials.definition_of(trial_of_request()), lang).document)


@blueprint.get(f"{TEST}/lists.json")
@allow(KEYED)
def trial_lists(lang: str, key: str) -> Served:
    """Its long lists."""
    return _json(page_logic(trials.definition_of(trial_of_request()), lang).lists or b"{}")


@blueprint.get("/test/<key>/files/<name>")
@allow(KEYED)
def trial_file(key: str, name: str) -> Served:
    """One of its pictures, sounds or films."""
    content = trials.file_of(trial_of_request(), name) if shown_type(name) else None
    return shown_file(name, content)


@blueprint.post(TEST)
@allow(KEYED)
@limiter.limit(RATE)
def try_out(lang: str, key: str) -> Served:
    """Keep what was answered in the draft area; a form without scripts begins the stepwise pages."""
    if not request.is_json:
        refuse_other_sites()
        return framed(TrialSteps(trial_of_request(), lang, key).begin())
    try:
        number, faults = answered.keep(trial_of_request(), _envelope())
    except NotItsAnswer:
        return _refused(_("The trial version was replaced meanwhile. Load the page again."))
    except (ValueError, RecursionError):
        return _refused(_("The request cannot be understood"), HTTPStatus.BAD_REQUEST)
    return jsonify({"number": number, "faults": faults})


def _envelope() -> Envelope:
    """What was sent. Raises `ValueError`, `RecursionError`."""
    request.max_content_length = settings_of().max_request_bytes
    item = json.loads(request.get_data(cache=False), parse_constant=_no_number)
    envelope = load_envelope(item, Channel.WEB)
    if envelope.sealed is not None:
        raise BadEnvelope(())
    return envelope


def _no_number(_name: str) -> Any:
    raise ValueError("not a number")


def _refused(text: str, status: HTTPStatus = HTTPStatus.CONFLICT) -> Response:
    return make_response(jsonify({"message": text}), status)


def _json(content: bytes) -> Response:
    response = make_response(content)
    response.mimetype = "application/json"
    return response


def _page(found: Trial, language: str, key: str) -> str:
    definition = trials.definition_of(found)
    made = page_logic(definition, language)
    places = Places(
        action=url_for("pages.trial", lang=language, key=key),
        documents={
            "logic": url_for("pages.trial_logic", lang=language, key=key),
            "lists": url_for("pages.trial_lists", lang=language, key=key) if made.lists else "",
        },
        files={
            each.name: url_for("pages.trial_file", key=key, name=each.name)
            for each in found.files
            if shown_type(each.name)
        },
        light=(),
        others={each: url_for("pages.trial", lang=each, key=key) for each in LANGUAGES},
        keeper="trial",
    )
    underway = TrialSteps(found, language, key).underway()
    told: dict[str, Any] = {"trial": found, "underway": underway}
    return render_whole(definition, language, places, "pages/trial.html", SAID, **told)
