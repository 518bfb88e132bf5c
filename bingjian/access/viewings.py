"""Looks while they last: media workers say who looks through them, and it is written down minute by minute.

What a worker owes the journal is fetched in one batch, made durable together, and only then acknowledged; a
look whose entry stays out is ended by the worker itself (``streaming.viewing``). Of a worker that is lost,
the ends are written here.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import select

from bingjian.access.models import PersonRow, SessionRow
from bingjian.access.register import Register, RegisterRow
from bingjian.access.service import CONSOLE
from bingjian.access.sessions import SESSION_IDLE
from bingjian.clock import Clock, utc_now
from bingjian.db.errors import DatabaseError
from bingjian.db.session import Database
from bingjian.entries import (
    ClockStepped,
    Entry,
    PackageHandedOver,
    TicketsRefused,
    ViewingContinued,
    ViewingEnded,
    VoiceEnded,
)
from bingjian.inventory.errors import WorkerAway
from bingjian.inventory.workers import Worker, Workers, rfc3339
from bingjian.journal.append import Journal
from bingjian.journal.errors import JournalUnavailable
from bingjian.streaming.ticket import OPEN_SECONDS
from bingjian.streaming.viewing import OVERDUE_S, TOLD_EVERY_S, Ending
from bingjian.tasks import together

PAUSE_SECONDS = 2.0  # between two rounds: three fit into what a worker waits (``OVERDUE_S``)
LOST_EVERY = 5  # rounds between two looks for what no worker tells of any more
PATH = "/control/reports"
FRESH = timedelta(seconds=3 * PAUSE_SECONDS)  # what a worker said so long ago still holds
LONGEST_UNSEEN = timedelta(seconds=OPEN_SECONDS + 10)  # so long a ticket may have been given and not used
LOST_AFTER = timedelta(seconds=TOLD_EVERY_S + OVERDUE_S + 10)  # without an answer: nobody looks there
INTRUSIVE = frozenset({"bad_ticket", "replayed_ticket", "bad_credential"})  # what nobody honest shows
log = structlog.get_logger()


@dataclass(slots=True)
class Heard:
    """What a worker last said of itself."""

    at: datetime
    since: datetime  # it has been running since
    looks: set[int] = field(default_factory=set)  # openings that it knows, also those that have ended


class Viewings:
    """Let ``run`` go on in a task, cancel the task to close it."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        workers: Workers,
        register: Register,
        clock: Clock,
        also: Sequence[Worker] = (),
    ) -> None:
        """``also``: who shows pictures beside the media workers, and is asked the same."""
        self._database = database
        self._journal = journal
        self._workers = workers
        self._register = register
        self._clock = clock
        self._also = also
        self._heard = dict[str, Heard]()
        self._begun = utc_now(clock)

    async def run(self) -> None:
        for number in count(1):
            try:
                await self.round()
                if number % LOST_EVERY == 0:
                    await self.end_lost()
            except (JournalUnavailable, DatabaseError) as error:
                log.warning("viewings_postponed", error=type(error).__name__)
            except Exception:
                log.exception("bug", work="viewings")
            await asyncio.sleep(PAUSE_SECONDS)

    async def round(self) -> None:
        """Every worker once. Raises JournalUnavailable."""
        results = await asyncio.gather(
            *(self._hear(worker) for worker in self._shown_by()), return_exceptions=True
        )
        for error in results:
            if isinstance(error, BaseException) and not isinstance(error, WorkerAway):
                raise error

    def _shown_by(self) -> tuple[Worker, ...]:
        return (*self._workers.all(), *self._also)

    # --- one worker

    async def _hear(self, worker: Worker) -> None:
        """Raises WorkerAway, JournalUnavailable."""
        answer = await self._workers.ask(worker, "GET", PATH)
        if answer.status_code != 200:
            raise WorkerAway
        told = answer.json()
        over = await self._register.ended(one["opening"] for one in told["ended"]) if told["ended"] else set()
        ended = [one for one in told["ended"] if one["opening"] not in over]
        entries = [*map(continued_entry, told["due"]), *map(ended_entry, ended)]
        entries += [entry for note in told["notes"] if (entry := note_entry(worker, note)) is not None]
        await together(*(self._journal.append(entry) for entry in entries))
        looks = {number for number, _ in told["open"]} | {one["opening"] for one in told["ended"]}
        self._heard[worker.name] = Heard(utc_now(self._clock), datetime.fromisoformat(told["since"]), looks)
        await self._answer(worker, told)

    async def _answer(self, worker: Worker, told: dict[str, Any]) -> None:
        gone = await self._without_session({UUID(person) for _, person in told["open"]})
        body = {
            "continued": [one["opening"] for one in told["due"]],
            "ended": [one["opening"] for one in told["ended"]],
            "dismissed": [number for number, person in told["open"] if UUID(person) in gone],
            "noted": max((note["number"] for note in told["notes"]), default=0),
        }
        if any(body.values()):
            done = await self._workers.ask(worker, "POST", PATH, json=body)
            if done.status_code != 204:
                raise WorkerAway

    async def _without_session(self, people: set[UUID]) -> set[UUID]:
        """Those who have signed out, or whose account was closed. The console has no sessions."""
        if not people:
            return set()
        now = utc_now(self._clock)
        query = select(PersonRow).join(SessionRow, SessionRow.person == PersonRow.id)
        query = query.where(PersonRow.id.in_(people), SessionRow.expires_at > now)
        query = query.where(SessionRow.seen_at > now - SESSION_IDLE)
        async with self._database.read() as session:
            rows = await session.scalars(query)
            return people - {row.id for row in rows if row.is_open(now)} - {CONSOLE}

    # --- what no worker tells of

    async def end_lost(self) -> None:
        """Write the ends that no worker will tell of. Raises JournalUnavailable."""
        now, after = utc_now(self._clock), -1
        while rows := await self._register.open_viewings(after, now - LONGEST_UNSEEN):
            endings = [(row, ending) for row in rows if (ending := self._ending_of(row, now)) is not None]
            await together(*(self._journal.append(lost_entry(*one, now)) for one in endings))
            after = rows[-1].sequence

    def _ending_of(self, row: RegisterRow, now: datetime) -> Ending | None:
        """Whether a look goes on nowhere; None: it does, or a worker that may have it is yet to be heard."""
        ending: Ending = "unused"
        for worker in self._shown_by():
            heard = self._heard.get(worker.name)
            if now - (heard.at if heard else self._begun) > LOST_AFTER:
                ending = "worker_lost"
            elif heard is None or heard.at <= row.at or now - heard.at > FRESH or row.sequence in heard.looks:
                return None
            elif heard.since > row.at:
                ending = "worker_lost"
        return "worker_lost" if row.watched_s else ending


def continued_entry(one: dict[str, Any]) -> Entry:
    return ViewingContinued(one["person"], one["opening"], one["camera"], one["seconds"])


def ended_entry(one: dict[str, Any]) -> Entry:
    about = one["person"], one["opening"], one["camera"]
    return ViewingEnded(*about, one["reason"], one["at"], one["seconds"])


def lost_entry(row: RegisterRow, ending: Ending, now: datetime) -> Entry:
    about = str(row.person), row.sequence, str(row.camera)
    return ViewingEnded(*about, ending, rfc3339(now), row.watched_s or 0)


def refused_entry(worker: Worker, note: dict[str, Any]) -> TicketsRefused:
    told = note["sign"], note["address"], note["count"], note["at"]
    code = "R31.4" if note["sign"] in INTRUSIVE else "R27.1"
    return TicketsRefused(worker.name, *told, code, note.get("opening"))


def note_entry(worker: Worker, note: dict[str, Any]) -> Entry | None:
    """None: of a later version."""
    if note["kind"] == "refused":
        return refused_entry(worker, note)
    if note["kind"] == "package":
        told = note["entry"], note["file"], note["size_bytes"], note["sha256"]
        return PackageHandedOver(worker.name, note["camera"], *told)
    if note["kind"] == "voice_ended":
        about = note["person"], note["opening"], note["camera"], note["reason"]
        return VoiceEnded(*about, note["heard_from"], note["at"], note["seconds"])
    if note["kind"] == "clock_step":
        return ClockStepped(worker.name, note["step_ms"], note["at"])
    return None
