"""How many masked renditions are made at a time: each takes a share of a core, and recording goes first."""

from bingjian.clock import Clock
from bingjian.streaming.http import HttpProblem

IDLE_SECONDS = 20  # playback that asks for nothing more gives its room up; as a viewer's heartbeat


class Rooms:
    """One for the process. A room has a name: what it is used for; asking again by that name keeps it."""

    def __init__(self, limit: int, clock: Clock) -> None:
        self.limit = limit
        self._clock = clock
        self._until_ns: dict[str, int | None] = {}  # None: until it is left

    def enter(self, name: str, *, stays: bool = False) -> None:
        """``stays``: until ``leave``, else while it is asked for. Raises HttpProblem 503: all are taken."""
        now_ns = self._clock.monotonic_ns()
        self._until_ns = {one: end for one, end in self._until_ns.items() if end is None or end > now_ns}
        if name not in self._until_ns:
            self.require()
        self._until_ns[name] = None if stays else now_ns + IDLE_SECONDS * 10**9

    def leave(self, name: str) -> None:
        self._until_ns.pop(name, None)

    def has(self, name: str) -> bool:
        return name in self._until_ns

    @property
    def taken(self) -> int:
        now_ns = self._clock.monotonic_ns()
        return sum(end is None or end > now_ns for end in self._until_ns.values())

    def require(self, name: str = "") -> None:
        """Raises HttpProblem 503 if there is no room, and none of this name."""
        if self.taken >= self.limit and name not in self._until_ns:
            raise HttpProblem(
                503,
                "masked_streams_full",
                f"{self.limit} masked pictures are being made already; close one, or try again later",
                (("Retry-After", "5"),),
            )
