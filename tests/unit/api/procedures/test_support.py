"""Art. 5¶3 and ¶4 through the API: papers for works, help with a clock, plants in front of a camera."""

from typing import Any

import pytest

from bingjian.access.decisions import Role
from bingjian.api.platform import Platform
from bingjian.inventory.organisations import body_id
from bingjian.rules.library import law
from tests.backend import StillClock
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.office import Desk, codes, desk
from tests.unit.api.procedures.test_supervising import state_of

DAY = 24 * 3600
JOBS = "support-requests"
# Noon of 1 January 2026: a holiday until Saturday, Sunday is worked. 5 working days end with 8 January.
NOON_TO_END = 12 * 3600 + 7 * DAY


async def builder(enter: Enter) -> Desk:
    return await desk(enter, Role.BUILDER, body="housing")


async def department(enter: Enter, body: str) -> Desk:
    return await desk(enter, Role.DEPARTMENT_USER, body=body)


def paper(works: str, body: str) -> dict[str, Any]:
    return {"paper": {"works": works, "body": body, "reference": "哈会签〔2026〕1号"}}


async def test_R5_5_one_paper_for_two_kinds_of_works_is_not_enough(enter: Enter) -> None:
    asks = await builder(enter)
    job = await asks.opened(JOBS, works=["pipeline", "road_break"])
    await asks.stepped(JOBS, job, "add_paper", **paper("pipeline", "housing"))
    refused = await asks.step(JOBS, job, "start")
    assert codes(refused) == ["R5.5"]
    assert law().words("department", "city_management").zh in refused.json()["detail"]
    (start,) = [one for one in (await asks.look(JOBS, job))["steps"] if one["name"] == "start"]
    assert [one["code"] for one in start["missing"]] == ["R5.5"]


async def test_R5_5_a_paper_of_the_wrong_body_is_none(enter: Enter) -> None:
    asks = await builder(enter)
    job = await asks.opened(JOBS, works=["pipeline"])
    await asks.stepped(JOBS, job, "add_paper", **paper("pipeline", "city_management"))
    assert codes(await asks.step(JOBS, job, "start")) == ["R5.5"]


async def test_R5_5_both_papers_of_the_right_bodies_let_works_begin(enter: Enter) -> None:
    asks = await builder(enter)
    job = await asks.opened(JOBS, works=["pipeline", "road_break"])
    for works, body in (("pipeline", "housing"), ("road_break", "city_management")):
        own = await department(enter, body)
        await own.stepped(JOBS, job, "approve", works=works, reference="哈会签〔2026〕1号")
    assert (await asks.stepped(JOBS, job, "start"))["state"] == "begun"
    assert (await asks.stepped(JOBS, job, "finish"))["state"] == "finished"


@pytest.mark.parametrize(
    ("wait", "expected"),
    [(NOON_TO_END - 1, "open"), (NOON_TO_END, "overdue"), (NOON_TO_END + 1, "overdue")],
)
async def test_R5_5_help_unanswered_bars_no_works_and_is_overdue_at_its_time(
    enter: Enter, clock: StillClock, wait: float, expected: str
) -> None:
    asks = await builder(enter)
    job = await asks.opened(JOBS)
    await asks.stepped(JOBS, job, "ask_help", help="pole_share", text="共用三根灯杆")
    assert (await asks.stepped(JOBS, job, "start"))["state"] == "begun"
    clock.wait(wait)
    (duty,) = (await (await builder(enter)).look(JOBS, job))["duties"]
    assert (duty["code"], duty["owner"]) == ("R5.5", str(body_id("city_management")))
    assert duty["state"] == expected


@pytest.mark.parametrize("help_", ["power", "network", "garden", "pole_share"])
async def test_R5_5_each_help_is_answered_by_its_department(enter: Enter, help_: str) -> None:
    asks = await builder(enter)
    job = await asks.opened(JOBS)
    await asks.stepped(JOBS, job, "ask_help", help=help_)
    owner = next(iter(law().codes(f"helper.{help_}")))
    own = await department(enter, owner)
    await own.stepped(JOBS, job, "answer_help", help=help_, is_given=True, answer="同意")
    assert await state_of(own, job) == ["met"]


async def test_R5_5_help_of_no_name_is_refused(enter: Enter) -> None:
    asks = await builder(enter)
    job = await asks.opened(JOBS)
    assert codes(await asks.step(JOBS, job, "ask_help", help="coffee")) == ["R5.5"]


@pytest.mark.parametrize("act", ["answer_help", "approve"])
async def test_R5_4_no_department_acts_for_another(enter: Enter, act: str) -> None:
    asks = await builder(enter)
    job = await asks.opened(JOBS, works=["pipeline"])
    await asks.stepped(JOBS, job, "ask_help", help="power")
    wishes: dict[str, dict[str, Any]] = {
        "answer_help": {"help": "power", "is_given": True, "answer": "同意"},
        "approve": {"works": "pipeline", "reference": "x"},
    }
    health = await department(enter, "health")
    assert codes(await health.step(JOBS, job, act, **wishes[act])) == ["R5.4"]
    assert (await asks.look(JOBS, job))["version"] == 2


async def test_R5_4_the_fifteen_are_there_and_a_sixteenth_may_be_added(
    enter: Enter, platform: Platform
) -> None:
    keeper = await enter(Role.REGISTRAR)
    listed = (await keeper.get("/api/v1/organisations", params={"limit": 200})).json()["items"]
    assert set(law().codes("department")) <= {one["body"] for one in listed}
    wish = {"name": "哈尔滨市退役军人事务局", "body": "unit", "is_state_organ": True}
    assert (await keeper.post("/api/v1/organisations", json=wish)).status_code == 201


# --- R5.8: plants


async def camera_of(enter: Enter) -> str:
    keeper = await enter(Role.REGISTRAR)
    answer = await keeper.post("/api/v1/camera-files", json={"name": "友谊路 1 号", "division": "230102"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def view(document: str, hidden: int) -> dict[str, Any]:
    return {"view": {"picture": document, "hidden": hidden, "cells": 100}}


@pytest.mark.parametrize(("hidden", "status"), [(19, 403), (20, 201), (21, 201)])
async def test_R5_8_an_order_from_the_share_on(enter: Enter, document: str, hidden: int, status: int) -> None:
    watcher = await desk(enter, Role.WATCHER)
    camera = await camera_of(enter)
    answer = await watcher.open("prunings", subject=camera, **view(document, hidden))
    assert answer.status_code == status
    assert status == 201 or codes(answer) == ["R5.8"]


async def test_R5_8_one_open_order_a_camera_reopened_while_the_view_is_hidden(
    enter: Enter, document: str
) -> None:
    watcher = await desk(enter, Role.WATCHER)
    camera = await camera_of(enter)
    order = await watcher.opened("prunings", subject=camera, **view(document, 40))
    assert codes(await watcher.open("prunings", subject=camera, **view(document, 40))) == ["R5.8"]
    gardener = await department(enter, "city_management")
    assert (await gardener.stepped("prunings", order, "done", note="已修剪"))["state"] == "done"
    again = await watcher.stepped("prunings", order, "verify", **view(document, 20))
    assert (again["state"], again["data"]["reopened"]) == ("open", 1)
    assert await state_of(gardener, order) == ["open"]
    await gardener.stepped("prunings", order, "done", note="再次修剪")
    clear = await watcher.stepped("prunings", order, "verify", **view(document, 19))
    assert (clear["state"], clear["data"]["is_clear"]) == ("verified", True)
    assert await state_of(gardener, order) == ["met"]
    history = (await watcher.look("prunings", order))["history"]
    assert [one["changes"].get("state") for one in history][:4] == [
        ["done", "verified"],
        ["open", "done"],
        ["done", "open"],
        ["open", "done"],
    ]
    assert (await watcher.open("prunings", subject=camera, **view(document, 40))).status_code == 201


async def test_R5_8_city_management_prunes_and_nobody_else(enter: Enter, document: str) -> None:
    watcher = await desk(enter, Role.WATCHER)
    order = await watcher.opened("prunings", subject=await camera_of(enter), **view(document, 40))
    other = await department(enter, "ecology")
    assert codes(await other.step("prunings", order, "done", note="x")) == ["R5.4"]
