"""Many deadlines, of which few come due: the work is in those that do, not in those that are put off."""

import heapq
from collections.abc import Hashable
from itertools import count
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


class Deadlines(Generic[Key]):
    """One deadline a key, in monotonic seconds.

    Putting one off, as every keep-alive does, only writes a number; its place in the heap is put right when
    the old time comes. So the heap holds about one entry a key, and nothing is scanned.
    """

    __slots__ = ("_at", "_count", "_heap", "_placed")

    def __init__(self) -> None:
        self._at: dict[Key, float] = {}
        self._placed: dict[Key, tuple[float, int, Key]] = {}  # the entry of the heap that counts for a key
        self._heap: list[tuple[float, int, Key]] = []
        self._count = count()  # so that keys are never compared

    def __len__(self) -> int:
        return len(self._at)

    def set(self, key: Key, at: float) -> None:
        self._at[key] = at
        placed = self._placed.get(key)
        if placed is None or placed[0] > at:
            self._place(key, at)

    def clear(self, key: Key) -> None:
        """Its entry in the heap is found dead later; when the dead are the most, the heap is made anew."""
        self._at.pop(key, None)
        self._placed.pop(key, None)
        self._tidy()

    def next(self) -> float | None:
        """Not later than the earliest deadline; asked too early, ``due`` gives nothing."""
        heap, placed = self._heap, self._placed
        while heap and placed.get(heap[0][2]) is not heap[0]:
            heapq.heappop(heap)
        return heap[0][0] if heap else None

    def due(self, now: float, at_most: int | None = None) -> list[Key]:
        """Keys whose deadline has come, earliest first; they have none any more."""
        found: list[Key] = []
        while self._heap and self._heap[0][0] <= now and len(found) != at_most:
            entry = heapq.heappop(self._heap)
            key = entry[2]
            if self._placed.get(key) is not entry:
                continue
            if self._at[key] > now:
                self._place(key, self._at[key])
            else:
                del self._placed[key], self._at[key]
                found.append(key)
        return found

    def _place(self, key: Key, at: float) -> None:
        entry = (at, next(self._count), key)
        self._placed[key] = entry
        heapq.heappush(self._heap, entry)
        self._tidy()

    def _tidy(self) -> None:
        if len(self._heap) > 2 * len(self._at) + 64:
            self._heap = list(self._placed.values())
            heapq.heapify(self._heap)
