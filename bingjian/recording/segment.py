"""What a segment is called, where it lies, and what its ``moov`` says of it."""

from dataclasses import dataclass
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

IDENTITY_VERSION = 1
_IDENTITY = Struct(">B7x16s16s16sQ")  # version, camera, volume, segment, epoch: 64 bytes


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose footage a file is: stands in the ``uuid`` box of its ``moov``, so that a file needs no
    catalogue.
    """

    camera: UUID
    volume: UUID
    segment: UUID
    epoch: int  # of the assignment under which it was recorded

    def pack(self) -> bytes:
        return _IDENTITY.pack(
            IDENTITY_VERSION, self.camera.bytes, self.volume.bytes, self.segment.bytes, self.epoch
        )

    @classmethod
    def unpack(cls, data: bytes) -> "Identity | None":
        """None if these are not the bytes of an identity we know."""
        try:
            version, camera, volume, segment, epoch = _IDENTITY.unpack(data)
        except error:
            return None
        if version != IDENTITY_VERSION:
            return None
        return cls(UUID(bytes=camera), UUID(bytes=volume), UUID(bytes=segment), epoch)


def relative_path(camera: UUID, segment: UUID, start_90k: int) -> str:
    """``cameras/<camera>/<day>/<start>_<segment>.mp4``, day and start in UTC; its index has ``.idx``
    instead.
    """
    start = instant_of(start_90k)
    name = f"{start:%Y%m%dT%H%M%S}.{start.microsecond // 1000:03d}Z_{segment.hex}.mp4"
    return f"cameras/{camera}/{start:%Y-%m-%d}/{name}"


def index_path(segment_file: Path) -> Path:
    return segment_file.with_suffix(".idx")
