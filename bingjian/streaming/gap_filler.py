"""Fills gaps in the worker's recordings with what devices kept themselves (art. 31(6), requirements 5.19).

Round after round: which gaps of a camera are wanted (``recording.wanted``), which of them the device says
that it has, by its own clock, one download of at most half an hour, and what came is in its gap, marked. One
download a worker at a time, no faster than was set, and given up at once when the volume has enough to do
with what is recorded now; the rest is asked for again. A device that has nothing, or does not answer, is
left alone longer each time.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

import structlog

from bingjian.clock import TICKS_PER_SECOND, Clock
from bingjian.formats.access_unit import FormatError
from bingjian.protocols.gb28181 import address as addresses
from bingjian.protocols.gb28181.address import ChannelAddress
from bingjian.protocols.url import UrlError
from bingjian.recording.filling import Filling, Lack, lacks
from bingjian.recording.segment import Recovered
from bingjian.recording.wanted import NOT_ANSWERED, NOTHING_THERE, BackOff, Interval, common, pieces
from bingjian.streaming.hub import Camera, Hub, rfc3339
from bingjian.streaming.late import Enough, LateSink
from bingjian.streaming.sources.base import Sink, SourceAddress
from bingjian.streaming.sources.gb_storage import StorageError, whole_seconds

log = structlog.get_logger(__name__)

ROUND_SECONDS = 60.0
SETTLED_90K = 300 * TICKS_PER_SECOND  # younger ones are left: the device is still writing its file
LEAD_90K = 5 * TICKS_PER_SECOND  # asked for before, so that a key frame comes before the hole begins
DAY_90K = 86_400 * TICKS_PER_SECOND


@dataclass(frozen=True, slots=True)
class Pace:
    """How gaps are filled."""

    speed: int  # times as fast as it was recorded; 0: gaps stay
    days: int  # older ones are not asked for


class DeviceStorage(Protocol):
    """See ``sources.gb_storage.GbStorage``."""

    async def clock_offset_90k(self, channel: ChannelAddress) -> int: ...

    async def recordings(
        self, channel: ChannelAddress, window: Interval, offset_90k: int
    ) -> list[Interval]: ...

    async def fetch(
        self, address: SourceAddress, window: Interval, offset_90k: int, speed: int, sink: Sink
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class _Camera:
    """One that is a GB/T 28181 channel."""

    id: UUID
    address: SourceAddress
    channel: ChannelAddress

    @property
    def device(self) -> str:
        return self.channel.device


class GapFiller:
    """Of one media worker. Let ``run`` go on in a task; cancelled, it keeps what has come."""

    def __init__(self, hub: Hub, storage: DeviceStorage, clock: Clock, pace: Pace) -> None:
        self._hub, self._storage, self._clock, self._pace = hub, storage, clock, pace
        self._rest = BackOff()

    async def run(self) -> None:
        while self._pace.speed > 0:
            await asyncio.sleep(ROUND_SECONDS)
            try:
                await self.round()
            except Exception:
                log.exception("gap_filling_failed")

    async def round(self) -> int:
        """One download at most for every camera; how much was filled in all, 1/90000 s."""
        wishes = set[object]()
        filled_90k = 0
        for id, camera in list(self._hub.cameras.items()):
            channel = channel_of(camera)
            if channel is None or not self._goes_on(id):
                continue
            found = await asyncio.to_thread(lacks, self._hub.volumes, id, self._window())
            wishes |= {channel.device, *((id, lack.interval) for lack in found)}
            filled_90k += await self._fill_one(_Camera(id, camera.assigned.main, channel), found)
        self._rest.forget_all_but(wishes)
        return filled_90k

    def _window(self) -> Interval:
        now_90k = self._clock.utc_ns() * 9 // 100_000
        return Interval(now_90k - self._pace.days * DAY_90K, now_90k - SETTLED_90K)

    def _goes_on(self, id: UUID) -> bool:
        """The camera is ours to record, and nobody has ordered otherwise."""
        camera = self._hub.cameras.get(id)
        now_90k = self._clock.utc_ns() * 9 // 100_000
        return camera is not None and (
            camera.assigned.pause is None or camera.assigned.pause.until_90k <= now_90k
        )

    # --- One camera

    async def _fill_one(self, camera: _Camera, found: list[Lack]) -> int:
        """The first gap of which the device has something."""
        for lack in self._due(camera, found):
            try:
                offset_90k = await self._storage.clock_offset_90k(camera.channel)
                files = await self._storage.recordings(camera.channel, _led(lack.interval), offset_90k)
                there = common([lack.interval], files)
                if there:
                    piece = pieces(there[0])[0]
                    return await self._fetch(camera, lack, piece, files, offset_90k)
            except StorageError as error:
                log.warning(
                    "device_storage_away", camera=str(camera.id), device=camera.device, reason=str(error)
                )
                self._rest.failed(camera.device, NOT_ANSWERED, self._now_s())
                return 0
            self._rest.failed((camera.id, lack.interval), NOTHING_THERE, self._now_s())
        return 0

    def _due(self, camera: _Camera, found: list[Lack]) -> Iterator[Lack]:
        if self._rest.rests(camera.device, self._now_s()):
            return
        for lack in found:
            if not self._rest.rests((camera.id, lack.interval), self._now_s()):
                yield lack

    async def _fetch(
        self, camera: _Camera, lack: Lack, piece: Interval, files: list[Interval], offset_90k: int
    ) -> int:
        """Ask for it and keep what comes. Raises StorageError if nothing did."""
        now_90k = self._clock.utc_ns() * 9 // 100_000
        source = Recovered(camera.device, camera.channel.channel, now_90k)
        epoch = self._hub.assignment.epoch if self._hub.assignment is not None else 0
        part = Lack(lack.volume, piece)  # what it did not claim to have is nothing that it sends
        filling = Filling(camera.id, part, source, worker=self._hub.worker, epoch=epoch)
        asked = whole_seconds(_led(piece), offset_90k)
        sink = LateSink(
            filling, asked, files, offset_90k=offset_90k, may_go_on=lambda: self._goes_on(camera.id)
        )
        try:
            await asyncio.to_thread(filling.begin, self._clock)
            why = await self._download(camera, asked, offset_90k, sink)
        finally:
            sink.flush()
            kept_90k = await asyncio.shield(filling.end())
        self._conclude(camera, lack, piece, kept_90k, why)
        return kept_90k

    async def _download(self, camera: _Camera, asked: Interval, offset_90k: int, sink: LateSink) -> str:
        """Why it ended."""
        try:
            await self._storage.fetch(camera.address, asked, offset_90k, self._pace.speed, sink)
        except Enough as enough:
            return str(enough)
        except FormatError as error:
            return f"no file can hold it: {error}"
        except StorageError as error:
            if not sink.pictures:
                raise
            return str(error)
        return "the device has sent it"

    def _conclude(self, camera: _Camera, lack: Lack, piece: Interval, kept_90k: int, why: str) -> None:
        subject = (camera.id, lack.interval)
        if kept_90k:
            self._rest.succeeded(subject)
            self._rest.succeeded(camera.device)
        else:
            self._rest.failed(subject, NOTHING_THERE, self._now_s())
        log.info(
            "gap_filled" if kept_90k else "gap_not_filled",
            camera=str(camera.id),
            device=camera.device,
            channel=camera.channel.channel,
            start=rfc3339(piece.start_90k),
            end=rfc3339(piece.end_90k),
            seconds=round(kept_90k / TICKS_PER_SECOND, 1),
            why=why,
        )

    def _now_s(self) -> float:
        return self._clock.monotonic_ns() / 1e9


def _led(one: Interval) -> Interval:
    """With what is asked for before it. What the device has there counts for where it begins to send."""
    return Interval(one.start_90k - LEAD_90K, one.end_90k)


def channel_of(camera: Camera) -> ChannelAddress | None:
    """Of a camera that is a GB/T 28181 channel."""
    url = camera.assigned.main.url
    if not addresses.is_channel(url):
        return None
    try:
        return addresses.parse(url)
    except UrlError:
        return None
