"""One submission's page: what was answered, how it came, its history, and the acts of review."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Blueprint, Flask, Response, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from surveyapp.catalogue import service as catalogue
from surveyapp.config import Settings
from surveyapp.days import day_of
from surveyapp.extensions import db
from surveyapp.manage import record_queries
from surveyapp.manage.households import MOST, same_household
from surveyapp.manage.place_map import place_maps
from surveyapp.manage.record_files import download
from surveyapp.manage.record_forms import IdentityForm, RejectForm, ReturnForm, RevisionForm, UndoForm
from surveyapp.manage.record_lines import Eyes, lines
from surveyapp.manage.record_page import (
    also_told,
    asked_language,
    languages_of,
    names_of_regions,
    region_tiles,
    speaker_of,
    spent,
)
from surveyapp.manage.record_queries import Reviewed
from surveyapp.manage.refusal_words import why_not
from surveyapp.manage.set_aside import GUARDED, is_readable, refuse_set_aside
from surveyapp.manage.sight import Sight
from surveyapp.manage.timing_log import EVENTS, timing_of
from surveyapp.people import audit
from surveyapp.people.access import allow
from surveyapp.people.rights import Reach, Right
from surveyapp.people.roles import covering, my_reach, needs
from surveyapp.submissions import deleted, file_access, reviewing
from surveyapp.submissions.file_access import Reader
from surveyapp.submissions.keys import KeyMissing, keys_of
from surveyapp.submissions.models import Act, State, Submission
from surveyapp.submissions.opening import Erased, identity_of
from surveyapp.submissions.refusals import Refused
from surveyapp.submissions.reviewing import Reviewer
from surveyapp.submissions.sealing import CannotOpen
from surveyapp.submissions.verdict_history import VERDICTS
from surveyapp.wiring import settings_of

blueprint = Blueprint(
    "records", __name__, url_prefix="/manage/q/<questionnaire_id>/s/<uuid:submission_id>"
)
#: what cannot be opened: its key is gone, or not among those that are there
SEALED_FOR_GOOD = (Erased, CannotOpen, KeyMissing)


@blueprint.get("")
@allow(needs(Right.READ))
def record(questionnaire_id: str, submission_id: UUID) -> str:
    """The submission, without sensitive answers and without those that point at a person."""
    return _page(_found(questionnaire_id, submission_id))


@blueprint.post("/sensitive")
@allow(needs(Right.READ_SENSITIVE))
def sensitive(questionnaire_id: str, submission_id: UUID) -> str:
    """The same with sensitive answers, which is written down."""
    found = _readable(questionnaire_id, submission_id)
    _write_down(submission_id, {"identity": False, "sensitive": True})
    return _page(found, sensitive=True)


@blueprint.post("/identity")
@allow(needs(Right.READ_IDENTITY))
def identity(questionnaire_id: str, submission_id: UUID) -> ResponseReturnValue:
    """The same with everything, for a reason, which is written down first."""
    found, form = _readable(questionnaire_id, submission_id), IdentityForm()
    if not form.validate():
        return _page(found, identity_form=form), HTTPStatus.UNPROCESSABLE_ENTITY
    also_sensitive = _may(found, Right.READ_SENSITIVE)
    try:
        opened = identity_of(keys_of(), found)
    except SEALED_FOR_GOOD:
        flash(_("What points at a person cannot be opened: its key is not there any more."), "error")
        return _back(questionnaire_id, submission_id)
    details: dict[str, audit.Detail] = {"identity": True, "reason": form.told()}
    _write_down(submission_id, details | {"sensitive": also_sensitive})
    return _page(_found(questionnaire_id, submission_id), sensitive=also_sensitive, opened=opened)


@blueprint.post("/accept")
@allow(needs(Right.REVIEW))
def accept(questionnaire_id: str, submission_id: UUID) -> ResponseReturnValue:
    """Take the revision that was looked at as good."""
    return _act(questionnaire_id, submission_id, reviewing.accept, _("Accepted."))


@blueprint.post("/return")
@allow(needs(Right.REVIEW))
def return_to_collector(questionnaire_id: str, submission_id: UUID) -> ResponseReturnValue:
    """Send it back to the phone of whoever collected it, with comments."""
    found, form = _found(questionnaire_id, submission_id), ReturnForm()
    if not form.validate():
        return _page(found, return_form=form), HTTPStatus.UNPROCESSABLE_ENTITY
    comments = form.comments()

    def give_back(one: UUID, by: Reviewer) -> None:
        reviewing.return_to_collector(one, comments, by)

    return _act(
        questionnaire_id, submission_id, give_back, _("Returned to the phone that it came from.")
    )


@blueprint.post("/reject")
@allow(needs(Right.REVIEW))
def reject(questionnaire_id: str, submission_id: UUID) -> ResponseReturnValue:
    """Say that it is not to be counted on, and why."""
    found, form = _found(questionnaire_id, submission_id), RejectForm()
    if not form.validate():
        return _page(found, reject_form=form), HTTPStatus.UNPROCESSABLE_ENTITY
    reason = form.reason.data or ""

    def turn_down(one: UUID, by: Reviewer) -> None:
        reviewing.reject(one, reason, by)

    return _act(questionnaire_id, submission_id, turn_down, _("Rejected. It can be undone below."))


@blueprint.post("/undo")
@allow(needs(Right.REVIEW))
def undo(questionnaire_id: str, submission_id: UUID) -> ResponseReturnValue:
    """Take the last verdict back."""
    form = UndoForm()
    if not form.validate():
        abort(HTTPStatus.BAD_REQUEST)
    act = form.act.data

    def take_back(one: UUID, by: Reviewer) -> None:
        reviewing.undo(one, act, by, kinds=VERDICTS)

    return _act(questionnaire_id, submission_id, take_back, _("Undone."))


@blueprint.post("/delete")
@allow(needs(Right.DELETE))
def delete(questionnaire_id: str, submission_id: UUID) -> ResponseReturnValue:
    """Take it out of lists, counts and exports; it can be restored."""
    return _act(
        questionnaire_id, submission_id, reviewing.delete, _("Deleted. It can be restored below.")
    )


@blueprint.post("/restore")
@allow(needs(Right.DELETE))
def restore(questionnaire_id: str, submission_id: UUID) -> ResponseReturnValue:
    """Bring back what was deleted."""
    return _act(questionnaire_id, submission_id, reviewing.restore, _("Restored."))


@blueprint.get("/files/<sha256>")
@allow(needs(Right.READ))
def file(questionnaire_id: str, submission_id: UUID, sha256: str) -> Response:
    """A file whose question is neither sensitive nor points at a person, as a download."""
    found = _readable(questionnaire_id, submission_id)
    reader = Reader(None, read=my_reach(Right.READ), restores=True)
    edition = catalogue.edition(found.questionnaire, found.version)
    files = file_access.files_of(found.id, reader) or []
    if sha256.lower() not in file_access.plain_hashes(found, edition, files):
        abort(HTTPStatus.NOT_FOUND)
    return download(submission_id, sha256, reader)


@blueprint.post("/files/<sha256>")
@allow(needs(Right.READ_SENSITIVE))
def guarded_file(questionnaire_id: str, submission_id: UUID, sha256: str) -> ResponseReturnValue:
    """Any file, for a reason, which is written down first; who is meant only for who may see that."""
    _readable(questionnaire_id, submission_id)
    form = IdentityForm()
    if not form.validate():
        flash(_("Say why; the log keeps it"), "error")
        return _back(questionnaire_id, submission_id)
    _write_down(submission_id, {"sensitive": True, "count": 1, "reason": form.told()})
    read, identity = (my_reach(right) for right in (Right.READ, Right.READ_IDENTITY))
    # by their id: to ask who is signed in while it is written down would take a lock on SQLite
    reader = Reader(int(current_user.id), None, read, identity, restores=True)
    return download(submission_id, sha256, reader)


# --- what the views share ---------------------------------------------------------------------------


def _found(questionnaire_id: str, submission_id: UUID) -> Submission:
    found = record_queries.one(submission_id)
    if found is None or found.questionnaire != questionnaire_id:
        abort(HTTPStatus.NOT_FOUND)
    return found


def _readable(questionnaire_id: str, submission_id: UUID) -> Submission:
    """As `_found`; refused where its answers are not for the signed-in person."""
    found = _found(questionnaire_id, submission_id)
    refuse_set_aside(found)
    return found


def _may(found: Submission, right: Right) -> bool:
    """Whether the signed-in person has a right over this very submission."""
    return my_reach(right).covers(found.questionnaire, found.region)


def _page(found: Submission, *, sensitive: bool = False, opened: Any = None, **forms: Any) -> str:
    edition = catalogue.edition(found.questionnaire, found.version)
    readable = is_readable(found)
    definition = edition.definition if edition and readable else None
    language, sight = asked_language(definition), Sight(sensitive, opened is not None)
    ended = record_queries.ended(found.finished_at or found.received_at, found.utc_offset)
    speaker = speaker_of(definition, found.answers, opened, ended, sight) if definition else None
    eyes = Eyes(language, sensitive, opened, speaker=speaker)
    told = lines(definition, found.answers, eyes) if definition else []
    history = record_queries.history(found)
    reader = Reader(None, read=my_reach(Right.READ), restores=True)
    files = (file_access.files_of(found.id, reader) or []) if readable else []
    can = {right for right in Right if _may(found, right)}
    acts = record_queries.acts(found)
    return render_template(
        "manage/record.html",
        record=found,
        version=edition.version if edition else None,
        lines=told,
        maps=place_maps(definition, told) if definition else [],
        tiles=region_tiles(found.region) if readable else None,
        region_name=names_of_regions(definition, language).get(found.region or "", found.region),
        spent=spent(definition, found.paradata, language) if definition else [],
        same_household=len(same_household(found, MOST + 1)) - 1 if readable else 0,
        also_told=also_told(found.paradata),
        timing=timing_of(definition, found, language),
        events=EVENTS,
        question_languages=languages_of(definition) if definition else {},
        question_language=language,
        history=history,
        has_collector=any(each.who or each.device for each in history),
        acts=acts if readable else [replace(act, comments={}) for act in acts],
        destroyed_on=_destroyed_on(found, acts),
        files=files,
        plain_files=file_access.plain_hashes(found, edition, files),
        can={str(right) for right in (can if readable else can - GUARDED)},
        is_readable=readable,
        sees_sensitive=sensitive,
        opened=opened,
        identity_form=forms.get("identity_form") or IdentityForm(formdata=None),
        return_form=forms.get("return_form") or ReturnForm(formdata=None),
        reject_form=forms.get("reject_form") or RejectForm(formdata=None),
        at=forms["return_form"].at() if "return_form" in forms else {},
    )


def _destroyed_on(found: Submission, acts: Sequence[Reviewed]) -> date | None:
    """The day on which a deleted record is destroyed, unless it is restored."""
    if found.status != State.DELETED:
        return None
    at = max((each.at for each in acts if each.act == Act.DELETE), default=None)
    return day_of(deleted.destroyed_on(at), settings_of().timezone) if at else None


def _write_down(submission_id: UUID, details: dict[str, audit.Detail]) -> None:
    audit.record(audit.Action.SUBMISSION_OPENED, str(submission_id), details)
    db.session.commit()


def _act(
    questionnaire_id: str, submission_id: UUID, act: Callable[[UUID, Reviewer], None], done: str
) -> ResponseReturnValue:
    """Do an act of review to the revision that was looked at, and say what came of it."""
    _found(questionnaire_id, submission_id)
    form = RevisionForm()
    if not form.validate():
        abort(HTTPStatus.BAD_REQUEST)
    try:
        act(submission_id, Reviewer(user_id=current_user.id, revision=form.revision.data))
    except Refused as refused:
        flash(why_not(refused), "error")
    else:
        flash(done)
    return _back(questionnaire_id, submission_id)


def _back(questionnaire_id: str, submission_id: UUID) -> ResponseReturnValue:
    page = url_for("records.record", questionnaire_id=questionnaire_id, submission_id=submission_id)
    return redirect(page, HTTPStatus.SEE_OTHER)


def _covers(reach: Reach, submission_id: UUID) -> bool:
    """What is not there is nobody's: the view says so."""
    place = record_queries.place_of(submission_id)
    return place is None or reach.covers(*place)


def register_records(app: Flask, _settings: Settings) -> None:
    """Serve the pages; say what their addresses name."""
    app.register_blueprint(blueprint)
    covering(app, "submission_id", _covers)
