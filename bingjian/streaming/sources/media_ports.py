"""Ports on which GB/T 28181 devices send their media: one for each stream, so that a wrong SSRC does no harm.

A device whose BYE was lost goes on sending. So a port rests after its stream before another gets it, lest the
pictures of one camera are taken for those of another (quirk 5).
"""

import contextlib
import socket
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from bingjian.clock import Clock
from bingjian.streaming.sources import udp

ALL_ADDRESSES = "0.0.0.0"  # noqa: S104  # devices come from outside
QUARANTINE_S = 15.0
BACKLOG = 8  # connections of one device that wait to be taken


class NoPortLeft(Exception):
    """All ports are in use, resting, or taken by other programs."""


@dataclass(frozen=True, slots=True)
class Port:
    """One number, for TCP and UDP alike: some devices send over UDP to where TCP was offered (quirk 23)."""

    number: int
    tcp: socket.socket  # not listening yet
    udp: socket.socket


class MediaPorts:
    """The ports of one worker. Belongs to the event loop."""

    def __init__(self, clock: Clock, host: str = ALL_ADDRESSES, first: int = 0, count: int = 0) -> None:
        """
        Args:
            host: address to listen on.
            first: of the range; 0: any free ports, as the kernel gives them.
            count: in the range.
        """
        self._clock, self._host = clock, host
        self._free = deque(range(first, first + count)) if first else None
        self._resting: deque[tuple[int, int]] = deque()  # (monotonic_ns of the end, port), oldest first
        self.in_use = 0

    @contextlib.contextmanager
    def lease(self) -> Iterator[Port]:
        """A port for one stream; at the end its sockets are closed. Raises NoPortLeft."""
        self._wake()
        port = self._take()
        self.in_use += 1
        try:
            yield port
        finally:
            self.in_use -= 1
            port.tcp.close()
            port.udp.close()
            if self._free is not None:
                self._resting.append((self._clock.monotonic_ns(), port.number))

    def _wake(self) -> None:
        """Those that have rested go to the end of the queue: the one used longest ago comes first."""
        due_ns = self._clock.monotonic_ns() - round(QUARANTINE_S * 1e9)
        while self._free is not None and self._resting and self._resting[0][0] <= due_ns:
            self._free.append(self._resting.popleft()[1])

    def _take(self) -> Port:
        for _ in range(len(self._free) if self._free is not None else udp.PAIR_TRIES):
            number = self._free.popleft() if self._free is not None else 0
            try:
                return _opened(self._host, number)
            except OSError:
                if self._free is not None:
                    self._free.append(number)  # another program has it: perhaps not for ever
        raise NoPortLeft("no port is left for media")


def _opened(host: str, number: int) -> Port:
    """Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    datagrams = udp.bound(family, host, number)
    connections = socket.socket(family, socket.SOCK_STREAM)
    try:
        number = int(datagrams.getsockname()[1])
        connections.setblocking(False)
        connections.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        connections.bind((host, number))
    except OSError:
        datagrams.close()
        connections.close()
        raise
    return Port(number, connections, datagrams)
