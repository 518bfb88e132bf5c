"""Programs nobody here wrote read the copies that leave the platform: B-frames, sound, a gap."""

import asyncio
import io
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

import av
import httpx
import pytest
from playwright.async_api import async_playwright

from bingjian.formats.access_unit import Codec
from bingjian.formats.mp4 import Sample
from bingjian.recording.cause import Cause
from bingjian.recording.recorder import Recorder
from bingjian.recording.volume import Volume
from bingjian.recording.volumes import Volumes
from bingjian.streaming.clip import Clips
from bingjian.streaming.http import Request, Response
from bingjian.streaming.http_server import HttpServer
from bingjian.streaming.ticket import Ticket as MediaTicket
from bingjian.streaming.ticket import Turnstile, sign
from tests.e2e.conftest import CHROMIUM, FLAGS
from tests.unit.formats.material import EPOCH_SECONDS, Stream, coded_g711, encoded_aac, encoded_video
from tests.unit.recording.footage import StandingClock

pytestmark = pytest.mark.interop

KEY = b"k" * 32
CAMERA = UUID("00000000-0000-4000-8000-000000000001")
EPOCH_90K = EPOCH_SECONDS * 90_000
SECONDS = 20
FRAMES = 25 * SECONDS
GAP_S = 30  # between the two halves of what is recorded
VIDEOS = {
    "plain": ("libx264", "g=50,bf=0,preset=ultrafast"),
    "reordered": ("libx264", "g=50,keyint_min=50,sc_threshold=0,bf=3,b-pyramid=normal,preset=veryfast"),
    "hevc": ("libx265", "preset=ultrafast,x265-params=keyint=50:bframes=3:log-level=none"),
}
SOUNDS = {
    "aac": encoded_aac,
    "alaw": lambda **more: coded_g711(Codec.PCMA, **more),
    "ulaw": lambda **more: coded_g711(Codec.PCMU, **more),
    "silent": None,
}


def shifted(stream: Stream, track: int, by_s: int) -> list[Sample]:
    by = by_s * stream.config.clock_rate
    return [one._replace(pts=one.pts + by, dts=one.dts + by) for one in stream.as_track(track)]


async def record(volume: Volume, streams: list[Stream]) -> None:
    """Twenty seconds, nothing for thirty, twenty seconds again."""
    recorder = Recorder(Volumes([volume]), CAMERA, worker="w", epoch=1, clock=StandingClock())
    recorder.set_tracks([stream.config for stream in streams])
    for half in (0, 1):
        samples = [
            (one.dts / stream.config.clock_rate, one)
            for track, stream in enumerate(streams)
            for one in shifted(stream, track, half * (SECONDS + GAP_S))
        ]
        samples.sort(key=lambda pair: pair[0])
        recorder.write([one for _, one in samples], 25)
        if half == 0:
            recorder.gap_begin(Cause.NO_PACKETS, "", EPOCH_90K + SECONDS * 90_000)
    await recorder.close()


@asynccontextmanager
async def copies(tmp_path: Path, video: str, sound: str) -> AsyncIterator[str]:
    """The address of a server that gives ``/<kind>/<first second>/<last second>/x.mp4``."""
    encoder, options = VIDEOS[video]
    streams = [encoded_video(encoder, options, frames=FRAMES)]
    if (make := SOUNDS[sound]) is not None:
        streams.append(make(seconds=SECONDS))
    volume = Volume.create(tmp_path / "v", size_bytes=1 << 30, reserve_bytes=0, clock=StandingClock())
    await record(volume, streams)
    clips, turnstile = Clips(Volumes([volume])), Turnstile()

    async def handle(request: Request) -> Response:
        _, kind, start, end, name = request.path.split("/")
        interval = (EPOCH_90K + int(float(one) * 90_000) for one in (start, end))
        ticket = MediaTicket(kind, str(CAMERA), "main", *interval, "p", 1, 1 << 40, 1 << 40)
        return await clips.answer(request, turnstile.enter(sign(ticket, KEY), KEY, 0), name)

    server = HttpServer(handle)
    await server.start("127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        await server.stop(0.5)
        clips.close()
        await asyncio.to_thread(volume.close)


async def run(*command: str) -> str:
    """Standard output; the program must be content and say nothing else."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    assert (process.returncode, err.decode()) == (0, "")
    return out.decode()


async def probed(source: str, kind: str) -> list[float]:
    """Presentation times of all frames of a kind that ffprobe decodes without complaint."""
    command = ("ffprobe", "-v", "error", "-of", "json", "-select_streams", kind, "-show_frames")
    shown = json.loads(await run(*command, "-show_entries", "frame=pts_time", source))
    return [float(frame["pts_time"]) for frame in shown["frames"]]


@pytest.mark.parametrize("kind", ["clip", "download"])
@pytest.mark.parametrize(
    ("video", "sound"), [("plain", "alaw"), ("reordered", "aac"), ("hevc", "ulaw"), ("plain", "silent")]
)
async def test_ffmpeg_decodes_every_picture_of_a_copy(
    tmp_path: Path, kind: str, video: str, sound: str
) -> None:
    async with copies(tmp_path, video, sound) as address:
        whole = f"{address}/{kind}/0/19.9/x.mp4"
        times = await probed(whole, "v")
        async with httpx.AsyncClient(trust_env=False) as web:
            data = (await web.get(whole)).content
        with av.open(io.BytesIO(data)) as container:
            assert len([1 for _ in container.decode(video=0)]) == len(times)
        expected = [n / 25 for n in range(len(times))]
        assert [time - times[0] for time in times] == pytest.approx(expected, abs=0.002)
        assert FRAMES - 8 <= len(times) <= FRAMES
        if kind == "download":
            assert 0 <= times[0] < 0.2  # from zero, after the delay of the B-frames
        else:
            assert times[0] == pytest.approx(EPOCH_SECONDS, abs=0.2)
        if sound != "silent":
            heard = await probed(whole, "a")
            assert heard[0] - times[0] == pytest.approx(0, abs=0.2)
            assert heard[-1] - heard[0] == pytest.approx(19.9, abs=0.2)


@pytest.mark.parametrize("video", ["plain", "reordered", "hevc"])
async def test_a_cut_ends_with_the_last_picture_that_needs_none_behind_it(tmp_path: Path, video: str) -> None:
    """Wherever it is cut: everything decodes, nothing is behind the end, at most the reorder depth short."""
    async with copies(tmp_path, video, "silent") as address:
        first = (await probed(f"{address}/download/0/1/x.mp4", "v"))[0]
        for end in (4.0, 4.04, 4.1, 5.13, 6.5):
            clip = await probed(f"{address}/clip/3/{end}/x.mp4", "v")
            download = await probed(f"{address}/download/3/{end}/x.mp4", "v")
            steps = [time - download[0] for time in download]
            assert [time - clip[0] for time in clip] == pytest.approx(steps, abs=2e-3)
            assert clip[0] == pytest.approx(EPOCH_SECONDS + 2 + first, abs=2e-3)
            assert clip[-1] < EPOCH_SECONDS + end
            short = EPOCH_SECONDS + end - clip[-1]
            assert short <= 0.0401 + (0 if video == "plain" else 0.16)


async def test_ffmpeg_keeps_real_time_over_a_gap(tmp_path: Path) -> None:
    async with copies(tmp_path, "plain", "aac") as address:
        for kind in ("clip", "download"):
            times = await probed(f"{address}/{kind}/0/70/x.mp4", "v")
            assert len(times) == 2 * FRAMES
            assert times[FRAMES] - times[FRAMES - 1] == pytest.approx(GAP_S + 0.04, abs=2e-3)


async def test_a_download_says_when_it_began(tmp_path: Path) -> None:
    async with copies(tmp_path, "plain", "aac") as address:
        command = ("ffprobe", "-v", "error", "-of", "json", "-show_format")
        shown = json.loads(await run(*command, f"{address}/download/5/9/x.mp4"))
        tags = shown["format"]["tags"]  # of the sound that belongs to the key frame of 14:13:24
        assert tags["date"] == "2026-09-21T22:13:23.968+08:00"
        assert tags["comment"] == "UTC 2026-09-21T14:13:23.968Z; camera clock +25 ms"
        assert tags["creation_time"].startswith("2026-09-21T14:13:23")
        assert float(shown["format"]["duration"]) == pytest.approx(5, abs=0.1)


PLAY = """async ([source, at]) => {
  const video = document.createElement("video")
  video.muted = true
  video.src = source
  document.body.append(video)
  const happens = name => new Promise((done, fail) => {
    video.addEventListener(name, done, {once: true})
    video.addEventListener("error", () => fail(new Error(video.error.message)), {once: true})
  })
  await happens("loadedmetadata")
  video.currentTime = at
  await happens("seeked")
  const began = video.currentTime
  await video.play()
  await new Promise(done => setTimeout(done, 1500))
  const quality = video.getVideoPlaybackQuality()
  return {began, now: video.currentTime, frames: quality.totalVideoFrames, duration: video.duration,
          width: video.videoWidth}
}"""
FEED = """async ([source, mime, at]) => {
  const video = document.createElement("video"), media = new MediaSource()
  video.muted = true
  video.src = URL.createObjectURL(media)
  document.body.append(video)
  await new Promise(done => media.addEventListener("sourceopen", done, {once: true}))
  const buffer = media.addSourceBuffer(mime)
  buffer.appendBuffer(await (await fetch(source)).arrayBuffer())
  await new Promise((done, fail) => {
    buffer.addEventListener("updateend", done, {once: true})
    buffer.addEventListener("error", () => fail(new Error("not appended")), {once: true})
  })
  video.currentTime = at
  await video.play()
  await new Promise(done => setTimeout(done, 1500))
  return {now: video.currentTime, start: buffer.buffered.start(0), end: buffer.buffered.end(0),
          frames: video.getVideoPlaybackQuality().totalVideoFrames}
}"""


@pytest.mark.browser
@pytest.mark.parametrize("video", ["plain", "reordered"])
async def test_chromium_plays_both_forms_and_seeks(tmp_path: Path, video: str) -> None:
    if shutil.which(CHROMIUM) is None:
        pytest.skip("no Chromium")
    async with copies(tmp_path, video, "aac") as address, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            page = await browser.new_page()
            await page.goto(f"{address}/clip/0/1/files.json")  # a page of the same origin
            files = await (await page.request.get(f"{address}/clip/0/1/files.json")).json()
            mime = files["files"][0]["mime"]
            await page.evaluate("document.body.textContent = ''")
            for kind in ("download", "clip"):
                seen = await page.evaluate(PLAY, [f"{address}/{kind}/3/12.5/x.mp4", 5])
                assert seen["width"] == 320
                assert seen["now"] > seen["began"] + 0.5
                assert seen["frames"] > 10
                if kind == "download":
                    assert seen["duration"] == pytest.approx(10.5, abs=0.3)
            fed = await page.evaluate(FEED, [f"{address}/clip/3/12.5/x.mp4", mime, EPOCH_SECONDS + 5])
            assert fed["start"] == pytest.approx(EPOCH_SECONDS + 2, abs=0.3)
            assert fed["end"] == pytest.approx(EPOCH_SECONDS + 12.5, abs=0.3)
            assert fed["now"] > EPOCH_SECONDS + 5.5
            assert fed["frames"] > 10
        finally:
            await browser.close()
