"""Receiving from software nobody here wrote: GStreamer's RTSP server and VLC's; FFmpeg decodes."""

import asyncio
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import av
import pytest
import pytest_asyncio

from bingjian.clock import SystemClock
from bingjian.formats.access_unit import AccessUnit, AudioConfig, Codec, TrackConfig, VideoConfig
from bingjian.formats.nal import split
from bingjian.recording.cause import Cause
from bingjian.streaming.sources.base import SourceAddress, SourceError
from bingjian.streaming.sources.probe import probe
from bingjian.streaming.sources.rtsp import receive

pytestmark = pytest.mark.interop

SYSTEM_PYTHON = "/usr/bin/python3"
SERVER = Path(__file__).with_name("gst_rtsp_server.py")
PICTURES = 60
DEADLINE_SECONDS = 30
NOBODY = 65534


@dataclass
class Watcher:
    """Collects until there are enough pictures."""

    tracks: tuple[TrackConfig, ...] = ()
    units: list[AccessUnit] = field(default_factory=list)
    reports: set[int] = field(default_factory=set)
    lost: int = 0
    transport: str = ""
    prompt: bool = False
    enough: asyncio.Event = field(default_factory=asyncio.Event)

    def on_connected(self, transport: str) -> None:
        self.transport = transport

    def on_tracks(self, tracks: tuple[TrackConfig, ...]) -> None:
        self.tracks = tracks

    def on_units(self, units: list[AccessUnit], arrival_ns: int) -> None:
        self.units += units
        if len(self.of(0)) >= PICTURES:
            self.enough.set()

    def on_sender_report(self, track: int, rtp_timestamp: int, ntp_utc_ns: int, arrival_ns: int) -> None:
        self.reports.add(track)

    def on_loss(self, track: int, packets: int) -> None:
        self.lost += packets

    def on_packets_only(self, first_ns: int, newest_ns: int) -> None:
        pass  # before the first picture

    def of(self, track: int) -> list[AccessUnit]:
        return [unit for unit in self.units if unit.track == track]


async def watched(address: SourceAddress) -> Watcher:
    """Receive ``PICTURES`` pictures. Raises SourceError."""
    watcher = Watcher()
    session = asyncio.create_task(receive(address, watcher, SystemClock(), on_connected=watcher.on_connected))
    enough = asyncio.create_task(watcher.enough.wait())
    try:
        async with asyncio.timeout(DEADLINE_SECONDS):
            await asyncio.wait({session, enough}, return_when=asyncio.FIRST_COMPLETED)
            if session.done():
                await session
    finally:
        for task in (session, enough):
            task.cancel()
            with suppress(asyncio.CancelledError, SourceError):
                await task
    return watcher


def decoded(watcher: Watcher) -> int:
    """How many pictures FFmpeg's decoder makes of them, without one error."""
    config = watcher.tracks[0]
    assert isinstance(config, VideoConfig)
    decoder = av.CodecContext.create("h264" if config.codec is Codec.H264 else "hevc", "r")
    start = b"\0\0\0\1"
    decoder.extradata = b"".join(start + unit for unit in config.parameter_sets)
    decoder.options = {"err_detect": "explode"}
    frames = 0
    for unit in watcher.of(0):
        stream = b"".join(start + piece for piece in split(unit.data))
        frames += sum(1 for frame in decoder.decode(av.Packet(stream)) if frame.width == config.width)
    return frames + sum(1 for _ in decoder.decode(None))


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextmanager
def running(*command: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def gstreamer() -> Iterator[str]:
    """The server's base URL."""
    try:
        check = "import gi; gi.require_version('GstRtspServer', '1.0')"
        subprocess.run([SYSTEM_PYTHON, "-c", check], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("GStreamer's RTSP server is not installed")
    with served("open") as url:
        yield url


@contextmanager
def served(manner: str) -> Iterator[str]:
    port = free_port()
    with running(SYSTEM_PYTHON, str(SERVER), str(port), manner) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield f"rtsp://127.0.0.1:{port}"


@pytest.mark.parametrize("transport", ["tcp", "udp"])
@pytest.mark.parametrize(
    ("path", "video", "sound"),
    [("/h264", Codec.H264, Codec.AAC), ("/h265", Codec.H265, Codec.PCMA), ("/b", Codec.H264, Codec.PCMU)],
)
async def test_gstreamer_is_received_and_decodes(
    gstreamer: str, path: str, video: Codec, sound: Codec, transport: str
) -> None:
    watcher = await watched(SourceAddress(gstreamer + path, transport=transport))
    assert watcher.transport == transport
    assert [config.codec for config in watcher.tracks] == [video, sound]
    assert watcher.lost == 0
    assert watcher.of(0)[0].sync
    assert decoded(watcher) == len(watcher.of(0))
    assert watcher.of(1)
    steps = {b.timestamp - a.timestamp for a, b in zip(watcher.of(1), watcher.of(1)[1:], strict=False)}
    if isinstance(watcher.tracks[1], AudioConfig) and sound is Codec.AAC:
        assert steps <= {1023, 1024, 1025}
    if path == "/b":
        assert watcher.tracks[0].reorder_frames >= 2


@pytest.mark.parametrize(("path", "asked", "used"), [("/udp", "auto", "udp"), ("/tcp", "udp", "tcp")])
async def test_gstreamer_over_the_transport_it_has(gstreamer: str, path: str, asked: str, used: str) -> None:
    assert (await watched(SourceAddress(gstreamer + path, transport=asked))).transport == used


async def test_gstreamer_asks_for_the_password(gstreamer: str) -> None:
    with served("secret") as base:
        url = base.replace("//", "//camera:p%40ss%3Aw@") + "/h264"
        assert (await watched(SourceAddress.of(url))).tracks
        with pytest.raises(SourceError) as refused:
            await watched(SourceAddress(base + "/h264", "camera", "wr0ng!"))
    assert refused.value.cause is Cause.AUTHENTICATION
    assert "wr0ng" not in str(refused.value)


@pytest.mark.parametrize(
    ("path", "cause"),
    [("/none", Cause.NOT_FOUND), ("/sound", Cause.NO_VIDEO), ("/mjpeg", Cause.CODEC_NOT_ACCEPTED)],
)
async def test_gstreamer_without_a_usable_picture(gstreamer: str, path: str, cause: Cause) -> None:
    assert await why_not(gstreamer + path) is cause


async def why_not(url: str) -> Cause:
    """The cause; a busy server that says 503 is asked again, as the hub would."""
    for _ in range(10):
        with pytest.raises(SourceError) as failure:
            await watched(SourceAddress(url))
        if "503" not in failure.value.detail:
            break
        await asyncio.sleep(0.5)
    return failure.value.cause


async def test_a_probe_says_what_gstreamer_offers(gstreamer: str) -> None:
    report = await probe(SourceAddress(gstreamer + "/h264"), SystemClock(), 3.0)
    assert report.ok
    video, sound = report.tracks
    assert (video.codec, video.width, video.height, sound.codec) == ("h264", 320, 240, "aac")
    assert video.frame_rate == pytest.approx(25, rel=0.1)
    assert video.key_frame_interval_s == pytest.approx(1, rel=0.1)
    assert report.findings == ()


@pytest_asyncio.fixture
async def vlc(film: Path) -> AsyncIterator[str]:
    """VLC sending a loop over RTSP; it refuses to run as root."""
    if not shutil.which("cvlc"):
        pytest.skip("VLC is not installed")
    become = (
        ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"] if os.getuid() == 0 else []
    )
    command = ["env", f"HOME={film.parent}", "cvlc", "-q", str(film)]
    url = f"rtsp://127.0.0.1:{free_port()}/film"
    with running(*become, *command, "--sout", f"#rtp{{sdp={url}}}", "--sout-keep"):
        await _describes(url)
        yield url


@pytest.fixture(scope="module")
def film() -> Iterator[Path]:
    """A minute of H.264 where ``nobody`` can read it; VLC's loop would begin another track."""
    if not shutil.which("ffmpeg"):
        pytest.skip("ffmpeg is not installed")
    home = Path(tempfile.mkdtemp(prefix="bingjian-vlc-"))  # pytest's own folders are closed to others
    home.chmod(0o777)
    film = home / "film.mp4"
    source = ["-f", "lavfi", "-i", "testsrc=s=320x240:r=25", "-t", "60", "-pix_fmt", "yuv420p"]
    coder = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "25"]
    subprocess.run(["ffmpeg", "-v", "error", *source, *coder, str(film)], check=True)
    film.chmod(0o644)
    yield film
    shutil.rmtree(home)


async def _describes(url: str) -> None:
    """VLC listens before it has read the film, and answers 500 until then."""
    port = urlsplit(url).port
    async with asyncio.timeout(DEADLINE_SECONDS):
        while True:
            with suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(f"DESCRIBE {url} RTSP/1.0\r\nCSeq: 1\r\n\r\n".encode())
                status = await reader.readline()
                writer.close()
                if status.startswith(b"RTSP/1.0 200"):
                    return
            await asyncio.sleep(0.1)


async def test_vlc_is_received_over_udp_though_tcp_is_tried_first(vlc: str) -> None:
    watcher = await watched(SourceAddress(vlc))
    assert watcher.transport == "udp"
    assert watcher.tracks[0].codec is Codec.H264
    assert decoded(watcher) >= PICTURES - 2
