"""Cruises: rounds of presets that a camera goes by itself."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cruises",
        sa.Column("camera", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("points", sa.String(200), nullable=False),
        sa.Column("speed", sa.Integer(), nullable=False),
        sa.Column("dwell_s", sa.Integer(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("camera", "number", name="pk_cruises"),
    )
