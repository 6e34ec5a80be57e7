"""the files that a version refers to

Revision ID: 0003
Revises: 0002
Create Date: 2026-11-26 04:00:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "questionnaire_version_media",
        sa.Column("version_serial", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_serial"],
            ["questionnaire_version.serial"],
            name=op.f("fk_questionnaire_version_media_version_serial_questionnaire_version"),
        ),
        sa.PrimaryKeyConstraint(
            "version_serial", "name", name=op.f("pk_questionnaire_version_media")
        ),
    )


def downgrade() -> None:
    op.drop_table("questionnaire_version_media")
