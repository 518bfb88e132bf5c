"""Places, their parts, and boundaries of divisions."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    places()
    parts()
    obstruction_queries()
    op.create_table(
        "division_boundaries",
        sa.Column("division", sa.String(6), nullable=False),
        sa.Column("geometry_json", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("division", name="pk_division_boundaries"),
    )


def places() -> None:
    op.create_table(
        "places",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("division", sa.String(6), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("categories", sa.Text(), nullable=False),
        sa.Column("key_since", sa.BigInteger(), nullable=True),
        sa.Column("citation", sa.Text(), nullable=False),
        sa.Column("is_like_those_named", sa.Boolean(), nullable=False),
        sa.Column("likeness_note", sa.Text(), nullable=False),
        sa.Column("likeness_confirmed_by", sa.String(200), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("counter_terror", sa.Boolean(), nullable=False),
        sa.Column("operator", sa.Uuid(), nullable=True),
        sa.Column("longitude", sa.Float(53), nullable=True),
        sa.Column("latitude", sa.Float(53), nullable=True),
        sa.Column("coordinate_system", sa.String(10), nullable=False),
        sa.Column("original_longitude", sa.Float(53), nullable=True),
        sa.Column("original_latitude", sa.Float(53), nullable=True),
        sa.Column("outline_json", sa.Text(), nullable=True),
        sa.Column("west", sa.Float(53), nullable=True),
        sa.Column("south", sa.Float(53), nullable=True),
        sa.Column("east", sa.Float(53), nullable=True),
        sa.Column("north", sa.Float(53), nullable=True),
        sa.Column("is_secret_neighbour", sa.Boolean(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_places"),
    )
    op.create_index("ix_places_name", "places", ["name", "id"])
    op.create_index("ix_places_division", "places", ["division"])
    op.create_index("ix_places_south", "places", ["south", "north"])


def parts() -> None:
    op.create_table(
        "parts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(100), nullable=False),
        sa.Column("is_key", sa.Boolean(), nullable=False),
        sa.Column("key_since", sa.BigInteger(), nullable=True),
        sa.Column("polygon_json", sa.Text(), nullable=True),
        sa.Column("west", sa.Float(53), nullable=True),
        sa.Column("south", sa.Float(53), nullable=True),
        sa.Column("east", sa.Float(53), nullable=True),
        sa.Column("north", sa.Float(53), nullable=True),
        sa.Column("floor", sa.String(10), nullable=False),
        sa.Column("banned_since", sa.BigInteger(), nullable=True),
        sa.Column("reviewer", sa.String(200), nullable=False),
        sa.Column("is_private", sa.Boolean(), nullable=True),
        sa.Column("review_reason", sa.Text(), nullable=False),
        sa.Column("reviewed_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_parts"),
    )
    op.create_index("ix_parts_place", "parts", ["place", "name"])
    op.create_index("ix_parts_south", "parts", ["south", "north"])


def obstruction_queries() -> None:
    op.create_table(
        "obstruction_queries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_number", sa.String(20), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("longitude", sa.Float(53), nullable=False),
        sa.Column("latitude", sa.Float(53), nullable=False),
        sa.Column("height_m", sa.Float(53), nullable=False),
        sa.Column("conflict", sa.Boolean(), nullable=False),
        sa.Column("cameras", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_obstruction_queries"),
        sa.UniqueConstraint("case_number", name="uq_obstruction_queries_case_number"),
    )
