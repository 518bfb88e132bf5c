"""TCP connections that devices open: each has a number that is never used again.

Over TCP everything of a device goes over the connection it registered with (GB/T 28181-2022 §9.1). One over
which nobody is registered is a stranger's: it has 30 seconds, small messages, and a place only while few
others want one.
"""

import asyncio
from collections.abc import Callable
from itertools import count

from bingjian.protocols.sip.errors import FramingError, MessageError
from bingjian.protocols.sip.message import Message
from bingjian.protocols.sip.reply import Peer
from bingjian.protocols.sip.stream import Reader
from bingjian.signalling.identity import family_of, plain

STRANGER_S = 30.0  # from connecting, or from the end of the last registration, to registering
STRANGERS_LIMIT = 4_000  # connections without a registration; then the oldest is closed
CONNECTIONS_LIMIT = 110_000  # all; a city's devices, and some who come back before they are missed
UNSENT_LIMIT = 16 << 20  # bytes waiting for one peer that does not read: closed
BACKLOG = 4096

Received = Callable[[Message | MessageError, Peer], None]


class Connections:
    """The listening socket and what came of it.

    Args:
        received: gets every message, and every one that cannot be understood though it may be answered.
        after: called once after each piece of data.
        lost: gets the number of a connection that has ended.
        now: monotonic seconds.
    """

    def __init__(
        self,
        received: Received,
        after: Callable[[], None],
        lost: Callable[[int], None],
        now: Callable[[], float],
    ) -> None:
        self.received, self.after, self._lost, self._now = received, after, lost, now
        self._numbers = count(1)
        self._open: dict[int, _Connection] = {}
        self._strangers: dict[int, float] = {}  # when they have to have registered; oldest first
        self._server: asyncio.Server | None = None

    def __len__(self) -> int:
        return len(self._open)

    async def open(self, host: str, port: int) -> None:
        """Raises OSError."""
        loop = asyncio.get_running_loop()
        family = family_of(host)
        self._server = await loop.create_server(
            lambda: _Connection(self), host, port, family=family, backlog=BACKLOG
        )

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for connection in list(self._open.values()):
            connection.cut()
        await asyncio.sleep(0)

    def send(self, data: bytes, number: int) -> None:
        """Lost if the connection is: its transactions have been told."""
        connection = self._open.get(number)
        if connection is not None:
            connection.send(data)

    def trust(self, number: int) -> None:
        """A device has registered over it."""
        connection = self._open.get(number)
        if connection is not None:
            connection.reader.trust()
            self._strangers.pop(number, None)

    def distrust(self, number: int) -> None:
        """Nobody is registered over it any more."""
        if number in self._open and number not in self._strangers:
            self._strangers[number] = self._now() + STRANGER_S

    def cut(self, number: int) -> None:
        connection = self._open.get(number)
        if connection is not None:
            connection.close()

    def own_host(self, number: int) -> str:
        """The address of ours that it was made to; empty if it has ended."""
        connection = self._open.get(number)
        return connection.own_host if connection is not None else ""

    def next_deadline(self) -> float | None:
        return next(iter(self._strangers.values()), None)

    def expire(self, now: float) -> None:
        """Strangers who took too long."""
        for number, until in list(self._strangers.items()):
            if until > now:
                return
            del self._strangers[number]
            self.cut(number)

    def opened(self, connection: "_Connection") -> int:
        """Its number; 0: there are too many."""
        if len(self._open) >= CONNECTIONS_LIMIT:
            return 0
        if len(self._strangers) >= STRANGERS_LIMIT:
            oldest = next(iter(self._strangers))
            del self._strangers[oldest]
            self._open[oldest].cut()
        number = next(self._numbers)
        self._open[number] = connection
        self._strangers[number] = self._now() + STRANGER_S
        return number

    def ended(self, number: int) -> None:
        if self._open.pop(number, None) is not None:
            self._strangers.pop(number, None)
            self._lost(number)


class _Connection(asyncio.Protocol):
    def __init__(self, all: Connections) -> None:
        self._all = all
        self.reader = Reader()
        self.own_host = ""
        self._peer = Peer("TCP", "", 0)
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # uvloop's is not asyncio's class
        peer, own = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
        number = self._all.opened(self) if peer and own else 0
        if not number:
            self.cut()
            return
        self.own_host = plain(own[0])
        self._peer = Peer("TCP", plain(peer[0]), peer[1], number)

    def data_received(self, data: bytes) -> None:
        if not self._peer.connection or self._transport is None or self._transport.is_closing():
            return
        try:
            for message in self.reader.receive_data(data):
                self._all.received(message, self._peer)
        except FramingError as error:
            self._all.received(error, self._peer)
            self._all.after()  # the answer, if it gets one, goes before the end
            self.close()
            return
        self._all.after()

    def connection_lost(self, exc: Exception | None) -> None:
        self._all.ended(self._peer.connection)

    def send(self, data: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        self._transport.write(data)
        if self._transport.get_write_buffer_size() > UNSENT_LIMIT:
            self.cut()

    def close(self) -> None:
        """What is written still goes out."""
        if self._transport is not None:
            self._transport.close()

    def cut(self) -> None:
        if self._transport is not None:
            self._transport.abort()
