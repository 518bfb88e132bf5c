"""Arts. 21 and 22 through the API: what a request of a state organ needs, who decides it, and how."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Role
from bingjian.access.grants import GrantRow
from bingjian.api.platform import Platform
from bingjian.db.session import Database
from bingjian.inventory.camera_files import CameraFileRow
from bingjian.inventory.organisations import body_id
from bingjian.journal.append import Journal
from tests.backend import StillClock, kinds
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.counter import ELEVEN, NOON, ORGAN, REQUESTS, TEN, TOMORROW, Counter
from tests.unit.api.procedures.office import Desk, codes, desk
from tests.unit.api.procedures.setting import organisation

SECOND = timedelta(seconds=1)
HOUR_S = 3600


@pytest.fixture
async def counter(enter: Enter, document: str) -> Counter:
    made = Counter(enter, document)
    await made.open_up()
    return made


async def submission(counter: Counter, record: str) -> list[str]:
    """Codes of what bars it."""
    answer = await (await counter.officer()).step(REQUESTS, record, "submit")
    return codes(answer) if answer.status_code == 403 else []


async def grants(database: Database) -> list[GrantRow]:
    async with database.read() as session:
        return list(await session.scalars(select(GrantRow)))


# --- art. 21


async def test_R21_1_only_state_organs_ask(
    counter: Counter, enter: Enter, platform: Platform, database: Database
) -> None:
    insurer = await organisation(platform, database, "某保险公司", "firm")
    private = Desk(await enter(Role.OFFICER, organisation=insurer))
    record = await private.opened(REQUESTS, **counter.wish())
    refused = codes(await private.step(REQUESTS, record, "submit"))
    assert refused[0] == "R21.1"
    assert await submission(counter, await counter.drafted()) == []


async def test_R21_1_nobody_asks_for_another_organisation(counter: Counter) -> None:
    officer = await counter.officer()
    answer = await officer.open(REQUESTS, **counter.wish(), organisation=str(body_id("transport")))
    assert (answer.status_code, answer.json()["code"]) == (422, "contradiction")


@pytest.mark.parametrize("lacking", [{"number": " "}, {"purpose": None}, {"cameras": []}])
async def test_R21_2_number_purpose_and_each_camera_are_named(
    counter: Counter, lacking: dict[str, Any]
) -> None:
    record = await counter.drafted(2, **lacking)
    assert await submission(counter, record) == ["R21.2"]
    await (await counter.officer()).stepped(REQUESTS, record, "amend", **without_keeper(counter.wish()))
    assert await submission(counter, record) == []


def without_keeper(wish: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in wish.items() if name != "keeper"}


async def test_R21_2_a_wildcard_is_no_camera(counter: Counter) -> None:
    officer = await counter.officer()
    for camera in ("*", "%", "00000000-0000-0000-0000-0000000000ff"):
        answer = await officer.open(REQUESTS, **counter.wish(cameras=[camera]))
        assert answer.status_code == 422, camera


async def test_N20_the_legal_power_is_cited(counter: Counter) -> None:
    assert await submission(counter, await counter.drafted(power=" ")) == ["N20"]


@pytest.mark.parametrize("verbs", [[], ["forward"]])
async def test_R21_3_which_of_the_three_rights_is_said(counter: Counter, verbs: list[str]) -> None:
    assert await submission(counter, await counter.drafted(verbs=verbs)) == ["R21.3"]


@pytest.mark.parametrize("end", [TEN, TEN - SECOND, TEN + timedelta(milliseconds=500)])
async def test_an_interval_is_one_and_exact_to_the_second(counter: Counter, end: datetime) -> None:
    officer = await counter.officer()
    answer = await officer.open(REQUESTS, **counter.wish(end=end.isoformat()))
    assert answer.status_code == 422


# --- art. 22, item by item


@pytest.mark.parametrize(("officers", "refused"), [(1, ["R22.1"]), (2, []), (3, [])])
async def test_R22_1_two_officers_at_least(counter: Counter, officers: int, refused: list[str]) -> None:
    assert await submission(counter, await counter.drafted(officers)) == refused


async def test_R22_1_the_same_person_twice_is_one(counter: Counter) -> None:
    record = await counter.drafted(1)
    await counter.named(record, 0, number="2301-99")
    assert await submission(counter, record) == ["R22.1"]


@pytest.mark.parametrize("number", ["2301-0", "２３０１－０", " 2301 0 ", "2301—0"])
async def test_R22_1_one_certificate_under_two_spellings_is_one_officer(
    counter: Counter, number: str
) -> None:
    record = await counter.drafted(1)
    await counter.named(record, 1, number=number)
    assert await submission(counter, record) == ["R22.1"]


@pytest.mark.parametrize(
    ("valid_to", "refused"), [("2025-12-31", ["R22.2"]), ("2026-01-01", []), ("2026-01-02", [])]
)
async def test_R22_2_a_card_of_yesterday_names_its_officer_one_of_today_is_accepted(
    counter: Counter, valid_to: str, refused: list[str]
) -> None:
    record = await counter.drafted(1)
    await counter.named(record, 1, valid_to=valid_to)
    answer = await (await counter.officer()).step(REQUESTS, record, "submit")
    assert (codes(answer) if refused else []) == refused
    name = f"officer 23 {body_id('public_security', '230102')}"
    assert not refused or name in answer.json()["detail"]


async def test_R22_2_what_the_custodian_reads_on_the_card_counts(counter: Counter) -> None:
    record = await counter.submitted()
    expires = TOMORROW.isoformat()
    assert codes(await counter.answer(record, "grant", expires=expires)) == ["R22.2", "R22.2"]
    await counter.see(record, 1)
    await counter.see(record, 2, valid_to="2025-12-31")
    assert codes(await counter.answer(record, "grant", expires=expires)) == ["R22.2"]
    await counter.see(record, 2)
    assert (await counter.answer(record, "grant", expires=expires)).json()["state"] == "granted"


async def test_R22_2_a_card_that_expires_at_midnight_is_expired_when_it_is_decided(
    counter: Counter, clock: StillClock
) -> None:
    record = await counter.submitted()
    await counter.see(record, 1)
    await counter.see(record, 2, valid_to="2026-01-01")
    clock.wait(12 * HOUR_S - 1)  # 23:59:59
    grant = {"expires": (NOON + timedelta(days=2)).isoformat()}
    whole = await (await counter.custodian()).look(REQUESTS, record)
    (step,) = [one for one in whole["steps"] if one["name"] == "grant"]
    assert step["missing"] == []
    clock.wait(1)
    assert codes(await counter.answer(record, "grant", **grant)) == ["R22.2"]


async def test_R22_3_the_units_own_document(counter: Counter) -> None:
    record = await counter.drafted(papers=False)
    assert await submission(counter, record) == ["R22.3"]
    officer = await counter.officer()
    other = counter.paper(unit=str(body_id("transport")))
    await officer.stepped(REQUESTS, record, "add_paper", paper=other)
    assert await submission(counter, record) == ["R22.3"]
    await officer.stepped(REQUESTS, record, "add_paper", paper=counter.paper())
    assert await submission(counter, record) == []
    papers = (await officer.look(REQUESTS, record))["data"]["papers"]
    assert [len(one["sha256"]) for one in papers] == [64, 64]


async def test_R22_5_an_old_version_of_the_rules_is_signed_again(counter: Counter) -> None:
    record = await counter.drafted()
    custodian = await counter.custodian()
    (rules,) = (await custodian.client.get("/api/v1/keeping-rules")).json()["items"]
    await counter.rules("2.0", rules["id"])
    assert await submission(counter, record) == ["R22.5", "R22.5"]
    for which in range(2):
        await (await counter.officer(which)).stepped(REQUESTS, record, "undertake", officer=which + 1)
    assert await submission(counter, record) == []


async def test_R22_5_anothers_promise_lies_on_paper(counter: Counter) -> None:
    record = await counter.drafted()
    officer = await counter.officer()
    answer = await officer.step(REQUESTS, record, "undertake", officer=2)
    assert answer.status_code == 422
    await officer.stepped(REQUESTS, record, "undertake", officer=2, paper=counter.document)


# --- the decision


async def test_R22_6_a_manual_refusal_names_an_item_and_two_missing_ones_are_both_listed(
    counter: Counter,
) -> None:
    record = await counter.seen()
    refused = await counter.answer(record, "refuse", reason="不符合规定")
    assert codes(refused) == ["R22.6"]
    told = (await counter.answer(record, "refuse", items=["registered"], reason="未登记")).json()
    assert (told["state"], told["data"]["refused"]["items"]) == ("refused", ["registered"])
    officer = await counter.officer()
    assert (await officer.look(REQUESTS, record))["data"]["refused"]["reason"] == "未登记"


async def test_R22_6_an_automatic_refusal_lists_every_missing_item_in_writing(
    counter: Counter, clock: StillClock
) -> None:
    record = await counter.submitted()
    (rules,) = (await (await counter.custodian()).client.get("/api/v1/keeping-rules")).json()["items"]
    await counter.rules("2.0", rules["id"])
    told = (await counter.answer(record, "refuse")).json()["data"]["refused"]
    assert told["items"] == ["show_credentials", "obey_use_secrecy_rules"]
    assert "未经核验" in told["reason"]


EXEMPTION = {
    "ground": "statute",
    "citation": "《反恐怖主义法》第五十条",
    "reason": "现场只有一名侦查员",
    "drops": ["min_two_officers"],
}


async def test_R22_7_urgency_alone_drops_nothing(counter: Counter) -> None:
    assert await submission(counter, await counter.drafted(1, is_urgent=True)) == ["R22.1"]


async def test_R22_7_another_law_needs_a_second_custodian_and_is_counted(counter: Counter) -> None:
    record = await counter.drafted(1)
    first, second = await counter.custodian(), await counter.custodian(1)
    await first.stepped(REQUESTS, record, "open_exemption", **EXEMPTION)
    assert await submission(counter, record) == ["R22.1"]
    assert codes(await first.step(REQUESTS, record, "confirm_exemption")) == ["R22.7"]
    told = await second.stepped(REQUESTS, record, "confirm_exemption")
    assert told["data"]["exemption"]["of_month"] == 1
    assert await submission(counter, record) == []
    another = await counter.drafted(1)
    await first.stepped(REQUESTS, another, "open_exemption", **EXEMPTION)
    told = await second.stepped(REQUESTS, another, "confirm_exemption")
    assert told["data"]["exemption"]["of_month"] == 2


@pytest.mark.parametrize(
    "lacking", [{"citation": " "}, {"reason": " "}, {"drops": []}, {"ground": "urgency"}]
)
async def test_R22_7_law_article_reason_and_items_are_named(
    counter: Counter, lacking: dict[str, object]
) -> None:
    record = await counter.drafted(1)
    first, second = await counter.custodian(), await counter.custodian(1)
    await first.stepped(REQUESTS, record, "open_exemption", **EXEMPTION | lacking)
    assert codes(await second.step(REQUESTS, record, "confirm_exemption")) == ["R22.7"]


async def test_R22_8_a_grant_is_what_was_asked_for_or_less(counter: Counter, database: Database) -> None:
    record = await counter.seen(verbs=["view", "copy"], cameras=counter.cameras)
    expires = TOMORROW.isoformat()
    wider = (
        {"begin": (TEN - SECOND).isoformat()},
        {"end": (ELEVEN + SECOND).isoformat()},
        {"verbs": ["view", "retrieve"]},
    )
    for wish in wider:
        assert codes(await counter.answer(record, "grant", expires=expires, **wish)) == ["R22.8"], wish
    assert await grants(database) == []
    narrow = {"cameras": counter.cameras[:1], "end": (ELEVEN - SECOND).isoformat(), "verbs": ["view"]}
    told = (await counter.answer(record, "grant", expires=expires, **narrow)).json()
    (row,) = await grants(database)
    assert (str(row.id), str(row.request), row.number) == (told["data"]["grant"], record, told["number"])
    assert (row.begin_at, row.end_at, row.verbs) == (TEN, ELEVEN - SECOND, "view")
    assert (list(map(str, row.cameras)), len(row.officers)) == (counter.cameras[:1], 2)


async def test_R22_8_a_camera_that_was_not_asked_for_is_not_granted(counter: Counter) -> None:
    record = await counter.seen()
    wish = {"expires": TOMORROW.isoformat(), "cameras": counter.cameras}
    assert codes(await counter.answer(record, "grant", **wish)) == ["R22.8"]


@pytest.mark.parametrize(("seconds", "refused"), [(-1, True), (0, True), (1, False)])
async def test_R22_8_a_grant_ends_at_an_instant_to_come(
    counter: Counter, seconds: int, refused: bool
) -> None:
    record = await counter.seen()
    expires = (NOON + seconds * SECOND).isoformat()
    answer = await counter.answer(record, "grant", expires=expires)
    assert answer.status_code == (403 if refused else 200)


async def test_R22_2_nobody_decides_their_own_request(counter: Counter, enter: Enter) -> None:
    both = Desk(await enter(Role.OFFICER, Role.CUSTODIAN, organisation=body_id("public_security", "230102")))
    record = await both.opened(REQUESTS, **counter.wish())
    for which in range(2):
        await counter.named(record, which)
    await both.stepped(REQUESTS, record, "add_paper", paper=counter.paper())
    await both.stepped(REQUESTS, record, "submit")
    see = {"officer": 1, "number": "2301-0", "issuer": "局", "valid_to": "2026-12-31"}
    steps = (
        ("see", see),
        ("grant", {"expires": TOMORROW.isoformat()}),
        ("send_back", {"missing": "x"}),
        ("refuse", {"items": ["registered"]}),
        ("open_exemption", EXEMPTION),
    )
    for name, wish in steps:
        assert "R27.1" in codes(await both.step(REQUESTS, record, name, **wish)), name
    await counter.see(record, 1)


async def test_returned_with_what_is_missing_and_submitted_again(counter: Counter) -> None:
    record = await counter.submitted()
    told = (await counter.answer(record, "send_back", missing="请补充介绍信")).json()
    assert (told["state"], told["data"]["missing"]) == ("returned", "请补充介绍信")
    officer = await counter.officer()
    assert (await officer.stepped(REQUESTS, record, "submit"))["state"] == "submitted"


async def test_withdrawn_nobody_decides_it_any_more(counter: Counter) -> None:
    record = await counter.seen()
    officer = await counter.officer()
    await officer.stepped(REQUESTS, record, "withdraw", reason="不再需要")
    answer = await counter.answer(record, "grant", expires=TOMORROW.isoformat())
    assert codes(answer) == ["R22.6"]
    assert (await officer.look(REQUESTS, record))["duties"] == []


async def test_of_two_custodians_at_once_one_decides(counter: Counter, database: Database) -> None:
    record = await counter.seen()
    first, second = await counter.custodian(), await counter.custodian(1)
    version = (await first.look(REQUESTS, record))["version"]
    path = f"/api/v1/{REQUESTS}/{record}"
    yes, no = await asyncio.gather(
        first.client.post(f"{path}/grant", json={"version": version, "expires": TOMORROW.isoformat()}),
        second.client.post(
            f"{path}/refuse", json={"version": version, "items": ["registered"], "reason": "未登记"}
        ),
    )
    assert sorted((yes.status_code, no.status_code)) == [200, 409]
    state = (await first.look(REQUESTS, record))["state"]
    assert state == ("granted" if yes.status_code == 200 else "refused")
    assert len(await grants(database)) == (1 if state == "granted" else 0)


# --- who sees it


async def test_seen_by_the_organ_the_areas_custodians_and_the_auditor_alone(
    counter: Counter, enter: Enter, database: Database
) -> None:
    await moved_to(database, counter.cameras[0], "230102")
    record = await counter.drafted()
    url = f"/api/v1/{REQUESTS}/{record}"
    near, far = await counter.custodian(0, "230102"), await counter.custodian(0, "230103")
    auditor = await desk(enter, Role.AUDITOR)
    for sees in (near, auditor, await counter.officer(1)):
        assert (await sees.client.get(url)).status_code == 200
    other = await desk(enter, Role.OFFICER, body="transport")
    others = (far, other, await desk(enter, Role.WATCHER), await desk(enter, Role.REGISTRAR))
    for out in others:
        answer = await out.client.get(url)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_there")
        assert (await out.client.get(f"/api/v1/{REQUESTS}")).json()["items"] == []


async def test_cameras_of_several_districts_are_decided_by_the_citys_custodians(
    counter: Counter, database: Database
) -> None:
    for camera, division in zip(counter.cameras, ("230102", "230103"), strict=True):
        await moved_to(database, camera, division)
    record = await counter.drafted(cameras=counter.cameras)
    near, city = await counter.custodian(0, "230102"), await counter.custodian()
    assert (await near.client.get(f"/api/v1/{REQUESTS}/{record}")).status_code == 404
    assert (await city.look(REQUESTS, record))["division"] == "230100"


async def moved_to(database: Database, camera: str, division: str) -> None:
    async def work(session: AsyncSession) -> None:
        row = await session.get_one(CameraFileRow, UUID(camera))
        row.division = division

    await database.run(work)


# --- an answer is owed


@pytest.mark.parametrize(("seconds", "state"), [(-1, "open"), (0, "open"), (1, "overdue")])
async def test_R31_10_an_unanswered_request_is_overdue_after_24_hours(
    counter: Counter, clock: StillClock, seconds: int, state: str
) -> None:
    record = await counter.submitted()
    clock.wait(24 * HOUR_S + seconds)
    officer = await counter.officer(1)
    (duty,) = (await officer.look(REQUESTS, record))["duties"]
    assert (duty["code"], duty["state"]) == ("R31.10", state)
    assert duty["owner"] == str(body_id("public_security"))


@pytest.mark.parametrize("step", ["grant", "refuse", "send_back"])
async def test_R31_10_every_answer_meets_it(counter: Counter, step: str) -> None:
    record = await counter.seen() if step == "grant" else await counter.submitted()
    wish: dict[str, Any] = {
        "grant": {"expires": TOMORROW.isoformat()},
        "refuse": {"items": ["show_credentials"], "reason": "x"},
        "send_back": {"missing": "x"},
    }[step]
    assert (await counter.answer(record, step, **wish)).status_code == 200
    assert (await (await counter.officer()).look(REQUESTS, record))["duties"] == []


async def test_R31_10_a_refusal_that_the_record_contradicts_is_in_the_report(
    counter: Counter, enter: Enter
) -> None:
    record = await counter.seen()
    await counter.answer(record, "refuse", items=["min_two_officers"], reason="人数不足")
    report = (await (await enter(Role.AUDITOR)).get("/api/v1/reports/compliance")).text
    assert "R31.10" in report
    assert record in report


async def test_every_step_is_in_the_journal(counter: Counter, journal: Journal) -> None:
    await counter.granted()
    assert (await kinds(journal))[-1] == "inventory.changed"
    assert ORGAN not in str(await journal.read(5))
