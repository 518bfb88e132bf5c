"""A media worker's side and the signalling process together: from an address to pictures, and to BYE."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bingjian.clock import SystemClock
from bingjian.processes.signal_calls import open_call
from bingjian.protocols.sip.events import Asked
from bingjian.recording.cause import Cause
from bingjian.signalling.streams import Streams
from bingjian.streaming.http import HttpProblem, Request
from bingjian.streaming.http_server import HttpServer
from bingjian.streaming.sources.base import SourceAddress, SourceError
from bingjian.streaming.sources.gb28181 import Channels
from bingjian.streaming.sources.media_ports import MediaPorts
from bingjian.streaming.sources.signal_call import Line
from bingjian.streaming.websocket_client import Closed, connected
from tests.unit.processes import signal_process
from tests.unit.signalling.callee import Callee, Invited
from tests.unit.signalling.scripted import CHANNEL, DEVICE, ScriptedDevice, assignment, running, until
from tests.unit.streaming.gb_devices import Datagrams, Pictures, sending, throwing
from tests.unit.streaming.test_sources_rtsp import Heard

HOST = "127.0.0.1"
ADDRESS = SourceAddress(f"gb28181://{DEVICE}/{CHANNEL}")


@dataclass
class Platform:
    sip_port: int
    url: str
    streams: Streams
    channels: Channels
    tasks: list[asyncio.Task[None]] = field(default_factory=list)


@asynccontextmanager
async def platform(**terms: object) -> AsyncIterator[Platform]:
    """Both processes in one, with real sockets between them."""
    async with running(assignment(DEVICE, **{"admitted": [CHANNEL], **terms})) as (endpoint, _):
        streams = Streams.of(endpoint)

        async def handle(request: Request):
            return open_call(streams, request)

        server = HttpServer(handle)
        await server.start(HOST, 0)
        url = f"http://{HOST}:{server.port}"
        channels = Channels(Line(url, "credential"), MediaPorts(SystemClock(), HOST))
        one = Platform(endpoint.port, url, streams, channels)
        try:
            yield one
        finally:
            for task in one.tasks:
                task.cancel()
            await asyncio.gather(*one.tasks, return_exceptions=True)
            await server.stop(0.1)


def sends(one: Platform, over: str, ssrc: int | None = None):
    """Accept, and send pictures as soon as that was acknowledged."""

    async def play(invited: Invited) -> None:
        await until(lambda: invited.acknowledged)
        offer = invited.offer
        pictures = Pictures(ssrc=offer.ssrc if ssrc is None else ssrc)
        if over == "tcp":
            await sending(offer.port, pictures)
        else:
            await throwing(offer.port, Datagrams(pictures))

    def answers(invited: Invited) -> None:
        invited.accept()
        one.tasks.append(asyncio.ensure_future(play(invited)))

    return answers


@asynccontextmanager
async def watching(one: Platform, heard: Heard):
    session = asyncio.ensure_future(one.channels.receive(ADDRESS, heard, SystemClock()))
    try:
        yield session
    finally:
        session.cancel()
        await asyncio.gather(session, return_exceptions=True)


@pytest.mark.parametrize("over", ["tcp", "udp"])
async def test_from_an_address_to_pictures_and_to_bye(over: str) -> None:
    async with platform(media=over) as one:
        callee = await Callee.registered(one.sip_port, sends(one, over))
        heard = Heard(wanted=20)
        async with watching(one, heard):
            await asyncio.wait_for(heard.enough.wait(), 10)
            assert len(one.streams) == 1
        await (await callee.call()).until_asked("BYE")
        await until(lambda: len(one.streams) == 0)
        assert one.channels.ports.in_use == 0
        callee.device.close()


async def test_a_refusal_of_the_device_is_the_cause() -> None:
    async with platform() as one:
        callee = await Callee.registered(one.sip_port, lambda invited: invited.respond(486))
        with pytest.raises(SourceError) as caught:
            await one.channels.receive(ADDRESS, Heard(), SystemClock())
        assert caught.value.cause is Cause.REFUSED
        assert caught.value.detail == "the device has no more streams (486)"
        callee.device.close()


async def test_r9_6_a_channel_without_a_place_is_not_recorded() -> None:
    async with platform(admitted=[]) as one:
        callee = await Callee.registered(one.sip_port)
        with pytest.raises(SourceError) as caught:
            await one.channels.receive(ADDRESS, Heard(), SystemClock())
        assert "no accepted place" in caught.value.detail
        assert callee.invited == []
        callee.device.close()


async def test_bye_of_the_device_ends_the_session() -> None:
    async with platform() as one:
        callee = await Callee.registered(one.sip_port, sends(one, "tcp"))
        heard = Heard(wanted=5)
        async with watching(one, heard) as session:
            await asyncio.wait_for(heard.enough.wait(), 10)
            await (await callee.call()).send("BYE")
            with pytest.raises(SourceError) as caught:
                await asyncio.wait_for(session, 5)
        assert caught.value.cause is Cause.DISCONNECTED
        assert caught.value.detail == "the device has ended the call"
        callee.device.close()


async def test_quirk_13_of_two_devices_with_one_id_the_one_that_sends_hears_that_it_is_over() -> None:
    def knows_no_call(asked: Asked) -> bool:
        if asked.request.method == "BYE":
            second.answer(asked, 481)
        return asked.request.method == "BYE"

    async with platform(media="udp") as one:
        callee = await Callee.registered(one.sip_port, sends(one, "udp"))
        heard = Heard(wanted=5)
        async with watching(one, heard):
            await asyncio.wait_for(heard.enough.wait(), 10)
            second = await ScriptedDevice(one.sip_port).open()
            second.handlers.append(knows_no_call)
            await second.register()
            await (await callee.call()).until_asked("BYE")
        callee.device.close()
        second.close()


def calls_url(one: Platform, **changes: str) -> str:
    query = {"device": DEVICE, "channel": CHANNEL, "transport": "udp", "port": "30000", **changes}
    return f"{one.url}/control/calls?" + "&".join(f"{name}={value}" for name, value in query.items())


async def test_a_worker_that_dies_leaves_no_call() -> None:
    """Before the answer it is taken back, after it ended."""
    async with platform() as one:
        callee = await Callee.registered(one.sip_port, lambda invited: invited.respond(100))
        async with connected(calls_url(one)) as connection:
            invited = await callee.call()
            await asyncio.sleep(0.1)
        await until(lambda: invited.cancelled, "CANCEL")
        await until(lambda: len(one.streams) == 0)
        callee.answers = Invited.accept
        async with connected(calls_url(one)) as connection:
            told = json.loads((await connection.receive()).payload)
            assert (told["type"], told["from_host"], told["transport"]) == ("accepted", HOST, "udp")
            connection._writer.transport.abort()
            await (await callee.call(2)).until_asked("BYE")
        callee.device.close()


async def test_the_end_is_told_and_the_socket_closed() -> None:
    async with platform() as one, connected(calls_url(one)) as connection:
        told = json.loads((await connection.receive()).payload)
        assert (told["type"], told["cause"]) == ("ended", "offline")
        with pytest.raises(Closed) as closed:
            await connection.receive()
        assert closed.value.reason == "offline"


async def test_r9_6_a_new_assignment_ends_the_calls_that_have_lost_their_place() -> None:
    async with signal_process.running() as asking:
        await asking.assign(assignment(DEVICE, admitted=[CHANNEL]))
        callee = await Callee.registered(asking.sip_port, Invited.accept)
        url = str(asking.http.base_url.join("/control/calls"))
        bearer = ("Authorization", f"Bearer {signal_process.MEDIA_CREDENTIAL}")
        async with connected(f"{url}?device={DEVICE}&channel={CHANNEL}&port=30000", bearer) as connection:
            assert json.loads((await connection.receive()).payload)["type"] == "accepted"
            await asking.assign(assignment(DEVICE, epoch=2, admitted=[]))
            assert json.loads((await connection.receive()).payload)["cause"] == "not_admitted"
        await (await callee.call()).until_asked("BYE")
        callee.device.close()


def calls_of(url: str) -> tuple[str, tuple[str, str]]:
    """A live call's address, and the credential."""
    query = f"device={DEVICE}&channel={CHANNEL}&port=30000"
    return f"{url}/control/calls?{query}", ("Authorization", f"Bearer {signal_process.MEDIA_CREDENTIAL}")


async def test_a_call_is_taken_up_by_the_process_that_follows(tmp_path: Path) -> None:
    async with signal_process.running(tmp_path) as asking:
        await asking.assign(assignment(DEVICE, admitted=[CHANNEL]))
        callee = await Callee.registered(asking.sip_port, Invited.accept)
        url, bearer = calls_of(str(asking.http.base_url))
        async with connected(url, bearer) as connection:
            dialog = json.loads((await connection.receive()).payload)["dialog"]
            asking.process.streams._end = lambda call: None  # type: ignore[method-assign]  # killed, it says nothing
    async with signal_process.running(tmp_path, sip_port=asking.sip_port) as asking:
        url, bearer = calls_of(str(asking.http.base_url))
        async with connected(f"{url}&resume={dialog}", bearer) as connection:
            told = json.loads((await connection.receive()).payload)
            assert told["type"] == "taken_up"
            assert told["dialog"] not in ("", dialog)
        bye = await (await callee.call()).until_asked("BYE")
        assert bye.cseq.number > 1_000
        assert len(callee.invited) == 1
        callee.device.close()


async def test_what_is_no_kept_call_is_refused(tmp_path: Path) -> None:
    async with signal_process.running(tmp_path) as asking:
        await asking.assign(assignment(DEVICE, admitted=[CHANNEL]))
        callee = await Callee.registered(asking.sip_port, Invited.accept)
        url, bearer = calls_of(str(asking.http.base_url))
        async with connected(url, bearer) as connection:
            dialog = json.loads((await connection.receive()).payload)["dialog"]
            of_another = url.replace(CHANNEL, DEVICE) + f"&resume={dialog}"
            of_a_recording = f"{url}&kind=playback&start=2023-11-14T22:13:20Z&end=2023-11-15T06:23:20Z"
            for wrong in (
                *(f"{url}&resume={text}" for text in ("", "x", "e30", dialog[:-4], dialog * 2)),
                *(of_another, f"{of_a_recording}&resume={dialog}"),
            ):
                with pytest.raises(HttpProblem) as refused:
                    async with connected(wrong, bearer):
                        pass
                assert refused.value.status == 400
        callee.device.close()


async def test_who_has_been_told_nothing_asks_to_come_again() -> None:
    """What is admitted is not known yet, and the footage goes on meanwhile."""
    async with signal_process.running() as asking:
        await asking.assign(assignment(DEVICE, admitted=[CHANNEL]))
        callee = await Callee.registered(asking.sip_port, Invited.accept)
        url, bearer = calls_of(str(asking.http.base_url))
        async with connected(url, bearer) as connection:
            dialog = json.loads((await connection.receive()).payload)["dialog"]
        callee.device.close()
    async with signal_process.running() as asking:
        url, bearer = calls_of(str(asking.http.base_url))
        with pytest.raises(HttpProblem) as refused:
            async with connected(f"{url}&resume={dialog}", bearer):
                pass
        assert refused.value.status == 503


PLAYBACK = {"kind": "playback", "start": "2023-11-14T22:13:20Z", "end": "2023-11-15T06:23:20%2B08:00"}


async def test_playback_is_steered_over_the_websocket() -> None:
    async with platform() as one:
        callee = await Callee.registered(one.sip_port, Invited.accept)
        async with connected(calls_url(one, **PLAYBACK)) as connection:
            await connection.receive()
            offer = (await callee.call()).offer
            assert (offer.start, offer.end) == (1_700_000_000, 1_700_000_600)
            for action, line in (
                ({"action": "pause"}, b"PAUSE"),
                ({"action": "speed", "speed": 4}, b"Scale: 4.0"),
                ({"action": "seek", "seek_s": 30}, b"npt=30-"),
                ({"action": "reverse", "speed": 1}, b"Scale: -1.0"),
                ({"action": "resume"}, b"npt=now-"),
            ):
                connection.send_text(json.dumps({"type": "control", **action}))
                told = json.loads((await connection.receive()).payload)
                assert told == {"type": "controlled", "status": 200, "range_s": None}
                assert line in (await callee.call()).asked_of("INFO")[-1].body
        callee.device.close()


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        "1",
        "{}",
        '{"type": "control"}',
        '{"type": "control", "action": "fly"}',
        '{"type": "control", "action": "speed", "speed": 1e9}',
        '{"type": "control", "action": "seek", "seek_s": "1"}',
        '{"type": "control", "action": "seek", "seek_s": NaN}',
        '{"type": "accepted"}',
    ],
)
async def test_what_is_no_message_ends_the_call(text: str) -> None:
    async with platform() as one:
        callee = await Callee.registered(one.sip_port, Invited.accept)
        async with connected(calls_url(one)) as connection:
            await connection.receive()
            connection.send_text(text)
            with pytest.raises(Closed):
                await connection.receive()
            await (await callee.call()).until_asked("BYE")
        callee.device.close()


BAD = [
    {"port": "0"},
    {"port": "65536"},
    {"port": "x"},
    {"device": ""},
    {"channel": "a/b"},
    {"kind": "live"},
    {"transport": "sctp"},
    {"stream": "10"},
    {"host": "camera%0d%0a"},
    {"kind": "playback"},
    {"kind": "playback", "start": "2023-11-14T22:13:20Z", "end": "2023-11-14T22:13:20Z"},
    {"kind": "playback", "start": "2023-11-14T22:13:20", "end": "2023-11-15T22:13:20"},
    {"kind": "playback", "start": "yesterday", "end": "2023-11-15T22:13:20Z"},
]


@pytest.mark.parametrize("changes", BAD, ids=str)
async def test_what_is_no_call(changes: dict[str, str]) -> None:
    async with platform() as one:
        with pytest.raises(HttpProblem) as refused:
            async with connected(calls_url(one, **changes)):
                pass
        assert refused.value.status == 400
