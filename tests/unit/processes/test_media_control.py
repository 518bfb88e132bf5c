"""What the web process asks of a worker about its footage, over the real process and its real volume."""

import base64
import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import pytest_asyncio

from bingjian.recording import reader
from bingjian.recording.volume import Volume
from tests.unit.processes.media_worker import KEY, Worker, worker_at
from tests.unit.recording.footage import CAMERA, GIB, recorder, seconds, video, video_config
from tests.unit.recording.test_removal import PUBLIC, receipt_for, rfc3339


@pytest_asyncio.fixture
async def worker(tmp_path: Path) -> AsyncIterator[Worker]:
    """A worker on a volume with two closed segments, 0–4 s and 10–14 s of the tests' timeline."""
    volume = Volume.create(tmp_path / "volume", size_bytes=GIB, reserve_bytes=0)
    one = recorder(volume, volume.clock)
    one.set_tracks((video_config(),))
    one.write(video(0, 4))
    one.set_tracks((video_config(wide=16),))
    one.write(video(10, 4))
    await one.close()
    volume.close()
    async with worker_at(tmp_path / "volume", holds_path=str(tmp_path / "holds")) as running:
        yield running
        assert await running.terminate() == 0


async def told(worker: Worker, path: str, **params: str) -> dict[str, Any]:
    async with worker.client() as web:
        answer = await web.get(path, params=params)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body


async def assign(worker: Worker, **more: str) -> None:
    body = {"epoch": 1, "ticket_key": base64.b64encode(KEY).decode(), "origins": [], "cameras": [], **more}
    async with worker.client() as web:
        assert (await web.put("/control/assignment", json=body)).status_code == 204


async def footage(worker: Worker, before_s: float = 100, after_s: float = 0, limit: int = 9) -> list[Any]:
    params = {"camera": str(CAMERA), "limit": str(limit)}
    params |= {"before": rfc3339(seconds(before_s)), "after": rfc3339(seconds(after_s))}
    segments: list[Any] = (await told(worker, "/control/footage", **params))["segments"]
    return segments


async def test_the_closed_segments_of_an_interval_are_listed(worker: Worker) -> None:
    both = await footage(worker)
    assert [one["start_90k"] for one in both] == [seconds(0), seconds(10)]
    assert set(both[0]) == {"volume", "camera", "segment", "start_90k", "end_90k", "size_bytes", "root"}
    assert await footage(worker, before_s=13.9) == both[:1]
    assert await footage(worker, before_s=14) == both
    assert await footage(worker, after_s=1) == both[1:]
    assert await footage(worker, limit=1) == both[:1]


async def test_completeness_is_told_in_seconds_by_cause(worker: Worker) -> None:
    params = {"camera": str(CAMERA), "outage_ms": "2000"}
    params |= {"start": rfc3339(seconds(0)), "end": rfc3339(seconds(14))}
    sums = await told(worker, "/control/completeness", **params)
    assert sums["cameras"] == {
        str(CAMERA): {"present_s": 8, "recovered_s": 0, "missing": {"no_packets": 6}, "outages": 1},
    }


async def test_completeness_is_told_of_the_cameras_assigned_or_of_all_with_footage(worker: Worker) -> None:
    params = {"outage_ms": "2000", "start": rfc3339(seconds(0)), "end": rfc3339(seconds(14))}
    path = "/control/completeness"
    await assign(worker)
    assert (await told(worker, path, **params))["cameras"] == {}
    everything = await told(worker, path, **params, cameras="all")
    assert everything == await told(worker, path, **params, camera=str(CAMERA))
    async with worker.client() as web:
        assert (await web.get(path, params={**params, "cameras": "some"})).status_code == 400


async def test_the_timeline_is_told_at_the_zoom_asked_for(worker: Worker) -> None:
    path, interval = f"/control/cameras/{CAMERA}/timeline", {"start": rfc3339(seconds(0))}
    fine = await told(worker, path, **interval, end=rfc3339(seconds(14)))
    assert [span["kind"] for span in fine["spans"]] == ["present", "missing", "present"]
    coarse = await told(worker, path, **interval, end=rfc3339(seconds(14)), resolution_ms="60000")
    assert [span["kind"] for span in coarse["spans"]] == ["missing"], "a gap may look longer, never vanish"


async def test_R28_1_receipts_remove_once_the_worker_knows_whose_to_believe(
    worker: Worker, tmp_path: Path
) -> None:
    volume = Volume.open(tmp_path / "volume", read_only=True)
    first, second = reader.segments([volume], CAMERA, 0, seconds(60))
    elsewhere = asdict(receipt_for(second, volume=str(uuid4())))
    body = {"receipts": [asdict(receipt_for(first)), elsewhere]}
    async with worker.client() as web:
        await assign(worker)
        assert (await web.post("/control/removals", json=body)).status_code == 503
        await assign(worker, receipt_key=base64.b64encode(PUBLIC).decode())
        answer = (await web.post("/control/removals", json=body)).json()
        assert answer["removed"] == [str(first.id)]
        assert answer["refused"] == [{"segment": str(second.id), "reason": "that volume is not here"}]
    assert not first.path.exists()
    assert [one["segment"] for one in await footage(worker)] == [str(second.id)]


async def test_R27_5_a_hold_is_copied(worker: Worker, tmp_path: Path) -> None:
    hold = {"hold": str(uuid4()), "camera": str(CAMERA)}
    hold |= {"start": rfc3339(seconds(1)), "end": rfc3339(seconds(12))}
    async with worker.client() as web:
        copied = (await web.post("/control/holds", json=hold)).json()
    assert (copied["hold"], copied["segments"]) == (hold["hold"], 2)
    assert [one["cause"] for one in copied["missing"]] == ["no_packets"]
    assert len(list((tmp_path / "holds" / hold["hold"]).glob("*.mp4"))) == 2


async def test_what_the_journal_is_owed_stays_until_it_is_acknowledged(worker: Worker) -> None:
    volume = (await worker.state())["volumes"][0]["id"]
    path = f"/control/spool/{volume}"
    owed = (await told(worker, path, after="0"))["items"]
    assert [one["body"]["kind"] for one in owed].count("segment.closed") == 2
    assert (await told(worker, path, after=str(owed[0]["seq"])))["items"] == owed[1:]
    assert (await told(worker, path, after="0"))["items"] == owed, "asking takes nothing away"
    async with worker.client() as web:
        assert (await web.delete(path, params={"up_to": str(owed[-1]["seq"])})).status_code == 204
    assert (await told(worker, path, after="0"))["items"] == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/control/footage", None, 404),
        ("GET", f"/control/footage?camera={CAMERA}", None, 400),
        ("GET", f"/control/footage?camera={CAMERA}&before=2026-01-01T00:00:00Z&limit=1e9", None, 400),
        ("GET", "/control/completeness?start=2026-01-01T00:00:00Z&end=1999-01-01T00:00:00Z", None, 400),
        ("GET", f"/control/spool/{UUID(int=404)}", None, 404),
        ("POST", "/control/removals", b"[]", 503),
        ("POST", "/control/holds", b"{", 400),
        ("POST", "/control/holds", b'{"hold": 1}', 400),
        ("GET", "/control/elsewhere", None, 404),
        ("DELETE", "/control/footage", None, 405),
    ],
)
async def test_nonsense_gets_one_sentence(
    worker: Worker, method: str, path: str, body: bytes | None, status: int
) -> None:
    async with worker.client() as web:
        answer = await web.request(method, path, content=body)
    assert answer.status_code == status
    assert json.loads(answer.text)["detail"]


async def test_without_the_credential_nothing_is_told(worker: Worker) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{worker.port}", trust_env=False) as web:
        for path in ("/control/footage", "/control/spool/x", "/control/completeness"):
            assert (await web.get(path)).status_code == 401
