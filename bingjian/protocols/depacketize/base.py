"""What every payload format offers to ``rtp.Receiver``."""

from typing import Protocol

from bingjian.formats.access_unit import AccessUnit, TrackConfig

ACCESS_UNIT_LIMIT = 16 * 1024 * 1024  # bytes; larger: PeerError. An 8K key frame stays below 8 MiB
PART_LIMIT = 32 * 1024  # pieces of one access unit, for their bookkeeping costs memory too; more: PeerError


class Depacketizer(Protocol):
    """RTP payloads of one track in, access units out."""

    @property
    def config(self) -> TrackConfig | None:
        """None until parameter sets were seen."""

    def add(
        self, buffer: bytes, start: int, end: int, timestamp: int, marker: int, units: list[AccessUnit]
    ) -> None:
        """Take ``buffer[start:end]``, the next payload in sequence; append what it completes to ``units``.

        Args:
            timestamp: unwrapped.
            marker: the RTP marker bit, 0 or not.

        Raises:
            PeerError: the access unit outgrows its limits.
        """

    def lose(self, timestamp: int) -> None:
        """Packets are missing right before the next ``add``, which will carry ``timestamp``."""
