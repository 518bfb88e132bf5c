"""Two SIP elements and the network between them, in memory: every message goes over the wire as bytes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bingjian.protocols.sip.compose import Local
from bingjian.protocols.sip.events import Event, Stray
from bingjian.protocols.sip.message import Message, Request, read_datagram
from bingjian.protocols.sip.reply import Peer
from bingjian.protocols.sip.transactions import Transactions
from tests.unit.protocols.sip.wire import DEVICE, DOMAIN, PLATFORM

Handler = Callable[[Event, float], list[Any] | None]


@dataclass
class Side:
    local: Local
    transactions: Transactions = field(default_factory=Transactions)
    tables: list[Any] = field(default_factory=list)  # with handle, next_deadline, expire
    told: list[Any] = field(default_factory=list)  # what the tables said, since last asked
    unclaimed: list[Event] = field(default_factory=list)
    seen: list[Message] = field(default_factory=list)  # what arrived

    @property
    def peer(self) -> Peer:
        return Peer("UDP", self.local.host, self.local.port)

    def take(self) -> list[Any]:
        told, self.told = self.told, []
        return told

    def process(self, events: list[Event], now: float) -> None:
        for event in events:
            answers = [table.handle(event, now) for table in self.tables]
            claimed = [answer for answer in answers if answer is not None]
            self.told += [item for answer in claimed for item in answer]
            self.unclaimed += [] if claimed or isinstance(event, Stray) else [event]

    def tick(self, now: float) -> None:
        self.process(self.transactions.expire(now), now)
        for table in self.tables:
            self.told += table.expire(now)

    def next_deadline(self) -> float | None:
        tables = [self.transactions, *self.tables]
        return min((at for table in tables if (at := table.next_deadline()) is not None), default=None)


def methods(messages: list[Message]) -> list[str]:
    return [m.method if isinstance(m, Request) else str(m.status) for m in messages]


@dataclass
class Pair:
    ours: Side = field(default_factory=lambda: Side(Local(PLATFORM, DOMAIN, "192.0.2.10", 5060)))
    theirs: Side = field(default_factory=lambda: Side(Local(DEVICE, DOMAIN, "192.0.2.77", 5060)))
    now: float = 0.0
    change: Callable[[bytes], list[bytes]] = lambda data: [data]  # what the network makes of a datagram

    def run(self) -> "Pair":
        """Until nothing more is under way at this instant."""
        while self.ours.transactions.has_output or self.theirs.transactions.has_output:
            for sender, receiver in ((self.ours, self.theirs), (self.theirs, self.ours)):
                for data, _ in sender.transactions.take_output():
                    for arriving in self.change(data):
                        self._deliver(arriving, sender, receiver)
        return self

    def until(self, now: float) -> "Pair":
        """Every deadline on the way, in order."""
        self.run()
        while (at := self._next()) is not None and at <= now:
            self.now = max(at, self.now)
            for side in (self.ours, self.theirs):
                side.tick(self.now)
            self.run()
        self.now = now
        return self

    def _next(self) -> float | None:
        ends = [self.ours.next_deadline(), self.theirs.next_deadline()]
        return min((at for at in ends if at is not None), default=None)

    def _deliver(self, data: bytes, sender: Side, receiver: Side) -> None:
        message = read_datagram(data)
        assert message is not None
        receiver.seen.append(message)
        receiver.process(receiver.transactions.receive(message, sender.peer, self.now), self.now)
