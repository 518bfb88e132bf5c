"""Whatever a source, its packets and all clocks do: what the recorder is told makes sense, call by call."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bingjian.clock import Clock
from bingjian.formats.access_unit import AccessUnit, TrackConfig
from bingjian.formats.mp4 import Sample
from bingjian.recording.cause import Cause
from bingjian.streaming import stream as module
from bingjian.streaming.sources.base import SourceAddress, SourceError
from bingjian.streaming.stream import Stream, StreamState
from tests.unit.streaming.footage import ADDRESS, FRAME, GOP, SECOND, SOUND, VIDEO, SetClock

HOUR = 3600
ENDS = (Cause.DISCONNECTED, Cause.REFUSED, Cause.NO_PACKETS)


@dataclass
class Judge:
    """A recorder that believes nothing. Keeps the gaps as the catalogue would: a new cause ends the one
    before, the next picture ends the last.
    """

    gaps: list[tuple[Cause, int, int]] = field(default_factory=list)  # ended ones of this stretch of time
    open: tuple[Cause, int] | None = None
    end_90k: int = 0  # of the newest picture written since time last leapt
    decoded: dict[int, int] = field(default_factory=dict)  # track → last decode time
    rates: list[int] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)  # what made no sense

    def _must(self, true: bool, otherwise: str) -> None:
        """Not raised: a stream takes what its source raises for a fault of the source."""
        if not true:
            self.wrong.append(otherwise)

    def set_tracks(self, tracks: Sequence[TrackConfig]) -> None:
        self.rates, self.decoded = [track.clock_rate for track in tracks], {}

    def write(self, samples: Sequence[Sample], clock_offset_ms: int) -> None:
        for sample in samples:
            self._must(sample.dts > self.decoded.get(sample.track, -1), "decode times do not increase")
            self._must(sample.duration > 0, "a sample lasts no time")
            self.decoded[sample.track] = sample.dts
            if sample.track == 0:
                self._take(sample.pts * 90_000 // self.rates[0], sample.duration * 90_000 // self.rates[0])

    def _take(self, start_90k: int, duration_90k: int) -> None:
        self._must(start_90k >= self.end_90k, "time goes back without a word")
        if self.open is not None:
            self._end(start_90k)
        self.end_90k = start_90k + duration_90k

    def _end(self, at_90k: int) -> None:
        assert self.open is not None
        cause, since_90k = self.open
        self._must(at_90k >= since_90k, "a gap ends before it begins")
        self.gaps.append((cause, since_90k, at_90k))
        self.open = None

    def gap_begin(self, cause: Cause, detail: str, at_90k: int) -> None:
        if cause is Cause.CLOCK_STEP and self.open is not None and at_90k < self.open[1]:
            self._begin_anew()
        if self.open is not None and self.open[0] is cause:
            return
        if self.open is not None:
            self._end(at_90k)
        self._must(at_90k >= self.end_90k, "a gap begins before the last picture ends")
        self._must(not self.gaps or at_90k >= self.gaps[-1][2], "gaps overlap")
        self.open = cause, at_90k

    def gap_end(self, at_90k: int) -> None:
        self._must(self.open is None or at_90k >= self.open[1], "told of an end before the beginning")

    def loss(self, start_90k: int, end_90k: int) -> None:
        self._must(start_90k <= end_90k, "a loss ends before it begins")
        self._must(not self.gaps or start_90k >= self.gaps[-1][2], "a loss overlaps a gap")

    def discontinuity(self, cause: Cause, at_90k: int) -> None:
        """Time leaps: a gap names it if it goes forward; back, everything begins anew."""
        if at_90k < max(self.end_90k, self.open[1] if self.open is not None else 0):
            self._begin_anew()
        elif self.open is None:
            self.gap_begin(cause, "", max(self.end_90k, 1))
        self.decoded = {}

    def _begin_anew(self) -> None:
        self.gaps, self.open, self.end_90k = [], None, 0


pictures = st.tuples(st.just("pictures"), st.integers(1, 60), st.sampled_from([0, 1, 3, 50]))
sounds = st.tuples(st.just("sound"), st.integers(1, 60))
silence = st.tuples(st.just("silence"), st.integers(1, 12_000))  # ms, with ticks
loss = st.tuples(st.just("loss"), st.integers(1, 80))  # pictures
camera_leap = st.tuples(st.just("camera"), st.sampled_from([-(2**33), -100_000, -50_000, 50_000, 2**33]))
wall_leap = st.tuples(st.just("wall"), st.sampled_from([-HOUR, -2, -0.5, 0.5, 2, HOUR]))
tracks = st.tuples(st.just("tracks"), st.sampled_from([(VIDEO,), (VIDEO, SOUND)]))
end = st.tuples(st.just("end"), st.sampled_from(ENDS))
burst = st.tuples(st.just("burst"), st.integers(1, 200))  # pictures from the past, at once
actions = st.lists(
    pictures | silence | loss | camera_leap | wall_leap | tracks | end | burst | sounds, max_size=25
)


@dataclass
class Chaos:
    """A source that does what the list says; each session goes on where the last one ended."""

    clock: SetClock
    todo: list[tuple[object, ...]]
    number: int = 1  # of the next picture
    leapt: int = 0  # the camera's timestamps, in all
    next_tick: int = 0

    async def __call__(
        self,
        address: SourceAddress,
        sink: Stream,
        clock: Clock,
        *,
        on_connected: Callable[[str], None] | None = None,
    ) -> None:
        assert on_connected is not None
        self.sink = sink
        on_connected("tcp")
        sink.on_tracks((VIDEO, SOUND))
        while self.todo:
            kind, *values = self.todo.pop(0)
            getattr(self, str(kind))(*values)
        raise SourceError(Cause.UNREACHABLE, "the list is at its end")

    def pass_ns(self, duration: int) -> None:
        """With a tick for every second that passes."""
        end = self.clock.monotonic + duration
        while self.next_tick <= end:
            self.clock.pass_ns(max(0, self.next_tick - self.clock.monotonic))
            self.sink.tick()
            self.next_tick = self.clock.monotonic + SECOND
        self.clock.pass_ns(end - self.clock.monotonic)

    def unit(self, number: int) -> AccessUnit:
        return AccessUnit(0, self.leapt + number * FRAME, b"x", number % GOP == 0)

    def pictures(self, count: int, together: int) -> None:
        """One by one, or gathered."""
        waiting: list[AccessUnit] = []
        for _ in range(count):
            waiting.append(self.unit(self.number))
            self.number += 1
            self.pass_ns(SECOND // 25)
            if len(waiting) > together:
                self.sink.on_units(waiting, self.clock.monotonic)
                waiting = []
        if waiting:
            self.sink.on_units(waiting, self.clock.monotonic)

    def sound(self, count: int) -> None:
        if len(self.sink.tracks) > 1:
            units = [AccessUnit(1, self.number * 320 + 160 * n, b"\xd5" * 160, True) for n in range(count)]
            self.sink.on_units(units, self.clock.monotonic)

    def silence(self, milliseconds: int) -> None:
        self.pass_ns(milliseconds * 1_000_000)
        self.number += milliseconds // 40

    def loss(self, count: int) -> None:
        self.sink.on_loss(0, count)
        self.silence(count * 40)

    def burst(self, count: int) -> None:
        first = max(1, self.number - count)
        self.sink.on_units([self.unit(n) for n in range(first, self.number)], self.clock.monotonic)

    def camera(self, ticks: int) -> None:
        self.leapt += ticks

    def wall(self, seconds: float) -> None:
        self.clock.utc += int(seconds * SECOND)

    def tracks(self, configs: tuple[TrackConfig, ...]) -> None:
        self.sink.on_tracks(configs)

    def end(self, cause: Cause) -> None:
        raise SourceError(cause, "the camera ended it")


async def through(todo: list[tuple[object, ...]]) -> Judge:
    clock, judge = SetClock(), Judge()
    source = Chaos(clock, [*todo], next_tick=clock.monotonic + SECOND)
    stream = Stream("c", "main", ADDRESS, receive=source, clock=clock, recording=judge)
    stream.start()
    while source.todo or stream.condition.state is not StreamState.RECONNECTING:
        assert stream.running, "the stream's own task failed: see the log"
        assert "fault in this program" not in stream.condition.detail, "see the log"
        await asyncio.sleep(0)
    assert stream.condition.cause is not Cause.PROTOCOL
    await stream.stop()
    return judge


FOUND: list[list[tuple[object, ...]]] = [  # what random ones have shown
    [("camera", -50_000), ("silence", 692), ("end", Cause.REFUSED), ("burst", 119), ("pictures", 16, 3)],
    [
        ("end", Cause.DISCONNECTED),
        ("silence", 4968),
        ("pictures", 50, 50),
        ("wall", HOUR),
        ("pictures", 39, 0),
    ],
    [("pictures", 34, 3), ("silence", 6162), ("burst", 169), ("loss", 28), ("camera", 2**33)],
]


@example(FOUND[0])
@example(FOUND[1])
@example(FOUND[2])
@given(actions)
@settings(max_examples=200, deadline=None)
def test_gaps_never_overlap_and_time_never_goes_back_without_a_word(todo: list[tuple[object, ...]]) -> None:
    with pytest.MonkeyPatch.context() as patch, capture_logs():
        patch.setattr(module, "FIRST_PAUSE_S", 0)
        judge = asyncio.run(through(todo))
    assert judge.wrong == []
    assert judge.open is not None  # the list has ended, and so has the camera
