"""What happens over and over is told at once, and then once a minute with how often."""

import pytest

from bingjian.tally import EVERY_NS, Counted, Tally
from tests.unit.streaming.footage import SetClock


def made(clock: SetClock, most: int = 3) -> Tally[str]:
    return Tally(clock, most, lambda _: "elsewhere")


def told(tally: Tally[str]) -> list[tuple[str, int]]:
    return [(one.key, one.count) for one in tally.due()]


def test_the_first_is_told_at_once_and_never_twice() -> None:
    tally = made(SetClock())
    tally.count("a")
    assert told(tally) == [("a", 1)]
    assert told(tally) == []


@pytest.mark.parametrize(("after_ns", "due"), [(EVERY_NS - 1, []), (EVERY_NS, [("a", 500)])])
def test_a_flood_is_told_once_a_minute(after_ns: int, due: list[tuple[str, int]]) -> None:
    clock = SetClock()
    tally = made(clock)
    tally.count("a")
    tally.due()
    for _ in range(500):
        tally.count("a")
        assert told(tally) == []
    clock.pass_ns(after_ns)
    assert told(tally) == due


def test_it_says_when_the_first_of_them_was() -> None:
    clock = SetClock()
    tally, began = made(clock), clock.utc_ns()
    tally.count("a")
    clock.pass_ns(5)
    tally.count("a")
    assert tally.due() == [Counted("a", 2, began)]


def test_beyond_the_limit_they_are_counted_together_until_others_fall_silent() -> None:
    clock = SetClock()
    tally = made(clock, most=2)
    for key in ("a", "b", "c", "d"):
        tally.count(key)
    assert told(tally) == [("a", 1), ("b", 1), ("elsewhere", 2)]
    clock.pass_ns(EVERY_NS)
    assert told(tally) == []
    tally.count("c")
    assert told(tally) == [("c", 1)]


def test_what_could_not_be_told_is_told_later_with_what_came_since() -> None:
    clock = SetClock()
    tally, began = made(clock), clock.utc_ns()
    tally.count("a")
    (untold,) = tally.due()
    clock.pass_ns(1)
    tally.count("a")
    tally.put_back(untold)
    assert tally.due() == [Counted("a", 2, began)]


def test_a_clock_set_back_holds_nothing_up() -> None:
    clock = SetClock()
    tally = made(clock)
    tally.count("a")
    tally.due()
    tally.count("a")
    clock.pass_ns(EVERY_NS)
    clock.utc -= 10 * EVERY_NS
    assert told(tally) == [("a", 1)]
