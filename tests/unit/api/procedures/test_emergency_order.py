"""Art. 13¶1 through the API: who may order, what an order names, how it is met, that it ends."""

from datetime import timedelta
from typing import Any

import pytest

from bingjian.access.decisions import Role
from bingjian.clock import utc_now
from tests.backend import StillClock
from tests.unit.api.procedures.office import Desk, codes
from tests.unit.api.procedures.works import Works

ORDERS = "emergency-orders"
HOUR = 3600


def order(clock: StillClock, system: str, **other: Any) -> dict[str, Any]:
    end = utc_now(clock) + timedelta(hours=1)
    return {"event": "TF-2026-001", "systems": [system], "end": end.isoformat(), "contact": "王警官"} | other


async def duties(desk: Desk, record: str) -> list[tuple[str, str]]:
    return [(one["code"], one["state"]) for one in (await desk.look(ORDERS, record))["duties"]]


async def test_R13_3_an_order_is_owed_by_the_owner_of_each_system_it_names(
    works: Works, clock: StillClock
) -> None:
    system, other = await works.system(), await works.system()
    asks = await works.police()
    record = await asks.opened(ORDERS, **order(clock, system, systems=[system, other, system]))
    found = await asks.look(ORDERS, record)
    assert found["data"]["systems"] == [system, other]
    assert await duties(asks, record) == [("R13.5", "open"), ("R13.5", "open")]
    clock.wait(42)
    done = await asks.stepped(ORDERS, record, "connect", first_picture=utc_now(clock).isoformat())
    assert (done["state"], done["data"]["seconds"]) == ("met", 42.0)
    assert await duties(asks, record) == []


@pytest.mark.parametrize(
    ("role", "body"),
    [(Role.DEPARTMENT_USER, "city_management"), (Role.CITY_DATA_AUTHORITY, "city_data_authority")],
)
async def test_R13_3_nobody_but_public_security_orders(
    works: Works, clock: StillClock, role: Role, body: str
) -> None:
    system = await works.system()
    refused = await (await works.at(role, body)).open(ORDERS, **order(clock, system))
    assert codes(refused) == ["R13.3"]
    assert refused.json()["article"] == "13¶1"


async def test_R13_3_an_order_without_event_system_contact_or_end_is_none(
    works: Works, clock: StillClock
) -> None:
    system = await works.system()
    asks = await works.police()
    for lacking in ({"event": " "}, {"systems": []}, {"contact": ""}):
        assert codes(await asks.open(ORDERS, **order(clock, system, **lacking))) == ["R13.3"]
    assert codes(await asks.open(ORDERS, **order(clock, system, end=None))) == ["R13.6"]
    gone = (utc_now(clock) - timedelta(hours=1)).isoformat()
    assert (await asks.open(ORDERS, **order(clock, system, end=gone))).status_code == 422


async def test_R13_5_what_does_not_verify_leaves_it_open_what_verifies_meets_it(
    works: Works, clock: StillClock
) -> None:
    system = await works.system()
    asks, owner = await works.police(), await works.builder()
    record = await asks.opened(ORDERS, **order(clock, system))
    for is_verified, entry, state in ((False, "REG-1", "open"), (True, "", "open"), (True, "REG-2", "met")):
        await owner.stepped(ORDERS, record, "hand_over", package="P-1", register_entry=entry)
        told = await asks.stepped(ORDERS, record, "verify", is_verified=is_verified)
        assert told["state"] == state
    assert await duties(asks, record) == []


@pytest.mark.parametrize(("wait", "refused"), [(HOUR - 1, []), (HOUR, ["R13.6"]), (HOUR + 1, ["R13.6"])])
async def test_R13_6_at_its_end_no_picture_comes_any_more(
    works: Works, clock: StillClock, wait: float, refused: list[str]
) -> None:
    system = await works.system()
    asks = await works.police()
    record = await asks.opened(ORDERS, **order(clock, system))
    clock.wait(wait)
    works.sign_out()
    asks = await works.police()
    answer = await asks.step(ORDERS, record, "connect", first_picture=utc_now(clock).isoformat())
    assert (codes(answer) if answer.status_code == 403 else []) == refused


async def test_R13_6_ended_early_it_is_owed_no_longer(works: Works, clock: StillClock) -> None:
    system = await works.system()
    asks = await works.police()
    record = await asks.opened(ORDERS, **order(clock, system))
    ended = await asks.stepped(ORDERS, record, "end", reason="险情解除")
    assert ended["state"] == "ended"
    assert await duties(asks, record) == []
