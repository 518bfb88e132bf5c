"""The list of camera files: filtered, sorted, paged, counted, mapped. Never outside the person's areas."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.db.session import Database
from bingjian.inventory.camera_files import CameraFileRow
from bingjian.inventory.models import CameraRow
from bingjian.inventory.search import sought

Sort = Literal["name", "device_id", "changed"]
Table = CameraFileRow
SORTS: dict[str, Any] = {"name": Table.name, "device_id": Table.code_order, "changed": Table.changed_at}
CODE_DIGITS_MIN = 6  # a query of so many digits means the beginning of a device code: an index range
STREAMS = select(CameraRow.id)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which files; what is None or empty does not matter."""

    areas: tuple[str, ...]  # prefixes of division codes
    ids: tuple[UUID, ...] = ()  # of these alone
    q: str | None = None  # in name, pinyin, code, address
    division: str | None = None  # prefix
    states: tuple[str, ...] = ()
    status: str | None = None
    system: UUID | None = None
    place: UUID | None = None
    part: UUID | None = None
    management_unit: UUID | None = None
    responsible_body: UUID | None = None
    has_responsible_body: bool | None = None
    point_type: str | None = None
    function_type: str | None = None
    structure_type: str | None = None
    capture_position_type: str | None = None
    network_status: str | None = None
    counter_terror: bool | None = None
    is_article8: bool | None = None
    is_government_built: bool | None = None
    decree_class: str | None = None
    has_stream: bool | None = None
    has_position: bool | None = None
    fill_below_bp: int | None = None
    correct_below_bp: int | None = None
    missing: str | None = None  # a mandatory field that is empty
    faulty: str | None = None  # a field that fails a check
    bbox: tuple[float, float, float, float] | None = None  # west, south, east, north; WGS-84


EQUAL = (
    *("status", "system", "place", "part", "management_unit", "responsible_body", "point_type"),
    *("function_type", "structure_type", "capture_position_type", "network_status", "counter_terror"),
    *("is_article8", "is_government_built", "decree_class"),
)


@dataclass(frozen=True, slots=True)
class FilePage:
    items: list[CameraFileRow]
    streams: frozenset[UUID]  # of these those that have a stream
    next_key: list[str] | None


@dataclass(frozen=True, slots=True)
class Counts:
    total: int = 0
    with_stream: int = 0
    by_state: dict[str, int] = field(default_factory=dict)
    by_status: dict[str, int] = field(default_factory=dict)
    by_division: dict[str, int] = field(default_factory=dict)


def where(wanted: Filter) -> ColumnElement[bool]:
    """The condition of a filter."""
    found = [in_areas(wanted.areas)]
    found += [
        getattr(Table, name) == value for name in EQUAL if (value := getattr(wanted, name)) not in (None, "")
    ]
    if wanted.division:
        found.append(begins(Table.division, wanted.division))
    if wanted.ids:
        found.append(Table.id.in_(wanted.ids))
    if wanted.states:
        found.append(Table.state.in_(wanted.states))
    if wanted.q and sought(wanted.q):
        found.append(searched(sought(wanted.q)))
    if wanted.bbox:
        west, south, east, north = wanted.bbox
        found += [Table.latitude.between(south, north), Table.longitude.between(west, east)]
    return and_(*found, *of_quality(wanted), *of_being(wanted))


def of_quality(wanted: Filter) -> list[ColumnElement[bool]]:
    found = list[ColumnElement[bool]]()
    if wanted.fill_below_bp is not None:
        found.append(Table.fill_bp < wanted.fill_below_bp)
    if wanted.correct_below_bp is not None:
        found.append(Table.correct_bp < wanted.correct_below_bp)
    if wanted.missing:
        found.append(Table.missing.contains(f",{wanted.missing},", autoescape=True))
    if wanted.faulty:
        found.append(Table.faulty.contains(f",{wanted.faulty},", autoescape=True))
    return found


def of_being(wanted: Filter) -> list[ColumnElement[bool]]:
    found = list[ColumnElement[bool]]()
    for is_wanted, has in (
        (wanted.has_stream, Table.id.in_(STREAMS)),
        (wanted.has_position, Table.longitude.is_not(None)),
        (wanted.has_responsible_body, Table.responsible_body.is_not(None)),
    ):
        if is_wanted is not None:
            found.append(has if is_wanted else ~has)
    return found


def in_areas(areas: Sequence[str]) -> ColumnElement[bool]:
    return or_(*(begins(Table.division, area) for area in areas))


def begins(column: Any, prefix: str) -> ColumnElement[bool]:
    """Of columns of digits: as a range, which an index answers."""
    if not prefix:
        return true()
    return and_(column >= prefix, column < prefix + "~")


def searched(text: str) -> ColumnElement[bool]:
    if len(text) >= CODE_DIGITS_MIN and text.isascii() and text.isdigit():
        return or_(begins(Table.device_id, text), Table.search_base.contains(text, autoescape=True))
    return Table.search_base.contains(text, autoescape=True)


class CameraFileList:
    """Reads alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self, wanted: Filter, sort: Sort, limit: int, after: Sequence[str] | None, *, descending: bool = False
    ) -> FilePage:
        """Sorted by ``sort``, then id; after the key of the last one of the page before."""
        column = SORTS[sort]
        order = (column.desc(), Table.id.desc()) if descending else (column, Table.id)
        query = select(Table).where(where(wanted)).order_by(*order).limit(limit + 1)
        if after is not None:
            key = tuple_(column, Table.id)
            last = key_value(sort, after)
            query = query.where(key < last if descending else key > last)
        async with self._database.read() as session:
            rows = list(await session.scalars(query))
            streams = await streams_of(session, [row.id for row in rows[:limit]])
        items = rows[:limit]
        return FilePage(items, streams, key_of_row(sort, items[-1]) if len(rows) > limit else None)

    async def counts(self, wanted: Filter) -> Counts:
        """How many, and how many of each kind; in two statements."""
        kinds = (Table.state, Table.status, Table.division)
        query = select(*kinds, func.count()).where(where(wanted)).group_by(*kinds)
        streams = select(func.count()).select_from(Table).where(where(wanted), Table.id.in_(STREAMS))
        found = Counts()
        async with self._database.read() as session:
            rows = (await session.execute(query)).all()
            with_stream = await session.scalar(streams) or 0
        for state, status, division, count in rows:
            for counts, kind in (
                (found.by_state, state),
                (found.by_status, status),
                (found.by_division, division),
            ):
                counts[kind] = counts.get(kind, 0) + count
        return Counts(
            sum(found.by_state.values()), with_stream, found.by_state, found.by_status, found.by_division
        )


async def streams_of(session: AsyncSession, ids: Sequence[UUID]) -> frozenset[UUID]:
    return frozenset(await session.scalars(STREAMS.where(CameraRow.id.in_(ids)))) if ids else frozenset()


def key_of_row(sort: Sort, row: CameraFileRow) -> list[str]:
    value = {"name": row.name, "device_id": row.code_order, "changed": row.changed_at.isoformat()}[sort]
    return [value, str(row.id)]


def key_value(sort: Sort, key: Sequence[str]) -> tuple[Any, UUID]:
    """A cursor's key as the columns have it. Raises ValueError."""
    value: Any = datetime.fromisoformat(key[0]) if sort == "changed" else key[0]
    return value, UUID(key[1])
