"""`…/s/<id>/edit`: answers are corrected in the questionnaire's own controls, for a reason.

Section by section, as on the stepwise pages and by their parts; nothing is stored before the last page.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Flask, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from surveyapp.channels.pages import drafts, journey
from surveyapp.channels.pages.drafts import DraftMoved
from surveyapp.channels.pages.journey import REVIEW, START, Destination
from surveyapp.channels.pages.routes import see_other
from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.i18n import current_language
from surveyapp.manage import correction_drafts, correction_views, record_queries
from surveyapp.manage.correction_drafts import CLOSED
from surveyapp.manage.correction_forms import BeginForm, SaveForm
from surveyapp.manage.correction_opening import address_of, allowed, found_of, sitting_of
from surveyapp.manage.correction_saving import correction_of, hindrance, why
from surveyapp.manage.correction_sitting import (
    CorrectionPresenter,
    CorrectionSitting,
    Displaced,
)
from surveyapp.manage.sight import Sight
from surveyapp.people import audit
from surveyapp.people.access import allow
from surveyapp.people.rights import Right
from surveyapp.people.roles import needs
from surveyapp.questionnaires.definition import Questionnaire
from surveyapp.questionnaires.interview import MisshapenAnswers
from surveyapp.submissions import correcting
from surveyapp.submissions.models import Submission
from surveyapp.submissions.refusals import Refused

blueprint = Blueprint(
    "correcting", __name__, url_prefix="/manage/q/<questionnaire_id>/s/<uuid:submission_id>/edit"
)
#: saves of one draft at the very same moment before the last of them is asked to wait
TRIES = 5


@blueprint.get("")
@allow(needs(Right.EDIT))
def contents(questionnaire_id: str, submission_id: UUID) -> ResponseReturnValue:
    """The sections to correct; before it is begun, what should be seen of them."""
    found, definition = found_of(questionnaire_id, submission_id)
    draft = correction_drafts.open_for(submission_id)
    if draft is None:
        return _beginning(found, BeginForm(formdata=None, language=_spoken(definition)))
    sitting = sitting_of(found, draft, definition)
    return render_template(
        "manage/correct.html",
        record=found,
        revision=correction_drafts.revision_of(draft),
        parts=correction_views.parts(CorrectionPresenter(sitting)),
        sight=sitting.sight,
        question_language=draft.state.language,
    )


@blueprint.post("")
@allow(needs(Right.EDIT))
def begin(questionnaire_id: str, submission_id: UUID) -> ResponseReturnValue:
    """Begin to correct the current revision; a correction of it that is under way goes on."""
    found, definition = found_of(questionnaire_id, submission_id)
    address = address_of("contents", found)
    if correction_drafts.open_for(submission_id) is not None:
        return see_other(address)
    form = BeginForm()
    if not form.validate():
        return _beginning(found, form), HTTPStatus.UNPROCESSABLE_ENTITY
    sight = allowed(found, Sight(form.sensitive.data, form.identity.data))
    try:
        draft = correction_drafts.begin(found, definition, form.language.data, sight)
    except CLOSED:
        flash(_("It cannot be opened: its key is not here."), "error")
        return see_other(_record(found))
    except MisshapenAnswers:
        flash(_("Its answers do not fit its version: they cannot be corrected on this page."), "error")
        return see_other(_record(found))
    if sight.sensitive or sight.identity:
        reason: dict[str, audit.Detail] = {"reason": form.told()} if sight.identity else {}
        details = {"sensitive": sight.sensitive, "identity": sight.identity} | reason
        audit.record(audit.Action.SUBMISSION_OPENED, str(submission_id), details)
        db.session.commit()
    return correction_drafts.give_cookie(see_other(address), draft)


@blueprint.get("/page/<page>")
@allow(needs(Right.EDIT))
def page(questionnaire_id: str, submission_id: UUID, page: str) -> ResponseReturnValue:
    """One page of questions, as the correction has it now."""
    found, definition = found_of(questionnaire_id, submission_id)
    draft = correction_drafts.open_for(submission_id)
    if draft is None:
        return see_other(address_of("contents", found))
    sitting = sitting_of(found, draft, definition)
    there = sitting.walk.find(page)
    if there is None or not sitting.walk.is_open(there):
        return see_other(address_of("contents", found))
    presenter = CorrectionPresenter(sitting)
    shared = {"record": found, "draft": draft, "notice": correction_views.notice(draft)}
    if there.planned.lists is not None:
        roster = presenter.roster(there)
        kept = [presenter.is_kept(there, n) for n in range(1, len(roster.instances) + 1)]
        return render_template("manage/correct_roster.html", page=roster, kept=kept, **shared)
    return render_template(
        "manage/correct_page.html",
        page=presenter.page(there),
        multipart=presenter.needs_upload(there),
        **shared,
    )


@blueprint.post("/page/<page>")
@allow(needs(Right.EDIT))
def answer(questionnaire_id: str, submission_id: UUID, page: str) -> ResponseReturnValue:
    """Take what the page holds and do what its button says; nothing is stored yet."""

    def work(sitting: CorrectionSitting) -> Destination:
        there = sitting.walk.find(page)
        if there is None:  # an instance that was removed in another window
            return Destination(START, sitting.language)
        button = request.form.get(journey.BUTTON, journey.NEXT)
        name, _dash, number = button.partition("-")
        if name == "remove" and _is_kept(sitting, there.listed, there.instance, number):
            button = "stay"
        return journey.step(sitting, there, button, _questions_fields(), request.files)

    return _change(questionnaire_id, submission_id, work)


def _questions_fields() -> dict[str, list[str]]:
    """The form without the session’s token, which comes first: a question may have the same name."""
    form = request.form.to_dict(flat=False)
    return form | {"csrf_token": form.get("csrf_token", [])[1:]}


def _is_kept(sitting: CorrectionSitting, listed: str, instance: str | None, number: str) -> bool:
    removed = f"{listed}[{number}]" if listed else instance
    return removed is not None and sitting.carries_unseen(removed)


@blueprint.get("/save")
@allow(needs(Right.EDIT))
def summary(questionnaire_id: str, submission_id: UUID) -> ResponseReturnValue:
    """What was changed, what is wrong with it, and the field for the reason."""
    found, definition = found_of(questionnaire_id, submission_id)
    draft = correction_drafts.open_for(submission_id)
    if draft is None:
        return see_other(address_of("contents", found))
    return _summary(found, sitting_of(found, draft, definition), SaveForm(formdata=None))


@blueprint.post("/save")
@allow(needs(Right.EDIT))
def save(questionnaire_id: str, submission_id: UUID) -> ResponseReturnValue:
    """Make the next revision of it; if somebody else made one, it stays here and that is said."""
    found, definition = found_of(questionnaire_id, submission_id)
    draft = correction_drafts.open_for(submission_id)
    if draft is None:
        return see_other(address_of("contents", found))
    sitting, form = sitting_of(found, draft, definition), SaveForm()
    if not form.validate() or hindrance(sitting, form):
        return _summary(found, sitting, form, tried=True), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        number = correcting.correct(correction_of(found, sitting, form), current_user.id)
    except (Refused, *CLOSED, Displaced, DraftMoved) as refused:
        flash(why(refused), "error")
        now = record_queries.one(submission_id) or abort(HTTPStatus.NOT_FOUND)
        return _summary(now, sitting, form), HTTPStatus.CONFLICT
    drafts.end(draft.secret)
    flash(_("Corrected: this is revision %(number)s.", number=number))
    return correction_drafts.take_cookie(see_other(_record(found)), submission_id)


@blueprint.post("/drop")
@allow(needs(Right.EDIT))
def drop(questionnaire_id: str, submission_id: UUID) -> ResponseReturnValue:
    """Let a correction go; the submission stays as it is."""
    found, _definition = found_of(questionnaire_id, submission_id)
    draft = correction_drafts.open_for(submission_id)
    if draft is not None:
        drafts.end(draft.secret)
        flash(_("The correction was thrown away. Nothing was changed."))
    return correction_drafts.take_cookie(see_other(_record(found)), submission_id)


# --- what the views share ---------------------------------------------------------------------------


def _beginning(found: Submission, form: BeginForm) -> str:
    may = allowed(found, Sight(sensitive=True, identity=True))
    return render_template("manage/correct_begin.html", record=found, form=form, may=may)


def _spoken(definition: Questionnaire) -> str:
    """The reader's language, as the questions are shown in first."""
    language = current_language()
    return language if language in definition.languages else definition.default_language


def _change(
    questionnaire_id: str, submission_id: UUID, work: Callable[[CorrectionSitting], Destination]
) -> ResponseReturnValue:
    """Do one piece of work on the draft and save it; anew, if the draft was saved meanwhile."""
    for _number in range(TRIES):
        found, definition = found_of(questionnaire_id, submission_id)
        draft = correction_drafts.open_for(submission_id)
        if draft is None:
            flash(_("This correction is not there any more: begin again."), "error")
            return see_other(address_of("contents", found))
        draft.state.notice = ""
        destination = work(sitting_of(found, draft, definition))
        draft.state.language = destination.language
        try:
            drafts.save(draft)
        except DraftMoved:
            db.session.rollback()
        else:
            return correction_drafts.give_cookie(see_other(_leads_to(found, destination)), draft)
    abort(HTTPStatus.TOO_MANY_REQUESTS)


def _leads_to(found: Submission, destination: Destination) -> str:
    fragment = {"_anchor": destination.fragment} if destination.fragment else {}
    if destination.to == START:
        return address_of("contents", found)
    if destination.to == REVIEW:
        return address_of("summary", found)
    return address_of("page", found, page=destination.to, **fragment)


def _summary(
    found: Submission, sitting: CorrectionSitting, form: SaveForm, *, tried: bool = False
) -> str:
    view = correction_views.summary(found, sitting, CorrectionPresenter(sitting))
    return render_template(
        "manage/correct_save.html",
        record=found,
        view=view,
        form=form,
        hindrance=hindrance(sitting, form) if tried else "",
        is_overtaken=found.revision != correction_drafts.revision_of(sitting.draft),
    )


def _record(found: Submission) -> str:
    return url_for("records.record", questionnaire_id=found.questionnaire, submission_id=found.id)


def register_correcting(app: Flask, _settings: Settings) -> None:
    """Serve the pages; what their addresses name is said by `records`."""
    app.register_blueprint(blueprint)
