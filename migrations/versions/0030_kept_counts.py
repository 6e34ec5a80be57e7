"""how many submissions there are of each group is kept, so that an export need not count them all

Revision ID: 0030
Revises: 0029
Create Date: 2026-11-27 18:20:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "kept_count",
        sa.Column("questionnaire", sa.String(), nullable=False),
        sa.Column("counting", sa.String(), nullable=False),
        sa.Column("stretch", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("reached", sa.BigInteger(), nullable=False),
        sa.Column("counts", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("questionnaire", "counting", "stretch", name=op.f("pk_kept_count")),
    )


def downgrade() -> None:
    op.drop_table("kept_count")
