"""assignments: whom somebody is to visit; the plan of the field work, and what is reckoned of records

Revision ID: 0016
Revises: 0015
Create Date: 2026-11-27 04:30:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from surveyapp.database import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

#: JSON text on SQLite, `jsonb` on PostgreSQL
_JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
_SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "assignment",
        sa.Column("serial", _SERIAL, nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("questionnaire", sa.String(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.Column("region", sa.String(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("key_digest", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("data_key", sa.LargeBinary(), nullable=True),
        sa.Column("key_id", sa.String(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.Column("submission_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(user_id IS NULL) <> (device_id IS NULL)", name=op.f("ck_assignment_one_collector")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_assignment_user_id_user")),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name=op.f("fk_assignment_device_id_device")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["user.id"], name=op.f("fk_assignment_created_by_user")),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_assignment")),
        sa.UniqueConstraint("id", name=op.f("uq_assignment_id")),
        sa.UniqueConstraint(
            "questionnaire", "key_digest", name=op.f("uq_assignment_questionnaire_key_digest")
        ),
    )
    op.create_index("ix_assignment_questionnaire_serial", "assignment", ["questionnaire", "serial"])
    op.create_index(
        "ix_assignment_questionnaire_state_serial", "assignment", ["questionnaire", "state", "serial"]
    )
    op.create_index("ix_assignment_user_id_changed", "assignment", ["user_id", "changed"])
    op.create_index("ix_assignment_device_id_changed", "assignment", ["device_id", "changed"])
    op.create_index(op.f("ix_assignment_key_id"), "assignment", ["key_id"])
    op.create_index(op.f("ix_assignment_submission_id"), "assignment", ["submission_id"])
    op.create_table(
        "plan",
        sa.Column("questionnaire", sa.String(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("wanted", sa.Integer(), nullable=True),
        sa.Column("result_path", sa.String(), nullable=False),
        sa.Column("result_done", _JSON, nullable=False),
        sa.Column("result_apart", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("questionnaire", name=op.f("pk_plan")),
    )
    op.create_table(
        "target",
        sa.Column("questionnaire", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("questionnaire", "region", name=op.f("pk_target")),
    )
    op.create_table(
        "measuring",
        sa.Column("questionnaire", sa.String(), nullable=False),
        sa.Column("epoch", sa.Uuid(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("questionnaire", name=op.f("pk_measuring")),
    )
    op.create_table(
        "measure",
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("questionnaire", sa.String(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("collector", sa.String(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=True),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("straight", sa.Integer(), nullable=False),
        sa.Column("night", sa.Boolean(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_measure_submission_id_submission"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_measure")),
    )
    op.create_index(
        "ix_measure_questionnaire_collector", "measure", ["questionnaire", "collector", "received_at"]
    )
    op.create_index("ix_measure_questionnaire_digest", "measure", ["questionnaire", "digest"])
    op.create_table(
        "tally",
        sa.Column("questionnaire", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("collector", sa.String(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint(
            "questionnaire", "day", "region", "collector", "result", name=op.f("pk_tally")
        ),
    )
    op.create_table(
        "quality",
        sa.Column("questionnaire", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("collector", sa.String(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("missing", sa.Double(), nullable=True),
        sa.Column("straight", sa.Double(), nullable=True),
        sa.Column("night", sa.Double(), nullable=False),
        sa.Column("duplicates", sa.Integer(), nullable=False),
        sa.Column("spread", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("questionnaire", "region", "collector", name=op.f("pk_quality")),
    )
    _keep_counting()


def _keep_counting() -> None:
    """SQLite: remember the largest number of a change, as for submissions (0004)."""
    if op.get_bind().dialect.name != "sqlite":
        return
    for event in ("INSERT", "UPDATE OF changed"):
        name = event.partition(" ")[0].lower()
        op.execute(
            f"CREATE TRIGGER assignment_{name}_counted AFTER {event} ON assignment BEGIN "
            "INSERT OR REPLACE INTO change_counter (id, number) VALUES (1, NEW.changed); END"
        )


def downgrade() -> None:
    for name in ("quality", "tally", "measure", "measuring", "target", "plan", "assignment"):
        op.drop_table(name)
