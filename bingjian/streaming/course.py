"""Where a device's playback has come to, and when each of its pictures is shown.

A program stream's timestamps count evenly but say no time of day. So the first picture of a call is taken
for the beginning of the window that was asked for, and from it on ``instant = timestamp + origin``, by the
device's clock. After a seek devices do one of two things: their timestamps leap with the footage, and the
origin stands; or they count on, and the origin is taken anew from where the seek went.

**Shown** is the viewers' time, which always goes forward at its own pace: footage time divided by the speed,
fixed anew at a key picture when it has moved away from the arrivals, so that speed, reverse, pause and holes
in the footage need nothing of whoever plays it.

Times ending in ``_90k`` are in 1/90000 s, UTC since 1970. Pure: no clock, no I/O.
"""

from bingjian.clock import TICKS_PER_SECOND

LEAP_90K = 3 * TICKS_PER_SECOND  # of timestamps between two pictures, times the speed: no mere GOP
NEAR_90K = 20 * TICKS_PER_SECOND  # devices begin at a key picture around what was asked for
SETTLE_90K = 2 * TICKS_PER_SECOND  # after a seek, pictures of before come no longer
RECALL_90K = 10 * TICKS_PER_SECOND  # after a seek, a late leap may still show that the origin stood
AWAY_90K = TICKS_PER_SECOND // 2  # shown time and arrivals apart: fixed anew
BACK_90K = TICKS_PER_SECOND // 2  # B-frames step back less; a picture that does not belongs nowhere
FRAME_90K = TICKS_PER_SECOND // 25  # between two pictures, until they tell
LONGEST_90K = TICKS_PER_SECOND  # what a picture is taken to stand, at most
CATCH_UP = 2  # a device that sends in bursts is shown so much faster while it is ahead


class Course:
    """Of one viewer, through however many calls. Give pictures in order of reception."""

    def __init__(self, start_90k: int, end_90k: int) -> None:
        """The window that may be shown: nothing outside it is."""
        self.start_90k, self.end_90k = start_90k, end_90k
        self.at_90k = start_90k  # instant of the newest picture that is shown
        self.shown_90k = 0  # its place in viewers' time
        self.speed = 1.0  # negative: backwards
        self.is_over = False  # the window's end has come, in the direction of play
        self._origin: int | None = None
        self._before: int | None = None  # the origin that a seek has replaced
        self._first = start_90k  # where the call's first picture is
        self._wanted: int | None = None  # where a seek has gone; None: pictures are where they belong
        self._is_taken = False  # the device has said that it goes there
        self._sought_90k, self._sought_at = 0, start_90k  # arrival at the last seek, and where it went
        self._waits = True  # for a key picture
        self._stamp: int | None = None  # timestamp of the last picture
        self._anchor: tuple[int, int] | None = None  # timestamp and shown time
        self._step = FRAME_90K  # of shown time, between two pictures
        self._rate = 1.0  # timestamps per shown time

    # --- what is asked of the device

    def begin(self, at_90k: int) -> None:
        """Another call begins there, forward at plain speed."""
        self._origin = self._before = self._stamp = self._anchor = None
        self._first, self._wanted, self._waits = at_90k, None, True
        self.is_over, self.speed = False, 1.0

    def seek(self, at_90k: int, arrival_90k: int) -> None:
        """The device was asked to go on from there."""
        self._wanted, self._sought_90k, self._sought_at = at_90k, arrival_90k, at_90k
        self._is_taken = False
        self.at_90k, self.is_over = at_90k, False

    @property
    def is_seeking(self) -> bool:
        """Pictures of where it was asked to go have not been recognised yet."""
        return self._wanted is not None

    def take_seek(self, at_90k: int | None) -> None:
        """It does so, and perhaps says from where it really goes on."""
        self._is_taken = True
        if at_90k is not None and self._wanted is not None and abs(at_90k - self._wanted) < 30 * NEAR_90K:
            self._wanted = at_90k

    def change_speed(self, speed: float) -> None:
        if self._stamp is not None:
            self._anchor = self._stamp, self.shown_90k
        self.speed, self._rate, self.is_over = speed, abs(speed), False

    # --- what comes

    def place(self, timestamp: int, arrival_90k: int, *, sync: bool) -> int | None:
        """A picture's shown time; None: it is not shown."""
        leapt = self._has_leapt(timestamp)
        if sync:
            self._settle(timestamp, arrival_90k, leapt=leapt)
        elif leapt:
            self._waits = True  # decoding cannot go on over a leap
        self._waits = self._waits and not sync
        before, self._stamp = self._stamp, timestamp
        if self._waits or self._origin is None or not self._is_within(timestamp + self._origin):
            return None
        self.at_90k = timestamp + self._origin
        if self._anchor is None or (sync and self._is_away(timestamp, arrival_90k, leapt=leapt)):
            self._fix(timestamp, arrival_90k)
        elif before is not None and not leapt:
            self._step = min(max(1, int(abs(timestamp - before) / self._rate)), LONGEST_90K)
        shown_90k = self._shown(timestamp)
        if shown_90k < self.shown_90k - BACK_90K:
            self._waits = True
            return None
        self.shown_90k = max(self.shown_90k, shown_90k)  # with B-frames it steps back
        return shown_90k

    def place_sound(self, timestamp_90k: int) -> int | None:
        """Sound goes with pictures at plain speed alone."""
        if self.speed != 1.0 or self._anchor is None or self._waits or self._origin is None:
            return None
        at_90k = timestamp_90k + self._origin
        if abs(at_90k - self.at_90k) > LEAP_90K or not self.start_90k <= at_90k < self.end_90k:
            return None
        return self._shown(timestamp_90k)

    def _settle(self, timestamp: int, arrival_90k: int, *, leapt: bool) -> None:
        """What a key picture tells of the origin."""
        if self._origin is None and self._is_taken and self._wanted is not None:
            self._take(timestamp)
        elif self._origin is None:
            self._origin = self._first - timestamp
        elif self._wanted is not None:
            self._settle_seek(timestamp, arrival_90k, leapt=leapt)
        elif leapt and self._before is not None and arrival_90k - self._sought_90k < RECALL_90K:
            stood = abs(timestamp + self._before - self._sought_at) <= NEAR_90K
            self._origin, self._before = (self._before, None) if stood else (self._origin, self._before)

    def _settle_seek(self, timestamp: int, arrival_90k: int, *, leapt: bool) -> None:
        assert self._origin is not None
        assert self._wanted is not None
        is_near = abs(timestamp + self._origin - self._wanted) <= NEAR_90K
        if leapt and is_near:
            self._wanted = None
        elif leapt:
            self._take(timestamp)
        elif arrival_90k - self._sought_90k > SETTLE_90K:
            if is_near and self._rate > 1:
                self._wanted = None  # fast enough, a short way is no leap
            else:
                self._take(timestamp)

    def _take(self, timestamp: int) -> None:
        """The origin, from where this picture should be."""
        assert self._wanted is not None
        self._before, self._origin = self._origin, self._wanted - timestamp
        self._wanted = None

    def _has_leapt(self, timestamp: int) -> bool:
        return self._stamp is not None and abs(timestamp - self._stamp) > LEAP_90K * max(1.0, abs(self.speed))

    def _is_within(self, at_90k: int) -> bool:
        """Whether it may be shown. After what may not, the next begins with a key picture."""
        if self.start_90k <= at_90k < self.end_90k:
            return True
        self._waits = True
        if self.is_seeking:
            return False  # where it lies is not known well enough
        self.is_over = self.is_over or (at_90k >= self.end_90k if self.speed > 0 else at_90k < self.start_90k)
        return False

    def _is_away(self, timestamp: int, arrival_90k: int, *, leapt: bool) -> bool:
        """Backwards groups of pictures follow one another from the last to the first: each begins anew."""
        shown_90k = self._shown(timestamp)
        is_back = self.speed < 0 or shown_90k <= self.shown_90k
        return leapt or is_back or abs(shown_90k - arrival_90k) > AWAY_90K

    def _fix(self, timestamp: int, arrival_90k: int) -> None:
        """Shown time follows on what was shown, unless the arrivals have run away from it."""
        due_90k = self.shown_90k + self._step
        ahead_90k = due_90k - arrival_90k
        self._anchor = timestamp, due_90k if ahead_90k > -AWAY_90K else arrival_90k
        self._rate = abs(self.speed) * (CATCH_UP if ahead_90k > AWAY_90K else 1)

    def _shown(self, timestamp: int) -> int:
        assert self._anchor is not None
        stamp, shown_90k = self._anchor
        return shown_90k + int((timestamp - stamp) / self._rate)
