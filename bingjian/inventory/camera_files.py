"""Camera files (一机一档): the rows, and what other parts ask of them within their own transaction."""

import json
from asyncio import gather
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Index, String, Text, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bingjian.db.base import Base, Instant
from bingjian.entries import InventoryChanged
from bingjian.inventory.fields import FIELDS, Home
from bingjian.inventory.history import Subject, Who, entry_of, history_row
from bingjian.journal.append import Journal

KIND = "camera_file"
CITY = "230100"  # Harbin (GB/T 2260): of a file whose district nobody has declared yet
BEGIN = "planned"  # code of ``life_state``: where every file begins
IN_USE = "1"  # of ``STATUSES``
TOGETHER = 500  # rows in one statement; PostgreSQL takes 32 767 values
# Told of the systems whose cameras were changed, in the transaction of the change; the rows are flushed.
SystemsChanged = Callable[[AsyncSession, Collection[UUID], datetime], Awaitable[None]]


class CameraFileRow(Base):
    """One camera, one file; its id is that of its stream in ``cameras`` where it has one.

    Own columns for what is filtered, sorted or mapped; the rest is in ``fields_json`` by name.
    """

    __tablename__ = "camera_files"
    __table_args__ = (
        Index("ix_camera_files_name", "name", "id"),
        Index("ix_camera_files_changed_at", "changed_at", "id"),
        Index("ix_camera_files_code_order", "code_order", "id"),
        Index("ix_camera_files_latitude", "latitude", "longitude", "division", "state", "id"),  # all of a map
        Index("ix_camera_files_division", "division", "state"),
        Index("ix_camera_files_system", "system"),
        Index("ix_camera_files_place", "place", "part"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    device_id: Mapped[str | None] = mapped_column(String(20), unique=True)
    code_order: Mapped[str] = mapped_column(String(20))  # device_id; "~", behind all digits, without one
    name: Mapped[str] = mapped_column(String(200))
    division: Mapped[str] = mapped_column(String(6))
    system: Mapped[UUID | None]
    place: Mapped[UUID | None]
    part: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(String(16))  # code of ``life_state``; changed by procedures alone
    status: Mapped[str] = mapped_column(String(8))
    structure_type: Mapped[str] = mapped_column(String(8))
    function_type: Mapped[str] = mapped_column(String(8))
    point_type: Mapped[str] = mapped_column(String(8))
    capture_position_type: Mapped[str] = mapped_column(String(8))
    network_status: Mapped[str] = mapped_column(String(8))
    management_unit: Mapped[UUID | None]
    responsible_body: Mapped[UUID | None]
    longitude: Mapped[float | None]  # WGS-84, degrees
    latitude: Mapped[float | None]
    crs: Mapped[str] = mapped_column(String(10))  # in which the position was declared
    original_x: Mapped[float | None]  # longitude as declared
    original_y: Mapped[float | None]
    height_m: Mapped[float | None]  # above ground
    install_date: Mapped[date | None] = mapped_column(Date)
    record_save_days: Mapped[int | None]
    counter_terror: Mapped[bool]
    is_article8: Mapped[bool]
    is_government_built: Mapped[bool]
    decree_class: Mapped[str] = mapped_column(String(8))  # code of ``decree_class``; empty: not decided
    secrecy: Mapped[str] = mapped_column(String(20))
    view_json: Mapped[str] = mapped_column(Text)  # azimuth, pitch, fields of view, sight, sweep, masks
    fields_json: Mapped[str] = mapped_column(Text)
    missing: Mapped[str] = mapped_column(Text)  # mandatory fields that are empty: ",ip,address,"
    faulty: Mapped[str] = mapped_column(Text)  # fields that fail a check, likewise
    fill_bp: Mapped[int]  # basis points: filled of the mandatory fields
    correct_bp: Mapped[int]  # basis points: of all filled fields those that pass their checks
    search: Mapped[str] = mapped_column(Text)  # what everybody may search: name and code
    search_base: Mapped[str] = mapped_column(Text)  # base information: address, common name
    version: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)

    @property
    def fields(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.fields_json)
        return found

    @property
    def view(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.view_json)
        return found


COLUMNS = tuple(field.name for field in FIELDS if field.home is Home.COLUMN)
OWN_COLUMNS = (*COLUMNS, "original_x", "original_y")


def values_of(row: CameraFileRow) -> dict[str, Any]:
    """Everything a person can set, flat, as JSON has it; what is empty is left out."""
    found: dict[str, Any] = {name: plain(getattr(row, name)) for name in OWN_COLUMNS}
    found |= row.view | row.fields
    return {name: value for name, value in found.items() if value not in (None, "", [], {})}


def plain(value: Any) -> Any:
    """A column's value as JSON has it."""
    return str(value) if isinstance(value, UUID | date) else value


async def levels_of(session: AsyncSession, cameras: Collection[UUID]) -> dict[str, str]:
    """Of each camera by id its code of ``secrecy``; empty: of no camera on file."""
    query = select(CameraFileRow.id, CameraFileRow.secrecy).where(CameraFileRow.id.in_(cameras))
    known = {str(row.id): row.secrecy for row in await session.execute(query)}
    return {str(camera): known.get(str(camera), "") for camera in cameras}


async def nobody_is_told(session: AsyncSession, systems: Collection[UUID], now: datetime) -> None:
    """Where no procedures hang on the inventory."""


async def files_of_system(session: AsyncSession, system: UUID) -> list[CameraFileRow]:
    """The files of a system's cameras, by name."""
    query = select(CameraFileRow).where(CameraFileRow.system == system)
    return list(await session.scalars(query.order_by(CameraFileRow.name, CameraFileRow.id)))


async def set_states(
    session: AsyncSession,
    journal: Journal,
    ids: Collection[UUID],
    state: str,
    who: Who,
    now: datetime,
    reason: str,
) -> None:
    """Bring cameras to a state of their life, each with its history. The procedure has asked the rules.

    Those that are there already stay as they are. Raises JournalUnavailable.
    """
    asked = list(ids)
    for first in range(0, len(asked), TOGETHER):
        some = asked[first : first + TOGETHER]
        query = select(CameraFileRow).where(CameraFileRow.id.in_(some), CameraFileRow.state != state)
        steps = [remember_step(session, row, state, who, now, reason) for row in await session.scalars(query)]
        await session.flush()
        await gather(*(journal.append(entry) for entry in steps))


def remember_step(
    session: AsyncSession, row: CameraFileRow, state: str, who: Who, now: datetime, reason: str
) -> InventoryChanged:
    """Bring one camera to a state; its entry is still to be written."""
    changes = {"state": [row.state, state]}
    row.state, row.version, row.changed_at = state, row.version + 1, now
    subject, text = Subject(KIND, row.id, row.version), dumps(changes)
    session.add(history_row(subject, state, text, who, now, reason))
    return entry_of(subject, state, changes, text, who)


def dumps(values: Mapping[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
