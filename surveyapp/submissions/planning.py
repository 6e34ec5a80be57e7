"""The plan of a questionnaire: how many records are wanted, where, from when to when. Commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, insert

from surveyapp.extensions import db
from surveyapp.people import audit
from surveyapp.submissions import measuring
from surveyapp.submissions.field_models import Plan, Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """All of a plan."""

    first_day: date | None = None
    last_day: date | None = None
    wanted: int | None = None
    regions: Mapping[str, int]
    result_path: str = ""
    result_done: Sequence[str] = ()
    result_apart: Sequence[str] = ()


def change(questionnaire: str, planned: Planned) -> None:
    """Put a plan in the place of the one before; for another question about visits, count anew."""
    before = measuring.result_path(questionnaire)
    row = db.session.get(Plan, questionnaire) or Plan(questionnaire=questionnaire)
    row.first_day, row.last_day, row.wanted = planned.first_day, planned.last_day, planned.wanted
    row.result_path = planned.result_path
    row.result_done, row.result_apart = list(planned.result_done), list(planned.result_apart)
    db.session.add(row)
    db.session.execute(delete(Target).where(Target.questionnaire == questionnaire))
    rows = [
        {"questionnaire": questionnaire, "region": region, "wanted": wanted}
        for region, wanted in planned.regions.items()
    ]
    if rows:
        db.session.execute(insert(Target), rows)
    if planned.result_path != before:
        measuring.begin_anew(db.session.connection(), questionnaire)
    audit.record(audit.Action.PLAN_CHANGED, questionnaire)
    db.session.commit()
