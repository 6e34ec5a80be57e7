"""Which rows hold a wrapped data key; what rotation walks over and what a lost key file is told by."""

from __future__ import annotations

from sqlalchemy import exists, inspect, select

from surveyapp.extensions import db
from surveyapp.submissions.assignment_models import Assignment
from surveyapp.submissions.models import Quarantined, Submission
from surveyapp.submissions.sheet_models import PaperSheet
from surveyapp.submissions.subject_models import SubjectRequest
from surveyapp.submissions.trial_models import TrialAnswer

SEALED_TABLES = (Submission, Quarantined, Assignment, TrialAnswer, PaperSheet, SubjectRequest)


def anything_is_sealed() -> bool:
    """Whether the database holds a row that only the existing keys can open (no tables yet: no)."""
    with db.engine.connect().execution_options(reads=True) as connection:
        present = set(inspect(connection).get_table_names())
        return any(
            connection.scalar(select(exists().where(table.data_key.is_not(None))))
            for table in SEALED_TABLES
            if table.__tablename__ in present
        )
