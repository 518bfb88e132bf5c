"""An index of the alarms that nobody has handled: a list of those looks through no others."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

OPEN = sa.text("handled_at IS NULL")


def upgrade() -> None:
    columns = ["happened_at", "id"]
    op.create_index("ix_gb_alarms_open", "gb_alarms", columns, sqlite_where=OPEN, postgresql_where=OPEN)
