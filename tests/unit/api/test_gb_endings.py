"""Recording that ends with a GB/T 28181 device, its password or a match: reasons, areas, and the journal."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from bingjian.access.decisions import Role
from bingjian.api.platform import Platform
from bingjian.api.routes.gb_devices import RECORDED_MOST
from bingjian.inventory.gb28181.endings import Concerned
from bingjian.inventory.gb28181.service import Gb28181
from bingjian.journal.append import Journal
from bingjian.journal.errors import JournalUnavailable
from tests.backend import kinds
from tests.signal import SpokenSignal
from tests.unit.api.conftest import Enter
from tests.unit.api.test_gb_devices import (
    API,
    EAST,
    WEST,
    accepted,
    catalogued,
    channels,
    gb,
    item,
    match,
    placed,
    registrar,
    with_place,
)
from tests.unit.retention.shelf import KeepingWorker

__all__ = ["gb", "registrar"]  # fixtures

WHY = "录像机报废"


async def unmatch(client: httpx.AsyncClient, device: str, reason: str) -> httpx.Response:
    path = f"{API}/gb-devices/{device}/channels/{EAST}/match"
    return await client.delete(path, params={"reason": reason} if reason else {})


async def remove(client: httpx.AsyncClient, device: str, reason: str) -> httpx.Response:
    return await client.delete(f"{API}/gb-devices/{device}", params={"reason": reason} if reason else {})


async def refuse(client: httpx.AsyncClient, device: str, reason: str) -> httpx.Response:
    return await client.post(f"{API}/gb-devices/{device}/refusal", json={"reason": reason} if reason else {})


async def set_password(client: httpx.AsyncClient, device: str, reason: str) -> httpx.Response:
    wish = {"version": 1, "password": "camera-2027"} | ({"reason": reason} if reason else {})
    return await client.patch(f"{API}/gb-devices/{device}", json=wish)


async def make_up_password(client: httpx.AsyncClient, device: str, reason: str) -> httpx.Response:
    wish = {"version": 1, "new_password": True, "reason": reason}
    return await client.patch(f"{API}/gb-devices/{device}", json=wish)


WITH_DEVICE = {
    "gb_device.remove": remove,
    "gb_device.refuse": refuse,
    "gb_device.password": set_password,
    "gb_device.password, made up": make_up_password,
}
ACTS = {"gb_channel.unmatch": unmatch, **WITH_DEVICE}


@pytest.fixture
async def device(gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient) -> str:
    """An accepted device with two channels that are nobody's yet."""
    found = str((await accepted(registrar))["id"])
    await catalogued(gb, signal, item(EAST, "东门"), item(WEST, "西门"))
    return found


@pytest.fixture
async def east(registrar: httpx.AsyncClient, device: str) -> str:
    """The camera that is recorded from its east channel."""
    file = await with_place(registrar, "东门", EAST)
    assert (await match(registrar, device, EAST, file)).status_code == 200
    return file


@pytest.fixture
async def west(registrar: httpx.AsyncClient, device: str) -> str:
    """A camera of another area that is recorded from its west channel."""
    file = await with_place(registrar, "西门", WEST, division="230103")
    assert (await match(registrar, device, WEST, file)).status_code == 200
    return file


def recorded(worker: KeepingWorker) -> set[str]:
    return {one["id"] for one in worker.assignments[-1]["cameras"]}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("blank", ["", "  "])
async def test_R31_7_recording_does_not_end_without_a_reason(
    act: str,
    blank: str,
    registrar: httpx.AsyncClient,
    device: str,
    east: str,
    worker: KeepingWorker,
    journal: Journal,
) -> None:
    before = (await registrar.get(f"{API}/gb-devices/{device}")).json()
    answer = await ACTS[act](registrar, device, blank)
    told = answer.json()
    assert (answer.status_code, told["code"], told["article"]) == (403, "R31.7", "31(7)")
    assert (told["detail"], told["remedy"]) == ("此操作将停止摄像机录像，但没有写明理由", "请填写理由")
    assert (await kinds(journal))[-1] == "refusal"
    assert "recording.ended" not in await kinds(journal)
    assert recorded(worker) == {east}
    assert (await registrar.get(f"{API}/gb-devices/{device}")).json() == before


@pytest.mark.parametrize("act", ACTS)
async def test_R31_7_the_journal_names_each_camera_and_the_reason(
    act: str,
    registrar: httpx.AsyncClient,
    device: str,
    east: str,
    west: str,
    worker: KeepingWorker,
    journal: Journal,
) -> None:
    answer = await ACTS[act](registrar, device, WHY)
    assert answer.is_success, answer.text
    *entries, last = (await journal.read(1 + (1 if act == "gb_channel.unmatch" else 2)))[::-1]
    assert (last.kind, {one.kind for one in entries}) == ("inventory.changed", {"recording.ended"})
    ended = {"gb_channel.unmatch": {east}}.get(act, {east, west})
    assert {str(one.entry["camera"]) for one in entries} == ended
    verb = act.partition(",")[0]
    assert {(one.entry["reason"], one.entry["verb"], one.entry["resource"]) for one in entries} == {
        (WHY, verb, device)
    }
    if "password" not in act:  # the worker goes on asking for its channels: the device may come back
        assert recorded(worker) == {east, west} - ended


@pytest.mark.parametrize("act", ["gb_device.refuse", "gb_device.password"])
async def test_R31_7_the_reason_stands_in_the_devices_history(
    act: str, registrar: httpx.AsyncClient, device: str, east: str
) -> None:
    assert (await ACTS[act](registrar, device, f" {WHY} ")).is_success
    newest = (await registrar.get(f"{API}/gb-devices/{device}/history")).json()["items"][0]
    assert newest["reason"] == WHY


@pytest.mark.parametrize("act", ACTS)
async def test_R31_7_what_the_journal_does_not_take_does_not_happen(
    act: str,
    registrar: httpx.AsyncClient,
    device: str,
    east: str,
    worker: KeepingWorker,
    journal: Journal,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = journal.append

    async def append(entry: Any) -> Any:
        if entry.kind == "recording.ended":
            raise JournalUnavailable("the journal cannot be written")
        return await real(entry)

    monkeypatch.setattr(journal, "append", append)
    answer = await ACTS[act](registrar, device, WHY)
    assert (answer.status_code, answer.json()["code"]) == (503, "journal_unavailable")
    assert recorded(worker) == {east}
    assert (await registrar.get(f"{API}/gb-devices/{device}")).json()["version"] == 1


@pytest.mark.parametrize("act", ["gb_device.remove", "gb_device.password", "gb_device.password, made up"])
async def test_a_device_without_cameras_needs_no_reason(
    act: str, registrar: httpx.AsyncClient, device: str, journal: Journal
) -> None:
    assert (await ACTS[act](registrar, device, "")).is_success
    assert "recording.ended" not in await kinds(journal)


async def test_a_device_without_cameras_is_refused_with_a_reason_all_the_same(
    registrar: httpx.AsyncClient, device: str, journal: Journal
) -> None:
    answer = await refuse(registrar, device, " ")
    assert (answer.status_code, answer.json()["code"]) == (422, "fields_not_accepted")
    assert [one["field"] for one in answer.json()["errors"]] == ["reason"]
    assert (await refuse(registrar, device, WHY)).is_success
    assert "recording.ended" not in await kinds(journal)


async def test_what_is_not_recorded_ends_without_a_reason(
    registrar: httpx.AsyncClient, device: str, east: str, west: str, journal: Journal
) -> None:
    """A camera that has lost its place (R9.6), then all, of a device that is refused."""
    await placed(registrar, east, None, None)
    assert (await unmatch(registrar, device, "")).status_code == 204
    assert (await refuse(registrar, device, WHY)).is_success
    ended = [one.entry["camera"] for one in await journal.read(100) if one.kind == "recording.ended"]
    assert ended == [west]
    assert (await remove(registrar, device, "")).status_code == 204


@pytest.mark.parametrize("words", [{"name": "别名"}, {"positions_s": 30, "reason": ""}])
async def test_other_changes_end_no_recording(
    words: dict[str, Any], registrar: httpx.AsyncClient, device: str, east: str, journal: Journal
) -> None:
    answer = await registrar.patch(f"{API}/gb-devices/{device}", json={"version": 1, **words})
    assert answer.status_code == 200, answer.text
    assert "recording.ended" not in await kinds(journal)


@pytest.mark.parametrize("length", [500, 501])
@pytest.mark.parametrize("act", ACTS)
async def test_a_reason_has_an_end(
    act: str, length: int, registrar: httpx.AsyncClient, device: str, east: str
) -> None:
    answer = await ACTS[act](registrar, device, "因" * length)
    assert answer.is_success == (length == 500), answer.text
    assert answer.is_success or answer.status_code == 422


async def test_R31_7_a_refusal_says_in_one_sentence_what_is_wanted(
    registrar: httpx.AsyncClient, device: str, east: str
) -> None:
    headers = {"accept-language": "en"}
    told = (await registrar.delete(f"{API}/gb-devices/{device}", headers=headers)).json()
    sentence = "this ends the recording of cameras, and no reason is given"
    assert (told["detail"], told["remedy"]) == (sentence, "give the reason")


# --- cameras of other areas


@pytest.mark.parametrize("act", WITH_DEVICE)
@pytest.mark.parametrize("reason", ["", WHY])
async def test_R27_3_whoever_acts_has_a_say_over_every_camera_of_the_device(
    act: str,
    reason: str,
    registrar: httpx.AsyncClient,
    device: str,
    east: str,
    west: str,
    enter: Enter,
    worker: KeepingWorker,
    journal: Journal,
) -> None:
    near = await enter(Role.REGISTRAR, areas=("230102",))
    answer = await WITH_DEVICE[act](near, device, reason)
    told = answer.json()
    assert (answer.status_code, told["code"], told["article"]) == (403, "cameras_elsewhere", "27¶1")
    assert told["detail"] == "this concerns more than lies in your areas"
    assert not any(one in answer.text for one in (west, WEST, "西门", "230103"))
    assert recorded(worker) == {east, west}
    (newest,) = await journal.read(1)
    assert (newest.kind, newest.entry["resource"]) == ("refusal", west)
    both = await enter(Role.REGISTRAR, areas=("230102", "230103"))
    assert (await WITH_DEVICE[act](both, device, WHY)).is_success


@pytest.mark.parametrize("act", WITH_DEVICE)
async def test_R27_3_also_of_one_that_is_not_recorded(
    act: str, registrar: httpx.AsyncClient, device: str, west: str, enter: Enter
) -> None:
    await placed(registrar, west, None, None)
    near = await enter(Role.REGISTRAR, areas=("230102",))
    answer = await WITH_DEVICE[act](near, device, WHY)
    assert (answer.status_code, answer.json()["code"]) == (403, "cameras_elsewhere")


async def test_R27_3_a_name_may_be_changed_all_the_same(device: str, west: str, enter: Enter) -> None:
    near = await enter(Role.REGISTRAR, areas=("230102",))
    path = f"{API}/gb-devices/{device}"
    assert (await near.patch(path, json={"version": 1, "name": "别名"})).status_code == 200


# --- what is recorded from a device


async def told_of(client: httpx.AsyncClient, device: str) -> tuple[list[str], int]:
    answer = await client.get(f"{API}/gb-devices/{device}/recorded")
    assert answer.status_code == 200, answer.text
    return [one["name"] for one in answer.json()["items"]], answer.json()["count"]


async def test_R27_3_the_recorded_cameras_of_a_device_are_told_of_ones_own_areas(
    registrar: httpx.AsyncClient, device: str, east: str, west: str, enter: Enter
) -> None:
    assert await told_of(registrar, device) == (["东门", "西门"], 2)
    assert await told_of(await enter(Role.REGISTRAR, areas=("230102",)), device) == (["东门"], 1)
    far = await enter(Role.REGISTRAR, areas=("230103",))
    answer = await far.get(f"{API}/gb-devices/{device}/recorded")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_there")
    await placed(registrar, east, None, None)
    assert await told_of(registrar, device) == (["西门"], 1)
    await refuse(registrar, device, WHY)
    assert await told_of(registrar, device) == ([], 0)


async def test_a_camera_that_waits_for_its_source_is_not_recorded_yet(
    registrar: httpx.AsyncClient, device: str
) -> None:
    """Another stream has its name."""
    assert (await registrar.post(f"{API}/cameras", json={"name": "东门", "url": "rtsp://h/"})).is_success
    file = await with_place(registrar, "东门", EAST)
    assert (await match(registrar, device, EAST, file)).status_code == 200
    (row, _) = await channels(registrar, device)
    assert (row["camera"]["storable"]["may_store"], row["camera"]["has_source"]) == (True, False)
    assert await told_of(registrar, device) == ([], 0)
    assert (await unmatch(registrar, device, "")).status_code == 204


@pytest.mark.parametrize("count", [RECORDED_MOST, RECORDED_MOST + 1])
async def test_of_many_the_first_are_named_and_all_are_counted(
    count: int,
    registrar: httpx.AsyncClient,
    device: str,
    east: str,
    platform: Platform,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def many(*_: Any) -> list[Concerned]:
        return [Concerned(UUID(east), f"{n:03}", "230102", is_recorded=True) for n in range(count)]

    monkeypatch.setattr(platform.gb.devices._endings, "of_device", many)
    names, told = await told_of(registrar, device)
    assert (names, told) == ([f"{n:03}" for n in range(RECORDED_MOST)], count)
