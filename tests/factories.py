"""Stored submissions, as the door in leaves them, for tests of what is done with them afterwards."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert

from surveyapp.extensions import db
from surveyapp.submissions.keys import keys_of
from surveyapp.submissions.models import Submission
from surveyapp.submissions.sealing import DataKey, Row

RECEIVED_AT = datetime(2026, 9, 1, 20, 30, 15, tzinfo=UTC)


def submission_row(
    questionnaire: str,
    answers: Mapping[str, Any],
    *,
    identity: Mapping[str, Any] | None = None,
    **facts: Any,
) -> dict[str, Any]:
    """The columns of one submission; `identity` is sealed by node path, `facts` replaces columns."""
    submission_id: UUID = facts.setdefault("id", uuid4())
    key = DataKey.new(keys_of(), Row.of_submission(submission_id))
    return {
        "questionnaire": questionnaire,
        "version": "1",
        "language": "kk",
        "channel": "api",
        "received_at": RECEIVED_AT,
        "answers": dict(answers),
        "identity_sealed": key.seal_json("identity_sealed", dict(identity)) if identity else None,
        "data_key": key.wrapped,
        "key_id": key.key_id,
        "answers_commitment": b"commitment",
        "chain": secrets.token_bytes(32),
        "content_digest": secrets.token_bytes(32),
        "receipt_code": secrets.token_hex(8),
        **facts,
    }


def store_submission(questionnaire: str, answers: Mapping[str, Any], **facts: Any) -> UUID:
    """Store one submission; returns its id."""
    row = submission_row(questionnaire, answers, **facts)
    store_rows([row])
    submission_id: UUID = row["id"]
    return submission_id


def store_rows(rows: list[dict[str, Any]]) -> None:
    """Store rows of `submission_row` in their order, committed."""
    db.session.execute(insert(Submission), rows)
    db.session.commit()
