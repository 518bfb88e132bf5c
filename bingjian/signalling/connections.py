"""TCP and TLS connections that devices open: each has a number that is never used again.

Over TCP everything of a device goes over the connection it registered with (GB/T 28181-2022 §9.1), inside TLS
as well. One over which nobody is registered is a stranger's: it has 30 seconds, small messages, and a place
only while few others want one. A stranger's TLS handshake has 10 of these seconds, and a place among fewer.
"""

import asyncio
import ssl
from collections.abc import Callable
from itertools import count, takewhile

from bingjian.protocols.sip.errors import FramingError, MessageError
from bingjian.protocols.sip.message import Message
from bingjian.protocols.sip.reply import Peer
from bingjian.protocols.sip.stream import Reader
from bingjian.signalling.identity import family_of, plain
from bingjian.signalling.tls import TlsError, TlsStream

STRANGER_S = 30.0  # from connecting, or from the end of the last registration, to registering
STRANGERS_LIMIT = 4_000  # connections without a registration; then the oldest is closed
HANDSHAKE_S = 10.0  # from connecting to the end of the TLS handshake, two round trips
# connections in handshake; then the oldest is closed, for who is honest is done long before: whoever wants to
# keep others out would have to open thousands a second
HANDSHAKES_LIMIT = 2_000
TOO_LONG, TOO_MANY = "no end of the handshake", "too many handshakes"
HUNG_UP = "hung up in the handshake"  # many who do not trust our certificate say no more than that
CONNECTIONS_LIMIT = 110_000  # all; a city's devices, and some who come back before they are missed
UNSENT_LIMIT = 16 << 20  # bytes waiting for one peer that does not read: closed
BACKLOG = 4096

Received = Callable[[Message | MessageError, Peer], None]


class Connections:
    """The listening sockets and what came of them.

    Args:
        received: gets every message, and every one that cannot be understood though it may be answered.
        after: called once after each piece of data, and for each new connection.
        lost: gets the number of a connection that has ended.
        now: monotonic seconds.
        failed: gets the host, and why TLS with it came to nothing.
    """

    def __init__(
        self,
        received: Received,
        after: Callable[[], None],
        lost: Callable[[int], None],
        now: Callable[[], float],
        failed: Callable[[str, str], None],
    ) -> None:
        self.received, self.after = received, after
        self._lost, self._failed, self._now = lost, failed, now
        self._numbers = count(1)
        self._open: dict[int, _Connection] = {}
        self._strangers: dict[int, float] = {}  # when they have to have registered; oldest first
        self._handshakes: dict[int, float] = {}  # when they have to be done; oldest first
        self._servers: list[asyncio.Server] = []
        self.tls: ssl.SSLContext | None = None  # with the certificate that is shown

    def __len__(self) -> int:
        return len(self._open)

    async def open(self, host: str, port: int) -> None:
        """Raises OSError."""
        await self._listen(lambda: _Connection(self), host, port)

    async def open_tls(self, host: str, port: int, context: ssl.SSLContext) -> int:
        """With what ``tls`` is when somebody connects. Returns the port. Raises OSError."""
        self.tls = context
        return await self._listen(lambda: _TlsConnection(self, self.tls or context), host, port)

    async def _listen(self, make: Callable[[], "_Connection"], host: str, port: int) -> int:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(make, host, port, family=family_of(host), backlog=BACKLOG)
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        for server in self._servers:
            server.close()
        self._handshakes.clear()  # ended by us
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
        fronts = [next(iter(table.values()), None) for table in (self._strangers, self._handshakes)]
        return min((front for front in fronts if front is not None), default=None)

    def expire(self, now: float) -> None:
        """Strangers who took too long."""
        for number in _due(self._handshakes, now):
            self._give_up(number, TOO_LONG)
        for number in _due(self._strangers, now):
            del self._strangers[number]
            self.cut(number)

    def _give_up(self, number: int, why: str) -> None:
        """Its handshake."""
        self.refused(number, why)
        self.cut(number)

    def opened(self, connection: "_Connection") -> int:
        """Its number; 0: there are too many."""
        if len(self._open) >= CONNECTIONS_LIMIT:
            return 0
        if len(self._strangers) >= STRANGERS_LIMIT:
            oldest = next(iter(self._strangers))
            del self._strangers[oldest]
            self._handshakes.pop(oldest, None)
            self._open[oldest].cut()
        number = next(self._numbers)
        self._open[number] = connection
        self._strangers[number] = self._now() + STRANGER_S
        return number

    def begun(self, number: int) -> None:
        """A handshake."""
        if len(self._handshakes) >= HANDSHAKES_LIMIT:
            self._give_up(next(iter(self._handshakes)), TOO_MANY)
        self._handshakes[number] = self._now() + HANDSHAKE_S

    def secured(self, number: int) -> None:
        """Its handshake is done."""
        self._handshakes.pop(number, None)

    def hung_up(self, number: int) -> None:
        """The other side, after it had begun."""
        if number in self._handshakes:
            self.refused(number, HUNG_UP)

    def refused(self, number: int, why: str) -> None:
        """TLS with it has come to nothing."""
        self._handshakes.pop(number, None)
        self._failed(self._open[number].host, why)

    def ended(self, number: int) -> None:
        if self._open.pop(number, None) is not None:
            self._strangers.pop(number, None)
            self._handshakes.pop(number, None)
            self._lost(number)


def _due(table: dict[int, float], now: float) -> list[int]:
    """Of a table whose oldest come first."""
    return [number for number, _ in takewhile(lambda one: one[1] <= now, table.items())]


class _Connection(asyncio.Protocol):
    over = "TCP"

    def __init__(self, all: Connections) -> None:
        self._all = all
        self.reader = Reader()
        self.own_host = ""
        self._peer = Peer(self.over, "", 0)
        self._transport: asyncio.Transport | None = None

    @property
    def host(self) -> str:
        """The peer's."""
        return self._peer.host

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # uvloop's is not asyncio's class
        peer, own = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
        number = self._all.opened(self) if peer and own else 0
        if not number:
            self.cut()
            return
        self.own_host = plain(own[0])
        self._peer = Peer(self.over, plain(peer[0]), peer[1], number)
        self.begin(number)
        self._all.after()  # its deadlines may be the next

    def begin(self, number: int) -> None:
        """It has its number and its peer."""

    @property
    def is_open(self) -> bool:
        return (
            bool(self._peer.connection) and self._transport is not None and not self._transport.is_closing()
        )

    def data_received(self, data: bytes) -> None:
        if self.is_open:
            self.read(data)

    def read(self, data: bytes) -> None:
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
        self.write(data)

    def write(self, data: bytes) -> None:
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


class _TlsConnection(_Connection):
    """The same inside TLS."""

    over = "TLS"

    def __init__(self, all: Connections, context: ssl.SSLContext) -> None:
        super().__init__(all)
        self._tls = TlsStream(context)

    def begin(self, number: int) -> None:
        self._all.begun(number)

    def read(self, data: bytes) -> None:
        was_secured = self._tls.is_secured
        try:
            said = self._tls.receive_data(data)
        except TlsError as error:
            self._all.refused(self._peer.connection, str(error))
            self.close()
            return
        self._flush()
        if self._tls.is_secured and not was_secured:
            self._all.secured(self._peer.connection)
        if said:
            super().read(said)
        if self._tls.is_ended:
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._tls.is_begun:
            self._all.hung_up(self._peer.connection)
        super().connection_lost(exc)

    def send(self, data: bytes) -> None:
        self._tls.send(data)
        self._flush()

    def close(self) -> None:
        """With what TLS has to say about it."""
        self._tls.close()
        self._flush()
        super().close()

    def _flush(self) -> None:
        output = self._tls.take_output()
        if output:
            self.write(output)
