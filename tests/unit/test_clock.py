"""The steady clock: a wall clock that is set back brings nothing back."""

from hypothesis import given
from hypothesis import strategies as st

from bingjian.clock import SteadyClock
from tests.unit.streaming.footage import SECOND, SetClock


def test_it_is_the_wall_clock_as_long_as_that_goes_on() -> None:
    wall = SetClock()
    steady = SteadyClock(wall)
    wall.pass_ns(7 * SECOND)
    wall.utc += 3600 * SECOND  # set forward: followed at once
    assert (steady.utc_ns(), steady.ahead_ns()) == (wall.utc, 0)


def test_set_back_it_goes_on_from_where_it_was() -> None:
    wall = SetClock()
    steady = SteadyClock(wall)
    before = steady.utc_ns()
    wall.utc -= 3600 * SECOND
    wall.pass_ns(10 * SECOND)
    assert steady.utc_ns() == before + 10 * SECOND  # what is to expire goes on expiring
    assert steady.ahead_ns() == 3600 * SECOND
    wall.pass_ns(5 * SECOND)
    wall.utc += 3600 * SECOND  # and put right again
    assert (steady.utc_ns(), steady.ahead_ns()) == (wall.utc, 0)


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
