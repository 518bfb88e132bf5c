"""Init segments and fragments, byte for byte where the specification says the byte."""

import pytest

from bingjian.formats import aac, g711, mp4, mp4_reader
from bingjian.formats.access_unit import AudioConfig, Codec, FormatError
from tests.unit.formats.material import (
    H264Sps,
    coded_g711,
    encoded_aac,
    encoded_video,
    h264,
    h264_pps,
    movie,
    sound_specific,
    video_config,
)

VIDEO = video_config()
AAC = aac.config_from(sound_specific())
G711 = g711.config_from(Codec.PCMA)
AT = 1_790_000_000


def sample(track=0, dts=AT * 90_000, shift=0, data=b"abcd", sync=True):
    return mp4.Sample(track, dts + shift, dts, 3600, data, sync, False)


def tree(data, start=0, end=None, depth=0):
    """Box types with their depth, down the containers."""
    for box in mp4_reader.boxes(data, start, end):
        yield depth, box.type.decode()
        if box.type in {b"moov", b"trak", b"mdia", b"minf", b"dinf", b"stbl", b"mvex", b"moof", b"traf"}:
            yield from tree(data, box.content, box.end, depth + 1)


def test_boxes_of_an_init_segment():
    kinds = [kind for _, kind in tree(mp4.init_segment([VIDEO, AAC], identity=b"x"))]
    table = ["stbl", "stsd", "stts", "stsc", "stsz", "stco"]
    video = ["trak", "tkhd", "mdia", "mdhd", "hdlr", "minf", "vmhd", "dinf", "dref", *table]
    sound = [kind if kind != "vmhd" else "smhd" for kind in video]
    assert kinds == ["ftyp", "moov", "mvhd", *video, *sound, "mvex", "trex", "trex", "uuid"]


def test_cmaf_brand_only_with_one_track():
    assert b"cmfc" in mp4.init_segment([VIDEO])[:40]
    assert b"cmfc" not in mp4.init_segment([VIDEO, AAC])[:40]


def test_never_an_edit_list_or_a_duration():
    init = mp4.init_segment([VIDEO, AAC, G711])
    assert b"edts" not in init
    assert b"mehd" not in init


def test_oblong_pixels():
    config = h264.config_from([H264Sps(aspect=(4, 3)).unit(), h264_pps()])
    init = mp4.init_segment([config])
    assert b"pasp\0\0\0\4\0\0\0\3" in init
    assert (2560 << 16).to_bytes(4) + (1080 << 16).to_bytes(4) in init  # tkhd: size on the display
    assert b"pasp" not in mp4.init_segment([VIDEO])


def test_esds():
    init = mp4.init_segment([AAC])
    at = init.index(b"esds") + 8
    descriptors = "0380808022000000" + "0480808014" + "4015" + "000000" + "00" * 8 + "0580808002" + "1408"
    assert init[at : at + 39].hex() == descriptors + "0680808001" + "02"


def test_hidden_g711():
    tracks = [VIDEO, G711]
    shown, hidden = mp4.init_segment(tracks), mp4.init_segment(tracks, hide_g711=True)
    assert mp4_reader.hide_g711(shown) == hidden
    assert (shown.count(b"soun"), hidden.count(b"soun"), hidden.count(b"meta")) == (1, 0, 1)
    assert mp4_reader.hide_g711(mp4.init_segment([VIDEO, AAC])) == mp4.init_segment([VIDEO, AAC])


def test_mime_types():
    assert mp4.mime_type([VIDEO, AAC]) == 'video/mp4; codecs="avc1.640028,mp4a.40.2"'
    assert mp4.mime_type([VIDEO, G711]) == 'video/mp4; codecs="avc1.640028"'
    assert mp4.mime_type([AAC]) == 'audio/mp4; codecs="mp4a.40.2"'


@pytest.mark.parametrize(
    "tracks",
    [[], [AudioConfig(Codec.PCMA, 2**32, 1, b"", "alaw", 1)], [AudioConfig(Codec.AAC, 8000, 1, b"", "", 1)]],
)
def test_tracks_that_no_file_holds(tracks):
    with pytest.raises(FormatError):
        mp4.init_segment(tracks)


def test_a_fragment_of_one_sample_byte_for_byte():
    header, data = mp4.fragment(7, [sample(shift=7200, sync=False)])
    assert data == b"abcd"
    assert header.hex(" ", 4) == " ".join(
        [
            *("00000068", b"moof".hex(), "00000010", b"mfhd".hex(), "00000000", "00000007"),
            *("00000050", b"traf".hex(), "00000010", b"tfhd".hex(), "00020000", "00000001"),
            *(
                "00000014",
                b"tfdt".hex(),
                "01000000",
                f"{AT * 90_000 >> 32:08x}",
                f"{AT * 90_000 % 2**32:08x}",
            ),
            *("00000024", b"trun".hex(), "00000f01", "00000001", "00000070"),
            *("00000e10", "00000004", "01010000", "00001c20"),
            *("0000000c", b"mdat".hex()),
        ]
    )


def test_one_sample_and_many_are_written_alike():
    single, several = sample(), sample(track=1, dts=AT * 16_000)
    one = mp4_reader.read_fragment(b"".join(mp4.fragment(1, [single])))
    both = mp4_reader.read_fragment(b"".join(mp4.fragment(1, [single, several])))
    assert one.runs[0].samples[0]._replace(offset=0) == both.runs[0].samples[0]._replace(offset=0)
    assert [run.track for run in both.runs] == [0, 1]


def test_interleaved_samples_lie_track_by_track():
    samples = [sample(0, data=b"v1"), sample(1, data=b"a1"), sample(0, data=b"v2"), sample(1, data=b"a2")]
    assert mp4.fragment(1, samples)[1:] == [b"v1", b"v2", b"a1", b"a2"]


def test_sample_bytes_are_not_copied():
    data = bytes(1000)
    assert mp4.fragment(1, [sample(data=data)])[1] is data
    assert mp4.fragment(1, [sample(data=data), sample(1)])[1] is data


@pytest.mark.parametrize(
    "samples", [[sample(shift=-1)], [sample(dts=-1)], [sample(shift=2**32)], [sample(-2)]]
)
def test_values_that_fit_no_field(samples):
    for batch in (samples, samples * 2):
        with pytest.raises(FormatError):
            mp4.fragment(1, batch)


def test_an_empty_fragment_is_refused():
    with pytest.raises(FormatError):
        mp4.fragment(1, [])


def test_sequence_numbers_wrap():
    assert mp4_reader.read_fragment(b"".join(mp4.fragment(2**32 + 5, [sample()]))).sequence == 5


def test_what_is_written_is_read():
    streams = [encoded_video("libx264", "preset=ultrafast"), encoded_aac(), coded_g711()]
    data = movie(streams, identity=b"who I am")
    init = mp4_reader.read_init(data)
    assert init.tracks == tuple(stream.config for stream in streams)
    assert init.timescales == (90_000, 16_000, 8_000)
    assert init.identity == b"who I am"
    assert mp4_reader.read_init(mp4_reader.hide_g711(init.raw)).tracks == init.tracks


def test_defaults_of_other_writers():
    """A foreign fragment: sizes from tfhd, durations from trex, the first sample's flags apart."""
    tfhd = mp4.full_box(b"tfhd", 0, 0x20010, (1).to_bytes(4), (4).to_bytes(4))
    tfdt = mp4.full_box(b"tfdt", 0, 0, (900).to_bytes(4))
    trun = mp4.full_box(b"trun", 0, 0x005, (3).to_bytes(4), (100).to_bytes(4), bytes(4))
    moof = mp4.box(b"moof", mp4.full_box(b"mfhd", 0, 0, bytes(4)), mp4.box(b"traf", tfhd, tfdt, trun))
    assert len(moof) == 92
    data = moof + mp4.box(b"mdat", bytes(12))
    fragment = mp4_reader.read_fragment(data, {1: mp4_reader.Defaults(duration=30, flags=0x10000)})
    entries = [(entry.pts, entry.size, entry.sync, entry.offset) for entry in fragment.runs[0].samples]
    assert entries == [(900, 4, True, 100), (930, 4, False, 104), (960, 4, False, 108)]


def test_a_run_without_fields_cannot_exhaust_memory():
    tfhd = mp4.full_box(b"tfhd", 0, 0x20000, (1).to_bytes(4))
    tfdt = mp4.full_box(b"tfdt", 0, 0, bytes(4))
    trun = mp4.full_box(b"trun", 0, 0, (2**32 - 1).to_bytes(4))
    moof = mp4.box(b"moof", mp4.full_box(b"mfhd", 0, 0, bytes(4)), mp4.box(b"traf", tfhd, tfdt, trun))
    with pytest.raises(FormatError):
        mp4_reader.read_fragment(moof + mp4.box(b"mdat"))


def test_large_boxes():
    large = (1).to_bytes(4) + b"mdat" + (20).to_bytes(8) + b"1234"
    assert list(mp4_reader.boxes(large + mp4.box(b"free"))) == [(b"mdat", 0, 16, 20), (b"free", 20, 8, 8)]


@pytest.mark.parametrize(
    "broken",
    [
        b"\0",
        b"\0\0\0\0free",  # to the end of the file
        b"\0\0\0\7free",
        b"\0\0\0\11free",
        b"\xff\xff\xff\xfffree",
        b"\0\0\0\1free",
        b"\0\0\0\1free" + bytes(7) + b"\17",
        b"\0\0\0\1free" + b"\xff" * 8,
    ],
)
def test_boxes_before_a_broken_one_are_given(broken):
    found = []
    with pytest.raises(FormatError):
        found.extend(mp4_reader.boxes(mp4.box(b"skip") + broken))
    first = next(mp4_reader.boxes(mp4.box(b"skip") + broken))
    assert first == (b"skip", 0, 8, 8)
