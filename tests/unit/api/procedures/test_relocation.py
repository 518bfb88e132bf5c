"""Art. 19 through the API: the notice, who receives it, when works may begin, and coverage restored."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from bingjian.access.decisions import Role
from bingjian.api.platform import Platform
from bingjian.duties.models import DutyRow
from bingjian.inventory.camera_files import CameraFileRow
from bingjian.procedures.relocation_facts import notice_of
from bingjian.rules.decision import Grant, Refusal, all_of
from bingjian.rules.decisions import moving
from bingjian.rules.library import law
from tests.backend import StillClock
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.field import DAOLI, NANGANG, Field, desk_of, instant, set_clock
from tests.unit.api.procedures.office import Desk, codes, desk, told
from tests.unit.api.test_camera_files import SQUARE, added, stand

RECEIVED = "2026-03-01 10:00:00"
PLANNED = "2026-03-31 08:00:00"
CELLS = 100


class Case:
    """A camera of art. 8, the unit that manages it and the firm that wants it moved."""

    def __init__(self, enter: Enter, field: Field, clock: StillClock, document: str) -> None:
        self.enter, self.field, self.clock, self.document = enter, field, clock, document

    async def begin(self, **camera: Any) -> None:
        self.unit = await self.field.organisation("道里公安科技信息化大队")
        self.firm = await self.field.organisation("某路桥公司")
        self.camera = await self.field.camera(management_unit=self.unit, **camera)

    async def the_firm(self) -> Desk:
        return await desk_of(self.enter, Role.CONSTRUCTION_UNIT, self.firm)

    async def the_unit(self) -> Desk:
        return await desk_of(self.enter, Role.REGISTRAR, self.unit)

    def notice(self, **other: Any) -> dict[str, Any]:
        return {
            "reason": "urban_construction",
            "document": self.document,
            "plan": {"kind": "rebuild", "area": "友谊路口", "day": "2026-04-02"},
            "receiver": str(self.unit),
            "planned": instant(PLANNED).isoformat(),
            **other,
        }

    async def drafted(self, **other: Any) -> str:
        firm = await self.the_firm()
        return await firm.opened("relocations", subject=str(self.camera), **self.notice(**other))

    async def sent(self, **other: Any) -> str:
        set_clock(self.clock, RECEIVED)
        notice = await self.drafted(**other)
        await (await self.the_firm()).stepped("relocations", notice, "send")
        return notice

    async def acknowledged(self) -> str:
        notice = await self.sent()
        unit = await self.the_unit()
        await unit.stepped("relocations", notice, "receive")
        await unit.stepped("relocations", notice, "acknowledge")
        return notice

    async def lost(self) -> str:
        """Works begun; coverage lost at noon of the planned day."""
        notice = await self.acknowledged()
        set_clock(self.clock, "2026-03-31 12:00:00")
        firm = await self.the_firm()
        await firm.stepped("relocations", notice, "start")
        lost = {"reported": instant("2026-03-31 12:00:00").isoformat(), "cells": CELLS}
        await firm.stepped("relocations", notice, "lose", **lost)
        return notice

    async def restore(self, notice: str, cells: int = CELLS) -> Any:
        proof = {"covered": list(range(cells)), "picture": self.document}
        return await (await self.the_firm()).step("relocations", notice, "restore", **proof)


@pytest.fixture
def case(enter: Enter, field: Field, clock: StillClock, document: str) -> Case:
    return Case(enter, field, clock, document)


async def view_change(field: Field, camera: UUID, at: str) -> Grant | Refusal:
    """What the camera file is told when its focal length is to be changed."""
    async with field.database.read() as session:
        row = await session.get(CameraFileRow, camera)
        assert row is not None
        notice = await notice_of(session, row)
        asked = moving.Camera(str(row.id), str(row.management_unit), row.is_article8)
        return moving.may_change_view(
            law(), asked, {"coverage"}, notice, keeps_old_values=True, now=instant(at)
        )


async def test_R19_1_and_R19_2_without_a_notice_the_view_stays(case: Case, field: Field) -> None:
    await case.begin()
    answer = await view_change(field, case.camera, "2026-03-31 12:00:00")
    assert [one.code for one in all_of(answer)] == ["R19.1", "R19.2", "R19.6"]


async def test_R19_1_a_voluntary_camera_may_be_moved(case: Case, field: Field) -> None:
    await case.begin(is_article8=False)
    assert isinstance(await view_change(field, case.camera, "2026-03-31 12:00:00"), Grant)


async def test_R19_2_with_an_acknowledged_notice_from_the_planned_day_on(case: Case, field: Field) -> None:
    await case.begin()
    notice = await case.sent()
    unit = await case.the_unit()
    await unit.stepped("relocations", notice, "receive")
    assert isinstance(await view_change(field, case.camera, "2026-03-31 12:00:00"), Refusal)
    await unit.stepped("relocations", notice, "acknowledge")
    assert isinstance(await view_change(field, case.camera, "2026-03-30 23:59:59"), Refusal)
    assert isinstance(await view_change(field, case.camera, "2026-03-31 00:00:00"), Grant)


async def test_R19_1_a_notice_about_the_system_covers_its_cameras(
    case: Case, field: Field, clock: StillClock
) -> None:
    await case.begin()
    system = await field.system(is_article8=True, managing_unit=case.unit)
    camera = await field.camera(management_unit=case.unit, system=system)
    case.camera = system
    await case.acknowledged()
    assert isinstance(await view_change(field, camera, "2026-03-31 12:00:00"), Grant)


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"reason": "convenience"}, "R19.5"),
        ({"document": None}, "R19.5"),
        ({"reason": "other_necessary"}, "R19.5"),
        ({"plan": None}, "R19.7"),
        ({"plan": {"kind": "rebuild", "area": "", "day": "2026-04-02"}}, "R19.7"),
        ({"plan": {"kind": "promise", "area": "友谊路口", "day": "2026-04-02"}}, "R19.7"),
        ({"receiver": None}, "R19.7"),
    ],
)
async def test_R19_5_and_R19_7_reason_document_plan_and_receiver(
    case: Case, other: dict[str, Any], code: str
) -> None:
    await case.begin()
    set_clock(case.clock, RECEIVED)
    notice = await case.drafted(**other)
    firm = await case.the_firm()
    assert set(codes(await firm.step("relocations", notice, "send"))) == {code}
    (step,) = [one for one in (await firm.look("relocations", notice))["steps"] if one["name"] == "send"]
    assert {one["code"] for one in step["missing"]} == {code}
    better = case.notice() | ({"necessity": "地铁施工"} if other.get("reason") == "other_necessary" else {})
    await firm.stepped("relocations", notice, "revise", **better)
    assert (await firm.stepped("relocations", notice, "send"))["state"] == "sent"


@pytest.mark.parametrize(
    ("planned", "is_early_enough"),
    [
        ("2026-03-30 23:59:59", False),
        ("2026-03-31 00:00:00", True),
        ("2026-03-31 23:59:59", True),
        ("2026-04-01 00:00:00", True),
    ],
)
async def test_R19_6_thirty_days_from_receipt(case: Case, planned: str, is_early_enough: bool) -> None:
    await case.begin()
    set_clock(case.clock, RECEIVED)
    notice = await case.drafted(planned=instant(planned).isoformat())
    answer = await (await case.the_firm()).step("relocations", notice, "send")
    assert answer.status_code == (200 if is_early_enough else 403)
    assert is_early_enough or codes(answer) == ["R19.6"]


async def test_R19_6_receipt_counts_and_not_the_sending(case: Case) -> None:
    await case.begin()
    notice = await case.sent()
    set_clock(case.clock, "2026-03-02 00:00:00")
    unit = await case.the_unit()
    await unit.stepped("relocations", notice, "receive")
    assert codes(await unit.step("relocations", notice, "acknowledge")) == ["R19.6"]
    firm = await case.the_firm()
    await firm.stepped("relocations", notice, "call_back")
    later = case.notice(planned=instant("2026-04-01 08:00:00").isoformat())
    await firm.stepped("relocations", notice, "revise", **later)
    await firm.stepped("relocations", notice, "send")
    unit = await case.the_unit()
    await unit.stepped("relocations", notice, "receive")
    assert (await unit.stepped("relocations", notice, "acknowledge"))["state"] == "acknowledged"


@pytest.mark.parametrize(("at", "may"), [("2026-03-30 23:59:59", False), ("2026-03-31 00:00:00", True)])
async def test_R19_6_not_before_the_planned_day(case: Case, at: str, may: bool) -> None:
    await case.begin()
    notice = await case.acknowledged()
    set_clock(case.clock, at)
    answer = await (await case.the_firm()).step("relocations", notice, "start")
    assert answer.status_code == (200 if may else 403)
    assert may or codes(answer) == ["R19.6"]


async def test_R19_1_works_do_not_begin_before_the_unit_has_acknowledged(case: Case) -> None:
    await case.begin()
    notice = await case.sent()
    set_clock(case.clock, PLANNED)
    assert codes(await (await case.the_firm()).step("relocations", notice, "start")) == ["R19.1"]


async def test_R19_7_another_unit_neither_gets_it_nor_receives_it(case: Case, field: Field) -> None:
    await case.begin()
    other = await field.organisation("道外公安科技信息化大队")
    set_clock(case.clock, RECEIVED)
    notice = await case.drafted(receiver=str(other))
    assert codes(await (await case.the_firm()).step("relocations", notice, "send")) == ["R19.7"]
    notice = await case.sent()
    wrong = await desk_of(case.enter, Role.REGISTRAR, other)
    assert codes(await wrong.step("relocations", notice, "receive")) == ["R19.7"]


async def test_R19_7_a_unit_of_the_same_name_is_another(case: Case, field: Field) -> None:
    await case.begin()
    twin = await field.organisation("道里公安科技信息化大队")
    set_clock(case.clock, RECEIVED)
    notice = await case.drafted(receiver=str(twin))
    assert codes(await (await case.the_firm()).step("relocations", notice, "send")) == ["R19.7"]


async def test_R19_1_an_objection_is_recorded_and_reported_and_bars_nothing(
    case: Case, field: Field, clock: StillClock
) -> None:
    await case.begin()
    notice = await case.sent()
    unit = await case.the_unit()
    await unit.stepped("relocations", notice, "receive")
    told = await unit.stepped("relocations", notice, "object", objection="该处案件高发")
    assert told["data"]["objection"] == "该处案件高发"
    office = await desk(case.enter, Role.WORKGROUP_OFFICE, body="workgroup_office")
    inbox = (await office.client.get("/api/v1/duties", params={"mine": True})).json()["items"]
    assert [(one["code"], one["subject"]) for one in inbox] == [("R19.1", notice)]
    await office.stepped("relocations", notice, "note_objection")
    assert (await office.client.get("/api/v1/duties", params={"mine": True})).json()["items"] == []
    assert (await unit.stepped("relocations", notice, "acknowledge"))["state"] == "acknowledged"


@pytest.mark.parametrize(
    ("at", "is_late"),
    [("2026-04-01 11:59:59", False), ("2026-04-01 12:00:00", False), ("2026-04-01 12:00:01", True)],
)
async def test_R19_8_within_24_hours_of_the_loss(
    case: Case, field: Field, clock: StillClock, at: str, is_late: bool
) -> None:
    await case.begin()
    notice = await case.lost()
    set_clock(clock, at)
    (duty,) = await field.duties(notice)
    assert (duty.code, duty.owner) == ("R19.8", case.firm)
    assert duty.state(field.now) == ("overdue" if is_late else "open")
    done = (await case.restore(notice)).json()
    assert done["state"] == "restored"
    assert bool(done["data"]["breach_zh"]) == is_late
    assert not is_late or "某路桥公司" in done["data"]["breach_zh"]
    assert await field.states(notice) == {"R19.8": "met_late" if is_late else "met"}


async def test_R19_8_not_restored_is_one_breach(case: Case, field: Field, clock: StillClock) -> None:
    await case.begin()
    notice = await case.lost()
    set_clock(clock, "2026-04-01 12:00:01")
    clockwork = field.parts.clockwork
    assert [await clockwork.round(), await clockwork.round()] == [1, 0]
    async with field.database.read() as session:
        late = select(DutyRow).where(DutyRow.overdue_noted_at.is_not(None))
        assert [str(row.subject) for row in await session.scalars(late)] == [notice]


@pytest.mark.parametrize(("cells", "may"), [(0, False), (99, False), (100, True), (101, True)])
async def test_R19_8_a_claim_needs_every_cell(case: Case, cells: int, may: bool) -> None:
    await case.begin()
    notice = await case.lost()
    answer = await case.restore(notice, cells)
    assert answer.status_code == (200 if may else 403)
    assert may or codes(answer) == ["R19.8"]


async def test_R19_8_a_claim_needs_a_picture_and_the_time_runs_from_the_last_good_one(
    case: Case, field: Field
) -> None:
    await case.begin()
    notice = await case.acknowledged()
    set_clock(case.clock, "2026-03-31 12:00:00")
    firm = await case.the_firm()
    await firm.stepped("relocations", notice, "start")
    good, told = instant("2026-03-31 09:00:00"), instant("2026-03-31 12:00:00")
    lost = {"last_good": good.isoformat(), "reported": told.isoformat(), "cells": CELLS}
    await firm.stepped("relocations", notice, "lose", **lost)
    (duty,) = await field.duties(notice)
    assert duty.begun_at == good
    proof = {"covered": list(range(CELLS))}
    assert codes(await firm.step("relocations", notice, "restore", **proof)) == ["R19.8"]


async def test_a_camera_outside_the_areas_is_one_that_is_not_there(case: Case, field: Field) -> None:
    await case.begin()
    narrow = await desk_of(case.enter, Role.CONSTRUCTION_UNIT, case.firm, areas=(NANGANG,))
    outside = await narrow.open("relocations", subject=str(case.camera), **case.notice())
    nowhere = await narrow.open("relocations", subject=str(case.unit), **case.notice())
    assert (outside.status_code, told(outside)) == (422, told(nowhere))
    assert DAOLI not in outside.text


async def test_a_firm_sees_its_own_notices_alone(case: Case, field: Field) -> None:
    await case.begin()
    notice = await case.drafted()
    other = await desk_of(case.enter, Role.CONSTRUCTION_UNIT, await field.organisation("另一公司"))
    answer = await other.client.get(f"/api/v1/relocations/{notice}")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_there")


async def test_R19_2_the_camera_file_asks_for_the_notice_itself(case: Case, platform: Platform) -> None:
    await case.begin()
    registrar = await case.enter(Role.REGISTRAR)
    view = {"azimuth": 90, "h_fov": 60, "max_view_distance": 50}
    described = {"is_article8": True, "division": DAOLI, "view": view, "management_unit": str(case.unit)}
    file = await added(registrar, **described, **SQUARE)
    await stand(platform, UUID(file["id"]))
    case.camera = UUID(file["id"])
    wish = {"version": 2, "view": view | {"h_fov": 61}}
    refused = await registrar.patch(f"/api/v1/camera-files/{case.camera}", json=wish)
    assert codes(refused) == ["R19.1", "R19.2", "R19.6"]
    await case.acknowledged()
    set_clock(case.clock, "2026-03-31 00:00:00")
    registrar = await case.enter(Role.REGISTRAR)
    done = await registrar.patch(f"/api/v1/camera-files/{case.camera}", json=wish)
    assert (done.status_code, done.json()["view"]["h_fov"]) == (200, 61), done.text
    history = (await registrar.get(f"/api/v1/camera-files/{case.camera}/history")).json()
    assert history[0]["changes"] == {"h_fov": [60, 61]}
