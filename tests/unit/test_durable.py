"""Durable writes: what holds whatever the system call does."""

import os
from pathlib import Path

import pytest

from bingjian.durable import DISK, MAX_PIECES, SYNC_EACH_MAX, Storage


@pytest.fixture
def file(tmp_path: Path):
    path = tmp_path / "file"
    descriptor = DISK.create(path)
    yield path, descriptor
    DISK.close(descriptor)


def test_more_pieces_than_one_call_takes(file):
    path, descriptor = file
    pieces = [bytes([n % 256]) * (n % 7) for n in range(2 * MAX_PIECES + 3)]
    assert DISK.write_at(descriptor, pieces, 5) == len(b"".join(pieces))
    assert path.read_bytes() == bytes(5) + b"".join(pieces)


def test_short_writes_are_completed(file, monkeypatch):
    path, descriptor = file
    whole = os.pwritev
    monkeypatch.setattr(os, "pwritev", lambda fd, pieces, at: whole(fd, [b"".join(pieces)[:3]], at))
    DISK.write_at(descriptor, [b"", b"ab", b"", b"cdefg", b"hi"], 0)
    assert path.read_bytes() == b"abcdefghi"


def test_a_file_system_that_takes_nothing_more_is_an_error(file, monkeypatch):
    _, descriptor = file
    monkeypatch.setattr(os, "pwritev", lambda fd, pieces, at: 0)
    with pytest.raises(OSError, match="takes no more"):
        DISK.write_at(descriptor, [b"ab"], 0)


def test_a_name_is_taken_once(file):
    with pytest.raises(FileExistsError):
        DISK.create(file[0])


def test_one_lock_at_a_time(file):
    path, descriptor = file
    other = DISK.open(path)
    assert DISK.lock(descriptor)
    assert not DISK.lock(other)
    DISK.close(other)


def test_write_atomically_replaces_the_whole_content(tmp_path):
    path = tmp_path / "state.json"
    DISK.write_atomically(path, b"a long first version")
    DISK.write_atomically(path, b"short")
    assert path.read_bytes() == b"short"
    assert os.listdir(tmp_path) == ["state.json"]


def test_a_failed_replacement_leaves_the_old_content(tmp_path, monkeypatch):
    path = tmp_path / "state.json"
    DISK.write_atomically(path, b"old")

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "pwritev", fail)
    with pytest.raises(OSError, match="No space"):
        DISK.write_atomically(path, b"new")
    assert path.read_bytes() == b"old"


def test_sync_filesystem_says_what_is_wrong(tmp_path):
    DISK.sync_filesystem(tmp_path)
    with pytest.raises(FileNotFoundError):
        DISK.sync_filesystem(tmp_path / "absent")


def test_free_bytes_is_what_statvfs_says(tmp_path):
    assert 0 < DISK.free_bytes(tmp_path) < 1 << 60


def test_make_directories(tmp_path):
    assert DISK.make_directories(tmp_path / "a" / "b")
    assert not DISK.make_directories(tmp_path / "a" / "b")


class CountingDisk(Storage):
    """The real disk, which remembers what was synced."""

    def __init__(self):
        self.files, self.directories, self.filesystems = 0, set(), 0

    def sync_file(self, descriptor):
        self.files += 1
        super().sync_file(descriptor)

    def sync_directory(self, path):
        self.directories.add(path)
        super().sync_directory(path)

    def sync_filesystem(self, path):
        self.filesystems += 1
        super().sync_filesystem(path)


def test_a_few_files_are_synced_with_every_name_on_their_way(tmp_path):
    disk, path = CountingDisk(), tmp_path / "a" / "b" / "file"
    disk.write_many(tmp_path, {path: b"new", tmp_path / "other": b"more"}, 0o600)
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", 0o600)
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert (disk.files, disk.filesystems) == (2, 0)
    assert disk.directories == {tmp_path, tmp_path / "a", tmp_path / "a" / "b"}


def test_many_files_are_synced_at_once(tmp_path):
    disk = CountingDisk()
    disk.write_many(tmp_path, {tmp_path / str(n): b"x" for n in range(SYNC_EACH_MAX + 1)}, 0o600)
    assert (disk.files, disk.directories, disk.filesystems) == (0, set(), 1)
    assert len(os.listdir(tmp_path)) == SYNC_EACH_MAX + 1
