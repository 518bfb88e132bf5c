"""Copies of a masked camera: masked from first to last, and they say what they derive from."""

import asyncio
import hashlib
import json
from pathlib import Path

import httpx
import pytest

from bingjian.formats.mp4_reader import boxes
from bingjian.processes import media_reports
from bingjian.processes.imaging_copies import DERIVED
from bingjian.streaming.ticket import Kind
from tests.unit.processes.masked import HEARD, client_of, is_covered, pictures_in, ticket, views_over
from tests.unit.processes.test_imaging_playback import original_of, worker_of
from tests.unit.streaming.footage import START
from tests.unit.streaming.test_playback import kept

FIVE_S, TEN_S = START + 5 * 90_000, START + 10 * 90_000


async def finished(web: httpx.AsyncClient, base: str) -> list[dict[str, object]]:
    """The files once they are made."""
    while not (listed := (await web.get(f"{base}/files.json")).json())["ready"]:
        assert 0 <= listed["progress"] <= 1
        await asyncio.sleep(0.05)
    files: list[dict[str, object]] = listed["files"]
    return files


async def read_into(got: bytearray, web: httpx.AsyncClient, path: str) -> None:
    async with web.stream("GET", path) as answer:
        async for data in answer.aiter_bytes():
            got += data


@pytest.mark.parametrize("kind", ["clip", "download"])
async def test_R27_7_a_copy_is_a_derived_file_masked_throughout(tmp_path: Path, kind: Kind) -> None:
    async with (
        kept(tmp_path) as store,
        views_over(worker_of(store), store.clock, copies_dir=str(tmp_path / "masked")) as masked,
        client_of(masked) as web,
        store.client() as worker,
        asyncio.timeout(60),
    ):
        await store.stream.stop()
        await store.recorder.close()
        before = original_of(store)
        base = f"/m/{ticket(kind, store.clock, FIVE_S, TEN_S)}"
        (listed,) = await finished(web, base)
        copy = (await web.get(f"{base}/East gate.mp4")).content
        pictures = pictures_in(copy)
        assert len(pictures) in range(125, 126 + 25)  # from the key frame before
        assert all(map(is_covered, pictures))
        assert len(copy) == listed["size_bytes"]
        last = list(boxes(copy))[-1]
        content = copy[last.content : last.end]
        assert (last.type, content[:16]) == (b"uuid", DERIVED)
        derived = json.loads(content[16:])
        bare = f"/m/{ticket('clip', store.clock, FIVE_S, TEN_S, masks='')}"
        (original,) = (await worker.get(f"{bare}/files.json")).json()["files"]
        assert derived["originals"] == original["originals"]
        assert all(len(one["root"]) == 64 for one in derived["originals"])
        whole = (await worker.get(f"{bare}/x.mp4")).content
        assert derived["original_copy_sha256"] == hashlib.sha256(whole).hexdigest()
        (package,) = HEARD
        sha256 = hashlib.sha256(copy).hexdigest()
        assert (package["entry"], package["file"], package["sha256"]) == (1, 1, sha256)
        middle = await web.get(f"{base}/East gate.mp4", headers={"Range": "bytes=1000-1999"})
        assert (middle.status_code, middle.content) == (206, copy[1000:2000])
        assert original_of(store) == before
    assert not any((tmp_path / "masked").iterdir())


async def test_R31_5_no_two_recipients_get_equal_files(tmp_path: Path) -> None:
    async with (
        kept(tmp_path) as store,
        views_over(worker_of(store), store.clock, copies_dir=str(tmp_path / "masked")) as masked,
        client_of(masked) as web,
        asyncio.timeout(60),
    ):
        await store.stream.stop()
        await store.recorder.close()
        copies = []
        for entry in (1, 2):
            base = f"/m/{ticket('clip', store.clock, FIVE_S, TEN_S, entry=entry)}"
            await finished(web, base)
            copies.append((await web.get(f"{base}/a.mp4")).content)
        assert copies[0] != copies[1]
        assert [one["entry"] for one in HEARD] == [1, 2]
        assert [one["sha256"] for one in HEARD] == [hashlib.sha256(copy).hexdigest() for copy in copies]


async def test_R25_12_a_file_whose_hash_is_not_written_down_is_not_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media_reports, "WRITTEN_S", 0.1)
    async with (
        kept(tmp_path) as store,
        views_over(worker_of(store), store.clock, hears=False) as masked,
        client_of(masked) as web,
        asyncio.timeout(60),
    ):
        await store.stream.stop()
        await store.recorder.close()
        base = f"/m/{ticket('clip', store.clock, FIVE_S, TEN_S)}"
        (listed,) = await finished(web, base)
        got = bytearray()
        with pytest.raises(httpx.RemoteProtocolError):
            await read_into(got, web, f"{base}/a.mp4")
        assert len(got) < int(str(listed["size_bytes"]))


async def test_what_nobody_asks_for_any_more_is_given_up(tmp_path: Path) -> None:
    folder = tmp_path / "masked"
    folder.mkdir()
    (folder / "left by a crash").write_bytes(b"x")
    async with (
        kept(tmp_path) as store,
        views_over(worker_of(store), store.clock, copies_dir=str(folder)) as masked,
        client_of(masked) as web,
        asyncio.timeout(60),
    ):
        assert not any(folder.iterdir())
        await store.volume.settled()
        base = f"/m/{ticket('clip', store.clock, FIVE_S, TEN_S)}"
        await finished(web, base)
        assert masked.rooms.taken == 0
        store.clock.pass_ns(3601 * 10**9)
        masked.copies.each_second()
        assert not any(folder.iterdir())


async def test_R6_2_a_copy_finds_no_room_and_says_so(tmp_path: Path) -> None:
    async with (
        kept(tmp_path) as store,
        views_over(worker_of(store), store.clock, masked_streams=1) as masked,
        client_of(masked) as web,
    ):
        masked.rooms.enter("somebody who looks", stays=True)
        answer = await web.get(f"/m/{ticket('clip', store.clock, FIVE_S, TEN_S)}/files.json")
        assert (answer.status_code, answer.json()["code"]) == (503, "masked_streams_full")


async def test_where_nothing_is_recorded_there_is_no_copy(tmp_path: Path) -> None:
    async with (
        kept(tmp_path, 50) as store,
        views_over(worker_of(store), store.clock) as masked,
        client_of(masked) as web,
    ):
        span = START - 20 * 90_000, START - 10 * 90_000
        answer = await web.get(f"/m/{ticket('clip', store.clock, *span)}/files.json")
        assert (answer.status_code, answer.json()["code"]) == (404, "nothing_recorded")
