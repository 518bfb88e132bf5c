"""A worker asks devices for what it lacks, over real sockets: which calls it makes, what is there then."""

import asyncio
import json
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import PropertyMock
from uuid import UUID

import pytest

from bingjian.clock import Clock, SystemClock, instant_of
from bingjian.recording import check, presence
from bingjian.recording.catalogue import recovering
from bingjian.recording.cause import Cause
from bingjian.recording.filling import lacks
from bingjian.recording.volume import Volume
from bingjian.recording.volumes import Volumes
from bingjian.streaming.assignment import Assignment, CameraAssignment, Pause
from bingjian.streaming.gap_filler import GapFiller, Pace
from bingjian.streaming.http import HttpProblem
from bingjian.streaming.hub import Hub
from bingjian.streaming.sources.base import SourceAddress, Transport
from bingjian.streaming.sources.gb28181 import Channels
from bingjian.streaming.sources.gb_storage import GbStorage
from bingjian.streaming.sources.media_ports import MediaPorts
from bingjian.streaming.sources.signal_call import Line
from tests.unit.recording.footage import CAMERA, GIB, StandingClock, recorder, seconds, video, video_config
from tests.unit.streaming.gb_devices import (
    ADDRESS,
    HOST,
    Call,
    Pictures,
    Signalling,
    for_ever,
    framed,
    signalling,
)

DEVICE, CHANNEL = "34020000001180000001", "34020000001310000001"
OTHER, OTHER_CHANNEL = UUID("11111111-2222-4333-8444-666666666666"), "34020000001310000002"
PACE = Pace(speed=4, days=365)


@pytest.fixture
async def gappy(tmp_path):
    """A minute, a minute in which the device was away, a minute."""
    async with lacking(tmp_path, 60, 120) as volume:
        yield volume


@asynccontextmanager
async def lacking(root: Path, start_s: float, end_s: float):
    """Three minutes, but for the time between."""
    volume = Volume.create(root / "v", size_bytes=GIB, reserve_bytes=0, clock=StandingClock())
    await record(volume, start_s, end_s)
    yield volume
    volume.close()


async def record(volume: Volume, start_s: float, end_s: float, camera: UUID = CAMERA) -> None:
    one = recorder(volume, StandingClock(), camera=camera)
    one.set_tracks((video_config(),))
    one.write(video(0, start_s))
    one.gap_begin(Cause.UNREACHABLE, "away", seconds(start_s))
    one._finish_segment()
    one.write(video(end_s, max(180 - end_s, 60)))
    await one.close()


def recorded(start_s: float, end_s: float) -> dict[str, str]:
    return {"start_time": text_of(start_s), "end_time": text_of(end_s), "type": "time"}


def text_of(at_s: float) -> str:
    return instant_of(seconds(at_s)).isoformat(timespec="seconds")


def second_of(text: str) -> float:
    return datetime.fromisoformat(text).timestamp() - seconds(0) / 90_000


async def half_a_minute(call: Call) -> None:
    """From where it was asked to."""
    if call.query["kind"] == "play":
        await for_ever()
    call.accept()
    await send(call, 30 * 25)
    call.end("file_end", 0, "the recording has been sent")


async def device(call: Call) -> None:
    """Nothing live; of a download exactly what was asked for, as fast as it can."""
    if call.query["kind"] == "play":
        await for_ever()
    call.accept()
    length_s = second_of(call.query["end"]) - second_of(call.query["start"])
    await send(call, round(length_s * 25))
    call.end("file_end", 0, "the recording has been sent")


async def send(call: Call, pictures: int) -> None:
    made = Pictures()
    _, writer = await asyncio.open_connection(HOST, call.port)
    for number in range(pictures):
        writer.write(framed(made.next()))
        if number % 25 == 0:
            await writer.drain()
            await asyncio.sleep(0)
    await writer.drain()
    writer.close()


@asynccontextmanager
async def filler_with(
    volume: Volume,
    process: Signalling,
    pause: Pause | None = None,
    transport: Transport = "auto",
    clock: Clock | None = None,
):
    clock = clock or SystemClock()
    line = Line(process.url, "of the media workers")
    channels = Channels(line, MediaPorts(clock, HOST, 0, 0), HOST)
    hub = Hub(Volumes([volume]), worker="w", clock=clock, receive=channels.receive)
    addresses = {CAMERA: ADDRESS, OTHER: f"gb28181://{DEVICE}/{OTHER_CHANNEL}"}
    cameras = {
        id: CameraAssignment(id, "南门", SourceAddress.of(text, transport=transport), None, pause)
        for id, text in addresses.items()
    }
    await hub.assign(Assignment(3, b"k" * 32, frozenset(), cameras))
    try:
        yield GapFiller(hub, GbStorage(line, channels, clock), clock, PACE)
    finally:
        await hub.close()


class Ahead(SystemClock):
    """Moved by the test."""

    ahead_s = 0.0

    def utc_ns(self) -> int:
        return super().utc_ns() + round(self.ahead_s * 1e9)

    def monotonic_ns(self) -> int:
        return super().monotonic_ns() + round(self.ahead_s * 1e9)


def recovered(volume: Volume, camera: UUID = CAMERA) -> list[tuple[float, float]]:
    told = presence.spans([volume], camera, seconds(0), seconds(180))
    return [
        ((one.start_90k - seconds(0)) / 90_000, (one.end_90k - seconds(0)) / 90_000)
        for one in told
        if one.source is not None
    ]


def downloads(process: Signalling) -> list[tuple[float, float, str]]:
    return [
        (second_of(call.query["start"]), second_of(call.query["end"]), call.query["speed"])
        for call in process.calls
        if call.query["kind"] == "download"
    ]


def questions(process: Signalling) -> list[dict[str, str]]:
    asked = [json.loads(one.body) for one in process.requests if one.path.endswith("/query")]
    return [one for one in asked if one["command"] == "RecordInfo"]


async def test_R31_6_the_gap_is_asked_for_and_filled(gappy):
    async with signalling(device) as process:
        process.recordings = [recorded(-100, 300)]
        async with filler_with(gappy, process) as filler:
            kept_90k = await filler.round()
            assert await filler.round() == 0, "nothing is lacking any more"
        asked = [one for one in process.requests if one.path.endswith("/query")]
        assert asked[0].path == f"/control/devices/{DEVICE}/query"
        assert asked[0].bearer() == "of the media workers"
        assert questions(process) == [
            {
                "command": "RecordInfo",
                "channel": CHANNEL,
                "start_time": text_of(55),
                "end_time": text_of(120),
            }
        ]
        assert downloads(process) == [(55, 120, "4")]
    ((start_s, end_s),) = recovered(gappy)
    assert 60 <= start_s < 60.5, "the first key frame in the gap"
    assert 119.5 < end_s <= 120
    assert kept_90k == round((end_s - start_s) * 90_000)
    assert list(check.Check(gappy, deep=True)) == []


async def test_only_what_the_device_has_is_asked_for(gappy):
    async with signalling(device) as process:
        process.recordings = [recorded(-100, 30), recorded(80, 100)]
        async with filler_with(gappy, process) as filler:
            await filler.round()
        assert downloads(process) == [(75, 100, "4")]
    assert recovered(gappy) == [(80, 100)]


async def test_a_file_that_ends_just_before_the_gap_is_where_the_device_begins(gappy):
    async with signalling(half_a_minute) as process:
        process.recordings = [recorded(-100, 57), recorded(57, 300)]
        async with filler_with(gappy, process) as filler:
            await filler.round()
    ((_, end_s),) = recovered(gappy)
    assert end_s == 85, "half a minute from 55 on, not from 57"


async def test_parts_of_a_second_are_rounded_before_anything_is_dated_by_them(tmp_path):
    async with lacking(tmp_path, 60.96, 119.28) as volume, signalling(half_a_minute) as process:
        process.recordings = [recorded(-100, 300)]
        async with filler_with(volume, process) as filler:
            await filler.round()
        (asked,) = questions(process)
        assert downloads(process) == [(55, 120, "4")]
        assert (second_of(asked["start_time"]), second_of(asked["end_time"])) == (55, 120)
        ((_, end_s),) = recovered(volume)
    assert end_s == 85, "half a minute from 55 on"


async def test_a_device_that_has_nothing_is_left_alone(gappy):
    async with signalling(device) as process:
        async with filler_with(gappy, process) as filler:
            assert [await filler.round() for _ in range(3)] == [0, 0, 0]
        assert len(questions(process)) == 1
        assert downloads(process) == []


def ahead(seconds: float):
    """A device's clock."""
    return lambda: (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="seconds")


@pytest.mark.parametrize(("ahead_s", "moved_s"), [(1.4, 0), (30, 30), (-90, -90)])
async def test_R31_6_a_device_is_asked_by_its_own_clock(gappy, ahead_s, moved_s):
    async with signalling(device) as process:
        process.recordings, process.clock = [recorded(-1000, 1000)], ahead(ahead_s)
        async with filler_with(gappy, process) as filler:
            await filler.round()
        (asked,) = questions(process)
        (download,) = downloads(process)
    assert second_of(asked["start_time"]) == pytest.approx(55 + moved_s, abs=1.01)
    assert download[0] == second_of(asked["start_time"])
    ((start_s, end_s),) = recovered(gappy)
    assert (round(start_s), round(end_s)) == (60, 120), "by our clock"


@pytest.mark.parametrize("ahead_s", [123, -123, -8 * 3600])
async def test_R31_6_one_whose_clock_is_far_off_fills_no_gap(gappy, ahead_s):
    async with signalling(device) as process:
        process.recordings, process.clock = [recorded(-100_000, 100_000)], ahead(ahead_s)
        async with filler_with(gappy, process) as filler:
            assert [await filler.round() for _ in range(2)] == [0, 0]
        assert questions(process) == downloads(process) == []
    assert recovered(gappy) == []


async def test_so_is_one_that_does_not_answer(gappy):
    async with signalling(device) as process:
        process.recordings = HttpProblem(409, "offline", "the device is not online").response()
        async with filler_with(gappy, process) as filler:
            assert [await filler.round() for _ in range(3)] == [0, 0, 0]
        assert len(questions(process)) == 1


async def test_one_that_promises_and_sends_nothing_is_asked_later(gappy):
    async def empty(call: Call) -> None:
        if call.query["kind"] == "play":
            await for_ever()
        call.end("refused", 404, "no such recording")

    async with signalling(empty) as process:
        process.recordings = [recorded(-100, 300)]
        async with filler_with(gappy, process) as filler:
            assert [await filler.round() for _ in range(3)] == [0, 0, 0]
        assert len(downloads(process)) == 1


async def test_what_came_before_it_broke_off_is_kept_and_the_rest_asked_for(gappy):
    async def breaks_off(call: Call) -> None:
        if call.query["kind"] == "play":
            await for_ever()
        if len([one for one in process.calls if one.query["kind"] == "download"]) > 1:
            return await device(call)
        call.accept()
        await send(call, 25 * 25)  # 20 s of the gap, behind the lead
        call.end("peer", 0, "the device ended the call")
        return None

    async with signalling(breaks_off) as process:
        process.recordings = [recorded(-100, 300)]
        async with filler_with(gappy, process) as filler:
            first, second = await filler.round(), await filler.round()
        (begun, *_), (again, *_) = downloads(process)
    assert 18 * 90_000 < first <= 20 * 90_000
    assert 38 * 90_000 < second <= 41 * 90_000
    assert (begun, round(again)) == (55, 75)
    assert list(check.Check(gappy, deep=True)) == []


async def test_R31_7_while_recording_is_paused_by_order_nothing_is_asked_for(gappy):
    pause = Pause("order 7", until_90k=1 << 62)
    async with signalling(device) as process:
        process.recordings = [recorded(-100, 300)]
        async with filler_with(gappy, process, pause) as filler:
            assert await filler.round() == 0
        assert questions(process) == []


async def test_it_is_asked_for_over_the_cameras_own_transport(gappy):
    async def refuses(call: Call) -> None:
        if call.query["kind"] == "play":
            await for_ever()
        call.end("refused", 488, "not so")

    async with signalling(refuses) as process:
        process.recordings = [recorded(-100, 300)]
        async with filler_with(gappy, process, transport="udp") as filler:
            assert await filler.round() == 0
        asked = [call.query["transport"] for call in process.calls if call.query["kind"] == "download"]
    assert asked == ["udp"]


async def test_one_that_is_cancelled_keeps_what_has_come(gappy):
    async def slow(call: Call) -> None:
        if call.query["kind"] == "play":
            await for_ever()
        call.accept()
        await send(call, 25 * 25)
        sent.set()
        await for_ever()

    sent = asyncio.Event()
    async with signalling(slow) as process:
        process.recordings = [recorded(-100, 300)]
        async with filler_with(gappy, process) as filler:
            going_on = asyncio.create_task(filler.round())
            await sent.wait()
            await asyncio.sleep(0.3)
            going_on.cancel()
            await asyncio.wait([going_on])
        download = next(one for one in process.calls if one.query["kind"] == "download")
        await asyncio.wait_for(download.closed.wait(), 5)
    assert recovered(gappy)
    with gappy.reading() as rows:
        assert recovering(rows) == {}
    assert list(check.Check(gappy, deep=True)) == []


async def test_a_camera_that_is_no_channel_is_not_asked_about(gappy):
    async with signalling(device) as process, filler_with(gappy, process) as filler:
        camera = filler._hub.cameras[CAMERA]
        other = SourceAddress.of("rtsp://127.0.0.1:1/nothing")
        await camera.change(CameraAssignment(CAMERA, "南门", other, None))
        assert await filler.round() == 0
        assert questions(process) == []


# --- what fails, and who rests


@pytest.fixture
async def two(gappy):
    """Another camera of the same device lacks the same."""
    await record(gappy, 60, 120, OTHER)
    return gappy


def fails(*channels: str, **how: object):
    """A device that does not send what it says that it has of these."""

    async def script(call: Call) -> None:
        if call.query["kind"] == "play" or call.query["channel"] not in channels:
            return await device(call)
        call.end(**{"cause": "refused", "status": 500, "detail": "its file is damaged", **how})
        return None

    return script


def called(process: Signalling) -> list[str]:
    return [call.query["channel"] for call in process.calls if call.query["kind"] == "download"]


async def test_a_file_that_a_device_does_not_send_keeps_no_other_camera_waiting(two):
    async with signalling(fails(CHANNEL)) as process:
        process.recordings = [recorded(-100, 300)]
        async with filler_with(two, process) as filler:
            assert await filler.round() > 50 * 90_000
            await filler.round()
        assert sorted(called(process)) == [CHANNEL, OTHER_CHANNEL]
    assert recovered(two, OTHER)


async def test_nor_the_rest_of_its_own_gap(tmp_path):
    clock = Ahead()
    async with lacking(tmp_path, 60, 7260) as volume, signalling(fails(CHANNEL)) as process:
        process.recordings = [recorded(-100, 10_000)]
        async with filler_with(volume, process, clock=clock) as filler:
            for _ in range(6):
                assert await filler.round() == 0
            parts = [55, 1855, 3655, 5455]
            assert [start for start, _, _ in downloads(process)] == parts, "each once"
            assert len(questions(process)) == 5
            clock.ahead_s = 310
            await filler.round()
            assert [start for start, _, _ in downloads(process)] == [*parts, 55]


@pytest.mark.parametrize("cause", ["offline", "no_answer"])
async def test_but_a_device_that_takes_no_call_rests_itself(two, cause):
    clock = Ahead()
    async with signalling(fails(CHANNEL, cause=cause, status=0)) as process:
        process.recordings = [recorded(-100, 300)]
        async with filler_with(two, process, clock=clock) as filler:
            assert [await filler.round() for _ in range(3)] == [0, 0, 0]
            assert called(process) == [CHANNEL]
            clock.ahead_s = 310
            assert await filler.round() > 50 * 90_000
        assert called(process)[:2] == [CHANNEL, OTHER_CHANNEL], "who failed comes after the others"


async def test_a_question_about_one_camera_that_fails_keeps_no_other_waiting(two):
    async with signalling(device) as process:
        process.recordings = [recorded(-100, 300)]
        process.answers = [HttpProblem(502, "device_error", "the device refuses").response()]
        async with filler_with(two, process) as filler:
            assert await filler.round() > 50 * 90_000
            await filler.round()
        assert called(process) == [OTHER_CHANNEL]


async def test_a_volume_that_is_busy_is_no_fault_of_the_devices(gappy, monkeypatch):
    busy = PropertyMock(side_effect=lambda: filling)
    filling = False

    async def begun(call: Call) -> None:
        nonlocal filling
        filling = call.query["kind"] == "download" and len(downloads(process)) == 1
        with suppress(ConnectionError):
            await device(call)

    async with signalling(begun) as process:
        process.recordings = [recorded(-100, 300)]
        monkeypatch.setattr(Volume, "busy", busy)
        async with filler_with(gappy, process) as filler:
            assert await filler.round() == 0
            assert len(downloads(process)) == 1
            assert await filler.round() == 0
            assert len(downloads(process)) == 1, "nothing is asked for while it is"
            filling = False
            assert await filler.round() > 50 * 90_000


async def test_what_goes_wrong_with_one_camera_ends_no_round(two, monkeypatch):
    def broken(volumes, camera, window):
        if camera == CAMERA:
            raise RuntimeError("its rows cannot be read")
        return lacks(volumes, camera, window)

    monkeypatch.setattr("bingjian.streaming.gap_filler.lacks", broken)
    async with signalling(device) as process:
        process.recordings = [recorded(-100, 300)]
        async with filler_with(two, process) as filler:
            assert await filler.round() > 50 * 90_000
    assert recovered(two, OTHER)


async def test_a_gap_that_goes_on_is_asked_about_no_more_often_than_another(tmp_path):
    clock = Ahead()
    volume = Volume.create(tmp_path / "v", size_bytes=GIB, reserve_bytes=0, clock=StandingClock())
    one = recorder(volume, StandingClock())
    one.set_tracks((video_config(),))
    one.write(video(0, 60))
    one.gap_begin(Cause.UNREACHABLE, "away", seconds(60))
    await volume.settled()
    async with signalling(device) as process, filler_with(volume, process, clock=clock) as filler:
        clock.ahead_s = (-(-clock.utc_ns() // 1_800_000_000_000) * 1800) - clock.utc_ns() / 1e9 + 301
        for _ in range(5):
            await filler.round()
            clock.ahead_s += 60
        assert len(questions(process)) == 1
    await one.close()
    volume.close()
