"""One person speaking to one camera, from the call to its end.

    asked ─► the device invites us ─► ready: sound goes out ─► over: cancelled, or the device ends it

What is said before the device listens is not kept: who speaks is told when they are heard.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bingjian.clock import Clock
from bingjian.formats.access_unit import Codec
from bingjian.protocols.gb28181.address import ChannelAddress
from bingjian.streaming.sources.gb28181 import Channels
from bingjian.streaming.sources.media_ports import NoPortLeft, Port
from bingjian.streaming.sources.signal_call import CallEnded
from bingjian.streaming.voice.outlet import NoWay, Outlet
from bingjian.streaming.voice.packets import RATE, SAMPLE, TCP_MS, UDP_MS, Packets
from bingjian.streaming.voice.signal_voice import Accepted, voice_call

AHEAD_S = 1  # a page may bring so much more sound than has passed; beyond, it is left out
SECOND_NS = 1_000_000_000


class Speech:
    """Let ``run`` go on in a task, cancel the task to hang up. Instants are monotonic nanoseconds."""

    def __init__(self, channels: Channels, channel: ChannelAddress, clock: Clock) -> None:
        self._channels, self._channel, self._clock = channels, channel, clock
        self._outlet: Outlet | None = None
        self._packets: Packets | None = None
        self._said = 0  # bytes since the device listens
        self.ready_ns = 0  # it listens since; 0: not yet
        self.said_ns = 0  # the last sound that came, or when it became ready
        self.first_utc_ns = 0  # of the first packet that went out; 0: none did

    async def run(self, on_ready: Callable[[], None]) -> CallEnded:
        """Why it ended, if nobody cancels it."""
        try:
            with self._channels.ports.lease() as port, _listening(port) as outlet:
                return await self._call(port, outlet, on_ready)
        except CallEnded as ended:
            return ended
        except (NoPortLeft, NoWay, OSError) as error:
            return CallEnded("no_way", 0, str(error))
        finally:
            self._packets = None

    async def _call(self, port: Port, outlet: Outlet, on_ready: Callable[[], None]) -> CallEnded:
        """Raises CallEnded, NoWay."""
        line, host = self._channels.line, self._channels.host
        async with voice_call(line, self._channel, port.number, host) as call:
            accepted = await call.accepted()
            await outlet.open(accepted)
            self._outlet, self._packets = outlet, _packets(accepted)
            self.ready_ns = self.said_ns = self._clock.monotonic_ns()
            on_ready()
            return await call.until_ended()

    def say(self, pcm: bytes) -> None:
        """Sound as it is captured: 16-bit samples, little-endian, 8000 a second."""
        outlet, packets, now_ns = self._outlet, self._packets, self._clock.monotonic_ns()
        if outlet is None or packets is None or len(pcm) % SAMPLE:
            return
        self.said_ns = now_ns
        if self._said + len(pcm) > ((now_ns - self.ready_ns) / SECOND_NS + AHEAD_S) * RATE * SAMPLE:
            return
        self._said += len(pcm)
        for packet in packets.of(pcm):
            self.first_utc_ns = self.first_utc_ns or self._clock.utc_ns()
            outlet.send(packet)

    @property
    def has_hung_up(self) -> bool:
        """The device has closed the connection that the voice goes over."""
        return self._outlet is not None and self._outlet.has_ended


@contextmanager
def _listening(port: Port) -> Iterator[Outlet]:
    """Raises OSError."""
    outlet = Outlet(port)
    try:
        yield outlet
    finally:
        outlet.close()


def _packets(accepted: Accepted) -> Packets:
    codec = Codec.PCMU if accepted.sound == Codec.PCMU.value else Codec.PCMA
    packet_ms = UDP_MS if accepted.transport == "udp" else TCP_MS
    return Packets(codec, accepted.payload_type, accepted.ssrc, packet_ms)
