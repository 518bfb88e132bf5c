"""How somebody usually looks: how often a day, and at which hours. Kept as JSON, one a person."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from statistics import median
from typing import Any

from bingjian.clock import CHINA
from bingjian.rules.civil import civil_date

DAYS_KEPT = 31  # days with use that make a habit: a month of shifts, and today
DAYS_NEEDED = 5  # earlier days with use, before which there is no habit to compare with
ENTRIES_KEPT = 50  # of today, as evidence
HOURS = 24


@dataclass(slots=True)
class Habit:
    """Looks of one person by day and hour in China; ``days`` in order, the last is today."""

    days: dict[str, dict[str, int]] = field(default_factory=dict)  # "2026-01-01" → "9" → looks
    entries: list[int] = field(default_factory=list)  # today's first, by their numbers in the journal
    raised: list[str] = field(default_factory=list)  # signs that were raised today

    @classmethod
    def of(cls, values: dict[str, Any]) -> "Habit":
        return cls(**values)

    def values(self) -> dict[str, Any]:
        return asdict(self)

    def take(self, at: datetime, entry: int) -> None:
        """One more look; looks come in the order of the journal."""
        day, hour = civil_date(at).isoformat(), str(at.astimezone(CHINA).hour)
        if day not in self.days:
            self.days[day], self.entries, self.raised = {}, [], []
            for old in list(self.days)[:-DAYS_KEPT]:
                del self.days[old]
        self.days[day][hour] = self.days[day].get(hour, 0) + 1
        if len(self.entries) < ENTRIES_KEPT:
            self.entries.append(entry)

    @property
    def volume(self) -> int:
        """Looks of today."""
        return sum(self.days[list(self.days)[-1]].values()) if self.days else 0

    @property
    def median(self) -> int | None:
        """Of the earlier days with use, rounded up; None: there are too few."""
        volumes = [sum(hours.values()) for hours in self._earlier()]
        return -int(-median(volumes) // 1) if len(volumes) >= DAYS_NEEDED else None

    def has_hour(self, at: datetime) -> bool:
        """Whether the person used to look at about this hour; True while there is no habit yet."""
        hour, days = at.astimezone(CHINA).hour, list(self._earlier())
        near = {str((hour + by) % HOURS) for by in (-1, 0, 1)}
        return len(days) < DAYS_NEEDED or any(near & hours.keys() for hours in days)

    def raise_once(self, sign: str) -> bool:
        """Whether it has not been raised today; from now on it has."""
        if sign in self.raised:
            return False
        self.raised.append(sign)
        return True

    def _earlier(self) -> Iterator[dict[str, int]]:
        return iter(list(self.days.values())[:-1])
