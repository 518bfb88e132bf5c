"""Simulated devices at our own signalling process: both sides are the real ones."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bingjian.protocols.gb28181 import Edition
from bingjian.protocols.gb28181.manscdp import queries
from bingjian.simulate.gb28181.fleet import Fleet, FleetConfig
from bingjian.simulate.gb28181.quirks import Quirk
from bingjian.simulate.gb28181.spec import Platform, make_devices
from tests.unit.processes.signal_process import Asking, running
from tests.unit.signalling.scripted import DOMAIN, PASSWORD, PLATFORM, assignment

REGISTERS_NOT = frozenset({Quirk.BLANK_PASSWORD})


@asynccontextmanager
async def registered(count: int = 1, **more: Any) -> AsyncIterator[tuple[Asking, Fleet]]:
    devices = make_devices(DOMAIN, count, 4, PASSWORD, **more)
    async with running() as asking:
        await asking.assign(assignment(*(spec.id for spec in devices)))
        fleet = Fleet()
        where = Platform("127.0.0.1", asking.sip_port, PLATFORM)
        await fleet.start(FleetConfig(where, devices, footage="drawn"))
        try:
            await fleet.ready()
            for spec in devices:
                await until_registered(fleet, spec.id)
            yield asking, fleet
        finally:
            await fleet.stop()


async def until_registered(fleet: Fleet, device: str) -> None:
    async with asyncio.timeout(15):
        while not fleet.devices[device].registered:
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("transport", ["UDP", "TCP"])
@pytest.mark.parametrize("edition", [Edition.V2016, Edition.V2022])
async def test_registers_and_tells_its_channels(transport: str, edition: Edition) -> None:
    async with registered(2, transport=transport, edition=edition) as (asking, fleet):
        for id, device in fleet.devices.items():
            info = (await asking.query(id, "DeviceInfo")).json()
            assert info["channels"] == 4
            assert (await asking.query(id, "Catalog")).status_code == 200
            presets = await asking.query(id, "PresetQuery", channel=next(iter(device.channels)))
            assert presets.status_code == 200


@pytest.mark.parametrize(
    "quirk", sorted(set(Quirk) - REGISTERS_NOT, key=lambda q: q.word), ids=lambda q: q.word
)
async def test_odd_devices_are_taken(quirk: Quirk) -> None:
    async with registered(quirks=frozenset({quirk})) as (asking, fleet):
        (device,) = fleet.devices
        told = await asking.query(device, "DeviceInfo")
        assert told.status_code == 200


async def test_turns_as_it_is_told() -> None:
    async with registered() as (asking, fleet):
        ((id, device),) = fleet.devices.items()
        channel = device.channels[next(iter(device.channels))]
        moved = await asking.control(id, channel=channel.spec.id, ptz={"pan": 255, "tilt": 0, "zoom": 0})
        assert moved.status_code == 200
        async with asyncio.timeout(15):
            while channel.mount.look.pan < 1:
                await asyncio.sleep(0.02)
        await asking.control(id, channel=channel.spec.id, ptz={"pan": 0, "tilt": 0, "zoom": 0})
        async with asyncio.timeout(15):
            while channel.mount.course.moves:
                await asyncio.sleep(0.02)


async def test_its_alarm_is_an_event() -> None:
    async with registered() as (asking, fleet):
        (id,) = fleet.devices
        fleet.handle({"do": "alarm", "device": id, "priority": "1"})
        event = await asking.event("alarm")
        assert (event["device"], event["priority"], event["method"]) == (id, "1", "5")


# --- Habits that are ours ----------------------------------------------------------------------------------


async def test_quirk_41_the_date_we_tell_is_beijing_s_wherever_we_stand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        async with registered() as (asking, fleet):
            ((id, device),) = fleet.devices.items()
            assert abs(device._offset) < timedelta(seconds=5)
            told = (await asking.query(id, "DeviceStatus")).json()["time"]
            assert abs(datetime.fromisoformat(told) - datetime.now(UTC)) < timedelta(seconds=5)
    finally:
        monkeypatch.undo()
        time.tzset()


async def test_quirk_44_one_id_below_and_above_is_told_apart_by_who_asked() -> None:
    """What an upper platform of a device's id asks is no answer to what we ask, though the numbers agree."""
    async with registered(edition=Edition.V2022) as (asking, fleet):
        ((id, device),) = fleet.devices.items()
        next_sn = asking.process.platform.queries.next_sn()
        numbers = range(next_sn, next_sn + 10)
        device.tell(*(queries.DeviceInfoQuery(sn=sn, device_id=PLATFORM) for sn in numbers))
        answers = await asyncio.gather(*(asking.query(id, "DeviceInfo") for _ in range(5)))
        assert {(answer.status_code, answer.json()["channels"]) for answer in answers} == {(200, 4)}
        assert asking.process.platform.messages.unreadable == 0
