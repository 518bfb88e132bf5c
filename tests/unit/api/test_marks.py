"""Marks and holds over HTTP: who may, what is answered, and what is refused with its article."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from bingjian.access.decisions import Role
from bingjian.api.platform import Platform
from bingjian.journal.append import Journal
from tests.backend import StillClock
from tests.unit.api.conftest import ORIGIN, PASSWORD, Enter
from tests.unit.retention.shelf import KeepingWorker

API = "/api/v1"
NOON = datetime(2026, 1, 1, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)
ASKED = {
    "start": NOON.isoformat(),
    "end": (NOON + HOUR).isoformat(),
    "reason": "打架斗殴",
    "article": "28¶2",
}
DAYS_40 = 40 * 86_400
BOTH = pytest.mark.parametrize("noun", ["marks", "holds"])


async def registered(enter: Enter) -> str:
    answer = await (await enter(Role.REGISTRAR)).post(
        f"{API}/cameras", json={"name": "东门", "url": "rtsp://h/"}
    )
    camera: str = answer.json()["id"]
    return camera


async def another(enter: Enter, platform: Platform, name: str, language: str = "zh") -> httpx.AsyncClient:
    """One more custodian."""
    client = await enter()
    await platform.people.add_person(name, PASSWORD, frozenset({Role.CUSTODIAN}), language)
    await client.post(f"{API}/session", json={"name": name, "password": PASSWORD})
    return client


async def listed(client: httpx.AsyncClient, noun: str, **params: Any) -> list[dict[str, Any]]:
    answer = await client.get(f"{API}/{noun}", params=params)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


@BOTH
async def test_R27_5_set_and_released_by_two_persons(
    noun: str, enter: Enter, platform: Platform, journal: Journal
) -> None:
    camera = await registered(enter)
    one, two = await enter(Role.CUSTODIAN), await another(enter, platform, "李")
    answer = await one.post(f"{API}/cameras/{camera}/{noun}", json=ASKED)
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["camera"], told["camera_name"], told["state"]) == (camera, "东门", "in_force")
    assert (told["start"], told["end"]) == ("2026-01-01T04:00:00Z", "2026-01-01T05:00:00Z")
    assert (told["reason"], told["article"], told["by"], told["release"]) == (
        "打架斗殴",
        "28¶2",
        "custodian",
        None,
    )
    release = f"{API}/{noun}/{told['id']}/release"
    asked = (await one.post(release, json={"reason": "误标"})).json()
    assert (asked["state"], asked["release"]["asked_by"]) == ("release_asked", "custodian")
    refused = await one.post(release, json={"reason": "误标"})
    problem = refused.json()
    assert (refused.status_code, problem["code"], problem["article"]) == (403, "R27.5", "27¶2")
    assert (problem["detail"], problem["remedy"]) == ("解除须由两名不同人员办理", "请由另一人确认")
    (entry,) = await journal.read(1)
    assert (entry.kind, entry.entry["code"], entry.entry["resource"]) == ("refusal", "R27.5", told["id"])
    released = (await two.post(release, json={"reason": "同意"})).json()
    assert (released["state"], released["release"]["confirmed_by"]) == ("released", "李")
    assert released["release"]["reason"] == "误标"
    again = await one.post(release, json={"reason": "误标"})
    assert (again.status_code, again.json()["code"]) == (409, "already_released")
    assert await listed(one, noun) == [released]


async def test_R27_5_workers_are_told_of_a_release_when_it_is_complete(
    enter: Enter, platform: Platform, worker: KeepingWorker
) -> None:
    platform.workers.released_holds = platform.retention.holds.released
    camera = await registered(enter)
    one, two = await enter(Role.CUSTODIAN), await another(enter, platform, "李")
    hold = (await one.post(f"{API}/cameras/{camera}/holds", json=ASKED)).json()["id"]
    told = len(worker.assignments)
    await one.post(f"{API}/holds/{hold}/release", json={"reason": "误标"})
    assert len(worker.assignments) == told
    await two.post(f"{API}/holds/{hold}/release", json={"reason": "同意"})
    assert len(worker.assignments) == told + 1
    assert worker.assignments[-1]["released_holds"] == [hold]


@BOTH
async def test_R28_6_what_is_gone_is_said_with_its_interval(
    noun: str, enter: Enter, platform: Platform, worker: KeepingWorker, clock: StillClock
) -> None:
    camera = await registered(enter)
    await platform.workers.look()
    worker.shelf.put(UUID(camera), NOON, NOON + HOUR / 2)
    clock.wait(DAYS_40)
    await platform.retention.removal.round()
    custodian = await another(enter, platform, "Li", "en")
    answer = await custodian.post(f"{API}/cameras/{camera}/{noun}", json=ASKED)
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["article"]) == (409, "R28.6", "28¶2")
    (part,) = problem["gone"]
    assert (part["start"], part["end"]) == ("2026-01-01T04:00:00Z", "2026-01-01T04:30:00Z")
    assert part["first_entry"] == part["last_entry"]
    assert "ask again for the rest" in problem["remedy"]
    assert await listed(custodian, noun) == []
    rest = ASKED | {"start": part["end"]}
    assert (await custodian.post(f"{API}/cameras/{camera}/{noun}", json=rest)).status_code == 201


async def test_watchers_mark_and_hold_but_release_no_hold(enter: Enter) -> None:
    camera, watcher = await registered(enter), await enter(Role.WATCHER)
    mark = (await watcher.post(f"{API}/cameras/{camera}/marks", json=ASKED)).json()
    for state in ("release_asked", None):  # the second time it is still the same person
        answer = await watcher.post(f"{API}/marks/{mark['id']}/release", json={"reason": "x"})
        assert answer.json().get("state") == state
    assert (answer.status_code, answer.json()["code"]) == (403, "R27.5")
    answer = await watcher.post(f"{API}/cameras/{camera}/holds", json=ASKED)
    assert answer.status_code == 201
    hold = answer.json()["id"]
    assert (await watcher.post(f"{API}/holds/{hold}/release", json={"reason": "x"})).status_code == 403
    assert [one["id"] for one in await listed(watcher, "marks")] == [mark["id"]]


@BOTH
async def test_filters_pages_and_what_is_not_accepted(noun: str, enter: Enter) -> None:
    camera, custodian = await registered(enter), await enter(Role.CUSTODIAN)
    path = f"{API}/cameras/{camera}/{noun}"
    for n in range(3):
        times = {"start": (NOON + n * HOUR).isoformat(), "end": (NOON + (n + 1) * HOUR).isoformat()}
        assert (await custodian.post(path, json=ASKED | times)).status_code == 201
    first = (await custodian.get(f"{API}/{noun}", params={"limit": 2})).json()
    rest = await listed(custodian, noun, limit=2, cursor=first["next"])
    assert [one["start"][11:13] for one in first["items"] + rest] == ["06", "05", "04"]
    at_six = {"start": "2026-01-01T06:00:00Z", "end": "2026-01-01T06:00:01Z"}
    assert len(await listed(custodian, noun, camera=camera, **at_six)) == 1
    assert await listed(custodian, noun, camera=str(uuid4())) == []
    for cursor in ("x", "WyJhIiwiYiJd", "WyIxIiwiYiJd", "WyI5OTk5OTk5OTk5OTk5OTk5OTk5OTkiLCJiIl0"):
        answer = await custodian.get(f"{API}/{noun}", params={"cursor": cursor})
        assert answer.status_code == 400, answer.text
    for wrong in (
        {"end": ASKED["start"]},
        {"end": "2029-01-01T00:00:00Z"},
        {"reason": "  "},
        {"article": ""},
        {"start": "yesterday"},
        {"more": 1},
    ):
        assert (await custodian.post(path, json=ASKED | wrong)).status_code == 422
    answer = await custodian.post(f"{API}/cameras/{uuid4()}/{noun}", json=ASKED)
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_camera")
    answer = await custodian.post(f"{API}/{noun}/{uuid4()}/release", json={"reason": "x"})
    assert (answer.status_code, answer.json()["code"]) == (404, f"no_such_{noun[:-1]}")


async def test_a_hold_of_a_former_camera_is_copied_and_verified(
    enter: Enter, platform: Platform, worker: KeepingWorker
) -> None:
    camera, custodian = await registered(enter), await enter(Role.CUSTODIAN)
    worker.shelf.put(UUID(camera), NOON, NOON + HOUR / 2)
    worker.shelf.missing = [
        {"start": "2026-01-01T04:30:00Z", "end": "2026-01-01T05:00:00Z", "cause": "no_packets"}
    ]
    registrar = await enter(Role.REGISTRAR)
    removed = await registrar.delete(f"{API}/cameras/{camera}", params={"reason": "拆除"})
    assert removed.status_code == 204
    hold = (await custodian.post(f"{API}/cameras/{camera}/holds", json=ASKED)).json()
    assert (hold["copied_segments"], hold["verified_at"], hold["missing"]) == (None, None, [])
    assert platform.retention.copying.wanted.is_set()
    await platform.retention.copying.round()
    (hold,) = await listed(custodian, "holds")
    assert (hold["camera_name"], hold["copied_segments"], hold["copied_bytes"]) == ("东门", 1, 1000)
    assert hold["missing"] == worker.shelf.missing
    assert len(hold["sha256"]) == 64
    answer = await custodian.post(f"{API}/holds/{hold['id']}/verify")
    assert (answer.status_code, answer.json()["verified_at"]) == (202, "2026-01-01T04:00:00Z")
    await platform.retention.copying.round()
    assert worker.shelf.copies == [UUID(hold["id"])] * 2
    assert ORIGIN not in str(hold)
