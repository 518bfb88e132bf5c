"""The signalling process and simulated devices with their quirks (gb28181.md, section 5, by number)."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bingjian.protocols.gb28181 import Edition
from bingjian.signalling import watch
from bingjian.simulate.gb28181.device import Device
from bingjian.simulate.gb28181.fleet import Fleet, FleetConfig
from bingjian.simulate.gb28181.quirks import Quirk
from bingjian.simulate.gb28181.spec import DeviceSpec, Platform, make_devices
from tests.unit.processes.signal_process import Asking, running
from tests.unit.signalling.scripted import DOMAIN, PASSWORD, PLATFORM


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "JITTER_S", 0.0)


def told(specs: tuple[DeviceSpec, ...], **more: Any) -> bytes:
    devices = [{"id": spec.id, "password": spec.password, "keep_alive_s": 5, **more} for spec in specs]
    return json.dumps({"epoch": 1, "devices": devices}).encode()


@asynccontextmanager
async def meeting(
    *quirks: Quirk, count: int = 1, channels: int = 5, roams: bool = False, **more: Any
) -> AsyncIterator[tuple[Asking, Device]]:
    """The process, and a fleet that registers at it."""
    specs = make_devices(DOMAIN, count, channels, PASSWORD, quirks=frozenset(quirks), **more)
    fleet = Fleet()
    async with running() as asking:
        await asking.assign(told(specs, roams=roams))
        await fleet.start(
            FleetConfig(Platform("127.0.0.1", asking.sip_port, PLATFORM), specs, footage="drawn")
        )
        try:
            yield asking, fleet.devices[specs[0].id]
        finally:
            await fleet.stop()


@pytest.mark.parametrize("transport", ["UDP", "TCP"])
@pytest.mark.parametrize("edition", [Edition.V2016, Edition.V2022])
async def test_a_device_registers_and_tells_all_of_itself(transport: str, edition: Edition) -> None:
    async with meeting(transport=transport, edition=edition) as (asking, device):
        registered = await asking.event("registered")
        assert (registered["transport"], registered["version"]) == (transport.lower(), edition.header)
        seen: dict[str, dict[str, Any]] = {}
        while not {"info", "catalog"} <= set(seen):
            seen |= {event["kind"]: event for event in await asking.events(wait_s=5)}
        assert seen["info"]["manufacturer"]
        assert (seen["catalog"]["complete"], len(seen["catalog"]["items"]) >= 5) == (True, True)
        answer = await asking.query(device.spec.id, "DeviceStatus")
        assert answer.json()["online"] == "ONLINE"
        channel = device.spec.channels[0].id
        assert (await asking.control(device.spec.id, channel=channel, ptz={"pan": 20})).status_code == 200
        assert (await asking.query(device.spec.id, "PresetQuery", channel=channel)).status_code == 200
        state = (await asking.http.get("/control/state")).json()
        assert (state["subscriptions"], state["faults"]) == (2, 0)


CATALOGUE_QUIRKS = [
    *(Quirk.WRONG_SUM, Quirk.UNSOLICITED_PAGE, Quirk.ODD_PARENTS, Quirk.EARLY_NOTIFY, Quirk.WRONG_DOMAIN),
    *(Quirk.NEEDS_ALGORITHM, Quirk.KNOWN_SERVER_ONLY, Quirk.BROKEN_XML, Quirk.UTF8_AS_GB),
    *(Quirk.UTC_TIMES, Quirk.ZERO_HEARTBEAT, Quirk.UNKNOWN_MAKER, Quirk.NO_EXPIRES, Quirk.PRIVATE_ADDRESS),
]


@pytest.mark.parametrize("quirk", CATALOGUE_QUIRKS, ids=lambda quirk: f"{quirk.number}-{quirk.word}")
async def test_a_quirk_keeps_no_device_and_none_of_its_channels_out(quirk: Quirk) -> None:
    async with meeting(quirk) as (asking, device):
        clock = asking.process.platform.endpoint
        catalogue = asyncio.create_task(asking.event("catalog"))
        if quirk is Quirk.WRONG_SUM:  # one that never comes is waited for, but not for ever
            await asyncio.sleep(1.0)
            asking.process.platform.queries.expire(clock.now() + 60.0)
        async with asyncio.timeout(10):
            found = await catalogue
        items = {item["id"]: item for item in found["items"]}
        assert {channel.id for channel in device.spec.channels} <= set(items)
        assert found["complete"] is (quirk is not Quirk.WRONG_SUM)
        for id, item in items.items():
            assert not {id, PLATFORM} & set(item["parents"])
        names = {channel.name for channel in device.spec.channels}
        if quirk is not Quirk.BROKEN_XML:
            assert names <= {item["name"] for item in items.values()} or quirk is Quirk.UTF8_AS_GB
        assert (await asking.http.get("/control/state")).json()["faults"] == 0


async def test_a_wrong_realm_works_and_is_said() -> None:
    """Quirk 14."""
    async with meeting(Quirk.WRONG_DOMAIN) as (asking, _):
        assert (await asking.event("registered"))["realm_differs"] is True


async def test_a_blank_password_is_said_once_and_never_let_in() -> None:
    """Quirk 16."""
    async with meeting(Quirk.BLANK_PASSWORD) as (asking, device):
        assert (await asking.event("refused"))["why"] == "password"
        assert (await asking.http.get(f"/control/devices/{device.spec.id}")).status_code == 404


async def test_a_device_whose_port_moves_is_asked_where_it_is() -> None:
    """Quirk 11."""
    async with meeting(Quirk.PORT_MOVES, keep_alive_s=0.2) as (asking, device):
        first = (await asking.event("registered"))["address"]
        assert (await asking.event("moved"))["address"] != first
        assert (await asking.query(device.spec.id, "DeviceStatus")).status_code == 200


async def test_a_device_whose_address_moves_registers_there_and_is_asked_there() -> None:
    """Quirk 12."""
    async with meeting(Quirk.ADDRESS_MOVES, keep_alive_s=0.2) as (asking, device):
        first = (await asking.event("registered"))["address"]
        again = await asking.event("registered")
        assert again["address"].partition(":")[0] != first.partition(":")[0]
        assert (await asking.query(device.spec.id, "DeviceStatus")).status_code == 200


async def test_two_devices_of_one_id_are_said_to_be_there() -> None:
    """Quirk 13."""
    async with meeting(Quirk.TWIN, keep_alive_s=0.2) as (asking, _):
        async with asyncio.timeout(20):
            assert (await asking.event("flapping"))["address"]
