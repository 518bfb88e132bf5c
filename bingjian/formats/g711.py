"""G.711 (Rec. ITU-T G.711): 8-bit logarithmic sound, one byte per sample and channel; A-law and µ-law."""

from functools import cache

from bingjian.formats.access_unit import AudioConfig, Codec, FormatError

DEFAULT_RATE = 8000  # RFC 3551 §4.5.14; some cameras sample faster and say so in SDP
MAX_RATE = 48_000
MAX_CHANNELS = 8
CODEC_STRINGS = {Codec.PCMA: "alaw", Codec.PCMU: "ulaw"}


def config_from(codec: Codec, clock_rate: int = DEFAULT_RATE, channels: int = 1) -> AudioConfig:
    """The configuration of a G.711 track; raises FormatError for another codec or an impossible rate."""
    if codec not in CODEC_STRINGS:
        raise FormatError(f"{codec} is not G.711")
    if not (0 < clock_rate <= MAX_RATE and 0 < channels <= MAX_CHANNELS):
        raise FormatError(f"G.711 with {channels} channels at {clock_rate} Hz")
    return AudioConfig(codec, clock_rate, channels, b"", CODEC_STRINGS[codec], samples_per_unit=1)


def encoded(codec: Codec, pcm: bytes) -> bytes:
    """Linear sound as G.711.

    Args:
        pcm: 16-bit samples of one channel, little-endian; an odd byte at the end is left out.
    """
    table = _table(codec)
    return bytes(table[low | high << 8] for low, high in zip(pcm[::2], pcm[1::2], strict=False))


@cache
def _table(codec: Codec) -> bytes:
    """The code of each 16-bit pattern: 64 KiB, so that a sample costs one look."""
    code = {Codec.PCMA: _a_law, Codec.PCMU: _mu_law}[codec]
    return bytes(code(pattern - 0x10000 if pattern & 0x8000 else pattern) for pattern in range(0x10000))


def _a_law(sample: int) -> int:
    """Rec. G.711, table 1: 13 bits, every other bit of the code inverted."""
    sign, size = (0x80, sample >> 3) if sample >= 0 else (0, ~(sample >> 3))
    segment = max(0, size.bit_length() - 5)
    steps = size >> (segment if segment > 1 else 1)
    return (sign | segment << 4 | steps & 0x0F) ^ 0x55


MU_BIAS, MU_CLIP = 33, 8158  # of 14 bits: the segments begin at powers of two


def _mu_law(sample: int) -> int:
    """Rec. G.711, table 2: 14 bits, all bits of the code inverted."""
    sign, size = (0, sample >> 2) if sample >= 0 else (0x80, -(sample >> 2))
    size = min(size, MU_CLIP) + MU_BIAS
    segment = size.bit_length() - 6
    return ~(sign | segment << 4 | size >> segment + 1 & 0x0F) & 0xFF
