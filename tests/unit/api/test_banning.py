"""R9.5 through the API: a part that becomes forbidden stops its cameras at once, and opens their removal."""

from datetime import timedelta
from typing import Any

import httpx

from bingjian.access.decisions import Role
from bingjian.clock import utc_now
from tests.backend import StillClock
from tests.unit.api.conftest import Enter
from tests.unit.retention.shelf import KeepingWorker

API = "/api/v1"


async def filed(registrar: httpx.AsyncClient) -> tuple[str, dict[str, Any]]:
    """A camera that is recorded, in an ordinary part of a school."""
    place = await registrar.post(
        f"{API}/places", json={"name": "兆麟小学", "division": "230102", "kind": "school"}
    )
    part = await registrar.post(
        f"{API}/places/{place.json()['id']}/parts", json={"name": "大厅", "kind": "lobby"}
    )
    url = "rtsp://192.0.2.1/main"
    camera = (await registrar.post(f"{API}/cameras", json={"name": "大厅东", "url": url})).json()["id"]
    where = {"division": "230102", "place": place.json()["id"], "part": part.json()["id"]}
    file = (await registrar.get(f"{API}/camera-files/{camera}")).json()
    answer = await registrar.patch(f"{API}/camera-files/{camera}", json={"version": file["version"], **where})
    assert answer.status_code == 200, answer.text
    return camera, part.json()


async def becomes(registrar: httpx.AsyncClient, part: dict[str, Any], kind: str) -> dict[str, Any]:
    seen = (await registrar.get(f"{API}/parts/{part['id']}")).json()
    wish = {"version": seen["version"], "kind": kind}
    answer = await registrar.patch(f"{API}/parts/{part['id']}", json=wish)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def assigned(worker: KeepingWorker) -> list[str]:
    return [camera["id"] for camera in worker.assignments[-1]["cameras"]]


async def removals(client: httpx.AsyncClient, camera: str, *states: str) -> list[dict[str, Any]]:
    params = {"code": "R9.5", "subject": camera, "state": list(states)}
    found: list[dict[str, Any]] = (await client.get(f"{API}/duties", params=params)).json()["items"]
    return found


async def test_R9_5_recording_and_display_stop_and_a_removal_is_due(
    enter: Enter, worker: KeepingWorker, clock: StillClock
) -> None:
    registrar, watcher = await enter(Role.REGISTRAR), await enter(Role.WATCHER)
    camera, part = await filed(registrar)
    assert assigned(worker) == [camera]
    before = utc_now(clock) - timedelta(seconds=1)
    await becomes(registrar, part, "dormitory")
    assert assigned(worker) == []
    refused = await watcher.post(f"{API}/cameras/{camera}/live", json={"purpose": "duty_watch"})
    assert (refused.status_code, refused.json()["code"]) == (403, "R9.5")
    for offset, status in ((timedelta(0), 403), (timedelta(seconds=-1), 201)):
        start = utc_now(clock) + offset
        wish = {"start": start.isoformat(), "end": (start + timedelta(minutes=1)).isoformat()}
        wish["purpose"] = "duty_watch"
        answer = await watcher.post(f"{API}/cameras/{camera}/playback", json=wish)
        assert answer.status_code == status, (offset, answer.text)
    (duty,) = await removals(registrar, camera)
    assert (duty["article"], duty["due_at"], duty["state"]) == ("9", None, "open")
    assert before < utc_now(clock)


async def test_R9_5_the_removal_is_met_when_the_camera_is_gone(enter: Enter) -> None:
    registrar = await enter(Role.REGISTRAR)
    camera, part = await filed(registrar)
    await becomes(registrar, part, "toilet")
    assert (await registrar.delete(f"{API}/cameras/{camera}")).status_code == 204
    (duty,) = await removals(registrar, camera, "met", "open")
    assert (duty["state"], duty["evidence"]) == ("met", camera)


async def test_R9_5_a_ban_that_is_lifted_lets_the_camera_go_on(enter: Enter, worker: KeepingWorker) -> None:
    registrar = await enter(Role.REGISTRAR)
    camera, part = await filed(registrar)
    await becomes(registrar, part, "changing_room")
    await becomes(registrar, part, "lobby")
    assert assigned(worker) == [camera]
    assert [duty["state"] for duty in await removals(registrar, camera, "lapsed", "open")] == ["lapsed"]
