"""R25.1 and R28.10 through the API: the rules that a body has, as current documents, asked before service."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest

from bingjian.access.decisions import Role
from bingjian.api.platform import Platform
from bingjian.db.session import Database
from bingjian.rules.library import law
from tests.backend import StillClock
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.office import Desk, codes, desk
from tests.unit.api.procedures.setting import camera, instant, organisation, place, put, record, system_of

SYSTEMS = list(law().codes("management_system"))
NOON_S, DAY_S = 43_200, 86_400


async def a_system(database: Database, body: UUID | None) -> str:
    """A system that is accepted, and whoever answers for it."""
    hall = place()
    system = record("system", state="accepted", data=system_of(uuid4(), hall.id))
    file = camera("accepted", of=hall)
    file.system = system.id
    await put(database, hall, file, system)
    if body is not None:
        periods = [
            {"unit": str(body), "contact": "值班室", "start": "2025-06-01T00:00:00Z", "basis": "owner"}
        ]
        answering = record("responsibility", state="settled", data=json.dumps({"periods": periods}))
        answering.subject = system.id
        await put(database, answering)
    return str(system.id)


async def refused(enter: Enter, system: str) -> set[str]:
    """Codes of what still bars its service."""
    whole = await (await desk(enter, Role.BUILDER, Role.REGISTRAR)).look("systems", system)
    (step,) = [one for one in whole["steps"] if one["name"] == "enter_service"]
    return {one["code"] for one in step["missing"]}


def version(document: str, **more: str) -> dict[str, str]:
    return {"document": document, "version": "1.0", "approver": "王局长", "approved": "2025-12-01", **more}


async def in_force(keeper: Desk, document: str, of: str, review: str = "2026-11-30") -> str:
    record = await keeper.opened("management-systems", of=of)
    wish = version(document, review=review)
    await keeper.stepped("management-systems", record, "approve", paper=wish)
    return record


@pytest.fixture
async def body(platform: Platform, database: Database) -> UUID:
    return await organisation(platform, database, "道里区视频中心")


async def keeper_of(enter: Enter, body: UUID) -> Desk:
    return Desk(await enter(Role.REGISTRAR, organisation=body))


async def test_R25_1_four_of_five_are_refused_the_fifth_is_named_then_service_is_free(
    enter: Enter, database: Database, body: UUID, document: str
) -> None:
    keeper, system = await keeper_of(enter, body), await a_system(database, body)
    for of in SYSTEMS[:4]:
        await in_force(keeper, document, of)
    assert "R25.1" in await refused(enter, system)
    await in_force(keeper, document, SYSTEMS[4])
    assert "R25.1" not in await refused(enter, system)
    assert "R25.1" in await refused(enter, await a_system(database, None))  # nobody is responsible


async def test_R25_1_one_that_is_drafted_or_withdrawn_is_not_in_force(
    enter: Enter, database: Database, body: UUID, document: str
) -> None:
    keeper, system = await keeper_of(enter, body), await a_system(database, body)
    records = [await in_force(keeper, document, of) for of in SYSTEMS[:4]]
    drafted = await keeper.opened("management-systems", of=SYSTEMS[4])
    assert "R25.1" in await refused(enter, system)
    wish = version(document, review="2026-11-30")
    await keeper.stepped("management-systems", drafted, "approve", paper=wish)
    await keeper.stepped("management-systems", records[0], "withdraw", reason="合并")
    assert "R25.1" in await refused(enter, system)


@pytest.mark.parametrize(
    ("review", "refusals"), [("2026-11-30", []), ("2026-12-01", []), ("2026-12-02", ["R25.1"])]
)
async def test_R25_1_the_review_is_within_twelve_months(
    enter: Enter, body: UUID, document: str, review: str, refusals: list[str]
) -> None:
    keeper = await keeper_of(enter, body)
    record = await keeper.opened("management-systems", of=SYSTEMS[0])
    wish = version(document, review=review)
    answer = await keeper.step("management-systems", record, "approve", paper=wish)
    assert (codes(answer) if refusals else answer.status_code) == (refusals or 200)


async def reviews(keeper: Desk, record: str, **more: Any) -> list[dict[str, Any]]:
    wish = {"code": "R25.1", "subject": record, **more}
    found: list[dict[str, Any]] = (await keeper.client.get("/api/v1/duties", params=wish)).json()["items"]
    return found


@pytest.mark.parametrize(("seconds", "state"), [(-1, "open"), (0, "overdue"), (1, "overdue")])
async def test_R25_1_a_review_is_overdue_after_its_day_and_service_goes_on(
    enter: Enter, body: UUID, document: str, clock: StillClock, seconds: int, state: str
) -> None:
    record = await in_force(await keeper_of(enter, body), document, SYSTEMS[0], "2026-01-03")
    clock.wait(2 * DAY_S + NOON_S + seconds)
    (duty,) = await reviews(await keeper_of(enter, body), record)
    assert duty["state"] == state


async def test_R25_1_a_review_is_reminded_of_and_met_by_the_new_version(
    enter: Enter, platform: Platform, body: UUID, document: str, clock: StillClock
) -> None:
    keeper = await keeper_of(enter, body)
    record = await in_force(keeper, document, SYSTEMS[0], "2026-02-01")
    clock.wait(2 * DAY_S)  # 2026-01-03, noon: thirty days before begin on the 2nd
    await platform.parts.clockwork.round()
    keeper = await keeper_of(enter, body)
    (duty,) = await reviews(keeper, record)
    assert duty["reminded_at"] is not None
    renewed = {**version(document, review="2026-06-01"), "version": "1.1", "approved": "2026-01-03"}
    whole = await keeper.stepped("management-systems", record, "review", paper=renewed)
    assert [one["version"] for one in whole["data"]["versions"]] == ["1.0", "1.1"]
    (duty,) = await reviews(keeper, record)
    assert instant(duty["due_at"]) == instant("2026-06-02T00:00:00+08:00")
    assert len(await reviews(keeper, record, state="met")) == 1
    again = (await keeper.client.post("/api/v1/duties/recompute")).json()
    assert again == {"opened": 0, "changed": 0, "lapsed": 0}


async def test_R28_10_one_of_the_two_is_refused_both_are_enough(
    enter: Enter, database: Database, body: UUID, document: str
) -> None:
    keeper, system = await keeper_of(enter, body), await a_system(database, body)
    for of, refusals in (("retention", True), ("use", False)):
        record = await keeper.opened("keeping-rules", of=of)
        assert "R28.10" in await refused(enter, system)
        await keeper.stepped("keeping-rules", record, "approve", paper=version(document))
        assert ("R28.10" in await refused(enter, system)) is refusals
    await keeper.stepped("keeping-rules", record, "withdraw", reason="另行制定")
    assert "R28.10" in await refused(enter, system)


async def test_R25_1_what_the_law_does_not_know_is_not_opened(enter: Enter, body: UUID) -> None:
    keeper = await keeper_of(enter, body)
    for path in ("management-systems", "keeping-rules"):
        assert (await keeper.open(path, of="dancing")).json()["code"] == "contradiction"
