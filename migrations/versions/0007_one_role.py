"""PostgreSQL itself refuses a submission whose id an edit has taken meanwhile

Revision ID: 0007
Revises: 0006
Create Date: 2026-11-26 11:40:00
"""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# After the insert, and so after it has waited for an edit that held the id: the look in a function has a
# snapshot of its own, that of the insert is older. SQLite lets nobody write meanwhile.
_FUNCTION = """
CREATE FUNCTION submission_one_role() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM instance WHERE id = NEW.id) THEN
        RAISE unique_violation
            USING MESSAGE = 'the id is that of a later revision', CONSTRAINT = 'submission_one_role';
    END IF;
    RETURN NULL;
END $$
"""
_TRIGGER = """
CREATE TRIGGER submission_one_role AFTER INSERT ON submission
FOR EACH ROW EXECUTE FUNCTION submission_one_role()
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_FUNCTION)
        op.execute(_TRIGGER)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER submission_one_role ON submission")
        op.execute("DROP FUNCTION submission_one_role()")
