"""Catalogues as they come in: a page is one statement, however many channels it has."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.inventory.gb28181.channels import LEAF
from bingjian.inventory.gb28181.models import GbChannelRow, GbDeviceRow, channel_id
from bingjian.protocols.gb28181.ids import Kind, cleaned
from bingjian.protocols.gb28181.ids import kind as kind_by_id

TOGETHER = 500  # rows in one statement; PostgreSQL takes 32 767 values
PARENTS_MAX = 16  # of one channel; more is nonsense
NAME_MAX = 200
KINDS = {kind.name.lower() for kind in Kind}
TEXTS = {"manufacturer": NAME_MAX, "model": NAME_MAX, "address": 500, "civil_code": 20, "ptz_type": 4}
KEPT = (
    "id",
    "device",
    "channel",
    "since",
    "camera",
    "matched_by",
    "matched_by_name",
    "matched_at",
    "version",
)
STATES = {"ON": "on", "OFF": "off", "VLOST": "vlost", "DEFECT": "defect", "DEL": "off"}


def texts(value: Any, longest: int = NAME_MAX) -> str:
    """Of something a device said: one line that a database takes."""
    line = " ".join(str(value if value is not None else "").split())
    return "".join(one for one in line if one.isprintable() and not "\ud800" <= one <= "\udfff")[:longest]


def number(value: Any, most: float) -> float | None:
    return float(value) if isinstance(value, int | float) and abs(value) <= most else None


def kind_of(told: Any, id: str) -> str:
    """The kind that the signal process says, by number or name; else by the id's shape."""
    if isinstance(told, str) and told.lower() in KINDS:
        return told.lower()
    known = isinstance(told, int) and told in set(Kind)
    return (Kind(told) if known else kind_by_id(id)).name.lower()


def row_of(device: GbDeviceRow, item: Mapping[str, Any], run: str, at: datetime) -> dict[str, Any] | None:
    """One node as its row; None: it has no id."""
    id = texts(cleaned(str(item.get("id") or "")))
    if not id:
        return None
    told = item.get("parents") or ()
    parents = [texts(one) for one in told if isinstance(one, str)] if isinstance(told, list) else []
    others = [
        one for one in dict.fromkeys(parents) if one and "|" not in one and one not in (id, device.code)
    ]
    return {
        "id": channel_id(device.id, id),
        "device": device.id,
        "channel": id,
        "name": texts(item.get("name")) or id,
        "kind": kind_of(item.get("kind"), id),
        "parents_text": f"|{'|'.join(others[:PARENTS_MAX])}|" if others else "",
        "business_group": texts(item.get("business_group"), 64),
        **{name: texts(item.get(name), longest) for name, longest in TEXTS.items()},
        "status": "off" if str(item.get("status", "on")).lower() == "off" else "on",
        "longitude": number(item.get("longitude"), 180),
        "latitude": number(item.get("latitude"), 90),
        "run": run,
        "since": at,
        "gone_at": None,
        "camera": None,
        "matched_by": None,
        "matched_by_name": "",
        "matched_at": None,
        "version": 0,
    }


async def write(session: AsyncSession, rows: Iterable[Mapping[str, Any]]) -> None:
    """New nodes in, known ones as they are now; a match stays. Of two with one id the later counts."""
    every = list({row["id"]: row for row in rows}.values())
    module = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    table = GbChannelRow.__table__
    for first in range(0, len(every), TOGETHER):
        insert = module.insert(GbChannelRow).values(every[first : first + TOGETHER])
        fresh = {
            column.key: insert.excluded[column.key] for column in table.columns if column.key not in KEPT
        }
        await session.execute(insert.on_conflict_do_update(index_elements=["id"], set_=fresh))


async def take_page(
    session: AsyncSession, device: GbDeviceRow, event: Mapping[str, Any], run: str, at: datetime
) -> None:
    """A page of a catalogue. After the last, and only if it was complete, what was not in it is gone."""
    run = f"{run}/{event.get('run', '')}"[:100]
    items = event.get("items") if isinstance(event.get("items"), list) else []
    found = (row_of(device, item, run, at) for item in items or [] if isinstance(item, Mapping))
    await write(session, [row for row in found if row is not None])
    device.catalogue_run = run
    if event.get("last"):
        await finish(session, device, run, is_complete=bool(event.get("complete")), at=at)


async def finish(
    session: AsyncSession, device: GbDeviceRow, run: str, *, is_complete: bool, at: datetime
) -> None:
    device.catalogue_at, device.catalogue_complete = at, is_complete
    table = GbChannelRow
    if is_complete:
        missing = update(table).where(table.device == device.id, table.run != run, table.gone_at.is_(None))
        await session.execute(missing.values(gone_at=at, status="off"))
    await stand_alone(session, device, run, at)
    await tidy_parents(session, device)


async def stand_alone(session: AsyncSession, device: GbDeviceRow, run: str, at: datetime) -> None:
    """A camera that registers by itself lists itself or nothing: it is its own channel."""
    table = GbChannelRow
    query = select(func.count()).where(table.device == device.id, table.kind == LEAF, table.gone_at.is_(None))
    if not await session.scalar(query):
        itself = {"id": device.code, "name": device.name, "kind": LEAF}
        row = row_of(device, itself, run, at)
        await write(session, [row] if row is not None else [])


async def tidy_parents(session: AsyncSession, device: GbDeviceRow) -> None:
    """Parents that the catalogue does not have are none: the platform itself, or a device's mistake."""
    table = GbChannelRow
    query = select(table.id, table.channel, table.parents_text).where(table.device == device.id)
    rows = (await session.execute(query)).all()
    codes = {row.channel for row in rows}
    changed = []
    for row in rows:
        old = row.parents_text.strip("|").split("|") if row.parents_text else []
        kept = [one for one in old if one in codes]
        if kept != old:
            changed.append({"id": row.id, "parents_text": f"|{'|'.join(kept)}|" if kept else ""})
    if changed:
        await session.execute(update(table), changed)


async def take_changes(
    session: AsyncSession, device: GbDeviceRow, items: Sequence[Any], at: datetime
) -> None:
    """A notification: nodes that came, changed, went, or are on or off."""
    full, ids = list[dict[str, Any]](), dict[str, list[Any]]()
    for item in items:
        if not isinstance(item, Mapping):
            continue
        change = str(item.get("change", "")).upper()
        row = row_of(device, item, device.catalogue_run, at)
        if row is None:
            continue
        if change in STATES:
            ids.setdefault(change, []).append(row["id"])
        else:
            full.append(row)
    await write(session, full)
    for change, some in ids.items():
        values = {"status": STATES[change]} | ({"gone_at": at} if change == "DEL" else {})
        await session.execute(update(GbChannelRow).where(GbChannelRow.id.in_(some)).values(**values))
