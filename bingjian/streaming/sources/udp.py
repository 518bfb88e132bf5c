"""Pairs of UDP sockets for RTP and RTCP, read in batches on the event loop."""

import asyncio
import contextlib
import socket
from collections.abc import Callable

from bingjian.protocols.depacketize.base import Frames
from bingjian.streaming.sources import datagrams

RECEIVE_BUFFER = 1024 * 1024  # bytes asked of the kernel: a key frame of 500 KiB comes in one burst
PAIR_TRIES = 64  # to find two ports in a row

Receive = Callable[[Frames], None]


class Pair:
    """An even RTP port and the RTCP port after it. Takes datagrams of one host only."""

    def __init__(self, rtp: socket.socket, rtcp: socket.socket, peer: str) -> None:
        self._rtp, self._rtcp, self._peer = rtp, rtcp, peer
        self.port = int(rtp.getsockname()[1])
        self._datagrams = datagrams.shared(rtp.family)
        self._host = socket.inet_pton(rtp.family, peer.partition("%")[0])
        self._loop = asyncio.get_running_loop()

    def listen(self, on_rtp: Receive, on_rtcp: Receive) -> None:
        """From now on the callbacks get what has come, at most one batch."""
        self._loop.add_reader(self._rtp, self._read, self._rtp, on_rtp)
        self._loop.add_reader(self._rtcp, self._read, self._rtcp, on_rtcp)

    def send_rtp(self, data: bytes, port: int) -> None:
        """Best effort, as UDP is."""
        with contextlib.suppress(OSError):
            self._rtp.sendto(data, (self._peer, port))

    def send_rtcp(self, data: bytes, port: int) -> None:
        with contextlib.suppress(OSError):
            self._rtcp.sendto(data, (self._peer, port))

    def close(self) -> None:
        for sock in (self._rtp, self._rtcp):
            self._loop.remove_reader(sock)
            sock.close()

    def _read(self, sock: socket.socket, receive: Receive) -> None:
        frames, _, _ = self._datagrams.receive(sock, self._host, self._datagrams.host)
        if frames[1]:
            receive(frames)


def open_pair(local: str, peer: str) -> Pair:
    """Sockets on the address ``local`` for datagrams from ``peer`` (both numeric). Raises OSError."""
    family = socket.AF_INET6 if ":" in local else socket.AF_INET
    for _ in range(PAIR_TRIES):
        rtp = bound(family, local, 0)
        port = int(rtp.getsockname()[1])
        if port % 2 == 0 and port < 65535:
            try:
                return Pair(rtp, bound(family, local, port + 1), peer)
            except OSError:
                pass  # taken: try another pair
        rtp.close()
    raise OSError("no two UDP ports in a row are free")


def bound(family: socket.AddressFamily, local: str, port: int) -> socket.socket:
    """Raises OSError: the port is taken, or the address not ours."""
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        sock.bind((local, port))
    except OSError:
        sock.close()
        raise
    return sock
