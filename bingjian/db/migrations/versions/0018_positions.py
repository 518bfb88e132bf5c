"""Where moving devices are: how each is asked, and the last place of each channel."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("gb_devices", sa.Column("positions_s", sa.Integer(), nullable=False, server_default="0"))
    op.add_column(
        "gb_devices", sa.Column("coordinates", sa.String(8), nullable=False, server_default="wgs84")
    )
    op.create_table(
        "gb_positions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("device", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("longitude", sa.Float(53), nullable=False),
        sa.Column("latitude", sa.Float(53), nullable=False),
        sa.Column("told_in", sa.String(8), nullable=False),
        sa.Column("speed_kmh", sa.Float(53), nullable=True),
        sa.Column("direction", sa.Float(53), nullable=True),
        sa.Column("altitude_m", sa.Float(53), nullable=True),
        sa.Column("said_at", sa.BigInteger(), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_gb_positions"),
    )
    op.create_index("ix_gb_positions_device", "gb_positions", ["device"])
