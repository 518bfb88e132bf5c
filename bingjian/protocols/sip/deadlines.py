"""Many deadlines, of which few come due: the work is in those that do, not in those that are put off."""

from collections.abc import Hashable
from typing import Generic, TypeVar

from bingjian.protocols.sip.calendar import Calendar

Key = TypeVar("Key", bound=Hashable)


class Deadlines(Generic[Key]):
    """One deadline a key, in monotonic seconds. Whoever has them in its own table takes a ``Calendar``."""

    __slots__ = ("_at", "_calendar")

    def __init__(self) -> None:
        self._at: dict[Key, float] = {}
        self._calendar = Calendar(self._at, self._at.get)

    def __len__(self) -> int:
        return len(self._at)

    def __contains__(self, key: Key) -> bool:
        return key in self._at

    def set(self, key: Key, at: float) -> None:
        before = self._at.get(key)
        self._at[key] = at
        if before is None or before > at:
            self._calendar.note(key, at)

    def clear(self, key: Key) -> None:
        """Its entry is found dead later; when the dead are the most, all is made anew."""
        if self._at.pop(key, None) is not None:
            self._calendar.tidy()

    def next(self) -> float | None:
        """Not later than the earliest deadline; asked too early, ``due`` gives nothing."""
        return self._calendar.next() if self._at else None

    def due(self, now: float, at_most: int | None = None) -> list[Key]:
        """Keys whose deadline has come, earliest first; they have none any more."""
        found = self._calendar.due(now, at_most)
        for key in found:
            del self._at[key]
        return found
