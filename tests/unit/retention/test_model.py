"""The removal job against a simple model of the law: random marks, holds, releases, classes, and crashes.

The model knows days and nothing else: it counts dates in Beijing and remembers who protected what. After each
step, what was newly given up must have been free in the model; at the end, what is free must be gone.
"""

import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.clock import CHINA, instant_of, utc_now
from bingjian.db.session import Database
from bingjian.entries import Entry, RemovalReceipt
from bingjian.inventory.models import Place
from bingjian.inventory.service import Cameras
from bingjian.journal.append import Journal, Receipt
from bingjian.retention.classes import ClassWish
from bingjian.retention.errors import Gone
from bingjian.retention.models import Kind, RemovalRow
from bingjian.retention.remote import Removed, Stored
from bingjian.retention.removal import Removal, Signer
from bingjian.retention.service import Retention
from tests.backend import KEY, StillClock
from tests.unit.retention.conftest import ME, YOU
from tests.unit.retention.shelf import Shelf
from tests.unit.retention.times import DAY, wish

STEPS = 60
BEGINNING = datetime(1970, 1, 1, tzinfo=CHINA)
Result = TypeVar("Result")


class Crashed(BaseException):
    """The process is gone; whatever was not durable is."""


@dataclass
class Fuse:
    """Blows at the n-th of the job's effects, before or after it takes hold."""

    left: int = 10**9
    after: bool = False

    async def around(self, effect: Awaitable[Result]) -> Result:
        self.left -= 1
        if self.left == 0 and not self.after:
            if hasattr(effect, "close"):
                effect.close()
            raise Crashed
        result = await effect
        if self.left == 0:
            raise Crashed
        return result


class FragileDatabase:
    def __init__(self, database: Database, fuse: Fuse) -> None:
        self._database, self._fuse = database, fuse
        self.read = database.read

    async def run(self, work: Callable[[AsyncSession], Awaitable[Result]]) -> Result:
        return await self._fuse.around(self._database.run(work))


class FragileJournal:
    def __init__(self, journal: Journal, fuse: Fuse) -> None:
        self._journal, self._fuse = journal, fuse

    async def append(self, entry: Entry) -> Receipt:
        return await self._fuse.around(self._journal.append(entry))


class FragileShelf:
    def __init__(self, shelf: Shelf, fuse: Fuse) -> None:
        self._shelf, self._fuse = shelf, fuse
        self.footage = shelf.footage

    async def remove(self, place: Place, receipts: Sequence[RemovalReceipt]) -> Removed:
        return await self._fuse.around(self._shelf.remove(place, receipts))


@dataclass
class Kept:
    """An interval that somebody protects until it is released."""

    id: UUID
    start: datetime
    end: datetime
    stands: bool = True

    def touches(self, start: datetime, end: datetime) -> bool:
        return self.stands and self.start < end and self.end > start


@dataclass
class Law:
    """What must be there, by the plainest counting."""

    classes: list[tuple[datetime, int]] = field(default_factory=lambda: [(BEGINNING, 30)])
    marks: list[Kept] = field(default_factory=list)
    holds: list[Kept] = field(default_factory=list)

    def keeps(self, start: datetime, end: datetime, today: date) -> bool:
        if any(hold.touches(start, end) for hold in self.holds):
            return True
        day = end.astimezone(CHINA).date()
        if today <= day + timedelta(days=self.days(start)):
            return True
        leap_day = (day.month, day.day) == (2, 29)
        last = day.replace(year=day.year + 2, day=28 if leap_day else day.day)
        return today <= last and any(mark.touches(start, end) for mark in self.marks)

    def days(self, start: datetime) -> int:
        """The most of all classes that were in force at any time since the footage began."""
        ends = [since for since, _ in self.classes[1:]]
        older = zip(self.classes, ends, strict=False)
        return max([self.classes[-1][1], *(days for (_, days), end in older if end > start)])


class World:
    """The real part and the model, side by side."""

    def __init__(
        self,
        seed: int,
        database: Database,
        journal: Journal,
        cameras: Cameras,
        shelf: Shelf,
        clock: StillClock,
        camera: UUID,
    ) -> None:
        self.random, self.law = random.Random(seed), Law()
        self.database, self.journal, self.cameras = database, journal, cameras
        self.shelf, self.clock, self.camera = shelf, clock, camera
        self.part = Retention(database, journal, cameras, shelf, Signer(KEY), clock)
        self.given_up: set[UUID] = set()

    @property
    def now(self) -> datetime:
        return utc_now(self.clock)

    async def record(self) -> None:
        """Some hours of footage that ends now, with holes."""
        start = self.now
        for _ in range(self.random.randint(1, 6)):
            length = timedelta(minutes=self.random.choice([1, 5, 60, 60 * 9]))
            self.shelf.put(self.camera, start, start + length)
            start += length + timedelta(minutes=self.random.choice([0, 0, 7]))
        self.clock.wait((start - self.now).total_seconds())

    async def wait(self) -> None:
        hours = self.random.choice([1, 24, 7 * 24, 31 * 24, 60 * 24, 400 * 24])
        self.clock.wait(hours * 3600)

    def interval(self) -> tuple[datetime, datetime]:
        """Around something that was recorded."""
        one = self.random.choice(self.shelf.footage_of[self.camera])
        start = instant_of(one.start_90k) + timedelta(minutes=self.random.randint(-60, 60))
        return start, start + timedelta(minutes=self.random.choice([1, 90, 3 * 1440]))

    async def protect(self) -> None:
        start, end = self.interval()
        protections, model = self.random.choice(
            [(self.part.marks, self.law.marks), (self.part.holds, self.law.holds)]
        )
        gone = any(
            one.segment in self.given_up
            and instant_of(one.start_90k) < end
            and instant_of(one.end_90k) > start
            for one in self.shelf.footage_of[self.camera]
        )
        try:
            row = await protections.set(wish(self.camera, start, end), ME)
        except Gone:
            assert gone, "refused, though nothing of it was given up"
        else:
            assert not gone, "accepted, though some of it was given up"
            model.append(Kept(row.id, start, end))

    async def release(self) -> None:
        for protections, model in ((self.part.marks, self.law.marks), (self.part.holds, self.law.holds)):
            standing = [kept for kept in model if kept.stands]
            if standing and self.random.random() < 0.5:
                kept = self.random.choice(standing)
                await protections.release(kept.id, "x", ME)
                await protections.release(kept.id, "x", YOU)
                kept.stands = False

    async def reclassify(self) -> None:
        other = ClassWish(Kind.OTHER_LAW, 45, "x")
        wishes = [(ClassWish(Kind.DEFAULT), 30), (ClassWish(Kind.COUNTER_TERROR), 90), (other, 45)]
        asked, days = self.random.choice(wishes)
        await self.part.classes.change(self.camera, asked, "x", ME)
        self.law.classes.append((self.now, days))

    async def round(self, *, crashes: bool = True) -> None:
        fuse = Fuse(self.random.randint(1, 14), self.random.random() < 0.5) if crashes else Fuse()
        fragile: list[Any] = [
            FragileDatabase(self.database, fuse),
            FragileJournal(self.journal, fuse),
            self.cameras,
            FragileShelf(self.shelf, fuse),
        ]
        with suppress(Crashed):
            await Removal(*fragile, Signer(KEY), self.clock).round()

    async def absence(self) -> None:
        self.shelf.away = not self.shelf.away

    async def check(self) -> None:
        async with self.database.read() as session:
            under_way = set(await session.scalars(select(RemovalRow.segment)))
        today = self.now.astimezone(CHINA).date()
        for one in self.shelf.footage_of[self.camera]:
            if one.segment in (under_way | set(self.shelf.removed)) - self.given_up:
                start, end = instant_of(one.start_90k), instant_of(one.end_90k)
                assert not self.law.keeps(start, end, today), f"{start} to {end} was given up on {today}"
                self.given_up.add(one.segment)

    def left_over(self) -> list[Stored]:
        today = self.now.astimezone(CHINA).date()
        return [
            one
            for one in self.shelf.there(self.camera)
            if not self.law.keeps(instant_of(one.start_90k), instant_of(one.end_90k), today)
        ]


@pytest.mark.parametrize("seed", range(10))
async def test_R28_4_R28_6_nothing_kept_goes_and_everything_free_does(
    seed: int,
    database: Database,
    journal: Journal,
    cameras: Cameras,
    shelf: Shelf,
    clock: StillClock,
    camera: UUID,
) -> None:
    world = World(seed, database, journal, cameras, shelf, clock, camera)
    await world.record()
    world_moves = [world.record, world.wait, world.release, world.reclassify, world.absence]
    steps = [*world_moves, world.protect, *[world.round] * 3]
    for _ in range(STEPS):
        await world.random.choice(steps)()
        await world.check()
    shelf.away = False
    await world.record()
    clock.wait(100 * DAY.total_seconds())
    await world.round(crashes=False)
    await world.check()
    assert world.left_over() == []
    assert shelf.removed, "the walk removed something"
    async with database.read() as session:
        assert (await session.scalars(select(RemovalRow))).all() == []
