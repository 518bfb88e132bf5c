"""H.265 over RTP (RFC 7798): single NAL units, AP, FU; in decoding order (sprop-max-don-diff = 0)."""

import struct

from bingjian.formats.access_unit import AccessUnit
from bingjian.formats.h265 import config_from
from bingjian.protocols.depacketize.base import ACCESS_UNIT_LIMIT, PART_LIMIT
from bingjian.protocols.depacketize.nal_units import NalUnits

# ITU-T H.265 table 7-1, RFC 7798 §4.4
_LAST_SLICE, _FIRST_IRAP, _LAST_IRAP = 31, 16, 23
_VPS, _SPS, _PPS, _PREFIX_SEI, _SUFFIX_SEI = 32, 33, 34, 39, 40
_AP, _FU = 48, 49


class H265(NalUnits):
    """See ``base.Depacketizer``. What no sample needs (delimiters, filler, PACI) is left out."""

    PIECE = struct.Struct(">BBHIIHB")
    __slots__ = ()

    def __init__(self, track: int, parameter_sets: tuple[bytes, ...] = ()) -> None:
        super().__init__(track, parameter_sets, config_from)

    def add(
        self, buffer: bytes, start: int, end: int, timestamp: int, marker: int, units: list[AccessUnit]
    ) -> None:
        if timestamp != self._timestamp:
            self._turn(timestamp, units)
        if end - start < 2:
            return  # empty packets keep network address translations open
        kind = (buffer[start] >> 1) & 0x3F
        if kind == _FU:
            if end - start > 3:
                self._fragment(buffer, start, end)
            else:
                self._break()
        elif kind == _AP:
            self._aggregate(buffer, start + 2, end)
        else:
            self._unit(buffer[start:end])
        if marker:
            self._end(units)

    def _fragment(self, buffer: bytes, start: int, end: int) -> None:
        """FU (RFC 7798 §4.4.3): payload header, FU header (start, end, type), a piece."""
        header = buffer[start + 2]
        if header & 0x80:
            self._begin(buffer, start, header & 0x3F)
        elif self._fragment_at < 0:
            self._break()
            return
        parts = self._parts
        parts.append(buffer[start + 3 : end])
        self._fragment_size = size = self._fragment_size + end - start - 3
        if size > ACCESS_UNIT_LIMIT or len(parts) > PART_LIMIT:
            self._too_large()
        if header & 0x40:
            if header & 0x3F <= _LAST_SLICE:
                self._end_fragment()
            else:
                self._unit(self._take_fragment())

    def _begin(self, buffer: bytes, start: int, kind: int) -> None:
        first, second = buffer[start], buffer[start + 1]
        self._begin_fragment(bytes(((first & 0x81) | kind << 1, second)), (first << 8 | second, kind))
        if kind <= _LAST_SLICE:
            self._slice(buffer[start + 3] >= 0x80, _FIRST_IRAP <= kind <= _LAST_IRAP)

    def _aggregate(self, buffer: bytes, at: int, end: int) -> None:
        """AP (RFC 7798 §4.4.2): 16-bit size, NAL unit, and so on."""
        while at < end:
            stop = at + 2 + int.from_bytes(buffer[at : at + 2])
            if stop > end or stop < at + 4:
                self._break()
                return
            self._unit(buffer[at + 2 : stop])
            at = stop

    def _unit(self, unit: bytes) -> None:
        """One whole NAL unit of at least its header."""
        kind = (unit[0] >> 1) & 0x3F
        if kind <= _LAST_SLICE:
            if len(unit) < 3:
                self._break()
                return
            self._slice(unit[2] >= 0x80, _FIRST_IRAP <= kind <= _LAST_IRAP)
            self._add_unit(unit)
        elif kind in (_VPS, _SPS, _PPS):
            self._add_parameter_set(unit)
        elif kind in (_PREFIX_SEI, _SUFFIX_SEI):
            self._add_unit(unit)
