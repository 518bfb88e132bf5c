"""Channels of a device: listed, and the trees that they are sorted in.

A channel counts as matched for whoever may know of its camera. For others it has none: in the list, in counts
and filters alike, or a number would tell what the list does not. One thing cannot be hidden, for a channel is
one camera: matching it once more is refused, in the sentence that is said of a camera that is taken too.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.db.areas import Areas, inside
from bingjian.db.session import Database
from bingjian.inventory.camera_files import CameraFileRow
from bingjian.inventory.gb28181.devices import own_device
from bingjian.inventory.gb28181.models import GbChannelRow

Tree = Literal["civil_code", "organisation"]
LEAF = "channel"  # of ``kind``: what has pictures, or is an alarm input
TOP = ""


@dataclass(frozen=True, slots=True)
class ChannelFilter:
    """Which channels of a device; what is None does not matter."""

    q: str | None = None
    civil_code: str | None = None  # exactly
    parent: str | None = None  # id of a group, organisation, system; empty: those that stand at the top
    matched: bool | None = None  # with a camera that the person may know of
    present: bool | None = None
    status: str | None = None


@dataclass(frozen=True, slots=True)
class ChannelPage:
    items: list[GbChannelRow]
    next_key: list[str] | None


@dataclass(frozen=True, slots=True)
class Node:
    """What channels are sorted under. ``parent`` empty: at the top."""

    code: str
    name: str  # empty: the device did not say
    kind: str
    parent: str
    channels: int  # directly below
    online: int


class Channels:
    """Reads alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self, device: UUID, areas: Areas, limit: int, after: list[str] | None, only: ChannelFilter
    ) -> ChannelPage:
        """By name and id. Raises NotThere."""
        table = GbChannelRow
        query = filtered(select(table).where(table.device == device, table.kind == LEAF), only, areas)
        query = query.order_by(table.name, table.channel).limit(limit + 1)
        if after is not None:
            query = query.where(tuple_(table.name, table.channel) > (after[0], after[1]))
        async with self._database.read() as session:
            await own_device(session, device, areas)
            rows = list(await session.scalars(query))
        items = rows[:limit]
        return ChannelPage(items, [items[-1].name, items[-1].channel] if len(rows) > limit else None)

    async def counts(self, devices: Sequence[UUID], areas: Areas) -> dict[UUID, tuple[int, int]]:
        """Of each of these devices that has any: its channels, and those with a camera in these areas."""
        async with self._database.read() as session:
            return await counts_of(session, devices, areas)

    async def tree(self, device: UUID, areas: Areas, by: Tree) -> list[Node]:
        """All nodes, those of one parent by code; children may come before their parents. Raises NotThere."""
        async with self._database.read() as session:
            await own_device(session, device, areas)
            if by == "civil_code":
                return await divisions_of(session, device)
            return await organisations_of(session, device)


async def counts_of(
    session: AsyncSession, devices: Sequence[UUID], areas: Areas
) -> dict[UUID, tuple[int, int]]:
    """Of each of these devices: how many channels it has, and how many have a camera in these areas."""
    table, file = GbChannelRow, CameraFileRow
    query = select(table.device, func.count(), func.count(file.id)).group_by(table.device)
    query = query.outerjoin(file, and_(file.id == table.camera, inside(file.division, areas)))
    query = query.where(table.device.in_(devices), table.kind == LEAF, table.gone_at.is_(None))
    return {device: (count, matched) for device, count, matched in await session.execute(query)}


async def divisions_of(session: AsyncSession, device: UUID) -> list[Node]:
    """The tree by civil code: a code lies below the longest that it begins with."""
    table = GbChannelRow
    query = select(table.civil_code, func.count(), func.sum(online_as_one(table)))
    query = query.where(table.device == device, table.kind == LEAF, table.gone_at.is_(None))
    counted = {
        code: (count, on) for code, count, on in await session.execute(query.group_by(table.civil_code))
    }
    named = select(table.channel, table.name)
    named = named.where(table.device == device, table.kind == "division", table.gone_at.is_(None))
    names: dict[str, str] = {row.channel: row.name for row in await session.execute(named)}
    codes = {code for code in counted if code} | names.keys()
    nodes = [
        Node(code, names.get(code, ""), "division", above(code, codes), *counted.get(code, (0, 0)))
        for code in sorted(codes)
    ]
    if TOP in counted:
        nodes.append(Node(TOP, "", "none", TOP, *counted[TOP]))
    return nodes


async def organisations_of(session: AsyncSession, device: UUID) -> list[Node]:
    """The tree by business groups, virtual organisations and systems, as the device sorts them."""
    table = GbChannelRow
    query = select(table.channel, table.name, table.kind, table.parents_text, table.status)
    query = query.where(table.device == device, table.gone_at.is_(None))
    rows = (await session.execute(query)).all()
    groups = {row.channel: row for row in rows if row.kind not in (LEAF, "division")}
    below, online = Counter[str](), Counter[str]()
    for row in rows:
        for parent in known(row.parents_text, groups) if row.kind == LEAF else ():
            below[parent] += 1
            online[parent] += row.status == "on"
    nodes = [
        Node(code, row.name, row.kind, known(row.parents_text, groups)[0], below[code], online[code])
        for code, row in sorted(groups.items())
    ]
    return [*nodes, Node(TOP, "", "none", TOP, below[TOP], online[TOP])] if below[TOP] else nodes


def known(parents_text: str, groups: Iterable[str]) -> list[str]:
    """Those of a node's parents that the catalogue has; none: it stands at the top."""
    found = [one for one in parents_text.strip("|").split("|") if one in groups]
    return found or [TOP]


def above(code: str, codes: Iterable[str]) -> str:
    return max((one for one in codes if one != code and code.startswith(one)), key=len, default=TOP)


def online_as_one(table: type[GbChannelRow]) -> Any:
    return case((table.status == "on", 1), else_=0)


def has_camera(areas: Areas) -> ColumnElement[bool]:
    """Whether a channel is matched with a camera in these areas."""
    file = CameraFileRow
    return select(file.id).where(file.id == GbChannelRow.camera, inside(file.division, areas)).exists()


def filtered(query: Select[Any], only: ChannelFilter, areas: Areas) -> Select[Any]:
    table = GbChannelRow
    if only.q:
        found = (table.name, table.channel)
        query = query.where(or_(*(column.icontains(only.q, autoescape=True) for column in found)))
    if only.civil_code is not None:
        query = query.where(table.civil_code == only.civil_code)
    if only.parent is not None:
        below = table.parents_text.contains(f"|{only.parent}|", autoescape=True)
        query = query.where(below if only.parent else table.parents_text == "")
    if only.matched is not None:
        query = query.where(has_camera(areas) if only.matched else ~has_camera(areas))
    if only.present is not None:
        query = query.where(table.gone_at.is_(None) if only.present else table.gone_at.is_not(None))
    if only.status is not None:
        query = query.where(table.status == only.status)
    return query
