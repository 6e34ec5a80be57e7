"""trial versions with their files and answers; from when to when a questionnaire is begun; invitations, paper sheets

Revision ID: 0017
Revises: 0016
Create Date: 2026-11-27 04:40:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _trial()
    _trial_answer()
    for name in ("opens_at", "closes_at"):
        op.add_column("questionnaire", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    _invitation_batch()
    _paper_sheet()


def _trial() -> None:
    op.create_table(
        "trial",
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("questionnaire_id", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("door", sa.Uuid(), nullable=False),
        sa.Column("xform", sa.LargeBinary(), nullable=False),
        sa.Column("workbook", sa.LargeBinary(), nullable=False),
        sa.Column("workbook_name", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("title", _JSON, nullable=False),
        sa.Column("languages", _JSON, nullable=False),
        sa.Column("default_language", sa.String(), nullable=False),
        sa.Column("access", sa.String(), nullable=False),
        sa.Column("demonstration", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["user.id"], name=op.f("fk_trial_made_by_user")),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_trial")),
        sa.UniqueConstraint("questionnaire_id", name=op.f("uq_trial_questionnaire_id")),
        sa.UniqueConstraint("door", name=op.f("uq_trial_door")),
    )
    op.create_table(
        "trial_file",
        sa.Column("trial_serial", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["trial_serial"],
            ["trial.serial"],
            name=op.f("fk_trial_file_trial_serial_trial"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("trial_serial", "name", name=op.f("pk_trial_file")),
    )


def _trial_answer() -> None:
    op.create_table(
        "trial_answer",
        sa.Column("serial", _SERIAL, nullable=False),
        sa.Column("trial_serial", sa.Integer(), nullable=False),
        sa.Column("instance", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("data_key", sa.LargeBinary(), nullable=True),
        sa.Column("key_id", sa.String(), nullable=True),
        sa.Column("faults", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["trial_serial"],
            ["trial.serial"],
            name=op.f("fk_trial_answer_trial_serial_trial"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_trial_answer")),
        sa.UniqueConstraint(
            "trial_serial", "instance", name=op.f("uq_trial_answer_trial_serial_instance")
        ),
    )


def _invitation_batch() -> None:
    op.create_table(
        "invitation_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("questionnaire", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by"], ["user.id"], name=op.f("fk_invitation_batch_created_by_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation_batch")),
    )
    op.create_index("ix_invitation_batch_questionnaire", "invitation_batch", ["questionnaire"])
    with op.batch_alter_table("invitation") as table:
        table.add_column(sa.Column("batch_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_invitation_batch_id_invitation_batch"), "invitation_batch", ["batch_id"], ["id"]
        )
        table.create_index("ix_invitation_batch_id", ["batch_id"])


def _paper_sheet() -> None:
    op.create_table(
        "paper_sheet",
        sa.Column("serial", _SERIAL, nullable=False),
        sa.Column("questionnaire", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("record", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("first_by", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("second_by", sa.Integer(), nullable=True),
        sa.Column("second_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("data_key", sa.LargeBinary(), nullable=True),
        sa.Column("key_id", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["first_by"], ["user.id"], name=op.f("fk_paper_sheet_first_by_user")),
        sa.ForeignKeyConstraint(["second_by"], ["user.id"], name=op.f("fk_paper_sheet_second_by_user")),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_paper_sheet")),
        sa.UniqueConstraint("questionnaire", "code", name=op.f("uq_paper_sheet_questionnaire_code")),
        sa.UniqueConstraint("record", name=op.f("uq_paper_sheet_record")),
    )
    op.create_index(
        "ix_paper_sheet_questionnaire_state_serial", "paper_sheet", ["questionnaire", "state", "serial"]
    )


def downgrade() -> None:
    op.drop_table("paper_sheet")
    with op.batch_alter_table("invitation") as table:
        table.drop_index("ix_invitation_batch_id")
        table.drop_constraint(op.f("fk_invitation_batch_id_invitation_batch"), type_="foreignkey")
        table.drop_column("batch_id")
    op.drop_table("invitation_batch")
    for name in ("opens_at", "closes_at"):
        op.drop_column("questionnaire", name)
    for table in ("trial_answer", "trial_file", "trial"):
        op.drop_table(table)
