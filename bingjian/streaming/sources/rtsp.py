"""One RTSP session from connection to its end: the thin asyncio shell around ``protocols.rtsp.client``.

    receive() ── for each transport to try ── for each redirect ── _Session (one TCP connection)

Everything that happens is a callback of the event loop; one timer a second looks at all deadlines. Nothing
here waits for a camera: what it does not send in time ends the session with a cause, and the hub tries again.
"""

import asyncio
import functools
import socket
import ssl
from collections.abc import Callable
from typing import cast

from bingjian.clock import Clock
from bingjian.protocols import rtp, url
from bingjian.protocols.depacketize.base import Frames
from bingjian.protocols.errors import PeerError
from bingjian.protocols.rtsp import errors
from bingjian.protocols.rtsp.client import (
    Client,
    Described,
    Ended,
    Event,
    NotOverThis,
    Playing,
    Redirected,
    Transport,
)
from bingjian.protocols.rtsp.message import Interleaved, serialise
from bingjian.recording.cause import Cause
from bingjian.streaming.sources import read_buffer, udp
from bingjian.streaming.sources.base import Sink, SourceAddress, SourceError
from bingjian.streaming.sources.gathering import Gathering
from bingjian.streaming.sources.receiver_reports import REPORT_SECONDS
from bingjian.streaming.sources.reception import CameraSaidGoodbye, Reception
from bingjian.streaming.sources.reordering import Reordering

CONNECT_SECONDS = 5  # TCP and TLS; then UNREACHABLE
TLS_SECONDS = 4  # of these at most for the TLS handshake; then TLS
HANDSHAKE_SECONDS = 10  # from connection to PLAY's answer; then NO_PACKETS
SILENCE_SECONDS = 10  # without a packet of video; then NO_PACKETS
UDP_SILENCE_SECONDS = 5  # without any packet since PLAY over UDP; then TCP is tried
KEY_FRAME_SECONDS = 30  # of packets without a picture to start decoding with; then NO_KEY_FRAME
KEEP_ALIVE_SECONDS = 30  # at most, between keep-alives; half the session's time-out if that is shorter
TICK_SECONDS = 1  # between looks at the deadlines
REDIRECT_LIMIT = 5  # more: PROTOCOL
WRITE_LIMIT = 64 * 1024  # bytes the camera has not read of what we sent; more: PROTOCOL
FAREWELL_SECONDS = 1  # for TEARDOWN to leave; then the connection is cut

OnConnected = Callable[[str], None]
OnLeftOut = Callable[[list[str]], None]


async def receive(
    address: SourceAddress,
    sink: Sink,
    clock: Clock,
    *,
    on_connected: OnConnected | None = None,
    on_left_out: OnLeftOut | None = None,
) -> None:
    """Run one session until it ends, feeding ``sink``; on cancellation say good-bye.

    Args:
        on_connected: called with "tcp" or "udp" when the camera plays.
        on_left_out: called with the media, in words, that the camera offers and we do not receive.

    Raises:
        SourceError: always, for a session has no other end.
    """
    try:
        target = url.parse(address.url)
    except url.UrlError as error:
        raise SourceError(Cause.UNREACHABLE, str(error)) from None
    failure = SourceError(Cause.PROTOCOL, "no transport is left to try")
    listeners = (on_connected or _ignore, on_left_out or _ignore)
    transports = _transports(address, target)
    for n in range(len(transports)):
        try:
            await _follow(target, address, transports[n:], sink, clock, listeners)
        except _TryNextError as error:
            failure = error.failure
    raise failure


def _transports(address: SourceAddress, target: url.Url) -> tuple[Transport, ...]:
    """In the order to try. UDP would leave the encrypted connection, so ``rtsps`` never falls back to it."""
    if target.secure or address.transport == "tcp":
        return ("tcp",)
    return ("udp", "tcp") if address.transport == "udp" else ("tcp", "udp")


async def _follow(
    target: url.Url,
    address: SourceAddress,
    transports: tuple[Transport, ...],
    sink: Sink,
    clock: Clock,
    listeners: "_Listeners",
) -> None:
    """Sessions along a chain of redirects."""
    peer, request = target, target
    for _ in range(REDIRECT_LIMIT + 1):
        username, password = _credentials(address, target, peer)
        try:
            client = Client(str(request), username, password)
        except PeerError as error:
            raise SourceError(Cause.AUTHENTICATION, str(error)) from None
        session = _Session(client, transports, password, sink, clock, listeners)
        redirected = await _run(session, peer, address.verify_tls)
        peer = redirected.address
        request = request if redirected.proxy else redirected.address
        if target.secure and not peer.secure:
            raise SourceError(Cause.PROTOCOL, "the camera sends us on to an address without encryption")
    raise SourceError(Cause.PROTOCOL, f"the camera sends us on more than {REDIRECT_LIMIT} times")


def _credentials(address: SourceAddress, target: url.Url, peer: url.Url) -> tuple[str, str]:
    """Ours go to the configured host only; elsewhere those the redirect brought along."""
    if peer.host == target.host:
        return address.username, address.password
    return peer.username, peer.password


async def _run(session: "_Session", peer: url.Url, verify_tls: bool) -> Redirected:
    """Connect and wait for the end; whatever happens the connection is closed afterwards."""
    try:
        await _connect(session, peer, verify_tls)
        return await session.finished
    finally:
        session.close()


async def _connect(session: "_Session", peer: url.Url, verify_tls: bool) -> None:
    loop = asyncio.get_running_loop()
    context = _tls_context(verify_tls) if peer.secure else None
    where = f"{peer.host} port {peer.port}"
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            await loop.create_connection(
                lambda: session,
                peer.host,
                peer.port,
                ssl=context,
                ssl_handshake_timeout=TLS_SECONDS if context else None,
            )
    except ssl.SSLError as error:
        reason = getattr(error, "verify_message", "") or error.reason or "the handshake failed"
        raise SourceError(Cause.TLS, f"no encrypted connection to {where}: {reason}") from error
    except ConnectionRefusedError as error:
        raise SourceError(Cause.REFUSED, f"{where} refuses the connection") from error
    except TimeoutError as error:
        raise SourceError(Cause.UNREACHABLE, f"{where} does not answer") from error
    except socket.gaierror as error:
        raise SourceError(Cause.UNREACHABLE, f"the name {peer.host} cannot be resolved") from error
    except ConnectionError as error:
        cause, what = (Cause.TLS, "answers without encryption") if context else (Cause.REFUSED, "hangs up")
        raise SourceError(cause, f"{where} {what}") from error
    except (OSError, UnicodeError) as error:
        raise SourceError(Cause.UNREACHABLE, f"{where} cannot be reached") from error


@functools.cache
def _tls_context(verify: bool) -> ssl.SSLContext:
    """Two for the process: loading the authorities takes 20 ms and a megabyte."""
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _ignore(told: object) -> None:
    """Nobody wants to know."""


_Listeners = tuple[OnConnected, OnLeftOut]


class _TryNextError(Exception):
    """This transport does not work here; ``failure`` counts if there is no other."""

    def __init__(self, failure: SourceError) -> None:
        super().__init__(failure.detail)
        self.failure = failure


class _Session(asyncio.BufferedProtocol):
    """One connection. ``finished`` ends with where to go next, or with the reason."""

    def __init__(
        self,
        client: Client,
        transports: tuple[Transport, ...],
        password: str,
        sink: Sink,
        clock: Clock,
        listeners: _Listeners,
    ) -> None:
        self._client, self._password = client, password
        self._over, *self._others = transports  # the one in use, and those to try if it is refused
        self._sink, self._clock = sink, clock
        self._on_connected, self._on_left_out = listeners
        self._loop = asyncio.get_running_loop()
        self._buffer = read_buffer.shared()
        self._socket: asyncio.Transport | None = None
        self._gathering = Gathering(None)
        self._reception: Reception | None = None
        self._channels: dict[int, tuple[int, bool]] = {}  # interleaved channel → (track, is RTCP)
        self._pairs: list[udp.Pair] = []
        self._reordering: Reordering | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._started_ns = self._report_ns = self._keep_alive_ns = clock.monotonic_ns()
        self._playing_ns: int | None = None
        self.finished: asyncio.Future[Redirected] = self._loop.create_future()
        self.finished.add_done_callback(_retrieve)

    # --- asyncio calls these -----------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._socket = cast(asyncio.Transport, transport)
        self._gathering = Gathering(transport.get_extra_info("socket"))
        self._started_ns = self._clock.monotonic_ns()
        self._timer = self._loop.call_later(TICK_SECONDS, self._tick)
        self._client.start()
        self._send()

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        try:
            self._read(nbytes)
        except Exception as error:
            self._fail_of(error)

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        when = "stops sending" if self._playing_ns is not None else "ends the connection before it plays"
        self._fail(SourceError(Cause.DISCONNECTED, f"the camera {when}"))

    # --- from packets to the sink ------------------------------------------------------------------------

    def _read(self, nbytes: int) -> None:
        if self.finished.done():
            return
        arrival_ns = self._clock.monotonic_ns()
        self._gathering.note(nbytes, self._sink.prompt)
        for event in self._client.receive_data(self._buffer[:nbytes]):
            if type(event) is Interleaved:
                self._demultiplex(event, arrival_ns)
            else:
                self._handle(event)
        if self._client.has_output:
            self._send()

    def _demultiplex(self, frames: Interleaved, arrival_ns: int) -> None:
        """Channels nobody agreed on are passed over; if nothing else comes, silence is noticed."""
        route = self._channels.get(frames.channel) or self._route_of(frames.channel)
        if route is None or self._reception is None:
            return
        track, is_control = route
        if not is_control:
            self._reception.take(track, (frames.buffer, frames.bounds), arrival_ns)
            return
        for packet in frames.packets:
            self._reception.take_control(track, packet, arrival_ns)

    def _route_of(self, channel: int) -> tuple[int, bool] | None:
        """Cameras may send before they have answered PLAY, so the routes are looked up when first needed."""
        for route in self._client.routes:
            self._channels.setdefault(route.rtp_channel, (route.track, False))
            self._channels.setdefault(route.rtcp_channel, (route.track, True))
        return self._channels.get(channel)

    def _take_datagrams(self, track: int, frames: Frames) -> None:
        if self._reception is not None and not self.finished.done():
            self._reception.take(track, frames, self._clock.monotonic_ns())
            if self._reordering is not None:
                self._reordering.note()

    def _take_control_datagrams(self, track: int, frames: Frames) -> None:
        if self._reception is not None and not self.finished.done():
            buffer, bounds = frames
            for start, end in bounds:
                self._reception.take_control(track, buffer[start:end], self._clock.monotonic_ns())

    # --- the conversation --------------------------------------------------------------------------------

    def _handle(self, event: Event) -> None:
        if isinstance(event, Described):
            self._on_left_out(event.left_out)
            self._set_up()
        elif isinstance(event, NotOverThis):
            self._set_up_otherwise(event)
        elif isinstance(event, Playing):
            self._begin()
        elif isinstance(event, Redirected):
            self._finish(event)
        elif isinstance(event, Ended):
            self._fail(SourceError(Cause.DISCONNECTED, "the camera ended the session"))

    def _set_up(self) -> None:
        """Ask for every track over the transport in use."""
        tracks, over_udp = self._client.tracks, self._over == "udp"
        self._reception = Reception(tracks, self._sink, self._clock, reorder=over_udp)
        self._reordering = Reordering(self._reception, self._clock, self._fail_of)
        self._client.setup(self._over, self._open_ports(len(tracks)) if over_udp else ())

    def _set_up_otherwise(self, refused: NotOverThis) -> None:
        """On the same connection: some servers need a while before they take another."""
        if not self._others:
            raise errors.TransportRefused(f"the camera does not send over {refused.transport.upper()}")
        self._close_ports()
        self._over = self._others.pop(0)
        self._set_up()

    def _open_ports(self, tracks: int) -> list[int]:
        """A pair of UDP sockets for each track, on the address that reaches the camera."""
        assert self._socket is not None
        local, peer = self._socket.get_extra_info("sockname")[0], self._socket.get_extra_info("peername")[0]
        try:
            self._pairs = [udp.open_pair(local, peer) for _ in range(tracks)]
        except OSError as error:
            raise _TryNextError(
                SourceError(Cause.REFUSED, f"this machine has no UDP ports: {error}")
            ) from None
        for track, pair in enumerate(self._pairs):
            pair.listen(
                functools.partial(self._guard, self._take_datagrams, track),
                functools.partial(self._guard, self._take_control_datagrams, track),
            )
        return [pair.port for pair in self._pairs]

    def _begin(self) -> None:
        """PLAY was answered."""
        assert self._reception is not None
        now_ns = self._clock.monotonic_ns()
        self._playing_ns = self._report_ns = self._keep_alive_ns = now_ns
        self._reception.last_video_ns = now_ns
        self._open_firewalls()
        self._on_connected(self._over)
        self._reception.tell_tracks()

    def _open_firewalls(self) -> None:
        """An empty packet on each path: firewalls and address translators then let the camera's through."""
        for pair, route in zip(self._pairs, self._client.routes, strict=False):
            if route.server_rtp_port:
                pair.send_rtp(rtp.pack_header(127, 0, 0, 0), route.server_rtp_port)

    def _send(self) -> None:
        output = self._client.take_output()
        if output and self._socket is not None:
            self._socket.write(output)
            if self._socket.get_write_buffer_size() > WRITE_LIMIT:
                raise PeerError("the camera does not read what it is sent")

    # --- deadlines ---------------------------------------------------------------------------------------

    def _tick(self) -> None:
        if not self.finished.done():
            self._timer = self._loop.call_later(TICK_SECONDS, self._tick)
            self._guard(self._look_at_deadlines)

    def _look_at_deadlines(self) -> None:
        assert self._socket is not None
        now_ns = self._clock.monotonic_ns()
        if self._playing_ns is None:
            if _passed(self._started_ns, now_ns, HANDSHAKE_SECONDS):
                self._fail(SourceError(Cause.NO_PACKETS, "the camera is connected but does not answer"))
            return
        self._gathering.look(self._sink.prompt or self._over == "udp", TICK_SECONDS)
        self._look_at_video(now_ns)
        if _passed(self._keep_alive_ns, now_ns, min(KEEP_ALIVE_SECONDS, self._client.timeout_seconds / 2)):
            self._keep_alive_ns = now_ns
            self._client.keep_alive()
        if _passed(self._report_ns, now_ns, REPORT_SECONDS):
            self._report_ns = now_ns
            self._send_reports(now_ns)
        self._send()

    def _look_at_video(self, now_ns: int) -> None:
        reception = self._reception
        assert reception is not None
        if reception.first_video_ns is not None and not reception.pictures:
            self._sink.on_packets_only(reception.first_video_ns, reception.last_video_ns)
        if reception.first_video_ns is None and self._over == "udp":
            if _passed(reception.last_video_ns, now_ns, UDP_SILENCE_SECONDS):
                raise _TryNextError(SourceError(Cause.NO_PACKETS, "no packet comes over UDP"))
        elif _passed(reception.last_video_ns, now_ns, SILENCE_SECONDS):
            self._fail(SourceError(Cause.NO_PACKETS, f"no video for {SILENCE_SECONDS} seconds"))
        elif not reception.pictures and _passed(self._playing_ns or now_ns, now_ns, KEY_FRAME_SECONDS):
            self._fail(self._no_picture(reception))

    def _no_picture(self, reception: Reception) -> SourceError:
        if reception.fault:
            return SourceError(Cause.PROTOCOL, f"the camera describes its video wrongly: {reception.fault}")
        return SourceError(Cause.NO_KEY_FRAME, f"no key frame within {KEY_FRAME_SECONDS} seconds")

    def _send_reports(self, now_ns: int) -> None:
        assert self._reception is not None
        assert self._socket is not None
        for track, packet in self._reception.reports(now_ns):
            route = self._client.routes[track]
            if self._over == "tcp":
                self._socket.write(serialise(Interleaved.of(route.rtcp_channel, [packet])))  # 60 bytes in 5 s
            elif route.server_rtcp_port:
                self._pairs[track].send_rtcp(packet, route.server_rtcp_port)

    # --- the end -----------------------------------------------------------------------------------------

    def _guard(self, call: Callable[..., None], *arguments: object) -> None:
        """Run a callback; the camera's faults become causes, ours leave ``receive`` with their trace."""
        try:
            call(*arguments)
        except Exception as error:
            self._fail_of(error)

    def _fail_of(self, error: Exception) -> None:
        self._fail(self._translated(error) if isinstance(error, PeerError) else error)

    def _translated(self, error: PeerError) -> Exception:
        failure = SourceError(_cause_of(error), _presentable(error, self._password))
        return _TryNextError(failure) if isinstance(error, errors.TransportRefused) else failure

    def _fail(self, error: Exception) -> None:
        if not self.finished.done():
            self.finished.set_exception(error)
            self.close()

    def _finish(self, redirected: Redirected) -> None:
        if not self.finished.done():
            self.finished.set_result(redirected)

    def close(self) -> None:
        """Say good-bye if we can, then cut. Safe to call again."""
        if self._timer is not None:
            self._timer.cancel()
        if self._reordering is not None:
            self._reordering.close()
        self._close_ports()
        if self._socket is not None and not self._socket.is_closing():
            self._client.teardown()
            self._socket.write(self._client.take_output())
            self._socket.close()
            self._loop.call_later(FAREWELL_SECONDS, self._socket.abort)
        self.finished.cancel()

    def _close_ports(self) -> None:
        for pair in self._pairs:
            pair.close()
        self._pairs = []


def _retrieve(future: asyncio.Future[Redirected]) -> None:
    """Mark an exception as seen: who cancels ``receive`` does not come for it."""
    if not future.cancelled():
        future.exception()


def _passed(since_ns: int, now_ns: int, seconds: float) -> bool:
    return now_ns - since_ns >= seconds * 1_000_000_000


_CAUSES: tuple[tuple[type[PeerError], Cause], ...] = (
    (errors.Unauthorised, Cause.AUTHENTICATION),
    (errors.TransportRefused, Cause.REFUSED),
    (errors.NoVideo, Cause.NO_VIDEO),
    (errors.CodecNotAccepted, Cause.CODEC_NOT_ACCEPTED),
    (CameraSaidGoodbye, Cause.DISCONNECTED),
)


def _cause_of(error: PeerError) -> Cause:
    if isinstance(error, errors.Refused):
        return Cause.NOT_FOUND if error.status == 404 else Cause.REFUSED
    return next((cause for kind, cause in _CAUSES if isinstance(error, kind)), Cause.PROTOCOL)


def _presentable(error: PeerError, password: str) -> str:
    """The sentence as text; without the camera's own words if they repeat the password."""
    text = str(error).encode("utf-8", "replace").decode()
    return "the camera refuses the request" if password and password in text else text
