"""days of rest and of work that an administrator tells

Revision ID: 0029
Revises: 0027
Create Date: 2026-11-27 14:40:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "told_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["told_by"], ["user.id"], name=op.f("fk_told_day_told_by_user")),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_told_day")),
    )


def downgrade() -> None:
    op.drop_table("told_day")
