"""how a device was, day by day; a code's retry; what a collector must learn of their submissions

Revision ID: 0006
Revises: 0004
Create Date: 2026-11-26 10:45:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None

_OF_SOMEBODY = sa.text("sender_id IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "device_day",
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("installation", sa.String(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("app", sa.String(), nullable=True),
        sa.Column("unsent", sa.Integer(), nullable=True),
        sa.Column("oldest_unsent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("free_storage", sa.BigInteger(), nullable=True),
        sa.Column("battery", sa.Integer(), nullable=True),
        sa.Column("clock_skew", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name=op.f("fk_device_day_device_id_device"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("device_id", "day", "installation", name=op.f("pk_device_day")),
    )
    op.add_column("device", sa.Column("installation", sa.String(), nullable=True))
    op.add_column("device", sa.Column("clock_skew_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("enrolment", sa.Column("retry_hash", sa.LargeBinary(), nullable=True))
    op.create_index(
        "ix_submission_sender_id_changed",
        "submission",
        ["sender_id", "changed"],
        postgresql_where=_OF_SOMEBODY,
        sqlite_where=_OF_SOMEBODY,
    )


def downgrade() -> None:
    op.drop_index("ix_submission_sender_id_changed", "submission")
    with op.batch_alter_table("enrolment") as batch_op:
        batch_op.drop_column("retry_hash")
    with op.batch_alter_table("device") as batch_op:
        batch_op.drop_column("clock_skew_at")
        batch_op.drop_column("installation")
    op.drop_table("device_day")
