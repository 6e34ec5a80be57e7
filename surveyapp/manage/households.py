"""`…/households` and `…/s/<id>/household`: records of one household together, to decide which holds."""

from __future__ import annotations

from http import HTTPStatus
from itertools import chain
from typing import Any, NamedTuple
from uuid import UUID

from flask import Blueprint, Flask, abort, render_template, request
from sqlalchemy import ColumnElement

from surveyapp.catalogue import service as catalogue
from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.manage import record_queries
from surveyapp.manage.record_lines import Eyes, Line, above, lines
from surveyapp.manage.record_page import asked_language, languages_of
from surveyapp.manage.set_aside import is_readable, refuse_set_aside
from surveyapp.people.access import allow
from surveyapp.people.rights import Right
from surveyapp.people.roles import my_reach, needs
from surveyapp.people.service import names_of
from surveyapp.questionnaires import partition
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.submissions import households
from surveyapp.submissions.models import Submission

blueprint = Blueprint("households", __name__, url_prefix="/manage/q/<questionnaire_id>")
#: households on a page, and records of one that are shown beside each other
PAGE, MOST = 50, 8


class Group(NamedTuple):
    """A household with several records."""

    records: list[Submission]
    total: int


class Row(NamedTuple):
    """A question that is not answered alike in all records; None: it is not there in one."""

    path: str
    trail: tuple[str, ...]
    label: str
    answers: list[Line | None]


@blueprint.get("/households")
@allow(needs(Right.READ))
def repeated(questionnaire_id: str) -> str:
    """Households with several records."""
    if not questionnaire_id.isprintable() or catalogue.current(questionnaire_id) is None:
        abort(HTTPStatus.NOT_FOUND)
    query = households.repeated(questionnaire_id, _seen(), _after(), PAGE + 1)
    rows = db.session.execute(query).all()
    found = [(bytes(digest), total) for digest, total in rows if digest is not None]
    digests = [digest for digest, _count in found[:PAGE]]
    first = households.first_records(questionnaire_id, digests, _seen())
    by_digest: dict[bytes, list[Submission]] = {}
    for digest, record in db.session.execute(first):
        if is_readable(record):
            by_digest.setdefault(bytes(digest or b""), []).append(record)
    return render_template(
        "manage/households.html",
        questionnaire_id=questionnaire_id,
        is_named=bool(households.naming(questionnaire_id)),
        groups=[Group(by_digest.get(d, [])[:MOST], count) for d, count in found[:PAGE]],
        more=digests[-1].hex() if len(found) > PAGE else None,
    )


@blueprint.get("/s/<uuid:submission_id>/household")
@allow(needs(Right.READ))
def household(questionnaire_id: str, submission_id: UUID) -> str:
    """The records of a record's household side by side: where they differ, and what becomes of them."""
    found = record_queries.one(submission_id)
    if found is None or found.questionnaire != questionnaire_id:
        abort(HTTPStatus.NOT_FOUND)
    refuse_set_aside(found)
    records = same_household(found, MOST + 1)
    known = _definitions([found, *records[:MOST]])
    definition = known.get(found.version)
    language = asked_language(definition)
    may = [{str(right) for right in Right if _may(each, right)} for each in records]
    return render_template(
        "manage/household.html",
        record=found,
        records=records[:MOST],
        more=len(records) > MOST,
        may=may,
        names=names_of({each.sender_id for each in records if each.sender_id is not None}),
        rows=_rows(known, records[:MOST], language),
        question_languages=languages_of(definition) if definition else {},
        question_language=language,
    )


def same_household(found: Submission, most: int) -> list[Submission]:
    """The records of its household that the signed-in person may see, itself among them."""
    digest = db.session.scalar(households.of_record(found))
    if digest is None:
        return []
    query = households.records_of(found.questionnaire, digest, _seen()).limit(most)
    return [each for each in db.session.scalars(query) if is_readable(each)]


def _seen() -> ColumnElement[bool]:
    return my_reach(Right.READ).rows(Submission.questionnaire, Submission.region)


def _may(found: Submission, right: Right) -> bool:
    return my_reach(right).covers(found.questionnaire, found.region)


def _after() -> bytes | None:
    try:
        return bytes.fromhex(request.args.get("after", "")) or None
    except ValueError:
        return None


def _rows(known: dict[str, Questionnaire], records: list[Submission], language: str) -> list[Row]:
    """The questions whose answers differ, without those that are guarded."""
    definitions = [known.get(each.version) for each in records]
    both = list(zip(definitions, records, strict=True))
    told = [_told(definition, each, language) for definition, each in both]
    values = [_values(definition, each) for definition, each in both]
    by_path = [{line.path: line for line in each if line.kept is not None} for each in told]
    trails: dict[str, tuple[str, ...]] = {}
    for each in told:
        trails |= above(each)
    nowhere: Any = object()
    found = []
    for path in dict.fromkeys(chain.from_iterable(by_path)):
        given = [each.get(path, nowhere) for each in values]
        if all(value == given[0] for value in given):
            continue
        answers = [each.get(path) for each in by_path]
        label = next(line.label for line in answers if line is not None)
        found.append(Row(path, trails[path], label, answers))
    return found


def _definitions(records: list[Submission]) -> dict[str, Questionnaire]:
    """Version → definition of each that the records are answers to."""
    editions = {each.version: (each.questionnaire, each.version) for each in records}
    found = {version: catalogue.edition(*named) for version, named in editions.items()}
    return {version: edition.definition for version, edition in found.items() if edition}


def _told(definition: Questionnaire | None, record: Submission, language: str) -> list[Line]:
    return lines(definition, record.answers, Eyes(language)) if definition else []


def _values(definition: Questionnaire | None, record: Submission) -> dict[str, Any]:
    if definition is None:
        return {}
    return {path: value for path, _item, value in partition.leaves(definition, record.answers)}


def register_households(app: Flask, _settings: Settings) -> None:
    """Serve the pages; what their addresses name is said by `records`."""
    app.register_blueprint(blueprint)
