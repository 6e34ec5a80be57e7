"""roles are held by grants: for one questionnaire or all, for one region or all

Whoever was an administrator could also see who is meant by an answer; that is the data steward's now, and
so these administrators become data stewards too: nobody loses what they could do, and it can be taken away.

Revision ID: 0012
Revises: 0011
Create Date: 2026-11-27 00:30:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

def upgrade() -> None:
    op.create_table(
        "role_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.Column("questionnaire", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["role_id"], ["role.id"], name=op.f("fk_role_grant_role_id_role"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_role_grant_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
        sa.UniqueConstraint(
            "user_id", "role_id", "questionnaire", "region", name=op.f("uq_role_grant_user_id_role_id_questionnaire_region")
        ),
    )
    _copy("SELECT user_id, role_id, '', '' FROM user_roles ORDER BY user_id, role_id")
    op.execute(
        "INSERT INTO role (name) SELECT 'data_steward' WHERE EXISTS"
        " (SELECT 1 FROM role WHERE name = 'administrator')"
        " AND NOT EXISTS (SELECT 1 FROM role WHERE name = 'data_steward')"
    )
    _copy(
        "SELECT user_roles.user_id, steward.id, '', '' FROM user_roles"
        " JOIN role ON role.id = user_roles.role_id AND role.name = 'administrator'"
        " JOIN role AS steward ON steward.name = 'data_steward'"
        " WHERE NOT EXISTS (SELECT 1 FROM role_grant AS held"
        " WHERE held.user_id = user_roles.user_id AND held.role_id = steward.id)"
    )
    op.drop_table("user_roles")


def downgrade() -> None:
    """Grants for less than everything are left out: nobody gains anything by going back."""
    op.create_table(
        "user_roles",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["role_id"], ["role.id"], name=op.f("fk_user_roles_role_id_role"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_user_roles_user_id_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "role_id", name=op.f("pk_user_roles")),
    )
    op.execute(
        "INSERT INTO user_roles (user_id, role_id)"
        " SELECT user_id, role_id FROM role_grant WHERE questionnaire = '' AND region = ''"
    )
    op.drop_table("role_grant")


def _copy(rows: str) -> None:
    op.execute(f"INSERT INTO role_grant (user_id, role_id, questionnaire, region) {rows}")  # noqa: S608
