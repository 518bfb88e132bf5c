"""The power goes at random instants of a real-time recording: the same bound as for a kill, and nothing torn
is ever shown."""

import asyncio
import shutil
from dataclasses import dataclass
from pathlib import Path
from random import Random
from uuid import UUID

import pytest

from bench import store_check as store
from bingjian.clock import TICKS_PER_SECOND, SystemClock
from bingjian.durable import DISK
from bingjian.recording import holds, presence, reader, removal
from bingjian.recording.catalogue import Catalogue
from bingjian.recording.recorder import Recorder
from bingjian.recording.volume import Volume
from bingjian.recording.volumes import Volumes
from tests.crash.powercut import CATALOGUE, PowerCut, Remains
from tests.unit.recording.footage import CAMERA, FRAME_90K, GIB, seconds, video, video_config
from tests.unit.recording.test_removal import PUBLIC, receipt_for

CAMERAS = [UUID(int=number) for number in (1, 2, 3)]
LENGTH_S = 7.0
CUTS = 40
DISKS_PER_CUT = 2
MAX_LOST_S = 2.0
SYNC_S = 0.05  # a sync of a busy disk


@dataclass(frozen=True)
class Cut:
    """The moment, and what had been received by then."""

    remains: Remains
    received_90k: dict[UUID, int]


@pytest.fixture(scope="module")
def cuts(tmp_path_factory) -> list[Cut]:
    return asyncio.run(_recorded(tmp_path_factory.mktemp("power") / "volume", Random(28)))


async def _recorded(root: Path, chance: Random) -> list[Cut]:
    """Three cameras in real time, one segment after the other; frozen at random instants."""
    disk = PowerCut(root, sync_s=SYNC_S)
    volume = Volume.create(root, size_bytes=GIB, reserve_bytes=0, storage=disk)
    received = dict.fromkeys(CAMERAS, seconds(0))
    cameras = [asyncio.create_task(_play(volume, camera, received)) for camera in CAMERAS]
    moments = sorted(chance.uniform(0.3, LENGTH_S) for _ in range(CUTS))
    began, found = asyncio.get_running_loop().time(), []
    for moment in moments:
        await asyncio.sleep(began + moment - asyncio.get_running_loop().time())
        handed = dict(received)
        found.append(Cut(await asyncio.to_thread(disk.freeze), handed))
    for camera in cameras:
        camera.cancel()
    await asyncio.gather(*cameras, return_exceptions=True)
    await asyncio.to_thread(volume.close)
    return found


async def _play(volume: Volume, camera: UUID, received: dict[UUID, int]) -> None:
    """25 pictures a second, as they come; every so often the format changes, which closes a segment."""
    recorder = Recorder(Volumes([volume]), camera, worker="w", epoch=1, clock=SystemClock())
    loop, turn = asyncio.get_running_loop(), 40 + 13 * camera.int
    began = loop.time()
    for number in range(10**6):
        if number % turn == 0:
            recorder.set_tracks((video_config(wide=20 + number // turn % 2),))
        (picture,) = video(number / 25, 0.04, size=1500)
        recorder.write([picture._replace(sync=number % turn % 25 == 0)])
        # The stream hands over a picture when the next has come and its duration is exact.
        received[camera] = picture.dts + 2 * FRAME_90K
        await asyncio.sleep(began + (number + 1) / 25 - loop.time())


@pytest.fixture(scope="module")
def disks(cuts, tmp_path_factory) -> list[tuple[Cut, Path]]:
    base, chance = tmp_path_factory.mktemp("left"), Random(5)
    found = []
    for number, cut in enumerate(cuts):
        for choice in range(DISKS_PER_CUT):
            target = base / f"{number}-{choice}"
            cut.remains.materialise(target, chance)
            found.append((cut, target))
    return found


def test_whatever_the_disk_kept_two_seconds_are_the_most_that_is_lost(disks):
    worst = 0.0
    for cut, root in disks:
        volume = Volume.open(root)
        for camera in CAMERAS:
            kept = reader.segments([volume], camera, 0, 1 << 62)
            readable_90k = max((one.end_90k for one in kept), default=seconds(0))
            worst = max(worst, (cut.received_90k[camera] - readable_90k) / TICKS_PER_SECOND)
        volume.close()
        assert store.corrupt(root, store.rows_of(root)) == [], root
        assert store.unaccounted(root) == [], root
        assert store.bad_gaps(root) == [], root
    assert worst <= MAX_LOST_S
    assert worst > 0.5, "or the power was never cut"


def test_what_was_lost_has_a_name_and_opening_again_changes_nothing(disks):
    for _, root in disks[::5]:
        Volume.open(root).close()
        volume = Volume.open(root)
        assert volume.repairs == []
        asyncio.run(_record_again(volume))
        for camera in CAMERAS:
            spans = presence.spans([volume], camera, seconds(0), seconds(LENGTH_S + 4))
            known = spans if reader.segments([volume], camera, 0, seconds(LENGTH_S)) else spans[1:]
            assert [(span.start_90k, span.detail) for span in known if _is_unnamed(span)] == [], root
        volume.close()


def _is_unnamed(span: presence.Span) -> bool:
    return span.kind == "missing" and span.cause is None


async def _record_again(volume: Volume) -> None:
    """Whoever comes back says why he was away."""
    recorders = [
        Recorder(Volumes([volume]), camera, worker="w", epoch=2, clock=SystemClock()) for camera in CAMERAS
    ]
    for recorder in recorders:
        recorder.set_tracks((video_config(),))
        recorder.write(video(LENGTH_S + 3, 1))
    await asyncio.gather(*(recorder.close() for recorder in recorders))


def test_a_power_cut_while_the_first_is_being_repaired_loses_nothing_more(cuts, tmp_path):
    chance = Random(9)
    for number, cut in enumerate(cuts[::4]):
        first = tmp_path / f"{number}"
        cut.remains.materialise(first, chance)
        before = {row.id: row for row in _repaired(tmp_path / f"{number}-whole", cut, chance, first)}
        disk = Interrupted(first, chance.randint(1, 25))
        volume = Volume.open(first, storage=disk)
        volume.close()
        if disk.remains is None:
            continue  # there were not so many steps
        second = tmp_path / f"{number}-again"
        disk.remains.materialise(second, chance)
        Volume.open(second).close()
        after = {row.id: row for row in store.rows_of(second)}
        assert store.corrupt(second, after.values()) == []
        assert store.unaccounted(second) == []
        assert {id: row.end_90k for id, row in after.items()} == {
            id: row.end_90k for id, row in before.items()
        }


def _repaired(copy: Path, cut: Cut, chance: Random, first: Path) -> list[store.Row]:
    """What an undisturbed repair makes of the same disk."""
    shutil.copytree(first, copy)
    Volume.open(copy).close()
    return store.rows_of(copy)


class Interrupted(PowerCut):
    """Notes what a cut before its n-th operation would leave."""

    def __init__(self, root: Path, operation: int) -> None:
        super().__init__(root)
        self._left = operation
        self.remains: Remains | None = None

    def _operation(self):
        held = super()._operation()
        self._left -= 1
        if self._left == 0:
            self.remains = self.freeze()
        return held


# --- What a worker has confirmed ------------------------------------------------------------------


async def _closed(root: Path, disk: PowerCut) -> Volume:
    """A volume with two closed segments of one camera, everything synced."""
    volume = Volume.create(root, size_bytes=GIB, reserve_bytes=0, storage=disk)
    recorder = Recorder(Volumes([volume]), CAMERA, worker="w", epoch=1, clock=SystemClock())
    for number in range(2):
        recorder.set_tracks((video_config(wide=20 + number),))
        recorder.write(video(4 * number, 4))
    await recorder.close()
    return volume


async def test_R27_5_a_copy_that_was_confirmed_survives_a_power_cut(tmp_path):
    disk = PowerCut(tmp_path)
    volume = await _closed(tmp_path / "volume", disk)
    hold, interval = UUID(int=9), (seconds(0), seconds(8))
    copied = holds.copy([volume], tmp_path / "holds", hold, CAMERA, interval, disk)
    assert copied.segments == 2
    await asyncio.to_thread(volume.close)
    for number in range(8):
        left = tmp_path.parent / f"{tmp_path.name}-{number}"
        disk.freeze().materialise(left, Random(number))
        place = left / "holds" / str(hold)
        assert {path.suffix for path in place.iterdir()} >= {".mp4", ".idx", ".json"}
        again = holds.copy([], left / "holds", hold, CAMERA, interval, DISK)
        assert (again.segments, again.sha256) == (2, copied.sha256)


@pytest.mark.parametrize("operation", range(1, 6))
async def test_R27_4_a_receipt_is_carried_out_once_wherever_the_power_goes(tmp_path, operation):
    root = tmp_path / "volume"
    volume = await _closed(root, PowerCut(root))
    first, second = reader.segments([volume], CAMERA, 0, 1 << 62)
    await asyncio.to_thread(volume.close)
    disk = Interrupted(root, operation)
    catalogue = Catalogue(root / CATALOGUE, volume.id)
    removal.remove(root, volume.id, catalogue, disk, [receipt_for(first)], PUBLIC)
    remains = disk.remains or disk.freeze()
    catalogue.close()
    for number in range(12):
        left = tmp_path / f"left-{number}"
        remains.materialise(left, Random(number))
        for _ in range(2):
            Volume.open(left).close()
        assert [row.id for row in store.rows_of(left)] == [second.id]
        assert store.corrupt(left, store.rows_of(left)) == []
        assert store.unaccounted(left) == []
        assert store.removed_more_than_once(left) == []
