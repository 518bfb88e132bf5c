"""The imaging process: decodes pictures at low priority, apart, so that a broken stream hurts nothing else.

``python -m bingjian.processes.imaging`` with an ``ImagingConfig`` as JSON on standard input.
"""

import asyncio
import hmac
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import structlog
import uvloop
from pydantic import BaseModel, Field

from bingjian import telemetry
from bingjian.clock import Clock, SystemClock
from bingjian.imaging.errors import ImagingError
from bingjian.imaging.still import jpeg_of
from bingjian.streaming.http import HttpProblem, HttpServer, Limits, Request, Response, text_response

NICENESS = 10  # recording and watching go first
BODY_MAX = 64 * 1024 * 1024  # bytes; one GOP of a 4K camera with a key frame every 10 s stays below
WAITING_MAX = 16  # pictures in the queue; the seventeenth is told to come back
log = structlog.get_logger()


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
        if request.path != "/still" or request.method != "POST":
            raise HttpProblem(404, "not_found", "there is no such path")
        return Response(200, await self.still(request), "image/jpeg")

    async def still(self, request: Request) -> bytes:
        at = request.query.get("at_90k")
        if at is not None and not (at.isascii() and at.isdigit() and len(at) < 20):
            raise HttpProblem(400, "bad_query", "at_90k must be a number")
        if self.waiting >= WAITING_MAX:
            raise HttpProblem(503, "busy", "too many pictures are waiting", (("Retry-After", "1"),))
        self.waiting += 1
        try:
            loop, wanted = asyncio.get_running_loop(), int(at) if at is not None else None
            return await loop.run_in_executor(self.thread, jpeg_of, request.body, self.clock, wanted)
        except ImagingError as error:
            raise HttpProblem(422, "no_picture", str(error)) from error
        finally:
            self.waiting -= 1


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
