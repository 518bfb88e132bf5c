"""Any interval of a real store, in both forms: every stored sample of it and none behind its end."""

import asyncio
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bingjian.formats import g711, mp4_reader
from bingjian.formats.access_unit import Codec
from bingjian.formats.mp4 import Sample
from bingjian.recording import extract, key_frames
from bingjian.recording.cause import Cause
from bingjian.recording.extract import Plan
from bingjian.recording.volume import Volume
from tests.property.test_formats_copy import plain_tracks, samples_of
from tests.unit.recording.footage import (
    CAMERA,
    FRAME_90K,
    GIB,
    StandingClock,
    interleaved,
    recorder,
    seconds,
    sound,
    video,
    video_config,
)

TRACKS = (video_config(), g711.config_from(Codec.PCMA))
OTHER = (video_config(wide=16), g711.config_from(Codec.PCMA))
REORDER = 2  # B-frames between two others
CHANGE_S = 420  # here the camera gets another configuration
LAST_S = 450


class Store:
    """Not a dataclass: a failing test would print ten thousand samples."""

    def __init__(self, volume: Volume, samples: dict[bool, list[Sample]]) -> None:
        self.volume = volume
        self.samples = samples  # everything stored, by: after the change of configuration


def reordered(samples: list[Sample]) -> list[Sample]:
    """The same pictures, but each group after a key frame in the decoding order of B-frames."""
    made = []
    for at in range(0, len(samples), 3):
        group = samples[at : at + 3]
        order = [2, 0, 1] if len(group) == 3 and not any(one.sync for one in group) else range(len(group))
        for decoded, presented in zip(group, order, strict=True):
            pts = group[presented].pts + REORDER * FRAME_90K
            made.append(decoded._replace(pts=pts))
    return made


async def recorded(path: Path) -> Volume:
    """Seven and a half minutes with sound: two segments, a gap, and another configuration at the end."""
    clock = StandingClock()
    volume = Volume.create(path, size_bytes=GIB, reserve_bytes=0, clock=clock)
    one = recorder(volume, clock)
    one.set_tracks(TRACKS)
    one.write(interleaved(reordered(video(0, 320, gop=99)), sound(0.3, 319)), 40)
    one.gap_begin(Cause.NO_PACKETS, "", seconds(320))
    one.write(interleaved(reordered(video(333, CHANGE_S - 333, gop=99)), sound(332.5, 80)), 45)
    one.set_tracks(OTHER)
    one.write(interleaved(video(CHANGE_S, LAST_S - CHANGE_S), sound(CHANGE_S, LAST_S - CHANGE_S)), -7)
    await one.close()
    return volume


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory):
    volume = asyncio.run(recorded(tmp_path_factory.mktemp("store") / "volume"))
    samples: dict[bool, list[Sample]] = {False: [], True: []}
    for path in sorted(volume.path.rglob("*.mp4")):
        data = path.read_bytes()
        after = mp4_reader.read_init(data).tracks == OTHER
        samples[after] += stored_samples(data)
    yield Store(volume, samples)
    volume.close()


def stored_samples(data: bytes) -> list[Sample]:
    """Of a fragmented file, its fragments one behind the other."""
    boxes = [box for box in mp4_reader.boxes(data) if box.type in (b"moof", b"mdat")]
    return [
        sample
        for moof, mdat in zip(boxes[::2], boxes[1::2], strict=True)
        for sample in samples_of(data[moof.start : mdat.end])
    ]


def content(plan: Plan) -> bytes:
    """The whole file."""
    parts = []
    for length, data, path, offset, _ in plan.pieces:
        part = data if path is None else path.read_bytes()[offset : offset + length]
        assert len(part) == length
        parts.append(part)
    whole = b"".join(parts)
    assert len(whole) == plan.size_bytes
    return whole


def downloaded(plan: Plan) -> list[Sample]:
    """Of a plain movie, with the absolute times of what was stored; durations are its own."""
    samples = []
    for track, (rate, read) in enumerate(plain_tracks(content(plan))):
        zero = plan.origin.start_90k * rate // 90_000
        samples += [Sample(track, pts + zero, 0, 0, data, sync, False) for pts, _, sync, data in read]
    return samples


def of(samples: list[Sample], track: int) -> list[tuple[int, bytes, bool]]:
    return [(one.pts, one.data, one.sync) for one in samples if one.track == track]


instants = st.integers(seconds(-20), seconds(LAST_S + 20)) | st.sampled_from(
    [seconds(second) + extra for second in (0, 3.96, 299, 300, 320, 333, 420, 450) for extra in (-1, 0, 1)]
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(start=instants, length=st.integers(1, 90_000 * 30) | st.integers(1, 90_000 * 500))
def test_an_interval_is_every_stored_sample_of_it_and_none_behind_its_end(store, start, length):
    end = start + length
    as_clips = extract.clips([store.volume], CAMERA, start, end)
    as_downloads = extract.downloads([store.volume], CAMERA, start, end)
    assert [plan.end_90k for plan in as_clips] == [plan.end_90k for plan in as_downloads]
    for plan, other in zip(as_clips, as_downloads, strict=True):
        data = content(plan)
        init = mp4_reader.read_init(data)
        after = init.tracks == OTHER
        taken = stored_samples(data)
        assert set(taken) <= set(store.samples[after])
        require_whole(of(taken, 0), of(store.samples[after], 0), start, end)
        heard = [one for one in of(taken, 1) if one[0] * 90_000 // 8000 >= start]
        assert heard == [one for one in of(store.samples[after], 1) if start <= one[0] * 90_000 // 8000 < end]
        again = downloaded(other)
        assert of(again, 0) == of(taken, 0)
        assert of(again, 1) == of(taken, 1)
    pictures = [one.pts for stored in store.samples.values() for one in stored if one.track == 0]
    assert as_clips or not any(start <= pts < end - REORDER * FRAME_90K for pts in pictures)


def require_whole(taken: list, stored: list, start: int, end: int) -> None:
    """From the key frame at or before the start, in decoding order without a hole, to the first presented too
    late."""
    assert taken
    first = stored.index(taken[0])
    assert taken == stored[first : first + len(taken)]
    assert taken[0][2], "begins with a key frame"
    before = [one for one in stored[:first] if one[2]]
    assert all(pts < start for pts, *_ in before)
    key_frames_after = [pts for pts, _, sync in stored[first + 1 :] if sync and pts <= start]
    assert not key_frames_after or taken[0][0] > start
    assert all(pts < end for pts, *_ in taken)
    following = stored[first + len(taken) :][:1]
    assert all(pts >= end for pts, *_ in following)


@settings(max_examples=40, deadline=None)
@given(start=instants, length=st.integers(1, 90_000 * 500), steps=st.integers(1, 64))
def test_the_key_frame_of_a_step_is_the_last_before_its_middle(store, start, length, steps):
    found = key_frames.key_frames([store.volume], CAMERA, start, start + length, steps)
    stored = [one for samples in store.samples.values() for one in samples if one.track == 0]
    syncs = {one.pts: one.data for one in stored if one.sync}
    shown = {step: frame for frame in found.frames for step in frame.steps}
    for step in range(steps):
        middle = start + (2 * step + 1) * length // (2 * steps)
        earlier = [pts for pts in syncs if pts <= middle]
        stands = any(0 <= middle - one.pts <= 3 * 90_000 for one in stored)
        if step in shown:
            assert shown[step].at_90k == max(earlier)
        else:
            assert not stands or middle < seconds(0.2)
    assert pictures_of(found.movies) == [syncs[frame.at_90k] for frame in found.frames]


def pictures_of(movies: bytes) -> list[bytes]:
    return [sample.data for sample in stored_samples(movies)]


def test_what_is_planned_twice_is_the_same(store):
    first, again = (extract.downloads([store.volume], CAMERA, seconds(1), seconds(430)) for _ in range(2))
    assert [plan.tag for plan in first] == [plan.tag for plan in again]
    assert len({plan.tag for plan in first}) == 2  # one file per configuration
    assert [plan.origin.clock_offset_ms for plan in first] == [40, -7]


def test_a_gap_is_as_long_in_the_file_as_it_was(store):
    (plan,) = extract.downloads([store.volume], CAMERA, seconds(310), seconds(340))
    (_, pictures), (_, heard) = plain_tracks(content(plan))
    holes = [b[1] - a[1] for a, b in pairwise(pictures) if b[1] - a[1] > FRAME_90K]
    assert holes == [13 * 90_000 + FRAME_90K]
    assert max(b[1] - a[1] for a, b in pairwise(heard)) > 13 * 8000


def test_a_start_is_found_again_in_the_file(store):
    for plans in (extract.clips, extract.downloads):
        (plan,) = plans([store.volume], CAMERA, seconds(20), seconds(21))
        data = content(plan)
        at = data.index(bytes.fromhex("7013d07ef7584f5783f7a54fbaf2a9ee")) + 16
        assert extract.Origin.unpack(data[at : at + 48]) == plan.origin
        assert plan.origin.camera == CAMERA
        assert plan.origin.clock_offset_ms == 40
    assert extract.Origin.unpack(b"") is None
    assert extract.Origin.unpack(b"\2" + bytes(46)) is None


@pytest.mark.parametrize(
    ("start", "end"),
    [(0, 1), (seconds(10), seconds(10)), (seconds(20), seconds(10)), (-5, -1), (1 << 61, 1 << 62)],
)
def test_where_nothing_is_there_is_no_file(store, start, end):
    assert extract.clips([store.volume], CAMERA, start, end) == []
    assert extract.downloads([store.volume], CAMERA, start, end) == []


def test_damaged_tables_are_a_read_error(store):
    (plan,) = extract.clips([store.volume], CAMERA, seconds(422), seconds(424))
    path = plan.pieces[1].path
    whole = path.read_bytes()
    try:
        path.write_bytes(whole.replace(b"traf", b"trak"))
        for planned in (extract.clips, extract.downloads):
            with pytest.raises(extract.ReadError):
                planned([store.volume], CAMERA, seconds(422), seconds(424))
    finally:
        path.write_bytes(whole)
