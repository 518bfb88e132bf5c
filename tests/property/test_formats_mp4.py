"""MP4: what is written is read back, in any mixture of tracks; broken files raise FormatError only."""

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from bingjian.formats import aac, g711, h265, mp4, mp4_reader
from bingjian.formats.access_unit import Codec, FormatError
from tests.unit.formats.material import H265Sps, h265_pps, h265_vps, sound_specific, video_config

VIDEO = video_config()
HEVC = h265.config_from([h265_vps(), H265Sps().unit(), h265_pps()])
SOUNDS = [aac.config_from(sound_specific()), aac.config_from(sound_specific(rate_index=3), 90_000)]
SOUNDS += [g711.config_from(codec, rate, 2) for codec in (Codec.PCMA, Codec.PCMU) for rate in (8000, 48_000)]

tracks = st.lists(st.sampled_from([VIDEO, HEVC, *SOUNDS]), min_size=1, max_size=4)
sizes = st.sampled_from([0, 1, 255, 256, 65_535, 65_536])
words = st.sampled_from([0, 1, 2**31 - 1, 2**31, 2**32 - 1]) | st.integers(0, 2**32 - 1)
samples = st.builds(
    lambda track, shift, duration, data, sync: mp4.Sample(track, shift, 0, duration, data, sync, False),
    track=st.integers(0, 3),
    shift=words,
    duration=words,
    data=st.binary(max_size=32) | sizes.map(bytes),
    sync=st.booleans(),
)
starts = st.sampled_from([0, 2**32, 1_790_000_000 * 90_000, 2**63 - 1]) | st.integers(0, 2**63)


@st.composite
def timelines(draw):
    """Samples in order of arrival whose decode times follow from their durations, as the hub gives them."""
    next_dts = {track: draw(starts) for track in range(4)}
    batch = []
    for sample in draw(st.lists(samples, min_size=1, max_size=12)):
        dts = next_dts[sample.track]
        next_dts[sample.track] = dts + sample.duration
        batch.append(sample._replace(dts=dts, pts=dts + sample.pts))
    return batch


@given(timelines(), words)
def test_what_is_written_is_read(batch, sequence):
    data = b"".join(mp4.fragment(sequence, batch))
    fragment = mp4_reader.read_fragment(data)
    assert (fragment.sequence, fragment.size) == (sequence, len(data))
    for run in fragment.runs:
        written = [sample for sample in batch if sample.track == run.track]
        read = [(entry.pts, entry.dts, entry.duration, entry.sync) for entry in run.samples]
        assert read == [(sample.pts, sample.dts, sample.duration, sample.sync) for sample in written]
        for entry, sample in zip(run.samples, written, strict=True):
            assert data[entry.offset : entry.offset + entry.size] == sample.data
    assert {run.track for run in fragment.runs} == {sample.track for sample in batch}


@given(tracks, st.binary(max_size=64) | sizes.map(bytes), st.booleans())
def test_an_init_segment_is_read(configs, identity, hidden):
    data = mp4.init_segment(configs, identity=identity, hide_g711=hidden)
    init = mp4_reader.read_init(data + b"what follows")
    assert init.tracks == tuple(configs)
    assert init.identity == identity
    assert init.raw == data
    assert init.track_ids == tuple(range(1, len(configs) + 1))
    assert mp4_reader.hide_g711(data) == mp4.init_segment(configs, identity=identity, hide_g711=True)


@given(st.lists(timelines(), min_size=1, max_size=3), st.data())
def test_a_torn_file_is_cut_after_its_last_whole_box(batches, data):
    pieces = [mp4.init_segment([VIDEO]), *(b"".join(mp4.fragment(1, batch)) for batch in batches)]
    whole = b"".join(pieces)
    ends = {box.end for box in mp4_reader.boxes(whole)} | {0}
    cut = data.draw(st.integers(0, len(whole)))
    assert max([0, *_ends(whole[:cut])]) == max(end for end in ends if end <= cut)


def _ends(data):
    """Ends of the boxes that come before the tear."""
    found = []
    with suppress(FormatError):
        for box in mp4_reader.boxes(data):
            found.append(box.end)
    return found


def read_everything(data):
    """Every reader on the same bytes; each may refuse them in its own way."""
    for read in (mp4_reader.read_init, mp4_reader.hide_g711, mp4_reader.read_fragment, _ends):
        with suppress(FormatError):
            read(data)


@given(tracks, timelines(), st.data())
def test_a_damaged_file_raises_format_error_only(configs, batch, data):
    init, fragment = mp4.init_segment(configs, identity=b"id"), b"".join(mp4.fragment(1, batch))
    for whole in (init, fragment[:4096]):
        damaged = bytearray(whole)
        for _ in range(data.draw(st.integers(1, 4))):
            at = data.draw(st.integers(0, len(damaged) - 1))
            damaged[at : at + 4] = data.draw(st.binary(min_size=1, max_size=4))
        read_everything(bytes(damaged[: data.draw(st.integers(0, len(damaged)))]))
        read_everything(bytes(damaged))


containers = [b"moov", b"trak", b"mdia", b"minf", b"stbl", b"mvex", b"moof", b"traf"]
leaves = [b"stsd", b"avc1", b"avcC", b"hvcC", b"esds", b"mp4a", b"hdlr", b"mdhd", b"tkhd", b"trex", b"uuid"]
kinds = st.sampled_from([*containers, *leaves, b"mfhd", b"tfhd", b"tfdt", b"trun", b"mdat"])
nested = st.recursive(
    st.binary(max_size=24),
    lambda inner: st.builds(lambda kind, parts: mp4.box(kind, *parts), kinds, st.lists(inner, max_size=4)),
    max_leaves=20,
)


@given(st.lists(nested, max_size=4).map(b"".join))
def test_arbitrary_boxes_raise_format_error_only(data):
    read_everything(data)


@given(st.binary(max_size=256))
def test_garbage_raises_format_error_only(data):
    read_everything(data)


@given(
    st.lists(st.builds(mp4.Sample, *[st.integers()] * 4, st.binary(max_size=8), st.booleans(), st.booleans()))
)
def test_impossible_samples_raise_format_error_only(batch):
    with suppress(FormatError):
        mp4.fragment(1, batch)
