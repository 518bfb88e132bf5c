"""One session with a GB/T 28181 channel: a call by the signalling process, its media on a port of ours.

    receive() ── for each transport to try ── lease of a port ── call ── _Session (packets to the sink)

As with RTSP everything that happens is a callback of the event loop, one timer a second looks at all
deadlines, and what a device does not send in time ends the session with a cause. TCP is offered first; a
device that brings nothing over it is asked for UDP, and what worked is remembered.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Protocol

import structlog

from bingjian.clock import Clock
from bingjian.formats.access_unit import Codec
from bingjian.protocols.depacketize.base import Frames
from bingjian.protocols.errors import PeerError
from bingjian.protocols.gb28181 import address as addresses
from bingjian.protocols.gb28181.address import ChannelAddress
from bingjian.protocols.url import UrlError
from bingjian.recording.cause import Cause
from bingjian.streaming.sources import signal_call
from bingjian.streaming.sources.base import Sink, SourceAddress, SourceError, Transport
from bingjian.streaming.sources.gb_inlets import TcpIn, TcpOut, UdpIn
from bingjian.streaming.sources.media_ports import MediaPorts, NoPortLeft, Port
from bingjian.streaming.sources.ps_reception import PsReception
from bingjian.streaming.sources.receiver_reports import REPORT_SECONDS, ReceiverReports
from bingjian.streaming.sources.reordering import Reordering
from bingjian.streaming.sources.sender_lock import SenderLock, plain
from bingjian.streaming.sources.signal_call import (
    LIVE,
    Accepted,
    CallEnded,
    Controlled,
    Line,
    Offered,
    SignalCall,
    Wish,
)

log = structlog.get_logger(__name__)

FIRST_PACKET_SECONDS = (
    10  # after the device's answer: it may connect late (quirk 25); then UDP, or NO_PACKETS
)
CONNECT_SECONDS = 5  # to a device that listens itself
SILENCE_SECONDS = 10  # without a picture's packet; then NO_PACKETS
FAULT_SECONDS = 3  # of packets, before a reason why they are no pictures is believed; then CODEC_NOT_ACCEPTED
KEY_FRAME_SECONDS = 30  # of packets without a picture to start decoding with; then NO_KEY_FRAME
REST_SECONDS, REST_TRIES = 0.3, 20  # after the end of a file: until nothing comes any more
TICK_SECONDS = 1  # between looks at the deadlines
HABITS = 20_000  # channels whose habits are remembered; the oldest are forgotten
OTHER_TRANSPORT = (400, 415, 488, 606)  # answers that may mean "not over this transport"

OnConnected = Callable[[str], None]


class Steering(Protocol):
    """Who steers a playback. Called on the event loop."""

    @property
    def rests(self) -> bool:
        """Whether it stands still: then nothing is expected to come."""

    def on_call(self, call: SignalCall) -> None:
        """The device plays; from now on it can be told what to do."""

    def on_controlled(self, told: Controlled) -> None: ...


@dataclass(slots=True)
class Habit:
    """What was found out about one channel; kept while the worker lives."""

    transport: Offered | None = None  # brought packets
    own_ssrc: bool = False  # its packets had another SSRC than agreed


class Channels:
    """Receives the channels of one media worker. Belongs to the event loop."""

    def __init__(self, line: Line, ports: MediaPorts, host: str = "") -> None:
        """``host``: our address as devices are to know it; empty: the signalling process knows."""
        self.line, self.ports, self.host = line, ports, host
        self._habits: dict[str, Habit] = {}
        self._farewells: set[asyncio.Task[None]] = set()

    async def receive(
        self, address: SourceAddress, sink: Sink, clock: Clock, *, on_connected: OnConnected | None = None
    ) -> None:
        """Run one session until it ends, feeding ``sink``; on cancellation the call is ended.

        Raises:
            SourceError: always, for a session has no other end.
        """
        told = LIVE, sink, clock, on_connected or _ignore
        try:
            await self._try(address.transport, _channel_of(address), *told)
        except CallEnded as ended:
            raise _failure_of(ended) from None

    async def fetch(self, address: SourceAddress, wish: Wish, sink: Sink, clock: Clock) -> None:
        """A recording of the device's own, until it has sent everything.

        Raises:
            SourceError: it ended before that, as far as we know. And whatever the sink raises.
        """
        try:
            await self._try(address.transport, _channel_of(address), wish, sink, clock, _ignore)
        except CallEnded as ended:
            if ended.cause != "file_end":
                raise _failure_of(ended) from None

    async def play_back(
        self, address: SourceAddress, wish: Wish, sink: Sink, clock: Clock, steering: Steering
    ) -> None:
        """One playback of a device's own storage, until it ends; on cancellation the call is ended.

        Raises:
            SourceError: the media failed.
            CallEnded: the device, or the signalling process, ended the call or did not take it.
        """
        told = wish, sink, clock, _ignore, steering
        await self._try(address.transport, _channel_of(address), *told)

    async def _try(
        self,
        wished: Transport,
        channel: ChannelAddress,
        wish: Wish,
        sink: Sink,
        clock: Clock,
        on_connected: OnConnected,
        steering: Steering | None = None,
    ) -> None:
        """Raises SourceError or CallEnded always, or what the sink raises."""
        habit = self._habit(str(channel))
        failure: Exception = SourceError(Cause.PROTOCOL, "no transport is left to try")
        for transport in _transports(wished, habit):
            session = _Session(sink, clock, habit, transport, on_connected, steering)
            try:
                await self._run(session, channel, wish, transport)
            except _TryNextError as error:
                failure = error.failure
        if wish.kind == "play":
            habit.transport = None  # a recording that does not come says nothing about live pictures
        raise failure

    def _habit(self, channel: str) -> Habit:
        habit = self._habits.pop(channel, None) or Habit()
        self._habits[channel] = habit
        if len(self._habits) > HABITS:
            self._habits.pop(next(iter(self._habits)))
        return habit

    async def _run(
        self, session: "_Session", channel: ChannelAddress, wish: Wish, transport: Offered
    ) -> None:
        """Raises SourceError, CallEnded, _TryNextError."""
        try:
            with self.ports.lease() as port:
                async with _listening(session, port), self._calling(channel, wish, transport, port) as call:
                    session.take_call(await call.accepted(), call)
                    await _first(session, call)
        except NoPortLeft as error:
            raise SourceError(Cause.REFUSED, str(error)) from None
        except CallEnded as ended:
            if ended.cause == "refused" and ended.status in OTHER_TRANSPORT:
                raise _TryNextError(ended) from None
            raise
        finally:
            if wish.kind == "play":  # whoever fetches or plays back has had enough, or asks again
                session.give_out()

    @asynccontextmanager
    async def _calling(
        self, channel: ChannelAddress, wish: Wish, transport: Offered, port: Port
    ) -> AsyncIterator[SignalCall]:
        """Raises CallEnded."""
        call = signal_call.calling(self.line, channel, transport, port.number, self.host, wish)
        try:
            async with call:
                yield call
        finally:
            if call.is_away:
                task = asyncio.ensure_future(call.farewell())
                self._farewells.add(task)
                task.add_done_callback(self._farewells.discard)


def _channel_of(address: SourceAddress) -> ChannelAddress:
    """Raises SourceError."""
    try:
        return addresses.parse(address.url)
    except UrlError as error:
        raise SourceError(Cause.NOT_FOUND, str(error)) from None


def _failure_of(ended: CallEnded) -> SourceError:
    return SourceError(_cause_of(ended), _sentence(ended))


def _transports(wished: Transport, habit: Habit) -> tuple[Offered, ...]:
    """In the order to try."""
    if wished != "auto":
        return (wished,)
    return ("udp", "tcp") if habit.transport == "udp" else ("tcp", "udp")


@asynccontextmanager
async def _listening(session: "_Session", port: Port) -> AsyncIterator[None]:
    """Before the call begins; whatever happens it is closed afterwards."""
    try:
        try:
            await session.listen(port)
        except OSError as error:
            said = f"this machine has no port for media: {error.strerror}"
            raise SourceError(Cause.REFUSED, said) from error
        yield
    finally:
        session.close()


async def _first(session: "_Session", call: SignalCall) -> None:
    """The media's end, or the call's. Raises what ended it."""
    on_controlled = session.steering.on_controlled if session.steering else None
    finished, hearing = session.finished, asyncio.ensure_future(call.until_ended(on_controlled))
    try:
        futures: set[asyncio.Future[Any]] = {finished, hearing}
        await asyncio.wait(futures, return_when=asyncio.FIRST_COMPLETED)
        if finished.done():
            await finished
        if hearing.result().cause == "file_end":
            await session.take_the_rest()
        raise hearing.result()
    finally:
        hearing.cancel()


def _ignore(told: object) -> None:
    """Nobody wants to know."""


class _TryNextError(Exception):
    """This transport does not work here; ``failure`` counts if there is no other."""

    def __init__(self, failure: SourceError | CallEnded) -> None:
        super().__init__(failure.detail)
        self.failure = failure


class _Session:
    """The media of one call. ``finished`` ends with the reason. It is what inlets call ``Takes``."""

    def __init__(
        self,
        sink: Sink,
        clock: Clock,
        habit: Habit,
        offered: Offered,
        on_connected: OnConnected,
        steering: Steering | None,
    ) -> None:
        self.steering = steering
        self._sink, self._clock, self._habit, self._on_connected = sink, clock, habit, on_connected
        self._loop = asyncio.get_running_loop()
        self._lock = SenderLock()
        self._port = 0
        self._tcp: TcpIn | TcpOut | None = None
        self._udp: UdpIn | None = None
        self._offered: Offered = offered
        self._over = ""  # "tcp" or "udp": what the packets come over; empty before the first
        self._sound = Codec.PCMA
        self._private = ""
        self._reception: PsReception | None = None
        self._reordering: Reordering | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._accepted_ns = self._reported_ns = 0
        self._reports = ReceiverReports()
        self.finished: asyncio.Future[None] = self._loop.create_future()
        self.finished.add_done_callback(_retrieve)

    async def listen(self, port: Port) -> None:
        """Both ways: what the device is offered may be fixed for it, and some use the other (quirk 23).
        Raises OSError.
        """
        self._port = port.number
        self._udp = UdpIn(port.udp, self._lock, self, self._clock)
        self._tcp = listener = TcpIn(port.tcp, self._lock, self)
        await listener.listen()

    def take_call(self, accepted: Accepted, call: SignalCall) -> None:
        """The device has answered: from now on its packets count."""
        self._accepted_ns = self._clock.monotonic_ns()
        hosts = (accepted.peer_host, accepted.from_host)
        self._lock.hosts, self._lock.ssrc = frozenset(plain(host) for host in hosts if host), accepted.ssrc
        self._sound = Codec(accepted.sound) if accepted.sound in set(Codec) else Codec.PCMA
        self._private = accepted.private
        self._offered = accepted.transport or self._offered
        self._open_ways(accepted)
        self._timer = self._loop.call_later(TICK_SECONDS, self._tick)
        if self.steering is not None:
            self.steering.on_call(call)

    def _open_ways(self, accepted: Accepted) -> None:
        assert isinstance(self._tcp, TcpIn)
        assert self._udp is not None
        if self._offered == "tcp-active":
            self._tcp.close()
            self._udp.close()
            self._tcp = TcpOut(self._lock, self)
            host = accepted.peer_host or accepted.from_host
            self._tcp.begin(host, accepted.peer_port, CONNECT_SECONDS)
            return
        self._tcp.begin()
        self._udp.is_patient = not self._habit.own_ssrc
        self._udp.begin()

    def close(self) -> None:
        """Safe to call again."""
        if self._timer is not None:
            self._timer.cancel()
        if self._reordering is not None:
            self._reordering.close()
        for inlet in (self._tcp, self._udp):
            if inlet is not None:
                inlet.close()
        if self._lock.strangers and not self.finished.cancelled():
            facts = {"strangers": self._lock.strangers, "newest": self._lock.stranger}
            log.warning("media_port_strangers", port=self._port, **facts)
        self.finished.cancel()

    def give_out(self) -> None:
        """What still waits for sound."""
        if self._reception is not None:
            self._reception.give_out(self._clock.monotonic_ns())

    async def take_the_rest(self) -> None:
        """The device has sent everything: what is on its way still comes in. Raises what the sink raises."""
        if self._timer is not None:
            self._timer.cancel()
        if self._tcp is not None:
            self._tcp.look(math.inf)  # no bytes for ever: the kernel gathers no longer, but gives what it has
        for _ in range(REST_TRIES):
            reception, before = self._reception, self._reception and self._reception.last_ns
            await asyncio.sleep(REST_SECONDS)
            if self.finished.done() or reception is None or reception.last_ns == before:
                break
        if self.finished.done():
            with suppress(SourceError):  # it hung up, as it should
                await self.finished
        if self._reception is not None:
            with suppress(PeerError):
                self._reception.finish(self._clock.monotonic_ns())

    # --- what inlets tell

    @property
    def prompt(self) -> bool:
        return self._sink.prompt or (
            self._reception is not None and self._reception.held_since_ns is not None
        )

    def on_datagrams(self, frames: Frames) -> None:
        try:
            self._take_datagrams(frames)
        except Exception as error:
            self._fail_of(error)

    def on_frames(self, frames: Frames) -> None:
        if self.finished.done():
            return
        try:
            reception = self._reception or self._begin("tcp")
            reception.take(frames, self._clock.monotonic_ns())
        except Exception as error:
            self._fail_of(error)

    def on_failed(self, error: Exception) -> None:
        if isinstance(error, OSError):
            reason = error.strerror or "it does not answer"
            refusal = SourceError(Cause.REFUSED, f"no connection to where the device sends from: {reason}")
            self._fail(_TryNextError(refusal))
        else:
            self._fail_of(error)

    def on_hung_up(self) -> None:
        self._fail(SourceError(Cause.DISCONNECTED, "the device ended the connection of its media"))

    # --- from packets to the sink

    def _take_datagrams(self, frames: Frames) -> None:
        if self.finished.done():
            return
        reception = self._reception or self._begin("udp")
        reception.take(frames, self._clock.monotonic_ns())
        if self._reordering is not None:
            self._reordering.note()

    def _begin(self, over: str) -> PsReception:
        """The first packet has come; the other way in is closed."""
        self._over = over
        unused = self._udp if over == "tcp" else self._tcp
        if unused is not None:
            unused.close()
        self._habit.transport = "udp" if over == "udp" else self._offered
        self._reception = PsReception(self._sink, self._clock, reorder=over == "udp", sound=self._sound)
        self._reordering = Reordering(self._reception, self._clock, self._fail_of)
        self._on_connected(over)
        return self._reception

    # --- deadlines

    def _tick(self) -> None:
        if self.finished.done():
            return
        self._timer = self._loop.call_later(TICK_SECONDS, self._tick)
        try:
            self._look_at_deadlines(self._clock.monotonic_ns())
        except Exception as error:
            self._fail_of(error)

    def _look_at_deadlines(self, now_ns: int) -> None:
        reception = self._reception
        if reception is None:
            if _passed(self._accepted_ns, now_ns, FIRST_PACKET_SECONDS):
                said = f"the device takes the call but sends nothing over {self._offered.upper()}"
                raise _TryNextError(SourceError(Cause.NO_PACKETS, said + self._lock.told))
            return
        if self.steering is not None and self.steering.rests:
            reception.last_ns = now_ns
        if self._tcp is not None and self._over == "tcp":
            self._tcp.look(TICK_SECONDS)
        reception.look(now_ns)
        self._look_at_ssrc(reception)
        self._send_report(reception, now_ns)
        if _passed(reception.last_ns, now_ns, SILENCE_SECONDS):
            raise SourceError(Cause.NO_PACKETS, f"no video for {SILENCE_SECONDS} seconds")
        if not reception.pictures and reception.first_ns is not None:
            self._sink.on_packets_only(reception.first_ns, reception.last_ns)
            self._look_for_pictures(reception, reception.first_ns, now_ns)

    def _look_for_pictures(self, reception: PsReception, first_ns: int, now_ns: int) -> None:
        if _passed(first_ns, now_ns, FAULT_SECONDS):
            fault = self._private_stream or reception.fault
            if fault:
                raise SourceError(Cause.CODEC_NOT_ACCEPTED, fault)
        if _passed(first_ns, now_ns, KEY_FRAME_SECONDS):
            raise SourceError(Cause.NO_KEY_FRAME, f"no key frame within {KEY_FRAME_SECONDS} seconds")

    @property
    def _private_stream(self) -> str:
        return f"the device sends a stream of {self._private}'s own kind" if self._private else ""

    def _look_at_ssrc(self, reception: PsReception) -> None:
        """What really comes: the channel's next session waits for the agreed one only if that came."""
        if (ssrc := reception.ssrc) is not None:
            self._habit.own_ssrc = ssrc != self._lock.ssrc

    def _send_report(self, reception: PsReception, now_ns: int) -> None:
        """Over UDP; in a connection devices do not expect any."""
        state = reception.reception()
        if self._over != "udp" or self._udp is None or state is None:
            return
        if _passed(self._reported_ns, now_ns, REPORT_SECONDS):
            self._reported_ns = now_ns
            self._udp.send_report(self._reports.packet(0, state, now_ns))

    # --- the end

    def _fail_of(self, error: Exception) -> None:
        """The device's faults become causes; ours leave ``receive`` with their trace."""
        self._fail(SourceError(Cause.PROTOCOL, str(error)) if isinstance(error, PeerError) else error)

    def _fail(self, error: Exception) -> None:
        if not self.finished.done():
            self.finished.set_exception(error)


def _retrieve(future: asyncio.Future[None]) -> None:
    """Mark an exception as seen: who cancels ``receive`` does not come for it."""
    if not future.cancelled():
        future.exception()


def _passed(since_ns: int, now_ns: int, seconds: float) -> bool:
    return now_ns - since_ns >= seconds * 1_000_000_000


_CAUSES = {
    "refused": Cause.REFUSED,
    "busy": Cause.REFUSED,
    "offline": Cause.UNREACHABLE,
    "unknown": Cause.NOT_FOUND,
    "not_admitted": Cause.REFUSED,
    "no_answer": Cause.UNREACHABLE,
    "lost": Cause.DISCONNECTED,
    "peer": Cause.DISCONNECTED,
    "file_end": Cause.DISCONNECTED,
}


def _cause_of(ended: CallEnded) -> Cause:
    if ended.status in (401, 403, 407) and ended.cause == "refused":
        return Cause.AUTHENTICATION
    if ended.status == 404 and ended.cause == "refused":
        return Cause.NOT_FOUND
    return _CAUSES.get(ended.cause, Cause.DISCONNECTED)


def _sentence(ended: CallEnded) -> str:
    return ended.detail or "the device ended the call"
