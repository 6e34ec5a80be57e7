"""Devices: field phones, the keys they show, and what these let them do. The service commits.

A key is shown once and kept as SHA-256: it has 192 random bits, which nobody tries out. A device that
was revoked is still known, so that what it had collected before can come in, to quarantine.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import bindparam, select, update

from surveyapp.database import utc_now
from surveyapp.driver import DriverStatement, read
from surveyapp.extensions import db
from surveyapp.i18n import DEFAULT_LANGUAGE
from surveyapp.people import audit
from surveyapp.people.errors import BadDeviceName, UnknownDevice
from surveyapp.people.models import Device, DeviceKey, User
from surveyapp.people.service import known_user

LONGEST_NAME = 100
#: how long a revoked device may bring what it had collected
GRACE = timedelta(days=90)
#: how often it is written down that a device was heard of
_SEEN_AGAIN = timedelta(minutes=10)


#: written once: it is asked with every request of every phone
_HOLDER = DriverStatement(
    select(
        Device.id,
        Device.name,
        Device.user_id,
        Device.language,
        Device.questionnaires,
        Device.revoked_at,
        Device.seen_at,
        DeviceKey.revoked_at.label("key_revoked_at"),
    )
    .join(DeviceKey, DeviceKey.device_id == Device.id)
    .where(DeviceKey.key_hash == bindparam("shown"), DeviceKey.purpose == bindparam("wanted"))
)


class Purpose(StrEnum):
    """What a key is for."""

    #: stands in the address that ODK Collect is given
    OPENROSA = "openrosa"
    #: a bearer token of our own program
    API = "api"


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A new device, and its key: shown once, kept nowhere."""

    id: int
    name: str
    key: str


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Whose key came with a request; plain values, so that no transaction stays open for them."""

    device_id: int
    name: str
    user_id: int | None
    language: str
    #: ids of the questionnaires it may fill in; None: all
    questionnaires: frozenset[str] | None
    #: since when it may no longer send
    revoked_at: datetime | None
    seen_at: datetime | None

    def within_grace(self, now: datetime) -> bool:
        """Whether what it sends is still taken, be it to quarantine."""
        return self.revoked_at is None or now < self.revoked_at + GRACE


def enrol(
    name: str,
    purpose: Purpose,
    *,
    questionnaires: Sequence[str] = (),
    language: str = DEFAULT_LANGUAGE,
    username: str | None = None,
) -> Enrolled:
    """Make a device with one key for a purpose; without questionnaires it may fill in all.

    Raises `BadDeviceName`, `UnknownUser`.
    """
    known = name.strip()
    if not known or len(known) > LONGEST_NAME or not known.isprintable():
        raise BadDeviceName(name)
    device = Device(
        name=known,
        user_id=known_user(username).id if username else None,
        language=language,
        questionnaires=sorted(set(questionnaires)),
    )
    db.session.add(device)
    db.session.flush()
    key = _new_key(device.id, purpose)
    audit.record(audit.Action.DEVICE_ENROLLED, f"device {device.id}", {"language": language})
    db.session.commit()
    return Enrolled(device.id, known, key)


def _new_key(device_id: int, purpose: Purpose) -> str:
    key = secrets.token_urlsafe(24)
    db.session.add(DeviceKey(device_id=device_id, purpose=purpose, key_hash=_hash(key)))
    return key


def devices() -> list[Device]:
    """Every device, the newest last."""
    return list(db.session.scalars(select(Device).order_by(Device.id)))


def revoke(number: int) -> Device:
    """Take a device's access away: it gets nothing any more. Done again, nothing changes.

    What it sends within `GRACE` waits in quarantine. Raises `UnknownDevice`.
    """
    device = db.session.get(Device, number)
    if device is None:
        raise UnknownDevice(number)
    if device.revoked_at is None:
        device.revoked_at = utc_now()
        audit.record(audit.Action.DEVICE_REVOKED, f"device {number}")
    db.session.commit()
    return device


def holder_of(key: str, purpose: Purpose) -> KeyHolder | None:
    """Whose key it is; None if it was never given out for this.

    Reads on a connection of its own, as `tokens.holder_of` does. A device of somebody without access
    is revoked with them (`service.deactivate`).
    """
    shown = {"shown": _hash(key), "wanted": purpose.value}
    rows = read(_HOLDER, shown)
    if not rows:
        return None
    (device_id, name, user_id, language, questionnaires, revoked_at, seen_at, key_revoked_at) = rows[0]
    revoked = [moment for moment in (revoked_at, key_revoked_at) if moment]
    return KeyHolder(
        device_id=device_id,
        name=name,
        user_id=user_id,
        language=language,
        questionnaires=frozenset(questionnaires) or None,
        revoked_at=min(revoked, default=None),
        seen_at=seen_at,
    )


def note_contact(holder: KeyHolder, app: str | None, now: datetime) -> None:
    """Write down that a device was heard of, at most once in a while; commits."""
    if holder.seen_at is not None and now - holder.seen_at < _SEEN_AGAIN:
        return
    seen = update(Device).where(Device.id == holder.device_id).values(seen_at=now, app=app)
    db.session.execute(seen)
    db.session.commit()


def names_of_users() -> dict[int, str]:
    """The names of all who have an account, by id."""
    return {row[0]: row[1] for row in db.session.execute(select(User.id, User.username))}


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
