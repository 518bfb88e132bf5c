"""A camera's clock, ours and the wall's, each at its own pace, driving one stream as long as it takes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

from bingjian.clock import TICKS_PER_SECOND
from bingjian.formats.access_unit import AccessUnit
from bingjian.streaming.stream import Stream
from tests.unit.streaming.footage import ADDRESS, SECOND, VIDEO, Notes, SetClock, never

MILLION = 1_000_000


@dataclass
class Passing:
    """One stream and the three clocks it lives by. Frames come at ``rate`` a second of the camera's clock."""

    rate: int = 25
    camera_ppm: float = 0  # how much faster the camera's clock runs than our monotonic one
    wall_ppm: float = 0  # the same of our wall clock, as NTP slews it
    jitter_ms: int = 0  # a picture may be so late
    first_timestamp: int = 1000  # of RTP, unwrapped
    unwrapped: Callable[[int], int] = int  # what the receiver makes of a timestamp
    clock: SetClock = field(default_factory=SetClock)
    notes: Notes = field(default_factory=Notes)
    taken_90k: list[int] = field(default_factory=list)  # our wall clock when each picture was taken

    def __post_init__(self) -> None:
        self.stream = Stream("c", "main", ADDRESS, receive=never, clock=self.clock, recording=self.notes)
        self.stream.on_tracks((VIDEO,))
        self._random = Random(1)
        self._number = 0
        self._due_ns = 0.0  # of the next picture, since the beginning by the monotonic clock
        self._begin_ns = self.clock.monotonic
        self._next_tick_ns = self.clock.monotonic + SECOND
        self._wall_rest = 0.0

    def run(self, seconds: float) -> None:
        """So long by the monotonic clock; it ticks once a second."""
        end_ns = self.clock.monotonic + int(seconds * SECOND)
        while (at_ns := self._begin_ns + int(self._due_ns)) < end_ns:
            self._pass(at_ns)
            self._picture()
        self._pass(end_ns)

    def step(self, seconds: float) -> None:
        """The wall clock is set."""
        self.clock.utc += int(seconds * SECOND)

    def _pass(self, until_ns: int) -> None:
        while self._next_tick_ns <= until_ns:
            self._move(self._next_tick_ns)
            self._next_tick_ns += SECOND
            self.stream.tick()
        self._move(until_ns)

    def _move(self, until_ns: int) -> None:
        passed = until_ns - self.clock.monotonic
        slewed = passed * (1 + self.wall_ppm / MILLION) + self._wall_rest
        self._wall_rest = slewed % 1
        self.clock.monotonic += passed
        self.clock.utc += int(slewed)

    def _picture(self) -> None:
        late_ns = self._random.randrange(self.jitter_ms * MILLION) if self.jitter_ms else 0
        timestamp = self.first_timestamp + self._number * TICKS_PER_SECOND // self.rate
        unit = AccessUnit(0, self.unwrapped(timestamp), b"x", self._number % self.rate == 0)
        self.taken_90k.append(self.clock.utc * 9 // 100_000)
        self.stream.on_units([unit], self.clock.monotonic + late_ns)
        self._number += 1
        self._due_ns = self._number * SECOND / self.rate / (1 + self.camera_ppm / MILLION)

    # --- What came of it

    @property
    def steps(self) -> list[object]:
        """Instants at which a segment was closed for a step of a clock, in order."""
        return [at for kind, *_, at in self.notes.heard if kind == "discontinuity"]

    @property
    def gaps(self) -> list[tuple[object, ...]]:
        return [entry for entry in self.notes.heard if entry[0] in ("gap", "loss")]

    def unbroken(self) -> bool:
        """Every picture is there and begins where the one before ended: no hole, and never back."""
        samples = self.notes.samples
        assert len(samples) == len(self.taken_90k) - 1  # the newest waits for its duration
        return all(a.dts + a.duration == b.dts for a, b in pairwise(samples))

    def errors_ms(self, first: int = 0) -> list[float]:
        """By how much each picture lies later than the wall clock said when it was taken."""
        pairs = list(zip(self.notes.samples, self.taken_90k, strict=False))[first:]
        return [(sample.pts - taken) / 90 for sample, taken in pairs]

    def worst_ms(self, first: int = 0) -> float:
        return max(map(abs, self.errors_ms(first)))

    def stretch_ms_per_s(self) -> float:
        """The most that time was made to run faster or slower over ten seconds."""
        times, frames = [sample.dts for sample in self.notes.samples], 10 * self.rate
        usual = 10 * TICKS_PER_SECOND
        return max(abs(b - a - usual) for a, b in zip(times, times[frames:], strict=False)) / 900
