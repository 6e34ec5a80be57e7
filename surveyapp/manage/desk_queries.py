"""What waits in quarantine: pages of it, how many there are of each reason, and the next one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, Row, Select, func, or_, select

from surveyapp.catalogue.models import PublishedVersion
from surveyapp.extensions import db
from surveyapp.manage.queries import PAGE
from surveyapp.people.models import Device, User
from surveyapp.people.rights import Reach
from surveyapp.submissions.models import Instance, Quarantined, Submission


@dataclass(frozen=True, slots=True)
class Sought:
    """Which of what waits, and in which order; empty: all of it."""

    reason: str = ""
    questionnaire: str = ""
    channel: str = ""
    newest_first: bool = False

    def address(self) -> dict[str, Any]:
        """The same as the query of an address."""
        named = {"reason": self.reason, "questionnaire": self.questionnaire, "channel": self.channel}
        order = {"order": "newest"} if self.newest_first else {}
        return {name: value for name, value in named.items() if value} | order


def waiting(seen: Reach, sought: Sought, beyond: int | None) -> Sequence[Row[Any]]:
    """A page (and one row more) of what waits, from a serial on in its order, without its content."""
    query = (
        select(
            Quarantined.serial,
            Quarantined.received_at,
            Quarantined.questionnaire,
            Quarantined.version,
            Quarantined.channel,
            Quarantined.reason,
            Quarantined.size,
            Quarantined.synthetic,
            Quarantined.receipt_code,
            User.username.label("who"),
            Device.name.label("device"),
        )
        .outerjoin(User, User.id == Quarantined.sender_id)
        .outerjoin(Device, Device.id == Quarantined.device_id)
        .where(*_conditions(seen, sought))
    )
    asked = _from_on(cast(Select[Any], query), sought, beyond)
    return db.session.execute(asked.limit(PAGE + 1)).all()


def next_of(seen: Reach, sought: Sought, serial: int) -> int | None:
    """The next that waits after one, else the first; None: nothing waits any more."""
    query = cast(Select[Any], select(Quarantined.serial).where(*_conditions(seen, sought)))
    after = db.session.scalars(_from_on(query, sought, serial).limit(1)).one_or_none()
    if after is not None:
        return int(after)
    first: int | None = db.session.scalars(_from_on(query, sought, None).limit(1)).one_or_none()
    return None if first == serial else first


@dataclass(frozen=True, slots=True)
class Heaps:
    """How many wait: by reason, most first; by the questionnaire that they name."""

    reasons: Mapping[str, int]
    questionnaires: Mapping[str, int]


def heaps(seen: Reach) -> Heaps:
    """What somebody sees waiting; one query."""
    query = (
        select(Quarantined.reason, Quarantined.questionnaire, func.count())
        .where(*_conditions(seen, Sought()))
        .group_by(Quarantined.reason, Quarantined.questionnaire)
    )
    reasons, questionnaires = Counter[str](), Counter[str]()
    for reason, questionnaire, count in db.session.execute(query):
        reasons[reason] += count
        questionnaires[questionnaire] += count
    return Heaps(
        dict(sorted(reasons.items(), key=lambda each: (-each[1], each[0]))),
        dict(sorted(questionnaires.items())),
    )


@dataclass(frozen=True, slots=True)
class Version:
    """A published version that work can be read by."""

    serial: int
    questionnaire: str
    version: str
    title: Mapping[str, str]


def versions(seen: Reach, first: str) -> list[Version]:
    """The versions within a reach, newest first; those of the questionnaire `first` before others."""
    query = select(
        PublishedVersion.serial,
        PublishedVersion.questionnaire_id,
        PublishedVersion.version,
        PublishedVersion.title,
    ).order_by((PublishedVersion.questionnaire_id != first), PublishedVersion.serial.desc())
    rows = db.session.execute(query)
    return [Version(*row) for row in rows if seen.covers(row.questionnaire_id, None)]


def place_of(serial: int) -> str | None:
    """The questionnaire that a piece of work names; None: there is no such work."""
    found: str | None = db.session.scalars(
        select(Quarantined.questionnaire).where(Quarantined.serial == serial)
    ).one_or_none()
    return found


def result_of(row: Quarantined) -> Row[Any] | None:
    """The submission (id, questionnaire) that decided work has become, or is a revision of."""
    named = select(Instance.submission_id).where(Instance.id == row.submission_id)
    query = select(Submission.id, Submission.questionnaire).where(
        or_(Submission.id == row.submission_id, Submission.id.in_(named))
    )
    return db.session.execute(cast(Select[Any], query).limit(1)).one_or_none()


def people_of(row: Quarantined) -> dict[str, str | None]:
    """Who sent it, by which device, and who decided over it."""
    names = {
        person.id: person.username
        for person in db.session.scalars(
            select(User).where(User.id.in_([row.sender_id or 0, row.decided_by or 0]))
        )
    }
    device = db.session.get(Device, row.device_id) if row.device_id else None
    return {
        "sender": names.get(row.sender_id or 0),
        "decider": names.get(row.decided_by or 0),
        "device": device.name if device else None,
    }


def _conditions(seen: Reach, sought: Sought) -> list[ColumnElement[bool]]:
    asked = {
        Quarantined.reason: sought.reason,
        Quarantined.questionnaire: sought.questionnaire,
        Quarantined.channel: sought.channel,
    }
    return [
        Quarantined.decided_at.is_(None),
        seen.rows(Quarantined.questionnaire),
        *(column == value for column, value in asked.items() if value),
    ]


def _from_on(query: Select[Any], sought: Sought, beyond: int | None) -> Select[Any]:
    serial = Quarantined.serial
    if beyond is not None:
        query = query.where(serial < beyond if sought.newest_first else serial > beyond)
    return query.order_by(serial.desc() if sought.newest_first else serial)
