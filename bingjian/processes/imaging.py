"""The imaging process: decodes pictures at low priority, apart, so that a broken stream hurts nothing else.

``python -m bingjian.processes.imaging`` with an ``ImagingConfig`` as JSON on standard input.
"""

import asyncio
import hmac
import os
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar

import structlog
import uvloop
from pydantic import BaseModel, Field

from bingjian import telemetry
from bingjian.clock import Clock, SystemClock
from bingjian.imaging.errors import ImagingError
from bingjian.imaging.sprite import TILES_MAX, WIDTH_MAX, WIDTH_MIN, sprite_of
from bingjian.imaging.still import jpeg_of
from bingjian.streaming.http import HttpProblem, Limits, Request, Response, text_response
from bingjian.streaming.http_server import HttpServer

NICENESS = 10  # recording and watching go first
BODY_MAX = 64 * 1024 * 1024  # bytes; one GOP of a 4K camera with a key frame every 10 s stays below
WAITING_MAX = 16  # pictures in the queue; the seventeenth is told to come back
log = structlog.get_logger()

T = TypeVar("T")


class ImagingConfig(BaseModel):
    """What the supervisor hands over."""

    host: str = "127.0.0.1"
    port: int = Field(ge=1, le=65535)
    credential: str = Field(repr=False, min_length=16)
    log_level: str = "info"


@dataclass
class Studio:
    """Answers requests; one picture is decoded at a time."""

    credential: str = field(repr=False)
    clock: Clock
    waiting: int = 0
    thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "decode"))

    async def handle(self, request: Request) -> Response:
        if request.path == "/healthz" and request.method in ("GET", "HEAD"):
            return text_response("ok")
        if not hmac.compare_digest(request.bearer().encode(), self.credential.encode()):
            raise HttpProblem(401, "not_authorised", "this port wants its credential")
        if request.method == "POST" and request.path == "/still":
            return Response(200, await self.still(request), "image/jpeg")
        if request.method == "POST" and request.path == "/sprite":
            return await self.sprite(request)
        raise HttpProblem(404, "not_found", "there is no such path")

    async def still(self, request: Request) -> bytes:
        wanted = number_in(request, "at_90k") if "at_90k" in request.query else None
        return await self.decoded(lambda: jpeg_of(request.body, self.clock, wanted))

    async def sprite(self, request: Request) -> Response:
        """The JPEG; its header says how it is laid out."""
        columns, width = number_in(request, "columns"), number_in(request, "width")
        if not 1 <= columns <= TILES_MAX or not WIDTH_MIN <= width <= WIDTH_MAX:
            raise HttpProblem(400, "bad_query", "that is no sprite")
        made = await self.decoded(lambda: sprite_of(request.body, columns, width, self.clock))
        layout = f"{made.tile_width} {made.tile_height} {made.columns} {made.tiles}"
        return Response(200, made.jpeg, "image/jpeg", (("X-Layout", layout),))

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


async def run(config: ImagingConfig) -> None:
    """Serve until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    studio = Studio(config.credential, SystemClock())
    server = HttpServer(studio.handle, limits=Limits(body_bytes=BODY_MAX, connections=64))
    await server.start(config.host, config.port)
    log.info("imaging_started", port=config.port)
    await stop.wait()
    await server.stop(2.0)
    studio.thread.shutdown(wait=False, cancel_futures=True)


def main() -> None:
    config = ImagingConfig.model_validate_json(sys.stdin.buffer.read())
    telemetry.configure("imaging", config.log_level)
    os.nice(NICENESS)
    uvloop.run(run(config))


if __name__ == "__main__":
    main()
