"""`/api/v1`: exports with all their choices, by a name that stays the same, and as prepared files."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response, abort, request, url_for
from flask_smorest import Blueprint
from sqlalchemy import Row

from surveyapp.channels.api import lookup, problems, schemas
from surveyapp.channels.api.callers import EXPORTER, READER, holder
from surveyapp.channels.api.views import PROBLEM
from surveyapp.database import will_write
from surveyapp.exports import jobs, presets
from surveyapp.exports.choices import CHOICES, Choice
from surveyapp.exports.choosing import read_request, written_request
from surveyapp.exports.errors import CursorRefused, ExportError
from surveyapp.exports.fetching import NotThere, open_file
from surveyapp.exports.formats import FORMATS
from surveyapp.exports.jobs import Wanted
from surveyapp.exports.models import JobState
from surveyapp.exports.refusals import refused_choices
from surveyapp.exports.request import ExportRequest
from surveyapp.exports.responses import as_file, goes_on, streamed
from surveyapp.exports.rights import NotAllowed, cut_to, right_for
from surveyapp.exports.service import check, export
from surveyapp.extensions import db
from surveyapp.people.access import allow
from surveyapp.wiring import settings_of

blueprint = Blueprint("exports", __name__, url_prefix="/api/v1", description="Taking data out")
#: tells with what to ask for what changes after this export
CURSOR_HEADER = "Export-Cursor"


def _parameter(choice: Choice) -> dict[str, Any]:
    """How OpenAPI describes a choice."""
    schema: dict[str, Any] = {"type": "string"}
    if choice.name == "format":
        schema["enum"] = list(FORMATS)
    elif choice.words and choice.kind == "word":
        schema["enum"] = [str(word) for word in choice.words]
    if choice.default:
        schema["default"] = str(choice.default)
    apart = "; several are parted by commas" if choice.kind in {"words", "list"} else ""
    some = f": {', '.join(choice.words)}" if choice.kind == "words" else ""
    # outside a request it is in English, as the rest of the description
    description = f"{choice.meaning}{some}{apart}"
    return {"name": choice.name, "in": "query", "description": description, "schema": schema}


PARAMETERS = [_parameter(choice) for choice in CHOICES.values()]
FILE = {
    "description": "The file, while it is made. Without the whole of it, its cursor is worth nothing",
    "headers": {
        CURSOR_HEADER: {
            "description": "where `since` was asked for: the next `since`",
            "schema": {"type": "string"},
        }
    },
    "content": {each.media_type.partition(";")[0]: {} for each in FORMATS.values()},
}


@blueprint.errorhandler(ExportError)
def _of_refused(error: ExportError) -> Response:
    """A choice that cannot be understood, or cannot be had."""
    old = isinstance(error, CursorRefused) and error.other_epoch
    status = HTTPStatus.GONE if old else HTTPStatus.BAD_REQUEST
    return problems.of_parameters(refused_choices(error), status)


@blueprint.errorhandler(NotAllowed)
def _of_not_allowed(_error: NotAllowed) -> Response:
    return problems.problem(HTTPStatus.FORBIDDEN)


@blueprint.errorhandler(NotThere)
def _of_not_there(_error: NotThere) -> Response:
    return problems.problem(HTTPStatus.NOT_FOUND)


@blueprint.errorhandler(jobs.TooManyJobs)
def _of_too_many(_error: jobs.TooManyJobs) -> Response:
    retry = {"Retry-After": str(problems.RETRY_AFTER)}
    return problems.problem(HTTPStatus.TOO_MANY_REQUESTS, headers=retry)


@blueprint.get("/questionnaires/<questionnaire_id>/export")
@allow(READER)
@blueprint.doc(parameters=PARAMETERS, responses={"200": FILE})
@blueprint.alt_response(400, description="A parameter is wrong: `parameters` names it", **PROBLEM)
@blueprint.alt_response(403, description="Not within the rights of the token's holder", **PROBLEM)
@blueprint.alt_response(404, description="No such questionnaire", **PROBLEM)
@blueprint.alt_response(410, description="A cursor of before a restore: start again", **PROBLEM)
def of_questionnaire(questionnaire_id: str) -> Response:
    """The submissions of a questionnaire as a file.

    The choices are those of the page and of the command. A breakdown is chosen as `group-NAME=CODE`.
    A format that cannot be written while submissions are read is asked for as a prepared file.
    """
    return _answered(_wanted(questionnaire_id, request.args.to_dict()))


@blueprint.get("/exports/<uuid:preset_id>")
@allow(READER)
@blueprint.doc(
    parameters=[_parameter(CHOICES["since"])],
    responses={"200": FILE},
)
@blueprint.alt_response(400, description="A parameter is wrong: `parameters` names it", **PROBLEM)
@blueprint.alt_response(403, description="Not within the rights of the token's holder", **PROBLEM)
@blueprint.alt_response(404, description="Nothing of that name, or somebody else's", **PROBLEM)
@blueprint.alt_response(410, description="A cursor of before a restore: start again", **PROBLEM)
def of_preset(preset_id: UUID) -> Response:
    """The same by choices that somebody gave a name; what is asked besides goes before them."""
    preset = presets.usable(preset_id, holder().user_id)
    if preset is None:
        abort(HTTPStatus.NOT_FOUND)
    asked = {**preset.choices, **request.args.to_dict()}
    return _answered(_wanted(preset.questionnaire, asked))


@blueprint.post("/questionnaires/<questionnaire_id>/export-jobs")
@allow(EXPORTER)
@blueprint.doc(parameters=PARAMETERS)
@blueprint.response(202, schemas.ExportJobSchema)
@blueprint.alt_response(400, description="A parameter is wrong: `parameters` names it", **PROBLEM)
@blueprint.alt_response(403, description="Not within the rights of the token's holder", **PROBLEM)
@blueprint.alt_response(404, description="No such questionnaire", **PROBLEM)
@blueprint.alt_response(410, description="A cursor of before a restore: start again", **PROBLEM)
@blueprint.alt_response(429, description="Too many under way", **PROBLEM)
def ask(questionnaire_id: str) -> tuple[dict[str, Any], int, dict[str, str]]:
    """Have a file prepared; look at `Location` until it is `done`, then fetch `file`."""
    wanted = _wanted(questionnaire_id, request.args.to_dict())
    choices = written_request(wanted, settings_of().timezone)
    job_id = jobs.ask(Wanted(_me(), questionnaire_id, choices, wanted.confidential))
    place = url_for("exports.job", job_id=job_id)
    return _told(_own(job_id)), HTTPStatus.ACCEPTED, {"Location": place}


@blueprint.get("/export-jobs/<uuid:job_id>")
@allow(EXPORTER)
@blueprint.response(200, schemas.ExportJobSchema)
@blueprint.alt_response(404, description="None of the caller's", **PROBLEM)
def job(job_id: UUID) -> dict[str, Any]:
    """How far a prepared file is."""
    return _told(_own(job_id))


@blueprint.delete("/export-jobs/<uuid:job_id>")
@allow(EXPORTER)
@blueprint.response(200, schemas.ExportJobSchema)
@blueprint.alt_response(404, description="None of the caller's", **PROBLEM)
def cancel(job_id: UUID) -> dict[str, Any]:
    """Cancel what is not finished; what is over stays as it is."""
    _own(job_id)
    jobs.cancel(job_id, _me())
    return _told(_own(job_id))


@blueprint.get("/export-jobs/<uuid:job_id>/file")
@allow(EXPORTER)
@blueprint.doc(
    responses={
        "200": {"description": "The file; `Repr-Digest` (RFC 9530) has its SHA-256"},
        "206": {"description": "A part of it (`Range`)"},
        "304": {"description": "Unchanged since the `ETag` sent in `If-None-Match`"},
    }
)
@blueprint.alt_response(403, description="Not within the rights of the token's holder", **PROBLEM)
@blueprint.alt_response(404, description="None of the caller's, or not there (any more)", **PROBLEM)
@blueprint.alt_response(416, description="No such part", **PROBLEM)
def file(job_id: UUID) -> Response:
    """A finished file, whole or a part of it."""
    return as_file(open_file(job_id, _me(), goes_on=goes_on()))


# --- what the views share ---------------------------------------------------------------------------


def _me() -> int:
    user_id = holder().user_id
    if user_id is None or holder().device is not None:
        abort(HTTPStatus.FORBIDDEN)
    return user_id


def _wanted(questionnaire_id: str, asked: dict[str, str]) -> ExportRequest:
    """What is asked for, cut to where the token's holder may. Raises `ExportError`, `NotAllowed`."""
    if not lookup.is_questionnaire(questionnaire_id):
        abort(HTTPStatus.NOT_FOUND)
    wanted = read_request(questionnaire_id, asked, settings_of().timezone)
    wanted = cut_to(wanted, lookup.reach(holder(), right_for(confidential=wanted.confidential)))
    check(wanted)
    return wanted


def _answered(wanted: ExportRequest) -> Response:
    if not FORMATS[wanted.format].streams:
        refused = {"format": problems.DETAILS["prepared_only"]}
        abort(problems.of_parameters(refused))
    db.session.rollback()  # the log is written from here on, and on SQLite that begins with its lock
    will_write()
    made = export(wanted, user_id=holder().user_id)
    response = streamed(made)
    if made.cursor is not None:
        response.headers[CURSOR_HEADER] = made.cursor
    return response


def _own(job_id: UUID) -> Row[Any]:
    found = jobs.one(job_id, _me())
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    return found


def _told(row: Row[Any]) -> dict[str, Any]:
    done = row.state == JobState.DONE
    address = url_for("exports.file", job_id=row.id) if done else None
    return {**row._asdict(), "file": address}
