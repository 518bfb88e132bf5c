"""From NAL units to access units: what H.264 and H.265 over RTP share (RFC 6184, RFC 7798).

An access unit ends at the marker bit or where the timestamp changes. A camera that sets the marker on every
slice is noticed by the slice that follows, and from then on only its timestamps are believed. If one of its
own packets is missing the access unit is dropped; those after it are kept, marked damaged, until decoding can
start afresh. What comes before the first unit where decoding can start is dropped too.

Samples hold NAL units with a 4-byte length (ISO/IEC 14496-15). Parameter sets are taken out of them: into the
track's configuration, which changes only at a unit where decoding can start.
"""

import struct
from itertools import islice
from typing import ClassVar

from bingjian.formats.access_unit import AccessUnit, VideoConfig
from bingjian.formats.in_band import COUNT_LIMIT, SIZE_LIMIT, ConfigFrom, InBandSets
from bingjian.protocols.depacketize.base import ACCESS_UNIT_LIMIT, PART_LIMIT, Frames
from bingjian.protocols.errors import PeerError

_pack_length = struct.Struct(">I").pack
PLAIN_RTP = 0x80  # version 2; no padding, extension, CSRC
_NEVER = -(1 << 62)  # a timestamp that no packet has


class NalUnits:
    """Collects the NAL units of one access unit at a time. ``h264`` and ``h265`` feed it."""

    PIECE: ClassVar[struct.Struct]  # RTP header without CSRC, FU indicator, FU header

    __slots__ = (
        "_broken",
        "_damaged",
        "_fragment_at",
        "_fragment_header",
        "_fragment_size",
        "_last_timestamp",
        "_lossy",
        "_marker_trusted",
        "_parts",
        "_piece",
        "_seen",
        "_sets",
        "_size",
        "_started",
        "_sync",
        "_timestamp",
        "_track",
        "_vcl",
    )

    def __init__(self, track: int, parameter_sets: tuple[bytes, ...], config_from: ConfigFrom) -> None:
        self._track = track
        self._sets = InBandSets(config_from, parameter_sets)
        self._parts: list[bytes] = []
        self._seen: list[bytes] = []  # parameter sets of the open access unit
        self._size = 0  # bytes in parts
        self._timestamp = _NEVER  # of the open access unit
        self._last_timestamp = _NEVER  # of the access unit ended last by a marker
        self._vcl = self._sync = self._broken = False
        self._lossy = False  # packets are missing before the next payload
        self._damaged = False  # since the last sync unit
        self._started = False  # a sync unit has been given out
        self._marker_trusted = True
        self._fragment_at = -1  # index in parts of the open fragmented NAL unit's head
        self._fragment_size = 0
        self._fragment_header = b""
        self._piece = (0, 0)  # FU indicator and header of its middle pieces

    @property
    def config(self) -> VideoConfig | None:
        """See ``base.Depacketizer``."""
        return self._sets.config

    @property
    def fault(self) -> str:
        """Why the last parameter sets were not accepted, empty if they were."""
        return self._sets.fault

    def follow(self, frames: Frames, at: int, payload_type: int, sequence: int, stamp: int, ssrc: int) -> int:
        """See ``base.Depacketizer``. A third of a microsecond a packet: one unpacking, one comparison."""
        if self._fragment_at < 0:
            return 0
        buffer, bounds = frames
        unpack, header = self.PIECE.unpack_from, self.PIECE.size
        indicator, kind = self._piece
        parts, size, taken = self._parts, self._fragment_size, 0
        for start, end in islice(bounds, at, None):
            if end - start <= header:
                break
            if unpack(buffer, start) != (PLAIN_RTP, payload_type, sequence, stamp, ssrc, indicator, kind):
                break
            parts.append(buffer[start + header : end])
            size += end - start - header
            sequence = (sequence + 1) & 0xFFFF
            taken += 1
        self._fragment_size = size
        if size > ACCESS_UNIT_LIMIT or len(parts) > PART_LIMIT:
            self._too_large()
        return taken

    def lose(self, timestamp: int) -> None:
        """See ``base.Depacketizer``."""
        self._lossy = self._damaged = True
        if self._vcl or self._fragment_at >= 0:
            self._broken = True

    # --- what h264 and h265 call -------------------------------------------------------------------------

    def _turn(self, timestamp: int, units: list[AccessUnit]) -> None:
        """The timestamp changed: the open access unit is over, marker or not."""
        if self._vcl or self._fragment_at >= 0 or self._broken:
            self._finish(units)
        self._timestamp = timestamp  # parameter sets and SEI sent ahead with their own timestamp are kept

    def _end(self, units: list[AccessUnit]) -> None:
        """The marker bit was set."""
        if self._marker_trusted and (self._vcl or self._broken):
            self._last_timestamp = self._timestamp
            self._finish(units)

    def _slice(self, first: bool, sync: bool) -> None:
        """A slice begins; ``first``: of its picture. Called before its bytes are added."""
        if not (first or self._vcl):
            if self._timestamp == self._last_timestamp and not self._lossy:
                self._marker_trusted = False
            self._damaged = self._broken = True
        self._lossy = False
        self._vcl = True
        self._sync = self._sync or sync

    def _add_unit(self, unit: bytes) -> None:
        """A whole NAL unit that belongs into the sample."""
        parts, size = self._parts, len(unit)
        parts += (_pack_length(size), unit)
        self._size += size + 4
        if self._size > ACCESS_UNIT_LIMIT or len(parts) > PART_LIMIT:
            self._too_large()

    def _begin_fragment(self, header: bytes, piece: tuple[int, int]) -> None:
        """The first piece of a fragmented NAL unit comes; its length is known only at the last."""
        if self._fragment_at >= 0:  # the one before never ended
            self._break()
        self._fragment_at = len(self._parts)
        self._fragment_header, self._piece = header, piece
        self._fragment_size = len(header)
        self._parts.append(b"")  # place of the length and header

    def _end_fragment(self) -> None:
        """The fragmented NAL unit is whole and belongs into the sample."""
        size = self._fragment_size
        self._parts[self._fragment_at] = _pack_length(size) + self._fragment_header
        self._size += size + 4
        self._fragment_at = -1
        if self._size > ACCESS_UNIT_LIMIT:
            self._too_large()

    def _take_fragment(self) -> bytes:
        """The fragmented NAL unit is whole but does not belong into the sample: take it out."""
        at, self._fragment_at = self._fragment_at, -1
        unit = self._fragment_header + b"".join(self._parts[at:])
        del self._parts[at:]
        return unit

    def _add_parameter_set(self, unit: bytes) -> None:
        if len(self._seen) < COUNT_LIMIT and len(unit) <= SIZE_LIMIT:
            self._seen.append(unit)

    def _break(self) -> None:
        """The open access unit cannot be whole."""
        self._broken = self._damaged = True
        self._fragment_at = -1

    def _too_large(self) -> None:
        raise PeerError(f"the camera sends a picture larger than {ACCESS_UNIT_LIMIT} bytes")

    # --- inside ------------------------------------------------------------------------------------------

    def _finish(self, units: list[AccessUnit]) -> None:
        """The open access unit is over: give it out, unless pieces are missing or it comes too early."""
        if self._fragment_at >= 0:
            self._break()
        if self._seen:
            self._note_parameter_sets()
        if not self._broken:
            if self._sync:
                self._emit_sync(units)
            elif self._started:
                data = b"".join(self._parts)
                units.append(AccessUnit(self._track, self._timestamp, data, False, self._damaged))
        self._parts = []
        self._size = 0
        self._vcl = self._sync = self._broken = False

    def _emit_sync(self, units: list[AccessUnit]) -> None:
        changed = self._sets.take()
        if self._sets.config is None:
            return
        self._started, self._damaged = True, False
        data = b"".join(self._parts)
        units.append(AccessUnit(self._track, self._timestamp, data, True, False, changed))

    def _note_parameter_sets(self) -> None:
        """Those seen in-band; nothing happens while they repeat the ones in force.

        New ones before a picture that needs its predecessors stay in its sample too, so that a decoder has
        them before the configuration changes.
        """
        seen, self._seen = list(dict.fromkeys(self._seen)), []
        if self._sets.note(seen) and not self._sync:
            self._parts[:0] = [_pack_length(len(unit)) + unit for unit in seen]
