"""The page where a second person agrees to a full export, and where whoever asked then takes it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Blueprint, Flask, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from surveyapp.config import Settings
from surveyapp.database import utc_now
from surveyapp.exports import approving
from surveyapp.exports.approval_models import FullExport
from surveyapp.exports.approving import TO_DECIDE, TO_TAKE, NotForYou, TooLate
from surveyapp.exports.choices import CHOICES
from surveyapp.exports.encrypted import SHORTEST_PASSWORD
from surveyapp.exports.errors import ExportError
from surveyapp.exports.refusals import refused_choices
from surveyapp.exports.service import export
from surveyapp.manage import account_queries
from surveyapp.manage.export_words import WORDS
from surveyapp.manage.words import spoken
from surveyapp.people.access import allow
from surveyapp.people.rights import Right
from surveyapp.people.roles import needs
from surveyapp.questionnaires.storable import is_storable

blueprint = Blueprint("approvals", __name__, url_prefix="/manage/full-exports")


@blueprint.get("", strict_slashes=False)
@allow(needs(Right.APPROVE_FULL))
def requests() -> str:
    """What waits for somebody's word, and one's own requests."""
    me, now = _me(), utc_now()
    rows = approving.seen_by(me, now)
    return render_template(
        "manage/full_exports.html",
        lines=[_line(row, me) for row in rows],
        titles=account_queries.titles(),
        days=TO_DECIDE.days,
        hours=int(TO_TAKE.total_seconds() // 3600),
        least=SHORTEST_PASSWORD,
    )


@blueprint.post("/<uuid:request_id>/agree")
@allow(needs(Right.APPROVE_FULL))
def agree(request_id: UUID) -> ResponseReturnValue:
    """The second person's yes."""
    return _decided(request_id, agreed=True)


@blueprint.post("/<uuid:request_id>/refuse")
@allow(needs(Right.APPROVE_FULL))
def refuse(request_id: UUID) -> ResponseReturnValue:
    """The second person's no."""
    return _decided(request_id, agreed=False)


@blueprint.post("/<uuid:request_id>/take")
@allow(needs(Right.EXPORT_FULL))
def take(request_id: UUID) -> ResponseReturnValue:
    """The encrypted archive, for whoever asked for it."""
    password, again = request.form.get("password", ""), request.form.get("again", "")
    if len(password) < SHORTEST_PASSWORD or not is_storable(password):
        return _back(_("The password needs at least %(least)s characters.", least=SHORTEST_PASSWORD))
    if password != again:
        return _back(_("The two passwords are not the same."))
    try:
        made = export(approving.taken(request_id, _me(), password))
    except NotForYou:
        return _back(_("This is for somebody else."))
    except TooLate:
        return _back(_("Nobody has agreed to this, or its time is over."))
    except ExportError as error:  # what could be made when it was asked for cannot be made any more
        return _back(" ".join(map(str, refused_choices(error).values())))
    headers = {"Content-Disposition": f'attachment; filename="{made.name}"'}
    return Response(made, content_type=made.media_type, headers=headers)


def _decided(request_id: UUID, *, agreed: bool) -> ResponseReturnValue:
    try:
        approving.decide(request_id, _me(), agreed=agreed)
    except NotForYou:
        return _back(_("This is for somebody else."))
    except TooLate:
        return _back(_("This was decided already, or its time is over."))
    flash(_("You agreed. Whoever asked can take the file now.") if agreed else _("You refused."))
    return redirect(url_for("approvals.requests"), HTTPStatus.SEE_OTHER)


def _line(row: FullExport, me: int) -> dict[str, Any]:
    now = utc_now()
    return {
        "row": row,
        "asked_by": approving.name_of(row.asked_by),
        "decided_by": approving.name_of(row.decided_by),
        "choices": [
            (CHOICES[name].meaning if name in CHOICES else name, _in_words(name, value))
            for name, value in row.choices.items()
            if name != "profile"
        ],
        "is_mine": row.asked_by == me,
        "is_waiting": approving.is_waiting(row, now),
        "can_be_taken": approving.can_be_taken(row, now),
        "may_decide": approving.may_decide(row, me),
    }


def _in_words(choice: str, value: Any) -> str:
    """What was chosen, as the form for it calls it."""
    switches = {"yes": _("yes"), "no": _("no")}
    words = {**switches, **WORDS.get(choice, {})}
    return ", ".join(spoken(words, each) for each in str(value).split(","))


def _back(problem: str) -> ResponseReturnValue:
    flash(problem, "error")
    return redirect(url_for("approvals.requests"), HTTPStatus.SEE_OTHER)


def _me() -> int:
    return int(current_user.id)


def register_approvals(app: Flask, _settings: Settings) -> None:
    """Serve the page."""
    app.register_blueprint(blueprint)
