"""The RTSP source against real sockets: a camera that does as it is told, also wrongly."""

import asyncio
import contextlib
import socket
import ssl
import struct
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bingjian.clock import SystemClock
from bingjian.formats.access_unit import AccessUnit, TrackConfig
from bingjian.protocols import auth, rtcp, sdp
from bingjian.protocols.errors import PeerError
from bingjian.protocols.rtsp.message import Headers, Interleaved, Reader, Request, Response, serialise
from bingjian.recording.cause import Cause
from bingjian.streaming.sources import rtsp
from bingjian.streaming.sources.base import SourceAddress, SourceError
from tests.unit.protocols.packets import H264_OTHER_SETS, H264_SETS, Sender, h264_slice, sample

KEY, DELTA = h264_slice(3000, key=True), h264_slice(3000)
FAST = 40  # times as fast as real time, for deadlines


class FastClock(SystemClock):
    def monotonic_ns(self) -> int:
        return super().monotonic_ns() * FAST


@dataclass
class Heard:
    """A sink that remembers."""

    tracks: list[tuple[TrackConfig, ...]] = field(default_factory=list)
    units: list[AccessUnit] = field(default_factory=list)
    reports: list[tuple[int, int, int]] = field(default_factory=list)
    lost: int = 0
    packets_only: int = 0  # times told
    connected: list[str] = field(default_factory=list)
    enough: asyncio.Event = field(default_factory=asyncio.Event)
    wanted: int = 3
    prompt: bool = True

    def on_tracks(self, tracks: tuple[TrackConfig, ...]) -> None:
        self.tracks.append(tracks)

    def on_units(self, units: list[AccessUnit], arrival_ns: int) -> None:
        assert self.tracks, "told before the first units"
        self.units += units
        if len(self.units) >= self.wanted:
            self.enough.set()

    def on_sender_report(self, track: int, rtp_timestamp: int, ntp_utc_ns: int, arrival_ns: int) -> None:
        self.reports.append((track, rtp_timestamp, ntp_utc_ns))

    def on_loss(self, track: int, packets: int) -> None:
        self.lost += packets

    def on_packets_only(self, first_ns: int, newest_ns: int) -> None:
        assert first_ns <= newest_ns
        assert not self.units
        self.packets_only += 1


@dataclass
class Camera:
    """What one camera does. ``play`` sends; the rest are the answers' details."""

    play: Callable[["Visit"], Awaitable[None]]
    sets: tuple[bytes, ...] = H264_SETS
    refuse: dict[str, tuple[int, tuple[tuple[str, str], ...]]] = field(default_factory=dict)
    refuse_transport: str = ""
    challenge: auth.Challenge | None = None
    silent_on: str = ""
    channels: str = ""
    asked: list[Request] = field(default_factory=list)
    reports: list[bytes] = field(default_factory=list)

    @property
    def methods(self) -> list[str]:
        return [request.method for request in self.asked]

    def answer(self, request: Request, visit: "Visit") -> Response | None:
        self.asked.append(request)
        given = request.headers.get("Authorization")
        if self.challenge and not auth.verify(self.challenge, given, request.method, "admin", "s3cret"):
            return Response(401, "No", Headers([("WWW-Authenticate", self.challenge.header())]))
        if request.method in self.refuse:
            status, fields = self.refuse[request.method]
            return Response(status, "No", Headers(fields))
        if request.method == self.silent_on:
            return None
        return getattr(self, "_" + request.method.lower())(request, visit)

    def _options(self, request: Request, visit: "Visit") -> Response:
        return Response(200, "OK", Headers([("Public", "OPTIONS, GET_PARAMETER")]))

    _get_parameter = _teardown = _play = _options

    def _describe(self, request: Request, visit: "Visit") -> Response:
        known = {"sprop-parameter-sets": sdp.sprop(self.sets)} if self.sets else {}
        video = sdp.Media("video", (sdp.Format(96, "H264", 90_000, 1, known),), "track")
        body = sdp.build(sdp.Description((video,), "*"))
        return Response(200, "OK", Headers([("Content-Base", request.uri + "/")]), body)

    def _setup(self, request: Request, visit: "Visit") -> Response:
        transport = request.headers.get("Transport")
        if self.refuse_transport and (self.refuse_transport == "tcp") == ("TCP" in transport):
            return Response(461, "Unsupported Transport")
        if "client_port=" in transport:
            visit.client_port = int(transport.split("client_port=")[1].split("-")[0])
            ports = visit.udp[0].getsockname()[1], visit.udp[1].getsockname()[1]
            transport += ";server_port={}-{}".format(*ports)
        elif self.channels:
            transport = f"RTP/AVP/TCP;unicast;interleaved={self.channels}"
        return Response(200, "OK", Headers([("Session", "1;timeout=4"), ("Transport", transport)]))


@dataclass
class Visit:
    """One connection to a camera."""

    writer: asyncio.StreamWriter
    sender: Sender = field(default_factory=Sender)
    client_port: int = 0
    channel: int = 0
    udp: tuple[socket.socket, socket.socket] = field(default_factory=lambda: (_bound(), _bound()))

    def send(self, packets: list[bytes]) -> None:
        if self.client_port:
            for packet in packets:
                self.udp[0].sendto(packet, ("127.0.0.1", self.client_port))
        else:
            self.writer.write(serialise(Interleaved.of(self.channel, packets)))

    def picture(self, unit: bytes, timestamp: int) -> None:
        self.send(self.sender.h264([unit], timestamp, 1400))

    def pictures(self, count: int = 3) -> None:
        for n in range(count):
            self.picture(DELTA if n else KEY, 3600 * n)

    def control(self, packet: bytes) -> None:
        if self.client_port:
            self.udp[1].sendto(packet, ("127.0.0.1", self.client_port + 1))
        else:
            self.writer.write(serialise(Interleaved.of(self.channel + 1, [packet])))


def _bound() -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setblocking(False)
    sock.bind(("127.0.0.1", 0))
    return sock


@asynccontextmanager
async def listening(camera: Camera, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """The camera on a port of its own."""
    tasks: list[asyncio.Task[None]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visit, messages = Visit(writer), Reader()
        with contextlib.suppress(ConnectionError, PeerError):
            while data := await reader.read(65536):
                for event in messages.receive_data(data):
                    if isinstance(event, Interleaved):
                        camera.reports += event.packets
                    elif isinstance(event, Request) and (answer := camera.answer(event, visit)):
                        cseq = ("CSeq", event.headers.get("CSeq"))
                        writer.write(
                            serialise(
                                Response(
                                    answer.status, answer.reason, answer.headers.having(cseq), answer.body
                                )
                            )
                        )
                        if event.method == "PLAY" and answer.status == 200:
                            tasks.append(asyncio.create_task(camera.play(visit)))
        for sock in visit.udp:
            sock.close()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        for task in tasks:
            task.cancel()
        server.close()


async def heard(
    camera: Camera, sink: Heard | None = None, **address: Any
) -> tuple[Heard, SourceError | None]:
    """Receive until the sink has enough (None) or the session fails."""
    sink = sink or Heard()
    async with listening(camera) as port:
        failure = await session(f"rtsp://127.0.0.1:{port}/main", sink, **address)
    return sink, failure


async def session(
    url: str, sink: Heard, clock: SystemClock | None = None, **address: Any
) -> SourceError | None:
    receiving = asyncio.create_task(
        rtsp.receive(
            SourceAddress(url, **address), sink, clock or SystemClock(), on_connected=sink.connected.append
        )
    )
    enough = asyncio.create_task(sink.enough.wait())
    await asyncio.wait({receiving, enough}, return_when=asyncio.FIRST_COMPLETED, timeout=20)
    enough.cancel()
    if not receiving.done():
        receiving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await receiving
        return None
    error = receiving.exception()
    if isinstance(error, SourceError):
        return error
    raise error or AssertionError("receive returned")


async def three_pictures(visit: Visit) -> None:
    visit.pictures()


async def nothing(visit: Visit) -> None:
    """Play, and send not a thing."""


@pytest.mark.parametrize("transport", ["tcp", "udp"])
async def test_pictures_arrive(transport: str) -> None:
    camera = Camera(three_pictures)
    sink, failure = await heard(camera, transport=transport)
    assert failure is None
    assert sink.connected == [transport]
    assert [unit.data for unit in sink.units] == [sample(KEY), sample(DELTA), sample(DELTA)]
    assert len(sink.tracks) == 1
    await asyncio.sleep(0)


async def test_good_bye_is_said_on_cancellation() -> None:
    camera = Camera(three_pictures)
    sink = Heard()
    async with listening(camera) as port:
        await session(f"rtsp://127.0.0.1:{port}/main", sink)
        while "TEARDOWN" not in camera.methods:
            await asyncio.sleep(0.01)


async def test_channels_other_than_asked_for() -> None:
    async def play(visit: Visit) -> None:
        visit.writer.write(serialise(Interleaved.of(0, [b"noise"] * 50)))
        visit.channel = 6
        visit.pictures()

    sink, failure = await heard(Camera(play, channels="6-7"))
    assert failure is None
    assert len(sink.units) == 3


async def test_parameter_sets_only_in_band_and_changed_mid_stream() -> None:
    async def play(visit: Visit) -> None:
        visit.send(visit.sender.h264([*H264_SETS, KEY], 0, 1400))
        visit.picture(DELTA, 3600)
        visit.send(visit.sender.h264([*H264_OTHER_SETS, KEY], 7200, 1400))

    sink, _ = await heard(Camera(play, sets=()))
    assert [config.width for (config,) in sink.tracks] == [1920, 1280]
    assert [unit.sync for unit in sink.units] == [True, False, True]


@pytest.mark.parametrize("transport", ["tcp", "udp"])
async def test_loss_and_sender_reports_are_told(transport: str) -> None:
    utc_ns = 1_795_000_000_000_000_000

    async def play(visit: Visit) -> None:
        visit.picture(KEY, 90_000)
        del visit.sender.h264([DELTA], 93_600, 1400)[:]
        await asyncio.sleep(0.05)
        visit.control(rtcp.sender_report(rtcp.SenderReport(0x1234, rtcp.ntp_of(utc_ns), 91_000, 1, 1), "cam"))
        await asyncio.sleep(0.05)
        visit.picture(DELTA, 97_200)
        visit.picture(DELTA, 100_800)

    sink, failure = await heard(Camera(play), transport=transport)
    assert failure is None
    assert sink.lost == 3
    assert [unit.damaged for unit in sink.units] == [False, True, True]
    assert [(track, stamp, round(ntp, -3)) for track, stamp, ntp in sink.reports] == [(0, 91_000, utc_ns)]


async def test_udp_packets_out_of_order_are_put_back() -> None:
    async def play(visit: Visit) -> None:
        packets = [*visit.sender.h264([KEY], 0, 500), *visit.sender.h264([DELTA], 3600, 500)]
        packets += visit.sender.h264([DELTA], 7200, 500)
        packets[2:6] = reversed(packets[2:6])
        visit.send(packets)

    sink, failure = await heard(Camera(play), transport="udp")
    assert failure is None
    assert [unit.data for unit in sink.units] == [sample(KEY), sample(DELTA), sample(DELTA)]
    assert sink.lost == 0


@pytest.mark.parametrize(("asked", "refused", "used"), [("auto", "tcp", "udp"), ("udp", "udp", "tcp")])
async def test_a_refused_transport_leads_to_the_other(asked: str, refused: str, used: str) -> None:
    sink, failure = await heard(Camera(three_pictures, refuse_transport=refused), transport=asked)
    assert (failure, sink.connected) == (None, [used])


async def test_silence_over_udp_leads_to_tcp() -> None:
    async def play(visit: Visit) -> None:
        if not visit.client_port:
            visit.pictures()

    sink, failure = await heard(Camera(play), transport="udp", clock=FastClock())
    assert (failure, sink.connected) == (None, ["udp", "tcp"])


async def test_tcp_only_means_tcp_only() -> None:
    _, failure = await heard(Camera(three_pictures, refuse_transport="tcp"), transport="tcp")
    assert failure is not None
    assert failure.cause is Cause.REFUSED


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
async def test_the_right_password_is_let_in_and_the_wrong_one_named(algorithm: str) -> None:
    camera = Camera(three_pictures, challenge=auth.Challenge(algorithm=algorithm))
    sink, failure = await heard(camera, username="admin", password="s3cret")
    assert (failure, len(sink.units)) == (None, 3)
    for password in ("wr0ng", ""):
        _, failure = await heard(camera, username="admin", password=password)
        assert failure is not None
        assert failure.cause is Cause.AUTHENTICATION
        assert not password or password not in failure.detail


@pytest.mark.parametrize(
    ("refuse", "cause"),
    [
        ({"DESCRIBE": (404, ())}, Cause.NOT_FOUND),
        ({"DESCRIBE": (403, ())}, Cause.REFUSED),
        ({"PLAY": (500, ())}, Cause.REFUSED),
        ({"SETUP": (401, ())}, Cause.AUTHENTICATION),
    ],
)
async def test_refusals_have_their_cause(refuse: dict[str, Any], cause: Cause) -> None:
    _, failure = await heard(Camera(three_pictures, refuse=refuse))
    assert failure is not None
    assert failure.cause is cause


@pytest.mark.parametrize("code", [301, 302, 305])
async def test_redirects_are_followed(code: int) -> None:
    sink, last = Heard(), Camera(three_pictures)
    async with listening(last) as there:
        location = (("Location", f"rtsp://127.0.0.1:{there}/elsewhere"),)
        async with listening(Camera(nothing, refuse={"DESCRIBE": (code, location)})) as here:
            failure = await session(f"rtsp://127.0.0.1:{here}/main", sink)
            assert (failure, len(sink.units)) == (None, 3)
            asked = f"rtsp://127.0.0.1:{here}/main" if code == 305 else f"rtsp://127.0.0.1:{there}/elsewhere"
            assert last.asked[0].uri == asked


async def test_redirects_do_not_go_round_for_ever_nor_take_the_password_along() -> None:
    camera = Camera(nothing, challenge=auth.Challenge("Basic"))
    async with listening(camera) as port:
        camera.refuse["DESCRIBE"] = (302, (("Location", f"rtsp://127.0.0.1:{port}/x"),))
        failure = await session(f"rtsp://127.0.0.1:{port}/", Heard(), username="admin", password="s3cret")
        assert failure is not None
        assert failure.cause is Cause.PROTOCOL
        camera.refuse["DESCRIBE"] = (302, (("Location", f"rtsp://localhost:{port}/x"),))
        failure = await session(f"rtsp://127.0.0.1:{port}/", Heard(), username="admin", password="s3cret")
        assert failure is not None
        assert failure.cause is Cause.AUTHENTICATION


async def test_sessions_are_kept_alive_and_reports_sent() -> None:
    async def play(visit: Visit) -> None:
        for n in range(1000):
            visit.picture(DELTA if n % 25 else KEY, 3600 * n)
            await asyncio.sleep(0.02)

    camera = Camera(play)
    sink = Heard(wanted=10_000)
    async with listening(camera) as port:
        task = asyncio.create_task(session(f"rtsp://127.0.0.1:{port}/main", sink, clock=FastClock()))
        while "GET_PARAMETER" not in camera.methods or not camera.reports:
            await asyncio.sleep(0.05)
        sink.enough.set()
        assert await task is None
    report = rtcp.parse(camera.reports[0])[0]
    assert isinstance(report, rtcp.ReceiverReport)
    assert report.blocks[0].ssrc == 0x1234


async def garbage(visit: Visit) -> None:
    visit.writer.write(b"\xff" * 100)


async def endless_header(visit: Visit) -> None:
    visit.writer.write(b"RTSP/1.0 200 OK\r\n" + b"A: b\r\n" * 100_000)


async def wrong_packets(visit: Visit) -> None:
    visit.writer.write(serialise(Interleaved.of(0, [b"\x00\x01\x02"] * 1000)))


async def absurd_length(visit: Visit) -> None:
    visit.writer.write(b"RTSP/1.0 200 OK\r\nContent-Length: 4294967296\r\n\r\n")


async def endless_picture(visit: Visit) -> None:
    visit.send([visit.sender.packet(b"\x7c\x85\x88" + bytes(60_000), 0)])
    for _ in range(300):
        visit.send([visit.sender.packet(b"\x7c\x05" + bytes(60_000), 0)])
        await visit.writer.drain()


async def hang_up(visit: Visit) -> None:
    visit.writer.close()


async def cut(visit: Visit) -> None:
    linger = struct.pack("ii", 1, 0)
    visit.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    visit.writer.transport.abort()


async def goodbye(visit: Visit) -> None:
    visit.picture(KEY, 0)
    visit.control(rtcp.goodbye(0x1234))


async def teardown(visit: Visit) -> None:
    visit.writer.write(serialise(Request("TEARDOWN", "*", Headers([("CSeq", "1")]))))


@pytest.mark.parametrize(
    ("play", "cause"),
    [
        (garbage, Cause.PROTOCOL),
        (endless_header, Cause.PROTOCOL),
        (wrong_packets, Cause.PROTOCOL),
        (absurd_length, Cause.PROTOCOL),
        (endless_picture, Cause.PROTOCOL),
        (hang_up, Cause.DISCONNECTED),
        (cut, Cause.DISCONNECTED),
        (goodbye, Cause.DISCONNECTED),
        (teardown, Cause.DISCONNECTED),
    ],
)
async def test_every_end_has_its_cause(play: Callable[[Visit], Awaitable[None]], cause: Cause) -> None:
    _, failure = await heard(Camera(play))
    assert failure is not None
    assert failure.cause is cause
    assert failure.detail.isprintable()


async def only_deltas(visit: Visit) -> None:
    for n in range(10_000):
        visit.picture(DELTA, 3600 * n)
        await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("camera", "cause"),
    [
        (Camera(nothing), Cause.NO_PACKETS),
        (Camera(nothing, silent_on="OPTIONS"), Cause.NO_PACKETS),
        (Camera(nothing, silent_on="PLAY"), Cause.NO_PACKETS),
        (Camera(only_deltas), Cause.NO_KEY_FRAME),
    ],
    ids=["plays nothing", "does not answer", "does not play", "no key frame"],
)
async def test_deadlines_have_their_cause(camera: Camera, cause: Cause) -> None:
    sink, failure = await heard(camera, clock=FastClock(), transport="tcp")
    assert failure is not None
    assert failure.cause is cause
    assert bool(sink.packets_only) == (cause is Cause.NO_KEY_FRAME)


async def test_parameter_sets_that_lie_are_named() -> None:
    async def play(visit: Visit) -> None:
        for n in range(10_000):
            visit.send(visit.sender.h264([b"\x67\x64\x00", b"\x68", KEY], 3600 * n, 1400))
            await asyncio.sleep(0.02)

    _, failure = await heard(Camera(play, sets=()), clock=FastClock())
    assert failure is not None
    assert failure.cause is Cause.PROTOCOL
    assert "describes its video wrongly" in failure.detail


async def test_a_camera_that_does_not_read_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests of the camera make us answer; if it never reads them, memory must not grow."""

    async def play(visit: Visit) -> None:
        visit.writer.transport.pause_reading()  # type: ignore[attr-defined]  # its own socket
        sock = visit.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        ask = serialise(Request("OPTIONS", "*", Headers([("CSeq", "1" * 1000)]))) * 64
        while True:
            visit.writer.write(ask)
            await visit.writer.drain()

    _, failure = await heard(Camera(play))
    assert failure is not None
    assert failure.cause is Cause.PROTOCOL
    assert "read" in failure.detail


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        ("http://h/", Cause.UNREACHABLE),
        ("rtsp://h/\r\nEvil:1", Cause.UNREACHABLE),
        ("rtsp://127.0.0.1:1/", Cause.REFUSED),
        ("rtsp://no-such-host.invalid/", Cause.UNREACHABLE),
        ("rtsp://" + "x" * 300 + "/", Cause.UNREACHABLE),
    ],
)
async def test_addresses_that_lead_nowhere(url: str, cause: Cause) -> None:
    failure = await session(url, Heard())
    assert failure is not None
    assert failure.cause is cause


async def test_our_own_faults_keep_their_trace() -> None:
    class Broken(Heard):
        def on_units(self, units: list[AccessUnit], arrival_ns: int) -> None:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await heard(Camera(three_pictures), Broken())


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Self-signed, for localhost."""
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=localhost",
    ]
    names = ["-addext", "subjectAltName=DNS:localhost"]
    subprocess.run(
        [*command, *names, "-keyout", str(key), "-out", str(cert)], check=True, capture_output=True
    )
    return key, cert


async def test_rtsps_checks_the_certificate_unless_told_not_to(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    key, cert = certificate
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    async with listening(Camera(three_pictures), context) as port:
        url = f"rtsps://localhost:{port}/main"
        failure = await session(url, Heard())
        assert failure is not None
        assert failure.cause is Cause.TLS
        sink = Heard()
        assert await session(url, sink, verify_tls=False) is None
        assert len(sink.units) == 3
        trusting = ssl.create_default_context(cafile=str(cert))
        monkeypatch.setattr(rtsp, "_tls_context", lambda verify: trusting)
        assert await session(url, Heard()) is None
        failure = await session(url.replace("localhost", "127.0.0.1"), Heard())
        assert failure is not None
        assert failure.cause is Cause.TLS


async def test_rtsps_to_a_plain_port_and_down_to_one() -> None:
    async with listening(Camera(three_pictures)) as port:
        failure = await session(f"rtsps://127.0.0.1:{port}/", Heard())
        assert failure is not None
        assert failure.cause is Cause.TLS


async def test_one_silent_camera_does_not_delay_another() -> None:
    """Both on one loop; the silent one is still waited for when the other has all it wants."""
    async with listening(Camera(nothing, silent_on="DESCRIBE")) as silent:
        waiting = asyncio.create_task(session(f"rtsp://127.0.0.1:{silent}/", Heard()))
        sink, failure = await heard(Camera(three_pictures))
        assert (failure, len(sink.units)) == (None, 3)
        assert not waiting.done()
        waiting.cancel()
