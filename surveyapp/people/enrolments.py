"""Enrolment by a one-time code: whoever brings the code to the server gets the device's token.

A code has 60 random bits and is kept as a keyed hash; the token as any key (`devices`). The row's own
update decides who of several gets it. A phone that lost the answer asks again with the `retry_key` that
it had made up: the token is derived from both under the server's key, so it is the same one.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.i18n import DEFAULT_LANGUAGE
from surveyapp.people import audit, devices
from surveyapp.people.attempts import Limit, claim
from surveyapp.people.devices import API_PREFIX, Purpose, hash_of_key
from surveyapp.people.errors import RevokedDevice
from surveyapp.people.invitations import ALPHABET, as_printed
from surveyapp.people.keys import keyed_hash
from surveyapp.people.models import Device, DeviceKey, Enrolment

LENGTH, GROUP = 12, 4
#: how long a code is good, unless said otherwise
LIFE = timedelta(days=14)
#: how long after a code was used the same phone may ask for the answer again
RETRY = timedelta(days=1)
#: how long a code that is over is remembered, to say what is wrong with it
REMEMBERED = timedelta(days=90)
#: codes that are not good, from one place; a whole office may share its address
GUESSING = Limit("enrolment: address", 30, timedelta(minutes=15))


class BadCode(Exception):
    """The code gives nothing; `reason` says why, for programs."""

    reason = "code_unknown"


class UsedCode(BadCode):
    """Another phone, or this one in another way, has used it."""

    reason = "code_used"


class ExpiredCode(BadCode):
    """Its time is over."""

    reason = "code_expired"


class RevokedCode(BadCode):
    """Its device was revoked."""

    reason = "device_revoked"


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code for a device: shown once, kept nowhere."""

    device_id: int
    name: str
    language: str
    code: str
    expires_at: datetime

    @property
    def in_groups(self) -> str:
        """The code as it is printed: `ABCD-EFGH-JKLM`."""
        parts = range(0, LENGTH, GROUP)
        return "-".join(self.code[start : start + GROUP] for start in parts)


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What a code gave: the device, and its token."""

    device_id: int
    name: str
    language: str
    #: ids of the questionnaires it may fill in; None: all
    questionnaires: Sequence[str] | None
    token: str


def enrol(
    name: str,
    *,
    questionnaires: Sequence[str] = (),
    language: str = DEFAULT_LANGUAGE,
    username: str | None = None,
    life: timedelta = LIFE,
) -> NewCode:
    """Make a device and a code for it; the caller commits. Raises `BadDeviceName`, `UnknownUser`."""
    device = devices.add(name, questionnaires=questionnaires, language=language, username=username)
    return _new_code(device, life)


def another_code(number: int, life: timedelta = LIFE) -> NewCode:
    """Make a new code for a device that is there; earlier ones are over. The caller commits.

    Whoever redeems it takes the device over: what another phone has for it is good no more.
    Raises `UnknownDevice`, `RevokedDevice`.
    """
    device = devices.known_device(number)
    if device.revoked_at is not None:
        raise RevokedDevice(number)
    unused = (Enrolment.device_id == number, Enrolment.used_at.is_(None))
    db.session.execute(update(Enrolment).where(*unused).values(expires_at=utc_now()))
    audit.record(audit.Action.DEVICE_CODE_MADE, f"device {number}")
    return _new_code(device, life)


def _new_code(device: Device, life: timedelta) -> NewCode:
    code = "".join(secrets.choice(ALPHABET) for _position in range(LENGTH))
    expires_at = utc_now() + life
    db.session.add(Enrolment(device_id=device.id, code_hash=_hash(code), expires_at=expires_at))
    return NewCode(device.id, device.name, device.language, code, expires_at)


def redeem(code: str, retry_key: str | None = None, *, place: str = "") -> Redeemed:
    """Give the device's token for a code; commits. Raises `BadCode`, `attempts.TooManyAttempts`.

    Of any number that bring one code at once, one gets a token; with the same `retry_key` all get the
    same one, and so does whoever comes with both within `RETRY`. `place`: where guesses are counted.
    """
    attempt = claim([(GUESSING, place)])
    connection = db.session.connection()
    try:
        redeemed = _use(connection, code, retry_key) or _again(connection, code, retry_key)
    except BadCode:
        db.session.rollback()
        raise
    attempt.forgive()  # and commits all this
    return redeemed


def forget(now: datetime) -> int:
    """Delete the codes that are good for nothing any more, a while after; how many. Commits.

    Until then whoever brings one is told why it does not do: used, too late, revoked.
    """
    is_over = (Enrolment.used_at < now - REMEMBERED) | (Enrolment.expires_at < now - REMEMBERED)
    gone = db.session.execute(delete(Enrolment).where(is_over).returning(Enrolment.id)).all()
    db.session.commit()
    return len(gone)


def _use(connection: Connection, code: str, retry_key: str | None) -> Redeemed | None:
    """Use the code up; None if it is not good, or not any more."""
    now = utc_now()
    active = select(Device.id).where(Device.revoked_at.is_(None))
    row = connection.execute(
        update(Enrolment)
        .where(
            Enrolment.code_hash == _hash(code),
            Enrolment.used_at.is_(None),
            Enrolment.expires_at > now,
            Enrolment.device_id.in_(active),
        )
        .values(used_at=now, retry_hash=_retry_hash(retry_key) if retry_key else None)
        .returning(Enrolment.id, Enrolment.device_id)
    ).one_or_none()
    if row is None:
        return None
    token = _token(row.id, code, retry_key)
    _put_in_place_of_others(connection, row.device_id, token, now)
    audit.record_on(connection, audit.Action.DEVICE_CODE_USED, f"device {row.device_id}")
    return _redeemed(connection, row.device_id, token)


def _put_in_place_of_others(connection: Connection, device_id: int, token: str, now: datetime) -> None:
    """Let this token be the device's only one: what another phone has for it is revoked."""
    theirs = (DeviceKey.device_id == device_id, DeviceKey.purpose == Purpose.API)
    former = update(DeviceKey).where(*theirs, DeviceKey.revoked_at.is_(None))
    connection.execute(former.values(revoked_at=now))
    row = {"device_id": device_id, "purpose": Purpose.API, "key_hash": hash_of_key(token)}
    connection.execute(insert(DeviceKey).values(**row, created_at=now))


def _again(connection: Connection, code: str, retry_key: str | None) -> Redeemed:
    """The same answer for the same phone. Raises `BadCode`."""
    row = connection.execute(
        select(Enrolment.__table__, Device.revoked_at)
        .join(Device, Device.id == Enrolment.device_id)
        .where(Enrolment.code_hash == _hash(code))
    ).one_or_none()
    if row is None:
        raise BadCode
    if row.revoked_at is not None:
        raise RevokedCode
    if row.used_at is None:
        raise ExpiredCode
    if not retry_key or row.retry_hash != _retry_hash(retry_key) or _is_long_ago(row):
        raise UsedCode
    token = _token(row.id, code, retry_key)
    good = (DeviceKey.key_hash == hash_of_key(token), DeviceKey.revoked_at.is_(None))
    if connection.scalar(select(DeviceKey.id).where(*good)) is None:
        raise UsedCode
    return _redeemed(connection, row.device_id, token)


def _is_long_ago(row: Row[Any]) -> bool:
    return bool(utc_now() - row.used_at > RETRY)


def _redeemed(connection: Connection, device_id: int, token: str) -> Redeemed:
    device = connection.execute(select(Device.__table__).where(Device.id == device_id)).one()
    return Redeemed(device_id, device.name, device.language, device.questionnaires or None, token)


def _token(enrolment_id: int, code: str, retry_key: str | None) -> str:
    if retry_key is None:
        return API_PREFIX + secrets.token_urlsafe(32)
    derived = keyed_hash("device token", str(enrolment_id), as_printed(code), retry_key)
    return API_PREFIX + base64.urlsafe_b64encode(derived).rstrip(b"=").decode("ascii")


def _hash(code: str) -> bytes:
    return keyed_hash("enrolment", as_printed(code))


def _retry_hash(retry_key: str) -> bytes:
    return keyed_hash("enrolment retry", retry_key)
