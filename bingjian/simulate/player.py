"""Sends one client what a camera plays, each burst at its instant of the camera's clock."""

import asyncio
import random
import secrets
import socket
import time
from dataclasses import dataclass
from typing import Protocol

from bingjian.protocols import rtcp
from bingjian.simulate.camera import Camera
from bingjian.simulate.conversation import SESSION_SECONDS
from bingjian.simulate.loop import FRAME_HEADER, LOOP_NS, Burst, Programme, patched

EARLY_NS = 1_000_000  # timers tick in milliseconds: what is due within one is sent now
LATE_LIMIT_NS = 2_000_000_000  # further behind: go on with the next key picture instead of a heap of old ones
BACKLOG_LIMIT = 2 * 1024 * 1024  # bytes a client has not read: then pictures are skipped up to a key picture
REPORT_NS = 5_000_000_000  # between sender reports (RFC 3550 §6.2)
CNAME = "simulator"


class Outlet(Protocol):
    """Where one track's packets go."""

    channel: int

    def send(self, packets: bytearray, starts: tuple[int, ...]) -> None:
        """Packets with interleaved headers, and where each begins."""

    def send_report(self, report: bytes) -> None: ...

    def backlog(self) -> int:
        """Bytes waiting to be read by the client."""

    def close(self) -> None: ...


class TcpOutlet:
    """In the RTSP connection."""

    def __init__(self, transport: asyncio.Transport, rtp_channel: int, rtcp_channel: int) -> None:
        self._transport, self.channel, self._rtcp_channel = transport, rtp_channel, rtcp_channel

    def send(self, packets: bytearray, starts: tuple[int, ...]) -> None:
        self._transport.write(packets)

    def send_report(self, report: bytes) -> None:
        self._transport.write(b"$" + bytes([self._rtcp_channel]) + len(report).to_bytes(2) + report)

    def backlog(self) -> int:
        return self._transport.get_write_buffer_size()

    def close(self) -> None:
        """The connection is its owner's to close."""


class UdpOutlet:
    """A pair of sockets, one track."""

    channel = 0

    def __init__(self, host: str, client: tuple[str, int, int]) -> None:
        """``client``: address, RTP port, RTCP port. Raises OSError if no port is free."""
        self._rtp, self._rtcp = _socket_pair(host, socket.AF_INET6 if ":" in client[0] else socket.AF_INET)
        self._rtp_to, self._rtcp_to = (client[0], client[1]), (client[0], client[2])

    @property
    def ports(self) -> tuple[int, int]:
        return self._rtp.getsockname()[1], self._rtcp.getsockname()[1]

    def send(self, packets: bytearray, starts: tuple[int, ...]) -> None:
        view = memoryview(packets)
        for start, end in zip(starts, (*starts[1:], len(packets)), strict=True):
            self._send(self._rtp, view[start + FRAME_HEADER : end], self._rtp_to)

    def send_report(self, report: bytes) -> None:
        self._send(self._rtcp, report, self._rtcp_to)

    @staticmethod
    def _send(sender: socket.socket, packet: bytes | memoryview, to: tuple[str, int]) -> None:
        try:
            sender.sendto(packet, to)
        except OSError:
            return  # buffer full, or nobody listens any more: UDP loses packets

    def backlog(self) -> int:
        return 0

    def close(self) -> None:
        self._rtp.close()
        self._rtcp.close()


def _socket_pair(host: str, family: socket.AddressFamily) -> tuple[socket.socket, socket.socket]:
    """RTP on an even port, RTCP on the next (RFC 3550 §11)."""
    for _ in range(200):
        first, second = socket.socket(family, socket.SOCK_DGRAM), socket.socket(family, socket.SOCK_DGRAM)
        try:
            port = random.randrange(20_000, 60_000, 2)  # noqa: S311 (no secret)
            first.bind((host, port))
            second.bind((host, port + 1))
        except OSError:
            first.close()
            second.close()
            continue
        for end in (first, second):
            end.setblocking(False)
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        return first, second
    raise OSError("no pair of UDP ports is free")


@dataclass(slots=True)
class _Lane:
    """One track on its way to the client. Numbers begin anywhere (RFC 3550 §5.1)."""

    outlet: Outlet
    clock_rate: int
    ssrc: int
    sequence: int
    base: int  # timestamp of the camera's start
    packets: int = 0
    octets: int = 0


class Player:
    """One client of one stream. ``cut`` is called by the camera, everything else by the connection."""

    def __init__(self, camera: Camera, role: str, connection: asyncio.Transport) -> None:
        self.camera, self.role = camera, role
        self.last_request_ns = time.monotonic_ns()
        self._connection = connection
        self._lanes: dict[int, _Lane] = {}
        self._programme: Programme | None = None
        self._round = self._index = 0
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        self._next_report_ns = 0
        self._live = False  # pictures come from the live process
        self._wants_key = True  # leave pictures out until one starts a new decoding

    # Orders of the client

    def set_up(self, track: int, outlet: Outlet) -> int:
        """Add a track; returns its SSRC."""
        if track in self._lanes:
            self._lanes.pop(track).outlet.close()
        rate = self.camera.programme(self.role).tracks[track].clock_rate
        lane = _Lane(outlet, rate, secrets.randbits(32), secrets.randbits(16), secrets.randbits(32))
        self._lanes[track] = lane
        return lane.ssrc

    def play(self) -> None:
        """Begin with the next key picture of the camera's clock."""
        if self._timer is not None:
            return
        self.camera.attach(self)
        self._wants_key, self._live = True, self.camera.timecode and self.role == "main"
        self._next_report_ns = 0
        self._enter(self.camera.programme(self.role), time.monotonic_ns())
        self._schedule()

    def pause(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.camera.detach(self)

    def close(self) -> None:
        self.pause()
        for lane in self._lanes.values():
            lane.outlet.close()
        self._lanes.clear()

    def cut(self) -> None:
        """Somebody pulled the cable."""
        self.close()
        self._connection.abort()

    # Sending

    def show_live(self, burst: Burst, ticks: int) -> None:
        """A picture of the live process; ``ticks`` of 1/90000 s since the camera's start."""
        if self._timer is None or self.role != "main":
            return
        if not self._live and burst.key and self.camera.effect:
            self._live = True
        if self._live:
            self._send(burst, ticks)

    def _enter(self, programme: Programme, now_ns: int) -> None:
        """Go on with ``programme`` at its next key picture."""
        self._programme = programme
        self._round, self._index = programme.next_key(now_ns - self.camera.start_ns)

    def _due_ns(self) -> int:
        assert self._programme is not None
        burst = self._programme.bursts[self._index]
        return self.camera.start_ns + self._round * LOOP_NS + burst.due_ns

    def _schedule(self) -> None:
        delay = self._due_ns() - time.monotonic_ns()
        self._timer = self._loop.call_later(max(delay, 0) / 1e9, self._tick)

    def _tick(self) -> None:
        """Send everything that is due, then sleep until the next burst is."""
        now = time.monotonic_ns()
        if now - self.last_request_ns > 2 * SESSION_SECONDS * 1_000_000_000 and self._is_udp():
            self.close()
            return
        if now - self._due_ns() > LATE_LIMIT_NS:
            self.camera.statistics.skipped_bursts += 1
            self._wants_key = True
            self._enter(self.camera.programme(self.role), now)
        while self._due_ns() <= now + EARLY_NS:
            self._send_next()
        if now >= self._next_report_ns:
            self._report(now)
        self._schedule()

    def _is_udp(self) -> bool:
        return any(isinstance(lane.outlet, UdpOutlet) for lane in self._lanes.values())

    def _send_next(self) -> None:
        programme = self._programme
        assert programme is not None
        burst = programme.bursts[self._index]
        ticks = self._round * LOOP_NS // 1_000_000 * programme.tracks[burst.track].clock_rate // 1000
        self._step(programme)
        if burst.track or self.role == "sub":
            self._send(burst, ticks + burst.timestamp)
        else:
            self._send_picture(burst, ticks + burst.timestamp)

    def _send_picture(self, burst: Burst, ticks: int) -> None:
        """A picture of the loop, unless live ones are shown in its place."""
        if self._live:
            if not burst.key or self.camera.effect or self.camera.timecode:
                return
            self._live = False
        self._send(burst, ticks)

    def _step(self, programme: Programme) -> None:
        """To the next burst; another programme is entered where its key picture is due."""
        self._index += 1
        if self._index == len(programme.bursts):
            self._round, self._index = self._round + 1, 0
        wanted = self.camera.programme(self.role)
        if wanted is not programme:
            due = self._due_ns()
            rounds, index = wanted.next_key(due - self.camera.start_ns - EARLY_NS)
            if self.camera.start_ns + rounds * LOOP_NS + wanted.bursts[index].due_ns <= due + EARLY_NS:
                self._programme, self._round, self._index = wanted, rounds, index

    def _send(self, burst: Burst, ticks: int) -> None:
        lane = self._lanes.get(burst.track)
        if lane is None or self.camera.silent or not self._fits(burst, lane):
            return
        packets = patched(burst, lane.outlet.channel, lane.sequence, lane.base + ticks, lane.ssrc)
        starts = burst.starts
        lane.sequence = (lane.sequence + len(starts)) & 0xFFFF
        if self.camera.loss:
            packets, starts = self._thinned(packets, starts)
        if starts:
            lane.outlet.send(packets, starts)
        self._count(lane, burst, len(starts))

    def _fits(self, burst: Burst, lane: _Lane) -> bool:
        """Whether the client keeps up; if not, pictures are left out up to the next key picture."""
        if lane.outlet.backlog() > BACKLOG_LIMIT:
            self._wants_key = True
            self.camera.statistics.skipped_bursts += 1
            return False
        if burst.track == 0 and self._wants_key:
            if not burst.key:
                return False
            self._wants_key = False
        return True

    def _thinned(self, packets: bytearray, starts: tuple[int, ...]) -> tuple[bytearray, tuple[int, ...]]:
        """Without those the fault takes; sequence numbers keep their holes."""
        kept, places = bytearray(), []
        for start, end in zip(starts, (*starts[1:], len(packets)), strict=True):
            if random.random() < self.camera.loss:  # noqa: S311 (no secret)
                self.camera.statistics.lost_packets += 1
                continue
            places.append(len(kept))
            kept += packets[start:end]
        return kept, tuple(places)

    def _count(self, lane: _Lane, burst: Burst, packets: int) -> None:
        lane.packets += packets
        lane.octets += burst.payload_bytes
        statistics = self.camera.statistics
        statistics.bursts += 1
        statistics.packets += packets
        statistics.payload_bytes += burst.payload_bytes

    def _report(self, now_ns: int) -> None:
        """Sender reports: which RTP time is which time of the camera's clock."""
        self._next_report_ns = now_ns + REPORT_NS
        if self.camera.silent:
            return
        ntp = rtcp.ntp_of(time.time_ns() + self.camera.skew_ns)
        for lane in self._lanes.values():
            ticks = (now_ns - self.camera.start_ns) * lane.clock_rate // 1_000_000_000
            stamp = (lane.base + ticks) & 0xFFFFFFFF
            report = rtcp.SenderReport(lane.ssrc, ntp, stamp, lane.packets, lane.octets, ())
            lane.outlet.send_report(rtcp.sender_report(report, CNAME))
