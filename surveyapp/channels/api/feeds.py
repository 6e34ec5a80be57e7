"""`/api/v1`: what changed since a cursor, and the revisions of one submission."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response, abort, request
from flask_smorest import Blueprint
from sqlalchemy import Row

from surveyapp.catalogue import service as catalogue
from surveyapp.channels.api import lookup, problems, schemas
from surveyapp.channels.api.callers import EXPORTER, SUBMITTER, holder
from surveyapp.channels.api.views import PROBLEM
from surveyapp.people.access import allow
from surveyapp.people.rights import Right
from surveyapp.questionnaires import partition
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.submissions.changes import BadCursor, OtherEpoch, changes
from surveyapp.submissions.models import State

blueprint = Blueprint("feeds", __name__, url_prefix="/api/v1", description="Reading what was sent")

#: how many submissions an answer holds at most, and if nothing is said
MOST, USUAL = 1000, 100
#: said instead of the state of what is none of a reader's business any more
MOVED = "moved"
_LIMIT = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)


class BadLimit(ValueError):
    """Not a number of submissions that can be asked for at once."""


@blueprint.errorhandler(BadLimit)
def of_bad_limit(_error: BadLimit) -> Response:
    """What is no limit."""
    return problems.problem(HTTPStatus.BAD_REQUEST, "limit")


@blueprint.errorhandler(BadCursor)
def of_bad_cursor(_error: BadCursor) -> Response:
    """What is no cursor."""
    return problems.problem(HTTPStatus.BAD_REQUEST, "cursor")


@blueprint.errorhandler(OtherEpoch)
def of_other_epoch(_error: OtherEpoch) -> Response:
    """A cursor of before the database was restored."""
    return problems.problem(HTTPStatus.GONE, "other_epoch")


@blueprint.get("/questionnaires/<questionnaire_id>/submissions")
@allow(EXPORTER)
@blueprint.doc(
    parameters=[
        {
            "name": "since",
            "in": "query",
            "description": "the last answer's `cursor`; without it, from the beginning",
            "schema": {"type": "string"},
        },
        {
            "name": "limit",
            "in": "query",
            "schema": {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
        },
    ]
)
@blueprint.response(200, schemas.ChangesSchema)
@blueprint.alt_response(400, description="Not a cursor", **PROBLEM)
@blueprint.alt_response(403, description="Not within the rights of the token's holder", **PROBLEM)
@blueprint.alt_response(404, description="No such questionnaire", **PROBLEM)
@blueprint.alt_response(410, description="A cursor of before a restore: start again", **PROBLEM)
def submissions_since(questionnaire_id: str) -> dict[str, Any]:
    """Submissions that changed since a cursor, each as it is now, in the order of their changes.

    Nothing is skipped and nothing comes twice, whoever writes meanwhile. Begin without `since`, keep the
    `cursor` of each answer for the next question. One that was deleted or erased is told without
    answers; to somebody who sees some regions, so is one that an edit took to another region: its
    state is `moved`. Those that point at a person, and sensitive ones, are left out.
    """
    limit = _limit()
    if not lookup.is_questionnaire(questionnaire_id):
        abort(HTTPStatus.NOT_FOUND)
    reach = lookup.reach(holder(), Right.EXPORT)
    if not reach.touches(questionnaire_id):
        abort(HTTPStatus.FORBIDDEN)
    regions = reach.regions(questionnaire_id)
    versions = [each.definition for each in catalogue.all_editions(questionnaire_id)]
    page = changes(
        questionnaire_id,
        request.args.get("since"),
        limit=limit,
        regions=regions,
        definitions=versions,
    )
    definitions = _definitions(page.rows)
    return {
        "submissions": [_changed(row, definitions[row.version], regions) for row in page.rows],
        "cursor": str(page.cursor),
        "more": page.more,
    }


@blueprint.get("/submissions/<uuid:submission_id>/revisions")
@allow(SUBMITTER)
@blueprint.response(200, schemas.RevisionsSchema)
@blueprint.alt_response(404, description="Not held, or somebody else's", **PROBLEM)
def revisions(submission_id: UUID) -> dict[str, Any]:
    """The revisions of a submission, oldest first, without answers.

    Only its senders and whoever may read what others send are told.
    """
    found = lookup.revisions_of(submission_id, holder())
    return {"revisions": found or abort(HTTPStatus.NOT_FOUND)}


def _limit() -> int:
    asked = request.args.get("limit", str(USUAL))
    if not _LIMIT.fullmatch(asked) or int(asked) > MOST:
        raise BadLimit
    return int(asked)


def _definitions(rows: Sequence[Row[Any]]) -> dict[str, Questionnaire | None]:
    named = {(row.questionnaire, row.version) for row in rows}
    found = {version: catalogue.edition(questionnaire, version) for questionnaire, version in named}
    return {version: edition.definition if edition else None for version, edition in found.items()}


def _changed(
    row: Row[Any], definition: Questionnaire | None, regions: Collection[str] | None
) -> Mapping[str, Any]:
    known = {"id": str(row.id), "revision": row.revision, "state": row.status}
    if State(row.status).is_gone:
        return known
    if regions is not None and row.region not in regions:
        return known | {"state": MOVED}
    told = {name: getattr(row, name) for name in _TOLD}
    return known | told | {"answers": _open_answers(row, definition)}


_TOLD = (
    "questionnaire",
    "version",
    "language",
    "channel",
    "flags",
    "synthetic",
    "started_at",
    "finished_at",
    "utc_offset",
    "received_at",
    "first_received_at",
)


def _open_answers(row: Row[Any], definition: Questionnaire | None) -> dict[str, Any]:
    if definition is None:  # which answers are sensitive cannot be told
        return {}
    return partition.drop(definition, row.answers, partition.is_sensitive)
