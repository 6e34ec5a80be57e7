"""days of rest that an administrator tells; consent is counted; limits of what is unusual

Revision ID: 0029
Revises: 0027
Create Date: 2026-11-27 14:40:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0029"
down_revision = "0027"
branch_labels = None
depends_on = None

RECKONED = ("measure", "tally", "quality", "measuring")
_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


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
    op.create_table(
        "quality_limits",
        sa.Column("questionnaire", sa.String(), nullable=False),
        sa.Column("limits", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("questionnaire", name=op.f("pk_quality_limits")),
    )
    _consent()


def _consent() -> None:
    # what was reckoned lacks it: the worker reckons it anew
    for table in RECKONED:
        op.execute(sa.delete(sa.table(table)))
    op.add_column("measure", sa.Column("consent", sa.String(), nullable=False))
    for name in ("agreed", "declined"):
        op.add_column("tally", sa.Column(name, sa.Integer(), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("tally") as batch:
        batch.drop_column("declined")
        batch.drop_column("agreed")
    with op.batch_alter_table("measure") as batch:
        batch.drop_column("consent")
    op.drop_table("quality_limits")
    op.drop_table("told_day")
