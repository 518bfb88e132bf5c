"""Key parts without a camera in service (R8.2): which, where, of what category, since when."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.clock import Clock, utc_now
from bingjian.db.areas import Areas, inside
from bingjian.db.session import Database
from bingjian.inventory.camera_files import CameraFileRow
from bingjian.inventory.history import HistoryRow
from bingjian.inventory.place_rows import PartRow, PlaceRow
from bingjian.inventory.places import LawAt
from bingjian.inventory.siting import counts_of
from bingjian.rules.civil import days_between
from bingjian.rules.decision import Refusal
from bingjian.rules.decisions.keyplaces import KeyPart, is_covered, owed
from bingjian.rules.decisions.lifecycle import State
from bingjian.rules.law import Law

LEFT = (State.SUSPENDED.value, State.RETIRED.value)  # the steps by which a camera leaves service


@dataclass(frozen=True, slots=True)
class Gap:
    """One key part that no camera in service covers."""

    place: UUID
    part: UUID | None  # None: the place is one key part itself
    name: str
    division: str
    categories: tuple[str, ...]
    since: datetime  # when it became a key part, or lost its last camera
    days: int
    refusal: Refusal  # says so in both languages

    @property
    def id(self) -> UUID:
        return self.part or self.place


@dataclass(frozen=True, slots=True)
class Tally:
    """The gaps of one division and category; a place of two categories counts in both."""

    division: str
    category: str
    gaps: int
    oldest_days: int


@dataclass(frozen=True, slots=True)
class Owing:
    """A key part, before anybody looked for its cameras."""

    place: PlaceRow
    part: PartRow | None
    since: datetime

    @property
    def id(self) -> UUID:
        return self.part.id if self.part else self.place.id

    @property
    def name(self) -> str:
        return f"{self.place.name} {self.part.name}" if self.part else self.place.name


class CoverageGaps:
    """Reads alone."""

    def __init__(self, database: Database, clock: Clock, law_at: LawAt) -> None:
        self._database = database
        self._clock = clock
        self._law_at = law_at

    async def all(self, areas: Areas) -> list[Gap]:
        """Of these areas, the oldest first."""
        now = utc_now(self._clock)
        async with self._database.read() as session:
            return await gaps_of(session, self._law_at(now), now, areas)


async def gaps_of(session: AsyncSession, law: Law, now: datetime, areas: Areas) -> list[Gap]:
    """The gaps in these areas at ``now``, the oldest first."""
    owing = await owing_in(session, law, areas)
    states, left = await cameras_of(session), await last_left(session)
    found = (gap_of(law, one, states[one.id], left.get(one.id), now) for one in owing)
    return sorted((gap for gap in found if gap), key=lambda gap: (gap.since, str(gap.id)))


async def owing_in(session: AsyncSession, law: Law, areas: Areas) -> list[Owing]:
    """What art. 8 reaches: each flagged part; the place itself where it is one (R8.3)."""
    key = select(PlaceRow).where(inside(PlaceRow.division, areas), PlaceRow.categories_text != "")
    places = {row.id: row for row in await session.scalars(key)}
    query = select(PartRow).join(PlaceRow, PlaceRow.id == PartRow.place)
    query = query.where(inside(PlaceRow.division, areas), PlaceRow.categories_text != "")
    parts = list(await session.scalars(query))
    counts = counts_of(parts)
    found = [Owing(places[row.place], row, row.key_since) for row in parts if row.is_key and row.key_since]
    for place in places.values():
        key_place = place.key_place(*counts[place.id])
        if owed(law, key_place).key_parts > key_place.key_parts and place.key_since:
            found.append(Owing(place, None, place.key_since))
    return found


async def cameras_of(session: AsyncSession) -> Mapping[UUID, tuple[State, ...]]:
    """By part, and by place, the states of the cameras there."""
    table, found = CameraFileRow, defaultdict[UUID, tuple[State, ...]](tuple)
    query = select(table.place, table.part, table.state, func.count()).where(
        table.place.is_not(None) | table.part.is_not(None)
    )
    for place, part, state, count in await session.execute(
        query.group_by(table.place, table.part, table.state)
    ):
        for where in filter(None, (place, part)):
            found[where] += (State(state),) * count
    return found


async def last_left(session: AsyncSession) -> Mapping[UUID, datetime]:
    """By part, and by place, when a camera there last left service."""
    table, found = CameraFileRow, dict[UUID, datetime]()
    query = select(table.place, table.part, func.max(HistoryRow.at)).join(
        HistoryRow, HistoryRow.subject == table.id
    )
    query = query.where(HistoryRow.act.in_(LEFT), table.place.is_not(None) | table.part.is_not(None))
    for place, part, at in await session.execute(query.group_by(table.place, table.part)):
        for where in filter(None, (place, part)):
            found[where] = max(at, found.get(where, at))
    return found


def gap_of(
    law: Law, one: Owing, states: tuple[State, ...], left: datetime | None, now: datetime
) -> Gap | None:
    """None if the part is covered."""
    since = min(max(one.since, left) if left else one.since, now)
    part = KeyPart(one.name, one.place.division, one.place.categories, states, since)
    answer = is_covered(law, part, now)
    if not isinstance(answer, Refusal):
        return None
    days = days_between(since, now)
    place = one.place
    return Gap(
        place.id,
        one.part.id if one.part else None,
        one.name,
        place.division,
        place.categories,
        since,
        days,
        answer,
    )


def tallies(gaps: Iterable[Gap]) -> list[Tally]:
    """By division and category how many, and how old the oldest is."""
    days: dict[tuple[str, str], list[int]] = defaultdict(list)
    for gap in gaps:
        for category in gap.categories:
            days[gap.division, category].append(gap.days)
    return [Tally(*key, len(ages), max(ages)) for key, ages in sorted(days.items())]
