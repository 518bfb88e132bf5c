"""Samples in, fragments out: what becomes one ``moof`` and ``mdat``. Pure.

A fragment ends before a key frame, or as soon as it holds a second of video, whichever comes first; so a
camera with key frames far apart risks no more in a crash than any other. Sound goes along with the pictures
it arrived with. In a stream without video the first sound track takes the lead."""

from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple

from bingjian.clock import TICKS_PER_SECOND
from bingjian.formats.access_unit import TrackConfig, VideoConfig
from bingjian.formats.mp4 import Sample
from bingjian.recording.segment import CLOSE_90K

HELD_S = 1  # seconds of the leading track in one fragment
FOLLOWER_S = 2  # seconds of any other track, should the leading one stand still
MAX_BYTES = 8 << 20  # 64 Mbit/s for a second; beyond it fragments become shorter, never memory larger
# A file stores durations only, so a sample that does not begin where the one before ended begins a
# fragment. Less than a fiftieth of a second is rounding or jitter of a sound card and waits for the next
# fragment's own time.
TOLERATED_PARTS = 50
MIN_SAMPLE_BYTES = 40  # a sample's entry in the moof, and its Python object: empty samples are not free

_is_damaged = itemgetter(Sample._fields.index("damaged"))


class Fragment(NamedTuple):
    """What the writer stores as one ``moof`` and ``mdat``."""

    start_90k: int  # UTC since 1970, of the first presented sample of the leading track
    duration_90k: int  # at most a segment's: a picture that claims to stand longer does not
    samples: list[Sample]  # in order of arrival
    sync: bool  # begins with a key frame; in a stream of sound always
    damaged: bool
    size_bytes: int  # of the samples

    @property
    def end_90k(self) -> int:
        return self.start_90k + self.duration_90k


class Fragmenter:
    """One camera's open fragment."""

    def __init__(self, tracks: Sequence[TrackConfig]) -> None:
        video = [number for number, track in enumerate(tracks) if isinstance(track, VideoConfig)]
        self._has_video = bool(video)
        self._lead = video[0] if video else 0
        self._rates = [track.clock_rate for track in tracks]
        self._tolerance = [rate // TOLERATED_PARTS for rate in self._rates]
        self._limits = [rate * FOLLOWER_S for rate in self._rates]
        self._limits[self._lead] = self._rates[self._lead] * HELD_S
        self._begin()

    def _begin(self) -> None:
        self._samples: list[Sample] = []
        self._held = [0] * len(self._rates)  # by track, in its timescale
        self._next: list[int | None] = [None] * len(
            self._rates
        )  # where each track's next sample should begin
        self._bytes = 0

    def push(self, samples: Sequence[Sample]) -> list[Fragment]:
        """Take samples in order of arrival; give the fragments that they complete, usually none.

        Called for every few samples of every camera.
        """
        done: list[Fragment] = []
        for sample in samples:
            track, _, dts, duration, data, sync, _ = sample
            if self._samples and self._ends_before(track, dts, sync, len(data)):
                done.append(self._take())
            self._samples.append(sample)
            self._bytes += len(data) + MIN_SAMPLE_BYTES
            self._next[track] = dts + duration
            self._held[track] = held = self._held[track] + duration
            if held >= self._limits[track]:
                done.append(self._take())
        return done

    def flush(self) -> Fragment | None:
        """The open fragment, however short."""
        return self._take() if self._samples else None

    def _ends_before(self, track: int, dts: int, sync: bool, size: int) -> bool:
        expected = self._next[track]
        if expected is not None and abs(dts - expected) > self._tolerance[track]:
            return True
        if sync and track == self._lead and self._has_video and expected is not None:
            return True
        return self._bytes + size > MAX_BYTES

    def _take(self) -> Fragment:
        samples = self._samples
        lead = [sample for sample in samples if sample[0] == self._lead]
        timed = lead or samples[:1]
        track = timed[0][0]
        fragment = Fragment(
            start_90k=_ticks(min(sample[1] for sample in timed), self._rates[track]),
            duration_90k=min(_ticks(self._held[track], self._rates[track]), CLOSE_90K),
            samples=samples,
            sync=bool(lead) and (lead[0][5] or not self._has_video),
            damaged=any(map(_is_damaged, samples)),
            size_bytes=self._bytes,
        )
        self._begin()
        return fragment


def _ticks(time: int, rate: int) -> int:
    """A time in a track's timescale as 1/90000 s, rounded down."""
    return time if rate == TICKS_PER_SECOND else time * TICKS_PER_SECOND // rate
