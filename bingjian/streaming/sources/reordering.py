"""How long a packet is waited for that others have overtaken, over UDP."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from bingjian.clock import Clock

REORDER_NS = 100_000_000  # after the first packet that came in its stead; then it counts as lost


class Holds(Protocol):
    """Puts packets back in order. Times are of the monotonic clock."""

    @property
    def held_since_ns(self) -> int | None:
        """Packets wait so long for one that is missing; None: none does."""

    def release(self, since_ns: int, arrival_ns: int) -> None:
        """Give up the packets that have been missing since then. Raises PeerError."""


class Reordering:
    """The timer of one reception, which runs only while a packet is missing. Belongs to the event loop."""

    def __init__(self, reception: Holds, clock: Clock, on_error: Callable[[Exception], None]) -> None:
        self._reception, self._clock, self._on_error = reception, clock, on_error
        self._timer: asyncio.TimerHandle | None = None

    def note(self) -> None:
        """Packets have come."""
        if self._timer is None and (since_ns := self._reception.held_since_ns) is not None:
            due_ns = since_ns + REORDER_NS - self._clock.monotonic_ns()
            self._timer = asyncio.get_running_loop().call_later(max(due_ns, 0) / 1e9, self._look)

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        """What the timer was begun for may have come, and something else be missing since later."""
        self._timer = None
        now_ns = self._clock.monotonic_ns()
        try:
            self._reception.release(now_ns - REORDER_NS, now_ns)
        except Exception as error:
            self._on_error(error)
        else:
            self.note()
