"""AAC over RTP, ``mpeg4-generic`` (RFC 3640), modes AAC-hbr and AAC-lbr without interleaving."""

from bingjian.formats.access_unit import AccessUnit, AudioConfig
from bingjian.protocols.depacketize.base import Frames
from bingjian.protocols.errors import PeerError

FRAME_LIMIT = 8191 + 1  # bytes of one access unit: the 13 bits of AAC-hbr
LENGTH_FIELD_LIMIT = 32  # bits of one field of an AU header; more is no AAC mode


class Aac:
    """See ``base.Depacketizer``."""

    __slots__ = (
        "_expected",
        "_fragment",
        "_header_bits",
        "_index_bits",
        "_size_bits",
        "_step",
        "_track",
        "config",
    )

    def __init__(self, track: int, config: AudioConfig, *, size_bits: int = 13, index_bits: int = 3) -> None:
        """``size_bits``: fmtp sizelength; ``index_bits``: indexlength, indexdeltalength. Raises PeerError."""
        if not 0 < size_bits <= LENGTH_FIELD_LIMIT or not 0 <= index_bits <= LENGTH_FIELD_LIMIT:
            raise PeerError("the camera describes its AAC sound with impossible field lengths")
        self.config: AudioConfig | None = config
        self._track = track
        self._step = config.samples_per_unit
        self._size_bits, self._index_bits = size_bits, index_bits
        self._header_bits = size_bits + index_bits
        self._fragment = b""  # of an access unit larger than a packet
        self._expected = 0  # its size; 0: none open

    def add(
        self, buffer: bytes, start: int, end: int, timestamp: int, marker: int, units: list[AccessUnit]
    ) -> None:
        sizes, at = self._sizes(buffer, start, end)
        if len(sizes) == 1 and (self._expected or sizes[0] > end - at):
            self._piece(buffer[at:end], sizes[0], timestamp, units)
            return
        self._expected = 0
        for size in sizes:
            if not 0 < size <= end - at:
                return  # the sizes lie; what came before was whole
            units.append(AccessUnit(self._track, timestamp, buffer[at : at + size], True))
            at += size
            timestamp += self._step

    def follow(self, frames: Frames, at: int, payload_type: int, sequence: int, stamp: int, ssrc: int) -> int:
        return 0

    def lose(self, timestamp: int) -> None:
        self._expected = 0

    def _sizes(self, buffer: bytes, start: int, end: int) -> tuple[list[int], int]:
        """The sizes in the AU header section (RFC 3640 §3.2.1) and where the data starts."""
        bits = int.from_bytes(buffer[start : start + 2])
        data_start = start + 2 + (bits + 7) // 8
        if data_start > end:
            return [], end
        section = int.from_bytes(buffer[start + 2 : data_start])
        total = (data_start - start - 2) * 8
        mask = (1 << self._size_bits) - 1
        ends_of_size = range(self._size_bits, bits - self._index_bits + 1, self._header_bits)
        return [(section >> (total - end_bit)) & mask for end_bit in ends_of_size], data_start

    def _piece(self, piece: bytes, size: int, timestamp: int, units: list[AccessUnit]) -> None:
        """One piece of a fragmented access unit; each names the whole size."""
        if size > FRAME_LIMIT:
            return
        self._fragment = self._fragment + piece if self._expected == size else piece
        self._expected = size
        if len(self._fragment) >= size:
            units.append(AccessUnit(self._track, timestamp, self._fragment[:size], True))
            self._expected = 0
