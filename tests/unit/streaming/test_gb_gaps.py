"""What a recording tells of time in which a GB/T 28181 device sends nothing, and that it is called anew."""

import asyncio

import pytest

from bingjian.clock import SystemClock
from bingjian.recording.cause import Cause
from bingjian.streaming import stream as module
from bingjian.streaming.sources.base import SourceAddress
from bingjian.streaming.stream import Stream, StreamState
from tests.unit.streaming.footage import Notes
from tests.unit.streaming.gb_devices import ADDRESS, Call, Pictures, sending, signalling
from tests.unit.streaming.test_sources_gb28181 import channels_at, until


async def plays_then_says_bye(call: Call) -> None:
    call.accept()
    task = asyncio.ensure_future(sending(call.port, pause_s=0.04))
    await asyncio.sleep(1.5)
    call.end("peer", 0, "the device has ended the call")
    await asyncio.gather(task, return_exceptions=True)


async def is_offline(call: Call) -> None:
    call.end("offline", 0, "the device is not registered, or is silent")


async def plays(call: Call) -> None:
    call.accept()
    await sending(call.port, Pictures(number=1_000_000), pause_s=0.04)


async def test_gaps_with_their_causes_and_one_call_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE_S", 0.2)
    notes = Notes()
    async with signalling(plays_then_says_bye, is_offline, plays) as process:
        stream = Stream(
            "c",
            "main",
            SourceAddress(ADDRESS),
            receive=channels_at(process).receive,
            clock=SystemClock(),
            recording=notes,
        )
        stream.start()
        await until(lambda: names(notes)[-1:] == ("gap_end",) and len(process.calls) == 3, 15)
        assert stream.condition.state is StreamState.LIVE
        await stream.stop()
    told = [each for each in notes.heard if each[0] in ("gap", "gap_end")]
    assert [each[1] for each in told if each[0] == "gap"] == [Cause.DISCONNECTED, Cause.UNREACHABLE]
    first, second = (each for each in told if each[0] == "gap")
    end = told[-1]
    assert first[2] < second[2] < end[1]  # type: ignore[operator]  # ticks
    assert all(call.closed.is_set() for call in process.calls[:2])


def names(notes: Notes) -> tuple[object, ...]:
    return tuple(each[0] for each in notes.heard if each[0] in ("gap", "gap_end"))
