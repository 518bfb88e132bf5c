"""Whatever the gaps, whatever a device sends: never over what is there, never outside a gap."""

import asyncio
import tempfile
from pathlib import Path
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from bingjian.recording import check, presence
from bingjian.recording.catalogue import GapRow, segments_between
from bingjian.recording.cause import Cause
from bingjian.recording.filling import Filling, lacks
from bingjian.recording.segment import Recovered
from bingjian.recording.volume import Volume
from bingjian.recording.volumes import Volumes
from bingjian.recording.wanted import (
    FILLABLE,
    SHORTEST_90K,
    Interval,
    common,
    pieces,
    subtracted,
    united,
    wanted,
)
from tests.unit.recording.footage import CAMERA, StandingClock, recorder, seconds, video, video_config

instants = st.integers(0, 2000)
spans = st.tuples(instants, instants).map(sorted).map(tuple)
gaps = st.lists(
    st.builds(
        lambda span, cause, open: GapRow(
            UUID(int=1), CAMERA, seconds(span[0]), None if open else seconds(span[1]), cause, ""
        ),
        spans,
        st.sampled_from(Cause),
        st.booleans(),
    ),
    max_size=8,
)


def covered(some) -> set[int]:
    """Seconds, of the tests' timeline; every border is a whole one."""
    return {
        second
        for start, end in some
        for second in range((start - seconds(0)) // 90_000, (end - seconds(0)) // 90_000)
    }


@given(gaps, st.lists(spans, max_size=8), spans)
def test_what_is_wanted_is_missing_for_a_reason_that_no_order_gave(some, there, window):
    there = [(seconds(a), seconds(b)) for a, b in there]
    window = Interval(seconds(window[0]), seconds(window[1]))
    found = wanted(some, there, window)
    asked = [covered([one]) for one in found]
    assert sum(map(len, asked)) == len(set().union(*asked)), "no second twice"
    lasts = [(gap.cause in FILLABLE, (gap.start_90k, gap.end_90k or window.end_90k)) for gap in some]
    wished = covered(span for fillable, span in lasts if fillable)
    barred = covered(span for fillable, span in lasts if not fillable)
    expected = (wished & covered([window])) - barred - covered(there)
    assert set().union(*asked) <= expected
    left = expected - set().union(*asked)
    runs = united(Interval(seconds(second), seconds(second + 1)) for second in left)
    assert all(one.length_90k < SHORTEST_90K for one in runs), "only what is too short is left out"


@given(st.lists(spans, max_size=6), st.lists(spans, max_size=6))
def test_the_sets_are_sets(some, others):
    a, b = ([Interval(seconds(x), seconds(y)) for x, y in one] for one in (some, others))
    one, other = united(a), united(b)
    assert covered(one) == covered(a)
    assert covered(common(one, other)) == covered(a) & covered(b)
    assert covered(subtracted(one, other)) == covered(a) - covered(b)
    assert all(len(pieces(each)) >= 1 and united(pieces(each)) == [each] for each in one)


takes = st.lists(
    st.tuples(st.integers(0, 1800), st.integers(1, 900), st.integers(5, 60)), min_size=1, max_size=6
)


@settings(max_examples=15, deadline=None)
@given(takes, st.integers(200, 900), st.integers(1000, 1600))
def test_a_store_stays_what_it_should_be(sent, gap_start, gap_end):
    """Instants in tenths of a second; a device sends anything, in any order, again and again."""
    with tempfile.TemporaryDirectory() as place:
        asyncio.run(_fill_at_random(Path(place) / "v", sent, gap_start / 10, gap_end / 10))


async def _fill_at_random(root: Path, sent, gap_start: float, gap_end: float) -> None:
    volume = Volume.create(root, size_bytes=1 << 30, reserve_bytes=0, clock=StandingClock())
    one = recorder(volume, StandingClock())
    one.set_tracks((video_config(),))
    one.write(video(0, gap_start))
    one.gap_begin(Cause.UNREACHABLE, "", video(0, gap_start)[-1].dts + 3600)
    one._finish_segment()
    one.write(video(gap_end, 20))
    await one.close()
    ours = _ours(volume)
    for number, (start, length, gop) in enumerate(sent):
        await _fill_once(volume, number, video(start / 10, length / 10, gop=gop))
        assert _ours(volume) == ours, "what is present wins"
    reading = Volume.open(root, read_only=True)
    assert list(check.Check(reading, deep=True)) == []
    reading.close()
    sums = presence.completeness([volume], CAMERA, seconds(0), seconds(gap_end), 0)
    spans = presence.spans([volume], CAMERA, seconds(0), seconds(gap_end))
    recovered = [span for span in spans if span.source is not None]
    assert sums.recovered_90k == sum(span.end_90k - span.start_90k for span in recovered)
    volume.close()


async def _fill_once(volume: Volume, number: int, samples) -> None:
    found = lacks(Volumes([volume]), CAMERA, Interval(seconds(-1), seconds(300)))
    if not found:
        return
    source = Recovered("34020000001110000001", "34020000001310000001", seconds(1000 + number))
    filling = Filling(CAMERA, found[0], source, worker="w", epoch=1)
    filling.begin(StandingClock())
    filling.set_tracks((video_config(),))
    filling.write(samples)
    kept = await filling.end()
    assert 0 <= kept <= found[0].interval.length_90k


def _ours(volume: Volume) -> list[tuple[int, int, bytes | None]]:
    with volume.reading() as rows:
        found = segments_between(rows, CAMERA, 0, 1 << 62)
    return [(row.start_90k, row.end_90k, row.root) for row in found if row.recovered is None]
