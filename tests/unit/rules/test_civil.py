"""Days, hours and years as the law counts them: one step before, at and after each end."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bingjian.rules import civil
from tests.unit.rules.times import SECOND, TICK, beijing, instants

DAYS = [  # event, days, first instant after the term
    ("2026-03-01 00:00:00", 30, "2026-04-01"),
    ("2026-03-01 12:00:00", 30, "2026-04-01"),
    ("2026-03-01 23:59:59.999999", 30, "2026-04-01"),
    ("2026-03-02 00:00:00", 30, "2026-04-02"),  # an end at midnight belongs to the new day
    ("2026-01-31 10:00:00", 30, "2026-03-03"),  # over a February
    ("2028-01-31 10:00:00", 30, "2028-03-02"),  # over one with a leap day
    ("2028-02-29 10:00:00", 30, "2028-03-31"),
    ("2026-12-01 10:00:00", 30, "2027-01-01"),  # ends with the year
    ("2026-12-15 10:00:00", 30, "2027-01-15"),
    ("2026-03-01 12:00:00", 90, "2026-05-31"),
    ("2026-11-30 12:00:00", 90, "2027-03-01"),
    ("2027-11-30 12:00:00", 90, "2028-02-29"),
    ("2026-03-01 12:00:00", 0, "2026-03-02"),
    ("2026-09-01 12:00:00", 30, "2026-10-02"),  # the last day is National Day: not moved
    ("2026-03-06 12:00:00", 30, "2026-04-06"),  # … a Sunday: not moved
]
YEARS = [
    ("2026-03-01 12:00:00", 2, "2028-03-02"),
    ("2026-03-01 00:00:00", 2, "2028-03-02"),
    ("2026-02-28 12:00:00", 2, "2028-02-29"),  # the same date, not the month's end
    ("2024-02-29 12:00:00", 2, "2026-03-01"),  # no such date: the last day of the month
    ("2028-02-29 12:00:00", 2, "2030-03-01"),
    ("2028-02-29 12:00:00", 4, "2032-03-01"),
    ("2096-02-29 12:00:00", 4, "2100-03-01"),  # 2100 is no leap year
    ("2026-12-31 23:59:59", 2, "2029-01-01"),
    ("2026-01-31 12:00:00", 2, "2028-02-01"),
]


@pytest.mark.parametrize(("event", "days", "after"), DAYS)
def test_R28_1_a_term_of_days_ends_at_24_00_of_its_last_day(event: str, days: int, after: str) -> None:
    assert civil.end_of_natural_day(beijing(event), days) == beijing(after)


@pytest.mark.parametrize(("event", "years", "after"), YEARS)
def test_R28_3_a_term_of_years_ends_at_24_00_of_the_same_date(event: str, years: int, after: str) -> None:
    assert civil.end_after_years(beijing(event), years) == beijing(after)


@pytest.mark.parametrize(
    ("utc", "day"),
    [
        ("2026-03-01T15:59:59.999999", date(2026, 3, 1)),
        ("2026-03-01T16:00:00", date(2026, 3, 2)),
        ("2026-12-31T16:00:00", date(2027, 1, 1)),
        ("2028-02-28T16:00:00", date(2028, 2, 29)),
    ],
)
def test_R28_1_the_day_is_that_of_the_clock_in_china(utc: str, day: date) -> None:
    assert civil.civil_date(datetime.fromisoformat(utc).replace(tzinfo=UTC)) == day


def test_an_answer_is_utc_and_the_same_for_the_same_instant_in_any_zone() -> None:
    event = beijing("2026-03-02 07:00:00")
    for zone in (UTC, ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")):
        after = civil.end_of_natural_day(event.astimezone(zone), 30)
        assert (after, after.tzinfo) == (beijing("2026-04-02"), UTC)


def test_there_is_no_summer_time() -> None:
    """China had one in 1986–1991; a zone that knows it would move the end by an hour."""
    event = datetime(1990, 7, 1, 12, tzinfo=UTC)
    assert civil.end_of_natural_day(event, 30) == datetime(1990, 7, 31, 16, tzinfo=UTC)
    assert civil.end_after_years(event, 1) == datetime(1991, 7, 1, 16, tzinfo=UTC)


@pytest.mark.parametrize("year", range(1992, 2040))
def test_the_zone_of_china_agrees_since_it_has_none(year: int) -> None:
    for month in (1, 7):
        midnight = datetime(year, month, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
        assert civil.start_of_day(midnight.date()) == midnight


@pytest.mark.parametrize("hours", [24, 72])
def test_hours_run_from_the_event_and_the_last_instant_counts(hours: int) -> None:
    event = beijing("2026-12-31 20:00:00")
    last = civil.end_after_hours(event, hours)
    assert last - event == timedelta(seconds=hours * 3600)
    assert [at <= last for at in (last - SECOND, last, last + SECOND)] == [True, True, False]


@pytest.mark.parametrize(
    ("first", "second", "days"),
    [
        ("2026-03-01 23:59:59", "2026-03-30 00:00:00", 29),
        ("2026-03-01 23:59:59", "2026-03-31 00:00:00", 30),
        ("2026-03-01 00:00:00", "2026-03-31 23:59:59", 30),
        ("2026-12-31 23:59:59", "2027-01-01 00:00:00", 1),
        ("2028-02-28 12:00:00", "2028-03-01 12:00:00", 2),
        ("2026-03-01 12:00:00", "2026-02-28 12:00:00", -1),
    ],
)
def test_days_before_an_event_are_a_difference_of_dates(first: str, second: str, days: int) -> None:
    assert civil.days_between(beijing(first), beijing(second)) == days


@pytest.mark.parametrize(
    ("published", "after"),
    [
        (date(2026, 1, 1), "2028-01-01"),
        (date(2026, 3, 2), "2028-03-02"),
        (date(2028, 2, 29), "2030-02-28"),
    ],
)
def test_R36_2_the_day_of_publication_counts(published: date, after: str) -> None:
    assert civil.end_of_validity(published, 2) == beijing(after)


def test_an_instant_without_its_offset_is_refused() -> None:
    naive = datetime(2026, 3, 1, 12)  # noqa: DTZ001
    for call in (
        lambda: civil.end_of_natural_day(naive, 30),
        lambda: civil.end_after_years(naive, 2),
        lambda: civil.end_after_hours(naive, 24),
    ):
        with pytest.raises(ValueError, match="offset"):
            call()


@given(instants, st.integers(0, 36_500))
def test_a_term_of_days_is_whole_days_and_the_rest_of_the_first(event: datetime, days: int) -> None:
    after = civil.end_of_natural_day(event, days)
    assert timedelta(days=days) < after - event <= timedelta(days=days + 1)
    assert (after + timedelta(hours=8)).time() == datetime.min.time()
    assert civil.days_between(event, after - TICK) == days


@given(instants, st.integers(1, 100))
def test_a_term_of_years_ends_on_the_same_date_or_the_months_last(event: datetime, years: int) -> None:
    last, day = civil.civil_date(civil.end_after_years(event, years) - TICK), civil.civil_date(event)
    assert (last.year, last.month) == (day.year + years, day.month)
    assert last.day == day.day or (day.month, day.day, last.day) == (2, 29, 28)


@given(instants, st.timedeltas(timedelta(0), timedelta(days=3)), st.integers(0, 400), st.integers(1, 5))
def test_what_ends_later_is_never_free_earlier(
    first: datetime, later: timedelta, days: int, years: int
) -> None:
    second = first + later
    assert civil.end_of_natural_day(first, days) <= civil.end_of_natural_day(second, days)
    assert civil.end_after_years(first, years) <= civil.end_after_years(second, years)
