"""Which bytes hold an instant; what absurd questions are answered."""

import itertools
from uuid import uuid4

import pytest

from bingjian.formats import mp4_reader
from bingjian.recording import presence, reader
from bingjian.recording.catalogue import Address
from bingjian.recording.cause import Cause
from tests.unit.recording.footage import CAMERA, FRAME_90K, recorder, seconds, video, video_config

VIDEO = (video_config(),)


@pytest.fixture
async def recorded(volume, clock):
    """Ten minutes with a key frame every four seconds, silent from 200 s to 210 s."""
    one = recorder(volume, clock)
    one.set_tracks(VIDEO)
    one.write(video(0, 200, gop=100))
    one.gap_begin(Cause.NO_PACKETS, "", seconds(200))
    one.write(video(210, 390, gop=100))
    await one.close()
    return volume


@pytest.mark.parametrize("at_s", [0, 0.04, 3.97, 4, 57.3, 199.99, 210, 291.97, 292, 599.96])
async def test_a_picture_is_what_stood_there_and_what_it_builds_on(recorded, at_s):
    shown = reader.picture([recorded], CAMERA, seconds(at_s))
    assert 0 <= seconds(at_s) - shown.at_90k < FRAME_90K
    first = mp4_reader.read_fragment(shown.fragments)
    assert first.runs[0].samples[0].sync
    pts, at = [], 0
    while at < len(shown.fragments):
        fragment = mp4_reader.read_fragment(shown.fragments[at:])
        pts += [sample.pts for sample in fragment.runs[0].samples]
        at += fragment.size
    assert shown.at_90k in pts
    assert [b - a for a, b in itertools.pairwise(pts)] == [FRAME_90K] * (len(pts) - 1)
    assert mp4_reader.read_init(shown.init).tracks == VIDEO


async def test_just_after_the_last_picture_it_still_stands(recorded):
    assert reader.picture([recorded], CAMERA, seconds(602)).at_90k == seconds(599.96)
    assert reader.picture([recorded], CAMERA, seconds(201)).at_90k == seconds(199.96)


@pytest.mark.parametrize("at_s", [-1, 206, 604, 10**6, -1e9])
async def test_no_picture_in_a_gap(recorded, at_s):
    assert reader.picture([recorded], CAMERA, seconds(at_s)) is None


async def test_a_picture_may_build_on_the_segment_before(volume, clock):
    one = recorder(volume, clock)
    one.set_tracks(VIDEO)
    one.write(video(0, 320, gop=280 * 25))  # a key frame at 280 s, none at 300 s
    await one.close()
    assert len(reader.segments([volume], CAMERA, 0, 1 << 62)) == 2
    shown = reader.picture([volume], CAMERA, seconds(305.5))
    assert shown.at_90k == seconds(305.48)
    first = mp4_reader.read_fragment(shown.fragments).runs[0].samples[0]
    assert (first.pts, first.sync) == (seconds(280), True)


async def test_no_picture_across_a_change_of_codec(volume, clock):
    one = recorder(volume, clock)
    one.set_tracks(VIDEO)
    one.write(video(0, 10))
    one.set_tracks((video_config(wide=16),))
    one.write(video(10, 10))
    await one.close()
    shown = reader.picture([volume], CAMERA, seconds(10))
    assert mp4_reader.read_init(shown.init).tracks == (video_config(wide=16),)
    assert mp4_reader.read_fragment(shown.fragments).runs[0].samples[0].pts == seconds(10)


async def test_segments_reach_into_the_interval(recorded):
    def found(start_s: float, end_s: float) -> list[float]:
        segments = reader.segments([recorded], CAMERA, seconds(start_s), seconds(end_s))
        return [(segment.start_90k - seconds(0)) / 90_000 for segment in segments]

    assert found(0, 600) == [0, 290, 582]
    assert found(289.9, 290) == [0]
    assert found(290, 290.1) == [290]
    assert found(-100, 0) == []
    assert found(600, 700) == []
    assert found(5, 5) == [0]


async def test_spans_have_no_hole_and_no_overlap(recorded):
    spans = presence.spans([recorded], CAMERA, seconds(-100), seconds(700))
    assert spans[0].start_90k == seconds(-100)
    assert spans[-1].end_90k == seconds(700)
    assert all(a.end_90k == b.start_90k for a, b in itertools.pairwise(spans))
    assert [(span.kind, span.cause) for span in spans] == [
        ("missing", None),
        ("present", None),
        ("missing", Cause.NO_PACKETS),
        ("present", None),
        ("missing", Cause.RECORDER_STOPPED),
    ]


@pytest.mark.parametrize(
    ("start", "end"), [(5, 5), (9, 3), (-(1 << 80), -(1 << 70)), (0, 1 << 80), (1 << 90, 1 << 91)]
)
async def test_absurd_intervals_are_answered(recorded, start, end):
    spans = presence.spans([recorded], CAMERA, start, end)
    assert sum(span.end_90k - span.start_90k for span in spans) == max(0, end - start)
    assert len(reader.segments([recorded], CAMERA, start, end)) <= 3


async def test_a_camera_that_never_was(volume):
    stranger = uuid4()
    assert reader.segments([volume], stranger, 0, 1 << 62) == []
    assert reader.picture([volume], stranger, seconds(0)) is None
    assert [(s.kind, s.cause) for s in presence.spans([volume], stranger, 0, 9)] == [("missing", None)]
    assert reader.segment([volume], Address(stranger, 0, stranger)) is None


async def test_read_is_bounded_by_the_file(recorded):
    one = reader.segments([recorded], CAMERA, seconds(0), seconds(1))[0]
    assert reader.segment([recorded], one.address) == one
    assert reader.read(one, one.size_bytes - 3, 100) == one.path.read_bytes()[-3:]
    assert reader.read(one, one.size_bytes + 10, 100) == b""
    for offset, length in [(-1, 5), (0, -5), (1 << 80, 5)]:
        with pytest.raises(reader.ReadError):
            reader.read(one, offset, length)


async def test_a_file_that_is_gone_is_a_read_error(recorded):
    one = reader.segments([recorded], CAMERA, seconds(0), seconds(1))[0]
    one.path.unlink()
    with pytest.raises(reader.ReadError):
        reader.read(one, 0, 5)
    with pytest.raises(reader.ReadError):
        reader.picture([recorded], CAMERA, seconds(5))
    one.path.with_suffix(".idx").unlink()
    with pytest.raises(reader.ReadError, match="index"):
        reader.entries(one)
