"""Terms of cameras, their classes, and pauses over HTTP."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from bingjian.access.decisions import Role
from bingjian.api.platform import Platform
from bingjian.journal.append import Journal
from tests.backend import kinds
from tests.unit.api.conftest import Enter
from tests.unit.api.test_marks import API, ASKED, registered
from tests.unit.retention.shelf import KeepingWorker

NOON = datetime(2026, 1, 1, 4, tzinfo=UTC)
PAUSE = {"reason": "检修", "order": "工单 5", "until": "2026-01-01T06:00:00Z"}


async def test_the_summary_says_how_long_and_why(
    enter: Enter, platform: Platform, worker: KeepingWorker
) -> None:
    camera, custodian = await registered(enter), await enter(Role.CUSTODIAN)
    worker.shelf.put(UUID(camera), NOON - timedelta(days=3), NOON - timedelta(days=2))
    for noun in ("marks", "holds"):
        assert (await custodian.post(f"{API}/cameras/{camera}/{noun}", json=ASKED)).status_code == 201
    auditor = await enter(Role.AUDITOR)
    answer = (await auditor.get(f"{API}/retention", params={"q": "东"})).json()
    assert answer == {
        "items": [
            {
                "camera": camera,
                "name": "东门",
                "class": "default",
                "days": 30,
                "article": "28¶2",
                "code": "R28.1",
                "citation": "",
                "oldest": "2025-12-29T04:00:00Z",
                "marks": 1,
                "holds": 1,
                "overdue_segments": 0,
            }
        ],
        "next": None,
    }
    assert (await auditor.get(f"{API}/retention", params={"q": "西"})).json()["items"] == []
    await worker.stop()
    assert (await auditor.get(f"{API}/retention")).json()["items"][0]["oldest"] is None


async def test_pages_of_the_summary(enter: Enter) -> None:
    client = await enter(Role.REGISTRAR)
    for n in range(3):
        await client.post(f"{API}/cameras", json={"name": f"c{n}", "url": "rtsp://h/"})
    first = (await client.get(f"{API}/retention", params={"limit": 2})).json()
    rest = (await client.get(f"{API}/retention", params={"cursor": first["next"]})).json()
    assert [one["name"] for one in first["items"] + rest["items"]] == ["c0", "c1", "c2"]


@pytest.mark.parametrize("role", [Role.CUSTODIAN, Role.REGISTRAR])
async def test_a_camera_is_classified_with_a_reason(role: Role, enter: Enter, journal: Journal) -> None:
    camera = await registered(enter)
    client = await enter(role, Role.WATCHER)
    path = f"{API}/cameras/{camera}/retention"
    answer = await client.patch(path, json={"class": "counter_terror", "reason": "市反恐办 12 号"})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["class"], told["days"], told["code"]) == ("counter_terror", 90, "R28.2")
    assert (await kinds(journal))[-1] == "retention.class_changed"
    other = {"class": "other_law", "days": 180, "citation": "某条例第九条", "reason": "x"}
    told = (await client.patch(path, json=other)).json()
    assert (told["days"], told["code"], told["citation"]) == (180, "R28.5", "某条例第九条")
    answer = await client.patch(path, json=other | {"days": 15})
    assert (answer.status_code, answer.json()["code"], answer.json()["article"]) == (403, "R28.5", "28¶2")
    for wrong in ({"class": "default"}, {"reason": " "}, {"days": None}, {"class": "none"}, {"days": 0}):
        assert (await client.patch(path, json=other | wrong)).status_code == 422, wrong
    answer = await client.patch(f"{API}/cameras/{uuid4()}/retention", json=other)
    assert answer.status_code == 404


async def test_R31_7_a_pause_needs_reason_order_and_end(
    enter: Enter, platform: Platform, journal: Journal, worker: KeepingWorker
) -> None:
    camera, client = await registered(enter), await enter(bearer="console-token")
    path = f"{API}/cameras/{camera}/pause"
    wrong: dict[str, Any]
    for wrong in ({"reason": ""}, {"order": ""}, {"until": None}, {"until": NOON.isoformat()}):
        answer = await client.post(path, json=PAUSE | wrong)
        assert (answer.status_code, answer.json()["code"], answer.json()["article"]) == (
            403,
            "R31.7",
            "31(7)",
        )
        assert (await kinds(journal))[-1] == "refusal"
    told = len(worker.assignments)
    answer = await client.post(path, json=PAUSE)
    assert (answer.status_code, answer.json()["until"], answer.json()["by"]) == (
        201,
        PAUSE["until"],
        "console",
    )
    assert list(await platform.retention.pauses.in_force(NOON)) == [UUID(camera)]
    assert len(worker.assignments) == told + 1
    assert (await client.post(path, json=PAUSE)).json()["code"] == "already_paused"
    assert (await client.delete(path)).status_code == 204
    assert len(worker.assignments) == told + 2
    answer = await client.delete(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_paused")
    assert (await client.post(f"{API}/cameras/{uuid4()}/pause", json=PAUSE)).json()[
        "code"
    ] == "no_such_camera"
