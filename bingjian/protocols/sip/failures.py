"""When wrong answers are no longer looked at, so that guessing is slow and nobody is locked out by others.

Failures are counted by device and source together, by source, and by device. Where a device last registered
from, it is stopped by its own failures alone: a stranger who fails with its id, or from behind the same
address, does not keep it out.
"""

from dataclasses import dataclass
from ipaddress import ip_network

WINDOW_S = 60.0  # failures are counted so long, from the first
BLOCK_S = 60.0  # GB/T 28181-2022 §9.1: a device that failed waits 60 s
PAIR_LIMIT = 5  # of one device from one source: who is set up wrongly tries every 5–30 s
SOURCE_LIMIT = 60  # of all devices from one source: a site of many cameras stands behind one address
DEVICE_LIMIT = 30  # of one device from anywhere
NEWS_LIMIT = 1_000  # sources of requests that name nobody, remembered
ENTRY_LIMIT = 50_000  # sources and devices remembered; then the oldest is forgotten


@dataclass(slots=True)
class _Count:
    since: float
    failures: int = 0
    blocked_until: float = 0.0


class Failures:
    """Values only: ``now`` is monotonic seconds."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], _Count] = {}  # (device, source), either may be empty
        self._nameless: dict[str, float] = {}  # sources of requests that name nobody: since when

    def wait_s(self, device: str, host: str, now: float, *, at_home: bool) -> float:
        """How long until an answer is looked at again; 0: at once.

        Args:
            at_home: the device last registered from this host.
        """
        source = network(host)
        keys = [(device, source)] if at_home else [(device, source), ("", source), (device, "")]
        counts = [count for key in keys if (count := self._counts.get(key))]
        return max([0.0, *(count.blocked_until - now for count in counts)])

    def failed(self, device: str, host: str, now: float) -> bool:
        """True: the first failure of this device from there for a while, so worth a line in a log."""
        source = network(host)
        self._count(("", source), SOURCE_LIMIT, now)
        self._count((device, ""), DEVICE_LIMIT, now)
        return self._count((device, source), PAIR_LIMIT, now) == 1

    def is_news(self, host: str, now: float) -> bool:
        """A request that names nobody. It stops nobody, for its source may be forged. True: the first from
        there for a while.
        """
        source = network(host)
        since = self._nameless.get(source)
        if since is not None and now - since < WINDOW_S:
            return False
        self._nameless.pop(source, None)
        if len(self._nameless) >= NEWS_LIMIT:
            del self._nameless[next(iter(self._nameless))]
        self._nameless[source] = now
        return True

    def forgive(self, device: str) -> None:
        """Its password was set anew."""
        for key in [key for key in self._counts if key[0] == device]:
            del self._counts[key]

    def _count(self, key: tuple[str, str], limit: int, now: float) -> int:
        """Failures of ``key`` in its window, this one included."""
        count = self._counts.get(key)
        if count is None or now - count.since >= WINDOW_S:
            self._counts.pop(key, None)
            if len(self._counts) >= ENTRY_LIMIT:
                del self._counts[next(iter(self._counts))]
            count = self._counts[key] = _Count(now)
        count.failures += 1
        if count.failures >= limit:
            count.blocked_until = now + BLOCK_S
        return count.failures


def network(host: str) -> str:
    """What one party has: an IPv4 address, or 64 bits of IPv6."""
    if ":" not in host:
        return host
    try:
        return str(ip_network((host.partition("%")[0], 64), strict=False))
    except ValueError:
        return host
