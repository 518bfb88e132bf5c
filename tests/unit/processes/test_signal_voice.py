"""Voice to devices through the signalling process: simulated devices, and some that do as they are told."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from bingjian.clock import SystemClock
from bingjian.protocols.gb28181 import Edition, sdp
from bingjian.protocols.gb28181.address import ChannelAddress
from bingjian.protocols.gb28181.manscdp.notifies import Broadcast, BroadcastResult
from bingjian.protocols.sip.compose import compose, new_call_id, new_tag
from bingjian.protocols.sip.events import Asked
from bingjian.signalling.streams import Cause
from bingjian.signalling.voice import INVITED_S, VoiceAnswer, Voices, VoiceWish
from bingjian.simulate.gb28181.device import Device
from bingjian.simulate.gb28181.fleet import Fleet, FleetConfig
from bingjian.simulate.gb28181.quirks import Quirk
from bingjian.simulate.gb28181.spec import Platform, make_devices
from bingjian.streaming.sources.gb28181 import Channels
from bingjian.streaming.sources.media_ports import MediaPorts
from bingjian.streaming.sources.signal_call import Line
from bingjian.streaming.voice.speech import Speech
from tests.unit.processes.signal_process import MEDIA_CREDENTIAL, Asking, running
from tests.unit.signalling.scripted import (
    CHANNEL,
    DEVICE,
    DOMAIN,
    PASSWORD,
    PLATFORM,
    Moved,
    ScriptedDevice,
    assignment,
    said,
    until,
)

HOST = "127.0.0.1"
SOUND = bytes(640)  # 40 ms
WISH = VoiceWish(DEVICE, CHANNEL, 30_020)


@dataclass
class Owner:
    answers: list[VoiceAnswer] = field(default_factory=list)
    ends: list[tuple[Cause, int, str]] = field(default_factory=list)

    def on_accepted(self, answer: VoiceAnswer) -> None:
        self.answers.append(answer)

    def on_ended(self, cause: Cause, status: int, detail: str) -> None:
        assert not self.ends, "once"
        assert detail
        self.ends.append((cause, status, detail))

    @property
    def cause(self) -> Cause | None:
        return self.ends[0][0] if self.ends else None


@asynccontextmanager
async def simulated(*quirks: Quirk, **more: Any) -> AsyncIterator[tuple[Asking, Device, Speech]]:
    """A device of the simulator that is registered, and somebody about to speak to its first channel."""
    (spec,) = make_devices(DOMAIN, 1, 2, PASSWORD, quirks=frozenset(quirks), **more)
    channel, fleet = spec.channels[0].id, Fleet()
    async with running() as asking:
        await asking.assign(assignment(spec.id, admitted=[channel]))
        platform = Platform(HOST, asking.sip_port, PLATFORM)
        await fleet.start(FleetConfig(platform, (spec,), footage="drawn"))
        await asking.event("registered")
        line = Line(str(asking.http.base_url).rstrip("/"), MEDIA_CREDENTIAL)
        channels = Channels(line, MediaPorts(SystemClock(), HOST), HOST)
        try:
            speech = Speech(channels, ChannelAddress(spec.id, channel), SystemClock())
            yield asking, fleet.devices[spec.id], speech
        finally:
            await fleet.stop()


@asynccontextmanager
async def scripted(clock: Moved | None = None, **terms: Any) -> AsyncIterator[tuple[Voices, ScriptedDevice]]:
    async with running(clock=clock) as asking:
        await asking.assign(assignment(**{"admitted": [CHANNEL], **terms}))
        device = await ScriptedDevice(asking.sip_port).open()
        await device.register()
        yield asking.process.voices, device
        device.close()


def invitation(device: ScriptedDevice, body: bytes, subject: str = "") -> Any:
    sender = f"<sip:{device.id}@{DOMAIN}>;tag={new_tag()}"
    headers = [("Content-Type", "application/sdp"), *([("Subject", subject)] if subject else [])]
    to = f"<sip:{PLATFORM}@{DOMAIN}>"
    given: dict[str, Any] = {"sender": sender, "to": to, "call_id": new_call_id(), "number": 1}
    uri = f"sip:{PLATFORM}@{DOMAIN}"
    return compose("INVITE", uri, device.local, device.peer, *headers, body=body, **given)


def offer(**changes: Any) -> bytes:
    given: dict[str, Any] = {"owner": CHANNEL, "address": HOST, "kind": "audio", "port": 40_010}
    given |= {"direction": "recvonly", "formats": (sdp.PCMA,), "ssrc": 100_000_001}
    return sdp.build(sdp.Session(**{**given, **changes}))


def broadcasts(device: ScriptedDevice) -> list[Broadcast]:
    told = [said(one) for one in device.asked if one.method == "MESSAGE" and b"Broadcast" in one.body]
    return [one for one in told if isinstance(one, Broadcast)]


# --- devices of the simulator


@pytest.mark.parametrize("transport", ["UDP", "TCP"])
@pytest.mark.parametrize("edition", [Edition.V2016, Edition.V2022])
async def test_a_device_hears_what_is_said_until_it_is_let_go(transport: str, edition: Edition) -> None:
    async with simulated(transport=transport, edition=edition) as (asking, device, speech):
        ready = asyncio.Event()
        task = asyncio.create_task(speech.run(ready.set))
        await asyncio.wait_for(ready.wait(), 10)
        for _ in range(5):
            speech.say(SOUND)
        await until(lambda: device.heard.packets == 10, "10 packets of 20 ms")
        assert (device.heard.payload_type, device.heard.bytes) == (8, 1600)
        assert speech.first_utc_ns > 0
        task.cancel()
        await until(lambda: not device.listeners, "BYE at the device")
        await until(lambda: not len(asking.process.platform.endpoint.calls), "no call left")
        assert asking.process.platform.endpoint.counts.faults == 0


async def test_quirk_42_a_device_has_mu_law_as_it_wishes_and_may_hang_up() -> None:
    async with simulated(Quirk.VOICE) as (_, device, speech):
        ready = asyncio.Event()
        task = asyncio.create_task(speech.run(ready.set))
        await asyncio.wait_for(ready.wait(), 10)
        speech.say(SOUND)
        ended = await asyncio.wait_for(task, 10)
        assert (ended.cause, ended.detail) == ("peer", "the device has ended it")
        assert device.heard.payload_type == 0


async def test_a_description_with_almost_nothing_in_it_is_enough() -> None:
    async with simulated(Quirk.BARE_SDP) as (_, device, speech):
        ready = asyncio.Event()
        task = asyncio.create_task(speech.run(ready.set))
        await asyncio.wait_for(ready.wait(), 10)
        speech.say(SOUND)
        await until(lambda: device.heard.packets, "sound")
        task.cancel()


# --- one step at a time


async def test_the_answer_says_where_we_speak_from_and_what() -> None:
    async with scripted() as (voices, device):
        owner = Owner()
        voices.ask(WISH, owner)
        await until(lambda: broadcasts(device), "the notice")
        (notice,) = broadcasts(device)
        assert (notice.source_id, notice.target_id) == (PLATFORM, CHANNEL)
        passive = offer(transport=sdp.TCP, setup="active", formats=(sdp.PCMU, sdp.PCMA))
        assert await device.send(invitation(device, passive)) in (100, 200)
        await until(
            lambda: 200 in device.statuses[-2:] and device.answers[-1].body, "200 with its description"
        )
        answered = sdp.parse(device.answers[-1].body)
        assert (answered.kind, answered.port, answered.setup) == ("audio", 30_020, "passive")
        assert (answered.direction, answered.formats, answered.ssrc) == ("sendonly", (sdp.PCMU,), 100_000_001)
        assert owner.answers == []  # the ACK says that it listens


async def test_who_is_not_admitted_unknown_or_away_is_not_asked() -> None:
    async with scripted() as (voices, device):
        for wish, cause in [
            (VoiceWish(DEVICE, "99010100001310000009", 1), Cause.NOT_ADMITTED),
            (VoiceWish("99010100001180000009", CHANNEL, 1), Cause.UNKNOWN),
        ]:
            owner = Owner()
            voices.ask(wish, owner)
            assert owner.cause is cause
        await device.leave()
        owner = Owner()
        voices.ask(WISH, owner)
        assert owner.cause is Cause.OFFLINE
        assert broadcasts(device) == []


async def test_one_speaks_to_a_channel_at_a_time() -> None:
    async with scripted() as (voices, _):
        first, second, third = Owner(), Owner(), Owner()
        call = voices.ask(WISH, first)
        voices.ask(WISH, second)
        assert (first.cause, second.cause) == (None, Cause.BUSY)
        voices.let_go(call)
        voices.ask(WISH, third)
        assert (first.cause, third.cause) == (None, None)


async def test_a_device_that_refuses_is_believed() -> None:
    async with scripted() as (voices, device):
        owner = Owner()
        voices.ask(WISH, owner)
        await device.say(BroadcastResult(sn=1, device_id=CHANNEL, result="ERROR"))
        await until(lambda: owner.ends, "the end")
        assert owner.ends[0] == (Cause.REFUSED, 0, "the device refuses voice (ERROR)")

        def refuses(asked: Asked) -> bool:
            device.answer(asked, 403)
            return True

        device.handlers.append(refuses)
        other = Owner()
        voices.ask(WISH, other)
        await until(lambda: other.ends, "the end")
        assert other.ends[0][:2] == (Cause.REFUSED, 403)


async def test_a_device_that_does_not_invite_is_not_waited_for_long_and_its_late_wish_is_refused() -> None:
    clock = Moved()
    async with scripted(clock) as (voices, device):
        owner = Owner()
        voices.ask(WISH, owner)
        await until(lambda: broadcasts(device), "the notice")
        clock.pushed_s += INVITED_S - 1
        voices._endpoint.tick()
        assert owner.cause is None
        clock.pushed_s += 1.1
        voices._endpoint.tick()
        assert owner.ends == [(Cause.NO_ANSWER, 408, "the device does not ask for the voice")]
        await device.send(invitation(device, offer()))
        await until(lambda: device.statuses[-1] == 480, "the refusal")


@pytest.mark.parametrize("body", [b"", b"v=0\r\n", offer(kind="video"), offer(port=0)], ids=range(4))
async def test_a_wish_that_is_not_about_sound_is_refused_and_ends_it(body: bytes) -> None:
    async with scripted() as (voices, device):
        owner = Owner()
        voices.ask(WISH, owner)
        await device.send(invitation(device, body))
        await until(lambda: device.statuses[-1] == 488, "the refusal")
        assert owner.ends[0][:2] == (Cause.REFUSED, 488)


async def test_nobody_is_invited_who_did_not_want_to_speak() -> None:
    async with scripted() as (voices, device):
        await device.send(invitation(device, offer()))
        await until(lambda: device.statuses[-1] == 480, "the refusal")
        voices.ask(WISH, Owner())
        subject = sdp.subject(PLATFORM, "0", "99010100001310000002")
        await device.send(invitation(device, offer(), subject))
        await until(lambda: device.statuses[-1] == 200, "the only one that waits is meant")


async def test_the_subject_says_which_channel_is_meant() -> None:
    other = "99010100001310000002"
    async with scripted(admitted=[CHANNEL, other]) as (voices, device):
        first = voices.ask(WISH, Owner())
        second = voices.ask(VoiceWish(DEVICE, other, 30_022), Owner())
        await device.send(invitation(device, offer(), sdp.subject(PLATFORM, "0", other)))
        await until(lambda: device.statuses[-1] == 200, "taken")
        assert (first.key, sdp.parse(device.answers[-1].body).port) == (None, 30_022)
        assert second.key is not None


async def test_a_channel_that_is_admitted_no_longer_is_not_spoken_to() -> None:
    async with running() as asking:
        await asking.assign(assignment(admitted=[CHANNEL]))
        device = await ScriptedDevice(asking.sip_port).open()
        await device.register()
        owner = Owner()
        asking.process.voices.ask(WISH, owner)
        await asking.assign(assignment(epoch=2, admitted=[]))
        assert owner.cause is Cause.NOT_ADMITTED
        device.close()


async def test_the_route_wants_the_credential_of_media_workers_and_ids() -> None:
    async with running() as asking:
        path = f"/control/voice?device={DEVICE}&channel={CHANNEL}&port=30020"
        assert (await asking.http.get(path)).status_code == 401  # the web process has no voice
        mine = {"Authorization": f"Bearer {MEDIA_CREDENTIAL}"}
        assert (await asking.http.get(path, headers=mine)).status_code == 426
        upgrade = {**mine, "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
        upgrade |= {"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}
        for query in (
            "device=%2e&channel=1&port=1",
            "device=1&channel=1&port=0",
            "device=1&channel=1&port=1&host=%20",
        ):
            answer = await asking.http.get(f"/control/voice?{query}", headers=upgrade)
            assert (answer.status_code, json.loads(answer.content)["code"]) == (400, "bad_call"), query
