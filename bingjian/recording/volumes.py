"""The volumes of one worker: which one a camera is recorded to, and what to do when one fails.

A camera stays where its newest footage is as long as that volume takes footage and has room. A new camera,
and one whose volume fails or fills up, goes where the least is written for the volume's size; so a failing
disk loses its cameras within the second that its trouble is noticed.
"""

import asyncio
import logging
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from bingjian.clock import Clock, SystemClock
from bingjian.durable import DISK, Storage
from bingjian.recording.catalogue import cameras_of
from bingjian.recording.held import NOTHING_HELD, HeldCopies
from bingjian.recording.known import KnownVolumes
from bingjian.recording.volume import Volume, VolumeError

SOON_FULL_BYTES = 1 << 30  # a camera that begins a segment looks for more room than this
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class VolumeWish:
    """A directory to record to."""

    path: Path
    size_bytes: int  # that footage may take
    reserve_bytes: int  # that stay free on the disk


class Volumes:
    """Lives on the event loop; ``open``, ``reopen`` and ``close`` block."""

    def __init__(self, volumes: Sequence[Volume]) -> None:
        self._open = list(volumes)
        self.closed: dict[Path, str] = {}  # those that could not be opened, and why
        self.held: HeldCopies = NOTHING_HELD  # what else footage may be read from
        self._home: dict[UUID, Volume] = {}
        self._newest: dict[UUID, int] = {}  # a camera's newest segment when its volume was opened
        self._rates: dict[UUID, float] = {}  # bytes per second that a camera brings to its volume
        self._wishes: tuple[VolumeWish, ...] = ()
        self._opening: tuple[Clock, Storage, KnownVolumes | None] = (SystemClock(), DISK, None)
        for volume in self._open:
            self._remember_homes(volume)

    @classmethod
    def open(
        cls,
        wishes: Sequence[VolumeWish],
        *,
        clock: Clock,
        storage: Storage = DISK,
        known: KnownVolumes | None = None,
    ) -> "Volumes":
        """Repaired and ready to record. Raises VolumeError if none of them can be."""
        volumes = cls(())
        volumes._wishes = tuple(wishes)
        volumes._opening = clock, storage, known
        volumes.reopen()
        if not volumes._open:
            raise VolumeError("; ".join(volumes.closed.values()) or "no volume is configured")
        return volumes

    def reopen(self) -> bool:
        """Try those that are not open. True: one more is."""
        clock, storage, known = self._opening
        there = {volume.path for volume in self._open}
        opened = []
        for wish in self._wishes:
            if wish.path in there:
                continue
            try:
                volume = Volume.open_or_create(
                    wish.path,
                    size_bytes=wish.size_bytes,
                    reserve_bytes=wish.reserve_bytes,
                    clock=clock,
                    storage=storage,
                    known=known,
                )
            except VolumeError as error:
                if self.closed.get(wish.path) != str(error):
                    log.error("volume refused", extra={"path": str(wish.path), "reason": str(error)})
                self.closed[wish.path] = str(error)
                continue
            self.closed.pop(wish.path, None)
            self._remember_homes(volume)
            opened.append(volume)
        self._open = [*self._open, *opened]
        return bool(opened)

    def close(self) -> None:
        """Everything durable, every segment closed."""
        for volume in self._open:
            volume.close()

    def __iter__(self) -> Iterator[Volume]:
        return iter(self._open)

    def get(self, id: UUID) -> Volume | None:
        return next((volume for volume in self._open if volume.id == id), None)

    # --- Where to record --------------------------------------------------------------------------

    def home(self, camera: UUID) -> Volume:
        """Where the camera is recorded, or would be."""
        return self._home.get(camera) or self.place(camera, 0.0) or self._open[0]

    def place(self, camera: UUID, bytes_per_s: float, besides: Volume | None = None) -> Volume | None:
        """The volume for the camera's next segment; None if no volume takes footage.

        Args:
            bytes_per_s: what the camera brings.
            besides: one that will not do.
        """
        home = self._home.get(camera)
        if home is None or home is besides or not _has_room(home):
            home = self._least_loaded(camera, besides) or home
        if home is None or home is besides or home.trouble is not None:
            return None
        self._home[camera], self._rates[camera] = home, bytes_per_s
        return home

    def leave(self, camera: UUID) -> None:
        """The camera is no longer recorded here."""
        self._rates.pop(camera, None)

    def load(self, volume: Volume) -> tuple[float, int]:
        """Bytes per second, and cameras, that this worker brings to a volume."""
        rates = [rate for camera, rate in self._rates.items() if self._home.get(camera) is volume]
        return sum(rates), len(rates)

    def _least_loaded(self, camera: UUID, besides: Volume | None) -> Volume | None:
        fit = [volume for volume in self._open if volume is not besides and volume.trouble is None]
        roomy = [volume for volume in fit if _has_room(volume)]
        candidates = roomy or fit
        if not candidates:
            return None
        return min(candidates, key=lambda volume: (self.load(volume)[0] + 1) / volume.identity.size_bytes)

    def _remember_homes(self, volume: Volume) -> None:
        """Cameras whose newest footage is here."""
        try:
            with volume.reading() as catalogue:
                newest = cameras_of(catalogue)
        except sqlite3.Error as error:
            log.error("catalogue cannot be read", extra={"path": str(volume.path), "reason": str(error)})
            return
        for camera, start_90k in newest:
            if start_90k >= self._newest.get(camera, 0):
                self._home[camera], self._newest[camera] = volume, start_90k

    async def settled(self) -> None:
        """Everything submitted so far is durable, on every volume that is not in trouble."""
        await asyncio.gather(*(volume.settled() for volume in self._open if volume.trouble is None))


def _has_room(volume: Volume) -> bool:
    """Also of a small volume a camera should not be the last straw."""
    wanted = min(SOON_FULL_BYTES, volume.identity.size_bytes // 20)
    return volume.trouble is None and volume.free_bytes() > wanted
