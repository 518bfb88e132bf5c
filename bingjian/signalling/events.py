"""The book of events: what devices did, numbered, for whoever follows it with long polls.

Bounded: the oldest pages go, and who comes late is told that something is lost and asks for the state anew.
Whoever asks for what came after an event has what came before it, so of that little is kept.
"""

import asyncio
import json
import secrets
from collections import deque
from datetime import UTC, datetime

import structlog

from bingjian.clock import Clock

EVENTS_LIMIT = 200_000  # two storms in which every device of a city comes back
BYTES_LIMIT = 128 << 20  # of events as JSON; a catalogue of 10 000 channels has 4 MB
OF_DEVICE_PER_MINUTE = 1_000  # of each budget; a catalogue of 100 000 nodes has 200; more pushes others' out
MINUTE_NS = 60 * 10**9
READ_LIMIT = 1_000  # events kept though they were read: for whoever looks beside the web process
ANSWER_EVENTS, ANSWER_BYTES = 2_000, 4 << 20  # of one answer; it holds one event at least
WAIT_LIMIT_S = 25.0  # of one long poll; the server's own limit is longer

# What a device must not lose because of the rest, and what strangers do in its name: budgets of their own.
VITAL = frozenset({"alarm", "registered", "returned", "gone", "removed"})
STRANGERS = frozenset({"unknown", "refused", "replayed", "flapping"})

log = structlog.get_logger(__name__)


class Book:
    """Belongs to the event loop. Events are kept as the JSON that they are read as."""

    def __init__(self, clock: Clock, *, events: int = EVENTS_LIMIT, size: int = BYTES_LIMIT) -> None:
        self._clock = clock
        self._limit, self._size_limit = events, size
        self._pages: deque[bytes] = deque()
        self._size = 0
        self._first = 1  # number of the oldest that is left
        self._news: asyncio.Event | None = None  # set by the next event; None: nobody waits
        self._minute, self._counts = 0, dict[tuple[str, str], int]()  # of each device and budget
        self.run = secrets.token_hex(8)

    @property
    def last(self) -> int:
        """Number of the newest; 0: there was none."""
        return self._first + len(self._pages) - 1

    def write(self, kind: str, device: str, **more: object) -> None:
        if self._is_flooding(kind, device):
            return
        event = {"seq": self.last + 1, "at": written(self._clock.utc_ns()), "kind": kind, "device": device}
        page = json.dumps({**event, **more}, ensure_ascii=False).encode("utf-8", "replace")
        self._pages.append(page)
        self._size += len(page)
        while len(self._pages) > self._limit or (self._size > self._size_limit and len(self._pages) > 1):
            self._drop_oldest()
        if self._news is not None:
            self._news.set()
            self._news = None

    def _is_flooding(self, kind: str, device: str) -> bool:
        """Counts one more of this minute."""
        minute = self._clock.monotonic_ns() // MINUTE_NS
        if minute != self._minute:
            self._minute, self._counts = minute, {}
        budget = device, "vital" if kind in VITAL else "strangers" if kind in STRANGERS else "usual"
        count = self._counts[budget] = self._counts.get(budget, 0) + 1
        if count == OF_DEVICE_PER_MINUTE + 1:
            log.warning("device_floods", device=device, budget=budget[1])
        return count > OF_DEVICE_PER_MINUTE

    async def read(self, after: int, wait_s: float, run: str = "") -> bytes:
        """What came after number ``after``, as JSON; waits for it, but not for ever.

        Args:
            run: that the number is of. Nothing counts as read for who does not name ours; who names another
                has read nothing, and is answered at once.
        """
        if run and run != self.run:
            return self._answer(after, 0)
        if after == self.last and wait_s > 0:
            self._news = self._news or asyncio.Event()
            try:
                async with asyncio.timeout(min(wait_s, WAIT_LIMIT_S)):
                    await self._news.wait()
            except TimeoutError:
                pass
        known = after if after <= self.last else 0
        if run:
            self._forget_until(known)
        return self._answer(after, known)

    def _forget_until(self, known: int) -> None:
        while known - self._first >= READ_LIMIT:
            self._drop_oldest()

    def _answer(self, after: int, known: int) -> bytes:
        """``known``: 0 if ``after`` is of another run, or we have not come to it: everything is told."""
        lost = known != after or known + 1 < self._first
        events = b",".join(self._from(max(known + 1 - self._first, 0)))
        head = f'{{"run":"{self.run}","lost":{str(lost).lower()},"events":['
        return head.encode() + events + b"]}"

    def _drop_oldest(self) -> None:
        self._size -= len(self._pages.popleft())
        self._first += 1

    def _from(self, index: int) -> list[bytes]:
        taken: list[bytes] = []
        size = 0
        for at in range(index, min(index + ANSWER_EVENTS, len(self._pages))):
            size += len(self._pages[at])
            if taken and size > ANSWER_BYTES:
                break
            taken.append(self._pages[at])
        return taken


def written(utc_ns: int) -> str:
    """RFC 3339 in UTC, to the millisecond."""
    at = datetime.fromtimestamp(utc_ns / 1e9, UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def written_or_none(at: datetime | None) -> str | None:
    """What a device says, if it is a time that can be written."""
    try:
        utc = at.astimezone(UTC) if at is not None else None
    except OverflowError:  # in Beijing the first day of year 1 begins before there is one in UTC
        utc = None
    return utc.isoformat(timespec="milliseconds").replace("+00:00", "Z") if utc is not None else None
