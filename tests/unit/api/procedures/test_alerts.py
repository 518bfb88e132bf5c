"""Alerts from the journal: unusual use (R31.2) and signs of intrusion (R31.4), each raised once."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Role
from bingjian.access.habit import DAYS_NEEDED
from bingjian.access.viewings import INTRUSIVE
from bingjian.api.platform import Platform
from bingjian.clock import utc_now
from bingjian.db.session import Database
from bingjian.entries import (
    Entry,
    FindingMade,
    IntrusionSuspected,
    LiveOpened,
    Sign,
    SignedIn,
    TicketsRefused,
)
from bingjian.inventory.camera_files import CameraFileRow
from bingjian.inventory.workers import rfc3339
from bingjian.procedures import raising
from bingjian.procedures.alert import SIGNS
from bingjian.procedures.shift_posts import ShiftPostRow
from tests.backend import StillClock
from tests.unit.api.conftest import ORIGIN, Enter
from tests.unit.api.procedures.office import Desk, desk

PERSON, CAMERA = str(uuid4()), str(uuid4())
DAY, HOUR = 86_400, 3600


class Watch:
    """A journal that is written to, and the pass over it."""

    def __init__(self, enter: Enter, platform: Platform, clock: StillClock) -> None:
        self.enter, self.platform, self.clock = enter, platform, clock
        self.about = list[str]()  # whose alerts are looked at; ours sign in from ever new devices

    async def note(self, *entries: Entry) -> list[int]:
        return [(await self.platform.journal.append(one)).sequence for one in entries]

    async def look(self, times: int = 1, person: str = PERSON) -> list[int]:
        expires = rfc3339(utc_now(self.clock))
        one = LiveOpened(person, CAMERA, "main", None, "192.0.2.7", expires)
        return [number for _ in range(times) for number in await self.note(one)]

    async def habit(self, looks: int = 2, days: int = DAYS_NEEDED) -> None:
        """So many looks at noon on each of so many days, raised nothing of; then it is noon again."""
        for _ in range(days):
            await self.look(looks)
            await self.platform.parts.raising.round()
            self.clock.wait(DAY)

    async def auditor(self) -> Desk:
        return await desk(self.enter, Role.AUDITOR)

    async def alerts(self) -> list[dict[str, Any]]:
        await self.platform.parts.raising.round()
        client = (await self.auditor()).client
        items: list[dict[str, Any]] = (await client.get("/api/v1/alerts")).json()["items"]
        return [one for one in items if one["data"]["person"] in (PERSON, None, *self.about)]

    async def signs(self) -> list[tuple[str, str, int]]:
        data = [one["data"] for one in await self.alerts()]
        return sorted((one["sign"], one["source"], one["count"]) for one in data)


@pytest.fixture
def watch(enter: Enter, platform: Platform, clock: StillClock) -> Watch:
    return Watch(enter, platform, clock)


async def test_R31_2_ten_times_the_median_is_raised_once_with_its_evidence(watch: Watch) -> None:
    await watch.habit()
    numbers = await watch.look(19)
    assert await watch.alerts() == []
    numbers += await watch.look(1)
    (alert,) = await watch.alerts()
    data = alert["data"]
    assert (data["sign"], data["count"], data["act"]) == ("volume", 20, "unauthorised_access_or_repurpose")
    assert data["entries"] == numbers
    assert (data["person"], alert["subject"]) == (PERSON, PERSON)
    assert "20" in data["what"]
    await watch.look(30)
    assert len(await watch.alerts()) == 1
    watch.clock.wait(DAY)
    await watch.look(20)
    assert len(await watch.alerts()) == 2  # another day


async def test_R31_2_a_newcomer_has_no_habit_to_be_compared_with(watch: Watch) -> None:
    await watch.habit(days=DAYS_NEEDED - 1)
    await watch.look(500)
    assert await watch.alerts() == []


async def test_R31_2_at_an_hour_at_which_one_never_looks(watch: Watch) -> None:
    await watch.habit()
    watch.clock.wait(12 * HOUR)
    (number, _) = await watch.look(2)
    (alert,) = await watch.alerts()
    assert (alert["data"]["sign"], alert["data"]["entries"]) == ("hours", [number])


@pytest.mark.parametrize(
    ("from_h", "to_h", "signs"),
    [(-1, 8, []), (-8, -0.6, ["hours"]), (-8, -0.4, []), (0.4, 8, []), (0.6, 8, ["hours"])],
)
async def test_R31_2_outside_the_own_shift(
    watch: Watch, database: Database, from_h: float, to_h: float, signs: list[str]
) -> None:
    """Twelve hours after the usual one, on a shift or not."""
    await watch.habit()
    watch.clock.wait(12 * HOUR)
    now = utc_now(watch.clock)
    start, end = (now + timedelta(hours=hours) for hours in (from_h, to_h))

    async def roster(session: AsyncSession) -> None:
        ids = {"shift": uuid4(), "person": UUID(PERSON), "platform": uuid4()}
        session.add(ShiftPostRow(**ids, post="watch", is_watch=True, start_at=start, end_at=end))

    await database.run(roster)
    await watch.look()
    assert [one["data"]["sign"] for one in await watch.alerts()] == signs


@pytest.mark.parametrize(("east", "signs"), [(0.0020, ["own_address"]), (0.0030, []), (None, [])])
async def test_R31_2_cameras_around_the_own_address(
    watch: Watch, enter: Enter, database: Database, east: float | None, signs: list[str]
) -> None:
    """A degree of longitude has 78 km there: 156 m and 234 m."""
    sysadmin = await enter(Role.SYSADMIN)
    wish = {"name": "近邻", "roles": ["watcher"], "home": "126.6412,45.7567"}
    added = await sysadmin.post("/api/v1/people", json=wish)
    assert added.status_code == 201, added.text
    registrar = await enter(Role.REGISTRAR)
    camera = {"name": "东门", "url": "rtsp://192.0.2.1/main"}
    id_ = UUID((await registrar.post("/api/v1/cameras", json=camera)).json()["id"])

    async def placed(session: AsyncSession) -> None:
        file = await session.get_one(CameraFileRow, id_)
        if east is not None:
            file.longitude, file.latitude = 126.6412 + east, 45.7567

    await database.run(placed)
    person = added.json()["id"]
    watch.about.append(person)
    expires = rfc3339(utc_now(watch.clock))
    await watch.note(*[LiveOpened(person, str(id_), "main", None, "192.0.2.7", expires)] * 2)
    assert [one["data"]["sign"] for one in await watch.alerts()] == signs


async def test_what_is_long_past_makes_a_habit_but_no_alert(watch: Watch) -> None:
    for _ in range(DAYS_NEEDED):
        await watch.look(2)
        watch.clock.wait(DAY)
    await watch.look(50)
    watch.clock.wait(3 * DAY)
    assert await watch.alerts() == []


async def test_whoever_an_alert_is_about_never_sees_it(watch: Watch, platform: Platform) -> None:
    client = (await desk(watch.enter, Role.PUBLIC_SECURITY, body="public_security")).client
    me = (await client.get("/api/v1/session")).json()["person"]["id"]
    watch.about.append(me)
    for _ in range(DAYS_NEEDED):
        await watch.look(1, me)
        watch.clock.wait(DAY)
    client = (await desk(watch.enter, Role.PUBLIC_SECURITY, body="public_security")).client
    await watch.look(10, me)
    (alert,) = [one for one in await watch.alerts() if one["data"]["sign"] == "volume"]
    assert (await client.get("/api/v1/alerts", params={"q": "volume"})).json()["items"] == []
    assert (await client.get(f"/api/v1/alerts/{alert['id']}")).status_code == 404


async def test_R31_4_five_failures_lock_and_alert(watch: Watch, enter: Enter) -> None:
    stranger = await enter()
    answers = []
    for _ in range(6):
        body = {"name": "nobody", "password": "wrong password"}
        answers.append(await stranger.post("/api/v1/session", json=body, headers={"Origin": ORIGIN}))
    assert [one.status_code for one in answers] == [401] * 5 + [429]
    ((sign, source, count),) = await watch.signs()
    assert (sign, count) == ("failed_sign_ins", 1)
    assert source


def suspected(sign: Sign, address: str, person: str = "") -> Entry:
    return IntrusionSuspected("", person, sign, address)


def test_R31_4_every_sign_of_intrusion_has_its_words() -> None:
    assert {*Sign, *INTRUSIVE} <= SIGNS.keys()


async def test_R31_4_a_device_that_guesses_from_many_ports_is_one_source(watch: Watch) -> None:
    await watch.note(*[suspected(Sign.GUESSING, f"192.0.2.66:{port}") for port in (5060, 5061)])
    watch.clock.wait(301)
    assert await watch.signs() == [("camera_password", "192.0.2.0/24", 2)]


def finding(kind: str, camera: str = CAMERA) -> Entry:
    start, end = "2026-01-01T04:00:00Z", "2026-01-01T04:00:10Z"
    return FindingMade(str(uuid4()), camera, str(uuid4()), kind, start, end, "detail")


@pytest.mark.parametrize(
    ("found", "sign", "told"),
    [
        ("removed", "footage_deleted", "deleted"),
        ("early_deleted", "footage_deleted", "deleted"),
        ("altered", "footage_changed", "changed"),
        ("reordered", "footage_changed", "changed"),
        ("inserted", "footage_added", "added"),
    ],
)
async def test_R31_6_originals_deleted_changed_or_added_to_raise_an_alert(
    watch: Watch, found: str, sign: str, told: str
) -> None:
    entries = await watch.note(finding(found), finding(found))
    (alert,) = await watch.alerts()
    data = alert["data"]
    assert (data["act"], data["sign"], data["camera"]) == ("tamper_originals", sign, CAMERA)
    assert f"original records {told}: 2026-01-01 12:00:00–2026-01-01 12:00:10" in data["what"]
    assert (data["source"], data["person"]) == ("", None)
    watch.clock.wait(301)
    (alert,) = await watch.alerts()
    assert (alert["data"]["count"], alert["data"]["entries"]) == (2, entries)


async def test_R31_6_a_whole_disk_touched_floods_nobody(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raising, "SOURCES_MAX", 3)
    await watch.note(*[finding("removed", str(uuid4())) for _ in range(100)])
    watch.clock.wait(301)
    alerts = [one["data"] for one in await watch.alerts()]
    assert len(alerts) == 4
    (rest,) = [one for one in alerts if one["camera"] is None]
    assert rest["act"] == "tamper_originals"


async def test_R31_4_one_alert_a_source_and_hour_counted(watch: Watch) -> None:
    refused = TicketsRefused("media-0", "bad_ticket", "192.0.2.1", 40, rfc3339(utc_now(watch.clock)))
    first = await watch.note(suspected(Sign.REPLAYED_CODE, "192.0.2.1"), refused)
    assert await watch.signs() == [("bad_ticket", "192.0.2.0/24", 40), ("replayed_code", "192.0.2.0/24", 1)]
    more = await watch.note(*[suspected(Sign.REPLAYED_CODE, f"192.0.2.{n}") for n in range(9)])
    assert ("replayed_code", "192.0.2.0/24", 1) in await watch.signs()  # told every few minutes
    watch.clock.wait(301)
    assert ("replayed_code", "192.0.2.0/24", 10) in await watch.signs()
    alert = next(one for one in await watch.alerts() if one["data"]["sign"] == "replayed_code")
    assert alert["data"]["entries"] == [first[0], *more]
    watch.clock.wait(3600)
    await watch.note(suspected(Sign.REPLAYED_CODE, "192.0.2.1"))
    assert len(await watch.alerts()) == 3  # another hour


async def test_what_came_at_the_end_of_an_hour_is_counted_too(watch: Watch) -> None:
    await watch.note(suspected(Sign.OTHER_DEVICE, "192.0.2.1", PERSON))
    await watch.platform.parts.raising.round()
    watch.clock.wait(3599)
    await watch.note(suspected(Sign.OTHER_DEVICE, "192.0.2.1", PERSON))
    await watch.platform.parts.raising.round()
    watch.clock.wait(10)
    assert await watch.signs() == [("other_device", "192.0.2.0/24", 2)]


async def test_R31_4_an_attack_from_everywhere_floods_nobody(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(raising, "SOURCES_MAX", 3)
    await watch.note(*[suspected(Sign.FAILED_SIGN_INS, f"198.51.{n}.1") for n in range(100)])
    await watch.platform.parts.raising.round()
    watch.clock.wait(301)
    signs = await watch.signs()
    assert len(signs) == 4
    assert ("failed_sign_ins", "", 97) in signs


async def test_R31_4_only_a_later_device_is_unknown(watch: Watch) -> None:
    def signed_in(is_known: bool) -> Entry:
        return SignedIn(PERSON, "192.0.2.1", "desktop", is_known)

    await watch.note(signed_in(False), signed_in(True))
    assert await watch.signs() == []
    await watch.note(signed_in(False))
    ((sign, _, count),) = await watch.signs()
    assert (sign, count) == ("unknown_device", 1)


async def test_an_alert_is_explained_or_becomes_an_incident(watch: Watch) -> None:
    await watch.note(suspected(Sign.OTHER_DEVICE, "192.0.2.1"), suspected(Sign.REPLAYED_CODE, "192.0.2.1"))
    one, other = await watch.alerts()
    auditor = await watch.auditor()
    explained = await auditor.stepped("alerts", one["id"], "explain", explanation="换了电脑")
    assert (explained["state"], explained["data"]["explanation"]) == ("explained", "换了电脑")
    assert (await auditor.stepped("alerts", other["id"], "pass_on"))["state"] == "passed_on"
    assert (await auditor.step("alerts", other["id"], "dismiss", explanation="x")).status_code == 403
    police = await desk(watch.enter, Role.PUBLIC_SECURITY, body="public_security")
    happened = rfc3339(utc_now(watch.clock))
    incident = await police.opened("incidents", act="intrude", description="重放", happened=happened)
    referred = await police.stepped("alerts", other["id"], "refer", incident=incident)
    assert (referred["state"], referred["data"]["incident"]) == ("referred", incident)


async def test_nobody_raises_one_by_hand_and_few_read_them(watch: Watch) -> None:
    await watch.note(suspected(Sign.OTHER_DEVICE, "192.0.2.1"))
    assert len(await watch.alerts()) == 1
    for role in (Role.AUDITOR, Role.PUBLIC_SECURITY, Role.WATCHER):
        assert (await (await desk(watch.enter, role)).open("alerts")).status_code == 403, role
    for role in (Role.WATCHER, Role.CUSTODIAN, Role.SYSADMIN, Role.REGISTRAR):
        assert (await (await watch.enter(role)).get("/api/v1/alerts")).status_code == 403, role


async def test_the_pass_goes_on_where_it_ended(watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raising, "BLOCK", 2)
    await watch.note(*[suspected(Sign.REPLAYED_CODE, f"198.51.{n}.1") for n in range(7)])
    began = [datetime.fromisoformat(one["data"]["began"]) for one in await watch.alerts()]
    assert len(began) == 7
    assert len(await watch.alerts()) == 7
