"""former revisions: by who sent them, for the inbox of whoever collected a record that was mended since

Revision ID: 0011
Revises: 0010
Create Date: 2026-11-26 21:35:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_OF_SOMEBODY = sa.text("sender_id IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_submission_revision_device_id", "submission_revision", ["device_id"])
    op.create_index(
        "ix_submission_revision_sender_id",
        "submission_revision",
        ["sender_id"],
        postgresql_where=_OF_SOMEBODY,
        sqlite_where=_OF_SOMEBODY,
    )


def downgrade() -> None:
    op.drop_index("ix_submission_revision_sender_id", "submission_revision")
    op.drop_index("ix_submission_revision_device_id", "submission_revision")
