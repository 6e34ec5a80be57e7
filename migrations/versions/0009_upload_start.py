"""uploads: by which start token somebody without an account began them

Revision ID: 0009
Revises: 0008
Create Date: 2026-11-26 17:45:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("upload", sa.Column("start", sa.String(), nullable=True))
    op.create_index("ix_upload_start", "upload", ["start"])


def downgrade() -> None:
    op.drop_index("ix_upload_start", "upload")
    with op.batch_alter_table("upload") as batch_op:
        batch_op.drop_column("start")
