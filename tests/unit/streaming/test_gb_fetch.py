"""A device's own recording, taken from it over real sockets: nothing of it stays behind."""

import asyncio

from bingjian.clock import SystemClock
from bingjian.streaming.sources.base import SourceAddress
from bingjian.streaming.sources.gb28181 import TICK_SECONDS
from bingjian.streaming.sources.signal_call import Wish
from tests.unit.streaming.gb_devices import (
    ADDRESS,
    HOST,
    PICTURE,
    Call,
    Pictures,
    Script,
    for_ever,
    framed,
    signalling,
)
from tests.unit.streaming.test_sources_gb28181 import channels_at
from tests.unit.streaming.test_sources_rtsp import Heard

WISH = Wish("download", "2026-01-01T04:00:00Z", "2026-01-01T04:01:00Z")


async def test_M8_the_tail_does_not_stay_in_the_kernel() -> None:
    """It gathers a fifth of a second of a stream before it wakes us."""
    made = Pictures()

    async def sends_all(call: Call) -> None:
        call.accept()
        _, writer = await asyncio.open_connection(HOST, call.port)
        for _ in range(100):
            writer.write(framed(made.next()) + framed(made.next()))
            await asyncio.sleep(TICK_SECONDS * 0.8 / 100)
        await asyncio.sleep(TICK_SECONDS * 0.5)  # it has looked at the bit rate
        for _ in range(5):
            writer.write(framed(made.next()))
        await writer.drain()
        call.end("file_end", 0, "the recording has been sent")
        await for_ever()  # and leaves it to us to hang up

    assert await fetched(sends_all) == list(range(made.number))


async def test_M8_the_last_picture_is_over_when_the_film_is() -> None:
    """Nothing behind it says so."""
    made = Pictures()

    async def sends_three(call: Call) -> None:
        call.accept()
        _, writer = await asyncio.open_connection(HOST, call.port)
        for _ in range(3):
            writer.write(framed(made.next()))
        await writer.drain()
        call.end("file_end", 0, "the recording has been sent")
        await for_ever()

    assert await fetched(sends_three) == [0, 1, 2]


async def fetched(script: Script) -> list[int]:
    """The pictures that come of a device's recording."""
    heard = Heard(prompt=False)
    async with signalling(script) as process:
        fetching = channels_at(process).fetch(SourceAddress(ADDRESS), WISH, heard, SystemClock())
        await asyncio.wait_for(fetching, 20)
    return [unit.timestamp // PICTURE for unit in heard.units]
