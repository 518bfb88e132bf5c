"""Parts of places: what each is, whether it is a key part, and whether it is private (arts. 8, 9)."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.clock import Clock, utc_now
from bingjian.db.areas import Areas, inside
from bingjian.db.session import Database
from bingjian.inventory.errors import NotThere, PlaceNotAccepted
from bingjian.inventory.ground import Ring
from bingjian.inventory.history import HistoryRow, Subject, differences, history_of, remember
from bingjian.inventory.place_rows import PartRow, PlaceRow
from bingjian.inventory.places import LawAt, Person, place_of
from bingjian.inventory.rings import checked_ring
from bingjian.inventory.versions import require_version
from bingjian.journal.append import Journal
from bingjian.rules.decision import is_given
from bingjian.rules.decisions.keyplaces import Owed, owed
from bingjian.rules.decisions.privacy import BANNED, OPEN, is_open
from bingjian.rules.law import Law

KIND = "part"
OnBanned = Callable[[AsyncSession, PartRow, datetime], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class PartWish:
    """A part as someone describes it."""

    name: str
    kind: str
    is_key: bool = False
    polygon: Ring | None = None  # WGS-84
    floor: str = ""


@dataclass(frozen=True, slots=True)
class PartsOf:
    """The parts of one place, by name, and what art. 8 asks of it."""

    items: list[PartRow]
    owed: Owed


class PlaceParts:
    """Every change is in the journal before it holds.

    ``on_banned`` are called, in the same transaction, for each part that no camera may be in from now on
    (R9.5): who stops recording and who opens the task of removal. What one of them raises undoes the change.
    """

    def __init__(
        self,
        database: Database,
        journal: Journal,
        clock: Clock,
        law_at: LawAt,
        on_banned: Sequence[OnBanned] = (),
    ) -> None:
        """``law_at``: what of the law binds at an instant."""
        self._database = database
        self._journal = journal
        self._clock = clock
        self._law_at = law_at
        self.on_banned: list[OnBanned] = list(on_banned)

    @property
    def _law(self) -> Law:
        return self._law_at(utc_now(self._clock))

    async def add(self, place: UUID, wish: PartWish, who: Person, areas: Areas) -> PartRow:
        """Raises NotThere, PlaceNotAccepted."""

        async def work(session: AsyncSession) -> PartRow:
            await place_of(session, place, areas)
            row = PartRow(id=uuid4(), place=place, version=0, reviewer="", review_reason="", is_key=False)
            write(row, wish, utc_now(self._clock))
            session.add(row)
            await self._settle(session, row, {}, "added", who)
            return row

        return await self._database.run(work)

    async def change(
        self, part: UUID, version: int, wished: Mapping[str, Any], who: Person, areas: Areas
    ) -> PartRow:
        """Change the given fields (those of ``PartWish``). A review holds for the kind it was made of.

        Raises NotThere, Stale, PlaceNotAccepted.
        """

        async def work(session: AsyncSession) -> PartRow:
            row = await part_of(session, part, areas)
            await require_version(session, row.id, row.version, version)
            before, kind = told(row), row.kind
            write(row, PartWish(**{**wish_of(row), **wished}), utc_now(self._clock))
            if row.kind != kind:
                row.reviewer, row.is_private, row.review_reason, row.reviewed_at = "", None, "", None
            await self._settle(session, row, before, "changed", who)
            return row

        return await self._database.run(work)

    async def review(
        self, part: UUID, version: int, is_private: bool, reason: str, who: Person, areas: Areas
    ) -> PartRow:
        """A named reviewer judges a kind that is on no list (R9.2).

        Raises NotThere, Stale, PlaceNotAccepted.
        """

        async def work(session: AsyncSession) -> PartRow:
            row = await part_of(session, part, areas)
            await require_version(session, row.id, row.version, version)
            if row.kind in self._law.codes(BANNED) or row.kind in self._law.codes(OPEN):
                raise PlaceNotAccepted("kind", "the law itself says of this kind whether it is private")
            if not is_given(reason):
                raise PlaceNotAccepted("reason", "a review needs its reason")
            before = told(row)
            row.reviewer, row.is_private, row.review_reason = who.name, is_private, reason
            row.reviewed_at = row.changed_at = utc_now(self._clock)
            await self._settle(session, row, before, "reviewed", who, reason)
            return row

        return await self._database.run(work)

    async def of(self, place: UUID, areas: Areas) -> PartsOf:
        """Raises NotThere."""
        async with self._database.read() as session:
            row = await place_of(session, place, areas)
            query = select(PartRow).where(PartRow.place == place).order_by(PartRow.name, PartRow.id)
            parts = list(await session.scalars(query))
        key = sum(part.is_key for part in parts)
        return PartsOf(parts, owed(self._law, row.key_place(len(parts), key)))

    async def get(self, part: UUID, areas: Areas) -> PartRow:
        """Raises NotThere."""
        async with self._database.read() as session:
            return await part_of(session, part, areas)

    async def history(self, part: UUID, areas: Areas) -> list[HistoryRow]:
        """All changes, newest first. Raises NotThere."""
        async with self._database.read() as session:
            await part_of(session, part, areas)
            return await history_of(session, part)

    async def _settle(
        self,
        session: AsyncSession,
        row: PartRow,
        before: dict[str, Any],
        act: str,
        who: Person,
        reason: str = "",
    ) -> None:
        """Whether a camera may be there now; whoever must act on a new ban does; then version and history."""
        now, was_banned = row.changed_at, row.banned_since is not None
        is_banned = not is_open(self._law, row.judged())
        row.banned_since = (row.banned_since or now) if is_banned else None
        row.version += 1
        if is_banned and not was_banned:
            await session.flush()
            for act_on in self.on_banned:
                await act_on(session, row, now)
        subject, changes = Subject(KIND, row.id, row.version), differences(before, told(row))
        await remember(session, self._journal, subject, act, changes, who, now, reason)


async def part_of(session: AsyncSession, part: UUID, areas: Areas) -> PartRow:
    """Raises NotThere: also if its place lies in none of these areas."""
    query = select(PartRow).join(PlaceRow, PlaceRow.id == PartRow.place)
    row = (
        await session.scalars(query.where(PartRow.id == part, inside(PlaceRow.division, areas)))
    ).one_or_none()
    if row is None:
        raise NotThere
    return row


def write(row: PartRow, wish: PartWish, now: datetime) -> None:
    """Raises PlaceNotAccepted."""
    row.polygon = checked_ring(wish.polygon, "polygon") if wish.polygon else None
    row.key_since = (row.key_since if row.is_key else now) if wish.is_key else None
    row.name, row.kind, row.is_key, row.floor = wish.name, wish.kind, wish.is_key, wish.floor
    row.changed_at = now


def wish_of(row: PartRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in PartWish.__dataclass_fields__}


def told(row: PartRow) -> dict[str, Any]:
    """The part as its history has it."""
    found = asdict(PartWish(**wish_of(row)))
    found["polygon"] = [list(point) for point in row.polygon] if row.polygon else None
    found |= {"reviewer": row.reviewer, "is_private": row.is_private, "review_reason": row.review_reason}
    found["banned_since"] = row.banned_since.isoformat() if row.banned_since else None
    return found
