"""INVITE: live pictures, playback, download; what is sent is read by FFmpeg."""

import asyncio
import json
import re
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from bingjian.formats.access_unit import AudioConfig, Codec
from bingjian.formats.mpegps import Demuxer
from bingjian.protocols.gb28181 import mansrtsp, ptz, sdp
from bingjian.protocols.gb28181.manscdp import controls, notifies
from bingjian.protocols.sip.call_events import Why
from bingjian.simulate.camera import FaultError
from bingjian.simulate.course import AHEAD, Look
from tests.unit.simulate.gb28181.platform import (
    Media,
    World,
    offer_to,
    specs,
    tcp_connected,
    tcp_media,
    udp_media,
    world,
)

SECOND = 90_000
PACK_HEADER = 14  # bytes, before the system header of a key picture
SYSTEM_HEADER = b"\x00\x00\x01\xbb"


def probed(program: bytes, tmp_path: Path) -> dict[str, dict[str, Any]]:
    """What ffprobe finds, by kind of stream; whole packets are counted."""
    path = tmp_path / "stream.ps"
    path.write_bytes(program)
    command = [
        "ffprobe",
        "-v",
        "error",
        "-f",
        "mpeg",
        "-count_packets",
        "-show_streams",
        "-of",
        "json",
        str(path),
    ]
    told = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)
    return {stream["codec_type"]: stream for stream in told["streams"]}


def heard(program: bytes) -> Codec | None:
    configs = [unit.config for unit in Demuxer().push(program, 0)]
    return next((config.codec for config in configs if isinstance(config, AudioConfig)), None)


def past(minute: int = 0, second: int = 0, hours: int = 3) -> int:
    """Unix seconds of an instant in an hour that is over, in UTC."""
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours)
    return int((hour + timedelta(minutes=minute, seconds=second)).timestamp())


async def bytes_of(here: World, media: Media, size: int) -> None:
    await here.platform.until(lambda: sum(map(len, media.packets)) > size)


@pytest.mark.parametrize(
    ("number", "video", "audio"),
    [(0, "h264", Codec.PCMA), (1, "hevc", Codec.AAC), (2, "h264", None), (3, "hevc", Codec.PCMA)],
)
async def test_live_pictures_and_sound(number: int, video: str, audio: Codec | None, tmp_path: Path) -> None:
    async with world() as here:
        media = await udp_media()
        channel = list(here.device.channels)[number]
        key, accepted = await here.platform.play(here.id, channel, media)
        answer = sdp.parse(accepted.body)
        assert (answer.owner, answer.direction, answer.ssrc, answer.transport) == (
            channel,
            "sendonly",
            101000017,
            sdp.UDP,
        )
        await bytes_of(here, media, 500_000)
        here.platform.hang_up(key)
        assert (await here.platform.ended(key)).status == 200
        found = probed(media.program, tmp_path)
        assert found["video"]["codec_name"] == video
        assert ("audio" in found) == (audio is not None)
        assert heard(media.program) == audio  # FFmpeg takes G.711 in a program stream for MPEG sound
        assert (found["video"]["width"], found["video"]["height"]) == (1280, 720)
        assert media.ssrcs == {101000017}
        assert {source[1] for source in media.sources} == {answer.port}
        assert {header.payload_type for header in media.headers} == {96}
        media.close()


async def test_one_timestamp_and_one_marker_a_picture(tmp_path: Path) -> None:
    async with world() as here:
        media = await udp_media()
        await here.platform.play(here.id, list(here.device.channels)[2], media)
        await here.platform.until(lambda: len({header.timestamp for header in media.headers}) > 30)
        stamps = [header.timestamp for header in media.headers]
        ends = [at for at, header in enumerate(media.headers) if header.marker]
        assert all(stamps[end] != stamps[end + 1] for end in ends if end + 1 < len(stamps))
        steps = {later - earlier for earlier, later in pairwise(stamps)}
        assert steps == {0, 3600}
        assert media.program.startswith(b"\0\0\1\xba")
        media.close()


async def test_after_the_bye_nothing_comes() -> None:
    async with world() as here:
        media = await udp_media()
        key, _ = await here.platform.play(here.id, here.channel, media)
        await bytes_of(here, media, 50_000)
        here.platform.hang_up(key)
        await here.platform.ended(key)
        count = len(media.packets)
        await asyncio.sleep(0.3)
        assert len(media.packets) <= count + 1
        assert not here.device.sessions
        media.close()


async def test_the_sub_stream_is_small(tmp_path: Path) -> None:
    async with world() as here:
        media = await udp_media()
        await here.platform.play(here.id, here.channel, media, stream_number="1")
        await bytes_of(here, media, 100_000)
        assert probed(media.program, tmp_path)["video"]["width"] == 640
        media.close()


async def test_tcp_passive_the_device_connects(tmp_path: Path) -> None:
    async with world(*specs(transport="TCP")) as here:
        media = await tcp_media()
        key, accepted = await here.platform.play(here.id, here.channel, media, setup="passive")
        assert sdp.parse(accepted.body).setup == "active"
        await bytes_of(here, media, 300_000)
        here.platform.hang_up(key)
        await here.platform.until(lambda: media.closed == 1)
        assert probed(media.program, tmp_path)["video"]["codec_name"] == "h264"
        media.close()


async def test_tcp_active_the_device_listens(tmp_path: Path) -> None:
    async with world() as here:
        key = here.platform.invite(here.id, here.channel, offer_to(Media(9), setup="active"))
        answer = sdp.parse((await here.platform.accepted(key)).body)
        assert (answer.setup, answer.transport) == ("passive", sdp.TCP)
        media = await tcp_connected(answer.port)
        await bytes_of(here, media, 300_000)
        assert probed(media.program, tmp_path)["video"]["codec_name"] == "h264"
        media.close()


async def test_tries_again_to_connect_and_gives_up_with_a_bye() -> None:
    async with world() as here:
        nobody = await tcp_media()
        nobody.close()
        key, _ = await here.platform.play(here.id, here.channel, nobody, setup="passive")
        assert (await here.platform.ended(key)).why is Why.PEER


@pytest.mark.parametrize(
    ("change", "status"),
    [({"kind": "audio", "formats": (sdp.PCMA,)}, 488), ({"name": sdp.TALK}, 488), ({}, 404)],
)
async def test_refuses_what_it_cannot(change: dict[str, Any], status: int) -> None:
    async with world() as here:
        channel = here.channel if change else "99010100001319999999"
        offer = offer_to(Media(9), **change)
        key = here.platform.invite(here.id, channel, offer, subject=f"{channel}:0,x:0")
        # a channel that nobody has: the INVITE still goes to the device
        assert (await here.platform.ended(key)).status == status


async def test_the_same_subject_again_replaces_the_stream() -> None:
    async with world() as here:
        first, second = await udp_media(), await udp_media()
        old, _ = await here.platform.play(here.id, here.channel, first)
        await bytes_of(here, first, 10_000)
        await here.platform.play(here.id, here.channel, second)
        assert (await here.platform.ended(old)).why is Why.PEER
        await bytes_of(here, second, 10_000)
        assert len(here.device.sessions) == 1


async def test_an_order_for_a_key_picture_is_obeyed_at_once() -> None:
    async with world() as here:
        media = await udp_media()
        await here.platform.play(here.id, list(here.device.channels)[2], media)
        await bytes_of(here, media, 30_000)
        before, sent = keys(media), len(media.packets)
        here.platform.ask(here.id, controls.DeviceControl, list(here.device.channels)[2], key_frame="Send")
        await here.platform.until(lambda: keys(media) > before, 1.0)
        stamps = [header.timestamp for header in media.headers[sent - 1 :]]
        assert max(later - earlier for earlier, later in pairwise(stamps)) <= 7200
        media.close()


def keys(media: Media) -> int:
    return media.program.count(b"\0\0\1\xbc")


# --- Recordings ------------------------------------------------------------------------------------------


def playback(media: Media, channel: str, start: int, seconds: int, **more: Any) -> sdp.Session:
    name = more.pop("name", sdp.PLAYBACK)
    return offer_to(
        media, ssrc=1101000018, name=name, channel=channel, start=start, end=start + seconds, **more
    )


def stamps_of(media: Media) -> list[int]:
    return [header.timestamp for header in media.headers]


async def test_a_download_is_fast_and_ends_by_itself(tmp_path: Path) -> None:
    """Over TCP: what is sent at eight times its speed may be more than a socket of this test holds."""
    async with world(*specs(transport="TCP")) as here:
        media, began = await tcp_media(), time.monotonic()
        offer = playback(media, here.channel, past(10), 16, name=sdp.DOWNLOAD, speed=8, setup="passive")
        key = here.platform.invite(here.id, here.channel, offer)
        answer = sdp.parse((await here.platform.accepted(key)).body)
        assert answer.file_size
        status = await here.platform.until(lambda: here.platform.bodies(notifies.MediaStatus))
        assert time.monotonic() - began < 16, "played, it takes so long"
        assert status[0].is_end_of_file
        assert here.platform.requests("MESSAGE")[-1].call_id == key.call_id
        here.platform.hang_up(key)
        await here.platform.ended(key)
        await here.platform.until(lambda: media.closed == 1)
        found = probed(media.program, tmp_path)
        assert int(found["video"]["nb_read_packets"]) == 16 * 25
        assert 0.8 < len(media.program) / answer.file_size < 1.3
        media.close()


async def test_playback_pauses_goes_on_seeks_and_changes_speed() -> None:
    async with world() as here:
        media = await udp_media()
        channel = list(here.device.channels)[2]
        key = here.platform.invite(here.id, channel, playback(media, channel, past(10), 600))
        await here.platform.accepted(key)
        await here.platform.until(lambda: len(media.packets) > 20)
        here.platform.steer(key, mansrtsp.Pause())
        await here.platform.until(lambda: here.platform.responses("INFO"))
        await asyncio.sleep(0.1)
        count = len(media.packets)
        await asyncio.sleep(0.3)
        assert len(media.packets) == count
        here.platform.steer(key, mansrtsp.Play())
        await here.platform.until(lambda: len(media.packets) > count)
        here.platform.steer(key, mansrtsp.Play(start_s=300))
        await here.platform.until(lambda: stamps_of(media)[-1] >= 298 * SECOND)
        assert stamps_of(media)[-1] < 305 * SECOND
        here.platform.steer(key, mansrtsp.Play(scale=4.0))
        began, first = time.monotonic(), stamps_of(media)[-1]
        await here.platform.until(lambda: stamps_of(media)[-1] - first > 6 * SECOND)
        assert 1.0 < time.monotonic() - began < 2.5
        media.close()


async def test_playback_goes_backwards_in_groups_of_pictures() -> None:
    async with world() as here:
        media = await udp_media()
        channel = list(here.device.channels)[2]
        key = here.platform.invite(here.id, channel, playback(media, channel, past(10), 600))
        await here.platform.accepted(key)
        here.platform.steer(key, mansrtsp.Play(scale=-4.0, start_s=100, end_s=80))
        await here.platform.until(
            lambda: len(stamps_of(media)) > 1 and 80 * SECOND < stamps_of(media)[-1] < 94 * SECOND
        )
        shown = [stamp for stamp in stamps_of(media) if stamp > 80 * SECOND]
        starts = [stamp for stamp, before in zip(shown[1:], shown, strict=False) if stamp < before]
        assert len(starts) >= 3
        assert starts == sorted(starts, reverse=True)
        assert {before - after for before, after in pairwise(starts)} == {2 * SECOND}
        media.close()


async def test_over_a_hole_in_the_recording_it_goes_on() -> None:
    async with world() as here:
        media = await udp_media()
        channel = list(here.device.channels)[2]
        offer = playback(media, channel, past(54, 56), 310, name=sdp.DOWNLOAD, speed=4)
        await here.platform.accepted(here.platform.invite(here.id, channel, offer))
        await here.platform.until(lambda: here.platform.bodies(notifies.MediaStatus))
        stamps = stamps_of(media)
        assert max(later - earlier for earlier, later in pairwise(stamps)) > 290 * SECOND
        media.close()


async def test_nothing_recorded_is_404() -> None:
    async with world() as here:
        offer = playback(Media(9), here.channel, past(56), 60)
        assert (await here.platform.ended(here.platform.invite(here.id, here.channel, offer))).status == 404


# --- Pan, tilt, zoom -------------------------------------------------------------------------------------


async def test_panning_and_zooming_are_seen_and_the_way_back_too(tmp_path: Path) -> None:
    async with world() as here:
        media, channel = await udp_media(), list(here.device.channels)[2]
        original = loop_of(here, channel)
        await here.platform.play(here.id, channel, media)
        await bytes_of(here, media, 200_000)
        mount = here.device.channels[channel].mount
        move = ptz.build(ptz.Move(pan=1, zoom=1, pan_speed=128, zoom_speed=15))
        here.platform.ask(here.id, controls.DeviceControl, channel, ptz_cmd=move)
        await here.platform.until(lambda: mount.look.pan > 20)
        here.platform.ask(here.id, controls.DeviceControl, channel, ptz_cmd=ptz.build(ptz.STOP))
        assert await seen(media, original, tmp_path, lambda unlike: unlike > 20)
        mount.turn(Look(120.0, 0.0, 1.0))  # mirrored twice: what is straight ahead, though it is turned away
        assert await seen(media, original, tmp_path, lambda unlike: unlike < 6)
        assert here.device.channels[channel].views.count == 1
        mount.turn(AHEAD)
        assert await seen(media, original, tmp_path, lambda unlike: unlike < 0.5)  # the loop itself
        await here.platform.until(lambda: here.device.channels[channel].views.count == 0)
        media.close()


def loop_of(here: World, channel: str) -> list[Any]:
    """The pictures that the channel shows when it looks straight ahead, small."""
    with av.open(str(here.device.channels[channel].views.main_loop)) as loop:
        return [np.asarray(f.to_ndarray(format="gray"))[::16, ::16].astype(int) for f in loop.decode(video=0)]


async def seen(media: Media, original: list[Any], tmp_path: Path, wanted: Callable[[float], bool]) -> bool:
    """Is the newest picture as wanted, within a while? Told is how unlike it is to the one most like it."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        newest = await asyncio.to_thread(newest_picture, media.program, tmp_path)
        if wanted(min(float(np.abs(newest - other).mean()) for other in original)):
            return True
        await asyncio.sleep(0.3)
    return False


def newest_picture(program: bytes, tmp_path: Path) -> Any:
    """From the last key picture on; small."""
    keys = [found.start() - PACK_HEADER for found in re.finditer(SYSTEM_HEADER, program)]
    path = tmp_path / "stream.ps"
    path.write_bytes(program[keys[-2] if len(keys) > 1 else 0 :])
    with av.open(str(path), format="mpeg") as film:
        *_, last = film.decode(video=0)
    return np.asarray(last.to_ndarray(format="gray"))[::16, ::16].astype(int)


async def test_a_fixed_camera_does_not_turn() -> None:
    async with world() as here:
        channel = list(here.device.channels)[1]
        move = ptz.build(ptz.Move(pan=1, pan_speed=255))
        here.platform.ask(here.id, controls.DeviceControl, channel, ptz_cmd=move)
        await asyncio.sleep(0.2)
        assert not here.device.channels[channel].mount.away


# --- The network -----------------------------------------------------------------------------------------


async def test_loss_and_reordering_of_media() -> None:
    async with world() as here:
        media = await udp_media()
        here.fleet.handle(
            {
                "do": "fault",
                "device": here.id,
                "kind": "reorder",
                "seconds": 60,
                "parameters": {"percent": 20},
            }
        )
        here.fleet.handle(
            {"do": "fault", "device": here.id, "kind": "loss", "seconds": 60, "parameters": {"percent": 10}}
        )
        await here.platform.play(here.id, here.channel, media)
        await bytes_of(here, media, 500_000)
        numbers = [header.sequence for header in media.headers]
        first = min(numbers)
        assert numbers != sorted(numbers)
        assert len(set(numbers)) < (max(numbers) - first + 1) * 0.97
        media.close()


async def test_our_own_demuxer_reads_it_without_damage() -> None:
    async with world() as here:
        media = await udp_media()
        await here.platform.play(here.id, here.channel, media)
        await bytes_of(here, media, 300_000)
        demuxer = Demuxer()
        units = demuxer.push(media.program, 0) + demuxer.flush()
        assert len([unit for unit in units if unit.track == 0]) > 10
        assert not any(unit.damaged for unit in units)
        media.close()


async def test_wrong_orders_are_refused() -> None:
    async with world() as here:
        with pytest.raises(FaultError, match="no fault"):
            here.fleet.handle({"do": "fault", "device": here.id, "kind": "fire"})
        with pytest.raises(FaultError, match="no channel"):
            here.fleet.handle({"do": "change", "device": here.id, "channel": "1", "event": "ON"})
