"""What the signalling process goes on to want of a device: its keep-alive interval, its subscriptions."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bingjian.protocols.gb28181.manscdp.configuration import BasicParam, Configuration
from bingjian.protocols.gb28181.manscdp.queries import ConfigDownloadQuery
from bingjian.signalling import watch
from tests.unit.processes.signal_process import Asking, running
from tests.unit.processes.test_signal import Camera, camera
from tests.unit.signalling.scripted import DEVICE, PASSWORD, Moved, assignment, until


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test waits for a device's turn."""
    monkeypatch.setattr(watch, "JITTER_S", 0.0)


def online(asking: Asking) -> bool:
    return asking.process.platform.endpoint.peer_of(DEVICE) is not None


def pass_time(asking: Asking, clock: Moved, seconds: float) -> None:
    clock.pushed_s += seconds
    asking.process.platform.endpoint.tick()


# --- the interval between keep-alives


@asynccontextmanager
async def rarely_keeping_alive(clock: Moved) -> AsyncIterator[tuple[Asking, Camera]]:
    """It keeps alive every 300 s and says so; the inventory has 60 s."""
    async with running(None, clock) as asking:
        await asking.assign(assignment())
        device = await camera(asking)
        basic = BasicParam(heartbeat_interval=300, heartbeat_count=3)
        device.answers_to[ConfigDownloadQuery] = [
            lambda sn: Configuration(sn=sn, device_id=DEVICE, basic=basic)
        ]
        await device.register()
        facts = asking.process.platform.devices.facts
        await until(lambda: facts(DEVICE).keep_alive_s == 300, "what the device says of its keep-alives")
        yield asking, device
        device.close()


async def test_the_interval_that_a_device_keeps_outlives_its_refresh() -> None:
    clock = Moved()
    async with rarely_keeping_alive(clock) as (asking, device):
        await device.register()
        pass_time(asking, clock, 299.0)
        assert online(asking)


async def test_and_a_change_of_the_inventory() -> None:
    clock = Moved()
    async with rarely_keeping_alive(clock) as (asking, _):
        changed = {"id": DEVICE, "password": PASSWORD, "admitted": ["99010100001310000001"]}
        await asking.assign(json.dumps({"epoch": 2, "devices": [changed]}).encode())
        pass_time(asking, clock, 299.0)
        assert online(asking)


async def test_but_not_a_fresh_registration(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Moved()
    async with rarely_keeping_alive(clock) as (asking, device):
        device.answers_to.clear()
        again = await camera(asking)
        await again.register()
        pass_time(asking, clock, 299.0)
        assert not online(asking)
        again.close()
