"""The GB/T 28181 source against real sockets: devices that do as they are told, also wrongly."""

import asyncio
import contextlib
import gc
import os
import socket
from typing import Any

import pytest

from bingjian.clock import Clock, SystemClock
from bingjian.recording.cause import Cause
from bingjian.streaming.sources import gb28181, gb_inlets, ps_reception, signal_call
from bingjian.streaming.sources.base import SourceAddress, SourceError, Transport
from bingjian.streaming.sources.gb28181 import Channels
from bingjian.streaming.sources.media_ports import MediaPorts
from bingjian.streaming.sources.signal_call import Line, Wish
from tests.unit.formats.mpegps.wire import DELTA, KEY, MAP_H264, PACK, SYSTEM, pes, stream
from tests.unit.protocols.packets import Sender, h264_payloads, sample
from tests.unit.streaming.gb_devices import (
    ADDRESS,
    HOST,
    PICTURE,
    SSRC,
    Call,
    Datagrams,
    Pictures,
    Script,
    Signalling,
    bound,
    for_ever,
    framed,
    sending,
    signalling,
    throwing,
)
from tests.unit.streaming.test_sources_rtsp import FastClock, Heard

ELSEWHERE = "127.0.0.2"  # another host of this machine


def channels_at(process: Signalling, clock: Clock | None = None) -> Channels:
    ports = MediaPorts(clock or SystemClock(), HOST)
    return Channels(Line(process.url, "credential-of-media"), ports)


def address(transport: Transport = "auto") -> SourceAddress:
    return SourceAddress(ADDRESS, transport=transport)


@contextlib.asynccontextmanager
async def receiving(channels: Channels, heard: Heard, *, transport: Transport = "auto"):
    """A session while it lasts."""
    on = heard.connected.append
    session = asyncio.ensure_future(
        channels.receive(address(transport), heard, SystemClock(), on_connected=on)
    )
    try:
        yield session
    finally:
        session.cancel()
        await asyncio.gather(session, return_exceptions=True)


async def pictures_of(heard: Heard, session: "asyncio.Future[None]") -> None:
    """Until there are enough; the session's failure comes out."""
    enough = asyncio.ensure_future(heard.enough.wait())
    done, _ = await asyncio.wait({enough, session}, timeout=10, return_when=asyncio.FIRST_COMPLETED)
    enough.cancel()
    if session in done:
        session.result()
    assert heard.enough.is_set()


async def failure_of(
    script: Script, *more: Script, transport: Transport = "auto", clock: Clock | None = None
) -> SourceError:
    async with signalling(script, *more) as process:
        clock = clock or SystemClock()
        coming = channels_at(process, clock).receive(address(transport), Heard(), clock)
        with pytest.raises(SourceError) as caught:
            await asyncio.wait_for(coming, 20)
        return caught.value


async def over_tcp(call: Call) -> None:
    call.accept()
    await sending(call.port)


async def over_udp(call: Call) -> None:
    call.accept()
    await throwing(call.port, Datagrams())


async def test_pictures_over_a_connection_that_the_device_opens() -> None:
    heard = Heard(wanted=20)
    async with signalling(over_tcp) as process, receiving(channels_at(process), heard) as session:
        await pictures_of(heard, session)
        request = process.requests[0]
        assert request.bearer() == "credential-of-media"
        assert request.path == "/control/calls"
        asked = dict(request.query)
    assert int(asked.pop("port")) > 0
    device, channel = ADDRESS.removeprefix("gb28181://").split("/")
    assert asked == {
        "device": device,
        "channel": channel,
        "kind": "play",
        "stream": "0",
        "transport": "tcp",
    }
    assert heard.connected == ["tcp"]
    assert heard.units[0].sync
    assert [unit.timestamp for unit in heard.units] == [n * 3600 for n in range(len(heard.units))]
    assert heard.units[1].data == sample(DELTA)
    assert len(heard.tracks) == 1


async def test_pictures_over_datagrams() -> None:
    heard = Heard(wanted=20)
    async with (
        signalling(over_udp) as process,
        receiving(channels_at(process), heard, transport="udp") as session,
    ):
        await pictures_of(heard, session)
        assert process.calls[0].query["transport"] == "udp"
    assert heard.connected == ["udp"]
    assert [unit.timestamp for unit in heard.units] == [n * 3600 for n in range(len(heard.units))]


async def test_datagrams_out_of_order_are_put_in_order() -> None:
    async def shuffles(call: Call) -> None:
        sender = Datagrams()
        call.accept()
        for _ in range(10):
            made = [packet for _ in range(3) for packet in sender.pictures.next()]
            made[1], made[2], made[3] = made[3], made[1], made[2]
            for packet in made:
                sender.socket.sendto(packet, (HOST, call.port))
            await asyncio.sleep(0.02)
        await for_ever()

    heard = Heard(wanted=25)
    async with (
        signalling(shuffles) as process,
        receiving(channels_at(process), heard, transport="udp") as session,
    ):
        await pictures_of(heard, session)
    assert heard.lost == 0
    assert not any(unit.damaged for unit in heard.units)


async def test_a_lost_datagram_is_waited_for_a_moment_only() -> None:
    """Then pictures go on, though too few packets follow to fill the window."""

    async def loses(call: Call) -> None:
        sender = Datagrams()
        call.accept()
        sender.send(call.port, 4)
        made = [packet for _ in range(5) for packet in sender.pictures.next()]
        for packet in made[1:]:
            sender.socket.sendto(packet, (HOST, call.port))
        await for_ever()

    heard = Heard(wanted=6)
    async with (
        signalling(loses) as process,
        receiving(channels_at(process), heard, transport="udp") as session,
    ):
        await pictures_of(heard, session)
    assert heard.lost == 1


async def test_pictures_over_a_connection_that_we_open() -> None:
    """TCP active, as it is set for some devices."""

    async def listens(call: Call) -> None:
        async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            pictures = Pictures()
            while not writer.is_closing():
                writer.write(framed(pictures.next()))
                await asyncio.sleep(0.005)

        server = await asyncio.start_server(serve, HOST, 0)
        try:
            port = server.sockets[0].getsockname()[1]
            call.accept(transport="tcp-active", peer_port=port, setup="passive")
            await for_ever()
        finally:
            server.close()

    heard = Heard(wanted=10)
    async with signalling(listens) as process, receiving(channels_at(process), heard) as session:
        await pictures_of(heard, session)
    assert heard.connected == ["tcp"]


async def test_quirk_24_a_device_that_cannot_be_connected_to() -> None:
    async def names_a_closed_port(call: Call) -> None:
        closed = bound(HOST)
        call.accept(transport="tcp-active", peer_port=closed.getsockname()[1], setup="passive")
        await for_ever()

    failure = await failure_of(names_a_closed_port)
    assert failure.cause is Cause.REFUSED
    assert "where the device sends from" in failure.detail


# --- the SSRC -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ssrc", [77, 0], ids=["quirk 1, its own", "quirk 2, zero"])
@pytest.mark.parametrize("over", ["tcp", "udp"])
async def test_quirks_1_and_2_another_ssrc_than_agreed(ssrc: int, over: Transport) -> None:
    async def stubborn(call: Call) -> None:
        call.accept()
        if over == "tcp":
            await sending(call.port, Pictures(ssrc=ssrc))
        else:
            await throwing(call.port, Datagrams(Pictures(ssrc=ssrc)))

    heard = Heard(wanted=10)
    async with (
        signalling(stubborn) as process,
        receiving(channels_at(process), heard, transport=over) as session,
    ):
        await pictures_of(heard, session)
    assert heard.connected == [over]
    assert heard.units[0].timestamp == 0, "nothing that came before it was decided is lost"


async def test_quirk_1_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second time nobody waits for the agreed SSRC."""

    async def stubborn(call: Call) -> None:
        call.accept()
        await throwing(call.port, Datagrams(Pictures(ssrc=77)))

    monkeypatch.setattr(gb_inlets, "WAITING_LIMIT", 10**9)
    monkeypatch.setattr(gb28181, "TICK_SECONDS", 0)
    async with signalling(stubborn) as process:
        channels = channels_at(process)
        for patience_s in (0.1, 3600.0):
            monkeypatch.setattr(gb_inlets, "SSRC_PATIENCE_S", patience_s)
            heard = Heard(wanted=3)
            async with receiving(channels, heard, transport="udp") as session:
                await pictures_of(heard, session)


async def test_quirk_3_the_ssrc_of_the_answer_counts() -> None:
    async def chooses(call: Call) -> None:
        call.accept(ssrc=4711)
        old, new = Datagrams(), Datagrams(Pictures(ssrc=4711))
        old.send(call.port, 3)
        await throwing(call.port, new)

    heard = Heard(wanted=5)
    async with (
        signalling(chooses) as process,
        receiving(channels_at(process), heard, transport="udp") as session,
    ):
        await pictures_of(heard, session)
    assert {unit.timestamp for unit in heard.units} == {n * 3600 for n in range(len(heard.units))}


async def test_quirk_3_the_ssrc_changes_while_it_sends() -> None:
    async def changes(call: Call) -> None:
        call.accept()
        sender = Datagrams()
        sender.send(call.port, 10)
        sender.pictures.ssrc = 4711
        await throwing(call.port, sender)

    heard = Heard(wanted=30)
    async with (
        signalling(changes) as process,
        receiving(channels_at(process), heard, transport="udp") as session,
    ):
        await pictures_of(heard, session)
    assert heard.lost > 0


async def test_quirk_5_a_stream_of_before_on_our_port_yields_to_the_right_one() -> None:
    """Its BYE was lost; both come from one recorder."""
    before = Datagrams(Pictures(ssrc=1))

    async def mixes(call: Call) -> None:
        call.accept()
        for _ in range(20):
            before.send(call.port)
        await asyncio.sleep(0.1)
        right = Datagrams(Pictures(number=1_000_000))
        while True:
            before.send(call.port)
            right.send(call.port)
            await asyncio.sleep(0.005)

    heard = Heard(wanted=20)
    async with (
        signalling(mixes) as process,
        receiving(channels_at(process), heard, transport="udp") as session,
    ):
        await pictures_of(heard, session)
    assert heard.lost == 0
    assert heard.units[0].timestamp == 1_000_000 * PICTURE, "not one of the stream of before"


async def test_quirk_5_the_right_stream_overtakes_one_of_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which had been taken for it already."""
    monkeypatch.setattr(gb_inlets, "SSRC_PATIENCE_S", 0.1)
    before = Datagrams(Pictures(ssrc=1))

    async def comes_late(call: Call) -> None:
        call.accept()
        for _ in range(60):
            before.send(call.port)
            await asyncio.sleep(0.005)
        right = Datagrams(Pictures(number=1_000_000))
        while True:
            before.send(call.port)
            right.send(call.port)
            await asyncio.sleep(0.005)

    heard = Heard(wanted=10_000)
    async with (
        signalling(comes_late) as process,
        receiving(channels_at(process), heard, transport="udp") as session,
    ):
        await until(lambda: any(unit.timestamp > 3_000_000_000 for unit in heard.units))
        overtaken = len(heard.units)
        await until(lambda: len(heard.units) > overtaken + 20)
        assert not session.done()
    assert all(unit.timestamp > 3_000_000_000 for unit in heard.units[overtaken:])


# --- strangers ----------------------------------------------------------------------------------------------


async def test_a_stranger_on_the_port_is_not_recorded_over_udp() -> None:
    stranger = Datagrams(Pictures(ssrc=9), bound(ELSEWHERE))

    async def attacked(call: Call) -> None:
        call.accept()
        device = Datagrams(Pictures(number=1000, gop=1000))
        for _ in range(200):
            stranger.send(call.port)
        while True:
            device.send(call.port)
            stranger.send(call.port)
            await asyncio.sleep(0.005)

    heard = Heard(wanted=20)
    async with (
        signalling(attacked) as process,
        receiving(channels_at(process), heard, transport="udp") as session,
    ):
        await pictures_of(heard, session)
    assert min(unit.timestamp for unit in heard.units) == 3_600_000


async def test_a_stranger_who_guesses_the_ssrc_comes_too_late() -> None:
    """He has sixteen tries of ten thousand."""

    async def attacked(call: Call) -> None:
        call.accept()
        for ssrc in range(SSRC - 30, SSRC + 1):
            Datagrams(Pictures(ssrc=ssrc), bound(ELSEWHERE)).send(call.port)
        device = Datagrams(Pictures(number=1000, gop=1000))
        await throwing(call.port, device)

    heard = Heard(wanted=10)
    async with (
        signalling(attacked) as process,
        receiving(channels_at(process), heard, transport="udp") as session,
    ):
        await pictures_of(heard, session)
    assert min(unit.timestamp for unit in heard.units) == 3_600_000


async def test_a_stranger_on_the_port_is_not_recorded_over_tcp() -> None:
    async def attacked(call: Call) -> None:
        call.accept()
        await sending(call.port, Pictures(ssrc=9), ELSEWHERE)
        await sending(call.port, Pictures(number=1000, gop=1000))

    heard = Heard(wanted=10)
    async with signalling(attacked) as process, receiving(channels_at(process), heard) as session:
        await pictures_of(heard, session)
    assert min(unit.timestamp for unit in heard.units) == 3_600_000


async def test_strangers_who_say_nothing_do_not_keep_the_device_out() -> None:
    async def crowded(call: Call) -> None:
        call.accept()
        crowd = [await asyncio.open_connection(HOST, call.port, local_addr=(ELSEWHERE, 0)) for _ in range(20)]
        await sending(call.port)
        assert crowd

    heard = Heard(wanted=10)
    async with signalling(crowded) as process, receiving(channels_at(process), heard) as session:
        await pictures_of(heard, session)


async def test_a_crowd_of_strangers_does_not_push_the_device_out() -> None:
    """It is connected and has not sent yet."""

    async def crowded(call: Call) -> None:
        call.accept()
        await asyncio.sleep(0.1)
        _, device = await asyncio.open_connection(HOST, call.port)
        crowd = [await asyncio.open_connection(HOST, call.port, local_addr=(ELSEWHERE, 0)) for _ in range(20)]
        pictures = Pictures()
        while crowd:
            device.write(framed(pictures.next()))
            await asyncio.sleep(0.005)

    heard = Heard(wanted=10)
    async with signalling(crowded) as process, receiving(channels_at(process), heard) as session:
        await pictures_of(heard, session)


async def test_media_from_another_host_with_the_agreed_ssrc() -> None:
    """A platform below whose media server stands elsewhere."""

    async def elsewhere(call: Call) -> None:
        call.accept()
        await throwing(call.port, Datagrams(socket=bound(ELSEWHERE)))

    heard = Heard(wanted=10)
    async with (
        signalling(elsewhere) as process,
        receiving(channels_at(process), heard, transport="udp") as session,
    ):
        await pictures_of(heard, session)


async def test_only_strangers_come_and_that_is_said() -> None:
    stranger = Datagrams(Pictures(ssrc=9), bound(ELSEWHERE))

    async def attacked(call: Call) -> None:
        call.accept()
        await throwing(call.port, stranger)

    failure = await failure_of(attacked, transport="udp", clock=FastClock())
    assert failure.cause is Cause.NO_PACKETS
    assert f"came from {ELSEWHERE}, who was not called" in failure.detail


async def test_a_device_that_sends_from_a_new_port_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gb_inlets, "MOVE_S", 0.1)

    async def moves(call: Call) -> None:
        call.accept()
        sender = Datagrams()
        sender.send(call.port, 10)
        await asyncio.sleep(0.3)
        sender.socket = bound(HOST)
        await throwing(call.port, sender)

    heard = Heard(wanted=30)
    async with (
        signalling(moves) as process,
        receiving(channels_at(process), heard, transport="udp") as session,
    ):
        await pictures_of(heard, session)


# --- transports ---------------------------------------------------------------------------------------------


async def test_quirk_23_a_device_that_sends_datagrams_where_tcp_was_offered() -> None:
    heard = Heard(wanted=10)
    async with signalling(over_udp) as process:
        channels = channels_at(process)
        async with receiving(channels, heard) as session:
            await pictures_of(heard, session)
        assert heard.connected == ["udp"]
        heard = Heard(wanted=10)
        async with receiving(channels, heard) as session:
            await pictures_of(heard, session)
        assert [call.query["transport"] for call in process.calls] == ["tcp", "udp"], "remembered"


async def test_quirk_23_a_device_that_opens_nothing_is_asked_for_udp(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gb28181, "FIRST_PACKET_SECONDS", 0.5)

    async def opens_nothing(call: Call) -> None:
        call.accept()
        await call.closed.wait()

    heard = Heard(wanted=10)
    async with (
        signalling(opens_nothing, over_udp) as process,
        receiving(channels_at(process), heard) as session,
    ):
        await pictures_of(heard, session)
        assert process.calls[0].closed.is_set(), "the first call was ended"
        assert [call.query["transport"] for call in process.calls] == ["tcp", "udp"]


async def test_quirk_23_a_recording_that_comes_over_nothing_leaves_what_live_pictures_told() -> None:
    async def refuses(call: Call) -> None:
        call.end("refused", 488, "no")

    wish = Wish("download", "2026-09-21T12:00:00+08:00", "2026-09-21T12:01:00+08:00", 4)
    async with signalling(refuses, over_udp, refuses, refuses, over_udp) as process:
        channels = channels_at(process)
        for _ in range(2):
            heard = Heard(wanted=10)
            async with receiving(channels, heard) as session:
                await pictures_of(heard, session)
            if len(process.calls) == 2:
                with pytest.raises(SourceError):
                    await channels.fetch(address(), wish, Heard(), SystemClock())
    assert [call.query["transport"] for call in process.calls] == ["tcp", "udp", "udp", "tcp", "udp"]


@pytest.mark.parametrize("status", [400, 415, 488])
async def test_a_device_that_refuses_tcp_is_asked_for_udp(status: int) -> None:
    async def refuses(call: Call) -> None:
        call.end("refused", status, "no")

    heard = Heard(wanted=10)
    async with signalling(refuses, over_udp) as process, receiving(channels_at(process), heard) as session:
        await pictures_of(heard, session)


@pytest.mark.parametrize("when", ["before the answer", "long after"])
async def test_quirk_25_the_device_connects_before_it_answers_or_late(when: str) -> None:
    async def early_or_late(call: Call) -> None:
        task = None
        if when == "before the answer":
            task = asyncio.ensure_future(sending(call.port))
            await asyncio.sleep(0.3)
        call.accept()
        if task is None:
            await asyncio.sleep(2.5)
        await (task or sending(call.port))

    heard = Heard(wanted=10)
    async with signalling(early_or_late) as process, receiving(channels_at(process), heard) as session:
        await pictures_of(heard, session)
    assert heard.units[0].timestamp == 0, "from the first picture on"


async def test_a_stranger_who_comes_before_the_answer_is_not_believed_either() -> None:
    async def attacked(call: Call) -> None:
        stranger = asyncio.ensure_future(sending(call.port, Pictures(ssrc=9), ELSEWHERE))
        Datagrams(Pictures(ssrc=9), bound(ELSEWHERE)).send(call.port, 10)
        await asyncio.sleep(0.3)
        call.accept()
        await asyncio.sleep(0.2)
        await sending(call.port, Pictures(number=1000, gop=1000))
        stranger.cancel()

    heard = Heard(wanted=10)
    async with signalling(attacked) as process, receiving(channels_at(process), heard) as session:
        await pictures_of(heard, session)
    assert min(unit.timestamp for unit in heard.units) == 3_600_000


async def test_rtsp_framing_over_tcp_is_understood() -> None:
    async def interleaves(call: Call) -> None:
        call.accept()
        pictures = Pictures()
        _, writer = await asyncio.open_connection(HOST, call.port)
        while True:
            for packet in pictures.next():
                writer.write(b"$\0" + len(packet).to_bytes(2) + packet)
            await asyncio.sleep(0.005)

    heard = Heard(wanted=10)
    async with signalling(interleaves) as process, receiving(channels_at(process), heard) as session:
        await pictures_of(heard, session)


async def test_a_device_that_sends_datagrams_is_told_what_arrives() -> None:
    """To the port after its own: some stop after half a minute without."""
    sender = Datagrams()
    sender.socket, listening = pair_of_ports()

    async def device(call: Call) -> None:
        call.accept()
        await throwing(call.port, sender)

    async with (
        signalling(device) as process,
        receiving(channels_at(process), Heard(), transport="udp") as session,
    ):
        loop = asyncio.get_running_loop()
        packet = await asyncio.wait_for(loop.sock_recv(listening, 2048), 5)
        assert not session.done()
    assert packet[1] == 201, "a receiver report"
    assert int.from_bytes(packet[8:12]) == SSRC
    listening.close()


def pair_of_ports() -> tuple[socket.socket, socket.socket]:
    """Two sockets, the second on the port after the first's."""
    while True:
        first, second = bound(HOST), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        second.setblocking(False)
        with contextlib.suppress(OSError, OverflowError):
            second.bind((HOST, first.getsockname()[1] + 1))
            return first, second
        second.close()


# --- sound --------------------------------------------------------------------------------------------------

SOUND = bytes(range(160))


def with_sound(number: int) -> bytes:
    return pes(0xC0, SOUND, number * 3600)


@pytest.mark.parametrize("first", [0, 3], ids=["at once", "three pictures later"])
async def test_sound_is_the_second_track(first: int) -> None:
    async def sings(call: Call) -> None:
        call.accept(sound="pcmu")
        pictures = Pictures()
        _, writer = await asyncio.open_connection(HOST, call.port)
        while True:
            number = pictures.number
            writer.write(framed(pictures.next()))
            pictures.number -= 1
            if number >= first:
                writer.write(framed(pictures.wrap(with_sound(number))))
            pictures.number = number + 1
            await asyncio.sleep(0.02)

    heard = Heard(wanted=30)
    async with signalling(sings) as process, receiving(channels_at(process), heard) as session:
        await pictures_of(heard, session)
    assert len(heard.tracks) == 1, "nobody is told of pictures alone first"
    assert [config.codec for config in heard.tracks[0]] == ["h264", "pcmu"]
    assert heard.units[0].sync, "the first key frame is not lost to the waiting"
    assert {unit.data for unit in heard.units if unit.track == 1} == {SOUND}


async def test_sound_that_comes_late_is_told_then() -> None:
    async def sings_late(call: Call) -> None:
        call.accept()
        pictures = Pictures()
        _, writer = await asyncio.open_connection(HOST, call.port)
        while True:
            number = pictures.number
            writer.write(framed(pictures.next()))
            if number > 40:
                writer.write(framed(pictures.wrap(with_sound(number))))
                pictures.number -= 1
            await asyncio.sleep(0.02)

    heard = Heard(wanted=70)
    async with signalling(sings_late) as process, receiving(channels_at(process), heard) as session:
        await pictures_of(heard, session)
    assert [len(tracks) for tracks in heard.tracks] == [1, 2]


# --- what does not come -------------------------------------------------------------------------------------


async def test_no_packets_within_seconds() -> None:
    async def silent(call: Call) -> None:
        call.accept()
        await call.closed.wait()

    failure = await failure_of(silent, clock=FastClock())
    assert failure.cause is Cause.NO_PACKETS
    assert "sends nothing over UDP" in failure.detail


async def test_a_stream_that_stops_is_noticed() -> None:
    async def stops(call: Call) -> None:
        call.accept()
        pictures = Pictures()
        _, writer = await asyncio.open_connection(HOST, call.port)
        for _ in range(5):
            writer.write(framed(pictures.next()))
        await for_ever()

    failure = await failure_of(stops, clock=FastClock())
    assert failure.cause is Cause.NO_PACKETS
    assert failure.detail == "no video for 10 seconds"


async def test_sound_alone_is_no_picture() -> None:
    async def hums(call: Call) -> None:
        call.accept()
        pictures = Pictures()
        _, writer = await asyncio.open_connection(HOST, call.port)
        for _ in range(5):
            writer.write(framed(pictures.next()))
        while True:
            writer.write(framed(pictures.wrap(with_sound(pictures.number))))
            await asyncio.sleep(0.01)

    failure = await failure_of(hums, clock=FastClock())
    assert failure.detail == "no video for 10 seconds"


async def test_pictures_without_a_key_frame() -> None:
    async def never_begins(call: Call) -> None:
        call.accept()
        await sending(call.port, Pictures(number=1, gop=1_000_000))

    failure = await failure_of(never_begins, clock=FastClock())
    assert failure.cause is Cause.NO_KEY_FRAME


def transport_stream() -> list[bytes]:
    return [b"\x47" + bytes(187)] * 7


ODD = {
    "a transport stream": ("transport stream", [b"".join(transport_stream())]),
    "H.264 by itself": ("H.264", [part for unit in (KEY, DELTA) for part in h264_payloads(unit, 100)]),
}


@pytest.mark.parametrize("name", ODD)
async def test_what_is_no_program_stream_is_named(name: str) -> None:
    kind, payloads = ODD[name]

    async def odd(call: Call) -> None:
        call.accept()
        sender = Sender(ssrc=SSRC)
        _, writer = await asyncio.open_connection(HOST, call.port)
        while True:
            writer.write(framed(sender.unit(payloads, sender.sequence)))
            await asyncio.sleep(0.01)

    failure = await failure_of(odd, clock=FastClock())
    assert failure.cause is Cause.CODEC_NOT_ACCEPTED
    assert failure.detail == f"the camera sends {kind} by itself instead of a program stream"


async def test_an_encrypted_stream_is_named() -> None:
    scrambled = bytearray(pes(0xE0, stream(KEY), 0))
    scrambled[6] |= 0x30  # PES_scrambling_control

    async def encrypts(call: Call) -> None:
        call.accept()
        pictures = Pictures()
        _, writer = await asyncio.open_connection(HOST, call.port)
        while True:
            writer.write(framed(pictures.wrap(PACK + SYSTEM + MAP_H264 + bytes(scrambled))))
            await asyncio.sleep(0.01)

    failure = await failure_of(encrypts, clock=FastClock())
    assert (failure.cause, failure.detail) == (Cause.CODEC_NOT_ACCEPTED, "the stream is encrypted")


async def test_something_else_than_rtp_ends_the_session() -> None:
    async def babbles(call: Call) -> None:
        call.accept()
        _, writer = await asyncio.open_connection(HOST, call.port)
        with contextlib.suppress(ConnectionError):
            while True:
                writer.write(b"GET / HTTP/1.1\r\n" * 4096)
                await writer.drain()
        await for_ever()

    failure = await failure_of(babbles)
    assert failure.cause is Cause.PROTOCOL


# --- the call's end -----------------------------------------------------------------------------------------

ENDS = {
    ("refused", 404): Cause.NOT_FOUND,
    ("refused", 403): Cause.AUTHENTICATION,
    ("refused", 500): Cause.REFUSED,
    ("busy", 486): Cause.REFUSED,
    ("offline", 0): Cause.UNREACHABLE,
    ("unknown", 0): Cause.NOT_FOUND,
    ("not_admitted", 0): Cause.REFUSED,
    ("no_answer", 408): Cause.UNREACHABLE,
    ("lost", 0): Cause.DISCONNECTED,
}


@pytest.mark.parametrize("end", ENDS, ids=str)
async def test_a_call_that_does_not_come_about(end: tuple[str, int]) -> None:
    async def ends(call: Call) -> None:
        call.end(*end, f"because of {end[0]}")

    failure = await failure_of(ends)
    assert (failure.cause, failure.detail) == (ENDS[end], f"because of {end[0]}")


async def test_the_device_says_bye() -> None:
    async def says_bye(call: Call) -> None:
        call.accept()
        task = asyncio.ensure_future(sending(call.port))
        await asyncio.sleep(0.2)
        call.end("peer", 0, "the device has ended the call")
        await task

    failure = await failure_of(says_bye)
    assert (failure.cause, failure.detail) == (Cause.DISCONNECTED, "the device has ended the call")


@pytest.mark.parametrize("ends", ["bye", "cancelled"])
async def test_M4_pictures_that_waited_for_sound_when_the_session_ended_are_not_lost(
    monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    monkeypatch.setattr(ps_reception, "NO_SOUND_SECONDS", 3600.0)
    monkeypatch.setattr(ps_reception, "SOUND_SECONDS", 7200.0)
    came = asyncio.Event()

    async def shows_a_little(call: Call) -> None:
        call.accept()
        _, writer = await asyncio.open_connection(HOST, call.port)
        pictures = Pictures()
        writer.write(b"".join(framed(pictures.next()) for _ in range(5)))
        await came.wait()
        if ends == "bye":
            call.end("peer", 0, "the device has ended the call")
        await call.closed.wait()
        writer.close()

    real = ps_reception.PsReception.take

    def noted(taking: ps_reception.PsReception, *told: Any) -> None:
        real(taking, *told)
        if taking.pictures:
            came.set()

    monkeypatch.setattr(ps_reception.PsReception, "take", noted)
    heard = Heard()
    async with signalling(shows_a_little) as process, receiving(channels_at(process), heard) as session:
        await asyncio.wait_for(came.wait(), 10)
        assert heard.units == []
        if ends == "cancelled":
            session.cancel()
        await asyncio.gather(session, return_exceptions=True)
    assert heard.units[0].sync


async def test_quirk_31_the_connection_breaks_without_a_bye() -> None:
    async def hangs_up(call: Call) -> None:
        call.accept()
        _, writer = await asyncio.open_connection(HOST, call.port)
        writer.write(framed(Pictures().next()))
        await asyncio.sleep(0.1)
        writer.close()
        await call.closed.wait()

    failure = await failure_of(hangs_up)
    assert failure.cause is Cause.DISCONNECTED
    assert "connection of its media" in failure.detail


async def test_a_signalling_process_that_is_not_there() -> None:
    async with signalling(over_tcp) as process:
        pass
    with pytest.raises(SourceError) as caught:
        await channels_at(process).receive(address(), Heard(), SystemClock())
    assert caught.value.detail == "the signalling process does not answer"


async def test_a_signalling_process_that_dies_ends_the_session() -> None:
    async def dies(call: Call) -> None:
        call.accept()
        task = asyncio.ensure_future(sending(call.port))
        await asyncio.sleep(0.2)
        call.socket.cut()
        await task

    failure = await failure_of(dies)
    assert failure.cause is Cause.DISCONNECTED


# --- a signalling process that dies and comes back


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signal_call, "AGAIN_FIRST_S", 0.05)


def sends_and_dies(over: Transport, sent: list[asyncio.Task[None]], dialog: str = "first") -> Script:
    """The device goes on; the connection to who called it breaks."""

    async def script(call: Call) -> None:
        call.accept(dialog=dialog)
        pictures = sending(call.port) if over == "tcp" else throwing(call.port, Datagrams())
        sent.append(asyncio.ensure_future(pictures))
        await asyncio.sleep(0.3)
        call.socket.cut()

    return script


async def stopped(sent: list[asyncio.Task[None]]) -> None:
    for task in sent:
        task.cancel()
    await asyncio.gather(*sent, return_exceptions=True)


@pytest.mark.parametrize("over", ["tcp", "udp"])
async def test_media_go_on_and_the_call_is_taken_up(soon: None, over: Transport) -> None:
    sent: list[asyncio.Task[None]] = []

    async def dies_again(call: Call) -> None:
        call.tell(type="taken_up", dialog="second")
        await asyncio.sleep(0.1)
        call.socket.cut()

    async def takes_up(call: Call) -> None:
        call.tell(type="taken_up", dialog="third")
        await for_ever()

    heard = Heard(wanted=200)
    async with signalling(sends_and_dies(over, sent), dies_again, takes_up) as process:
        async with receiving(channels_at(process), heard, transport=over) as session:
            await until(lambda: len(process.calls) == 3)
            await pictures_of(heard, session)
            assert [call.query.get("resume") for call in process.calls] == [None, "first", "second"]
            queries = [{**call.query, "resume": ""} for call in process.calls]
            assert queries[0] == queries[1] == queries[2], "the same call"
            assert heard.connected == [over], "one session"
            assert heard.lost == 0
        await asyncio.wait_for(process.calls[-1].closed.wait(), 5)
        await stopped(sent)


async def test_it_is_tried_as_long_as_pictures_come(soon: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections that break at once, and a process that is not ready yet."""
    monkeypatch.setattr(signal_call, "AGAIN_MAX_S", 0.1)
    sent: list[asyncio.Task[None]] = []

    async def takes_up_at_last(call: Call) -> None:
        if len(process.calls) < 6:
            call.socket.cut()
            return
        call.tell(type="taken_up", dialog="second")
        await for_ever()

    heard = Heard(wanted=300)
    async with signalling(sends_and_dies("udp", sent), takes_up_at_last) as process:
        process.refusals = [503, 504]
        async with receiving(channels_at(process), heard, transport="udp") as session:
            await until(lambda: len(process.calls) == 6)
            await pictures_of(heard, session)
            assert not session.done()
            assert process.refusals == []
        await stopped(sent)


@pytest.mark.parametrize("status", [400, 401])
async def test_a_process_that_does_not_know_such_calls_ends_it(soon: None, status: int) -> None:
    sent: list[asyncio.Task[None]] = []
    async with signalling(sends_and_dies("udp", sent)) as process:
        process.refusals = [status]
        coming = channels_at(process).receive(address("udp"), Heard(), SystemClock())
        with pytest.raises(SourceError) as caught:
            await asyncio.wait_for(coming, 10)
        assert caught.value.detail == f"the signalling process refuses the call ({status})"
        await stopped(sent)


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        ("not_admitted", Cause.REFUSED),
        ("unknown", Cause.NOT_FOUND),
        ("busy", Cause.REFUSED),
        ("lost", Cause.DISCONNECTED),
    ],
)
async def test_a_call_that_is_not_taken_up_ends_with_its_cause(
    soon: None, cause: str, expected: Cause
) -> None:
    sent: list[asyncio.Task[None]] = []

    async def refuses(call: Call) -> None:
        call.end(cause, 0, f"because of {cause}")

    async with signalling(sends_and_dies("udp", sent), refuses) as process:
        channels = channels_at(process)
        with pytest.raises(SourceError) as caught:
            await asyncio.wait_for(channels.receive(address("udp"), Heard(), SystemClock()), 10)
        assert (caught.value.cause, caught.value.detail) == (expected, f"because of {cause}")
        assert not channels._farewells, "it has been said"
        await stopped(sent)


async def test_what_was_not_told_to_be_kept_ends(soon: None) -> None:
    sent: list[asyncio.Task[None]] = []
    failure = await failure_of(sends_and_dies("udp", sent, dialog=""))
    assert (failure.cause, failure.detail) == (
        Cause.DISCONNECTED,
        "the signalling process has ended the call",
    )
    await stopped(sent)


async def test_pictures_that_stop_meanwhile_end_the_session(soon: None) -> None:
    async def stops_and_dies(call: Call) -> None:
        call.accept(dialog="first")
        Datagrams().send(call.port, pictures=20)
        await asyncio.sleep(0.2)
        call.socket.cut()

    async def never_answers(call: Call) -> None:
        call.socket.cut()

    failure = await failure_of(stops_and_dies, never_answers, clock=FastClock(), transport="udp")
    assert failure.cause is Cause.NO_PACKETS


async def test_who_stops_receiving_meanwhile_says_so_when_it_is_back(soon: None) -> None:
    """Else the device would send for ever to a port that is closed."""
    sent: list[asyncio.Task[None]] = []
    answers = asyncio.Event()

    async def later(call: Call) -> None:
        if answers.is_set():
            call.tell(type="taken_up", dialog="second")
        else:
            call.socket.cut()

    heard = Heard(wanted=20)
    async with signalling(sends_and_dies("udp", sent), later) as process:
        channels = channels_at(process)
        async with receiving(channels, heard, transport="udp") as session:
            await pictures_of(heard, session)
            await until(lambda: len(process.calls) > 2)
        assert channels._farewells
        answers.set()
        await until(lambda: not channels._farewells)
        last = process.calls[-1]
        assert last.query["resume"] == "first"
        await asyncio.wait_for(last.closed.wait(), 5)
        await stopped(sent)


async def test_whoever_stops_receiving_ends_the_call_and_gives_the_port_back() -> None:
    async with signalling(over_tcp) as process:
        channels = channels_at(process)
        heard = Heard(wanted=3)
        async with receiving(channels, heard) as session:
            await pictures_of(heard, session)
            assert channels.ports.in_use == 1
        await asyncio.wait_for(process.calls[0].closed.wait(), 5)
        assert channels.ports.in_use == 0


async def until(holds, within_s: float = 5.0) -> None:
    async with asyncio.timeout(within_s):
        while not holds():
            await asyncio.sleep(0.01)


async def test_sessions_that_end_at_any_moment_leave_nothing_behind() -> None:
    """No descriptor, no task, no port."""

    async def mixed(call: Call) -> None:
        with contextlib.suppress(OSError):
            await asyncio.sleep(0.01)
            call.accept()
            if call.port % 2:
                await sending(call.port)
            else:
                await throwing(call.port, Datagrams())

    async with signalling(mixed) as process:
        channels = channels_at(process)
        await several(channels, process, 5)
        before = await left_over()
        await several(channels, process, 40)
        assert channels.ports.in_use == 0
        assert len(process.calls) > 20
        process.calls.clear()
        await until_settled(before)


async def several(channels: Channels, process: Signalling, count: int) -> None:
    """Sessions side by side, each stopped a little later than the one before."""
    clock = SystemClock()
    sessions = [asyncio.ensure_future(channels.receive(address(), Heard(), clock)) for _ in range(count)]
    for session in sessions:
        await asyncio.sleep(0.01)
        session.cancel()
    await asyncio.gather(*sessions, return_exceptions=True)
    await asyncio.gather(*(call.closed.wait() for call in process.calls))
    for task in process.tasks:
        task.cancel()
    await until(lambda: all(task.done() for task in process.tasks))
    process.tasks.clear()  # they hold the devices' sockets


async def left_over() -> tuple[int, int]:
    """Descriptors and tasks, once those that are ending have ended."""
    await asyncio.sleep(0.3)
    return len(os.listdir("/proc/self/fd")), len(asyncio.all_tasks())


async def until_settled(before: tuple[int, int]) -> None:
    now = await left_over()
    for _ in range(20):
        if now[0] <= before[0] and now[1] <= before[1]:
            return
        gc.collect()
        now = await left_over()
    raise AssertionError(f"descriptors and tasks: {before} before, {now} after")
