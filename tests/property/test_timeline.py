"""The timeline's promises, whatever a source sends."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bingjian.formats.access_unit import AccessUnit, AudioConfig, Codec, VideoConfig
from bingjian.formats.mp4 import Sample
from bingjian.streaming.timeline import HOLE_90K, JUMP_90K, Step, Timeline

START = 1_800_000_000 * 90_000


def video(reorder: int = 0) -> VideoConfig:
    return VideoConfig(Codec.H264, (b"sps", b"pps"), 1280, 720, reorder, "avc1.64001f")


SOUND = AudioConfig(Codec.AAC, 48_000, 1, b"\x11\x88", "mp4a.40.2", 1024)


def unit(timestamp: int, track: int = 0) -> AccessUnit:
    return AccessUnit(track, timestamp, b"x", True)


def run(timeline: Timeline, units: list[tuple[AccessUnit, int]]) -> list[list[Sample]]:
    """Places all; returns completed samples, one list per stretch between steps."""
    stretches: list[list[Sample]] = [[]]
    timeline.anchor(units[:1])
    for one, arrival in units:
        try:
            timeline.place(one, arrival)
        except Step:
            stretches[-1] += timeline.flush()
            stretches.append([])
            timeline.step(one, arrival)
            timeline.place(one, arrival)
        if timeline.completed is not None:
            stretches[-1].append(timeline.completed)
    stretches[-1] += timeline.flush()
    return stretches


deltas = st.integers(-(2**33), 2**33) | st.sampled_from([0, 1, -1, 3600, 90_000, -90_001, 2**32])


@given(
    st.lists(st.tuples(deltas, st.integers(0, 20 * 90_000)), min_size=1, max_size=40),
    st.integers(0, 16),
)
def test_any_source_gives_increasing_decode_times_and_exact_durations(
    walk: list[tuple[int, int]], reorder: int
) -> None:
    timestamp, arrival, units = 0, START, []
    for delta, wait in walk:
        timestamp, arrival = timestamp + delta, arrival + wait
        units.append((unit(timestamp), arrival))
    stretches = run(Timeline([video(reorder)]), units)
    assert sum(map(len, stretches)) == len(units)
    for samples in stretches:
        for one, following in pairwise(samples):
            step = following.dts - one.dts
            assert one.duration == step or (one.duration < step / 4 and step > HOLE_90K)
            assert one.duration > 0
        assert all(one.pts >= one.dts for one in samples)


@given(st.lists(st.sampled_from([0, 1, 2, 3]), max_size=30), st.integers(1, 3))
@settings(max_examples=50)
def test_reordered_pictures_keep_their_times(groups: list[int], depth: int) -> None:
    """Groups of a reference followed by up to ``depth`` pictures shown before it."""
    order, shown = [0], 1
    for group in groups:
        size = min(group, depth)
        order += [shown + size, *range(shown, shown + size)]
        shown += size + 1
    units = [(unit(1000 + 3600 * place), START + 3600 * at) for at, place in enumerate(order)]
    (samples,) = run(Timeline([video(depth)]), units)
    assert [one.pts - samples[0].pts for one in samples] == [3600 * place for place in order]
    assert all(one.pts >= one.dts for one in samples)


@given(st.randoms(use_true_random=False), st.integers(-80, 80))
@settings(max_examples=20, deadline=None)
def test_drift_is_followed_within_the_jitter(random: Random, ppm: int) -> None:
    """Ten minutes at one picture a second: the end is as right as the least delayed arrivals are."""
    units = []
    for second in range(600):
        late = random.randrange(9_000)
        true = START + second * 90_000
        units.append((unit(second * 90_000 + second * 90_000 * ppm // 1_000_000), true + late))
    stretches = run(Timeline([video()]), units)
    assert len(stretches) == 1
    last = stretches[0][-1]
    assert abs(last.pts - (START + 599 * 90_000)) < 9_000 + 2_000
    for one in stretches[0][:-1]:
        assert abs(one.duration - 90_000) <= 100 + abs(ppm)  # never more than 1 ms in a second


def test_the_first_unit_anchors_to_its_arrival() -> None:
    timeline = Timeline([video()])
    timeline.anchor([(unit(5), START)])
    assert timeline.place(unit(5), START).pts == START


def test_a_burst_of_cached_pictures_lies_in_the_past() -> None:
    burst = [(unit(3600 * n), START + n) for n in range(50)]
    timeline = Timeline([video()])
    timeline.anchor(burst)
    samples = [timeline.place(*one) for one in burst]
    assert samples[-1].pts == START + 49
    assert samples[0].pts == START + 49 - 49 * 3600


def test_an_anchor_inside_what_is_stored_moves_behind_it_and_comes_home() -> None:
    timeline = Timeline([video()])
    timeline.anchor([(unit(0), START)], not_before_90k=START + 45_000)
    assert timeline.place(unit(0), START).pts == START + 45_000
    for second in range(1, 601):
        last = timeline.place(unit(second * 90_000), START + second * 90_000)
    assert abs(last.pts - (START + 600 * 90_000)) < 200


def test_a_leap_is_a_step_and_a_pause_is_a_hole() -> None:
    timeline = Timeline([video()])
    timeline.anchor([(unit(0), START)])
    timeline.place(unit(0), START)
    timeline.place(unit(3600), START + 3600)
    timeline.place(unit(3600 + 5 * 90_000), START + 3600 + 5 * 90_000)
    assert timeline.completed is not None
    assert timeline.completed.duration == 3600
    for timestamp in (100 * 90_000, 0):
        with pytest.raises(Step) as step:
            timeline.place(unit(timestamp), START + 6 * 90_000)
        assert abs(step.value.seconds) > 1


def test_worthless_timestamps_are_given_up() -> None:
    units = [(unit((n % 2) * 10**9 + n), START + 3600 * n) for n in range(50)]
    timeline = Timeline([video()])
    stretches = run(timeline, units)
    assert timeline.by_arrival
    assert len(stretches) < 8
    assert [one.duration for one in stretches[-1][:-1]] == [3600] * (len(stretches[-1]) - 1)


def test_a_constantly_growing_delay_is_a_step_after_a_second() -> None:
    units = [(unit(n * 85_000), START + n * 90_000) for n in range(60)]
    assert len(run(Timeline([video()]), units)) > 1


def test_sound_is_placed_by_sender_reports() -> None:
    timeline = Timeline([video(), SOUND])
    timeline.anchor([(unit(0), START)])
    timeline.sender_report(0, 90_000, START // 90 * 1_000_000 + 7_000_000_000)
    timeline.sender_report(
        1, 500, START // 90 * 1_000_000 + 6_500_000_000
    )  # half a second before the picture's report
    placed = timeline.place(unit(500, track=1), START + 300_000)
    assert placed.pts == START // 90_000 * 48_000 + 24_000
    assert timeline.clock_offset_ms == 6_000


def test_sound_goes_on_sample_by_sample() -> None:
    timeline = Timeline([video(), SOUND])
    timeline.anchor([(unit(0), START), (unit(0, track=1), START)])
    sounds = []
    for n in range(200):
        timeline.place(unit(1920 * n), START + 1920 * n + (n * 37) % 400)
        timeline.place(unit(1024 * n, track=1), START + 1920 * n + (n * 91) % 900)
        if timeline.completed is not None:
            sounds.append(timeline.completed.duration)
    assert set(sounds) == {1024}


def test_garbage_sender_reports_change_nothing_beyond_a_millisecond() -> None:
    timeline = Timeline([video(), SOUND])
    timeline.anchor([(unit(0), START), (unit(0, track=1), START)])
    timeline.sender_report(0, 0, 0)
    timeline.sender_report(1, 2**40, 2**64)
    assert timeline.place(unit(0, track=1), START).pts == START * 48_000 // 90_000
    assert abs(timeline.clock_offset_ms) < 2**31
    assert JUMP_90K == 90_000
