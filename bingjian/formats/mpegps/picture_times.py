"""When pictures are shown: from the PTS of packets, the transport's time, or nothing at all.

A packet's PTS is that of the first picture that begins in it. Where none comes, or the same again and again,
the transport's time counts, moved to where the last PTS was; without either a picture is a frame's time after
the one before.
"""

from bingjian.formats.mpegps.syntax import CLOCK_RATE, unwrap

FRAME_90K = 3600  # between pictures without any time, until times were seen: 25 a second
STEP_LIMIT = CLOCK_RATE  # a longer distance between pictures is no frame's duration


class PictureTimes:
    """Of one video stream, in 1/90000 s, unwrapped."""

    __slots__ = ("_before", "_last", "_offset", "_pending", "_pts", "_stamp", "_step", "repeats")

    def __init__(self) -> None:
        self._pending: int | None = None  # PTS that the next picture to begin takes
        self._before: int | None = None  # the same, of the packet before: not taken yet when this one began
        self._pts: int | None = None  # the last one taken, 33 bits
        self._stamp: int | None = None
        self._offset = 0  # PTS minus stamp
        self._last: int | None = None  # the last picture's time
        self._step = FRAME_90K
        self.repeats = False  # the packet in turn has the PTS, and the time, of the picture before

    @property
    def is_told(self) -> bool:
        """The packet in turn has a PTS that no picture has taken yet."""
        return self._pending is not None

    @property
    def was_told(self) -> bool:
        """The packet before had a PTS that no picture has taken yet."""
        return self._before is not None

    def begin(self, pts: int | None, stamp: int | None) -> None:
        """A packet begins."""
        self.repeats = pts is not None and pts == self._pts and (stamp is None or stamp == self._stamp)
        self._stamp, self._before = stamp, self._pending
        if pts is not None and pts != self._pts:
            self._pending = pts

    def is_another(self, pts: int | None) -> bool:
        """Would a packet of this PTS hold another picture than the last?"""
        return pts is not None and pts != self._pts

    def forget(self) -> None:
        """What was told last belongs to bytes that are lost."""
        self._pending = self._before = None

    def take(self, *, before: bool) -> int:
        """A picture begins: its time. ``before``: it began in the last bytes of the packet before."""
        pts = self._before if before else self._pending
        self._before = None
        if pts == self._pending:
            self._pending = None
        last, time = self._last, self._time(pts)
        if last is not None and time == last:
            time = last + self._step
        if last is not None and 0 < time - last <= STEP_LIMIT:
            self._step = time - last
        self._last = time
        return time

    def _time(self, pts: int | None) -> int:
        last = self._last
        if pts is not None:
            self._pts = pts
            time = pts if last is None else unwrap(last, pts)
            self._offset = time - (self._stamp or 0)
            return time
        if self._stamp is not None:
            return self._stamp + self._offset
        return last or 0
