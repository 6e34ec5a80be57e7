"""What waits in quarantine: listed without its content, opened by an administrator, which is audited."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import defer

from surveyapp.extensions import db
from surveyapp.people import audit
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.models import Quarantined
from surveyapp.submissions.opening import quarantined_bytes


class NotQuarantined(LookupError):
    """Nothing waits under this number."""

    def __init__(self, serial: int) -> None:
        super().__init__(f"nothing waits under the number {serial}")


def waiting(
    questionnaire: str | None = None, *, after: int = 0, limit: int = 100
) -> Sequence[Quarantined]:
    """What waits for a decision, oldest first, from the serial `after` on; its bytes are not read."""
    query = (
        select(Quarantined)
        .options(defer(Quarantined.sealed))
        .where(Quarantined.decided_at.is_(None), Quarantined.serial > after)
        .order_by(Quarantined.serial)
        .limit(limit)
    )
    if questionnaire is not None:
        query = query.where(Quarantined.questionnaire == questionnaire)
    return db.session.scalars(query).all()


def open_sealed(serial: int) -> bytes:
    """The bytes as they came; commits that they were looked at. Raises `NotQuarantined`."""
    found = db.session.get(Quarantined, serial)
    if found is None:
        raise NotQuarantined(serial)
    content = quarantined_bytes(keys_of(), found)
    audit.record(audit.Action.QUARANTINE_OPENED, str(found.submission_id))
    db.session.commit()
    return content
