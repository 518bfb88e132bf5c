"""What happens over and over, told at once and then once a minute with how often: a flood fills no book."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from bingjian.clock import Clock

EVERY_NS = 60 * 1_000_000_000  # between two tellings of the same
Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Counted(Generic[Key]):
    """To be told now."""

    key: Key
    count: int
    first_utc_ns: int  # when the first of them happened


@dataclass(slots=True)
class Window:
    """One key's, from one telling to the next."""

    count: int = 0
    first_utc_ns: int = 0
    told_ns: int | None = None  # monotonic; None: never


class Tally(Generic[Key]):
    """Kept in memory: what is not told when the process ends was counted for nothing."""

    def __init__(self, clock: Clock, most: int, elsewhere: Callable[[Key], Key]) -> None:
        """
        Args:
            most: keys that are told apart; whatever comes beyond is counted under ``elsewhere(key)``.
        """
        self._clock = clock
        self._most = most
        self._elsewhere = elsewhere
        self._windows: dict[Key, Window] = {}

    def count(self, key: Key) -> None:
        if key not in self._windows and len(self._windows) >= self._most:
            key = self._elsewhere(key)
        window = self._windows.setdefault(key, Window())
        window.first_utc_ns = window.first_utc_ns if window.count else self._clock.utc_ns()
        window.count += 1

    def due(self) -> list[Counted[Key]]:
        """What is to be told, of each key once a minute; it counts as told. What fell silent is forgotten."""
        now_ns, due = self._clock.monotonic_ns(), list[Counted[Key]]()
        for key, window in list(self._windows.items()):
            if window.told_ns is not None and now_ns - window.told_ns < EVERY_NS:
                continue
            if window.count == 0:
                del self._windows[key]
                continue
            due.append(Counted(key, window.count, window.first_utc_ns))
            window.count, window.told_ns = 0, now_ns
        return due

    def put_back(self, untold: Counted[Key]) -> None:
        """It could not be told after all."""
        window = self._windows.setdefault(untold.key, Window())
        window.count += untold.count
        window.first_utc_ns, window.told_ns = untold.first_utc_ns, None
