"""What a stream says of the time in which no pictures come: since when, why, and until when, to the frame."""

import asyncio
from collections.abc import Callable, Coroutine
from itertools import pairwise
from typing import Any

import pytest

from bingjian.clock import Clock
from bingjian.formats.access_unit import AccessUnit, AudioConfig, Codec
from bingjian.recording.cause import Cause
from bingjian.streaming import stream as module
from bingjian.streaming.sources.base import SourceAddress, SourceError
from bingjian.streaming.stream import Stream, StreamState
from tests.unit.streaming.footage import (
    ADDRESS,
    FRAME,
    GOP,
    SECOND,
    START,
    VIDEO,
    Notes,
    SetClock,
    never,
    picture,
    play,
)

Script = Callable[[Stream], Coroutine[Any, Any, None]]


def fed() -> tuple[Stream, Notes, SetClock]:
    """A stream that has heard its tracks."""
    clock, notes = SetClock(), Notes()
    stream = Stream("c", "main", ADDRESS, receive=never, clock=clock, recording=notes)
    stream.on_tracks((VIDEO,))
    return stream, notes, clock


def ticks(stream: Stream, clock: SetClock, seconds: int) -> None:
    """Nothing comes; the hub looks once a second."""
    for _ in range(seconds):
        clock.pass_ns(SECOND)
        stream.tick()


class Sessions:
    """A source with one script for each session; after the last it waits."""

    def __init__(self, *scripts: Script) -> None:
        self.scripts = list(scripts)

    async def __call__(
        self,
        address: SourceAddress,
        sink: Stream,
        clock: Clock,
        *,
        on_connected: Callable[[str], None] | None = None,
    ) -> None:
        if not self.scripts:
            await asyncio.Event().wait()
        script = self.scripts.pop(0)
        assert on_connected is not None
        on_connected("tcp")
        await script(sink)


async def through(monkeypatch: pytest.MonkeyPatch, clock: SetClock, *scripts: Script) -> Notes:
    """What the recorder heard in these sessions, each of which ends with its failure."""
    monkeypatch.setattr(module, "FIRST_PAUSE_S", 0)
    notes, source = Notes(), Sessions(*scripts)
    stream = Stream("c", "main", ADDRESS, receive=source, clock=clock, recording=notes)
    stream.start()
    while source.scripts or stream.condition.state is not StreamState.RECONNECTING:
        await asyncio.sleep(0)
    await stream.stop()
    return notes


def gaps(notes: Notes) -> list[tuple[object, ...]]:
    """Beginnings and ends, as told."""
    return [entry for entry in notes.heard if entry[0] in ("gap", "gap_end", "loss", "discontinuity")]


# --- Silence


def test_silence_is_a_gap_from_the_end_of_the_last_picture_to_the_next() -> None:
    stream, notes, clock = fed()
    play(stream, [picture(n) for n in range(25)], clock)
    ticks(stream, clock, 5)
    assert gaps(notes)[1:] == [("gap", Cause.NO_PACKETS, START + 25 * FRAME)]
    assert (stream.condition.state, stream.condition.cause) == (StreamState.LIVE, Cause.NO_PACKETS)
    assert len(notes.samples) == 25  # the newest, too
    play(stream, [picture(n) for n in range(25 + 125, 25 + 150)], clock)
    assert gaps(notes)[2:] == [("gap_end", START + 150 * FRAME)]
    assert stream.condition.cause is None
    stream.tick()
    assert notes.samples[25].pts == START + 150 * FRAME
    assert len(gaps(notes)) == 3


def test_a_second_is_the_patience() -> None:
    stream, notes, clock = fed()
    play(stream, [picture(n) for n in range(25)], clock)
    stream.tick()
    clock.pass_ns(SECOND * 99 // 100)
    stream.tick()
    stream.tick()
    assert len(gaps(notes)) == 1
    clock.pass_ns(SECOND // 50)
    stream.tick()
    assert gaps(notes)[1:] == [("gap", Cause.NO_PACKETS, START + 25 * FRAME)]


def test_what_waits_in_the_kernel_is_asked_for_before_anything_is_said() -> None:
    """While nobody watches, the newest 0.12 s of a camera that falls silent come late (``gathering``)."""
    stream, notes, clock = fed()
    play(stream, [picture(n) for n in range(22)], clock)
    stream.tick()
    assert not stream.prompt
    ticks(stream, clock, 1)
    assert stream.prompt
    stream.on_units([picture(n) for n in (22, 23, 24)], clock.monotonic)
    assert gaps(notes)[1:] == []
    ticks(stream, clock, 3)
    assert gaps(notes)[1:] == [("gap", Cause.NO_PACKETS, START + 25 * FRAME)]


def test_gathered_pictures_are_no_silence() -> None:
    stream, notes, clock = fed()
    for batch in range(0, 600, 3):
        clock.pass_ns(3 * SECOND // 25)
        stream.on_units([picture(batch + n) for n in range(3)], clock.monotonic)
        if batch % 24 == 0:
            stream.tick()
            assert batch < 9 or not stream.prompt
    assert len(gaps(notes)) == 1


@pytest.mark.parametrize("interval_s", [1, 2, 4])
def test_a_slow_camera_does_not_flap(interval_s: int) -> None:
    stream, notes, clock = fed()
    for n in range(20):
        stream.on_units([AccessUnit(0, n * interval_s * 90_000, b"x", True)], clock.monotonic)
        ticks(stream, clock, interval_s)
    assert [kind for kind, *_ in gaps(notes)] == ["gap_end"]
    assert {one.duration for one in notes.samples[1:]} <= {interval_s * 90_000, 2 * 90_000}
    ticks(stream, clock, 4 * interval_s)
    assert gaps(notes)[1:] == [("gap", Cause.NO_PACKETS, notes.samples[-1].pts + notes.samples[-1].duration)]


def test_a_camera_that_becomes_slow_is_believed_after_two_intervals() -> None:
    stream, notes, clock = fed()
    play(stream, [picture(n) for n in range(25)], clock)
    for n in range(20):
        ticks(stream, clock, 3)
        stream.on_units([picture(100 + 75 * n)], clock.monotonic)
    silences = [since for kind, *_, since in gaps(notes) if kind == "gap"]
    assert silences == [START + 25 * FRAME, START + 101 * FRAME]
    stream.tick()
    assert stream.condition.cause is None


def test_pictures_that_were_only_late_leave_a_gap_without_length() -> None:
    stream, notes, clock = fed()
    play(stream, [picture(n) for n in range(25)], clock)
    ticks(stream, clock, 4)
    stream.on_units([picture(n) for n in range(25, 125)], clock.monotonic)
    assert gaps(notes)[1:] == [
        ("gap", Cause.NO_PACKETS, START + 25 * FRAME),
        ("gap_end", START + 25 * FRAME),
    ]
    assert all(a.dts + a.duration == b.dts for a, b in pairwise(notes.samples))


async def test_a_session_that_ends_in_silence_says_its_own_cause_from_then_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = SetClock()

    async def falls_silent(sink: Stream) -> None:
        sink.on_tracks((VIDEO,))
        play(sink, [picture(n) for n in range(25)], clock)
        ticks(sink, clock, 5)
        raise SourceError(Cause.DISCONNECTED, "the camera hangs up")

    notes = await through(monkeypatch, clock, falls_silent)
    assert gaps(notes)[1:] == [
        ("gap", Cause.NO_PACKETS, START + 25 * FRAME),
        ("gap", Cause.DISCONNECTED, START + 25 * FRAME + 5 * 90_000),
    ]


# --- Before the first picture


async def test_each_cause_has_its_own_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures; disconnected; connected again, but silent; packets, but no key frame; pictures."""
    clock = SetClock()

    async def plays(sink: Stream) -> None:
        sink.on_tracks((VIDEO,))
        play(sink, [picture(n) for n in range(25)], clock)
        raise SourceError(Cause.DISCONNECTED, "the camera hangs up")

    async def comes_back_slowly(sink: Stream) -> None:
        ticks(sink, clock, 6)
        first = clock.monotonic
        for _ in range(4):
            clock.pass_ns(SECOND)
            sink.on_packets_only(first, clock.monotonic)
            sink.tick()
        sink.on_tracks((VIDEO,))
        play(sink, [picture(n) for n in range(200, 225)], clock)
        raise SourceError(Cause.REFUSED, "no more")

    notes = await through(monkeypatch, clock, plays, comes_back_slowly)
    away = START + 25 * FRAME
    assert gaps(notes)[1:] == [
        ("gap", Cause.DISCONNECTED, away),
        ("gap", Cause.NO_PACKETS, away),  # the clock stood still while it was away
        ("gap", Cause.NO_KEY_FRAME, away + 6 * 90_000),
        ("gap_end", away + 10 * 90_000),
        ("gap", Cause.REFUSED, away + 11 * 90_000),
    ]


@pytest.mark.parametrize(
    ("seconds", "causes"),
    [
        (4, [Cause.DISCONNECTED]),
        (5, [Cause.DISCONNECTED]),
        (6, [Cause.DISCONNECTED, Cause.NO_PACKETS]),
    ],
)
async def test_a_camera_that_comes_back_has_five_seconds_to_send(
    monkeypatch: pytest.MonkeyPatch, seconds: int, causes: list[Cause]
) -> None:
    """One interruption is one gap, not a second one for the moment between connecting and sending."""
    clock = SetClock()

    async def plays(sink: Stream) -> None:
        sink.on_tracks((VIDEO,))
        play(sink, [picture(n) for n in range(25)], clock)
        raise SourceError(Cause.DISCONNECTED, "the camera hangs up")

    async def comes_back(sink: Stream) -> None:
        ticks(sink, clock, seconds)
        sink.on_tracks((VIDEO,))
        play(sink, [picture(n) for n in range(200, 225)], clock)
        raise SourceError(Cause.REFUSED, "no more")

    notes = await through(monkeypatch, clock, plays, comes_back)
    assert [cause for kind, cause, *_ in gaps(notes)[1:-1] if kind == "gap"] == causes


def test_packets_that_stop_before_a_picture_came_are_silence_again() -> None:
    stream, notes, clock = fed()
    play(stream, [picture(n, gop=10**6) for n in range(1, 76)], clock)
    stream.tick()
    ticks(stream, clock, 3)
    began, ended = notes.heard[1:]
    assert began == ("gap", Cause.NO_KEY_FRAME, START)
    assert ended == ("gap", Cause.NO_PACKETS, START + 74 * FRAME)


def test_a_codec_that_is_not_accepted_is_a_gap_at_once() -> None:
    stream, notes, clock = fed()
    play(stream, [picture(n) for n in range(25)], clock)
    stream.on_tracks((AudioConfig(Codec.AAC, 48_000, 1, b"\xff" * 9999, "mp4a", 1024),))
    assert gaps(notes)[1:] == [("gap", Cause.CODEC_NOT_ACCEPTED, START + 25 * FRAME)]
    ticks(stream, clock, 20)
    assert stream.condition.cause is Cause.CODEC_NOT_ACCEPTED
    assert len(gaps(notes)) == 2


def test_a_stream_that_replaces_another_goes_on_where_that_ended() -> None:
    clock, notes = SetClock(), Notes()
    ended = START - 7 * 90_000
    after = Stream("c", "main", ADDRESS, receive=never, clock=clock, recording=notes, stored_until_90k=ended)
    after.on_tracks((VIDEO,))
    play(after, [picture(n, gop=10**6) for n in range(1, 76)], clock)
    after.tick()
    assert gaps(notes) == [("gap", Cause.NO_KEY_FRAME, ended)]


async def test_pictures_that_a_server_kept_are_stored_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """It begins with the last five seconds at once; three of them we have."""
    clock = SetClock()

    async def plays(sink: Stream) -> None:
        sink.on_tracks((VIDEO,))
        play(sink, [picture(n) for n in range(100)], clock)
        raise SourceError(Cause.DISCONNECTED, "the camera hangs up")

    async def bursts(sink: Stream) -> None:
        clock.pass_ns(2 * SECOND)
        sink.on_tracks((VIDEO,))
        sink.on_units([picture(n) for n in range(25, 149)], clock.monotonic)
        play(sink, [picture(n) for n in range(149, 175)], clock)
        raise SourceError(Cause.DISCONNECTED, "again")

    notes = await through(monkeypatch, clock, plays, bursts)
    again = notes.samples[100:]
    assert again[0].sync
    assert [one.data[0] for one in again] == list(range(90, 175))
    repeats = START + 100 * FRAME - again[0].pts
    assert 0 < repeats <= GOP * FRAME
    assert ("discontinuity", Cause.DISCONNECTED, again[0].pts) in notes.heard


# --- Clocks that step while pictures are missing


@pytest.mark.parametrize("hours", [1, -1])
def test_a_step_of_our_clock_splits_what_is_missing(hours: int) -> None:
    stream, notes, clock = fed()
    play(stream, [picture(n) for n in range(25)], clock)
    ticks(stream, clock, 5)
    before = clock.utc * 9 // 100_000
    clock.utc += hours * 3600 * SECOND
    stream.tick()
    after = before + hours * 3600 * 90_000
    assert gaps(notes)[2:] == [
        ("gap", Cause.CLOCK_STEP, min(before, after)),
        ("discontinuity", Cause.CLOCK_STEP, after),
        ("gap", Cause.NO_PACKETS, after),
    ]
    clock.pass_ns(SECOND)
    play(stream, [picture(n) for n in range(180, 205)], clock)
    assert notes.samples[25].pts == after + 90_000


def test_a_step_of_the_cameras_clock_ends_a_silence() -> None:
    stream, notes, clock = fed()
    play(stream, [picture(n) for n in range(25)], clock)
    ticks(stream, clock, 5)
    now = clock.utc * 9 // 100_000
    play(stream, [picture(n) for n in range(100_000, 100_010)], clock)
    assert gaps(notes)[2:] == [
        ("gap", Cause.CLOCK_STEP, now),
        ("discontinuity", Cause.CLOCK_STEP, now),
        ("gap_end", now),
    ]


# --- Loss


def test_loss_is_from_the_end_of_the_last_picture_to_the_next() -> None:
    stream, notes, clock = fed()
    play(stream, [picture(n) for n in range(20)], clock)
    stream.on_loss(0, 9)
    clock.pass_ns(30 * SECOND // 25)
    play(stream, [picture(50)], clock)
    stream.on_loss(0, 1)
    clock.pass_ns(SECOND // 25)
    play(stream, [picture(n) for n in range(52, 60)], clock)
    assert gaps(notes)[1:] == [
        ("loss", START + 20 * FRAME, START + 50 * FRAME),
        ("loss", START + 51 * FRAME, START + 52 * FRAME),
    ]
