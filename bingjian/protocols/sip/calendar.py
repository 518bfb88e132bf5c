"""Whom to look at, and in which second: deadlines of 100 000, of which few come due."""

import heapq
from collections.abc import Callable, Collection, Hashable
from itertools import count
from math import floor
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)

LITTER = 64  # entries that may be dead however few keys there are


class Calendar(Generic[Key]):
    """Keys by the second in which one of them may be due, in monotonic seconds. When it is, its owner knows.

    Keys lie in one list for each second to come. When a second begins, what is due in it goes into a heap, in
    its order; what was put off meanwhile goes on to a later list. So putting one off, as every keep-alive
    does, costs nothing here, nothing is scanned, and a key takes no more than its place in a list.
    """

    __slots__ = ("_begun", "_count", "_due_at", "_entries", "_keys", "_near", "_seconds", "_waiting")

    def __init__(self, keys: Collection[Key], due_at: Callable[[Key], float | None]) -> None:
        """
        Args:
            keys: all that may have a deadline, as they are at any time.
            due_at: a key's deadline; None: it has none. Asked for keys that have gone, too.
        """
        self._keys, self._due_at = keys, due_at
        self._waiting: dict[int, list[Key]] = {}  # by the second; some are gone, or put off, or in it twice
        self._seconds: list[int] = []  # of these a heap
        self._near: list[tuple[float, int, Key]] = []  # a heap: of the seconds that have begun
        self._begun = 0  # seconds before this are in the heap
        self._entries = 0  # in the lists
        self._count = count()  # so that keys are never compared

    @property
    def entries(self) -> int:
        """Keys that are gone, or noted twice, are counted until they are found out."""
        return self._entries + len(self._near)

    def note(self, key: Key, at: float) -> None:
        """Its deadline is new, or earlier than it was. One that is put off need not be noted."""
        self._place(key, at)
        self.tidy()

    def tidy(self) -> None:
        """Made anew when the dead are the most. Call it when keys have gone that were due much later."""
        if self.entries <= 2 * len(self._keys) + LITTER:
            return
        self._waiting, self._seconds, self._near, self._entries = {}, [], [], 0
        for key in self._keys:
            self._put_off(key)

    def next(self) -> float | None:
        """Not later than the earliest deadline; asked too early, ``due`` gives nothing."""
        near = self._near
        while near and self._due_at(near[0][2]) != near[0][0]:
            self._put_off(heapq.heappop(near)[2])
        firsts = ([near[0][0]] if near else []) + ([float(self._seconds[0])] if self._seconds else [])
        return min(firsts, default=None)

    def due(self, now: float, at_most: int | None = None) -> list[Key]:
        """Keys whose deadline has come, earliest first. Here they are forgotten: note them again."""
        found: dict[Key, None] = {}
        while self._seconds and self._seconds[0] <= now:
            self._begin(heapq.heappop(self._seconds))
        self._begun = max(self._begun, floor(now) + 1)  # whoever was put off to before now is due too
        near = self._near
        while near and near[0][0] <= now and len(found) != at_most:
            at, _, key = heapq.heappop(near)
            if self._due_at(key) == at:
                found[key] = None
            else:
                self._put_off(key)
        return list(found)

    def _begin(self, second: int) -> None:
        """A key that is in the list twice goes on once."""
        keys = self._waiting.pop(second)
        self._entries -= len(keys)
        self._begun = max(self._begun, second + 1)
        for key in dict.fromkeys(keys):
            self._put_off(key)

    def _put_off(self, key: Key) -> None:
        """From a time that has come to the one that it has now, if it has any."""
        at = self._due_at(key)
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
