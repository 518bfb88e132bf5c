"""Alarms of devices: taken in once however often they are told, shown beside the footage, and handled.

An alarm protects nothing from removal: whether footage is important material is for a person to say, with a
mark that has its article and its two persons of release. How long a handled alarm itself is kept:
``retention/alarms.py``.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.clock import CHINA, Clock, utc_now
from bingjian.db.areas import Areas, inside, is_inside
from bingjian.db.base import MICROSECONDS
from bingjian.db.session import Database
from bingjian.inventory.camera_files import CameraFileRow
from bingjian.inventory.errors import GbDeviceOther, NotThere
from bingjian.inventory.gb28181.catalogue import TOGETHER, number, texts
from bingjian.inventory.gb28181.models import ALARM, GbAlarmRow, GbChannelRow, GbDeviceRow
from bingjian.inventory.history import Subject, Who, remember
from bingjian.journal.append import Journal

BEFORE, AFTER = timedelta(seconds=10), timedelta(seconds=20)  # of footage that shows what the alarm is about
CLOCK_MOST = timedelta(minutes=2)  # a device's clock that is farther off says nothing about our timeline
DESCRIPTION_MAX = 1000
TEXTS = {"priority": 4, "method": 4, "type": 8, "event_type": 8}


@dataclass(frozen=True, slots=True)
class AlarmFilter:
    """Which alarms; what is None does not matter."""

    areas: Areas
    camera: UUID | None = None
    cameras: tuple[UUID, ...] = ()  # of these alone
    device: UUID | None = None
    open: bool | None = None  # nobody has handled it yet
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class AlarmPage:
    items: list[GbAlarmRow]
    next_key: list[str] | None


class Alarms:
    """Whoever calls has been let in by the door; of other areas than theirs there are none."""

    def __init__(self, database: Database, journal: Journal, clock: Clock) -> None:
        self._database = database
        self._journal = journal
        self._clock = clock

    async def page(self, limit: int, after: list[str] | None, only: AlarmFilter) -> AlarmPage:
        """Newest first; after the instant (µs since 1970) and id given. Raises ValueError: no such key."""
        table = GbAlarmRow
        query = select(table).where(inside(table.division, only.areas))
        query = query.order_by(table.happened_at.desc(), table.id.desc()).limit(limit + 1)
        if after is not None:
            last = instant_of_key(after[0]), UUID(after[1])
            query = query.where(tuple_(table.happened_at, table.id) < last)
        for condition in conditions(only):
            query = query.where(condition)
        async with self._database.read() as session:
            rows = list(await session.scalars(query))
        items = rows[:limit]
        return AlarmPage(items, key_of_row(items[-1]) if len(rows) > limit else None)

    async def of_camera(self, camera: UUID, start: datetime, end: datetime, most: int) -> list[GbAlarmRow]:
        """Those of an interval, oldest first; of too many the newest."""
        table = GbAlarmRow
        query = select(table).where(
            table.camera == camera, table.happened_at >= start, table.happened_at < end
        )
        async with self._database.read() as session:
            rows = list(await session.scalars(query.order_by(table.happened_at.desc()).limit(most)))
        return rows[::-1]

    async def handle(self, alarm: UUID, note: str, who: Who, areas: Areas) -> GbAlarmRow:
        """Somebody has looked at it. Raises NotThere, GbDeviceOther: somebody else did before."""

        async def work(session: AsyncSession) -> GbAlarmRow:
            row = await session.get(GbAlarmRow, alarm, with_for_update=True)
            if row is None or not is_inside(row.division, areas):
                raise NotThere
            if row.handled_at is not None:
                raise GbDeviceOther(f"{row.handled_by_name} has handled this alarm already")
            now = utc_now(self._clock)
            row.handled_by, row.handled_by_name, row.handled_at, row.note = who.id, who.name, now, note
            row.version += 1
            changes = {"handled_at": [None, now.isoformat()], "note": ["", note]}
            subject = Subject(ALARM, row.id, row.version)
            await remember(session, self._journal, subject, "handled", changes, who, now, note)
            return row

        return await self._database.run(work)


async def take_in(
    session: AsyncSession, told: Sequence[tuple[GbDeviceRow, Mapping[str, Any], datetime]]
) -> None:
    """Alarms as they came; what is known already is left as it is."""
    rows = {row["key"]: row for device, event, at in told for row in [row_of(device, event, at)]}
    if not rows:
        return
    await located(session, rows.values())
    module = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    every = list(rows.values())
    for first in range(0, len(every), TOGETHER):
        insert = module.insert(GbAlarmRow).values(every[first : first + TOGETHER])
        await session.execute(insert.on_conflict_do_nothing(index_elements=["key"]))


def row_of(device: GbDeviceRow, event: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    said = texts(event.get("time"), 40)
    channel = texts(event.get("channel"), 64) or device.code
    kinds = {name: texts(event.get(name), longest) for name, longest in TEXTS.items()}
    key = "\0".join((device.code, channel, kinds["method"], kinds["type"], said or at.isoformat()))
    return {
        "id": uuid4(),
        "key": hashlib.sha256(key.encode()).hexdigest(),
        "device": device.id,
        "channel": channel,
        "camera": None,
        "division": device.division,
        "label": device.label,
        **kinds,
        "description": texts(event.get("description"), DESCRIPTION_MAX),
        "longitude": number(event.get("longitude"), 180),
        "latitude": number(event.get("latitude"), 90),
        "said_at": said,
        "received_at": at,
        "happened_at": happened(said, at),
        "handled_by": None,
        "handled_by_name": "",
        "handled_at": None,
        "note": "",
        "version": 0,
    }


async def located(session: AsyncSession, rows: Any) -> None:
    """Name the camera of each, and where it stands."""
    channel, file = GbChannelRow, CameraFileRow
    query = select(channel.device, channel.channel, channel.name, file.id, file.name, file.division)
    query = query.outerjoin(file, file.id == channel.camera)
    wanted = {(row["device"], row["channel"]) for row in rows}
    query = query.where(tuple_(channel.device, channel.channel).in_(sorted(wanted, key=str)))
    known = {(row[0], row[1]): row for row in await session.execute(query)}
    for row in rows:
        found = known.get((row["device"], row["channel"]))
        if found is not None:
            _, _, name, camera, label, division = found
            row["camera"], row["label"] = camera, label or name
            row["division"] = division or row["division"]


def happened(said: str, received: datetime) -> datetime:
    """When on our clock, by which footage is kept: as the device says, unless its clock is far off."""
    try:
        told = datetime.fromisoformat(said)
    except ValueError:
        return received
    at = told if told.tzinfo is not None else told.replace(tzinfo=CHINA)  # devices write civil time
    try:
        return at if abs(at - received) <= CLOCK_MOST else received
    except OverflowError:
        return received


def conditions(only: AlarmFilter) -> list[Any]:
    table, found = GbAlarmRow, list[Any]()
    if only.camera is not None:
        found.append(table.camera == only.camera)
    if only.cameras:
        found.append(table.camera.in_(only.cameras))
    if only.device is not None:
        found.append(table.device == only.device)
    if only.open is not None:
        found.append(table.handled_at.is_(None) if only.open else table.handled_at.is_not(None))
    if only.start is not None:
        found.append(table.happened_at >= only.start)
    if only.end is not None:
        found.append(table.happened_at < only.end)
    return found


def key_of_row(row: GbAlarmRow) -> list[str]:
    since = row.happened_at - datetime.fromtimestamp(0, row.happened_at.tzinfo)
    return [str((since.days * 86_400 + since.seconds) * MICROSECONDS + since.microseconds), str(row.id)]


def instant_of_key(text: str) -> datetime:
    """Raises ValueError."""
    try:
        seconds, rest = divmod(int(text), MICROSECONDS)
        return datetime.fromtimestamp(seconds, CHINA).replace(microsecond=rest)
    except (OverflowError, OSError) as error:
        raise ValueError(text) from error
