"""counts of what is flagged and of what is synthetic, beside all counts

Revision ID: 0023
Revises: 0022
Create Date: 2026-11-27 08:30:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

TABLES = ("measure", "tally", "quality", "measuring")


def upgrade() -> None:
    _forget()
    for name in ("flagged", "synthetic"):
        op.add_column("measure", sa.Column(name, sa.Boolean(), nullable=False))
        op.add_column("tally", sa.Column(name, sa.Integer(), nullable=False))


def downgrade() -> None:
    for name in ("synthetic", "flagged"):
        for table in ("tally", "measure"):
            with op.batch_alter_table(table) as batch:
                batch.drop_column(name)


def _forget() -> None:
    """What was reckoned lacks them: the worker reckons it anew."""
    for table in TABLES:
        op.execute(sa.delete(sa.table(table)))
