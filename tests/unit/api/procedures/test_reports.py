"""The compliance report (art. 32) and the work group's overview (art. 5¶2) through the API."""

import csv
import hashlib
import io
from typing import Any

import pytest

from bingjian.access.decisions import Role
from bingjian.inventory.organisations import body_id
from bingjian.journal.append import Journal
from tests.backend import StillClock, kinds
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.office import Desk, desk
from tests.unit.api.procedures.test_conduct import police
from tests.unit.api.procedures.test_supervising import HOUR, ORDERS, at, office, order, unit

REPORT = "/api/v1/reports/compliance"


async def report(someone: Desk, **params: Any) -> list[dict[str, Any]]:
    answer = await someone.client.get(REPORT, params=params)
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()
    return rows


async def broken(enter: Enter, clock: StillClock, document: str) -> dict[str, str]:
    """A city with an overdue order, one met late, one met in time, an incident, and a case."""
    supervisor, judge = await office(enter), await police(enter)
    late, overdue, good = [await supervisor.opened(ORDERS, **order(clock)) for _ in range(3)]
    done = {"report": "x", "evidence": [document]}
    await (await unit(enter)).stepped(ORDERS, good, "report", **done)
    watcher = await desk(enter, Role.WATCHER)
    fact = {"text": "镜头被喷漆", "documents": [document]}
    act = {"act": "block_device", "happened": at(clock, 0), "facts": [fact], "division": "230102"}
    incident = await watcher.opened("incidents", **act)
    await judge.stepped("incidents", incident, "confirm")
    case = await judge.opened("cases", code="R28.1", facts=[fact], zh="警告", en="a warning")
    clock.wait(HOUR + 1)
    await (await unit(enter)).stepped(ORDERS, late, "report", **done)
    return {"late": late, "overdue": overdue, "good": good, "incident": incident, "case": case}


async def test_R32_3_all_breaches_by_article_with_their_evidence(
    enter: Enter, clock: StillClock, document: str
) -> None:
    made = await broken(enter, clock, document)
    rows = await report(await office(enter))
    # The decree forbids covering devices too; its articles come behind those of the measures.
    assert [row["code"] for row in rows] == ["R5.2", "R5.2", "R28.1", "R31.8", "N23"]
    evidence = {one for row in rows for one in row["evidence"]}
    assert {made["late"], made["overdue"], made["incident"], made["case"], document} <= evidence
    assert made["good"] not in evidence
    assert rows[2]["consequence"] == {"zh": "警告", "en": "a warning"}
    assert rows[3]["article"] == "31(8)"
    assert "N" in rows[4]["article"]
    assert rows[4]["consequence"]["zh"]  # what the decree's penalties say


async def test_R32_3_the_same_events_give_the_same_bytes(
    enter: Enter, clock: StillClock, document: str, journal: Journal
) -> None:
    await broken(enter, clock, document)
    supervisor, moment = await office(enter), at(clock, 0)
    first = (await supervisor.client.get(REPORT, params={"at": moment})).content
    newest = (await journal.read(1))[0]
    assert newest.kind == "report.made"
    assert newest.entry["sha256"] == hashlib.sha256(first).hexdigest()
    clock.wait(HOUR)
    late = await office(enter)
    again = (await late.client.get(REPORT, params={"at": moment})).content
    assert hashlib.sha256(first).digest() == hashlib.sha256(again).digest()


async def test_R32_3_a_report_of_an_instant_knows_nothing_later(
    enter: Enter, clock: StillClock, document: str
) -> None:
    moment = at(clock, 0)
    made = await broken(enter, clock, document)
    supervisor = await office(enter)
    before = [row["code"] for row in await report(supervisor, at=moment)]
    assert before == ["R28.1", "R31.8", "N23"]  # the orders were not overdue then
    judge = await police(enter)
    wish = {"citation": "《某法》第一条", "zh": "罚款", "en": "a fine"}
    clock.wait(1)
    await judge.stepped("cases", made["case"], "cite", **wish)
    (then,) = [row for row in await report(supervisor, at=moment) if row["code"] == "R28.1"]
    (now,) = [row for row in await report(supervisor) if row["code"] == "R28.1"]
    assert (then["consequence"]["zh"], now["consequence"]["zh"]) == ("警告", "罚款")
    assert (then["facts"], now["citation"]) == (now["facts"], "《某法》第一条")


async def test_R32_3_a_report_of_the_future_is_a_contradiction(enter: Enter, clock: StillClock) -> None:
    answer = await (await office(enter)).client.get(REPORT, params={"at": at(clock, 1)})
    assert (answer.status_code, answer.json()["code"]) == (422, "contradiction")


async def test_R32_3_what_was_refused_is_no_breach(enter: Enter, clock: StillClock) -> None:
    supervisor = await office(enter)
    assert (await supervisor.open(ORDERS, **order(clock, text=" "))).status_code == 403
    assert await report(supervisor) == []


async def test_R32_3_a_report_keeps_to_the_persons_areas(
    enter: Enter, clock: StillClock, document: str
) -> None:
    await broken(enter, clock, document)
    other = await desk(enter, Role.PUBLIC_SECURITY, areas=("230103",))
    assert "R31.8" not in [row["code"] for row in await report(other)]
    own = await desk(enter, Role.PUBLIC_SECURITY, areas=("230102",))
    assert "R31.8" in [row["code"] for row in await report(own)]


async def test_R32_3_R35_1_cases_against_staff_are_in_no_report(enter: Enter, clock: StillClock) -> None:
    discipline = await desk(enter, Role.DISCIPLINE_BODY)
    wish = {"against": "赵某", "unit": str(body_id("transport")), "offence": "neglect_of_duty"}
    await discipline.opened("staff-cases", **wish)
    assert await report(await desk(enter, Role.AUDITOR)) == []
    assert "staff_case" not in (await (await office(enter)).client.get("/api/v1/reports/overview")).text


async def test_the_same_report_for_a_spreadsheet(enter: Enter, clock: StillClock, document: str) -> None:
    await broken(enter, clock, document)
    judge = await police(enter)
    hostile = {"citation": "=HYPERLINK(1)", "zh": "@罚款", "en": "+fine"}
    case = await judge.opened("cases", code="R28.1", facts=[{"text": "x"}])
    await judge.stepped("cases", case, "cite", **hostile)
    supervisor = await office(enter)
    answer = await supervisor.client.get(REPORT, params={"format": "csv"})
    assert answer.headers["content-disposition"].endswith('.csv"')
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["code"] for row in rows] == [row["code"] for row in await report(supervisor)]
    assert {row["citation"] for row in rows} == {"", "'=HYPERLINK(1)"}


@pytest.mark.parametrize("role", [Role.WATCHER, Role.SYSADMIN, Role.BUILDER])
async def test_reports_are_not_for_everybody(enter: Enter, role: Role) -> None:
    someone = await desk(enter, role)
    for url in (REPORT, "/api/v1/reports/overview"):
        assert (await someone.client.get(url)).status_code == 403


async def test_R5_2_five_themes_with_the_figures_of_every_district(
    enter: Enter, clock: StillClock, document: str
) -> None:
    await broken(enter, clock, document)
    keeper = await enter(Role.REGISTRAR)
    for division in ("230102", "230102", "230103"):
        file = {"name": "卡口", "division": division}
        assert (await keeper.post("/api/v1/camera-files", json=file)).status_code == 201
    found = (await (await office(enter)).client.get("/api/v1/reports/overview")).json()
    assert len(found["divisions"]) == 18
    themes = {one["theme"]: one for one in found["themes"]}
    assert list(themes) == ["building", "networking", "sharing", "use", "maintenance"]
    orders = [one for one in themes["maintenance"]["figures"] if one["kind"] == "rectification"]
    assert {(one["state"], one["count"]) for one in orders} == {("issued", 1), ("reported", 2)}
    cameras = [one for one in themes["use"]["figures"] if one["kind"] == "camera"]
    assert {(one["division"], one["state"], one["count"]) for one in cameras} == {
        ("230102", "planned", 2),
        ("230103", "planned", 1),
    }
    (owed,) = themes["building"]["duties"]
    assert (owed["code"], owed["division"], owed["open"], owed["overdue"]) == ("R5.2", "", 1, 1)


async def test_R5_2_the_overview_of_a_district_is_its_own(
    enter: Enter, clock: StillClock, document: str, journal: Journal
) -> None:
    await broken(enter, clock, document)
    own = await desk(enter, Role.REGISTRAR, areas=("230103",))
    found = (await own.client.get("/api/v1/reports/overview")).json()
    assert [one["code"] for one in found["divisions"]] == ["230103"]
    assert "incident" not in {one["kind"] for theme in found["themes"] for one in theme["figures"]}
    assert "view.live" not in await kinds(journal)
