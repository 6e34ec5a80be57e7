"""What the pages about families' requests read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from sqlalchemy import Row, func, select
from sqlalchemy.orm import aliased

from surveyapp.catalogue.models import CatalogueEntry, PublishedVersion
from surveyapp.extensions import db
from surveyapp.manage.presenting import title_of
from surveyapp.people.models import User
from surveyapp.people.rights import Reach
from surveyapp.submissions.models import Submission
from surveyapp.submissions.subject_models import SubjectRequest

#: requests that are closed, on one page
PAGE = 50


def open_requests(reach: Reach) -> Sequence[SubjectRequest]:
    """Those that wait, the most urgent first; few, since they are due within days."""
    query = (
        select(SubjectRequest)
        .where(SubjectRequest.closed_at.is_(None), _within(reach))
        .order_by(SubjectRequest.due_on, SubjectRequest.serial)
        .limit(PAGE * 10)
    )
    return db.session.scalars(query).all()


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many requests wait, and the day by which the first of them is to be answered."""

    count: int
    due_on: date


def waiting(reach: Reach) -> Waiting | None:
    """What waits for an answer within a reach; None: nothing."""
    query = select(func.count(), func.min(SubjectRequest.due_on)).where(
        SubjectRequest.closed_at.is_(None), _within(reach)
    )
    count, due_on = db.session.execute(query).one()
    return Waiting(count, due_on) if due_on else None


def closed_requests(reach: Reach, before: int | None) -> Sequence[SubjectRequest]:
    """Those that are closed, newest first, one more than a page."""
    query = (
        select(SubjectRequest)
        .where(SubjectRequest.closed_at.is_not(None), _within(reach))
        .order_by(SubjectRequest.serial.desc())
        .limit(PAGE + 1)
    )
    if before is not None:
        query = query.where(SubjectRequest.serial < before)
    return db.session.scalars(query).all()


def with_names(number: int) -> Row[Any] | None:
    """A request, with who wrote it down, who closed it, and its submission's code and state."""
    asker, closer = aliased(User), aliased(User)
    query = (
        select(
            SubjectRequest,
            asker.username.label("asker"),
            closer.username.label("closer"),
            Submission.receipt_code,
            Submission.status,
        )
        .outerjoin(asker, asker.id == SubjectRequest.asked_by)
        .outerjoin(closer, closer.id == SubjectRequest.closed_by)
        .outerjoin(Submission, Submission.id == SubjectRequest.submission_id)
        .where(SubjectRequest.serial == number)
    )
    return cast("Row[Any] | None", db.session.execute(query).one_or_none())


def place_of(number: int) -> tuple[str, str | None] | None:
    """The questionnaire and the region that a request is about; None: there is no such request."""
    query = select(SubjectRequest.questionnaire, SubjectRequest.region)
    row = db.session.execute(query.where(SubjectRequest.serial == number)).one_or_none()
    return (row.questionnaire, row.region) if row else None


def questionnaires(reach: Reach) -> list[tuple[str, str]]:
    """Id and title of the questionnaires within a reach."""
    versions = db.session.scalars(select(PublishedVersion).order_by(PublishedVersion.published_at))
    titles = {version.questionnaire_id: title_of(version) for version in versions}
    entries = db.session.scalars(select(CatalogueEntry.id).order_by(CatalogueEntry.created_at))
    return [(entry, titles[entry]) for entry in entries if entry in titles and reach.touches(entry)]


def _within(reach: Reach) -> Any:
    return reach.rows(SubjectRequest.questionnaire, SubjectRequest.region)
