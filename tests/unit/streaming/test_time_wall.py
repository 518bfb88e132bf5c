"""Our own wall clock: smeared, slewed, set. Recorded time follows it and never runs backwards by itself."""

import pytest

from bingjian.recording.cause import Cause
from tests.unit.streaming.footage import FRAME, START
from tests.unit.streaming.passing import Passing

DAY_S = 86_400
SMEAR_PPM = 1e6 / DAY_S  # a leap second spread over a day
HOUR_90K = 3600 * 90_000


@pytest.mark.parametrize("ppm", [SMEAR_PPM, -SMEAR_PPM])
def test_a_smeared_leap_second_is_followed_and_cuts_nothing(ppm: float) -> None:
    passing = Passing(rate=2)
    passing.run(60)
    passing.wall_ppm = ppm
    passing.run(DAY_S)
    passing.wall_ppm = 0
    passing.run(60)
    assert abs(passing.clock.utc - passing.clock.monotonic - (START // 90_000 - 5) * 10**9) > 999_000_000
    assert passing.unbroken()
    assert passing.steps == passing.gaps == []
    assert passing.worst_ms() < 1


@pytest.mark.parametrize("ppm", [500, -500])  # what the kernel's clock discipline does at most (ntp_adjtime)
def test_a_slewed_clock_is_followed_at_its_pace(ppm: int) -> None:
    passing = Passing(jitter_ms=30)
    passing.run(60)
    passing.wall_ppm = ppm
    passing.run(900)
    passing.wall_ppm = 0
    passing.run(120)
    assert passing.unbroken()
    assert passing.steps == passing.gaps == []
    assert passing.worst_ms() < 20
    assert passing.worst_ms(first=1060 * 25) < 5  # a minute after the slew


@pytest.mark.parametrize("seconds", [0.9, 0.02, -0.02, -0.9])
def test_less_than_a_second_is_worked_off_slowly_and_not_overshot(seconds: float) -> None:
    passing = Passing()
    passing.run(60)
    passing.step(seconds)
    passing.run(1200)
    assert passing.unbroken()
    assert passing.steps == []
    assert passing.stretch_ms_per_s() <= 1
    errors = passing.errors_ms(first=60 * 25)
    assert errors[0] == pytest.approx(-1000 * seconds, abs=2)
    assert abs(errors[-1]) < 0.1
    assert min(error * -seconds for error in errors) > -0.1 * abs(seconds)  # never beyond the goal


@pytest.mark.parametrize("hours", [1, -1])
def test_an_hour_at_once_is_a_step_with_its_record(hours: int) -> None:
    passing = Passing()
    passing.run(60)
    passing.step(hours * 3600)
    passing.run(60)
    stepped = START + 61 * 90_000 + hours * HOUR_90K  # noticed with the next tick, a second later
    assert ("discontinuity", Cause.CLOCK_STEP, stepped) in passing.notes.heard
    assert len(passing.steps) == 1
    assert passing.gaps == []
    before, after = passing.notes.samples[: 61 * 25], passing.notes.samples[61 * 25 :]
    assert before[-1].pts + before[-1].duration == START + 61 * 90_000
    assert after[0].pts == stepped
    assert len(before) + len(after) == 120 * 25 - 1
    assert {sample.duration for sample in before + after} == {FRAME}


def test_a_leap_second_that_is_repeated_is_a_step_too() -> None:
    passing = Passing()
    passing.run(60)
    passing.step(-1)
    passing.run(60)
    assert passing.steps == [START + 60 * 90_000]


def test_a_slew_faster_than_we_follow_becomes_a_step() -> None:
    """chrony slews by up to a twelfth: following it would make pictures run visibly slow or fast."""
    passing = Passing()
    passing.run(60)
    passing.wall_ppm = 1e6 / 12
    passing.run(60)
    passing.wall_ppm = 0
    passing.run(20)
    assert 1 <= len(passing.steps) <= 5  # one for each second of five
    assert passing.worst_ms(first=125 * 25) < 1000


@pytest.mark.parametrize("hours", [1, -1])
def test_a_step_while_the_camera_is_settling_places_its_pictures_in_the_new_time(hours: int) -> None:
    passing = Passing()
    passing.run(0.2)
    passing.step(hours * 3600)
    passing.run(60)
    stepped = [sample.pts for sample in passing.notes.samples if abs(sample.pts - START) > HOUR_90K // 2]
    assert stepped[0] == pytest.approx(START + hours * HOUR_90K + 90_000, abs=90_000)
    assert passing.worst_ms(first=2 * 25) < 1
