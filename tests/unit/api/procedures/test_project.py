"""Building projects through the API: under an approved plan, with a system, in step (arts. 7, 12)."""

from typing import Any

import pytest

from bingjian.access.decisions import Role
from bingjian.inventory.history import Subject as Changed
from bingjian.inventory.history import history_row
from bingjian.procedures.project_stages import exempted
from bingjian.rules.library import law
from tests.backend import StillClock
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.field import CLERK, Field, desk_of, instant, set_clock
from tests.unit.api.procedures.office import Desk, codes, desk
from tests.unit.api.procedures.works import Works

DEPARTMENTS = list(law().codes("plan_department"))
STAGES = list(law().codes("sync_stage"))


async def owner(enter: Enter, field: Field) -> Desk:
    return await desk_of(enter, Role.BUILDER, await field.organisation("某置业公司"))


async def submitted_plan(enter: Enter, document: str) -> str:
    drafter = await desk(enter, Role.CITY_DATA_AUTHORITY, body="city_data_authority")
    plan = await drafter.opened("plans", standards=["GB/T 28181-2022"])
    for department in DEPARTMENTS:
        opinion = {"opinion": {"document": document}, "department": department}
        await drafter.stepped("plans", plan, "give_opinion", **opinion)
    await drafter.stepped("plans", plan, "submit")
    return plan


async def test_R7_2_no_project_starts_under_a_plan_that_is_not_approved(
    enter: Enter, field: Field, document: str
) -> None:
    plan = await submitted_plan(enter, document)
    builder = await owner(enter, field)
    project = await builder.opened("projects", kind="new", has_system=True, plan=plan)
    assert codes(await builder.step("projects", project, "start")) == ["R7.2"]
    city = await desk(enter, Role.GOVERNMENT, body="city_government")
    await city.stepped("plans", plan, "approve", approval=document)
    assert (await builder.stepped("projects", project, "start"))["state"] == "started"


async def test_R7_2_the_governments_own_project_needs_a_plan(enter: Enter, field: Field) -> None:
    builder = await owner(enter, field)
    project = await builder.opened("projects", kind="new", has_system=True, investment="government")
    assert codes(await builder.step("projects", project, "start")) == ["R7.2"]


@pytest.mark.parametrize("kind", law().codes("project_kind"))
async def test_R12_2_new_rebuilt_and_extended_projects_include_a_system(
    enter: Enter, field: Field, kind: str
) -> None:
    builder = await owner(enter, field)
    project = await builder.opened("projects", kind=kind)
    assert codes(await builder.step("projects", project, "start")) == ["R12.2"]
    await builder.stepped("projects", project, "revise", has_system=True)
    assert (await builder.stepped("projects", project, "start"))["state"] == "started"


async def test_R12_2_a_repair_passes_and_an_unknown_kind_does_not(enter: Enter, field: Field) -> None:
    builder = await owner(enter, field)
    repair = await builder.opened("projects", kind="repair")
    assert (await builder.stepped("projects", repair, "start"))["state"] == "started"
    strange = await builder.opened("projects", kind="other", has_system=True)
    assert codes(await builder.step("projects", strange, "start")) == ["R12.2"]


@pytest.mark.parametrize("lacking", ["reason", "document", "approver"])
async def test_R12_2_an_exemption_has_reason_document_and_approver_and_is_listed(
    enter: Enter, field: Field, document: str, lacking: str
) -> None:
    builder = await owner(enter, field)
    project = await builder.opened("projects", kind="new")
    authority = await desk(enter, Role.CITY_DATA_AUTHORITY, body="city_data_authority")
    whole = {"reason": "地下管廊", "document": document, "approver": "王某"}
    less = {name: value for name, value in whole.items() if name != lacking}
    assert codes(await authority.step("projects", project, "exempt", **less)) == ["R12.2"]
    await authority.stepped("projects", project, "exempt", **whole)
    listed = await authority.client.get("/api/v1/projects", params={"state": "exempted"})
    assert [one["id"] for one in listed.json()["items"]] == [project]
    async with field.database.read() as session:
        assert [str(row.id) for row in await exempted(session)] == [project]


async def started(enter: Enter, field: Field, **more: Any) -> tuple[Desk, str]:
    builder = await owner(enter, field)
    project = await builder.opened("projects", kind="new", has_system=True, **more)
    await builder.stepped("projects", project, "start")
    return builder, project


async def test_R12_4_national_security_needs_that_organs_approval(
    enter: Enter, field: Field, document: str
) -> None:
    _, project = await started(enter, field, is_national_security=True)
    authority = await desk(enter, Role.CITY_DATA_AUTHORITY, body="city_data_authority")
    await authority.stepped("projects", project, "give_approval", document=document)
    assert codes(await authority.step("projects", project, "approve")) == ["R12.4"]
    organ = await desk(enter, Role.DEPARTMENT_USER, body="national_security_organ")
    await organ.stepped("projects", project, "give_approval", document=document)
    assert (await authority.stepped("projects", project, "approve"))["state"] == "approved"


async def test_R12_4_nobody_has_said_whether_it_concerns_national_security(
    enter: Enter, field: Field
) -> None:
    _, project = await started(enter, field)
    authority = await desk(enter, Role.CITY_DATA_AUTHORITY, body="city_data_authority")
    assert codes(await authority.step("projects", project, "approve")) == ["R12.4"]
    _, other = await started(enter, field, is_national_security=False)
    assert (await authority.stepped("projects", other, "approve"))["state"] == "approved"


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize(
    ("video", "is_breach"),
    [("2026-03-09 23:59:59", False), ("2026-03-10 23:59:59", False), ("2026-03-11 00:00:00", True)],
)
async def test_R12_1_each_stage_no_later_than_the_main_project(
    enter: Enter, field: Field, clock: StillClock, stage: str, video: str, is_breach: bool
) -> None:
    set_clock(clock, "2026-03-12 12:00:00")
    builder, project = await started(enter, field)
    main = instant("2026-03-10 00:00:00").isoformat()
    ahead = await builder.stepped("projects", project, "reach", of="main", stage=stage, at=main)
    assert [one["code"] for one in ahead["data"]["breaches"]] == ["R12.1"]
    assert await field.states(project) == {f"R12.1:{stage}": "open"}
    reached = {"of": "video", "stage": stage, "at": instant(video).isoformat()}
    done = await builder.stepped("projects", project, "reach", **reached)
    assert bool(done["data"]["breaches"]) == is_breach
    assert await field.states(project) == {f"R12.1:{stage}": "met"}
    again = await builder.step("projects", project, "reach", **reached)
    assert (again.status_code, again.json()["code"]) == (422, "contradiction")


async def test_R12_1_a_linked_system_says_itself_where_it_stands(
    enter: Enter, field: Field, clock: StillClock
) -> None:
    set_clock(clock, "2026-03-12 12:00:00")
    system = await field.system(state="designed")
    subject, changes = Changed("system", system, 2), '{"state":["planned","designed"]}'
    designed = history_row(subject, "design", changes, CLERK, instant("2026-03-10 09:00:00"), "")
    await field.add(designed)
    builder, project = await started(enter, field)
    linked = await builder.stepped("projects", project, "link", system=str(system))
    assert list(linked["data"]["video"]) == ["design"]
    for stage in STAGES[:2]:
        at = instant("2026-03-10 10:00:00").isoformat()
        done = await builder.stepped("projects", project, "reach", of="main", stage=stage, at=at)
    assert len(done["data"]["breaches"]) == 1
    assert law().words("sync_stage", STAGES[1]).zh in done["data"]["breaches"][0]["zh"]
    own = await builder.step("projects", project, "reach", of="video", stage=STAGES[1], at=at)
    assert (own.status_code, own.json()["code"]) == (422, "contradiction")


async def test_R12_1_an_approval_before_the_start_is_out_of_order(enter: Enter, field: Field) -> None:
    builder = await owner(enter, field)
    project = await builder.opened("projects", kind="new", has_system=True)
    authority = await desk(enter, Role.CITY_DATA_AUTHORITY, body="city_data_authority")
    assert codes(await authority.step("projects", project, "approve")) == ["R12.1"]


@pytest.mark.parametrize(
    ("designed", "is_breach"),
    [("2026-03-10 00:00:00", False), ("2026-03-10 23:59:59", False), ("2026-03-11 00:00:00", True)],
)
async def test_R12_1_the_systems_own_step_is_seen_by_its_project_at_once(
    works: Works, field: Field, clock: StillClock, designed: str, is_breach: bool
) -> None:
    set_clock(clock, "2026-03-10 00:00:00")
    system, builder = await works.system(), await works.builder()
    project = await builder.opened("projects", kind="new", has_system=True)
    await builder.stepped("projects", project, "start")
    await builder.stepped("projects", project, "link", system=system)
    reached = {"of": "main", "stage": "design", "at": field.now.isoformat()}
    ahead = await builder.stepped("projects", project, "reach", **reached)
    assert [one["code"] for one in ahead["data"]["breaches"]] == ["R12.1"]
    set_clock(clock, designed)
    works.sign_out()
    builder = await works.builder()
    await works.camera(system, "C1")
    await builder.stepped("systems", system, "design")
    assert await field.states(project) == {"R12.1:design": "met"}
    (duty,) = await field.duties(project)
    assert (duty.evidence_kind, str(duty.evidence)) == ("system", system)
    seen = await builder.look("projects", project)
    assert (list(seen["data"]["video"]), bool(seen["data"]["breaches"])) == (["design"], is_breach)
    assert (seen["history"][0]["act"], seen["version"]) == ("followed", ahead["version"] + 1)


async def test_R12_1_a_system_of_no_project_and_a_stage_passed_twice_change_nothing(
    works: Works, field: Field
) -> None:
    builder = await works.builder()
    other, _ = await works.on_trial()
    system, _ = await works.on_trial()
    project = await builder.opened("projects", kind="new", has_system=True)
    await builder.stepped("projects", project, "start")
    before = await builder.stepped("projects", project, "link", system=system)
    assert list(before["data"]["video"]) == ["design", "approve", "build"]
    for one in (other, system):
        await builder.stepped("systems", one, "build_again")
    assert (await builder.look("projects", project))["version"] == before["version"]


async def test_R12_1_the_main_project_goes_on_after_its_papers_are_closed(works: Works, field: Field) -> None:
    system, builder = await works.system(), await works.builder()
    project = await builder.opened("projects", kind="new", has_system=True, is_national_security=False)
    await builder.stepped("projects", project, "start")
    await builder.stepped("projects", project, "link", system=system)
    await (await works.authority()).stepped("projects", project, "approve")
    await builder.stepped("projects", project, "finish")
    in_use = {"of": "main", "stage": "use", "at": field.now.isoformat()}
    done = await builder.stepped("projects", project, "reach", **in_use)
    assert (done["state"], len(done["data"]["breaches"])) == ("finished", 1)
    assert await field.states(project) == {"R12.1:use": "open"}


async def test_R12_1_use_counts_from_the_day_it_was_entered_for(
    works: Works, field: Field, clock: StillClock
) -> None:
    set_clock(clock, "2026-03-10 09:00:00")
    system, _ = await works.ready()
    begun = field.now.isoformat()
    set_clock(clock, "2026-03-12 09:00:00")  # entered two days later
    works.sign_out()
    builder = await works.builder()
    project = await builder.opened("projects", kind="new", has_system=True)
    await builder.stepped("projects", project, "start")
    await builder.stepped("projects", project, "link", system=system)
    await builder.stepped("systems", system, "enter_service", at=begun)
    in_use = {"of": "main", "stage": "use", "at": begun}
    done = await builder.stepped("projects", project, "reach", **in_use)
    assert (done["data"]["breaches"], done["data"]["video"]["use"][:10]) == ([], "2026-03-10")
    assert await field.states(project) == {}
