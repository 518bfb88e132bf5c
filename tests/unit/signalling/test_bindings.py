"""Registrations over a restart, and what a crash or a full disk does to them."""

import asyncio
import errno
import json
import threading
from pathlib import Path

import pytest

from bingjian.durable import Storage
from bingjian.protocols.sip.enrolment import Enrolled
from bingjian.signalling import bindings as bindings_module
from bingjian.signalling.bindings import Bindings
from bingjian.signalling.endpoint import Endpoint
from tests.unit.signalling.scripted import (
    DEVICE,
    PATIENCE_S,
    Moved,
    ScriptedDevice,
    assignment,
    running,
    until,
)
from tests.unit.signalling.unwired import UDP, unwired

OTHER = "99010100001180000008"
READ = {DEVICE: "", OTHER: ", 300"}  # lines that are read: of before intervals were kept, and of since then


async def kept(endpoint: Endpoint, path: Path, storage: Storage | None = None) -> Bindings:
    made = Bindings(path, endpoint, Moved(), storage or Storage())
    await made.load()
    made.restore()
    endpoint.listeners.append(made)
    return made


async def registered(endpoint: Endpoint, id: str = DEVICE, *, tcp: bool = False) -> ScriptedDevice:
    device = await ScriptedDevice(endpoint.port, id=id, tcp=tcp).open()
    assert isinstance(await device.register(), Enrolled)
    return device


async def restored(path: Path, body: bytes | None = None, clock: Moved | None = None) -> dict[str, int]:
    """Devices and their ports after a start with this file."""
    async with running(body or assignment(DEVICE, OTHER), clock) as (endpoint, _):
        made = Bindings(path, endpoint, clock or Moved())
        await made.load()
        made.restore()
        return {device: binding.peer.port for device, binding in endpoint.registrar.bindings()}


async def test_who_is_registered_is_so_after_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "bindings"
    async with running(assignment(DEVICE, OTHER)) as (endpoint, _):
        bindings = await kept(endpoint, path)
        one, other = await registered(endpoint), await registered(endpoint, OTHER)
        await bindings.keep()
        await other.leave()
        await bindings.keep()
        assert len(path.read_text().splitlines()) == 3
        one.close()
        other.close()
    assert await restored(path) == {DEVICE: one.local.port}
    assert await restored(path, assignment(OTHER)) == {}
    assert await restored(path, None, Moved(86_400.0 + 40)) == {}
    assert path.stat().st_mode & 0o077 == 0


async def is_awaited(path: Path, seconds: float) -> bool:
    """Whether a device that has said nothing is still waited for, so long after a start with this file."""
    with unwired(keep_alive_s=60, misses=3) as here:
        bindings = Bindings(path, here.endpoint, here.clock)
        await bindings.load()
        assert bindings.restore() == 1
        here.clock.at += seconds
        here.endpoint.registrar.expire(here.endpoint.now())
        binding = here.endpoint.registrar.binding(DEVICE)
        return binding is not None and binding.unheard


async def test_how_often_a_device_keeps_alive_is_known_after_a_restart(tmp_path: Path) -> None:
    """It keeps alive less often than the inventory has it: 3 times 300 s may pass, not 3 times 60 s."""
    path = tmp_path / "bindings"
    with unwired(keep_alive_s=60, misses=3) as here:
        bindings = Bindings(path, here.endpoint, here.clock)
        here.endpoint.listeners.append(bindings)
        here.register()
        await bindings.keep()
        assert len(json.loads(path.read_text())) == 5  # as older files have it
        assert not await is_awaited(path, 3 * 60 + 10)
        here.endpoint.expect_every(DEVICE, 300)
        await bindings.keep()  # a line at the end
        assert await is_awaited(path, 3 * 300)
        assert not await is_awaited(path, 3 * 300 + 10)
        whole = Bindings(tmp_path / "whole", here.endpoint, here.clock)
        whole.on_interval(DEVICE)
        await whole.keep()
        assert await is_awaited(tmp_path / "whole", 3 * 300)
        here.endpoint.expect_every(DEVICE, 0)
        await bindings.keep()
        assert not await is_awaited(path, 3 * 60 + 10)


@pytest.mark.parametrize("said", ['"300"', "601", "-1", "1.5", "NaN", "true", "300, 300"])
async def test_an_interval_that_cannot_be_costs_only_its_line(tmp_path: Path, said: str) -> None:
    path = tmp_path / "bindings"
    expires_s = Moved().utc_ns() // 10**9 + 3600
    lines = [f'["{id}", "192.0.2.5", 6000, "3.0", {expires_s}{more}]' for id, more in READ.items()]
    path.write_text("\n".join([*lines, lines[0].replace("6000", "7000")[:-1] + f", {said}]"]))
    assert await restored(path) == {DEVICE: 6000, OTHER: 6000}


async def test_a_connection_does_not_outlive_us(tmp_path: Path) -> None:
    path = tmp_path / "bindings"
    async with running() as (endpoint, _):
        bindings = await kept(endpoint, path)
        device = await registered(endpoint, tcp=True)
        await bindings.keep()
        device.close()
    assert await restored(path) == {}


async def test_a_move_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "bindings"
    async with running() as (endpoint, _):
        bindings = await kept(endpoint, path)
        device = await registered(endpoint)
        await bindings.keep()
        elsewhere = await ScriptedDevice(endpoint.port).open()
        await elsewhere.keep_alive()
        await bindings.keep()
        device.close()
        elsewhere.close()
    assert await restored(path) == {DEVICE: elsewhere.local.port}


@pytest.mark.parametrize(
    "harm",
    [
        b"",
        b"[",
        b"nothing\n",
        b'["x", 1]\n',
        b"{}\n",
        b"[]\n",
        b"\xff\xff\n",
        b"[1, 2, 3, 4, 5, 6]\n",
        b"7\n",
    ],
)
async def test_a_torn_or_strange_line_costs_only_itself(tmp_path: Path, harm: bytes) -> None:
    path = tmp_path / "bindings"
    async with running() as (endpoint, _):
        bindings = await kept(endpoint, path)
        device = await registered(endpoint)
        await bindings.keep()
        device.close()
    path.write_bytes(path.read_bytes() + harm)
    assert await restored(path) == {DEVICE: device.local.port}
    async with running(assignment(DEVICE, OTHER)) as (endpoint, _):
        bindings = await kept(endpoint, path)
        other = await registered(endpoint, OTHER)
        await bindings.keep()
        other.close()
    assert await restored(path) == {DEVICE: device.local.port, OTHER: other.local.port}


class Full(Storage):
    """A disk that takes nothing while ``full``, or half of it."""

    full = True

    def write_at(self, descriptor: int, pieces: object, offset: int) -> int:
        if self.full:
            super().write_at(descriptor, [b'["half'], offset)
            raise OSError(errno.ENOSPC, "no space left")
        return super().write_at(descriptor, pieces, offset)  # type: ignore[arg-type]


async def test_a_full_disk_is_tried_again_with_everything(tmp_path: Path) -> None:
    path, disk = tmp_path / "bindings", Full()
    async with running(assignment(DEVICE, OTHER)) as (endpoint, _):
        disk.full = False
        bindings = await kept(endpoint, path, disk)
        one = await registered(endpoint)
        await bindings.keep()
        disk.full = True
        other = await registered(endpoint, OTHER)
        await bindings.keep()
        assert await restored(path) == {DEVICE: one.local.port}
        disk.full = False
        await bindings.keep()
        one.close()
        other.close()
    assert await restored(path) == {DEVICE: one.local.port, OTHER: other.local.port}


async def test_the_file_is_written_anew_when_most_of_it_is_old(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bindings_module, "ANEW_AFTER", 3)
    path = tmp_path / "bindings"
    async with running() as (endpoint, _):
        bindings = await kept(endpoint, path)
        device = await registered(endpoint)
        for _ in range(9):
            await device.register()
            await bindings.keep()
        assert len(path.read_text().splitlines()) <= 5
        device.close()
    assert await restored(path) == {DEVICE: device.local.port}


async def test_what_has_not_been_restored_yet_is_not_written_over(tmp_path: Path) -> None:
    """We start, and nobody has told us of any device yet."""
    path = tmp_path / "bindings"
    async with running() as (endpoint, _):
        bindings = await kept(endpoint, path)
        device = await registered(endpoint)
        await bindings.keep()
        device.close()
    async with running(assignment(OTHER)) as (endpoint, _):
        waiting = Bindings(path, endpoint, Moved())
        await waiting.load()
        endpoint.listeners.append(waiting)
        other = await registered(endpoint, OTHER)
        await waiting.keep()
        other.close()
    assert await restored(path) == {DEVICE: device.local.port}
    await asyncio.sleep(0)


class Slow(Storage):
    """Holds whoever writes the whole file until it may go on."""

    def __init__(self) -> None:
        self.go, self.writers, self.most = threading.Event(), 0, 0

    def write_atomically(self, path: Path, data: bytes, mode: int = 0o666) -> None:
        self.writers += 1
        self.most = max(self.most, self.writers)
        self.go.wait(PATIENCE_S)
        super().write_atomically(path, data, mode)
        self.writers -= 1


async def test_a_write_that_was_cancelled_ends_before_the_next(tmp_path: Path) -> None:
    """As when we stop."""
    path, storage = tmp_path / "bindings", Slow()
    with unwired(ids=(DEVICE, OTHER)) as here:
        bindings = await kept(here.endpoint, path, storage)
        here.register()
        first = asyncio.ensure_future(bindings.keep())
        await until(lambda: storage.writers == 1, "a writer")
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        here.register(UDP._replace(port=6001), OTHER)
        second = asyncio.ensure_future(bindings.keep())
        await asyncio.sleep(0.1)
        storage.go.set()
        await second
        assert storage.most == 1
    assert set(await restored(path)) == {DEVICE, OTHER}
