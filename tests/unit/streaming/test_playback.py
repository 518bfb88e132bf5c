"""Playlists and the byte ranges they open, over footage that was really recorded."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bingjian.formats import mp4_reader
from bingjian.processes.media import Media, MediaConfig
from bingjian.recording.cause import Cause
from bingjian.recording.index import SYNC, Entry
from bingjian.recording.recorder import Recorder
from bingjian.recording.volume import Volume
from bingjian.recording.volumes import Volumes
from bingjian.streaming.assignment import Assignment
from bingjian.streaming.playback import JOINED_90K, cut, overlapping
from bingjian.streaming.stream import Stream
from bingjian.streaming.ticket import Ticket, sign
from tests.unit.streaming.footage import ADDRESS, SECOND, START, SetClock, coded, never, play

KEY = b"k" * 32
CAMERA = UUID("00000000-0000-4000-8000-000000000001")
CREDENTIAL = "c" * 32


@dataclass
class Kept:
    """A volume with footage, and the worker's routes over it."""

    volume: Volume
    clock: SetClock
    media: Media
    recorder: Recorder
    stream: Stream

    def ticket(self, start_s: float, end_s: float, camera: UUID = CAMERA) -> str:
        now = self.clock.utc // SECOND
        start_90k, end_90k = START + int(start_s * 90_000), START + int(end_s * 90_000)
        return sign(
            Ticket("playback", str(camera), "main", start_90k, end_90k, "p", 1, now + 60, now + 3600), KEY
        )

    def client(self) -> httpx.AsyncClient:
        base = f"http://127.0.0.1:{self.media.server.port}"
        return httpx.AsyncClient(base_url=base, trust_env=False)


@asynccontextmanager
async def kept(tmp_path: Path, frames: int = 500) -> AsyncIterator[Kept]:
    """20 seconds from ``START``; the recorder still runs."""
    clock = SetClock()
    volume = Volume.create(tmp_path / "volume", size_bytes=1 << 30, reserve_bytes=0, clock=clock)
    volumes = Volumes([volume])
    recorder = Recorder(volumes, CAMERA, worker="w", epoch=1, clock=clock)
    config, units = coded(frames)
    stream = Stream(str(CAMERA), "main", ADDRESS, receive=never, clock=clock, recording=recorder)
    stream.on_tracks((config,))
    play(stream, units, clock)
    media = Media(MediaConfig("w", 0, [], CREDENTIAL), volumes, clock)
    await media.hub.assign(Assignment(1, KEY, frozenset(), {}))
    await media.server.start("127.0.0.1", 0)
    try:
        yield Kept(volume, clock, media, recorder, stream)
    finally:
        await media.close()
        await recorder.close()
        await asyncio.to_thread(volume.close)


def fragments(*specification: tuple[float, bool]) -> list[Entry]:
    """Index entries of one second each, at these seconds, key frame or not; 1000 bytes each."""
    return [
        Entry(int(at * 90_000), 90_000, 1000, 600 + 1000 * n, SYNC if sync else 0, 0, b"")
        for n, (at, sync) in enumerate(specification)
    ]


def test_lines_run_from_key_frame_to_key_frame() -> None:
    lines = list(cut(fragments(*((n, n % 3 == 0) for n in range(10))), 4 * 90_000, final=True))
    assert [(one.start_90k // 90_000, one.end_90k // 90_000) for one in lines] == [(0, 6), (6, 10)]


def test_what_still_grows_is_no_line_yet() -> None:
    lines = list(cut(fragments(*((n, n % 3 == 0) for n in range(10))), 4 * 90_000, final=False))
    assert [one.end_90k // 90_000 for one in lines] == [6]


def test_a_hole_ends_a_line() -> None:
    lines = list(cut(fragments((0, True), (1, False), (60, False), (61, True)), 90_000, final=True))
    assert [(one.start_90k // 90_000, one.end_90k // 90_000) for one in lines] == [(0, 2), (60, 61), (61, 62)]


@given(
    st.lists(st.tuples(st.integers(0, 400_000), st.booleans()), max_size=40),
    st.sampled_from([1, 4, 16]),
    st.integers(0, 4_000_000),
    st.integers(0, 4_000_000),
)
def test_lines_cover_every_byte_once_and_intervals_choose_neighbours(
    steps: list[tuple[int, bool]], grain: int, start: int, length: int
) -> None:
    at, entries = 0, []
    for n, (step, sync) in enumerate(steps):
        entries.append(Entry(at, 90_000, 1000, 600 + 1000 * n, SYNC if sync else 0, 0, b""))
        at += step
    lines = list(cut(entries, grain * 90_000, final=True))
    covered = [byte for one in lines for byte in (one.offset, one.offset + one.length)]
    assert covered[::2] == [600, *covered[1:-1:2]] if entries else not lines
    assert not entries or covered[-1] == entries[-1].end
    chosen = overlapping(lines, start, start + length)
    assert all(one.end_90k > start and one.start_90k < start + length for one in chosen)
    assert JOINED_90K < 90_000


async def test_a_growing_playlist_only_grows_and_then_ends(tmp_path: Path) -> None:
    async with kept(tmp_path) as store, store.client() as web:
        await store.volume.settled()
        path = f"/m/{store.ticket(0, 30)}/index.m3u8"
        first = await web.get(path)
        assert first.headers["content-type"] == "application/vnd.apple.mpegurl"
        assert "#EXT-X-PLAYLIST-TYPE:EVENT" in first.text
        assert "#EXT-X-ENDLIST" not in first.text
        _, units = coded(250)
        play(store.stream, [one._replace(timestamp=one.timestamp + 500 * 3600) for one in units], store.clock)
        await store.stream.stop()
        await store.recorder.close()
        store.clock.pass_ns(5 * SECOND)
        last = await web.get(path)
        assert "#EXT-X-ENDLIST" in last.text
        body = first.text.split("#EXT-X-MAP")[1]
        assert last.text.split("#EXT-X-MAP")[1].startswith(body)
        assert sum(map(float, re.findall(r"#EXTINF:([\d.]+)", last.text))) == pytest.approx(30, abs=0.05)


async def test_the_playlist_says_when_and_with_what(tmp_path: Path) -> None:
    async with kept(tmp_path) as store, store.client() as web:
        await store.stream.stop()
        await store.recorder.close()
        ticket = store.ticket(0, 20)
        text = (await web.get(f"/m/{ticket}/index.m3u8")).text
        assert "#EXT-X-PROGRAM-DATE-TIME:2027-01-15T08:00:00.000Z" in text
        (clocks,) = re.findall(r"#EXT-X-DATERANGE:(.*)", text)
        assert 'CLASS="bingjian.clocks",START-DATE="2027-01-15T08:00:00.000Z"' in clocks
        assert clocks.endswith('X-LOCAL-TIME="2027-01-15T16:00:00.000+08:00",X-CAMERA-CLOCK-OFFSET-MS="0"')
        (name,) = re.findall(r'#EXT-X-MAP:URI="(init-[0-9a-f]{64}\.mp4)"', text)
        init = await web.get(f"/m/{ticket}/{name}")
        assert (
            mp4_reader.read_init(init.content).tracks == store.stream.tracks or init.content[4:8] == b"ftyp"
        )


async def test_ranges_of_the_playlist_are_the_stored_bytes_and_no_others_open(tmp_path: Path) -> None:
    async with kept(tmp_path) as store, store.client() as web:
        await store.stream.stop()
        await store.recorder.close()
        (stored,) = (tmp_path / "volume").rglob("*.mp4")
        data = stored.read_bytes()
        ticket = store.ticket(8, 11)
        text = (await web.get(f"/m/{ticket}/index.m3u8")).text
        ranges = [(int(at), int(n)) for n, at in re.findall(r"#EXT-X-BYTERANGE:(\d+)@(\d+)", text)]
        (name,) = set(re.findall(r"^\d+-[0-9a-f]{32}\.mp4$", text, re.M))
        for at, length in ranges:
            got = await web.get(f"/m/{ticket}/{name}", headers={"Range": f"bytes={at}-{at + length - 1}"})
            assert got.status_code == 206
            assert got.content == data[at : at + length]
        before, behind = ranges[0][0], sum(ranges[-1])
        for outside in (f"bytes=0-{before}", f"bytes={before - 1}-{before}", f"bytes={behind}-", "none"):
            headers = {} if outside == "none" else {"Range": outside}
            assert (await web.get(f"/m/{ticket}/{name}", headers=headers)).status_code == 403


async def test_a_gap_is_a_discontinuity_with_its_own_time(tmp_path: Path) -> None:
    async with kept(tmp_path, 250) as store, store.client() as web:
        await store.stream.stop()
        store.recorder.gap_begin(Cause.DISCONNECTED, "", START + 10 * 90_000)
        store.clock.pass_ns(20 * SECOND)
        config, units = coded(250)
        store.stream.on_tracks((config,))
        play(store.stream, units, store.clock)
        await store.stream.stop()
        await store.recorder.close()
        store.clock.pass_ns(60 * SECOND)
        text = (await web.get(f"/m/{store.ticket(0, 60)}/index.m3u8")).text
        assert text.count("#EXT-X-DISCONTINUITY") == 1
        assert re.findall(r"DATE-TIME:(.*)", text) == ["2027-01-15T08:00:00.000Z", "2027-01-15T08:00:30.000Z"]


async def test_tickets_open_their_own_camera_and_interval_only(tmp_path: Path) -> None:
    async with kept(tmp_path) as store, store.client() as web:
        await store.stream.stop()
        await store.recorder.close()
        (stored,) = (tmp_path / "volume").rglob("*.mp4")
        name = stored.stem.split("_")[1]
        stranger, elsewhere = store.ticket(0, 20, uuid4()), store.ticket(3600, 7200)
        for ticket in (stranger, elsewhere):
            for path in (
                "index.m3u8",
                f"{name}.mp4",
                f"init-{'0' * 64}.mp4",
                "nonsense",
                "init-.mp4",
                "x.mp4",
            ):
                assert (await web.get(f"/m/{ticket}/{path}")).status_code == 404
        assert (await web.get(f"/m/{store.ticket(20, 0)}/index.m3u8")).status_code == 400
        assert (await web.get("/m/forged.ticket/index.m3u8")).status_code == 403
        assert (await web.get(f"/m/{store.ticket(0, 20)}/live")).status_code == 404


async def test_a_playback_ticket_lives_by_heartbeats(tmp_path: Path) -> None:
    async with kept(tmp_path) as store, store.client() as web:
        await store.volume.settled()
        ticket = store.ticket(0, 20)
        for _ in range(4):
            assert (await web.post(f"/m/{ticket}/heartbeat")).status_code == 204
            store.clock.pass_ns(19 * SECOND)
            store.media.viewings.told({one.ticket.entry for one in store.media.viewings.due()}, (), ())
        assert (await web.get(f"/m/{ticket}/index.m3u8")).status_code == 200
        store.clock.pass_ns(21 * SECOND)
        refused = await web.get(f"/m/{ticket}/index.m3u8")
        assert refused.status_code == 403
        assert ticket not in refused.text
