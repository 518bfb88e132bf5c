"""What a segment is called, where it lies, and what its ``moov`` says of it."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from struct import Struct, error
from uuid import UUID

from bingjian.clock import TICKS_PER_SECOND, instant_of

# A segment ends at the first key frame after the first, in any case at the second, so that five minutes is
# the most that ever hangs on one file, and playback begins a segment with a key frame wherever the camera
# allows.
CLOSE_AT_KEY_FRAME_90K = 290 * TICKS_PER_SECOND
CLOSE_90K = 300 * TICKS_PER_SECOND
CLOSE_BYTES = 256 << 20  # 7 Mbit/s for five minutes; busier cameras get shorter segments

IDENTITY_VERSION = 1  # of what we recorded ourselves
RECOVERED_VERSION = 2  # of what was fetched from a device afterwards
_IDENTITY = Struct(">B7x16s16s16sQ")  # version, camera, volume, segment, epoch: 64 bytes
_RECOVERED = Struct(">Q32s32s")  # behind it in version 2: fetched, device, channel: 72 bytes
LONGEST_ID = 32  # bytes of a device's or channel's id


@dataclass(frozen=True, slots=True)
class Recovered:
    """Footage that a device had kept by itself, fetched afterwards into a gap (art. 31(6), requirements
    5.19).
    """

    device: str  # as it calls itself: GB/T 28181's 20 digits
    channel: str  # of that device
    fetched_90k: int  # when it was asked for, UTC by our clock

    def __post_init__(self) -> None:
        for id in (self.device, self.channel):
            if not id.isascii() or not id.isprintable() or not 0 < len(id) <= LONGEST_ID:
                raise ValueError(f"{id!r} is no id of a device or channel")

    def pack(self) -> bytes:
        return _RECOVERED.pack(self.fetched_90k, self.device.encode(), self.channel.encode())

    @classmethod
    def unpack(cls, data: bytes) -> "Recovered":
        """Raises ValueError."""
        try:
            fetched_90k, device, channel = _RECOVERED.unpack(data)
        except error as wrong:
            raise ValueError("not the bytes of one") from wrong
        return cls(device.rstrip(b"\0").decode("ascii"), channel.rstrip(b"\0").decode("ascii"), fetched_90k)


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose footage a file is: stands in the ``uuid`` box of its ``moov``, so that a file needs no
    catalogue.
    """

    camera: UUID
    volume: UUID
    segment: UUID
    epoch: int  # of the assignment under which it was recorded
    recovered: Recovered | None = None  # None: we recorded it ourselves

    def pack(self) -> bytes:
        version = IDENTITY_VERSION if self.recovered is None else RECOVERED_VERSION
        whose = self.camera.bytes, self.volume.bytes, self.segment.bytes
        tail = self.recovered.pack() if self.recovered is not None else b""
        return _IDENTITY.pack(version, *whose, self.epoch) + tail

    @classmethod
    def unpack(cls, data: bytes) -> "Identity | None":
        """None if these are not the bytes of an identity we know."""
        try:
            version, camera, volume, segment, epoch = _IDENTITY.unpack(data[: _IDENTITY.size])
            recovered = _recovered_in(version, data[_IDENTITY.size :])
        except (error, ValueError):
            return None
        return cls(UUID(bytes=camera), UUID(bytes=volume), UUID(bytes=segment), epoch, recovered)


def _recovered_in(version: int, tail: bytes) -> Recovered | None:
    """Raises ValueError for another version, or a tail that is not of this one."""
    if version == RECOVERED_VERSION:
        return Recovered.unpack(tail)
    if version != IDENTITY_VERSION or tail:
        raise ValueError("not a version that we know")
    return None


def relative_path(camera: UUID, segment: UUID, start_90k: int) -> str:
    """``cameras/<camera>/<day>/<start>_<segment>.mp4``, day and start in UTC; its index has ``.idx``
    instead.
    """
    start = instant_of(start_90k)
    name = f"{start:%Y%m%dT%H%M%S}.{start.microsecond // 1000:03d}Z_{segment.hex}.mp4"
    return f"cameras/{camera}/{start:%Y-%m-%d}/{name}"


def days_of(start_90k: int, end_90k: int) -> list[str]:
    """The directories in which segments that begin in [start, end) lie, UTC."""
    first, last = instant_of(start_90k).date(), instant_of(end_90k).date()
    return [f"{first + timedelta(days=number)}" for number in range((last - first).days + 1)]


def index_path(segment_file: Path) -> Path:
    return segment_file.with_suffix(".idx")
