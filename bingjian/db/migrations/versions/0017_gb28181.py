"""Devices of GB/T 28181, their channels and alarms."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def text(name: str, length: int) -> sa.Column[str]:
    return sa.Column(name, sa.String(length), nullable=False)


def instant(name: str, *, nullable: bool = True) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)


def upgrade() -> None:
    devices()
    channels()
    alarms()


def devices() -> None:
    op.create_table(
        "gb_devices",
        sa.Column("id", sa.Uuid(), nullable=False),
        text("code", 64),
        text("name", 200),
        text("label", 200),
        text("division", 6),
        sa.Column("organisation", sa.Uuid(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        text("state", 10),
        sa.Column("reason", sa.Text(), nullable=False),
        text("charset", 8),
        text("edition", 8),
        text("media", 12),
        flag("roams"),
        flag("tells_time"),
        sa.Column("keep_alive_s", sa.Integer(), nullable=False),
        sa.Column("misses", sa.Integer(), nullable=False),
        text("manufacturer", 200),
        text("model", 200),
        text("firmware", 200),
        text("user_agent", 200),
        text("said_version", 20),
        text("address", 100),
        text("transport", 8),
        instant("online_since"),
        text("offline_why", 20),
        instant("seen_at"),
        sa.Column("knocks", sa.Integer(), nullable=False),
        instant("first_seen_at"),
        text("trouble", 20),
        instant("trouble_at"),
        flag("realm_differs"),
        sa.Column("time_offset_s", sa.Float(53), nullable=True),
        text("catalogue_run", 100),
        instant("catalogue_at"),
        flag("catalogue_complete"),
        sa.Column("search", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        instant("created_at", nullable=False),
        instant("changed_at", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_gb_devices"),
        sa.UniqueConstraint("code", name="uq_gb_devices_code"),
    )
    op.create_index("ix_gb_devices_state", "gb_devices", ["state", "label", "id"])
    op.create_index("ix_gb_devices_division", "gb_devices", ["division"])


def channels() -> None:
    op.create_table(
        "gb_channels",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("device", sa.Uuid(), nullable=False),
        text("channel", 64),
        text("name", 200),
        text("kind", 20),
        sa.Column("parents", sa.Text(), nullable=False),
        text("civil_code", 20),
        text("business_group", 64),
        text("manufacturer", 200),
        text("model", 200),
        sa.Column("address", sa.Text(), nullable=False),
        text("status", 10),
        text("ptz_type", 4),
        sa.Column("longitude", sa.Float(53), nullable=True),
        sa.Column("latitude", sa.Float(53), nullable=True),
        text("run", 100),
        instant("since", nullable=False),
        instant("gone_at"),
        sa.Column("camera", sa.Uuid(), nullable=True),
        sa.Column("matched_by", sa.Uuid(), nullable=True),
        text("matched_by_name", 200),
        instant("matched_at"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_gb_channels"),
    )
    op.create_index("ix_gb_channels_device", "gb_channels", ["device", "channel"], unique=True)
    op.create_index("ix_gb_channels_name", "gb_channels", ["device", "name", "channel"])
    op.create_index("ix_gb_channels_channel", "gb_channels", ["channel"])
    op.create_index("ix_gb_channels_camera", "gb_channels", ["camera"])


def alarms() -> None:
    op.create_table(
        "gb_alarms",
        sa.Column("id", sa.Uuid(), nullable=False),
        text("key", 64),
        sa.Column("device", sa.Uuid(), nullable=False),
        text("channel", 64),
        sa.Column("camera", sa.Uuid(), nullable=True),
        text("division", 6),
        text("label", 200),
        text("priority", 4),
        text("method", 4),
        text("type", 8),
        text("event_type", 8),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("longitude", sa.Float(53), nullable=True),
        sa.Column("latitude", sa.Float(53), nullable=True),
        text("said_at", 40),
        instant("received_at", nullable=False),
        instant("happened_at", nullable=False),
        sa.Column("handled_by", sa.Uuid(), nullable=True),
        text("handled_by_name", 200),
        instant("handled_at"),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_gb_alarms"),
        sa.UniqueConstraint("key", name="uq_gb_alarms_key"),
    )
    op.create_index("ix_gb_alarms_happened_at", "gb_alarms", ["happened_at", "id"])
    op.create_index("ix_gb_alarms_camera", "gb_alarms", ["camera", "happened_at"])
