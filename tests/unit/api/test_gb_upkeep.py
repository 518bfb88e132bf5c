"""What a device is told and asked by a field engineer: the right, the journal first, what the device says."""

from typing import Any

import httpx
import pytest

from bingjian.access.decisions import Role
from bingjian.api.platform import Platform
from bingjian.inventory.gb28181.upkeep import ORDERS
from bingjian.journal.append import Journal
from tests.signal import SpokenSignal
from tests.unit.api.conftest import Enter
from tests.unit.api.test_gb_devices import (
    API,
    EAST,
    FAR,
    NVR,
    accepted,
    catalogued,
    item,
    knocking,
    told,
)

FIRMWARE = {"firmware": "V4.1", "url": "http://192.0.2.9/v41.bin", "manufacturer": "Acme"}
WISHES = {
    "restart": {"restart": True},
    "guard": {"guard": True},
    "unguard": {"guard": False},
    "reset_alarm": {"reset_alarm": {}},
    "key_frame": {"key_frame": True},
    "record": {"record": True},
}


@pytest.fixture
async def registrar(enter: Enter) -> httpx.AsyncClient:
    return await enter(Role.REGISTRAR)


async def ordered(client: httpx.AsyncClient, device: str, **wish: Any) -> httpx.Response:
    return await client.post(f"{API}/gb-devices/{device}/orders", json=wish)


async def entries(journal: Journal, kind: str) -> list[dict[str, Any]]:
    return [one.entry for one in reversed(await journal.read(100)) if one.kind == kind]


@pytest.mark.parametrize("order", ORDERS)
async def test_R27_2_an_order_is_written_down_before_the_device_hears_of_it(
    order: str, platform: Platform, signal: SpokenSignal, registrar: httpx.AsyncClient, journal: Journal
) -> None:
    device = (await accepted(registrar))["id"]
    before = list[dict[str, Any]]()

    async def look() -> None:
        before.extend(await entries(journal, "device.ordered"))

    signal.on_control, signal.answer = look, (200, {"result": "ok", "confirmed": True})
    answer = await ordered(registrar, device, order=order)
    assert (answer.status_code, answer.json()) == (200, {"confirmed": True})
    assert signal.controls == [(NVR, WISHES[order])]
    (entry,) = before
    assert {name: entry[name] for name in ("device_id", "channel_id", "order", "detail")} == {
        "device_id": NVR,
        "channel_id": "",
        "order": order,
        "detail": "",
    }


async def test_R27_1_whoever_may_not_change_devices_orders_and_asks_nothing(
    signal: SpokenSignal, registrar: httpx.AsyncClient, enter: Enter
) -> None:
    device = (await accepted(registrar))["id"]
    watcher = await enter(Role.WATCHER)
    path = f"{API}/gb-devices/{device}"
    answers = [
        await ordered(watcher, device, order="restart"),
        await watcher.post(f"{path}/upgrade", json=FIRMWARE),
        *[await watcher.get(f"{path}/{what}") for what in ("status", "cards", "configuration")],
    ]
    assert {answer.status_code for answer in answers} == {403}
    assert (signal.controls, signal.queries) == ([], [])


async def test_R27_3_a_device_of_another_area_is_not_there(
    platform: Platform, signal: SpokenSignal, registrar: httpx.AsyncClient, enter: Enter
) -> None:
    far = (await accepted(registrar, FAR, division="230103"))["id"]
    own = await enter(Role.REGISTRAR, areas=("230102",))
    assert (await ordered(own, far, order="restart")).status_code == 404
    assert (await own.get(f"{API}/gb-devices/{far}/cards")).status_code == 404
    assert (signal.controls, signal.queries) == ([], [])


async def test_a_channel_is_one_of_the_device_and_is_not_restarted(
    platform: Platform, signal: SpokenSignal, registrar: httpx.AsyncClient
) -> None:
    device = (await accepted(registrar))["id"]
    await catalogued(platform.gb, signal, item(EAST, "东门"))
    signal.answer = (200, {"result": "ok", "confirmed": False})
    answer = await ordered(registrar, device, order="guard", channel=EAST)
    assert answer.json() == {"confirmed": False}
    assert signal.controls == [(NVR, {"guard": True, "channel": EAST})]
    assert (await ordered(registrar, device, order="guard", channel="1")).status_code == 404
    assert (await ordered(registrar, device, order="restart", channel=EAST)).status_code == 409
    assert len(signal.controls) == 1


@pytest.mark.parametrize("order", ["format", "stop_record", ""])
async def test_R28_1_nothing_of_it_loses_what_a_device_has_recorded(
    order: str, signal: SpokenSignal, registrar: httpx.AsyncClient
) -> None:
    device = (await accepted(registrar))["id"]
    assert (await ordered(registrar, device, order=order)).status_code == 422
    assert not {"format_card"} & {name for wish in ORDERS.values() for name in wish}
    assert {"record": False} not in ORDERS.values()


async def test_who_only_waits_is_told_nothing(
    platform: Platform, signal: SpokenSignal, registrar: httpx.AsyncClient
) -> None:
    device = await knocking(platform.gb, signal, registrar)
    answer = await ordered(registrar, device, order="restart")
    assert (answer.status_code, answer.json()["code"]) == (409, "gb_device_other")
    assert signal.controls == []


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ((409, {"code": "offline"}), (409, "gb_device_offline")),
        ((504, {"code": "no_answer"}), (504, "gb_device_silent")),
        ((502, {"code": "device_error", "detail": "the device says ERROR"}), (502, "gb_device_refuses")),
        ((501, {"code": "not_supported"}), (502, "gb_device_refuses")),
        ((503, {"code": "busy"}), (503, "signal_away")),
    ],
)
async def test_why_a_device_did_not_do_it(
    said: tuple[int, dict[str, Any]],
    expected: tuple[int, str],
    signal: SpokenSignal,
    registrar: httpx.AsyncClient,
    journal: Journal,
) -> None:
    device = (await accepted(registrar))["id"]
    signal.answer = said
    answer = await ordered(registrar, device, order="guard")
    assert (answer.status_code, answer.json()["code"]) == expected
    assert len(await entries(journal, "device.ordered")) == 1  # that it was tried


async def test_an_upgrade_is_written_down_with_its_source_and_its_result(
    platform: Platform, signal: SpokenSignal, registrar: httpx.AsyncClient, journal: Journal
) -> None:
    device = (await accepted(registrar))["id"]
    signal.answer = (200, {"result": "ok", "confirmed": True})
    answer = await registrar.post(f"{API}/gb-devices/{device}/upgrade", json=FIRMWARE)
    assert answer.status_code == 202, answer.text
    session = answer.json()["session"]
    assert len(session) == 32
    assert signal.controls == [(NVR, {"upgrade": {**FIRMWARE, "session": session}})]
    (entry,) = await entries(journal, "device.ordered")
    assert (entry["order"], entry["detail"]) == ("upgrade", "V4.1 http://192.0.2.9/v41.bin")
    signal.tell("upgrade", NVR, session=session, result="ERROR", firmware="V4.0", reason="02")
    signal.tell("upgrade", "23010200001180000999", session=session, result="OK", firmware="V4.0", reason="")
    await told(platform.gb)
    (result,) = await entries(journal, "device.upgraded")
    assert {name: result[name] for name in ("device_id", "session", "result", "firmware", "reason")} == {
        "device_id": NVR,
        "session": session,
        "result": "ERROR",
        "firmware": "V4.0",
        "reason": "02",
    }


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://192.0.2.9/v", "http://", "http://a b/", "x"])
async def test_firmware_comes_from_the_web_only(
    url: str, signal: SpokenSignal, registrar: httpx.AsyncClient
) -> None:
    device = (await accepted(registrar))["id"]
    answer = await registrar.post(f"{API}/gb-devices/{device}/upgrade", json={**FIRMWARE, "url": url})
    assert answer.status_code == 422
    assert signal.controls == []


async def test_how_a_device_is_and_what_it_stores_on(
    signal: SpokenSignal, registrar: httpx.AsyncClient
) -> None:
    device = (await accepted(registrar))["id"]
    signal.answer = (
        200,
        {
            "device_id": NVR,
            "online": "ONLINE",
            "status": "OK",
            "reason": "",
            "encode": "ON",
            "record": "OFF",
            "time": "2026-01-01T04:00:00.000Z",
            "alarm_inputs": [{"device_id": EAST, "duty_status": "ONDUTY"}],
        },
    )
    status = (await registrar.get(f"{API}/gb-devices/{device}/status")).json()
    assert (status["record"], status["alarm_inputs"][0]["duty_status"]) == ("OFF", "ONDUTY")
    card = {"number": 1, "name": "SD", "status": "ok", "format_progress": None}
    signal.answer = (200, {"cards": [{**card, "capacity_mb": 64_000, "free_mb": 20_000}]})
    cards = (await registrar.get(f"{API}/gb-devices/{device}/cards")).json()["cards"]
    assert [(one["status"], one["free_mb"]) for one in cards] == [("ok", 20_000)]
    assert [query[1]["command"] for query in signal.queries] == ["DeviceStatus", "SDCardStatus"]
    signal.answer = (200, {"nonsense": True})
    answer = await registrar.get(f"{API}/gb-devices/{device}/status")
    assert (answer.status_code, answer.json()["code"]) == (503, "signal_away")


@pytest.mark.parametrize(("edition", "blocks"), [("2016", 2), ("2022", 9)])
async def test_what_a_device_is_set_to_value_by_value(
    edition: str, blocks: int, signal: SpokenSignal, registrar: httpx.AsyncClient
) -> None:
    device = (await accepted(registrar, edition=edition))["id"]
    plan = {"enabled": "1", "schedules": [{"week_day": 1}, {"week_day": 2}]}
    told = {"basic": {"name": "北门", "expiration": None}, "record_plan": plan, "mirror": "0", "osd": None}
    signal.answer = (200, {"device_id": NVR, **told})
    answer = await registrar.get(f"{API}/gb-devices/{device}/configuration")
    assert [(one["block"], one["name"], one["value"]) for one in answer.json()["items"]] == [
        ("basic", "name", "北门"),
        ("record_plan", "enabled", "1"),
        ("record_plan", "schedules.1.week_day", "1"),
        ("record_plan", "schedules.2.week_day", "2"),
        ("mirror", "", "0"),
    ]
    assert len(signal.queries[0][1]["config_type"].split("/")) == blocks
