"""Many datagrams in one call of the kernel: recvmmsg(2), which Python's sockets do not have.

One call a datagram is a third of what it costs to receive a camera over UDP; this halves it.
"""

import ctypes
import socket
import sys
import threading
from collections.abc import Callable
from functools import cache

BATCH_LIMIT = 128  # datagrams taken in one go, so that one camera does not hold up the others
DATAGRAM_LIMIT = 65_536  # bytes; of the buffers only pages that datagrams fill are ever in memory

Address = tuple[object, ...]  # as of Python's sockets

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
        self._data = bytearray(BATCH_LIMIT * DATAGRAM_LIMIT)
        self._names = bytearray(BATCH_LIMIT * self._name_size)
        self._view = memoryview(self._data)
        self._pieces, self._batch = (_Piece * BATCH_LIMIT)(), (_Datagram * BATCH_LIMIT)()
        for number, piece in enumerate(self._pieces):
            piece.base, piece.length = _at(self._data) + number * DATAGRAM_LIMIT, DATAGRAM_LIMIT
            message = self._batch[number].message
            message.name, message.name_length = _at(self._names) + number * self._name_size, self._name_size
            message.pieces, message.piece_count = ctypes.addressof(piece), 1
        self._first = ctypes.addressof(self._batch)
        words = memoryview(self._batch).cast("B").cast("I")
        self._received = words[_Datagram.received.offset // 4 :: ctypes.sizeof(_Datagram) // 4]

    def receive(
        self, port: socket.socket, wanted: bytes, part: slice | None = None
    ) -> tuple[list[bytes], list[tuple[bytes, bytes]], int]:
        """What has come, without waiting.

        Args:
            wanted: a sender's name, or that part of it.

        Returns:
            The wanted sender's datagrams; the others, each with its sender's name; how many bytes all are.
        """
        count = _recvmmsg()(port.fileno(), self._first, BATCH_LIMIT, socket.MSG_DONTWAIT, None)
        if count <= 0:
            return [], [], 0  # nothing more, an ICMP answer to something we sent, or the port is closed
        sizes, view, name_size = self._received[:count].tolist(), self._view, self._name_size
        packets, others = list[bytes](), list[tuple[bytes, bytes]]()
        names, begin, end = self._names, part.start if part else 0, part.stop if part else name_size
        name_at = at = 0
        for size in sizes:
            if names[name_at + begin : name_at + end] == wanted:
                packets.append(bytes(view[at : at + size]))
            else:
                others.append((bytes(names[name_at : name_at + name_size]), bytes(view[at : at + size])))
            name_at += name_size
            at += DATAGRAM_LIMIT
        return packets, others, sum(sizes)

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
