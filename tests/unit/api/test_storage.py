"""Volumes with their forecast, admission, completeness of days, and findings, over the API."""

from uuid import UUID

import pytest

from bingjian.access.decisions import Role
from bingjian.api.platform import Platform
from tests.backend import StillClock
from tests.unit.api.conftest import Enter, KeepingWorker

API = "/api/v1"
CAMERA = {"name": "gate", "url": "rtsp://192.0.2.1/x"}


async def registered(enter: Enter) -> str:
    answer = await (await enter(Role.REGISTRAR)).post(f"{API}/cameras", json=CAMERA)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_a_volume_says_how_long_it_lasts(
    enter: Enter, platform: Platform, worker: KeepingWorker
) -> None:
    await platform.workers.look()
    client = await enter(Role.AUDITOR)
    told = (await client.get(f"{API}/storage")).json()
    assert told["days_needed"] == 31
    (volume,) = told["volumes"]
    assert (volume["state"], volume["alarm"], volume["days_left"]) == ("writable", False, None)
    assert volume["workers"] == ["media-0"]
    worker.room = {"size_bytes": 1 << 36, "free_bytes": 500_000 * 86_400 * 2}
    await platform.workers.look()
    (volume,) = (await client.get(f"{API}/storage")).json()["volumes"]
    assert (volume["days_left"], volume["alarm"]) == (2.0, True)


async def test_R28_9_a_camera_whose_term_does_not_fit_is_refused_with_the_sum(
    enter: Enter, platform: Platform, worker: KeepingWorker
) -> None:
    worker.room = {"size_bytes": 1 << 36, "free_bytes": 1 << 30}
    await platform.workers.look()
    client = await enter(Role.REGISTRAR)
    answer = await client.post(f"{API}/cameras", json=CAMERA)
    assert (answer.status_code, answer.json()["code"]) == (403, "R28.9")
    assert answer.json()["article"] == "28¶2"
    assert "GiB" in answer.json()["detail"]
    assert (await client.get(f"{API}/cameras")).json()["items"] == []
    (refusal,) = [one for one in await platform.journal.read(20) if one.kind == "refusal"]
    assert (refusal.entry["code"], refusal.entry["verb"]) == ("R28.9", "camera.add")


async def test_completeness_counts_civil_days_from_registration_to_now(
    enter: Enter, worker: KeepingWorker, clock: StillClock
) -> None:
    """Registered at noon in China, asked at noon the day after."""
    camera = await registered(enter)
    clock.wait(86_400)
    worker.sums = {camera: {"present_s": 40_000.0, "missing": {"disconnected": 3_200.0}, "outages": 2}}
    interval = {"start": "2025-12-30T16:00:00Z", "end": "2026-01-02T16:00:00Z"}
    answer = await (await enter(Role.WATCHER)).get(f"{API}/cameras/{camera}/completeness", params=interval)
    days = answer.json()["days"]
    assert [(day["day"], day["due_s"]) for day in days] == [("2026-01-01", 43_200), ("2026-01-02", 43_200)]
    assert days[1]["missing"] == {"disconnected": 3_200.0}
    assert days[1]["outages"] == 2
    assert worker.questions[-1] == {
        "start": "2026-01-01T16:00:00.000000Z",
        "end": "2026-01-02T04:00:00.000000Z",
        "outage_ms": "2000",
        "camera": camera,
    }


async def test_the_completeness_of_all_cameras_on_one_day(
    enter: Enter, worker: KeepingWorker, clock: StillClock
) -> None:
    camera = await registered(enter)
    clock.wait(2 * 86_400)
    worker.sums = {camera: {"present_s": 86_399.0, "missing": {}, "outages": 0}}
    answer = await (await enter(Role.AUDITOR)).get(f"{API}/completeness", params={"day": "2026-01-02"})
    assert answer.json() == {
        "day": "2026-01-02",
        "items": [{"camera": camera, "name": "gate", "due_s": 86_400, "present_s": 86_399}],
        "next": None,
    }
    tomorrow = await (await enter(Role.CUSTODIAN)).get(f"{API}/completeness", params={"day": "2026-01-09"})
    assert [one["due_s"] for one in tomorrow.json()["items"]] == [0]


def finding(number: int, camera: str, volume: str) -> dict[str, str]:
    return {
        "id": str(UUID(int=number)),
        "volume": volume,
        "camera": camera,
        "segment": str(UUID(int=9)),
        "kind": "altered",
        "start": "2026-01-01T00:00:00.000000Z",
        "end": "2026-01-01T00:00:01.000000Z",
        "found_at": f"2026-01-01T0{number}:00:00.000000Z",
        "detail": "a byte",
    }


async def test_findings_come_newest_first_with_the_cameras_name(
    enter: Enter, platform: Platform, worker: KeepingWorker
) -> None:
    camera = await registered(enter)
    await platform.workers.look()
    worker.findings = [finding(number, camera, worker.volume) for number in (1, 3, 2)]
    client = await enter(Role.AUDITOR)
    first = (await client.get(f"{API}/findings", params={"limit": 2})).json()
    assert [UUID(one["id"]).int for one in first["items"]] == [3, 2]
    assert first["items"][0]["camera_name"] == "gate"
    assert first["audit"] == {"period_days": 30.0, "covered_percent": 25.0, "last_round_at": None}
    rest = (await client.get(f"{API}/findings", params={"limit": 2, "cursor": first["next"]})).json()
    assert ([UUID(one["id"]).int for one in rest["items"]], rest["next"]) == ([1], None)


@pytest.mark.parametrize("path", ["storage", "findings", "completeness?day=2026-01-01"])
async def test_strangers_see_nothing_of_storage(enter: Enter, path: str) -> None:
    assert (await (await enter()).get(f"{API}/{path}")).status_code == 401
