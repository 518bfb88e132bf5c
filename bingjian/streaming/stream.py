"""One stream of one camera, between its source on one side and recorder and viewers on the other.

The hot path is ``Stream.on_units``: place each access unit on the timeline, hand the samples to the viewers,
and those whose duration is now exact to the recorder. It runs 25 times a second for every camera, so it makes
no objects but the samples and logs nothing. All that may wait (rates, states, the wall clock) is done once a
second in ``tick``.

A source's failure never leaves its stream: it becomes a state with a cause, a gap in the recording, and
another attempt after a jittered pause.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import SystemRandom
from typing import Any, Literal, Protocol

import structlog

from bingjian.clock import TICKS_PER_SECOND, Clock
from bingjian.formats.access_unit import AccessUnit, FormatError, TrackConfig, VideoConfig
from bingjian.formats.mp4 import Sample
from bingjian.recording.cause import Cause
from bingjian.streaming.live import Broadcast
from bingjian.streaming.sources.base import SourceAddress, SourceError
from bingjian.streaming.timeline import LONGEST_FRAME_90K, Step, Timeline

log = structlog.get_logger(__name__)

SECOND_NS = 1_000_000_000
SETTLE_90K = TICKS_PER_SECOND * 3 // 10  # units are held so long before the timeline is anchored by them …
SETTLE_UNITS = 512  # … or so many: bounds a source that sends without end at once
CLOCK_STEP_NS = SECOND_NS  # a leap of the wall clock that opens a new segment; less is worked off as drift
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0  # between attempts, doubling; each varied by half
MAX_DOUBLINGS = 10  # a camera may be away for weeks
WRONG_PASSWORD_PAUSE_S = 60.0  # cameras lock out who tries too often
PROVEN_S = 10.0  # a session that lived so long starts the pauses afresh
GOOD_BYE_S = 3.0  # for a source to take its leave when it is stopped
KEY_FRAME_PATIENCE_S = 10.0  # packets but no key frame for so long: said in the state
SILENCE_90K, SILENCE_FRAMES = TICKS_PER_SECOND, 3  # without a picture for longer than both: a gap
FIRST_PACKET_90K = 5 * TICKS_PER_SECOND  # until then after connecting the cause before holds
# A picture late by so much makes a source bring what it has at once (``gathering``). Only if the next look,
# a second later, finds nothing either is it silence: what lay in the kernel has come by then.
LATE_90K, LATE_FRAMES = TICKS_PER_SECOND * 4 // 10, 2
NO_PICTURES = {
    Cause.NO_PACKETS: "the camera is connected but sends no pictures",
    Cause.NO_KEY_FRAME: "packets come, but no key frame to begin with",
}
RATE_WINDOW = 5  # seconds over which bit rate and frame rate are taken

Role = Literal["main", "sub"]
_chance = SystemRandom()


class StreamState(StrEnum):
    """What a stream is doing. Codes are part of the control API."""

    CONNECTING = "connecting"
    LIVE = "live"
    RECONNECTING = "reconnecting"
    STOPPED = "stopped"


class Recording(Protocol):
    """What a stream asks of its recorder. Nothing here waits or raises; times are UTC in 1/90000 s."""

    def set_tracks(self, tracks: Sequence[TrackConfig]) -> None: ...
    def write(self, samples: Sequence[Sample], clock_offset_ms: int) -> None: ...
    def gap_begin(self, cause: Cause, detail: str, at_90k: int) -> None: ...
    def gap_end(self, at_90k: int) -> None: ...
    def loss(self, start_90k: int, end_90k: int) -> None: ...
    def discontinuity(self, cause: Cause, at_90k: int) -> None: ...


class Receive(Protocol):
    """A source: runs one session and ends with SourceError (``streaming.sources.rtsp.receive``)."""

    def __call__(
        self,
        address: SourceAddress,
        sink: "Stream",
        clock: Clock,
        *,
        on_connected: Callable[[str], None] | None = None,
    ) -> Coroutine[Any, Any, None]: ...


@dataclass(frozen=True, slots=True)
class Missing:
    """Why no pictures come at present, as the recorder was told."""

    cause: Cause
    detail: str
    since_90k: int


@dataclass(frozen=True, slots=True)
class Condition:
    """A stream's state, why, and since when."""

    state: StreamState
    cause: Cause | None
    detail: str
    since_90k: int


class Stream:
    """Lives on the event loop; is the ``Sink`` of its source."""

    def __init__(
        self,
        camera: str,
        role: Role,
        address: SourceAddress,
        *,
        receive: Receive,
        clock: Clock,
        recording: Recording | None = None,
        stored_until_90k: int = 0,
    ) -> None:
        """``stored_until_90k``: of the stream that this one replaces on the same recorder."""
        self.camera = camera
        self.role = role
        self.address = address
        self.broadcast = Broadcast()
        self.packets_lost = 0
        self.bit_rate_bps = 0.0
        self.frame_rate = 0.0
        self.last_picture_90k: int | None = None
        self._receive = receive
        self._clock = clock
        self._recording = recording
        self._task: asyncio.Task[None] | None = None
        self._utc_offset_ns = clock.utc_ns() - clock.monotonic_ns()
        self._condition = Condition(StreamState.STOPPED, None, "", self._now_90k())
        self._bytes = self._frames = 0  # since the beginning, for the rates
        self._marks: deque[tuple[int, int, int]] = deque(
            maxlen=RATE_WINDOW + 1
        )  # monotonic_ns, bytes, frames
        self.stored_until_90k = stored_until_90k  # end of the last picture given to the recorder
        self._missing: Missing | None = None
        self._begin_session()

    def _begin_session(self) -> None:
        self.tracks: tuple[TrackConfig, ...] = ()
        self.transport: str | None = None
        self._timeline: Timeline | None = None
        self._held: list[tuple[AccessUnit, int]] | None = []  # until the timeline is anchored; then None
        self._lead = 0  # the track that pictures come on
        self._started = False  # the key frame that decoding begins with has come
        self._connected_90k: int | None = None  # the camera plays since
        # Packets without a picture to begin with: arrivals of the first and of the newest.
        self._packets_90k: tuple[int, int] | None = None
        self._heard_90k = 0  # arrival of the newest picture
        self._late = False  # it is overdue
        self._lossy = False  # since it something was lost, or silence was noted
        self._reports: dict[int, tuple[int, int]] = {}  # track → last sender report

    # --- Running

    @property
    def running(self) -> bool:
        return self._task is not None

    @property
    def condition(self) -> Condition:
        return self._condition

    @property
    def clock_offset_ms(self) -> int | None:
        """Camera's clock minus ours; None before it has said so."""
        return self._timeline.clock_offset_ms if self._timeline is not None and self._reports else None

    def start(self) -> None:
        """Begin to receive, if not yet so."""
        if self._task is None:
            self._set(StreamState.CONNECTING, None, "")
            self._task = asyncio.get_running_loop().create_task(self._run())
            self._task.add_done_callback(self._ended)

    async def stop(self) -> None:
        """End the session; what was received has been handed to the recorder when this returns."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task], timeout=GOOD_BYE_S)
        self._end_session()
        self._set(StreamState.STOPPED, None, "")
        self.broadcast.set_state("waiting", None)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """It only ends when cancelled; anything else is a bug of ours that must not cost the camera."""
        if not task.cancelled() and self._task is task:
            log.error("stream_task_failed", camera=self.camera, role=self.role, exc_info=task.exception())
            self._task = None
            self._end_session()
            self.start()

    async def _run(self) -> None:
        """Sessions, one after the other, for ever; all that they log names the camera."""
        structlog.contextvars.bind_contextvars(camera=self.camera, role=self.role)
        attempt = 0
        while True:
            began_ns = self._clock.monotonic_ns()
            failure = await self._session()
            lived_s = (self._clock.monotonic_ns() - began_ns) / SECOND_NS
            attempt = 0 if self._started and lived_s > PROVEN_S else attempt + 1
            self._fail(failure)
            await asyncio.sleep(pause_s(attempt, failure.cause))

    async def _session(self) -> SourceError:
        """One session until its end, which is always a failure of some kind."""
        try:
            await self._receive(self.address, self, self._clock, on_connected=self._connected)
        except SourceError as error:
            return error
        except Exception:
            log.exception("source_failed", camera=self.camera, role=self.role)
            return SourceError(Cause.PROTOCOL, "a fault in this program while receiving; see the log")
        return SourceError(Cause.DISCONNECTED, "the camera ended the session")

    def _connected(self, transport: str) -> None:
        self.transport = transport
        self._connected_90k = self._now_90k()
        log.info("stream_connected", camera=self.camera, role=self.role, transport=transport)

    def _fail(self, failure: SourceError) -> None:
        self._end_session()
        self._set(StreamState.RECONNECTING, failure.cause, failure.detail)
        self.broadcast.set_state("waiting", failure.cause.value)
        self._miss(failure.cause, failure.detail, self._now_90k())

    def _miss(self, cause: Cause, detail: str, since_90k: int) -> None:
        """Pictures are missing for this reason now: since the last one, or if another reason held until now,
        since it does.
        """
        before = self._missing
        if before is not None:
            at_90k = max(since_90k, before.since_90k)
        else:
            at_90k = self.stored_until_90k or since_90k
        self._missing = Missing(cause, detail, at_90k)
        if self._recording is not None:
            self._recording.gap_begin(cause, detail, at_90k)

    def _found(self, at_90k: int) -> None:
        """Pictures come (again)."""
        missing, self._missing = self._missing, None
        if self._recording is not None:
            self._recording.gap_end(max(at_90k, missing.since_90k) if missing is not None else at_90k)
        self._set(StreamState.LIVE, None, "")
        self.broadcast.set_state("live", None)

    def _end_session(self) -> None:
        """Hand over what is held, forget the rest."""
        self._flush()
        self._marks.clear()
        self.bit_rate_bps = self.frame_rate = 0.0
        self.broadcast.forget()
        self._begin_session()

    def _flush(self) -> None:
        """The newest samples to the recorder, with estimated durations."""
        timeline, held = self._timeline, self._held
        if timeline is not None and held and any(unit.track == self._lead for unit, _ in held):
            self._anchor(timeline, held)  # it ends before it has settled
        if timeline is not None and self._started:
            self.stored_until_90k = timeline.end_90k or self.stored_until_90k
            self._write(timeline.flush(), timeline.clock_offset_ms)

    def _write(self, samples: list[Sample], clock_offset_ms: int) -> None:
        if self._recording is not None and samples:
            self._recording.write(samples, clock_offset_ms)

    def _set(self, state: StreamState, cause: Cause | None, detail: str) -> None:
        """Change the state; every change is a line in the log."""
        before = self._condition
        if (before.state, before.cause, before.detail) == (state, cause, detail):
            return
        since = before.since_90k if before.state == state else self._now_90k()
        self._condition = Condition(state, cause, detail, since)
        facts = {"camera": self.camera, "role": self.role, "state": state.value, "detail": detail}
        log.info("stream_state", cause=cause and cause.value, **facts)

    def _now_90k(self) -> int:
        """On the stream's own time, in which the wall clock steps between two ticks only."""
        return self._in_90k(self._clock.monotonic_ns())

    def _in_90k(self, monotonic_ns: int) -> int:
        return (monotonic_ns + self._utc_offset_ns) * 9 // 100_000

    # --- The sink

    @property
    def prompt(self) -> bool:
        """Somebody watches, or a picture is overdue, or arrivals must do as timestamps."""
        if self.broadcast.viewers or self._late:
            return True
        return self._timeline is None or self._timeline.by_arrival

    def on_tracks(self, tracks: tuple[TrackConfig, ...]) -> None:
        """A new configuration: the timeline is anchored anew, behind what is stored."""
        if tracks == self.tracks:
            return
        self._flush()
        self.tracks = tracks
        self._lead = next((i for i, track in enumerate(tracks) if isinstance(track, VideoConfig)), 0)
        self._timeline, self._held, self._started = None, [], False
        try:
            self.broadcast.set_tracks(tracks)
            if self._recording is not None:
                self._recording.set_tracks(tracks)
        except FormatError as error:
            self._set(self._condition.state, Cause.CODEC_NOT_ACCEPTED, str(error))
            self.broadcast.set_state("waiting", Cause.CODEC_NOT_ACCEPTED.value)
            self._miss(Cause.CODEC_NOT_ACCEPTED, str(error), self._now_90k())
            return
        self._timeline = Timeline(tracks)

    def on_units(self, units: list[AccessUnit], arrival_ns: int) -> None:
        """The hot path."""
        arrival_90k = (arrival_ns + self._utc_offset_ns) * 9 // 100_000
        if self._held is None:
            self._take(units, arrival_90k)
        elif self._timeline is not None:
            self._settle(units, arrival_90k)

    def on_sender_report(self, track: int, rtp_timestamp: int, ntp_utc_ns: int, arrival_ns: int) -> None:
        self._reports[track] = (rtp_timestamp, ntp_utc_ns)
        if self._timeline is not None and track < len(self.tracks):
            self._timeline.sender_report(track, rtp_timestamp, ntp_utc_ns)

    def on_loss(self, track: int, packets: int) -> None:
        self.packets_lost += packets
        self._lossy = self._lossy or track == self._lead

    def on_packets_only(self, first_ns: int, newest_ns: int) -> None:
        self._note_packets(self._in_90k(first_ns), self._in_90k(newest_ns))

    def _note_packets(self, first_90k: int, newest_90k: int) -> None:
        first_90k = self._packets_90k[0] if self._packets_90k is not None else first_90k
        self._packets_90k = first_90k, newest_90k

    # --- From units to samples

    def _settle(self, units: list[AccessUnit], arrival_90k: int) -> None:
        """Hold the first moments, then anchor by the least delayed of them."""
        held = self._held
        assert held is not None
        assert self._timeline is not None
        held += [(unit, arrival_90k) for unit in units]
        first = next((arrival for unit, arrival in held if unit.track == self._lead), None)
        if first is None:
            del held[:-SETTLE_UNITS]
        elif arrival_90k - first >= SETTLE_90K or len(held) >= SETTLE_UNITS:
            self._anchor(self._timeline, held)

    def _anchor(self, timeline: Timeline, held: list[tuple[AccessUnit, int]]) -> None:
        self._held = None
        timeline.anchor(held, self.stored_until_90k)
        for track, (timestamp, ntp_utc_ns) in self._reports.items():
            if track < len(self.tracks):
                timeline.sender_report(track, timestamp, ntp_utc_ns)
        for unit, arrival_90k in held[self._stored_of(timeline, held) :]:
            self._take([unit], arrival_90k)

    def _stored_of(self, timeline: Timeline, held: list[tuple[AccessUnit, int]]) -> int:
        """A server may begin with pictures that it kept, and that we have: how many to pass over, so that we
        begin with the last key frame among them and miss none of those that we do not have.
        """
        repeated = 0
        for place, (unit, arrival_90k) in enumerate(held):
            if unit.track == self._lead and timeline.time_90k(unit, arrival_90k) < self.stored_until_90k:
                repeated = place if unit.sync else repeated
        return repeated

    def _take(self, units: list[AccessUnit], arrival_90k: int) -> None:
        """Place, show, record."""
        timeline = self._timeline
        assert timeline is not None
        fresh: list[Sample] = []  # for the viewers, at once
        exact: list[Sample] = []  # for the recorder, one unit later
        for unit in units:
            if not self._started and not self._starts(timeline, unit, arrival_90k):
                continue
            try:
                sample = timeline.place(unit, arrival_90k)
            except Step as step:
                self._write(exact, timeline.clock_offset_ms)
                exact = []
                self._step(timeline, unit, arrival_90k, step)
                sample = timeline.place(unit, arrival_90k)
            fresh.append(sample)
            if timeline.completed is not None:
                exact.append(timeline.completed)
            self._bytes += len(unit.data)
            if unit.track == self._lead:
                self._frames += 1
                self._heard_90k = arrival_90k
                if self._lossy:
                    self._note_loss(timeline, sample)
        if fresh:
            self.broadcast.push(fresh)
        if exact and self._recording is not None:
            self._recording.write(exact, timeline.clock_offset_ms)

    def _starts(self, timeline: Timeline, unit: AccessUnit, arrival_90k: int) -> bool:
        """Whether decoding can begin here; what comes before shows nothing."""
        if unit.track != self._lead:
            return False
        if not unit.sync:
            self._note_packets(arrival_90k, arrival_90k)
            return False
        self._started, self._lossy, self._packets_90k = True, False, None
        self._announce_past(timeline.time_90k(unit, arrival_90k))
        self._found(arrival_90k)
        return True

    def _announce_past(self, at_90k: int) -> None:
        """Pictures that a server kept lie before what the recorder was told of last."""
        missing = self._missing
        told_90k = max(self.stored_until_90k, missing.since_90k if missing is not None else 0)
        if at_90k < told_90k and self._recording is not None:
            self._recording.discontinuity(missing.cause if missing is not None else Cause.CLOCK_STEP, at_90k)

    def _step(self, timeline: Timeline, unit: AccessUnit, arrival_90k: int, step: Step) -> None:
        """The source's time leapt: a new segment, anchored at this unit."""
        self._write(timeline.flush(), timeline.clock_offset_ms)
        self._discontinue(arrival_90k, arrival_90k)
        timeline.step(unit, arrival_90k)
        self.broadcast.forget()
        log.warning("time_step", camera=self.camera, role=self.role, seconds=round(step.seconds, 3))

    def _discontinue(self, from_90k: int, to_90k: int) -> None:
        """Time leaps from here to there. What was missing until then has its own reason."""
        if self._recording is None:
            return
        if self._missing is not None:
            at_90k = min(max(from_90k, self._missing.since_90k), to_90k)
            self._recording.gap_begin(Cause.CLOCK_STEP, "", at_90k)
        self._recording.discontinuity(Cause.CLOCK_STEP, to_90k)

    def _note_loss(self, timeline: Timeline, sample: Sample) -> None:
        """Packets were lost before this picture, or it ends a silence."""
        self._lossy = False
        if self._missing is not None:
            rate = self.tracks[self._lead].clock_rate
            self._found(sample.pts * TICKS_PER_SECOND // rate)
        elif self._recording is not None and (hole := timeline.missing_before(sample)) is not None:
            self._recording.loss(*hole)

    # --- Once a second

    def tick(self) -> None:
        """The wall clock, rates, and whether pictures come."""
        now_ns = self._clock.monotonic_ns()
        self._follow_wall_clock(self._clock.utc_ns() - now_ns)
        self._measure(now_ns)
        now_90k = self._in_90k(now_ns)
        if self._held and self._timeline is not None:
            self._settle([], now_90k - LONGEST_FRAME_90K)
        elif self._timeline is not None and self._started:
            self._look_for_silence(self._timeline.frame_90k, now_90k)
        elif self._timeline is not None or not self.tracks:
            self._look_for_packets(now_90k)

    def _look_for_silence(self, frame_90k: int, now_90k: int) -> None:
        """Has the picture that should have come, not come for too long?"""
        overdue_90k = now_90k - self._heard_90k - frame_90k
        was_late, self._late = self._late, overdue_90k > max(LATE_90K, LATE_FRAMES * frame_90k)
        silent = overdue_90k > max(SILENCE_90K, SILENCE_FRAMES * frame_90k)
        if silent and was_late and self._missing is None:
            self._flush()
            self._miss(Cause.NO_PACKETS, NO_PICTURES[Cause.NO_PACKETS], self._heard_90k)
            self._say(Cause.NO_PACKETS)
            self._lossy = True  # so that the next picture is looked at

    def _look_for_packets(self, now_90k: int) -> None:
        """No picture of this session has come yet. Why?"""
        since_90k, cause, patience_90k = self._connected_90k, Cause.NO_PACKETS, FIRST_PACKET_90K
        if self._packets_90k is not None:
            first_90k, newest_90k = self._packets_90k
            since_90k, patience_90k = newest_90k, SILENCE_90K
            if now_90k - newest_90k <= 2 * SILENCE_90K:  # a source says so once a second
                since_90k, cause = first_90k, Cause.NO_KEY_FRAME
        if since_90k is None or now_90k - since_90k <= patience_90k:
            return
        if self._missing is None or self._missing.cause is not cause:
            self._miss(cause, NO_PICTURES[cause], since_90k)
        if cause is Cause.NO_KEY_FRAME and now_90k - since_90k > KEY_FRAME_PATIENCE_S * TICKS_PER_SECOND:
            self._say(cause)

    def _say(self, cause: Cause) -> None:
        """To people: connected, but without pictures."""
        self._set(self._condition.state, cause, NO_PICTURES[cause])
        self.broadcast.set_state("waiting", cause.value)

    def _follow_wall_clock(self, utc_offset_ns: int) -> None:
        leap_ns = utc_offset_ns - self._utc_offset_ns
        from_90k = self._now_90k()
        self._utc_offset_ns = utc_offset_ns
        if abs(leap_ns) < CLOCK_STEP_NS:
            return
        to_90k = self._now_90k()
        self._connected_90k = self._connected_90k and to_90k
        self._packets_90k = self._packets_90k and (to_90k, to_90k)
        self._heard_90k = to_90k
        if self._timeline is not None or self._missing is not None:
            log.warning("wall_clock_step", camera=self.camera, role=self.role, seconds=leap_ns / SECOND_NS)
            self._leap(from_90k, to_90k)

    def _leap(self, from_90k: int, to_90k: int) -> None:
        """Whatever goes on, goes on in the new time, from here and with a key frame."""
        self._flush()
        self._discontinue(from_90k, to_90k)
        self.stored_until_90k = to_90k
        missing, self._missing = self._missing, None
        if missing is not None:
            self._miss(missing.cause, missing.detail, to_90k)
        self._anchor_anew(to_90k - from_90k)

    def _anchor_anew(self, leap_90k: int) -> None:
        if self._timeline is None:
            return
        if self._held is None:
            self._timeline, self._held, self._started = Timeline(self.tracks), [], False
            self.broadcast.forget()
        self._held = [(unit, arrival_90k + leap_90k) for unit, arrival_90k in self._held]

    def _measure(self, now_ns: int) -> None:
        self._marks.append((now_ns, self._bytes, self._frames))
        then_ns, then_bytes, then_frames = self._marks[0]
        seconds = (now_ns - then_ns) / SECOND_NS
        if seconds > 0:
            self.bit_rate_bps = (self._bytes - then_bytes) * 8 / seconds
            self.frame_rate = (self._frames - then_frames) / seconds
            self.broadcast.set_bit_rate(self.bit_rate_bps)
        if self._timeline is not None and self._started:
            self.last_picture_90k = self._timeline.end_90k or self.last_picture_90k


def pause_s(attempt: int, cause: Cause) -> float:
    """How long to wait before the next attempt, so that a thousand cameras do not come back in step."""
    if cause is Cause.AUTHENTICATION:
        usual = WRONG_PASSWORD_PAUSE_S
    else:
        usual = min(FIRST_PAUSE_S * 2 ** min(max(attempt - 1, 0), MAX_DOUBLINGS), LONGEST_PAUSE_S)
    return usual * _chance.uniform(0.5, 1.5)
