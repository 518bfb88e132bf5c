"""The common currency of the media path: track configurations and access units.

Sources (RTSP, later GB/T 28181) produce them, the hub puts them on the UTC timeline, the segment writer and
the live viewers take the very same ``bytes``.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

VIDEO_CLOCK_RATE = 90_000  # RFC 6184 §8.2.1, RFC 7798 §7.1


class FormatError(Exception):
    """Bytes that do not follow their specification; carries one plain sentence.

    The only exception (with its subclasses) that leaves ``bingjian.formats``.
    """


class Codec(StrEnum):
    """The codecs we store as they come. Everything else is refused with ``codec_not_accepted``."""

    H264 = "h264"
    H265 = "h265"
    AAC = "aac"
    PCMA = "pcma"
    PCMU = "pcmu"


@dataclass(frozen=True, slots=True)
class VideoConfig:
    """What a decoder must know of a video track.

    Equal configurations share a segment; a change opens a new one.
    """

    codec: Codec
    parameter_sets: tuple[bytes, ...]  # NAL units without start code or length: (VPS,) SPS…, PPS…
    width: int  # pixels, after cropping
    height: int
    reorder_frames: int  # pictures that may precede one in decoding order and follow it in output order
    codec_string: str  # RFC 6381: "avc1.64001f", "hvc1.1.6.L93.B0"
    clock_rate: int = VIDEO_CLOCK_RATE


@dataclass(frozen=True, slots=True)
class AudioConfig:
    """What a decoder must know of an audio track."""

    codec: Codec
    clock_rate: int  # RTP clock = sampling rate, Hz
    channels: int
    specific: bytes  # AAC: AudioSpecificConfig (ISO/IEC 14496-3); G.711: empty
    codec_string: str  # "mp4a.40.2", "alaw", "ulaw"
    samples_per_unit: int  # AAC: 1024 (or 960); G.711: 1


TrackConfig = VideoConfig | AudioConfig


class AccessUnit(NamedTuple):
    """One picture, or one run of sound, of one track, as received.

    A named tuple because one is made for every picture of every camera.
    """

    track: int  # index into the stream's track list
    # RTP timestamp in the track's clock rate, unwrapped to never repeat (may step back with B-frames)
    timestamp: int
    data: bytes  # ready for `mdat`: NAL units each with a 4-byte length; AAC raw frame; G.711 samples
    sync: bool  # video: decoding can start here (IDR; H.265 IRAP); sound: always true
    damaged: bool = False  # packets of it, or before it in this GOP, were lost
    config: TrackConfig | None = (
        None  # set when the configuration differs from the one in force before this unit
    )
