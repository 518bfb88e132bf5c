"""Whose turn it is: few INVITEs at a time to one device, and not in a burst (quirk 27).

Recorders lose answers when many come at once. Each device has a queue of its own, so a slow one keeps only
itself waiting.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from bingjian.protocols.sip.deadlines import Deadlines

IN_FLIGHT = 2  # INVITEs of one device without an answer
APART_S = 0.15  # between two to one device
WAIT_S = 60.0  # in the queue; then it is given up

Begin = Callable[[], None]


@dataclass(slots=True)
class _Queue:
    """Of one device; gone when nothing is under way nor waiting, and the pause is over."""

    in_flight: int = 0
    next_at: float = 0.0  # not before
    waiting: deque["Turn"] = field(default_factory=deque)


@dataclass(slots=True, eq=False)
class Turn:
    """A place in the queue. ``begin`` is called once it is its turn; ``late`` if it is never."""

    device: str
    begin: Begin
    late: Begin
    until: float
    begun: bool = False
    over: bool = False


class Turns:
    """``Timed`` of the endpoint. ``now``: monotonic seconds."""

    def __init__(self) -> None:
        self._queues: dict[str, _Queue] = {}
        self._deadlines: Deadlines[str] = Deadlines()

    def __len__(self) -> int:
        """Devices with something under way or waiting."""
        return len(self._queues)

    def wait(self, device: str, begin: Begin, late: Begin, now: float) -> Turn:
        """Join the queue; ``begin`` may be called before this returns."""
        turn = Turn(device, begin, late, now + WAIT_S)
        queue = self._queues.setdefault(device, _Queue())
        queue.waiting.append(turn)
        self._go_on(device, queue, now)
        return turn

    def leave(self, turn: Turn, now: float) -> None:
        """The INVITE has its answer, or is not wanted any more. Safe to call again."""
        if turn.over:
            return
        turn.over = True
        queue = self._queues[turn.device]
        if turn.begun:
            queue.in_flight -= 1
        else:
            queue.waiting.remove(turn)
        self._go_on(turn.device, queue, now)

    def next_deadline(self) -> float | None:
        return self._deadlines.next()

    def expire(self, now: float) -> None:
        for device in self._deadlines.due(now):
            queue = self._queues.get(device)
            if queue is None:
                continue
            while queue.waiting and queue.waiting[0].until <= now:
                turn = queue.waiting.popleft()
                turn.over = True
                turn.late()
            self._go_on(device, queue, now)

    def _go_on(self, device: str, queue: _Queue, now: float) -> None:
        if queue.waiting and queue.in_flight < IN_FLIGHT and queue.next_at <= now:
            turn = queue.waiting.popleft()
            turn.begun = True
            queue.in_flight += 1
            queue.next_at = now + APART_S
            turn.begin()
        if queue.waiting:
            late = queue.waiting[0].until
            at = min(late, queue.next_at) if queue.in_flight < IN_FLIGHT else late
            self._deadlines.set(device, at)
        elif queue.in_flight:
            self._deadlines.clear(device)
        elif queue.next_at > now:
            self._deadlines.set(device, queue.next_at)
        else:
            self._deadlines.clear(device)
            self._queues.pop(device, None)
