"""Copies over HTTP: whole, in ranges, in several files, named; and what is asked in vain."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from uuid import UUID, uuid4

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bingjian.formats import mp4_reader
from bingjian.formats.access_unit import AccessUnit
from bingjian.recording.extract import Plan, downloads
from bingjian.recording.recorder import Recorder
from bingjian.recording.volume import Volume
from bingjian.recording.volumes import Volumes
from bingjian.streaming import clip
from bingjian.streaming.clip import Clips, safe_name
from bingjian.streaming.http import Request, Response
from bingjian.streaming.http_server import HttpServer
from bingjian.streaming.stream import Stream
from bingjian.streaming.ticket import COPY_SILENCE_SECONDS, OPEN_SECONDS, Ticket, TicketError, Turnstile, sign
from tests.unit.formats.material import encoded_video
from tests.unit.streaming.footage import ADDRESS, SECOND, START, SetClock, coded, never, play

KEY = b"k" * 32
CAMERA = UUID("00000000-0000-4000-8000-000000000001")


@dataclass
class Shop:
    """A volume with footage, and the copies' routes over it, as the media worker has them."""

    volume: Volume
    clock: SetClock
    server: HttpServer
    recorder: Recorder
    stream: Stream

    def ticket(self, kind: str, start_s: float, end_s: float, camera: UUID = CAMERA) -> str:
        now = self.clock.utc // SECOND
        interval = START + int(start_s * 90_000), START + int(end_s * 90_000)
        return sign(Ticket(kind, str(camera), "main", *interval, "p", 1, now + 60, now + 9000), KEY)

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=f"http://127.0.0.1:{self.server.port}", trust_env=False)


@asynccontextmanager
async def shop(tmp_path: Path, frames: int = 500) -> AsyncIterator[Shop]:
    """20 seconds from ``START``, all written."""
    clock = SetClock()
    volume = Volume.create(tmp_path / "volume", size_bytes=1 << 30, reserve_bytes=0, clock=clock)
    volumes = Volumes([volume])
    recorder = Recorder(volumes, CAMERA, worker="w", epoch=1, clock=clock)
    config, units = coded(frames)
    stream = Stream(str(CAMERA), "main", ADDRESS, receive=never, clock=clock, recording=recorder)
    stream.on_tracks((config,))
    play(stream, units, clock)
    await stream.stop()
    await recorder.close()
    clips, turnstile = Clips(volumes), Turnstile()

    async def handle(request: Request) -> Response:
        if request.path == "/key-frames":
            start, end, steps = (int(request.query[name]) for name in ("start", "end", "steps"))
            return await clips.key_frames(CAMERA, start, end, steps)
        _, _, text, name = request.path.split("/")
        return await clips.answer(request, turnstile.enter(text, KEY, clock.utc / 1e9), name)

    server = HttpServer(handle)
    await server.start("127.0.0.1", 0)
    try:
        yield Shop(volume, clock, server, recorder, stream)
    finally:
        await server.stop(0.5)
        clips.close()
        await asyncio.to_thread(volume.close)


@pytest.mark.parametrize("kind", ["clip", "download"])
async def test_any_range_is_that_part_of_the_whole(tmp_path: Path, kind: str) -> None:
    async with shop(tmp_path) as store, store.client() as web:
        path = f"/m/{store.ticket(kind, 3.5, 15.1)}/x.mp4"
        whole = await web.get(path)
        assert (whole.status_code, whole.headers["content-type"]) == (200, "video/mp4")
        size = int(whole.headers["content-length"])
        assert len(whole.content) == size
        head = await web.head(path)
        assert (head.headers["content-length"], head.content) == (str(size), b"")
        third = size // 3
        for start, stop in ((0, 1), (0, size), (900, 901), (1000, third), (size - 1, size), (third, size)):
            got = await web.get(path, headers={"Range": f"bytes={start}-{stop - 1}"})
            assert got.status_code == 206
            assert got.headers["content-range"] == f"bytes {start}-{stop - 1}/{size}"
            assert got.content == whole.content[start:stop]
        for wish in (f"bytes={size}-", f"bytes={1 << 60}-", "bytes=5-4", "bytes=-0"):
            assert (await web.get(path, headers={"Range": wish})).status_code == 416
        tag = whole.headers["etag"]
        for claim, status in ((tag, 206), ('"other"', 200), ("W/" + tag, 200)):
            got = await web.get(path, headers={"Range": "bytes=7-9", "If-Range": claim})
            assert got.status_code == status


async def test_a_download_ends_at_its_last_picture_and_begins_at_its_key_frame(tmp_path: Path) -> None:
    async with shop(tmp_path) as store, store.client() as web:
        answer = await web.get(f"/m/{store.ticket('download', 3.5, 5.05)}/x.mp4")
        assert answer.headers["x-start"] == "2027-01-15T08:00:03.000Z"
        assert answer.headers["x-start-local"] == "2027-01-15T16:00:03.000+08:00"
        assert answer.headers["x-camera-clock-offset-ms"].lstrip("-").isdigit()
        assert b"2027-01-15T16:00:03.000+08:00" in answer.content
        assert b"UTC 2027-01-15T08:00:03.000Z; camera clock +0 ms" in answer.content
        files = (await web.get(f"/m/{store.ticket('download', 3.5, 5.05)}/files.json")).json()["files"]
        assert [(one["start"], one["end"]) for one in files] == [
            ("2027-01-15T08:00:03.000Z", "2027-01-15T08:00:05.080Z")
        ]
        assert files[0]["size_bytes"] == len(answer.content)


@pytest.mark.parametrize(
    ("name", "plain", "whole"),
    [
        ("East gate", "East gate", "East gate"),
        ("东门 1", "__ 1", "东门 1"),
        ('a"b;c\\d', "a_b;c_d", "a_b;c_d"),
    ],
)
async def test_a_file_is_named_by_camera_and_time(tmp_path: Path, name: str, plain: str, whole: str) -> None:
    when = "2027-01-15 16.00.03+0800 (080003Z).mp4"
    async with shop(tmp_path, 200) as store, store.client() as web:
        path = f"/m/{store.ticket('download', 3.5, 5)}/{safe_name(name)}.mp4"
        way, first, second = (await web.head(path)).headers["content-disposition"].split("; filename")
        assert (way, first) == ("attachment", f'="{plain} {when}"')
        assert unquote(second.removeprefix("*=UTF-8''")) == f"{whole} {when}"
        clip = path.replace(path.split("/")[2], store.ticket("clip", 3, 5))
        for query, wanted in (("", "inline; "), ("?save=1", "attachment; ")):
            assert (await web.head(clip + query)).headers["content-disposition"].startswith(wanted)


@given(st.text(max_size=200))
def test_any_name_makes_a_path_and_a_file_name(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe) <= 80
    assert safe.isprintable()
    assert not set(safe) & set('/\\<>:"|?*%')
    assert safe.strip(" .") == safe


async def test_another_configuration_is_another_file(tmp_path: Path) -> None:
    async with shop(tmp_path, 250) as store, store.client() as web:
        recorder = Recorder(Volumes([store.volume]), CAMERA, worker="w", epoch=1, clock=store.clock)
        stream = Stream(str(CAMERA), "main", ADDRESS, receive=never, clock=store.clock, recording=recorder)
        other = encoded_video("libx264", "g=25,bf=0,preset=ultrafast", 160, 120, frames=100)
        first = other.samples[0].pts
        units = [AccessUnit(0, one.pts - first, one.data, one.sync) for one in other.samples]
        stream.on_tracks((other.config,))
        play(stream, units, store.clock)
        await stream.stop()
        await recorder.close()
        for kind in ("clip", "download"):
            base = f"/m/{store.ticket(kind, 0, 30)}"
            files = (await web.get(f"{base}/files.json")).json()["files"]
            assert [one["start"] for one in files] == ["2027-01-15T08:00:00.000Z", "2027-01-15T08:00:10.000Z"]
            for number, one in enumerate(files, 1):
                got = await web.get(f"{base}/x.mp4?file={number}")
                assert (len(got.content), got.headers["x-files"]) == (one["size_bytes"], str(len(files)))
            beyond = await web.get(f"{base}/x.mp4?file={len(files) + 1}")
            assert (beyond.status_code, beyond.json()["code"]) == (404, "no_such_file")
            for wrong in ("0", "-1", "x", "99999999999", "1.5", "²"):
                assert (await web.get(f"{base}/x.mp4", params={"file": wrong})).status_code == 404


@pytest.mark.parametrize("kind", ["clip", "download"])
async def test_what_is_asked_in_vain(tmp_path: Path, kind: str) -> None:
    async with shop(tmp_path, 100) as store, store.client() as web:
        for start, end, status in (
            (100, 200, 404),
            (5, 5, 400),
            (9, 3, 400),
            (-1e12, 3, 400),
            (0, 1e15, 400),
            (0, 25 * 3600, 400),
        ):
            answer = await web.get(f"/m/{store.ticket(kind, start, end)}/x.mp4")
            assert answer.status_code == status, (start, end, answer.text)
        assert (await web.get(f"/m/{store.ticket(kind, 0, 3, uuid4())}/x.mp4")).status_code == 404
        for name in ("x", "x.mkv", "index.m3u8", "init-.mp4.x"):
            assert (await web.get(f"/m/{store.ticket(kind, 0, 3)}/{name}")).status_code == 404


async def test_tiny_ranges_without_end_are_planned_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thousand of them; the plan is made once, so the others cost what their bytes cost."""
    planned = []

    def counted(volumes: Volumes, *interval: Any, exact: bool, entry: int) -> list[Plan]:
        planned.append(interval)
        return downloads(volumes, *interval, exact=exact, entry=entry)

    monkeypatch.setattr(clip, "downloads", counted)
    async with shop(tmp_path, 250) as store, store.client() as web:
        path = f"/m/{store.ticket('download', 0, 10)}/x.mp4"
        answers = await asyncio.gather(*(web.get(path, headers={"Range": "bytes=0-0"}) for _ in range(20)))
        assert {one.status_code for one in answers} == {206}
        for at in range(1000):
            got = await web.get(path, headers={"Range": f"bytes={at}-{at}"})
            assert len(got.content) == 1
        assert len(planned) == 1


async def test_footage_that_is_removed_meanwhile_cuts_the_connection(tmp_path: Path) -> None:
    async with shop(tmp_path) as store, store.client() as web:
        path = f"/m/{store.ticket('download', 0, 15)}/x.mp4"
        size = int((await web.head(path)).headers["content-length"])
        (stored,) = (tmp_path / "volume").rglob("*.mp4")
        stored.unlink()
        with pytest.raises(httpx.RemoteProtocolError):
            await web.get(path, headers={"Range": f"bytes={size - 10}-"})
        assert (await web.get(path, headers={"Range": "bytes=0-10"})).status_code == 206  # still in memory


async def test_key_frames_by_step(tmp_path: Path) -> None:
    async with shop(tmp_path) as store, store.client() as web:
        params = {"start": START, "end": START + 40 * 90_000, "steps": 40}
        answer = await web.get("/key-frames", params=params)
        said = json.loads(answer.headers["x-key-frames"])
        assert [(at - START) // 90_000 for at, _, _ in said] == list(range(20))
        steps = [step for *_, steps in said for step in steps]
        assert steps == list(range(23))  # the last picture stands 3 s
        assert mp4_reader.read_init(answer.content).tracks == (coded(500)[0],)
        later = START + 90_000
        for wrong in ((START, START, 3), (START, later, 0), (START, later, 65), (5, 1 << 70, 1), (-5, 5, 1)):
            params = dict(zip(("start", "end", "steps"), wrong, strict=True))
            assert (await web.get("/key-frames", params=params)).status_code == 400
        assert (await web.get("/key-frames", params={"start": 0, "end": 9000, "steps": 3})).status_code == 404


def test_a_copy_lives_longer_in_silence_than_a_viewer() -> None:
    turnstile, now = Turnstile(), 1_800_000_000
    ticket = Ticket("download", str(CAMERA), "main", 1, 2, "p", 1, now + OPEN_SECONDS, now + 90_000)
    text = sign(ticket, KEY)
    turnstile.enter(text, KEY, now)
    for _ in range(3):
        now += COPY_SILENCE_SECONDS
        turnstile.sweep(now)
        assert turnstile.enter(text, KEY, now) == ticket
    turnstile.sweep(now + COPY_SILENCE_SECONDS + 1)
    with pytest.raises(TicketError, match="silent"):
        turnstile.enter(text, KEY, now + COPY_SILENCE_SECONDS + 1)
    turnstile.sweep(now + COPY_SILENCE_SECONDS + OPEN_SECONDS + 1)
    with pytest.raises(TicketError, match="in time"):
        turnstile.enter(text, KEY, now + COPY_SILENCE_SECONDS + OPEN_SECONDS + 1)
