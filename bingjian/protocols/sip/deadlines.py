"""Many deadlines, of which few come due: the work is in those that do, not in those that are put off."""

import heapq
from collections.abc import Hashable
from itertools import count
from math import floor
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


class Deadlines(Generic[Key]):
    """One deadline a key, in monotonic seconds.

    Keys lie in one list for each second to come. When a second begins, what is due in it goes into a heap, in
    its order; what was put off meanwhile goes on to a later list. So putting one off, as every keep-alive
    does, only writes a number, nothing is scanned, and a key takes a place in a table, a number and a place
    in a list: 100 bytes, for 100 000 devices have three each.
    """

    __slots__ = ("_at", "_begun", "_count", "_entries", "_near", "_seconds", "_waiting")

    def __init__(self) -> None:
        self._at: dict[Key, float] = {}
        self._waiting: dict[int, list[Key]] = {}  # by the second; some are gone, or put off, or in it twice
        self._seconds: list[int] = []  # of these a heap
        self._near: list[tuple[float, int, Key]] = []  # a heap: of the seconds that have begun
        self._begun = 0  # seconds before this are in the heap
        self._entries = 0  # in the lists
        self._count = count()  # so that keys are never compared

    def __len__(self) -> int:
        return len(self._at)

    def __contains__(self, key: Key) -> bool:
        return key in self._at

    def set(self, key: Key, at: float) -> None:
        before = self._at.get(key)
        self._at[key] = at
        if before is None or before > at:
            self._place(key, at)
            self._tidy()

    def clear(self, key: Key) -> None:
        """Its entry is found dead later; when the dead are the most, all is made anew."""
        if self._at.pop(key, None) is not None:
            self._tidy()

    def next(self) -> float | None:
        """Not later than the earliest deadline; asked too early, ``due`` gives nothing."""
        if not self._at:
            return None
        near = self._near
        while near and self._at.get(near[0][2]) != near[0][0]:
            self._put_off(heapq.heappop(near)[2])
        firsts = ([near[0][0]] if near else []) + ([float(self._seconds[0])] if self._seconds else [])
        return min(firsts, default=None)

    def due(self, now: float, at_most: int | None = None) -> list[Key]:
        """Keys whose deadline has come, earliest first; they have none any more."""
        found: list[Key] = []
        while self._seconds and self._seconds[0] <= now:
            self._begin(heapq.heappop(self._seconds))
        self._begun = max(self._begun, floor(now) + 1)  # whoever was put off to before now is due too
        near = self._near
        while near and near[0][0] <= now and len(found) != at_most:
            at, _, key = heapq.heappop(near)
            if self._at.get(key) == at:
                del self._at[key]
                found.append(key)
            else:
                self._put_off(key)
        return found

    def _begin(self, second: int) -> None:
        """A key that is in the list twice goes on once."""
        keys = self._waiting.pop(second)
        self._entries -= len(keys)
        self._begun = max(self._begun, second + 1)
        for key in dict.fromkeys(keys):
            self._put_off(key)

    def _put_off(self, key: Key) -> None:
        """From a time that has come to the one that it has now, if it has any."""
        at = self._at.get(key)
        if at is not None:
            self._place(key, at)

    def _place(self, key: Key, at: float) -> None:
        second = floor(at)
        if second < self._begun:
            heapq.heappush(self._near, (at, next(self._count), key))
            return
        if second not in self._waiting:
            self._waiting[second] = []
            heapq.heappush(self._seconds, second)
        self._waiting[second].append(key)
        self._entries += 1

    def _tidy(self) -> None:
        if self._entries + len(self._near) <= 2 * len(self._at) + 64:
            return
        self._waiting, self._seconds, self._near, self._entries = {}, [], [], 0
        for key, at in self._at.items():
            self._place(key, at)
