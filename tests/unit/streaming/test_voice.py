"""One person speaking to one camera: what goes out, over what, and how it ends."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bingjian.clock import SystemClock
from bingjian.formats.access_unit import Codec
from bingjian.protocols import rtp, rtp_over_tcp
from bingjian.protocols.gb28181 import address
from bingjian.streaming.sources.gb28181 import Channels
from bingjian.streaming.sources.media_ports import MediaPorts
from bingjian.streaming.sources.signal_call import CallEnded, Line
from bingjian.streaming.voice.packets import Packets
from bingjian.streaming.voice.speech import Speech
from tests.unit.streaming.gb_devices import ADDRESS, HOST, SSRC, Call, Script, for_ever, signalling

SOUND = bytes(640)  # 40 ms
FIELDS: dict[str, object] = {"payload_type": 8, "sound": "pcma", "transport": "udp"}


@asynccontextmanager
async def speaking(script: Script) -> AsyncIterator[tuple[Speech, asyncio.Event, asyncio.Task[CallEnded]]]:
    async with signalling(script) as process:
        channels = Channels(Line(process.url, "c"), MediaPorts(SystemClock(), HOST), HOST)
        speech, ready = Speech(channels, address.parse(ADDRESS), SystemClock()), asyncio.Event()
        task = asyncio.create_task(speech.run(ready.set))
        try:
            yield speech, ready, task
        finally:
            task.cancel()
            await asyncio.wait([task])
            assert channels.ports.in_use == 0


# --- packets


def test_packets_have_the_wished_length_however_the_sound_is_cut() -> None:
    sound = struct.pack("<960h", *range(960))
    whole = Packets(Codec.PCMA, 8, SSRC, 20).of(sound)
    cut = Packets(Codec.PCMA, 8, SSRC, 20)
    pieces = [packet for at in range(0, len(sound), 74) for packet in cut.of(sound[at : at + 74])]
    assert pieces == whole
    heads = [rtp.read_header(packet) for packet in whole]
    assert [(head.sequence, head.timestamp, head.marker) for head in heads] == [
        (n, n * 160, n == 0) for n in range(6)
    ]
    assert {(head.payload_type, head.ssrc, head.end - head.start) for head in heads} == {(8, SSRC, 160)}


# --- ways out


async def test_over_udp_it_goes_where_the_device_says_from_the_port_that_was_named() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind((HOST, 0))
        ear.setblocking(False)

        async def device(call: Call) -> None:
            call.accept(peer_port=ear.getsockname()[1], **FIELDS)
            await for_ever()

        async with speaking(device) as (speech, ready, _):
            speech.say(SOUND)  # nobody listens yet
            await asyncio.wait_for(ready.wait(), 10)
            assert speech.first_utc_ns == 0
            speech.say(SOUND)
            loop = asyncio.get_running_loop()
            data, peer = await asyncio.wait_for(loop.sock_recvfrom(ear, 2000), 10)
            assert (len(data), peer[0]) == (172, HOST)
            assert rtp.read_header(data).sequence == 0


async def test_quirk_42_over_tcp_packets_are_longer_and_have_their_length_in_front() -> None:
    """The device connects, as late as it likes."""
    heard = bytearray()

    async def device(call: Call) -> None:
        call.accept(setup="active", **{**FIELDS, "transport": "tcp"})
        await asyncio.sleep(0.2)
        reader, writer = await asyncio.open_connection(HOST, call.port)
        while data := await reader.read(4096):
            heard.extend(data)
        writer.close()

    async with speaking(device) as (speech, ready, _):
        await asyncio.wait_for(ready.wait(), 10)
        for _ in range(3):
            speech.say(SOUND)
        async with asyncio.timeout(10):
            while len(heard) < 2 * (2 + 12 + 480):
                await asyncio.sleep(0.01)
    bounds = rtp_over_tcp.Reader().receive_data(bytes(heard)).bounds
    assert [end - start for start, end in bounds] == [492, 492]


async def test_a_device_that_listens_over_tcp_is_connected_to_and_may_hang_up() -> None:
    hung_up = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(494)
        writer.close()
        hung_up.set()

    server = await asyncio.start_server(serve, HOST, 0)
    port = server.sockets[0].getsockname()[1]

    async def device(call: Call) -> None:
        call.accept(setup="passive", peer_port=port, **{**FIELDS, "transport": "tcp", "sound": "pcmu"})
        await for_ever()

    async with server, speaking(device) as (speech, ready, _):
        await asyncio.wait_for(ready.wait(), 10)
        speech.say(SOUND)
        speech.say(SOUND)
        await asyncio.wait_for(hung_up.wait(), 10)
        async with asyncio.timeout(10):
            while not speech.has_hung_up:
                speech.say(SOUND)
                await asyncio.sleep(0.05)


async def test_a_stranger_who_connects_is_not_spoken_to() -> None:
    async def device(call: Call) -> None:
        call.accept(setup="active", **{**FIELDS, "transport": "tcp"})
        reader, _ = await asyncio.open_connection(HOST, call.port, local_addr=("127.0.0.2", 0))
        assert await reader.read(10) == b""
        await asyncio.open_connection(HOST, call.port)
        await for_ever()

    async with speaking(device) as (_, ready, _task):
        await asyncio.wait_for(ready.wait(), 10)


# --- how it ends


async def test_the_devices_refusal_is_told() -> None:
    async def device(call: Call) -> None:
        call.end("refused", 403, "the device refuses voice (403)")

    async with speaking(device) as (_, ready, task):
        ended = await asyncio.wait_for(task, 10)
        assert (ended.cause, ended.status, ended.detail) == ("refused", 403, "the device refuses voice (403)")
        assert not ready.is_set()


async def test_a_device_that_cannot_be_reached_is_said_so() -> None:
    async def device(call: Call) -> None:
        call.accept(setup="passive", peer_port=1, **{**FIELDS, "transport": "tcp"})
        await for_ever()

    async with speaking(device) as (_, ready, task):
        ended = await asyncio.wait_for(task, 10)
        assert (ended.cause, ready.is_set()) == ("no_way", False)


@pytest.mark.parametrize("piece", [SOUND, bytes(4096)])
async def test_a_page_that_brings_more_sound_than_time_has_passed_is_not_passed_on(piece: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind((HOST, 0))
        ear.setblocking(False)

        async def device(call: Call) -> None:
            call.accept(peer_port=ear.getsockname()[1], **FIELDS)
            await for_ever()

        async with speaking(device) as (speech, ready, _):
            await asyncio.wait_for(ready.wait(), 10)
            for _ in range(1000):
                speech.say(piece)
            await asyncio.sleep(0.1)
            count = 0
            while True:
                try:
                    ear.recv(2000)
                except BlockingIOError:
                    break
                count += 1
            assert 30 <= count <= 200  # one second and the test's own time
