"""`…/s/<id>/edit/onto`: a correction that was overtaken goes on from the newer revision."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Flask, abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its types
from wtforms.validators import InputRequired, NumberRange

from surveyapp.channels.pages.drafts import DraftMoved, OpenDraft
from surveyapp.channels.pages.routes import see_other
from surveyapp.config import Settings
from surveyapp.extensions import db
from surveyapp.manage import correction_drafts, correction_joining, correction_saving
from surveyapp.manage.correction_drafts import CLOSED
from surveyapp.manage.correction_opening import address_of, found_of, sitting_of
from surveyapp.manage.correction_sitting import CorrectionSitting
from surveyapp.manage.desk_forms import SIDE
from surveyapp.people import audit
from surveyapp.people.access import allow
from surveyapp.people.rights import Right
from surveyapp.people.roles import needs
from surveyapp.questionnaires.interview import MisshapenAnswers
from surveyapp.submissions.merging import Side
from surveyapp.submissions.models import Submission
from surveyapp.submissions.refusals import Refused, Unsettled

blueprint = Blueprint(
    "correction_onto",
    __name__,
    url_prefix="/manage/q/<questionnaire_id>/s/<uuid:submission_id>/edit/onto",
)
#: clashes that one page lists; the others are settled together
MOST = 300
#: what holds where nothing was chosen
REST = {
    "": _l("ask me for each question"),
    Side.HELD: _l("keep the newer revision"),
    Side.WAITING: _l("take my correction"),
}
_UNFIT = (*CLOSED, MisshapenAnswers, Refused)


class OntoForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """By which revision it was chosen, and what holds where nothing was."""

    revision = IntegerField(validators=[InputRequired(), NumberRange(1, 2**31 - 1)])
    rest = SelectField(choices=[SelectChoice(*each) for each in REST.items()], default="")

    def sides(self) -> dict[str, Side]:
        """Piece → whose answer holds, where that was chosen."""
        known = {side.value for side in Side}
        return {
            name.removeprefix(SIDE): Side(value)
            for name, value in request.form.items()
            if name.startswith(SIDE) and value in known
        }


@blueprint.get("")
@allow(needs(Right.EDIT))
def choices(questionnaire_id: str, submission_id: UUID) -> ResponseReturnValue:
    """What becomes of the correction, and the choices where both changed something."""
    found, sitting = _overtaken(questionnaire_id, submission_id)
    if sitting is None:
        return see_other(address_of("contents", found))
    return _page(found, sitting, OntoForm(formdata=None))


@blueprint.post("")
@allow(needs(Right.EDIT))
def put(questionnaire_id: str, submission_id: UUID) -> ResponseReturnValue:
    """Go on from the newer revision with the answers that hold; nothing is stored yet."""
    found, sitting = _overtaken(questionnaire_id, submission_id)
    if sitting is None:
        return see_other(address_of("contents", found))
    form = OntoForm()
    if not form.validate():
        abort(HTTPStatus.BAD_REQUEST)
    if form.revision.data != found.revision:
        flash(_("It was changed once more meanwhile: look again."), "error")
        return see_other(url_for(".choices", questionnaire_id=questionnaire_id, submission_id=found.id))
    rest = Side(form.rest.data) if form.rest.data else None
    try:
        correction_joining.put_onto(found, sitting, form.sides(), rest)
    except Unsettled:
        flash(_("Choose an answer for each question that both changed."), "error")
        return _page(found, sitting, form, HTTPStatus.CONFLICT)
    except (*_UNFIT, DraftMoved) as refused:
        flash(_why(refused), "error")
        return see_other(address_of("summary", found))
    flash(
        _(
            "Your correction goes on from revision %(number)s. Look at it and save it.",
            number=found.revision,
        )
    )
    return correction_drafts.give_cookie(see_other(address_of("summary", found)), sitting.draft)


def _overtaken(
    questionnaire_id: str, submission_id: UUID
) -> tuple[Submission, CorrectionSitting | None]:
    """The submission, and the correction of a former revision of it; None: there is no such."""
    found, definition = found_of(questionnaire_id, submission_id)
    draft: OpenDraft | None = correction_drafts.open_for(submission_id)
    if draft is None or correction_drafts.revision_of(draft) == found.revision:
        return found, None
    return found, sitting_of(found, draft, definition)


def _page(
    found: Submission,
    sitting: CorrectionSitting,
    form: OntoForm,
    status: HTTPStatus = HTTPStatus.OK,
) -> ResponseReturnValue:
    try:
        joined = correction_joining.joining_for(found, sitting)
        view = correction_joining.view_of(found, sitting, joined)
    except _UNFIT as refused:
        flash(_why(refused), "error")
        return see_other(address_of("summary", found))
    sight = sitting.sight
    if sight.sensitive or sight.identity:  # the newer revision is opened as far as the former one was
        details: dict[str, audit.Detail] = {"sensitive": sight.sensitive, "identity": sight.identity}
        audit.record(audit.Action.SUBMISSION_OPENED, str(found.id), details)
        db.session.commit()
    page = render_template(
        "manage/correct_onto.html",
        record=found,
        view=view,
        listed=view.clashes[:MOST],
        unlisted=len(view.clashes[MOST:]),
        side=SIDE,
        rest=REST,
        chosen=form.sides() if form.is_submitted() else {},
        form=form,
    )
    return page, status


def _why(refused: Exception) -> str:
    if isinstance(refused, correction_joining.OtherVersion):
        return str(_("The newer revision answers another version of the questionnaire."))
    if isinstance(refused, correction_joining.FileGone):
        return str(_("It names a file that the newer revision has not got: choose its answers there."))
    if isinstance(refused, MisshapenAnswers):
        return str(_("Its answers do not fit its version: they cannot be corrected on this page."))
    return correction_saving.why(refused)


def register_joining(app: Flask, _settings: Settings) -> None:
    """Serve the page; what its address names is said by `records`."""
    app.register_blueprint(blueprint)
