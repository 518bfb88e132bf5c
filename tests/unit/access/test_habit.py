"""What is usual for somebody: volume by day, hours of the day."""

from datetime import UTC, datetime, timedelta

import pytest

from bingjian.access.habit import DAYS_KEPT, DAYS_NEEDED, ENTRIES_KEPT, Habit

NINE = datetime(2026, 1, 1, 1, tzinfo=UTC)  # 9:00 in China
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def after(days: int, looks: int = 3, at: datetime = NINE) -> Habit:
    habit = Habit()
    for day in range(days):
        for _ in range(looks):
            habit.take(at + day * DAY, 0)
    return habit


def test_a_median_wants_earlier_days_and_leaves_today_out() -> None:
    habit = after(DAYS_NEEDED)
    assert habit.median is None, "today is left out"
    habit.take(NINE + DAYS_NEEDED * DAY, 1)
    assert habit.values()["entries"] == [1]
    assert [habit.median, habit.volume] == [3, 1]


def test_a_day_is_a_day_in_china() -> None:
    habit = Habit()
    for at in ("2026-01-01T15:59:59+00:00", "2026-01-01T16:00:00+00:00"):
        habit.take(datetime.fromisoformat(at), 0)
    assert list(habit.days) == ["2026-01-01", "2026-01-02"]
    assert habit.volume == 1


@pytest.mark.parametrize(("hours", "is_usual"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_the_hours_around_those_one_looks_at_are_usual(hours: int, is_usual: bool) -> None:
    habit, today = after(DAYS_NEEDED), NINE + DAYS_NEEDED * DAY
    habit.take(today + hours * HOUR, 1)
    assert habit.has_hour(today + hours * HOUR) is is_usual


def test_midnight_lies_between_23_and_0() -> None:
    habit = after(DAYS_NEEDED, at=NINE + 14 * HOUR)  # 23:00
    at = NINE + DAYS_NEEDED * DAY + 15 * HOUR  # 0:00
    habit.take(at, 1)
    assert habit.has_hour(at)


def test_without_a_habit_every_hour_is_usual() -> None:
    habit = after(DAYS_NEEDED - 1)
    habit.take(NINE + 30 * DAY + 12 * HOUR, 1)
    assert habit.has_hour(NINE + 12 * HOUR)


def test_a_sign_is_raised_once_a_day() -> None:
    habit = after(1)
    assert [habit.raise_once("volume") for _ in range(2)] == [True, False]
    assert habit.raise_once("hours")
    habit.take(NINE + DAY, 1)
    assert habit.raise_once("volume")


def test_it_stays_small_and_comes_back_from_json() -> None:
    habit = after(3 * DAYS_KEPT, looks=2 * ENTRIES_KEPT)
    assert (len(habit.days), len(habit.entries)) == (DAYS_KEPT, ENTRIES_KEPT)
    assert Habit.of(habit.values()) == habit
