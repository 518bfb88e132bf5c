"""A wall clock that is set back brings nothing back, and is noticed if it is by more than a second."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bingjian.clock import SteadyClock, StepWatch
from tests.unit.streaming.footage import SECOND, SetClock


def test_it_is_the_wall_clock_as_long_as_that_goes_on() -> None:
    wall = SetClock()
    steady = SteadyClock(wall)
    wall.pass_ns(7 * SECOND)
    wall.utc += 3600 * SECOND  # set forward: followed at once
    assert steady.utc_ns() == wall.utc


def test_set_back_it_goes_on_from_where_it_was() -> None:
    wall = SetClock()
    steady = SteadyClock(wall)
    before = steady.utc_ns()
    wall.utc -= 3600 * SECOND
    wall.pass_ns(10 * SECOND)
    assert steady.utc_ns() == before + 10 * SECOND  # what is to expire goes on expiring
    wall.pass_ns(5 * SECOND)
    wall.utc += 3600 * SECOND  # and put right again
    assert steady.utc_ns() == wall.utc


steps = st.lists(st.tuples(st.integers(0, 10**12), st.integers(-(10**13), 10**13)), max_size=20)


@given(steps)
def test_whatever_is_done_to_the_wall_clock_it_passes_no_slower_than_time(
    moves: list[tuple[int, int]],
) -> None:
    wall = SetClock()
    steady = SteadyClock(wall)
    last, since = steady.utc_ns(), wall.monotonic
    for passed, set_by in moves:
        wall.pass_ns(passed)
        wall.utc += set_by
        now = steady.utc_ns()
        assert now - last >= wall.monotonic - since
        assert now >= wall.utc
        last, since = now, wall.monotonic


# --- noticed


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
