"""Prepared files that tell what a newer version of the questionnaire keeps back.

An author who calls a question sensitive, or one that points at a person, means the answers to its former
versions too: every export made from then on leaves them out. A file that was prepared before does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.models import PublishedVersion
from surveyapp.catalogue.service import Edition
from surveyapp.exports.deidentifying import deidentifying
from surveyapp.exports.models import JobState
from surveyapp.extensions import db
from surveyapp.wiring import settings_of

#: from when a version says that it is published until every other connection sees it
_UNSEEN = timedelta(seconds=10)


def is_overtaken(job: Row[Any]) -> bool:
    """Whether a version that its file does not know keeps back what the file tells.

    A full export is none of that: it is asked for with what is guarded, and never prepared.
    """
    if job.confidential or job.begun_at is None or job.state not in {JobState.DONE, JobState.EXPIRED}:
        return False
    since = job.begun_at - _UNSEEN
    latest = select(func.max(PublishedVersion.published_at)).filter_by(
        questionnaire_id=job.questionnaire
    )
    was_begun = db.session().in_transaction()
    try:
        newest = db.session.scalar(latest)
        return newest is not None and newest > since and _keeps_back(job.questionnaire, since)
    finally:
        if not was_begun:  # on SQLite what was only read would keep out who writes
            db.session.rollback()


def _keeps_back(questionnaire: str, since: datetime) -> bool:
    editions = catalogue.all_editions(questionnaire)
    told = _told(editions)
    return any(
        not _told(editions[:number]) <= told
        for number, edition in enumerate(editions)
        if number and edition.version.published_at > since
    )


def _told(editions: Sequence[Edition]) -> frozenset[Any]:
    return deidentifying([each.definition for each in editions], settings_of()).told
