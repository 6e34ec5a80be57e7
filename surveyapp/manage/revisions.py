"""`…/s/<id>/changes`: where two revisions of a record differ, question by question."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Blueprint, Flask, abort, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from surveyapp.catalogue import service as catalogue
from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.manage import record_queries
from surveyapp.manage.record_changes import changes
from surveyapp.manage.record_forms import IdentityForm
from surveyapp.manage.record_lines import Eyes, Line, lines
from surveyapp.manage.record_page import asked_language, languages_of, speaker_of
from surveyapp.manage.record_queries import NoSuchRevision, Revision
from surveyapp.manage.set_aside import refuse_set_aside
from surveyapp.manage.sight import Sight
from surveyapp.people import audit
from surveyapp.people.access import allow
from surveyapp.people.rights import Right
from surveyapp.people.roles import my_reach, needs
from surveyapp.questionnaires import partition
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.submissions.keys import KeyMissing, keys_of
from surveyapp.submissions.models import State, Submission
from surveyapp.submissions.opening import Erased, identity_of
from surveyapp.submissions.sealing import CannotOpen

blueprint = Blueprint(
    "revisions", __name__, url_prefix="/manage/q/<questionnaire_id>/s/<uuid:submission_id>/changes"
)
CLOSED = (Erased, CannotOpen, KeyMissing)


@blueprint.get("")
@allow(needs(Right.READ))
def differences(questionnaire_id: str, submission_id: UUID) -> str:
    """Two revisions side by side, without what is guarded."""
    return _page(_found(questionnaire_id, submission_id), Sight())


@blueprint.post("")
@allow(needs(Right.READ_SENSITIVE))
def guarded(questionnaire_id: str, submission_id: UUID) -> ResponseReturnValue:
    """The same with sensitive answers, and for a reason with who is meant; written down first."""
    found, form = _found(questionnaire_id, submission_id), IdentityForm()
    wants_identity = request.form.get("show") == "identity"
    if wants_identity and not my_reach(Right.READ_IDENTITY).covers(found.questionnaire, found.region):
        abort(HTTPStatus.FORBIDDEN)
    if wants_identity and not form.validate():
        return _page(found, Sight(), form), HTTPStatus.UNPROCESSABLE_ENTITY
    reason: dict[str, audit.Detail] = {"reason": form.told()} if wants_identity else {}
    details = {"identity": wants_identity, "sensitive": True} | reason
    audit.record(audit.Action.SUBMISSION_OPENED, str(submission_id), details)
    db.session.commit()
    try:
        return _page(_found(questionnaire_id, submission_id), Sight(True, wants_identity))
    except CLOSED:
        flash(_("What points at a person cannot be opened: its key is not there any more."), "error")
        return _page(_found(questionnaire_id, submission_id), Sight(sensitive=True))


def _found(questionnaire_id: str, submission_id: UUID) -> Submission:
    found = record_queries.one(submission_id)
    if found is None or found.questionnaire != questionnaire_id or found.status == State.ERASED:
        abort(HTTPStatus.NOT_FOUND)
    refuse_set_aside(found)
    return found


def _page(found: Submission, sight: Sight, form: IdentityForm | None = None) -> str:
    older, newer = _asked(found)
    definition = _definition(found, newer) or abort(HTTPStatus.NOT_FOUND)
    language = asked_language(definition)
    told = {each.revision: each for each in record_queries.history(found)}
    acts = [act for act in record_queries.acts(found) if act.act == "correct"]
    may = {str(right) for right in Right if my_reach(right).covers(found.questionnaire, found.region)}
    return render_template(
        "manage/changes_page.html",
        record=found,
        older=told[older.number],
        newer=told[newer.number],
        told=told,
        acts={act.revision: act for act in acts},
        changes=_changes(found, older, newer, sight, language),
        identity_differs=older.identity_commitment != newer.identity_commitment,
        sight=sight,
        can=may,
        form=form or IdentityForm(formdata=None),
        question_languages=languages_of(definition),
        question_language=language,
    )


def _asked(found: Submission) -> tuple[Revision, Revision]:
    """The two revisions that are asked for; without a word, the current one and the one before."""
    newer = request.values.get("newer", found.revision, type=int)
    older = request.values.get("older", max(newer - 1, 1), type=int)
    try:
        return record_queries.revision(found, older), record_queries.revision(found, newer)
    except (NoSuchRevision, OverflowError):
        abort(HTTPStatus.NOT_FOUND)


def _definition(found: Submission, revision: Revision) -> Questionnaire | None:
    edition = catalogue.edition(found.questionnaire, revision.version)
    return edition.definition if edition else None


def _changes(
    found: Submission, older: Revision, newer: Revision, sight: Sight, language: str
) -> list[Any]:
    before, was = _told(found, older, sight, language)
    after, is_now = _told(found, newer, sight, language)
    nowhere = object()
    return changes(before, after, lambda path: was.get(path, nowhere) != is_now.get(path, nowhere))


def _told(
    found: Submission, revision: Revision, sight: Sight, language: str
) -> tuple[list[Line], dict[str, Any]]:
    """A revision's lines, and its answers by node path; those that point at a person once opened."""
    definition = _definition(found, revision)
    if definition is None:
        return [], {}
    identity = dict(identity_of(keys_of(), revision)) if sight.identity else None
    speaker = speaker_of(definition, revision.answers, identity, revision.ended_at, sight)
    eyes = Eyes(language, sight.sensitive, identity, speaker=speaker)
    given = {path: value for path, _item, value in partition.leaves(definition, revision.answers)}
    return lines(definition, revision.answers, eyes), given | (identity or {})


def register_revisions(app: Flask, _settings: Settings) -> None:
    """Serve the page; what its address names is said by `records`."""
    app.register_blueprint(blueprint)
