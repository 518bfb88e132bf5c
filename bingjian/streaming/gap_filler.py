"""Fills gaps in the worker's recordings with what devices kept themselves (art. 31(6), requirements 5.19).

Round after round: which gaps of a camera are wanted (``recording.wanted``), which of them the device says
that it has, by its own clock, one download of at most half an hour, and what came is in its gap, marked. One
download a worker at a time, no faster than was set, and given up at once when the volume has enough to do
with what is recorded now; the rest is asked for again. What fails is left alone longer each time, and no
more than that: a device that does not answer, a gap of which it has nothing, a part that it does not send.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import NamedTuple, Protocol
from uuid import UUID

import structlog

from bingjian.clock import TICKS_PER_SECOND, Clock
from bingjian.formats.access_unit import FormatError
from bingjian.protocols.gb28181 import address as addresses
from bingjian.protocols.gb28181.address import ChannelAddress
from bingjian.protocols.url import UrlError
from bingjian.recording.filling import Filling, Lack, lacks
from bingjian.recording.segment import Recovered
from bingjian.recording.wanted import (
    LONGEST_90K,
    NOT_ANSWERED,
    NOT_SENT,
    NOTHING_THERE,
    BackOff,
    Interval,
    Patience,
    common,
    pieces,
)
from bingjian.streaming.hub import Camera, Hub, rfc3339
from bingjian.streaming.late import Enough, LateSink, NotNow
from bingjian.streaming.sources.base import Sink, SourceAddress
from bingjian.streaming.sources.gb_storage import DeviceAway, StorageError, whole_seconds

log = structlog.get_logger(__name__)

ROUND_SECONDS = 60.0
SETTLED_90K = 300 * TICKS_PER_SECOND  # younger ones are left: the device is still writing its file
LEAD_90K = 5 * TICKS_PER_SECOND  # asked for before, so that a key frame comes before the hole begins
DAY_90K = 86_400 * TICKS_PER_SECOND
NEAR_90K = 10 * TICKS_PER_SECOND  # parts that begin so close are one: clocks are compared to the second


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


class _Part(NamedTuple):
    """Of a camera's gap, as something that may rest."""

    camera: UUID
    place: int  # of its beginning, in ``NEAR_90K``

    @classmethod
    def of(cls, camera: UUID, piece: Interval) -> "_Part":
        return cls(camera, piece.start_90k // NEAR_90K)

    def is_in(self, some: list[Interval]) -> bool:
        return any(start // NEAR_90K <= self.place <= end // NEAR_90K for start, end in some)


class _Ending(NamedTuple):
    """Why a download ended, and how long its part is left alone if it has brought nothing."""

    why: str
    patience: Patience | None  # None: the device is not to blame
    is_away: bool = False  # the whole device is


class GapFiller:
    """Of one media worker. Let ``run`` go on in a task; cancelled, it keeps what has come."""

    def __init__(self, hub: Hub, storage: DeviceStorage, clock: Clock, pace: Pace) -> None:
        self._hub, self._storage, self._clock, self._pace = hub, storage, clock, pace
        self._rest = BackOff()
        self._missing: dict[UUID, list[Interval]] = {}  # when it was last looked for
        self._turns: dict[UUID, int] = {}  # which cameras were asked about, the latest with the highest
        self._numbers = count(1)

    async def run(self) -> None:
        while self._pace.speed > 0:
            await asyncio.sleep(ROUND_SECONDS)
            try:
                await self.round()
            except Exception:
                log.exception("gap_filling_failed")

    async def round(self) -> int:
        """One download at most for every camera; how much was filled in all, 1/90000 s."""
        missing, devices = dict[UUID, list[Interval]](), set[str]()
        filled_90k = 0
        for id, camera in self._in_turn():
            channel = channel_of(camera)
            if channel is None or not self._goes_on(id):
                continue
            devices.add(channel.device)
            missing[id] = self._missing.get(id, [])
            try:
                found = await asyncio.to_thread(lacks, self._hub.volumes, id, self._window())
                missing[id] = [lack.interval for lack in found]
                filled_90k += await self._fill_one(_Camera(id, camera.assigned.main, channel), found)
            except Exception:
                log.exception("gap_filling_failed", camera=str(id))
        self._forget_all_but(missing, devices)
        return filled_90k

    def _in_turn(self) -> list[tuple[UUID, Camera]]:
        """Who was asked about longest ago first: one that fails does not keep its device from the others."""
        return sorted(self._hub.cameras.items(), key=lambda one: self._turns.get(one[0], 0))

    def _forget_all_but(self, missing: dict[UUID, list[Interval]], devices: set[str]) -> None:
        self._missing = missing
        self._turns = {id: turn for id, turn in self._turns.items() if id in missing}
        subjects: set[object] = {*devices, *missing}
        subjects |= {_gap(id, interval) for id, some in missing.items() for interval in some}
        parts = (one for one in self._rest if isinstance(one, _Part))
        subjects |= {part for part in parts if part.is_in(missing.get(part.camera, []))}
        self._rest.forget_all_but(subjects)

    def _window(self) -> Interval:
        """Its beginning moves every half an hour only: what a gap that it cuts is known by stays so long."""
        now_90k = self._clock.utc_ns() * 9 // 100_000
        oldest_90k = now_90k - self._pace.days * DAY_90K
        return Interval(-(-oldest_90k // LONGEST_90K) * LONGEST_90K, now_90k - SETTLED_90K)

    def _goes_on(self, id: UUID) -> bool:
        """The camera is ours to record, and nobody has ordered otherwise."""
        camera = self._hub.cameras.get(id)
        now_90k = self._clock.utc_ns() * 9 // 100_000
        return camera is not None and (
            camera.assigned.pause is None or camera.assigned.pause.until_90k <= now_90k
        )

    # --- One camera

    async def _fill_one(self, camera: _Camera, found: list[Lack]) -> int:
        """The first part of a gap that the device has, and that does not rest."""
        for lack in self._due(camera, found):
            gap = _gap(camera.id, lack.interval)
            self._turns[camera.id] = next(self._numbers)
            try:
                offset_90k = await self._storage.clock_offset_90k(camera.channel)
            except StorageError as error:
                self._leave_alone(camera, str(error))
                return 0
            try:
                files = await self._storage.recordings(camera.channel, _led(lack.interval), offset_90k)
            except DeviceAway as error:
                self._leave_alone(camera, str(error))
                return 0
            except StorageError as error:
                log.warning(
                    "device_storage_unclear", camera=str(camera.id), device=camera.device, reason=str(error)
                )
                self._rest.failed(gap, NOT_SENT, self._now_s())
                return 0
            there = common([lack.interval], files)
            piece = self._due_piece(camera, there)
            if piece is not None:
                return await self._fetch(camera, lack, piece, files, offset_90k)
            self._rest.failed(gap, NOT_ANSWERED if there else NOTHING_THERE, self._now_s())
        return 0

    def _due(self, camera: _Camera, found: list[Lack]) -> Iterator[Lack]:
        if any(self._rest.rests(subject, self._now_s()) for subject in (camera.device, camera.id)):
            return
        for lack in found:
            if not lack.volume.busy and not self._rest.rests(_gap(camera.id, lack.interval), self._now_s()):
                yield lack

    def _due_piece(self, camera: _Camera, there: list[Interval]) -> Interval | None:
        for piece in (piece for stretch in there for piece in pieces(stretch)):
            if not self._rest.rests(_Part.of(camera.id, piece), self._now_s()):
                return piece
        return None

    def _leave_alone(self, camera: _Camera, reason: str) -> None:
        """The device, and for longer the camera if only that is why."""
        log.warning("device_storage_away", camera=str(camera.id), device=camera.device, reason=reason)
        for subject in (camera.device, camera.id):
            self._rest.failed(subject, NOT_ANSWERED, self._now_s())

    async def _fetch(
        self, camera: _Camera, lack: Lack, piece: Interval, files: list[Interval], offset_90k: int
    ) -> int:
        """Ask for it and keep what comes; how much that is."""
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
            ending = await self._download(camera, asked, offset_90k, sink)
        finally:
            sink.flush()
            kept_90k = await asyncio.shield(filling.end())
        self._conclude(camera, lack, piece, kept_90k, ending)
        return kept_90k

    async def _download(self, camera: _Camera, asked: Interval, offset_90k: int, sink: LateSink) -> _Ending:
        try:
            await self._storage.fetch(camera.address, asked, offset_90k, self._pace.speed, sink)
        except NotNow as reason:
            return _Ending(str(reason), None)
        except Enough as enough:
            return _Ending(str(enough), NOTHING_THERE)
        except FormatError as error:
            return _Ending(f"no file can hold it: {error}", NOTHING_THERE)
        except DeviceAway as error:
            return _Ending(str(error), NOT_SENT, is_away=True)
        except StorageError as error:
            return _Ending(str(error), NOT_SENT)
        return _Ending("the device has sent it", NOTHING_THERE)

    def _conclude(self, camera: _Camera, lack: Lack, piece: Interval, kept_90k: int, ending: _Ending) -> None:
        part = _Part.of(camera.id, piece)
        if kept_90k:
            for subject in (part, _gap(camera.id, lack.interval), camera.id, camera.device):
                self._rest.succeeded(subject)
        elif ending.patience is not None:
            self._rest.failed(part, ending.patience, self._now_s())
            if ending.is_away:
                self._leave_alone(camera, ending.why)
        log.info(
            "gap_filled" if kept_90k else "gap_not_filled",
            camera=str(camera.id),
            device=camera.device,
            channel=camera.channel.channel,
            start=rfc3339(piece.start_90k),
            end=rfc3339(piece.end_90k),
            seconds=round(kept_90k / TICKS_PER_SECOND, 1),
            why=ending.why,
        )

    def _now_s(self) -> float:
        return self._clock.monotonic_ns() / 1e9


def _gap(camera: UUID, lack: Interval) -> object:
    """A gap, as something that may rest; one that goes on is another every half an hour."""
    return camera, lack.start_90k, lack.end_90k // LONGEST_90K


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
