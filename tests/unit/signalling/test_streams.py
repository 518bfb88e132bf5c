"""Calls to channels of scripted devices, over real sockets."""

import asyncio
import contextlib
import itertools
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bingjian.protocols import auth
from bingjian.protocols.auth import Challenge
from bingjian.protocols.gb28181 import manscdp, mansrtsp
from bingjian.protocols.gb28181.manscdp.notifies import MediaStatus
from bingjian.protocols.gb28181.ssrc import written
from bingjian.protocols.sip.compose import Local, compose, message, new_call_id, new_tag
from bingjian.protocols.sip.reply import Peer
from bingjian.signalling import turns
from bingjian.signalling.devices import read_assignment
from bingjian.signalling.endpoint import Endpoint
from bingjian.signalling.stream_offers import Wish, offer_for
from bingjian.signalling.streams import Cause, Streams
from tests.unit.signalling.callee import Callee, Heard, Invited
from tests.unit.signalling.scripted import (
    CHANNEL,
    DEVICE,
    DOMAIN,
    PASSWORD,
    PLATFORM,
    Moved,
    assignment,
    running,
    until,
)
from tests.unit.signalling.unwired import unwired

OTHER = "99010100001310000002"
LIVE = Wish(DEVICE, CHANNEL, 30_012)
WINDOW = Wish(DEVICE, CHANNEL, 30_014, "playback", start=1_700_000_000, end=1_700_000_600)


@asynccontextmanager
async def platform(
    clock: Moved | None = None, ids: tuple[str, ...] = (DEVICE,), **terms: Any
) -> AsyncIterator[tuple[Endpoint, Streams]]:
    given = {"admitted": [CHANNEL, OTHER], **terms}
    async with running(assignment(*ids, **given), clock) as (endpoint, _):
        yield endpoint, Streams.of(endpoint)


@asynccontextmanager
async def called(
    answers: Callable[[Invited], None] | None = None,
    wish: Wish = LIVE,
    clock: Moved | None = None,
    **terms: Any,
) -> AsyncIterator[tuple[Streams, Callee, Heard, Any]]:
    """A platform that has asked a registered device for one stream."""
    async with platform(clock, **terms) as (endpoint, streams):
        callee = await Callee.registered(endpoint.port, answers)
        heard = Heard()
        call = streams.ask(wish, heard)
        await callee.call()
        yield streams, callee, heard, call
        callee.device.close()


# --- live ---------------------------------------------------------------------------------------------------


async def test_a_live_stream_from_invite_to_bye() -> None:
    async with called(Invited.accept) as (streams, callee, heard, call):
        answer = await heard.answer()
        invited = await callee.call()
        offer, request = invited.offer, invited.asked.request
        ssrc = offer.ssrc
        assert ssrc is not None
        assert written(ssrc).startswith("0" + DOMAIN[3:8])
        assert request.uri.startswith(f"sip:{CHANNEL}@127.0.0.1:")
        assert invited.subject == f"{CHANNEL}:{written(ssrc)},{PLATFORM}:0"
        assert (offer.name, offer.port, offer.transport, offer.setup) == ("Play", 30_012, "tcp", "passive")
        assert (offer.owner, offer.address, offer.direction) == (PLATFORM, "127.0.0.1", "recvonly")
        assert (answer.ssrc, answer.peer_host, answer.peer_port) == (ssrc, "127.0.0.1", 40_000)
        assert (answer.from_host, answer.setup, answer.transport) == ("127.0.0.1", "active", "tcp")
        await until(lambda: invited.acknowledged, "ACK")
        assert invited.asked_of("BYE") == []
        streams.let_go(call)
        await invited.until_asked("BYE")
        await until(lambda: len(streams) == 0)
        assert heard.ends == [], "who let go is not told"


@pytest.mark.parametrize(
    ("media", "transport", "setup"),
    [("auto", "tcp", "passive"), ("udp", "udp", ""), ("tcp-active", "tcp", "active")],
)
async def test_the_transport_that_is_fixed_for_a_device_counts(
    media: str, transport: str, setup: str
) -> None:
    async with called(Invited.accept, media=media) as (_, callee, heard, _call):
        offer = (await callee.call()).offer
        assert (offer.transport, offer.setup) == (transport, setup)
        assert (await heard.answer()).transport == ("tcp" if media == "auto" else media)


def test_behind_nat_the_public_address_is_told() -> None:
    local = Local(PLATFORM, DOMAIN, "192.0.2.1", 5060)
    device = read_assignment(assignment()).devices[DEVICE]
    wish = Wish(DEVICE, CHANNEL, 30_012, host="10.0.0.1")
    told = [offer_for(wish, device, local, 1, public).address for public in ("", "203.0.113.9")]
    assert told == ["10.0.0.1", "203.0.113.9"]
    bare = offer_for(Wish(DEVICE, CHANNEL, 30_012), device, local, 1)
    assert bare.address == "192.0.2.1"


@pytest.mark.parametrize("edition", ["2016", "2022"])
async def test_the_sub_stream_is_asked_for_by_its_number(edition: str) -> None:
    wish = Wish(DEVICE, CHANNEL, 30_012, stream=1)
    async with called(Invited.accept, wish, edition=edition) as (_, callee, _h, _c):
        body = (await callee.call()).asked.request.body
        assert b"a=streamnumber:1\r\n" in body
        assert body.count(b"a=stream") == 1


async def test_the_main_stream_needs_no_number() -> None:
    async with called(Invited.accept) as (_, callee, _h, _c):
        assert b"a=stream" not in (await callee.call()).asked.request.body


async def test_quirk_3_the_answers_ssrc_counts_and_ours_is_freed() -> None:
    async with called(lambda invited: invited.accept(ssrc=4711)) as (streams, callee, heard, call):
        assert (await heard.answer()).ssrc == 4711
        ours = (await callee.call()).offer.ssrc
        assert ours is not None
        assert ours % 10_000 in streams._pool._taken
        streams.let_go(call)
        await until(lambda: not streams._pool._taken)
        assert ours % 10_000 in streams._pool._resting


async def test_quirk_4_every_call_has_another_ssrc() -> None:
    async with platform() as (endpoint, streams):
        callee = await Callee.registered(endpoint.port, Invited.accept)
        for number in range(4):
            heard = Heard()
            call = streams.ask(LIVE, heard)
            await heard.answer()
            streams.let_go(call)
            await (await callee.call(number + 1)).until_asked("BYE")
        assert len({invited.offer.ssrc for invited in callee.invited}) == 4
        callee.device.close()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"v=0\r\nnonsense",
        b"v=0\r\ns=Play\r\nm=video 1 RTP/AVP 96\r\na=recvonly\r\ny=123456789012345\r\n",
    ],
    ids=["quirk 39", "torn", "quirk 40"],
)
async def test_quirks_39_and_40_a_poor_answer_leaves_our_offer(body: bytes) -> None:
    async with called(lambda invited: invited.respond(200, body)) as (_, callee, heard, _call):
        answer = await heard.answer()
        invited = await callee.call()
        assert answer.ssrc == invited.offer.ssrc
        assert (answer.transport, answer.from_host) == ("tcp", "127.0.0.1")
        await until(lambda: invited.acknowledged, "ACK")


async def test_sound_and_private_streams_are_told() -> None:
    lines = b"v=0\r\ns=Play\r\nm=video 1 RTP/AVP 96\r\na=rtpmap:96 DAHUA/90000\r\nf=v/////a/6/8/1\r\n"
    async with called(lambda invited: invited.respond(200, lines)) as (_, _callee, heard, _call):
        answer = await heard.answer()
        assert (answer.sound, answer.private) == ("aac", "DAHUA")


# --- what does not come about -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "cause"),
    [(486, Cause.BUSY), (503, Cause.BUSY), (404, Cause.REFUSED), (488, Cause.REFUSED), (500, Cause.REFUSED)],
)
async def test_a_device_that_refuses(status: int, cause: Cause) -> None:
    async with called(lambda invited: invited.respond(status)) as (streams, _callee, heard, _call):
        assert await heard.end() is cause
        assert heard.ends[0][1] == status
        assert len(streams) == 0


async def test_r9_6_a_channel_without_a_place_is_not_called() -> None:
    async with platform(admitted=[OTHER]) as (endpoint, streams):
        callee = await Callee.registered(endpoint.port)
        heard = Heard()
        streams.ask(LIVE, heard)
        assert heard.ends[0][0] is Cause.NOT_ADMITTED
        await asyncio.sleep(0.1)
        assert callee.invited == []
        callee.device.close()


async def test_r9_6_a_channel_that_loses_its_place_is_called_no_more() -> None:
    async with called(Invited.accept) as (streams, callee, heard, _call):
        await heard.answer()
        devices = streams._endpoint.devices
        devices.replace(read_assignment(assignment(epoch=2, admitted=[OTHER])))
        streams.recheck()
        assert await heard.end() is Cause.NOT_ADMITTED
        await (await callee.call()).until_asked("BYE")


async def test_r9_6_a_channel_that_loses_its_place_while_it_waits_is_not_called() -> None:
    with unwired(admitted=[CHANNEL, OTHER]) as here:
        streams, heard = Streams.of(here.endpoint), Heard()
        here.platform.on_assigned.append(streams.recheck)
        here.register()
        streams.ask(Wish(DEVICE, OTHER, 30_000), Heard())
        streams.ask(LIVE, heard)
        here.platform.assign(read_assignment(assignment(epoch=2, admitted=[OTHER])))
        here.pass_s(turns.APART_S)
        assert [invite.to.user for invite in here.take("INVITE")] == [OTHER]
        assert heard.ends[0][0] is Cause.NOT_ADMITTED
        assert (len(streams), len(streams._live)) == (1, 1)


async def test_unknown_and_offline_devices() -> None:
    async with platform() as (_, streams):
        for wish, cause in ((Wish("1", CHANNEL, 1), Cause.UNKNOWN), (LIVE, Cause.OFFLINE)):
            heard = Heard()
            streams.ask(wish, heard)
            assert heard.ends[0][0] is cause


async def test_no_answer_and_a_late_one_is_ended() -> None:
    clock = Moved()
    async with called(lambda invited: invited.respond(100), clock=clock) as (streams, callee, heard, _call):
        invited = await callee.call()
        await asyncio.sleep(0.1)
        clock.pushed_s += 15.5
        streams._endpoint.tick()
        assert await heard.end() is Cause.NO_ANSWER
        invited.accept()
        await invited.until_asked("BYE")
        assert invited.acknowledged


async def test_who_lets_go_before_the_answer_cancels() -> None:
    async with called(lambda invited: invited.respond(100)) as (streams, callee, heard, call):
        invited = await callee.call()
        await asyncio.sleep(0.1)
        streams.let_go(call)
        await until(lambda: invited.cancelled, "CANCEL")
        await until(lambda: len(streams) == 0)
        assert heard.ends == []


async def test_a_device_that_challenges_gets_its_password() -> None:
    challenge = Challenge(realm="camera", nonce="abc", algorithm="MD5")

    def asks(invited: Invited) -> None:
        if invited.asked.request.headers.get("Authorization"):
            invited.accept()
        else:
            invited.respond(401, b"", ("WWW-Authenticate", challenge.header()))

    async with called(asks) as (streams, callee, heard, call):
        await heard.answer()
        second = await callee.call(2)
        authorization = second.asked.request.headers.get("Authorization")
        assert auth.verify(challenge, authorization, "INVITE", PLATFORM, PASSWORD)
        assert second.call_id == (await callee.call(1)).call_id
        await until(lambda: second.acknowledged, "ACK")
        streams.let_go(call)
        assert (await second.until_asked("BYE")).cseq.number > second.asked.request.cseq.number


async def test_a_device_that_challenges_again_has_refused() -> None:
    challenge = ("WWW-Authenticate", Challenge(realm="camera", nonce="abc", algorithm="MD5").header())
    async with called(lambda invited: invited.respond(401, b"", challenge)) as (_, callee, heard, _call):
        assert await heard.end() is Cause.REFUSED
        assert heard.ends[0][1] == 401
        assert len(callee.invited) == 2


# --- the end ------------------------------------------------------------------------------------------------


async def test_the_device_says_bye() -> None:
    async with called(Invited.accept) as (streams, callee, heard, _call):
        await heard.answer()
        invited = await callee.call()
        await until(lambda: invited.acknowledged)
        assert await invited.send("BYE") == 200
        assert await heard.end() is Cause.PEER
        assert len(streams) == 0


async def test_quirk_38_a_bye_in_a_dialog_of_its_own() -> None:
    """It counts if it can only mean one call."""
    async with platform() as (endpoint, streams):
        callee = await Callee.registered(endpoint.port, Invited.accept)
        one, other = Heard(), Heard()
        streams.ask(LIVE, one)
        await one.answer()
        second = streams.ask(Wish(DEVICE, OTHER, 30_014), other)
        await other.answer()
        await callee.say_bye_of_its_own()
        assert (one.ends, other.ends) == ([], []), "it may mean either"
        streams.let_go(second)
        await until(lambda: len(streams) == 1)
        assert await callee.say_bye_of_its_own() == 200
        assert await one.end() is Cause.PEER
        callee.device.close()


async def test_quirk_31_a_device_that_starts_anew_has_lost_its_calls() -> None:
    async with called(Invited.accept) as (streams, callee, heard, _call):
        await heard.answer()
        again = await Callee.registered(streams._endpoint.port, Invited.accept)
        assert await heard.end() is Cause.LOST
        assert len(streams) == 0
        heard = Heard()
        streams.ask(LIVE, heard)
        await heard.answer()
        assert len(again.invited) == 1
        assert callee.invited[0].asked_of("BYE") == []
        again.device.close()


async def test_a_device_that_falls_silent_is_said_goodbye_to() -> None:
    clock = Moved()
    async with called(Invited.accept, clock=clock) as (streams, callee, heard, _call):
        await heard.answer()
        clock.pushed_s += 60 * 3 + 100
        streams._endpoint.tick()
        assert await heard.end() is Cause.OFFLINE
        await (await callee.call()).until_asked("BYE")


async def test_a_device_that_is_listed_no_longer() -> None:
    async with called(Invited.accept) as (streams, callee, heard, _call):
        await heard.answer()
        streams._endpoint.dismiss(DEVICE)
        assert await heard.end() is Cause.UNKNOWN
        await (await callee.call()).until_asked("BYE")


# --- whose turn it is ---------------------------------------------------------------------------------------


def channels(count: int) -> list[str]:
    return [f"9901010000131000{n:04d}" for n in range(count)]


async def test_quirk_27_no_burst_of_invites_to_one_device() -> None:
    at: list[float] = []
    most, under_way = 0, 0

    async with platform(admitted=channels(6)) as (endpoint, streams):

        def answers(invited: Invited) -> None:
            nonlocal most, under_way
            at.append(time.monotonic())
            under_way += 1
            most = max(most, under_way)
            asyncio.get_running_loop().call_later(0.4, done, invited)

        def done(invited: Invited) -> None:
            nonlocal under_way
            under_way -= 1
            invited.accept()

        callee = await Callee.registered(endpoint.port, answers)
        heard = [Heard() for _ in range(6)]
        for owner, channel in zip(heard, channels(6), strict=True):
            streams.ask(Wish(DEVICE, channel, 30_000), owner)
        for owner in heard:
            await owner.answer()
        assert most == turns.IN_FLIGHT
        assert min(b - a for a, b in itertools.pairwise(at)) > turns.APART_S - 0.05
        assert len({invited.call_id for invited in callee.invited}) == 6
        assert [invited.asked.request.to.user for invited in callee.invited] == channels(6), "in order"
        callee.device.close()


async def test_who_waits_too_long_is_told() -> None:
    clock = Moved()
    async with platform(clock, admitted=channels(3)) as (endpoint, streams):
        callee = await Callee.registered(endpoint.port, lambda invited: invited.respond(100))
        heard = [Heard() for _ in range(3)]
        calls = []
        for owner, channel in zip(heard, channels(3), strict=True):
            calls.append(streams.ask(Wish(DEVICE, channel, 30_000), owner))
            await asyncio.sleep(0.2)
        assert len(callee.invited) == turns.IN_FLIGHT
        streams._turns.expire(endpoint.now() + turns.WAIT_S)
        assert await heard[2].end() is Cause.BUSY
        assert [owner.ends for owner in heard[:2]] == [[], []]
        for call in calls:
            streams.let_go(call)
        callee.device.close()


async def test_who_lets_go_while_waiting_leaves_nothing() -> None:
    async with platform(admitted=channels(3)) as (endpoint, streams):
        callee = await Callee.registered(endpoint.port, lambda invited: invited.respond(100))
        heard = [Heard() for _ in range(3)]
        calls = [
            streams.ask(Wish(DEVICE, channel, 30_000), owner)
            for owner, channel in zip(heard, channels(3), strict=True)
        ]
        for call in reversed(calls):
            streams.let_go(call)
        await until(lambda: len(streams) == 0 and len(streams._turns) == 0, "an empty queue")
        assert len(callee.invited) == 1
        assert (streams._live, streams._pool._taken) == ({}, set())
        callee.device.close()


async def test_quirk_28_one_stream_is_asked_for_once() -> None:
    async with called(Invited.accept) as (streams, callee, heard, call):
        await heard.answer()
        second, sub = Heard(), Heard()
        streams.ask(LIVE, second)
        assert second.ends[0][0] is Cause.BUSY
        streams.ask(Wish(DEVICE, CHANNEL, 30_016, stream=1), sub)
        await sub.answer()
        streams.let_go(call)
        third = Heard()
        streams.ask(LIVE, third)
        await third.answer()
        assert len(callee.invited) == 3


async def test_a_hundred_slow_devices_do_not_delay_another() -> None:
    """Each answers after 2 s, or never; the quick one is set up as if it were alone."""
    slow = [f"990101000011800001{n:02d}" for n in range(100)]
    async with platform(ids=(*slow, DEVICE)) as (endpoint, streams):
        opened = [
            await Callee.registered(endpoint.port, lambda invited: invited.respond(100), id=id) for id in slow
        ]
        quick = await Callee.registered(endpoint.port, Invited.accept)
        calls = [streams.ask(Wish(id, CHANNEL, 30_000), Heard()) for id in slow]
        heard = Heard()
        began = time.monotonic()
        streams.ask(LIVE, heard)
        await heard.answer()
        assert time.monotonic() - began < 1.0
        assert sum(len(callee.invited) for callee in opened) == 100
        for call in calls:
            streams.let_go(call)
        for callee in (*opened, quick):
            callee.device.close()


async def test_a_device_over_tcp_hears_bye_when_it_is_back() -> None:
    """Its connection broke, so the BYE cannot go at once."""
    before, after = (Peer("TCP", "192.0.2.5", 6000, number) for number in (7, 8))
    with unwired(admitted=[CHANNEL]) as here:
        streams, heard = Streams.of(here.endpoint), Heard()
        here.register(before)
        streams.ask(LIVE, heard)
        here.answer(here.take("INVITE")[0], peer=before)
        here.take("ACK")
        here.endpoint._connection_lost(7)
        assert heard.ends[0][0] is Cause.OFFLINE
        here.pass_s(60)
        assert here.take("BYE") == []
        byes = here.register(after, taking="BYE")
        assert [bye.to.user for bye in byes] == [CHANNEL]
        here.answer(byes[0], peer=after)
        assert len(streams) == 0


# --- recordings of the device -------------------------------------------------------------------------------


async def test_playback_names_the_window_in_unix_seconds() -> None:
    async with called(Invited.accept, WINDOW) as (_, callee, heard, _call):
        await heard.answer()
        offer = (await callee.call()).offer
        assert (offer.name, offer.channel, offer.channel_type) == ("Playback", CHANNEL, "0")
        assert (offer.start, offer.end) == (1_700_000_000, 1_700_000_600)
        assert offer.ssrc is not None
        assert written(offer.ssrc)[0] == "1"


async def test_a_download_has_a_speed_and_a_size() -> None:
    wish = Wish(DEVICE, CHANNEL, 30_014, "download", start=1_700_000_000, end=1_700_000_600, speed=4)

    def answers(invited: Invited) -> None:
        body = b"v=0\r\ns=Download\r\nm=video 1 RTP/AVP 96\r\na=filesize:123456\r\n"
        invited.respond(200, body)

    async with called(answers, wish) as (_, callee, heard, _call):
        assert (await heard.answer()).filesize == 123_456
        offer = (await callee.call()).offer
        assert (offer.name, offer.speed) == ("Download", 4)


async def test_quirk_29_two_who_play_the_same_window_have_a_session_each() -> None:
    async with platform() as (endpoint, streams):
        callee = await Callee.registered(endpoint.port, Invited.accept)
        one, other = Heard(), Heard()
        call = streams.ask(WINDOW, one)
        streams.ask(WINDOW, other)
        assert (await one.answer()).ssrc != (await other.answer()).ssrc
        assert len({invited.subject for invited in callee.invited}) == 2
        streams.let_go(call)
        await (await callee.call(1)).until_asked("BYE")
        assert (await callee.call(2)).asked_of("BYE") == []
        callee.device.close()


ACTIONS = {
    mansrtsp.Pause(): b"PAUSE RTSP/1.0\r\nCSeq: 1\r\nPauseTime: now\r\n\r\n",
    mansrtsp.Play(): b"PLAY RTSP/1.0\r\nCSeq: 1\r\nRange: npt=now-\r\n\r\n",
    mansrtsp.Play(scale=2.0): b"PLAY RTSP/1.0\r\nCSeq: 1\r\nScale: 2.0\r\n\r\n",
    mansrtsp.Play(start_s=100.0): b"PLAY RTSP/1.0\r\nCSeq: 1\r\nRange: npt=100-\r\n\r\n",
}


@pytest.mark.parametrize("action", ACTIONS, ids=str)
async def test_playback_is_steered(action: mansrtsp.Action) -> None:
    async with called(Invited.accept, WINDOW) as (streams, callee, heard, call):
        await heard.answer()

        def tells_where(asked: Any) -> bool:
            if asked.request.method != "INFO":
                return False
            callee.device.answer(asked, 200, b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nRange: npt=12.5-\r\n\r\n")
            return True

        callee.device.handlers.append(tells_where)
        assert streams.control(call, action)
        info = await (await callee.call()).until_asked("INFO")
        assert info.body == ACTIONS[action]
        assert info.headers.get("Content-Type") == "Application/MANSRTSP"
        await until(lambda: heard.controls)
        assert heard.controls == [(200, 12.5)]


async def test_quirk_30_a_long_pause_ends_the_call_and_that_is_said() -> None:
    async with called(Invited.accept, WINDOW) as (streams, callee, heard, call):
        await heard.answer()
        invited = await callee.call()
        assert streams.control(call, mansrtsp.Pause())
        await invited.until_asked("INFO")
        await invited.send("BYE")
        assert await heard.end() is Cause.PEER
        assert "ask again from where it stood" in heard.ends[0][2]


def finished(device: str = CHANNEL) -> bytes:
    return manscdp.build(MediaStatus(sn=1, device_id=device, notify_type="121"))


async def with_call_id(invited: Invited, sender: str = "") -> None:
    """A MESSAGE with the INVITE's Call-ID, outside of the dialog."""
    device = invited.device
    request = message(device.local, device.peer, PLATFORM, manscdp.CONTENT_TYPE, finished("nobody"))
    headers = request.headers.replacing("Call-ID", invited.call_id).replacing("CSeq", "77 MESSAGE")
    headers = headers.replacing("From", f"<sip:{sender or device.id}@{DOMAIN}>;tag=x")
    await device.send(type(request)(request.method, request.uri, headers, request.body))


WAYS: dict[str, Callable[[Invited], Any]] = {
    "quirk 37, a MESSAGE that names the channel": lambda invited: invited.device.say(
        MediaStatus(sn=1, device_id=CHANNEL, notify_type="121")
    ),
    "quirk 37, a line in an INFO": lambda invited: invited.send(
        "INFO", b"MediaStatus: Play Finished\r\n", type="Application/MANSRTSP"
    ),
    "quirk 37, XML in an INFO": lambda invited: invited.send(
        "INFO", finished(), type="Application/MANSCDP+xml"
    ),
    "by Call-ID": with_call_id,
    "quirk 43, by Call-ID and from nobody": lambda invited: with_call_id(invited, "34020000002000000001"),
}


@pytest.mark.parametrize("way", WAYS)
async def test_quirk_37_the_end_of_a_recording(way: str) -> None:
    async with called(Invited.accept, WINDOW) as (_, callee, heard, _call):
        await heard.answer()
        invited = await callee.call()
        await until(lambda: invited.acknowledged)
        await WAYS[way](invited)
        assert await heard.end() is Cause.FILE_END
        await invited.until_asked("BYE")


async def test_an_end_that_may_mean_either_of_two_recordings_ends_none() -> None:
    async with platform() as (endpoint, streams):
        callee = await Callee.registered(endpoint.port, Invited.accept)
        one, other = Heard(), Heard()
        for heard in (one, other):
            streams.ask(WINDOW, heard)
            await heard.answer()
        await callee.device.say(MediaStatus(sn=1, device_id=CHANNEL, notify_type="121"))
        await asyncio.sleep(0.1)
        assert (one.ends, other.ends) == ([], [])
        callee.device.close()


@pytest.mark.parametrize("sender", ["", "34020000002000000001"], ids=["its own From", "quirk 43"])
async def test_of_two_recordings_the_call_id_says_which(sender: str) -> None:
    async with platform() as (endpoint, streams):
        callee = await Callee.registered(endpoint.port, Invited.accept)
        one, other = Heard(), Heard()
        for heard in (one, other):
            streams.ask(WINDOW, heard)
            await heard.answer()
        await with_call_id(await callee.call(2), sender)
        assert await other.end() is Cause.FILE_END
        assert one.ends == []
        callee.device.close()


async def test_another_device_cannot_end_a_recording() -> None:
    stranger = "99010100001180000099"
    async with platform(ids=(DEVICE, stranger)) as (endpoint, streams):
        callee = await Callee.registered(endpoint.port, Invited.accept)
        other = await Callee.registered(endpoint.port, id=stranger)
        heard = Heard()
        streams.ask(WINDOW, heard)
        await heard.answer()
        with contextlib.suppress(AssertionError):
            await with_call_id(Invited(other.device, callee.invited[0].asked))
        await asyncio.sleep(0.1)
        assert heard.ends == []
        callee.device.close()
        other.device.close()


async def test_an_invite_of_the_device_is_refused() -> None:
    """Voice is not taken yet."""
    async with platform() as (endpoint, _):
        callee = await Callee.registered(endpoint.port)
        local = callee.device.local
        request = compose(
            "INVITE",
            f"sip:{PLATFORM}@{DOMAIN}",
            local,
            callee.device.peer,
            sender=f"<{local.uri}>;tag={new_tag()}",
            to=f"<sip:{PLATFORM}@{DOMAIN}>",
            call_id=new_call_id(),
            number=1,
        )
        callee.device.answers.clear()
        callee.device.transactions.request(request, callee.device.peer, callee.device.now())
        callee.device.flush()
        await until(lambda: 488 in callee.device.statuses)
        callee.device.close()
