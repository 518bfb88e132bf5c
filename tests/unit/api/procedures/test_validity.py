"""Art. 36 through the API: from the day of publication, for two years, and what goes on after them."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import pytest_asyncio

from bingjian.access.decisions import Role
from bingjian.api.parts import Parts
from bingjian.api.platform import Platform
from bingjian.db.session import Database
from bingjian.inventory.organisations import body_id
from bingjian.journal.append import Journal
from tests.backend import StillClock, kinds
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.office import Desk, codes
from tests.unit.rules.times import beijing

FIRST = date(2026, 1, 2)  # of the measures; the tests begin on the day before


@pytest_asyncio.fixture
async def published(
    platform: Platform, database: Database, journal: Journal, clock: StillClock, tmp_path: Path
) -> Platform:
    """The same platform, its city's measures published on the second day of 2026."""
    parts = Parts.open(database, journal, clock, tmp_path / "published", FIRST)
    await parts.prepare()
    return replace(platform, parts=parts)


def set_clock(clock: StillClock, told: str) -> None:
    clock.now_ns = int(beijing(told).timestamp() * 10**9)


async def office(enter: Enter, over: Platform) -> Desk:
    organisation = body_id("workgroup_office")
    return Desk(await enter(Role.WORKGROUP_OFFICE, over=over, organisation=organisation))


@pytest.mark.parametrize(
    ("now", "duties"),
    [("2026-01-01 23:59:59", 0), ("2026-01-02 00:00:00", 1), ("2026-01-02 00:00:01", 1)],
)
async def test_R36_1_what_happened_the_day_before_is_no_breach(
    enter: Enter, clock: StillClock, published: Platform, now: str, duties: int
) -> None:
    set_clock(clock, now)
    builder = Desk(await enter(Role.BUILDER, over=published, organisation=body_id("housing")))
    job = await builder.opened("support-requests")
    await builder.stepped("support-requests", job, "ask_help", help="power")
    assert len((await builder.look("support-requests", job))["duties"]) == duties
    set_clock(clock, "2026-06-01 12:00:00")
    report = (await (await office(enter, published)).client.get("/api/v1/reports/compliance")).json()
    assert [one["code"] for one in report] == ["R5.5"] * duties


async def test_R36_1_steps_have_their_order_before_the_day_too(
    enter: Enter, clock: StillClock, published: Platform
) -> None:
    builder = Desk(await enter(Role.BUILDER, over=published, organisation=body_id("housing")))
    job = await builder.opened("support-requests")
    assert codes(await builder.step("support-requests", job, "finish")) == ["R5.5"]


@pytest.mark.parametrize(
    ("now", "days"),
    [
        ("2027-07-04 23:59:59", None),
        ("2027-07-05 00:00:00", 180),
        ("2027-10-03 00:00:00", 90),
        ("2027-12-02 00:00:00", 30),
        ("2028-01-01 23:59:59", 30),
        ("2028-01-02 00:00:00", None),
    ],
)
async def test_R36_2_the_end_is_announced_180_90_and_30_days_before(
    enter: Enter, clock: StillClock, published: Platform, journal: Journal, now: str, days: int | None
) -> None:
    set_clock(clock, now)
    supervisor = await office(enter, published)
    measures = (await supervisor.client.get("/api/v1/reports/overview")).json()["measures"]
    assert (measures["last_day"], measures["reminder_days"]) == ("2028-01-01", days)
    before = [kind for kind in await kinds(journal) if kind.startswith("duty.")]
    assert before == []
    while await published.parts.clockwork.round():
        pass
    told = [kind for kind in await kinds(journal) if kind.startswith("duty.")]
    reminders = {None: 0, 180: 1, 90: 2, 30: 3}[days]
    ended = now.startswith("2028-01-02")
    assert told == (["duty.reminded"] * 3 + ["duty.overdue"] if ended else ["duty.reminded"] * reminders)


@pytest.mark.parametrize(
    ("now", "standing", "state"),
    [
        ("2028-01-01 23:59:59", "in_force", "open"),
        ("2028-01-02 00:00:00", "expired", "overdue"),
        ("2028-01-02 00:00:01", "expired", "overdue"),
    ],
)
async def test_R36_2_after_the_last_day_the_office_must_choose(
    enter: Enter, clock: StillClock, published: Platform, document: str, now: str, standing: str, state: str
) -> None:
    set_clock(clock, now)
    supervisor = await office(enter, published)
    measures = (await supervisor.client.get("/api/v1/reports/overview")).json()["measures"]
    assert (measures["standing"], measures["choice"]) == (standing, "")
    (duty,) = (await supervisor.client.get("/api/v1/duties", params={"code": "R36.2"})).json()["items"]
    assert (duty["state"], duty["owner"]) == (state, str(body_id("workgroup_office")))
    wrong = await supervisor.open("validities", choice="forever", document=document)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "contradiction")
    await supervisor.opened("validities", choice="expired", document=document)
    assert (await supervisor.client.get("/api/v1/duties", params={"code": "R36.2"})).json()["items"] == []
    await published.parts.prepare()  # a start after it
    assert (await supervisor.client.get("/api/v1/duties", params={"code": "R36.2"})).json()["items"] == []
    measures = (await supervisor.client.get("/api/v1/reports/overview")).json()["measures"]
    assert measures["choice"] == "expired"


async def test_R36_2_unpublished_measures_have_no_end(enter: Enter, platform: Platform) -> None:
    supervisor = await office(enter, platform)
    measures = (await supervisor.client.get("/api/v1/reports/overview")).json()["measures"]
    assert measures == {"standing": "in_force", "last_day": None, "reminder_days": None, "choice": ""}


async def test_R36_3_after_the_end_bans_go_on_and_duties_have_no_local_basis(
    enter: Enter, clock: StillClock, published: Platform
) -> None:
    set_clock(clock, "2027-12-31 12:00:00")
    builder = Desk(await enter(Role.BUILDER, over=published, organisation=body_id("housing")))
    job = await builder.opened("support-requests", works=["pipeline"])
    await builder.stepped("support-requests", job, "ask_help", help="power")
    set_clock(clock, "2028-01-20 12:00:00")
    watcher = Desk(await enter(Role.WATCHER, over=published))
    act = {"act": "other_disturbance", "happened": beijing("2028-01-20 11:00:00").isoformat()}
    assert codes(await watcher.open("incidents", **act, description="")) == ["R31.11"]
    report = (await (await office(enter, published)).client.get("/api/v1/reports/compliance")).json()
    told = {one["code"]: one["consequence"]["zh"] for one in report}
    assert told.keys() == {"R5.5", "R36.2"}
    assert "无地方依据" in told["R5.5"]
    later = Desk(await enter(Role.BUILDER, over=published, organisation=body_id("housing")))
    await later.stepped("support-requests", job, "ask_help", help="garden")
    codes_now = [one["code"] for one in (await later.look("support-requests", job))["duties"]]
    assert codes_now == ["R5.5"]  # only what arose before the end
