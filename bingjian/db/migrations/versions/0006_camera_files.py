"""Camera files, saved views, device codes, imports; every camera that is there gets its file."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

FIRST_FILE = {  # of a stream about which nothing more is known; what the law wants is missing
    "code_order": "~",
    "division": "230100",
    "state": "planned",
    "status": "1",
    **dict.fromkeys(("structure_type", "function_type", "point_type", "capture_position_type"), ""),
    **dict.fromkeys(("network_status", "crs", "decree_class"), ""),
    **dict.fromkeys(("counter_terror", "is_article8", "is_government_built"), False),
    "secrecy": "none",
    "view_json": "{}",
    "fields_json": "{}",
    "missing": ",device_id,manufacturer,division,point_type,ip,structure_type,address,longitude,latitude,"
    "capture_position_type,network_status,police_org,management_unit,",
    "faulty": ",",
    "fill_bp": 1333,  # name and state of 15
    "correct_bp": 10000,
    "search_base": "",
    "version": 1,
}


def upgrade() -> None:
    create_camera_files()
    create_saved_views()
    create_imports()
    op.create_table(
        "device_code_series",
        sa.Column("prefix", sa.String(14), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("prefix", name="pk_device_code_series"),
    )
    fill_camera_files()


def create_camera_files() -> None:
    def text(*names: str, length: int = 8) -> list["sa.Column[str]"]:
        return [sa.Column(name, sa.String(length), nullable=False) for name in names]

    def may_be(type_: Any, *names: str) -> list["sa.Column[object]"]:
        return [sa.Column(name, type_, nullable=True) for name in names]

    def must_be(type_: Any, *names: str) -> list["sa.Column[object]"]:
        return [sa.Column(name, type_, nullable=False) for name in names]

    op.create_table(
        "camera_files",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.String(20), nullable=True),
        *text("code_order", length=20),
        *text("name", length=200),
        *text("division", length=6),
        *may_be(sa.Uuid(), "system", "place", "part"),
        *text("state", length=16),
        *text("status", "structure_type", "function_type", "point_type"),
        *text("capture_position_type", "network_status"),
        *may_be(sa.Uuid(), "management_unit", "responsible_body"),
        *may_be(sa.Double(), "longitude", "latitude"),
        *text("crs", length=10),
        *may_be(sa.Double(), "original_x", "original_y", "height_m"),
        *may_be(sa.Date(), "install_date"),
        *may_be(sa.Integer(), "record_save_days"),
        *must_be(sa.Boolean(), "counter_terror", "is_article8", "is_government_built"),
        *text("decree_class"),
        *text("secrecy", length=20),
        *must_be(sa.Text(), "view_json", "fields_json", "missing", "faulty"),
        *must_be(sa.Integer(), "fill_bp", "correct_bp"),
        *must_be(sa.Text(), "search", "search_base"),
        *must_be(sa.Integer(), "version"),
        *must_be(sa.BigInteger(), "created_at", "changed_at"),
        sa.PrimaryKeyConstraint("id", name="pk_camera_files"),
        sa.UniqueConstraint("device_id", name="uq_camera_files_device_id"),
    )
    for name, *columns in (
        ("name", "name", "id"),
        ("changed_at", "changed_at", "id"),
        ("code_order", "code_order", "id"),
        ("latitude", "latitude", "longitude"),
        ("division", "division", "state"),
        ("system", "system"),
        ("place", "place", "part"),
    ):
        op.create_index(f"ix_camera_files_{name}", "camera_files", columns)


def create_saved_views() -> None:
    op.create_table(
        "saved_views",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("query_json", sa.Text(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_saved_views"),
    )
    op.create_index("ix_saved_views_person", "saved_views", ["person"])


def create_imports() -> None:
    op.create_table(
        "imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=False),
        sa.Column("person_name", sa.String(200), nullable=False),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("sheet_json", sa.Text(), nullable=False),
        sa.Column("choices_json", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("faulty_rows", sa.Integer(), nullable=False),
        sa.Column("findings_json", sa.Text(), nullable=False),
        sa.Column("rows_sha256", sa.String(64), nullable=False),
        sa.Column("imported_rows", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_imports"),
    )
    op.create_index("ix_imports_person", "imports", ["person", "created_at"])


def fill_camera_files() -> None:
    """Searched by name without its pinyin until it is next changed: a migration calls no other part."""
    cameras = sa.table("cameras", *(sa.column(name) for name in ("id", "name", "search_name", "created_at")))
    names = ["id", "name", "search", "created_at", "changed_at", *FIRST_FILE]
    files = sa.table("camera_files", *(sa.column(name) for name in names))
    said = [sa.literal(value) for value in FIRST_FILE.values()]
    rows = sa.select(
        cameras.c.id, cameras.c.name, cameras.c.search_name, cameras.c.created_at, cameras.c.created_at, *said
    )
    op.execute(files.insert().from_select(names, rows))
