"""What a device says that its own storage holds of a camera (RecordInfo).

A timeline that is dragged asks many times a second, and a device answers a question in seconds: so whole
hours are asked for, one question at a time goes to a device, and an answer holds for a while. Times are the
device's: what its clock said when it recorded.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from weakref import WeakValueDictionary

from bingjian.clock import Clock, utc_now
from bingjian.inventory.errors import GbDeviceRefuses, NoDeviceStorage, SignalOff
from bingjian.inventory.gb28181.signal_client import SignalClient
from bingjian.inventory.models import CameraRow
from bingjian.protocols.gb28181 import address as addresses
from bingjian.protocols.gb28181.address import ChannelAddress
from bingjian.protocols.url import UrlError

STEP = timedelta(hours=1)  # windows asked for begin and end on it, so that a dragged timeline asks the same
FRESH = timedelta(seconds=20)  # an answer holds; devices write a file in minutes
TOUCH = timedelta(seconds=2)  # between two files of one recording: times are whole seconds
ANSWERS = 256  # remembered; the oldest are forgotten
RECORDINGS_MAX = timedelta(days=31)  # of one question: some thousand files

Key = tuple[str, datetime, datetime]


@dataclass(frozen=True, slots=True)
class Recorded:
    """One stretch without a hole, by the device's clock."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """``is_complete``: the device sent as many files as it had announced."""

    recordings: tuple[Recorded, ...]  # by time, none touches another
    is_complete: bool
    asked_at: datetime

    def within(self, start: datetime, end: datetime) -> "Answer":
        """Cut to an interval; files begin before it and end after it."""
        cut = (Recorded(max(one.start, start), min(one.end, end)) for one in self.recordings)
        return Answer(tuple(one for one in cut if one.start < one.end), self.is_complete, self.asked_at)


class DeviceRecordings:
    """``signal``: set by whoever knows where the signal process is; None: GB/T 28181 is off."""

    def __init__(self, clock: Clock) -> None:
        self.signal: SignalClient | None = None
        self._clock = clock
        self._answers: dict[Key, Answer] = {}
        self._asking: dict[Key, asyncio.Task[Answer]] = {}
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()  # by device

    async def of(self, camera: CameraRow, start: datetime, end: datetime) -> Answer:
        """What the device has of an interval.

        Raises:
            NoDeviceStorage: the camera is no channel of a device.
            SignalOff, SignalAway, GbDeviceOffline, GbDeviceSilent, GbDeviceRefuses.
        """
        channel = require_channel(camera)
        key = str(channel), *whole(start, end)
        known = self._answers.get(key)
        if known is None or utc_now(self._clock) - known.asked_at >= FRESH:
            known = await asyncio.shield(self._task(key, channel))
        return known.within(start, end)

    def _task(self, key: Key, channel: ChannelAddress) -> asyncio.Task[Answer]:
        """One for all who ask the same; it goes on when one of them leaves."""
        task = self._asking.get(key)
        if task is None:
            task = self._asking[key] = asyncio.ensure_future(self._ask(key, channel))
            task.add_done_callback(lambda done: self._asked(key, done))
        return task

    def _asked(self, key: Key, done: asyncio.Task[Answer]) -> None:
        del self._asking[key]
        if done.cancelled() or done.exception() is not None:
            return  # whoever waits hears of it; the next one asks anew
        self._answers.pop(key, None)
        self._answers[key] = done.result()
        if len(self._answers) > ANSWERS:
            self._answers.pop(next(iter(self._answers)))

    async def _ask(self, key: Key, channel: ChannelAddress) -> Answer:
        if self.signal is None:
            raise SignalOff
        turn = self._turns.setdefault(channel.device, asyncio.Lock())
        async with turn:
            _, start, end = key
            window = {"start_time": start.isoformat(), "end_time": end.isoformat()}
            told = await self.signal.query(channel.device, "RecordInfo", channel=channel.channel, **window)
            now = utc_now(self._clock)
            return Answer(tuple(merged(read(told))), told.get("complete") is True, now)


def channel_of(camera: CameraRow) -> ChannelAddress | None:
    """The channel that a camera's main stream is; None: it is none of a device."""
    if not addresses.is_channel(camera.url_shown):
        return None
    try:
        return addresses.parse(camera.url_shown)
    except UrlError:
        return None


def require_channel(camera: CameraRow) -> ChannelAddress:
    """Raises NoDeviceStorage."""
    channel = channel_of(camera)
    if channel is None:
        raise NoDeviceStorage
    return channel


def whole(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """The interval, to whole steps outward; UTC."""
    zero = datetime.fromtimestamp(0, UTC)
    first, last = (start - zero) // STEP, -((zero - end) // STEP)
    return zero + first * STEP, zero + last * STEP


def read(told: dict[str, Any]) -> list[Recorded]:
    """Files with a beginning and an end after it. Raises GbDeviceRefuses."""
    items = told.get("recordings")
    if not isinstance(items, list):
        raise GbDeviceRefuses("the device's list of recordings cannot be read")
    pairs = ((instant(one, "start_time"), instant(one, "end_time")) for one in items if isinstance(one, dict))
    return [Recorded(start, end) for start, end in pairs if start and end and start < end]


def instant(item: dict[str, Any], name: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(str(item.get(name)))
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo is not None else None


def merged(recordings: Iterable[Recorded]) -> list[Recorded]:
    """By time; pages come in any order, and files of one recording touch or overlap."""
    found: list[Recorded] = []
    for one in sorted(recordings, key=lambda one: (one.start, one.end)):
        if found and one.start - found[-1].end <= TOUCH:
            found[-1] = Recorded(found[-1].start, max(found[-1].end, one.end))
        else:
            found.append(one)
    return found
