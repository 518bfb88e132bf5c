"""Art. 11 through the API: what hides a view, for how long, and who answers for it."""

from typing import Any

import pytest

from bingjian.access.decisions import Role
from tests.unit.api.procedures.office import Desk, codes
from tests.unit.api.procedures.works import Works

TICKETS = "blockages"
CELLS = 1_000


def view(document: str, covered: int, seconds: float) -> dict[str, Any]:
    return {"picture": document, "covered": covered, "cells": CELLS, "seconds": seconds}


async def watcher(works: Works) -> Desk:
    return await works.at(Role.SHIFT_LEAD, "public_security")


@pytest.mark.parametrize(
    ("covered", "seconds", "is_event"),
    [
        (400, 61, True),
        (400, 60, False),
        (400, 59, False),
        (301, 61, True),
        (300, 61, False),
        (299, 61, False),
    ],
)
async def test_R11_3_a_view_covered_far_and_long_enough_is_one_event(
    works: Works, covered: int, seconds: float, is_event: bool
) -> None:
    camera = await works.camera(await works.system(), "C1")
    seen = view(works.document, covered, seconds)
    desk = await watcher(works)
    wish = {"subject": camera, "view": seen, "cause": "tree", "responsible": "待查"}
    assert (await desk.open(TICKETS, **wish)).status_code == (201 if is_event else 422)
    if is_event:
        assert (await desk.open(TICKETS, **wish)).status_code == 409


async def test_R11_3_a_ticket_names_the_cause_and_who_answers(works: Works) -> None:
    camera = await works.camera(await works.system(), "C1")
    desk = await watcher(works)
    wish = {"subject": camera, "view": view(works.document, 400, 61)}
    assert codes(await desk.open(TICKETS, **wish, cause="kite", responsible="待查")) == ["R11.3"]
    assert codes(await desk.open(TICKETS, **wish, cause="advert", responsible=" ")) == ["R11.3"]
    ticket = await desk.opened(TICKETS, **wish, cause="advert", responsible="待查")
    told = await desk.stepped(TICKETS, ticket, "tell", cause="advert", responsible="某广告公司")
    assert told["data"]["responsible"] == "某广告公司"


async def test_R11_3_a_view_still_covered_keeps_it_open(works: Works) -> None:
    camera = await works.camera(await works.system(), "C1")
    desk = await watcher(works)
    ticket = await desk.opened(
        TICKETS, subject=camera, view=view(works.document, 400, 61), cause="line", responsible="供电公司"
    )
    still = {"view": view(works.document, 301, 3_600)}
    assert codes(await desk.step(TICKETS, ticket, "look", **still)) == ["R11.3"]
    free = await desk.stepped(TICKETS, ticket, "look", view=view(works.document, 20, 3_600), note="已移线")
    assert (free["state"], len(free["data"]["views"])) == ("clear", 2)
