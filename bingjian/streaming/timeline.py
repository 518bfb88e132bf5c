"""From a source's timestamps to UTC: one timeline per camera, absolute, smooth, never going back by itself.

**Where a picture stands.** RTP timestamps count evenly but from anywhere; arrivals are true but jitter. So
the first units *anchor* the count to the server's UTC (of several, the least delayed counts, so that a server
which sends its cached pictures in a burst does not shift the scale), and from then on ``pts = timestamp +
shift`` in the track's timescale, which is the RTP clock rate: nothing is rounded on the way.

**Drift.** The delay ``arrival − pts`` jitters upwards only; its minimum over a window is what the clocks
differ by. That difference is worked off by at most 1 ms per second, for all tracks alike, and so disappears
in sample durations. Should it exceed 1 s, or a timestamp leap by as much, ``Step`` is raised: the caller
closes the segment and anchors anew.

**Tracks.** The first video track leads (sound, if there is none). Others are anchored by their own arrival
or, exactly, by the camera's sender reports as soon as both tracks have had one.

**Decode times.** With B-frames the n-th picture in decoding order is decoded at the (n−r)-th smallest
presentation time, where r is the reorder depth: by then that one has certainly come. The first r are
extrapolated. Decode times increase strictly; a presentation time below its decode time (a lying stream) is
lifted to it.

Times ending in ``_90k`` are UTC since 1970 in 1/90000 s. This module is pure: no clock, no I/O.
"""

from bisect import insort
from collections.abc import Sequence

from bingjian.clock import TICKS_PER_SECOND
from bingjian.formats.access_unit import AccessUnit, AudioConfig, Codec, TrackConfig, VideoConfig
from bingjian.formats.mp4 import Sample

JUMP_90K = TICKS_PER_SECOND  # 1 s: what a timeline may be wrong before it is anchored anew
WINDOW_90K = (
    8 * TICKS_PER_SECOND
)  # minimum-delay window: longer than a key frame's queue, shorter than a drift
SLEW = 1000  # work off at most 1 tick per 1000: 1 ms per second
HOLE_90K, HOLE_FRAMES = TICKS_PER_SECOND, 3  # longer than both without a picture is a hole, not a picture
LONGEST_FRAME_90K = 2 * TICKS_PER_SECOND  # what a picture may be expected to stand
MAX_STEPS, STEPS_90K = 4, 60 * TICKS_PER_SECOND  # so many steps in a minute: the timestamps are worthless
FIRST_FRAME_90K = TICKS_PER_SECOND // 25  # duration of a picture while no second one has come
NEVER = 1 << 62

_I32 = 2**31 - 1


class Step(Exception):
    """The source's time and ours have moved apart by more than a second; the unit has not been placed."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"time moved by {seconds:+.1f} s")
        self.seconds = seconds  # how much later (+) or earlier (-) the source's time is than expected


class _Track:
    """One track's place on the timeline."""

    __slots__ = (
        *("base", "duration", "flushed_dts", "last_dts", "odd_until", "pending", "rate", "recent"),
        *("reorder", "report", "shift"),
    )

    def __init__(self, config: TrackConfig) -> None:
        self.rate = config.clock_rate
        self.reorder = config.reorder_frames if isinstance(config, VideoConfig) else 0
        self.duration = _usual_duration(config)  # of a sample, until the next one tells
        self.base: int | None = (
            None  # shift without drift correction, in ticks of the track; None: not anchored
        )
        self.shift = 0
        self.last_dts = -1
        self.flushed_dts: int | None = None  # of the newest sample, if it was given out before the next came
        self.odd_until: int | None = None  # where the last odd duration ended; None: durations not known yet
        self.pending: Sample | None = None  # the newest, whose duration is provisional
        self.recent: list[int] = []  # with B-frames: the r + 1 largest presentation times, ascending
        self.report: tuple[int, int] | None = None  # last sender report: timestamp, camera's UTC in ns


class Timeline:
    """Places one stream's access units. Give units in order of reception."""

    def __init__(self, tracks: Sequence[TrackConfig]) -> None:
        self._tracks = [_Track(config) for config in tracks]
        leading = next((i for i, config in enumerate(tracks) if isinstance(config, VideoConfig)), 0)
        self._leader = self._tracks[leading]
        self._leading = leading
        self._correction = 0  # ticks of 1/90000 s worked off since the anchor
        self._error = 0  # still to work off
        self._slewed_until = 0  # arrival up to which correction was spent
        self._floor = 0  # minimum delay of the last whole window
        self._lowest = NEVER  # minimum delay of the present window
        self._window_start = 0
        self._newest = 0  # largest timestamp of the leading track
        self._steps: list[int] = []  # arrivals of recent steps
        self.by_arrival = False  # timestamps were found worthless; arrivals stand in for them
        self.completed: Sample | None = None  # by the last place(): the sample before, its duration now exact
        self._due = (-1, 0)  # a picture's decode time, and where it should have ended, if it did not
        self.clock_offset_ms = 0  # camera's clock minus ours, by its sender reports

    # --- Anchoring

    @property
    def anchored(self) -> bool:
        return self._leader.base is not None

    def anchor(self, held: Sequence[tuple[AccessUnit, int]], not_before_90k: int = 0) -> None:
        """Fix the timeline by the first units and their arrivals (_90k).

        Args:
            held: what was received in the first moments, of any tracks; place it afterwards.
            not_before_90k: end of what this camera has stored already. An anchor that would overlap it by
                up to a second is moved behind it and then drifts home.
        """
        self._forget()
        for unit, arrival_90k in held:
            track = self._tracks[unit.track]
            base = arrival_90k * track.rate // TICKS_PER_SECOND - unit.timestamp
            if track.base is None or base < track.base:
                track.base = track.shift = base
        leading = [unit for unit, _ in held if unit.track == self._leading]
        if leading:
            self._move_behind(not_before_90k, leading[0])
            self._learn_duration([unit.timestamp for unit in leading])

    def step(self, unit: AccessUnit, arrival_90k: int) -> None:
        """After a ``Step``, or one of the wall clock: anchor at this unit. Give out ``flush()`` first."""
        self._steps = [at for at in self._steps if abs(arrival_90k - at) < STEPS_90K] + [arrival_90k]
        self.by_arrival = self.by_arrival or len(self._steps) > MAX_STEPS
        self.anchor([(unit, arrival_90k)])

    def _forget(self) -> None:
        for track in self._tracks:
            track.base, track.pending, track.last_dts, track.flushed_dts = None, None, -1, None
            track.recent.clear()
        self._correction = self._error = self._floor = 0
        self._lowest, self._window_start, self._slewed_until, self._newest = NEVER, 0, 0, -NEVER

    def _move_behind(self, not_before_90k: int, first: AccessUnit) -> None:
        overlap = not_before_90k - self._in_90k(self._leader, first.timestamp)
        if 0 < overlap <= JUMP_90K:
            self._floor = self._error = -overlap
            for track in self._tracks:
                if track.base is not None:
                    track.base -= -overlap * track.rate // TICKS_PER_SECOND  # rounded up
                    track.shift = track.base

    def _learn_duration(self, timestamps: Sequence[int]) -> None:
        """What pictures usually stand, so that a slow camera is not taken for a silent one."""
        if len(timestamps) > 1:
            usual = (max(timestamps) - min(timestamps)) // (len(timestamps) - 1)
            self._leader.duration = max(1, min(usual, self._longest(self._leader)))
            self._leader.odd_until = -1

    def time_90k(self, unit: AccessUnit, arrival_90k: int) -> int:
        """Where a picture of the leading track will be placed, as far as that is known before."""
        return arrival_90k if self.by_arrival else self._in_90k(self._leader, unit.timestamp)

    # --- Placing

    def place(self, unit: AccessUnit, arrival_90k: int) -> Sample:
        """The unit as a sample; its duration is that of the one before, exact only when ``completed``.

        Raises:
            Step: see there.
        """
        index, timestamp, data, sync, damaged, _ = unit
        track = self._tracks[index]
        if self.by_arrival:
            pts = arrival_90k * track.rate // TICKS_PER_SECOND
        else:
            if index == self._leading:
                self._follow(timestamp, arrival_90k)
            elif track.base is None:
                self._join(track, timestamp, arrival_90k)
            pts = timestamp + track.shift
        dts = self._decode_time(track, pts) if track.reorder and not self.by_arrival else pts
        if dts <= track.last_dts:
            dts = track.last_dts + 1
        if pts < dts:
            pts = dts
        track.last_dts = dts
        self.completed = self._complete(index, track, dts)
        track.pending = sample = Sample(index, pts, dts, track.duration, data, sync, damaged)
        return sample

    def flush(self) -> list[Sample]:
        """The newest sample of each track, whose duration stays an estimate; for when nothing follows."""
        rest = [track.pending for track in self._tracks if track.pending is not None]
        for track in self._tracks:
            if (last := track.pending) is not None:
                track.flushed_dts, track.pending = last.dts, None
                track.last_dts = last.dts + last.duration - 1  # what follows begins behind it
        return rest

    def _complete(self, index: int, track: _Track, dts: int) -> Sample | None:
        """The pending sample with the duration that ``dts`` gives it; before a hole, with its usual one."""
        before = track.pending
        if before is None:
            self._go_on(track, dts)
            return None
        duration = dts - before[2]
        if duration == before[3]:
            return before
        if 2 * duration <= 3 * before[3]:
            track.duration = duration
        elif self._is_hole(index, track, before, duration):
            return before
        return Sample(index, before[1], before[2], duration, before[4], before[5], before[6])

    def _go_on(self, track: _Track, dts: int) -> None:
        """After a ``flush``: silence tells what is usual, too, or a slow camera would be silent for ever."""
        if track.flushed_dts is not None:
            self._note_odd(track, track.flushed_dts, dts - track.flushed_dts)
            track.flushed_dts = None

    def _note_odd(self, track: _Track, dts: int, duration: int) -> None:
        """Much longer than usual. Once, it may be a loss; twice running, it is taken for the camera's way."""
        if track.odd_until is None or track.odd_until == dts:
            track.duration = min(duration, self._longest(track))
        track.odd_until = dts + duration

    def _is_hole(self, index: int, track: _Track, before: Sample, duration: int) -> bool:
        """Whether a picture that stood so much longer than usual did so for a part only, and the rest was
        silence.
        """
        usual = before.duration
        self._note_odd(track, before.dts, duration)
        if index != self._leading:
            return False
        self._due = before.dts, before.pts + usual
        missing = duration - usual
        return missing > HOLE_FRAMES * usual and missing * TICKS_PER_SECOND > HOLE_90K * track.rate

    def _longest(self, track: _Track) -> int:
        return LONGEST_FRAME_90K * track.rate // TICKS_PER_SECOND

    def missing_before(self, sample: Sample) -> tuple[int, int] | None:
        """From where the picture before should have ended to where this one begins (_90k); None if it is the
        first. Ask right after ``place``.
        """
        before = self.completed
        if before is None:
            return None
        due = self._due[1] if self._due[0] == before.dts else before.pts + before.duration
        start, end = (
            (min(due, sample.pts), sample.pts) if before.pts < sample.pts else (sample.pts, before.pts)
        )
        rate = self._leader.rate
        return start * TICKS_PER_SECOND // rate, end * TICKS_PER_SECOND // rate

    def _decode_time(self, track: _Track, pts: int) -> int:
        """The (n−r)-th smallest presentation time, see above."""
        recent, depth = track.recent, track.reorder
        insort(recent, pts)
        if len(recent) > depth:
            dts = recent[0]
            del recent[0]
            return dts
        return recent[0] - (depth - len(recent) + 1) * track.duration

    # --- Following the source's clock

    def _follow(self, timestamp: int, arrival_90k: int) -> None:
        """Measure the delay, notice jumps, work off drift. Leading track only; once per picture."""
        delay = arrival_90k * self._leader.rate // TICKS_PER_SECOND - timestamp - self._leader.shift
        if self._leader.rate != TICKS_PER_SECOND:
            delay = delay * TICKS_PER_SECOND // self._leader.rate
        back = self._newest - timestamp
        if delay < self._floor - JUMP_90K or back > self._leader.rate:
            raise Step(-delay / TICKS_PER_SECOND)
        if back < 0:
            self._newest = timestamp
        if delay < self._lowest:
            self._lowest = delay
        if arrival_90k - self._window_start >= WINDOW_90K:
            self._close_window(arrival_90k)
        if self._error:
            self._slew(arrival_90k)

    def _close_window(self, arrival_90k: int) -> None:
        if self._window_start:
            self._floor = self._error = self._lowest
            if abs(self._floor) > JUMP_90K:
                raise Step(-self._floor / TICKS_PER_SECOND)
        self._window_start, self._lowest = arrival_90k, NEVER
        self._slewed_until = arrival_90k

    def _slew(self, arrival_90k: int) -> None:
        """One tick for every ``SLEW`` that have passed."""
        passed = arrival_90k - self._slewed_until
        if passed < SLEW:
            return
        ticks = min(passed // SLEW, abs(self._error)) if passed < WINDOW_90K else 0
        self._slewed_until = arrival_90k - passed % SLEW
        ticks = ticks if self._error > 0 else -ticks
        self._error -= ticks
        self._floor -= ticks  # both were measured before this correction
        self._lowest -= ticks
        self._correction += ticks
        for track in self._tracks:
            if track.base is not None:
                track.shift = track.base + self._correction * track.rate // TICKS_PER_SECOND

    # --- Several tracks, and the camera's clock

    def _join(self, track: _Track, timestamp: int, arrival_90k: int) -> None:
        """Anchor a track that begins after the leading one."""
        exact = self._by_reports(track)
        base = exact if exact is not None else arrival_90k * track.rate // TICKS_PER_SECOND - timestamp
        track.shift = base
        track.base = base - self._correction * track.rate // TICKS_PER_SECOND

    def _by_reports(self, track: _Track) -> int | None:
        """The shift that puts a track where the camera says it belongs beside the leading one."""
        if track.report is None or self._leader.report is None or self._leader.base is None:
            return None
        (own, own_ns), (leading, leading_ns) = track.report, self._leader.report
        apart = (own_ns - leading_ns) * track.rate // 1_000_000_000
        return (leading + self._leader.shift) * track.rate // self._leader.rate + apart - own

    def sender_report(self, index: int, timestamp: int, camera_utc_ns: int) -> None:
        """The camera sampled ``timestamp`` at this instant of its own clock (RTCP SR, RFC 3550 §6.4.1)."""
        track = self._tracks[index]
        track.report = (timestamp, camera_utc_ns)
        if track.base is None:
            return
        if track is self._leader:
            ours_ms = self._in_90k(track, timestamp) // 90
            self.clock_offset_ms = max(-_I32, min(_I32, camera_utc_ns // 1_000_000 - ours_ms))
        else:
            self._draw_near(track)

    def _draw_near(self, track: _Track) -> None:
        """Sound against picture: up to 1 ms per report (about five seconds), and never on nonsense."""
        exact = self._by_reports(track)
        if exact is None or track.base is None:
            return
        apart = exact - track.shift
        if abs(apart) < track.rate:
            step = max(-track.rate // SLEW, min(track.rate // SLEW, apart))
            track.base += step
            track.shift += step

    @property
    def frame_90k(self) -> int:
        """What a picture usually stands."""
        return self._leader.duration * TICKS_PER_SECOND // self._leader.rate

    @property
    def end_90k(self) -> int:
        """Where the newest picture ends, as far as known; 0 before the first."""
        last = self._leader.pending
        return (last.pts + last.duration) * TICKS_PER_SECOND // self._leader.rate if last is not None else 0

    def _in_90k(self, track: _Track, timestamp: int) -> int:
        return (timestamp + track.shift) * TICKS_PER_SECOND // track.rate


def _usual_duration(config: TrackConfig) -> int:
    """In ticks of the track. G.711 has one sample per byte, most often 20 ms of them in a packet."""
    if isinstance(config, AudioConfig):
        return config.samples_per_unit if config.codec is Codec.AAC else config.clock_rate // 50
    return config.clock_rate * FIRST_FRAME_90K // TICKS_PER_SECOND
