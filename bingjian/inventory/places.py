"""Places: registered, changed, classified, listed. What the law refuses is written down before it is said."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID, uuid4

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.clock import Clock, utc_now
from bingjian.db.areas import Areas, inside, is_inside
from bingjian.db.session import Database
from bingjian.inventory.coordinates import Point, System, plausible, to_wgs84
from bingjian.inventory.divisions import boundaries_of, encloses, prepared
from bingjian.inventory.errors import NotThere, PlaceNotAccepted
from bingjian.inventory.ground import Ring
from bingjian.inventory.history import HistoryRow, Subject, Who, differences, history_of, remember
from bingjian.inventory.organisations import OrganisationRow
from bingjian.inventory.place_rows import PlaceRow
from bingjian.inventory.rings import checked_ring
from bingjian.inventory.search import searchable, sought
from bingjian.inventory.versions import require_version
from bingjian.journal.append import Journal
from bingjian.journal.refusals import Asking, written_down
from bingjian.rules.decision import Case, granted
from bingjian.rules.decisions.keyplaces import KeyPlace, Reclassification, may_be_key_place, may_reclassify
from bingjian.rules.decisions.places import Site, may_be_site
from bingjian.rules.law import Law

KIND = "place"
LawAt = Callable[[datetime], Law]


class Person(Who, Asking, Protocol):
    """Whoever asks and makes the change."""


@dataclass(frozen=True, slots=True)
class PlaceWish:
    """A place as someone describes it."""

    name: str
    division: str
    kind: str
    categories: tuple[str, ...] = ()
    citation: str = ""
    is_like_those_named: bool = False
    likeness_note: str = ""
    is_public: bool = True
    counter_terror: bool = False
    operator: UUID | None = None
    longitude: float | None = None  # as declared
    latitude: float | None = None
    coordinate_system: System = System.WGS84
    outline: Ring | None = None  # WGS-84
    is_secret_neighbour: bool = False
    address: str = ""


@dataclass(frozen=True, slots=True)
class PlaceFilter:
    """Which places; what is None does not matter."""

    q: str | None = None
    division: str | None = None
    category: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class PlacePage:
    items: list[PlaceRow]
    next_key: list[str] | None


class Places:
    """Every change is in the journal before it holds."""

    def __init__(self, database: Database, journal: Journal, clock: Clock, law_at: LawAt) -> None:
        """``law_at``: what of the law binds at an instant."""
        self._database = database
        self._journal = journal
        self._clock = clock
        self._law_at = law_at

    @property
    def _law(self) -> Law:
        return self._law_at(utc_now(self._clock))

    async def add(self, wish: PlaceWish, who: Person, areas: Areas) -> PlaceRow:
        """Register one. Raises NotThere (a division not theirs), PlaceNotAccepted, Refused."""

        async def work(session: AsyncSession) -> PlaceRow:
            row = PlaceRow(id=uuid4(), version=1, likeness_confirmed_by="")
            await self._write(session, row, wish, areas)
            session.add(row)
            changes = differences({}, told(row))
            subject = Subject(KIND, row.id, 1)
            await remember(session, self._journal, subject, "added", changes, who, row.changed_at)
            return row

        return await written_down(self._journal, self._database.run(work), who, "place.add", None)

    async def change(
        self, place: UUID, version: int, wished: Mapping[str, Any], who: Person, areas: Areas
    ) -> PlaceRow:
        """Change the given fields (those of ``PlaceWish``). A category of art. 8 once given stays: see
        ``reclassify``. Raises NotThere, Stale, PlaceNotAccepted, Refused.
        """

        async def work(session: AsyncSession) -> PlaceRow:
            row = await place_of(session, place, areas)
            await require_version(session, row.id, row.version, version)
            after = tuple(wished.get("categories", row.categories))
            granted(may_reclassify(self._law, Reclassification(row.categories, after, "", "")))
            before = told(row)
            if wished.get("likeness_note", row.likeness_note) != row.likeness_note:
                row.likeness_confirmed_by = ""  # what was confirmed is not what it says now
            wished_now = {**wish_of(row), **wished}
            return await self._rewrite(session, row, wished_now, who, areas, "changed", before=before)

        return await written_down(self._journal, self._database.run(work), who, "place.change", place)

    async def reclassify(
        self, place: UUID, version: int, change: Reclassification, who: Person, areas: Areas
    ) -> PlaceRow:
        """Change the categories by a recorded decision (R8.6). ``change.before`` is looked up here.

        Raises NotThere, Stale, Refused.
        """

        async def work(session: AsyncSession) -> PlaceRow:
            row = await place_of(session, place, areas)
            await require_version(session, row.id, row.version, version)
            asked = Reclassification(row.categories, change.after, change.by, change.decision)
            granted(may_reclassify(self._law, asked))
            wished = {**wish_of(row), "categories": tuple(change.after)}
            return await self._rewrite(session, row, wished, who, areas, "reclassified", change.decision)

        return await written_down(self._journal, self._database.run(work), who, "place.reclassify", place)

    async def confirm_likeness(
        self, place: UUID, version: int, categories: tuple[str, ...], note: str, who: Person, areas: Areas
    ) -> PlaceRow:
        """A reviewer confirms that a place is like those its category names (等), and classifies it (R8.1).

        Raises NotThere, Stale, Refused.
        """

        async def work(session: AsyncSession) -> PlaceRow:
            row = await place_of(session, place, areas)
            await require_version(session, row.id, row.version, version)
            granted(may_reclassify(self._law, Reclassification(row.categories, categories, "", "")))
            wished = {**wish_of(row), "categories": categories, "likeness_note": note}
            wished["is_like_those_named"] = True
            before, row.likeness_confirmed_by = told(row), who.name
            return await self._rewrite(session, row, wished, who, areas, "likeness_confirmed", note, before)

        return await written_down(
            self._journal, self._database.run(work), who, "place.confirm_likeness", place
        )

    async def get(self, place: UUID, areas: Areas) -> PlaceRow:
        """Raises NotThere."""
        async with self._database.read() as session:
            return await place_of(session, place, areas)

    async def history(self, place: UUID, areas: Areas) -> list[HistoryRow]:
        """All changes, newest first. Raises NotThere."""
        async with self._database.read() as session:
            await place_of(session, place, areas)
            return await history_of(session, place)

    async def page(
        self, limit: int, after: list[str] | None, areas: Areas, only: PlaceFilter | None = None
    ) -> PlacePage:
        """By name, after the name and id given; the places of these areas alone."""
        table, only = PlaceRow, only or PlaceFilter()
        query = select(table).where(inside(table.division, areas))
        query = query.order_by(table.name, table.id).limit(limit + 1)
        if after is not None:
            query = query.where(tuple_(table.name, table.id) > (after[0], UUID(after[1])))
        for condition in conditions(only):
            query = query.where(condition)
        async with self._database.read() as session:
            rows = list(await session.scalars(query))
        items = rows[:limit]
        return PlacePage(items, [items[-1].name, str(items[-1].id)] if len(rows) > limit else None)

    async def _rewrite(
        self,
        session: AsyncSession,
        row: PlaceRow,
        wished: Mapping[str, Any],
        who: Person,
        areas: Areas,
        act: str,
        reason: str = "",
        before: dict[str, Any] | None = None,
    ) -> PlaceRow:
        """Write a new version of the place down, with its history."""
        before, row.version = before or told(row), row.version + 1
        await self._write(session, row, PlaceWish(**wished), areas)
        changes = differences(before, told(row))
        subject = Subject(KIND, row.id, row.version)
        await remember(session, self._journal, subject, act, changes, who, row.changed_at, reason)
        return row

    async def _write(self, session: AsyncSession, row: PlaceRow, wish: PlaceWish, areas: Areas) -> None:
        """Check a wish, then make the row so. Raises NotThere, PlaceNotAccepted, Refused."""
        if wish.division in self._law.codes("division") and not is_inside(wish.division, areas):
            raise NotThere
        await checked(session, wish)
        position = position_of(wish)
        await admissible(session, self._law, wish, position, row.likeness_confirmed_by)
        for name, value in asdict(wish).items():
            if name not in ("longitude", "latitude", "coordinate_system", "outline"):
                setattr(row, name, value)
        row.outline = checked_ring(wish.outline, "outline") if wish.outline else None
        row.longitude, row.latitude = position or (None, None)
        row.original_longitude, row.original_latitude = wish.longitude, wish.latitude
        row.coordinate_system = wish.coordinate_system.value if position else ""
        row.search, row.changed_at = searchable(wish.name, wish.address), utc_now(self._clock)
        row.key_since = (row.key_since or row.changed_at) if row.categories else None


async def place_of(session: AsyncSession, place: UUID, areas: Areas) -> PlaceRow:
    """Raises NotThere: also if it lies in nobody's area of those."""
    query = select(PlaceRow).where(PlaceRow.id == place, inside(PlaceRow.division, areas))
    row = (await session.scalars(query)).one_or_none()
    if row is None:
        raise NotThere
    return row


def conditions(only: PlaceFilter) -> list[Any]:
    table, found = PlaceRow, list[Any]()
    if only.q and sought(only.q):
        found.append(table.search.contains(sought(only.q), autoescape=True))
    if only.division:
        found.append(table.division == only.division)
    if only.category:
        found.append(table.categories_text.contains(f"|{only.category}|", autoescape=True))
    if only.kind:
        found.append(table.kind == only.kind)
    return found


def position_of(wish: PlaceWish) -> Point | None:
    """Where the place is in WGS-84. Raises PlaceNotAccepted."""
    if wish.longitude is None and wish.latitude is None:
        return None
    if wish.longitude is None or wish.latitude is None:
        raise PlaceNotAccepted("latitude", "longitude and latitude come together")
    doubt = plausible((wish.longitude, wish.latitude))
    if doubt is not None:
        raise PlaceNotAccepted("longitude", DOUBTS[doubt])
    return to_wgs84((wish.longitude, wish.latitude), wish.coordinate_system)


DOUBTS = {
    "not_numbers": "the coordinates are no numbers",
    "swapped": "longitude and latitude have changed places",
    "elsewhere": "the coordinates do not lie near Harbin",
}


async def checked(session: AsyncSession, wish: PlaceWish) -> None:
    """What no rule is about. Raises PlaceNotAccepted."""
    if wish.is_secret_neighbour and not wish.outline:
        raise PlaceNotAccepted("outline", "who has secrets needs an outline: what lies in it needs consent")
    if wish.operator is not None and await session.get(OrganisationRow, wish.operator) is None:
        raise PlaceNotAccepted("operator", "there is no such organisation")


async def admissible(
    session: AsyncSession, law: Law, wish: PlaceWish, position: Point | None, confirmed_by: str
) -> None:
    """Arts. 2 and 8, together. Raises Refused."""
    boundary = (await boundaries_of(session)).get(wish.division)
    enclosed = encloses(prepared(boundary), position) if boundary and position else None
    case = Case(law)
    case.join(may_be_site(law, Site(wish.division, enclosed)))
    if wish.categories or wish.is_like_those_named:
        key_place = KeyPlace(
            wish.categories, wish.citation, wish.is_like_those_named, wish.likeness_note, confirmed_by
        )
        case.join(may_be_key_place(law, key_place))
    granted(case.answer())


def wish_of(row: PlaceRow) -> dict[str, Any]:
    """The place as it would be wished for again."""
    found = {field.name: getattr(row, field.name) for field in fields(PlaceWish) if field.name != "outline"}
    found |= {"longitude": row.original_longitude, "latitude": row.original_latitude, "outline": row.outline}
    found["coordinate_system"] = System(row.coordinate_system or System.WGS84)
    return found


def told(row: PlaceRow) -> dict[str, Any]:
    """The place as its history has it."""
    found = wish_of(row) | {"likeness_confirmed_by": row.likeness_confirmed_by}
    found |= {"operator": str(row.operator) if row.operator else None, "categories": list(row.categories)}
    found["outline"] = [list(point) for point in row.outline] if row.outline else None
    return found
