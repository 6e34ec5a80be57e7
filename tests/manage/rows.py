"""Rows as they lie in the tables after receiving, for the pages that only look at them."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import uuid4

from sqlalchemy import insert

from surveyapp.catalogue import service as catalogue
from surveyapp.catalogue.service import Edition
from surveyapp.database import utc_now
from surveyapp.extensions import db
from surveyapp.questionnaires import library
from surveyapp.questionnaires.xlsform import CompiledWorkbook, compile_workbook
from surveyapp.submissions.models import Quarantined, Submission

SITE = "site_safety"
ALMATY_CITY = "750000000"
#: stands in every place of a row where an answer may stand, and must be on no page
CANARY = "zhumbaq7391"


@cache
def _compiled(questionnaire: str) -> CompiledWorkbook:
    texts = catalogue.DEMONSTRATION_TEXTS
    return compile_workbook(library.workbook(questionnaire), f"{questionnaire}.md", placeholders=texts)


def publish(questionnaire: str) -> Edition:
    """One of the built-in questionnaires, published."""
    return catalogue.publish(_compiled(questionnaire), demonstration=True)


def publish_site() -> Edition:
    """The smallest of the built-in questionnaires, published."""
    return publish(SITE)


def store(count: int = 1, **facts: Any) -> None:
    """Submissions of the site questionnaire; `facts` replaces columns."""
    rows = [_submission(**facts) for _number in range(count)]
    db.session.execute(insert(Submission), rows)
    db.session.commit()


def quarantine(count: int = 1, **facts: Any) -> None:
    """What waits in quarantine."""
    db.session.execute(insert(Quarantined), [_quarantined(**facts) for _number in range(count)])
    db.session.commit()


def days_ago(days: float) -> datetime:
    """So many times 24 hours before now."""
    return utc_now() - timedelta(days=days)


def _submission(**facts: Any) -> dict[str, Any]:
    return {
        "id": uuid4(),
        "questionnaire": SITE,
        "version": "2026.1",
        "language": "ru",
        "channel": "api",
        "flags": [],
        "synthetic": False,
        "received_at": utc_now(),
        "region": ALMATY_CITY,
        "answers": {"site": {"k_region": ALMATY_CITY, "k_code": CANARY}},
        "identity_sealed": CANARY.encode(),
        "answers_commitment": b"a",
        "chain": b"c",
        "content_digest": secrets.token_bytes(32),
        "receipt_code": secrets.token_hex(6),
        "first_received_at": facts.get("received_at", utc_now()),
        **facts,
    }


def _quarantined(**facts: Any) -> dict[str, Any]:
    return {
        "submission_id": uuid4(),
        "questionnaire": SITE,
        "version": "1999.1",
        "language": "ru",
        "channel": "api",
        "reason": "unknown_version",
        "errors": [],
        "sealed": CANARY.encode(),
        "size": 2048,
        "content_digest": secrets.token_bytes(32),
        "receipt_code": secrets.token_hex(6),
        "received_at": utc_now(),
        **facts,
    }
