"""A clock that somebody sets back is in the journal, once for each time."""

import asyncio
from pathlib import Path

import pytest

from bingjian.clock import SteadyClock
from bingjian.journal.append import Journal
from bingjian.processes.web import CLOCK_EVERY_S, watch_clock
from tests.unit.streaming.footage import SECOND, SetClock


class Enough(Exception):
    """The story has been told."""


async def told(tmp_path: Path, *set_by_s: float) -> list[int]:
    """The seconds of each entry, after these settings of the clock, one each round."""
    wall = SetClock()
    steady, story = SteadyClock(wall), iter(set_by_s)
    journal = Journal.open(tmp_path / "journal", steady)

    async def pause(seconds: float) -> None:
        assert seconds == CLOCK_EVERY_S
        wall.pass_ns(int(seconds * SECOND))
        try:
            wall.utc += int(next(story) * SECOND)
        except StopIteration:
            raise Enough from None

    try:
        with pytest.raises(Enough):
            await asyncio.wait_for(watch_clock(steady, journal, pause), 30)
        records = await journal.read(100)
    finally:
        journal.close()
    assert [one.at for one in records] == sorted((one.at for one in records), reverse=True)
    return [one.entry["seconds"] for one in reversed(records) if one.kind == "clock.set_back"]


async def test_a_clock_that_goes_on_says_nothing(tmp_path: Path) -> None:
    assert await told(tmp_path, 0, 3600, 0, -0.5, 0) == []  # forward, and the keeping of time


async def test_each_setting_back_is_one_entry(tmp_path: Path) -> None:
    assert await told(tmp_path, -3600, 0, 0, -60, 0, 3660, -5, 0) == [3600, 60, 5]
