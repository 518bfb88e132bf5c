"""H.264 over RTP (RFC 6184): single NAL units, STAP-A, FU-A; non-interleaved modes."""

import struct

from bingjian.formats.access_unit import AccessUnit
from bingjian.formats.h264 import config_from
from bingjian.protocols.depacketize.base import ACCESS_UNIT_LIMIT, PART_LIMIT
from bingjian.protocols.depacketize.nal_units import NalUnits

# ITU-T H.264 table 7-1, RFC 6184 table 1
_NON_IDR, _PARTITION_A, _IDR, _SEI, _SPS, _PPS = 1, 2, 5, 6, 7, 8
_STAP_A, _FU_A = 24, 28
_HEADERS = [bytes((value,)) for value in range(256)]


class H264(NalUnits):
    """See ``base.Depacketizer``. What no sample needs (delimiters, filler, SVC, MTAP, FU-B) is left out."""

    PIECE = struct.Struct(">BBHIIBB")
    __slots__ = ()

    def __init__(self, track: int, parameter_sets: tuple[bytes, ...] = ()) -> None:
        super().__init__(track, parameter_sets, config_from)

    def add(
        self, buffer: bytes, start: int, end: int, timestamp: int, marker: int, units: list[AccessUnit]
    ) -> None:
        if timestamp != self._timestamp:
            self._turn(timestamp, units)
        if start >= end:
            return  # empty packets keep network address translations open
        kind = buffer[start] & 0x1F
        if kind == _FU_A:
            if end - start > 2:
                self._fragment(buffer, start, end)
            else:
                self._break()
        elif kind == _STAP_A:
            self._aggregate(buffer, start + 1, end)
        else:
            self._unit(buffer[start:end])
        if marker:
            self._end(units)

    def _fragment(self, buffer: bytes, start: int, end: int) -> None:
        """FU-A (RFC 6184 §5.8): indicator, header (start, end, type), a piece. Most packets come here."""
        header = buffer[start + 1]
        if header & 0x80:
            self._begin(buffer, start, header & 0x1F)
        elif self._fragment_at < 0:
            self._break()
            return
        parts = self._parts
        parts.append(buffer[start + 2 : end])
        self._fragment_size = size = self._fragment_size + end - start - 2
        if size > ACCESS_UNIT_LIMIT or len(parts) > PART_LIMIT:
            self._too_large()
        if header & 0x40:
            if header & 0x1F <= _SEI:
                self._end_fragment()
            else:
                self._unit(self._take_fragment())

    def _begin(self, buffer: bytes, start: int, kind: int) -> None:
        indicator = buffer[start]
        self._begin_fragment(_HEADERS[(indicator & 0xE0) | kind], (indicator, kind))
        if kind <= _IDR:
            self._slice(buffer[start + 2] >= 0x80, kind == _IDR)

    def _aggregate(self, buffer: bytes, at: int, end: int) -> None:
        """STAP-A (RFC 6184 §5.7.1): 16-bit size, NAL unit, and so on."""
        while at < end:
            stop = at + 2 + int.from_bytes(buffer[at : at + 2])
            if stop > end or stop < at + 3:
                self._break()
                return
            self._unit(buffer[at + 2 : stop])
            at = stop

    def _unit(self, unit: bytes) -> None:
        """One whole NAL unit, not empty."""
        kind = unit[0] & 0x1F
        if kind in (_NON_IDR, _IDR, _PARTITION_A):
            if len(unit) < 2:
                self._break()
                return
            self._slice(unit[1] >= 0x80, kind == _IDR)  # first_mb_in_slice == 0 is coded as one '1' bit
            self._add_unit(unit)
        elif kind in (_SPS, _PPS):
            self._add_parameter_set(unit)
        elif 0 < kind <= _SEI:
            self._add_unit(unit)
