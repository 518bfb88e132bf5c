"""A GB/T 28181 device's own storage: what it has recorded, and downloads, through the signalling process.

Times that devices tell and are told are by their own clocks; ``offset_90k`` says how far that is from ours.
"""

from datetime import UTC, datetime
from typing import Any

from bingjian.clock import TICKS_PER_SECOND, Clock, instant_of, ticks_of
from bingjian.protocols.gb28181.address import ChannelAddress
from bingjian.recording.cause import Cause
from bingjian.recording.wanted import Interval, united
from bingjian.streaming.http_client import NotAnswered, post_json
from bingjian.streaming.sources.base import Sink, SourceAddress, SourceError
from bingjian.streaming.sources.gb28181 import Channels
from bingjian.streaming.sources.signal_call import Line, Wish

ANSWER_SECONDS = 40.0  # a device pages its answer, and some take half a minute
CLOCK_LEAST_S = 2.0  # devices tell whole seconds, some time after they looked
CLOCK_MOST_S = 120.0  # one that is farther off, or in another zone, says nothing about our timeline

AWAY = ("offline", "not_registered", "no_answer", "busy")  # codes of the signalling process's refusals


class StorageError(Exception):
    """The device, or the way to it, does not answer as it should; carries one plain sentence."""


class DeviceAway(StorageError):
    """Nobody answers at all: whatever else is asked of this device has to wait, too."""


class GbStorage:
    """Of all devices that one signalling process knows. Belongs to the event loop."""

    def __init__(self, line: Line, channels: Channels, clock: Clock) -> None:
        self._line, self._channels, self._clock = line, channels, clock

    async def clock_offset_90k(self, channel: ChannelAddress) -> int:
        """The device's clock minus ours, as it is now; 0 if it does not tell.

        Raises:
            StorageError: it is too far off. What such a device has of an instant is of another.
        """
        status, told = await self._ask(channel, {"command": "DeviceStatus"})
        try:
            ahead_s = (datetime.fromisoformat(told["time"]) - self._now()).total_seconds()
        except (KeyError, TypeError, ValueError):
            return 0
        if status != 200 or abs(ahead_s) < CLOCK_LEAST_S:
            return 0
        if abs(ahead_s) > CLOCK_MOST_S:
            raise StorageError(f"its clock is {ahead_s:+.0f} s off, so nothing tells what it has")
        return round(ahead_s) * TICKS_PER_SECOND

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._clock.utc_ns() / 1e9, UTC)

    async def recordings(self, channel: ChannelAddress, window: Interval, offset_90k: int) -> list[Interval]:
        """What it has of the window in ``whole_seconds``, by our clock; in order, files that touch as one.

        Raises:
            StorageError: it does not tell, or not all, or each time something else.
            DeviceAway: nobody answers.
        """
        files, is_complete = await self._files(channel, window, offset_90k)
        if is_complete:
            return files
        again, is_complete = await self._files(channel, window, offset_90k)
        if not is_complete and again != files:  # told twice alike, the device only counts wrongly (quirk 6)
            raise StorageError("its list of recordings comes in part, each time another")
        return again

    async def _files(
        self, channel: ChannelAddress, window: Interval, offset_90k: int
    ) -> tuple[list[Interval], bool]:
        """What it tells, and whether that is as much as it counts. Raises StorageError."""
        start, end = _told(window, offset_90k)
        asked = {
            "command": "RecordInfo",
            "channel": channel.channel,
            "start_time": start,
            "end_time": end,
        }
        status, told = await self._ask(channel, asked)
        if status != 200:
            kind = DeviceAway if told.get("code") in AWAY else StorageError
            raise kind(str(told.get("detail") or told.get("code") or f"status {status}"))
        spans = [span for one in told.get("recordings", []) if (span := _span(one)) is not None]
        files = united(Interval(start - offset_90k, end - offset_90k) for start, end in spans)
        return files, told.get("complete") is not False

    async def _ask(self, channel: ChannelAddress, asked: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """Raises DeviceAway: there is no signalling process."""
        url = f"{self._line.url}/control/devices/{channel.device}/query"
        try:
            return await post_json(url, self._line.credential, asked, ANSWER_SECONDS)
        except NotAnswered as error:
            raise DeviceAway(f"the signalling process: {error}") from error

    async def fetch(
        self, address: SourceAddress, window: Interval, offset_90k: int, speed: int, sink: Sink
    ) -> None:
        """Until the device has sent it, or the sink wants no more: what it raises comes out here. Asked for
        in ``whole_seconds``: take the same for where its first picture stands.

        Raises:
            StorageError: it broke off, or did not begin.
            DeviceAway: the device did not even answer.
        """
        start, end = _told(window, offset_90k)
        try:
            await self._channels.fetch(address, Wish("download", start, end, speed), sink, self._clock)
        except SourceError as error:
            kind = DeviceAway if error.cause is Cause.UNREACHABLE else StorageError
            raise kind(error.detail) from error


def whole_seconds(window: Interval, offset_90k: int) -> Interval:
    """The window, widened to whole seconds of the device's clock: devices are told no parts of them."""
    start_90k, end_90k = (at + offset_90k for at in window)
    start_s, end_s = start_90k // TICKS_PER_SECOND, -(-end_90k // TICKS_PER_SECOND)
    return Interval(start_s * TICKS_PER_SECOND - offset_90k, end_s * TICKS_PER_SECOND - offset_90k)


def _told(window: Interval, offset_90k: int) -> tuple[str, str]:
    """From when to when, as the device is asked for it."""
    start, end = (instant_of(at + offset_90k) for at in whole_seconds(window, offset_90k))
    return start.isoformat(timespec="seconds"), end.isoformat(timespec="seconds")


def _span(told: Any) -> Interval | None:
    """One file; None for what has no times, or ends before it begins."""
    try:
        start, end = (datetime.fromisoformat(told[name]) for name in ("start_time", "end_time"))
        span = Interval(ticks_of(start), ticks_of(end))
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return span if span.length_90k > 0 else None
