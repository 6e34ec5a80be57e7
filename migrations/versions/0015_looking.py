"""finding one's way: indexes for the filters of lists and of the log, saved views

Revision ID: 0015
Revises: 0014
Create Date: 2026-11-27 04:45:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_FLAGGED = {"postgresql_where": sa.text("flags <> '[]'"), "sqlite_where": sa.text("flags <> '[]'")}
_WAITING = {
    "postgresql_where": sa.text("decided_at IS NULL"),
    "sqlite_where": sa.text("decided_at IS NULL"),
}


def upgrade() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("questionnaire", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "filters",
            sa.JSON(none_as_null=True).with_variant(
                postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), "postgresql"
            ),
            nullable=False,
        ),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_saved_view_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint(
            "user_id", "questionnaire", "name", name=op.f("uq_saved_view_user_id_questionnaire_name")
        ),
    )
    op.create_index(op.f("ix_saved_view_questionnaire"), "saved_view", ["questionnaire"])
    op.drop_index("ix_submission_region", "submission")
    for column in ("region", "status", "version", "channel"):
        op.create_index(
            f"ix_submission_questionnaire_{column}", "submission", ["questionnaire", column, "received_at"]
        )
    op.create_index("ix_submission_flagged", "submission", ["questionnaire", "received_at"], **_FLAGGED)
    op.create_index("ix_quarantine_waiting", "quarantine", ["serial"], **_WAITING)
    op.drop_index("ix_audit_entry_action", "audit_entry")
    for column in ("action", "user_id", "subject"):
        op.create_index(f"ix_audit_entry_{column}_serial", "audit_entry", [column, "serial"])
    op.create_index("ix_audit_entry_at", "audit_entry", ["at"])


def downgrade() -> None:
    op.drop_index("ix_audit_entry_at", "audit_entry")
    for column in ("subject", "user_id", "action"):
        op.drop_index(f"ix_audit_entry_{column}_serial", "audit_entry")
    op.create_index("ix_audit_entry_action", "audit_entry", ["action"])
    op.drop_index("ix_quarantine_waiting", "quarantine")
    op.drop_index("ix_submission_flagged", "submission")
    for column in ("channel", "version", "status", "region"):
        op.drop_index(f"ix_submission_questionnaire_{column}", "submission")
    op.create_index("ix_submission_region", "submission", ["region"])
    op.drop_index(op.f("ix_saved_view_questionnaire"), "saved_view")
    op.drop_table("saved_view")
