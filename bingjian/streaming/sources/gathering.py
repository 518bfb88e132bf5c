"""While nobody watches, the kernel gathers a moment of a stream before it wakes us (SO_RCVLOWAT, socket(7)).

A wake-up costs as much as the picture it brings, so a recorder that is woken five times a second instead of
twenty-five needs half the CPU. What waits is in the kernel's buffer, which a crash of ours takes with it: the
moment is short against the two seconds that a crash may take anyway.

For datagrams the kernel has no threshold, and what does not fit its buffer is lost. So reading itself rests,
and only where the largest burst seen would fit several times.
"""

import socket
from typing import Protocol

GATHER_S = 0.2  # of the stream, in one wake-up
LEAST_BYTES = 4096  # below it pictures come one by one whatever we ask for
MOST_BYTES = 128 * 1024  # half of what one read takes
REST_S = 0.2  # between two reads of datagrams
OBSERVE_S = 2.0  # of datagrams at first, with the key picture that every stream begins with
MARGIN = 4  # times the largest burst has to fit


class Waking(Protocol):
    """The part of a socket that is needed."""

    def setsockopt(self, level: int, option: int, value: int, /) -> None: ...


class Gathering:
    """One connection's threshold. Told of each read, and once a second asked to look again."""

    __slots__ = ("_bytes", "_socket", "_threshold")

    def __init__(self, connection: Waking | None) -> None:
        """``connection``: None where there is none to set, as in a test."""
        self._socket = connection
        self._threshold = 1
        self._bytes = 0  # since the last look

    def note(self, nbytes: int, prompt: bool) -> None:
        """So many bytes were read. ``prompt``: somebody waits for every picture."""
        self._bytes += nbytes
        if prompt and self._threshold > 1:
            self._set(1)

    def look(self, prompt: bool, seconds: float) -> None:
        """Follow the bit rate. A stream that rests wakes us with its next byte, and with those it left."""
        wanted = int(self._bytes / seconds * GATHER_S)
        self._bytes = 0
        if prompt or wanted < LEAST_BYTES:
            wanted = 1
        self._set(min(wanted, MOST_BYTES))

    def _set(self, threshold: int) -> None:
        if self._socket is None or threshold == self._threshold:
            return
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, threshold)
        self._threshold = threshold


class Resting:
    """One port's reads of datagrams. ``room_bytes``: of the kernel's buffer."""

    __slots__ = ("_burst", "_bytes", "_first_ns", "_room", "_since_ns")

    def __init__(self, room_bytes: int) -> None:
        self._room = room_bytes
        self._first_ns: int | None = None
        self._since_ns = self._bytes = 0  # of the moment in turn
        self._burst = 0  # bytes of the largest moment

    def rest_s(self, nbytes: int, now_ns: int, prompt: bool) -> float:
        """How long to rest after a read of so many bytes; 0: read as they come."""
        if self._first_ns is None:
            self._first_ns = now_ns
        if now_ns - self._since_ns >= REST_S * 1e9:
            self._since_ns, self._bytes = now_ns, 0
        self._bytes += nbytes
        self._burst = max(self._burst, self._bytes)
        observed = now_ns - self._first_ns >= OBSERVE_S * 1e9
        return REST_S if nbytes and observed and not prompt and MARGIN * self._burst <= self._room else 0.0
