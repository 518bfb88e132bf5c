"""Where moving GB/T 28181 devices are, through the API: the switch, the last place, and who may see it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bingjian.access.decisions import Role
from bingjian.api.platform import Platform
from bingjian.db.session import Database
from bingjian.inventory.coordinates import System, from_wgs84
from bingjian.inventory.gb28181.models import GbPositionRow
from bingjian.inventory.gb28181.service import Gb28181
from bingjian.inventory.gb28181.signal_client import SignalClient, SignalPlace
from bingjian.journal.append import Journal
from bingjian.signalling import watch
from bingjian.simulate.gb28181.fleet import Fleet, FleetConfig
from bingjian.simulate.gb28181.spec import Platform as Registrar
from bingjian.simulate.gb28181.spec import make_devices
from tests.backend import StillClock, kinds
from tests.signal import SpokenSignal
from tests.unit.api.conftest import Enter
from tests.unit.api.test_gb_devices import (
    API,
    EAST,
    FAR,
    NVR,
    WEST,
    accepted,
    catalogued,
    channels,
    gb,
    item,
    registrar,
    told,
)
from tests.unit.processes.signal_process import CREDENTIAL, running

__all__ = ["gb", "registrar"]
HERE = {"longitude": 126.6, "latitude": 45.7}
NOON = "2026-01-01T04:00:00.000Z"
PASSWORD = "camera-2026"


def place(channel: str = EAST, time: str | None = NOON, **more: Any) -> dict[str, Any]:
    return {"channel": channel, "time": time, "speed_kmh": 30.0, "direction": 90.0, **HERE, **more}


@pytest.fixture
async def vehicle(gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient) -> str:
    """A device of two channels that is asked where it is."""
    device = (await accepted(registrar, positions_s=5))["id"]
    await catalogued(gb, signal, item(EAST, "东"), item(WEST, "西"))
    return str(device)


async def moved(gb: Gb28181, signal: SpokenSignal, *places: Any, code: str = NVR) -> None:
    signal.tell("positions", code, items=list(places))
    await told(gb)


async def positions(client: httpx.AsyncClient, device: str) -> dict[str, dict[str, Any] | None]:
    return {one["channel"]: one["position"] for one in await channels(client, device)}


async def change(client: httpx.AsyncClient, device: str, **more: Any) -> httpx.Response:
    path = f"{API}/gb-devices/{device}"
    version = (await client.get(path)).json()["version"]
    return await client.patch(path, json={"version": version, **more})


async def kept(database: Database) -> int:
    async with database.read() as session:
        return len((await session.execute(GbPositionRow.__table__.select())).all())


async def test_it_is_off_until_somebody_switches_it_on_which_is_written_down(
    signal: SpokenSignal, registrar: httpx.AsyncClient, journal: Journal
) -> None:
    row = await accepted(registrar)
    assert (row["positions_s"], row["coordinates"], signal.assigned[NVR]["positions_s"]) == (0, "wgs84", 0)
    changed = await change(registrar, row["id"], positions_s=30, coordinates="gcj02")
    assert (changed.json()["positions_s"], changed.json()["coordinates"]) == (30, "gcj02")
    assert signal.assigned[NVR]["positions_s"] == 30
    assert "coordinates" not in signal.assigned[NVR]
    newest = (await registrar.get(f"{API}/gb-devices/{row['id']}/history")).json()["items"][0]
    assert newest["changes"] == {"positions_s": [0, 30], "coordinates": ["wgs84", "gcj02"]}
    assert (await kinds(journal))[-1] == "inventory.changed"


IMPOSSIBLE = [{"positions_s": 4}, {"positions_s": 3601}, {"positions_s": -5}, {"coordinates": "bd09"}]


@pytest.mark.parametrize("wish", IMPOSSIBLE)
async def test_an_interval_or_a_system_that_cannot_be_is_refused(
    registrar: httpx.AsyncClient, wish: dict[str, Any]
) -> None:
    device = (await accepted(registrar))["id"]
    assert (await change(registrar, device, **wish)).status_code == 422
    other = {"code": FAR, "name": "x", "division": ""}
    answer = await registrar.post(f"{API}/gb-devices", json=other | wish)
    assert answer.status_code == 422


async def test_the_last_place_is_shown_with_its_age_and_there_is_one_of_each_channel(
    gb: Gb28181,
    signal: SpokenSignal,
    registrar: httpx.AsyncClient,
    vehicle: str,
    clock: StillClock,
    database: Database,
) -> None:
    assert await positions(registrar, vehicle) == {EAST: None, WEST: None}
    await moved(gb, signal, place(longitude=126.5), place(longitude=126.6))
    await moved(gb, signal, place(longitude=126.7, altitude_m=140.0))
    clock.wait(90)
    found = await positions(registrar, vehicle)
    assert found[WEST] is None
    assert found[EAST] == {
        "longitude": 126.7,
        "latitude": 45.7,
        "told_in": "wgs84",
        "speed_kmh": 30.0,
        "direction": 90.0,
        "altitude_m": 140.0,
        "said_at": "2026-01-01T04:00:00Z",
        "received_at": "2026-01-01T04:00:00Z",
        "age_s": 90.0,
        "is_devices": False,
    }
    assert await kept(database) == 1
    (east, _) = await channels(registrar, vehicle)
    assert (east["longitude"], east["latitude"]) == (None, None)  # the catalogue's own say is another thing


async def test_where_the_device_is_its_channels_are_that_tell_no_place(
    gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient, vehicle: str
) -> None:
    await moved(gb, signal, place(NVR), place(EAST, longitude=126.9))
    found = await positions(registrar, vehicle)
    east, west = found[EAST], found[WEST]
    assert east is not None
    assert west is not None
    assert (east["longitude"], east["is_devices"], west["longitude"], west["is_devices"]) == (
        126.9,
        False,
        126.6,
        True,
    )


async def test_what_is_no_channel_of_the_device_or_no_place_is_not_kept(
    gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient, vehicle: str, database: Database
) -> None:
    other = (await accepted(registrar, FAR, positions_s=5))["id"]
    await catalogued(gb, signal, item(EAST, "别人的"), code=FAR)
    odd = [place("made up"), place(latitude=90.5), place(longitude=None), place(longitude="x"), 7, {}]
    await moved(gb, signal, *odd)
    signal.tell("positions", NVR, items="none")
    signal.tell("positions", NVR)
    await moved(gb, signal, place(), code="23010400001180000001")  # nobody's device
    assert await kept(database) == 0
    await moved(gb, signal, place())
    assert (await positions(registrar, other))[EAST] is None  # its channel of that id is another
    assert (await positions(registrar, vehicle))[EAST] is not None


async def test_gcj02_is_shown_as_wgs84_and_what_was_read_wrongly_is_forgotten(
    gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient, vehicle: str, database: Database
) -> None:
    await moved(gb, signal, place())
    assert (await change(registrar, vehicle, coordinates="gcj02")).status_code == 200
    assert await kept(database) == 0
    east, north = from_wgs84((126.6, 45.7), System.GCJ02)
    await moved(gb, signal, place(longitude=east, latitude=north))
    found = (await positions(registrar, vehicle))[EAST]
    assert found is not None
    assert (found["longitude"], found["latitude"]) == pytest.approx((126.6, 45.7), abs=1e-7)
    assert found["told_in"] == "gcj02"


async def test_what_is_not_wanted_is_not_kept_and_what_is_no_longer_wanted_goes(
    gb: Gb28181, signal: SpokenSignal, registrar: httpx.AsyncClient, vehicle: str, database: Database
) -> None:
    for end in ("off", "refused", "removed"):
        await moved(gb, signal, place(NVR))
        assert await kept(database) == 1
        path = f"{API}/gb-devices/{vehicle}"
        if end == "off":
            assert (await change(registrar, vehicle, name="改名")).status_code == 200
            assert await kept(database) == 1
            await change(registrar, vehicle, positions_s=0)
            await moved(gb, signal, place(NVR))  # told before it knew
        elif end == "refused":
            await registrar.post(f"{path}/refusal", json={"reason": "不是本市的设备"})
            await moved(gb, signal, place(NVR))
        else:
            await registrar.delete(path)
        assert await kept(database) == 0, end
        if end != "removed":
            wish = {"name": "南岗录像机", "division": "230102", "positions_s": 5}
            await registrar.post(f"{path}/acceptance", json=wish)
            await change(registrar, vehicle, positions_s=5)


async def test_R27_3_a_place_is_base_information_and_of_another_area_there_is_none(
    gb: Gb28181, signal: SpokenSignal, vehicle: str, enter: Enter
) -> None:
    await moved(gb, signal, place())
    path = f"{API}/gb-devices/{vehicle}/channels"
    seen = await (await enter(Role.REGISTRAR, areas=("230102",))).get(path)
    assert "126.6" in seen.text
    elsewhere = await (await enter(Role.REGISTRAR, areas=("230103",))).get(path)
    watcher = await (await enter(Role.WATCHER)).get(path)
    assert (elsewhere.status_code, watcher.status_code) == (404, 403)
    assert "126.6" not in elsewhere.text + watcher.text


# --- with the real signalling process and a device that drives


@pytest.fixture
async def driving(
    platform: Platform, registrar: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[str, Fleet]]:
    """A vehicle that is accepted and registers at the real process; its id here."""
    monkeypatch.setattr(watch, "JITTER_S", 0.0)
    specs, fleet = make_devices("2301020000", 1, 2, PASSWORD), Fleet()
    async with running(sip_id="23010000002000000001", sip_domain="2301000000") as asking:
        base_url = f"http://127.0.0.1:{asking.process.server.port}"
        platform.gb.client = SignalClient(SignalPlace(base_url, CREDENTIAL))
        await platform.gb.take_next(0)
        device = (await accepted(registrar, specs[0].id, password=PASSWORD, positions_s=5))["id"]
        await fleet.start(
            FleetConfig(
                Registrar("127.0.0.1", asking.sip_port, "23010000002000000001", "2301000000"),
                specs,
                footage="drawn",
            )
        )
        try:
            yield device, fleet
        finally:
            await fleet.stop()
            await platform.gb.close()


async def test_a_vehicle_is_followed_from_its_subscription_to_the_page(
    platform: Platform, registrar: httpx.AsyncClient, driving: tuple[str, Fleet], database: Database
) -> None:
    device, fleet = driving
    (vehicle,) = fleet.devices.values()
    found: dict[str, Any] = {}
    async with asyncio.timeout(20):
        while not found or None in found.values():
            await platform.gb.take_next(1)
            found = await positions(registrar, device)
    assert found.keys() == {channel.id for channel in vehicle.spec.channels}
    for one in found.values():
        assert one["is_devices"]
        assert (one["longitude"], one["latitude"]) == pytest.approx(vehicle.place, abs=0.02)
        assert (one["speed_kmh"], one["said_at"] is not None) == (24.0, True)
    await change(registrar, device, positions_s=0)
    assert set((await positions(registrar, device)).values()) == {None}
    async with asyncio.timeout(20):
        while len(vehicle.reports._watches) > 2:
            await asyncio.sleep(0.01)
    assert await kept(database) == 0
