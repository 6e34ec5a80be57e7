"""when who is meant was destroyed; how long records are kept; breaches

Revision ID: 0020
Revises: 0019
Create Date: 2026-11-27 07:50:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("submission", sa.Column("identity_erased_at", _MOMENT, nullable=True))
    _retention()
    _breaches()


def _retention() -> None:
    op.create_table(
        "retention_rule",
        sa.Column("questionnaire", sa.String(), nullable=False),
        sa.Column("fate", sa.String(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=True),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("notice", sa.Integer(), nullable=False),
        sa.Column("set_at", _MOMENT, nullable=False),
        sa.Column("set_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["set_by"], ["user.id"], name=op.f("fk_retention_rule_set_by_user")),
        sa.PrimaryKeyConstraint("questionnaire", name=op.f("pk_retention_rule")),
    )
    op.create_table(
        "destruction",
        sa.Column("serial", _SERIAL, nullable=False),
        sa.Column("questionnaire", sa.String(), nullable=False),
        sa.Column("fate", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("received_before", _MOMENT, nullable=False),
        sa.Column("announced_at", _MOMENT, nullable=False),
        sa.Column("announced", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("spared", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("reached", _SERIAL, nullable=False),
        sa.Column("ended_at", _MOMENT, nullable=True),
        sa.Column("called_off", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_destruction")),
    )
    op.create_index(
        "ix_destruction_open",
        "destruction",
        ["questionnaire", "day"],
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _breaches() -> None:
    op.create_table(
        "breach",
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("begun_at", _MOMENT, nullable=False),
        sa.Column("begun_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["begun_by"], ["user.id"], name=op.f("fk_breach_begun_by_user")),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_breach")),
    )
    op.create_table(
        "breach_edition",
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("breach_serial", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("written_at", _MOMENT, nullable=False),
        sa.Column("written_by", sa.Integer(), nullable=True),
        sa.Column("noticed_at", _MOMENT, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("until", _MOMENT, nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("questionnaire", sa.String(), nullable=False),
        sa.Column("texts", _JSON, nullable=False),
        sa.Column("told", _JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["breach_serial"], ["breach.serial"], name=op.f("fk_breach_edition_breach_serial_breach")
        ),
        sa.ForeignKeyConstraint(
            ["written_by"], ["user.id"], name=op.f("fk_breach_edition_written_by_user")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_breach_edition_user_id_user")),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_breach_edition")),
        sa.UniqueConstraint(
            "breach_serial", "number", name=op.f("uq_breach_edition_breach_serial_number")
        ),
    )


def downgrade() -> None:
    for table in ("breach_edition", "breach", "destruction", "retention_rule"):
        op.drop_table(table)
    op.drop_column("submission", "identity_erased_at")
