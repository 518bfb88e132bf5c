"""An index of the alarms that somebody has handled: those whose term has ended are found by it."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

HANDLED = sa.text("handled_at IS NOT NULL")


def upgrade() -> None:
    columns = ["happened_at", "id"]
    op.create_index(
        "ix_gb_alarms_handled", "gb_alarms", columns, sqlite_where=HANDLED, postgresql_where=HANDLED
    )
