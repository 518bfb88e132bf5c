"""Everything together: one endpoint, who hears of what, what runs beside it."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog

from bingjian.clock import Clock
from bingjian.protocols.gb28181.manscdp.notifies import Keepalive
from bingjian.protocols.sip.message import Request
from bingjian.signalling.bindings import Bindings
from bingjian.signalling.catalogues import Catalogues
from bingjian.signalling.certificate import Certificate
from bingjian.signalling.commands import Commands
from bingjian.signalling.devices import Assignment, Devices
from bingjian.signalling.endpoint import Endpoint
from bingjian.signalling.events import Book
from bingjian.signalling.identity import Identity
from bingjian.signalling.listener import Listener
from bingjian.signalling.message_log import MessageLog
from bingjian.signalling.messages import Messages
from bingjian.signalling.notices import Notices
from bingjian.signalling.queries import Queries
from bingjian.signalling.watch import Watch

RATE_S = 5.0

log = structlog.get_logger(__name__)


class Platform:
    """Belongs to the event loop.

    Args:
        bindings: the file that registrations are kept in; None: they end with the process.
        certificate: what devices are shown over TLS; None: they are not heard over it.
    """

    def __init__(
        self,
        identity: Identity,
        clock: Clock,
        bindings: Path | None = None,
        certificate: Certificate | None = None,
    ) -> None:
        self.devices, self.certificate = Devices(), certificate
        tls = certificate.context if certificate is not None else None
        self.endpoint = Endpoint(identity, clock, self.devices, tls=tls)
        self.book = Book(clock)
        self.log = MessageLog(clock, self.devices, identity.id)
        self.messages = Messages(self.endpoint)
        self.catalogues = Catalogues(self.endpoint, self.messages, self.book)
        self.queries = Queries(self.endpoint, self.messages, self.catalogues.orphan)
        self.catalogues.use(self.queries)
        self.commands = Commands(self.endpoint, self.queries)
        self.notices = Notices(self.endpoint, self.messages, self.queries, self.book)
        self.watch = Watch(self.endpoint, self.queries, self.catalogues)
        self.bindings = Bindings(bindings, self.endpoint, clock) if bindings is not None else None
        heard: list[Listener] = [self.notices, self.queries, self.watch, self.messages]
        self.endpoint.listeners += [*heard, *([self.bindings] if self.bindings is not None else [])]
        self.endpoint.tap = self.log
        self.messages.add(Keepalive, self._kept_alive)
        self.messages_per_s = 0.0  # received, over the last seconds
        self.on_assigned: list[Callable[[], None]] = []
        self._running: list[asyncio.Task[None]] = []

    def show(self, certificate: Certificate) -> None:
        """Another one, to whoever connects over TLS from now on."""
        self.certificate = certificate
        self.endpoint.show(certificate.context)

    async def load(self) -> None:
        """Read what was registered before our restart; the first ``assign`` restores it."""
        if self.bindings is not None:
            await self.bindings.load()

    async def start(self) -> None:
        """Raises OSError: the port cannot be had."""
        await self.endpoint.start()
        if self.bindings is not None:
            self._running.append(asyncio.create_task(self.bindings.run()))
        self._running.append(asyncio.create_task(self.watch.run()))
        self._running.append(asyncio.create_task(self._measure()))

    async def _measure(self) -> None:
        """For ever."""
        while True:
            before = self.endpoint.counts.received
            await asyncio.sleep(RATE_S)
            self.messages_per_s = (self.endpoint.counts.received - before) / RATE_S

    async def stop(self) -> None:
        """Devices stay registered, for the next start."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        await self.watch.close()
        await self.catalogues.close()
        if self.bindings is not None:
            await self.bindings.keep()
        await self.endpoint.stop()

    def _kept_alive(self, device: str, message: Keepalive, request: Request, notify: bool) -> None:
        self.endpoint.note_alive(device)

    def assign(self, assignment: Assignment) -> bool:
        """False: a later one is in force."""
        if assignment.epoch < self.devices.epoch:
            return False
        before = {device.id: device for device in self.devices}
        gone, changed = self.devices.replace(assignment)
        for id in gone:
            self.endpoint.dismiss(id)
            self.log.forget(id)
        for device in changed:
            self.endpoint.registrar.agree(device.id, device.terms)
            if device.password != before[device.id].password:
                self._expect_anew(device.id)
            if device.positions_s != before[device.id].positions_s:
                self.watch.reset_positions(device.id)
        if self.bindings is not None:
            restored = self.bindings.restore()
            if restored:
                log.info("registrations_restored", count=restored)
        for hear in self.on_assigned:
            hear()
        self.endpoint.flush()
        return True

    def _expect_anew(self, device: str) -> None:
        """It has another password: what was proven with the old one counts no longer."""
        self.endpoint.registrar.failures.forgive(device)
        if self.endpoint.registrar.binding(device) is not None:
            self.endpoint.dismiss(device)
            self.book.write("removed", device)

    def state(self) -> dict[str, Any]:
        registrar, endpoint = self.endpoint.registrar, self.endpoint
        return {
            "epoch": self.devices.epoch,
            "devices": len(self.devices),
            "registered": len(registrar),
            "online": registrar.online,
            "calls": len(endpoint.calls),
            "transactions": len(endpoint.transactions),
            "subscriptions": len(endpoint.subscriptions),
            "connections": endpoint.connections,
            "queries": len(self.queries),
            "tasks": len(asyncio.all_tasks()),
            "unreadable": self.messages.unreadable,
            "alarms_refused": self.notices.alarms_refused,
            "positions_refused": self.notices.positions_refused,
            "positions_unasked": self.notices.positions_unasked,
            "sip_port": endpoint.port,
            "sip_tls_port": endpoint.tls_port,
            "messages_per_s": self.messages_per_s,
            **{f"watch_{name}": value for name, value in self.watch.figures().items()},
            **endpoint.figures(),
        }
