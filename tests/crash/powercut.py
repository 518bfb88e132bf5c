"""A machine whose power can be cut: what was synced stays, of the rest any part, torn at any byte.

``PowerCut`` is the real file system with a second account in memory of what a disk is *bound* to have kept.
It counts as POSIX does and no better:

- A file's bytes are kept after ``sync_file`` or a sync of the whole file system, and only if they were
  written before that sync began. Of later writes each may be there, or not, or in part, or as zeros (the
  file has grown, its blocks have not arrived), in any order.
- A name (made, replaced, taken away) is kept after ``sync_directory`` of its directory, or a sync of the file
  system. fsync of a file says nothing of its name. A directory that was not kept takes all below it along.

SQLite does not go through this seam. Its part is modelled so: with WAL and ``synchronous=FULL`` a COMMIT has
returned only when its frames were synced, so the write-ahead log is kept up to its length at our last
operation (all commits before it are the same thread's and have returned) and cut at any byte behind that.
What is *not* modelled: a checkpoint interrupted by the cut. None happens in runs this short (SQLite begins
one at 1000 pages), and its order of syncs is SQLite's own proof, not ours.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import RLock
from typing import Literal, NamedTuple

from bingjian.durable import FILE_MODE, Storage

CATALOGUE = "catalogue.sqlite3"
LOG = f"{CATALOGUE}-wal"


class Write(NamedTuple):
    offset: int
    data: bytes


class Truncate(NamedTuple):
    length: int


@dataclass(slots=True)
class Content:
    """One file's bytes: what is kept, and what was done since."""

    kept: bytes = b""
    since: list[Write | Truncate] = field(default_factory=list)

    def synced(self, operations: int) -> None:
        """Of those since, so many had been done when the sync began."""
        for one in self.since[:operations]:
            self.kept = applied(self.kept, one)
        del self.since[:operations]


def applied(data: bytes, one: Write | Truncate) -> bytes:
    if isinstance(one, Truncate):
        return data[: one.length].ljust(one.length, b"\0")
    return data[: one.offset].ljust(one.offset, b"\0") + one.data + data[one.offset + len(one.data) :]


class NameChange(NamedTuple):
    """Atomic: it has happened, or not at all."""

    directory: Path
    appears: Path | None
    what: Content | None  # None: a directory
    vanishes: Path | None


Names = dict[Path, Content | None]


class PowerCut(Storage):
    """See the module. What lies below ``root`` when it begins counts as kept."""

    def __init__(self, root: Path, *, sync_s: float = 0.0) -> None:
        """``sync_s``: how long a sync of the file system takes."""
        self._root = root
        self._sync_s = sync_s
        self._lock = RLock()
        self._names: Names = {}  # as the running program sees them
        self._kept: Names = {}
        self._since: list[NameChange] = []
        self._open: dict[int, Content] = {}
        self._log_bytes = 0  # of the catalogue's write-ahead log, synced for certain
        for path in sorted(root.rglob("*")) if root.is_dir() else []:
            if not path.name.startswith(CATALOGUE):
                self._names[path] = self._kept[path] = Content(path.read_bytes()) if path.is_file() else None

    # --- The seam

    def create(self, path: Path) -> int:
        with self._operation():
            descriptor = super().create(path)
            content = self._open[descriptor] = Content()
            self._change(NameChange(path.parent, path, content, None))
            return descriptor

    def open(self, path: Path) -> int:
        with self._operation():
            descriptor = super().open(path)
            content = self._names.setdefault(path, Content(path.read_bytes()))
            assert content is not None
            self._open[descriptor] = content
            return descriptor

    def close(self, descriptor: int) -> None:
        with self._operation():
            self._open.pop(descriptor, None)
            super().close(descriptor)

    def write_at(self, descriptor: int, pieces: Sequence[bytes], offset: int) -> int:
        with self._operation():
            written = super().write_at(descriptor, pieces, offset)
            self._open[descriptor].since.append(Write(offset, b"".join(pieces)))
            return written

    def truncate(self, descriptor: int, length: int) -> None:
        with self._operation():
            super().truncate(descriptor, length)
            self._open[descriptor].since.append(Truncate(length))

    def sync_file(self, descriptor: int) -> None:
        with self._operation():
            content = self._open[descriptor]
            content.synced(len(content.since))

    def sync_directory(self, path: Path) -> None:
        with self._operation():
            for change in [one for one in self._since if one.directory == path]:
                self._keep(change)

    def sync_filesystem(self, path: Path) -> None:
        """Takes its time, in which others may go on, and vouches for what came before it."""
        with self._operation():
            names = list(self._since)
            contents = {id(one): (one, len(one.since)) for one in self._names.values() if one is not None}
        time.sleep(self._sync_s)
        with self._lock:
            for content, operations in contents.values():
                content.synced(operations)
            for change in names:
                self._keep(change)

    def make_directories(self, path: Path) -> bool:
        with self._operation():
            missing = [one for one in (path, *path.parents) if not one.is_dir()]
            made = super().make_directories(path)
            for one in reversed(missing):
                self._change(NameChange(one.parent, one, None, None))
            return made

    def unlink(self, path: Path) -> None:
        with self._operation():
            super().unlink(path)
            if path in self._names:
                self._change(NameChange(path.parent, None, None, path))

    def replace(self, draft: Path, path: Path) -> None:
        with self._operation():
            super().replace(draft, path)
            self._change(NameChange(path.parent, path, self._names[draft], draft))

    def write_atomically(self, path: Path, data: bytes, mode: int = FILE_MODE) -> None:
        """The same steps as the real one, each of which may be the last."""
        draft = path.with_name(f".{path.name}.new")
        with self._operation():
            draft.write_bytes(data)
            draft.chmod(mode)
            content = Content(since=[Write(0, data)])
            self._change(NameChange(path.parent, draft, content, None))
        with self._operation():
            content.synced(1)
        self.replace(draft, path)
        self.sync_directory(path.parent)

    # --- The account

    def _operation(self) -> RLock:
        """Before every operation: the thread that is here has no commit under way."""
        self._lock.acquire()
        log = self._root / LOG
        self._log_bytes = log.stat().st_size if log.exists() else 0
        self._lock.release()
        return self._lock

    def _change(self, change: NameChange) -> None:
        self._since.append(change)
        rename(self._names, change)

    def _keep(self, change: NameChange) -> None:
        if change in self._since:
            self._since.remove(change)
            rename(self._kept, change)

    def freeze(self) -> "Remains":
        """What a power cut this very moment would leave. Nobody gets an operation through meanwhile."""
        with self._lock:
            copies: dict[int, Content] = {}

            def copy(one: Content | None) -> Content | None:
                if one is None:
                    return None
                return copies.setdefault(id(one), Content(one.kept, list(one.since)))

            changes = [one._replace(what=copy(one.what)) for one in self._since]
            return Remains(
                self._root,
                {path: copy(one) for path, one in self._kept.items()},
                changes,
                content_of(self._root / CATALOGUE),
                content_of(self._root / LOG),
                self._log_bytes,
            )


def content_of(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""


def rename(names: Names, change: NameChange) -> None:
    if change.vanishes is not None:
        names.pop(change.vanishes, None)
    if change.appears is not None:
        names[change.appears] = change.what


# --- What is left ---------------------------------------------------------------------------------

Mood = Literal["nothing more", "everything", "anything"]


@dataclass(frozen=True, slots=True)
class Remains:
    """What the disk is bound to have, and what it may have besides."""

    root: Path
    kept: Names
    since: list[NameChange]
    catalogue: bytes
    log: bytes
    log_bytes: int

    def materialise(self, target: Path, chance: Random) -> None:
        """One of the disks that the cut may leave, written to ``target``."""
        mood: Mood = chance.choice(("nothing more", "everything", "anything", "anything"))
        names = dict(self.kept)
        for change in self.since:
            if mood == "everything" or (mood == "anything" and chance.random() < 0.5):
                rename(names, change)
        target.mkdir(parents=True)
        for path in sorted(names):
            self._write(target / path.relative_to(self.root), names[path], mood, chance)
        if self.catalogue:
            (target / CATALOGUE).write_bytes(self.catalogue)
            torn = chance.randint(self.log_bytes, len(self.log))
            (target / LOG).write_bytes(self.log[: chance.choice((self.log_bytes, torn, len(self.log)))])

    @staticmethod
    def _write(path: Path, content: Content | None, mood: Mood, chance: Random) -> None:
        if not path.parent.is_dir():
            return  # its directory was not kept
        if content is None:
            path.mkdir(exist_ok=True)
            return
        data = content.kept
        for one in left_of(content.since, mood, chance):
            data = applied(data, one)
        path.write_bytes(data)


def left_of(since: Sequence[Write | Truncate], mood: Mood, chance: Random) -> Iterator[Write | Truncate]:
    if mood == "nothing more":
        return
    for one in since:
        fate = chance.choice(("whole", "none", "torn", "zeros")) if mood == "anything" else "whole"
        if fate == "none":
            continue
        if isinstance(one, Truncate) or fate == "whole":
            yield one
        elif fate == "torn":
            yield Write(one.offset, one.data[: chance.randint(0, len(one.data))])
        else:
            yield Write(one.offset, bytes(len(one.data)))
