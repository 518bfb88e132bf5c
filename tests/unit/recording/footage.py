"""What recording tests record: samples by the second, a clock that stands still, a disk that can fail."""

import errno
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from uuid import UUID

from bingjian.clock import TICKS_PER_SECOND
from bingjian.durable import Storage
from bingjian.formats import h264
from bingjian.formats.access_unit import VideoConfig
from bingjian.formats.mp4 import Sample
from bingjian.recording.recorder import Recorder
from bingjian.recording.volume import Volume
from bingjian.recording.volumes import Volumes
from tests.unit.formats.material import H264Sps, h264_pps

CAMERA = UUID("11111111-2222-4333-8444-555555555555")
START_S = 1_790_000_000
START_90K = START_S * TICKS_PER_SECOND
FRAME_90K = 3600
GIB = 1 << 30


def seconds(count: float) -> int:
    """An instant of the tests' timeline, in 1/90000 s."""
    return START_90K + round(count * TICKS_PER_SECOND)


def video_config(wide: int = 20) -> VideoConfig:
    """Of a camera whose pictures are so many macroblocks wide."""
    return h264.config_from((H264Sps(wide=wide).unit(), h264_pps()))


def picture(number: int, size: int = 60) -> bytes:
    """One NAL unit with its length, different in every picture."""
    unit = b"\x41" + number.to_bytes(4) + bytes(number % 251 for _ in range(max(size - 5, 1)))
    return len(unit).to_bytes(4) + unit


def video(
    start_s: float, length_s: float, *, gop: int = 25, size: int = 60, damaged: bool = False
) -> list[Sample]:
    """Pictures at 25 frames a second, the first of them a key frame, then one every ``gop``."""
    first = round(start_s * 25)
    return [
        Sample(0, at, at, FRAME_90K, picture(number, size), (number - first) % gop == 0, damaged)
        for number in range(first, first + round(length_s * 25))
        for at in [START_90K + number * FRAME_90K]
    ]


def sound(start_s: float, length_s: float, track: int = 1) -> list[Sample]:
    """G.711 in packets of 20 ms."""
    first = round(start_s * 50)
    return [
        Sample(track, at, at, 160, number.to_bytes(4) * 40, True, False)
        for number in range(first, first + round(length_s * 50))
        for at in [START_S * 8000 + number * 160]
    ]


def interleaved(*streams: Sequence[Sample]) -> list[Sample]:
    """In order of arrival, if everything arrives when its time has come."""
    rate = {0: 90_000, 1: 8_000}
    return sorted((s for stream in streams for s in stream), key=lambda s: s.dts / rate[s.track])


@dataclass
class StandingClock:
    """Time passes when the test says so."""

    utc: int = START_S * 10**9
    monotonic: int = 10**12

    def utc_ns(self) -> int:
        return self.utc

    def monotonic_ns(self) -> int:
        return self.monotonic

    def advance(self, seconds: float) -> None:
        self.utc += round(seconds * 1e9)
        self.monotonic += round(seconds * 1e9)


@dataclass
class FailingDisk(Storage):
    """The real disk, until ``broken`` names what fails with which errno."""

    broken: dict[str, int] = field(default_factory=dict)
    free: int | None = None
    short: bool = False  # a failing write gets half of its bytes through
    hold: Event | None = None  # writes wait for it

    def _check(self, what: str) -> None:
        if what in self.broken:
            number = self.broken[what]
            raise OSError(number, os.strerror(number))

    def create(self, path: Path) -> int:
        self._check("create")
        return super().create(path)

    def write_at(self, descriptor: int, pieces: Sequence[bytes], offset: int) -> int:
        if self.hold is not None:
            self.hold.wait(30)
        if self.short and "write" in self.broken:
            data = b"".join(pieces)
            os.pwrite(descriptor, data[: len(data) // 2], offset)
        self._check("write")
        return super().write_at(descriptor, pieces, offset)

    def unlink(self, path: Path) -> None:
        self._check("unlink")
        super().unlink(path)

    def sync_directory(self, path: Path) -> None:
        self._check("sync_directory")
        super().sync_directory(path)

    def sync_filesystem(self, path: Path) -> None:
        self._check("sync")
        super().sync_filesystem(path)

    def free_bytes(self, path: Path) -> int:
        return super().free_bytes(path) if self.free is None else self.free


NO_SPACE, IO_ERROR, READ_ONLY = errno.ENOSPC, errno.EIO, errno.EROFS


def recorder(
    volume: Volume, clock: StandingClock, *, camera: UUID = CAMERA, worker: str = "test"
) -> Recorder:
    return Recorder(Volumes([volume]), camera, worker=worker, epoch=7, clock=clock)


def in_batches(samples: Sequence[Sample], size: int = 5) -> Iterator[Sequence[Sample]]:
    return (samples[at : at + size] for at in range(0, len(samples), size))
