"""Civil time: how the law counts days, hours and years.

Civil Code arts. 200–204: the day of the event is not counted; a term of years ends on the same date, or on
the last day of a month that has no such date; the last day ends at 24:00. Hours run from the event itself.
A last day on a rest day is moved only where a person has to act by then (``end_of_filing``): footage has
nobody who would have to act on it (requirements 5.2).
Every instant is aware, else ValueError.
"""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bingjian.rules.holidays import Holidays

# Not the zone "Asia/Shanghai": its summer times until 1991, or one to come, must not move a term.
CHINA = timezone(timedelta(hours=8))
DAY = timedelta(days=1)
MONTHS = 12  # of a year
TICK = timedelta(microseconds=1)  # the smallest step of an instant


def civil_date(instant: datetime) -> date:
    """The day in China that an instant lies in; 00:00 belongs to the new day."""
    if instant.utcoffset() is None:
        raise ValueError("an instant without its offset from UTC")
    return instant.astimezone(CHINA).date()


def start_of_day(day: date) -> datetime:
    """00:00 in China, as a UTC instant: also 24:00 of the day before."""
    return datetime.combine(day, time(), CHINA).astimezone(UTC)


def same_date(day: date, years: int) -> date:
    """The date so many calendar years later, or the last of that month if it has no such date."""
    _, last = monthrange(day.year + years, day.month)
    return day.replace(year=day.year + years, day=min(day.day, last))


def end_of_natural_day(event: datetime, days: int) -> datetime:
    """24:00 of the day that lies ``days`` after the event's: the first instant after a term of days, UTC."""
    return start_of_day(civil_date(event) + (days + 1) * DAY)


def end_after_years(event: datetime, years: int) -> datetime:
    """24:00 of the same date ``years`` later: the first instant after a term of calendar years, UTC."""
    return start_of_day(same_date(civil_date(event), years) + DAY)


def end_after_months(event: datetime, months: int) -> datetime:
    """24:00 of the same day so many months later, or of that month's last: first instant after, UTC."""
    day = civil_date(event)
    years, month = divmod(day.month - 1 + months, MONTHS)
    first = date(day.year + years, month + 1, 1)
    _, last = monthrange(first.year, first.month)
    return start_of_day(first.replace(day=min(day.day, last)) + DAY)


def end_after_hours(event: datetime, hours: int) -> datetime:
    """The last instant that is still "within" these hours; it counts itself. UTC."""
    civil_date(event)  # aware
    return event.astimezone(UTC) + timedelta(hours=hours)


def is_within_hours(event: datetime, hours: int, done: datetime) -> bool:
    """Whether it was done in time: N hours are N × 3600 s, the last of them counts."""
    return done <= end_after_hours(event, hours)


def end_of_filing(event: datetime, days: int, holidays: "Holidays") -> datetime:
    """24:00 of the last of so many natural days on which a person must act: a free last day rolls to the next
    working day (Civil Code art. 203; requirements 5.2). First instant after the term, UTC."""
    return start_of_day(holidays.roll(civil_date(event) + days * DAY) + DAY)


def end_of_working_day(event: datetime, days: int, holidays: "Holidays") -> datetime:
    """24:00 of the last of so many working days, the event's not counted. First instant after, UTC."""
    return start_of_day(holidays.after(civil_date(event), days) + DAY)


def days_between(first: datetime, second: datetime) -> int:
    """Difference of the two dates in China: notice received on 1 March for 31 March is 30 days before."""
    return (civil_date(second) - civil_date(first)).days


def end_of_validity(published: date, years: int) -> datetime:
    """First instant after a law's own term, whose first day counts: published 2026-01-01 for two years, the
    last day is 2027-12-31 (requirements 5.6)."""
    return start_of_day(same_date(published, years))
