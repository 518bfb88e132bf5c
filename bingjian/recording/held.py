"""Which segments have copies in the holds area: what ``hold.json`` says of each hold, kept in memory (R27.5).

Readers ask it for every interval, so that an original that is lost is read from its copy; it answers without
touching a disk. The area is looked at again every few seconds, and after every copy that is made.
"""

import json
import logging
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from threading import Lock
from typing import NamedTuple
from uuid import UUID

MANIFEST = "hold.json"
FORMAT = 1

log = logging.getLogger(__name__)
Stamp = tuple[int, int, int]  # of a manifest: inode, size, modification; another one says something else


class HeldCopy(NamedTuple):
    """One copy of a segment, as the manifest of its hold says; nothing of it is proven yet."""

    hold: UUID
    camera: UUID
    segment: UUID
    path: Path  # of the .mp4
    start_90k: int
    end_90k: int
    root: bytes


class HeldCopies:
    """The copies of one area. ``refresh`` blocks and may run in any thread; everything else is memory."""

    def __init__(self, area: Path | None = None) -> None:
        """``area``: None, nothing is ever held."""
        self._area = area
        self._read: dict[Path, tuple[Stamp, tuple[HeldCopy, ...]]] = {}
        self._turn = Lock()  # one look after the other
        self._released: frozenset[UUID] = frozenset()
        self._by_camera: Mapping[UUID, tuple[HeldCopy, ...]] = {}

    def between(self, camera: UUID, start_90k: int, end_90k: int) -> list[HeldCopy]:
        """Those with footage in [start, end) under a hold that stands, by start."""
        return [
            one
            for one in self._by_camera.get(camera, ())
            if one.start_90k < end_90k and one.end_90k > start_90k and one.hold not in self._released
        ]

    def cameras(self) -> set[UUID]:
        """All that have any."""
        return {
            camera
            for camera, copies in self._by_camera.items()
            if any(one.hold not in self._released for one in copies)
        }

    def release(self, holds: Collection[UUID]) -> None:
        """These are all the holds that have been released: their copies are shown no longer."""
        self._released = frozenset(holds)

    def refresh(self) -> None:
        """Look at the area again; what cannot be read now stays as it was known."""
        if self._area is not None:
            with self._turn:
                self._look(self._area)

    def _look(self, area: Path) -> None:
        try:
            places = [Path(one.path) for one in os.scandir(area)]
        except FileNotFoundError:
            return  # nothing was ever held
        except OSError as wrong:
            log.error("holds area cannot be read", extra={"path": str(area), "reason": str(wrong)})
            return
        manifests = [place / MANIFEST for place in places]
        for manifest in manifests:
            self._look_at(manifest)
        self._read = {manifest: self._read[manifest] for manifest in manifests if manifest in self._read}
        self._sort()

    def _look_at(self, manifest: Path) -> None:
        try:
            seen = manifest.stat()
            stamp = seen.st_ino, seen.st_size, seen.st_mtime_ns
            if manifest in self._read and self._read[manifest][0] == stamp:
                return
            self._read[manifest] = stamp, tuple(copies_said(manifest))
        except (FileNotFoundError, NotADirectoryError):
            return  # its first copy is being made
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as wrong:
            log.error(
                "manifest of a hold cannot be read", extra={"path": str(manifest), "reason": str(wrong)}
            )

    def _sort(self) -> None:
        found: dict[UUID, list[HeldCopy]] = {}
        for _, copies in self._read.values():
            for one in copies:
                found.setdefault(one.camera, []).append(one)
        self._by_camera = {camera: tuple(sorted(some, key=_by_start)) for camera, some in found.items()}


def copies_said(manifest: Path) -> Iterator[HeldCopy]:
    """What a manifest says. Raises OSError, ValueError, KeyError, TypeError, AttributeError."""
    said = json.loads(manifest.read_bytes())
    if said["format"] != FORMAT:
        raise ValueError(f"format {said['format']}, this program knows {FORMAT}")
    hold, camera = UUID(said["hold"]), UUID(said["camera"])
    for one in said["copies"]:
        path = manifest.with_name(Path(one["name"]).name)
        segment, root = UUID(hex=path.stem.partition("_")[2]), bytes.fromhex(one["root"])
        yield HeldCopy(hold, camera, segment, path, int(one["start_90k"]), int(one["end_90k"]), root)


def by_segment(copies: Iterable[HeldCopy]) -> dict[UUID, list[HeldCopy]]:
    """Of several holds over one segment each has its copy."""
    found: dict[UUID, list[HeldCopy]] = {}
    for one in copies:
        found.setdefault(one.segment, []).append(one)
    return found


def _by_start(one: HeldCopy) -> tuple[int, str]:
    return one.start_90k, str(one.path)


NOTHING_HELD = HeldCopies()
