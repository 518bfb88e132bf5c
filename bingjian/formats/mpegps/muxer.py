"""Access units to a program stream as GB/T 28181 annex C asks: a pack each, the map before key frames."""

from collections.abc import Sequence

from bingjian.formats import adts, nal
from bingjian.formats.access_unit import AccessUnit, AudioConfig, Codec, TrackConfig, VideoConfig
from bingjian.formats.mpegps import pes, program_map
from bingjian.formats.mpegps.syntax import (
    CLOCK_RATE,
    FIRST_SOUND,
    FIRST_VIDEO,
    PACK,
    START,
    SYSTEM,
    TIMESTAMP_BITS,
    StreamType,
)

MUX_RATE = 6250  # 50 bytes/s each: 2.5 Mbit/s. No receiver paces by it
SCR_LEAD_90K = CLOCK_RATE // 10  # bytes arrive this long before they are to be decoded
PACKET_LIMIT = 0xFFFF - 13  # bytes of data in one packet beside its header with PTS and DTS
TYPES = {
    Codec.H264: StreamType.H264,
    Codec.H265: StreamType.H265,
    Codec.AAC: StreamType.AAC,
    Codec.PCMA: StreamType.G711_A,
    Codec.PCMU: StreamType.G711_U,
}

_MASK = (1 << TIMESTAMP_BITS) - 1
_NAL_START = b"\0\0\0\1"


class Muxer:
    """The access units of one stream in, packs out. Holds nothing back."""

    def __init__(self, tracks: Sequence[TrackConfig]) -> None:
        """``tracks``: in the order that the units' numbers mean; at most 16 of video and 32 of sound."""
        self._tracks = list(tracks)
        self._ids = [
            (FIRST_VIDEO if isinstance(config, VideoConfig) else FIRST_SOUND) + number
            for config, number in zip(tracks, _numbers(tracks), strict=True)
        ]

    def pack(self, unit: AccessUnit, dts: int | None = None) -> bytes:
        """One access unit as one pack.

        Args:
            unit: its configuration, if it carries one, is in force from here on.
            dts: decode time in the clock rate of the track; None: that of presentation.

        Raises:
            FormatError: a sample of video that is no row of NAL units, or AAC that ADTS cannot say.
        """
        if unit.config is not None:
            self._tracks[unit.track] = unit.config
        config, stream_id = self._tracks[unit.track], self._ids[unit.track]
        pts_90k = unit.timestamp * CLOCK_RATE // config.clock_rate
        dts_90k = None if dts is None or dts == unit.timestamp else dts * CLOCK_RATE // config.clock_rate
        data = _stream_of(unit, config)
        pieces = [data[at : at + PACKET_LIMIT] for at in range(0, len(data), PACKET_LIMIT)]
        decode_90k = pts_90k if dts_90k is None else dts_90k
        key = unit.sync and isinstance(config, VideoConfig)
        return b"".join(
            [
                _pack_header(decode_90k - SCR_LEAD_90K),
                *([self._system_header(), self._map()] if key else []),
                pes.build(
                    stream_id, pieces[0], pts_90k & _MASK, None if dts_90k is None else dts_90k & _MASK
                ),
                *(pes.build(stream_id, piece) for piece in pieces[1:]),
            ]
        )

    def _map(self) -> bytes:
        return program_map.build(
            {id: TYPES[config.codec] for id, config in zip(self._ids, self._tracks, strict=True)}
        )

    def _system_header(self) -> bytes:
        """§2.5.3.5: rates and buffers; 512 KiB for each picture stream, 4 KiB for sound."""
        videos = sum(isinstance(config, VideoConfig) for config in self._tracks)
        fixed = (1 << 23 | MUX_RATE << 1 | 1).to_bytes(3)
        counts = bytes(((len(self._tracks) - videos) << 2, 0xE0 | videos, 0x7F))
        buffers = b"".join(
            bytes((stream_id,)) + (0xE000 | 512 if stream_id >= FIRST_VIDEO else 0xC000 | 32).to_bytes(2)
            for stream_id in self._ids
        )
        body = fixed + counts + buffers
        return START + bytes((SYSTEM,)) + len(body).to_bytes(2) + body


def _numbers(tracks: Sequence[TrackConfig]) -> list[int]:
    """Each track's number among those of its kind."""
    kinds = [isinstance(config, VideoConfig) for config in tracks]
    return [kinds[:at].count(kind) for at, kind in enumerate(kinds)]


def _stream_of(unit: AccessUnit, config: TrackConfig) -> bytes:
    """As an elementary stream carries it."""
    if isinstance(config, AudioConfig):
        return (
            adts.header(config.specific, len(unit.data)) + unit.data
            if config.codec is Codec.AAC
            else unit.data
        )
    units = [*(config.parameter_sets if unit.sync else ()), *nal.split(unit.data)]
    return b"".join(piece for each in units for piece in (_NAL_START, each))


def _pack_header(scr_90k: int) -> bytes:
    """§2.5.3.3, without stuffing; the extension of the clock reference is 0."""
    scr = scr_90k & _MASK
    high, middle, low = scr >> 30 & 7, scr >> 15 & 0x7FFF, scr & 0x7FFF
    word = 1 << 46 | high << 43 | 1 << 42 | middle << 27 | 1 << 26 | low << 11 | 1 << 10 | 1
    return START + bytes((PACK,)) + word.to_bytes(6) + (MUX_RATE << 2 | 3).to_bytes(3) + b"\xf8"
