"""Recording that ends with the removal of a camera: the reason, and the journal."""

from typing import Any

import httpx
import pytest

from bingjian.access.decisions import Role
from bingjian.journal.append import Journal
from bingjian.journal.errors import JournalUnavailable
from tests.backend import kinds
from tests.unit.api.conftest import Enter
from tests.unit.api.test_banning import assigned, becomes, filed
from tests.unit.api.test_cameras import CAMERAS, WHY, registered
from tests.unit.retention.shelf import KeepingWorker


async def remove(client: httpx.AsyncClient, camera: str, reason: str | None) -> httpx.Response:
    return await client.delete(f"{CAMERAS}/{camera}", params={} if reason is None else {"reason": reason})


@pytest.mark.parametrize("reason", [None, "", "  "])
async def test_R31_7_recording_does_not_end_without_a_reason(
    reason: str | None, enter: Enter, worker: KeepingWorker, journal: Journal
) -> None:
    client, camera = await registered(enter)
    told = await remove(client, camera, reason)
    problem = told.json()
    assert (told.status_code, problem["code"], problem["article"]) == (403, "R31.7", "31(7)")
    assert (problem["detail"], problem["remedy"]) == ("此操作将停止摄像机录像，但没有写明理由", "请填写理由")
    (newest,) = await journal.read(1)
    assert (newest.kind, newest.entry["verb"], newest.entry["resource"]) == (
        "refusal",
        "camera.remove",
        camera,
    )
    assert not {"recording.ended", "camera.removed"} & set(await kinds(journal))
    assert assigned(worker) == [camera]
    assert (await client.get(f"{CAMERAS}/{camera}")).status_code == 200


async def test_R31_7_the_journal_names_the_camera_and_the_reason(
    enter: Enter, worker: KeepingWorker, journal: Journal
) -> None:
    client, camera = await registered(enter)
    assert (await remove(client, camera, f" {WHY} ")).status_code == 204
    removed, ended = await journal.read(2)
    assert (removed.kind, ended.kind) == ("camera.removed", "recording.ended")
    told = {name: ended.entry[name] for name in ("camera", "reason", "verb", "resource")}
    assert told == {"camera": camera, "reason": WHY, "verb": "camera.remove", "resource": camera}
    assert (removed.entry["camera"], removed.entry["reason"]) == (camera, WHY)
    assert assigned(worker) == []


async def test_R31_7_what_the_journal_does_not_take_does_not_happen(
    enter: Enter, worker: KeepingWorker, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, camera = await registered(enter)
    real = journal.append

    async def append(entry: Any) -> Any:
        if entry.kind == "recording.ended":
            raise JournalUnavailable("the journal cannot be written")
        return await real(entry)

    monkeypatch.setattr(journal, "append", append)
    answer = await remove(client, camera, WHY)
    assert (answer.status_code, answer.json()["code"]) == (503, "journal_unavailable")
    assert "camera.removed" not in await kinds(journal)
    assert assigned(worker) == [camera]
    assert (await client.get(f"{CAMERAS}/{camera}")).status_code == 200


@pytest.mark.parametrize("reason", [None, WHY])
async def test_a_camera_that_is_not_recorded_needs_no_reason(
    reason: str | None, enter: Enter, worker: KeepingWorker, journal: Journal
) -> None:
    """A ban has stopped it (R9.5)."""
    registrar = await enter(Role.REGISTRAR)
    camera, part = await filed(registrar)
    await becomes(registrar, part, "toilet")
    assert assigned(worker) == []
    assert (await remove(registrar, camera, reason)).status_code == 204
    (newest,) = await journal.read(1)
    assert (newest.kind, newest.entry["reason"]) == ("camera.removed", reason or "")
    assert "recording.ended" not in await kinds(journal)


@pytest.mark.parametrize(("length", "status"), [(500, 204), (501, 422)])
async def test_a_reason_has_an_end(length: int, status: int, enter: Enter) -> None:
    client, camera = await registered(enter)
    assert (await remove(client, camera, "因" * length)).status_code == status


async def test_R31_7_another_address_ends_no_recording(
    enter: Enter, worker: KeepingWorker, journal: Journal
) -> None:
    client, camera = await registered(enter)
    answer = await client.patch(f"{CAMERAS}/{camera}", json={"url": "rtsp://192.0.2.2/main"})
    assert answer.status_code == 200, answer.text
    assert "recording.ended" not in await kinds(journal)
    assert assigned(worker) == [camera]


async def test_R31_7_whoever_may_not_remove_hears_that_alone(enter: Enter, journal: Journal) -> None:
    _, camera = await registered(enter)
    answer = await remove(await enter(Role.WATCHER), camera, None)
    assert (answer.status_code, answer.json()["code"]) == (403, "R27.1")
