"""How bytes become durable: the one module that knows write, fsync, rename, directory fsync and syncfs.

A file's bytes survive a power cut after ``sync_file``; its *name* only after ``sync_directory`` of the
directory that holds it (POSIX says nothing of names; Linux' fsync(2) says so in its notes).
``sync_filesystem`` does both for everything written to one file system before the call, in one go.

Everything that keeps data takes a ``Storage``, so that a test can hand it one that fails, lies or is slow.
"""

import ctypes
import errno
import fcntl
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

MAX_PIECES = 1024  # IOV_MAX on Linux: more buffers in one writev fail with EINVAL
FILE_MODE = 0o640  # footage is nobody else's
DIRECTORY_MODE = 0o750
COPY_BLOCK = 1024 * 1024  # bytes
SYNC_EACH_MAX = 32  # files that cost less to sync one by one than with all else on their file system

_libc = ctypes.CDLL(None, use_errno=True)


class Storage:
    """The real file system. Every method raises OSError and nothing else; descriptors are plain ints."""

    def create(self, path: Path) -> int:
        """A new, empty file, open for reading and writing; FileExistsError if the name is taken."""
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, FILE_MODE)

    def open(self, path: Path) -> int:
        """An existing file, open for reading and writing."""
        return os.open(path, os.O_RDWR | os.O_CLOEXEC)

    def open_to_read(self, path: Path) -> int:
        """An existing file that nobody may change."""
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)

    def close(self, descriptor: int) -> None:
        os.close(descriptor)

    def lock(self, descriptor: int) -> bool:
        """Take the file's exclusive ``flock`` without waiting; False when somebody has it. Closing gives it
        back.
        """
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def wait_for_lock(self, descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)

    def write_at(self, descriptor: int, pieces: Sequence[bytes], offset: int) -> int:
        """Write the pieces one behind the other, uncopied, from this offset.

        A retry at the same offset writes over whatever part of a failed attempt got through.

        Returns:
            Bytes written: all of them.
        """
        total = 0
        for first in range(0, len(pieces), MAX_PIECES):
            total += self._write_group(descriptor, pieces[first : first + MAX_PIECES], offset + total)
        return total

    def _write_group(self, descriptor: int, pieces: Sequence[bytes], offset: int) -> int:
        wanted = sum(map(len, pieces))
        written = os.pwritev(descriptor, pieces, offset)
        while written < wanted:  # the disk ran full, a signal came, or there were more than 2 GiB
            rest = _from(pieces, written)
            more = os.pwritev(descriptor, rest, offset + written)
            if more == 0:
                raise OSError(errno.EIO, "the file system takes no more bytes and gives no reason")
            written += more
        return written

    def read_at(self, descriptor: int, length: int, offset: int) -> bytes:
        """At most ``length`` bytes; fewer only at the end of the file."""
        return os.pread(descriptor, length, offset)

    def size(self, descriptor: int) -> int:
        return os.fstat(descriptor).st_size

    def truncate(self, descriptor: int, length: int) -> None:
        os.ftruncate(descriptor, length)

    def sync_file(self, descriptor: int) -> None:
        os.fsync(descriptor)

    def sync_directory(self, path: Path) -> None:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def sync_filesystem(self, path: Path) -> None:
        """Everything written so far to the file system that holds ``path``: syncfs(2), which reports write
        errors since Linux 5.8."""
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            if _libc.syncfs(descriptor) != 0:
                number = ctypes.get_errno()
                raise OSError(number, os.strerror(number), str(path))
        finally:
            os.close(descriptor)

    def make_directories(self, path: Path) -> bool:
        """The directory and its missing parents; True if any was made, whose names then still want a sync."""
        if path.is_dir():
            return False
        path.mkdir(DIRECTORY_MODE, parents=True, exist_ok=True)
        return True

    def unlink(self, path: Path) -> None:
        """Take the name away; nothing happens if there is none. The name is gone for good after
        ``sync_directory``. Nothing but ``recording.removal`` calls this.
        """
        path.unlink(missing_ok=True)

    def replace(self, draft: Path, path: Path) -> None:
        """Give a finished file its name, in the same directory; durable after ``sync_directory``."""
        os.replace(draft, path)

    def write_atomically(self, path: Path, data: bytes, mode: int = FILE_MODE) -> None:
        """The file has the old content or the new, whatever happens, and the new once this returns."""
        draft = path.with_name(f".{path.name}.new")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
        try:
            os.fchmod(descriptor, mode)  # also of a draft that a crash has left
            self.write_at(descriptor, [data], 0)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        self.replace(draft, path)
        self.sync_directory(path.parent)

    def write_many(self, root: Path, files: Mapping[Path, bytes], mode: int = FILE_MODE) -> None:
        """Files below ``root``, in place, all durable once this returns; a crash before may leave any of them
        torn. So it is for files that nobody reads before something written later names them.
        """
        for path, data in files.items():
            path.parent.mkdir(mode | (mode & 0o444) >> 2, parents=True, exist_ok=True)  # entered by who reads
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
            try:
                self.write_at(descriptor, [data], 0)
                if len(files) <= SYNC_EACH_MAX:
                    self.sync_file(descriptor)
            finally:
                os.close(descriptor)
        if len(files) > SYNC_EACH_MAX:
            self.sync_filesystem(root)
            return
        for directory in {each for path in files for each in path.parents if each.is_relative_to(root)}:
            self.sync_directory(directory)

    def copy_atomically(self, source: int, length: int, path: Path) -> None:
        """As ``write_atomically``, of the first ``length`` bytes of an open file, a block at a time."""
        draft = path.with_name(f".{path.name}.new")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, FILE_MODE)
        try:
            for offset in range(0, length, COPY_BLOCK):
                block = self.read_at(source, min(COPY_BLOCK, length - offset), offset)
                self.write_at(descriptor, [block], offset)
            self.sync_file(descriptor)
        finally:
            self.close(descriptor)
        self.replace(draft, path)
        self.sync_directory(path.parent)

    def free_bytes(self, path: Path) -> int:
        """What an unprivileged writer may still put on the file system that holds ``path``."""
        figures = os.statvfs(path)
        return figures.f_bavail * figures.f_frsize


def _from(pieces: Sequence[bytes], skip: int) -> list[memoryview]:
    """The pieces without their first ``skip`` bytes."""
    rest = []
    for piece in pieces:
        if skip < len(piece):
            rest.append(memoryview(piece)[skip:])
            skip = 0
        else:
            skip -= len(piece)
    return rest


DISK = Storage()
