"""A stream's way from units to recorder and viewers, its states and its pauses."""

import asyncio
from collections.abc import Callable
from itertools import pairwise

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bingjian.clock import Clock
from bingjian.formats.access_unit import AudioConfig, Codec, TrackConfig
from bingjian.recording.cause import Cause
from bingjian.streaming import stream as module
from bingjian.streaming.sources.base import SourceAddress, SourceError
from bingjian.streaming.stream import Stream, StreamState, pause_s
from tests.unit.streaming.footage import (
    ADDRESS,
    FRAME,
    GOP,
    SECOND,
    SOUND,
    START,
    VIDEO,
    Notes,
    SetClock,
    never,
    picture,
    play,
    sound,
)

SETTLING = 8  # pictures in 0.3 s


def fed(tracks: tuple[TrackConfig, ...] = (VIDEO,)) -> tuple[Stream, Notes, SetClock]:
    """A stream that has heard its tracks."""
    clock, notes = SetClock(), Notes()
    stream = Stream("c", "main", ADDRESS, receive=never, clock=clock, recording=notes)
    stream.on_tracks(tracks)
    return stream, notes, clock


async def test_what_a_source_logs_names_the_camera() -> None:
    async def says(*_: object, **__: object) -> None:
        structlog.get_logger().info("sound_left_out")
        await asyncio.Event().wait()

    stream = Stream("c", "main", ADDRESS, receive=says, clock=SetClock(), recording=Notes())
    with capture_logs([structlog.contextvars.merge_contextvars]) as lines:
        stream.start()
        await asyncio.sleep(0)
    await stream.stop()
    told = {"event": "sound_left_out", "camera": "c", "role": "main", "log_level": "info"}
    assert lines[-1] == told


async def test_every_picture_from_the_first_key_frame_is_recorded_once() -> None:
    stream, notes, clock = fed()
    play(stream, [picture(n) for n in range(3, 60)], clock)
    await stream.stop()
    assert [one.data[0] for one in notes.samples] == list(range(GOP, 60))
    assert all(a.dts + a.duration == b.dts for a, b in pairwise(notes.samples))
    assert notes.samples[0].pts == START + (GOP - 3) * FRAME


async def test_a_session_that_ends_before_it_has_settled_is_recorded() -> None:
    stream, notes, clock = fed()
    play(stream, [picture(n) for n in range(SETTLING - 3)], clock)
    assert notes.samples == []
    await stream.stop()
    assert [one.data[0] for one in notes.samples] == list(range(SETTLING - 3))
    assert stream.condition.state is StreamState.STOPPED


async def test_other_tracks_before_it_has_settled_cost_no_picture() -> None:
    stream, notes, clock = fed()
    play(stream, [picture(n) for n in range(SETTLING - 3)], clock)
    stream.on_tracks((VIDEO, SOUND))
    play(stream, [picture(n) for n in range(GOP, 3 * GOP)], clock)
    await stream.stop()
    assert [one.data[0] for one in notes.samples] == [*range(SETTLING - 3), *range(GOP, 3 * GOP)]


async def test_state_is_live_with_the_first_key_frame() -> None:
    stream, notes, clock = fed()
    play(stream, [picture(n) for n in range(1, GOP)], clock)
    assert stream.condition.state is not StreamState.LIVE
    play(stream, [picture(n) for n in range(GOP, GOP + SETTLING)], clock)
    assert stream.condition.state is StreamState.LIVE
    assert ("gap_end", START + (GOP - 1) * FRAME) in notes.heard


async def test_sound_goes_with_the_pictures() -> None:
    stream, notes, clock = fed((VIDEO, SOUND))
    for n in range(50):
        play(stream, [sound(2 * n), sound(2 * n + 1), picture(n)], clock)
    await stream.stop()
    sounds = [one for one in notes.samples if one.track == 1]
    assert {one.duration for one in sounds} == {160}
    assert len(sounds) >= 98  # none but what came before the first key frame is left out


async def test_rates_are_of_the_last_seconds() -> None:
    stream, _, clock = fed()
    for second in range(7):
        play(stream, [picture(25 * second + n, size=1000) for n in range(25)], clock)
        stream.tick()
    assert stream.frame_rate == pytest.approx(25)
    assert stream.bit_rate_bps == pytest.approx(200_000)
    assert stream.last_picture_90k == START + 7 * 25 * FRAME


async def test_loss_is_counted_and_its_stretch_recorded() -> None:
    stream, notes, clock = fed()
    play(stream, [picture(n) for n in range(20)], clock)
    stream.on_loss(0, 3)
    clock.pass_ns(3 * SECOND // 25)
    play(stream, [picture(n) for n in range(23, 30)], clock)
    assert stream.packets_lost == 3
    assert notes.heard[-1] == ("loss", START + 20 * FRAME, START + 23 * FRAME)


async def test_a_leap_of_the_cameras_time_begins_a_new_stretch() -> None:
    stream, notes, clock = fed()
    play(stream, [picture(n) for n in range(20)], clock)
    play(stream, [picture(n) for n in range(10_000, 10_020)], clock)
    await stream.stop()
    assert ("discontinuity", Cause.CLOCK_STEP, START + 20 * FRAME) in notes.heard
    assert notes.samples[-1].pts == START + 39 * FRAME
    assert len(notes.samples) == 40


async def test_a_leap_of_our_own_clock_begins_a_new_stretch() -> None:
    stream, notes, clock = fed()
    play(stream, [picture(n) for n in range(20)], clock)
    clock.utc -= 3600 * SECOND
    stream.tick()
    play(stream, [picture(n) for n in range(20, 40)], clock)
    await stream.stop()
    jumped = START - 3600 * 90_000 + 20 * FRAME
    assert ("discontinuity", Cause.CLOCK_STEP, jumped) in notes.heard
    assert notes.samples[20].pts == jumped


async def test_other_tracks_in_mid_stream_go_on_behind_what_is_stored() -> None:
    stream, notes, clock = fed()
    play(stream, [picture(n) for n in range(20)], clock)
    stream.on_tracks((VIDEO, SOUND))
    play(stream, [picture(n) for n in range(20, 40)], clock)
    await stream.stop()
    assert [one.data[0] for one in notes.samples] == list(range(40))
    assert all(a.dts < b.dts for a, b in pairwise(notes.samples))


async def test_tracks_that_no_file_can_hold_are_named() -> None:
    stream, notes, clock = fed((AudioConfig(Codec.AAC, 48_000, 1, b"\xff" * 9999, "mp4a", 1024),))
    play(stream, [picture(n) for n in range(20)], clock)
    assert stream.condition.cause is Cause.CODEC_NOT_ACCEPTED
    assert notes.samples == []


async def test_packets_without_a_key_frame_are_said_in_the_state(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SetClock()
    stream = Stream("c", "main", ADDRESS, receive=endless, clock=clock)
    stream.start()
    stream.on_tracks((VIDEO,))
    play(stream, [picture(n, gop=10**6) for n in range(1, 300)], clock)
    stream.tick()
    assert stream.condition.state is StreamState.CONNECTING
    assert stream.condition.cause is Cause.NO_KEY_FRAME
    await stream.stop()


async def endless(
    address: SourceAddress, sink: Stream, clock: Clock, *, on_connected: Callable[[str], None] | None = None
) -> None:
    await asyncio.Event().wait()


class Failing:
    """A source that plays a second, then fails; at every attempt anew."""

    def __init__(self, clock: SetClock, failure: Exception) -> None:
        self.clock, self.failure, self.attempts = clock, failure, 0

    async def __call__(
        self,
        address: SourceAddress,
        sink: Stream,
        clock: Clock,
        *,
        on_connected: Callable[[str], None] | None = None,
    ) -> None:
        assert on_connected is not None
        self.attempts += 1
        on_connected("tcp")
        sink.on_tracks((VIDEO,))
        play(sink, [picture(n) for n in range(25)], self.clock)
        raise self.failure


@pytest.mark.parametrize(
    ("failure", "cause"),
    [
        (SourceError(Cause.DISCONNECTED, "the camera said BYE"), Cause.DISCONNECTED),
        (ZeroDivisionError("a bug"), Cause.PROTOCOL),
    ],
)
async def test_a_failing_source_is_a_state_a_gap_and_another_attempt(
    monkeypatch: pytest.MonkeyPatch, failure: Exception, cause: Cause
) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE_S", 0.01)
    clock, notes = SetClock(), Notes()
    source = Failing(clock, failure)
    stream = Stream("c", "main", ADDRESS, receive=source, clock=clock, recording=notes)
    stream.start()
    while source.attempts < 3:
        await asyncio.sleep(0.001)
        if source.attempts == 1 and stream.condition.state is StreamState.RECONNECTING:
            assert stream.condition.cause is cause
    await stream.stop()
    gaps = [entry for entry in notes.heard if entry[0] == "gap"]
    assert gaps[0] == ("gap", cause, START + 25 * FRAME)
    assert len(notes.samples) == 25 * source.attempts
    assert stream.condition.state is StreamState.STOPPED
    assert not stream.running


@given(st.integers(0, 10_000), st.sampled_from(list(Cause)))
def test_pauses_are_jittered_and_bounded(attempt: int, cause: Cause) -> None:
    longest = module.WRONG_PASSWORD_PAUSE_S if cause is Cause.AUTHENTICATION else module.LONGEST_PAUSE_S
    assert 0.5 * module.FIRST_PAUSE_S <= pause_s(attempt, cause) <= 1.5 * longest
