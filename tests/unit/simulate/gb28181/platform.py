"""A small platform of the real layers, on real sockets of the loopback net: it registers, asks, invites."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from bingjian.protocols import rtp, rtp_over_tcp
from bingjian.protocols.gb28181 import Edition, manscdp, mansrtsp, sdp
from bingjian.protocols.gb28181.manscdp.message import Message as Manscdp
from bingjian.protocols.sip.call_events import Accepted, CallEvent, Ended, Offered
from bingjian.protocols.sip.calls import Calls
from bingjian.protocols.sip.compose import Local, message
from bingjian.protocols.sip.dialog import DialogKey
from bingjian.protocols.sip.digest import Account, Digest
from bingjian.protocols.sip.events import Asked, Event
from bingjian.protocols.sip.message import Message, Request, Response, read_datagram
from bingjian.protocols.sip.registrar import Registered, Registrar, device_of
from bingjian.protocols.sip.reply import Peer, reply
from bingjian.protocols.sip.stream import Reader
from bingjian.protocols.sip.subscription_events import Notified
from bingjian.protocols.sip.subscriptions import Subscriptions
from bingjian.protocols.sip.transactions import Transactions
from bingjian.simulate.gb28181.device import Device
from bingjian.simulate.gb28181.fleet import Fleet, FleetConfig
from bingjian.simulate.gb28181.spec import DeviceSpec, make_devices
from bingjian.simulate.gb28181.spec import Platform as Where

ID, DOMAIN, PASSWORD = "99010100002000000001", "9901010000", "secret-1"
PATIENCE_S = 15.0

T = TypeVar("T")


@dataclass
class Media:
    """Where one stream arrives."""

    port: int
    packets: list[bytes] = field(default_factory=list)
    sources: list[tuple[str, int]] = field(default_factory=list)
    connections: list[float] = field(default_factory=list)  # when they were made, on the loop's clock
    closed: int = 0
    raw: bytearray = field(default_factory=bytearray)  # over TCP
    close: Callable[[], None] = lambda: None

    @property
    def headers(self) -> list[rtp.Header]:
        return [rtp.read_header(packet) for packet in self.packets]

    @property
    def program(self) -> bytes:
        """The program stream, as the packets came."""
        return b"".join(packet[h.start : h.end] for packet, h in zip(self.packets, self.headers, strict=True))

    @property
    def ssrcs(self) -> set[int]:
        return {header.ssrc for header in self.headers}


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, received: Callable[[bytes, tuple[str, int]], None]) -> None:
        self.received = received

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.received(data, addr)


async def udp_media(host: str = "127.0.0.1", port: int = 0) -> Media:
    media = Media(port)

    def received(data: bytes, addr: tuple[str, int]) -> None:
        media.packets.append(data)
        media.sources.append(addr)

    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: _Udp(received), local_addr=(host, port))
    made = transport.get_extra_info("socket")
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    media.port, media.close = made.getsockname()[1], transport.close
    return media


class _Tcp(asyncio.Protocol):
    def __init__(self, media: Media) -> None:
        self._media, self._reader = media, rtp_over_tcp.Reader()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._media.connections.append(asyncio.get_running_loop().time())

    def data_received(self, data: bytes) -> None:
        self._media.raw += data
        found = self._reader.receive_data(data)
        self._media.packets += [found.buffer[start:end] for start, end in found.bounds]

    def connection_lost(self, error: Exception | None) -> None:
        self._media.closed += 1


async def tcp_media() -> Media:
    media = Media(0)
    server = await asyncio.get_running_loop().create_server(lambda: _Tcp(media), "127.0.0.1", 0)
    media.port, media.close = server.sockets[0].getsockname()[1], server.close
    return media


async def tcp_connected(port: int) -> Media:
    media = Media(port)
    transport, _ = await asyncio.get_running_loop().create_connection(lambda: _Tcp(media), "127.0.0.1", port)
    media.close = transport.close
    return media


@dataclass
class Seen:
    message: Message
    peer: Peer
    raw: bytes
    at: float


class Platform:
    def __init__(self) -> None:
        self.transactions = Transactions()
        self.digest = Digest(DOMAIN)
        self.registrar = Registrar(self.digest)
        self.calls = Calls(self.transactions)
        self.subscriptions = Subscriptions(self.transactions)
        self.seen: list[Seen] = []
        self.said: list[bytes] = []
        self.peers: dict[str, Peer] = {}
        self.told: list[CallEvent] = []
        self.notified: list[Notified] = []
        self.registered: list[Registered] = []
        self.names_algorithm = True
        self.clock = lambda: datetime.now(UTC)
        self.silent = False  # neither hears nor says anything
        self.sound: Media | None = None  # filled by broadcasts
        self.port = 0
        self._loop = asyncio.get_running_loop()
        self._udp: asyncio.DatagramTransport | None = None
        self._streams: dict[int, asyncio.Transport] = {}
        self._stops: list[Callable[[], None]] = []
        self._sn = 100

    async def open(self) -> None:
        """One port, UDP and TCP; another one if somebody else has it over UDP."""
        while True:
            server = await self._loop.create_server(lambda: _Stream(self), "127.0.0.1", 0)
            self.port = server.sockets[0].getsockname()[1]
            try:
                transport, _ = await self._loop.create_datagram_endpoint(
                    lambda: _Udp(self._datagram), local_addr=("127.0.0.1", self.port)
                )
            except OSError:
                server.close()
                continue
            break
        self._udp = transport
        ticking = self._loop.create_task(self._tick())
        self._stops += [transport.close, server.close, ticking.cancel]

    def close(self) -> None:
        for stream in list(self._streams.values()):
            stream.abort()
        for stop in self._stops:
            stop()

    @property
    def local(self) -> Local:
        return Local(ID, DOMAIN, "127.0.0.1", self.port)

    # What tests ask

    async def until(self, found: Callable[[], T], patience_s: float = PATIENCE_S) -> T:
        """What ``found`` gives as soon as it gives something."""
        end = self._loop.time() + patience_s
        while not (value := found()):
            assert self._loop.time() < end, "it did not come"
            await asyncio.sleep(0.01)
        return value

    def requests(self, method: str, device: str = "") -> list[Request]:
        all_ = [seen.message for seen in self.seen if isinstance(seen.message, Request)]
        return [r for r in all_ if r.method == method and device in ("", r.sender.user)]

    def bodies(self, kind: type[T]) -> list[T]:
        """MANSCDP messages of a kind, told by MESSAGE."""
        parsed = [manscdp.parse(request.body) for request in self.requests("MESSAGE")]
        return [each for each in parsed if isinstance(each, kind)]

    def crossed(self) -> list[Manscdp]:
        """Every MANSCDP message that went either way, in requests and in answers."""
        ours = [message for data in self.said if (message := read_datagram(data)) is not None]
        all_ = [*(seen.message for seen in self.seen), *ours]
        kind = manscdp.CONTENT_TYPE.lower()
        return [manscdp.parse(m.body) for m in all_ if m.body and m.content_type.lower() == kind]

    def responses(self, method: str) -> list[Response]:
        all_ = [seen.message for seen in self.seen if isinstance(seen.message, Response)]
        return [r for r in all_ if r.cseq.method == method]

    def ask(
        self,
        device: str,
        kind: type[Manscdp],
        about: str = "",
        edition: Edition = Edition.V2016,
        **fields: Any,
    ) -> int:
        """Send a query or control; its SN."""
        self._sn += 1
        message_ = kind(sn=self._sn, device_id=about or device, **fields)
        self.send(device, manscdp.build(message_, edition=edition))
        return self._sn

    def send(self, device: str, body: bytes, local: Local | None = None) -> None:
        peer = self.peers[device]
        request = message(local or self.local, peer, device, manscdp.CONTENT_TYPE, body)
        self.transactions.request(request, peer, self._loop.time())
        self.flush()

    async def answer(self, device: str, kind: type[Manscdp], answer: type[T], **fields: Any) -> T:
        """The first message that answers a query."""
        sn = self.ask(device, kind, **fields)
        found = await self.until(lambda: [a for a in self.bodies(answer) if a.sn == sn])  # type: ignore[attr-defined]
        return found[0]

    def subscribe(self, device: str, event: str, query: Manscdp, expires_s: int = 600) -> DialogKey:
        body = manscdp.build(query)
        key = self.subscriptions.subscribe(
            self.local,
            self.peers[device],
            device,
            event,
            expires_s,
            manscdp.CONTENT_TYPE,
            body,
            self._loop.time(),
        )
        self.flush()
        return key

    def notifications(self, kind: type[T]) -> list[T]:
        parsed = [manscdp.parse(each.request.body) for each in self.notified if each.request.body]
        return [each for each in parsed if isinstance(each, kind)]

    def invite(
        self, device: str, channel: str, offer: sdp.Session, subject: str = "", edit: Any = None
    ) -> DialogKey:
        body = sdp.build(offer)
        told = subject or sdp.subject(channel, f"{offer.ssrc or 0:010d}", ID)
        key = self.calls.invite(
            self.local,
            self.peers[device],
            device,
            channel,
            edit(body) if edit else body,
            self._loop.time(),
            ("Subject", told),
        )
        self.flush()
        return key

    async def accepted(self, key: DialogKey, *, acknowledge: bool = True) -> Accepted:
        found = await self.until(
            lambda: [e for e in self.told if isinstance(e, Accepted | Ended) and e.call == key]
        )
        assert isinstance(found[0], Accepted), found
        if acknowledge:
            self.calls.acknowledge(key)
            self.flush()
        return found[0]

    async def ended(self, key: DialogKey, patience_s: float = PATIENCE_S) -> Ended:
        found = await self.until(
            lambda: [e for e in self.told if isinstance(e, Ended) and e.call == key], patience_s
        )
        return found[0]

    async def play(self, device: str, channel: str, media: Media, **more: Any) -> tuple[DialogKey, Accepted]:
        key = self.invite(device, channel, offer_to(media, **more))
        return key, await self.accepted(key)

    def hang_up(self, key: DialogKey) -> None:
        self.told += self.calls.end(key, self._loop.time())
        self.flush()

    def steer(self, key: DialogKey, action: mansrtsp.Action, cseq: int = 1) -> None:
        body = mansrtsp.build(mansrtsp.Request(action, cseq))
        self.calls.control(key, mansrtsp.CONTENT_TYPE, body, self._loop.time())
        self.flush()

    # What happens

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(0.05)
            now = self._loop.time()
            self._process(self.transactions.expire(now), now)
            self.told += self.calls.expire(now)
            self.subscriptions.expire(now)
            self.flush()

    def _datagram(self, data: bytes, addr: tuple[str, int]) -> None:
        if self.silent:
            return
        received = read_datagram(data)
        if received:
            self.receive(received, Peer("UDP", addr[0], addr[1]), data)

    def receive(self, received: Message, peer: Peer, raw: bytes = b"") -> None:
        now = self._loop.time()
        self.seen.append(Seen(received, peer, raw, now))
        self._process(self.transactions.receive(received, peer, now), now)
        self.flush()

    def flush(self) -> None:
        for data, peer in self.transactions.take_output():
            if self.silent:
                continue
            self.said.append(data)
            if peer.connection in self._streams:
                self._streams[peer.connection].write(data)
            elif self._udp and not peer.reliable:
                self._udp.sendto(data, (peer.host, peer.port))

    def _process(self, events: list[Event], now: float) -> None:
        for event in events:
            calls = self.calls.handle(event, now)
            told = self.subscriptions.handle(event, now)
            self.told += calls or []
            self.notified += [each for each in told or () if isinstance(each, Notified)]
            for each in calls or ():
                if isinstance(each, Offered):
                    self._loop.create_task(self._speak(each))
            if isinstance(event, Asked) and calls is None and told is None:
                self._asked(event, now)

    def _asked(self, event: Asked, now: float) -> None:
        if event.request.method == "REGISTER":
            self._register(event, now)
            return
        sender = event.request.sender.user
        if sender in self.peers and event.peer.host == self.peers[sender].host:
            self.peers[sender] = event.peer
        self.transactions.respond(event.key, reply(event.request, 200, seen_from=event.peer), now)

    def _register(self, event: Asked, now: float) -> None:
        account = Account(PASSWORD, device_of(event.request) or "")
        outcome = self.registrar.register(event.request, event.peer, account, now, self.clock())
        answer = outcome.answer
        if not self.names_algorithm:
            values = [
                re.sub(r",\s*algorithm=[^,]*", "", value)
                for value in answer.headers.get_all("WWW-Authenticate")
            ]
            answer = replace(answer, headers=answer.headers.replacing("WWW-Authenticate", *values))
        self.transactions.respond_once(event.key, answer)
        if isinstance(outcome, Registered):
            self.registered.append(outcome)
            self.peers[outcome.device] = event.peer

    async def _speak(self, event: Offered) -> None:
        """A device asks for our voice: half a second of a tone, 20 ms a packet."""
        offer = sdp.parse(event.request.body)
        answer = sdp.answer_to(offer, owner=ID, address="127.0.0.1", port=9)
        self.calls.accept(
            event.call, self.local, event.request.sender.user, sdp.build(answer), self._loop.time()
        )
        self.flush()
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        for number in range(25):
            header = rtp.pack_header(offer.formats[0].payload_type, number, number * 160, 7)
            sender.sendto(header + bytes(160), (offer.address, offer.port))
            await asyncio.sleep(0.02)
        sender.close()


class _Stream(asyncio.Protocol):
    count = 1000

    def __init__(self, platform: Platform) -> None:
        self._platform, self._reader = platform, Reader()
        self._reader.trust()
        _Stream.count += 1
        self._number = _Stream.count

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._platform._streams[self._number] = transport
        self._peer = Peer("TCP", *transport.get_extra_info("peername")[:2], self._number)

    def data_received(self, data: bytes) -> None:
        for received in self._reader.receive_data(data):
            assert not isinstance(received, Exception)
            self._platform.receive(received, self._peer)

    def connection_lost(self, error: Exception | None) -> None:
        self._platform._streams.pop(self._number, None)


def offer_to(media: Media, *, ssrc: int = 101000017, setup: str = "", **more: Any) -> sdp.Session:
    offer = sdp.Session(
        owner=ID,
        address="127.0.0.1",
        port=media.port,
        transport=sdp.TCP if setup else sdp.UDP,
        setup=setup,
        direction="recvonly",
        formats=sdp.OFFERED,
        ssrc=ssrc,
    )
    return replace(offer, **more)


@asynccontextmanager
async def platform() -> AsyncIterator[Platform]:
    running = Platform()
    await running.open()
    try:
        yield running
    finally:
        running.close()


@dataclass
class World:
    platform: Platform
    fleet: Fleet
    device: Device

    @property
    def id(self) -> str:
        return self.device.spec.id

    @property
    def channel(self) -> str:
        return next(iter(self.device.channels))


def specs(count: int = 1, channels: int = 4, **more: Any) -> tuple[DeviceSpec, ...]:
    return make_devices(DOMAIN, count, channels, PASSWORD, **more)


@asynccontextmanager
async def world(
    *devices: DeviceSpec, control: Path | None = None, registered: bool = True, **more: Any
) -> AsyncIterator[World]:
    """A platform, and devices that have registered at it."""
    async with platform() as running:
        fleet = Fleet()
        where = Where("127.0.0.1", running.port, ID)
        made = devices or specs()
        config = FleetConfig(where, made, footage="drawn", control_socket=control, **more)
        await fleet.start(config)
        try:
            await fleet.ready()
            first = fleet.devices[made[0].id]
            if registered:
                await running.until(lambda: all(device.registered for device in fleet.devices.values()))
            yield World(running, fleet, first)
        finally:
            await fleet.stop()
