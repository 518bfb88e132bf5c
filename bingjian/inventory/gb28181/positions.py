"""Where the channels of moving devices were last. There is no track: each place replaces the one before.

Newest is what came last, for devices' clocks are set wrong; but what a device had kept back, older by its own
clock than what is there, replaces nothing. A device whose positions are not wanted has none.
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.clock import CHINA, Clock, utc_now
from bingjian.db.session import Database
from bingjian.inventory.coordinates import Point, System, to_wgs84
from bingjian.inventory.gb28181.catalogue import TOGETHER, number, texts
from bingjian.inventory.gb28181.models import GbChannelRow, GbDeviceRow, GbPositionRow, channel_id

SPEED_MAX_KMH = 500.0  # no vehicle with a camera goes faster; what is more is not kept
ALTITUDE_MAX_M = 10_000.0
AHEAD_MOST = timedelta(minutes=2)  # a clock that is farther ahead says nothing of what is newer
BACK_AFTER = timedelta(minutes=10)  # so long nothing newer has come: the device's clock was set back
Event = Mapping[str, Any]
Row = dict[str, Any]

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class LastPlace:
    """Of a channel: its own, or where the device is that it belongs to."""

    row: GbPositionRow
    is_devices: bool
    age_s: float  # since it came


@dataclass(slots=True)
class Refused:
    """Places of a batch that were not taken."""

    impossible: int = 0  # outside the world
    foreign: int = 0  # of channels that the device does not have
    older: int = 0  # than what is there


class Positions:
    """Reads alone. Whoever calls has been let in to see base information (R27.3)."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def of_channels(self, channels: Sequence[GbChannelRow]) -> dict[UUID, LastPlace]:
        """By the ids of those that have one, of their own or of their device."""
        async with self._database.read() as session:
            devices = {row.device for row in channels}
            query = select(GbDeviceRow.id, GbDeviceRow.code).where(GbDeviceRow.id.in_(devices))
            whole = {id: channel_id(id, code) for id, code in await session.execute(query)}
            ids = {row.id for row in channels} | set(whole.values())
            found = {row.id: row for row in await kept_of(session, ids)}
        now = utc_now(self._clock)
        places = {row.id: found.get(row.id) or found.get(whole[row.device]) for row in channels}
        return {
            id: LastPlace(row, row.id != id, max(0.0, (now - row.received_at).total_seconds()))
            for id, row in places.items()
            if row is not None
        }


async def take_in(session: AsyncSession, told: Sequence[tuple[GbDeviceRow, Event, datetime]]) -> Refused:
    """Places as they came, a channel's newest alone: whatever the batch, it is written once.

    Returns how many were not taken, by why.
    """
    refused = Refused()
    rows = read([one for one in told if one[0].positions_s], refused)
    ids = {row["id"] for row in rows}
    owned = await owned_of(session, ids) | {channel_id(device.id, device.code) for device, _, _ in told}
    kept = {row.id: said_of(row) for row in await kept_of(session, ids)}
    fresh = newest(rows, owned, kept, refused)
    await write(session, list(fresh.values()))
    if refused != Refused():
        log.info("gb_positions_refused", **asdict(refused))
    return refused


def read(told: Sequence[tuple[GbDeviceRow, Event, datetime]], refused: Refused) -> list[Row]:
    rows = [row_of(device, item, at) for device, event, at in told for item in items_of(event)]
    refused.impossible += rows.count(None)
    return [row for row in rows if row is not None]


def items_of(event: Event) -> list[Event]:
    items = event.get("items")
    return [one for one in items if isinstance(one, Mapping)] if isinstance(items, list) else []


def newest(
    rows: Sequence[Row], owned: Set[UUID], kept: Mapping[UUID, Row], refused: Refused
) -> dict[UUID, Row]:
    """By channel what is to be written."""
    fresh = dict[UUID, Row]()
    for row in rows:
        id = row["id"]
        if id not in owned:
            refused.foreign += 1
        elif replaces(row, fresh.get(id) or kept.get(id)):
            fresh[id] = row
        else:
            refused.older += 1
    return fresh


def row_of(device: GbDeviceRow, item: Mapping[str, Any], at: datetime) -> Row | None:
    """None: it is nowhere in the world."""
    place = placed(item, device)
    if place is None:
        return None
    channel = texts(item.get("channel"), 64) or device.code
    return {
        "id": channel_id(device.id, channel),
        "device": device.id,
        "channel": channel,
        "longitude": place[0],
        "latitude": place[1],
        "told_in": device.coordinates,
        "speed_kmh": positive(item.get("speed_kmh"), SPEED_MAX_KMH),
        "direction": positive(item.get("direction"), 360),
        "altitude_m": number(item.get("altitude_m"), ALTITUDE_MAX_M),
        "said_at": said(item.get("time")),
        "received_at": at,
    }


def placed(item: Mapping[str, Any], device: GbDeviceRow) -> Point | None:
    longitude, latitude = number(item.get("longitude"), 180), number(item.get("latitude"), 90)
    if longitude is None or latitude is None:
        return None
    return to_wgs84((longitude, latitude), System(device.coordinates))


def positive(value: Any, most: float) -> float | None:
    found = number(value, most)
    return found if found is not None and found >= 0 else None


def said(value: Any) -> datetime | None:
    """The device's own time; without a zone it is China's."""
    try:
        told = datetime.fromisoformat(str(value))
        return (told if told.tzinfo is not None else told.replace(tzinfo=CHINA)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def said_of(row: GbPositionRow) -> Row:
    return {"said_at": row.said_at, "received_at": row.received_at}


def replaces(new: Row, old: Row | None) -> bool:
    """Whether a place is newer. The same again, or an event that is told again, is not."""
    if old is None:
        return True
    if new["received_at"] < old["received_at"]:
        return False
    before, now = ordering(old), ordering(new)
    if before is None or now is None or now >= before:
        return True
    return bool(new["received_at"] - old["received_at"] >= BACK_AFTER)


def ordering(row: Row) -> datetime | None:
    """The device's time, if it is one that orders."""
    told: datetime | None = row["said_at"]
    return told if told is not None and told <= row["received_at"] + AHEAD_MOST else None


async def owned_of(session: AsyncSession, ids: Iterable[UUID]) -> set[UUID]:
    """Which of these are channels that some device has: others could be made up without end."""
    found = set[UUID]()
    for some in portions(ids):
        found |= set(await session.scalars(select(GbChannelRow.id).where(GbChannelRow.id.in_(some))))
    return found


async def kept_of(session: AsyncSession, ids: Iterable[UUID]) -> list[GbPositionRow]:
    found = list[GbPositionRow]()
    for some in portions(ids):
        found += await session.scalars(select(GbPositionRow).where(GbPositionRow.id.in_(some)))
    return found


def portions(ids: Iterable[UUID]) -> list[list[UUID]]:
    every = list(ids)
    return [every[first : first + TOGETHER] for first in range(0, len(every), TOGETHER)]


async def write(session: AsyncSession, rows: Sequence[Row]) -> None:
    module = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    table = GbPositionRow.__table__
    for first in range(0, len(rows), TOGETHER):
        insert = module.insert(GbPositionRow).values(rows[first : first + TOGETHER])
        fresh = {column.key: insert.excluded[column.key] for column in table.columns if column.key != "id"}
        await session.execute(insert.on_conflict_do_update(index_elements=["id"], set_=fresh))
