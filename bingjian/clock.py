"""The one clock. Everything that asks for the time is handed a ``Clock``; nothing else reads the system's."""

import time
from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")  # civil time for law and people
TICKS_PER_SECOND = 90_000  # the unit of every `…_90k` value: 1/90000 s


class Clock(Protocol):
    """Wall time for dates, monotonic time for durations; a step of the wall clock moves only the first."""

    def utc_ns(self) -> int:
        """Nanoseconds since 1970-01-01T00:00:00Z."""

    def monotonic_ns(self) -> int:
        """Nanoseconds since an arbitrary instant; never goes back."""


class SystemClock:
    """The machine's own clocks."""

    def utc_ns(self) -> int:
        return time.time_ns()

    def monotonic_ns(self) -> int:
        return time.monotonic_ns()


class SteadyClock:
    """The wall clock, but never set back: what has expired stays so, and goes on expiring.

    Where the wall clock is behind what it had come to, time passes as the monotonic clock says. A step
    forward is followed at once. Holds while the process runs; a new one begins with the wall clock.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._anchor = clock.utc_ns(), clock.monotonic_ns()

    def utc_ns(self) -> int:
        utc, now = self._clock.utc_ns(), self._clock.monotonic_ns()
        at_least = self._anchor[0] + now - self._anchor[1]
        self._anchor = max(utc, at_least), now
        return self._anchor[0]

    def monotonic_ns(self) -> int:
        return self._clock.monotonic_ns()

    def ahead_ns(self) -> int:
        """How far the wall clock has been set back."""
        return self.utc_ns() - self._clock.utc_ns()


def utc_now(clock: Clock) -> datetime:
    """The present instant, aware, UTC, to the microsecond."""
    return datetime.fromtimestamp(clock.utc_ns() / 1e9, UTC)


def ticks_of(instant: datetime) -> int:
    """An aware instant as 1/90000 s since 1970 (UTC), rounded down."""
    whole = instant.astimezone(UTC)
    seconds = int((whole.replace(microsecond=0)).timestamp())
    return seconds * TICKS_PER_SECOND + whole.microsecond * TICKS_PER_SECOND // 1_000_000


def instant_of(ticks_90k: int) -> datetime:
    """1/90000 s since 1970 as an aware UTC instant, rounded down to the microsecond."""
    seconds, rest = divmod(ticks_90k, TICKS_PER_SECOND)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest * 1_000_000 // TICKS_PER_SECOND)
