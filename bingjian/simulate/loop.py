"""Loops of footage as RTP packets, made once and shared by all cameras that play them.

A loop is cut into bursts: one picture, or one run of sound, as the bytes of all its packets with their
interleaved headers in place (RFC 2326 §10.12). To send one, a camera copies it and writes its own channel,
sequence number, timestamp and SSRC into each header: a few hundred nanoseconds a packet.
"""

import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import av
from av.video.stream import VideoStream

from bingjian.formats import h264, h265, nal
from bingjian.formats.access_unit import VIDEO_CLOCK_RATE, Codec
from bingjian.protocols import sdp
from bingjian.simulate.footage import Footage, LoopName
from bingjian.simulate.stage import FRAME_RATE, LOOP_SECONDS

LOOP_NS = LOOP_SECONDS * 1_000_000_000
FRAME_NS = 1_000_000_000 // FRAME_RATE
FRAME_TICKS = VIDEO_CLOCK_RATE // FRAME_RATE
PAYLOAD_LIMIT = 1400  # bytes of RTP payload: with all headers below Ethernet's 1500
VIDEO_TYPE, AAC_TYPE, G711_TYPE = 96, 97, 8  # RTP payload types (8: RFC 3551 table 4)
G711_SAMPLES = 320  # in one packet: 40 ms
FRAME_HEADER, RTP_HEADER = 4, 12  # bytes

_HEADERS = struct.Struct(
    ">BBHBBHII"
)  # '$', channel, length; version, marker and type, sequence, timestamp, SSRC
_PATCH = struct.Struct(">HII")  # sequence, timestamp, SSRC


Indicator = Callable[[bytes], tuple[bytes, int]]  # NAL header → payload header of its fragments, NAL type


class Burst(NamedTuple):
    """The packets of one picture or run of sound."""

    track: int  # 0: pictures, 1: sound
    due_ns: int  # since the start of the loop
    timestamp: (
        int  # RTP clock ticks since the start of the loop; runs ahead of ``due_ns`` where pictures reorder
    )
    packets: bytes  # as they go over TCP; channel, sequence, timestamp and SSRC are zero
    starts: tuple[int, ...]  # where each packet's interleaved header begins
    payload_bytes: int  # without any header
    key: bool  # decoding can start here


@dataclass(frozen=True, slots=True)
class Track:
    """One medium of a loop."""

    clock_rate: int
    media: sdp.Media
    bursts: tuple[Burst, ...]


@dataclass(frozen=True, slots=True)
class Programme:
    """What a camera plays: its tracks, and all their bursts in the order they are due."""

    tracks: tuple[Track, ...]
    bursts: tuple[Burst, ...]

    @classmethod
    def of(cls, *tracks: Track) -> "Programme":
        bursts = sorted((burst for track in tracks for burst in track.bursts), key=lambda burst: burst.due_ns)
        return cls(tracks, tuple(bursts))

    def next_key(self, after_ns: int) -> tuple[int, int]:
        """(round, index) of the first key picture due ``after_ns`` or more after the first round's start."""
        rounds, within = divmod(after_ns, LOOP_NS)
        keys = [
            (burst.due_ns, index) for index, burst in enumerate(self.bursts) if burst.key and not burst.track
        ]
        later = [index for due, index in keys if due >= within]
        return (rounds, later[0]) if later else (rounds + 1, keys[0][1])


def patched(burst: Burst, channel: int, sequence: int, timestamp: int, ssrc: int) -> bytearray:
    """The burst as one camera sends it. ``sequence`` is that of the first packet."""
    out = bytearray(burst.packets)
    pack, timestamp = _PATCH.pack_into, timestamp & 0xFFFFFFFF
    for start in burst.starts:
        out[start + 1] = channel
        pack(out, start + FRAME_HEADER + 2, sequence & 0xFFFF, timestamp, ssrc)
        sequence += 1
    return out


def burst_of(
    track: int,
    payload_type: int,
    payloads: Sequence[bytes],
    *,
    due_ns: int = 0,
    timestamp: int = 0,
    key: bool = True,
) -> Burst:
    """Put headers before payloads; the last packet carries the marker bit."""
    parts, starts, at = [], [], 0
    for number, payload in enumerate(payloads, 1):
        marker = 0x80 if number == len(payloads) else 0
        length = RTP_HEADER + len(payload)
        parts += [_HEADERS.pack(0x24, 0, length, 0x80, marker | payload_type, 0, 0, 0), payload]
        starts.append(at)
        at += FRAME_HEADER + length
    size = sum(map(len, payloads))
    return Burst(track, due_ns, timestamp, b"".join(parts), tuple(starts), size, key)


# ------------------------------------------------------------------------------------------------------------
# Payload formats


def h264_payloads(units: Iterable[bytes]) -> list[bytes]:
    """NAL units one to a packet, large ones in fragments FU-A (RFC 6184 §5.6, 5.8)."""
    return [payload for unit in units for payload in _fragments(unit, 1, _fu_a)]


def h265_payloads(units: Iterable[bytes]) -> list[bytes]:
    """The same for H.265 (RFC 7798 §4.4.1, 4.4.3)."""
    return [payload for unit in units for payload in _fragments(unit, 2, _fu)]


def _fu_a(header: bytes) -> tuple[bytes, int]:
    return bytes([header[0] & 0xE0 | 28]), header[0] & 0x1F


def _fu(header: bytes) -> tuple[bytes, int]:
    return bytes([header[0] & 0x81 | 49 << 1, header[1]]), header[0] >> 1 & 0x3F


def _fragments(unit: bytes, header_bytes: int, indicator_of: Indicator) -> list[bytes]:
    if len(unit) <= PAYLOAD_LIMIT:
        return [unit]
    indicator, kind = indicator_of(unit[:header_bytes])
    room = PAYLOAD_LIMIT - len(indicator) - 1
    cuts = range(header_bytes, len(unit), room)
    return [
        indicator
        + bytes([(0x80 if at == cuts[0] else 0) | (0x40 if at == cuts[-1] else 0) | kind])
        + unit[at : at + room]
        for at in cuts
    ]


def aac_payload(frame: bytes) -> bytes:
    """One AAC frame with its AU header: 13 bits of size, 3 of index (RFC 3640 §3.3.6)."""
    return b"\x00\x10" + (len(frame) << 3).to_bytes(2) + frame


# ------------------------------------------------------------------------------------------------------------
# Tracks from the cache


def load(footage: Footage, name: LoopName) -> Track:
    """Read one prepared loop."""
    if name is LoopName.G711:
        return g711_track(footage.path(name).read_bytes())
    if name is LoopName.AAC:
        return aac_track(footage.path(name))
    return video_track(footage.path(name), Codec.H265 if name is LoopName.H265 else Codec.H264)


def video_track(path: Path, codec: Codec) -> Track:
    """Pictures are due every 40 ms in the order of decoding; parameter sets go before every key picture.

    Where pictures reorder all are due later, so that none is sent before its own instant.
    """
    form = VideoForm(codec, ())
    bursts: list[Burst] = []
    with av.open(str(path)) as film:
        stream = film.streams.video[0]
        form = VideoForm(codec, parameter_sets(codec, stream.codec_context.extradata or b""))
        packets = [packet for packet in film.demux(stream) if packet.size]  # an empty one ends the film
    ticks = [_ticks(packet) - _ticks(packets[0]) for packet in packets]
    lead = max(at - number * FRAME_TICKS for number, at in enumerate(ticks))
    for number, (packet, instant) in enumerate(zip(packets, ticks, strict=True)):
        due_ns = number * FRAME_NS + lead * 1_000_000_000 // VIDEO_CLOCK_RATE
        units = nal.split(bytes(packet))
        bursts.append(form.burst(units, packet.is_keyframe, due_ns=due_ns, timestamp=instant))
    return Track(VIDEO_CLOCK_RATE, form.media, tuple(bursts))


def _ticks(packet: "av.Packet[VideoStream]") -> int:
    assert packet.pts is not None
    assert packet.time_base is not None
    return round(packet.pts * packet.time_base * VIDEO_CLOCK_RATE)


def parameter_sets(codec: Codec, record: bytes) -> tuple[bytes, ...]:
    """From an encoder's or a film's decoder configuration: avcC or hvcC box contents, or start codes."""
    units: Iterable[bytes]
    if record.startswith((b"\x00\x00\x01", b"\x00\x00\x00\x01")):
        units = nal.split_start_codes(record)
    else:
        units = (h265 if codec is Codec.H265 else h264).parameter_sets_of(record)
    return tuple(unit for unit in units if _is_parameter_set(codec, unit))


def _is_parameter_set(codec: Codec, unit: bytes) -> bool:
    return h265.is_parameter_set(unit) if codec is Codec.H265 else h264.is_parameter_set(unit)


@dataclass(frozen=True, slots=True)
class VideoForm:
    """How one video track is announced and packed."""

    codec: Codec
    parameter_sets: tuple[bytes, ...]

    @property
    def media(self) -> sdp.Media:
        form = sdp.Format(VIDEO_TYPE, self.codec.upper(), VIDEO_CLOCK_RATE, 1, self._parameters())
        return sdp.Media("video", (form,), "trackID=0", frame_rate=FRAME_RATE)

    def _parameters(self) -> dict[str, str]:
        if self.codec is Codec.H265:
            names = {32: "sprop-vps", 33: "sprop-sps", 34: "sprop-pps"}
            return {names[unit[0] >> 1 & 0x3F]: sdp.sprop([unit]) for unit in self.parameter_sets}
        profile = self.parameter_sets[0][1:4].hex().upper()
        sets = sdp.sprop(self.parameter_sets)
        return {"packetization-mode": "1", "profile-level-id": profile, "sprop-parameter-sets": sets}

    def burst(self, units: Iterable[bytes], key: bool, *, due_ns: int = 0, timestamp: int = 0) -> Burst:
        own = [unit for unit in units if not _is_parameter_set(self.codec, unit)]
        payloads_of = h265_payloads if self.codec is Codec.H265 else h264_payloads
        payloads = payloads_of([*self.parameter_sets, *own] if key else own)
        return burst_of(0, VIDEO_TYPE, payloads, due_ns=due_ns, timestamp=timestamp, key=key)


def aac_track(path: Path) -> Track:
    with av.open(str(path)) as film:
        stream = film.streams.audio[0]
        rate, specific = stream.codec_context.sample_rate, stream.codec_context.extradata or b""
        frames = [bytes(packet) for packet in film.demux(stream) if packet.size]
    parameters = {
        "streamtype": "5",
        "profile-level-id": "1",
        "mode": "AAC-hbr",
        "sizelength": "13",
        "indexlength": "3",
        "indexdeltalength": "3",
        "config": specific.hex(),
    }
    form = sdp.Format(AAC_TYPE, "MPEG4-GENERIC", rate, 1, parameters)
    bursts = [
        burst_of(
            1,
            AAC_TYPE,
            [aac_payload(frame)],
            due_ns=number * 1024 * 1_000_000_000 // rate,
            timestamp=number * 1024,
        )
        for number, frame in enumerate(frames)
    ]
    return Track(rate, sdp.Media("audio", (form,), "trackID=1"), tuple(bursts))


def g711_track(samples: bytes) -> Track:
    bursts = [
        burst_of(1, G711_TYPE, [samples[at : at + G711_SAMPLES]], due_ns=at * 125_000, timestamp=at)
        for at in range(0, len(samples), G711_SAMPLES)
    ]
    form = sdp.Format(G711_TYPE, "PCMA", 8000, 1)
    return Track(8000, sdp.Media("audio", (form,), "trackID=1"), tuple(bursts))
