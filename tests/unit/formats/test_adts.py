"""ADTS headers, both ways."""

import pytest

from bingjian.formats import aac, adts
from bingjian.formats.access_unit import FormatError
from tests.unit.formats.material import sound_specific


def test_adts_headers_say_what_they_were_made_of() -> None:
    for kind, rate_index, channels in ((2, 4, 2), (2, 11, 1), (1, 3, 7)):
        specific = sound_specific(kind, rate_index, channels)
        frame = adts.read_header(adts.header(specific, 100), 0)
        assert frame == adts.Frame(specific, 7, 107)
        assert aac.parse(frame.specific) == aac.parse(specific)
    with pytest.raises(FormatError):
        adts.header(sound_specific(23), 100)
    with pytest.raises(FormatError):
        adts.header(sound_specific(), 8192)
    assert adts.read_header(b"\xff\xff\xff\xff\xff\xff\xff", 0) is None


def test_a_header_with_a_checksum_is_two_bytes_longer() -> None:
    plain = adts.header(sound_specific(), 100)
    with_checksum = plain[:1] + bytes((plain[1] & 0xFE,)) + plain[2:]
    assert adts.read_header(with_checksum + b"\0\0", 0) == adts.Frame(sound_specific(), 9, 107)


@pytest.mark.parametrize(
    ("stream", "is_adts"),
    [
        (lambda frame: frame * 3, True),
        (lambda frame: frame * 3 + frame[:50], True),
        (lambda frame: frame + frame[:3], True),
        (lambda frame: frame + b"\xd5" * 50, False),
        (lambda frame: b"\xd5" + frame, False),
        (lambda frame: b"\xff" * 160, False),  # silence of G.711 µ-law
        (lambda frame: b"", False),
    ],
)
def test_what_is_adts_through_and_through(stream, is_adts: bool) -> None:
    frame = adts.header(sound_specific(), 100) + bytes(100)
    assert adts.fills(stream(frame)) is is_adts
