"""Filling a hole in a camera's recording with what its device kept: where the holes are, and one at a time.

What fills a gap lies on the volume that has the gap's row, so that a volume carried elsewhere still says
both. The catalogue says which interval is being filled before the first file is made, so that a start after a
crash finds what it left. From then on it is footage like any other; the gap's row stays as it was."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from bingjian.clock import Clock
from bingjian.formats.access_unit import TrackConfig
from bingjian.formats.mp4 import Sample
from bingjian.recording.catalogue import (
    gaps_between,
    recovered_between,
    removed_between,
    stretches_between,
)
from bingjian.recording.reader import asked, growing
from bingjian.recording.recorder import Hole, Recorder
from bingjian.recording.segment import Recovered, relative_path
from bingjian.recording.volume import Volume
from bingjian.recording.volumes import Volumes
from bingjian.recording.wanted import Interval, wanted


class Lack(NamedTuple):
    """Time that is missing, and the volume whose gap says so."""

    volume: Volume
    interval: Interval


def lacks(volumes: Volumes, camera: UUID, window: Interval) -> list[Lack]:
    """What to ask the camera's device for, the first first; blocks.

    Nothing while a volume is away or in trouble: nobody knows what lies on it, and what is there wins.
    """
    all_volumes = list(volumes)
    if volumes.closed or any(volume.trouble is not None for volume in all_volumes):
        return []
    gaps = [asked(volume, lambda rows: gaps_between(rows, camera, *window)) for volume in all_volumes]
    if not any(wanted(some, [], window) for some in gaps):
        return []  # most cameras, most of the time: nothing more is read
    there = [one for volume in all_volumes for one in _there(volume, camera, window)]
    found = list[Lack]()
    for volume, some in zip(all_volumes, gaps, strict=True):
        mine = wanted(some, [*there, *(lack.interval for lack in found)], window)
        found += [Lack(volume, one) for one in mine]
    return found


def _there(volume: Volume, camera: UUID, window: Interval) -> list[tuple[int, int]]:
    """Stretches that we have, with what is being written, and what was given up."""
    told = asked(volume, lambda known: [stretches_between(known, camera, *window, joined_90k=0)])
    spans = [span for one in told for span in one.closed]
    for start_90k, id in (open for one in told for open in one.open):
        entries = growing(volume.path / relative_path(camera, id, start_90k))
        spans.append((start_90k, max((entry.end_90k for entry in entries), default=start_90k)))
    return [*spans, *asked(volume, lambda known: removed_between(known, camera, *window))]


class Filling:
    """One hole being filled. ``begin`` first, ``end`` always; between them what a ``Recorder`` takes."""

    def __init__(self, camera: UUID, lack: Lack, source: Recovered, *, worker: str, epoch: int) -> None:
        self._camera, self._lack, self.source = camera, lack, source
        self._worker, self._epoch = worker, epoch
        self._recorder: Recorder | None = None

    def begin(self, clock: Clock) -> None:
        """Blocks. Raises sqlite3.Error."""
        volume, interval = self._lack
        catalogue = volume.own_catalogue()
        try:
            with catalogue.transaction():
                catalogue.begin_recovery(self._camera, *interval)
        finally:
            catalogue.close()
        self._recorder = Recorder(
            Volumes([volume]),
            self._camera,
            worker=self._worker,
            epoch=self._epoch,
            clock=clock,
            hole=Hole(*interval, self.source),
        )

    def set_tracks(self, tracks: Sequence[TrackConfig]) -> None:
        """Before the first samples, and at every change. Raises FormatError if no file can hold them."""
        if self._recorder is not None:
            self._recorder.set_tracks(tracks)

    def write(self, samples: Sequence[Sample], clock_offset_ms: int = 0) -> None:
        """Samples on our timeline; of what lies outside the hole nothing is kept."""
        if self._recorder is not None:
            self._recorder.write(samples, clock_offset_ms)

    @property
    def behind(self) -> bool:
        """The volume has enough to do: bring no more for the moment. Who records now goes first."""
        return self._lack.volume.busy

    async def end(self) -> int:
        """Everything durable; how much the hole was filled by, in 1/90000 s."""
        if self._recorder is None:
            return 0
        await self._recorder.close()
        return await asyncio.to_thread(self._settle)

    def _settle(self) -> int:
        """Blocks. What a volume in trouble has of it, its repair will say: until then it stays known."""
        volume, (start_90k, end_90k) = self._lack
        if volume.trouble is None:
            catalogue = volume.own_catalogue()
            try:
                with catalogue.transaction():
                    catalogue.end_recovery(self._camera)
            finally:
                catalogue.close()
        found = asked(volume, lambda rows: recovered_between(rows, self._camera, start_90k, end_90k))
        return sum(one.end_90k - one.start_90k for one in found if one.recovered == self.source)
