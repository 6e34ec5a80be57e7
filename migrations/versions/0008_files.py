"""files: sealed names, what was found in them, whose they are, uploads in parts

Revision ID: 0008
Revises: 0007
Create Date: 2026-11-26 10:50:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # added one by one: SQLite then keeps the table, and its rows are not copied
    op.add_column("attachment", sa.Column("name_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("attachment", sa.Column("wanted", sa.String(), nullable=True))
    keeps_place = sa.Column("keeps_place", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("attachment", keeps_place)
    op.add_column("attachment", sa.Column("kind", sa.String(), nullable=True))
    op.add_column("attachment", sa.Column("fault", sa.String(), nullable=True))

    due = sa.text("address IS NOT NULL AND NOT sealed")
    op.create_index(
        "ix_attachment_due", "attachment", ["serial"], sqlite_where=due, postgresql_where=due
    )

    op.drop_index("ix_kept_file_kept_at", "kept_file")
    op.drop_index("ix_kept_file_address", "kept_file")
    op.drop_table("kept_file")
    op.create_table(
        "kept_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_file")),
        sa.UniqueConstraint("owner", "sha256", name=op.f("uq_kept_file_owner_sha256")),
    )
    op.create_index("ix_kept_file_address", "kept_file", ["address"])
    op.create_index("ix_kept_file_kept_at", "kept_file", ["kept_at"])

    op.create_table(
        "upload_part",
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["upload_id"],
            ["upload.id"],
            name=op.f("fk_upload_part_upload_id_upload"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("upload_id", "offset", name=op.f("pk_upload_part")),
    )
    op.create_index("ix_upload_part_address", "upload_part", ["address"])
    # a file under way lay in one piece; whoever was sending it begins anew
    op.execute("DELETE FROM upload")


def downgrade() -> None:
    op.drop_index("ix_upload_part_address", "upload_part")
    op.drop_table("upload_part")
    op.drop_index("ix_kept_file_kept_at", "kept_file")
    op.drop_index("ix_kept_file_address", "kept_file")
    op.drop_table("kept_file")
    op.create_table(
        "kept_file",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_kept_file")),
    )
    op.create_index("ix_kept_file_address", "kept_file", ["address"])
    op.create_index("ix_kept_file_kept_at", "kept_file", ["kept_at"])
    op.drop_index("ix_attachment_due", "attachment")
    with op.batch_alter_table("attachment") as batch_op:
        for column in ("fault", "kind", "keeps_place", "wanted", "name_sealed"):
            batch_op.drop_column(column)
