"""The page of the audit log: by person, deed, subject and day; and a copy of what was found."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from surveyapp.config import Settings
from surveyapp.days import end_of, start_of
from surveyapp.extensions import db
from surveyapp.manage.log_filters import Asked, read_asked
from surveyapp.manage.log_subjects import Subjects
from surveyapp.manage.queries import PAGE
from surveyapp.people import audit, audit_search
from surveyapp.people.access import allow
from surveyapp.people.audit_search import Wanted
from surveyapp.people.rights import Right
from surveyapp.people.roles import needs
from surveyapp.wiring import settings_of

blueprint = Blueprint("log", __name__, url_prefix="/manage/log")


@blueprint.get("")
@allow(needs(Right.LOG))
def entries() -> str:
    """The audit log, newest first."""
    asked = read_asked(request.args)
    rows = audit_search.page(_wanted(asked), _before(), size=PAGE + 1)
    names = audit_search.people()
    subjects = Subjects([entry.subject for entry in rows], names)
    return render_template(
        "manage/log.html",
        rows=rows[:PAGE],
        older=_older(rows, asked),
        names=names,
        subjects=subjects,
        asked=asked,
        actions=list(audit.Action),
    )


@blueprint.post("/export")
@allow(needs(Right.LOG))
def export() -> ResponseReturnValue:
    """What was found as CSV, streamed; that it was taken stands in the log, and in the copy."""
    asked = read_asked(request.args)
    details: dict[str, audit.Detail] = {"format": "csv"}
    details |= {name: value for name, value in asked.address().items() if name in _TOLD}
    # by their number: to ask who is signed in would take another look at the database
    audit.record(audit.Action.LOG_EXPORTED, asked.subject, details, user_id=int(current_user.id))
    db.session.commit()
    last = audit_search.last_serial()
    db.session.rollback()
    copied = audit_search.as_csv(_wanted(asked), last, db.engine)
    headers = {"Content-Disposition": 'attachment; filename="log.csv"'}
    return Response(copied, content_type="text/csv; charset=utf-8", headers=headers)


#: what the log keeps of what was asked for; whom it is about is told by a number
_TOLD = {"action", "since", "until"}


def _wanted(asked: Asked) -> Wanted:
    zone = settings_of().timezone
    return Wanted(
        user_id=asked.by,
        action=asked.action,
        subject=asked.subject,
        since=start_of(asked.since, zone) if asked.since else None,
        before=end_of(asked.until, zone) if asked.until else None,
    )


def _before() -> int | None:
    """The serial that the page's rows come before; keyset paging neither skips nor repeats a row."""
    serial = request.args.get("before", type=int)
    return serial if serial is not None and 0 < serial < 2**31 else None


def _older(rows: list[Any], asked: Asked) -> str | None:
    if len(rows) <= PAGE:
        return None
    return url_for("log.entries", **asked.address(), before=rows[PAGE - 1].serial)


def register_log(app: Flask, _settings: Settings) -> None:
    """Serve the page."""
    app.register_blueprint(blueprint)
