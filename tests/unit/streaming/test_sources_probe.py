"""What the probe says of good and bad cameras."""

import asyncio

import pytest

from bingjian.clock import SystemClock
from bingjian.protocols import auth, rtcp
from bingjian.streaming.sources.base import SourceAddress
from bingjian.streaming.sources.probe import ProbeReport, probe
from tests.unit.protocols.packets import h264_slice
from tests.unit.streaming.test_sources_rtsp import Camera, Visit, hang_up, listening, nothing

FRAME_90K = 3600


def gop(frames: int, pictures: int = 12, lose: int | None = None, clock_ahead_s: int = 0) -> Camera:
    """All pictures at once, as if 25 came each second; a key frame each ``frames``."""

    async def play(visit: Visit) -> None:
        for n in range(pictures):
            unit = h264_slice(500, key=n % frames == 0)
            packets = visit.sender.h264([unit], n * FRAME_90K, 200)
            if n != lose:
                visit.send(packets)
        if clock_ahead_s:
            ntp = rtcp.ntp_of(SystemClock().utc_ns() + clock_ahead_s * 10**9)
            visit.control(rtcp.sender_report(rtcp.SenderReport(0x1234, ntp, 0, 1, 1), "cam"))
        await asyncio.sleep(10)

    return Camera(play)


async def probed(camera: Camera, **address: str) -> ProbeReport:
    async with listening(camera) as port:
        return await probe(SourceAddress(f"rtsp://127.0.0.1:{port}/x", **address), SystemClock(), 0.3)


def codes(report: ProbeReport) -> list[str]:
    assert all(finding.en.endswith(".") and finding.zh.endswith("。") for finding in report.findings)
    return [finding.code for finding in report.findings]


async def test_a_good_camera_needs_no_advice() -> None:
    report = await probed(gop(5))
    (track,) = report.tracks
    assert (report.ok, report.transport, codes(report)) == (True, "tcp", [])
    assert (track.codec, track.width, track.height) == ("h264", 1920, 1080)
    assert (track.frame_rate, track.key_frame_interval_s) == (25.0, 0.2)
    assert track.bit_rate_bps is not None


@pytest.mark.parametrize("pictures", [130, 260], ids=["one key frame", "two key frames"])
async def test_key_frames_far_apart_are_told(pictures: int) -> None:
    report = await probed(gop(120, pictures))
    assert (report.ok, codes(report)) == (True, ["key_frames_far_apart"])


async def test_loss_and_a_wrong_clock_are_told() -> None:
    report = await probed(gop(5, lose=3, clock_ahead_s=3600))
    assert (report.ok, codes(report)) == (True, ["packet_loss", "clock_offset"])
    assert report.packets_lost == 3
    assert report.clock_offset_ms == pytest.approx(3_600_000, abs=60_000)


async def test_no_key_frame_within_the_look_is_told() -> None:
    async def play(visit: Visit) -> None:
        visit.send(visit.sender.h264([h264_slice(500)], 0))
        await asyncio.sleep(10)

    report = await probed(Camera(play))
    assert (report.ok, codes(report)) == (False, ["no_key_frame"])


@pytest.mark.parametrize(
    ("camera", "code"),
    [
        (Camera(nothing, challenge=auth.Challenge()), "authentication"),
        (Camera(nothing, refuse={"DESCRIBE": (404, ())}), "not_found"),
        (Camera(nothing, refuse_transport="tcp"), "refused"),
        (Camera(hang_up), "disconnected"),
    ],
    ids=["password", "path", "transport", "hangs up"],
)
async def test_what_is_wrong_is_said_in_both_languages(camera: Camera, code: str) -> None:
    report = await probed(camera, username="admin", password="wr0ng", transport="tcp")
    assert (report.ok, codes(report)) == (False, [code])
    assert "wr0ng" not in repr(report)


async def test_a_channel_of_a_device_is_the_platforms_to_ask() -> None:
    address = SourceAddress.of("gb28181://34020000001180000001/34020000001310000001")
    report = await probe(address, SystemClock(), 0.1)
    assert not report.ok
    assert codes(report) == ["ask_the_platform"]
