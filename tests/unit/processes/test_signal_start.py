"""The signalling process begins: what it knew is known before the first device is heard."""

import asyncio
from pathlib import Path

import pytest

from bingjian.clock import SystemClock
from bingjian.processes.signal import Signal, serve
from bingjian.signalling.endpoint import Endpoint
from tests.unit.processes.signal_process import config, running
from tests.unit.signalling.scripted import DEVICE, ScriptedDevice, assignment, until


async def test_devices_are_heard_when_we_know_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path) as asking:
        await asking.assign(assignment())
        device = await ScriptedDevice(asking.sip_port).open()
        await device.register()
        device.close()
    seen: list[tuple[int, bool]] = []
    given = config(tmp_path)
    process = Signal(given, SystemClock())

    async def start(endpoint: Endpoint) -> None:
        seen.append((endpoint.devices.epoch, endpoint.registrar.binding(DEVICE) is not None))

    monkeypatch.setattr(Endpoint, "start", start)
    stop = asyncio.Event()
    serving = asyncio.create_task(serve(process, given, stop))
    await until(lambda: seen, "a start")
    stop.set()
    await serving
    assert seen == [(1, True)]
