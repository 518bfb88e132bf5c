"""AAC: the AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1) that SDP and MP4 carry."""

from dataclasses import dataclass

from bingjian.formats.access_unit import AudioConfig, Codec, FormatError
from bingjian.formats.bits import BitReader

MAIN, LC, SSR, LTP, SBR, LOW_DELAY, PS, ENHANCED_LOW_DELAY = 1, 2, 3, 4, 5, 23, 29, 39  # audio object types
ACCEPTED = frozenset({MAIN, LC, SSR, LTP, LOW_DELAY, ENHANCED_LOW_DELAY})
SYNC_EXTENSION = 0x2B7  # announces SBR behind a configuration that older decoders understand

SAMPLING_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
EXPLICIT_RATE = 15  # samplingFrequencyIndex: 24 bits follow
MAX_RATE = 192_000  # Hz; more is no sound a camera sends
CHANNELS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 8, 11: 7, 12: 8, 14: 8}  # by channelConfiguration
MAX_SPECIFIC = 64  # bytes; LC needs 2, explicit HE-AAC 5


@dataclass(frozen=True, slots=True)
class Specific:
    """What an AudioSpecificConfig says."""

    object_type: int  # of the core: 2 is LC
    sampling_rate: int  # of the core, Hz
    output_rate: int  # after spectral band replication, Hz
    channels: int  # of the core
    frame_length: int  # samples of the core in one frame
    extension: int  # 5: SBR (HE-AAC), 29: with parametric stereo (HE-AAC v2), 0: none, or not announced


def config_from(specific: bytes, clock_rate: int | None = None) -> AudioConfig:
    """The configuration of an AAC track.

    Args:
        specific: AudioSpecificConfig, from SDP's ``config=`` or an ``esds``.
        clock_rate: the RTP clock if SDP names another than the sampling rate; times are in it.

    Raises:
        FormatError: it ends early, lies, or is not AAC.
    """
    found = parse(specific)
    clock = found.output_rate if clock_rate is None else clock_rate
    if not 0 < clock <= MAX_RATE:
        raise FormatError(f"an AAC track with a clock of {clock} Hz")
    return AudioConfig(
        codec=Codec.AAC,
        clock_rate=clock,
        channels=found.channels,
        specific=specific,
        codec_string=f"mp4a.40.{found.extension or found.object_type}",
        samples_per_unit=max(1, round(found.frame_length * clock / found.sampling_rate)),
    )


def parse(specific: bytes) -> Specific:
    """An AudioSpecificConfig; raises FormatError when it ends early, lies, or is not AAC."""
    if len(specific) > MAX_SPECIFIC:
        raise FormatError(f"an AudioSpecificConfig of {len(specific)} bytes")
    reader = BitReader(specific)
    kind, extension = _object_type(reader), 0
    rate = output_rate = _sampling_rate(reader)
    layout = reader.bits(4)
    if kind in (SBR, PS):
        extension, output_rate = kind, _sampling_rate(reader)
        kind = _object_type(reader)
    if kind not in ACCEPTED:
        raise FormatError(f"audio object type {kind} is no AAC that we store")
    if layout not in CHANNELS:
        raise FormatError(f"AAC channel configuration {layout}")
    frame_length = _frame_length(reader, kind)
    if not extension and kind == LC:
        extension, output_rate = _trailing_extension(reader, rate)
    return Specific(kind, rate, output_rate, CHANNELS[layout], frame_length, extension)


def _object_type(reader: BitReader) -> int:
    kind = reader.bits(5)
    return 32 + reader.bits(6) if kind == 31 else kind


def _sampling_rate(reader: BitReader) -> int:
    index = reader.bits(4)
    if index == EXPLICIT_RATE:
        rate = reader.bits(24)
    elif index < len(SAMPLING_RATES):
        rate = SAMPLING_RATES[index]
    else:
        raise FormatError(f"reserved AAC sampling frequency index {index}")
    if not 0 < rate <= MAX_RATE:
        raise FormatError(f"AAC sampled at {rate} Hz")
    return rate


def _frame_length(reader: BitReader, kind: int) -> int:
    """GASpecificConfig (or ELDSpecificConfig) begins with frameLengthFlag: the shorter of two lengths."""
    short = reader.flag()
    if kind in (LOW_DELAY, ENHANCED_LOW_DELAY):
        return 480 if short else 512
    return 960 if short else 1024


def _trailing_extension(reader: BitReader, rate: int) -> tuple[int, int]:
    """Backward compatible signalling of SBR: (extension, output rate), or (0, rate) when there is none."""
    if reader.flag():  # dependsOnCoreCoder
        reader.bits(14)  # coreCoderDelay
    reader.flag()  # extensionFlag, 0 for LC
    if reader.left < 16 or reader.bits(11) != SYNC_EXTENSION or _object_type(reader) != SBR:
        return 0, rate
    if reader.left < 5 or not reader.flag():  # sbrPresentFlag
        return 0, rate
    output_rate = _sampling_rate(reader)
    with_stereo = reader.left >= 12 and reader.bits(11) == 0x548 and reader.flag()
    return (PS if with_stereo else SBR), output_rate
