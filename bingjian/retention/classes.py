"""What each camera's footage is kept for, over time: a class shortens nothing recorded before it began.

Footage is kept by every class in force since it was recorded (R28.7): a stricter class reaches back to all
that is still there, a laxer one counts for what is recorded under it alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.clock import Clock, ticks_of, utc_now
from bingjian.db.session import Database
from bingjian.entries import RetentionClassChanged
from bingjian.inventory.errors import NoSuchCamera
from bingjian.inventory.models import CameraRow, FormerCameraRow
from bingjian.journal.append import Journal
from bingjian.journal.refusals import written_down
from bingjian.retention.models import ClassRow, Kind, Person
from bingjian.rules.decision import granted
from bingjian.rules.decisions.retention import Keeping, OtherLaw, expirable_before, may_set_term, united
from bingjian.rules.library import law

FOREVER_90K = 1 << 62  # after every instant


@dataclass(frozen=True, slots=True)
class ClassWish:
    """A class as someone asks for it."""

    kind: Kind
    days: int | None = None  # with other_law alone, and there always
    citation: str = ""


@dataclass(frozen=True, slots=True)
class Window:
    """Where footage may have expired: begun in [after, until), ended before ``before``."""

    after_90k: int
    until_90k: int
    before: datetime


class Classes:
    """Changed only by recorded reclassification."""

    def __init__(self, database: Database, journal: Journal, clock: Clock) -> None:
        self._database = database
        self._journal = journal
        self._clock = clock

    async def change(self, camera: UUID, wish: ClassWish, reason: str, person: Person) -> ClassRow:
        """Classify a camera anew, from now on.

        Raises:
            Refused: a term of other law without citation, or shorter than the general one.
            NoSuchCamera, JournalUnavailable.
        """

        async def work(session: AsyncSession) -> ClassRow:
            await require_known(session, camera)
            require_lawful(wish)
            rows = await history_of(session, camera)
            row = ClassRow(
                camera=camera,
                number=len(rows) + 1,
                kind=str(wish.kind),
                days=wish.days,
                citation=wish.citation,
                reason=reason,
                by=person.id,
                by_name=person.name,
                since=max([utc_now(self._clock), *(row.since for row in rows)]),
            )
            session.add(row)
            await session.flush()
            before = rows[-1].kind if rows else str(Kind.DEFAULT)
            entry = RetentionClassChanged(
                str(person.id), str(camera), before, row.kind, row.days, row.citation, reason
            )
            await self._journal.append(entry)
            return row

        writing = self._database.run(work)
        return await written_down(self._journal, writing, person, "retention.change", camera)

    async def all_current(self) -> list[ClassRow]:
        """The class in force of every camera that has one."""
        async with self._database.read() as session:
            rows = await session.scalars(select(ClassRow).order_by(ClassRow.number))
            return list({row.camera: row for row in rows}.values())

    async def current(self, cameras: Sequence[UUID]) -> dict[UUID, ClassRow]:
        """The class in force of each camera; one that has never been classified is not in it."""
        query = select(ClassRow).where(ClassRow.camera.in_(cameras)).order_by(ClassRow.number)
        async with self._database.read() as session:
            return {row.camera: row for row in await session.scalars(query)}


async def require_known(session: AsyncSession, camera: UUID) -> None:
    """The camera is there, or was. Raises NoSuchCamera."""
    for table in (CameraRow, FormerCameraRow):
        if await session.get(table, camera) is not None:
            return
    raise NoSuchCamera


async def history_of(session: AsyncSession, camera: UUID) -> list[ClassRow]:
    """All classes of a camera, oldest first."""
    query = select(ClassRow).where(ClassRow.camera == camera).order_by(ClassRow.number)
    return list(await session.scalars(query))


def require_lawful(wish: ClassWish) -> None:
    """Raises Refused."""
    if wish.kind is not Kind.OTHER_LAW:
        return
    granted(may_set_term(law(), OtherLaw(wish.days or 0, wish.citation)))


def keeping_of(row: ClassRow) -> Keeping:
    """The terms of one class."""
    laws = (OtherLaw(row.days or 0, row.citation),) if row.kind == Kind.OTHER_LAW else ()
    return Keeping(counter_terror=row.kind == Kind.COUNTER_TERROR, other_laws=laws)


def keeping_since(history: Sequence[ClassRow], start_90k: int) -> Keeping:
    """What footage that began then is kept for: every class in force at any time since.

    A segment across a change began under the older class, so all of it is kept as that one says.
    """
    ended = sum(1 for row in history[1:] if ticks_of(row.since) <= start_90k)
    return united(map(keeping_of, history[ended:]))


def windows(history: Sequence[ClassRow], now: datetime) -> list[Window]:
    """Where to look for expired footage: one window for the time of each class, oldest first."""
    bounds = [0, *(ticks_of(row.since) for row in history), FOREVER_90K]
    found = []
    for after, until in pairwise(bounds):
        before = expirable_before(law(), keeping_since(history, after), now)
        if ticks_of(before) > after:
            found.append(Window(after, until, before))
    return found
