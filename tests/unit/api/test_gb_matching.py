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
from bingjian.inventory.vault import Vault
from bingjian.journal.append import Journal
from tests.signal import SpokenSignal
from tests.unit.api.conftest import Enter
from tests.unit.api.procedures.office import told
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
    assert (await registrar.delete(path, params={"reason": "错配"})).status_code == 204


async def test_R27_3_no_number_and_no_filter_tells_of_a_match_with_a_camera_of_another_area(
    gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient, enter: Enter
) -> None:
    device = (await accepted(registrar))["id"]
    await catalogued(gb, signal, item(EAST, "东门"), item(WEST, "西门"))
    for channel, name, division in ((EAST, "东门", "230103"), (WEST, "西门", "230102")):
        file = await with_place(registrar, name, channel, division=division)
        assert (await match(registrar, device, channel, file)).status_code == 200
    near = await enter(Role.REGISTRAR, areas=("230102",))
    for who, known in ((registrar, [EAST, WEST]), (near, [WEST])):
        (line,) = (await who.get(f"{API}/gb-devices", params={"q": NVR})).json()["items"]
        one = (await who.get(f"{API}/gb-devices/{device}")).json()
        assert [(told["channels"], told["matched"]) for told in (line, one)] == [(2, len(known))] * 2
        found = [one["channel"] for one in await channels(who, device, matched=True)]
        rest = [one["channel"] for one in await channels(who, device, matched=False)]
        assert (sorted(found), sorted(rest)) == (known, sorted({EAST, WEST} - set(known)))


async def test_R27_3_a_hidden_match_is_refused_in_the_words_of_any_other(
    gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient, enter: Enter
) -> None:
    device = (await accepted(registrar))["id"]
    await catalogued(gb, signal, item(EAST, "东门"), item(WEST, "西门"))
    far = await with_place(registrar, "东门", EAST, division="230103")
    mine = await with_place(registrar, "西门", WEST)
    assert (await match(registrar, device, EAST, far)).status_code == 200
    near = await enter(Role.REGISTRAR, areas=("230102",))
    channel_is_taken = await match(near, device, EAST, mine, may_differ=True)
    assert (await match(near, device, WEST, mine)).status_code == 200
    free = await with_place(registrar, "北门", None)
    camera_is_taken = await match(near, device, WEST, free)
    assert channel_is_taken.status_code == camera_is_taken.status_code == 409
    assert told(channel_is_taken) == told(camera_is_taken)


async def test_the_address_of_a_matched_camera_is_not_typed_over(
    gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient
) -> None:
    device = (await accepted(registrar))["id"]
    await catalogued(gb, signal, item(EAST, "东门"))
    file = await with_place(registrar, "东门", EAST)
    assert (await match(registrar, device, EAST, file)).status_code == 200
    path = f"{API}/cameras/{file}"
    answer = await registrar.patch(path, json={"url": "rtsp://192.0.2.9/main"})
    assert (answer.status_code, answer.json()["code"]) == (409, "source_is_channel")
    same = {"name": "东大门", "url": f"gb28181://{NVR}/{EAST}"}
    assert (await registrar.patch(path, json=same)).status_code == 200
    await registrar.delete(f"{API}/gb-devices/{device}/channels/{EAST}/match", params={"reason": "错配"})
    assert (await registrar.patch(path, json={"url": "rtsp://192.0.2.9/main"})).status_code == 200


async def test_a_matched_camera_is_removed_once_its_match_is_undone_and_may_come_back(
    gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient
) -> None:
    device = (await accepted(registrar))["id"]
    await catalogued(gb, signal, item(EAST, "东门"))
    file = await with_place(registrar, "东门", EAST)
    why = {"reason": "错配"}
    for _ in range(2):  # the second time it is one that was removed before
        assert (await match(registrar, device, EAST, file)).status_code == 200
        refused = await registrar.delete(f"{API}/cameras/{file}", params=why)
        assert (refused.status_code, refused.json()["code"]) == (409, "source_is_channel")
        undone = await registrar.delete(f"{API}/gb-devices/{device}/channels/{EAST}/match", params=why)
        assert undone.status_code == 204
        removed = await registrar.delete(f"{API}/cameras/{file}", params=why)
        assert removed.status_code == 204


async def test_what_the_platform_sets_is_said_of_nobody(
    gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient, journal: Journal
) -> None:
    device = (await accepted(registrar))["id"]
    await catalogued(gb, signal, item(EAST, "东门"))
    file = await with_place(registrar, "东门", EAST)
    assert (await match(registrar, device, EAST, file)).status_code == 200
    (added,) = [one for one in await journal.read(100) if one.kind == "camera.added"]
    assert (added.entry["camera"], added.entry["actor"]) == (file, "")


async def test_a_camera_whose_name_another_stream_has_costs_one_reading_a_round(
    gb: Gb28181,
    signal: SpokenSignal,
    registrar: httpx.AsyncClient,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    device = (await accepted(registrar))["id"]
    await catalogued(gb, signal, item(EAST, "东门"))
    typed = await registrar.post(f"{API}/cameras", json={"name": "东门", "url": "rtsp://192.0.2.9/main"})
    assert typed.status_code == 201, typed.text
    file = await with_place(registrar, "东门", EAST)
    answer = await match(registrar, device, EAST, file)
    assert (answer.status_code, answer.json()["camera"]["has_source"]) == (200, False)

    async def written(_: Any) -> None:
        raise AssertionError("nothing is to be written")

    with monkeypatch.context() as patched:
        patched.setattr(database, "run", written)
        await gb.refresh()
    answer = await registrar.patch(f"{API}/cameras/{typed.json()['id']}", json={"name": "旧东门"})
    assert answer.status_code == 200, answer.text
    await gb.refresh()
    assert (await channels(registrar, device))[0]["camera"]["has_source"]


async def test_a_password_is_opened_once_and_again_when_it_is_another(
    gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, real = list[UUID](), Vault.open_password

    def counted(vault: Vault, device: UUID, sealed: bytes) -> str:
        opened.append(device)
        return real(vault, device, sealed)

    monkeypatch.setattr(Vault, "open_password", counted)
    row = await accepted(registrar, password="camera-2026")
    await gb.refresh()
    await gb.refresh()
    assert opened == [UUID(row["id"])]
    wish = {"version": 1, "password": "camera-2027"}
    assert (await registrar.patch(f"{API}/gb-devices/{row['id']}", json=wish)).status_code == 200
    assert (len(opened), signal.assigned[NVR]["password"]) == (2, "camera-2027")


async def test_whoever_is_online_is_asked_in_bulk(
    gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, real = list[int](), gb.client.bindings

    async def counted(codes: list[str]) -> Any:
        asked.append(len(codes))
        return await real(codes)

    monkeypatch.setattr(gb.client, "bindings", counted)
    for number in range(3):
        await accepted(registrar, f"2301020000118000000{number + 1}")
    signal.bindings[NVR] = {"online": True, "address": "192.0.2.8:5060", "transport": "tcp"}
    signal.run = "second"
    await gb.take_next(0)
    assert asked == [3]
    online = (await registrar.get(f"{API}/gb-devices", params={"online": True})).json()["items"]
    assert [one["code"] for one in online] == [NVR]
