"""Marks and holds: set by one person, released by two, stronger than the removal job if they come first.

The removal job and whoever protects footage write the same database, one transaction at a time: what is
committed first wins. Footage given up before is answered ``Gone``, and nothing is set.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.clock import Clock, instant_of, ticks_of, utc_now
from bingjian.db.areas import CITY, Areas, is_inside
from bingjian.db.session import Database
from bingjian.entries import (
    Entry,
    HoldReleaseAsked,
    HoldReleased,
    HoldSet,
    MarkReleaseAsked,
    MarkReleased,
    MarkSet,
)
from bingjian.inventory.service import cameras_inside
from bingjian.inventory.workers import rfc3339
from bingjian.journal.append import Journal
from bingjian.journal.refusals import written_down
from bingjian.retention.classes import require_known
from bingjian.retention.errors import AlreadyReleased, Gone, NoSuchHold, NoSuchMark, Part
from bingjian.retention.models import (
    GivenUpRow,
    HoldRow,
    MarkRow,
    Person,
    RemovalRow,
    ticks_up,
)
from bingjian.rules.decision import granted
from bingjian.rules.decisions.retention import may_release
from bingjian.rules.library import law

PARTS_MAX = 100  # of what is gone, in one answer
Row = TypeVar("Row", MarkRow, HoldRow)


@dataclass(frozen=True, slots=True)
class Wish:
    """[start, end) of a camera, and why."""

    camera: UUID
    start: datetime
    end: datetime
    reason: str
    article: str  # of law, that makes it important or evidence


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    items: list[Row]
    next_key: list[str] | None


class Protections(ABC, Generic[Row]):
    """What marks and holds have in common. Every change is in the journal before it holds."""

    model: type[Row]
    noun: str

    def __init__(self, database: Database, journal: Journal, clock: Clock) -> None:
        self._database = database
        self._journal = journal
        self._clock = clock

    @abstractmethod
    def _new(self, wish: Wish, person: Person) -> Row: ...

    @abstractmethod
    def _was_set(self, row: Row) -> Entry: ...

    @abstractmethod
    def _release_asked(self, row: Row) -> Entry: ...

    @abstractmethod
    def _released(self, row: Row, reason: str) -> Entry: ...

    @abstractmethod
    def none(self) -> Exception: ...

    async def set(self, wish: Wish, person: Person) -> Row:
        """Protect footage from here on.

        Raises:
            NoSuchCamera, JournalUnavailable.
            Gone: some of it was given up before; nothing is set.
        """

        async def work(session: AsyncSession) -> Row:
            await require_known(session, wish.camera)
            row = self._new(wish, person)
            if parts := await given_up(session, wish.camera, row.start_90k, row.end_90k):
                raise Gone(parts)
            session.add(row)
            await session.flush()
            await self._journal.append(self._was_set(row))
            return row

        writing = self._database.run(work)
        return await written_down(self._journal, writing, person, f"{self.noun}.set", wish.camera)

    async def release(self, protection: UUID, reason: str, person: Person) -> Row:
        """The first call asks, another person's completes; the row stays for ever.

        Raises:
            NoSuchMark or NoSuchHold, AlreadyReleased, JournalUnavailable.
            Refused: the same person asked before.
        """

        async def work(session: AsyncSession) -> Row:
            row = await session.get(self.model, protection)
            if row is None:
                raise self.none()
            if row.confirmed_at is not None:
                raise AlreadyReleased
            entry = (
                self._ask(row, reason, person) if row.asked_by is None else self._confirm(row, reason, person)
            )
            await session.flush()
            await self._journal.append(entry)
            return row

        writing = self._database.run(work)
        return await written_down(self._journal, writing, person, f"{self.noun}.release", protection)

    def _ask(self, row: Row, reason: str, person: Person) -> Entry:
        row.asked_by, row.asked_by_name = person.id, person.name
        row.asked_at, row.release_reason = utc_now(self._clock), reason
        return self._release_asked(row)

    def _confirm(self, row: Row, reason: str, person: Person) -> Entry:
        """Raises Refused."""
        granted(may_release(law(), str(row.asked_by), str(person.id), row.release_reason or ""))
        row.confirmed_by, row.confirmed_by_name = person.id, person.name
        row.confirmed_at = utc_now(self._clock)
        return self._released(row, reason)

    async def camera_of(self, protection: UUID) -> UUID | None:
        """Whose footage it protects; None: there is none with this id."""
        async with self._database.read() as session:
            row = await session.get(self.model, protection)
        return None if row is None else row.camera

    async def get(self, protection: UUID) -> Row:
        """Raises NoSuchMark or NoSuchHold."""
        async with self._database.read() as session:
            row = await session.get(self.model, protection)
        if row is None:
            raise self.none()
        return row

    async def page(
        self,
        limit: int,
        after: list[str] | None,
        camera: UUID | None = None,
        start: datetime | None = None,
        end: datetime | None = None,
        areas: Areas | None = None,
    ) -> Page[Row]:
        """Newest footage first, released ones too; those of a camera, those that touch [start, end).

        Args:
            areas: of cameras that stand in these alone; None: all.
            after: start in 1/90000 s and id of the last one of the page before.
        """
        model = self.model
        query = select(model).order_by(model.start_90k.desc(), model.id.desc()).limit(limit + 1)
        if camera is not None:
            query = query.where(model.camera == camera)
        if areas is not None and not is_inside(CITY, areas):
            query = query.where(model.camera.in_(cameras_inside(areas)))
        if start is not None:
            query = query.where(model.end_90k > ticks_of(start))
        if end is not None:
            query = query.where(model.start_90k < ticks_up(end))
        if after is not None:
            query = query.where(tuple_(model.start_90k, model.id) < (int(after[0]), UUID(after[1])))
        async with self._database.read() as session:
            rows = list(await session.scalars(query))
        items = rows[:limit]
        last = [str(items[-1].start_90k), str(items[-1].id)] if len(rows) > limit else None
        return Page(items, last)

    async def counts(self, cameras: Sequence[UUID]) -> dict[UUID, int]:
        """How many stand, of each of these cameras that has any."""
        model = self.model
        query = (
            select(model.camera, func.count())
            .where(model.camera.in_(cameras), model.confirmed_at.is_(None))
            .group_by(model.camera)
        )
        async with self._database.read() as session:
            return {row[0]: row[1] for row in await session.execute(query)}

    def _common(self, wish: Wish, person: Person) -> dict[str, object]:
        return {
            "id": uuid4(),
            "camera": wish.camera,
            "start_90k": ticks_of(wish.start),
            "end_90k": ticks_up(wish.end),
            "reason": wish.reason,
            "article": wish.article,
            "by": person.id,
            "by_name": person.name,
            "at": utc_now(self._clock),
        }


class Marks(Protections[MarkRow]):
    """Important material (R28.3)."""

    model, noun = MarkRow, "mark"

    def _new(self, wish: Wish, person: Person) -> MarkRow:
        return MarkRow(**self._common(wish, person))

    def _was_set(self, row: MarkRow) -> Entry:
        return MarkSet(*names_of(row, row.by), rfc3339(row.start), rfc3339(row.end), row.reason, row.article)

    def _release_asked(self, row: MarkRow) -> Entry:
        return MarkReleaseAsked(*names_of(row, row.asked_by), row.release_reason or "")

    def _released(self, row: MarkRow, reason: str) -> Entry:
        return MarkReleased(*names_of(row, row.confirmed_by), str(row.asked_by), reason)

    def none(self) -> Exception:
        return NoSuchMark()


class Holds(Protections[HoldRow]):
    """Evidence (R27.5). ``copying.Copying`` has the copies made."""

    model, noun = HoldRow, "hold"

    def _new(self, wish: Wish, person: Person) -> HoldRow:
        return HoldRow(**self._common(wish, person), missing_json="[]", due_at=utc_now(self._clock))

    def _was_set(self, row: HoldRow) -> Entry:
        return HoldSet(*names_of(row, row.by), rfc3339(row.start), rfc3339(row.end), row.reason, row.article)

    def _release_asked(self, row: HoldRow) -> Entry:
        return HoldReleaseAsked(*names_of(row, row.asked_by), row.release_reason or "")

    def _released(self, row: HoldRow, reason: str) -> Entry:
        return HoldReleased(*names_of(row, row.confirmed_by), str(row.asked_by), reason)

    def none(self) -> Exception:
        return NoSuchHold()

    async def released(self) -> list[UUID]:
        """All that stand no longer: workers show nothing from their copies."""
        async with self._database.read() as session:
            return list(await session.scalars(select(HoldRow.id).where(HoldRow.confirmed_at.is_not(None))))


def names_of(row: MarkRow | HoldRow, actor: UUID | None) -> tuple[str, str, str]:
    """Actor, protection, camera: how every entry of theirs begins."""
    return str(actor), str(row.id), str(row.camera)


async def standing(
    session: AsyncSession, model: type[Row], camera: UUID, start_90k: int, end_90k: int
) -> list[Row]:
    """The protections in force that touch [start, end)."""
    query = select(model).where(
        model.camera == camera,
        model.confirmed_at.is_(None),
        model.start_90k < end_90k,
        model.end_90k > start_90k,
    )
    return list(await session.scalars(query))


async def given_up(session: AsyncSession, camera: UUID, start_90k: int, end_90k: int) -> list[Part]:
    """The parts of [start, end) whose footage is gone or about to go, oldest first, at most ``PARTS_MAX``."""
    gone = await session.scalars(
        select(GivenUpRow)
        .where(GivenUpRow.camera == camera, GivenUpRow.start_90k < end_90k, GivenUpRow.end_90k > start_90k)
        .order_by(GivenUpRow.start_90k)
        .limit(PARTS_MAX)
    )
    going = await session.scalars(
        select(RemovalRow)
        .where(RemovalRow.camera == camera, RemovalRow.start_90k < end_90k, RemovalRow.end_90k > start_90k)
        .order_by(RemovalRow.start_90k)
        .limit(PARTS_MAX)
    )
    parts = [(row.start_90k, row.end_90k, row.first_entry, row.last_entry) for row in gone]
    parts += [(row.start_90k, row.end_90k, row.entry, row.entry) for row in going]  # type: ignore[misc]
    return [
        Part(instant_of(start), instant_of(end), *entries)
        for start, end, *entries in sorted(parts)[:PARTS_MAX]
    ]
