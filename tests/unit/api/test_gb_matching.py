"""Channels and cameras, through the API: one bad match harms no other, nobody undoes what is not theirs."""

import asyncio
from contextlib import suppress
from typing import Any
from uuid import UUID

import httpx
import pytest

from bingjian.access.decisions import Role
from bingjian.db.session import Database
from bingjian.inventory.gb28181 import service
from bingjian.inventory.gb28181.models import GbChannelRow, channel_id
from bingjian.inventory.gb28181.service import Gb28181
from tests.signal import SpokenSignal
from tests.unit.api.conftest import Enter
from tests.unit.api.test_gb_devices import (
    API,
    EAST,
    NVR,
    WEST,
    accepted,
    catalogued,
    channels,
    gb,
    item,
    match,
    registrar,
    with_place,
)

__all__ = ["gb", "registrar"]  # fixtures
ODD = (f"{EAST}-1", "cam_1", "东门")


@pytest.mark.parametrize("odd", ODD)
async def test_a_channel_whose_id_no_stream_can_be_asked_by_is_not_matched(
    gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient, odd: str
) -> None:
    device = (await accepted(registrar))["id"]
    await catalogued(gb, signal, item(odd, "东门"))
    file = await with_place(registrar, "东门", EAST)
    answer = await match(registrar, device, odd, file, may_differ=True)
    assert (answer.status_code, answer.json()["code"]) == (422, "address_not_accepted")
    assert "letters and digits" in answer.json()["detail"]
    assert (await channels(registrar, device))[0]["matched_at"] is None


async def test_one_camera_that_cannot_have_its_source_stops_no_other(
    gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient, database: Database
) -> None:
    """Such matches were made before they were refused."""
    device = (await accepted(registrar))["id"]
    await catalogued(gb, signal, item(ODD[0], "东门"), item(WEST, "西门"))
    east, west = await with_place(registrar, "东门", EAST), await with_place(registrar, "西门", WEST)
    someone = UUID((await registrar.get(f"{API}/session")).json()["person"]["id"])

    async def matched_before(session: Any) -> None:
        row = await session.get(GbChannelRow, channel_id(UUID(device), ODD[0]))
        row.camera, row.matched_by, row.version = UUID(east), someone, 1

    await database.run(matched_before)
    answer = await match(registrar, device, WEST, west)
    assert answer.status_code == 200, answer.text
    assert answer.json()["camera"]["has_source"]
    assert WEST in signal.assigned[NVR]["admitted"]


@pytest.mark.parametrize("work", ["keep_fresh", "follow"])
async def test_a_fault_of_ours_does_not_end_what_goes_on_for_ever(
    gb: Gb28181, monkeypatch: pytest.MonkeyPatch, work: str
) -> None:
    monkeypatch.setattr(service, "AGAIN_SECONDS", 0)
    monkeypatch.setattr(service, "REFRESH_SECONDS", 0)
    again = asyncio.Event()
    calls = list[int]()

    async def fails(*_: Any) -> int:
        calls.append(1)
        if len(calls) > 1:
            again.set()
        raise ValueError("a fault of ours")

    monkeypatch.setattr(gb, "refresh", fails)
    monkeypatch.setattr(gb, "take_next", fails)
    running = asyncio.create_task(getattr(gb, work)())
    await asyncio.wait({running, asyncio.create_task(again.wait())}, return_when=asyncio.FIRST_COMPLETED)
    assert not running.done()
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running


async def test_R27_3_a_match_with_a_camera_of_another_area_is_neither_shown_nor_undone(
    gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient, enter: Enter
) -> None:
    device = (await accepted(registrar))["id"]
    await catalogued(gb, signal, item(EAST, "东门"))
    file = await with_place(registrar, "东门", EAST, division="230103")
    assert (await match(registrar, device, EAST, file)).status_code == 200
    near = await enter(Role.REGISTRAR, areas=("230102",))
    (row,) = await channels(near, device)
    assert (row["camera"], row["matched_by_name"], row["matched_at"]) == (None, "", None)
    path = f"{API}/gb-devices/{device}/channels/{EAST}/match"
    answer = await near.delete(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_there")
    assert signal.assigned[NVR]["admitted"] == [EAST]
    assert (await registrar.delete(path)).status_code == 204
