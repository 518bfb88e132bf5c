"""GB/T 28181 as the platform has it: devices, channels, matches, places, alarms, and who speaks with them.

The database says what is wanted; ``refresh`` makes it so: sources of cameras, the assignment of the signal
process, and that of the media workers. ``follow`` takes in what devices do.
"""

import asyncio
import hashlib
import json
from collections.abc import Awaitable, Callable, Iterable, Set
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog

from bingjian.clock import Clock
from bingjian.db.errors import DatabaseError, DatabaseRefuses
from bingjian.db.session import Database
from bingjian.inventory.camera_file_service import CameraFiles, LawAt
from bingjian.inventory.errors import SignalAway, SignalOff
from bingjian.inventory.gb28181.alarms import Alarms
from bingjian.inventory.gb28181.channels import Channels
from bingjian.inventory.gb28181.devices import GbDevices
from bingjian.inventory.gb28181.endings import DeviceEndings
from bingjian.inventory.gb28181.intake import Intake
from bingjian.inventory.gb28181.matching import Matching
from bingjian.inventory.gb28181.positions import Positions
from bingjian.inventory.gb28181.registered import Registered, Sources, by_device
from bingjian.inventory.gb28181.signal_client import WAIT_SECONDS, SignalClient, SignalPlace, Told
from bingjian.inventory.gb28181.upkeep import Upkeep
from bingjian.inventory.service import Cameras
from bingjian.inventory.vault import Vault
from bingjian.inventory.workers import Stopped, Workers
from bingjian.journal.append import Journal
from bingjian.journal.errors import JournalUnavailable

AGAIN_SECONDS = 2.0  # after the signal process, the database or the journal was away
AGAIN_MOST = 30.0  # after a fault of ours that stays: each wait is twice the one before, up to this
TRIES = 3  # of events in which something is a fault of ours; then they are taken one by one
REFRESH_SECONDS = 15.0  # what nobody announced (a place was given to a file) is seen then
BINDINGS_AT_ONCE = 500  # devices in one question, and in one transaction
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Listens:
    """What is set in a device so that it finds us; empty while GB/T 28181 is off."""

    id: str = ""
    domain: str = ""
    host: str = ""
    port: int = 0
    tls_port: int = 0  # 0: not over TLS


async def nobody() -> None:
    return


class Gb28181:
    """One for the platform, with or without a signal process."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        vault: Vault,
        cameras: Cameras,
        files: CameraFiles,
        clock: Clock,
        law_at: LawAt,
        place: SignalPlace | None,
        epoch: int,
        listens: Listens | None = None,
    ) -> None:
        """``place``: where the signal process is; None: GB/T 28181 is off."""
        self.client = SignalClient(place)
        self.listens = listens or Listens()
        endings = DeviceEndings(journal, clock, law_at)
        self.devices = GbDevices(database, journal, vault, clock, endings)
        self.channels = Channels(database)
        self.positions = Positions(database, clock)
        self.matching = Matching(database, journal, files, clock, law_at, endings)
        self.sources = Sources(database, cameras, clock, law_at)
        self.alarms = Alarms(database, journal, clock)
        self.upkeep = Upkeep(database, journal, self.client)
        self._assign_workers: Callable[[], Awaitable[None]] = nobody
        self._intake = Intake(database, journal, clock)
        self._epoch = epoch
        self._turn = asyncio.Lock()
        self._assigned = ""  # hash of what the signal process took last
        self._stored = frozenset[tuple[UUID, str]]()  # registered channels, as media workers were told
        self._run, self._after = "", 0  # how far its events have been taken in
        self._faults = 0  # of ours, one after the other, while events were taken in
        self._is_blind = False  # events were lost: who is online has to be asked

    def attend(self, workers: Workers, others: Stopped) -> None:
        """Keep what is not registered from the media workers (R9.6), beside what ``others`` keep."""

        async def stopped() -> Set[UUID]:
            return await others() | await self.sources.unregistered()

        workers.stopped, self._assign_workers = stopped, workers.assign_all

    @property
    def is_on(self) -> bool:
        return self.client.is_on

    async def refresh(self) -> None:
        """After something was changed here: bring cameras, media workers and the signal process up to it."""
        async with self._turn:
            registered = await self.sources.registered()
            given = await self.sources.settle(registered)
            stored = frozenset((one.camera, one.address) for one in registered)
            if self.is_on:  # first: a worker that called a channel too soon would be refused
                await self._assign(registered)
            if given or stored != self._stored:
                self._stored = stored
                await self._assign_workers()

    async def _assign(self, registered: Iterable[Registered]) -> None:
        admitted = by_device(registered)
        devices = [
            {**told, "admitted": sorted(admitted.get(told["id"], ()))}
            for told in await self.devices.assigned()
        ]
        digest = hashlib.sha256(json.dumps(devices, sort_keys=True).encode()).hexdigest()
        if digest == self._assigned:
            return
        try:
            await self.client.assign(self._epoch, devices)
        except SignalAway:
            log.warning("signal_assignment_not_taken")
            self._assigned = ""
        else:
            self._assigned = digest

    async def keep_fresh(self) -> None:
        """``refresh`` now and then, for ever."""
        while True:
            try:
                await self.refresh()
            except (DatabaseError, JournalUnavailable) as error:
                log.error("gb_refresh_postponed", error=str(error))
            except Exception:
                log.exception("bug", work="gb_refresh")
            await asyncio.sleep(REFRESH_SECONDS)

    async def follow(self) -> None:
        """Take in what devices do, for ever."""
        while self.is_on:
            try:
                await self.take_next()
                self._faults = 0
            except Exception as error:
                if is_away(error):
                    log.warning("gb_events_wait", error=type(error).__name__)
                    await asyncio.sleep(AGAIN_SECONDS)
                else:
                    self._faults += 1
                    log.exception("bug", work="gb_events", tries=self._faults)
                    await asyncio.sleep(pause_after(self._faults))

    async def take_next(self, wait_s: int | None = None) -> int:
        """The next events; how many there were. Raises SignalAway, DatabaseError, JournalUnavailable.

        A fault of ours in one of them keeps the others waiting for TRIES times, and no longer.
        """
        wait_s = WAIT_SECONDS if wait_s is None and self._run and not self._is_blind else wait_s or 0
        told = await self.client.events(self._run, self._after, wait_s)
        if told.run != self._run:
            await self._meet(told)
            return 0
        if self._faults + 1 < TRIES:
            await self._intake.take(told.run, told.events)
        else:
            await self._take_singly(told)
        self._after = max((seq_of(event) for event in told.events), default=self._after)
        self._is_blind |= told.lost
        if self._is_blind:
            await self._look_around()
        return len(told.events)

    async def _take_singly(self, told: Told) -> None:
        """Each event by itself. The one that is a fault of ours is named in the log, and left out."""
        for event in told.events:
            try:
                await self._intake.take(told.run, [event])
            except Exception as error:
                if is_away(error):
                    raise
                named = {name: event.get(name) for name in ("seq", "at", "kind", "device")}
                log.exception("gb_event_put_aside", run=told.run, **named)
                self._is_blind = True  # it may have said who came or went
            self._after = max(self._after, seq_of(event))

    async def _meet(self, told: Told) -> None:
        """A signal process that has just started, or that we do not know: its events from the first on."""
        self._run, self._after, self._assigned, self._is_blind = told.run, 0, "", True
        await self.refresh()
        await self._look_around()

    async def _look_around(self) -> None:
        """Who is online: asked after events were lost."""
        codes = await self.devices.codes()
        for first in range(0, len(codes), BINDINGS_AT_ONCE):
            some = codes[first : first + BINDINGS_AT_ONCE]
            bindings = await self.client.bindings(some)
            await self._intake.set_bindings({code: bindings.get(code) for code in some})
        self._is_blind = False

    async def state(self) -> dict[str, Any] | None:
        """Counts and ports of the signal process; None: it is off, or does not answer."""
        try:
            return await self.client.state()
        except (SignalOff, SignalAway):
            return None

    async def close(self) -> None:
        await self.client.close()


def pause_after(faults: int) -> float:
    """Seconds, after so many faults of ours one after the other."""
    return min(AGAIN_SECONDS * 2.0 ** min(faults - 1, 10), AGAIN_MOST)


def is_away(error: Exception) -> bool:
    """Whether what we need is not there for the moment: no fault of ours, and nobody's event is to blame."""
    is_ours = isinstance(error, DatabaseRefuses)
    return isinstance(error, (SignalAway, DatabaseError, JournalUnavailable)) and not is_ours


def seq_of(event: dict[str, Any]) -> int:
    seq = event.get("seq")
    return seq if isinstance(seq, int) else 0
