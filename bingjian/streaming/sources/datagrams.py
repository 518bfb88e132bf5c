"""Many datagrams in one call of the kernel: recvmmsg(2), which Python's sockets do not have.

One call a datagram is a third of what it costs to receive a camera over UDP; this halves it. The datagrams
of a batch lie close together, or they would push each other out of the processor's caches.
"""

import ctypes
import socket
import sys
import threading
from collections.abc import Callable
from functools import cache
from operator import add

from bingjian.protocols.depacketize.base import Frames, together

BATCH_LIMIT = 128  # datagrams taken in one go, so that one camera does not hold up the others
PLAIN_SIZE = 1536  # bytes kept for each: a datagram that fits an Ethernet frame is smaller
DATAGRAM_LIMIT = 65_536  # bytes; what is beyond the plain size lies elsewhere, in memory only if it comes

REST_SIZE = DATAGRAM_LIMIT - PLAIN_SIZE
NONE: Frames = b"", ()

Address = tuple[object, ...]  # as of Python's sockets

_STARTS = range(0, BATCH_LIMIT * PLAIN_SIZE, PLAIN_SIZE)

_NAME_SIZE = {socket.AF_INET: 16, socket.AF_INET6: 28}  # of sockaddr_in, sockaddr_in6
_HOST = {socket.AF_INET: slice(4, 8), socket.AF_INET6: slice(8, 24)}  # in them


class _Piece(ctypes.Structure):
    """struct iovec"""

    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


class _Message(ctypes.Structure):
    """struct msghdr"""

    _fields_ = (
        *(("name", ctypes.c_void_p), ("name_length", ctypes.c_uint32)),
        *(("pieces", ctypes.c_void_p), ("piece_count", ctypes.c_size_t)),
        *(("control", ctypes.c_void_p), ("control_length", ctypes.c_size_t), ("flags", ctypes.c_int)),
    )


class _Datagram(ctypes.Structure):
    """struct mmsghdr"""

    _fields_ = (("message", _Message), ("received", ctypes.c_uint))


class Datagrams:
    """Buffers for one batch of one family. What was received is used up before the next call.

    Attributes:
        host: where the sender's address is in its name.
    """

    def __init__(self, family: socket.AddressFamily) -> None:
        self._family, self._name_size, self.host = family, _NAME_SIZE[family], _HOST[family]
        self._plain, self._rest = bytearray(BATCH_LIMIT * PLAIN_SIZE), bytearray(BATCH_LIMIT * REST_SIZE)
        self._names = bytearray(BATCH_LIMIT * self._name_size)
        self._plain_view, self._rest_view = memoryview(self._plain), memoryview(self._rest)
        self._pieces, self._batch = (_Piece * (2 * BATCH_LIMIT))(), (_Datagram * BATCH_LIMIT)()
        plain_at, rest_at, names_at = _at(self._plain), _at(self._rest), _at(self._names)
        for number, datagram in enumerate(self._batch):
            plain, rest = self._pieces[2 * number], self._pieces[2 * number + 1]
            plain.base, plain.length = plain_at + number * PLAIN_SIZE, PLAIN_SIZE
            rest.base, rest.length = rest_at + number * REST_SIZE, REST_SIZE
            message = datagram.message
            message.name, message.name_length = names_at + number * self._name_size, self._name_size
            message.pieces, message.piece_count = ctypes.addressof(plain), 2
        self._first = ctypes.addressof(self._batch)
        words = memoryview(self._batch).cast("B").cast("I")
        self._received = words[_Datagram.received.offset // 4 :: ctypes.sizeof(_Datagram) // 4]

    def receive(
        self, port: socket.socket, wanted: bytes, part: slice | None = None
    ) -> tuple[Frames, list[tuple[bytes, bytes]], int]:
        """What has come, without waiting.

        Args:
            wanted: a sender's name, or that part of it.

        Returns:
            The wanted sender's datagrams; the others, each with its sender's name; how many bytes all are.
        """
        count = _recvmmsg()(port.fileno(), self._first, BATCH_LIMIT, socket.MSG_DONTWAIT, None)
        if count <= 0:
            return NONE, [], 0  # nothing more, an ICMP answer to something we sent, or the port is closed
        sizes = self._received[:count].tolist()
        frames = self._frames(sizes)
        name_size = self._name_size
        names = bytes(self._names[: count * name_size])
        first = names[:name_size]
        if names == first * count and (first[part] if part else first) == wanted:
            return frames, [], sum(sizes)
        buffer, bounds = frames
        found, others = list[tuple[int, int]](), list[tuple[bytes, bytes]]()
        for number, (start, end) in enumerate(bounds):
            name = names[number * name_size : (number + 1) * name_size]
            if (name[part] if part else name) == wanted:
                found.append((start, end))
            else:
                others.append((name, buffer[start:end]))
        return (buffer, found), others, sum(sizes)

    def _frames(self, sizes: list[int]) -> Frames:
        """Copied once, all together, for the next call overwrites what it was received into."""
        if max(sizes) <= PLAIN_SIZE:
            bounds = list(zip(_STARTS, map(add, _STARTS, sizes), strict=False))
            return bytes(self._plain_view[: bounds[-1][1]]), bounds
        plain, rest = self._plain_view, self._rest_view
        return together(
            bytes(plain[at : at + min(size, PLAIN_SIZE)])
            + bytes(rest[number * REST_SIZE : number * REST_SIZE + max(size - PLAIN_SIZE, 0)])
            for number, (at, size) in enumerate(zip(_STARTS, sizes, strict=False))
        )

    def address(self, name: bytes) -> Address:
        """Of a sender, as Python's sockets tell it and take it."""
        host = socket.inet_ntop(self._family, name[self.host])
        port = int.from_bytes(name[2:4])
        if self._family == socket.AF_INET:
            return host, port
        return host, port, int.from_bytes(name[4:8]), int.from_bytes(name[24:28], sys.byteorder)


class _Buffers(threading.local):
    def __init__(self) -> None:
        self.of_family: dict[int, Datagrams] = {}


_buffers = _Buffers()


def shared(family: int) -> Datagrams:
    """This thread's."""
    known = _buffers.of_family.get(family)
    if known is None:
        known = _buffers.of_family[family] = Datagrams(socket.AddressFamily(family))
    return known


@cache
def _recvmmsg() -> Callable[[int, int, int, int, None], int]:
    """Of the C library (glibc 2.12, musl 1.1)."""
    function = ctypes.CDLL(None).recvmmsg
    function.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int, ctypes.c_void_p)
    function.restype = ctypes.c_int
    return function


def _at(buffer: bytearray) -> int:
    """Where it is; as long as we hold on to it that stays so."""
    return ctypes.addressof((ctypes.c_char * len(buffer)).from_buffer(buffer))
