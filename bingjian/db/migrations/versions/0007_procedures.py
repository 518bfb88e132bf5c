"""Procedures, what is due, and when to do something about it."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OPEN = sa.text("closed_at IS NULL")
UNDONE = sa.text("done_at IS NULL")


def upgrade() -> None:
    create_records()
    create_duties()
    create_due()
    create_shift_posts()


def create_records() -> None:
    op.create_table(
        "records",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("number", sa.String(40), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("division", sa.String(6), nullable=False),
        sa.Column("organisation", sa.Uuid(), nullable=True),
        sa.Column("subject", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("data_json", sa.Text(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_records"),
        sa.UniqueConstraint("number", name="uq_records_number"),
    )
    op.create_index("ix_records_kind_state", "records", ["kind", "state"])
    op.create_index("ix_records_subject", "records", ["subject", "kind"])
    op.create_index("ix_records_kind_changed", "records", ["kind", "changed_at", "id"])
    op.create_index("ix_records_organisation", "records", ["organisation"])


def create_duties() -> None:
    op.create_table(
        "duties",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(16), nullable=False),
        sa.Column("subject_kind", sa.String(40), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("owner", sa.Uuid(), nullable=True),
        sa.Column("division", sa.String(6), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("is_provisional", sa.Boolean(), nullable=False),
        sa.Column("reminded_at", sa.BigInteger(), nullable=True),
        sa.Column("overdue_noted_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("evidence_kind", sa.String(40), nullable=False),
        sa.Column("evidence", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_duties"),
    )
    where: dict[str, Any] = {"sqlite_where": OPEN, "postgresql_where": OPEN}
    op.create_index("uq_duties_open", "duties", ["subject", "code", "key"], unique=True, **where)
    op.create_index("ix_duties_due", "duties", ["due_at", "id"], **where)
    op.create_index("ix_duties_code", "duties", ["code", "closed_at"])
    op.create_index("ix_duties_owner", "duties", ["owner"])


def create_due() -> None:
    op.create_table(
        "due",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_due"),
    )
    op.create_index("ix_due_due_at", "due", ["due_at"], sqlite_where=UNDONE, postgresql_where=UNDONE)
    op.create_index("ix_due_subject", "due", ["subject"])


def create_shift_posts() -> None:
    op.create_table(
        "shift_posts",
        sa.Column("shift", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("platform", sa.Uuid(), nullable=False),
        sa.Column("post", sa.String(60), nullable=False),
        sa.Column("is_watch", sa.Boolean(), nullable=False),
        sa.Column("start_at", sa.BigInteger(), nullable=False),
        sa.Column("end_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("shift", "person", name="pk_shift_posts"),
    )
    op.create_index("ix_shift_posts_person", "shift_posts", ["person", "start_at"])
