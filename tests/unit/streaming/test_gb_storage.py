"""What a device says that it has recorded, as a worker believes it."""

from datetime import datetime

import pytest

from bingjian.clock import SystemClock, instant_of, ticks_of
from bingjian.protocols.gb28181.address import ChannelAddress, parse
from bingjian.recording.wanted import Interval
from bingjian.streaming.http import Response, json_response
from bingjian.streaming.sources.gb28181 import Channels
from bingjian.streaming.sources.gb_storage import GbStorage, StorageError, whole_seconds
from bingjian.streaming.sources.media_ports import MediaPorts
from bingjian.streaming.sources.signal_call import Line
from tests.unit.recording.footage import seconds
from tests.unit.streaming.gb_devices import ADDRESS, HOST, Signalling, for_ever, signalling

CHANNEL: ChannelAddress = parse(ADDRESS)
WINDOW = Interval(seconds(0), seconds(600))


def storage_at(process: Signalling) -> GbStorage:
    line, clock = Line(process.url, "of the media workers"), SystemClock()
    return GbStorage(line, Channels(line, MediaPorts(clock, HOST, 0, 0), HOST), clock)


def answer(*spans: tuple[float, float], complete: bool) -> Response:
    told = [{"start_time": text_of(start), "end_time": text_of(end)} for start, end in spans]
    return json_response({"recordings": told, "complete": complete})


def text_of(at_s: float) -> str:
    return instant_of(seconds(at_s)).isoformat(timespec="seconds")


async def asked(*answers: Response) -> tuple[list[tuple[float, float]], int]:
    """What is believed, and after how many questions."""
    async with signalling(lambda call: for_ever()) as process:
        process.answers = list(answers)
        found = await storage_at(process).recordings(CHANNEL, WINDOW, 0)
        at = [tuple((instant - seconds(0)) / 90_000 for instant in one) for one in found]
        return at, len(process.requests)


async def test_a_list_that_is_complete_is_believed() -> None:
    assert await asked(answer((0, 60), complete=True)) == ([(0, 60)], 1)


async def test_one_that_is_not_is_asked_for_again() -> None:
    part, whole = answer((0, 60), complete=False), answer((0, 60), (90, 120), complete=True)
    assert await asked(part, whole) == ([(0, 60), (90, 120)], 2)


async def test_quirk_6_a_total_that_never_comes_true_is_believed_when_it_is_told_twice_alike() -> None:
    first, second = (
        answer((0, 60), (90, 120), complete=False),
        answer((90, 120), (0, 60), (0, 60), complete=False),
    )
    assert await asked(first, second) == ([(0, 60), (90, 120)], 2)


async def test_what_comes_in_part_and_each_time_another_is_no_answer() -> None:
    with pytest.raises(StorageError, match="in part"):
        await asked(answer((0, 60), complete=False), answer((90, 120), complete=False))


@pytest.mark.parametrize("offset_s", [0, 30, -7])
def test_whole_seconds_are_the_devices_and_hold_the_window(offset_s: int) -> None:
    window = Interval(seconds(10.944), seconds(20.001))
    assert whole_seconds(window, offset_s * 90_000) == (seconds(10), seconds(21))
    assert whole_seconds(Interval(seconds(10), seconds(20)), offset_s * 90_000) == (seconds(10), seconds(20))


def test_a_part_of_a_second_between_the_clocks_counts() -> None:
    start_90k, end_90k = whole_seconds(Interval(seconds(10), seconds(20)), 45_000)
    assert (start_90k, end_90k) == (seconds(9.5), seconds(20.5))
    assert ticks_of(datetime.fromisoformat(text_of(10))) == start_90k + 45_000
