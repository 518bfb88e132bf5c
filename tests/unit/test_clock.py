"""The wall clock is set: noticed if it is by more than a second, back or forth."""

import pytest

from bingjian.clock import StepWatch
from tests.unit.streaming.footage import SECOND, SetClock


@pytest.mark.parametrize("seconds", [-86_400, -1.5, 1.5, 3600])
def test_a_step_is_told_once(seconds: float) -> None:
    clock = SetClock()
    watch = StepWatch(clock)
    clock.pass_ns(SECOND)
    assert watch.look() is None
    clock.utc += int(seconds * SECOND)
    assert watch.look() == seconds * 1000
    assert watch.look() is None


def test_many_small_steps_are_one() -> None:
    clock, told = SetClock(), list[int]()
    watch = StepWatch(clock)
    for _ in range(10):
        clock.pass_ns(SECOND)
        clock.utc -= SECOND // 4
        told += [step for step in [watch.look()] if step is not None]
    assert told == [-1250, -1250]


def test_a_clock_that_is_slewed_is_no_step() -> None:
    clock = SetClock()
    watch = StepWatch(clock)
    for _ in range(3600):
        clock.pass_ns(SECOND)
        clock.utc += SECOND // 2000
        assert watch.look() is None
