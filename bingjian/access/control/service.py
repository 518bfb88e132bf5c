"""Controls cameras: the lease, what is written down before the first command, and what ends by itself.

Whoever calls has been let in by the door. Leases live in memory: they last seconds, and no command waits for
a database. What outlives them is one row a camera that is not back (``models``).
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID, uuid4

import structlog
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.control.errors import ControlHeld, ControlOver, NotTurnable, TakenOver
from bingjian.access.control.lease import Controller, Lease, Reason, may_take
from bingjian.access.control.models import TurnedCameraRow
from bingjian.access.control.turning import (
    Turning,
    as_before_if_not_taken,
    may_go_on,
    may_move,
    may_show,
    may_visit,
)
from bingjian.access.decisions import Verb, allowed
from bingjian.access.models import PersonRow, SessionRow
from bingjian.access.sessions import SESSION_IDLE
from bingjian.clock import Clock, utc_now
from bingjian.db.errors import DatabaseError
from bingjian.db.session import Database
from bingjian.entries import (
    CameraHomed,
    ControlBegun,
    ControlEnded,
    ControlTaken,
    Entry,
    PryingSuspected,
    VoiceBegun,
)
from bingjian.inventory.aiming import sight_of
from bingjian.inventory.cruises import Cruises
from bingjian.inventory.mobility import Mobility, mobility_of
from bingjian.inventory.models import CameraRow
from bingjian.inventory.presets import PresetRow, Presets
from bingjian.inventory.turntable import STILL, Lens, Motion, Turntable, TurntableError
from bingjian.inventory.workers import rfc3339
from bingjian.journal.append import Journal
from bingjian.journal.errors import JournalUnavailable
from bingjian.journal.refusals import note_refusal
from bingjian.rules.decision import Grant, Refusal, Refused
from bingjian.rules.decisions.conduct import Aim, is_no_prying
from bingjian.rules.decisions.moving import must_go_home
from bingjian.rules.law import Law

ROUND_SECONDS = 0.5  # a lease whose beats are lost, or a camera at the edge of its sweep, waits no longer
ALIVE = timedelta(seconds=10)  # since the last round; a turntable may take seconds to answer
SETTLES = timedelta(seconds=3)  # so long after a command its position may still change
ENDED_KEPT = 1000  # leases that have ended are remembered, so that whoever lost one is told why
SPEECH_MAX = timedelta(seconds=60)  # one may speak at a time: a key that is stuck does not stay open
VERB = str(Verb.CONTROL)
TurntableOf = Callable[[CameraRow], Turntable | None]
Hush = Callable[[UUID, int], Awaitable[None]]
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants to control, what for, and until when they may at the latest."""

    by: Controller
    organisation: str  # id of whom they act for
    purpose: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class Spoken:
    """The right to speak through a camera once: the entry that is durable, and its last instant."""

    entry: int
    expires: datetime


async def nobody_speaks(camera: UUID, up_to: int) -> None:
    """Without media workers nobody is heard."""


def no_turntables(camera: CameraRow) -> Turntable | None:
    """Without a signal process nothing turns."""
    return None


class Control:
    """Let ``run`` go on in a task, cancel the task to close it."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        clock: Clock,
        law_at: Callable[[datetime], Law],
        whole: Law,
        presets: Presets,
        cruises: Cruises,
    ) -> None:
        """``whole``: what is watched for whether or not the city's measures are in force, as sign-ins are."""
        self._database = database
        self._journal = journal
        self._clock = clock
        self._law_at = law_at
        self._whole = whole
        self.presets, self.cruises = presets, cruises
        self.turntable_of: TurntableOf = no_turntables
        self.hush: Hush = nobody_speaks  # whoever speaks through a camera is cut off
        self._leases = dict[UUID, Lease]()  # by camera
        self._turning = dict[UUID, Turning]()  # by camera
        self._over = dict[UUID, tuple[Reason, Controller | None]]()  # by lease: why, and for whom
        self._locks = defaultdict[UUID, asyncio.Lock](asyncio.Lock)  # by camera
        self._spoke = dict[UUID, int]()  # by lease whose holder may be speaking: the last ``voice.begun``
        self._owed = list[Entry]()  # ends that the journal could not take
        self._rounds = dict[UUID, asyncio.Task[bool]]()  # by camera: the look that goes on, or the last
        self._round_at: datetime | None = None  # when ``round`` was last done

    async def mobility(self, camera: UUID) -> Mobility:
        """Whether it turns; one that is fixed has a lease, too, for whoever speaks through it."""
        return await mobility_of(self._database, camera)

    def holder(self, camera: UUID) -> Lease | None:
        """Who controls a camera now."""
        lease = self._leases.get(camera)
        return lease if lease is not None and lease.over(self.now) is None else None

    @property
    def is_alive(self) -> bool:
        """Whether what ends by itself is looked after."""
        return self._round_at is not None and self.now - self._round_at < ALIVE

    # --- the lease

    async def take(self, camera: CameraRow, wish: Wish) -> Lease:
        """Begin; whoever has it and gives way loses it, and the camera stands still.

        Raises:
            NotTurnable, ControlHeld.
            TurntableError: it does not answer.
            JournalUnavailable: nobody controls it by this, and who had it still does.
        """
        turntable = self.turntable_of(camera)
        if turntable is None:
            raise NotTurnable
        async with self._locks[camera.id]:
            held = self.holder(camera.id)
            if not may_take(held, wish.by):
                assert held is not None
                raise ControlHeld(told_of(held))
            if held is None and (gone := self._leases.get(camera.id)) is not None:
                await self._end(gone, gone.over(self.now) or "silent", None)
            turning = await self._looked_up(camera.id, turntable, wish.by.id)
            await self._watch_prying(turning)  # what whoever had it did is told of them
            entry = await self._write(turning, wish, held)
            if held is not None:
                await self._end(held, "taken", wish.by)
            lease = Lease(uuid4(), camera.id, wish.by, self.now, self.now, wish.expires, entry)
            self._leases[camera.id], self._turning[camera.id] = lease, turning
            turning.taken_by(wish.by.id, self.now)
            return lease

    async def beat(self, camera: UUID, lease: UUID, by: UUID, expires: datetime) -> Lease:
        """Whoever controls is still there, and may until their session ends. Raises ControlOver."""
        held = self._held(camera, lease, by)
        self._leases[camera] = replace(held, beat=self.now, expires=expires)
        return self._leases[camera]

    async def release(self, camera: UUID, lease: UUID, by: UUID) -> None:
        """Stop, and let go. Raises ControlOver."""
        async with self._locks[camera]:
            await self._end(self._held(camera, lease, by), "released", None)

    # --- commands

    @asynccontextmanager
    async def commanding(
        self, camera: UUID, lease: UUID, by: UUID, *, turns: bool = True
    ) -> AsyncIterator[tuple[Lease, Turning]]:
        """One command at a time, of whoever holds this lease. Raises ControlOver, NotTurnable.

        Args:
            turns: it would move the camera, or the lease is needed for what would.
        """
        async with self._locks[camera]:
            held, turning = self._held(camera, lease, by), self._turning[camera]
            if turns and turning.mobility == "fixed":
                raise NotTurnable
            turning.commands += 1
            turning.used_at = self.now
            yield held, turning

    async def move(self, camera: UUID, lease: UUID, by: UUID, motion: Motion, number: int) -> None:
        """Go on so until the next command. Raises ControlOver, Refused (R9.7, R19.4), TurntableError.

        Args:
            number: grows with every command of a lease; one that comes late does nothing.
        """
        async with self.commanding(camera, lease, by) as (held, turning):
            if not turning.is_news(number):
                return
            if motion:
                answer = may_move(self.law, turning, motion)
                if isinstance(answer, Refusal) and turning.is_moving:
                    await self._stop(turning)  # whoever is refused a command no longer steers the one before
                await self.require(held, answer)
            with as_before_if_not_taken(turning):
                turning.moved(motion, self.now)
                await turning.turntable.move(motion)

    async def adjust(self, camera: UUID, lease: UUID, by: UUID, lens: Lens, number: int) -> None:
        """Focus and iris, until the next command. Raises ControlOver, TurntableError."""
        async with self.commanding(camera, lease, by, turns=False) as (_, turning):
            if turning.is_news(number):
                with as_before_if_not_taken(turning):
                    turning.lens, turning.moved_at = lens, self.now
                    await turning.turntable.adjust(lens)

    async def go_to_preset(self, camera: UUID, lease: UUID, by: UUID, number: int) -> None:
        """Raises ControlOver, NotThere, Refused (R9.7, R19.4), TurntableError."""
        async with self.commanding(camera, lease, by) as (held, turning):
            row = await self.presets.get(camera, number)
            await self.require(held, may_visit(self.law, turning, row))
            with as_before_if_not_taken(turning):
                turning.shows(row.view, self.now, is_home=row.is_home)
                await turning.turntable.go_to_preset(number)

    async def go_home(self, camera: UUID, lease: UUID, by: UUID) -> None:
        """Back to the registered view now. Raises ControlOver, Refused (R19.4), TurntableError."""
        async with self.commanding(camera, lease, by) as (held, turning):
            await self._send_home(held, turning)

    async def speak(self, camera: UUID, lease: UUID, by: UUID) -> Spoken:
        """Whoever controls may speak, once and not long. Raises ControlOver, JournalUnavailable."""
        async with self._locks[camera]:
            held = self._held(camera, lease, by)
            expires = min(self.now + SPEECH_MAX, held.expires)
            told = str(by), held.entry, str(camera), held.by.address, rfc3339(expires)
            receipt = await self._journal.append(VoiceBegun(*told))
            self._turning[camera].used_at = self.now
            self._spoke[lease] = receipt.sequence
            return Spoken(receipt.sequence, expires)

    # --- what ends and goes on by itself

    async def recover(self) -> None:
        """What an earlier start of the platform left turned stops, and goes home in the first rounds. Raises
        JournalUnavailable, DatabaseError: the ends of its leases are not all written down.
        """
        async with self._database.read() as session:
            rows = list(await session.scalars(select(TurnedCameraRow)))
            cameras = {row.camera: await session.get(CameraRow, row.camera) for row in rows}
        for row in rows:
            camera = cameras[row.camera]
            turntable = self.turntable_of(camera) if camera is not None else None
            if turntable is not None and row.camera not in self._turning:
                self._turning[row.camera] = await self._left_turned(row, turntable)
        for row in rows:
            await self._recover_end(row, is_there=cameras[row.camera] is not None)

    async def _left_turned(self, row: TurnedCameraRow, turntable: Turntable) -> Turning:
        sight = await sight_of(self._database, row.camera)
        turning = Turning(row.camera, turntable, sight, row.person, row.since)
        turning.home = home_of(await self.presets.of(row.camera))
        turning.mobility = await self.mobility(row.camera)
        turning.is_away = turning.is_panned = turning.is_unstopped = turning.is_let_go = True
        return turning

    async def _recover_end(self, told: TurnedCameraRow, *, is_there: bool) -> None:
        """Once, however often the platform starts; nothing brings a camera home that is gone."""
        about = str(told.person), told.entry, str(told.camera), "restart", rfc3339(self.now)
        end = ControlEnded(*about, seconds_between(told.since, self.now), 0, False)

        async def work(session: AsyncSession) -> None:
            row = await session.get(TurnedCameraRow, told.camera)
            if row is None or row.entry != told.entry:
                return  # somebody has it since
            was_ended, row.is_ended = row.is_ended, True
            if not is_there:
                await session.delete(row)
            await session.flush()
            if not was_ended:
                await self._journal.append(end)

        if not told.is_ended or not is_there:
            await self._database.run(work)

    async def run(self) -> None:
        is_recovered = False
        while True:
            is_recovered = is_recovered or await self._done(self.recover())
            await self._done(self._begin_round())
            await asyncio.sleep(ROUND_SECONDS)

    async def round(self) -> None:
        """Everything that is due now, to its end."""
        await self._done(self._begin_round())
        await asyncio.gather(*self._rounds.values())

    async def _begin_round(self) -> None:
        """Each camera is looked after by itself: one that answers slowly keeps no other turning."""
        without_rights = await self._without_rights()
        for camera in {*self._leases, *self._turning}:
            if camera not in self._rounds or self._rounds[camera].done():
                look = self._look(camera, without_rights)
                self._rounds[camera] = asyncio.create_task(self._done(look))
        for camera in [one for one, task in self._rounds.items() if task.done()]:
            del self._rounds[camera]
        owed, self._owed = self._owed, []
        for entry in owed:
            await self._append(entry)
        self._round_at = self.now

    async def _done(self, work: Awaitable[None]) -> bool:
        """Whether it came to its end; what did not is due again in the next round."""
        try:
            await work
        except (JournalUnavailable, DatabaseError) as error:
            log.warning("control_postponed", error=type(error).__name__)
        except Exception:
            log.exception("bug", work="control")
        else:
            return True
        return False

    async def _look(self, camera: UUID, without_rights: Collection[UUID]) -> None:
        """Raises JournalUnavailable, DatabaseError."""
        lease = self._leases.get(camera)
        if lease is not None:
            reason = self._due(lease)
            if reason is not None or lease.id in without_rights:
                await self._finish(lease, reason or "rights_ended")
        if camera in self._turning:
            await self._look_after(self._turning[camera])

    def _due(self, lease: Lease) -> Reason | None:
        """Why it ends by itself: also where a page is open before which nobody sits (R19.4)."""
        is_unused = self._turning[lease.camera].is_unused(self._whole.number("ptz.idle"), self.now)
        return lease.over(self.now) or ("idle" if is_unused else None)

    async def close(self) -> None:
        """The platform stops: nothing goes on turning."""
        await self.close_rounds()
        await asyncio.gather(*(self._stop(one) for one in self._turning.values()))

    async def close_rounds(self) -> None:
        """Looks that go on are given up."""
        for task in self._rounds.values():
            task.cancel()
        await asyncio.gather(*self._rounds.values(), return_exceptions=True)

    async def _finish(self, lease: Lease, reason: Reason) -> None:
        async with self._locks[lease.camera]:
            now = self._leases.get(lease.camera)
            if now is not None and now.id == lease.id and (reason == "rights_ended" or self._due(now)):
                await self._end(now, reason, None)

    async def _end(self, lease: Lease, reason: Reason, by: Controller | None) -> None:
        """Stop first."""
        turning = self._turning[lease.camera]
        stopped = await self._stop(turning)
        await self._switch_off(turning)
        await self._silence(lease)
        del self._leases[lease.camera]
        self._over[lease.id] = reason, by
        for old in list(islice(self._over, max(0, len(self._over) - ENDED_KEPT))):
            del self._over[old]
        about = str(lease.by.id), lease.entry, str(lease.camera), reason, rfc3339(self.now)
        seconds = seconds_between(lease.begun, self.now)
        await self._append(ControlEnded(*about, seconds, turning.commands, stopped))
        if reason != "taken":
            await self._let_go(turning)

    async def _silence(self, lease: Lease) -> None:
        last = self._spoke.pop(lease.id, None)
        if last is not None:
            await self.hush(lease.camera, last)

    async def _stop(self, turning: Turning) -> bool:
        """Whether the camera said that it stands still."""
        try:
            if turning.mobility != "fixed":
                await turning.turntable.move(STILL)
            if turning.lens != Lens():
                await turning.turntable.adjust(Lens())
        except TurntableError as error:
            turning.is_unstopped = True
            log.warning("camera_not_stopped", camera=str(turning.camera), error=str(error))
            return False
        turning.motion, turning.course = STILL, None
        turning.lens, turning.is_unstopped = Lens(), False
        return True

    async def _switch_off(self, turning: Turning) -> None:
        """What somebody turned on does not stay on without them; told once, for nothing moves by it."""
        for number in sorted(turning.switched):
            try:
                await turning.turntable.switch(number, on=False)
            except TurntableError as error:
                log.warning("switch_not_off", camera=str(turning.camera), switch=number, error=str(error))
        turning.switched.clear()

    async def write(self, entry: Entry) -> None:
        """What is about to be done. Raises JournalUnavailable: it may not be."""
        await self._journal.append(entry)

    async def _append(self, entry: Entry) -> None:
        """What has happened is owed to the journal until it has it."""
        try:
            await self._journal.append(entry)
        except JournalUnavailable:
            self._owed.append(entry)

    async def _without_rights(self) -> set[UUID]:
        """Leases whose person has signed out, or may no longer control anything."""
        people = {lease.by.id for lease in self._leases.values()}
        if not people:
            return set()
        now = self.now
        query = select(PersonRow).join(SessionRow, SessionRow.person == PersonRow.id)
        query = query.where(PersonRow.id.in_(people), SessionRow.expires_at > now)
        query = query.where(SessionRow.seen_at > now - SESSION_IDLE)
        try:
            async with self._database.read() as session:
                rows = await session.scalars(query)
                may = {row.id for row in rows if row.is_open(now) and row.role_set & allowed(Verb.CONTROL)}
        except DatabaseError as error:
            log.warning("control_postponed", error=type(error).__name__)
            return set()  # beats are still counted
        return {lease.id for lease in self._leases.values() if lease.by.id in people - may}

    # --- a camera that is turned

    async def _look_after(self, turning: Turning) -> None:
        """Raises JournalUnavailable."""
        async with self._locks[turning.camera]:
            is_held, answers = turning.camera in self._leases, True
            if not is_held and turning.again_at is not None and self.now < turning.again_at:
                return
            try:
                if turning.is_unstopped:
                    answers = await self._stop(turning)
                await self._watch(turning)
                await self._watch_prying(turning)
                await self._watch_idle(turning)
            except TurntableError as error:
                answers = False
                log.warning("camera_not_told", camera=str(turning.camera), error=str(error))
            turning.looked_after(self.now, answers=answers)

    async def _watch(self, turning: Turning) -> None:
        """While it moves: where it is now, and whether that is still inside. Raises TurntableError."""
        was_moving, is_settled = turning.is_moving, self.now - turning.moved_at > SETTLES
        if is_settled:
            turning.arrived()
        knows_where = turning.position is not None and not was_moving and is_settled
        if not turning.says_where or knows_where:
            return
        found = await turning.turntable.position()
        if found is None:
            answer = may_go_on(self.law, turning)
            turning.lost()
            if isinstance(answer, Refusal):
                await self._turn_back(turning, answer)
            return
        turning.found_at(found)
        turning.look_where(self.now)
        if turning.aim is None or turning.sight.sweep is None:
            return
        answer = may_show(self.law, turning.sight, turning.aim)
        if isinstance(answer, Grant):
            turning.inside = found
        elif was_moving:
            await self._turn_back(turning, answer)

    async def _turn_back(self, turning: Turning, answer: Refusal) -> None:
        """It has left the sweep: back to where it was inside. Raises TurntableError, JournalUnavailable."""
        await self._stop(turning)
        if turning.inside is not None:
            await turning.turntable.go_to(turning.inside)
            turning.aim = turning.sight.aim_of(turning.inside)
        lease = self._leases.get(turning.camera)
        if lease is not None:
            await note_refusal(self._journal, answer, lease.by, VERB, turning.camera)

    async def _watch_prying(self, turning: Turning) -> None:
        """R31.1. Raises JournalUnavailable."""
        since, now = turning.aimed_since, self.now
        if since is None or turning.is_told:
            return
        if isinstance(self.may_rest(turning, since, now), Refusal):
            told = rfc3339(since), seconds_between(since, now), turning.sight.is_masked_inside
            await self._journal.append(PryingSuspected(str(turning.person), str(turning.camera), *told))
            turning.is_told = True

    def may_rest(self, turning: Turning, since: datetime, now: datetime) -> Grant | Refusal:
        """R31.1: whether it may have been aimed at what a mask hides for so long."""
        return is_no_prying(self._whole, Aim(since, turning.sight.is_masked_inside), now)

    async def _watch_idle(self, turning: Turning) -> None:
        """R19.4. Raises TurntableError, JournalUnavailable."""
        idle_s = (self.now - turning.moved_at).total_seconds()
        if turning.is_away and not turning.is_moving and must_go_home(self._whole, max(0.0, idle_s)):
            if not await self._bring_home(turning):
                return
            await self._append(CameraHomed(str(turning.person), str(turning.camera), int(idle_s)))
        if turning.camera not in self._leases:
            await self._let_go(turning)

    async def _send_home(self, held: Lease, turning: Turning) -> None:
        """Raises Refused, TurntableError."""
        if not await self._bring_home(turning):
            await self.require(held, may_move(self.law, turning, STILL))
        turning.moved_at = self.now

    async def _bring_home(self, turning: Turning) -> bool:
        """Whether it has a home to go to. Raises TurntableError."""
        if turning.home is not None:
            await turning.turntable.go_to_preset(turning.home)
        elif turning.start is not None:
            await turning.turntable.go_to(turning.start)
        else:
            return False
        turning.went_home()
        return True

    async def _let_go(self, turning: Turning) -> None:
        """Nobody has it any more; once it is home, nothing of it is left."""
        is_home = not turning.is_away and not turning.is_unstopped
        if turning.is_let_go and not is_home:
            return

        async def work(session: AsyncSession) -> None:
            if is_home:
                await session.execute(delete(TurnedCameraRow).where(TurnedCameraRow.camera == turning.camera))
                return
            row = await session.get(TurnedCameraRow, turning.camera)
            if row is not None:
                row.is_ended = True

        await self._database.run(work)
        turning.is_let_go = True
        if is_home:
            self._turning.pop(turning.camera, None)

    # --- both

    @property
    def now(self) -> datetime:
        return utc_now(self._clock)

    @property
    def law(self) -> Law:
        return self._law_at(self.now)

    async def _looked_up(self, camera: UUID, turntable: Turntable, person: UUID) -> Turning:
        """As it is now: what its file says is read anew at every beginning. Raises TurntableError."""
        sight = await sight_of(self._database, camera)
        turning = self._turning.get(camera) or Turning(camera, turntable, sight, person, self.now)
        turning.sight, turning.turntable = sight, turntable
        turning.mobility = await self.mobility(camera)
        turning.home = home_of(await self.presets.of(camera))
        if turning.mobility == "fixed":
            return turning
        position = await turntable.position()
        if position is None and turning.position is not None:
            turning.lost()
        if position is not None:
            turning.found_at(position)
            turning.inside = turning.inside or position
            turning.start = turning.start if turning.is_away else position
        return turning

    async def _write(self, turning: Turning, wish: Wish, held: Lease | None) -> int:
        """The entry, durable, and that the camera is to be brought back. Raises JournalUnavailable."""
        told = (wish.purpose, str(wish.by.role), wish.by.address, rfc3339(wish.expires), wish.organisation)
        begun: Entry = ControlBegun(str(wish.by.id), str(turning.camera), *told)
        if held is not None:
            begun = ControlTaken(str(wish.by.id), str(turning.camera), *told, str(held.by.id))

        async def work(session: AsyncSession) -> int:
            receipt = await self._journal.append(begun)
            row = await session.get(TurnedCameraRow, turning.camera)
            if row is None:
                row = TurnedCameraRow(camera=turning.camera)
                session.add(row)
            row.person, row.entry, row.since, row.is_ended = wish.by.id, receipt.sequence, self.now, False
            return receipt.sequence

        return await self._database.run(work)

    def _held(self, camera: UUID, lease: UUID, by: UUID) -> Lease:
        """Raises ControlOver, TakenOver."""
        held = self.holder(camera)
        if held is not None and held.id == lease and held.by.id == by:
            return held
        reason, taker = self._over.get(lease, ("silent", None))
        if reason == "taken" and taker is not None:
            raise TakenOver(f"{taker.name} ({taker.role}) controls it now")
        raise ControlOver("you no longer control this camera: take it again")

    async def require(self, held: Lease, answer: Grant | Refusal) -> None:
        """Raises Refused: written down."""
        if isinstance(answer, Refusal):
            await note_refusal(self._journal, answer, held.by, VERB, held.camera)
            raise Refused(answer)


def home_of(presets: list[PresetRow]) -> int | None:
    return next((row.number for row in presets if row.is_home), None)


def told_of(lease: Lease) -> str:
    return f"{lease.by.name} ({lease.by.role}) controls it"


def seconds_between(since: datetime, now: datetime) -> int:
    return max(0, int((now - since).total_seconds()))
