"""Organisations, whom people act for, and the history of everything in the inventory."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("people") as people:
        people.alter_column("roles", type_=sa.String(400), existing_type=sa.String(200))
        people.add_column(sa.Column("organisation", sa.Uuid(), nullable=True))
        people.add_column(sa.Column("areas", sa.Text(), nullable=False, server_default="2301"))
    op.create_table(
        "organisations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("body", sa.String(40), nullable=False),
        sa.Column("division", sa.String(6), nullable=False),
        sa.Column("is_state_organ", sa.Boolean(), nullable=False),
        sa.Column("is_public_body", sa.Boolean(), nullable=False),
        sa.Column("credit_code", sa.String(18), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_organisations"),
    )
    op.create_index("ix_organisations_name", "organisations", ["name", "id"])
    op.create_table(
        "history",
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("subject_kind", sa.String(40), nullable=False),
        sa.Column("act", sa.String(40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("person_name", sa.String(200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changes_json", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "version", name="pk_history"),
    )
