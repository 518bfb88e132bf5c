"""The camera's own clocks: its crystal drifts, its timestamps wrap, its wall clock is off."""

import pytest

from bingjian.protocols import rtp
from tests.unit.streaming.footage import START
from tests.unit.streaming.passing import Passing

WRAP = 1 << 32


@pytest.mark.parametrize("ppm", [200, -200])
@pytest.mark.parametrize("jitter_ms", [0, 80])
def test_drift_is_followed_and_cuts_nothing(ppm: int, jitter_ms: int) -> None:
    passing = Passing(camera_ppm=ppm, jitter_ms=jitter_ms)
    passing.run(3600)  # in which the clocks part by 0.72 s
    assert passing.unbroken()
    assert passing.steps == passing.gaps == []
    assert passing.worst_ms() < 5 + jitter_ms / 4  # the least delayed of eight seconds count
    assert passing.stretch_ms_per_s() < 1.3  # our 1 ms and the drift itself


@pytest.mark.parametrize("before_s", [0.1, 30])
def test_a_wrap_of_the_timestamps_is_not_noticed(before_s: float) -> None:
    newest = WRAP - int(before_s * 90_000)

    def received(timestamp: int) -> int:
        nonlocal newest
        newest = rtp.unwrap(newest, timestamp % WRAP)
        return newest

    passing = Passing(first_timestamp=newest, unwrapped=received)
    passing.run(60)
    assert newest > WRAP
    assert passing.unbroken()
    assert passing.steps == passing.gaps == []
    assert passing.worst_ms() == 0


def test_the_offset_of_the_cameras_clock_is_kept_across_a_step_of_ours() -> None:
    passing = Passing()
    passing.run(10)
    camera_ns = START // 9 * 100_000 + 7_250_000_000  # taken at the first picture, 7.25 s ahead of us
    passing.stream.on_sender_report(0, 1000, camera_ns, passing.clock.monotonic)
    assert passing.stream.clock_offset_ms == 7250
    passing.step(3600)
    passing.run(10)
    assert passing.stream.clock_offset_ms == 7250 - 3_600_000
    assert passing.notes.offsets[-1] == 7250 - 3_600_000
