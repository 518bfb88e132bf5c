"""A device for the tests: real sockets, ``protocols.sip`` on its side, no more behaviour than it is told."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from bingjian.clock import SystemClock
from bingjian.protocols.gb28181 import manscdp
from bingjian.protocols.gb28181.manscdp.message import Message as Manscdp
from bingjian.protocols.gb28181.manscdp.notifies import Keepalive
from bingjian.protocols.gb28181.manscdp.text import Charset
from bingjian.protocols.sip.compose import Local, message, new_tag
from bingjian.protocols.sip.digest import Account
from bingjian.protocols.sip.enrolment import Enrolled, Enrolment, EnrolmentEvent, Failed, Left
from bingjian.protocols.sip.events import Answered, Asked, Event, Unanswered
from bingjian.protocols.sip.message import Message, Request, Response, read_datagram
from bingjian.protocols.sip.reply import Peer, reply
from bingjian.protocols.sip.stream import Reader
from bingjian.protocols.sip.transactions import Transactions
from bingjian.signalling.devices import Devices, read_assignment
from bingjian.signalling.endpoint import Endpoint
from bingjian.signalling.identity import Identity
from bingjian.signalling.listener import Listener

PLATFORM, DOMAIN = "99010100002000000001", "9901010000"
DEVICE, CHANNEL, PASSWORD = "99010100001180000007", "99010100001310000001", "correct horse"
PATIENCE_S = 5.0

Handler = Callable[[Asked], bool]


@dataclass
class Moved:
    """A clock that runs, and that a test can push on."""

    pushed_s: float = 0.0

    def utc_ns(self) -> int:
        return SystemClock().utc_ns() + round(self.pushed_s * 1e9)

    def monotonic_ns(self) -> int:
        return SystemClock().monotonic_ns() + round(self.pushed_s * 1e9)


def assignment(*ids: str, epoch: int = 1, **terms: Any) -> bytes:
    import json

    devices = [{"id": id, "password": PASSWORD, **terms} for id in ids or (DEVICE,)]
    return json.dumps({"epoch": epoch, "devices": devices}).encode()


@dataclass
class Heard(Listener):
    """Everything a listener is told, as name and what it came with."""

    told: list[tuple[str, Any]] = field(default_factory=list)

    def __getattribute__(self, name: str) -> Any:
        if not name.startswith("on_") or name == "on_alive":
            return super().__getattribute__(name)
        return lambda *values: self.told.append((name[3:], values))

    def names(self) -> list[str]:
        return [name for name, _ in self.told]

    async def wait(self, name: str, times: int = 1) -> Any:
        """What the ``times``-th of this name came with."""
        await until(lambda: self.names().count(name) >= times, f"{name} among {self.names()}")
        return [values for each, values in self.told if each == name][times - 1]


@asynccontextmanager
async def running(
    body: bytes | None = None,
    clock: Moved | None = None,
    host: str = "127.0.0.1",
    port: int = 0,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[tuple[Endpoint, Heard]]:
    devices = Devices()
    devices.replace(read_assignment(assignment() if body is None else body))
    endpoint = Endpoint(Identity(PLATFORM, DOMAIN, host, port), clock or Moved(), devices, tls=tls)
    heard = Heard()
    endpoint.listeners.append(heard)
    await endpoint.start()
    try:
        yield endpoint, heard
    finally:
        await endpoint.stop()


async def until(true: Callable[[], Any], what: str = "") -> None:
    for _ in range(int(PATIENCE_S / 0.005)):
        if true():
            return
        await asyncio.sleep(0.005)
    raise AssertionError(f"it never came: {what}")


class ScriptedDevice(asyncio.DatagramProtocol, asyncio.Protocol):
    """``handlers`` see every request of the platform, the newest first, until one says that it is its own;
    what nobody takes is answered 200.

    Args:
        tls: whom it trusts; then all goes inside TLS.
    """

    def __init__(
        self,
        port: int,
        *,
        id: str = DEVICE,
        password: str = PASSWORD,
        tcp: bool = False,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.id, self.password, self.port = id, password, port
        self.tcp, self.tls = tcp or tls is not None, tls
        self.transactions = Transactions()
        self.handlers: list[Handler] = []
        self.asked: list[Request] = []  # by the platform
        self.answers: list[Response] = []
        self.enrolled: list[EnrolmentEvent] = []
        self.events: list[Event] = []
        self.silent = False
        self.closed = asyncio.Event()
        self._reader = Reader()
        self._transport: Any = None
        self.sn = 0

    async def open(self, host: str = "127.0.0.1") -> "ScriptedDevice":
        loop = asyncio.get_running_loop()
        if self.tcp:
            await loop.create_connection(lambda: self, host, self.port, ssl=self.tls)
        else:
            await loop.create_datagram_endpoint(lambda: self, remote_addr=(host, self.port))
        own = self._transport.get_extra_info("sockname")
        self.local = Local(self.id, DOMAIN, own[0], own[1], own[1])
        over = "TLS" if self.tls is not None else "TCP" if self.tcp else "UDP"
        self.peer = Peer(over, host, self.port, int(self.tcp))
        account = Account(self.password, self.id)
        self.enrolment = Enrolment(self.transactions, self.local, self.peer, PLATFORM, account)
        return self

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    @property
    def statuses(self) -> list[int]:
        return [answer.status for answer in self.answers]

    # --- what it does

    async def register(self) -> EnrolmentEvent:
        """Enrolled or Failed."""
        count = len(self.enrolled)
        self.enrolment.start(self.now())
        self.flush()
        await until(lambda: len(self.enrolled) > count, "an answer to REGISTER")
        return self.enrolled[-1]

    async def leave(self) -> EnrolmentEvent:
        count = len(self.enrolled)
        self.enrolment.leave(self.now())
        self.flush()
        await until(lambda: len(self.enrolled) > count, "an answer to the last REGISTER")
        return self.enrolled[-1]

    async def keep_alive(self, *, sender: str = "") -> int:
        """Its status."""
        self.sn += 1
        return await self.say(Keepalive(sn=self.sn, device_id=sender or self.id, status="OK"), sender=sender)

    async def say(self, told: Manscdp, *, sender: str = "", charset: Charset = Charset.GB) -> int:
        """A MESSAGE of its own; the status it gets."""
        return await self.say_bytes(manscdp.build(told, charset=charset), sender=sender)

    async def say_bytes(self, body: bytes, *, sender: str = "") -> int:
        local = replace(self.local, id=sender or self.id)
        request = message(local, self.peer, PLATFORM, manscdp.CONTENT_TYPE, body)
        return await self.send(request)

    async def send(self, request: Request) -> int:
        count = len(self.answers)
        self.transactions.request(request, self.peer, self.now())
        self.flush()
        await until(lambda: len(self.answers) > count, f"an answer to {request.method}")
        return self.answers[-1].status

    def answer(self, asked: Asked, status: int, body: bytes = b"", *headers: tuple[str, str]) -> None:
        answer = reply(asked.request, status, *headers, seen_from=asked.peer, tag=new_tag(), body=body)
        self.transactions.respond(asked.key, answer, self.now())
        self.flush()

    def raw(self, data: bytes) -> None:
        if self.tcp:
            self._transport.write(data)
        else:
            self._transport.sendto(data)

    def now(self) -> float:
        return SystemClock().monotonic_ns() / 1e9

    def flush(self) -> None:
        for data, _ in self.transactions.take_output():
            self.raw(data)

    # --- what comes

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed.set()

    def datagram_received(self, data: bytes, addr: Any) -> None:
        received = read_datagram(data)
        if received is not None:
            self._take(received)

    def data_received(self, data: bytes) -> None:
        for received in self._reader.receive_data(data):
            assert not isinstance(received, Exception)
            self._take(received)

    def _take(self, received: Message) -> None:
        if self.silent:
            return
        for event in self.transactions.receive(received, self.peer, self.now()):
            self._dispatch(event)
        self.flush()

    def _dispatch(self, event: Event) -> None:
        self.events.append(event)
        enrolled = self.enrolment.handle(event, self.now())
        if enrolled is not None:
            self.enrolled += [one for one in enrolled if isinstance(one, Enrolled | Failed | Left)]
        elif isinstance(event, Answered | Unanswered):
            self.answers += [event.response] if isinstance(event, Answered) else []
        elif isinstance(event, Asked):
            self.asked.append(event.request)
            if not any(handler(event) for handler in reversed(self.handlers)):
                self.answer(event, 200)


def said(request: Request) -> Manscdp:
    return manscdp.parse(request.body)
