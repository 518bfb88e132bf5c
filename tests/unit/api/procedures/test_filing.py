"""Art. 18 and Decree 799 art. 14 through the API: due, handed in, corrected, receipted, changed."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Role
from bingjian.api.platform import Platform
from bingjian.duties.models import DueRow
from bingjian.duties.owing import REMIND, Reconciled, reconcile
from bingjian.inventory.organisations import body_id
from bingjian.procedures.filing_changes import filing_obligations
from bingjian.rules.library import law
from tests.backend import StillClock, kinds
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.field import (
    NANGANG,
    POLICE,
    Field,
    city,
    desk_of,
    instant,
    set_clock,
)
from tests.unit.api.procedures.office import Desk, codes
from tests.unit.api.test_imports import confirmed, judged
from tests.unit.inventory.sheets import HEADER, xlsx
from tests.unit.inventory.sheets import camera as sheet_row

DOCUMENTS = list(law().codes("filing_document"))
CONTENT = {
    "unit": "某公司",
    "location": "友谊路",
    "device_count": 12,
    "device_types": "枪机",
    "storage_days": 90,
    "is_declared_true": True,
}
FILES = "/api/v1/camera-files"
INTERFACE = {"exemption": "国家有关规定第三条"}


def papers(document: str, several: list[str] = DOCUMENTS) -> dict[str, Any]:
    return {"documents": dict.fromkeys(several, document), "interface": INTERFACE, "receiver": str(POLICE)}


async def opened(enter: Enter, field: Field, system: UUID, filer: UUID, **paper: Any) -> tuple[Desk, str]:
    desk = await desk_of(enter, Role.BUILDER, filer)
    return desk, await desk.opened("filings", subject=str(system), **paper)


async def police(enter: Enter) -> Desk:
    return await desk_of(enter, Role.PUBLIC_SECURITY, POLICE)


@pytest.mark.parametrize(
    ("accepted", "filed", "is_late"),
    [
        ("2026-03-01 10:00:00", "2026-03-31 23:59:58", False),
        ("2026-03-01 10:00:00", "2026-03-31 23:59:59", False),
        ("2026-03-01 10:00:00", "2026-04-01 00:00:00", True),
        ("2026-04-10 10:00:00", "2026-05-11 23:59:59", False),  # day 30 is a Sunday
        ("2026-04-10 10:00:00", "2026-05-12 00:00:00", True),
        ("2028-01-30 10:00:00", "2028-02-29 23:59:59", False),  # over the end of a month, leap day
        ("2028-01-30 10:00:00", "2028-03-01 00:00:00", True),
        ("2026-12-02 10:00:00", "2027-01-01 00:00:00", False),  # New Year's Day is free
    ],
)
async def test_R18_1_thirty_days_from_acceptance_and_a_late_one_is_accepted(
    enter: Enter, field: Field, clock: StillClock, document: str, accepted: str, filed: str, is_late: bool
) -> None:
    builder = await field.organisation("某商场")
    system = await field.system(organiser=builder)
    set_clock(clock, accepted)
    await field.comes_to(system, "accepted", accepted_at=field.now)
    assert await field.states(system) == {"R18.1": "open"}
    set_clock(clock, filed)
    assert await field.states(system) == {"R18.1": "overdue" if is_late else "open"}
    desk, filing = await opened(enter, field, system, builder, **papers(document))
    done = await desk.stepped("filings", filing, "submit")
    assert (done["state"], done["data"]["met"]) == ("submitted", ["R18.1"])
    assert await field.states(system) == {"R18.1": "met_late" if is_late else "met"}
    (duty,) = await field.duties(system)
    assert (duty.owner, duty.evidence_kind, str(duty.evidence)) == (builder, "filing", filing)
    late = done["data"]["late"]
    assert [one["code"] for one in late] == (["R18.1"] if is_late else [])
    assert not is_late or "逾期 1 天" in late[0]["zh"]


async def test_R18_1_reminders_on_day_15_25_and_29(
    field: Field, clock: StillClock, platform: Platform
) -> None:
    system = await field.system()
    set_clock(clock, "2026-03-01 10:00:00")
    await field.comes_to(system, "accepted", accepted_at=field.now)
    async with field.database.read() as session:
        query = select(DueRow.due_at).where(DueRow.kind == REMIND).order_by(DueRow.due_at)
        days = list(await session.scalars(query))
    assert days == [instant(f"2026-03-{day} 00:00:00") for day in (16, 26, 30)]
    clockwork = platform.parts.clockwork
    set_clock(clock, "2026-03-15 23:59:59")
    await clockwork.round()  # what is due every night is done too
    assert "duty.reminded" not in await kinds(field.journal)
    set_clock(clock, "2026-03-16 00:00:00")
    await clockwork.round()
    assert (await kinds(field.journal))[-1] == "duty.reminded"


@pytest.mark.parametrize("lacking", DOCUMENTS)
async def test_R18_2_of_three_documents_two_are_not_enough(
    enter: Enter, field: Field, document: str, lacking: str
) -> None:
    builder = await field.organisation("某商场")
    system = await field.system(organiser=builder)
    await field.comes_to(system, "accepted", accepted_at=field.now)
    two = [code for code in DOCUMENTS if code != lacking]
    desk, filing = await opened(enter, field, system, builder, **papers(document, two))
    refused = await desk.step("filings", filing, "submit")
    assert codes(refused) == ["R18.2"]
    assert law().words("filing_document", lacking).zh in refused.json()["detail"]
    assert await field.states(system) == {"R18.1": "open"}
    await desk.stepped("filings", filing, "fill", **papers(document))
    assert (await desk.stepped("filings", filing, "submit"))["state"] == "submitted"


async def test_R18_2_a_new_system_cannot_declare_its_documents_absent(
    enter: Enter, field: Field, document: str
) -> None:
    builder = await field.organisation("某商场")
    system = await field.system(organiser=builder)
    await field.comes_to(system, "accepted", accepted_at=field.now)
    paper = papers(document, DOCUMENTS[:2]) | {"absent": DOCUMENTS[2:]}
    desk, filing = await opened(enter, field, system, builder, **paper)
    assert codes(await desk.step("filings", filing, "submit")) == ["R18.2"]


async def test_R18_3_another_districts_police_and_the_citys_are_the_wrong_receivers(
    enter: Enter, field: Field, document: str
) -> None:
    builder = await field.organisation("某商场")
    system = await field.system(organiser=builder)
    await field.comes_to(system, "accepted", accepted_at=field.now)
    desk, filing = await opened(enter, field, system, builder, **papers(document))
    for wrong in (body_id("public_security", NANGANG), body_id("public_security"), builder):
        await desk.stepped("filings", filing, "fill", **papers(document) | {"receiver": str(wrong)})
        assert set(codes(await desk.step("filings", filing, "submit"))) == {"R18.3"}
    await desk.stepped("filings", filing, "fill", **papers(document))
    await desk.stepped("filings", filing, "submit")
    other = await desk_of(enter, Role.PUBLIC_SECURITY, body_id("public_security", NANGANG))
    assert codes(await other.step("filings", filing, "give_receipt")) == ["R18.3"]
    assert (await (await police(enter)).stepped("filings", filing, "give_receipt"))["state"] == "filed"


@pytest.mark.parametrize(
    ("filed", "is_late"),
    [("2026-04-01 23:59:58", False), ("2026-04-01 23:59:59", False), ("2026-04-02 00:00:00", True)],
)
async def test_R18_4_a_system_from_before_is_filed_by_its_user(
    enter: Enter, field: Field, platform: Platform, tmp_path: Path, document: str, filed: str, is_late: bool
) -> None:
    clock = field.clock
    parts = city(field.database, field.journal, clock, tmp_path, date(2026, 3, 2))
    over = replace(platform, parts=parts)
    builder, user = await field.organisation("某建设公司"), await field.organisation("某物业公司")
    system = await field.system(organiser=builder, user=user)
    set_clock(clock, "2026-03-02 08:00:00")
    await field.comes_to(system, "accepted", parts.lawbook, accepted_at=instant("2020-05-01 10:00:00"))
    (duty,) = await field.duties(system)
    assert (duty.code, duty.owner, duty.due_at) == ("R18.4", user, instant("2026-04-02 00:00:00"))
    set_clock(clock, filed)
    paper = papers(document, DOCUMENTS[:1]) | {"absent": DOCUMENTS[1:]}
    wrong = await desk_of(enter, Role.BUILDER, builder, over=over)
    refused = await wrong.step(
        "filings", await wrong.opened("filings", subject=str(system), **paper), "submit"
    )
    assert codes(refused) == ["R18.4"]
    assert "某物业公司" in refused.json()["detail"]
    right = await desk_of(enter, Role.BUILDER, user, over=over)
    filing = await right.opened("filings", subject=str(system), **paper)
    done = await right.stepped("filings", filing, "submit")
    assert [one["code"] for one in done["data"]["late"]] == (["R18.4"] if is_late else [])
    assert await field.states(system) == {"R18.4": "met_late" if is_late else "met"}


async def test_R18_4_what_is_neither_enclosed_nor_declared_absent_is_named(
    enter: Enter, field: Field, clock: StillClock, platform: Platform, tmp_path: Path, document: str
) -> None:
    parts = city(field.database, field.journal, clock, tmp_path, date(2026, 3, 2))
    user = await field.organisation("某物业公司")
    system = await field.system(user=user)
    set_clock(clock, "2026-03-02 08:00:00")
    await field.comes_to(system, "accepted", parts.lawbook, accepted_at=instant("2020-05-01 10:00:00"))
    desk = await desk_of(enter, Role.BUILDER, user, over=replace(platform, parts=parts))
    paper = papers(document, DOCUMENTS[:1]) | {"absent": DOCUMENTS[1:2]}
    refused = await desk.step("filings", await desk.opened("filings", subject=str(system), **paper), "submit")
    assert codes(refused) == ["R18.4"]
    assert law().words("filing_document", DOCUMENTS[2]).zh in refused.json()["detail"]


@pytest.mark.parametrize("investment", ["government", "social"])
@pytest.mark.parametrize("is_built", [True, False])
async def test_R18_5_only_who_is_neither_the_governments_nor_in_its_areas_files(
    field: Field, investment: str, is_built: bool
) -> None:
    system = await field.system(investment=investment, is_government_built=is_built)
    await field.comes_to(system, "accepted", accepted_at=field.now)
    is_owed = (investment, is_built) == ("social", False)
    assert await field.states(system) == ({"R18.1": "open"} if is_owed else {})


async def test_R18_5_nothing_is_owed_and_so_nothing_is_filed(
    enter: Enter, field: Field, document: str
) -> None:
    builder = await field.organisation("某区政府")
    system = await field.system(investment="government", organiser=builder)
    await field.comes_to(system, "accepted", accepted_at=field.now)
    desk, filing = await opened(enter, field, system, builder, **papers(document))
    answer = await desk.step("filings", filing, "submit")
    assert (answer.status_code, answer.json()["code"]) == (422, "contradiction")


async def test_R18_6_incomplete_on_day_30_and_completed_on_day_31_is_overdue(
    enter: Enter, field: Field, clock: StillClock, document: str
) -> None:
    builder = await field.organisation("某商场")
    system = await field.system(organiser=builder)
    set_clock(clock, "2026-03-01 10:00:00")
    await field.comes_to(system, "accepted", accepted_at=field.now)
    set_clock(clock, "2026-03-31 10:00:00")
    desk, filing = await opened(enter, field, system, builder, **papers(document))
    await desk.stepped("filings", filing, "submit")
    asked = await (await police(enter)).stepped(
        "filings", filing, "ask_corrections", note="检测资料不是本系统的", lacking=[DOCUMENTS[1]]
    )
    assert (asked["state"], asked["data"]["met"]) == ("correcting", [])
    assert await field.states(system) == {"R18.1": "open"}
    set_clock(clock, "2026-04-01 10:00:00")
    desk = await desk_of(enter, Role.BUILDER, builder)
    done = await desk.stepped("filings", filing, "submit")
    assert [one["code"] for one in done["data"]["late"]] == ["R18.1"]
    assert await field.states(system) == {"R18.1": "met_late"}


async def test_R18_6_a_wording_to_be_corrected_does_not_take_the_first_submission_away(
    enter: Enter, field: Field, clock: StillClock, document: str
) -> None:
    builder = await field.organisation("某商场")
    system = await field.system(organiser=builder)
    set_clock(clock, "2026-03-01 10:00:00")
    await field.comes_to(system, "accepted", accepted_at=field.now)
    desk, filing = await opened(enter, field, system, builder, **papers(document))
    await desk.stepped("filings", filing, "submit")
    await (await police(enter)).stepped("filings", filing, "ask_corrections", note="单位名称有误")
    set_clock(clock, "2026-04-20 10:00:00")
    desk = await desk_of(enter, Role.BUILDER, builder)
    done = await desk.stepped("filings", filing, "submit")
    assert done["data"]["late"] == []
    assert await field.states(system) == {"R18.1": "met"}


async def test_R18_6_the_receipt_has_a_number_and_the_time(
    enter: Enter, field: Field, clock: StillClock, document: str
) -> None:
    builder = await field.organisation("某商场")
    system = await field.system(organiser=builder)
    await field.comes_to(system, "accepted", accepted_at=field.now)
    desk, filing = await opened(enter, field, system, builder, **papers(document))
    assert codes(await (await police(enter)).step("filings", filing, "give_receipt")) == ["R18.6"]
    await desk.stepped("filings", filing, "submit")
    given = await (await police(enter)).stepped("filings", filing, "give_receipt")
    assert given["state"] == "filed"
    assert given["data"]["receipt"] == "HZ-2026-0001"
    assert given["data"]["receipted_at"] == "2026-01-01T04:00:00Z"


# --- the decree


@pytest.mark.parametrize("investment", ["government", "social"])
@pytest.mark.parametrize(
    ("used", "last", "first_late"),
    [
        ("2026-03-01 10:00:00", "2026-03-31 23:59:59", "2026-04-01 00:00:00"),
        ("2025-04-01 00:00:00", "2025-05-06 23:59:59", "2025-05-07 00:00:00"),  # over the May holidays
        ("2025-03-31 23:59:59", "2025-06-30 23:59:59", "2025-07-01 00:00:00"),  # from before: 90 days
    ],
)
async def test_N14_thirty_days_from_use_ninety_for_what_was_there_before(
    field: Field, clock: StillClock, investment: str, used: str, last: str, first_late: str
) -> None:
    operator = await field.organisation("某景区")
    system = await field.system(
        investment=investment, is_government_built=True, decree_class="A", managing_unit=operator
    )
    set_clock(clock, "2026-03-02 10:00:00")
    await field.comes_to(system, "in_service", used_at=instant(used))
    (duty,) = await field.duties(system)
    assert (duty.code, duty.owner, duty.due_at) == ("N14", operator, instant(first_late))
    for at, state in ((last, "open"), (first_late, "overdue")):
        set_clock(clock, at)
        assert await field.states(system) == {"N14": state}


async def test_N14_one_filing_answers_both_only_with_both_sets_of_content(
    enter: Enter, field: Field, clock: StillClock, document: str
) -> None:
    owner = await field.organisation("某商场")
    system = await field.system(organiser=owner, managing_unit=owner, decree_class="A")
    await field.comes_to(system, "accepted", accepted_at=field.now)
    await field.comes_to(system, "in_service", used_at=field.now)
    desk, filing = await opened(enter, field, system, owner, **papers(document))
    done = await desk.stepped("filings", filing, "submit")
    assert done["data"]["met"] == ["R18.1"]
    assert await field.states(system) == {"R18.1": "met", "N14": "open"}
    desk, second = await opened(enter, field, system, owner, receiver=str(POLICE))
    refused = await desk.step("filings", second, "submit")
    assert set(codes(refused)) == {"N14"}
    await desk.stepped("filings", second, "fill", **CONTENT, receiver=str(POLICE))
    assert (await desk.stepped("filings", second, "submit"))["data"]["met"] == ["N14"]
    assert await field.states(system) == {"R18.1": "met", "N14": "met"}


async def test_N14_a_whole_filing_before_use_answers_the_decree_too(
    enter: Enter, field: Field, document: str
) -> None:
    owner = await field.organisation("某商场")
    system = await field.system(organiser=owner, managing_unit=owner, decree_class="A")
    await field.comes_to(system, "accepted", accepted_at=field.now)
    desk, filing = await opened(enter, field, system, owner, **papers(document), **CONTENT)
    await desk.stepped("filings", filing, "submit")
    await field.comes_to(system, "in_service", used_at=field.now)
    assert await field.states(system) == {"R18.1": "met"}


async def filed(enter: Enter, field: Field, document: str) -> tuple[UUID, UUID, str]:
    """A system of one camera, filed with all there is; its operator and its filing."""
    owner = await field.organisation("某商场")
    system = await field.system(organiser=owner, managing_unit=owner, decree_class="A")
    await field.camera(system=system)
    await field.comes_to(system, "accepted", accepted_at=field.now)
    await field.comes_to(system, "in_service", used_at=field.now)
    desk, filing = await opened(enter, field, system, owner, **papers(document), **CONTENT)
    await desk.stepped("filings", filing, "submit")
    await (await police(enter)).stepped("filings", filing, "give_receipt")
    return system, owner, filing


async def edited(client: httpx.AsyncClient, field: Field, system: UUID, changed: str, term: int = 30) -> None:
    """Something of the only camera of a system is changed, as a registrar does it."""
    if changed == "count":
        answer = await client.post(FILES, json={"name": "友谊路 2", "system": str(system)})
    elif changed == "sheet":
        sheet = xlsx([[*sheet_row(1), str(system)]], [*HEADER, "所属系统"])
        one = await judged(client, field.parts.imports, sheet)
        answer = await confirmed(client, one)
    elif changed == "many":
        bulk = {"query": {"system": str(system)}, "set": {"function_type": "2"}}
        token = (await client.post(f"{FILES}/bulk/preview", json=bulk)).json()["token"]
        answer = await client.post(f"{FILES}/bulk", json={**bulk, "token": token})
    else:
        camera = (await client.get(FILES, params={"system": str(system)})).json()["items"][0]
        values = {"type": {"function_type": "2"}, "term": {"record_save_days": term}}
        values |= {"place": {"division": NANGANG}}
        wish = {"version": camera["version"], **values[changed]}
        answer = await client.patch(f"{FILES}/{camera['id']}", json=wish)
    assert answer.is_success, answer.text


@pytest.mark.parametrize("changed", ["count", "type", "term", "place", "many", "sheet"])
@pytest.mark.parametrize(
    ("at", "is_late"),
    [("2026-03-31 23:59:58", False), ("2026-03-31 23:59:59", False), ("2026-04-01 00:00:00", True)],
)
async def test_N14_a_change_of_what_was_filed_is_filed_in_time(
    enter: Enter, field: Field, clock: StillClock, document: str, changed: str, at: str, is_late: bool
) -> None:
    system, owner, filing = await filed(enter, field, document)
    set_clock(clock, "2026-03-01 10:00:00")
    registrar = await enter(Role.REGISTRAR)
    await edited(registrar, field, system, "term", term=90)  # as it was filed
    assert "N14:change" not in await field.states(system)
    await edited(registrar, field, system, changed)
    assert (await field.states(system))["N14:change"] == "open", "in the transaction of the change"
    set_clock(clock, "2026-03-20 10:00:00")
    registrar = await enter(Role.REGISTRAR)
    await edited(registrar, field, system, "term", term=60)  # changed again: no time is gained
    set_clock(clock, at)
    assert (await field.states(system))["N14:change"] == ("overdue" if is_late else "open")
    desk = await desk_of(enter, Role.BUILDER, owner)
    more = papers(document) | CONTENT | {"device_count": 13}
    done = await desk.stepped("filings", filing, "file_change", **more)
    assert done["state"] == "changed"
    assert [(one["code"], one["key"]) for one in done["data"]["late"]] == (
        [("N14", "change")] if is_late else []
    )
    assert (await field.states(system))["N14:change"] == ("met_late" if is_late else "met")
    await edited(await enter(Role.REGISTRAR), field, system, "term", term=60)
    assert "open" not in (await field.states(system))["N14:change"], "it is as filed now"
    assert (await (await police(enter)).stepped("filings", filing, "give_receipt"))["state"] == "filed"


async def test_N14_a_change_is_filed_with_all_that_the_decree_wants(
    enter: Enter, field: Field, document: str
) -> None:
    _, owner, filing = await filed(enter, field, document)
    desk = await desk_of(enter, Role.BUILDER, owner)
    less = papers(document) | CONTENT | {"device_count": None, "is_declared_true": False}
    assert codes(await desk.step("filings", filing, "file_change", **less)) == ["N14", "N14"]


async def test_N14_the_police_do_not_ask_for_what_others_share(
    enter: Enter, field: Field, document: str
) -> None:
    owner = await field.organisation("某商场")
    system = await field.system(organiser=owner)
    await field.comes_to(system, "accepted", accepted_at=field.now)
    desk, filing = await opened(enter, field, system, owner, **papers(document), shared=["unit"])
    await desk.stepped("filings", filing, "submit")
    refused = await (await police(enter)).step(
        "filings", filing, "ask_corrections", note="请补充单位情况", lacking=["unit"]
    )
    assert codes(refused) == ["N14"]


async def test_N14_computing_everything_again_changes_nothing_and_finds_what_was_missed(
    enter: Enter, field: Field, clock: StillClock, document: str
) -> None:
    system, _, _ = await filed(enter, field, document)
    other = await field.system(state="accepted", accepted_at=field.now)
    await field.camera(system=system)

    async def work(session: AsyncSession) -> Reconciled:
        expected = await filing_obligations(session, field.parts.lawbook, field.now)
        return await reconcile(session, ("R18.1", "R18.4", "N14"), expected, field.now)

    assert await field.database.run(work) == Reconciled(opened=2)
    clock.wait(86_400)
    assert await field.database.run(work) == Reconciled()
    assert (await field.states(system))["N14:change"] == "open"
    assert await field.states(other) == {"R18.1": "open"}
