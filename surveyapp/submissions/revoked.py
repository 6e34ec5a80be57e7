"""What a revoked device may still bring: what it had collected before, within a quota."""

from __future__ import annotations

from sqlalchemy import func, select

from surveyapp.extensions import db
from surveyapp.submissions.models import Quarantined, Reason

#: records; a phone that was stolen must not fill the disk
QUOTA = 1000


def has_room(device_id: int) -> bool:
    """Whether work of a revoked device is still taken to quarantine."""
    query = (
        select(func.count())
        .select_from(Quarantined)
        .where(Quarantined.device_id == device_id, Quarantined.reason == Reason.REVOKED)
    )
    with db.engine.connect().execution_options(reads=True) as connection:
        return connection.execute(query).scalar_one() < QUOTA
