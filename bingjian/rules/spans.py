"""Spans of time, and what they leave open between them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bingjian.rules.civil import CHINA
from bingjian.rules.decision import aware, consistent
from bingjian.rules.edition import Words


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From an instant to a later one, which is not in it."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        aware(start=self.start, end=self.end)
        consistent(self.start < self.end, "ends before it starts")

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    def overlaps(self, other: "Span") -> bool:
        return self.start < other.end and other.start < self.end

    def __contains__(self, instant: datetime) -> bool:
        return self.start <= instant < self.end

    def __str__(self) -> str:
        """On a clock in China, to the millisecond."""
        return f"{clock(self.start)} – {clock(self.end)}"


def clock(instant: datetime) -> str:
    """ "2026-03-01 14:00:02.100" in China; without the fraction where it is zero."""
    told = instant.astimezone(CHINA).replace(tzinfo=None)
    return told.isoformat(" ", "milliseconds" if told.microsecond else "seconds")


def gaps(within: Span, covered: Iterable[Span]) -> tuple[Span, ...]:
    """What of ``within`` none of the spans covers, oldest first."""
    at, found = within.start, []
    for span in sorted(covered):
        if at < min(span.start, within.end):
            found.append(Span(at, min(span.start, within.end)))
        at = max(at, span.end)
    if at < within.end:
        found.append(Span(at, within.end))
    return tuple(found)


def several(spans: Iterable[Span]) -> Words:
    """For a sentence."""
    told = [str(span) for span in spans]
    return Words("；".join(told), "; ".join(told))
