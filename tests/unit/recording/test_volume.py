"""What may be opened as a volume, and what is refused in one sentence."""

import json
import shutil
import sqlite3
from pathlib import Path
from uuid import uuid4

import pytest

from bingjian.recording import presence, reader
from bingjian.recording.catalogue import Catalogue, CatalogueError
from bingjian.recording.known import KnownVolumes
from bingjian.recording.volume import CATALOGUE_FILE, OWN_FILES, Volume, VolumeError
from tests.unit.recording.footage import (
    CAMERA,
    GIB,
    READ_ONLY,
    FailingDisk,
    recorder,
    seconds,
    video,
    video_config,
)


def test_create_then_open_is_the_same_volume(tmp_path):
    known = KnownVolumes(tmp_path / "known.json")
    made = Volume.create(tmp_path / "a" / "b", size_bytes=GIB, reserve_bytes=5, known=known)
    made.close()
    again = Volume.open(tmp_path / "a" / "b", known=known)
    assert (again.identity, again.repairs, again.trouble) == (made.identity, [], None)
    again.close()


def test_its_own_files_are_the_documented_ones(volume):
    assert {path.name for path in volume.path.iterdir()} <= {*OWN_FILES, "cameras"}


def test_a_directory_with_something_else_in_it_is_refused(tmp_path):
    (tmp_path / "holiday.jpg").write_bytes(b"")
    with pytest.raises(VolumeError, match="not empty"):
        Volume.create(tmp_path, size_bytes=GIB, reserve_bytes=0)
    with pytest.raises(VolumeError, match="is not a volume"):
        Volume.open(tmp_path)


def swap(one: Path, other: Path) -> None:
    one.rename(one.with_name("aside"))
    other.rename(one)


def test_another_volume_at_the_path_is_refused(tmp_path):
    known = KnownVolumes(tmp_path / "known.json")
    for name in "ab":
        Volume.create(tmp_path / name, size_bytes=GIB, reserve_bytes=0, known=known).close()
    swap(tmp_path / "a", tmp_path / "b")
    with pytest.raises(VolumeError, match="was there before"):
        Volume.open(tmp_path / "a", known=known)
    assert known.forget(tmp_path / "a")
    Volume.open(tmp_path / "a", known=known).close()


def test_an_old_copy_of_the_right_volume_is_refused(tmp_path):
    known = KnownVolumes(tmp_path / "known.json")
    Volume.create(tmp_path / "a", size_bytes=GIB, reserve_bytes=0, known=known).close()
    shutil.copytree(tmp_path / "a", tmp_path / "copy")
    Volume.open(tmp_path / "a", known=known).close()
    swap(tmp_path / "a", tmp_path / "copy")
    with pytest.raises(VolumeError, match="old copy"):
        Volume.open(tmp_path / "a", known=known)


def test_another_volumes_catalogue_is_refused(tmp_path):
    for name in "ab":
        Volume.create(tmp_path / name, size_bytes=GIB, reserve_bytes=0).close()
    shutil.copy(tmp_path / "b" / CATALOGUE_FILE, tmp_path / "a" / CATALOGUE_FILE)
    with pytest.raises(VolumeError, match="belongs to another volume"):
        Volume.open(tmp_path / "a")


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b'{"/v": {"id": "x", "generation": 1}}'])
def test_a_damaged_memory_of_volumes_is_said(tmp_path, content):
    (tmp_path / "known.json").write_bytes(content)
    known = KnownVolumes(tmp_path / "known.json")
    with pytest.raises(VolumeError, match=r"known\.json is damaged"):
        Volume.create(tmp_path / "a", size_bytes=GIB, reserve_bytes=0, known=known)


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff", b'{"format": 1, "id": "x"}'])
def test_a_damaged_identity_is_refused(tmp_path, content):
    (tmp_path / "volume.json").write_bytes(content)
    with pytest.raises(VolumeError, match="damaged"):
        Volume.open(tmp_path)


def test_a_later_format_is_refused(tmp_path):
    (tmp_path / "volume.json").write_text(json.dumps({"format": 2}))
    with pytest.raises(VolumeError, match="format 2"):
        Volume.open(tmp_path)


def test_a_catalogue_of_another_volume_is_refused(tmp_path):
    first, second = (Volume.create(tmp_path / name, size_bytes=GIB, reserve_bytes=0) for name in "ab")
    first.close()
    second.close()
    (first.path / "catalogue.sqlite3").replace(second.path / "catalogue.sqlite3")
    with pytest.raises(VolumeError, match="another volume"):
        Volume.open(second.path)


def test_a_catalogue_of_a_later_version_is_refused(tmp_path):
    id = uuid4()
    Catalogue(tmp_path / "c", id).close()
    with sqlite3.connect(tmp_path / "c") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(CatalogueError, match="version 99"):
        Catalogue(tmp_path / "c", id)


def test_a_catalogue_that_is_no_database_is_refused(tmp_path):
    made = Volume.create(tmp_path / "v", size_bytes=GIB, reserve_bytes=0)
    made.close()
    (made.path / "catalogue.sqlite3").write_bytes(b"not a database, but long enough to look like one" * 100)
    with pytest.raises(VolumeError, match="cannot be recorded to"):
        Volume.open(made.path)


def test_a_disk_that_cannot_be_written_to_is_refused(tmp_path):
    with pytest.raises(VolumeError, match="Read-only file system"):
        Volume.create(
            tmp_path / "v", size_bytes=GIB, reserve_bytes=0, storage=FailingDisk(broken={"write": READ_ONLY})
        )


def test_open_or_create_takes_over_new_limits(tmp_path):
    made = Volume.open_or_create(tmp_path / "v", size_bytes=GIB, reserve_bytes=0)
    made.close()
    again = Volume.open_or_create(tmp_path / "v", size_bytes=2 * GIB, reserve_bytes=7)
    again.close()
    assert again.id == made.id
    assert (again.identity.size_bytes, again.identity.reserve_bytes) == (2 * GIB, 7)
    assert Volume.open(tmp_path / "v", read_only=True).identity == again.identity


async def test_free_bytes_counts_what_is_stored(volume, clock):
    before = volume.free_bytes()
    assert before == GIB
    one = recorder(volume, clock)
    one.set_tracks((video_config(),))
    one.write(video(0, 10, size=5000))
    await one.close()
    clock.advance(3)
    await volume.settled()
    stored = sum(path.stat().st_size for path in volume.path.glob("cameras/*/*/*"))
    assert volume.free_bytes() == before - stored


async def test_the_reserve_stays_free(tmp_path, clock):
    disk = FailingDisk(free=5000)
    volume = Volume.create(tmp_path / "v", size_bytes=GIB, reserve_bytes=4000, clock=clock, storage=disk)
    assert volume.free_bytes() == 1000
    volume.close()


async def test_a_read_only_volume_serves_what_it_has(volume, clock):
    one = recorder(volume, clock)
    one.set_tracks((video_config(),))
    one.write(video(0, 3))
    await volume.settled()
    other = Volume.open(volume.path, read_only=True)
    assert [span.kind for span in presence.spans([other], CAMERA, seconds(0), seconds(3))] == ["present"]
    assert other.trouble is not None
    other.close()
    await one.close()


async def test_closing_the_volume_closes_what_is_open(tmp_path, clock):
    volume = Volume.create(tmp_path / "v", size_bytes=GIB, reserve_bytes=0, clock=clock)
    one = recorder(volume, clock)
    one.set_tracks((video_config(),))
    one.write(video(0, 3))
    volume.close()
    again = Volume.open(tmp_path / "v", clock=clock)
    assert again.repairs == []
    assert [kept.closed for kept in reader.segments([again], CAMERA, 0, 1 << 62)] == [True]
    again.close()
