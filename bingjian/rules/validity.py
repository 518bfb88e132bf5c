"""Whether the city measures are in force: they end by themselves after two years (art. 36)."""

from datetime import date, datetime
from enum import StrEnum

from bingjian.rules.civil import end_of_validity, start_of_day
from bingjian.rules.terms import MEASURES


class Standing(StrEnum):
    COMING = "coming"  # not yet published
    IN_FORCE = "in_force"
    EXPIRED = "expired"  # duties are reported as without local basis; protections go on (R36.3)


def standing(published: date, now: datetime) -> Standing:
    """Of the measures at ``now``; ``published``: the day they came into force."""
    if now < start_of_day(published):
        return Standing.COMING
    return Standing.IN_FORCE if now < end_of_validity(published, MEASURES.value) else Standing.EXPIRED
