"""The one clock. Everything that asks for the time is handed a ``Clock``; nothing else reads the system's."""

import time
from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")  # civil time for law and people
TICKS_PER_SECOND = 90_000  # the unit of every `…_90k` value: 1/90000 s
STEP_NS = 1_000_000_000  # by more than so much the wall clock was set, not slewed
STEP_WINDOW_NS = 60_000_000_000  # within which small steps are added up


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
        self.wall = clock
        self._anchor = clock.utc_ns(), clock.monotonic_ns()

    def utc_ns(self) -> int:
        utc, now = self.wall.utc_ns(), self.wall.monotonic_ns()
        at_least = self._anchor[0] + now - self._anchor[1]
        self._anchor = max(utc, at_least), now
        return self._anchor[0]

    def monotonic_ns(self) -> int:
        return self.wall.monotonic_ns()


class StepWatch:
    """Notices when the wall clock is set. Look once a second."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._renew()

    def look(self) -> int | None:
        """By how many milliseconds it was set, if by more than a second; back is negative.

        A clock that is slewed (500 ppm, as NTP does) is never so far off within a minute.
        """
        step_ns = self._offset_ns() - self._usual_ns
        if abs(step_ns) > STEP_NS:
            self._renew()
            return round(step_ns / 1e6)
        if self._clock.monotonic_ns() - self._renewed_ns >= STEP_WINDOW_NS:
            self._renew()
        return None

    def _offset_ns(self) -> int:
        return self._clock.utc_ns() - self._clock.monotonic_ns()

    def _renew(self) -> None:
        self._usual_ns, self._renewed_ns = self._offset_ns(), self._clock.monotonic_ns()


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
