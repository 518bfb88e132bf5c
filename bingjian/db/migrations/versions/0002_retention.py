"""Retention classes, marks, holds, pauses, removals; cameras that were."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "former_cameras",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("worker", sa.String(64), nullable=True),
        sa.Column("removed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_former_cameras"),
    )
    op.create_table(
        "retention_classes",
        sa.Column("camera", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("citation", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("person_name", sa.String(200), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("camera", "number", name="pk_retention_classes"),
    )
    create_protection("marks")
    create_protection(
        "holds",
        sa.Column("copied_segments", sa.Integer(), nullable=True),
        sa.Column("copied_bytes", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(64), nullable=True),
        sa.Column("missing_json", sa.Text(), nullable=False),
        sa.Column("verified_at", sa.BigInteger(), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
    )
    op.create_index("ix_holds_due_at", "holds", ["due_at"])
    create_pauses()
    create_removals()


def create_protection(name: str, *more: "sa.Column[object]") -> None:
    """What ``retention.models.Protection`` gives to marks and holds alike."""
    op.create_table(
        name,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("camera", sa.Uuid(), nullable=False),
        sa.Column("start_90k", sa.BigInteger(), nullable=False),
        sa.Column("end_90k", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("article", sa.Text(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("person_name", sa.String(200), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("asked_by_name", sa.String(200), nullable=True),
        sa.Column("asked_at", sa.BigInteger(), nullable=True),
        sa.Column("release_reason", sa.Text(), nullable=True),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("confirmed_by_name", sa.String(200), nullable=True),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        *more,
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )
    op.create_index(f"ix_{name}_camera", name, ["camera"])


def create_pauses() -> None:
    op.create_table(
        "pauses",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("camera", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("order_number", sa.Text(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("person_name", sa.String(200), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_pauses"),
    )
    op.create_index("ix_pauses_camera", "pauses", ["camera"])
    op.create_index("ix_pauses_ended_at", "pauses", ["ended_at"])


def create_removals() -> None:
    op.create_table(
        "removals",
        sa.Column("segment", sa.Uuid(), nullable=False),
        sa.Column("camera", sa.Uuid(), nullable=False),
        sa.Column("volume", sa.Uuid(), nullable=False),
        sa.Column("start_90k", sa.BigInteger(), nullable=False),
        sa.Column("end_90k", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.String(64), nullable=False),
        sa.Column("rule", sa.String(16), nullable=False),
        sa.Column("retain_until", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("segment", name="pk_removals"),
    )
    op.create_index("ix_removals_camera", "removals", ["camera"])
    op.create_table(
        "given_up",
        sa.Column("camera", sa.Uuid(), nullable=False),
        sa.Column("start_90k", sa.BigInteger(), nullable=False),
        sa.Column("end_90k", sa.BigInteger(), nullable=False),
        sa.Column("first_entry", sa.BigInteger(), nullable=False),
        sa.Column("last_entry", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("camera", "start_90k", name="pk_given_up"),
    )
