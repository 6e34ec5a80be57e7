"""One submission for an administrator's eyes: open answers, and on demand, audited, the rest."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from surveyapp.catalogue import service as catalogue
from surveyapp.extensions import db
from surveyapp.people import audit
from surveyapp.questionnaires import partition
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.models import Submission
from surveyapp.submissions.opening import foreign_of, identity_of

_COLUMNS = (
    "id",
    "questionnaire",
    "version",
    "language",
    "channel",
    "status",
    "revision",
    "flags",
    "errors",
    "synthetic",
    "started_at",
    "finished_at",
    "received_at",
    "utc_offset",
    "clock_skew",
    "app",
    "receipt_code",
)


class NoSubmission(LookupError):
    """No submission has this id."""

    def __init__(self, submission_id: UUID) -> None:
        super().__init__(f"no submission {submission_id} is stored")


def find(submission_id: UUID) -> Submission:
    """The submission of this id. Raises `NoSubmission`."""
    found = db.session.scalars(select(Submission).filter_by(id=submission_id)).one_or_none()
    if found is None:
        raise NoSubmission(submission_id)
    return found


def shown(submission_id: UUID, *, identity: bool = False, sensitive: bool = False) -> dict[str, Any]:
    """The submission as JSON; what is asked for beyond the open answers is written to the audit log.

    Raises `NoSubmission`, `opening.Erased`, `sealing.CannotOpen`, `keys.KeyMissing`.
    """
    found = find(submission_id)
    content = {name: _plain(getattr(found, name)) for name in _COLUMNS}
    content["answers"] = found.answers if sensitive else _without_sensitive(found)
    if identity:
        content["identity"] = identity_of(keys_of(), found)
        content["foreign"] = foreign_of(keys_of(), found)
    if identity or sensitive:
        details = {"identity": identity, "sensitive": sensitive}
        audit.record(audit.Action.SUBMISSION_OPENED, str(submission_id), details)
        db.session.commit()
    return content


def _without_sensitive(found: Submission) -> dict[str, Any]:
    edition = catalogue.edition(found.questionnaire, found.version)
    if edition is None:  # which answers are sensitive cannot be told
        return {}
    return partition.drop(edition.definition, found.answers, partition.is_sensitive)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
