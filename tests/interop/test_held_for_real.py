"""R27.5: held footage survives the loss of its original. Real files, a real media worker, programs that
nobody here wrote.
"""

import asyncio
import json
import shutil
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from bingjian.clock import SystemClock
from bingjian.imaging.still import jpeg_of
from bingjian.recording import reader
from bingjian.recording.audit import Audit
from bingjian.recording.recorder import Recorder
from bingjian.recording.segment import index_path
from bingjian.recording.volume import Volume
from bingjian.recording.volumes import Volumes
from tests.interop.test_playback import frames_of
from tests.unit.formats.material import EPOCH_SECONDS, encoded_video
from tests.unit.processes.media_worker import KEY, Worker, ticket, worker_at
from tests.unit.recording.footage import StandingClock
from tests.unit.recording.test_removal import rfc3339

pytestmark = pytest.mark.interop

CAMERA = UUID("00000000-0000-4000-8000-000000000001")
HOLD, HOLD_FROM, HOLD_TO = "99999999-0000-4000-8000-000000000001", 12, 18
PART_S = 10  # three segments: before the hold, held, after it
PICTURES = PART_S * 25


def at(second: float) -> int:
    return (EPOCH_SECONDS * 90_000) + round(second * 90_000)


async def record(volume: Volume) -> None:
    """Three segments, one behind the other, then nothing."""
    stream = encoded_video("libx264", "g=50,bf=0,preset=ultrafast", frames=PICTURES)
    for part in range(3):
        recorder = Recorder(Volumes([volume]), CAMERA, worker="w", epoch=1, clock=StandingClock())
        recorder.set_tracks([stream.config])
        by = part * PART_S * 90_000
        recorder.write([one._replace(pts=one.pts + by, dts=one.dts + by) for one in stream.as_track(0)])
        await recorder.close()


class Store:
    """A volume, its holds area, and the worker that serves both."""

    def __init__(self, folder: Path) -> None:
        self.volume, self.area = folder / "volume", folder / "holds"

    @asynccontextmanager
    async def worker(self, **changes: object) -> AsyncIterator[Worker]:
        async with worker_at(self.volume, holds_path=str(self.area), **changes) as running:
            await running.assign()
            yield running
            assert await running.terminate() == 0

    def segments(self) -> list[reader.Segment]:
        volume = Volume.open(self.volume, read_only=True)
        return reader.segments([volume], CAMERA, at(0), at(60))

    def copy(self) -> Path:
        (path,) = (self.area / HOLD).glob("*.mp4")
        return path


@pytest.fixture
async def store(tmp_path: Path) -> Store:
    """Three segments are recorded, and the one in the middle is held and copied."""
    store = Store(tmp_path)
    volume = Volume.create(store.volume, size_bytes=1 << 30, reserve_bytes=0, clock=StandingClock())
    await record(volume)
    await asyncio.to_thread(volume.close)
    async with store.worker() as worker:
        await hold(worker)
    return store


async def hold(worker: Worker, id: str = HOLD, start_s: float = HOLD_FROM, end_s: float = HOLD_TO) -> None:
    wish = {"hold": id, "camera": str(CAMERA), "start": rfc3339(at(start_s)), "end": rfc3339(at(end_s))}
    async with worker.client() as web:
        copied = (await web.post("/control/holds", json=wish)).json()
    assert (copied["segments"], copied["missing"]) == (1, [])


# --- How an original is lost


def unlink_all(store: Store) -> None:
    for one in store.segments():
        one.path.unlink()
        index_path(one.path).unlink()


def flip_a_byte_in_each(store: Store) -> None:
    for one in store.segments():
        flip(one.path)
        flip(index_path(one.path))


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(data)


def take_away(store: Store) -> None:
    shutil.move(store.volume, store.volume.with_name("elsewhere"))


# --- What is asked of the worker


def address(worker: Worker, kind: str, start_s: float, end_s: float, name: str) -> str:
    signed = ticket(kind, str(CAMERA), start_90k=at(start_s), end_90k=at(end_s))
    return f"http://127.0.0.1:{worker.port}/m/{signed}/{name}"


async def pictures(worker: Worker, kind: str, tmp_path: Path, start_s: float, end_s: float) -> int:
    """How many pictures ffprobe decodes of an interval."""
    if kind == "playback":
        return len(await frames_of(address(worker, kind, start_s, end_s, "index.m3u8")))
    async with httpx.AsyncClient(trust_env=False) as web:
        answer = await web.get(address(worker, kind, start_s, end_s, "x.mp4"))
    assert answer.status_code == 200, answer.text
    file = tmp_path / f"{kind}.mp4"
    file.write_bytes(answer.content)
    return len(await frames_of(str(file)))


async def refusal(worker: Worker, kind: str, start_s: float, end_s: float) -> tuple[int, str]:
    name = "index.m3u8" if kind == "playback" else "x.mp4"
    async with httpx.AsyncClient(trust_env=False) as web:
        answer = await web.get(address(worker, kind, start_s, end_s, name))
    return answer.status_code, answer.json()["code"]


async def asked(worker: Worker, what: str, **params: str) -> httpx.Response:
    async with worker.client() as web:
        return await web.get(f"/control/cameras/{CAMERA}/{what}", params=params)


async def told(worker: Worker) -> list[tuple[float, float, str, str | None, str | None]]:
    params = {"start": rfc3339(at(0)), "end": rfc3339(at(40))}
    spans = (await asked(worker, "timeline", **params)).json()["spans"]
    seconds = {rfc3339(at(second)): second for second in range(41)}
    return [
        (seconds[one["start"]], seconds[one["end"]], one["kind"], one["cause"], one["recovered_from"])
        for one in spans
    ]


async def require_all_of_it(worker: Worker, tmp_path: Path) -> None:
    """Playback, a clip, a download, a still and a sprite of the held interval."""
    for kind, count in (("playback", 150), ("clip", 150), ("download", 150)):
        found = await pictures(worker, kind, tmp_path, HOLD_FROM, HOLD_TO)
        assert count <= found <= count + 100, (kind, found)  # from the key frame before
    answer = await asked(worker, "picture", at=rfc3339(at(15)))
    assert answer.status_code == 200
    assert jpeg_of(answer.content, SystemClock()).startswith(b"\xff\xd8")
    interval = {"start": rfc3339(at(HOLD_FROM)), "end": rfc3339(at(HOLD_TO))}
    answer = await asked(worker, "key-frames", **interval, steps="3")
    assert (answer.status_code, len(json.loads(answer.headers["X-Key-Frames"]))) == (200, 3)


# --- The proof


async def test_R27_5_nothing_is_told_of_copies_while_all_is_well(store: Store, tmp_path: Path) -> None:
    async with store.worker() as worker:
        await require_all_of_it(worker, tmp_path)
        assert await told(worker) == [
            (0, 30, "present", None, None),
            (30, 40, "missing", "recorder_stopped", None),
        ]


@pytest.mark.parametrize("lose", [unlink_all, flip_a_byte_in_each])
async def test_R27_5_a_lost_original_is_read_from_its_copy(
    store: Store, tmp_path: Path, lose: Callable[[Store], None]
) -> None:
    async with store.worker() as worker:
        lose(store)
        await require_all_of_it(worker, tmp_path)
        sent = await asked(worker, "picture", at=rfc3339(at(15)))
    original = Store(tmp_path).copy().read_bytes()
    assert sent.content[-5000:] in original, "bytes as they were written"


async def test_R27_5_a_copy_serves_as_soon_as_it_is_made(store: Store, tmp_path: Path) -> None:
    async with store.worker() as worker:
        await hold(worker, HOLD[:-1] + "2", 22, 28)
        unlink_all(store)
        assert await pictures(worker, "clip", tmp_path, 22, 28) == 150


async def test_R27_5_what_was_not_held_stays_lost(store: Store, tmp_path: Path) -> None:
    unlink_all(store)
    async with store.worker() as worker:
        assert await pictures(worker, "playback", tmp_path, 2, 28) == 250, "what is lost hides no other"
        for kind in ("clip", "download"):
            assert await refusal(worker, kind, 1, 4) == (404, "unreadable")
        assert await refusal(worker, "playback", 1, 4) == (404, "nothing_recorded")
        assert await told(worker) == [
            (0, 10, "present", None, None),
            (10, 20, "present", None, "hold"),
            (20, 30, "present", None, None),
            (30, 40, "missing", "recorder_stopped", None),
        ]


async def test_R27_5_the_timeline_tells_what_the_audit_found_altered(store: Store) -> None:
    flip(store.segments()[1].path)
    volume = Volume.open(store.volume, clock=StandingClock())
    assert await asyncio.to_thread(Audit(volume, clock=StandingClock(), sleep=lambda _: None).full_pass) == 1
    await asyncio.to_thread(volume.close)
    async with store.worker() as worker:
        (recovered,) = (one for one in await told(worker) if one[-1] == "hold")
        assert (recovered[0] >= 10, recovered[1] <= 20, recovered[1] - recovered[0]) == (True, True, 1)


async def test_R27_5_without_its_volume_a_hold_is_all_there_is(store: Store, tmp_path: Path) -> None:
    take_away(store)
    async with store.worker() as worker:
        await require_all_of_it(worker, tmp_path)
        assert await told(worker) == [
            (0, 10, "missing", None, None),
            (10, 20, "present", None, "hold"),
            (20, 40, "missing", None, None),
        ]
        assert await refusal(worker, "playback", 1, 4) == (404, "nothing_recorded")
        assert await refusal(worker, "clip", 22, 28) == (404, "nothing_recorded")


async def test_R27_5_a_volume_that_is_refused_does_not_hide_its_hold(store: Store, tmp_path: Path) -> None:
    """Another disk is there: the worker goes on with the rest, and shows what is held."""
    known = {"known_volumes": str(tmp_path / "volumes.json")}
    other = {"path": str(tmp_path / "other"), "size_bytes": 1 << 30, "reserve_bytes": 0}
    both: dict[str, Any] = {"volumes": [{**other, "path": str(store.volume)}, other], **known}
    async with store.worker(**both):
        pass
    take_away(store)
    async with store.worker(**both) as worker:
        volumes = (await worker.state())["volumes"]
        assert [one["id"] is None for one in volumes] == [False, True]
        await require_all_of_it(worker, tmp_path)


@pytest.mark.parametrize("lose", [unlink_all, flip_a_byte_in_each, take_away])
async def test_R27_5_a_copy_that_is_not_as_it_was_made_is_never_served(
    store: Store, lose: Callable[[Store], None]
) -> None:
    flipped = store.copy().stat().st_size // 2  # in the middle, as ``flip`` does
    lose(store)
    flip(store.copy())
    async with store.worker() as worker:
        for kind in ("clip", "download"):
            assert await refusal(worker, kind, HOLD_FROM, HOLD_TO) == (404, "unreadable")
        refused = []
        async with httpx.AsyncClient(trust_env=False) as web:
            playlist = (await web.get(address(worker, "playback", HOLD_FROM, HOLD_TO, "index.m3u8"))).text
            for length, offset, name in lines_of(playlist):
                where = address(worker, "playback", HOLD_FROM, HOLD_TO, name)
                wish = {"Range": f"bytes={offset}-{offset + length - 1}"}
                answer = await web.get(where, headers=wish)
                if offset <= flipped < offset + length:
                    assert (answer.status_code, answer.json()["code"]) == (404, "unreadable")
                    refused.append(name)
                else:
                    assert answer.status_code == 206, "the rest of the copy can be proven"
        assert len(refused) == 1
        assert (await asked(worker, "picture", at=rfc3339(at(15.5)))).status_code == 404


def lines_of(playlist: str) -> list[tuple[int, int, str]]:
    """Length, offset and name of each byte range."""
    lines = playlist.splitlines()
    ranges = [number for number, line in enumerate(lines) if line.startswith("#EXT-X-BYTERANGE:")]
    return [
        (int(length), int(offset), lines[number + 1])
        for number in ranges
        for length, _, offset in [lines[number].partition(":")[2].partition("@")]
    ]


async def test_R27_5_what_a_receipt_has_removed_does_not_come_back(store: Store) -> None:
    """A released hold leaves its copy; footage whose term has ended is not shown from it."""
    one = store.segments()[1]
    volume = Volume.open(store.volume, clock=StandingClock())
    catalogue = volume.own_catalogue()
    with catalogue.transaction():
        assert catalogue.give_up(one.address, "{}")
    catalogue.close()
    await asyncio.to_thread(volume.close)
    async with store.worker() as worker:
        assert (10, 20, "missing", "expired", None) in await told(worker)
        assert (await asked(worker, "picture", at=rfc3339(at(15)))).status_code == 404


async def test_R27_5_the_copy_of_a_released_hold_is_not_read(store: Store) -> None:
    unlink_all(store)
    async with store.worker() as worker:
        body = {"epoch": 2, "ticket_key": b64encode(KEY).decode(), "origins": [], "cameras": []}
        async with worker.client() as web:
            answer = await web.put("/control/assignment", json={**body, "released_holds": [HOLD]})
            assert answer.status_code == 204
        assert all(one[-1] is None for one in await told(worker))
        assert await refusal(worker, "clip", HOLD_FROM, HOLD_TO) == (404, "unreadable")
