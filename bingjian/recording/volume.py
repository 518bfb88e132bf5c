"""A volume: a directory that footage is kept in, with an identity, a size, a reserve and its own catalogue.

    volume.json          who it is and how large it may grow
    volume.lock          held while a process repairs what others left open
    catalogue.sqlite3    (and its -wal, -shm) segments and gaps
    cameras/…            segments and their indexes
    .probe               tried when the disk has failed

It describes itself: carried to another machine, its footage is served there. Several processes may record
into one volume at a time; each open segment is locked by the one that writes it."""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TypeVar
from uuid import UUID, uuid4

from bingjian.clock import Clock, SystemClock, utc_now
from bingjian.durable import DISK, Storage
from bingjian.recording import recovery, removal
from bingjian.recording.catalogue import Catalogue, CatalogueError, connect
from bingjian.recording.cause import Cause
from bingjian.recording.known import KnownVolumes, UnknownVolume
from bingjian.recording.writer import PROBE_NAME, Command, Settle, Trouble, Writer

FORMAT = 1
IDENTITY_FILE, LOCK_FILE, CATALOGUE_FILE, CAMERAS = (
    "volume.json",
    "volume.lock",
    "catalogue.sqlite3",
    "cameras",
)
DRAFT = f".{IDENTITY_FILE}.new"  # all that an interrupted ``create`` leaves
GENERATION = "generation"  # in the catalogue's meta: how often the volume was opened
OWN_FILES = (
    IDENTITY_FILE,
    LOCK_FILE,
    CATALOGUE_FILE,
    f"{CATALOGUE_FILE}-wal",
    f"{CATALOGUE_FILE}-shm",
    PROBE_NAME,
)

T = TypeVar("T")
TroubleListener = Callable[[Trouble | None], None]


class VolumeError(Exception):
    """The directory cannot be used as a volume; carries one plain sentence."""


@dataclass(frozen=True, slots=True)
class VolumeIdentity:
    """What ``volume.json`` says."""

    id: UUID
    size_bytes: int  # that footage may take
    reserve_bytes: int  # that stay free on the disk
    created: str  # RFC 3339

    @classmethod
    def read(cls, root: Path) -> "VolumeIdentity":
        """Raises VolumeError."""
        try:
            said = json.loads((root / IDENTITY_FILE).read_bytes())
            if said["format"] != FORMAT:
                raise VolumeError(
                    f"{root} is a volume of format {said['format']}, this program knows {FORMAT}"
                )
            return cls(
                UUID(said["id"]), int(said["size_bytes"]), int(said["reserve_bytes"]), str(said["created"])
            )
        except FileNotFoundError:
            raise VolumeError(f"{root} is not a volume: it has no {IDENTITY_FILE}") from None
        except OSError as wrong:
            raise VolumeError(f"{root} cannot be read: {wrong.strerror}") from wrong
        except (ValueError, KeyError, TypeError, AttributeError) as wrong:
            raise VolumeError(f"{root / IDENTITY_FILE} is damaged") from wrong

    def write(self, root: Path, storage: Storage) -> None:
        said = {
            "format": FORMAT,
            "id": str(self.id),
            "size_bytes": self.size_bytes,
            "reserve_bytes": self.reserve_bytes,
            "created": self.created,
        }
        storage.write_atomically(root / IDENTITY_FILE, json.dumps(said, indent=2).encode() + b"\n")


class Volume:
    """An open volume. ``create``, ``open`` and ``close`` block; nothing else does."""

    def __init__(self, root: Path, identity: VolumeIdentity, clock: Clock, storage: Storage) -> None:
        """Use ``open`` or ``create``."""
        self.path = root
        self.identity = identity
        self.clock = clock
        self.storage = storage
        self.repairs: list[recovery.Repair] = []  # what opening it had to mend
        self._listeners: list[tuple[asyncio.AbstractEventLoop, TroubleListener]] = []
        self._readers: SimpleQueue[sqlite3.Connection] = SimpleQueue()
        self._catalogue: Catalogue | None = None
        self._writer: Writer | None = None

    @property
    def id(self) -> UUID:
        return self.identity.id

    # --- Opening ----------------------------------------------------------------------------------

    @classmethod
    def create(
        cls,
        path: Path,
        *,
        size_bytes: int,
        reserve_bytes: int,
        clock: Clock | None = None,
        storage: Storage = DISK,
        known: KnownVolumes | None = None,
    ) -> "Volume":
        """A new volume in an empty or absent directory, ready to record. Raises VolumeError."""
        clock = clock or SystemClock()
        try:
            storage.make_directories(path)
            if any(one.name != DRAFT for one in path.iterdir()):
                raise VolumeError(f"{path} is not empty, and no volume")
            identity = VolumeIdentity(uuid4(), size_bytes, reserve_bytes, utc_now(clock).isoformat())
            identity.write(path, storage)
            storage.sync_directory(path.absolute().parent)
        except OSError as wrong:
            raise VolumeError(f"{path} cannot be made a volume: {wrong.strerror}") from wrong
        return cls.open(path, clock=clock, storage=storage, known=known)

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        clock: Clock | None = None,
        storage: Storage = DISK,
        known: KnownVolumes | None = None,
        read_only: bool = False,
    ) -> "Volume":
        """An existing volume: repaired and ready to record, or, read only, as it stands.

        Raises:
            VolumeError: no volume, a damaged one, one we cannot write to, or not the one that is ``known``.
        """
        identity = VolumeIdentity.read(path)
        volume = cls(path, identity, clock or SystemClock(), storage)
        if not read_only:
            volume._make_writable(known)
        return volume

    @classmethod
    def open_or_create(
        cls,
        path: Path,
        *,
        size_bytes: int,
        reserve_bytes: int,
        clock: Clock | None = None,
        storage: Storage = DISK,
        known: KnownVolumes | None = None,
    ) -> "Volume":
        """The volume at this path with these limits, new if there is none. Raises VolumeError."""
        if not (path / IDENTITY_FILE).exists():
            try:
                return cls.create(
                    path,
                    size_bytes=size_bytes,
                    reserve_bytes=reserve_bytes,
                    clock=clock,
                    storage=storage,
                    known=known,
                )
            except VolumeError:
                if not (path / IDENTITY_FILE).exists():  # else another process was a moment faster
                    raise
        identity = VolumeIdentity.read(path)
        if (identity.size_bytes, identity.reserve_bytes) != (size_bytes, reserve_bytes):
            changed = VolumeIdentity(identity.id, size_bytes, reserve_bytes, identity.created)
            try:
                changed.write(path, storage)
            except OSError as wrong:
                raise VolumeError(f"{path} cannot be written to: {wrong.strerror}") from wrong
        return cls.open(path, clock=clock, storage=storage, known=known)

    def _make_writable(self, known: KnownVolumes | None) -> None:
        try:
            with self._locked():
                self.storage.make_directories(self.path / CAMERAS)
                self._catalogue = Catalogue(self.path / CATALOGUE_FILE, self.id)
                self._next_generation(self._catalogue, known)
                removal.complete(self.path, self._catalogue, self.storage)
                self.repairs = recovery.recover(self.path, self.id, self._catalogue, self.storage)
                self.storage.sync_directory(self.path)
            self._writer = Writer(
                self.path,
                self.id,
                self._catalogue,
                size_bytes=self.identity.size_bytes,
                reserve_bytes=self.identity.reserve_bytes,
                storage=self.storage,
                clock=self.clock,
                on_trouble=self._tell,
            )
        except UnknownVolume as wrong:
            self._close_catalogue()
            raise VolumeError(str(wrong)) from wrong
        except (OSError, sqlite3.Error, CatalogueError) as wrong:
            self._close_catalogue()
            reason = wrong.strerror if isinstance(wrong, OSError) and wrong.strerror else wrong
            raise VolumeError(f"{self.path} cannot be recorded to: {reason}") from wrong
        self._writer.start()

    def _next_generation(self, catalogue: Catalogue, known: KnownVolumes | None) -> None:
        """Count this opening, on both sides: first here, so that an interruption makes nobody a liar."""
        generation = int(catalogue.value(GENERATION) or 0)
        if known is not None:
            known.require(self.path, self.id, generation)
        with catalogue.transaction():
            catalogue.set_value(GENERATION, generation + 1)
        if known is not None:
            known.note(self.path, self.id, generation + 1)

    def own_catalogue(self) -> Catalogue:
        """A connection of one's own that may write, for work that must not hold up the writer. Blocks; close
        it.
        """
        return Catalogue(self.path / CATALOGUE_FILE, self.id)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One process at a time opens a volume, so that none repairs what another is just repairing."""
        path = self.path / LOCK_FILE
        try:
            descriptor = self.storage.create(path)
        except FileExistsError:
            descriptor = self.storage.open(path)
        try:
            self.storage.wait_for_lock(descriptor)
            yield
        finally:
            self.storage.close(descriptor)

    def close(self) -> None:
        """Make everything durable, close every segment, end the thread."""
        if self._writer is not None:
            self._writer.stop()
            self._writer = None
        self._close_catalogue()
        while True:
            try:
                self._readers.get_nowait().close()
            except Empty:
                return

    def _close_catalogue(self) -> None:
        if self._catalogue is not None:
            self._catalogue.close()
            self._catalogue = None

    # --- Writing ----------------------------------------------------------------------------------

    def submit(self, command: Command) -> None:
        """Hand a command to the writer's thread."""
        assert self._writer is not None, "a closed or read-only volume takes no commands"
        self._writer.submit(command)

    async def settled(self) -> None:
        """Return when everything submitted so far is durable (or the volume is in trouble)."""
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        self.submit(Settle(lambda: _on_loop(loop, _resolve, done)))
        await done

    @property
    def trouble(self) -> Trouble | None:
        """Why the volume takes no footage at present."""
        return self._writer.trouble if self._writer is not None else READ_ONLY

    @property
    def busy(self) -> bool:
        """What can wait should not be written now."""
        return self._writer is not None and self._writer.busy

    def on_trouble(self, listener: TroubleListener) -> None:
        """Call ``listener`` on this event loop whenever ``trouble`` changes."""
        self._listeners.append((asyncio.get_running_loop(), listener))

    def _tell(self, trouble: Trouble | None) -> None:
        for loop, listener in self._listeners:
            _on_loop(loop, listener, trouble)

    def free_bytes(self) -> int:
        """What footage may still take, as of at most two seconds ago; never below 0."""
        return max(0, self._writer.free_bytes) if self._writer is not None else 0

    def written_bytes(self) -> int:
        """Given to write calls since the volume was opened: segments and their indexes."""
        return self._writer.written_bytes if self._writer is not None else 0

    def used_bytes(self) -> int:
        """What segments and their indexes take, as of at most two seconds ago."""
        return self._writer.used_bytes if self._writer is not None else 0

    # --- Reading ----------------------------------------------------------------------------------

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A read-only connection to the catalogue, for the calling thread while the block lasts."""
        try:
            connection = self._readers.get_nowait()
        except Empty:
            connection = connect(self.path / CATALOGUE_FILE, read_only=True)
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._readers.put(connection)


READ_ONLY = Trouble(Cause.VOLUME_FAILING, "the volume is not open for recording")


def _on_loop(loop: asyncio.AbstractEventLoop, call: Callable[[T], object], argument: T) -> None:
    """Call it there, from whatever thread, unless that loop has ended."""
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(call, argument)


def _resolve(done: asyncio.Future[None]) -> None:
    if not done.done():
        done.set_result(None)
