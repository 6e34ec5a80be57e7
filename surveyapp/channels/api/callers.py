"""Who calls the API: somebody with a token, or a device; and what a device tells of itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import cast

from flask import Response, abort, g, request
from flask_limiter.util import get_remote_address

from surveyapp.channels.api import problems
from surveyapp.database import utc_now
from surveyapp.limiting import limiter
from surveyapp.people import contacts, starts
from surveyapp.people.access import AccessRule
from surveyapp.people.contacts import Report
from surveyapp.people.credentials import sent_credentials
from surveyapp.people.tokens import Scope, TokenHolder, bearer
from surveyapp.submissions.revoked import has_room
from surveyapp.submissions.verdicts import Sender

SUBMITTER = bearer(Scope.SUBMIT)
EXPORTER = bearer(Scope.EXPORT)
#: also with the token as the password of Basic: what spreadsheets and BI tools ask people for
READER = bearer(Scope.EXPORT, basic_too=True)
#: also a device that was revoked: what it had collected before is still taken, to quarantine
TOLD = bearer(Scope.SUBMIT, revoked_too=True)
#: also somebody without an account, by a start token
_SENDING = bearer(Scope.SUBMIT, revoked_too=True, starts_too=True)
#: requests with one start token: a batch, or a piece of a file
REQUESTS_OF_START = "600 per hour"


def holder() -> TokenHolder:
    """Whose token the request came with."""
    return cast(TokenHolder, g.sender)


def _check_sending() -> None:
    _SENDING.check()
    device = holder().device
    if device is not None and holder().is_revoked and not has_room(device.device_id):
        abort(problems.problem(403, "quota"))


SENDER = AccessRule(
    f"{TOLD.name}; a revoked device may still send for a while; a start token, too", _check_sending
)


def sender_of(caller: TokenHolder, device_time: datetime | None = None) -> Sender:
    """The same for receiving; `device_time`: what the body says that the device's clock shows."""
    if device_time is not None:
        g.device_time = device_time
    return Sender(
        user_id=caller.user_id,
        device_id=caller.device_id,
        revoked=caller.is_revoked,
        questionnaires=caller.questionnaires,
        device_time=device_time or report().clock,
    )


def _start() -> starts.Start | None:
    sent = sent_credentials()
    return starts.read(sent.token) if sent and sent.token else None


def _counted_as() -> str:
    start = _start()
    return f"start {start.number}" if start else str(get_remote_address())


def _has_account() -> bool:
    return _start() is None


#: for routes by which records and their files come: whole schools share one address, so it is start
#: tokens that are counted
limited_by_start = limiter.shared_limit(
    lambda: REQUESTS_OF_START, scope="start", key_func=_counted_as, exempt_when=_has_account
)


def report() -> Report:
    """What the calling device tells of itself in the header, or in the body of a batch."""
    told = contacts.read_report(request.headers.get(contacts.HEADER))
    clock: datetime | None = g.get("device_time")
    return replace(told, clock=clock) if clock else told


def note_contact(response: Response) -> Response:
    """Write down that a device was heard of, once its request is answered."""
    caller: TokenHolder | None = g.get("sender")
    if caller is not None and caller.device is not None:
        contacts.note(caller.device, report(), utc_now())
    return response
