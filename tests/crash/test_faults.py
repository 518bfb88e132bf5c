"""Every failure of storage is a row: break, look, mend, look. Nothing kept is removed, what cannot be kept
has its cause and its volume, everything comes back by itself, and the live picture never notices."""

import asyncio
import errno
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import pytest

from bench import store_check as store
from bingjian.clock import SystemClock
from bingjian.formats.mp4 import Sample
from bingjian.recording import presence, writer
from bingjian.recording.cause import Cause
from bingjian.recording.recorder import Recorder
from bingjian.recording.volume import Volume
from bingjian.recording.volumes import Volumes
from bingjian.streaming.assignment import CameraAssignment
from bingjian.streaming.hub import Hub
from bingjian.streaming.live import Broadcast
from tests.unit.recording.footage import CAMERA, GIB, FailingDisk, StandingClock, seconds, video, video_config
from tests.unit.streaming.footage import SetClock, picture, play
from tests.unit.streaming.test_hub import MAIN, ONE, Sources, wanted

FAULTS: dict[str, dict[str, int]] = {
    "no space": dict.fromkeys(("write", "create"), errno.ENOSPC),
    "no space, found at the sync": {"sync": errno.ENOSPC},
    "quota": {"write": errno.EDQUOT},
    "input/output error of writes": {"write": errno.EIO},
    "input/output error of syncs": {"sync": errno.EIO},
    "permission lost": dict.fromkeys(("write", "create", "sync"), errno.EACCES),
    "mounted read-only": dict.fromkeys(("write", "create", "sync", "sync_directory"), errno.EROFS),
}
FULL = {"no space", "no space, found at the sync", "quota"}


@pytest.fixture(autouse=True)
def _prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here is about how long the writer waits for company."""
    monkeypatch.setattr(writer, "GATHER_S", 0.002)


@dataclass
class Site:
    """One camera, its volumes and their disks."""

    volumes: Volumes
    disks: list[FailingDisk]
    clock: StandingClock
    recorder: Recorder
    at_s: float = 0.0

    async def record(self, length_s: float) -> None:
        self.recorder.write(video(self.at_s, length_s))
        self.at_s += length_s
        for volume in self.volumes:
            await volume.settled()

    async def found_out(self) -> None:
        """Some pictures more, one after the other: the disk fails under the first, the others see it."""
        for _ in range(3):
            await self.record(1)

    async def mended(self) -> None:
        for disk in self.disks:
            disk.broken.clear()
            disk.short = False
        self.clock.advance(6)
        for volume in self.volumes:
            await volume.settled()
            await volume.settled()

    def told(self) -> list[tuple[str, Cause | None]]:
        spans = presence.spans(self.volumes, CAMERA, seconds(0), seconds(self.at_s))
        return [(span.kind, span.cause) for span in spans]

    def present_s(self) -> float:
        return sum(
            (span.end_90k - span.start_90k) / 90_000
            for span in presence.spans(self.volumes, CAMERA, seconds(0), seconds(self.at_s))
            if span.kind == "present"
        )

    def files(self) -> dict[Path, bytes]:
        paths = [path for volume in self.volumes for path in volume.path.glob("cameras/*/*/*.mp4")]
        return {path: path.read_bytes() for path in paths}


@asynccontextmanager
async def site(place: Path, volumes: int) -> AsyncIterator[Site]:
    clock, disks = StandingClock(), [FailingDisk() for _ in range(volumes)]
    opened = Volumes(
        [
            Volume.create(place / str(number), size_bytes=GIB, reserve_bytes=0, clock=clock, storage=disk)
            for number, disk in enumerate(disks)
        ]
    )
    recorder = Recorder(opened, CAMERA, worker="w", epoch=1, clock=clock)
    recorder.set_tracks((video_config(),))
    found = Site(opened, disks, clock, recorder)
    try:
        yield found
    finally:
        for disk in disks:
            disk.broken.clear()
            disk.hold = None
        await asyncio.to_thread(opened.close)
        for volume in opened:
            assert store.corrupt(volume.path, store.rows_of(volume.path)) == []
            assert store.unaccounted(volume.path) == []


@pytest.mark.parametrize("short", [False, True], ids=["nothing written", "half written"])
@pytest.mark.parametrize("fault", FAULTS)
async def test_on_one_of_two_volumes_the_camera_goes_on_on_the_other(tmp_path, fault, short):
    async with site(tmp_path, 2) as here:
        await here.record(4)
        before = here.files()
        home = here.volumes.home(CAMERA)
        disk = here.disks[list(here.volumes).index(home)]
        disk.short = short
        disk.broken.update(FAULTS[fault])
        here.clock.advance(1)
        await here.found_out()
        await here.record(3)
        assert home.trouble is not None
        assert here.recorder.trouble is None
        assert here.volumes.home(CAMERA) is not home
        await here.mended()
        assert home.trouble is None
        await here.record(3)
        await here.recorder.close()
        cause = Cause.VOLUME_FULL if fault in FULL else Cause.VOLUME_FAILING
        gap = [("missing", cause), ("present", None)]
        whole = set(FAULTS[fault]) == {"sync"}  # all was written, and is found again
        assert here.told() == [("present", None), *([] if whole else gap)]
        assert here.present_s() >= here.at_s - 3
        _nothing_removed(before, here.files())


@pytest.mark.parametrize("volumes", [1, 2])
@pytest.mark.parametrize("fault", FAULTS)
async def test_on_every_volume_the_recorder_says_so_and_comes_back(tmp_path, fault, volumes):
    async with site(tmp_path, volumes) as here:
        await here.record(4)
        before = here.files()
        for disk in here.disks:
            disk.broken.update(FAULTS[fault])
        here.clock.advance(1)
        await here.found_out()
        await here.record(3)
        cause = Cause.VOLUME_FULL if fault in FULL else Cause.VOLUME_FAILING
        assert here.recorder.trouble is not None
        assert here.recorder.trouble.cause is cause
        assert not here.recorder.recording
        await here.mended()
        assert here.recorder.trouble is None
        await here.record(3)
        await here.recorder.close()
        assert here.told() == [("present", None), ("missing", cause), ("present", None)]
        _nothing_removed(before, here.files())


def _nothing_removed(before: dict[Path, bytes], after: dict[Path, bytes]) -> None:
    assert before
    for path, content in before.items():
        assert after[path].startswith(content), path


async def test_a_disk_that_takes_seconds_for_a_write_costs_no_footage_until_the_queue_is_full(tmp_path):
    async with site(tmp_path, 1) as here:
        await here.record(2)
        here.disks[0].hold = Event()
        here.recorder.write(video(2, 20))  # twenty seconds of it fit into the queue
        here.at_s = 22
        assert here.recorder.trouble is None
        here.disks[0].hold.set()
        await here.volumes.settled()
        await here.recorder.close()
        assert here.told() == [("present", None)]


async def test_a_disk_too_slow_loses_its_camera_to_another(tmp_path, monkeypatch):
    monkeypatch.setattr(writer, "MAX_QUEUED_BYTES", 70_000)
    async with site(tmp_path, 2) as here:
        await here.record(2)
        home = here.volumes.home(CAMERA)
        slow = here.disks[list(here.volumes).index(home)]
        slow.hold = Event()
        for second in range(2, 10):
            here.recorder.write(video(second, 1, size=1000))
            await asyncio.sleep(0.2)  # the other disk keeps pace
        here.at_s = 10
        assert home.trouble is not None
        assert here.volumes.home(CAMERA) is not home
        slow.hold.set()
        await asyncio.gather(*(volume.settled() for volume in here.volumes))
        await here.recorder.close()
        assert home.trouble is None, "back by itself"
        assert here.told() in (
            [("present", None)],
            [("present", None), ("missing", Cause.VOLUME_FAILING), ("present", None)],
        )
        assert here.present_s() >= 9, "what was queued is kept, and the next second goes elsewhere"


# --- Live and the state ---------------------------------------------------------------------------


@dataclass
class Watched:
    """What viewers are shown, counted where it leaves for them."""

    shown: int = 0


@pytest.mark.parametrize("slow", [False, True], ids=["failing", "slow"])
async def test_live_plays_on_and_the_state_names_the_volume(tmp_path, monkeypatch, slow):
    clock, disk, watched = SetClock(), FailingDisk(), Watched()
    original = Broadcast.push

    def push(self: Broadcast, samples: Iterable[Sample]) -> None:
        samples = list(samples)
        watched.shown += len(samples)
        original(self, samples)

    monkeypatch.setattr(Broadcast, "push", push)
    volume = Volume.create(tmp_path / "v", size_bytes=GIB, reserve_bytes=0, clock=clock, storage=disk)
    hub = Hub(Volumes([volume]), worker="w", clock=clock, receive=Sources(clock))
    await hub.assign(wanted(CameraAssignment(ONE, "one", MAIN, None)))
    await asyncio.sleep(0.3)
    stream = hub.cameras[ONE].main
    seen = watched.shown
    assert seen > 0
    if slow:
        monkeypatch.setattr(writer, "MAX_QUEUED_BYTES", 2000)
        disk.hold = Event()
    else:
        disk.broken.update(write=errno.EIO, sync=errno.EIO)
    for round in range(2):
        play(stream, [picture(n) for n in range(50 * (round + 1), 50 * (round + 2))], clock)
        await asyncio.sleep(0.3)
    assert watched.shown >= seen + 95, "the live picture notices nothing"
    (said,) = hub.state()["volumes"]
    assert (said["state"], said["cause"], said["path"]) == ("failing", "volume_failing", str(volume.path))
    assert hub.state()["cameras"][str(ONE)]["main"]["cause"] == "volume_failing"
    disk.broken.clear()
    if disk.hold is not None:
        disk.hold.set()
    clock.pass_ns(6 * 10**9)
    await volume.settled()
    await volume.settled()
    assert hub.state()["volumes"][0]["state"] == "writable"
    await hub.close()
    await asyncio.to_thread(volume.close)


# --- What stands in the way when a volume is opened --------------------------------------------------


def test_a_file_among_the_cameras_keeps_no_volume_from_opening(tmp_path):
    Volume.create(tmp_path / "v", size_bytes=GIB, reserve_bytes=0).close()
    (tmp_path / "v" / "cameras" / "notes.txt").write_text("bought in May")
    volume = Volume.open(tmp_path / "v")
    assert volume.trouble is None
    volume.close()
    assert (tmp_path / "v" / "cameras" / "notes.txt").exists()


def test_a_volume_whose_making_was_interrupted_is_made_the_next_time(tmp_path):
    (tmp_path / "v").mkdir()
    (tmp_path / "v" / ".volume.json.new").write_bytes(b'{"form')
    volume = Volume.open_or_create(tmp_path / "v", size_bytes=GIB, reserve_bytes=0, clock=SystemClock())
    volume.close()
