"""The way out to a device that wants to hear us: datagrams, a connection that it opens, one that we open.

The port listens before the device is asked, for some connect before they have said so and some much later.
"""

import asyncio
import contextlib
import socket

from bingjian.protocols import rtp_over_tcp
from bingjian.streaming.sources.media_ports import BACKLOG, Port
from bingjian.streaming.sources.sender_lock import plain
from bingjian.streaming.voice.signal_voice import Accepted

CONNECTED_S = 10.0  # a device that is to connect, or to be connected to, may take so long
LAG_BYTES = 8 * 1024  # a second of sound that a connection has not taken: what is late is not said at all


class NoWay(Exception):
    """The device does not connect, or cannot be reached; carries one plain sentence."""


class Outlet:
    """Of one speech. ``open`` once, then ``send``; ``close`` in any case."""

    def __init__(self, port: Port) -> None:
        """Raises OSError."""
        self._port = port
        self._port.tcp.listen(BACKLOG)
        self._to: tuple[str, int] | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def open(self, accepted: Accepted) -> None:
        """Raises NoWay."""
        if accepted.transport == "udp":
            self._to = accepted.peer_host or accepted.from_host, accepted.peer_port
            return
        try:
            async with asyncio.timeout(CONNECTED_S):
                made = await self._connection(accepted)
                _, self._writer = await asyncio.open_connection(sock=made)
        except (OSError, TimeoutError) as error:
            raise NoWay("no connection to the device for the voice") from error

    def send(self, packet: bytes) -> None:
        """What the device cannot take now is left out."""
        if self._writer is not None:
            self._put(self._writer, packet)
        elif self._to is not None:
            with contextlib.suppress(OSError):
                self._port.udp.sendto(packet, self._to)

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()

    @property
    def has_ended(self) -> bool:
        """The device has closed its connection."""
        return self._writer is not None and self._writer.is_closing()

    def _put(self, writer: asyncio.StreamWriter, packet: bytes) -> None:
        if not writer.is_closing() and writer.transport.get_write_buffer_size() <= LAG_BYTES:
            writer.write(rtp_over_tcp.frame(packet))

    async def _connection(self, accepted: Accepted) -> socket.socket:
        """Raises OSError."""
        loop = asyncio.get_running_loop()
        if accepted.setup == "passive":
            return await _connected(accepted.peer_host or accepted.from_host, accepted.peer_port)
        known = {plain(host) for host in (accepted.peer_host, accepted.from_host) if host}
        while True:
            made, peer = await loop.sock_accept(self._port.tcp)
            if plain(str(peer[0])) in known:
                return made
            made.close()  # a stranger's


async def _connected(host: str, port: int) -> socket.socket:
    """Raises OSError."""
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    made.setblocking(False)
    with contextlib.ExitStack() as undo:
        undo.callback(made.close)
        await asyncio.get_running_loop().sock_connect(made, (host, port))
        undo.pop_all()
    return made
