"""Live pictures, masked: of each camera, stream and set of masks one decoder and one encoder while anybody
looks, however many look.
"""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar
from uuid import UUID

import structlog

from bingjian.clock import Clock
from bingjian.formats.access_unit import FormatError
from bingjian.formats.mp4_reader import read_init
from bingjian.imaging.cover import Cover
from bingjian.imaging.errors import ImagingError
from bingjian.imaging.masks import Mask
from bingjian.imaging.rendition import Rendition
from bingjian.processes.imaging_assignment import Views
from bingjian.processes.imaging_originals import Originals, fragments_in
from bingjian.processes.imaging_rooms import Rooms
from bingjian.streaming.http import HttpProblem, Upgrade
from bingjian.streaming.http_websocket import WebSocket
from bingjian.streaming.live import Broadcast, Viewer
from bingjian.streaming.live_client import LiveEnded, watching
from bingjian.streaming.ticket import Ticket
from bingjian.streaming.websocket import CloseCode, Message, Opcode

LINGER_S = 5.0  # after the last viewer: people switch back and forth
AGAIN_S = 1.0  # until the original is asked for again
EARLY_S = 0.05  # pictures of a grant stop so much before its end
# Why there is no picture, for the page's words.
FULL, FAILED, AWAY = "masked_streams_full", "masked_failed", "masked_original_away"

T = TypeVar("T")
log = structlog.get_logger(__name__)


class LiveRendition:
    """One stream, masked."""

    def __init__(
        self, url: Callable[[], str], masks: tuple[Mask, ...], threads: ThreadPoolExecutor, clock: Clock
    ) -> None:
        """``url``: where the original is, signed anew each time."""
        self.broadcast = Broadcast()
        self.started = 0  # decoders, so far
        self.last_watched_ns = clock.monotonic_ns()
        self._url = url
        self._cover = Cover(masks)
        self._threads = threads
        self._rendition: Rendition | None = None
        self.task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        """Until cancelled; whatever goes wrong is a state, never the original."""
        while True:
            try:
                await self._watch()
            except (LiveEnded, HttpProblem) as error:
                self._fail(AWAY, error)
            except (ImagingError, FormatError) as error:
                self._fail(FAILED, error)
            except Exception as error:
                log.exception("masked_live_bug")
                self._fail(FAILED, error)
            await asyncio.sleep(AGAIN_S)

    def _fail(self, cause: str, error: Exception) -> None:
        log.warning("masked_live_failed", cause=cause, reason=str(error))
        self.broadcast.forget()
        self.broadcast.set_state("waiting", cause)

    async def _watch(self) -> None:
        self._rendition, is_init = None, False
        async with watching(f"{self._url()}/live") as messages:
            async for message in messages:
                if message.opcode == Opcode.TEXT:
                    is_init = self._heard(message) or is_init
                elif is_init:
                    is_init = False
                    await self._begin(message.payload)
                else:
                    await self._take(message.payload)

    def _heard(self, message: Message) -> bool:
        """Whether what follows is an init segment."""
        told = json.loads(message.payload)
        if told["type"] == "state":
            self.broadcast.set_state(told["state"], told["cause"])
        elif told["type"] == "skip":
            self.broadcast.forget()
        return bool(told["type"] == "format")

    async def _begin(self, init: bytes) -> None:
        tracks = read_init(init).tracks
        self._rendition = await self._in_thread(lambda: Rendition(tracks, self._cover))
        self.started += 1
        self.broadcast.set_tracks(self._rendition.tracks)

    async def _take(self, data: bytes) -> None:
        rendition = self._rendition
        if rendition is None:
            return
        for samples in fragments_in(data):
            self.broadcast.push(await self._in_thread(partial(rendition.take, samples)))

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


@dataclass(frozen=True, slots=True)
class Watching:
    """A viewer's right to go on."""

    views: Views
    ticket: Ticket
    text: str = field(repr=False)

    def renew(self) -> None:
        self.views.viewings.renew(self.text)

    def holds(self) -> bool:
        return self.views.holds(self.text, self.ticket)

    def left(self) -> None:
        self.views.viewings.left(self.text)


@dataclass(slots=True)
class Turned:
    """Somebody for whom there is no room: told so, and shown out."""

    def on_text(self, text: str) -> None:
        return

    def on_closed(self) -> None:
        return


class MaskedLives:
    """All of them. Lives on the event loop."""

    def __init__(
        self, views: Views, originals: Originals, rooms: Rooms, threads: ThreadPoolExecutor, clock: Clock
    ) -> None:
        self.running: dict[str, LiveRendition] = {}
        self._views = views
        self._originals = originals
        self._rooms = rooms
        self._threads = threads
        self._clock = clock

    def open(self, ticket: Ticket, text: str) -> Upgrade:
        """Raises HttpProblem."""
        try:
            rendition = self._rendition(ticket)
        except HttpProblem as problem:
            if problem.code != FULL:
                raise
            return Upgrade(turned_away)
        right = Watching(self._views, ticket, text)
        return Upgrade(lambda socket: self._watched(socket, rendition, right))

    def _rendition(self, ticket: Ticket) -> LiveRendition:
        masks, camera = self._views.masks_of(ticket), UUID(ticket.camera)
        name = room_of(camera, ticket.role, ticket.masks)
        self._rooms.enter(name, stays=True)
        if name not in self.running:
            role = ticket.role

            def url() -> str:
                return self._originals.live_url(camera, role)

            self.running[name] = LiveRendition(url, masks, self._threads, self._clock)
        return self.running[name]

    def _watched(self, socket: WebSocket, rendition: LiveRendition, right: Watching) -> Viewer:
        viewer = Viewer(socket, rendition.broadcast, right)
        self._views.viewings.joined(right.text)
        if right.ticket.grant:
            left_s = max(0.0, right.ticket.expires - self._views.now() - EARLY_S)
            asyncio.get_running_loop().call_later(left_s, viewer.close, "the grant has ended")
        return viewer

    async def each_second(self) -> None:
        """Viewers whose right has ended are shown out; what nobody has watched for a while ends."""
        now_ns = self._clock.monotonic_ns()
        for name, rendition in list(self.running.items()):
            for viewer in rendition.broadcast.viewers:
                if not viewer.right.holds():
                    viewer.close("the ticket has ended")
            if rendition.broadcast.viewers:
                rendition.last_watched_ns = now_ns
            elif now_ns - rendition.last_watched_ns > LINGER_S * 1e9:
                await self._end(name)

    async def close(self) -> None:
        for name in list(self.running):
            await self._end(name)

    async def _end(self, name: str) -> None:
        task = self.running.pop(name).task
        self._rooms.leave(name)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def room_of(camera: UUID, role: str, masks: str) -> str:
    return f"live {camera} {role} {masks}"


def turned_away(socket: WebSocket) -> Turned:
    """The page says it in words; there is nothing else to be seen."""
    socket.send_text(json.dumps({"type": "state", "state": "waiting", "cause": FULL}))
    socket.close(CloseCode.POLICY, "too many masked pictures")
    return Turned()
