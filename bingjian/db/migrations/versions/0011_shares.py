"""What is shared with a department (art. 20), the right to forward, packages of copies, records that end."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_to_grants()
    add_to_register()
    with op.batch_alter_table("records") as records:
        records.add_column(sa.Column("ends_at", sa.BigInteger(), nullable=True))


def add_to_grants() -> None:
    """Those that are there are under art. 22: they began when they were given, and nothing is forwarded."""
    with op.batch_alter_table("grants") as grants:
        grants.add_column(sa.Column("kind", sa.String(10), nullable=False, server_default="access"))
        grants.add_column(sa.Column("kinds", sa.String(100), nullable=False, server_default=""))
        grants.add_column(sa.Column("holder", sa.Uuid(), nullable=True))
        grants.add_column(sa.Column("may_forward", sa.Boolean(), nullable=False, server_default=sa.false()))
        grants.add_column(sa.Column("recipients_json", sa.Text(), nullable=False, server_default="[]"))
        grants.add_column(sa.Column("starts_at", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute("UPDATE grants SET starts_at = given_at")
    op.create_index("ix_grants_holder", "grants", ["holder", "expires_at"])


def add_to_register() -> None:
    with op.batch_alter_table("register") as register:
        register.add_column(sa.Column("recipient", sa.Text(), nullable=False, server_default=""))
        register.add_column(sa.Column("forwarded", sa.BigInteger(), nullable=True))
        register.add_column(sa.Column("packages_json", sa.Text(), nullable=False, server_default="[]"))
