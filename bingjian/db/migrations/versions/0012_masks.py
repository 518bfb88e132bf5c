"""Privacy masks over pictures (R6.2); grants that let somebody unmask, or mask more (N21)."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "picture_masks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("camera", sa.Uuid(), nullable=False),
        sa.Column("hides", sa.String(200), nullable=False),
        sa.Column("made_in", sa.String(10), nullable=False),
        sa.Column("polygon_json", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_picture_masks"),
    )
    op.create_index("ix_picture_masks_camera", "picture_masks", ["camera"])
    op.add_column("grants", sa.Column("may_unmask", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("grants", sa.Column("masks_json", sa.Text(), nullable=False, server_default="[]"))
