"""Which phones hold work that has not come in, and why as far as they have told; cut by reach.

A phone is where its person collects. One that is nobody's has no region: it is for those who have all
regions of a questionnaire that it fills in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, func, or_, select, true

from surveyapp.extensions import db
from surveyapp.people.collectors import collecting_people, meets
from surveyapp.people.devices import GRACE
from surveyapp.people.models import Device
from surveyapp.people.rights import Reach

#: work that is older has not simply waited for the evening's network
OLD = timedelta(hours=24)
#: without a word for so long, a phone may hold work that nobody knows of
SILENT = timedelta(days=3)
LITTLE_ROOM = 50_000_000
LITTLE_BATTERY = 15
WRONG_CLOCK = 300
MOST = 200


class Why(StrEnum):
    """Why work is still on a phone, as far as it has told."""

    REVOKED = "revoked"
    UNHEARD = "unheard"
    FULL = "full"
    BATTERY = "battery"
    OLD_APP = "old_app"
    CLOCK = "clock"
    #: it is heard of, and sends nothing
    FAILING = "failing"


@dataclass(frozen=True, slots=True)
class Stuck:
    """A phone with old work, the reasons, and until when it may send if it was revoked."""

    device: Device
    why: Sequence[Why]
    until: datetime | None


def stuck(within: Reach, now: datetime) -> list[Stuck]:
    """Phones whose oldest work is older than a day, the oldest first."""
    query = (
        select(Device)
        .where(_within(within), Device.unsent > 0, Device.oldest_unsent_at < now - OLD)
        .where(or_(Device.revoked_at.is_(None), Device.revoked_at > now - GRACE))
        .order_by(Device.oldest_unsent_at)
        .limit(MOST)
    )
    newest = _newest_app()
    return [
        Stuck(each, _why(each, newest, now), each.revoked_at + GRACE if each.revoked_at else None)
        for each in db.session.scalars(query)
    ]


def others(within: Reach, now: datetime, *, before: int | None, limit: int) -> Sequence[Device]:
    """The other phones, the newest first; work that is younger than a day is no reason to call."""
    held_up = and_(Device.unsent > 0, Device.oldest_unsent_at < now - OLD)
    query = select(Device).where(_within(within), func.coalesce(~held_up, true()))
    if before is not None:
        query = query.where(Device.id < before)
    return db.session.scalars(query.order_by(Device.id.desc()).limit(limit)).all()


def one(within: Reach, number: int) -> Device | None:
    """A phone that `within` reaches."""
    query = select(Device).where(Device.id == number, _within(within))
    return db.session.scalars(query).one_or_none()


def active_names(within: Reach) -> dict[str, int]:
    """The names of phones that `within` reaches and that were not revoked → their numbers."""
    query = select(Device.name, Device.id).where(Device.revoked_at.is_(None), _within(within))
    return {row.name: row.id for row in db.session.execute(query.order_by(Device.id))}


def wholes(within: Reach) -> frozenset[str] | None:
    """The questionnaires of which all regions are within it; None: all of them."""
    named = {place.questionnaire for place in within.places if place.region is None}
    return None if None in named else frozenset(name for name in named if name is not None)


def is_silent(device: Device, now: datetime) -> bool:
    """Whether nothing was heard of a phone for days."""
    return device.revoked_at is None and (device.seen_at or device.created_at) < now - SILENT


def _within(within: Reach) -> ColumnElement[bool]:
    if within.is_everywhere:
        return true()
    people = [number for number, reach in collecting_people().items() if meets(reach, within)]
    return Device.user_id.in_(people) if not _has_all_regions(within) else _or_nobodys(people, within)


def _has_all_regions(within: Reach) -> bool:
    return any(place.region is None for place in within.places)


def _or_nobodys(people: Sequence[int], within: Reach) -> ColumnElement[bool]:
    """Those of people, and of nobody's those that fill in none but questionnaires of the reach."""
    whole = wholes(within) or frozenset()
    rows = db.session.execute(select(Device.id, Device.questionnaires).where(Device.user_id.is_(None)))
    mine = [row.id for row in rows if row.questionnaires and set(row.questionnaires) <= whole]
    return or_(Device.user_id.in_(people), Device.id.in_(mine))


def _newest_app() -> str | None:
    """The newest edition of our own program that any phone has told of."""
    told = db.session.scalars(select(Device.app).where(Device.app.like("field/%")).distinct())
    return max((app for app in told if app), key=_edition, default=None)


def _edition(app: str) -> tuple[int, ...]:
    numbers = app.partition("/")[2].split(".")
    return tuple(int(each) for each in numbers if each.isascii() and each.isdecimal())


def _why(device: Device, newest: str | None, now: datetime) -> list[Why]:
    app = device.app or ""
    is_old = bool(newest) and app.startswith("field/") and _edition(app) < _edition(newest or "")
    reasons = {
        Why.REVOKED: device.revoked_at is not None,
        Why.UNHEARD: device.seen_at is None or device.seen_at < now - OLD,
        Why.FULL: device.free_storage is not None and device.free_storage < LITTLE_ROOM,
        Why.BATTERY: device.battery is not None and device.battery < LITTLE_BATTERY,
        Why.OLD_APP: is_old,
        Why.CLOCK: abs(device.clock_skew or 0) > WRONG_CLOCK,
    }
    found = [why for why, holds in reasons.items() if holds]
    return found or [Why.FAILING]
