"""the index by status tells what an export counts before its first byte

Revision ID: 0027
Revises: 0026
Create Date: 2026-11-27 12:25:00
"""

from __future__ import annotations

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_INDEX = "ix_submission_questionnaire_status"
_FORMER = ["questionnaire", "status", "received_at"]


def upgrade() -> None:
    op.drop_index(_INDEX, "submission")
    op.create_index(_INDEX, "submission", [*_FORMER, "synthetic"])


def downgrade() -> None:
    op.drop_index(_INDEX, "submission")
    op.create_index(_INDEX, "submission", _FORMER)
