"""R25.4 through the API: three areas, four checklists, a day kept or overdue, and the one after it."""

from typing import Any

import pytest

from bingjian.access.decisions import Role
from bingjian.api.platform import Platform
from bingjian.db.session import Database
from bingjian.rules.library import law
from tests.backend import StillClock
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.office import Desk, codes, desk
from tests.unit.api.procedures.setting import instant, put, record
from tests.unit.api.procedures.test_contract import Parties, parties

__all__ = ["parties"]
AREAS = list(law().codes("inspection_area"))
LISTS = list(law().codes("inspection_checklist"))
NOON_S, DAY_S = 43_200, 86_400
SOUND = {"is_sound": True, "findings": "运行正常"}


async def planned(keeper: Desk, system: str, first: str = "2026-01-01") -> str:
    """A plan that runs: every thirty days from the first."""
    plan = await keeper.opened("inspection-plans", subject=system, areas=AREAS, every_days=30, first=first)
    await keeper.stepped("inspection-plans", plan, "start")
    return plan


async def filled(keeper: Desk, plan: str, lists: list[str]) -> str:
    inspection = await keeper.opened("inspections", subject=plan)
    for one in lists:
        await keeper.stepped("inspections", inspection, "fill", area=one, checklist=SOUND)
    return inspection


async def due(keeper: Desk, plan: str, **more: Any) -> list[dict[str, Any]]:
    answer = await keeper.client.get("/api/v1/duties", params={"code": "R25.4", "subject": plan, **more})
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def a_system(database: Database) -> str:
    system = record("system")
    await put(database, system)
    return str(system.id)


async def test_R25_4_an_inspection_lacking_storage_cannot_be_closed(enter: Enter, database: Database) -> None:
    keeper = await desk(enter, Role.REGISTRAR)
    plan = await planned(keeper, await a_system(database))
    inspection = await filled(keeper, plan, [one for one in LISTS if one != "storage"])
    refused = await keeper.step("inspections", inspection, "close")
    assert codes(refused) == ["R25.4"]
    assert law().words("inspection_checklist", "storage").zh in refused.json()["detail"]
    await keeper.stepped("inspections", inspection, "fill", area="storage", checklist=SOUND)
    assert (await keeper.stepped("inspections", inspection, "close"))["state"] == "closed"


async def test_R25_4_a_plan_without_an_area_does_not_run(enter: Enter, database: Database) -> None:
    keeper = await desk(enter, Role.REGISTRAR)
    wish = {"subject": await a_system(database), "every_days": 30, "first": "2026-02-01"}
    plan = await keeper.opened("inspection-plans", areas=AREAS[:2], **wish)
    assert codes(await keeper.step("inspection-plans", plan, "start")) == ["R25.4"]
    await keeper.stepped("inspection-plans", plan, "set_areas", areas=AREAS)
    await keeper.stepped("inspection-plans", plan, "start")
    (duty,) = await due(keeper, plan)
    assert instant(duty["due_at"]) == instant("2026-02-02T00:00:00+08:00")


@pytest.mark.parametrize(("seconds", "state"), [(-1, "open"), (0, "overdue"), (1, "overdue")])
async def test_R25_4_the_day_after_it_was_due_it_is_overdue(
    enter: Enter, database: Database, clock: StillClock, seconds: int, state: str
) -> None:
    plan = await planned(await desk(enter, Role.REGISTRAR), await a_system(database))
    clock.wait(NOON_S + seconds)
    (duty,) = await due(await desk(enter, Role.REGISTRAR), plan)
    assert duty["state"] == state


async def test_R25_4_the_next_one_is_owed_once_one_is_closed(enter: Enter, database: Database) -> None:
    keeper = await desk(enter, Role.REGISTRAR)
    plan = await planned(keeper, await a_system(database))
    inspection = await filled(keeper, plan, LISTS)
    done = await keeper.stepped("inspections", inspection, "close")
    assert (done["data"]["next_due"], done["data"]["is_late"]) == ("2026-01-31", False)
    (duty,) = await due(keeper, plan)
    assert instant(duty["due_at"]) == instant("2026-02-01T00:00:00+08:00")
    assert [one["evidence"] for one in await due(keeper, plan, state="met")] == [inspection]
    again = (await keeper.client.post("/api/v1/duties/recompute")).json()
    assert again == {"opened": 0, "changed": 0, "lapsed": 0}
    following = await keeper.opened("inspections", subject=plan)
    assert (await keeper.look("inspections", following))["data"]["due"] == "2026-01-31"


async def test_R25_4_a_late_one_is_closed_late_and_the_series_goes_on_from_today(
    enter: Enter, database: Database, clock: StillClock
) -> None:
    plan = await planned(await desk(enter, Role.REGISTRAR), await a_system(database))
    clock.wait(75 * DAY_S)
    keeper = await desk(enter, Role.REGISTRAR)
    inspection = await filled(keeper, plan, LISTS)
    done = (await keeper.stepped("inspections", inspection, "close"))["data"]
    assert (done["due"], done["is_late"], done["next_due"]) == ("2026-01-01", True, "2026-04-01")
    assert len(await due(keeper, plan, state="met_late")) == 1


async def test_R25_2_a_firm_inspects_only_by_contract(parties: Parties) -> None:
    plan = await planned(parties.body, str(parties.system.id))
    inspection = await parties.firm.opened("inspections", subject=plan)
    wish = {"area": "storage", "checklist": SOUND}
    assert codes(await parties.firm.step("inspections", inspection, "fill", **wish)) == ["R25.2"]
    await parties.running("repair")
    assert codes(await parties.firm.step("inspections", inspection, "fill", **wish)) == ["R25.2", "N19"]
    await parties.running("inspection")
    await parties.firm.stepped("inspections", inspection, "fill", **wish)


async def test_R25_4_a_plan_that_is_stopped_owes_nothing(
    enter: Enter, database: Database, platform: Platform
) -> None:
    keeper = await desk(enter, Role.REGISTRAR)
    plan = await planned(keeper, await a_system(database))
    await keeper.stepped("inspection-plans", plan, "stop", reason="系统拆除")
    assert await due(keeper, plan) == []
    assert (await keeper.open("inspections", subject=plan)).json()["code"] == "contradiction"
