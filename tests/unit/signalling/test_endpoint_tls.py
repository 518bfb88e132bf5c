"""Devices over TLS on real sockets; who only pretends to speak it, or never comes to the end of it."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from structlog.testing import capture_logs

from bingjian.protocols.gb28181 import manscdp
from bingjian.protocols.sip.compose import compose, message, new_call_id
from bingjian.protocols.sip.enrolment import Enrolled, Failed, Left
from bingjian.protocols.sip.registrar_events import Why
from bingjian.protocols.sip.reply import Peer
from bingjian.signalling import connections
from bingjian.signalling.endpoint import Endpoint
from bingjian.signalling.tls import PLAIN_TEXT
from tests.unit.signalling.certificates import Files, made
from tests.unit.signalling.scripted import (
    DEVICE,
    DOMAIN,
    PLATFORM,
    Heard,
    Moved,
    ScriptedDevice,
    assignment,
    running,
    until,
)
from tests.unit.signalling.test_tls import Client

ANOTHER = "99010100001180000008"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return made(tmp_path_factory.mktemp("tls"))


@asynccontextmanager
async def secured(files: Files, clock: Moved | None = None) -> AsyncIterator[tuple[Endpoint, Heard]]:
    async with running(assignment(DEVICE, ANOTHER), clock, tls=files.served) as both:
        yield both


async def device_at(endpoint: Endpoint, files: Files, **more: Any) -> ScriptedDevice:
    return await ScriptedDevice(endpoint.tls_port, tls=files.trusted, **more).open()


class Caller(asyncio.Protocol):
    """A TCP connection that sends what it is given, and never more."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self.received = b""
        self.closed = asyncio.Event()

    @classmethod
    async def to(cls, port: int, data: bytes = b"") -> "Caller":
        loop = asyncio.get_running_loop()
        transport, caller = await loop.create_connection(cls, "127.0.0.1", port)
        transport.write(data)
        caller._transport = transport
        return caller

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        self.received += data

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed.set()

    async def until_closed(self) -> None:
        await asyncio.wait_for(self.closed.wait(), 5)


def hello() -> bytes:
    """The first bytes of a handshake."""
    out = ssl.MemoryBIO()
    begun = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), out, server_hostname="127.0.0.1")
    with pytest.raises(ssl.SSLWantReadError):
        begun.do_handshake()
    return out.read()


# --- devices


async def test_a_device_registers_keeps_alive_and_leaves(files: Files) -> None:
    async with secured(files) as (endpoint, heard):
        device = await device_at(endpoint, files)
        assert isinstance(await device.register(), Enrolled)
        peer = endpoint.peer_of(DEVICE)
        assert peer is not None
        assert (peer.transport, peer.port) == ("TLS", device.local.port)
        assert await device.keep_alive() == 200
        assert isinstance(await device.leave(), Left)
        await heard.wait("removed")
        assert await device.keep_alive() == 404
        device.close()
        await until(lambda: endpoint.connections == 0, "the end of its connection")
        assert endpoint.figures()["tls_refused"] == 0


async def test_a_wrong_password_stays_one(files: Files) -> None:
    async with secured(files) as (endpoint, _):
        device = await device_at(endpoint, files, password="guess")
        assert await device.register() == Failed(403)
        device.close()


async def test_what_we_ask_it_names_tls_and_its_port_and_goes_over_its_connection(files: Files) -> None:
    async with secured(files) as (endpoint, _):
        device = await device_at(endpoint, files)
        plain = await ScriptedDevice(endpoint.port, id=ANOTHER, tcp=True).open()
        for one in (device, plain):
            await one.register()
            taken: list[int] = []
            body = b"<x>" + b"a" * 50_000 + b"</x>"
            assert endpoint.send_message(one.id, one.id, manscdp.CONTENT_TYPE, body, taken.append)
            endpoint.flush()
            await until(lambda: taken == [200], "its answer")  # noqa: B023
            assert one.asked[0].body == body
        vias = [one.asked[0].via for one in (device, plain)]
        assert [(via.transport, via.port) for via in vias] == [
            ("TLS", endpoint.tls_port),
            ("TCP", endpoint.port),
        ]
        peer = endpoint.peer_of(DEVICE)
        assert peer is not None
        local = endpoint.local_for(peer)
        assert local.contact(peer) == f"<sip:{PLATFORM}@127.0.0.1:{endpoint.tls_port};transport=tls>"
        assert local.contact(Peer("UDP", "127.0.0.1", 1)) == f"<sip:{PLATFORM}@127.0.0.1:{endpoint.port}>"
        device.close()
        plain.close()


async def test_a_device_that_closes_is_offline_at_once(files: Files) -> None:
    async with secured(files) as (endpoint, heard):
        device = await device_at(endpoint, files)
        await device.register()
        device.close()
        assert (await heard.wait("gone"))[1].why is Why.CONNECTION
        assert endpoint.peer_of(DEVICE) is None
        assert endpoint.connections == 0


async def test_it_is_told_that_the_connection_ends(files: Files) -> None:
    """close_notify, so that it can tell the end from a cut."""
    async with secured(files) as (endpoint, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", endpoint.tls_port)
        client, said = Client(files.trusted), False
        writer.write(client.take_output())
        while data := await asyncio.wait_for(reader.read(65_536), 5):
            client.receive(data)
            if client.is_secured and not said:
                client.say(b"\xff no SIP")
                said = True
            writer.write(client.take_output())
        assert (said, client.is_ended) == (True, True)
        writer.close()


async def test_over_udp_nobody_speaks_for_it(files: Files) -> None:
    async with secured(files) as (endpoint, _):
        device = await device_at(endpoint, files)
        await device.register()
        other = await ScriptedDevice(endpoint.port).open()
        assert await other.keep_alive() == 404
        peer = endpoint.peer_of(DEVICE)
        assert peer is not None
        assert peer.transport == "TLS"
        device.close()
        other.close()


async def test_large_messages_are_for_who_has_registered(files: Files) -> None:
    async with secured(files) as (endpoint, heard):
        body = b"<x>" + b"a" * 100_000 + b"</x>"
        stranger = await device_at(endpoint, files, id=ANOTHER)
        request = message(stranger.local, stranger.peer, PLATFORM, manscdp.CONTENT_TYPE, body)
        assert await stranger.send(request) == 413
        await asyncio.wait_for(stranger.closed.wait(), 5)
        device = await device_at(endpoint, files)
        await device.register()
        assert await device.say_bytes(body) == 200
        assert (await heard.wait("message"))[1].body == body
        device.close()


async def test_who_is_not_registered_in_time_is_closed(files: Files) -> None:
    clock = Moved()
    async with secured(files, clock) as (endpoint, _):
        stranger = await device_at(endpoint, files)
        options = compose(
            "OPTIONS",
            f"sip:{PLATFORM}@{DOMAIN}",
            stranger.local,
            stranger.peer,
            sender=f"<{stranger.local.uri}>;tag=1",
            to=f"<sip:{PLATFORM}@{DOMAIN}>",
            call_id=new_call_id(),
            number=1,
        )
        assert await stranger.send(options) == 200
        clock.pushed_s = connections.HANDSHAKE_S + 1
        endpoint.tick()
        await asyncio.sleep(0)
        assert not stranger.closed.is_set()
        clock.pushed_s = connections.STRANGER_S + 1
        endpoint.tick()
        await asyncio.wait_for(stranger.closed.wait(), 5)
        assert endpoint.figures()["tls_refused"] == 0


# --- who speaks no TLS


async def test_plain_text_on_its_port_is_closed_and_said_once(files: Files) -> None:
    with capture_logs() as logs:
        async with secured(files) as (endpoint, _):
            for _ in range(3):
                caller = await Caller.to(endpoint.tls_port, b"REGISTER sip:a SIP/2.0\r\n\r\n")
                await caller.until_closed()
                assert caller.received == b""
            assert (endpoint.connections, endpoint.figures()["tls_refused"]) == (0, 3)
            assert endpoint.counts.received == 0
    told = [line for line in logs if line["event"] == "tls_refused"]
    assert [(line["host"], line["why"], line["times"]) for line in told] == [("127.0.0.1", PLAIN_TEXT, 1)]


async def test_what_came_in_between_is_said_after_a_minute(files: Files) -> None:
    clock = Moved()
    with capture_logs() as logs:
        async with secured(files, clock) as (endpoint, _):
            for pushed_s in (0, 1, 2, 61):
                clock.pushed_s = pushed_s
                await (await Caller.to(endpoint.tls_port, b"\r\n")).until_closed()
    assert [line["times"] for line in logs if line["event"] == "tls_refused"] == [1, 3]


@pytest.mark.parametrize("begun", [b"", b"\x16\x03", "hello"])
async def test_a_handshake_that_never_ends_is_cut(files: Files, begun: bytes | str) -> None:
    clock = Moved()
    async with secured(files, clock) as (endpoint, _):
        caller = await Caller.to(endpoint.tls_port, hello() if isinstance(begun, str) else begun)
        await until(lambda: endpoint.connections == 1)
        if begun == "hello":
            await until(lambda: caller.received, "our side of the handshake")
        clock.pushed_s = connections.HANDSHAKE_S - 1
        endpoint.tick()
        await asyncio.sleep(0.05)
        assert not caller.closed.is_set()
        clock.pushed_s = connections.HANDSHAKE_S
        with capture_logs() as logs:
            endpoint.tick()
            await caller.until_closed()
        assert [line["why"] for line in logs if line["event"] == "tls_refused"] == [connections.TOO_LONG]


async def test_its_end_is_waited_for_by_the_timer(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HANDSHAKE_S", 0.05)
    async with secured(files) as (endpoint, _):
        caller = await Caller.to(endpoint.tls_port)
        await caller.until_closed()
        assert endpoint.figures()["tls_refused"] == 1


async def test_of_too_many_handshakes_the_oldest_goes(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HANDSHAKES_LIMIT", 2)
    async with secured(files) as (endpoint, _):
        registered = await device_at(endpoint, files)
        await registered.register()
        callers = [await Caller.to(endpoint.tls_port) for _ in range(2)]
        await until(lambda: endpoint.connections == 3)
        device = await device_at(endpoint, files, id=ANOTHER)
        await callers[0].until_closed()
        assert isinstance(await device.register(), Enrolled)
        assert [one.closed.is_set() for one in (*callers, registered)] == [True, False, False]
        for one in (*callers[1:], registered, device):
            one.close()


@pytest.mark.parametrize("begins", [True, False])
async def test_who_hangs_up_in_the_middle_leaves_nothing(files: Files, begins: bool) -> None:
    """And it is said, unless nothing had come: that is how others look whether we are there."""
    with capture_logs() as logs:
        async with secured(files) as (endpoint, _):
            caller = await Caller.to(endpoint.tls_port, hello() if begins else b"")
            await until(lambda: caller.received if begins else endpoint.connections)
            caller.close()
            await until(lambda: endpoint.connections == 0)
            assert endpoint._connections.next_deadline() is None
    assert [line["why"] for line in logs] == [connections.HUNG_UP] * begins


async def test_without_a_certificate_there_is_no_port() -> None:
    async with running() as (endpoint, _):
        assert endpoint.tls_port == 0
