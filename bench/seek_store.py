"""The store of ``bench seek``: hundreds of cameras for months in the catalogue, a few of them with files for
the last days. Built once, kept under ``build/bench`` by a hash of what it is made of.

Rows are inserted a quarter of a day at a time for one camera after the other, so that, as on a volume that
has grown, the pages of one camera lie scattered among those of all others. Every camera has one gap a day.
"""

import json
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import asdict, dataclass
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from random import Random
from time import monotonic
from typing import NamedTuple
from uuid import UUID

from bench.store import SEGMENT_S, SEGMENTS_A_DAY, Rows, with_files
from bingjian.clock import TICKS_PER_SECOND
from bingjian.durable import DISK
from bingjian.recording.catalogue import VERSION, Catalogue, SegmentRow
from bingjian.recording.cause import Cause
from bingjian.recording.volume import CATALOGUE_FILE, Volume

CACHE = Path(__file__).resolve().parent.parent / "build" / "bench"
EDITION = 1  # counts up when the same parameters would make another store
END_90K = 1_767_225_600 * TICKS_PER_SECOND  # 2026-01-01T00:00:00Z
DAY_90K, SEGMENT_90K = 86_400 * TICKS_PER_SECOND, SEGMENT_S * TICKS_PER_SECOND
BATCH = SEGMENTS_A_DAY // 4  # rows of one camera that are inserted side by side
MAX_GAP_S = 90
ALL_DEBTS = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Plan:
    """What the store holds."""

    cameras: int
    days: int
    filed_cameras: int  # of these, the last ``filed_days`` days have files
    filed_days: int

    @property
    def path(self) -> Path:
        made_of = json.dumps([asdict(self), EDITION, VERSION], sort_keys=True)
        return CACHE / f"seek-{sha256(made_of.encode()).hexdigest()[:16]}"

    @property
    def start_90k(self) -> int:
        return END_90K - self.days * DAY_90K

    @property
    def filed_from_90k(self) -> int:
        return END_90K - self.filed_days * DAY_90K

    @property
    def camera_ids(self) -> list[UUID]:
        random = Random("cameras of bench seek")
        return [UUID(bytes=random.randbytes(16), version=4) for _ in range(self.cameras)]

    @property
    def filed(self) -> list[UUID]:
        return self.camera_ids[: self.filed_cameras]


class Hole(NamedTuple):
    """The day's gap of a camera: the end of one of its segments is missing."""

    segment: int  # of the day
    seconds: int


def hole_of(camera: UUID, day: int) -> Hole:
    random = Random(f"{camera} {day}")
    return Hole(random.randrange(SEGMENTS_A_DAY), random.randint(3, MAX_GAP_S))


def built(plan: Plan, *, rebuild: bool) -> float | None:
    """Make sure the store is there; the seconds it took to build, None if it was there already."""
    if plan.path.exists() and not rebuild:
        return None
    began = monotonic()
    draft = plan.path.with_suffix(".new")
    for old in (plan.path, draft):
        shutil.rmtree(old, ignore_errors=True)
    draft.parent.mkdir(parents=True, exist_ok=True)
    volume = Volume.create(draft, size_bytes=10**15, reserve_bytes=0)
    volume.close()
    _fill(plan, draft, volume.id)
    os.replace(draft, plan.path)
    return monotonic() - began


def _fill(plan: Plan, root: Path, volume: UUID) -> None:
    """Files are written on another core meanwhile; their rows are the newest, so they come last anyway."""
    catalogue = Catalogue(root / CATALOGUE_FILE, volume)
    rows = {camera: Rows.of(str(camera)) for camera in plan.camera_ids}
    with ProcessPoolExecutor(1) as pool:
        coming = {camera: pool.submit(_filed_rows, plan, root, volume, camera) for camera in plan.filed}
        for day in range(plan.days):
            filed = coming if day >= plan.days - plan.filed_days else {}
            _add_day(plan, catalogue, rows, day, filed)
    DISK.sync_filesystem(root)
    with catalogue.transaction():
        catalogue.settle_debts(ALL_DEBTS)  # nobody is told of these gaps
    catalogue.close()  # the last connection empties the write-ahead log


def _add_day(
    plan: Plan,
    catalogue: Catalogue,
    rows: dict[UUID, Rows],
    day: int,
    filed: dict[UUID, "Future[dict[int, list[SegmentRow]]]"],
) -> None:
    day_90k = plan.start_90k + day * DAY_90K
    ready = {camera: coming.result()[day] for camera, coming in filed.items()}

    def quarter(camera: UUID, first: int) -> Iterator[SegmentRow]:
        if camera in ready:
            return iter(ready[camera][first : first + BATCH])
        return _rows(rows[camera], camera, day, day_90k, range(first, first + BATCH))

    with catalogue.transaction():
        quarters = range(0, SEGMENTS_A_DAY, BATCH)
        catalogue.add_closed(row for first in quarters for one in rows for row in quarter(one, first))
        for camera in rows:
            hole = hole_of(camera, day)
            end_90k = day_90k + (hole.segment + 1) * SEGMENT_90K
            start_90k = end_90k - hole.seconds * TICKS_PER_SECOND
            catalogue.add_gap(camera, Cause.NO_PACKETS, "", start_90k, end_90k)


def _rows(rows: Rows, camera: UUID, day: int, day_90k: int, numbers: range) -> Iterator[SegmentRow]:
    hole = hole_of(camera, day)
    for number in numbers:
        seconds = SEGMENT_S - hole.seconds if number == hole.segment else SEGMENT_S
        yield rows.row(camera, day_90k + number * SEGMENT_90K, seconds)


def _filed_rows(plan: Plan, root: Path, volume: UUID, camera: UUID) -> dict[int, list[SegmentRow]]:
    """By day: the camera's rows that have files, and with them the files."""
    rows = Rows.of(f"files of {camera}")
    wanted = (
        row
        for day in range(plan.days - plan.filed_days, plan.days)
        for row in _rows(rows, camera, day, plan.start_90k + day * DAY_90K, range(SEGMENTS_A_DAY))
    )
    written = with_files(root, volume, wanted)
    by_day = groupby(written, key=lambda row: (row.start_90k - plan.start_90k) // DAY_90K)
    return {day: list(some) for day, some in by_day}
