"""Linear sound to G.711, against the decoders of the Recommendation written the other way round."""

import math
import struct

import pytest

from bingjian.formats import g711
from bingjian.formats.access_unit import Codec

EDGES = (-32768, -32767, -8160, -256, -9, -8, -1, 0, 1, 7, 8, 255, 8159, 32766, 32767)


def a_law(code: int) -> int:
    """A 16-bit sample, as table 1 of G.711 decodes it."""
    code ^= 0x55
    segment, steps = code >> 4 & 7, code & 0x0F
    size = (steps << 4) + 8 if segment == 0 else (steps << 4) + 0x108 << segment - 1
    return size if code & 0x80 else -size


def mu_law(code: int) -> int:
    """As table 2."""
    code = ~code & 0xFF
    size = (((code & 0x0F) << 3) + 0x84 << (code >> 4 & 7)) - 0x84
    return -size if code & 0x80 else size


DECODERS = {Codec.PCMA: a_law, Codec.PCMU: mu_law}


@pytest.mark.parametrize("codec", DECODERS)
def test_each_sample_has_the_code_that_is_nearest(codec: Codec) -> None:
    samples = [*range(-32768, 32768, 7), *EDGES]
    codes = g711.encoded(codec, struct.pack(f"<{len(samples)}h", *samples))
    assert len(codes) == len(samples)
    decode = DECODERS[codec]
    for sample, code in zip(samples, codes, strict=True):
        step = max(16, 2 ** (math.floor(math.log2(abs(sample) + 132)) - 4))
        limit = step + 4 if abs(sample) < 32_000 else 2 * step  # the largest are clipped
        assert abs(decode(code) - sample) <= limit, sample


def test_silence_and_the_loudest_have_their_codes() -> None:
    pcm = struct.pack("<3h", 0, 32767, -32768)
    assert g711.encoded(Codec.PCMA, pcm) == bytes([0xD5, 0xAA, 0x2A])
    assert g711.encoded(Codec.PCMU, pcm) == bytes([0xFF, 0x80, 0x00])


def test_every_code_comes_back() -> None:
    for codec, decode in DECODERS.items():
        codes = bytes(code for code in range(256) if not (codec is Codec.PCMU and code == 0x7F))  # −0
        pcm = struct.pack(f"<{len(codes)}h", *map(decode, codes))
        assert g711.encoded(codec, pcm) == codes


def test_half_a_sample_is_left_out() -> None:
    assert g711.encoded(Codec.PCMA, b"\0\0\0") == b"\xd5"
