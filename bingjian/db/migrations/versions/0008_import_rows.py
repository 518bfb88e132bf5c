"""Rows of imports that wait to be confirmed; the map reads an index alone."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_import_rows()
    op.execute(
        "UPDATE imports SET state = 'uploaded' WHERE state = 'judged'"
    )  # has no rows here: judged again
    op.drop_index("ix_camera_files_latitude", "camera_files")
    op.create_index(
        "ix_camera_files_latitude", "camera_files", ["latitude", "longitude", "division", "state", "id"]
    )


def create_import_rows() -> None:
    def text(*names: str, length: int = 8) -> list["sa.Column[str]"]:
        return [sa.Column(name, sa.String(length), nullable=False) for name in names]

    def columns(type_: Any, *names: str, nullable: bool) -> list["sa.Column[Any]"]:
        return [sa.Column(name, type_, nullable=nullable) for name in names]

    op.create_table(
        "import_rows",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.String(20), nullable=True),
        *text("code_order", length=20),
        *text("name", length=200),
        *text("division", length=6),
        *columns(sa.Uuid(), "system", "place", "part", nullable=True),
        *text("status", "structure_type", "function_type", "point_type"),
        *text("capture_position_type", "network_status"),
        *columns(sa.Uuid(), "management_unit", "responsible_body", nullable=True),
        *columns(sa.Double(), "longitude", "latitude", nullable=True),
        *text("crs", length=10),
        *columns(sa.Double(), "original_x", "original_y", "height_m", nullable=True),
        *columns(sa.Date(), "install_date", nullable=True),
        *columns(sa.Integer(), "record_save_days", nullable=True),
        *columns(sa.Boolean(), "counter_terror", "is_article8", "is_government_built", nullable=False),
        *text("decree_class"),
        *text("secrecy", length=20),
        *columns(sa.Text(), "view_json", "fields_json", "missing", "faulty", nullable=False),
        *columns(sa.Integer(), "fill_bp", "correct_bp", nullable=False),
        *columns(sa.Text(), "search", "search_base", "changes_json", nullable=False),
        sa.PrimaryKeyConstraint("import_id", "row", name="pk_import_rows"),
    )
