"""G.711 over RTP (RFC 3551 §4.5.14): the payload is the samples."""

from bingjian.formats.access_unit import AccessUnit, AudioConfig
from bingjian.protocols.depacketize.base import Frames


class G711:
    """See ``base.Depacketizer``."""

    __slots__ = ("_track", "config")

    def __init__(self, track: int, config: AudioConfig) -> None:
        self.config: AudioConfig | None = config
        self._track = track

    def add(
        self, buffer: bytes, start: int, end: int, timestamp: int, marker: int, units: list[AccessUnit]
    ) -> None:
        if start < end:
            units.append(AccessUnit(self._track, timestamp, buffer[start:end], True))

    def follow(self, frames: Frames, at: int, payload_type: int, sequence: int, stamp: int, ssrc: int) -> int:
        return 0

    def lose(self, timestamp: int) -> None:
        """Each packet stands alone."""
