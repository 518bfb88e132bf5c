"""Art. 32 and Decree 799 arts. 12, 24, 25 through the API: inspections, questions, public reports, flaws."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Role
from bingjian.access.grants import Decided, give
from bingjian.db.session import Database
from bingjian.inventory.organisations import body_id
from bingjian.journal.append import Journal
from bingjian.rules.decisions.serving import AccessGrant
from bingjian.rules.library import law
from tests.backend import StillClock, kinds
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.counter import ELEVEN, NOON, TEN
from tests.unit.api.procedures.office import Desk, codes, desk
from tests.unit.api.procedures.test_conduct import police
from tests.unit.api.procedures.test_supervising import at, state_of
from tests.unit.api.test_cameras import registered

HOUR = 3600
UNIT = str(body_id("transport"))


async def inspector(enter: Enter, **more: Any) -> Desk:
    return await desk(enter, Role.INSPECTOR, body="public_security", **more)


async def inspected(enter: Enter, clock: StillClock, **more: Any) -> tuple[Desk, str]:
    """An inspector named in an inspection that begins in an hour and lasts one."""
    looks = await inspector(enter)
    person = (await looks.client.get("/api/v1/session")).json()["person"]["id"]
    wish = {"begin": at(clock, HOUR), "until": at(clock, 2 * HOUR), "inspectors": [person], **more}
    return looks, await (await police(enter)).opened("supervisions", **wish)


@pytest.mark.parametrize(
    ("wait", "status"), [(HOUR - 1, 403), (HOUR, 200), (2 * HOUR, 200), (2 * HOUR + 1, 403)]
)
async def test_R32_1_an_inspection_account_reads_within_its_period(
    enter: Enter, clock: StillClock, wait: float, status: int
) -> None:
    await inspected(enter, clock)
    clock.wait(wait)
    looks = await inspector(enter)
    for url in ("camera-files", "duties", "reports/compliance", "reports/overview", "rectifications"):
        answer = await looks.client.get(f"/api/v1/{url}")
        assert answer.status_code == status, url
        assert status == 200 or codes(answer) == ["R32.1"]


async def test_R32_1_without_an_inspection_there_is_nothing_to_read(enter: Enter, journal: Journal) -> None:
    looks = await inspector(enter)
    assert codes(await looks.client.get("/api/v1/reports/overview")) == ["R32.1"]
    assert (await kinds(journal))[-1] == "refusal"
    assert (await looks.client.get("/api/v1/session")).status_code == 200


async def test_R32_1_an_inspector_changes_nothing_and_sees_no_footage(
    enter: Enter, clock: StillClock
) -> None:
    await inspected(enter, clock)
    clock.wait(HOUR)
    looks = await inspector(enter)
    camera = f"/api/v1/cameras/{body_id('health')}"
    assert codes(await looks.client.post("/api/v1/camera-files", json={"name": "x"})) == ["R32.1"]
    assert codes(await looks.client.delete(camera)) == ["R32.1"]
    assert codes(await looks.client.post(f"{camera}/playback", json={})) == ["R32.1"]


async def named(database: Database, looks: Desk, camera: str, expires: datetime) -> UUID:
    """A grant of art. 22 that names the inspector, over the footage of an hour."""
    person = (await looks.client.get("/api/v1/session")).json()["person"]["id"]
    granted = AccessGrant(
        *("criminal_case", frozenset({"view", "copy"}), frozenset({camera}), TEN, ELEVEN),
        *(frozenset({person}), expires),
    )

    async def work(session: AsyncSession) -> UUID:
        return give(session, Decided(uuid4(), "DY-1", granted, "检查组"), NOON).id

    return await database.run(work)


@pytest.mark.parametrize(("wait", "served"), [(HOUR + 599, True), (HOUR + 600, True), (HOUR + 601, False)])
async def test_R32_1_an_inspector_named_in_a_grant_looks_under_it_while_it_holds(
    enter: Enter, clock: StillClock, database: Database, journal: Journal, wait: float, served: bool
) -> None:
    await inspected(enter, clock)
    _, camera = await registered(enter)
    grant = await named(database, await inspector(enter), camera, NOON + timedelta(seconds=HOUR + 600))
    clock.wait(wait)
    looks = await inspector(enter)
    wish = {"start": TEN.isoformat(), "end": ELEVEN.isoformat(), "grant": str(grant)}
    answer = await looks.client.post(f"/api/v1/cameras/{camera}/playback", json=wish)
    if not served:
        assert codes(answer) == ["R32.1"]
        return
    assert answer.status_code == 201, answer.text
    (entry,) = await journal.read(1)
    assert (entry.kind, entry.entry["grant"]) == ("view.playback", str(grant))


@pytest.mark.parametrize(
    ("wait", "status"), [(HOUR - 1, 403), (HOUR, 201), (2 * HOUR, 201), (2 * HOUR + 1, 403)]
)
async def test_R32_1_a_grant_makes_no_inspection_longer(
    enter: Enter, clock: StillClock, database: Database, wait: float, status: int
) -> None:
    await inspected(enter, clock)
    _, camera = await registered(enter)
    grant = await named(database, await inspector(enter), camera, NOON + timedelta(days=1))
    clock.wait(wait)
    wish = {"start": TEN.isoformat(), "end": ELEVEN.isoformat(), "grant": str(grant)}
    looks = await inspector(enter)
    answer = await looks.client.post(f"/api/v1/cameras/{camera}/playback", json=wish)
    assert answer.status_code == status, answer.text
    assert status == 201 or codes(answer) == ["R32.1"]


async def test_R32_1_a_grant_shows_an_inspector_what_it_names_and_nothing_else(
    enter: Enter, clock: StillClock, database: Database
) -> None:
    await inspected(enter, clock)
    _, camera = await registered(enter)
    grant = await named(database, await inspector(enter), camera, NOON + timedelta(days=1))
    clock.wait(HOUR)
    client = (await inspector(enter)).client
    span = {"start": TEN.isoformat(), "end": ELEVEN.isoformat()}
    url = f"/api/v1/cameras/{camera}/playback"
    assert codes(await client.post(url, json=span)) == ["R22.8"]
    later = {"start": ELEVEN.isoformat(), "end": (ELEVEN + timedelta(seconds=1)).isoformat()}
    assert codes(await client.post(url, json=later | {"grant": str(grant)})) == ["R22.8"]
    other = f"/api/v1/cameras/{uuid4()}/playback"
    assert codes(await client.post(other, json=span | {"grant": str(grant)})) == ["R22.8"]
    live = await client.post(f"/api/v1/cameras/{camera}/live", json={"grant": str(grant)})
    assert codes(live)[0] == "R27.1"  # the table of rights gives inspectors no live pictures
    other_one = await inspector(enter, areas=("23",))
    assert codes(await other_one.client.post(url, json=span | {"grant": str(grant)})) == ["R32.1"]


async def test_R32_1_only_the_area_inspected_is_there(enter: Enter, clock: StillClock) -> None:
    await inspected(enter, clock, division="230102")
    keeper = await enter(Role.REGISTRAR)
    for division in ("230102", "230103"):
        wish = {"name": f"卡口 {division}", "division": division}
        assert (await keeper.post("/api/v1/camera-files", json=wish)).status_code == 201
    clock.wait(HOUR)
    looks = await inspector(enter)
    found = (await looks.client.get("/api/v1/camera-files")).json()["items"]
    assert [one["name"] for one in found] == ["卡口 230102"]
    figures = (await looks.client.get("/api/v1/reports/overview")).json()
    assert [one["code"] for one in figures["divisions"]] == ["230102"]


async def test_R32_1_an_inspection_is_extended_and_ends(enter: Enter, clock: StillClock) -> None:
    _, record = await inspected(enter, clock)
    opener = await police(enter)
    await opener.stepped("supervisions", record, "extend", until=at(clock, 3 * HOUR))
    clock.wait(2 * HOUR + 1)
    assert (await (await inspector(enter)).client.get("/api/v1/duties")).status_code == 200
    await (await police(enter)).stepped("supervisions", record, "close", summary="基本合格")
    assert codes(await (await inspector(enter)).client.get("/api/v1/duties")) == ["R32.1"]


async def test_N5_an_organ_inspects_its_own_territory(enter: Enter, clock: StillClock) -> None:
    district = await desk(enter, Role.PUBLIC_SECURITY, body="public_security", division="230102")
    person = (await (await inspector(enter)).client.get("/api/v1/session")).json()["person"]["id"]
    wish = {"begin": at(clock, 0), "until": at(clock, HOUR), "inspectors": [person]}
    assert (await district.open("supervisions", division="230102", **wish)).status_code == 201
    assert codes(await district.open("supervisions", division="230103", **wish)) == ["N5"]
    assert codes(await district.open("supervisions", **wish)) == ["N5"]


# --- R32.2


async def asked(enter: Enter, clock: StillClock) -> str:
    _, inspection = await inspected(enter, clock)
    opener = await police(enter)
    wish = {"organisation": UNIT, "text": "去年的巡检记录？", "due": at(clock, HOUR)}
    return await opener.opened("inquiries", subject=inspection, **wish)


@pytest.mark.parametrize(("wait", "expected"), [(HOUR - 1, "open"), (HOUR, "open"), (HOUR + 1, "overdue")])
async def test_R32_2_a_question_is_overdue_one_second_after_its_time(
    enter: Enter, clock: StillClock, wait: float, expected: str
) -> None:
    question = await asked(enter, clock)
    clock.wait(wait)
    (duty,) = (await (await police(enter)).look("inquiries", question))["duties"]
    assert (duty["code"], duty["owner"], duty["state"]) == ("R32.2", UNIT, expected)


@pytest.mark.parametrize(("wait", "is_late"), [(HOUR, False), (HOUR + 1, True)])
async def test_R32_2_the_unit_answers_for_itself(
    enter: Enter, clock: StillClock, document: str, wait: float, is_late: bool
) -> None:
    question = await asked(enter, clock)
    clock.wait(wait)
    other = await desk(enter, Role.DEPARTMENT_USER, body="health")
    wish = {"answer": "见附件", "documents": [document]}
    assert codes(await other.step("inquiries", question, "answer", **wish)) == ["R32.2"]
    unit = await desk(enter, Role.DEPARTMENT_USER, body="transport")
    done = await unit.stepped("inquiries", question, "answer", **wish)
    assert done["data"]["is_late"] is is_late
    assert await state_of(unit, question) == ["met_late" if is_late else "met"]
    opener = await police(enter)
    await opener.stepped("inquiries", question, "send_back", remarks="缺第三季度")
    (owed,) = (await opener.look("inquiries", question))["duties"]
    assert owed["state"] == ("overdue" if is_late else "open")


@pytest.mark.parametrize(("due", "text", "status"), [(0, "问", 201), (-1, "问", 403), (0, " ", 403)])
async def test_R32_2_a_question_has_a_text_and_time(
    enter: Enter, clock: StillClock, due: float, text: str, status: int
) -> None:
    _, inspection = await inspected(enter, clock)
    wish = {"organisation": UNIT, "text": text, "due": at(clock, due)}
    answer = await (await police(enter)).open("inquiries", subject=inspection, **wish)
    assert answer.status_code == status
    assert status == 201 or codes(answer) == ["R32.2"]


# --- N24, N25


def report(**more: Any) -> dict[str, Any]:
    return {"kind": "forbidden_place", "place": "某浴室更衣区", "division": "230102", **more}


async def test_N24_N25_a_report_is_taken_looked_into_and_answered_with_reasons(
    enter: Enter, document: str
) -> None:
    taker = await police(enter)
    record = await taker.opened("public-reports", **report())
    found = {"is_unlawful": True, "findings": "现场查获一台", "documents": [document]}
    assert codes(await taker.step("public-reports", record, "look_into", **found)) == ["N25"]
    await taker.stepped("public-reports", record, "look_into", **found, reason="群众举报核查")
    done = await taker.stepped("public-reports", record, "settle", answer="已拆除", reason="答复举报人")
    assert (done["state"], done["data"]["reasons"]) == ("settled", ["群众举报核查", "答复举报人"])


@pytest.mark.parametrize("fault", [{"kind": "noise"}, {"place": " "}])
async def test_N24_a_report_says_what_and_where(enter: Enter, fault: dict[str, str]) -> None:
    assert codes(await (await police(enter)).open("public-reports", **report(**fault))) == ["N24"]


# --- N12


LIMIT = 24 * HOUR
STEPS = list(law().codes("flaw_step"))


async def flaw(enter: Enter, clock: StillClock) -> tuple[Desk, str]:
    holder = await desk(enter, Role.MAINTAINER, body="transport")
    wish = {"product": "某型摄像机", "description": "默认口令", "found": at(clock, 0)}
    return holder, await holder.opened("flaws", **wish)


@pytest.mark.parametrize(("wait", "expected"), [(LIMIT - 1, "open"), (LIMIT, "open"), (LIMIT + 1, "overdue")])
async def test_N12_each_step_about_a_flaw_has_its_clock(
    enter: Enter, clock: StillClock, wait: float, expected: str
) -> None:
    _, record = await flaw(enter, clock)
    clock.wait(wait)
    holder = await desk(enter, Role.MAINTAINER, body="transport")
    duties = (await holder.look("flaws", record))["duties"]
    assert [one["state"] for one in duties] == [expected] * len(STEPS)


@pytest.mark.parametrize(("wait", "is_late"), [(LIMIT, False), (LIMIT + 1, True)])
async def test_N12_a_flaw_is_closed_once_fixed_told_and_reported(
    enter: Enter, clock: StillClock, document: str, wait: float, is_late: bool
) -> None:
    _, record = await flaw(enter, clock)
    clock.wait(wait)
    holder = await desk(enter, Role.MAINTAINER, body="transport")
    for step in STEPS:
        assert codes(await holder.step("flaws", record, "close")) == ["N12"]
        taken = await holder.stepped("flaws", record, "take", step=step, documents=[document], note="已办")
    assert taken["data"]["is_late"] is is_late
    assert (await holder.stepped("flaws", record, "close"))["state"] == "closed"
    assert await state_of(holder, record) == ["met_late" if is_late else "met"] * len(STEPS)


async def test_N12_a_step_of_no_name_is_refused(enter: Enter, clock: StillClock, document: str) -> None:
    holder, record = await flaw(enter, clock)
    answer = await holder.step("flaws", record, "take", step="hide", documents=[document], note="x")
    assert (answer.status_code, answer.json()["code"]) == (422, "contradiction")
