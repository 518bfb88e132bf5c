"""The imaging process: decodes pictures at low priority, apart, so that a broken stream hurts nothing else.

``python -m bingjian.processes.imaging`` with an ``ImagingConfig`` as JSON on standard input.

    /still, /sprite, /control/…   the web process, with the bearer credential, on a port of this machine
    /m/<ticket>/…                 viewers of masked renditions, on a port of their own
"""

import asyncio
import hmac
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import structlog
import uvloop
from pydantic import BaseModel, Field

from bingjian import telemetry
from bingjian.clock import Clock, SystemClock
from bingjian.imaging.cover import Cover
from bingjian.imaging.errors import ImagingError
from bingjian.imaging.sprite import TILES_MAX, WIDTH_MAX, WIDTH_MIN, sprite_of
from bingjian.imaging.still import jpeg_of
from bingjian.processes.imaging_assignment import Views
from bingjian.processes.imaging_copies import MaskedCopies
from bingjian.processes.imaging_live import MaskedLives
from bingjian.processes.imaging_originals import Originals
from bingjian.processes.imaging_playback import MaskedPlayback
from bingjian.processes.imaging_rooms import Rooms
from bingjian.processes.media_requests import unknown
from bingjian.streaming.http import (
    HttpProblem,
    Limits,
    Request,
    Response,
    Upgrade,
    json_response,
    text_response,
)
from bingjian.streaming.http_server import HttpServer
from bingjian.streaming.ticket import COPIES, Ticket

NICENESS = 10  # recording and watching go first
BODY_MAX = 64 * 1024 * 1024  # bytes; one GOP of a 4K camera with a key frame every 10 s stays below
WAITING_MAX = 16  # pictures in the queue; the seventeenth is told to come back
VIEW_LIMITS = Limits(body_bytes=4096)  # a viewer sends heartbeats
STOP_SECONDS = 2.0  # for answers under way when we stop
log = structlog.get_logger()

T = TypeVar("T")


class ImagingConfig(BaseModel):
    """What the supervisor hands over."""

    host: str = "127.0.0.1"
    port: int = Field(ge=1, le=65535)
    credential: str = Field(repr=False, min_length=16)
    views_host: str = "127.0.0.1"
    views_port: int = Field(default=0, ge=0, le=65535)  # 0: any free one, see /control/state
    masked_streams: int = Field(default=1, ge=1)  # made at a time
    copies_dir: str = ""  # for masked copies; empty: a temporary one
    log_level: str = "info"


@dataclass
class Studio:
    """Answers the web process; one picture is decoded at a time."""

    credential: str = field(repr=False)
    clock: Clock
    masked: "MaskedViews"
    waiting: int = 0
    thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "decode"))

    async def handle(self, request: Request) -> Response:
        if request.path == "/healthz" and request.method in ("GET", "HEAD"):
            return text_response("ok")
        if not hmac.compare_digest(request.bearer().encode(), self.credential.encode()):
            self.masked.views.reports.note_refused("bad_credential", request.peer)
            raise HttpProblem(401, "not_authorised", "this port wants its credential")
        if request.method == "POST" and request.path == "/still":
            return Response(200, await self.still(request), "image/jpeg")
        if request.method == "POST" and request.path == "/sprite":
            return await self.sprite(request)
        if request.path.startswith("/control/"):
            return await self.masked.control(request)
        raise HttpProblem(404, "not_found", "there is no such path")

    async def still(self, request: Request) -> bytes:
        wanted = number_in(request, "at_90k") if "at_90k" in request.query else None
        cover = self.cover(request)
        return await self.decoded(lambda: jpeg_of(request.body, self.clock, wanted, cover))

    async def sprite(self, request: Request) -> Response:
        """The JPEG; its header says how it is laid out."""
        columns, width = number_in(request, "columns"), number_in(request, "width")
        if not 1 <= columns <= TILES_MAX or not WIDTH_MIN <= width <= WIDTH_MAX:
            raise HttpProblem(400, "bad_query", "that is no sprite")
        cover = self.cover(request)
        made = await self.decoded(lambda: sprite_of(request.body, columns, width, self.clock, cover))
        layout = f"{made.tile_width} {made.tile_height} {made.columns} {made.tiles}"
        return Response(200, made.jpeg, "image/jpeg", (("X-Layout", layout),))

    def cover(self, request: Request) -> Cover | None:
        """The masks that the request names by their digest, as they are in force. Raises HttpProblem."""
        if "masks" not in request.query:
            return None
        try:
            camera = UUID(request.query.get("camera", ""))
        except ValueError as error:
            raise HttpProblem(400, "bad_query", "camera must be an id") from error
        begin_90k = number_in(request, "begin_90k") if "begin_90k" in request.query else None
        grant = request.query.get("grant", "")
        return Cover(self.masked.views.masks(camera, grant, begin_90k, request.query["masks"]))

    async def decoded(self, work: Callable[[], T]) -> T:
        """One after the other, in the one thread. Raises HttpProblem."""
        if self.waiting >= WAITING_MAX:
            raise HttpProblem(503, "busy", "too many pictures are waiting", (("Retry-After", "1"),))
        self.waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self.thread, work)
        except ImagingError as error:
            raise HttpProblem(422, "no_picture", str(error)) from error
        finally:
            self.waiting -= 1


def number_in(request: Request, name: str) -> int:
    """A number of the query. Raises HttpProblem 400."""
    text = request.query.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise HttpProblem(400, "bad_query", f"{name} must be a number")
    return int(text)


class MaskedViews:
    """Everything that viewers get of this process."""

    def __init__(self, config: ImagingConfig, clock: Clock) -> None:
        self.views = Views(clock)
        self.rooms = Rooms(config.masked_streams, clock)
        self.originals = Originals(self.views)
        self.threads = ThreadPoolExecutor(config.masked_streams, "mask")
        making = self.views, self.originals, self.rooms, self.threads
        self.playback = MaskedPlayback(*making)
        self.lives = MaskedLives(*making, clock)
        self.copies = MaskedCopies(*making, clock, Path(config.copies_dir or tempfile.mkdtemp()))
        self.server = HttpServer(self.handle, limits=VIEW_LIMITS, origins=self.views.origins)

    async def control(self, request: Request) -> Response:
        """For the web process, which has shown its credential. Raises HttpProblem."""
        match request.method, request.path:
            case "PUT", "/control/assignment":
                self.views.assign(request.body)
                return Response(204)
            case "GET", "/control/state":
                return json_response({**self.views.state(), **self.state()})
            case _, "/control/reports":
                return await self.views.reports.handle(request)
            case "GET", "/control/room":
                self.rooms.require(request.query.get("name", ""))
                return Response(204)
            case _:
                raise HttpProblem(404, "not_found", "there is no such path")

    def state(self) -> dict[str, object]:
        return {
            "port": self.server.port,
            "masked_streams": self.rooms.limit,
            "taken": self.rooms.taken,
            "live": {
                name: {"viewers": len(one.broadcast.viewers), "decoders": one.started}
                for name, one in self.lives.running.items()
            },
            "lines_made": self.playback.made,
        }

    async def handle(self, request: Request) -> Response | Upgrade:
        parts = request.path[1:].split("/")
        if parts[0] != "m" or len(parts) != 3:
            raise HttpProblem(404, "not_found", "there is no such path")
        ticket, name = self.views.enter(parts[1], request.peer), parts[2]
        try:
            return await self._opened(request, ticket, parts[1], name)
        except HttpProblem as problem:
            if problem.code == unknown().code:  # no ticket of this kind opens that
                self.views.reports.note_refused("other_ticket", request.peer, ticket.entry)
            raise

    async def _opened(self, request: Request, ticket: Ticket, text: str, name: str) -> Response | Upgrade:
        if name == "heartbeat" and request.method == "POST":
            return Response(204)
        if request.method not in ("GET", "HEAD"):
            raise HttpProblem(405, "method_not_allowed", "this path takes GET, HEAD")
        if ticket.kind == "live" and name == "live":
            return self.lives.open(ticket, text)
        if ticket.kind == "playback":
            return await self.playback.answer(ticket, name)
        if ticket.kind in COPIES:
            return await self.copies.answer(request, ticket, text, name)
        raise unknown()

    async def run(self) -> None:
        """Ticks for ever; a tick's failure is logged and passes."""
        while True:
            await asyncio.sleep(1)
            try:
                self.views.each_second()
                await self.lives.each_second()
                self.copies.each_second()
            except Exception:
                log.exception("tick_failed")

    async def close(self) -> None:
        await self.server.stop(STOP_SECONDS)
        await self.lives.close()
        await self.copies.close()
        await self.originals.close()
        self.threads.shutdown(wait=False, cancel_futures=True)


async def run(config: ImagingConfig) -> None:
    """Serve until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    clock = SystemClock()
    masked = MaskedViews(config, clock)
    studio = Studio(config.credential, clock, masked)
    server = HttpServer(studio.handle, limits=Limits(body_bytes=BODY_MAX, connections=64))
    await masked.server.start(config.views_host, config.views_port)
    await server.start(config.host, config.port)
    log.info("imaging_started", port=config.port, views_port=masked.server.port)
    ticking = asyncio.create_task(masked.run())
    await stop.wait()
    ticking.cancel()
    await asyncio.gather(server.stop(STOP_SECONDS), masked.close())
    studio.thread.shutdown(wait=False, cancel_futures=True)


def main() -> None:
    config = ImagingConfig.model_validate_json(sys.stdin.buffer.read())
    telemetry.configure("imaging", config.log_level)
    os.nice(NICENESS)
    uvloop.run(run(config))


if __name__ == "__main__":
    main()
