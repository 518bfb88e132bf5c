"""A recording that a device sends afterwards, placed where it belongs on the camera's timeline.

Its timestamps count from anywhere, and it comes faster than it was recorded, so arrivals say nothing. It
begins where it was asked to, or at the first file after that (devices start late where they have nothing,
GB/T 28181 quirk 34); from there on timestamps count, and so a hole between two files is one here, too. Where
they go back another file has begun with a count of its own: at the beginning of the device's next file, as it
told, or where the last one ended. What a device begins at a key frame before or after the instant asked for
is misplaced by as much; nothing in the stream tells.

All this is read from the pictures (from the sound where there are none). Sound goes with them: by the same
count, or, where it counts from elsewhere, from beside the picture that it first comes behind."""

from collections.abc import Callable, Sequence

from bingjian.clock import TICKS_PER_SECOND
from bingjian.formats.access_unit import AccessUnit, TrackConfig, VideoConfig
from bingjian.formats.mp4 import Sample
from bingjian.recording.filling import Filling
from bingjian.recording.wanted import Interval
from bingjian.streaming.timeline import Step, Timeline

BACK_90K = TICKS_PER_SECOND  # timestamps that go back by more are another file's; less is B-frames
TOGETHER_90K = 5 * TICKS_PER_SECOND  # sound farther from the pictures counts from elsewhere
BEYOND_90K = 2 * TICKS_PER_SECOND  # behind the end: nothing is waited for any more


class Enough(Exception):
    """Nothing more of this recording is wanted; carries why."""


class NotNow(Enough):
    """It is not wanted for the moment, and that is no fault of the device's."""


class LateSink:
    """Takes what a source receives of one download (see ``sources.base.Sink``); fills the hole with it."""

    prompt = False

    def __init__(
        self,
        filling: Filling,
        asked: Interval,
        files: Sequence[Interval],
        *,
        offset_90k: int = 0,
        may_go_on: Callable[[], bool] = lambda: True,
    ) -> None:
        """
        Args:
            asked: from when to when, by our clock.
            files: what the device says that it has, in order and without overlap, by our clock.
            offset_90k: the device's clock minus ours, for the index.
            may_go_on: False: the camera is no longer ours to record.
        """
        self._filling, self._asked, self._files = filling, asked, files
        self._offset_ms = offset_90k // 90
        self._may_go_on = may_go_on
        self._tracks: tuple[TrackConfig, ...] = ()
        self._timeline: Timeline | None = None
        self._shift_90k: int | None = None  # what a timestamp lacks to be UTC; None: nothing has come
        self._newest_90k = 0  # of the pictures' timestamps
        self._lead = 0
        self._sounds: dict[int, _Sound] = {}

    def on_tracks(self, tracks: tuple[TrackConfig, ...]) -> None:
        self.flush()
        self._filling.set_tracks(tracks)
        self._tracks, self._timeline = tracks, Timeline(tracks)
        self._lead = next((i for i, track in enumerate(tracks) if isinstance(track, VideoConfig)), 0)
        self._sounds = {i: _Sound(track.clock_rate) for i, track in enumerate(tracks) if i != self._lead}

    def on_units(self, units: list[AccessUnit], arrival_ns: int) -> None:
        """Raises Enough, NotNow."""
        if not self._may_go_on():
            raise NotNow("the camera is no longer recorded here")
        if self._filling.behind:
            raise NotNow("the volume is busy with what is recorded now")
        samples = [sample for unit in units for sample in self._placed(unit)]
        self._filling.write(samples, self._offset_ms)
        if self._end_90k > self._asked.end_90k + BEYOND_90K:
            raise Enough("the end was reached")

    def on_sender_report(self, track: int, rtp_timestamp: int, ntp_utc_ns: int, arrival_ns: int) -> None:
        pass  # a download has none

    def on_loss(self, track: int, packets: int) -> None:
        pass  # its pictures are marked damaged

    def on_packets_only(self, first_ns: int, newest_ns: int) -> None:
        pass

    def flush(self) -> None:
        """The newest samples, for when nothing follows."""
        if self._timeline is not None:
            self._filling.write(self._timeline.flush(), self._offset_ms)

    # --- Where it stands

    @property
    def _end_90k(self) -> int:
        return self._timeline.end_90k if self._timeline is not None else 0

    def _placed(self, unit: AccessUnit) -> list[Sample]:
        """The samples that are complete with it."""
        if self._timeline is None:
            return []
        if unit.track != self._lead:
            return self._placed_sound(self._timeline, unit)
        at_90k = unit.timestamp * TICKS_PER_SECOND // self._tracks[unit.track].clock_rate
        before = self._follow(self._timeline, at_90k)
        utc_90k = at_90k + (self._shift_90k or 0)
        for sound in self._sounds.values():
            sound.meet(utc_90k)
        timeline = self._timeline
        if not timeline.anchored:
            timeline.anchor([(unit, utc_90k)])
        try:
            timeline.place(unit, utc_90k)
        except Step:  # a picture that is a second before the one before it: not B-frames
            before += timeline.flush()
            timeline.step(unit, utc_90k)
            timeline.place(unit, utc_90k)
        return [*before, *_completed(timeline)]

    def _placed_sound(self, timeline: Timeline, unit: AccessUnit) -> list[Sample]:
        """The same of a unit that goes with the pictures; nothing of one of which they do not tell where."""
        sound = self._sounds[unit.track]
        left = timeline.flush() if sound.has_leapt(unit.timestamp) else []  # it lasts over no hole
        if self._shift_90k is None or not sound.find(self._newest_90k, self._shift_90k):
            return left
        placed = unit._replace(timestamp=unit.timestamp + sound.shift)
        timeline.place(placed, placed.timestamp * TICKS_PER_SECOND // sound.rate)
        return [*left, *_completed(timeline)]

    def _follow(self, timeline: Timeline, at_90k: int) -> list[Sample]:
        """Begin to count, at first and where another file does; what is left of the one before."""
        left: list[Sample] = []
        if self._shift_90k is None:
            self._shift_90k, self._newest_90k = self._begin_at(self._asked.start_90k) - at_90k, at_90k
        elif at_90k < self._newest_90k - BACK_90K:
            end_90k = timeline.end_90k or self._newest_90k + self._shift_90k
            left = timeline.flush()
            self._shift_90k = self._next_file(end_90k) - at_90k
            self._newest_90k, self._timeline = at_90k, Timeline(self._tracks)
        self._newest_90k = max(self._newest_90k, at_90k)
        return left

    def _begin_at(self, at_90k: int) -> int:
        """The first instant from there on of which the device has something; itself if it tells none."""
        for start_90k, end_90k in self._files:
            if end_90k > at_90k:
                return max(start_90k, at_90k)
        return at_90k

    def _next_file(self, end_90k: int) -> int:
        """Where the file after this instant begins; files that follow each other were told as one."""
        begins = (start_90k for start_90k, _ in self._files if start_90k > end_90k)
        inside = any(start <= end_90k < end - BACK_90K for start, end in self._files)
        return end_90k if inside else next(begins, end_90k)


class _Sound:
    """What a track beside the pictures counts from. Where it leaps, the picture after that tells anew."""

    __slots__ = ("_has_met", "_is_known", "_is_own", "_last", "rate", "shift")

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.shift = 0  # what a timestamp lacks to be UTC, in ticks of the track
        self._is_known = self._is_own = False  # that; and that it is not what the pictures' timestamps lack
        self._has_met = False  # a picture, since it began or leapt
        self._last: int | None = None

    def has_leapt(self, timestamp: int) -> bool:
        """Its next unit. A second without sound, or back, is a hole or another file."""
        last, self._last = self._last, timestamp
        if last is None or abs(timestamp - last) <= self.rate:
            return False
        self._has_met = self._is_known = False
        return True

    def meet(self, utc_90k: int) -> None:
        """A picture has come. Sound that was put beside another one goes by it no longer if they part."""
        self._has_met = True
        if self._is_own and self._is_known and self._last is not None:
            at_90k = (self._last + self.shift) * TICKS_PER_SECOND // self.rate
            self._is_known = self._has_met = abs(at_90k - utc_90k) <= TOGETHER_90K

    def find(self, newest_90k: int, shift_90k: int) -> bool:
        """Whether it is known where its newest unit belongs: then ``shift`` says so.

        Args:
            newest_90k: of the pictures' timestamps.
            shift_90k: what those lack to be UTC.
        """
        if self._has_met and not self._is_known and self._last is not None:
            apart_90k = newest_90k - self._last * TICKS_PER_SECOND // self.rate
            self._is_known, self._is_own = True, abs(apart_90k) > TOGETHER_90K
            self.shift = (shift_90k + apart_90k * self._is_own) * self.rate // TICKS_PER_SECOND
        return self._is_known


def _completed(timeline: Timeline) -> list[Sample]:
    return [timeline.completed] if timeline.completed is not None else []
