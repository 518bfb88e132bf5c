"""Writing fragmented MP4: one ``ftyp moov`` per segment, one ``moof mdat`` per fragment.

    ftyp                      brands
    moov                      no samples, durations 0; never an edit list, which breaks players here
      mvhd
      trak…                   one per track, track_ID = its place in the list + 1
        tkhd, mdia(mdhd hdlr minf(vmhd|smhd dinf stbl(stsd stts stsc stsz stco)))
      mvex(trex…)
      uuid                    our identity of the segment, if given
    moof
      mfhd                    sequence number
      traf…                   one per track that has samples here
        tfhd                  default-base-is-moof
        tfdt                  version 1: decode time of the first sample
        trun                  per sample: duration, size, flags, composition offset (never negative)
    mdat                      track by track, in the order of the trafs

Sources: ISO/IEC 14496-12 (boxes, fragments), -14 (mp4a, esds), -15 (avcC, hvcC), 23000-19 (CMAF). ``alaw``
and ``ulaw`` are QuickTime's names, which every player that takes G.711 in MP4 knows.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from struct import Struct, error, pack
from typing import NamedTuple

from bingjian.formats import aac, h264, h265
from bingjian.formats.access_unit import AudioConfig, Codec, FormatError, TrackConfig, VideoConfig

# Extended type of our ``uuid`` box; never changes.
IDENTITY = bytes.fromhex("b1960c1e71d24b0f9a55c0de5e9b3a17")
G711 = (Codec.PCMA, Codec.PCMU)
SAMPLE_ENTRY = {
    Codec.H264: b"avc1",
    Codec.H265: b"hvc1",
    Codec.AAC: b"mp4a",
    Codec.PCMA: b"alaw",
    Codec.PCMU: b"ulaw",
}

# ISO/IEC 14496-12 §8.8.3.1, sample_depends_on and sample_is_non_sync_sample.
SYNC_FLAGS = 0x02000000  # depends on no other sample
NON_SYNC_FLAGS = 0x01010000  # depends on others, not a sync sample

DEFAULT_BASE_IS_MOOF = 0x020000  # tfhd: data offsets count from the moof
RUN_FIELDS = 0x000F01  # trun: data offset; per sample duration, size, flags and composition offset

MATRIX = pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)  # unity
UNDETERMINED = 0x55C4  # language "und", §8.4.2.3
MOVIE_TIMESCALE = 1000  # all movie durations are 0, so any value does


class Sample(NamedTuple):
    """One sample on the UTC timeline, ready for a file.

    Times count from 1970 in the *track's* timescale: 90000 for video, the sampling clock for sound. Inside
    one fragment the next sample of a track begins at ``dts + duration``: the file stores durations only.
    """

    track: int  # index into the stream's track list; its track_ID is one higher
    pts: int  # never below dts
    dts: int
    duration: int
    data: bytes
    sync: bool
    damaged: bool


def mime_type(tracks: Sequence[TrackConfig]) -> str:
    """What a browser is asked for: ``video/mp4; codecs="avc1.64001f,mp4a.40.2"``, without any G.711."""
    codecs = ",".join(track.codec_string for track in tracks if track.codec not in G711)
    kind = "video" if any(isinstance(track, VideoConfig) for track in tracks) else "audio"
    return f'{kind}/mp4; codecs="{codecs}"'


# --- The init segment -----------------------------------------------------------------------------


def init_segment(tracks: Sequence[TrackConfig], *, identity: bytes = b"", hide_g711: bool = False) -> bytes:
    """``ftyp moov`` for these tracks, whose track_IDs are 1, 2, … in this order.

    Args:
        identity: goes into a ``uuid`` box in the moov, if not empty.
        hide_g711: give G.711 tracks the handler ``meta``. Browsers refuse a file with a G.711 sound track;
        like this
            they skip the track, and the page decodes its bytes itself.

    Raises:
        FormatError: no track, or a configuration that no sample entry can hold.
    """
    if not tracks:
        raise FormatError("a movie needs a track")
    try:
        return _file_type(len(tracks)) + _movie(tracks, identity, hide_g711)
    except error as wrong:
        raise FormatError(f"a track's configuration does not fit its boxes: {wrong}") from wrong


def box(kind: bytes, *payload: bytes) -> bytes:
    """One box: 32-bit size, type, payload."""
    content = b"".join(payload)
    return pack(">I4s", 8 + len(content), kind) + content


def full_box(kind: bytes, version: int, flags: int, *payload: bytes) -> bytes:
    """A box that begins with a version and 24 flags."""
    return box(kind, pack(">I", version << 24 | flags), *payload)


def _file_type(track_count: int) -> bytes:
    """iso6: movie fragments with ``tfdt`` and default-base-is-moof. CMAF allows one track only."""
    brands = (b"iso6", b"mp42", b"cmfc") if track_count == 1 else (b"iso6", b"mp42")
    return box(b"ftyp", b"iso6", pack(">I", 0), *brands)


def _movie(tracks: Sequence[TrackConfig], identity: bytes, hide_g711: bool) -> bytes:
    return box(
        b"moov",
        _movie_header(next_track=len(tracks) + 1),
        *(_track(number, track, hide_g711) for number, track in enumerate(tracks, 1)),
        box(b"mvex", *(_track_extends(number) for number in range(1, len(tracks) + 1))),
        box(b"uuid", IDENTITY, identity) if identity else b"",
    )


def _movie_header(next_track: int) -> bytes:
    times = pack(">IIII", 0, 0, MOVIE_TIMESCALE, 0)  # creation, modification, timescale, duration
    rate_and_volume = pack(">IH10x", 0x10000, 0x100)
    return full_box(b"mvhd", 0, 0, times, rate_and_volume, MATRIX, bytes(24), pack(">I", next_track))


def _track_extends(number: int) -> bytes:
    """No defaults: every sample states all its values."""
    return full_box(b"trex", 0, 0, pack(">IIIII", number, 1, 0, 0, 0))


def _track(number: int, track: TrackConfig, hide_g711: bool) -> bytes:
    if isinstance(track, VideoConfig):
        handler, name, media_header = b"vide", b"Video", full_box(b"vmhd", 0, 1, bytes(8))
        entry = video_entry(track)
    else:
        handler, name, media_header = b"soun", b"Sound", full_box(b"smhd", 0, 0, bytes(4))
        entry = audio_entry(track)
    if hide_g711 and track.codec in G711:
        handler = b"meta"
    media = box(
        b"mdia",
        full_box(b"mdhd", 0, 0, pack(">IIIIHH", 0, 0, track.clock_rate, 0, UNDETERMINED, 0)),
        full_box(b"hdlr", 0, 0, bytes(4), handler, bytes(12), name, b"\0"),
        box(b"minf", media_header, data_information(), _sample_table(entry)),
    )
    return box(b"trak", _track_header(number, track), media)


def _track_header(number: int, track: TrackConfig) -> bytes:
    """Enabled, in movie and preview. Width and height are the display's, so the pixels' shape counts."""
    volume, width, height = 0x100, 0, 0
    if isinstance(track, VideoConfig):
        wide, high = pixel_aspect(track)
        volume, width, height = 0, min(track.width * wide // high, 0xFFFF), track.height
    return full_box(
        b"tkhd",
        0,
        7,
        pack(">IIIII8x", 0, 0, number, 0, 0),  # creation, modification, track_ID, reserved, duration
        pack(">HHHH", 0, 0, volume, 0),  # layer, alternate group, volume, reserved
        MATRIX,
        pack(">II", width << 16, height << 16),
    )


def data_information() -> bytes:
    """The media are in this very file."""
    return box(b"dinf", full_box(b"dref", 0, 0, pack(">I", 1), full_box(b"url ", 0, 1)))


def _sample_table(entry: bytes) -> bytes:
    """Empty but for the sample entry: the samples are in the fragments."""
    return box(
        b"stbl",
        full_box(b"stsd", 0, 0, pack(">I", 1), entry),
        full_box(b"stts", 0, 0, bytes(4)),
        full_box(b"stsc", 0, 0, bytes(4)),
        full_box(b"stsz", 0, 0, bytes(8)),
        full_box(b"stco", 0, 0, bytes(4)),
    )


# --- Sample entries -------------------------------------------------------------------------------


def video_entry(track: VideoConfig) -> bytes:
    """VisualSampleEntry, §12.1.3, with the decoder's configuration and the shape of oblong pixels."""
    if track.codec is Codec.H264:
        decoder = box(b"avcC", h264.decoder_configuration(track.parameter_sets))
    else:
        decoder = box(b"hvcC", h265.decoder_configuration(track.parameter_sets))
    wide, high = pixel_aspect(track)
    return box(
        SAMPLE_ENTRY[track.codec],
        pack(">6xH16x", 1),  # data reference index
        pack(">HHII4xH", track.width, track.height, 72 << 16, 72 << 16, 1),  # dpi; frames per sample
        bytes(32),  # compressor name: none
        pack(">Hh", 24, -1),  # depth: colour without alpha
        decoder,
        b"" if wide == high else box(b"pasp", pack(">II", wide, high)),
    )


def pixel_aspect(track: VideoConfig) -> tuple[int, int]:
    """Width and height of one pixel. H.265 cameras are taken to have square ones."""
    return h264.pixel_aspect(track.parameter_sets) if track.codec is Codec.H264 else (1, 1)


def audio_entry(track: AudioConfig) -> bytes:
    """AudioSampleEntry, §12.2.3. Its 16.16 rate cannot say more than 65535 Hz: 0 then."""
    rate = track.clock_rate if track.codec in G711 else aac.parse(track.specific).output_rate
    return box(
        SAMPLE_ENTRY[track.codec],
        pack(">6xH8x", 1),  # data reference index
        pack(">HH4xI", track.channels, 16, (rate if rate <= 0xFFFF else 0) << 16),
        full_box(b"esds", 0, 0, _elementary_stream(track.specific)) if track.codec is Codec.AAC else b"",
    )


def _elementary_stream(specific: bytes) -> bytes:
    """ES_Descriptor, ISO/IEC 14496-1 §7.2.6.5, with the values 14496-14 §3.1 demands in files."""
    decoder = _descriptor(
        4, pack(">BBxHII", 0x40, 0x15, 0, 0, 0), _descriptor(5, specific)
    )  # MPEG-4 audio stream
    return _descriptor(3, pack(">HB", 0, 0), decoder, _descriptor(6, b"\2"))


def _descriptor(tag: int, *payload: bytes) -> bytes:
    """Tag, length in four groups of seven bits, payload (ISO/IEC 14496-1 §8.3.3)."""
    content = b"".join(payload)
    length = len(content)
    groups = (
        length >> 21 & 0x7F | 0x80,
        length >> 14 & 0x7F | 0x80,
        length >> 7 & 0x7F | 0x80,
        length & 0x7F,
    )
    return bytes((tag, *groups)) + content


# --- Fragments ------------------------------------------------------------------------------------

_MOOF = Struct(">I4sI4sII")  # moof header, mfhd
_TRAF = Struct(">I4sI4sIII4sIQI4sIII")  # traf header, tfhd, tfdt, trun up to its samples
_MDAT = Struct(">I4s")
_SINGLE = Struct(
    _MOOF.format + _TRAF.format[1:] + "IIII" + _MDAT.format[1:]
)  # a whole fragment of one sample
_RUN_ENTRY = 16  # bytes per sample in the trun
_RUN_SIZES = Struct(">4xI8x")  # the size alone
_RUN_HEADER = 20
_TFHD_SIZE, _TFDT_SIZE, _MFHD_SIZE = 16, 20, 16


def fragment(sequence: int, samples: Sequence[Sample]) -> list[bytes]:
    """One movie fragment: ``moof`` and the ``mdat`` header in one piece, then every sample's own bytes,
    uncopied.

    Called for every stored second of every camera, and for every picture while somebody watches.

    Args:
        sequence: number of the fragment in its file or stream, modulo 2³².
        samples: of any tracks in order of arrival, decoding order within a track.

    Raises:
        FormatError: no sample, a negative time or composition offset, or a value too large for its field.
    """
    try:
        if len(samples) == 1:
            return _single(sequence, samples[0])
        return _several(sequence, samples)
    except error as wrong:
        raise FormatError(f"a sample's times or size do not fit a movie fragment: {wrong}") from wrong


def _single(sequence: int, sample: Sample) -> list[bytes]:
    """The live case, packed in one go."""
    track, pts, dts, duration, data, sync, _ = sample
    size = len(data)
    header = _SINGLE.pack(
        *(_SINGLE.size - 8, b"moof", _MFHD_SIZE, b"mfhd", 0, sequence & 0xFFFFFFFF),
        *(_SINGLE.size - 8 - _MOOF.size, b"traf", _TFHD_SIZE, b"tfhd", DEFAULT_BASE_IS_MOOF, track + 1),
        *(_TFDT_SIZE, b"tfdt", 0x01000000, dts),
        *(_RUN_HEADER + _RUN_ENTRY, b"trun", RUN_FIELDS, 1, _SINGLE.size),
        *(duration, size, SYNC_FLAGS if sync else NON_SYNC_FLAGS, pts - dts),
        *(size + 8, b"mdat"),
    )
    return [header, data]


def _several(sequence: int, samples: Sequence[Sample]) -> list[bytes]:
    if not samples:
        raise FormatError("a fragment needs a sample")
    runs = _by_track(samples)
    moof_size = _MOOF.size + len(runs) * _TRAF.size + len(samples) * _RUN_ENTRY
    head = [_MOOF.pack(moof_size, b"moof", _MFHD_SIZE, b"mfhd", 0, sequence & 0xFFFFFFFF)]
    pieces = [b""]  # becomes the head
    data_offset = moof_size + 8  # from the start of the moof, §8.8.8
    for track, run in runs.items():
        entries = [
            value
            for _, pts, dts, duration, data, sync, _ in run
            for value in (duration, len(data), SYNC_FLAGS if sync else NON_SYNC_FLAGS, pts - dts)
        ]
        head.append(_traf_header(track, run[0].dts, len(run), data_offset))
        head.append(_run_entries(len(run)).pack(*entries))
        pieces += [sample[4] for sample in run]
        data_offset += sum(entries[1::4])
    head.append(_MDAT.pack(data_offset - moof_size, b"mdat"))
    pieces[0] = b"".join(head)
    return pieces


def fragment_header(sequence: int, runs: Sequence[tuple[int, int, bytes]]) -> bytes:
    """``moof`` and the ``mdat`` header as ``fragment`` writes them, of samples that lie elsewhere.

    Args:
        runs: track, decode time of the first sample, and 16 bytes per sample as they stand in a ``trun``.

    Raises:
        FormatError: a value too large for its field.
    """
    moof_size = _MOOF.size + sum(_TRAF.size + len(entries) for _, _, entries in runs)
    head = [_MOOF.pack(moof_size, b"moof", _MFHD_SIZE, b"mfhd", 0, sequence & 0xFFFFFFFF)]
    data_offset = moof_size + 8
    try:
        for track, first_dts, entries in runs:
            head += [_traf_header(track, first_dts, len(entries) // _RUN_ENTRY, data_offset), entries]
            data_offset += sum(size for (size,) in _RUN_SIZES.iter_unpack(entries))
        return b"".join([*head, _MDAT.pack(data_offset - moof_size, b"mdat")])
    except error as wrong:
        raise FormatError(f"the samples do not fit a movie fragment: {wrong}") from wrong


def _by_track(samples: Iterable[Sample]) -> dict[int, list[Sample]]:
    runs: dict[int, list[Sample]] = {}
    for sample in samples:
        track = sample[0]
        if track in runs:
            runs[track].append(sample)
        else:
            runs[track] = [sample]
    return runs


def _traf_header(track: int, first_dts: int, count: int, data_offset: int) -> bytes:
    run_size = _RUN_HEADER + count * _RUN_ENTRY
    return _TRAF.pack(
        *(_TRAF.size + count * _RUN_ENTRY, b"traf", _TFHD_SIZE, b"tfhd", DEFAULT_BASE_IS_MOOF, track + 1),
        *(_TFDT_SIZE, b"tfdt", 0x01000000, first_dts),
        *(run_size, b"trun", RUN_FIELDS, count, data_offset),
    )


@lru_cache(maxsize=1024)
def _run_entries(count: int) -> Struct:
    """Compiled once per sample count; counts are few (one second of sound or video)."""
    return Struct(f">{4 * count}I")
