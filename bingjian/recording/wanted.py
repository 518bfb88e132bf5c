"""Which gaps to ask a device's own storage for, in which order, and when again. Pure: the time is given.

A gap is asked for if the device may have gone on recording while it lasted, if it is old enough for the
device to have finished its file and young enough to be worth it, and if nothing of it is there. What is
present or was given up is never asked for, and no second of a pause by order (R31.7) or of a stop that
somebody wanted.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from bingjian.clock import TICKS_PER_SECOND
from bingjian.recording.catalogue import GapRow
from bingjian.recording.cause import Cause

# The camera, the network or we were away: the device itself may have recorded. Not what was ordered or
# planned (paused, recorder stopped: the camera may have been taken out of use), nor time that our clock
# jumped over.
FILLABLE = frozenset(Cause) - {Cause.PAUSED, Cause.RECORDER_STOPPED, Cause.CLOCK_STEP, Cause.EXPIRED}
# Shorter ones lie inside a file: files of one camera never overlap, so they stay as they are. A recorder
# closes its file after ten seconds without anything (``recorder.SILENCE_S``).
SHORTEST_90K = 10 * TICKS_PER_SECOND
LONGEST_90K = 1800 * TICKS_PER_SECOND  # asked for at once: an interruption loses no more
MINUTE_90K = 60 * TICKS_PER_SECOND


class Interval(NamedTuple):
    """Half open, UTC since 1970 in 1/90000 s."""

    start_90k: int
    end_90k: int

    @property
    def length_90k(self) -> int:
        return self.end_90k - self.start_90k


def wanted(gaps: Iterable[GapRow], there: Iterable[tuple[int, int]], window: Interval) -> list[Interval]:
    """What to ask for, the first first.

    Args:
        gaps: of one camera, in any order; one that goes on counts up to the window's end.
        there: start and end of every segment that we have or have given up, in any order.
        window: not older than the device keeps, or than our own term; not so young that the device has not
            finished its file.
    """
    gaps = list(gaps)
    fillable = [_until(gap, window.end_90k) for gap in gaps if gap.cause in FILLABLE]
    others = [_until(gap, window.end_90k) for gap in gaps if gap.cause not in FILLABLE]
    missing = subtracted(common(united(fillable), [window]), united([*others, *map(Interval._make, there)]))
    return sorted((one for one in missing if one.length_90k >= SHORTEST_90K), key=_order)


def _until(gap: GapRow, now_90k: int) -> Interval:
    return Interval(gap.start_90k, gap.end_90k if gap.end_90k is not None else now_90k)


def _order(one: Interval) -> tuple[int, int]:
    """The longest first; of those about as long, to a factor of two, the most recent."""
    return -(one.length_90k // MINUTE_90K).bit_length(), -one.start_90k


def pieces(one: Interval, longest_90k: int = LONGEST_90K) -> list[Interval]:
    """The same in order, none longer than that."""
    cuts = [*range(one.start_90k, one.end_90k, longest_90k), one.end_90k]
    return [Interval(start, end) for start, end in pairwise(cuts)]


# --- Sets of instants -----------------------------------------------------------------------------


def united(some: Iterable[Interval]) -> list[Interval]:
    """The same instants in order, without overlap; those that touch are one."""
    found: list[Interval] = []
    for one in sorted(one for one in some if one.length_90k > 0):
        if found and one.start_90k <= found[-1].end_90k:
            found[-1] = Interval(found[-1].start_90k, max(found[-1].end_90k, one.end_90k))
        else:
            found.append(one)
    return found


def common(some: Sequence[Interval], others: Sequence[Interval]) -> list[Interval]:
    """What both have; each in order and without overlap."""
    both = (
        Interval(max(one.start_90k, other.start_90k), min(one.end_90k, other.end_90k))
        for one in some
        for other in others
    )
    return [one for one in both if one.length_90k > 0]


def subtracted(some: Sequence[Interval], others: Sequence[Interval]) -> list[Interval]:
    """What ``some`` have and ``others`` have not; each in order and without overlap."""
    left: list[Interval] = []
    for one in some:
        at_90k = one.start_90k
        for start, end in others:
            if start >= one.end_90k:
                break
            if start > at_90k:
                left.append(Interval(at_90k, start))
            at_90k = max(at_90k, end)
        if at_90k < one.end_90k:
            left.append(Interval(at_90k, one.end_90k))
    return left


# --- When to ask again ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds between two tries: the first, and the longest. Each doubles."""

    first_s: float
    longest_s: float


NOTHING_THERE = Patience(3600, 86_400)  # the device has none of it; a recorder may upload its card late
NOT_ANSWERED = Patience(300, 3600)  # it is away, busy, or answers with an error
NOT_SENT = Patience(300, 86_400)  # it says that it has it, and does not send it: perhaps its file is damaged


class BackOff:
    """What is not to be asked for yet. Bounded by whoever asks: forget what is no longer wanted."""

    def __init__(self) -> None:
        self._until: dict[object, tuple[float, float]] = {}  # by subject: not before, and the last pause

    def __iter__(self) -> Iterator[object]:
        """What has failed."""
        return iter(self._until)

    def rests(self, subject: object, now_s: float) -> bool:
        return self._until.get(subject, (now_s, 0.0))[0] > now_s

    def failed(self, subject: object, patience: Patience, now_s: float) -> None:
        """``now_s``: monotonic."""
        last_s = self._until.get(subject, (0.0, 0.0))[1]
        pause_s = min(max(2 * last_s, patience.first_s), patience.longest_s)
        self._until[subject] = now_s + pause_s, pause_s

    def succeeded(self, subject: object) -> None:
        self._until.pop(subject, None)

    def forget_all_but(self, subjects: Iterable[object]) -> None:
        kept = set(subjects)
        self._until = {subject: told for subject, told in self._until.items() if subject in kept}
