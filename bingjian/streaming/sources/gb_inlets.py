"""Ways in which a GB/T 28181 device's packets reach us: a connection it opens, one we open, datagrams.

None reads before it is told whose packets count: what comes earlier waits in the kernel, for devices connect
before they have answered, or long after (quirk 25).
"""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import Protocol, cast

from bingjian.clock import Clock
from bingjian.protocols import rtp_over_tcp
from bingjian.protocols.depacketize.base import Frames, together
from bingjian.protocols.errors import PeerError
from bingjian.protocols.rtp_over_tcp import Packets
from bingjian.streaming.sources import datagrams, read_buffer
from bingjian.streaming.sources.datagrams import BATCH_LIMIT, Address
from bingjian.streaming.sources.gathering import Gathering, Resting
from bingjian.streaming.sources.media_ports import BACKLOG
from bingjian.streaming.sources.sender_lock import SenderLock, ssrc_of

UNDECIDED_LIMIT = 4  # connections that have not shown yet whose they are; more are closed
SSRC_PATIENCE_S = 1.0  # packets with another SSRC than agreed wait so long for some that have it
WAITING_LIMIT, WAITING_BYTES = 2048, 4 << 20  # of datagrams that wait so; beyond it is decided at once
MOVE_S = 1.0  # without a packet, after which the same SSRC from the device's other port counts


class Takes(Protocol):
    """Who gets what comes. Called on the event loop; raises nothing."""

    @property
    def prompt(self) -> bool:
        """Whether somebody waits for every picture, or a packet is missing that may still come."""

    def on_datagrams(self, frames: Frames) -> None: ...
    def on_frames(self, frames: Frames) -> None: ...
    def on_failed(self, error: Exception) -> None:
        """A PeerError for what the device did wrong, an OSError if there is no connection to it."""

    def on_hung_up(self) -> None: ...


class Connection(asyncio.BufferedProtocol):
    """One TCP connection of a device, or of somebody else."""

    def __init__(self, lock: SenderLock, taker: Takes, choose: Callable[["Connection"], bool]) -> None:
        """``choose``: may this one be the stream's? Asked once, with its first packet."""
        self._lock, self._taker, self._choose = lock, taker, choose
        self._reader = rtp_over_tcp.Reader()
        self._buffer = read_buffer.shared()
        self._transport: asyncio.Transport | None = None
        self._gathering = Gathering(None)
        self._early = b""  # what came before ``begin``: one read at most, for then reading rests
        self.host = ""
        self._chosen = self._begun = self.is_closed = False

    def begin(self) -> None:
        """From now on it is known whose packets count."""
        self._begun = True
        if self._early and not self.is_closed and self._transport is not None:
            early, self._early = self._early, b""
            self._take(early)
            self._transport.resume_reading()

    def close(self) -> None:
        self.is_closed = True
        if self._transport is not None:
            self._transport.abort()

    def look(self, seconds: float) -> None:
        """Once so often."""
        self._gathering.look(self._taker.prompt, seconds)

    # --- asyncio calls these

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self.host = str(peer[0]) if peer else ""
        self._gathering = Gathering(transport.get_extra_info("socket"))
        if self.is_closed:
            self._transport.abort()

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        if self.is_closed:
            return
        if not self._begun:
            self._early += self._buffer[:nbytes]
            if self._transport is not None:
                self._transport.pause_reading()
            return
        self._gathering.note(nbytes, self._taker.prompt)
        self._take(self._buffer[:nbytes])

    def _take(self, data: bytes | memoryview) -> None:
        try:
            frames = self._reader.receive_data(data)
        except PeerError as error:
            self._went_wrong(error)
            return
        if frames.bounds and (self._chosen or self._is_chosen(frames)):
            self._taker.on_frames((frames.buffer, frames.bounds))

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        was_closed, self.is_closed = self.is_closed, True
        if self._chosen and not was_closed:
            self._taker.on_hung_up()

    def _is_chosen(self, frames: Packets) -> bool:
        start, end = frames.bounds[0]
        ssrc = ssrc_of(frames.buffer[start:end])
        fits = self._lock.knows(self.host) or self._lock.agrees(self.host, ssrc)
        self._chosen = fits and self._choose(self)
        if not self._chosen:
            self._lock.turn_away(self.host)
            self.close()
        return self._chosen

    def _went_wrong(self, error: PeerError) -> None:
        """Of the device: the stream's end. Of a stranger: his."""
        self.close()
        if self._chosen or self._lock.knows(self.host):
            self._taker.on_failed(error)
        else:
            self._lock.turn_away(self.host)


class TcpIn:
    """A listener for one stream: the first connection that brings the device's packets is it."""

    def __init__(self, port: socket.socket, lock: SenderLock, taker: Takes) -> None:
        self._port, self._lock, self._taker = port, lock, taker
        self._server: asyncio.Server | None = None
        self._open: list[Connection] = []
        self._begun = False

    async def listen(self) -> None:
        """Raises OSError."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._accept, sock=self._port, backlog=BACKLOG)

    def begin(self) -> None:
        self._begun = True
        for connection in self._open:
            connection.begin()

    def look(self, seconds: float) -> None:
        for connection in self._open:
            connection.look(seconds)

    def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for connection in self._open:
            connection.close()

    def _accept(self) -> Connection:
        connection = Connection(self._lock, self._taker, self._choose)
        self._open = [one for one in self._open if not one.is_closed]
        if len(self._open) >= UNDECIDED_LIMIT:
            self._turn_out()
        self._open.append(connection)
        if self._begun:
            connection.begin()
        return connection

    def _turn_out(self) -> None:
        """One makes room: rather a stranger, else who has waited longest."""
        strangers = (one for one in self._open if not self._lock.knows(one.host))
        leaving = next(strangers, self._open[0])
        self._open.remove(leaving)
        leaving.close()

    def _choose(self, chosen: Connection) -> bool:
        """Nobody else can come from here on."""
        if self._server is not None:
            self._server.close()
        for connection in self._open:
            if connection is not chosen:
                connection.close()
        self._open = [chosen]
        return True


class TcpOut:
    """A connection that we open, to where the device says that it listens."""

    def __init__(self, lock: SenderLock, taker: Takes) -> None:
        self._taker = taker
        self._connection = Connection(lock, taker, lambda _: True)
        self._connecting: asyncio.Task[None] | None = None

    def begin(self, host: str, port: int, within_s: float) -> None:
        self._connection.begin()
        self._connecting = asyncio.ensure_future(self._connect(host, port, within_s))

    def look(self, seconds: float) -> None:
        self._connection.look(seconds)

    def close(self) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
        self._connection.close()

    async def _connect(self, host: str, port: int, within_s: float) -> None:
        try:
            async with asyncio.timeout(within_s):
                await asyncio.get_running_loop().create_connection(lambda: self._connection, host, port)
        except OSError as error:
            self._taker.on_failed(error)


class UdpIn:
    """Datagrams: the first sender that is the device's is locked on to."""

    def __init__(self, port: socket.socket, lock: SenderLock, taker: Takes, clock: Clock) -> None:
        self._port, self._lock, self._taker, self._clock = port, lock, taker, clock
        self._loop = asyncio.get_running_loop()
        self._datagrams = datagrams.shared(port.family)
        self.sender: Address | None = None
        self._name = b""  # the sender, as the kernel names it
        self._ssrc: int | None = None  # the sender's first
        self._heard_ns = 0  # from the sender, newest
        self._waiting: list[tuple[bytes, bytes]] = []  # sender's name, packet
        self._waiting_bytes = 0
        self._timer: asyncio.TimerHandle | None = None
        self.is_patient = True  # False: this device is known to use an SSRC of its own
        self._resting = Resting(port.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF))
        self._rest: asyncio.TimerHandle | None = None
        self._begun = self._listening = self._closed = False

    def begin(self) -> None:
        """Unless it is closed: the packets came another way already."""
        if not self._closed:
            self._begun = True
            self._listen()

    def close(self) -> None:
        self._closed = True
        self._listen_no_more()
        for timer in (self._timer, self._rest):
            if timer is not None:
                timer.cancel()
        self._waiting = []
        self._port.close()

    def send_report(self, packet: bytes) -> None:
        """To the sender's port for RTCP, the one after; best effort."""
        if self.sender is not None and self._begun and not self._closed:
            host, port, *rest = self.sender
            with contextlib.suppress(OSError, OverflowError):
                self._port.sendto(packet, (host, int(str(port)) + 1, *rest))

    def _listen(self) -> None:
        if not self._listening:
            self._listening = True
            self._loop.add_reader(self._port, self._read)

    def _listen_no_more(self) -> None:
        if self._listening:
            self._listening = False
            self._loop.remove_reader(self._port)

    def _read(self) -> None:
        """What has come; then rest, where that is safe and something came, or be woken by the next."""
        frames, size, is_more = self._received()
        now_ns = self._clock.monotonic_ns()
        if frames[1]:
            self._heard_ns = now_ns
            self._taker.on_datagrams(frames)
        if self._closed:
            return
        rest_s = self._resting.rest_s(size, now_ns, self._taker.prompt)
        if rest_s and not is_more:
            self._listen_no_more()
            self._rest = self._loop.call_later(rest_s, self._read)
        else:
            self._listen()

    def _received(self) -> tuple[Frames, int, bool]:
        """The sender's datagrams, how many bytes came from anybody, whether more may wait."""
        frames, others, total = self._datagrams.receive(self._port, self._name)
        buffer, bounds = frames
        is_more = len(bounds) + len(others) == BATCH_LIMIT
        admitted = [packet for name, packet in others if name == self._name or self._admits(name, packet)]
        if admitted:
            frames = together([*(buffer[start:end] for start, end in bounds), *admitted])
        return frames, total, is_more

    def _admits(self, name: bytes, packet: bytes) -> bool:
        """Of an address that is not the sender's: is it, from now on?"""
        host, ssrc = str(self._datagrams.address(name)[0]), ssrc_of(packet)
        if ssrc is not None and self._is_right(host, ssrc):
            self._lock_on(name, ssrc)
            self._waiting = []
            return True
        if ssrc is not None and self.sender is None and self._lock.knows(host):
            self._wait(name, packet)
        elif ssrc is not None or not self._lock.knows(host):
            self._lock.turn_away(host)
        return False

    def _lock_on(self, name: bytes, ssrc: int | None) -> None:
        self.sender, self._name, self._ssrc = self._datagrams.address(name), name, ssrc

    def _is_right(self, host: str, ssrc: int) -> bool:
        lock = self._lock
        if self.sender is None:
            at_once = lock.ssrc is None or not self.is_patient
            return lock.agrees(host, ssrc) or (at_once and lock.knows(host))
        has_moved = ssrc == self._ssrc and self._is_quiet()
        return lock.knows(host) and (has_moved or lock.ssrc == ssrc != self._ssrc)

    def _is_quiet(self) -> bool:
        return self._clock.monotonic_ns() - self._heard_ns > MOVE_S * 1e9

    def _wait(self, name: bytes, packet: bytes) -> None:
        self._waiting.append((name, packet))
        self._waiting_bytes += len(packet)
        if len(self._waiting) > WAITING_LIMIT or self._waiting_bytes > WAITING_BYTES:
            self._decide()
        elif self._timer is None:
            self._timer = self._loop.call_later(SSRC_PATIENCE_S, self._decide)

    def _decide(self) -> None:
        """Nobody has the agreed SSRC: the first who came is it."""
        waiting, self._waiting = self._waiting, []
        if self.sender is None and waiting:
            self._lock_on(waiting[0][0], ssrc_of(waiting[0][1]))
            self._heard_ns = self._clock.monotonic_ns()
            self._taker.on_datagrams(together(packet for name, packet in waiting if name == self._name))
