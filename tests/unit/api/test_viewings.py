"""Looks while they last, through the platform: every minute, the end, and what a lost worker leaves."""

from typing import Any
from uuid import uuid4

import pytest

from bingjian.access.decisions import Role
from bingjian.access.viewings import Viewings
from bingjian.api.platform import Platform
from bingjian.clock import utc_now
from bingjian.db.session import Database
from bingjian.entries import ViewingEnded
from bingjian.inventory.workers import rfc3339
from bingjian.journal.append import Journal
from bingjian.journal.errors import JournalUnavailable
from bingjian.rules.decision import Grant
from bingjian.rules.library import law
from tests.backend import FailingJournal, StillClock
from tests.unit.api.conftest import Enter
from tests.worker import SpokenWorker

REGISTER = "/api/v1/register"


class Watched:
    """One camera, somebody who looks at it, and the worker that says so."""

    def __init__(self, enter: Enter, platform: Platform, worker: SpokenWorker, viewings: Viewings) -> None:
        self.enter, self.platform, self.worker, self.viewings = enter, platform, worker, viewings
        self.camera, self.opening, self.person = "", 0, ""

    async def begin(self) -> None:
        registrar = await self.enter(Role.REGISTRAR)
        wish = {"name": "东门", "url": "rtsp://192.0.2.1/main"}
        self.camera = (await registrar.post("/api/v1/cameras", json=wish)).json()["id"]
        self.watcher = await self.enter(Role.WATCHER)
        answer = await self.watcher.post(
            f"/api/v1/cameras/{self.camera}/live", json={"purpose": "duty_watch"}
        )
        assert answer.status_code == 201, answer.text
        (newest,) = await self.platform.journal.read(1)
        self.opening, self.person = newest.sequence, newest.entry["actor"]

    def look(self, seconds: int, **more: Any) -> dict[str, Any]:
        ids = {"opening": self.opening, "person": self.person, "camera": self.camera}
        return {**ids, "seconds": seconds, **more}

    def says(self, **report: Any) -> None:
        self.worker.report = report

    @property
    def now(self) -> str:
        return rfc3339(utc_now(self.platform.clock))

    async def row(self) -> dict[str, Any]:
        auditor = await self.enter(Role.AUDITOR)
        (row,) = (await auditor.get(REGISTER)).json()["items"]
        assert isinstance(await self.platform.parts.register.agreement(law()), Grant)
        return {name: row[name] for name in ("viewing", "watched_s")}

    async def written(self, kind: str) -> list[dict[str, Any]]:
        return [one.entry for one in await self.platform.journal.read(1000) if one.kind == kind][::-1]


@pytest.fixture
async def watched(enter: Enter, platform: Platform, worker: SpokenWorker, database: Database) -> Watched:
    parts = platform.parts.register, platform.clock
    made = Watched(enter, platform, worker, Viewings(database, platform.journal, platform.workers, *parts))
    await made.begin()
    return made


async def test_R22_4_every_minute_and_the_end_are_written_and_the_register_says_so(watched: Watched) -> None:
    assert await watched.row() == {"viewing": "open", "watched_s": 0}
    who = [[watched.opening, watched.person]]
    watched.says(open=who, due=[watched.look(60)])
    await watched.viewings.round()
    assert await watched.row() == {"viewing": "open", "watched_s": 60}
    watched.says(ended=[watched.look(83, reason="closed", at=watched.now)])
    await watched.viewings.round()
    assert await watched.row() == {"viewing": "closed", "watched_s": 83}
    (minute,), (end,) = await watched.written("view.continued"), await watched.written("view.ended")
    assert (minute["opening"], minute["actor"], minute["seconds"]) == (watched.opening, watched.person, 60)
    assert (end["opening"], end["reason"], end["seconds"]) == (watched.opening, "closed", 83)
    assert watched.worker.told == [
        {"continued": [watched.opening], "ended": [], "dismissed": [], "noted": 0},
        {"continued": [], "ended": [watched.opening], "dismissed": [], "noted": 0},
    ]


async def test_an_end_that_is_told_twice_is_written_once(watched: Watched) -> None:
    watched.says(ended=[watched.look(5, reason="closed", at=watched.now)])
    await watched.viewings.round()
    await watched.viewings.round()
    assert len(await watched.written("view.ended")) == 1
    assert [one["ended"] for one in watched.worker.told] == [[watched.opening]] * 2


async def test_what_cannot_be_written_is_not_acknowledged(watched: Watched, database: Database) -> None:
    platform, book = watched.platform, FailingJournal()
    parts = platform.workers, platform.parts.register, platform.clock
    broken = Viewings(database, book, *parts)  # type: ignore[arg-type]  # that is the test
    watched.says(open=[[watched.opening, watched.person]], due=[watched.look(60)])
    with pytest.raises(JournalUnavailable):
        await broken.round()
    assert len(book.asked) == 1
    assert watched.worker.told == []


async def test_whoever_signs_out_looks_no_longer(watched: Watched) -> None:
    watched.says(open=[[watched.opening, watched.person]])
    await watched.viewings.round()
    assert watched.worker.told == []
    assert (await watched.watcher.delete("/api/v1/session")).status_code == 204
    await watched.viewings.round()
    assert [one["dismissed"] for one in watched.worker.told] == [[watched.opening]]


@pytest.mark.parametrize("was_watched", [True, False])
async def test_a_worker_that_began_anew_has_lost_its_looks(
    watched: Watched, clock: StillClock, was_watched: bool
) -> None:
    if was_watched:
        watched.says(open=[[watched.opening, watched.person]], due=[watched.look(60)])
        await watched.viewings.round()
    clock.wait(71)
    watched.says(since=watched.now)
    await watched.viewings.round()
    await watched.viewings.end_lost()
    assert await watched.row() == {"viewing": "worker_lost", "watched_s": 60 if was_watched else 0}


async def test_a_worker_that_does_not_answer_is_lost_after_a_while(
    watched: Watched, clock: StillClock
) -> None:
    watched.says(open=[[watched.opening, watched.person]])
    await watched.viewings.round()
    await watched.worker.stop()
    for wait, viewing in ((75, "open"), (10, "worker_lost")):
        clock.wait(wait)
        await watched.viewings.round()
        await watched.viewings.end_lost()
        assert (await watched.row())["viewing"] == viewing
    assert await watched.row() == {"viewing": "worker_lost", "watched_s": 0}


async def test_a_ticket_that_nobody_opened_was_no_look(watched: Watched, clock: StillClock) -> None:
    for wait, viewing in ((65, "open"), (10, "unused")):
        clock.wait(wait)
        await watched.viewings.round()
        await watched.viewings.end_lost()
        assert (await watched.row())["viewing"] == viewing
    (end,) = await watched.written("view.ended")
    assert (end["reason"], end["seconds"]) == ("unused", 0)


async def test_a_look_that_goes_on_is_let_alone(watched: Watched, clock: StillClock) -> None:
    watched.says(open=[[watched.opening, watched.person]])
    for _ in range(10):
        clock.wait(60)
        await watched.viewings.round()
        await watched.viewings.end_lost()
    assert (await watched.row())["viewing"] == "open"


async def test_of_two_ends_the_first_holds(watched: Watched, journal: Journal) -> None:
    about = watched.person, watched.opening, watched.camera
    for reason in ("worker_lost", "closed"):
        await journal.append(ViewingEnded(*about, reason, watched.now, 10))
    assert await watched.row() == {"viewing": "worker_lost", "watched_s": 10}


async def test_the_end_of_a_voice_is_written_down(watched: Watched) -> None:
    person, camera = str(uuid4()), str(uuid4())
    about = {"opening": 7, "person": person, "camera": camera, "reason": "released"}
    note = {"number": 1, "kind": "voice_ended", "at": watched.now, "heard_from": watched.now, "seconds": 3}
    watched.says(notes=[note | about])
    await watched.viewings.round()
    (entry,) = await watched.written("voice.ended")
    assert (entry["actor"], entry["opening"], entry["camera"]) == (person, 7, camera)
    assert (entry["reason"], entry["heard_from"], entry["seconds"]) == ("released", watched.now, 3)
    assert [one["noted"] for one in watched.worker.told] == [1]


async def test_what_workers_noted_is_written_down(watched: Watched) -> None:
    refused = {"kind": "refused", "sign": "bad_ticket", "address": "192.0.2.9", "count": 3}
    spent = {"kind": "refused", "sign": "spent_ticket", "address": "192.0.2.9", "count": 1, "opening": 7}
    notes = [
        {"number": 3, "at": watched.now, **spent},
        {"number": 4, "at": watched.now, **refused},
        {"number": 5, "at": watched.now, "kind": "clock_step", "step_ms": -5000},
        {"number": 6, "kind": "of a later version"},
    ]
    watched.says(notes=notes)
    await watched.viewings.round()
    signs = ("bad_ticket", "spent_ticket")
    tickets = {one["sign"]: one for one in await watched.written("tickets.refused")}
    (step,) = await watched.written("clock.step")
    forged, late = (tickets[sign] for sign in signs)
    assert (forged["actor"], forged["address"], forged["count"]) == ("media-0", "192.0.2.9", 3)
    assert [(one["code"], one["opening"]) for one in (forged, late)] == [("R31.4", None), ("R27.1", 7)]
    assert (step["actor"], step["step_ms"]) == ("media-0", -5000)
    assert [one["noted"] for one in watched.worker.told] == [6]
