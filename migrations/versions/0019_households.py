"""records of one household

Revision ID: 0019
Revises: 0018
Create Date: 2026-11-27 08:25:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("measure", sa.Column("household", sa.LargeBinary(), nullable=True))
    op.create_index("ix_measure_questionnaire_household", "measure", ["questionnaire", "household"])
    # what was reckoned before told of no household: where one is named now, all is reckoned anew
    op.add_column(
        "measuring", sa.Column("household", sa.String(), nullable=False, server_default="")
    )
    with op.batch_alter_table("measuring") as table:
        table.alter_column("household", server_default=None)


def downgrade() -> None:
    op.drop_column("measuring", "household")
    op.drop_index("ix_measure_questionnaire_household", "measure")
    op.drop_column("measure", "household")
