"""Which days are worked: public holidays and make-up working days as the State Council announces them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import tomli

from bingjian.rules.edition import Source
from bingjian.rules.law import LawError

SATURDAY = 5
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Holidays:
    """Working days. Beyond the announced years weekends alone are known: provisional."""

    off: frozenset[date]  # free though not on a weekend, or named by the announcement
    worked: frozenset[date]  # Saturdays and Sundays that are worked
    years: frozenset[int]  # announced

    def is_working_day(self, day: date) -> bool:
        return day in self.worked or (day.weekday() < SATURDAY and day not in self.off)

    def is_provisional(self, day: date) -> bool:
        """No announcement covers the year of this day."""
        return day.year not in self.years

    def roll(self, day: date) -> date:
        """The day itself, or the next working day."""
        while not self.is_working_day(day):
            day += DAY
        return day

    def after(self, day: date, working_days: int) -> date:
        """The last of so many working days; the day of the event is not counted."""
        for _ in range(working_days):
            day = self.roll(day + DAY)
        return day


def read_holidays(file: str, text: str) -> Holidays:
    """A table per year: ``[2026]`` with ``off`` and ``worked``, lists of dates. Raises LawError."""
    try:
        tree = tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        raise LawError(Source(file, 1), f"not TOML: {error}") from error
    off, worked = set[date](), set[date]()
    for name, year in tree.items():
        line = next(n for n, each in enumerate(text.splitlines(), 1) if each.strip() == f"[{name}]")
        for key, days in (("off", off), ("worked", worked)):
            days |= set(_days(Source(file, line), name, year, key))
    return Holidays(frozenset(off), frozenset(worked), frozenset(map(int, tree)))


def _days(source: Source, name: str, year: Mapping[str, object], key: str) -> list[date]:
    days = year.get(key)
    if not isinstance(days, list) or not all(isinstance(day, date) and str(day.year) == name for day in days):
        raise LawError(source, f"{key} of {name} must be a list of dates in that year")
    return days
