"""What we want to know of every device that comes: who it is, its catalogue, its keep-alive interval, and to
be told of changes and alarms; of those that move and are set so, where they are.

    fresh, or back after our restart ─► waiting ─► its turn: SUBSCRIBE, DeviceInfo, BasicParam, Catalog
                                                                 not complete: again later ◄─┘

Bounded in number at once and jittered: after a power cut ten thousand come within seconds, and keep-alives
and registrations go first.
"""

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog

from bingjian.protocols.gb28181 import manscdp
from bingjian.protocols.gb28181.manscdp.catalog import CatalogQuery
from bingjian.protocols.gb28181.manscdp.configuration import Configuration
from bingjian.protocols.gb28181.manscdp.message import Message
from bingjian.protocols.gb28181.manscdp.queries import (
    AlarmQuery,
    ConfigDownloadQuery,
    DeviceInfoQuery,
    MobilePositionQuery,
)
from bingjian.protocols.gb28181.manscdp.responses import DeviceInfo
from bingjian.protocols.sip.client_transactions import TooManyRequests
from bingjian.protocols.sip.deadlines import Deadlines
from bingjian.protocols.sip.dialog import DialogKey
from bingjian.protocols.sip.message import Request
from bingjian.protocols.sip.registrar_events import Gone, Kept, Registered, Why
from bingjian.protocols.sip.reply import Peer
from bingjian.protocols.sip.subscription_events import Lapsed, RefreshDue, SubscriptionEvent
from bingjian.protocols.sip.subscription_events import Why as LapsedWhy
from bingjian.signalling.catalogues import Catalogues
from bingjian.signalling.endpoint import Endpoint
from bingjian.signalling.listener import Listener
from bingjian.signalling.problems import Problem
from bingjian.signalling.queries import Queries

AT_ONCE = 64  # devices that are asked at a time
TURN_S = 0.5  # a slow one's answers are waited for beside the next ones' turns: many never answer all
PER_SECOND = 150.0  # devices begun with; each costs some ten messages, all together a third of a core
BURST = 8.0  # at once, after a pause: the more, the longer others' keep-alives wait
PAUSE_S, IDLE_S = 0.02, 0.1  # between two looks who is next
JITTER_S = 2.0  # up to so long after its registration: it has other things to do then
EXPIRES_S = 3600  # of subscriptions; refreshed at 80 %
CATALOGUE_AGAIN_S = (60.0, 600.0)  # after a run that was not complete
AGAIN_S = 30.0  # for a subscription that lapsed though the device is there
SUBSCRIBE_TRIES = 3  # then until its next registration it is taken to know none
TRIES_S = 600.0  # one that lapses so long after the last failure had held: it fails for the first time

CATALOG, ALARM, POSITION = "Catalog", "Alarm", "MobilePosition"
# The id tells apart what one dialog has; ours has one. The standard names no event for positions in either
# edition: devices and platforms take "presence".
EVENTS = {CATALOG: "Catalog;id=1", ALARM: "presence", POSITION: "presence"}

log = structlog.get_logger(__name__)


class Watch(Listener):
    """Belongs to the event loop; ``run`` has to run."""

    def __init__(self, endpoint: Endpoint, queries: Queries, catalogues: Catalogues) -> None:
        self._endpoint, self._queries, self._catalogues = endpoint, queries, catalogues
        self._waiting: OrderedDict[str, float] = OrderedDict()  # when its turn may come
        self._missed: set[str] = set()  # registered, but we have not begun with them; all others are watched
        self._owed: set[tuple[str, str]] = set()  # subscriptions that were due while the device was silent
        self._tries: dict[tuple[str, str], tuple[int, float]] = {}  # of subscriptions: failures, the last
        self._incomplete: dict[str, int] = {}  # runs of a catalogue that were not complete
        self._later: Deadlines[tuple[str, str]] = Deadlines()  # device, what to do again
        self._busy: set[asyncio.Task[None]] = set()  # devices whose turn it is
        self._asking: set[asyncio.Task[None]] = set()
        endpoint.add_timed(self)

    # --- who comes and goes ------------------------------------------------------------------------------

    def on_registered(self, outcome: Registered, request: Request) -> None:
        if outcome.fresh or outcome.device in self._missed:
            self._want(outcome.device)
        elif outcome.doubtful:
            self._refresh_all(outcome.device)
        self._subscribe_owed(outcome.device)

    def on_restored(self, device: str) -> None:
        self._missed.add(device)

    def on_kept(self, device: str, kept: Kept, peer: Peer) -> None:
        """Back after our own restart, or after it was silent when its turn came."""
        if kept.returned and device in self._missed:
            self._want(device)
        if kept.returned:
            self._subscribe_owed(device)

    def on_removed(self, device: str) -> None:
        self._forget(device)

    def on_dismissed(self, device: str) -> None:
        self._forget(device)

    def on_gone(self, device: str, gone: Gone) -> None:
        if gone.why is not Why.SILENT:
            self._forget(device)

    def _want(self, device: str) -> None:
        self._forget(device)
        self._waiting[device] = self._endpoint.now() + JITTER_S * secrets.randbelow(1_000) / 1_000

    def _forget(self, device: str) -> None:
        self._waiting.pop(device, None)
        self._missed.discard(device)
        self._incomplete.pop(device, None)
        for subject in EVENTS:
            self._owed.discard((device, subject))
            self._tries.pop((device, subject), None)
            self._later.clear((device, subject))

    def _is_watched(self, device: str) -> bool:
        """Of 100 000 all are, so the others are what is remembered."""
        is_late = device in self._waiting or device in self._missed
        return not is_late and self._endpoint.registrar.binding(device) is not None

    # --- one after the other -----------------------------------------------------------------------------

    async def run(self) -> None:
        """For ever, at a steady pace however exactly we are woken."""
        allowed, last = 0.0, self._endpoint.now()
        while True:
            await asyncio.sleep(PAUSE_S if self._waiting else IDLE_S)
            now = self._endpoint.now()
            allowed, last = min(allowed + (now - last) * PER_SECOND, BURST), now
            while allowed >= 1.0 and len(self._busy) < AT_ONCE and self._begin_next(now):
                allowed -= 1.0

    async def close(self) -> None:
        busy = [*self._busy, *self._asking]
        for task in busy:
            task.cancel()
        await asyncio.gather(*busy, return_exceptions=True)

    def _begin_next(self, now: float) -> bool:
        """The first, if its jitter is over; else the next is looked at next. All jitters are alike."""
        device, at = next(iter(self._waiting.items()), ("", now))
        if at > now:
            self._waiting.move_to_end(device)
        if not device or at > now:
            return False
        del self._waiting[device]
        task = asyncio.create_task(self._look(device))
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)
        return True

    async def _look(self, device: str) -> None:
        if self._endpoint.peer_of(device) is None:
            if self._endpoint.registrar.binding(device) is not None:
                self._missed.add(device)
            return
        for subject in EVENTS:
            self._subscribe(device, subject)
        self._endpoint.flush()
        steps = (self._ask_info, self._ask_interval, self._ask_catalogue)
        asking = [self._start(self._try(step, device)) for step in steps]
        await asyncio.wait(asking, timeout=TURN_S)

    async def _try(self, step: Callable[[str], Awaitable[None]], device: str) -> None:
        try:
            await step(device)
        except Problem as problem:
            log.debug("device_not_asked", device=device, step=step.__name__, reason=str(problem))

    def _start(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.create_task(work)
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)
        return task

    async def _ask_info(self, device: str) -> None:
        """The answer goes into the book by itself."""
        query = DeviceInfoQuery(sn=self._queries.next_sn(), device_id=device)
        await self._queries.ask(device, query, DeviceInfo)

    async def _ask_interval(self, device: str) -> None:
        """A device that keeps alive less often than we were told is not silent in between."""
        sn = self._queries.next_sn()
        query = ConfigDownloadQuery(sn=sn, device_id=device, config_type="BasicParam")
        told: Configuration = await self._queries.ask(device, query, Configuration)
        if told.basic is not None:
            self._endpoint.expect_every(device, told.basic.usable_heartbeat[0])

    async def _ask_catalogue(self, device: str) -> None:
        if await asyncio.shield(self._catalogues.run(device)):
            self._incomplete.pop(device, None)
            return
        failed = self._incomplete.get(device, 0)
        if failed < len(CATALOGUE_AGAIN_S):
            self._incomplete[device] = failed + 1
            self._later.set((device, ""), self._endpoint.now() + CATALOGUE_AGAIN_S[failed])
            self._endpoint.flush()

    # --- subscriptions -----------------------------------------------------------------------------------

    def on_subscription(self, event: SubscriptionEvent) -> None:
        if isinstance(event, RefreshDue) and event.topic in EVENTS:
            self._refresh(event.subscription, event.device, event.topic)
        elif isinstance(event, Lapsed) and event.topic in EVENTS:
            self._lapsed(event.device, event.topic, event.why)

    def reset_positions(self, device: str) -> None:
        """Positions were switched on or off, or are wanted at another interval.

        Of another interval in the same dialog many devices take no notice: the subscription is ended, and
        made anew when it has lapsed.
        """
        self._tries.pop((device, POSITION), None)
        self._later.clear((device, POSITION))
        known = self._endpoint.subscriptions.of_device(device, POSITION)
        for key in known:
            self._unsubscribe(key, device)
        if not known:
            self._subscribe(device, POSITION)

    def _unsubscribe(self, key: DialogKey, device: str) -> None:
        body, now = self._body(device, POSITION), self._endpoint.now()
        for event in self._endpoint.subscriptions.unsubscribe(key, manscdp.CONTENT_TYPE, body, now):
            self.on_subscription(event)

    def _is_wanted(self, device: str, subject: str) -> bool:
        return self._is_watched(device) and (subject != POSITION or self._positions_s(device) > 0)

    def _positions_s(self, device: str) -> int:
        known = self._endpoint.devices.get(device)
        return known.positions_s if known is not None else 0

    def _subscribe(self, device: str, subject: str) -> None:
        peer = self._endpoint.peer_of(device)
        if not self._is_wanted(device, subject):
            return
        if peer is None:
            self._owed.add((device, subject))
            return
        local, now = self._endpoint.local_for(peer), self._endpoint.now()
        body, kind = self._body(device, subject), manscdp.CONTENT_TYPE
        try:
            self._endpoint.subscriptions.subscribe(
                local, peer, device, EVENTS[subject], EXPIRES_S, kind, body, now, subject
            )
        except TooManyRequests:
            self._later.set((device, subject), now + AGAIN_S)

    def _subscribe_owed(self, device: str) -> None:
        """It is heard again."""
        for subject in EVENTS:
            if (device, subject) in self._owed:
                self._owed.discard((device, subject))
                self._subscribe(device, subject)

    def _refresh_all(self, device: str) -> None:
        """A device that has started anew knows none of them, and says so; then they are made again."""
        for subject in EVENTS:
            for key in self._endpoint.subscriptions.of_device(device, subject):
                self._refresh(key, device, subject)

    def _refresh(self, key: DialogKey, device: str, subject: str) -> None:
        if self._endpoint.peer_of(device) is None:
            return
        try:
            body = self._body(device, subject)
            self._endpoint.subscriptions.refresh(key, manscdp.CONTENT_TYPE, body, self._endpoint.now())
        except TooManyRequests:
            log.debug("subscription_not_refreshed", device=device)  # it is due again in a while

    def _body(self, device: str, subject: str) -> bytes:
        sn = self._queries.next_sn()
        query: Message = CatalogQuery(sn=sn, device_id=device)
        if subject == ALARM:
            query = AlarmQuery(sn=sn, device_id=device, start_priority="0", end_priority="0", method="0")
        elif subject == POSITION:
            query = MobilePositionQuery(sn=sn, device_id=device, interval=self._positions_s(device) or None)
        return self._queries.written(device, query)

    def _lapsed(self, device: str, subject: str, why: LapsedWhy) -> None:
        """A device that knows no such event is not asked again until it registers anew."""
        if why is LapsedWhy.OURS:
            self._subscribe(device, subject)  # as it is wanted now, if it is
            return
        if why is LapsedWhy.REFUSED or not self._is_wanted(device, subject):
            return
        now = self._endpoint.now()
        tries, failed_at = self._tries.get((device, subject), (0, now))
        tries = tries + 1 if now - failed_at < TRIES_S else 1
        self._tries[device, subject] = tries, now
        if tries < SUBSCRIBE_TRIES:
            self._later.set((device, subject), now + AGAIN_S)

    # --- time --------------------------------------------------------------------------------------------

    def next_deadline(self) -> float | None:
        return self._later.next()

    def expire(self, now: float) -> None:
        for device, subject in self._later.due(now):
            if subject:
                self._subscribe(device, subject)
            elif self._is_watched(device):
                self._start(self._try(self._ask_catalogue, device))

    def figures(self) -> dict[str, int]:
        waiting = len(self._waiting)
        watched = len(self._endpoint.registrar) - waiting - len(self._missed)
        return {"waiting": waiting, "asking": len(self._asking), "watched": watched}
