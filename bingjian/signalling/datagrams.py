"""The UDP socket: many datagrams a wake-up in, what does not fit the kernel's buffer waits out.

asyncio's own datagram transport makes one callback a datagram; 1 700 keep-alives a second want less.
"""

import asyncio
import socket
from collections import deque
from collections.abc import Callable

from bingjian.signalling.identity import family_of, mapped, plain

DATAGRAM_LIMIT = 65_535  # bytes; devices send 8 KiB and more in one
BATCH = 256  # datagrams a wake-up; then timers and TCP have their turn, at most 50 ms later
RECEIVE_BUFFER = 32 << 20  # bytes: 10 000 registrations at once, each with the kernel's own overhead
SEND_BUFFER = 4 << 20
WAITING_LIMIT = 20_000  # datagrams; what is more is lost, as on any network, and repeated by timers

_SO_SNDBUFFORCE, _SO_RCVBUFFORCE = 32, 33  # asm-generic/socket.h; for root, beyond net.core.rmem_max


class Datagrams:
    """One bound socket on the running loop.

    Args:
        received: gets data, host, port of each.
        after: called once a wake-up, after the last.
    """

    def __init__(self, received: Callable[[bytes, str, int], None], after: Callable[[], None]) -> None:
        self._received, self._after = received, after
        self._buffer = bytearray(DATAGRAM_LIMIT)
        self._view = memoryview(self._buffer)
        self._waiting: deque[tuple[bytes, str, int]] = deque()
        self._socket: socket.socket | None = None
        self._maps = False  # an IPv6 socket that speaks IPv4 too
        self.lost = 0  # datagrams that could not be sent

    def open(self, host: str, port: int) -> int:
        """Returns the port. Raises OSError."""
        bound = socket.socket(family_of(host), socket.SOCK_DGRAM)
        try:
            bound.setblocking(False)
            _widen(bound)
            if bound.family == socket.AF_INET6:
                bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
                self._maps = True
            bound.bind((host, port))
        except OSError:
            bound.close()
            raise
        self._socket = bound
        asyncio.get_running_loop().add_reader(bound, self._readable)
        return int(bound.getsockname()[1])

    def close(self) -> None:
        if self._socket is None:
            return
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._socket)
        loop.remove_writer(self._socket)
        self._socket.close()
        self._socket = None

    def send(self, data: bytes, host: str, port: int) -> None:
        """Never raises: an address that cannot be reached is a datagram lost."""
        if self._waiting:
            self._wait(data, host, port)
        elif self._socket is not None and not self._sent(self._socket, data, host, port):
            asyncio.get_running_loop().add_writer(self._socket, self._writable)
            self._wait(data, host, port)

    def _readable(self) -> None:
        bound, view = self._socket, self._view
        for _ in range(BATCH):
            if bound is None:
                return
            try:
                size, address = bound.recvfrom_into(view)
            except (BlockingIOError, InterruptedError):
                break
            except OSError:
                continue  # somebody's ICMP error; the next datagram is another's
            self._received(view[:size].tobytes(), plain(address[0]), address[1])
            bound = self._socket
        self._after()

    def _sent(self, bound: socket.socket, data: bytes, host: str, port: int) -> bool:
        """False: the kernel's buffer is full."""
        try:
            bound.sendto(data, (mapped(host) if self._maps else host, port))
        except (BlockingIOError, InterruptedError):
            return False
        except (OSError, OverflowError):
            self.lost += 1
        return True

    def _wait(self, data: bytes, host: str, port: int) -> None:
        if len(self._waiting) >= WAITING_LIMIT:
            self.lost += 1
            return
        self._waiting.append((data, host, port))

    def _writable(self) -> None:
        while self._waiting and self._socket is not None:
            if not self._sent(self._socket, *self._waiting[0]):
                return
            self._waiting.popleft()
        if self._socket is not None:
            asyncio.get_running_loop().remove_writer(self._socket)


def _widen(bound: socket.socket) -> None:
    """As far as we may."""
    for forced, usual, size in (
        (_SO_RCVBUFFORCE, socket.SO_RCVBUF, RECEIVE_BUFFER),
        (_SO_SNDBUFFORCE, socket.SO_SNDBUF, SEND_BUFFER),
    ):
        try:
            bound.setsockopt(socket.SOL_SOCKET, forced, size)
        except OSError:
            bound.setsockopt(socket.SOL_SOCKET, usual, size)
