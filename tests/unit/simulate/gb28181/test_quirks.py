"""Each quirk is seen on the wire. A quirk without its test fails the last test."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bingjian.formats.access_unit import Codec
from bingjian.formats.mpegps import Demuxer
from bingjian.protocols.gb28181 import manscdp, mansrtsp, sdp
from bingjian.protocols.gb28181.manscdp import catalog, configuration, notifies, queries, responses
from bingjian.protocols.sip.call_events import Controlled, Why
from bingjian.protocols.sip.compose import Local
from bingjian.protocols.sip.message import Response
from bingjian.simulate.gb28181.quirks import PLATFORM_ONLY, Quirk, find
from tests.unit.simulate.gb28181.platform import (
    DOMAIN,
    ID,
    Media,
    World,
    offer_to,
    specs,
    tcp_media,
    udp_media,
    world,
)
from tests.unit.simulate.gb28181.test_streams import past, playback, stamps_of

SSRC = 101000017
SECOND = 90_000


@asynccontextmanager
async def odd(quirk: Quirk, *, registered: bool = True, count: int = 1, **more: Any) -> AsyncIterator[World]:
    async with world(*specs(count, quirks=frozenset({quirk}), **more), registered=registered) as here:
        yield here


async def played(here: World, **more: Any) -> tuple[Media, Any, Any]:
    """A live stream that has begun: its media, the call, the answer."""
    media = await udp_media()
    key, accepted = await here.platform.play(here.id, here.channel, media, **more)
    await here.platform.until(lambda: len(media.packets) > 5)
    return media, key, accepted


async def catalogue(here: World, count: int) -> list[catalog.CatalogPage]:
    sn = here.platform.ask(here.id, catalog.CatalogQuery)

    def pages() -> list[catalog.CatalogPage]:
        found = [page for page in here.platform.bodies(catalog.CatalogPage) if page.sn == sn]
        return found if len(found) >= count else []

    return await here.platform.until(pages)


# --- Which SSRC ------------------------------------------------------------------------------------------


async def test_quirk_1_own_ssrc() -> None:
    async with odd(Quirk.OWN_SSRC) as here:
        media, _, accepted = await played(here)
        assert sdp.parse(accepted.body).ssrc == SSRC
        assert len(media.ssrcs) == 1
        assert SSRC not in media.ssrcs


async def test_quirk_2_zero_ssrc() -> None:
    async with odd(Quirk.ZERO_SSRC) as here:
        assert (await played(here))[0].ssrcs == {0}


async def test_quirk_3_ssrc_in_answer() -> None:
    async with odd(Quirk.SSRC_IN_ANSWER) as here:
        media, _, accepted = await played(here)
        assert media.ssrcs == {sdp.parse(accepted.body).ssrc}
        assert SSRC not in media.ssrcs


async def test_quirk_4_same_ssrc() -> None:
    async with odd(Quirk.SAME_SSRC) as here:
        first, _, _ = await played(here)
        second, _, _ = await played(here, ssrc=SSRC + 1)
        assert first.ssrcs == second.ssrcs
        assert first.sources[0] != second.sources[0]


# --- Calls -----------------------------------------------------------------------------------------------


async def test_quirk_5_keeps_sending() -> None:
    async with odd(Quirk.KEEPS_SENDING) as here:
        media, key, _ = await played(here)
        here.platform.hang_up(key)
        count = len(media.packets)
        await asyncio.sleep(0.5)
        assert len(media.packets) > count + 5
        assert not here.platform.responses("BYE")


@pytest.mark.parametrize(
    "edit",
    [
        lambda body: body.rstrip(b"\r\n"),
        lambda body: re.sub(rb"(s=Play\r\n)(.*)(y=\d+\r\n)", rb"\1\3\2", body, flags=16),
    ],
)
async def test_quirk_17_strict_sdp(edit: Any) -> None:
    async with odd(Quirk.STRICT_SDP) as here:
        media = await udp_media()
        key = here.platform.invite(here.id, here.channel, offer_to(media), edit=edit)
        assert (await here.platform.ended(key)).status == 415
        await played(here)


async def test_quirk_18_ps_first() -> None:
    async with odd(Quirk.PS_FIRST) as here:
        media = await udp_media()
        backwards = offer_to(media, formats=tuple(reversed(sdp.OFFERED)))
        key = here.platform.invite(here.id, here.channel, backwards)
        assert (await here.platform.ended(key)).status == 488
        await played(here)


async def test_quirk_27_burst() -> None:
    async with odd(Quirk.BURST) as here:
        media = await udp_media()
        first = here.platform.invite(here.id, here.channel, offer_to(media))
        second = here.platform.invite(here.id, list(here.device.channels)[1], offer_to(media, ssrc=5))
        await here.platform.accepted(first)
        await asyncio.sleep(0.7)  # once more, for the INVITE is repeated
        assert {answer.call_id for answer in here.platform.responses("INVITE")} == {first.call_id}
        assert second.call_id != first.call_id


async def test_quirk_28_second_kills_first() -> None:
    async with odd(Quirk.SECOND_KILLS_FIRST) as here:
        first, _, _ = await played(here)
        second, _, _ = await played(here, ssrc=SSRC + 1)
        count = len(first.packets)
        await asyncio.sleep(0.4)
        assert len(second.packets) > 10
        assert len(first.packets) <= count + 2
        assert not here.platform.requests("BYE")


async def test_quirk_29_one_playback() -> None:
    async with odd(Quirk.ONE_PLAYBACK) as here:
        start = past(10)
        first = here.platform.invite(
            here.id, here.channel, playback(await udp_media(), here.channel, start, 60)
        )
        await here.platform.accepted(first)
        again = replace(playback(await udp_media(), here.channel, start, 60), ssrc=1101000019)
        second = here.platform.invite(here.id, here.channel, again)
        assert (await here.platform.ended(second)).status == 486


async def test_quirk_30_pause_ends() -> None:
    async with odd(Quirk.PAUSE_ENDS) as here:
        here.device.pause_limit_s = 0.3
        offer = playback(await udp_media(), here.channel, past(10), 60)
        key = here.platform.invite(here.id, here.channel, offer)
        await here.platform.accepted(key)
        here.platform.steer(key, mansrtsp.Pause())
        assert (await here.platform.ended(key)).why is Why.PEER
        assert here.platform.requests("BYE")[0].call_id == key.call_id


async def test_quirk_31_power_cut() -> None:
    async with odd(Quirk.POWER_CUT) as here:
        media = await tcp_media()
        await here.platform.play(here.id, here.channel, media, setup="passive")
        await here.platform.until(lambda: len(media.packets) > 5)
        before = here.platform.requests("REGISTER")[-1].call_id
        here.fleet.handle({"do": "hang_up", "device": here.id})
        await here.platform.until(lambda: here.device.registered)
        assert here.platform.requests("REGISTER")[-1].call_id != before
        assert not here.platform.requests("BYE")
        assert media.closed == 0
        count = len(media.packets)
        await asyncio.sleep(0.2)
        assert len(media.packets) == count


async def test_quirk_38_foreign_bye() -> None:
    async with odd(Quirk.FOREIGN_BYE) as here:
        _, key, _ = await played(here)
        here.fleet.handle({"do": "hang_up", "device": here.id})
        (bye,) = await here.platform.until(lambda: here.platform.requests("BYE"))
        assert bye.call_id != key.call_id
        assert bye.to.tag == ""


async def test_quirk_39_no_answer_body() -> None:
    async with odd(Quirk.NO_ANSWER_BODY) as here:
        _, _, accepted = await played(here)
        assert (accepted.body, accepted.content_type) == (b"", "")


async def test_quirk_40_odd_answer() -> None:
    async with odd(Quirk.ODD_ANSWER) as here:
        media = await tcp_media()
        _, accepted = await here.platform.play(here.id, here.channel, media, setup="passive")
        text = accepted.body.decode()
        assert re.search(r"^y=\d{11,}\r$", text, re.MULTILINE)
        assert "a=recvonly" in text
        assert re.search(r"^m=video \d+ RTP/AVP 96\r$", text, re.MULTILINE)
        final = [answer for answer in here.platform.responses("INVITE") if answer.status == 200]
        assert final[0].to.tag == ""
        await here.platform.until(lambda: media.packets)


async def test_quirk_40a_bare_sdp() -> None:
    async with odd(Quirk.BARE_SDP) as here:
        _, _, accepted = await played(here)
        assert b"rtpmap" not in accepted.body
        assert b"y=101000017" in accepted.body
        assert not accepted.body.endswith(b"\n")
        speak(here)
        (offer,) = await here.platform.until(lambda: here.platform.requests("INVITE"))
        assert b"rtpmap" not in offer.body


# --- Media -----------------------------------------------------------------------------------------------


async def test_quirk_23_ignores_tcp() -> None:
    async with odd(Quirk.IGNORES_TCP) as here:
        tcp = await tcp_media()
        udp = await udp_media(port=tcp.port)
        await here.platform.play(here.id, here.channel, udp, setup="passive")
        await here.platform.until(lambda: len(udp.packets) > 5)
        assert not tcp.connections


async def test_quirk_24_private_address() -> None:
    async with odd(Quirk.PRIVATE_ADDRESS) as here:
        _, _, accepted = await played(here)
        assert sdp.parse(accepted.body).address == "10.255.255.1"
        assert "10.255.255.1" in here.platform.requests("REGISTER")[0].headers.get("Contact")


async def test_quirk_25_connect_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bingjian.simulate.gb28181.offers.LATE_CONNECT_S", 0.8)
    async with odd(Quirk.CONNECT_TIME) as here:
        early, late = await tcp_media(), await tcp_media()
        key = here.platform.invite(here.id, here.channel, offer_to(early, setup="passive"))
        await here.platform.accepted(key, acknowledge=False)
        answered = next(
            seen.at
            for seen in here.platform.seen
            if isinstance(seen.message, Response)
            and seen.message.cseq.method == "INVITE"
            and seen.message.status == 200
        )
        assert early.connections[0] < answered
        second = here.platform.invite(here.id, here.channel, offer_to(late, ssrc=5, setup="passive"))
        await here.platform.accepted(second)
        acknowledged = asyncio.get_running_loop().time()
        await here.platform.until(lambda: late.connections)
        assert late.connections[0] - acknowledged > 0.7


async def test_quirk_25_a_call_that_is_given_up_while_the_device_connects_leaves_nothing() -> None:
    async with odd(Quirk.CONNECT_TIME) as here:
        media = await tcp_media()
        key = here.platform.invite(here.id, here.channel, offer_to(media, setup="passive"))
        await here.platform.until(lambda: media.connections)
        here.platform.hang_up(key)
        await here.platform.ended(key)
        await here.platform.until(lambda: media.closed)
        assert here.device.sessions == {}


async def test_quirk_26_program_map() -> None:
    async with odd(Quirk.PROGRAM_MAP) as here:
        media, _, _ = await played(here)
        await here.platform.until(lambda: media.program.count(b"\0\0\1\xbc") >= 1, 20)
        program = media.program
        assert program.count(b"\0\0\1\xbdHKPRIVATE"[:4]) > 10
        first_key, first_map = program.index(b"\0\0\1\xbb"), program.index(b"\0\0\1\xbc")
        assert program.index(b"\0\0\1\xbb", first_key + 4) < first_map
        assert program[first_map + 10 : first_map + 12] == b"\x0f\xff"
        assert program[first_map + 12] == 0x24  # H.265, and it is not
        demuxer = Demuxer()
        demuxer.push(program, 0)
        assert demuxer.video
        assert demuxer.video.codec is Codec.H264


# --- The catalogue ---------------------------------------------------------------------------------------


async def test_quirk_6_wrong_sum() -> None:
    async with odd(Quirk.WRONG_SUM) as here:
        pages = await catalogue(here, 3)
        assert {page.total for page in pages} == {5}
        assert pages[0].items == pages[2].items
        assert len({item.device_id for page in pages for item in page.items}) == 4


async def test_quirk_7_unsolicited_page() -> None:
    async with odd(Quirk.UNSOLICITED_PAGE) as here:
        pages = await catalogue(here, 2)
        last = await here.platform.until(
            lambda: [page for page in here.platform.bodies(catalog.CatalogPage) if page.sn != pages[0].sn]
        )
        assert (last[0].total, len(last[0].items)) == (1, 1)


async def test_quirk_8_odd_parents() -> None:
    async with odd(Quirk.ODD_PARENTS) as here:
        items = [item for page in await catalogue(here, 2) for item in page.items]
        assert items[0].parent_id == items[0].device_id
        assert items[1].parent_id == ID


async def test_quirk_9_shared_channels() -> None:
    async with odd(Quirk.SHARED_CHANNELS, count=2) as here:
        first, second = here.fleet.devices.values()
        assert list(first.channels) == list(second.channels)
        media = await udp_media()
        await here.platform.play(second.spec.id, here.channel, media)
        await here.platform.until(lambda: media.packets)
        assert second.sessions
        assert not first.sessions


async def test_quirk_10_early_notify() -> None:
    async with odd(Quirk.EARLY_NOTIFY) as here:
        here.platform.subscribe(here.id, "Catalog;id=1", catalog.CatalogQuery(sn=1, device_id=here.id))
        await here.platform.until(lambda: here.device.reports.watched(catalog.CatalogQuery))
        await catalogue(here, 2)
        order = [
            seen.message.method  # type: ignore[union-attr]
            for seen in here.platform.seen
            if b"<CmdType>Catalog" in seen.raw and b"Item" in seen.raw
        ]
        assert order[0] == "MESSAGE"
        assert "NOTIFY" in order[1:-1]
        assert order[-1] == "MESSAGE"
        assert here.platform.notifications(catalog.CatalogChange)[0].items[0].change == "ADD"


async def test_quirk_20_broken_xml() -> None:
    async with odd(Quirk.BROKEN_XML) as here:
        items = [item for page in await catalogue(here, 2) for item in page.items]
        assert len(items) == 4
        raw = next(seen.raw for seen in here.platform.seen if b"<SumNum>" in seen.raw)
        assert b"A&B \x01\0<1F" in raw
        assert raw.count(b"</Response>") == 2


async def test_quirk_21_utf8_as_gb() -> None:
    async with odd(Quirk.UTF8_AS_GB) as here:
        items = [item for page in await catalogue(here, 2) for item in page.items]
        assert items[0].name.endswith("䶮㛃𠮷")
        raw = next(seen.raw for seen in here.platform.seen if b"<SumNum>" in seen.raw)
        assert b'encoding="GB2312"' in raw
        assert "䶮㛃𠮷".encode() in raw


async def test_quirk_22_big_datagrams() -> None:
    async with odd(Quirk.BIG_DATAGRAMS, channels=8) as here:
        here.platform.ask(here.id, catalog.CatalogQuery)
        await asyncio.sleep(0.3)
        assert not here.platform.bodies(catalog.CatalogPage)
        here.device.weather.mtu_bytes = 0  # the network is well again: the message is repeated, in one piece
        (page,) = await here.platform.until(lambda: here.platform.bodies(catalog.CatalogPage))
        assert len(page.items) == 8


async def test_quirk_35_unknown_maker() -> None:
    async with odd(Quirk.UNKNOWN_MAKER) as here:
        items = [item for page in await catalogue(here, 2) for item in page.items]
        assert {item.manufacturer for item in items} == {""}


# --- Where it is -----------------------------------------------------------------------------------------


async def test_quirk_11_port_moves() -> None:
    async with odd(Quirk.PORT_MOVES, keep_alive_s=0.2) as here:
        await here.platform.until(lambda: len(here.platform.bodies(notifies.Keepalive)) >= 3)
        ports = {seen.peer.port for seen in here.platform.seen if b"Keepalive" in seen.raw}
        assert len(ports) >= 3
        assert len(here.platform.requests("REGISTER")) == 2


async def test_quirk_12_address_moves() -> None:
    async with odd(Quirk.ADDRESS_MOVES, keep_alive_s=0.3) as here:
        moved = await here.platform.until(
            lambda: [seen for seen in here.platform.seen if seen.peer.host == "127.0.0.2"]
        )
        assert moved[0].raw.startswith(b"REGISTER")
        assert b"Authorization" not in moved[0].raw
        await here.platform.until(lambda: here.platform.peers[here.id].host != "127.0.0.1")


async def test_quirk_13_twin() -> None:
    async with odd(Quirk.TWIN) as here:
        await here.platform.until(lambda: len(here.platform.registered) >= 2)
        assert {seen.peer.host for seen in here.platform.seen} == {"127.0.0.1", "127.0.0.2"}
        assert {done.device for done in here.platform.registered} == {here.id}


async def test_quirk_13_ends_with_its_switch() -> None:
    async with odd(Quirk.TWIN, keep_alive_s=0.2) as here:
        await here.platform.until(lambda: here.fleet.twins and here.fleet.twins[0].registered)
        (twin,) = here.fleet.twins
        here.fleet.handle({"do": "quirk", "device": here.id, "quirk": "13", "on": False})
        assert here.fleet.twins == []
        await here.platform.until(lambda: not twin.registered)
        told = len([seen for seen in here.platform.seen if seen.peer.host == "127.0.0.2"])
        await asyncio.sleep(0.5)
        assert len([seen for seen in here.platform.seen if seen.peer.host == "127.0.0.2"]) == told


async def test_quirk_14_wrong_domain() -> None:
    async with odd(Quirk.WRONG_DOMAIN) as here:
        answered = here.platform.requests("REGISTER")[1]
        assert 'realm="1111111111"' in answered.headers.get("Authorization")
        assert answered.uri.startswith("sip:11111111112000000009@")
        assert here.platform.registered[0].realm == "1111111111"


async def test_quirk_15_needs_algorithm() -> None:
    async with odd(Quirk.NEEDS_ALGORITHM, registered=False) as here:
        here.platform.names_algorithm = False
        here.device.restart()
        count = len(here.platform.requests("REGISTER"))
        await asyncio.sleep(0.3)
        assert not [r for r in here.platform.requests("REGISTER")[count:] if "Authorization" in r.headers]
        here.platform.names_algorithm = True
        await here.platform.until(lambda: here.device.registered)


async def test_quirk_16_blank_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bingjian.simulate.gb28181.device.RETRY_S", 0.1)
    async with odd(Quirk.BLANK_PASSWORD, registered=False) as here:
        await here.platform.until(lambda: len(here.platform.requests("REGISTER")) > 4)
        assert not here.platform.registered
        here.fleet.handle({"do": "quirk", "device": here.id, "quirk": "16", "on": False})
        await here.platform.until(lambda: here.device.registered)


async def test_quirk_19_known_server_only() -> None:
    async with odd(Quirk.KNOWN_SERVER_ONLY) as here:
        body = manscdp.build(queries.DeviceInfoQuery(sn=77, device_id=here.id))
        here.platform.send(here.id, body, Local(ID, DOMAIN, "192.0.2.10", here.platform.port))
        await asyncio.sleep(0.3)
        assert not here.platform.responses("MESSAGE")
        await here.platform.answer(here.id, queries.DeviceInfoQuery, responses.DeviceInfo)


async def test_quirk_36_no_expires() -> None:
    async with odd(Quirk.NO_EXPIRES) as here:
        assert here.platform.requests("REGISTER")[0].expires_s is None
        here.device._register()
        await here.platform.until(lambda: here.platform.requests("REGISTER")[-1].expires_s == 30)


# --- Recordings and times --------------------------------------------------------------------------------


async def test_quirk_32_utc_times() -> None:
    async with odd(Quirk.UTC_TIMES) as here:
        status = await here.platform.answer(here.id, queries.DeviceStatusQuery, responses.DeviceStatus)
        assert status.time
        assert abs(datetime.now(UTC) - timedelta(hours=8) - status.time) < timedelta(seconds=5)
        start = past(10)
        key = here.platform.invite(
            here.id, here.channel, playback(await udp_media(), here.channel, start, 60)
        )
        body = (await here.platform.accepted(key)).body
        assert f"t={start + sdp.NTP_EPOCH} {start + 60 + sdp.NTP_EPOCH}".encode() in body


async def test_quirk_33_zero_heartbeat() -> None:
    async with odd(Quirk.ZERO_HEARTBEAT) as here:
        told = await here.platform.answer(
            here.id, queries.ConfigDownloadQuery, configuration.Configuration, config_type="BasicParam"
        )
        assert told.basic
        assert (told.basic.heartbeat_interval, told.basic.heartbeat_count) == (0, 0)


async def test_quirk_34_late_start() -> None:
    async with odd(Quirk.LATE_START) as here:
        media = await udp_media()
        start = past(10) // 2 * 2
        key = here.platform.invite(here.id, here.channel, playback(media, here.channel, start, 60))
        await here.platform.accepted(key)
        await here.platform.until(lambda: media.packets)
        assert 8 * SECOND <= stamps_of(media)[0] <= 12 * SECOND


async def test_quirk_37_end_of_file() -> None:
    async with odd(Quirk.END_OF_FILE) as here:
        channels = list(here.device.channels)
        for number in range(3):
            offer = playback(await udp_media(), channels[2], past(10), 2, name=sdp.DOWNLOAD, speed=8)
            key = here.platform.invite(here.id, channels[2], replace(offer, ssrc=1101000020 + number))
            await here.platform.accepted(key)
            await here.platform.until(lambda number=number: here.device.ends == number + 1)
            await asyncio.sleep(0.2)
            if number == 0:
                told = [event for event in here.platform.told if isinstance(event, Controlled)]
                assert told[0].request.body.startswith(b"MediaStatus: Play Finished")
                assert not here.platform.bodies(notifies.MediaStatus)
            elif number == 1:
                assert here.platform.requests("MESSAGE")[-1].call_id != key.call_id
            here.platform.hang_up(key)
            await here.platform.ended(key)
        assert len(here.platform.bodies(notifies.MediaStatus)) == 1
        assert len([event for event in here.platform.told if isinstance(event, Controlled)]) == 1


async def test_quirk_43_foreign_status() -> None:
    async with odd(Quirk.FOREIGN_STATUS) as here:
        channel = list(here.device.channels)[2]
        offer = playback(await udp_media(), channel, past(10), 2, name=sdp.DOWNLOAD, speed=8)
        key = here.platform.invite(here.id, channel, offer)
        await here.platform.accepted(key)
        await here.platform.until(lambda: here.platform.bodies(notifies.MediaStatus))
        told = here.platform.requests("MESSAGE")[-1]
        assert told.call_id == key.call_id
        assert told.sender.user not in (here.id, *here.device.channels)


# --- Voice -----------------------------------------------------------------------------------------------


def speak(here: World) -> None:
    wish = notifies.Broadcast(sn=9, device_id="", source_id=ID, target_id=here.channel)
    here.platform.send(here.id, manscdp.build(wish))


async def test_quirk_42_voice() -> None:
    async with odd(Quirk.VOICE) as here:
        speak(here)
        (offer,) = await here.platform.until(lambda: here.platform.requests("INVITE"))
        assert sdp.parse(offer.body).formats[0].encoding == "PCMU"
        (bye,) = await here.platform.until(lambda: here.platform.requests("BYE"))
        assert bye.call_id == offer.call_id
        assert here.device.heard.packets >= 1


# --- All of them -----------------------------------------------------------------------------------------


def test_every_quirk_is_seen_on_the_wire() -> None:
    here = vars(sys.modules[__name__])
    missing = [q for q in Quirk if f"test_quirk_{q.number}_{q.word.replace('-', '_')}" not in here]
    assert not missing


def test_every_row_of_the_collection_has_a_place() -> None:
    rows = {*map(str, range(1, 45)), "40a"}
    assert {quirk.number for quirk in Quirk} | set(PLATFORM_ONLY) == rows
    assert not {quirk.number for quirk in Quirk} & set(PLATFORM_ONLY)


def test_quirks_are_found_by_number_and_by_word() -> None:
    assert find("6") is find("WRONG-SUM") is Quirk.WRONG_SUM
    with pytest.raises(ValueError, match="platform's"):
        find("41")
    with pytest.raises(ValueError, match="no quirk"):
        find("45")
