"""Art. 5¶2 through the API: appointments, the office's orders, and supervision without footage."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from bingjian.access.decisions import Role
from bingjian.inventory.organisations import body_id
from bingjian.journal.append import Journal
from tests.backend import StillClock, kinds
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.office import Desk, codes, desk

HOUR = 3600
ORDERS = "rectifications"
UNIT = str(body_id("transport"))


def at(clock: StillClock, seconds: float) -> str:
    """So many seconds from now."""
    now = datetime.fromtimestamp(clock.now_ns / 1e9, UTC)
    return (now + timedelta(seconds=seconds)).isoformat()


async def office(enter: Enter) -> Desk:
    return await desk(enter, Role.WORKGROUP_OFFICE, body="workgroup_office")


async def unit(enter: Enter) -> Desk:
    return await desk(enter, Role.DEPARTMENT_USER, body="transport")


def order(clock: StillClock, **more: Any) -> dict[str, Any]:
    wish = {"organisation": UNIT, "theme": "maintenance", "text": "补齐提示标识", "due": at(clock, HOUR)}
    return {**wish, **more}


async def state_of(someone: Desk, record: str) -> list[str]:
    """Of every duty about a record, however it ended."""
    params = {"subject": record, "state": ["open", "overdue", "met", "met_late", "lapsed"]}
    found = await someone.client.get("/api/v1/duties", params=params)
    return [one["state"] for one in found.json()["items"]]


@pytest.mark.parametrize(("wait", "expected"), [(HOUR - 1, "open"), (HOUR, "open"), (HOUR + 1, "overdue")])
async def test_R5_2_an_order_is_overdue_one_second_after_its_time(
    enter: Enter, clock: StillClock, wait: float, expected: str
) -> None:
    record = await (await office(enter)).opened(ORDERS, **order(clock))
    clock.wait(wait)
    whole = await (await office(enter)).look(ORDERS, record)
    (duty,) = whole["duties"]
    assert (duty["code"], duty["owner"], duty["state"]) == ("R5.2", UNIT, expected)


@pytest.mark.parametrize(("wait", "is_late"), [(HOUR, False), (HOUR + 1, True)])
async def test_R5_2_an_order_is_met_only_by_evidence_late_is_marked(
    enter: Enter, clock: StillClock, document: str, wait: float, is_late: bool
) -> None:
    record = await (await office(enter)).opened(ORDERS, **order(clock))
    clock.wait(wait)
    asked = await unit(enter)
    bare = await asked.step(ORDERS, record, "report", report="已补齐", evidence=[])
    assert bare.status_code == 422
    done = await asked.stepped(ORDERS, record, "report", report="已补齐", evidence=[document])
    assert (done["state"], done["data"]["is_late"]) == ("reported", is_late)
    assert await state_of(asked, record) == ["met_late" if is_late else "met"]


async def test_R5_2_nobody_else_reports_for_the_unit(enter: Enter, clock: StillClock, document: str) -> None:
    record = await (await office(enter)).opened(ORDERS, **order(clock))
    other = await desk(enter, Role.DEPARTMENT_USER, body="health")
    assert codes(await other.step(ORDERS, record, "report", report="x", evidence=[document])) == ["R5.2"]


async def test_R5_2_what_is_sent_back_is_owed_again_by_the_same_instant(
    enter: Enter, clock: StillClock, document: str
) -> None:
    supervisor = await office(enter)
    record = await supervisor.opened(ORDERS, **order(clock))
    await (await unit(enter)).stepped(ORDERS, record, "report", report="x", evidence=[document])
    await supervisor.stepped(ORDERS, record, "send_back", remarks="证明与要求不符")
    (duty,) = (await supervisor.look(ORDERS, record))["duties"]
    assert datetime.fromisoformat(duty["due_at"]) - datetime.fromisoformat(at(clock, HOUR)) == timedelta(
        microseconds=1
    )
    clock.wait(HOUR + 1)
    (duty,) = (await (await office(enter)).look(ORDERS, record))["duties"]
    assert duty["state"] == "overdue"


async def test_R5_2_an_order_put_off_or_withdrawn(enter: Enter, clock: StillClock) -> None:
    supervisor = await office(enter)
    record = await supervisor.opened(ORDERS, **order(clock))
    await supervisor.stepped(ORDERS, record, "extend", due=at(clock, 2 * HOUR), remarks="备件未到")
    clock.wait(HOUR + 1)
    (duty,) = (await (await office(enter)).look(ORDERS, record))["duties"]
    assert duty["state"] == "open"
    await (await office(enter)).stepped(ORDERS, record, "withdraw", remarks="系统已退役")
    assert await state_of(await office(enter), record) == ["lapsed"]


@pytest.mark.parametrize("fault", [{"text": " "}, {"theme": "weather"}])
async def test_R5_2_an_order_without_text_or_of_no_theme(
    enter: Enter, clock: StillClock, fault: dict[str, str]
) -> None:
    assert codes(await (await office(enter)).open(ORDERS, **order(clock, **fault))) == ["R5.2"]


async def test_R5_2_an_order_due_before_it_is_issued_contradicts_itself(
    enter: Enter, clock: StillClock
) -> None:
    answer = await (await office(enter)).open(ORDERS, **order(clock, due=at(clock, -1)))
    assert (answer.status_code, answer.json()["code"]) == (422, "contradiction")


async def test_R5_2_the_office_goes_to_the_data_authority_alone(
    enter: Enter, clock: StillClock, document: str, journal: Journal
) -> None:
    government = await desk(enter, Role.GOVERNMENT, body="city_government")
    wish = {"appointment": "workgroup_office", "document": document}
    other = await government.open("appointments", organisation=UNIT, **wish)
    assert codes(other) == ["R5.2"]
    assert (await kinds(journal))[-1] == "refusal"
    authority = str(body_id("city_data_authority"))
    held = await government.opened("appointments", organisation=authority, **wish)
    # The authority is now the office; the body of that name no longer is.
    late = await office(enter)
    assert codes(await late.open(ORDERS, **order(clock))) == ["R5.2"]
    now = await desk(enter, Role.WORKGROUP_OFFICE, body="city_data_authority")
    assert (await now.open(ORDERS, **order(clock))).status_code == 201
    await government.stepped("appointments", held, "end", reason="机构改革")
    assert (await late.open(ORDERS, **order(clock))).status_code == 201


@pytest.mark.parametrize(
    ("body", "status"), [("transport", 403), ("city_data_authority", 201), ("workgroup_office", 201)]
)
async def test_R5_2_an_account_of_the_office_belongs_to_its_holder(
    enter: Enter, body: str, status: int
) -> None:
    keeper = await enter(Role.SYSADMIN)
    wish = {"name": "王", "roles": ["workgroup_office"], "organisation": str(body_id(body))}
    answer = await keeper.post("/api/v1/people", json=wish)
    assert answer.status_code == status, answer.text
    assert status == 201 or answer.json()["code"] == "R5.2"


async def test_R5_2_nor_may_an_account_be_moved_there(enter: Enter) -> None:
    keeper = await enter(Role.SYSADMIN)
    wish = {"name": "王", "roles": ["workgroup_office"]}
    person = (await keeper.post("/api/v1/people", json=wish)).json()["id"]
    answer = await keeper.patch(f"/api/v1/people/{person}", json={"organisation": UNIT})
    assert (answer.status_code, answer.json()["code"]) == (403, "R5.2")


@pytest.mark.parametrize("look", ["live", "playback", "snapshot"])
async def test_R5_2_R21_1_the_office_sees_figures_but_no_footage(
    enter: Enter, journal: Journal, look: str
) -> None:
    supervisor = await office(enter)
    url = f"/api/v1/cameras/{uuid4()}/{look}"
    method = "GET" if look == "snapshot" else "POST"
    answer = await supervisor.client.request(method, url, json={} if method == "POST" else None)
    assert codes(answer) == ["R21.1"]
    assert answer.json()["article"] == "21"
    assert (await kinds(journal))[-1] == "refusal"
    assert (await supervisor.client.get("/api/v1/reports/overview")).status_code == 200


async def test_R5_2_a_coordination_body_of_city_and_district(
    enter: Enter, clock: StillClock, document: str
) -> None:
    government = await desk(enter, Role.GOVERNMENT, body="city_government")
    member = {"organisation": UNIT, "name": "李", "post": "副局长"}
    for division in ("", "230102"):
        body = await government.opened("coordinations", division=division, members=[member])
        meeting = {"at": at(clock, 0), "topic": "联网进度", "minutes": [document]}
        await government.stepped("coordinations", body, "meet", meeting=meeting)
        decision = {"text": "年底前完成联网", "decided": at(clock, 0), "document": document}
        decided = await government.stepped("coordinations", body, "decide", decision=decision)
        assert [one["text"] for one in decided["data"]["decisions"]] == ["年底前完成联网"]
        assert [one["topic"] for one in decided["data"]["meetings"]] == ["联网进度"]
    nobody = await government.open("coordinations", members=[])
    assert nobody.status_code == 422
