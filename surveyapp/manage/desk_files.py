"""Files of what waits in quarantine, opened at the desk; what is guarded for a reason, which is kept."""

from __future__ import annotations

from http import HTTPStatus

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from surveyapp.extensions import db
from surveyapp.manage.desk_forms import sought
from surveyapp.manage.record_files import as_download
from surveyapp.manage.record_forms import IdentityForm
from surveyapp.people import audit
from surveyapp.people.rights import Right
from surveyapp.people.roles import my_reach
from surveyapp.submissions import waiting_files
from surveyapp.submissions.looking import Look
from surveyapp.submissions.sealing import CannotOpen
from surveyapp.submissions.waiting_files import WaitingFile


def may_open(file: WaitingFile, questionnaire: str) -> bool:
    """Whether the signed-in person, who decides over the work, may see what is in the file."""
    wanted = [Right.READ]
    wanted += [Right.READ_SENSITIVE] if file.guard.sensitive else []
    wanted += [Right.READ_IDENTITY] if file.guard.identity else []
    return all(my_reach(right).covers(questionnaire, None) for right in wanted)


def download(seen: Look, sha256: str) -> ResponseReturnValue:
    """The file, after it was written down that it was opened."""
    found = [each for each in waiting_files.files_of(seen) if each.sha256 == sha256.lower()]
    if not found or found[0].address is None:
        abort(HTTPStatus.NOT_FOUND)
    file, row = found[0], seen.row
    if not may_open(file, row.questionnaire):
        abort(HTTPStatus.FORBIDDEN)
    form = IdentityForm()
    is_guarded = file.guard.identity or file.guard.sensitive
    if is_guarded and not form.validate():
        flash(_("Say why; the log keeps it"), "error")
        address = url_for("desk.work", work_number=row.serial, **sought(request.args).address())
        return redirect(address, HTTPStatus.SEE_OTHER)
    try:
        content = waiting_files.opened(file)
    except (FileNotFoundError, CannotOpen):
        abort(HTTPStatus.NOT_FOUND)
    details: dict[str, audit.Detail] = {
        "identity": file.guard.identity,
        "sensitive": file.guard.sensitive,
        "count": 1,
    }
    details |= {"reason": form.told()} if is_guarded else {}
    subject = str(row.submission_id)
    db.session.rollback()  # on SQLite an open look would be in the way of what is written down
    audit.record(audit.Action.QUARANTINE_OPENED, subject, details)
    db.session.commit()
    return as_download(content, file.size, file.name or file.sha256[:12])
