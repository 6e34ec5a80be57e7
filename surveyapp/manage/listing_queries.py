"""Pages of a questionnaire's submissions by what they are cut by: fast, however many there are.

The order is that of receiving, newest first, with the serial between equals; a page begins after the
place of the one before it. Each filter has an index that ends in the time of receiving.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Select, and_, false, func, or_, select
from sqlalchemy.exc import IntegrityError

from surveyapp.catalogue.models import PublishedVersion
from surveyapp.database import utc_now
from surveyapp.days import end_of, start_of
from surveyapp.extensions import db
from surveyapp.manage.listing_filters import Filters
from surveyapp.manage.models import SavedView
from surveyapp.manage.queries import PAGE
from surveyapp.people.models import Device, User
from surveyapp.people.rights import Reach
from surveyapp.submissions.models import State, Submission, SubmissionRevision

#: more are not counted, only said to be more
COUNTED = 1000
_GONE = [state for state in State if state.is_gone]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page begins: after the row that was received then, and has this serial."""

    received_at: datetime
    serial: int

    def __str__(self) -> str:
        return f"{(self.received_at - _EPOCH) // _MICROSECOND}-{self.serial}"

    @classmethod
    def read(cls, written: str | None) -> Place | None:
        """The place in an address; None: the beginning."""
        since, _dash, serial = (written or "").partition("-")
        if not (since.isdecimal() and serial.isdecimal() and len(since) <= 17 and len(serial) <= 18):
            return None
        try:
            return cls(_EPOCH + int(since) * _MICROSECOND, int(serial))
        except OverflowError:
            return None


def page(
    questionnaire: str, seen: Reach, filters: Filters, zone: ZoneInfo, after: Place | None
) -> Sequence[Row[Any]]:
    """A page of submissions and one more: what is about them, and none of their answers."""
    query = (
        select(
            Submission.serial,
            Submission.id,
            Submission.revision,
            Submission.received_at,
            Submission.version,
            Submission.language,
            Submission.channel,
            Submission.region,
            Submission.status,
            Submission.flags,
            Submission.synthetic,
            Submission.receipt_code,
            User.username.label("who"),
        )
        .outerjoin(User, User.id == Submission.sender_id)
        .where(*conditions(questionnaire, seen, filters, zone))
        .order_by(Submission.received_at.desc(), Submission.serial.desc())
        .limit(PAGE + 1)
    )
    if after is not None:
        at = Submission.received_at
        query = query.where(
            at <= after.received_at, or_(at < after.received_at, Submission.serial < after.serial)
        )
    return db.session.execute(cast(Select[Any], query)).all()


def counted(questionnaire: str, seen: Reach, filters: Filters, zone: ZoneInfo) -> int:
    """How many there are, up to one more than `COUNTED`: to count further would take long."""
    some = select(Submission.serial).where(*conditions(questionnaire, seen, filters, zone))
    query = select(func.count()).select_from(some.limit(COUNTED + 1).subquery())
    return int(db.session.scalars(query).one())


def conditions(
    questionnaire: str, seen: Reach, filters: Filters, zone: ZoneInfo
) -> list[ColumnElement[bool]]:
    """What a submission must be to stand in the list."""
    found = [
        Submission.questionnaire == questionnaire,
        seen.rows(Submission.questionnaire, Submission.region),
        _status(filters),
    ]
    for column in ("region", "channel", "version"):
        if value := getattr(filters, column):
            found.append(getattr(Submission, column) == value)
    if filters.flag:
        found.append(Submission.flags != [])
    if filters.flag not in {"", "any"}:
        found.append(_has_flag(filters.flag))
    if filters.synthetic:
        found.append(Submission.synthetic.is_(filters.synthetic == "yes"))
    if filters.by is not None:
        found.append(Submission.sender_id == filters.by)
    if filters.since:
        found.append(Submission.received_at >= start_of(filters.since, zone))
    if filters.until:
        found.append(Submission.received_at < end_of(filters.until, zone))
    found += [Submission.breakdowns[name].as_string() == code for name, code in filters.groups]
    return [*found, *([_found(filters)] if filters.find else [])]


def _status(filters: Filters) -> ColumnElement[bool]:
    if filters.status:
        return Submission.status == filters.status
    return Submission.status.not_in(_GONE)


def _has_flag(flag: str) -> ColumnElement[bool]:
    """On either database; a flag's name is a word of ours, which no other one contains quoted."""
    if db.engine.dialect.name == "postgresql":
        return cast("ColumnElement[bool]", Submission.flags.op("@>", is_comparison=True)([flag]))
    return func.instr(Submission.flags, f'"{flag}"') > 0


def _found(filters: Filters) -> ColumnElement[bool]:
    ways: list[ColumnElement[bool]] = []
    if filters.ids:
        first, last = filters.ids
        ways.append(and_(Submission.id >= first, Submission.id <= last))
    if filters.code:
        former = select(SubmissionRevision.submission_id).where(
            SubmissionRevision.receipt_code == filters.code
        )
        ways += [Submission.receipt_code == filters.code, Submission.id.in_(former)]
    return or_(false(), *ways)


def collectors(questionnaire: str, seen: Reach) -> Sequence[Row[Any]]:
    """Who has sent something of a questionnaire within a reach: number and name, by name."""
    sent = (
        select(Submission.serial)
        .where(
            Submission.sender_id == User.id,
            Submission.questionnaire == questionnaire,
            seen.rows(Submission.questionnaire, Submission.region),
        )
        .exists()
    )
    query = select(User.id, User.username).where(sent).order_by(User.username)
    return db.session.execute(cast(Select[Any], query)).all()


def phones(questionnaire: str, seen: Reach) -> Sequence[Row[Any]]:
    """The phones that sent something of a questionnaire within a reach: number and name, by name."""
    sent = (
        select(Submission.serial)
        .where(
            Submission.device_id == Device.id,
            Submission.questionnaire == questionnaire,
            seen.rows(Submission.questionnaire, Submission.region),
        )
        .exists()
    )
    query = select(Device.id, Device.name).where(sent).order_by(Device.name, Device.id)
    return db.session.execute(cast(Select[Any], query)).all()


def newest_and_versions(questionnaire: str) -> tuple[PublishedVersion | None, list[str]]:
    """The version published last, and the names of all, newest first."""
    query = (
        select(PublishedVersion)
        .where(PublishedVersion.questionnaire_id == questionnaire)
        .order_by(PublishedVersion.serial.desc())
    )
    found = list(db.session.scalars(query))
    return (found[0] if found else None), [version.version for version in found]


# --- saved views ------------------------------------------------------------------------------------


def views_for(questionnaire: str, user_id: int) -> Sequence[Row[Any]]:
    """One's own views, and those that others share, by name."""
    query = (
        select(SavedView.id, SavedView.name, SavedView.filters, SavedView.shared, SavedView.user_id)
        .where(
            SavedView.questionnaire == questionnaire,
            or_(SavedView.user_id == user_id, SavedView.shared),
        )
        .order_by(SavedView.name, SavedView.id)
        .limit(100)
    )
    return db.session.execute(cast(Select[Any], query)).all()


def save_view(questionnaire: str, user_id: int, name: str, filters: Filters, shared: bool) -> None:
    """Keep filters under a name, in the place of one's own view of that name; commits."""
    own = {"questionnaire": questionnaire, "user_id": user_id, "name": name}
    view = db.session.scalars(select(SavedView).filter_by(**own)).one_or_none()
    if view is None:
        view = SavedView(**own, created_at=utc_now())
        db.session.add(view)
    view.filters, view.shared = filters.address(), shared
    try:
        db.session.commit()
    except IntegrityError:  # sent twice at the same moment: it is there
        db.session.rollback()


def forget_view(questionnaire: str, user_id: int, view_id: int) -> None:
    """Forget one's own view; commits. Somebody else's stays."""
    own = {"questionnaire": questionnaire, "user_id": user_id, "id": view_id}
    view = db.session.scalars(select(SavedView).filter_by(**own)).one_or_none()
    if view is not None:
        db.session.delete(view)
    db.session.commit()
