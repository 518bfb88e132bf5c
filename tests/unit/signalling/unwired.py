"""A platform without sockets: a clock that stands until a test moves it, and messages handed over by hand."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bingjian.protocols.gb28181 import manscdp
from bingjian.protocols.gb28181.manscdp.message import Message as Manscdp
from bingjian.protocols.sip.compose import Local, compose, message
from bingjian.protocols.sip.digest import Account, answered
from bingjian.protocols.sip.events import Outgoing
from bingjian.protocols.sip.message import Message, Request, Response, read_datagram, serialise
from bingjian.protocols.sip.reply import Peer, reply
from bingjian.signalling.devices import read_assignment
from bingjian.signalling.identity import Identity
from bingjian.signalling.platform import Platform
from tests.unit.signalling.scripted import DEVICE, DOMAIN, PASSWORD, PLATFORM, assignment

UDP = Peer("UDP", "192.0.2.5", 6000)


@dataclass
class Still:
    """Seconds; both clocks."""

    at: float = 1000.0

    def utc_ns(self) -> int:
        return round((1_750_000_000 + self.at) * 1e9)

    def monotonic_ns(self) -> int:
        return round(self.at * 1e9)


class Unwired:
    """``sent``: all that went out and was not taken yet."""

    def __init__(self, ids: tuple[str, ...] = (DEVICE,), **terms: Any) -> None:
        self.clock = Still()
        self.platform = Platform(Identity(PLATFORM, DOMAIN, "127.0.0.1", 5060), self.clock)
        self.endpoint = self.platform.endpoint
        self.endpoint._put_out = self._put_out  # type: ignore[method-assign]
        self.platform.assign(read_assignment(assignment(*ids, **terms)))
        self.sent: list[tuple[Message, Peer]] = []
        self._number = 0

    def _put_out(self, outgoing: Outgoing) -> None:
        read = read_datagram(outgoing.data)
        assert read is not None
        self.sent.append((read, outgoing.peer))

    def take(self, method: str) -> list[Request]:
        """Requests of one method; nothing is left in ``sent``."""
        taken, self.sent = self.sent, []
        return [one for one, _ in taken if isinstance(one, Request) and one.method == method]

    def give(self, received: Message, peer: Peer = UDP) -> None:
        self.endpoint._received(received, peer, serialise(received))
        self.endpoint.flush()

    def answer(self, request: Request, status: int = 200, peer: Peer = UDP) -> None:
        self.give(reply(request, status, tag="there"), peer)

    def register(
        self, peer: Peer = UDP, id: str = DEVICE, *, expires: int = 86_400, taking: str = ""
    ) -> list[Request]:
        """``taking``: what it is asked at once, by method; the rest is passed over."""
        first = self._register_once(peer, id, expires, None)
        assert self._register_once(peer, id, expires, first).status == 200
        return self.take(taking)

    def _register_once(self, peer: Peer, id: str, expires: int, challenged: Response | None) -> Response:
        self._number += 1
        local, own = self.local(id, peer), f"<sip:{id}@{DOMAIN}>"
        headers = [("Contact", f"<sip:{id}@{peer.host}:{peer.port}>"), ("Expires", str(expires))]
        request: Request | None = compose(
            "REGISTER",
            f"sip:{PLATFORM}@{DOMAIN}",
            local,
            peer,
            *headers,
            sender=f"{own};tag=a",
            to=own,
            call_id=f"registers-{id}-{peer.port}",
            number=self._number,
        )
        if challenged is not None and request is not None:
            request = answered(request, challenged, Account(PASSWORD, id))
        assert request is not None
        self.give(request, peer)
        return [one for one, _ in self.sent if isinstance(one, Response)][-1]

    def local(self, id: str = DEVICE, peer: Peer = UDP) -> Local:
        return Local(id, DOMAIN, peer.host, peer.port, 0)

    def say(self, told: Manscdp, peer: Peer = UDP, id: str = DEVICE) -> None:
        """A MESSAGE of a device."""
        body = manscdp.build(told)
        self.give(message(self.local(id, peer), peer, PLATFORM, manscdp.CONTENT_TYPE, body), peer)

    def pass_s(self, seconds: float, step: float = 0.25) -> None:
        """Time goes by, and what is due is done."""
        until = self.clock.at + seconds
        while self.clock.at < until - 1e-9:
            self.clock.at = min(self.clock.at + step, until)
            if self.endpoint._timer is not None:
                self.endpoint._timer.cancel()
            self.endpoint.tick()

    def events(self, kind: str) -> list[dict[str, Any]]:
        import json

        written = [json.loads(page) for page in self.platform.book._pages]
        return [event for event in written if event["kind"] == kind]


@contextmanager
def unwired(ids: tuple[str, ...] = (DEVICE,), **terms: Any) -> Iterator[Unwired]:
    """Inside a loop: the endpoint sets timers, which nobody waits for."""
    here = Unwired(ids, **terms)
    try:
        yield here
    finally:
        if here.endpoint._timer is not None:
            here.endpoint._timer.cancel()


async def settled() -> None:
    """Whoever could go on has."""
    for _ in range(5):
        await asyncio.sleep(0)
