"""indexes for what retention dates destroy, and for what was destroyed since a moment

Revision ID: 0026
Revises: 0024
Create Date: 2026-11-27 11:15:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0024"
branch_labels = None
depends_on = None

_ERASED = {
    "postgresql_where": sa.text("act IN ('erase', 'erase_identity')"),
    "sqlite_where": sa.text("act IN ('erase', 'erase_identity')"),
}


def upgrade() -> None:
    op.create_index(
        "ix_submission_questionnaire_first_received_at",
        "submission",
        ["questionnaire", "first_received_at"],
    )
    op.create_index("ix_review_act_erased", "review_act", ["at"], **_ERASED)


def downgrade() -> None:
    op.drop_index("ix_review_act_erased", "review_act")
    op.drop_index("ix_submission_questionnaire_first_received_at", "submission")
