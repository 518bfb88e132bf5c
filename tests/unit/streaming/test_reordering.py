"""A packet that others have overtaken has a tenth of a second, whatever was missing before it."""

import asyncio
from dataclasses import dataclass, field

from bingjian.clock import SystemClock
from bingjian.protocols.errors import PeerError
from bingjian.streaming.sources.reordering import REORDER_NS, Reordering

A_TENTH = REORDER_NS / 1e9


@dataclass
class Holding:
    """``holes``: since when each of the missing packets has been missing."""

    holes: list[int] = field(default_factory=list)
    given_up: list[int] = field(default_factory=list)
    error: Exception | None = None

    @property
    def held_since_ns(self) -> int | None:
        return min(self.holes, default=None)

    def release(self, since_ns: int, arrival_ns: int) -> None:
        if self.error is not None:
            raise self.error
        assert since_ns == arrival_ns - REORDER_NS
        self.given_up += [hole for hole in self.holes if hole <= since_ns]
        self.holes = [hole for hole in self.holes if hole > since_ns]


async def test_what_came_late_is_not_given_up_and_neither_is_what_is_missing_since_later() -> None:
    clock, held, errors = SystemClock(), Holding(), list[Exception]()
    reordering = Reordering(held, clock, errors.append)
    reordering.note()
    first = clock.monotonic_ns()
    held.holes = [first]
    reordering.note()
    await asyncio.sleep(A_TENTH * 0.7)
    second = clock.monotonic_ns()
    held.holes = [second]  # the first has come
    reordering.note()
    await asyncio.sleep(A_TENTH * 0.6)
    assert held.given_up == []
    await asyncio.sleep(A_TENTH)
    assert held.given_up == [second]
    reordering.close()
    assert errors == []


async def test_nothing_happens_after_the_end_and_a_fault_is_told_once() -> None:
    clock, errors = SystemClock(), list[Exception]()
    held = Holding([clock.monotonic_ns()])
    ended = Reordering(held, clock, errors.append)
    ended.note()
    ended.close()
    fault = PeerError("no program stream")
    broken = Reordering(Holding([clock.monotonic_ns()], error=fault), clock, errors.append)
    broken.note()
    await asyncio.sleep(3 * A_TENTH)
    assert held.given_up == []
    assert errors == [fault]
