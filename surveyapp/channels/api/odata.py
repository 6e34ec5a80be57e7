"""`/api/v1/odata/<questionnaire>/`: the tables for Excel, Power BI and other clients of OData 4.0."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from flask import Response, abort, request, url_for
from flask_babel import force_locale
from flask_smorest import Blueprint

from surveyapp.catalogue import service as catalogue
from surveyapp.channels.api import lookup
from surveyapp.channels.api.callers import READER, holder
from surveyapp.channels.api.problems import caller_language
from surveyapp.channels.api.views import PROBLEM
from surveyapp.database import will_write
from surveyapp.exports.odata.asking import Options, read_options
from surveyapp.exports.odata.errors import ODataRefused
from surveyapp.exports.odata.guarding import guard_of
from surveyapp.exports.odata.model import EntitySet, entity_sets, metadata, service_document
from surveyapp.exports.odata.paging import count_of, page, row_of
from surveyapp.exports.plan import make_plan
from surveyapp.exports.profiles import is_withheld
from surveyapp.exports.request import Profile, Selection, TableOptions
from surveyapp.extensions import db
from surveyapp.people import audit
from surveyapp.people.access import allow
from surveyapp.people.rights import Right
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.wiring import settings_of

blueprint = Blueprint("odata", __name__, url_prefix="/api/v1/odata", description="OData 4.0")
JSON_TYPE = "application/json;odata.metadata=minimal"
#: a key as an address has it, with or without the property's name
_KEY = re.compile(r"(?:id=)?'((?:[^']|'')*)'")


@blueprint.after_request
def _say_version(response: Response) -> Response:
    response.headers["OData-Version"] = "4.0"
    return response


@blueprint.errorhandler(ODataRefused)
def _of_refused(error: ODataRefused) -> Response:
    """An error as OData has it."""
    with force_locale(caller_language()):
        told = {"code": "option", "message": str(error.sentence), "target": error.target}
    return _json({"error": told}, error.status)


@blueprint.get("/<questionnaire_id>/")
@allow(READER)
@blueprint.doc(responses={"200": {"description": "The service document: the tables that there are"}})
@blueprint.alt_response(403, description="Not within the rights of the token's holder", **PROBLEM)
@blueprint.alt_response(404, description="No such questionnaire", **PROBLEM)
def service(questionnaire_id: str) -> Response:
    """The tables of a questionnaire."""
    return _json(service_document(_root(questionnaire_id), _sets(questionnaire_id).values()))


@blueprint.get("/<questionnaire_id>/$metadata")
@allow(READER)
@blueprint.doc(responses={"200": {"description": "CSDL", "content": {"application/xml": {}}}})
@blueprint.alt_response(403, description="Not within the rights of the token's holder", **PROBLEM)
@blueprint.alt_response(404, description="No such questionnaire", **PROBLEM)
def describe(questionnaire_id: str) -> Response:
    """The tables with their columns and types."""
    described = metadata(list(_sets(questionnaire_id).values()))
    return Response(described, content_type="application/xml; charset=utf-8")


def _option(name: str, description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": description, "schema": {"type": "string"}}


OPTIONS = [
    _option("$select", "columns, parted by commas; `id` always comes along"),
    _option("$filter", "comparisons of times and of what a submission's state is told by"),
    _option("$top", "at most so many rows"),
    _option("$count", "`true`: how many there are"),
    _option("$skiptoken", "where to go on; stands in `@odata.nextLink`"),
    _option("$format", "`json`"),
]


@blueprint.get("/<questionnaire_id>/<entity_set>")
@allow(READER)
@blueprint.doc(parameters=OPTIONS, responses={"200": {"description": "A page of rows"}})
@blueprint.alt_response(403, description="Not within the rights of the token's holder", **PROBLEM)
@blueprint.alt_response(404, description="No such table", **PROBLEM)
def rows(questionnaire_id: str, entity_set: str) -> Response:
    """A page of a table, de-identified: `$filter` compares times as they were, rows tell them coarsely.

    `@odata.nextLink` leads to the next page; where it is not there, this was the last.
    """
    found, options = _asked(questionnaire_id, entity_set)
    selection = _selection(questionnaire_id)
    guard = guard_of(questionnaire_id, selection, _definitions(questionnaire_id))
    given = page(questionnaire_id, selection, found, options, guard)
    if not options.after:
        _write_down(questionnaire_id)
    answer: dict[str, Any] = {"@odata.context": _context(questionnaire_id, found, options)}
    if given.count is not None:
        answer["@odata.count"] = given.count
    answer["value"] = given.rows
    if given.after is not None:
        answer["@odata.nextLink"] = _next(questionnaire_id, found, given.after, given.top)
    return _json(answer)


@blueprint.get("/<questionnaire_id>/<entity_set>(<path:key>)")
@allow(READER)
@blueprint.doc(parameters=OPTIONS[:1], responses={"200": {"description": "The row with this key"}})
@blueprint.alt_response(403, description="Not within the rights of the token's holder", **PROBLEM)
@blueprint.alt_response(404, description="No such table, or no such row", **PROBLEM)
def row(questionnaire_id: str, entity_set: str, key: str) -> Response:
    """One row by its key: `submissions('0b7c…')`, `child('0b7c…%2Fchild[2]')`."""
    found, options = _asked(questionnaire_id, entity_set)
    selection = _selection(questionnaire_id)
    guard = guard_of(questionnaire_id, selection, _definitions(questionnaire_id))
    given = row_of(questionnaire_id, selection, found, replace(options, key=_key(key)), guard)
    if given is None:
        abort(HTTPStatus.NOT_FOUND)
    _write_down(questionnaire_id)
    return _json({"@odata.context": f"{_context(questionnaire_id, found, options)}/$entity", **given})


@blueprint.get("/<questionnaire_id>/<entity_set>/$count")
@allow(READER)
@blueprint.doc(parameters=OPTIONS[1:2], responses={"200": {"description": "How many rows there are"}})
@blueprint.alt_response(403, description="Not within the rights of the token's holder", **PROBLEM)
@blueprint.alt_response(404, description="No such table", **PROBLEM)
def count(questionnaire_id: str, entity_set: str) -> Response:
    """How many rows a table has."""
    found, options = _asked(questionnaire_id, entity_set)
    selection = _selection(questionnaire_id)
    guard = guard_of(questionnaire_id, selection, _definitions(questionnaire_id))
    number = count_of(questionnaire_id, selection, found, options, guard)
    return Response(str(number), content_type="text/plain; charset=utf-8")


# --- what the views share ---------------------------------------------------------------------------


def _json(content: Mapping[str, Any], status: int = HTTPStatus.OK) -> Response:
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return Response(text, status, content_type=JSON_TYPE)


def _root(questionnaire_id: str) -> str:
    return url_for("odata.service", questionnaire_id=questionnaire_id, _external=True)


def _selection(questionnaire_id: str) -> Selection:
    """What the token's holder may export of it; aborts where that is nothing."""
    reach = lookup.reach(holder(), Right.EXPORT)
    if not reach.touches(questionnaire_id):
        abort(HTTPStatus.FORBIDDEN)
    return Selection(regions=reach.regions(questionnaire_id))


def _sets(questionnaire_id: str) -> Mapping[str, EntitySet]:
    """The tables, with the columns of a de-identified export and no other, whoever asks."""
    if not lookup.is_questionnaire(questionnaire_id):
        abort(HTTPStatus.NOT_FOUND)
    _selection(questionnaire_id)
    withheld = partial(is_withheld, Profile.DE_IDENTIFIED)
    definitions = _definitions(questionnaire_id)
    return entity_sets(make_plan(definitions, TableOptions(), settings_of().timezone, withheld))


def _definitions(questionnaire_id: str) -> list[Questionnaire]:
    return [edition.definition for edition in catalogue.all_editions(questionnaire_id)]


def _asked(questionnaire_id: str, name: str) -> tuple[EntitySet, Options]:
    found = _sets(questionnaire_id).get(name)
    if found is None:
        abort(HTTPStatus.NOT_FOUND)
    return found, read_options(found, request.args.to_dict())


def _key(text: str) -> str:
    """The key between the parentheses; aborts where it is not one text."""
    match = _KEY.fullmatch(text)
    if match is None:
        abort(HTTPStatus.NOT_FOUND)
    return match[1].replace("''", "'")


def _context(questionnaire_id: str, found: EntitySet, options: Options) -> str:
    names = ",".join(each.name for each in options.properties)
    part = f"({names})" if options.selected else ""
    return f"{_root(questionnaire_id)}$metadata#{found.name}{part}"


def _next(questionnaire_id: str, found: EntitySet, after: int, top: int | None) -> str:
    kept = {name: value for name, value in request.args.items() if name != "$count"}
    kept |= {"$skiptoken": str(after)} | ({} if top is None else {"$top": str(top)})
    return f"{_root(questionnaire_id)}{found.name}?{urlencode(kept, safe='$')}"


def _write_down(questionnaire_id: str) -> None:
    """Once for each reading of a table, with its first page."""
    db.session.rollback()
    will_write()
    details: dict[str, audit.Detail] = {"format": "odata", "identity": False, "sensitive": False}
    audit.record(audit.Action.EXPORTED, questionnaire_id, details, user_id=holder().user_id)
    db.session.commit()
