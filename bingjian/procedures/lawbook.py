"""The law as procedures ask it: with the day on which the city published its measures."""

from datetime import date, datetime

from bingjian.rules.law import Law
from bingjian.rules.library import holidays, law, published


class Lawbook:
    """The law: all of it, and what of it binds at an instant."""

    def __init__(self, published_on: date | None) -> None:
        """``published_on``: the day the city's measures were published, if they were (art. 36)."""
        self.whole = published(published_on) if published_on is not None else law()
        self.holidays = holidays()

    def at(self, now: datetime) -> Law:
        return self.whole.at(now)
