"""G.711 (Rec. ITU-T G.711): 8-bit logarithmic sound, one byte per sample and channel; A-law and µ-law."""

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
