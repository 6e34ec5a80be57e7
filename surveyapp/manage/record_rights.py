"""Unblocking, destroying who is meant, and how long records are kept, on pages."""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Flask, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from surveyapp.catalogue import service as catalogue
from surveyapp.config import Settings
from surveyapp.manage import record_queries
from surveyapp.manage.record_forms import RevisionForm
from surveyapp.manage.refusal_words import why_not
from surveyapp.manage.retention_form import DestroyForm, RetentionForm
from surveyapp.people.access import allow
from surveyapp.people.rights import Right
from surveyapp.people.roles import my_reach, needs
from surveyapp.submissions import destroying, retention_announcing, retention_rules, reviewing
from surveyapp.submissions.keys import KeyMissing
from surveyapp.submissions.models import Submission
from surveyapp.submissions.opening import Erased
from surveyapp.submissions.refusals import Refused
from surveyapp.submissions.retention_models import Destruction
from surveyapp.submissions.reviewing import Reviewer
from surveyapp.submissions.sealing import CannotOpen
from surveyapp.wiring import settings_of

blueprint = Blueprint("record_rights", __name__, url_prefix="/manage/q/<questionnaire_id>")
#: destructions that are over, on the page
PAST = 20


@blueprint.post("/s/<uuid:submission_id>/unblock")
@allow(needs(Right.SUBJECTS))
def unblock(questionnaire_id: str, submission_id: UUID) -> ResponseReturnValue:
    """Bring a blocked submission back as it was."""
    _known(questionnaire_id, submission_id)
    form = RevisionForm()
    if not form.validate():
        abort(HTTPStatus.BAD_REQUEST)
    try:
        reviewing.unblock(submission_id, Reviewer(user_id=current_user.id, revision=form.revision.data))
    except Refused as refused:
        flash(why_not(refused), "error")
    else:
        flash(_("Unblocked. It is as it was before."))
    return _back(questionnaire_id, submission_id)


@blueprint.get("/s/<uuid:submission_id>/identity/destroy")
@allow(needs(Right.SUBJECTS))
def destroy_identity_form(questionnaire_id: str, submission_id: UUID) -> str:
    """What would be destroyed and what stays, and why it is to be done."""
    return _destroy_page(questionnaire_id, submission_id, DestroyForm(formdata=None))


@blueprint.post("/s/<uuid:submission_id>/identity/destroy")
@allow(needs(Right.SUBJECTS))
def destroy_identity(questionnaire_id: str, submission_id: UUID) -> ResponseReturnValue:
    """Destroy who is meant, for a reason that the log keeps."""
    _known(questionnaire_id, submission_id)
    form = DestroyForm()
    if not form.validate():
        page = _destroy_page(questionnaire_id, submission_id, form)
        return page, HTTPStatus.UNPROCESSABLE_ENTITY
    by = Reviewer(user_id=current_user.id, revision=form.revision.data)
    try:
        destroying.erase_identity(submission_id, by, reason=form.told())
    except (Refused, Erased, CannotOpen, KeyMissing) as refused:
        flash(why_not(refused), "error")
    else:
        flash(_("Who is meant was destroyed for good. The other answers stay."))
    return _back(questionnaire_id, submission_id)


def _destroy_page(questionnaire_id: str, submission_id: UUID, form: DestroyForm) -> str:
    found = _known(questionnaire_id, submission_id)
    return render_template("manage/destroy_identity.html", record=found, form=form)


def _known(questionnaire_id: str, submission_id: UUID) -> Submission:
    found = record_queries.one(submission_id)
    if found is None or found.questionnaire != questionnaire_id:
        abort(HTTPStatus.NOT_FOUND)
    return found


def _back(questionnaire_id: str, submission_id: UUID) -> ResponseReturnValue:
    page = url_for("records.record", questionnaire_id=questionnaire_id, submission_id=submission_id)
    return redirect(page, HTTPStatus.SEE_OTHER)


# --- how long records are kept ----------------------------------------------------------------------


@blueprint.get("/retention")
@allow(needs(Right.DELETE))
def rule(questionnaire_id: str) -> str:
    """The rule of a questionnaire, what was announced by it, and what was done."""
    rule = retention_rules.rule_of(questionnaire_id) if "\x00" not in questionnaire_id else None
    return _retention_page(questionnaire_id, RetentionForm.of(rule))


@blueprint.post("/retention")
@allow(needs(Right.DELETE))
def set_rule(questionnaire_id: str) -> ResponseReturnValue:
    """Set another rule; what it makes due is announced at once."""
    _whole(questionnaire_id)
    form = RetentionForm()
    if not form.validate():
        return _retention_page(questionnaire_id, form), HTTPStatus.UNPROCESSABLE_ENTITY
    retention_announcing.set_rule(questionnaire_id, form.rule(), by=int(current_user.id))
    flash(_("Set. What is due by it is announced below."))
    return redirect(
        url_for("record_rights.rule", questionnaire_id=questionnaire_id), HTTPStatus.SEE_OTHER
    )


@blueprint.post("/retention/stop")
@allow(needs(Right.DELETE))
def stop(questionnaire_id: str) -> ResponseReturnValue:
    """Take the rule away, and call off what was announced."""
    _whole(questionnaire_id)
    with suppress(Refused):  # somebody else was quicker
        retention_announcing.stop(questionnaire_id, by=int(current_user.id))
    flash(_("Nothing is destroyed by a date any more."))
    return redirect(
        url_for("record_rights.rule", questionnaire_id=questionnaire_id), HTTPStatus.SEE_OTHER
    )


def _whole(questionnaire_id: str) -> None:
    """A rule is about all regions: whoever has some of them cannot set it."""
    if my_reach(Right.DELETE).regions(questionnaire_id) is not None:
        abort(HTTPStatus.FORBIDDEN)
    if "\x00" in questionnaire_id or catalogue.current(questionnaire_id) is None:
        abort(HTTPStatus.NOT_FOUND)


def _retention_page(questionnaire_id: str, form: RetentionForm) -> str:
    edition = catalogue.current(questionnaire_id) if "\x00" not in questionnaire_id else None
    if edition is None:
        abort(HTTPStatus.NOT_FOUND)
    return render_template(
        "manage/retention.html",
        newest=edition.version,
        questionnaire_id=questionnaire_id,
        rule=retention_rules.rule_of(questionnaire_id),
        ahead=retention_rules.ahead(questionnaire_id),
        past=retention_rules.past(questionnaire_id, PAST),
        promised=settings_of().retention_until,
        kept_days=settings_of().deleted_kept_days,
        may_set=my_reach(Right.DELETE).regions(questionnaire_id) is None,
        form=form,
    )


def announced() -> list[Destruction]:
    """What is ahead, for those who may delete; shown on the first page under /manage."""
    reach = my_reach(Right.DELETE)
    return (
        [each for each in retention_rules.ahead() if reach.touches(each.questionnaire)] if reach else []
    )


def register_record_rights(app: Flask, _settings: Settings) -> None:
    """Serve the pages."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals.update(destructions_ahead=announced)
