"""What every payload format offers to ``rtp.Receiver``."""

from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Protocol

from bingjian.formats.access_unit import AccessUnit, TrackConfig

ACCESS_UNIT_LIMIT = 16 * 1024 * 1024  # bytes; larger: PeerError. An 8K key frame stays below 8 MiB
PART_LIMIT = 32 * 1024  # pieces of one access unit, for their bookkeeping costs memory too; more: PeerError


Frames = tuple[bytes, Sequence[tuple[int, int]]]  # a buffer, and where in it whole RTP packets lie


def together(packets: Iterable[bytes]) -> Frames:
    """Packets that lie by themselves, as frames: copying them costs less than looking at each alone."""
    held = list(packets)
    ends = list(accumulate(map(len, held)))
    return b"".join(held), list(zip([0, *ends], ends, strict=False))


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

    def follow(self, frames: Frames, at: int, payload_type: int, sequence: int, stamp: int, ssrc: int) -> int:
        """A short cut for what most packets are: the next pieces of an open fragmented NAL unit.

        Takes packets of ``frames`` from index ``at`` on, headers included, as long as each is exactly the
        expected one: plain header, this sequence number and then the next, neither marker nor last piece.
        Returns how many; what ``add`` must see is left.
        """

    def lose(self, timestamp: int) -> None:
        """Packets are missing right before the next ``add``, which will carry ``timestamp``."""
