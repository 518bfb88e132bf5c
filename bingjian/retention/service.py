"""The part as others see it: its services, what is kept of each camera, its work in the background."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog

from bingjian.clock import Clock, utc_now
from bingjian.db.errors import DatabaseError
from bingjian.db.session import Database
from bingjian.inventory.errors import WorkerAway
from bingjian.inventory.models import Place
from bingjian.inventory.service import Cameras
from bingjian.journal.append import Journal
from bingjian.journal.errors import JournalUnavailable
from bingjian.journal.refusals import written_down
from bingjian.retention.alarms import HandledAlarms
from bingjian.retention.classes import Classes, keeping_of
from bingjian.retention.copying import Copying
from bingjian.retention.models import ClassRow, Kind, Person
from bingjian.retention.pauses import Pauses
from bingjian.retention.protections import Holds, Marks
from bingjian.retention.remote import Stores
from bingjian.retention.removal import Removal, Signer
from bingjian.retention.space import USUAL_BYTES_PER_S, Room, admit
from bingjian.rules.decision import granted
from bingjian.rules.decisions.retention import Keeping, Term, days_to_keep, longest, terms_of
from bingjian.rules.library import law
from bingjian.tasks import together

ROUND_SECONDS = 15 * 60.0  # between removal rounds: 96 tries within the 24 hours there are
LOOK_SECONDS = 30.0  # between looks for holds to copy and pauses that are over
ASKED_AT_ONCE = 8  # workers' answers awaited for one page of the summary
log = structlog.get_logger()
Task = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept of a camera, and why."""

    camera: UUID
    kind: Kind
    term: Term  # the longest of what is recorded now, marks apart
    oldest: datetime | None  # start of the oldest footage; None: there is none, or its worker is away
    marks: int
    holds: int
    overdue_segments: int


class Retention:
    """Open it, let ``run`` go on in a task, cancel the task to close it."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        cameras: Cameras,
        stores: Stores,
        signer: Signer,
        clock: Clock,
    ) -> None:
        self._journal = journal
        self._cameras = cameras
        self._stores = stores
        self._clock = clock
        self.receipt_key = signer.public_key
        self.classes = Classes(database, journal, clock)
        self.marks = Marks(database, journal, clock)
        self.holds = Holds(database, journal, clock)
        self.pauses = Pauses(database, journal, clock)
        self.copying = Copying(database, journal, cameras, stores, clock)
        self.removal = Removal(database, journal, cameras, stores, signer, clock)
        self.alarms = HandledAlarms(database, journal, clock)

    async def days_needed(self) -> int:
        """The longest that footage of any camera must lie on a disk, marks and holds apart."""
        rows = await self.classes.all_current()
        return max(days_to_keep(law(), keeping) for keeping in [Keeping(), *map(keeping_of, rows)])

    async def may_take_on(self, rooms: Sequence[Room], person: Person) -> None:
        """One camera more. Raises Refused, written down before, if its term does not fit beside the rest."""
        days = await self.days_needed()
        await written_down(self._journal, fitting(rooms, days), person, "camera.add", None)

    async def kept(self, cameras: Sequence[UUID]) -> list[Kept]:
        """The summary of these cameras, in this order."""
        now = utc_now(self._clock)
        classes = await self.classes.current(cameras)
        marks, holds = await self.marks.counts(cameras), await self.holds.counts(cameras)
        overdue, oldest = await self.removal.overdue(cameras), await self._oldest(cameras, now)
        return [
            Kept(
                camera,
                kind_of(classes.get(camera)),
                term_of(classes.get(camera), now),
                oldest.get(camera),
                marks.get(camera, 0),
                holds.get(camera, 0),
                overdue.get(camera, 0),
            )
            for camera in cameras
        ]

    async def _oldest(self, cameras: Sequence[UUID], now: datetime) -> dict[UUID, datetime]:
        gate, found = asyncio.Semaphore(ASKED_AT_ONCE), dict[UUID, datetime]()

        async def ask(place: Place) -> None:
            async with gate:
                try:
                    oldest = await self._stores.oldest(place, now)
                except WorkerAway:
                    return
            if oldest is not None:
                found[place.camera] = oldest

        await asyncio.gather(*map(ask, await self._cameras.places(cameras)))
        return found

    async def run(self, reassign: Task) -> None:
        """Work in the background, for ever.

        Args:
            reassign: called when pauses are over, so that recording goes on.
        """

        async def end_pauses() -> None:
            if await self.pauses.settle():
                await reassign()

        await together(
            repeat("removal", self.removal.round, ROUND_SECONDS, asyncio.Event()),
            repeat("alarms", self.alarms.round, ROUND_SECONDS, asyncio.Event()),
            repeat("copying", self.copying.round, LOOK_SECONDS, self.copying.wanted),
            repeat("pauses", end_pauses, LOOK_SECONDS, asyncio.Event()),
        )


async def fitting(rooms: Sequence[Room], days_needed: int) -> None:
    """Raises Refused."""
    granted(admit(rooms, USUAL_BYTES_PER_S, days_needed))


async def repeat(name: str, work: Task, seconds: float, wanted: asyncio.Event) -> None:
    """Do it now, then every so often or when it is wanted; what goes wrong is logged and tried again.

    What is cancelled may answer with an error of its own, so the task itself is asked before the wait.
    """
    task = asyncio.current_task()
    assert task is not None
    while True:
        wanted.clear()
        try:
            await work()
        except (DatabaseError, JournalUnavailable, WorkerAway) as error:
            log.warning("retention_postponed", work=name, error=str(error))
        except Exception:
            log.exception("bug", work=name)  # the next round may do better; without rounds footage piles up
        if task.cancelling():
            raise asyncio.CancelledError
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await wanted.wait()


def kind_of(row: ClassRow | None) -> Kind:
    return Kind(row.kind) if row is not None else Kind.DEFAULT


def term_of(row: ClassRow | None, now: datetime) -> Term:
    """The longest term of what is recorded now."""
    keeping = keeping_of(row) if row is not None else Keeping()
    return longest(terms_of(law(), keeping, marked=False), now)[0]
