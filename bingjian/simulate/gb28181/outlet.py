"""Ways out for a stream's packets: UDP, TCP that we connect, TCP that we wait for."""

import asyncio
import socket
from collections.abc import Callable
from typing import Protocol, cast

from bingjian.protocols import rtp_over_tcp
from bingjian.simulate.gb28181.weather import Weather

SEND_BUFFER = 1 << 20  # bytes: a key picture and what follows while the receiver is late
CONNECT_TRIES = 4  # GB/T 28181-2022: the client tries at least three times more, a second apart
CONNECT_PAUSE_S = 1.0


class Outlet(Protocol):
    def send(self, packet: bytes) -> None: ...

    def backlog(self) -> int:
        """Bytes that the receiver has not taken yet."""

    def close(self) -> None: ...


class UdpOutlet:
    """A socket of its own, or one handed in."""

    def __init__(self, host: str, to: tuple[str, int], weather: Weather) -> None:
        """Raises OSError."""
        self._to, self._weather = to, weather
        self._socket = bound(host)

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    def send(self, packet: bytes) -> None:
        self._weather.send(packet, self._transmit)

    def _transmit(self, packet: bytes) -> None:
        try:
            self._socket.sendto(packet, self._to)
        except OSError:
            return  # buffer full, closed, or nobody listens any more: UDP loses packets

    def backlog(self) -> int:
        return 0

    def close(self) -> None:
        self._socket.close()


def bound(host: str, port: int = 0) -> socket.socket:
    """A UDP socket that does not block. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_DGRAM)
    try:
        made.setblocking(False)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        made.bind((host, port))
    except OSError:
        made.close()
        raise
    return made


class TcpOutlet(asyncio.Protocol):
    """RFC 4571 on a connection. What is sent before it is there is dropped."""

    def __init__(self, weather: Weather, on_up: Callable[[], None], on_lost: Callable[[], None]) -> None:
        self._weather, self._on_up, self._on_lost = weather, on_up, on_lost
        self._transport: asyncio.Transport | None = None
        self._server: asyncio.Server | None = None
        self._trying: asyncio.Task[None] | None = None
        self._closed = False

    async def listen(self, host: str) -> int:
        """Wait for one connection; the port. Raises OSError."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: self, host, 0)
        return int(self._server.sockets[0].getsockname()[1])

    def connect(self, host: str, to: tuple[str, int], after_s: float = 0.0) -> None:
        """Try, and try again; ``on_lost`` if nobody is there."""
        self._trying = asyncio.get_running_loop().create_task(self._connect(host, to, after_s))

    async def _connect(self, host: str, to: tuple[str, int], after_s: float) -> None:
        await asyncio.sleep(after_s)
        for attempt in range(CONNECT_TRIES):
            await asyncio.sleep(CONNECT_PAUSE_S if attempt else 0)
            try:
                loop = asyncio.get_running_loop()
                await loop.create_connection(lambda: self, *to, local_addr=(host, 0))
            except OSError:
                continue
            return
        self._on_lost()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self._transport or self._closed:
            cast(asyncio.Transport, transport).abort()
            return
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by inheritance
        if self._server:
            self._server.close()
        self._on_up()

    def connection_lost(self, error: Exception | None) -> None:
        if not self._closed:
            self._closed = True
            self._on_lost()

    def send(self, packet: bytes) -> None:
        if self._transport and not self._closed and not self._weather.silent:
            self._transport.write(rtp_over_tcp.frame(packet))

    def backlog(self) -> int:
        return self._transport.get_write_buffer_size() if self._transport else 0

    def close(self) -> None:
        self._closed = True
        if self._trying:
            self._trying.cancel()
        if self._server:
            self._server.close()
        if self._transport:
            self._transport.close()
