"""Art. 31 through the API: each forbidden act as a record, from its report to its end."""

from typing import Any

import pytest

from bingjian.access.decisions import Role
from bingjian.rules.library import law
from tests.backend import StillClock
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.office import Desk, codes, desk
from tests.unit.api.procedures.test_supervising import at

ACTS = list(law().codes("prohibited_act"))


async def police(enter: Enter) -> Desk:
    return await desk(enter, Role.PUBLIC_SECURITY, body="public_security")


async def filed(enter: Enter, clock: StillClock, act: str, **more: Any) -> tuple[Desk, str]:
    watcher = await desk(enter, Role.WATCHER)
    wish = {"act": act, "happened": at(clock, -60), "description": "巡查发现", **more}
    return watcher, await watcher.opened("incidents", **wish)


async def confirmed(enter: Enter, clock: StillClock, document: str, number: int) -> list[str]:
    """The duties that the n-th act breaches, once confirmed with its evidence."""
    fact = {"text": "现场记录", "documents": [document]}
    _, incident = await filed(enter, clock, ACTS[number - 1], facts=[fact])
    judge = await police(enter)
    found = await judge.stepped("incidents", incident, "confirm")
    assert (found["state"], len(found["data"]["facts_hash"])) == ("confirmed", 64)
    closed = await judge.stepped("incidents", incident, "close", outcome="责令改正")
    assert closed["state"] == "closed"
    breaches: list[str] = found["data"]["breaches"]
    return breaches


async def test_R31_1_infringing_privacy(enter: Enter, clock: StillClock, document: str) -> None:
    assert "R31.1" in await confirmed(enter, clock, document, 1)


async def test_R31_2_unauthorised_access(enter: Enter, clock: StillClock, document: str) -> None:
    assert "R31.2" in await confirmed(enter, clock, document, 2)


async def test_R31_3_unrelated_persons(enter: Enter, clock: StillClock, document: str) -> None:
    assert "R31.3" in await confirmed(enter, clock, document, 3)


async def test_R31_4_intrusion(enter: Enter, clock: StillClock, document: str) -> None:
    assert {"R31.4", "N23"} <= set(await confirmed(enter, clock, document, 4))


async def test_R31_5_spread(enter: Enter, clock: StillClock, document: str) -> None:
    assert "R31.5" in await confirmed(enter, clock, document, 5)


async def test_R31_6_originals(enter: Enter, clock: StillClock, document: str) -> None:
    assert "R31.6" in await confirmed(enter, clock, document, 6)


async def test_R31_7_interruption(enter: Enter, clock: StillClock, document: str) -> None:
    assert "R31.7" in await confirmed(enter, clock, document, 7)


async def test_R31_8_covering(enter: Enter, clock: StillClock, document: str) -> None:
    assert "R31.8" in await confirmed(enter, clock, document, 8)


async def test_R31_9_theft_and_damage(enter: Enter, clock: StillClock, document: str) -> None:
    assert "R31.9" in await confirmed(enter, clock, document, 9)


async def test_R31_10_refusing_lawful_use(enter: Enter, clock: StillClock, document: str) -> None:
    assert "R31.10" in await confirmed(enter, clock, document, 10)


async def test_R31_11_other_acts(enter: Enter, clock: StillClock, document: str) -> None:
    assert "R31.11" in await confirmed(enter, clock, document, 11)


@pytest.mark.parametrize("description", ["", "  "])
async def test_R31_11_other_acts_are_described(enter: Enter, clock: StillClock, description: str) -> None:
    watcher = await desk(enter, Role.WATCHER)
    wish = {"act": ACTS[10], "happened": at(clock, 0), "description": description}
    assert codes(await watcher.open("incidents", **wish)) == ["R31.11"]
    described = await watcher.open("incidents", **{**wish, "description": "断"})
    assert described.status_code == 201


async def test_R31_11_what_is_none_of_the_acts_is_refused(enter: Enter, clock: StillClock) -> None:
    watcher = await desk(enter, Role.WATCHER)
    answer = await watcher.open("incidents", act="parking", happened=at(clock, 0), description="x")
    assert codes(answer) == ["R31.11"]


async def test_R31_11_the_order_of_an_incident(enter: Enter, clock: StillClock, document: str) -> None:
    watcher, incident = await filed(enter, clock, ACTS[7])
    judge = await police(enter)
    assert codes(await judge.step("incidents", incident, "close", outcome="x")) == ["R31.11"]
    before = await watcher.look("incidents", incident)
    fact = {"text": "镜头被喷漆", "documents": [document]}
    after = await watcher.stepped("incidents", incident, "add_fact", fact=fact)
    assert after["data"]["facts_hash"] != before["data"]["facts_hash"]
    await judge.stepped("incidents", incident, "confirm")
    assert codes(await watcher.step("incidents", incident, "add_fact", fact=fact)) == ["R31.11"]
    case = await judge.opened("cases", code="R31.8", facts=[fact])
    referred = await judge.stepped("incidents", incident, "refer", case=case)
    assert (referred["state"], referred["data"]["case"]) == ("referred", case)


async def test_what_will_happen_is_no_incident(enter: Enter, clock: StillClock) -> None:
    watcher = await desk(enter, Role.WATCHER)
    answer = await watcher.open("incidents", act=ACTS[7], happened=at(clock, 1), description="x")
    assert (answer.status_code, answer.json()["code"]) == (422, "contradiction")


@pytest.mark.parametrize("happened", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-01-01T00:00:00"])
async def test_instants_that_nobody_means_are_named(enter: Enter, happened: str) -> None:
    watcher = await desk(enter, Role.WATCHER)
    answer = await watcher.open("incidents", act=ACTS[7], happened=happened, description="x")
    assert (answer.status_code, answer.json()["code"]) == (422, "not_accepted")
