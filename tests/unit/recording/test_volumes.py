"""Several volumes: where a camera goes, what happens when one fails, and how its time is told together."""

import errno
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from bingjian.recording import presence
from bingjian.recording.cause import Cause
from bingjian.recording.recorder import Recorder
from bingjian.recording.volume import Volume, VolumeError
from bingjian.recording.volumes import Volumes, VolumeWish
from tests.unit.recording.footage import (
    CAMERA,
    GIB,
    FailingDisk,
    StandingClock,
    seconds,
    video,
    video_config,
)


@pytest.fixture
def disks() -> list[FailingDisk]:
    return [FailingDisk(), FailingDisk()]


@pytest.fixture
def volumes(tmp_path: Path, clock: StandingClock, disks: list[FailingDisk]) -> Iterator[Volumes]:
    made = [
        Volume.create(tmp_path / name, size_bytes=size, reserve_bytes=0, clock=clock, storage=disk)
        for name, size, disk in zip("ab", (GIB, 3 * GIB), disks, strict=True)
    ]
    several = Volumes(made)
    yield several
    for disk in disks:
        disk.broken.clear()
    several.close()


def recorder_in(volumes: Volumes, clock: StandingClock, camera: UUID = CAMERA) -> Recorder:
    one = Recorder(volumes, camera, worker="w", epoch=1, clock=clock)
    one.set_tracks((video_config(),))
    return one


def told(volumes: Volumes, start_s: float, end_s: float) -> list[tuple[float, float, str, Cause | None]]:
    spans = presence.spans(volumes, CAMERA, seconds(start_s), seconds(end_s))
    return [
        ((s.start_90k - seconds(0)) / 90_000, (s.end_90k - seconds(0)) / 90_000, s.kind, s.cause)
        for s in spans
    ]


def test_cameras_are_spread_by_what_they_bring_and_what_a_volume_holds(volumes):
    small, large = volumes
    for _ in range(40):
        assert volumes.place(uuid4(), 500_000.0) is not None
    assert [volumes.load(one)[1] for one in (small, large)] == [10, 30]
    assert volumes.load(small)[0] == pytest.approx(10 * 500_000)


def test_a_camera_stays_where_it_is(volumes):
    first = volumes.place(CAMERA, 1.0)
    for _ in range(10):
        volumes.place(uuid4(), 9e6)
        assert volumes.place(CAMERA, 1.0) is first


async def test_a_camera_comes_back_to_the_volume_of_its_newest_footage(volumes, tmp_path, clock):
    one = recorder_in(volumes, clock)
    one.write(video(0, 3))
    await one.close()
    home = volumes.home(CAMERA)
    volumes.close()
    wishes = [VolumeWish(tmp_path / name, size, 0) for name, size in (("a", GIB), ("b", 3 * GIB))]
    again = Volumes.open(wishes, clock=clock)
    assert again.home(CAMERA).id == home.id
    again.close()


async def test_a_failing_volume_loses_its_camera_to_another_and_the_gap_is_named(volumes, disks, clock):
    one = recorder_in(volumes, clock)
    one.write(video(0, 4))
    await volumes.settled()
    failing = volumes.home(CAMERA)
    disk = disks[list(volumes).index(failing)]
    disk.broken.update(write=errno.EIO, sync=errno.EIO)
    one.write(video(4, 1.04))  # found out while this is written
    await failing.settled()
    assert failing.trouble is not None
    assert one.trouble is None, "another volume takes the camera"
    one.write(video(5.04, 3.96))
    await one.close()
    assert volumes.home(CAMERA) is not failing
    assert [(kind, cause) for _, _, kind, cause in told(volumes, 0, 9)] == [
        ("present", None),
        ("missing", Cause.VOLUME_FAILING),
        ("present", None),
    ]
    assert told(volumes, 0, 9)[1][:2] == (4, 5), "exact to the frame"


async def test_when_the_failing_volume_is_back_the_time_is_still_told_right(volumes, disks, clock):
    one = recorder_in(volumes, clock)
    one.write(video(0, 4))
    await volumes.settled()
    failing = volumes.home(CAMERA)
    disk = disks[list(volumes).index(failing)]
    disk.broken.update(write=errno.EIO, sync=errno.EIO)
    one.write(video(4, 1.04))
    await failing.settled()
    one.write(video(6, 3))
    await volumes.settled()
    disk.broken.clear()
    clock.advance(6)
    await failing.settled()
    await failing.settled()
    assert failing.trouble is None
    one.write(video(9, 3))
    await one.close()
    assert [(kind, cause) for _, _, kind, cause in told(volumes, 0, 11.5)] == [
        ("present", None),
        ("missing", Cause.VOLUME_FAILING),
        ("present", None),
    ]


async def test_with_every_volume_failing_the_camera_says_so(volumes, disks, clock):
    one = recorder_in(volumes, clock)
    one.write(video(0, 2))
    await volumes.settled()
    for disk in disks:
        disk.broken.update(write=errno.EIO, sync=errno.EIO, create=errno.EIO)
    one.write(video(2, 2.04))
    await volumes.home(CAMERA).settled()
    one.write(video(5, 3))
    for volume in volumes:
        await volume.settled()
    one.write(video(8, 2))
    assert one.trouble is not None
    assert one.trouble.cause is Cause.VOLUME_FAILING
    assert not one.recording
    for disk in disks:
        disk.broken.clear()
    clock.advance(6)
    for volume in volumes:
        await volume.settled()
        await volume.settled()
    one.write(video(12, 3))
    await one.close()
    kinds = [(kind, cause) for _, _, kind, cause in told(volumes, 0, 15)]
    assert kinds == [("present", None), ("missing", Cause.VOLUME_FAILING), ("present", None)]


async def test_a_catalogue_that_cannot_be_read_takes_nothing_from_the_others(volumes, clock):
    one = recorder_in(volumes, clock)
    one.write(video(0, 3))
    await one.close()
    home = volumes.home(CAMERA)
    other = next(volume for volume in volumes if volume is not home)
    before = told(volumes, 0, 3)
    (other.path / "catalogue.sqlite3").write_bytes(b"no database" * 1000)
    assert told(volumes, 0, 3) == before


def test_a_volume_that_is_away_is_opened_when_it_comes(tmp_path, clock):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "something").touch()
    volumes = Volumes.open([VolumeWish(tmp_path / name, GIB, 0) for name in "ab"], clock=clock)
    assert len(list(volumes)) == 1
    assert "not empty" in volumes.closed[tmp_path / "b"]
    assert not volumes.reopen()
    (tmp_path / "b" / "something").unlink()
    assert volumes.reopen()
    assert volumes.closed == {}
    assert len(list(volumes)) == 2
    volumes.close()


def test_without_any_volume_nothing_begins(tmp_path, clock):
    (tmp_path / "a").write_bytes(b"")
    with pytest.raises(VolumeError):
        Volumes.open([VolumeWish(tmp_path / "a", GIB, 0)], clock=clock)
