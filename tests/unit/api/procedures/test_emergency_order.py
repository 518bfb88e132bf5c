"""Art. 13¶1 through the API: who may order, what an order names, how it is met, that it ends."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from bingjian.access.decisions import Role
from bingjian.clock import utc_now
from bingjian.procedures.emergency_order import EmergencyOrder, met_or_open
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


async def owing(desk: Desk, record: str) -> list[str]:
    """The owners who still owe it, by the duties that are open."""
    return sorted(str(one["owner_name"]) for one in (await desk.look(ORDERS, record))["duties"])


async def met_by(desk: Desk, record: str) -> dict[str, str]:
    """By system how it has met the order; empty: it owes it still."""
    return {one["system"]: one["met_by"] for one in (await desk.look(ORDERS, record))["data"]["answers"]}


async def owner(works: Works, name: str) -> tuple[Desk, str]:
    """An owner's desk, and a system of theirs."""
    firm = await works.organisation(name)
    theirs = Desk(await works.enter(Role.BUILDER, organisation=UUID(firm)))
    described = works.description(await works.place("road_crossing", "1"))
    return theirs, await theirs.opened("systems", **described)


async def test_R13_3_a_picture_of_one_system_leaves_the_others_owing(works: Works, clock: StillClock) -> None:
    (_, one), (_, other) = await owner(works, "甲公司"), await owner(works, "乙公司")
    asks = await works.police()
    record = await asks.opened(ORDERS, **order(clock, one, systems=[one, other, one]))
    found = await asks.look(ORDERS, record)
    assert found["data"]["systems"] == [one, other]
    assert await owing(asks, record) == ["乙公司", "甲公司"]
    clock.wait(42)
    now = utc_now(clock).isoformat()
    told = await asks.stepped(ORDERS, record, "connect", system=one, first_picture=now)
    assert told["state"] == "open"
    assert await owing(asks, record) == ["乙公司"]
    assert await met_by(asks, record) == {one: "link", other: ""}
    clock.wait(18)
    now = utc_now(clock).isoformat()
    done = await asks.stepped(ORDERS, record, "connect", system=other, first_picture=now)
    assert [one["seconds"] for one in done["data"]["answers"]] == [42.0, 60.0]
    assert done["state"] == "met"
    assert await duties(asks, record) == []


async def test_R13_3_a_picture_of_a_system_that_it_does_not_name_is_none(
    works: Works, clock: StillClock
) -> None:
    system, other = await works.system(), await works.system()
    asks = await works.police()
    record = await asks.opened(ORDERS, **order(clock, system))
    now = utc_now(clock).isoformat()
    refused = await asks.step(ORDERS, record, "connect", system=other, first_picture=now)
    assert codes(refused) == ["R13.3"]
    refused = await (await works.builder()).step(ORDERS, record, "hand_over", system=other, package="P-1")
    assert codes(refused) == ["R13.3"]
    assert await duties(asks, record) == [("R13.5", "open")]


async def test_R13_3_a_system_meets_it_once(works: Works, clock: StillClock) -> None:
    system, other = await works.system(), await works.system()
    asks, builder = await works.police(), await works.builder()
    record = await asks.opened(ORDERS, **order(clock, system, systems=[system, other]))
    now = utc_now(clock).isoformat()
    await asks.stepped(ORDERS, record, "connect", system=system, first_picture=now)
    clock.wait(1)
    again = {"system": system, "first_picture": utc_now(clock).isoformat()}
    assert (await asks.step(ORDERS, record, "connect", **again)).status_code == 422
    late = await builder.step(ORDERS, record, "hand_over", system=system, package="P-1")
    assert late.status_code == 422
    assert (await asks.look(ORDERS, record))["data"]["answers"][0]["seconds"] == 0


async def test_R13_5_what_one_owner_hands_over_leaves_the_others_owing(
    works: Works, clock: StillClock
) -> None:
    (first, one), (_, other) = await owner(works, "甲公司"), await owner(works, "乙公司")
    asks = await works.police()
    record = await asks.opened(ORDERS, **order(clock, one, systems=[one, other]))
    given = {"package": "P-1", "register_entry": "REG-1"}
    await first.stepped(ORDERS, record, "hand_over", system=one, **given)
    assert (await asks.step(ORDERS, record, "verify", system=other, is_verified=True)).status_code == 422
    told = await asks.stepped(ORDERS, record, "verify", system=one, is_verified=True)
    assert told["state"] == "open"
    assert await owing(asks, record) == ["乙公司"]
    assert await met_by(asks, record) == {one: "delivery", other: ""}
    now = utc_now(clock).isoformat()
    done = await asks.stepped(ORDERS, record, "connect", system=other, first_picture=now)
    assert (done["state"], await met_by(asks, record)) == ("met", {one: "delivery", other: "link"})


async def test_R13_5_each_owner_sees_the_order_and_hands_over_for_their_own_system(
    works: Works, clock: StillClock
) -> None:
    (first, one), (second, other) = await owner(works, "甲公司"), await owner(works, "乙公司")
    stranger, _ = await owner(works, "丙公司")
    asks = await works.police()
    record = await asks.opened(ORDERS, **order(clock, one, systems=[one, other]))
    given = {"package": "P-1", "register_entry": "REG-1"}
    for theirs, not_theirs, who in ((one, other, first), (other, one, second)):
        assert record in [item["id"] for item in (await who.client.get(f"/api/v1/{ORDERS}")).json()["items"]]
        refused = await who.step(ORDERS, record, "hand_over", system=not_theirs, **given)
        assert refused.status_code == 422
        await who.stepped(ORDERS, record, "hand_over", system=theirs, **given)
    assert (await stranger.client.get(f"/api/v1/{ORDERS}/{record}")).status_code == 404


async def test_R13_5_the_clock_says_of_which_system_it_runs(works: Works, clock: StillClock) -> None:
    (_, one), (_, other) = await owner(works, "甲公司"), await owner(works, "乙公司")
    asks = await works.police()
    record = await asks.opened(ORDERS, **order(clock, one, systems=[one, other], title="令" * 200))
    numbers = [(await asks.look("systems", system))["number"] for system in (one, other)]
    found = (await asks.look(ORDERS, record))["duties"]
    assert sorted(duty["title"][-len(numbers[0]) :] for duty in found) == sorted(numbers)


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
    asks, builder = await works.police(), await works.builder()
    record = await asks.opened(ORDERS, **order(clock, system))
    for is_verified, entry, state in ((False, "REG-1", "open"), (True, "", "open"), (True, "REG-2", "met")):
        given = {"system": system, "package": "P-1", "register_entry": entry}
        await builder.stepped(ORDERS, record, "hand_over", **given)
        told = await asks.stepped(ORDERS, record, "verify", system=system, is_verified=is_verified)
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
    now = utc_now(clock).isoformat()
    answer = await asks.step(ORDERS, record, "connect", system=system, first_picture=now)
    assert (codes(answer) if answer.status_code == 403 else []) == refused


async def test_R13_6_ended_early_it_is_owed_no_longer(works: Works, clock: StillClock) -> None:
    system = await works.system()
    asks = await works.police()
    record = await asks.opened(ORDERS, **order(clock, system))
    ended = await asks.stepped(ORDERS, record, "end", reason="险情解除")
    assert ended["state"] == "ended"
    assert await duties(asks, record) == []


PICTURE = "2026-06-01T00:00:42Z"
PACKAGE = {"package": "P-1", "register_entry": "REG-1", "is_verified": False}


@pytest.mark.parametrize(
    ("done", "state", "ways"),
    [
        ({"first_picture": PICTURE, "seconds": 42.0, "handed": []}, "met", ["link", "link"]),
        ({"first_picture": None, "seconds": None, "handed": [PACKAGE]}, "open", ["", ""]),
        ({"handed": [PACKAGE | {"is_verified": True}]}, "met", ["delivery", "delivery"]),
    ],
)
def test_R13_5_an_older_order_is_read_as_it_was_settled(
    done: dict[str, Any], state: str, ways: list[str]
) -> None:
    """It was settled by one answer for all of its systems."""
    told = {"issuer": "public_security", "event": "TF-1", "contact": "王警官", "ended": None, "why_ended": ""}
    told |= {"start": "2026-06-01T00:00:00Z", "end": "2026-06-01T12:00:00Z"}
    older = told | {"systems": [str(uuid4()), str(uuid4())]} | done
    read = EmergencyOrder.model_validate_json(json.dumps(older))
    assert (met_or_open(read), [answer.met_by for answer in read.answers]) == (state, ways)
    assert EmergencyOrder.model_validate_json(read.model_dump_json()) == read
