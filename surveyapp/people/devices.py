"""Devices: field phones, the keys they show, and what these let them do. The service commits.

A key is shown once and kept as SHA-256: it has 192 random bits, which nobody tries out. A device that
was revoked is still known, so that what it had collected before can come in, to quarantine.
"""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, select

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
#: by which a key of our own program is told from a person's token
API_PREFIX = "device_"


#: what is asked of a device with every request of every phone, for `KeyHolder.of_row`
HOLDER_COLUMNS = (
    Device.id,
    Device.name,
    Device.user_id,
    Device.language,
    Device.questionnaires,
    Device.revoked_at,
    Device.seen_at,
    DeviceKey.revoked_at.label("key_revoked_at"),
)
#: whose key it is: of what is `shown`, for what is `wanted` (`shown_key`)
IS_HOLDER = (
    DeviceKey.device_id == Device.id,
    DeviceKey.key_hash == bindparam("shown"),
    DeviceKey.purpose == bindparam("wanted"),
)
_HOLDER = DriverStatement(select(*HOLDER_COLUMNS).where(*IS_HOLDER))


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

    @classmethod
    def of_row(cls, row: Sequence[Any]) -> KeyHolder:
        """The holder of `HOLDER_COLUMNS`."""
        (device_id, name, user_id, language, questionnaires, revoked_at, seen_at, key_revoked_at) = row
        revoked = [moment for moment in (revoked_at, key_revoked_at) if moment]
        return cls(
            device_id=device_id,
            name=name,
            user_id=user_id,
            language=language,
            questionnaires=frozenset(questionnaires) or None,
            revoked_at=min(revoked, default=None),
            seen_at=seen_at,
        )

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
    device = add(name, questionnaires=questionnaires, language=language, username=username)
    key = new_key(device.id, purpose)
    db.session.commit()
    return Enrolled(device.id, device.name, key)


def add(
    name: str,
    *,
    questionnaires: Sequence[str] = (),
    language: str = DEFAULT_LANGUAGE,
    username: str | None = None,
) -> Device:
    """Make a device without a key; the caller commits. Raises as `enrol`."""
    device = Device(
        name=good_name(name),
        user_id=known_user(username).id if username else None,
        language=language,
        questionnaires=sorted(set(questionnaires)),
    )
    db.session.add(device)
    db.session.flush()
    audit.record(audit.Action.DEVICE_ENROLLED, f"device {device.id}", {"language": language})
    return device


def good_name(name: str) -> str:
    """A device's name as it is kept. Raises `BadDeviceName`."""
    known = unicodedata.normalize("NFC", name).strip()
    if not known or len(known) > LONGEST_NAME or not known.isprintable():
        raise BadDeviceName(name)
    return known


def new_key(device_id: int, purpose: Purpose) -> str:
    """Make a key of a device and return it, this once; the caller commits."""
    key = secrets.token_urlsafe(24)
    db.session.add(DeviceKey(device_id=device_id, purpose=purpose, key_hash=hash_of_key(key)))
    return key


def devices() -> list[Device]:
    """Every device, the newest last."""
    return list(db.session.scalars(select(Device).order_by(Device.id)))


def known_device(number: int) -> Device:
    """The device of this number. Raises `UnknownDevice`."""
    device = db.session.get(Device, number)
    if device is None:
        raise UnknownDevice(number)
    return device


def revoke(number: int) -> Device:
    """Take a device's access away: it gets nothing any more. Done again, nothing changes.

    What it sends within `GRACE` waits in quarantine. Raises `UnknownDevice`.
    """
    device = known_device(number)
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
    rows = read(_HOLDER, shown_key(hash_of_key(key), purpose))
    return KeyHolder.of_row(rows[0]) if rows else None


def shown_key(key_hash: bytes, purpose: Purpose) -> dict[str, Any]:
    """The values that `IS_HOLDER` asks for."""
    return {"shown": key_hash, "wanted": purpose.value}


def names_of(device_ids: Collection[int]) -> dict[int, str]:
    """The names of some devices by their numbers, in one query."""
    query = select(Device.id, Device.name).where(Device.id.in_(device_ids))
    return {row[0]: row[1] for row in db.session.execute(query)}


def names_of_users() -> dict[int, str]:
    """The names of all who have an account, by id."""
    return {row[0]: row[1] for row in db.session.execute(select(User.id, User.username))}


def hash_of_key(key: str) -> bytes:
    """What is kept of a key."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
