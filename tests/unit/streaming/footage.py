"""What the streaming tests share: real H.264, a clock that is set by hand, a recorder that takes notes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bingjian.clock import Clock
from bingjian.formats import h264
from bingjian.formats.access_unit import AccessUnit, AudioConfig, Codec, TrackConfig, VideoConfig
from bingjian.formats.mp4 import Sample
from bingjian.recording.cause import Cause
from bingjian.streaming.sources.base import SourceAddress
from bingjian.streaming.stream import Stream
from tests.unit.formats.material import H264Sps, encoded_video, h264_pps

SECOND = 1_000_000_000
START_NS = 1_800_000_000 * SECOND
START = 1_800_000_000 * 90_000  # the same in 1/90000 s
FRAME = 3600  # ticks: 25 pictures a second
GOP = 10  # pictures from one key frame to the next
VIDEO = h264.config_from([H264Sps(reorder=0).unit(), h264_pps()])
SOUND = AudioConfig(Codec.PCMA, 8000, 1, b"", "alaw", 1)
ADDRESS = SourceAddress("rtsp://192.0.2.1/cam")


class SetClock:
    """Time passes when told to."""

    def __init__(self) -> None:
        self.utc = START_NS
        self.monotonic = 5 * SECOND

    def utc_ns(self) -> int:
        return self.utc

    def monotonic_ns(self) -> int:
        return self.monotonic

    def pass_ns(self, duration: int) -> None:
        self.utc += duration
        self.monotonic += duration


@dataclass
class Notes:
    """Everything a recorder was told, in order."""

    heard: list[tuple[object, ...]] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)  # of the camera's clock, with each write

    def set_tracks(self, tracks: Sequence[TrackConfig]) -> None:
        self.heard.append(("tracks", *tracks))

    def write(self, samples: Sequence[Sample], clock_offset_ms: int) -> None:
        self.samples += samples
        self.offsets.append(clock_offset_ms)

    def gap_begin(self, cause: Cause, detail: str, at_90k: int) -> None:
        self.heard.append(("gap", cause, at_90k))

    def gap_end(self, at_90k: int) -> None:
        self.heard.append(("gap_end", at_90k))

    def loss(self, start_90k: int, end_90k: int) -> None:
        self.heard.append(("loss", start_90k, end_90k))

    def discontinuity(self, cause: Cause, at_90k: int) -> None:
        self.heard.append(("discontinuity", cause, at_90k))


def picture(number: int, *, size: int = 100, gop: int = GOP) -> AccessUnit:
    """The n-th picture; every ``gop``-th is a key frame."""
    return AccessUnit(0, 1000 + number * FRAME, bytes([number % 256]) * size, number % gop == 0)


def sound(number: int) -> AccessUnit:
    """The n-th 20 ms of sound."""
    return AccessUnit(1, number * 160, b"\xd5" * 160, True)


def sample(number: int, *, size: int = 100, gop: int = GOP) -> Sample:
    """The n-th picture, placed."""
    unit = picture(number, size=size, gop=gop)
    at = START + number * FRAME
    return Sample(0, at, at, FRAME, unit.data, unit.sync, False)


def coded(frames: int = 250, gop: int = 25) -> tuple[VideoConfig, list[AccessUnit]]:
    """A moving pattern that a decoder accepts."""
    options = f"g={gop},keyint_min={gop},sc_threshold=0,bf=0,preset=ultrafast"
    stream = encoded_video("libx264", options, frames=frames)
    assert isinstance(stream.config, VideoConfig)
    first = stream.samples[0].pts
    units = [AccessUnit(0, one.pts - first, one.data, one.sync) for one in stream.samples]
    return stream.config, units


def play(stream: Stream, units: Sequence[AccessUnit], clock: SetClock) -> None:
    """Hand each unit over when its time has come, 40 ms apart for pictures; the stream's clock follows."""
    for unit in units:
        stream.on_units([unit], clock.monotonic_ns())
        if unit.track == 0:
            clock.pass_ns(SECOND // 25)


async def never(
    address: SourceAddress, sink: Stream, clock: Clock, *, on_connected: Callable[[str], None] | None = None
) -> None:
    """A source for streams that are fed by hand."""
    raise AssertionError("this stream is not meant to run")
