"""When guessing of passwords is stopped, so that nobody can stop others by it. Values: no clock, no store.

A sign-in that fails is counted where it came from, never for the account alone:

- by account and network (or by account and device, where the device has signed in to it before): after so
  many failures in a window (R31.4) that source must wait, longer each time; nobody else has to;
- by network, whatever the account: many names tried one after another;
- by account, from wherever: ``Pressure`` only makes an unknown source's answer slow, seconds at most. It
  never refuses, and a source that has signed in before does not feel it (OWASP, "Slow Down Online Guessing
  Attacks with Device Cookies").
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

LOCK_FIRST = timedelta(seconds=5)  # then doubled by every further lock
LOCK_MAX = timedelta(minutes=15)
FORGOTTEN = timedelta(hours=24)  # without a failure, everything is as if none had been
RECENT_MAX = 32  # failures remembered one by one; more than any limit counts
NETWORK_FAILURES = 30  # of all accounts from one network
NETWORK_WINDOW = timedelta(hours=1)
PRESSURE_FREE = 10  # failures of one account from anywhere that slow nobody down
PRESSURE_DRAIN = timedelta(minutes=6)  # in which one failure is forgiven
PRESSURE_MAX = 20  # the bucket is full: it drains in two hours, however long it was beaten
DELAY_FIRST_S = 0.25
DELAY_MAX_S = 8.0  # a person waits so long; a guesser from a thousand networks gets no further

TooMany = Callable[[Sequence[datetime], datetime], bool]  # of recent failures, oldest first


@dataclass(frozen=True, slots=True)
class Bucket:
    """Failures from one source."""

    recent: tuple[datetime, ...] = ()  # oldest first, the newest ``RECENT_MAX``
    locks: int = 0  # one after another
    locked_until: datetime | None = None

    def wait(self, now: datetime) -> timedelta:
        """How long until the next try is looked at; zero: at once."""
        left = self.locked_until - now if self.locked_until else timedelta(0)
        return min(max(left, timedelta(0)), LOCK_MAX)  # also where the clock was set back


@dataclass(frozen=True, slots=True)
class Pressure:
    """Failures of one account from everywhere: a bucket that leaks."""

    level: int = 0
    at: datetime | None = None  # when it had this level

    def level_at(self, now: datetime) -> int:
        """What is left of it."""
        if self.at is None:
            return 0
        return max(0, self.level - max(0, (now - self.at) // PRESSURE_DRAIN))

    def delay_s(self, now: datetime) -> float:
        """How long an unknown source is kept waiting for its answer."""
        beyond = self.level_at(now) - PRESSURE_FREE
        return min(DELAY_FIRST_S * 2.0**beyond, DELAY_MAX_S) if beyond > 0 else 0.0


def failed(bucket: Bucket, too_many: TooMany, now: datetime) -> Bucket:
    """The bucket after one more failure."""
    if bucket.recent and now - bucket.recent[-1] >= FORGOTTEN:
        bucket = Bucket()
    bucket = replace(bucket, recent=(*bucket.recent, now)[-RECENT_MAX:])
    if not too_many(bucket.recent, now):
        return bucket
    locks = bucket.locks + 1
    return replace(bucket, locks=locks, locked_until=now + lock_after(locks))


def pressed(pressure: Pressure, now: datetime) -> Pressure:
    """The same from anywhere."""
    return Pressure(min(pressure.level_at(now) + 1, PRESSURE_MAX), now)


def lock_after(locks: int) -> timedelta:
    """5 s, 10 s, 20 s … at most ``LOCK_MAX``."""
    return min(LOCK_FIRST * (1 << min(locks - 1, 16)), LOCK_MAX)


def too_many_from_network(failures: Sequence[datetime], now: datetime) -> bool:
    """Whether one network has tried too many names."""
    return sum(now - NETWORK_WINDOW <= one <= now for one in failures) > NETWORK_FAILURES
