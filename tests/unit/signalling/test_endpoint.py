"""Devices on real sockets: registration, keep-alives, loss, moves; strangers and floods."""

import asyncio
import socket
from dataclasses import replace

import pytest

from bingjian.protocols.gb28181 import manscdp
from bingjian.protocols.gb28181.manscdp.queries import DeviceInfoQuery
from bingjian.protocols.sip.compose import compose, message, new_call_id, new_tag
from bingjian.protocols.sip.digest import Account, answered
from bingjian.protocols.sip.enrolment import Enrolled, Enrolment, Failed, Left
from bingjian.protocols.sip.message import Request, Response, read_datagram, serialise
from bingjian.protocols.sip.registrar_events import Gone, Why
from bingjian.protocols.sip.reply import Peer
from bingjian.signalling import connections
from bingjian.signalling import endpoint as endpoint_module
from bingjian.signalling.devices import Devices
from bingjian.signalling.endpoint import Endpoint
from bingjian.signalling.listener import Listener
from tests.unit.signalling.scripted import (
    CHANNEL,
    DEVICE,
    DOMAIN,
    PASSWORD,
    PLATFORM,
    Moved,
    ScriptedDevice,
    assignment,
    running,
    until,
)
from tests.unit.signalling.unwired import UDP, unwired

STRANGER = "99010100001180000099"


@pytest.mark.parametrize("tcp", [False, True])
async def test_a_device_registers_keeps_alive_and_leaves(tcp: bool) -> None:
    async with running() as (endpoint, heard):
        device = await ScriptedDevice(endpoint.port, tcp=tcp).open()
        enrolled = await device.register()
        assert isinstance(enrolled, Enrolled)
        assert enrolled.clock is not None
        assert abs((enrolled.clock - endpoint.wall()).total_seconds()) < 5
        peer = endpoint.peer_of(DEVICE)
        assert peer is not None
        assert (peer.transport, peer.port) == ("TCP" if tcp else "UDP", device.local.port)
        assert await device.keep_alive() == 200
        assert isinstance(await device.leave(), Left)
        assert endpoint.peer_of(DEVICE) is None
        await heard.wait("removed")
        assert await device.keep_alive() == 404
        device.close()


async def test_a_wrong_password_and_an_unknown_id_get_the_same_refusal() -> None:
    async with running() as (endpoint, heard):
        wrong = await ScriptedDevice(endpoint.port, password="guess").open()
        unknown = await ScriptedDevice(endpoint.port, id=STRANGER).open()
        assert await wrong.register() == Failed(403)
        assert await unknown.register() == Failed(403)
        refusals = [values[0].why for name, values in heard.told if name == "refused"]
        assert refusals == [Why.PASSWORD, Why.UNKNOWN]
        assert [values[0] for name, values in heard.told if name == "unknown"] == [STRANGER] * 2
        wrong.close()
        unknown.close()


@pytest.mark.parametrize("tcp", [False, True])
async def test_who_comes_before_we_were_told_of_any_device_comes_again(tcp: bool) -> None:
    async with running() as (endpoint, heard):
        told, endpoint.devices._assignment = endpoint.devices._assignment, Devices()._assignment
        device = await ScriptedDevice(endpoint.port, tcp=tcp).open()
        device.enrolment.start(device.now())
        device.flush()
        await until(lambda: endpoint.counts.received == 1, "a registration")
        if tcp:
            await until(lambda: device.enrolled == [Failed(503)], "that it is too early")
            assert await device.keep_alive() == 503
        assert (endpoint.counts.sent, endpoint.counts.refused) == (2 * tcp, 0)
        assert heard.names() == []
        assert endpoint.registrar.failures._counts == {}
        endpoint.devices._assignment = told
        assert isinstance(await device.register(), Enrolled)
        device.close()


def register_answering(challenge: Response, first: Request) -> Request:
    again = answered(first, challenge, Account("correct horse", DEVICE))
    assert again is not None
    return again


class Bare:
    """A socket that sends what it is given and reads one answer."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, 0))
        self._socket.connect((host, port))
        self._socket.setblocking(False)
        self.port = self._socket.getsockname()[1]

    def send(self, data: bytes) -> None:
        self._socket.send(data)

    async def receive(self) -> Response:
        loop = asyncio.get_running_loop()
        received = read_datagram(await asyncio.wait_for(loop.sock_recv(self._socket, 65535), 5))
        assert isinstance(received, Response)
        return received

    async def ask(self, request: Request) -> Response:
        self.send(serialise(request))
        return await self.receive()

    async def is_quiet(self) -> bool:
        await asyncio.sleep(0.1)
        try:
            return not self._socket.recv(65535)
        except BlockingIOError:
            return True

    def close(self) -> None:
        self._socket.close()


def register_request(local_port: int, endpoint: Endpoint, number: int = 1, call_id: str = "") -> Request:
    from bingjian.protocols.sip.compose import Local

    local = Local(DEVICE, DOMAIN, "127.0.0.1", local_port)
    peer = Peer("UDP", "127.0.0.1", endpoint.port)
    own = f"<{local.uri}>"
    return compose(
        "REGISTER",
        f"sip:{PLATFORM}@{DOMAIN}",
        local,
        peer,
        ("Contact", local.contact(peer)),
        ("Expires", "3600"),
        sender=f"{own};tag={new_tag()}",
        to=own,
        call_id=call_id or new_call_id(),
        number=number,
    )


async def test_R31_4_an_answer_that_is_sent_a_second_time_lets_nobody_in() -> None:
    async with running() as (endpoint, heard):
        bare, thief = Bare(endpoint.port), Bare(endpoint.port)
        first = register_request(bare.port, endpoint)
        right = register_answering(await bare.ask(first), first)
        assert (await bare.ask(right)).status == 200
        stolen = Request(
            "REGISTER",
            right.uri,
            right.headers.replacing("Call-ID", new_call_id()).replacing(
                "Via", right.headers.get("Via") + "x"
            ),
        )
        assert (await thief.ask(stolen)).status == 401
        device, peer = await heard.wait("replayed")
        assert (device, peer.port) == (DEVICE, thief.port)
        bare.close()
        thief.close()


async def test_a_lost_answer_is_repeated_and_not_counted_as_a_replay() -> None:
    async with running() as (endpoint, heard):
        bare = Bare(endpoint.port)
        first = register_request(bare.port, endpoint)
        right = register_answering(await bare.ask(first), first)
        assert (await bare.ask(right)).status == 200
        assert (await bare.ask(right)).status == 200
        assert heard.names() == ["registered"]
        bare.close()


async def test_a_refresh_with_the_answer_of_before_is_challenged_and_no_replay() -> None:
    async with running() as (endpoint, heard):
        bare = Bare(endpoint.port)
        first = register_request(bare.port, endpoint)
        right = register_answering(await bare.ask(first), first)
        await bare.ask(right)
        refresh = register_request(bare.port, endpoint, number=9, call_id=right.call_id)
        headers = refresh.headers.having(("Authorization", right.headers.get("Authorization")))
        challenge = await bare.ask(Request("REGISTER", refresh.uri, headers))
        assert challenge.status == 401
        assert "stale=true" in challenge.headers.get("WWW-Authenticate").lower().replace('"', "")
        assert heard.names() == ["registered"]
        bare.close()


async def test_silence_makes_a_device_offline_and_its_next_keep_alive_brings_it_back() -> None:
    clock = Moved()
    async with running(assignment(keep_alive_s=10, misses=3), clock) as (endpoint, heard):
        device = await ScriptedDevice(endpoint.port).open()
        await device.register()
        clock.pushed_s = 34.0  # three times 10 s, and 5 s for one under way
        endpoint.tick()
        assert endpoint.peer_of(DEVICE) is not None
        clock.pushed_s = 36.0
        endpoint.tick()
        assert endpoint.peer_of(DEVICE) is None
        assert (await heard.wait("gone"))[1].why is Why.SILENT
        assert await device.keep_alive() == 200
        assert endpoint.peer_of(DEVICE) is not None
        assert (await heard.wait("kept"))[1].returned
        device.close()


async def test_a_registration_that_is_not_renewed_ends() -> None:
    clock = Moved()
    async with running(None, clock) as (endpoint, heard):
        device = await ScriptedDevice(endpoint.port).open()
        await device.register()
        clock.pushed_s = 86_400 + 33.0
        endpoint.tick()
        endpoint.tick()
        assert [values[1].why for name, values in heard.told if name == "gone"][-1] is Why.EXPIRED
        assert await device.keep_alive() == 404
        device.close()


async def test_a_lost_connection_is_an_offline_device() -> None:
    async with running() as (endpoint, heard):
        device = await ScriptedDevice(endpoint.port, tcp=True).open()
        await device.register()
        device.close()
        _, gone = await heard.wait("gone")
        assert gone.why is Why.CONNECTION
        assert endpoint.peer_of(DEVICE) is None
        assert endpoint.connections == 0


async def test_a_second_connection_of_a_device_ends_the_first() -> None:
    async with running() as (endpoint, heard):
        first = await ScriptedDevice(endpoint.port, tcp=True).open()
        await first.register()
        second = await ScriptedDevice(endpoint.port, tcp=True).open()
        await second.register()
        await asyncio.wait_for(first.closed.wait(), 5)
        assert (peer := endpoint.peer_of(DEVICE)) is not None
        assert peer.port == second.local.port
        assert "gone" not in heard.names()
        second.close()


async def test_a_device_that_moves_leaves_its_connection_to_others_that_came_over_it() -> None:
    async with running(assignment(DEVICE, STRANGER)) as (endpoint, heard):
        shared = await ScriptedDevice(endpoint.port, tcp=True).open()
        await shared.register()
        local = replace(shared.local, id=STRANGER)
        account = Account(PASSWORD, STRANGER)
        shared.enrolment = Enrolment(shared.transactions, local, shared.peer, PLATFORM, account)
        await shared.register()
        own = await ScriptedDevice(endpoint.port, tcp=True).open()
        await own.register()
        assert await shared.keep_alive(sender=STRANGER) == 200
        assert "gone" not in heard.names()
        shared.close()
        own.close()


async def test_a_keep_alive_from_another_port_moves_the_device_for_our_requests() -> None:
    """gb28181.md, quirk 11."""
    async with running() as (endpoint, heard):
        device = await ScriptedDevice(endpoint.port).open()
        await device.register()
        elsewhere = await ScriptedDevice(endpoint.port).open()
        assert await elsewhere.keep_alive() == 200
        assert (await heard.wait("kept"))[1].moved
        taken: list[int] = []
        body = manscdp.build(DeviceInfoQuery(sn=1, device_id=DEVICE))
        assert endpoint.send_message(DEVICE, DEVICE, manscdp.CONTENT_TYPE, body, taken.append)
        endpoint.flush()
        await until(lambda: taken == [200])
        assert [request.method for request in elsewhere.asked] == ["MESSAGE"]
        assert device.asked == []
        assert await device.say_bytes(b"<x/>") == 200  # over UDP the host is what counts
        assert await elsewhere.say_bytes(b"<x/>", sender=CHANNEL) == 200
        device.close()
        elsewhere.close()


async def test_who_sends_for_a_channel_is_known_by_where_it_registered() -> None:
    async with running() as (endpoint, heard):
        device = await ScriptedDevice(endpoint.port).open()
        await device.register()
        assert await device.say_bytes(b"<x/>", sender=CHANNEL) == 200
        assert (await heard.wait("message"))[0] == DEVICE
        device.close()


async def test_strangers_are_refused_and_leave_nothing_behind() -> None:
    async with running() as (endpoint, heard):
        stranger = await ScriptedDevice(endpoint.port, id=STRANGER).open()
        for method, status in (
            ("OPTIONS", 200),
            ("MESSAGE", 403),
            ("INVITE", 403),
            ("SUBSCRIBE", 405),
            ("NOTIFY", 481),
            ("BYE", 481),
            ("INFO", 481),
            ("PUBLISH", 405),
        ):
            own = f"<{stranger.local.uri}>;tag=1"
            request = compose(
                method,
                f"sip:{PLATFORM}@{DOMAIN}",
                stranger.local,
                stranger.peer,
                sender=own,
                to=f"<sip:{PLATFORM}@{DOMAIN}>",
                call_id=new_call_id(),
                number=1,
            )
            await stranger.send(request)
            await until(lambda: stranger.statuses[-1:] == [status], method)  # noqa: B023
        assert len(endpoint.transactions) == 0
        assert heard.names() == []
        stranger.close()


async def test_a_flood_of_registrations_leaves_nothing_behind_and_others_are_served() -> None:
    async with running() as (endpoint, _):
        bare = Bare(endpoint.port)
        for number in range(2_000):
            bare.send(serialise(register_request(bare.port, endpoint, number + 1)))
        device = await ScriptedDevice(endpoint.port).open()
        assert isinstance(await device.register(), Enrolled)
        assert len(endpoint.transactions) <= 2
        bare.close()
        device.close()


TORTURE = [
    b"",
    b"\0",
    b"\r\n\r\n",
    b"jaK\0",
    b"\xff" * 5000,
    b"REGISTER sip:a SIP/2.0\r\n\r\n",
    b"REGISTER sip:a SIP/7.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nCSeq: 1 REGISTER\r\n\r\n",
    b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h\r\nFrom: <sip:a@b>\r\nTo: <sip:a@b>\r\nCall-ID: x\r\n"
    b"CSeq: 1 INVITE\r\n\r\n",
    b"SIP/2.0 99 OK\r\n\r\n",
    b"MESSAGE sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nFrom: <sip:a@b>\r\nTo: <sip:a@b>\r\nCall-ID: x\r\n"
    b"CSeq: 99999999999 MESSAGE\r\nContent-Length: -1\r\n\r\n",
    b"MESSAGE sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nContent-Length: 9999\r\n\r\nshort",
    b"INVITE sip:a SIP/2.0\r\n" + b"X-Long: " + b"a" * 20_000 + b"\r\n\r\n",
    b"INVITE sip:a SIP/2.0\r\n" + b"Via: SIP/2.0/UDP h\r\n" * 500 + b"\r\n",
    b'REGISTER sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nFrom: "open <sip:a@b>\r\nTo: <sip:a>\r\nCall-ID: x\r\n'
    b"CSeq: 1 REGISTER\r\n\r\n",
    b"ACK sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nFrom: <sip:a@b>\r\nTo: <sip:a@b>\r\nCall-ID: x\r\n"
    b"CSeq: 1 ACK\r\n\r\n",
    b"CANCEL sip:a SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nFrom: <sip:a@b>\r\nTo: <sip:a@b>\r\nCall-ID: x\r\n"
    b"CSeq: 1 CANCEL\r\n\r\n",
]


@pytest.mark.parametrize("data", TORTURE)
async def test_what_is_no_sip_disturbs_nobody(data: bytes) -> None:
    """After RFC 4475."""
    async with running() as (endpoint, _):
        bare = Bare(endpoint.port)
        bare.send(data)
        thrown = await ScriptedDevice(endpoint.port, tcp=True).open()
        thrown.raw(data)
        device = await ScriptedDevice(endpoint.port).open()
        assert isinstance(await device.register(), Enrolled)
        assert await device.keep_alive() == 200
        assert endpoint.counts.faults == 0
        assert len(endpoint.transactions) <= 1  # the registration's own answer
        for one in (bare, thrown, device):
            one.close()


async def test_connections_of_strangers_are_closed_in_time() -> None:
    clock = Moved()
    async with running(None, clock) as (endpoint, _):
        stranger = await ScriptedDevice(endpoint.port, tcp=True).open()
        device = await ScriptedDevice(endpoint.port, tcp=True).open()
        await device.register()
        clock.pushed_s = connections.STRANGER_S + 1
        endpoint.tick()
        await asyncio.wait_for(stranger.closed.wait(), 5)
        assert not device.closed.is_set()
        device.close()


async def test_of_too_many_strangers_the_oldest_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "STRANGERS_LIMIT", 2)
    async with running() as (endpoint, _):
        opened = [await ScriptedDevice(endpoint.port, tcp=True).open() for _ in range(3)]
        await asyncio.wait_for(opened[0].closed.wait(), 5)
        assert isinstance(await opened[2].register(), Enrolled)
        for one in opened:
            one.close()


async def test_a_stranger_may_not_send_a_large_message_and_a_device_may() -> None:
    async with running() as (endpoint, heard):
        body = b"<x>" + b"a" * 100_000 + b"</x>"
        stranger = await ScriptedDevice(endpoint.port, tcp=True, id=STRANGER).open()
        request = message(stranger.local, stranger.peer, PLATFORM, manscdp.CONTENT_TYPE, body)
        assert await stranger.send(request) == 413
        await asyncio.wait_for(stranger.closed.wait(), 5)
        device = await ScriptedDevice(endpoint.port, tcp=True).open()
        await device.register()
        assert await device.say_bytes(body) == 200
        assert (await heard.wait("message"))[1].body == body
        device.close()


async def test_a_device_that_is_listed_no_longer_is_dismissed() -> None:
    async with running() as (endpoint, heard):
        device = await ScriptedDevice(endpoint.port).open()
        await device.register()
        endpoint.dismiss(DEVICE)
        assert heard.names() == ["registered", "dismissed"]
        assert await device.keep_alive() == 404
        device.close()


async def test_a_fault_of_ours_stops_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running() as (endpoint, _):
        device = await ScriptedDevice(endpoint.port).open()
        await device.register()

        def broken(*_: object) -> None:
            raise RuntimeError("a bug")

        monkeypatch.setattr(endpoint_module, "is_keep_alive", broken)
        bare = Bare(endpoint.port)
        bare.send(serialise(register_request(bare.port, endpoint)))
        await until(lambda: endpoint.counts.faults == 1)
        monkeypatch.undo()
        assert await device.keep_alive() == 200
        bare.close()
        device.close()


async def test_a_message_that_nobody_answers_comes_to_408(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Moved()
    async with running(None, clock) as (endpoint, _):
        device = await ScriptedDevice(endpoint.port).open()
        await device.register()
        device.silent = True
        taken: list[int] = []
        endpoint.send_message(DEVICE, DEVICE, manscdp.CONTENT_TYPE, b"<x/>", taken.append)
        endpoint.flush()
        for pushed_s in range(0, 36, 4):
            clock.pushed_s = float(pushed_s)
            endpoint.tick()
        assert taken == [408]
        device.close()


async def test_ipv6_and_ipv4_reach_one_socket() -> None:
    async with running(host="::") as (endpoint, _):
        four = await ScriptedDevice(endpoint.port).open("127.0.0.1")
        assert isinstance(await four.register(), Enrolled)
        assert (peer := endpoint.peer_of(DEVICE)) is not None
        assert peer.host == "127.0.0.1"
        assert endpoint.local_for(peer).host == "127.0.0.1"
        six = await ScriptedDevice(endpoint.port).open("::1")
        assert isinstance(await six.register(), Enrolled)
        assert (peer := endpoint.peer_of(DEVICE)) is not None
        assert peer.host == "::1"
        four.close()
        six.close()


@pytest.mark.parametrize("how", ["connection", "silence"])
async def test_a_fault_about_one_device_does_not_cost_the_others(how: str) -> None:
    first, second = f"{DEVICE[:-1]}1", f"{DEVICE[:-1]}2"

    class Faulty(Listener):
        def on_gone(self, device: str, gone: Gone) -> None:
            if device == first:
                raise RuntimeError("a bug")

    peer = Peer("TCP", "192.0.2.5", 6000, 7)
    with unwired(ids=(first, second)) as here:
        here.endpoint.listeners.insert(0, Faulty())
        for id in (first, second):
            here.register(peer if how == "connection" else UDP, id)
        if how == "connection":
            here.endpoint._connection_lost(7)
        else:
            here.pass_s(300, step=300)
        assert [event["device"] for event in here.events("gone")] == [second]
        assert here.endpoint.counts.faults == 1


async def test_a_fault_in_one_answer_does_not_cost_the_others_that_are_due() -> None:
    """Several requests that nobody answered are given up at the same time."""
    with unwired() as here:
        here.register()
        told: list[int] = []

        def faulty(status: int) -> None:
            told.append(0)
            raise RuntimeError("a bug")

        for taker in (faulty, told.append):
            here.endpoint.send_message(DEVICE, DEVICE, manscdp.CONTENT_TYPE, b"<x/>", taker)
        here.pass_s(33, step=33)
        assert told == [0, 408]
        assert here.endpoint.counts.faults == 1
