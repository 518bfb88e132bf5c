"""The store against a simple model: whatever happens in whatever order, what was durable is readable, what is
missing has its name, and nothing goes without a receipt.

A crash is one to the store: its files and catalogue as they are on the disk this moment are what the next
program finds, and the old one never writes to them again (it goes on in a copy nobody looks at)."""

import asyncio
import errno
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bench import store_check as store
from bingjian.recording import holds, presence, reader, writer
from bingjian.recording.cause import Cause
from bingjian.recording.recorder import Recorder
from bingjian.recording.volume import Volume
from bingjian.recording.volumes import Volumes
from tests.unit.recording.footage import CAMERA, GIB, FailingDisk, StandingClock, seconds, video, video_config
from tests.unit.recording.test_removal import receipt_for, remove


@dataclass
class Model:
    """By the second: what must be there, what has been given up; whatever else has passed is missing."""

    now_s: int = 0
    present: set[int] = field(default_factory=set)
    removed: set[int] = field(default_factory=set)


class Store(RuleBasedStateMachine):
    """One camera on one volume."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.patched = pytest.MonkeyPatch()
        self.patched.setattr(writer, "GATHER_S", 0.002)  # how long it waits for company is no matter here
        self.place = Path(tempfile.mkdtemp(prefix="bingjian-model-"))
        self.model = Model()
        self.clock, self.disk = StandingClock(), FailingDisk()
        self.copied: dict[UUID, holds.Copied] = {}
        self.wide = 20
        self.recorder: Recorder | None = None

    @initialize()
    def begin(self) -> None:
        self.root = self.place / "volume"
        self.volume = Volume.create(
            self.root, size_bytes=GIB, reserve_bytes=0, clock=self.clock, storage=self.disk
        )

    def teardown(self) -> None:
        self._healthy()
        self._run(self._end())
        shutil.rmtree(self.place)
        self.loop.close()
        self.patched.undo()

    def _run(self, work):
        return self.loop.run_until_complete(work)

    async def _end(self) -> None:
        await asyncio.to_thread(self.volume.close)

    @property
    def broken(self) -> bool:
        return bool(self.disk.broken) or self.disk.free is not None

    # --- Recording

    @rule(length_s=st.integers(1, 8), new_format=st.booleans())
    def record(self, length_s: int, new_format: bool) -> None:
        """So many seconds, then everything durable, or known not to be."""
        start_s = self.model.now_s
        self._run(self._record(start_s, length_s, new_format))
        self.model.now_s += length_s
        if not self.broken:
            self.model.present.update(range(start_s, start_s + length_s))

    async def _record(self, start_s: int, length_s: int, new_format: bool) -> None:
        if self.recorder is None:
            self.recorder = Recorder(Volumes([self.volume]), CAMERA, worker="w", epoch=1, clock=self.clock)
            self.recorder.set_tracks((video_config(self.wide),))
        if new_format:
            self.wide = 36 - self.wide  # 20 or 16
            self.recorder.set_tracks((video_config(self.wide),))
        self.recorder.write(video(start_s, length_s))
        await self.volume.settled()
        self.clock.advance(length_s)

    @rule(length_s=st.integers(2, 9), cause=st.sampled_from([Cause.UNREACHABLE, Cause.NO_PACKETS]))
    def gap(self, length_s: int, cause: Cause) -> None:
        self._run(self._gap(cause))
        self.model.now_s += length_s
        self.clock.advance(length_s)

    async def _gap(self, cause: Cause) -> None:
        if self.recorder is not None:
            self.recorder.gap_begin(cause, "", seconds(self.model.now_s))
            self.recorder._stop_silence_timer()  # the loop stands still between steps
        await self.volume.settled()

    # --- Ends

    @rule(away_s=st.integers(2, 9))
    def crash(self, away_s: int) -> None:
        """The disk as it stands, under another name; the old writer ends where nobody looks."""
        left = self.place / uuid4().hex
        shutil.copytree(self.root, left)
        self._healthy()
        self._run(self._end())
        shutil.rmtree(self.root)
        left.rename(self.root)
        self._open_again(away_s)
        if self.volume.repairs:
            *_, last = presence.spans([self.volume], CAMERA, seconds(0), seconds(self.model.now_s))
            assert last.cause is not None, "the crash has its name at once, not only when recording goes on"

    @precondition(lambda self: not self.broken)
    @rule(away_s=st.integers(2, 9))
    def stop(self, away_s: int) -> None:
        if self.recorder is not None:
            self._run(self.recorder.close())
        self._run(self._end())
        self._open_again(away_s)

    def _open_again(self, away_s: int) -> None:
        self.volume = Volume.open(self.root, clock=self.clock, storage=self.disk)
        self.recorder = None
        self.model.now_s += away_s
        self.clock.advance(away_s)

    # --- The disk

    @precondition(lambda self: not self.broken)
    @rule(what=st.sampled_from(["write", "create"]), number=st.sampled_from([errno.EIO, errno.ENOSPC]))
    def fail(self, what: str, number: int) -> None:
        self.disk.broken.update({what: number, "sync": number})

    @precondition(lambda self: not self.broken)
    @rule()
    def fill(self) -> None:
        self._run(self.volume.settled())
        self.disk.free = 0
        self.clock.advance(3)  # the writer looks every two seconds
        self._run(self.volume.settled())

    @precondition(lambda self: self.broken)
    @rule()
    def recover(self) -> None:
        self._healthy()
        self.clock.advance(6)
        for _ in range(2):
            self._run(self.volume.settled())
        assert self.volume.trouble is None

    def _healthy(self) -> None:
        self.disk.broken.clear()
        self.disk.free = None

    # --- Keeping and removing

    @precondition(lambda self: not self.broken)
    @rule(which=st.integers(0, 5))
    def remove(self, which: int) -> None:
        closed = [one for one in self._segments() if one.closed]
        if which >= len(closed):
            return
        one = closed[which]
        assert remove(self.volume, receipt_for(one)).removed == [str(one.id)]
        gone = {
            second
            for second in range(self.model.now_s)
            if one.start_90k <= seconds(second) and seconds(second + 1) <= one.end_90k
        }
        self.model.present -= gone
        self.model.removed |= gone

    @precondition(lambda self: not self.broken)
    @rule()
    def hold(self) -> None:
        """All that is closed, copied."""
        hold, area = uuid4(), self.place / "holds"
        closed = [one for one in self._segments() if one.closed]
        interval = (seconds(0), seconds(self.model.now_s + 1))
        copied = holds.copy([self.volume], area, hold, CAMERA, interval, self.disk)
        assert copied.segments == len(closed)
        self.copied[hold] = copied

    # --- What must hold

    def _segments(self) -> list[reader.Segment]:
        return reader.segments([self.volume], CAMERA, 0, 1 << 62)

    @invariant()
    def what_must_be_there_is_and_the_rest_has_a_name(self) -> None:
        spans = presence.spans([self.volume], CAMERA, seconds(0), seconds(self.model.now_s))
        for second in self.model.present:
            assert self._kind(spans, second) == ("present", None), second
        for second in self.model.removed:
            assert self._kind(spans, second)[1] is not None, second
        if self.recorder is not None and not self.broken and spans and spans[-1].kind == "present":
            first = min(self.model.present | self.model.removed, default=self.model.now_s)
            unnamed = [s for s in spans if s.kind == "missing" and s.cause is None]
            assert all(s.start_90k < seconds(first) for s in unnamed), unnamed

    @staticmethod
    def _kind(spans: list[presence.Span], second: int) -> tuple[str, Cause | None]:
        at = seconds(second + 0.5)
        (found,) = [span for span in spans if span.start_90k <= at < span.end_90k]
        return found.kind, found.cause

    @invariant()
    def every_byte_and_every_file_is_what_the_catalogue_says(self) -> None:
        if not self.broken:
            rows = store.rows_of(self.root)
            assert store.corrupt(self.root, rows) == []
            assert store.unaccounted(self.root) == []
            assert store.bad_gaps(self.root) == []

    @invariant()
    def what_was_copied_stays(self) -> None:
        for hold, copied in self.copied.items():
            there = list((self.place / "holds" / str(hold)).glob("*.mp4"))
            assert len(there) == copied.segments


TestStore = Store.TestCase
# Steps take real time, so failures are told as they were found: to shrink one would take minutes.
TestStore.settings = settings(
    max_examples=25, stateful_step_count=14, deadline=None, phases=(Phase.reuse, Phase.generate)
)
