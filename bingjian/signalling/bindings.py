"""Registrations on disk, so that devices stay registered when we start anew: some never register again.

One line of JSON for each change, the newest of a device counts:

    ["id", "host", port, "version", expires]          registered, or moved; expires: seconds since 1970
    ["id", "host", port, "version", expires, every]   … and seconds between its keep-alives, as it says
    ["id"]                                            gone

Over UDP only: connections end with the process. What has changed is appended every few seconds; the file is
written anew at first, after a failure, and when most lines are old. What a crash has torn is passed over.
"""

import asyncio
import json
from pathlib import Path
from typing import NamedTuple

import structlog

from bingjian.clock import Clock
from bingjian.durable import DISK, Storage
from bingjian.protocols.gb28181.manscdp.configuration import MAX_HEARTBEAT_S
from bingjian.protocols.sip.message import Request
from bingjian.protocols.sip.registrar_events import Binding, Gone, Kept, Registered, Why
from bingjian.protocols.sip.reply import Peer
from bingjian.signalling.endpoint import Endpoint
from bingjian.signalling.listener import Listener

EVERY_S = 2.0  # what a crash may lose: these devices register, or move, once more
MODE = 0o600
ANEW_AFTER = 20_000  # lines more than twice the devices
FILE_LIMIT = 512 << 20  # bytes; a longer one is none of ours


class Told(NamedTuple):
    """What a line says of a device."""

    device: str
    binding: Binding | None  # None: gone
    every_s: float = 0.0  # between its keep-alives, as it says itself; 0: it has not said


log = structlog.get_logger(__name__)


class Bindings(Listener):
    """Belongs to the event loop; ``run`` has to run. Nothing here raises: without the file all register."""

    def __init__(self, path: Path, endpoint: Endpoint, clock: Clock, storage: Storage = DISK) -> None:
        self._path, self._endpoint, self._clock, self._storage = path, endpoint, clock, storage
        self._kept: dict[str, Told] = {}  # read, and not yet restored
        self._changed: set[str] = set()
        self._writing = asyncio.Lock()
        self._lines = 0  # of the file, as we have written it; 0: write it anew

    # --- after a start -----------------------------------------------------------------------------------

    async def load(self) -> None:
        try:
            lines = await asyncio.to_thread(self._read)
        except OSError as error:
            log.warning("bindings_not_read", file=str(self._path), reason=error.strerror)
            return
        now, wall_s = self._endpoint.now(), self._clock.utc_ns() / 1e9
        for line in lines:
            self._load_line(line, now, wall_s)

    def _read(self) -> list[bytes]:
        try:
            with open(self._path, "rb") as file:
                return file.read(FILE_LIMIT).splitlines()
        except FileNotFoundError:
            return []

    def _load_line(self, line: bytes, now: float, wall_s: float) -> None:
        try:
            device, *rest = json.loads(line)
            if rest:
                host, port, version, expires_s, *said = rest
                peer, left_s = Peer("UDP", host, port), expires_s - wall_s
                binding = Binding(peer, version, now + left_s, now, False)
                self._kept[device] = Told(device, binding, _every_s(*said))
            else:
                self._kept.pop(device, None)
        except (ValueError, TypeError):
            return  # torn by a crash, or by hand

    def restore(self) -> int:
        """Those of devices that we have been told of; the others' are forgotten. Returns how many."""
        restored = 0
        for device, binding, every_s in self._kept.values():
            known = self._endpoint.devices.get(device)
            if known is None or binding is None:
                continue
            if self._endpoint.registrar.binding(device) is None:
                self._endpoint.devices.learn_keep_alive(device, every_s)
                self._endpoint.restore(device, binding, known.terms)
                restored += 1
        self._kept.clear()
        return restored

    # --- while it runs -----------------------------------------------------------------------------------

    def on_registered(self, outcome: Registered, request: Request) -> None:
        self._changed.add(outcome.device)

    def on_kept(self, device: str, kept: Kept, peer: Peer) -> None:
        if kept.moved:
            self._changed.add(device)

    def on_interval(self, device: str) -> None:
        self._changed.add(device)

    def on_removed(self, device: str) -> None:
        self._changed.add(device)

    def on_dismissed(self, device: str) -> None:
        self._changed.add(device)

    def on_gone(self, device: str, gone: Gone) -> None:
        if gone.why is not Why.SILENT:
            self._changed.add(device)

    async def run(self) -> None:
        """For ever."""
        while True:
            await asyncio.sleep(EVERY_S)
            await self.keep()

    async def keep(self) -> None:
        """Write what has changed. A write under way ends first, also one whose caller was cancelled."""
        await asyncio.shield(self._keep_in_turn())

    async def _keep_in_turn(self) -> None:
        async with self._writing:
            await self._keep()

    async def _keep(self) -> None:
        if not self._changed or self._kept:
            return
        changed, self._changed = self._changed, set()
        anew = self._lines + len(changed) > 2 * len(self._endpoint.registrar) + ANEW_AFTER or not self._lines
        registrar, devices = self._endpoint.registrar, self._endpoint.devices
        of = registrar.bindings() if anew else ((one, registrar.binding(one)) for one in changed)
        told = [Told(device, binding, devices.facts(device).keep_alive_s) for device, binding in of]
        wall_s = self._clock.utc_ns() / 1e9 - self._endpoint.now()
        self._lines = 0 if anew else self._lines
        try:
            await asyncio.to_thread(self._write, told, anew, wall_s)
        except OSError as error:
            log.warning("bindings_not_kept", file=str(self._path), reason=error.strerror)
            self._changed, self._lines = self._changed | changed, 0
            return
        self._lines += len(told)

    def _write(self, told: list[Told], anew: bool, wall_s: float) -> None:
        """A whole new file, or more at its end."""
        lines = b"".join(_line(one, wall_s) for one in told)
        if anew:
            self._storage.write_atomically(self._path, lines, MODE)
            return
        descriptor = self._storage.open(self._path)
        try:
            self._storage.write_at(descriptor, [lines], self._storage.size(descriptor))
            self._storage.sync_file(descriptor)
        finally:
            self._storage.close(descriptor)


def _line(told: Told, wall_s: float) -> bytes:
    """``wall_s``: what monotonic time lacks to seconds since 1970."""
    line: list[object] = [told.device]
    binding = told.binding
    if binding is not None and not binding.peer.reliable:
        line += [binding.peer.host, binding.peer.port, binding.version, round(wall_s + binding.expires_at)]
        line += [round(told.every_s)] if told.every_s else []
    return json.dumps(line).encode() + b"\n"


def _every_s(said: int = 0) -> float:
    """Between keep-alives, as a line has it. Raises ValueError, TypeError."""
    if type(said) is not int or not 0 <= said <= MAX_HEARTBEAT_S:
        raise ValueError(said)
    return float(said)
