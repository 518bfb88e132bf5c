"""Which entry of the journal tells of a change, and of a duty that became overdue (R32.3)."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("history", sa.Column("entry", sa.BigInteger(), nullable=True))
    op.add_column("duties", sa.Column("overdue_entry", sa.BigInteger(), nullable=True))
    op.create_index("ix_history_entry", "history", ["entry"])
    op.create_index("ix_duties_overdue_entry", "duties", ["overdue_entry"])
