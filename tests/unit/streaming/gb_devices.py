"""A signalling process and GB/T 28181 devices as scripts, on real sockets of this machine."""

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from socket import socket as Socket
from typing import Any

from bingjian.protocols import rtp_over_tcp
from bingjian.protocols.depacketize.program_stream import packets
from bingjian.streaming.http import HttpProblem, Request, Response, Upgrade, json_response
from bingjian.streaming.http_server import HttpServer
from bingjian.streaming.http_websocket import WebSocket
from tests.unit.formats.mpegps.wire import frame, key_frame

HOST = "127.0.0.1"
SSRC = 200_000_017
ADDRESS = "gb28181://34020000001180000001/34020000001310000001"
PICTURE = 3600  # 90 kHz ticks


@dataclass
class Call:
    """One WebSocket: what was asked, and the way to answer."""

    query: dict[str, str]
    socket: WebSocket
    heard: list[dict[str, Any]] = field(default_factory=list)
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def port(self) -> int:
        return int(self.query["port"])

    def on_text(self, text: str) -> None:
        self.heard.append(json.loads(text))

    def on_closed(self) -> None:
        self.closed.set()

    def tell(self, **message: object) -> None:
        self.socket.send_text(json.dumps(message))

    def accept(self, **fields: object) -> None:
        given = {"ssrc": SSRC, "peer_host": HOST, "peer_port": 0, "from_host": HOST, "setup": ""}
        self.tell(type="accepted", **{**given, **fields})

    def end(self, cause: str, status: int = 0, detail: str = "") -> None:
        self.tell(type="ended", cause=cause, status=status, detail=detail)


Script = Callable[[Call], Awaitable[None]]


@dataclass
class Signalling:
    """Plays one script for each call, the last again and again."""

    scripts: list[Script]
    calls: list[Call] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    url: str = ""
    refusals: list[int] = field(default_factory=list)  # statuses for the next who take a call up
    recordings: list[dict[str, str]] | Response = field(default_factory=list)  # what RecordInfo tells
    answers: list[Response] = field(default_factory=list)  # to the next questions for RecordInfo, before it
    clock: Callable[[], str] | None = None  # what DeviceStatus tells

    async def handle(self, request: Request) -> Response | Upgrade:
        self.requests.append(request)
        if request.path.endswith("/query"):
            if b"DeviceStatus" in request.body:
                return json_response({} if self.clock is None else {"time": self.clock()})
            told = self.answers.pop(0) if self.answers else self.recordings
            return told if isinstance(told, Response) else json_response(within(request, told))
        if "resume" in request.query and self.refusals:
            raise HttpProblem(self.refusals.pop(0), "refused", "not now, or never")
        return Upgrade(lambda socket: self._begin(dict(request.query), socket))

    def _begin(self, query: dict[str, str], socket: WebSocket) -> Call:
        call = Call(query, socket)
        script = self.scripts[min(len(self.calls), len(self.scripts) - 1)]
        self.calls.append(call)
        self.tasks.append(asyncio.ensure_future(script(call)))
        return call


def within(request: Request, recordings: list[dict[str, str]]) -> dict[str, Any]:
    """As devices do: what lies at least partly in the window asked for."""
    asked = json.loads(request.body)
    start, end = (datetime.fromisoformat(asked[name]) for name in ("start_time", "end_time"))
    spans = (
        (datetime.fromisoformat(one["start_time"]), datetime.fromisoformat(one["end_time"]))
        for one in recordings
    )
    return {
        "recordings": [
            one for one, (first, last) in zip(recordings, spans, strict=True) if first < end and last > start
        ]
    }


@asynccontextmanager
async def signalling(*scripts: Script):
    """Serves until the end; the scripts' own failures come out then."""
    process = Signalling(list(scripts))
    server = HttpServer(process.handle)
    await server.start(HOST, 0)
    process.url = f"http://{HOST}:{server.port}"
    try:
        yield process
    finally:
        for task in process.tasks:
            task.cancel()
        ended = await asyncio.gather(*process.tasks, return_exceptions=True)
        await server.stop(0.1)
        failures = [one for one in ended if isinstance(one, Exception)]
        if failures:
            raise failures[0]


@dataclass
class Pictures:
    """A device's stream, packet by packet."""

    ssrc: int = SSRC
    payload_type: int = 96
    number: int = 0
    sequence: int = 65_500  # wraps soon
    gop: int = 10

    def next(self) -> list[bytes]:
        """The packets of one picture."""
        pack = key_frame(self.number) if self.number % self.gop == 0 else frame(self.number)
        return self.wrap(pack)

    def wrap(self, pack: bytes) -> list[bytes]:
        made = packets(pack, self.payload_type, self.sequence, self.number * PICTURE, self.ssrc, 100)
        self.sequence, self.number = self.sequence + len(made), self.number + 1
        return made


@dataclass
class Datagrams:
    """Sends pictures to a port over UDP."""

    pictures: Pictures = field(default_factory=Pictures)
    socket: Socket = field(default_factory=lambda: bound(HOST))

    def send(self, port: int, pictures: int = 1) -> None:
        for _ in range(pictures):
            for packet in self.pictures.next():
                self.socket.sendto(packet, (HOST, port))


def bound(host: str) -> Socket:
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.bind((host, 0))
    return one


def framed(made: list[bytes]) -> bytes:
    return b"".join(map(rtp_over_tcp.frame, made))


async def for_ever() -> None:
    await asyncio.Event().wait()


async def sending(
    port: int, pictures: Pictures | None = None, host: str = HOST, *, pause_s: float = 0.005
) -> None:
    """Connects and sends pictures until cancelled or cut off. ``pause_s``: 0.04 is real time."""
    pictures = pictures or Pictures()
    _, writer = await asyncio.open_connection(HOST, port, local_addr=(host, 0))
    try:
        while not writer.is_closing():
            writer.write(framed(pictures.next()))
            await writer.drain()
            await asyncio.sleep(pause_s)
    except ConnectionError:
        pass
    finally:
        writer.close()


async def throwing(port: int, sender: Datagrams) -> None:
    """The same over UDP."""
    while True:
        sender.send(port)
        await asyncio.sleep(0.005)
