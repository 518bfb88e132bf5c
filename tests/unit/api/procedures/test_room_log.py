"""R31.3 through the API: who may enter a watch room, and whose entries and exits do not match."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from bingjian.access.decisions import Role
from bingjian.access.service import People
from bingjian.api.platform import Platform
from bingjian.clock import utc_now
from bingjian.db.session import Database
from bingjian.rules.library import law
from tests.backend import StillClock
from tests.unit.api.conftest import PASSWORD, Enter
from tests.unit.api.procedures.office import Desk, codes, desk
from tests.unit.api.procedures.setting import DISTRICT, put, record

LOGS, MINUTE = "room-logs", 60
WAIT, LENGTH = 3600, 8 * 3600  # seconds until the shift starts, and how long it is
EARLY = law().number("watch_room.early") * MINUTE
CLOSE = law().number("watch_room.close") * MINUTE
VISIT = {"name": "李四", "unit": "市电信", "reason": "检修链路", "visits": "王某"}


@dataclass
class Room:
    """The watch room of one shift, with a watcher on its list; the lead is not on it."""

    enter: Enter
    clock: StillClock
    platform: str
    shift: str
    start: Any
    watcher: str

    async def lead(self) -> Desk:
        """Signed in anew: sessions end while the clock moves."""
        return await desk(self.enter, Role.SHIFT_LEAD)

    async def staff(self) -> Desk:
        return await desk(self.enter, Role.WATCHER)

    async def opened(self, shift: str = "") -> str:
        return await (await self.lead()).opened(LOGS, subject=shift or self.shift)

    async def shift_of(self, *persons: str, wait: int = WAIT, is_published: bool = True) -> str:
        """Another shift of the same platform."""
        lead, start = await self.lead(), utc_now(self.clock) + timedelta(seconds=wait)
        hours = {"start": start.isoformat(), "end": (start + timedelta(seconds=LENGTH)).isoformat()}
        shift = await lead.opened("shifts", subject=self.platform, division=DISTRICT, **hours)
        for person in persons:
            await lead.stepped("shifts", shift, "assign", person=person)
        if is_published:
            await lead.stepped("shifts", shift, "publish")
        return shift

    def go_to(self, seconds: int) -> None:
        """So long after the shift's start."""
        now = utc_now(self.clock)
        self.clock.wait((self.start + timedelta(seconds=seconds) - now).total_seconds())

    async def admitted(self, log: str, **more: Any) -> None:
        """Asked for by the watcher, approved by the lead."""
        visits = (await (await self.staff()).stepped(LOGS, log, "admit", **{**VISIT, **more}))["data"][
            "visits"
        ]
        await (await self.lead()).stepped(LOGS, log, "approve", visit=len(visits))

    async def closed(self, log: str) -> dict[str, Any]:
        """At the end of the shift."""
        self.go_to(LENGTH)
        return await (await self.lead()).stepped(LOGS, log, "close")

    async def alerts(self) -> list[dict[str, Any]]:
        client = (await desk(self.enter, Role.AUDITOR)).client
        found: list[dict[str, Any]] = (await client.get("/api/v1/alerts")).json()["items"]
        return [one for one in found if one["data"]["sign"] == "watch_room"]

    async def duties(self, subject: str, **more: Any) -> list[dict[str, Any]]:
        wish = {"code": "R31.3", "subject": subject, **more}
        client = (await self.lead()).client
        found: list[dict[str, Any]] = (await client.get("/api/v1/duties", params=wish)).json()["items"]
        return found


@pytest.fixture
async def room(enter: Enter, database: Database, clock: StillClock) -> Room:
    platform = record("platform")
    await put(database, platform)
    client = (await desk(enter, Role.WATCHER)).client
    watcher = (await client.get("/api/v1/session")).json()["person"]["id"]
    start = utc_now(clock) + timedelta(seconds=WAIT)
    room = Room(enter, clock, str(platform.id), "", start, watcher)
    room.shift = await room.shift_of(watcher)
    return room


# --- who may enter


async def test_R31_3_who_is_not_on_the_list_is_refused(room: Room, platform: Platform) -> None:
    log = await room.opened()
    room.go_to(0)
    lead = await room.lead()
    assert codes(await lead.step(LOGS, log, "enter")) == ["R31.3"]  # the lead is on no list here
    assert codes(await lead.step(LOGS, log, "enter", name="过路人")) == ["R31.3"]
    (last,) = await platform.journal.read(1)
    assert (last.kind, last.entry["code"], last.entry["verb"]) == ("refusal", "R31.3", "room_log.enter")
    data = (await (await room.staff()).stepped(LOGS, log, "enter"))["data"]
    assert data["inside"] == ["watcher"]
    assert [(one["person"], one["way"]) for one in data["passages"]] == [(room.watcher, "in")]


@pytest.mark.parametrize(
    ("seconds", "refusals"),
    [(-EARLY - 1, ["R31.3"]), (-EARLY, []), (1 - EARLY, []), (LENGTH - 1, []), (LENGTH, ["R31.3"])],
)
async def test_R31_3_a_list_holds_for_its_shift_and_a_little_before(
    room: Room, seconds: int, refusals: list[str]
) -> None:
    log = await room.opened()
    room.go_to(seconds)
    answer = await (await room.staff()).step(LOGS, log, "enter")
    assert (codes(answer) if refusals else answer.status_code) == (refusals or 200)


@pytest.mark.parametrize(
    ("seconds", "refusals"),
    [(-1, ["R31.3"]), (0, []), (1, []), (LENGTH - 1, []), (LENGTH, ["R31.3"]), (LENGTH + 1, ["R31.3"])],
)
async def test_R31_3_an_approved_visitor_enters_during_the_shift_alone(
    room: Room, seconds: int, refusals: list[str]
) -> None:
    log = await room.opened()
    await room.admitted(log)
    room.go_to(seconds)
    answer = await (await room.staff()).step(LOGS, log, "enter", visit=1)
    assert (codes(answer) if refusals else answer.status_code) == (refusals or 200)


async def test_R31_3_a_visitor_enters_only_once_another_has_approved(room: Room) -> None:
    log = await room.opened()
    room.go_to(0)
    staff, lead = await room.staff(), await room.lead()
    await staff.stepped(LOGS, log, "admit", **VISIT)
    assert codes(await staff.step(LOGS, log, "enter", visit=1)) == ["R31.3"]
    assert codes(await staff.step(LOGS, log, "approve", visit=1)) == ["R27.1"]
    await lead.stepped(LOGS, log, "approve", visit=1)
    data = (await staff.stepped(LOGS, log, "enter", name="李四"))["data"]
    assert data["inside"] == ["李四"]
    assert [one["visit"] for one in data["passages"]] == [1]
    (visit,) = data["visits"]
    assert (visit["asked"]["name"], visit["approved"]["name"]) == ("watcher", "shift_lead")
    assert (await lead.step(LOGS, log, "approve", visit=1)).status_code == 422  # it has its answer
    assert (await lead.step(LOGS, log, "approve", visit=2)).status_code == 422


async def test_R31_3_nobody_approves_what_they_asked_for_nor_their_own_visit(
    room: Room, enter: Enter
) -> None:
    lead = await room.lead()
    me = (await lead.client.get("/api/v1/session")).json()["person"]["id"]
    await lead.stepped("shifts", room.shift, "assign", person=me)
    log = await room.opened()
    await lead.stepped(LOGS, log, "admit", **VISIT)
    assert codes(await lead.step(LOGS, log, "approve", visit=1)) == ["R31.3"]
    police = await desk(enter, Role.PUBLIC_SECURITY)
    guest = (await police.client.get("/api/v1/session")).json()["person"]["id"]
    await lead.stepped(LOGS, log, "admit", **VISIT, person=guest)
    assert codes(await police.step(LOGS, log, "approve", visit=2)) == ["R31.3"]
    await police.stepped(LOGS, log, "approve", visit=1)


async def test_R31_3_who_asks_is_of_the_shift_and_says_why(room: Room) -> None:
    log = await room.opened()
    assert codes(await (await room.lead()).step(LOGS, log, "admit", **VISIT)) == ["R31.3"]
    staff = await room.staff()
    assert codes(await staff.step(LOGS, log, "admit", **{**VISIT, "reason": " "})) == ["R31.3"]


async def test_R31_3_who_was_declined_stays_outside(room: Room) -> None:
    log = await room.opened()
    room.go_to(0)
    staff = await room.staff()
    await staff.stepped(LOGS, log, "admit", **VISIT)
    data = (await (await room.lead()).stepped(LOGS, log, "decline", visit=1, reason="无工单"))["data"]
    assert (data["visits"][0]["answer"], data["visits"][0]["approved"]) == ("无工单", None)
    assert codes(await staff.step(LOGS, log, "enter", visit=1)) == ["R31.3"]


async def test_R31_3_an_approval_is_no_entry_to_another_shift(room: Room) -> None:
    log = await room.opened()
    await room.admitted(log)
    other = await room.opened(await room.shift_of(wait=WAIT))
    room.go_to(0)
    assert codes(await (await room.staff()).step(LOGS, other, "enter", name="李四")) == ["R31.3"]


async def test_R31_3_a_withdrawn_shift_has_no_list(room: Room) -> None:
    log = await room.opened()
    room.go_to(0)
    lead = await room.lead()
    await lead.stepped("shifts", room.shift, "withdraw")
    assert codes(await (await room.staff()).step(LOGS, log, "enter")) == ["R31.3"]
    assert (await lead.stepped(LOGS, log, "close"))["state"] == "closed"


# --- entries and exits


async def test_R31_3_a_log_that_matches_is_closed_without_alert(room: Room) -> None:
    log = await room.opened()
    await room.admitted(log)
    room.go_to(0)
    staff = await room.staff()
    for name, wish in (("enter", {}), ("enter", {"visit": 1}), ("leave", {"name": "李四"}), ("leave", {})):
        room.clock.wait(MINUTE)
        data = (await staff.stepped(LOGS, log, name, **wish))["data"]
    assert data["inside"] == []
    closed = await room.closed(log)
    assert (closed["state"], closed["data"]["anomalies"]) == ("closed", [])
    assert closed["data"]["closed"]["name"] == "shift_lead"
    assert await room.alerts() == []


async def test_R31_3_an_exit_without_entry_is_an_alert_that_names_the_person(
    room: Room, platform: Platform
) -> None:
    log = await room.opened()
    room.go_to(0)
    staff = await room.staff()
    await staff.stepped(LOGS, log, "leave")
    left = platform.journal.length - 1
    await staff.stepped(LOGS, log, "leave", name="过路人")
    closed = await room.closed(log)
    assert closed["state"] == "not_whole"
    assert [one["name"] for one in closed["data"]["anomalies"]] == ["watcher", "过路人"]
    by_person = {one["subject"]: one for one in await room.alerts()}
    stranger, known = by_person[None], by_person[room.watcher]
    data = known["data"]
    assert (known["subject"], data["person"], data["entries"]) == (room.watcher, room.watcher, [left])
    assert (data["act"], data["count"]) == ("admit_unrelated_persons", 1)
    number = closed["number"]
    assert data["what"].startswith(number)
    assert "watcher" in data["what"]
    assert stranger["data"]["person"] is None
    assert "过路人" in stranger["data"]["what"]


async def test_R31_3_who_never_left_is_an_alert(room: Room) -> None:
    log = await room.opened()
    await room.admitted(log)
    room.go_to(0)
    await (await room.staff()).stepped(LOGS, log, "enter", visit=1)
    closed = await room.closed(log)
    assert (closed["state"], closed["data"]["inside"]) == ("not_whole", ["李四"])
    (alert,) = await room.alerts()
    assert "李四（市电信）" in alert["data"]["what"]


async def test_R31_3_an_exit_that_was_forgotten_is_entered_as_found(room: Room, clock: StillClock) -> None:
    log = await room.opened()
    room.go_to(0)
    before = (await (await room.staff()).stepped(LOGS, log, "enter"))["data"]["passages"]
    room.go_to(LENGTH)
    lead, left = await room.lead(), utc_now(clock) - timedelta(seconds=600)
    found = {"name": "watcher", "way": "out", "found": "门禁记录"}
    data = (await lead.stepped(LOGS, log, "note", **found, at=left.isoformat()))["data"]
    assert data["passages"][:1] == before
    (late,) = data["passages"][1:]
    assert (late["found"], late["by"]) == ("门禁记录", "shift_lead")
    assert late["at"] < late["noted"]
    assert (await room.closed(log))["state"] == "closed"


@pytest.mark.parametrize(("seconds", "status"), [(-1, 200), (0, 200), (1, 422)])
async def test_R31_3_nothing_is_found_that_is_still_to_come(
    room: Room, clock: StillClock, seconds: int, status: int
) -> None:
    log = await room.opened()
    room.go_to(60)
    found = {
        "way": "in",
        "found": "门禁记录",
        "at": (utc_now(clock) + timedelta(seconds=seconds)).isoformat(),
    }
    assert (await (await room.staff()).step(LOGS, log, "note", **found)).status_code == status


@pytest.mark.parametrize(("after_s", "state"), [(-1, "not_whole"), (0, "closed"), (1, "closed")])
async def test_R31_3_an_entry_found_later_is_judged_by_what_was_approved_then(
    room: Room, clock: StillClock, after_s: int, state: str
) -> None:
    log = await room.opened()
    room.go_to(600)
    await room.admitted(log)
    approved = utc_now(clock)
    room.go_to(1200)
    staff = await room.staff()
    for way, seconds in (("in", after_s), ("out", 300)):
        at = (approved + timedelta(seconds=seconds)).isoformat()
        await staff.stepped(LOGS, log, "note", visit=1, way=way, at=at, found="门禁记录")
    assert (await room.closed(log))["state"] == state


async def test_R31_3_what_is_found_after_an_odd_closing_is_kept_beside_it(
    room: Room, clock: StillClock
) -> None:
    log = await room.opened()
    room.go_to(0)
    await (await room.staff()).stepped(LOGS, log, "enter")
    await room.closed(log)
    staff = await room.staff()
    found = {"way": "out", "found": "门禁记录", "at": utc_now(clock).isoformat()}
    after = await staff.stepped(LOGS, log, "note", **found)
    assert (after["state"], len(after["data"]["anomalies"])) == ("not_whole", 1)
    assert codes(await staff.step(LOGS, log, "leave")) == ["R31.3"]  # it is closed
    assert len(await room.alerts()) == 1


async def test_R31_3_it_says_one_person_at_a_time(room: Room) -> None:
    log = await room.opened()
    answer = await (await room.staff()).step(LOGS, log, "leave", name="李四", visit=1)
    assert answer.status_code == 422


# --- what is owed


@pytest.mark.parametrize(("seconds", "refusals"), [(-1, ["R31.3"]), (0, []), (1, [])])
async def test_R31_3_a_log_is_closed_when_its_shift_is_over(
    room: Room, seconds: int, refusals: list[str]
) -> None:
    log = await room.opened()
    room.go_to(LENGTH + seconds)
    lead = await room.lead()
    steps = {one["name"]: one for one in (await lead.look(LOGS, log))["steps"]}
    assert [one["code"] for one in steps["close"]["missing"]] == refusals
    answer = await lead.step(LOGS, log, "close")
    assert (codes(answer) if refusals else answer.status_code) == (refusals or 200)


@pytest.mark.parametrize(("seconds", "state"), [(-1, "open"), (0, "open"), (1, "overdue")])
async def test_R31_3_a_log_that_is_not_closed_in_time_is_owed(room: Room, seconds: int, state: str) -> None:
    log = await room.opened()
    room.go_to(LENGTH + CLOSE + seconds)
    (owed,) = await room.duties(log)
    assert owed["state"] == state
    await (await room.lead()).stepped(LOGS, log, "close")
    assert await room.duties(log) == []


async def test_R31_3_a_published_shift_owes_its_log_until_that_is_opened(room: Room, enter: Enter) -> None:
    (owed,) = await room.duties(room.shift)
    assert owed["state"] == "open"
    office = await desk(enter, Role.WORKGROUP_OFFICE)
    await office.client.post("/api/v1/duties/recompute")
    assert await room.duties(room.shift) == [owed]
    log = await room.opened()
    assert await room.duties(room.shift) == []
    assert [one["evidence"] for one in await room.duties(room.shift, state="met")] == [log]
    other = await room.shift_of()
    await (await room.lead()).stepped("shifts", other, "withdraw")
    assert await room.duties(other) == []


async def test_R31_3_one_log_of_a_published_shift(room: Room) -> None:
    await room.opened()
    lead = await room.lead()
    assert (await lead.open(LOGS, subject=room.shift)).status_code == 422
    drafted = await room.shift_of(is_published=False)
    assert (await lead.open(LOGS, subject=drafted)).status_code == 422
    assert codes(await (await room.staff()).open(LOGS, subject=room.shift)) == ["R27.1"]


async def test_R31_3_who_the_alert_is_about_does_not_see_it(room: Room, enter: Enter, people: People) -> None:
    """A lead of public security, who reads the alerts of others."""
    police = await desk(enter, Role.PUBLIC_SECURITY)
    me = (await police.client.get("/api/v1/session")).json()["person"]["id"]
    (other, _) = await people.add_person("值班员", PASSWORD, frozenset())
    shift = await room.shift_of(me, str(other.id))
    log = await room.opened(shift)
    await police.stepped(LOGS, log, "leave")
    await police.stepped(LOGS, log, "leave", name="值班员")
    room.go_to(LENGTH)
    await (await room.lead()).stepped(LOGS, log, "close")
    police = await desk(enter, Role.PUBLIC_SECURITY)
    seen = (await police.client.get("/api/v1/alerts")).json()["items"]
    assert [one["data"]["person"] for one in seen] == [str(other.id)]
    assert len(await room.alerts()) == 2
