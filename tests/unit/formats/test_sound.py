"""AAC and G.711 configurations."""

import pytest

from bingjian.formats import aac, g711
from bingjian.formats.access_unit import Codec, FormatError
from tests.unit.formats.material import BitWriter, encoded_aac, sound_specific


def test_low_complexity():
    config = aac.config_from(bytes.fromhex("1210"))
    assert (config.clock_rate, config.channels, config.samples_per_unit) == (44_100, 2, 1024)
    assert config.codec_string == "mp4a.40.2"


@pytest.mark.parametrize(("rate", "channels"), [(8000, 1), (16_000, 1), (44_100, 2), (96_000, 2)])
def test_what_an_encoder_writes(rate, channels):
    config = encoded_aac(rate, channels).config
    assert (config.clock_rate, config.channels) == (rate, channels)


def test_high_efficiency_announced_in_front():
    specific = BitWriter().bits(5, 5).bits(6, 4).bits(2, 4).bits(3, 4).bits(2, 5).bits(0, 3).plain()
    config = aac.config_from(specific)
    assert (config.clock_rate, config.samples_per_unit, config.codec_string) == (48_000, 2048, "mp4a.40.5")
    assert aac.config_from(specific, 24_000).samples_per_unit == 1024


def test_high_efficiency_announced_behind():
    core = BitWriter().bits(2, 5).bits(6, 4).bits(1, 4).bits(0, 3)
    sbr = core.bits(aac.SYNC_EXTENSION, 11).bits(5, 5).flag(True).bits(3, 4)
    assert aac.parse(sbr.plain()).extension == aac.SBR
    assert aac.parse(sbr.bits(0x548, 11).flag(True).plain()).extension == aac.PS


def test_short_frames_and_foreign_clocks():
    assert aac.config_from(sound_specific(short=True)).samples_per_unit == 960
    assert aac.config_from(sound_specific(kind=23)).samples_per_unit == 512
    assert aac.config_from(sound_specific(), 90_000).samples_per_unit == 5760


@pytest.mark.parametrize(
    ("specific", "clock"),
    [
        (b"", None),
        (b"\x12", None),
        (sound_specific(kind=0), None),
        (sound_specific(kind=1, rate_index=13), None),
        (sound_specific(channels=0), None),
        (sound_specific(kind=42 % 32), None),
        (BitWriter().bits(2, 5).bits(15, 4).bits(0, 24).bits(1, 4).bits(0, 3).plain(), None),
        (BitWriter().bits(2, 5).bits(15, 4).bits(2**24 - 1, 24).bits(1, 4).bits(0, 3).plain(), None),
        (sound_specific() + bytes(63), None),
        (sound_specific(), 0),
        (sound_specific(), -8000),
        (sound_specific(), 10**9),
    ],
)
def test_lies_are_refused(specific, clock):
    with pytest.raises(FormatError):
        aac.config_from(specific, clock)


def test_g711():
    config = g711.config_from(Codec.PCMU)
    assert (config.clock_rate, config.channels, config.samples_per_unit) == (8000, 1, 1)
    assert config.codec_string == "ulaw"


@pytest.mark.parametrize(
    ("codec", "rate", "channels"), [(Codec.AAC, 8000, 1), (Codec.PCMA, 0, 1), (Codec.PCMA, 8000, 0)]
)
def test_impossible_g711_is_refused(codec, rate, channels):
    with pytest.raises(FormatError):
        g711.config_from(codec, rate, channels)
