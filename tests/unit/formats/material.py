"""What tests of formats are made of: parameter sets written bit by bit, and streams of real encoders."""

from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from itertools import pairwise

import av
import numpy as np

from bingjian.formats import aac, g711, h264, h265, mp4, nal
from bingjian.formats.access_unit import AudioConfig, Codec, TrackConfig, VideoConfig

EPOCH_SECONDS = 1_790_000_000  # 2026-09-21: where the tests' timelines begin
FRAME_90K = 3600  # 25 frames a second


class BitWriter:
    """Bits in, bytes out; the mirror image of ``BitReader``."""

    def __init__(self) -> None:
        self._bits = ""

    def bits(self, value: int, count: int) -> "BitWriter":
        self._bits += f"{value:0{count}b}" if count else ""
        return self

    def flag(self, value: bool) -> "BitWriter":
        return self.bits(int(value), 1)

    def golomb(self, *values: int) -> "BitWriter":
        for value in values:
            code = f"{value + 1:b}"
            self._bits += "0" * (len(code) - 1) + code
        return self

    def signed_golomb(self, value: int) -> "BitWriter":
        return self.golomb(2 * value - 1 if value > 0 else -2 * value)

    def plain(self) -> bytes:
        """Zero bits to the next byte."""
        padded = self._bits + "0" * (-len(self._bits) % 8)
        return bytes(int(padded[at : at + 8], 2) for at in range(0, len(padded), 8))

    def rbsp(self) -> bytes:
        """With the stop bit, and emulation prevention."""
        self._bits += "1"
        return escape(self.plain())


def escape(raw: bytes) -> bytes:
    """Emulation prevention, byte by byte as the specification words it."""
    escaped, zeros = bytearray(), 0
    for byte in raw:
        if zeros == 2 and byte <= 3:
            escaped.append(3)
            zeros = 0
        escaped.append(byte)
        zeros = zeros + 1 if byte == 0 else 0
    return bytes(escaped)


@dataclass(frozen=True)
class H264Sps:
    """Every choice in an SPS that the parser must follow."""

    id: int = 0
    profile: int = 100
    constraints: int = 0
    level: int = 40
    chroma: int = 1
    luma_bits: int = 8
    chroma_bits: int = 8
    scaling: tuple[int | None, ...] | None = None  # per list: the first difference, or None for absent
    order_type: int = 0
    cycle: tuple[int, ...] = ()
    wide: int = 120  # macroblocks
    high: int = 68  # map units
    frames_only: bool = True
    crop: tuple[int, int, int, int] | None = (0, 0, 0, 4)
    aspect: tuple[int, int] | int | None = None
    hrds: tuple[int, int] = (0, 0)  # schedules of the NAL and VCL HRD, 0 for none
    reorder: int | None = None
    vui: bool = True

    def unit(self) -> bytes:
        out = BitWriter().golomb(self.id)
        if self.profile in h264.HIGH_SYNTAX:
            self._write_high(out)
        out.golomb(4)  # log2_max_frame_num_minus4
        self._write_order(out)
        out.golomb(4).flag(False).golomb(self.wide - 1, self.high - 1).flag(self.frames_only)
        if not self.frames_only:
            out.flag(True)
        out.flag(True).flag(self.crop is not None)
        if self.crop is not None:
            out.golomb(*self.crop)
        out.flag(self.vui)
        if self.vui:
            self._write_vui(out)
        return bytes([0x67]) + escape(bytes([self.profile, self.constraints, self.level])) + out.rbsp()

    def _write_high(self, out: BitWriter) -> None:
        out.golomb(self.chroma)
        if self.chroma == 3:
            out.flag(False)
        out.golomb(self.luma_bits - 8, self.chroma_bits - 8).flag(False).flag(self.scaling is not None)
        if self.scaling is not None:
            for index in range(12 if self.chroma == 3 else 8):
                self._write_scaling_list(out, index)

    def _write_scaling_list(self, out: BitWriter, index: int) -> None:
        first = self.scaling[index % len(self.scaling)] if self.scaling else None
        out.flag(first is not None)
        if first is None:
            return
        out.signed_golomb(first)
        if (8 + first) % 256:
            for _ in range((16 if index < 6 else 64) - 1):
                out.signed_golomb(0)

    def _write_order(self, out: BitWriter) -> None:
        out.golomb(self.order_type)
        if self.order_type == 0:
            out.golomb(4)
        elif self.order_type == 1:
            out.flag(False).signed_golomb(-3).signed_golomb(5).golomb(len(self.cycle))
            for offset in self.cycle:
                out.signed_golomb(offset)

    def _write_vui(self, out: BitWriter) -> None:
        out.flag(self.aspect is not None)
        if isinstance(self.aspect, int):
            out.bits(self.aspect, 8)
        elif self.aspect is not None:
            out.bits(255, 8).bits(self.aspect[0], 16).bits(self.aspect[1], 16)
        out.flag(True).flag(True)  # overscan
        out.flag(True).bits(0b1010, 4).flag(True).bits(0x010101, 24)  # video signal
        out.flag(True).golomb(1, 2)  # chroma location
        out.flag(True).bits(1, 32).bits(50, 32).flag(True)  # timing
        for schedules in self.hrds:
            out.flag(schedules > 0)
            if schedules:
                out.golomb(schedules - 1).bits(0x44, 8)
                for number in range(schedules):
                    out.golomb(1000 + number, 2000).flag(False)
                out.bits(0xABCDE, 20)
        if any(self.hrds):
            out.flag(False)
        out.flag(False)  # pic_struct_present_flag
        out.flag(self.reorder is not None)
        if self.reorder is not None:
            out.flag(True).golomb(2, 1, 11, 11, self.reorder, 16)


def h264_pps(id: int = 0, sps: int = 0) -> bytes:
    return bytes([0x68]) + BitWriter().golomb(id, sps).flag(True).flag(False).golomb(0, 0, 0).rbsp()


@dataclass(frozen=True)
class H265Sps:
    """Every choice in an SPS that the parser must follow."""

    id: int = 0
    general: bytes = bytes.fromhex("016000000090000000000078")  # Main profile, level 4
    sub_layers: int = 1
    present: tuple[tuple[bool, bool], ...] = ()  # per lower sub-layer: profile, level
    chroma: int = 1
    width: int = 1920
    height: int = 1088
    window: tuple[int, int, int, int] | None = (0, 0, 0, 4)
    luma_bits: int = 8
    chroma_bits: int = 8
    reorders: tuple[int, ...] = (2,)  # one for all sub-layers, or one each
    layer: int = 0
    more: bytes = field(default=b"\x55\xaa", repr=False)  # syntax that the parser leaves alone

    def unit(self) -> bytes:
        out = BitWriter().bits(0, 4).bits(self.sub_layers - 1, 3).flag(True)
        out.bits(int.from_bytes(self.general), 96)
        if self.sub_layers > 1:
            self._write_sub_layers(out)
        out.golomb(self.id, self.chroma)
        if self.chroma == 3:
            out.flag(False)
        out.golomb(self.width, self.height).flag(self.window is not None)
        if self.window is not None:
            out.golomb(*self.window)
        out.golomb(self.luma_bits - 8, self.chroma_bits - 8, 4)
        out.flag(len(self.reorders) == self.sub_layers)
        for reorder in self.reorders:
            out.golomb(5, reorder, 0)
        out.bits(int.from_bytes(self.more), 8 * len(self.more))
        return h265_header(h265.SPS, self.layer) + out.rbsp()

    def _write_sub_layers(self, out: BitWriter) -> None:
        for profile, level in self.present:
            out.flag(profile).flag(level)
        out.bits(0, 2 * (9 - self.sub_layers))
        for profile, level in self.present:
            out.bits(0, 88 * profile).bits(0, 8 * level)


def h265_header(kind: int, layer: int = 0) -> bytes:
    return bytes([kind << 1 | layer >> 5, (layer & 31) << 3 | 1])


def h265_vps(id: int = 0, layer: int = 0) -> bytes:
    return h265_header(h265.VPS, layer) + BitWriter().bits(id, 4).bits(0xFFFFF, 20).rbsp()


def h265_pps(id: int = 0, sps: int = 0, layer: int = 0) -> bytes:
    return h265_header(h265.PPS, layer) + BitWriter().golomb(id, sps).bits(0, 7).rbsp()


def sound_specific(kind: int = 2, rate_index: int = 8, channels: int = 1, short: bool = False) -> bytes:
    """An AudioSpecificConfig of the plain form; rate index 8 is 16 kHz."""
    return BitWriter().bits(kind, 5).bits(rate_index, 4).bits(channels, 4).flag(short).bits(0, 2).plain()


# --- Streams of real encoders ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stream:
    """One encoded track: its configuration and samples on the UTC timeline, as track 0."""

    config: TrackConfig
    samples: tuple[mp4.Sample, ...]

    @property
    def reordering(self) -> int:
        """The most samples that precede one in decoding order and follow it in presentation order."""
        times = [sample.pts for sample in self.samples]
        return max(sum(earlier > time for earlier in times[:n]) for n, time in enumerate(times))

    def as_track(self, track: int) -> list[mp4.Sample]:
        return [sample._replace(track=track) for sample in self.samples]


@cache
def encoded_video(
    encoder: str, options: str = "", width: int = 320, height: int = 240, frames: int = 50
) -> Stream:
    """A moving pattern at 25 frames a second from libx264 or libx265; ``options`` as ``key=value,…``."""
    context = av.CodecContext.create(encoder, "w")
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    context.time_base = Fraction(1, 25)
    context.framerate = Fraction(25)
    context.options = dict(pair.split("=", 1) for pair in options.split(",") if pair)
    packets = [packet for n in range(frames) for packet in context.encode(_picture(n, width, height))]
    packets += context.encode(None)
    codec = h264 if encoder == "libx264" else h265
    units = [list(nal.split_start_codes(bytes(packet))) for packet in packets]
    config = codec.config_from(units[0])
    shift = min(packet.dts for packet in packets)
    samples = [
        mp4.Sample(
            track=0,
            pts=EPOCH_SECONDS * 90_000 + (packet.pts - shift) * FRAME_90K,
            dts=EPOCH_SECONDS * 90_000 + (packet.dts - shift) * FRAME_90K,
            duration=FRAME_90K,
            data=nal.join(unit for unit in unit_list if not codec.is_parameter_set(unit)),
            sync=packet.is_keyframe,
            damaged=False,
        )
        for packet, unit_list in zip(packets, units, strict=True)
    ]
    return Stream(config, _with_exact_durations(samples))


def _picture(number: int, width: int, height: int) -> av.VideoFrame:
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, :, 1] = np.arange(width, dtype=np.uint16) % 256
    pixels[number % height :, : width // 2] = number * 5 % 256
    frame = av.VideoFrame.from_ndarray(pixels, "rgb24")
    frame.pts, frame.time_base = number, Fraction(1, 25)
    return frame


def _with_exact_durations(samples: list[mp4.Sample]) -> tuple[mp4.Sample, ...]:
    exact = [sample._replace(duration=after.dts - sample.dts) for sample, after in pairwise(samples)]
    return (*exact, samples[-1])


@cache
def encoded_aac(rate: int = 16_000, channels: int = 1, seconds: int = 2) -> Stream:
    """A tone from FFmpeg's AAC encoder."""
    context = av.CodecContext.create("aac", "w")
    context.sample_rate, context.layout = rate, "mono" if channels == 1 else "stereo"
    context.format, context.bit_rate = "fltp", 64_000
    time = np.arange(1024 * channels).reshape(channels, 1024) / rate
    packets = []
    for number in range(rate * seconds // 1024):
        frame = av.AudioFrame.from_ndarray(
            (np.sin(2 * np.pi * 440 * time) / 4).astype(np.float32), "fltp", context.layout.name
        )
        frame.sample_rate, frame.pts, frame.time_base = rate, number * 1024, Fraction(1, rate)
        packets += context.encode(frame)
    config = aac.config_from(bytes(context.extradata))
    return Stream(config, tuple(sound_samples(config, [bytes(packet) for packet in packets])))


@cache
def coded_g711(codec: Codec = Codec.PCMA, seconds: int = 2) -> Stream:
    """A saw tooth in packets of 20 ms, as cameras send them."""
    config = g711.config_from(codec)
    payload = bytes(range(160))
    return Stream(config, tuple(sound_samples(config, [payload] * (50 * seconds))))


def sound_samples(config: AudioConfig, frames: list[bytes]) -> list[mp4.Sample]:
    samples, at = [], EPOCH_SECONDS * config.clock_rate
    for data in frames:
        duration = config.samples_per_unit if config.codec is Codec.AAC else len(data)
        samples.append(mp4.Sample(0, at, at, duration, data, True, False))
        at += duration
    return samples


def movie(streams: list[Stream], *, identity: bytes = b"", hide_g711: bool = False) -> bytes:
    """A file of these streams in fragments of one second."""
    tracks = [stream.config for stream in streams]
    pieces = [mp4.init_segment(tracks, identity=identity, hide_g711=hide_g711)]
    samples = [sample for track, stream in enumerate(streams) for sample in stream.as_track(track)]
    by_second: dict[int, list[mp4.Sample]] = {}
    for sample in samples:
        by_second.setdefault(sample.dts // tracks[sample.track].clock_rate, []).append(sample)
    for sequence, second in enumerate(sorted(by_second), 1):
        pieces += mp4.fragment(sequence, by_second[second])
    return b"".join(pieces)


def video_config() -> VideoConfig:
    """A camera's usual H.264, without an encoder."""
    return h264.config_from([H264Sps().unit(), h264_pps()])
