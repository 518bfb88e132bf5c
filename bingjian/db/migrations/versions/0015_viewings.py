"""How long was looked: columns of the register, made from the journal anew; what alerts are raised from."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM register")
    op.execute("DELETE FROM platform WHERE key = 'register.next'")
    op.add_column("register", sa.Column("viewing", sa.String(20), nullable=True))
    op.add_column("register", sa.Column("watched_s", sa.Integer(), nullable=True))
    op.add_column("register", sa.Column("until_at", sa.BigInteger(), nullable=False))
    op.create_index("ix_register_viewing", "register", ["viewing", "sequence"])
    op.add_column("people", sa.Column("home", sa.String(40), nullable=False, server_default=""))
    op.create_table(
        "raising",
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("data_json", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_raising"),
    )
