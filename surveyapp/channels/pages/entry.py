"""Who may begin a questionnaire on the pages, and as whom its answers are sent."""

from __future__ import annotations

from datetime import timedelta

from flask import abort, redirect, request, url_for
from flask_login import current_user

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import Access
from surveyapp.catalogue.service import Edition
from surveyapp.channels.pages.presenting import is_self_administered
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.people import invitations
from surveyapp.people.ceiling import is_past_ceiling
from surveyapp.people.rights import Right
from surveyapp.people.roles import has_session, my_reach
from surveyapp.submissions.verdicts import Sender
from surveyapp.wiring import settings_of

#: how long the code that a demonstration's start page shows can be used
DEMONSTRATION_CODE_FOR = timedelta(days=1)


def edition_to_begin(questionnaire: str) -> Edition:
    """The current edition, if this visitor may begin it; else 404, or the way to the sign-in.

    One for families or adolescents also when it is closed, which is told: its start page is the way back
    to answers that wait on their phone, and those are still taken.
    """
    found = catalogue.current(questionnaire)
    if found is None:
        abort(404)
    if found.entry.access == Access.CLOSED:
        return found if is_self_administered(found.definition) else abort(404)
    if catalogue.answerable_by_anyone(found) or catalogue.needs_invitation(found):
        return found
    if found.entry.access != Access.STAFF:
        abort(404)
    if not has_session():
        abort(redirect(url_for("security.login", next=request.path)))
    if not my_reach(Right.COLLECT).touches(questionnaire):
        abort(403)
    return found


def sender_of(found: Edition) -> Sender:
    """As whom answers are sent: an interviewer for staff's questionnaires, else nobody known."""
    for_anyone = catalogue.answerable_by_anyone(found) or catalogue.needs_invitation(found)
    if not for_anyone and has_session():
        return Sender(user_id=current_user.id)
    return Sender(past_ceiling=is_past_ceiling(1))


def demonstration_code(found: Edition) -> str | None:
    """A fresh code to try a demonstration with; None outside one, and where no code is asked for."""
    if not settings_of().demonstration or not catalogue.needs_invitation(found):
        return None
    questionnaire = found.entry.id
    db.session.commit()  # what was read so far must not hold the database while a code is written
    until = utc_now() + DEMONSTRATION_CODE_FOR
    [code] = invitations.create(questionnaire, 1, until, recorded=False)
    return code
