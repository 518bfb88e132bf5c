"""Who saw this camera, what did this person see: by interval, as a paper and as a spreadsheet."""

import csv
import hashlib
import io
from datetime import timedelta
from typing import Any

import pytest

from bingjian.access.decisions import Role
from bingjian.api.platform import Platform
from bingjian.inventory.workers import rfc3339
from bingjian.journal.append import Journal
from tests.backend import FailingJournal, StillClock
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.counter import ELEVEN, NOON, TEN

REGISTER = "/api/v1/register"
EXPORT = f"{REGISTER}/export"
HOUR = timedelta(hours=1)


class Street:
    """Two cameras, and watchers who look at them."""

    def __init__(self, enter: Enter) -> None:
        self.enter = enter
        self.cameras = list[str]()

    async def open_up(self) -> None:
        registrar = await self.enter(Role.REGISTRAR)
        for number, name in enumerate(("东门", "=西门"), start=1):
            wish = {"name": name, "url": f"rtsp://192.0.2.{number}/main"}
            self.cameras.append((await registrar.post("/api/v1/cameras", json=wish)).json()["id"])

    async def look(self, camera: int, area: str = "2301", span: tuple[Any, Any] | None = None) -> None:
        watcher = await self.enter(Role.WATCHER, areas=(area,))
        url = f"/api/v1/cameras/{self.cameras[camera]}"
        told = {"start": span[0].isoformat(), "end": span[1].isoformat()} if span else {}
        told |= {"purpose": "duty_watch"}
        answer = await watcher.post(f"{url}/{'playback' if span else 'live'}", json=told)
        assert answer.status_code == 201, answer.text

    async def found(self, **wanted: Any) -> list[dict[str, Any]]:
        auditor = await self.enter(Role.AUDITOR)
        items: list[dict[str, Any]] = (await auditor.get(REGISTER, params=wanted)).json()["items"]
        return items

    async def file(self, form: str, **wanted: Any) -> bytes:
        auditor = await self.enter(Role.AUDITOR)
        answer = await auditor.get(EXPORT, params={"form": form, **wanted})
        assert answer.status_code == 200, answer.text
        return answer.content


@pytest.fixture
async def street(enter: Enter) -> Street:
    made = Street(enter)
    await made.open_up()
    return made


async def test_who_saw_the_street_at_that_hour(street: Street, clock: StillClock) -> None:
    await street.look(0, span=(TEN, ELEVEN))
    await street.look(0)  # live, at noon
    clock.wait(7200)
    await street.look(0, span=(ELEVEN, NOON))

    async def starts(begin: Any, end: Any) -> list[str | None]:
        span = {"shown_from": begin.isoformat(), "shown_until": end.isoformat()}
        return [one["start"] for one in await street.found(camera=street.cameras[0], **span)]

    ten, eleven = f"{TEN:%Y-%m-%dT%H:%M:%SZ}", f"{ELEVEN:%Y-%m-%dT%H:%M:%SZ}"
    assert await starts(TEN, ELEVEN) == [ten]
    assert await starts(TEN - HOUR, TEN) == []
    assert await starts(TEN, NOON) == [eleven, ten]
    assert await starts(ELEVEN - HOUR / 2, NOON + HOUR) == [eleven, None, ten]
    assert await starts(NOON, NOON + HOUR) == [None]


async def test_a_sheet_of_one_camera_and_of_one_person(street: Street) -> None:
    await street.look(0, "2301", (TEN, ELEVEN))
    await street.look(1, "2301")
    await street.look(1, "23", (TEN, ELEVEN))
    person = (await street.found())[0]["person"]["id"]
    for wanted, count in (
        ({"camera": street.cameras[1]}, 2),
        ({"person": person}, 1),
        ({"person": person, "camera": street.cameras[0]}, 0),
        ({}, 3),
    ):
        text = (await street.file("csv", **wanted)).decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text)))
        assert len(rows) == count, wanted
    assert rows[1]["摄像机"] == "'=西门"  # nothing that a spreadsheet program would compute
    assert (rows[1]["画面时间"], rows[1]["观看"]) == ("实时", "0 秒 · 未结束")
    assert rows[2]["画面时间"] == "2026-01-01 10:00:00 – 2026-01-01 11:00:00"


async def test_the_same_looks_give_the_same_paper_and_each_is_in_the_journal_first(
    street: Street, journal: Journal, clock: StillClock
) -> None:
    await street.look(0)
    wanted = {"camera": street.cameras[0], "start": rfc3339(NOON - HOUR)}
    papers = []
    for _ in range(2):
        papers.append(await street.file("pdf", **wanted))
        clock.wait(3600)
    assert papers[0] == papers[1]
    assert papers[0].startswith(b"%PDF")
    told = [one.entry for one in await journal.read(100) if one.kind == "register.exported"]
    assert [one["file_sha256"] for one in told] == [hashlib.sha256(papers[0]).hexdigest()] * 2
    assert (told[0]["form"], told[0]["rows"], told[0]["camera"]) == ("pdf", 1, street.cameras[0])
    assert (told[0]["person"], told[0]["start"]) == (None, rfc3339(NOON - HOUR))
    await street.look(0)
    assert await street.file("pdf", **wanted) != papers[0]
    assert (await street.file("pdf", person=street.cameras[0])).startswith(b"%PDF")  # nobody: an empty paper


async def test_no_file_without_its_entry(street: Street, enter: Enter, platform: Platform) -> None:
    await street.look(0)
    auditor = await enter(Role.AUDITOR)
    platform.journal, kept = FailingJournal(), platform.journal  # type: ignore[assignment]  # that is the test
    answer = await auditor.get(EXPORT, params={"form": "csv"})
    platform.journal = kept
    assert (answer.status_code, answer.json()["code"]) == (503, "journal_unavailable")


async def test_too_many_are_no_paper(street: Street, enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bingjian.api.routes.register.ROWS_MAX", 1)
    await street.look(0)
    await street.look(0)
    answer = await (await enter(Role.AUDITOR)).get(EXPORT, params={"form": "csv"})
    assert (answer.status_code, answer.json()["code"]) == (422, "paper_too_long")


async def test_R27_1_only_who_may_read_the_register_exports_it(street: Street, enter: Enter) -> None:
    for role in (Role.WATCHER, Role.OFFICER, Role.SYSADMIN, Role.PLANNER):
        assert (await (await enter(role)).get(EXPORT)).status_code == 403, role
    custodian = await enter(Role.CUSTODIAN, areas=("230103",))
    assert (await custodian.get(EXPORT, params={"form": "csv"})).status_code == 200
