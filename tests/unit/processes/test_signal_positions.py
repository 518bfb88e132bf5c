"""Where moving devices are: asked, told by NOTIFY and by MESSAGE, and no longer, on real sockets."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import pytest

from bingjian.protocols.gb28181 import Edition, manscdp
from bingjian.protocols.gb28181.manscdp.notifies import MobilePosition, Position
from bingjian.protocols.gb28181.manscdp.queries import MobilePositionQuery
from bingjian.protocols.gb28181.manscdp.values import BEIJING
from bingjian.signalling import notices, watch
from bingjian.simulate.gb28181.device import Device
from bingjian.simulate.gb28181.fleet import Fleet, FleetConfig
from bingjian.simulate.gb28181.spec import Platform, make_devices
from tests.unit.processes.signal_process import Asking, running
from tests.unit.signalling.scripted import (
    CHANNEL,
    DEVICE,
    DOMAIN,
    PASSWORD,
    PLATFORM,
    Moved,
    ScriptedDevice,
    assignment,
    until,
)

PLACE = {"longitude": 126.6, "latitude": 45.7}


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "JITTER_S", 0.0)


@asynccontextmanager
async def driving(
    positions_s: int, clock: Moved | None = None, **more: Any
) -> AsyncIterator[tuple[Asking, Device]]:
    """The process, and a vehicle with two channels that has registered and is watched."""
    specs = make_devices(DOMAIN, 1, 2, PASSWORD, **more)
    fleet = Fleet()
    async with running(clock=clock) as asking:
        await asking.assign(assignment(specs[0].id, positions_s=positions_s))
        platform = Platform("127.0.0.1", asking.sip_port, PLATFORM)
        await fleet.start(FleetConfig(platform, specs, footage="drawn"))
        try:
            await asking.event("registered")
            yield asking, fleet.devices[specs[0].id]
        finally:
            await fleet.stop()


def intervals(device: Device) -> list[int | None]:
    """That the vehicle is asked for now."""
    asked = [device.reports._watches[key].query for key in device.reports.watched(MobilePositionQuery)]
    return [query.interval for query in asked if isinstance(query, MobilePositionQuery)]


async def figures(asking: Asking) -> dict[str, Any]:
    found: dict[str, Any] = (await asking.http.get("/control/state")).json()
    return found


@asynccontextmanager
async def reporting(positions_s: int) -> AsyncIterator[tuple[Asking, ScriptedDevice]]:
    """The process, and a device that says what it is told to."""
    async with running() as asking:
        await asking.assign(assignment(positions_s=positions_s))
        device = await ScriptedDevice(asking.sip_port).open()
        await device.register()
        await asking.event("registered")
        try:
            yield asking, device
        finally:
            device.close()


def said(sn: int, *places: tuple[float | None, float | None]) -> bytes:
    """A list, as the edition of 2022 has it."""
    items = tuple(Position(device_id=CHANNEL, longitude=one[0], latitude=one[1]) for one in places)
    told = MobilePosition(sn=sn, device_id=DEVICE, total=len(items), devices=items)
    return manscdp.build(told, edition=Edition.V2022)


@pytest.mark.parametrize("transport", ["UDP", "TCP"])
@pytest.mark.parametrize("edition", [Edition.V2016, Edition.V2022])
async def test_a_device_of_either_edition_is_asked_where_it_is(edition: Edition, transport: str) -> None:
    async with driving(7, edition=edition, transport=transport) as (asking, device):
        told = await asking.event("positions")
        (item,) = told["items"]
        assert (told["device"], item["channel"]) == (device.spec.id, device.spec.id)
        assert item["longitude"] == pytest.approx(device.place[0], abs=0.02)
        assert item["latitude"] == pytest.approx(device.place[1], abs=0.01)
        assert (item["speed_kmh"], item["direction"] in (0, 90, 180, 270)) == (24.0, True)
        assert abs((datetime.fromisoformat(item["time"]) - datetime.now(BEIJING)).total_seconds()) < 10
        assert intervals(device) == [7]
        state = await figures(asking)
        assert (state["subscriptions"], state["positions_refused"], state["faults"]) == (3, 0, 0)


async def test_nobody_is_asked_unless_it_is_switched_on_and_the_switch_holds_at_once() -> None:
    async with driving(0) as (asking, device):
        await until(lambda: len(device.reports._watches) == 2)
        assert intervals(device) == []
        for epoch, positions_s in ((2, 5), (3, 60)):  # on, and at another interval: ended and made anew
            await asking.assign(assignment(device.spec.id, epoch=epoch, positions_s=positions_s))
            await asking.event("positions")
            await until(lambda wanted=positions_s: intervals(device) == [wanted])  # type: ignore[misc]
            assert (await figures(asking))["subscriptions"] == 3
        await asking.assign(assignment(device.spec.id, epoch=4, positions_s=0))
        await until(lambda: not intervals(device))
        subscriptions = asking.process.platform.endpoint.subscriptions
        await until(lambda: len(subscriptions) == 2)
        device.reports.send_position()  # by MESSAGE now, for nobody has subscribed
        await until(lambda: asking.process.platform.notices.positions_unasked)
        assert [event for event in await asking.events() if event["kind"] == "positions"] == []


async def test_on_and_off_while_the_device_has_not_answered_ends_as_it_was_set_last() -> None:
    async with driving(0) as (asking, device):
        await until(lambda: len(device.reports._watches) == 2)
        for epoch, positions_s in ((2, 5), (3, 0), (4, 30), (5, 0), (6, 10)):
            await asking.assign(assignment(device.spec.id, epoch=epoch, positions_s=positions_s))
        await until(lambda: intervals(device) == [10])
        assert (await figures(asking))["subscriptions"] == 3


async def test_a_subscription_is_renewed_before_it_ends_with_the_interval() -> None:
    clock = Moved()
    async with driving(5, clock) as (asking, device):
        await asking.event("positions")
        (key,) = device.reports.watched(MobilePositionQuery)
        before = device.reports._watches[key].query.sn
        clock.pushed_s += 0.85 * watch.EXPIRES_S
        asking.process.platform.endpoint.tick()
        await until(lambda: device.reports._watches[key].query.sn > before)
        assert device.reports.watched(MobilePositionQuery) == [key]  # in the same dialog
        assert intervals(device) == [5]


async def test_a_device_that_refuses_is_asked_again_when_the_interval_changes() -> None:
    async with reporting(5) as (asking, device):
        bodies: list[bytes] = []

        def refuse(asked: Any) -> bool:
            if asked.request.method != "SUBSCRIBE" or b"MobilePosition" not in asked.request.body:
                return False
            bodies.append(asked.request.body)
            device.answer(asked, 489)
            return True

        device.handlers.append(refuse)
        for epoch, interval in ((2, b"<Interval>10<"), (3, b"<Interval>20<")):
            await asking.assign(assignment(epoch=epoch, positions_s=epoch * 10 - 10))
            await until(lambda wanted=interval: any(wanted in body for body in bodies))  # type: ignore[misc]
        subscriptions = asking.process.platform.endpoint.subscriptions
        await until(lambda: len(subscriptions) == 2)


async def test_what_comes_by_message_is_taken_like_what_comes_by_notify() -> None:
    async with reporting(5) as (asking, device):
        at = datetime(2026, 11, 26, 8, 0, tzinfo=BEIJING)
        flat = MobilePosition(sn=1, device_id=CHANNEL, time=at, speed=30.0, altitude=140.5, **PLACE)
        assert await device.say(flat) == 200
        (item,) = (await asking.event("positions"))["items"]
        assert item == {
            "channel": CHANNEL,
            "time": "2026-11-26T00:00:00.000Z",
            **PLACE,
            "speed_kmh": 30.0,
            "direction": None,
            "altitude_m": 140.5,
        }
        await device.say_bytes(said(2, (126.6, 45.7), (126.7, 45.8)))
        assert len((await asking.event("positions"))["items"]) == 2


async def test_a_stranger_and_a_device_that_is_not_asked_are_not_heard() -> None:
    async with reporting(0) as (asking, device):
        assert await device.say_bytes(said(1, (126.6, 45.7))) == 200
        stranger = await ScriptedDevice(asking.sip_port, id="99010100001180000099").open()
        assert await stranger.say_bytes(said(2, (126.6, 45.7))) == 403
        state = await figures(asking)
        assert (state["positions_unasked"], state["positions_refused"]) == (1, 0)
        assert "bingjian_signal_positions_unasked_total 1.0" in (await asking.http.get("/metrics")).text
        assert "positions" not in [event["kind"] for event in await asking.events()]
        stranger.close()


NOWHERE = [(181.0, 45.0), (-180.1, 0.0), (126.6, 90.5), (0.0, 0.0), (None, 45.7), (126.6, None)]


@pytest.mark.parametrize("place", NOWHERE)
async def test_no_place_of_the_world_is_refused_and_counted(place: tuple[float | None, float | None]) -> None:
    async with reporting(5) as (asking, device):
        await device.say_bytes(said(1, place, (126.6, 45.7)))
        (item,) = (await asking.event("positions"))["items"]
        assert (item["longitude"], item["latitude"]) == (126.6, 45.7)
        await device.say_bytes(said(2, place))
        await device.say(MobilePosition(sn=3, device_id=CHANNEL, longitude=place[0], latitude=place[1]))
        state = await figures(asking)
        assert (state["positions_refused"], state["faults"]) == (3, 0)
        assert "bingjian_signal_positions_refused_total 3.0" in (await asking.http.get("/metrics")).text
        assert "positions" not in [event["kind"] for event in await asking.events()]


async def test_a_flood_of_positions_is_cut_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "POSITIONS_PER_MINUTE", 3)
    monkeypatch.setattr(notices, "POSITIONS_LIMIT", 2)
    async with reporting(5) as (asking, device):
        for sn in range(1, 6):
            await device.say_bytes(said(sn, (126.6, 45.7), (126.7, 45.7), (126.8, 45.7)))
        told = [event for event in await asking.events() if event["kind"] == "positions"]
        assert [len(event["items"]) for event in told] == [2, 2, 2]
        assert (await figures(asking))["positions_refused"] == 3 + 2 * 3


@pytest.mark.parametrize("positions_s", [4, 3601, -5, True, 5.0, "5", None])
async def test_an_interval_that_cannot_be_is_refused(positions_s: Any) -> None:
    async with running() as asking:
        body = {"epoch": 1, "devices": [{"id": DEVICE, "password": PASSWORD, "positions_s": positions_s}]}
        answer = await asking.http.put("/control/assignment", content=json.dumps(body).encode())
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_assignment")
