"""Sign-in by the city's identity provider; since when somebody's rights are what they are."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("people") as people:
        people.add_column(sa.Column("rights_changed_at", sa.BigInteger(), nullable=True))
        people.add_column(sa.Column("oidc_issuer", sa.String(500), nullable=True))
        people.add_column(sa.Column("oidc_subject", sa.String(255), nullable=True))
    op.create_index("ix_people_oidc", "people", ["oidc_issuer", "oidc_subject"], unique=True)
    with op.batch_alter_table("sessions") as sessions:
        sessions.add_column(no("by_provider"))
        sessions.add_column(no("provider_factor"))


def no(name: str) -> "sa.Column[Any]":
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
