"""Who calls: a device, by the key in the address, or a person, by Digest or Basic.

A key that was never given out is 404, not 401: a client would ask for a password. A revoked one is 403
for forms (never an empty list, at which ODK Collect would delete its blank forms), and what the device
had collected is still taken for a while.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import cast

from flask import Response, abort, g, request

from surveyapp.database import utc_now
from surveyapp.i18n import LANGUAGES, current_language
from surveyapp.people import collect_sign_in, contacts, devices
from surveyapp.people.access import AccessRule
from surveyapp.people.contacts import Report
from surveyapp.people.devices import KeyHolder, Purpose
from surveyapp.submissions.assessing import TOLERATED_SKEW
from surveyapp.submissions.revoked import has_room
from surveyapp.submissions.verdicts import Sender


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and what they may fill in (None: everything)."""

    language: str
    sender: Sender
    device: KeyHolder | None = None

    @property
    def scope(self) -> frozenset[str] | None:
        """Ids of the questionnaires that it may fill in; None: all."""
        return self.sender.questionnaires

    @property
    def tag(self) -> str:
        """What tells it from every other caller."""
        return f"device {self.sender.device_id}" if self.device else f"user {self.sender.user_id}"


def caller() -> Caller:
    """Who sent this request; a rule has looked."""
    return cast(Caller, g.openrosa_caller)


def _identify() -> Caller:
    found = _device(g.openrosa_key) if g.openrosa_key is not None else _person()
    g.openrosa_caller = found
    g.language = found.language
    return found


def _device(key: str) -> Caller:
    holder = devices.holder_of(key, Purpose.OPENROSA)
    if holder is None:
        abort(HTTPStatus.NOT_FOUND)
    sender = sender_of(holder)
    language = holder.language if holder.language in LANGUAGES else current_language()
    return Caller(language, sender, holder)


def sender_of(holder: KeyHolder) -> Sender:
    """What a device is to receiving."""
    return Sender(
        user_id=holder.user_id,
        device_id=holder.device_id,
        revoked=holder.revoked_at is not None,
        questionnaires=holder.questionnaires,
    )


def _person() -> Caller:
    person = collect_sign_in.person_of_request()
    language = person.language if person.language in LANGUAGES else current_language()
    return Caller(language, Sender(user_id=person.user_id))


def tell_clock(finished_at: datetime | None, now: datetime) -> None:
    """Keep what a record tells of the clock for when the contact is written down."""
    ahead = skew_told_by(finished_at, now)
    if ahead is not None:
        g.openrosa_clock_ahead = ahead


def skew_told_by(finished_at: datetime | None, now: datetime) -> int | None:
    """What a record tells of the clock: finished later than now, it is at least so many seconds ahead.

    `Date` tells nothing: ODK Collect writes it twelve hours off in the afternoon.
    """
    if finished_at is not None and finished_at > now + TOLERATED_SKEW:
        return round((finished_at - now).total_seconds())
    return None


def note_contact(response: Response) -> Response:
    """Write down that a device was heard of, once its request is answered."""
    found: Caller | None = g.get("openrosa_caller")
    if found is not None and found.device is not None:
        contacts.note(found.device, _report(), utc_now())
    return response


def _report() -> Report:
    installation, ahead = request.args.get("deviceID", ""), g.get("openrosa_clock_ahead")
    return contact_of(request.user_agent.string, installation, ahead)


def contact_of(app: str, installation: str, clock_ahead: int | None = None) -> Report:
    """The app by its `User-Agent`, the phone by the `deviceID` that ODK Collect puts into addresses."""
    return Report(app=_short(app), installation=_short(installation), clock_ahead=clock_ahead)


def _short(text: str) -> str | None:
    known = text[: contacts.LONGEST_TEXT]
    return known if known and known.isprintable() else None  # neither NUL nor surrogates are


def _check_fetching() -> None:
    if _identify().sender.revoked:
        abort(HTTPStatus.FORBIDDEN)


def _check_sending() -> None:
    found = _identify()
    if request.method != "POST" or not found.device or not found.sender.revoked:
        return
    if not found.device.within_grace(utc_now()) or not has_room(found.device.device_id):
        abort(HTTPStatus.FORBIDDEN)


def _speak() -> None:
    """Refuse nobody; answer a device in its language."""
    key = g.openrosa_key
    holder = devices.holder_of(key, Purpose.OPENROSA) if key is not None else None
    if holder is not None:
        g.language = holder.language


LOOKING = AccessRule("anyone, for there is nothing", _speak)
FETCHING = AccessRule("a device's key in the address, or a person's Collect password", _check_fetching)
SENDING = AccessRule("the same; a revoked device may still send for a while", _check_sending)
