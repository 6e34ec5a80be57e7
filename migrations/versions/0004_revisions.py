"""revisions, devices, uploads, reviews and the order of changes

Revision ID: 0004
Revises: 0003
Create Date: 2026-11-26 07:10:00
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

#: JSON text on SQLite, `jsonb` on PostgreSQL
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")


def upgrade() -> None:
    op.create_table(
        "change_counter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_counter")),
    )
    op.create_table(
        "epoch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_epoch")),
    )
    op.create_table(
        "kept_file",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_kept_file")),
    )
    with op.batch_alter_table("kept_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_kept_file_address"), ["address"], unique=False)
        batch_op.create_index(batch_op.f("ix_kept_file_kept_at"), ["kept_at"], unique=False)

    op.create_table(
        "device",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("questionnaires", JSON, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("app", sa.String(), nullable=True),
        sa.Column("unsent", sa.Integer(), nullable=True),
        sa.Column("oldest_unsent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("free_storage", sa.BigInteger(), nullable=True),
        sa.Column("battery", sa.Integer(), nullable=True),
        sa.Column("clock_skew", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_device_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device")),
    )
    op.create_table(
        "device_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name=op.f("fk_device_key_device_id_device"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_key")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_device_key_key_hash")),
    )
    with op.batch_alter_table("device_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_device_key_device_id"), ["device_id"], unique=False)

    op.create_table(
        "enrolment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name=op.f("fk_enrolment_device_id_device"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_enrolment_code_hash")),
    )
    with op.batch_alter_table("enrolment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enrolment_device_id"), ["device_id"], unique=False)

    op.create_table(
        "upload",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("sender_id", sa.Integer(), nullable=True),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name=op.f("fk_upload_device_id_device")),
        sa.ForeignKeyConstraint(["sender_id"], ["user.id"], name=op.f("fk_upload_sender_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
    )
    with op.batch_alter_table("upload", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_upload_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_upload_sha256"), ["sha256"], unique=False)

    op.create_table(
        "instance",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_instance_submission_id_submission"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instance")),
    )
    op.create_index("ix_instance_submission_id", "instance", ["submission_id"])
    op.create_table(
        "review_act",
        sa.Column("serial", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("comments_sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_review_act_submission_id_submission"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_review_act_user_id_user")),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_review_act")),
    )
    with op.batch_alter_table("review_act", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_review_act_submission_id"), ["submission_id"], unique=False)

    op.create_table(
        "submission_revision",
        sa.Column("serial", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("flags", JSON, nullable=False),
        sa.Column("errors", JSON, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("utc_offset", sa.Integer(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clock_skew", sa.BigInteger(), nullable=True),
        sa.Column("app", sa.String(), nullable=True),
        sa.Column("assignment", sa.String(), nullable=True),
        sa.Column("sender_id", sa.Integer(), nullable=True),
        sa.Column("device_id", sa.Integer(), nullable=True),
        sa.Column("answers", JSON, nullable=False),
        sa.Column("answer_languages", JSON, nullable=False),
        sa.Column("paradata", JSON, nullable=False),
        sa.Column("consent", JSON, nullable=True),
        sa.Column("identity_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("foreign_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("answers_commitment", sa.LargeBinary(), nullable=False),
        sa.Column("identity_commitment", sa.LargeBinary(), nullable=True),
        sa.Column("foreign_commitment", sa.LargeBinary(), nullable=True),
        sa.Column("content_digest", sa.LargeBinary(), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.Column("receipt_code", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name=op.f("fk_submission_revision_device_id_device")
        ),
        sa.ForeignKeyConstraint(
            ["sender_id"], ["user.id"], name=op.f("fk_submission_revision_sender_id_user")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
            name=op.f("fk_submission_revision_submission_id_submission"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_submission_revision")),
        sa.UniqueConstraint("receipt_code", name=op.f("uq_submission_revision_receipt_code")),
        sa.UniqueConstraint(
            "submission_id", "revision", name=op.f("uq_submission_revision_submission_id_revision")
        ),
    )
    with op.batch_alter_table("attachment") as batch_op:
        batch_op.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("named", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(sa.Column("address", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("sealed", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.alter_column("sha256", existing_type=sa.String(), nullable=True)
        batch_op.alter_column("size", existing_type=sa.BigInteger(), nullable=True)
        batch_op.alter_column("type", existing_type=sa.String(), nullable=True)
        batch_op.drop_index("ix_attachment_submission_id")
        batch_op.drop_constraint("uq_attachment_submission_id_name", type_="unique")
        batch_op.create_index("ix_attachment_address", ["address"])
        batch_op.create_unique_constraint(
            "uq_attachment_submission_id_revision_name", ["submission_id", "revision", "name"]
        )
    op.execute("UPDATE attachment SET address = sha256 WHERE held_at IS NOT NULL")
    _without_defaults("attachment", "revision", "named", "sealed")

    with op.batch_alter_table("quarantine") as batch_op:
        batch_op.add_column(sa.Column("device_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("decided_by", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("decision_reason", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("brought", JSON, nullable=False, server_default="[]"))
        batch_op.create_index("ix_quarantine_device_id", ["device_id"])
        batch_op.create_foreign_key("fk_quarantine_decided_by_user", "user", ["decided_by"], ["id"])
        batch_op.create_foreign_key("fk_quarantine_device_id_device", "device", ["device_id"], ["id"])
    _without_defaults("quarantine", "brought")

    with op.batch_alter_table("submission") as batch_op:
        batch_op.add_column(sa.Column("changed", sa.BigInteger(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("cause", sa.String(), nullable=False, server_default="sent"))
        batch_op.add_column(sa.Column("device_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("first_received_at", sa.DateTime(timezone=True), nullable=True))
        # what the chain of a row begins with needs the keys: `prepare` fills it in
        batch_op.add_column(
            sa.Column("chain", sa.LargeBinary(), nullable=False, server_default=_no_bytes())
        )
        batch_op.drop_index("ix_submission_synthetic")
        batch_op.create_index("ix_submission_device_id_changed", ["device_id", "changed"])
        batch_op.create_index(
            "ix_submission_questionnaire_changed", ["questionnaire", "changed", "serial"]
        )
        batch_op.create_foreign_key("fk_submission_device_id_device", "device", ["device_id"], ["id"])
    op.execute("UPDATE submission SET first_received_at = received_at")
    with op.batch_alter_table("submission") as batch_op:
        batch_op.alter_column(
            "first_received_at", existing_type=sa.DateTime(timezone=True), nullable=False
        )
    _without_defaults("submission", "changed", "cause", "chain")

    with op.batch_alter_table("user") as batch_op:
        batch_op.add_column(sa.Column("collect_password_sealed", sa.LargeBinary(), nullable=True))
    _keep_counting()


def _no_bytes() -> sa.TextClause:
    return sa.text("x''" if op.get_bind().dialect.name == "sqlite" else "''")


def _without_defaults(table: str, *columns: str) -> None:
    """Take the defaults back that filled the rows that were there."""
    with op.batch_alter_table(table) as batch_op:
        for column in columns:
            batch_op.alter_column(column, server_default=None)


def _keep_counting() -> None:
    """SQLite: remember the largest number of a change.

    A batch alteration of `submission` makes the table anew, without triggers: whoever writes one into a
    later migration calls this again (a test holds it).
    """
    if op.get_bind().dialect.name != "sqlite":
        return
    for event in ("INSERT", "UPDATE OF changed"):
        name = event.partition(" ")[0].lower()
        op.execute(
            f"CREATE TRIGGER submission_{name}_counted AFTER {event} ON submission BEGIN "
            "INSERT OR REPLACE INTO change_counter (id, number) VALUES (1, NEW.changed); END"
        )


def downgrade() -> None:
    with op.batch_alter_table("user") as batch_op:
        batch_op.drop_column("collect_password_sealed")

    with op.batch_alter_table("submission") as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_submission_device_id_device"), type_="foreignkey")
        batch_op.drop_index("ix_submission_questionnaire_changed")
        batch_op.drop_index("ix_submission_device_id_changed")
        batch_op.create_index(batch_op.f("ix_submission_synthetic"), ["synthetic"], unique=False)
        batch_op.drop_column("chain")
        batch_op.drop_column("first_received_at")
        batch_op.drop_column("device_id")
        batch_op.drop_column("cause")
        batch_op.drop_column("changed")

    with op.batch_alter_table("quarantine") as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_quarantine_device_id_device"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_quarantine_decided_by_user"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_quarantine_device_id"))
        batch_op.drop_column("brought")
        batch_op.drop_column("decision_reason")
        batch_op.drop_column("decided_by")
        batch_op.drop_column("device_id")

    op.execute(
        "DELETE FROM attachment WHERE sha256 IS NULL OR revision <> "
        "(SELECT revision FROM submission WHERE submission.id = attachment.submission_id)"
    )
    with op.batch_alter_table("attachment") as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_attachment_submission_id_revision_name"), type_="unique")
        batch_op.drop_index(batch_op.f("ix_attachment_address"))
        batch_op.create_unique_constraint(
            batch_op.f("uq_attachment_submission_id_name"), ["submission_id", "name"]
        )
        batch_op.create_index(batch_op.f("ix_attachment_submission_id"), ["submission_id"], unique=False)
        batch_op.alter_column("type", existing_type=sa.String(), nullable=False)
        batch_op.alter_column("size", existing_type=sa.BIGINT(), nullable=False)
        batch_op.alter_column("sha256", existing_type=sa.VARCHAR(), nullable=False)
        batch_op.drop_column("sealed")
        batch_op.drop_column("address")
        batch_op.drop_column("named")
        batch_op.drop_column("revision")

    op.drop_table("submission_revision")
    with op.batch_alter_table("review_act") as batch_op:
        batch_op.drop_index(batch_op.f("ix_review_act_submission_id"))

    op.drop_table("review_act")
    op.drop_index("ix_instance_submission_id", "instance")
    op.drop_table("instance")
    with op.batch_alter_table("upload") as batch_op:
        batch_op.drop_index(batch_op.f("ix_upload_sha256"))
        batch_op.drop_index(batch_op.f("ix_upload_expires_at"))

    op.drop_table("upload")
    with op.batch_alter_table("enrolment") as batch_op:
        batch_op.drop_index(batch_op.f("ix_enrolment_device_id"))

    op.drop_table("enrolment")
    with op.batch_alter_table("device_key") as batch_op:
        batch_op.drop_index(batch_op.f("ix_device_key_device_id"))

    op.drop_table("device_key")
    op.drop_table("device")
    with op.batch_alter_table("kept_file") as batch_op:
        batch_op.drop_index(batch_op.f("ix_kept_file_kept_at"))
        batch_op.drop_index(batch_op.f("ix_kept_file_address"))

    op.drop_table("kept_file")
    op.drop_table("epoch")
    op.drop_table("change_counter")
