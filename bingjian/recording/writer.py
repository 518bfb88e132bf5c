"""The volume's writer: one thread that hashes, writes, syncs and keeps the catalogue, for all cameras
together.

Recorders put commands into its queue and never wait. It wakes for the first of them, lets others come for a
moment, then takes all there are in four steps, which is the write order of docs/recording.md:

1. new segments: file and index created and locked, init segment written, one sync for all of them, rows
``open`` 2. fragments: SHA-256 of the bytes in memory, ``pwritev`` of them, then the index entry 3. one sync
of the file system, if something has waited for it for ``SYNC_AFTER_NS`` 4. ended segments, whose bytes are
now durable: rows ``closed`` with their Merkle root; and gaps, in one transaction

When the disk is full or fails it drops what it is given, says so (``trouble``), and tries again every
``RETRY_NS``."""

import errno
import logging
import sqlite3
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from threading import Event, Thread
from time import sleep
from typing import NamedTuple, ParamSpec
from uuid import UUID

from bingjian.clock import Clock
from bingjian.durable import Storage
from bingjian.formats import mp4
from bingjian.formats.access_unit import FormatError
from bingjian.recording import index, recovery
from bingjian.recording.catalogue import Catalogue, SegmentRow
from bingjian.recording.cause import Cause
from bingjian.recording.fragmenter import Fragment
from bingjian.recording.segment import index_path
from bingjian.tlog.tree import Stack

SECOND_NS = 1_000_000_000
GATHER_S = 0.1  # after the first command, so that one wake-up serves many cameras
# From a byte's write to the start of the sync that makes it durable. A fragment holds 1 s, GATHER_S comes on
# top, and 2 s in all may be lost to a power cut: 0.4 s are left for the sync itself and for a busy machine.
SYNC_AFTER_NS = 500_000_000
RETRY_NS = 5 * SECOND_NS
LOOK_NS = 2 * SECOND_NS  # how old the figure of free disk space may be
MAX_QUEUED_BYTES = (
    64 << 20
)  # three seconds of fifty cameras: beyond it the disk is too slow, and fragments go
BUSY_BYTES = 16 << 20  # what was recorded long ago comes after what is recorded now
MAX_PENDING = (
    10_000  # catalogue changes kept while the disk fails; later ones are lost with a word in the log
)
PROBE_NAME = ".probe"  # a file of our own, to try a failed disk with
ROOM_BYTES = 64 << 20  # that must be free before a full volume is written to again
CRUMB_BYTES = 2048  # hashlib keeps the interpreter's lock for less than this, too
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

P = ParamSpec("P")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why nothing is being written."""

    cause: Cause  # VOLUME_FULL or VOLUME_FAILING
    detail: str  # one plain sentence


BEHIND = Trouble(Cause.VOLUME_FAILING, "the disk is slower than its cameras")


class LiveSegment:
    """An open segment: ordered by a recorder on the event loop, then filled by the writer's thread alone."""

    def __init__(self, row: SegmentRow, path: Path, init: bytes, *, first: bool) -> None:
        self.row = row
        self.path = path
        self.init = init
        self.first = first  # of its recorder: what happened before it is not known
        self.end_90k = row.start_90k  # of the last fragment written
        self.entries = bytearray()  # the index so far
        self.size_bytes = 0
        self.ended = False  # takes no more fragments
        self.descriptor = -1
        self.index_descriptor = -1
        self.leaves = Stack()
        self.sequence = 0


class Open(NamedTuple):
    """Begin a segment; stands in the queue before anything that goes into it."""

    segment: LiveSegment


class Store(NamedTuple):
    segment: LiveSegment
    fragment: Fragment
    clock_offset_ms: int
    resumes: bool  # the first one after a gap, which ends where it starts


class Close(NamedTuple):
    segment: LiveSegment


class BeginGap(NamedTuple):
    camera: UUID
    cause: Cause
    detail: str
    at_90k: int


class AddGap(NamedTuple):
    camera: UUID
    cause: Cause
    detail: str
    start_90k: int
    end_90k: int


class Settle(NamedTuple):
    """Make everything before this durable, then call."""

    done: Callable[[], object]


Command = Open | Store | Close | BeginGap | AddGap | Settle
Change = Callable[[Catalogue], None]  # to the catalogue; may be repeated


class Writer:
    """See the module. Everything public may be called from any thread."""

    def __init__(
        self,
        root: Path,
        volume: UUID,
        catalogue: Catalogue,
        *,
        size_bytes: int,
        reserve_bytes: int,
        storage: Storage,
        clock: Clock,
        on_trouble: Callable[[Trouble | None], None],
    ) -> None:
        self._root = root
        self._volume = volume
        self._catalogue = catalogue
        self._size_bytes = size_bytes
        self._reserve_bytes = reserve_bytes
        self._storage = storage
        self._clock = clock
        self._on_trouble = on_trouble
        self._queue: deque[Command] = deque()
        self._wake = Event()
        self._thread: Thread | None = None
        self._stopping = False
        self._put_bytes = 0  # only the event loop adds
        self._taken_bytes = 0  # only the thread adds
        self._live: dict[UUID, LiveSegment] = {}
        self._ending: list[LiveSegment] = []  # wait for a sync before their row
        self._pending: list[Change] = []  # wait for the next transaction
        self._unsynced_since: int | None = None  # monotonic_ns of the oldest write that no sync has covered
        self._trouble: Trouble | None = None
        self._behind: Trouble | None = None
        self._retry_at = 0
        self._looked_at = 0
        self.free_bytes = 0
        self.used_bytes = 0
        self.written_bytes = 0  # given to write calls: segments and indexes
        self._look_at_space()

    @property
    def trouble(self) -> Trouble | None:
        """Why fragments are not accepted right now."""
        return self._trouble or self._behind

    @property
    def busy(self) -> bool:
        """So much is queued that what can wait should."""
        return self._put_bytes - self._taken_bytes > BUSY_BYTES

    def submit(self, command: Command) -> None:
        """Never waits. Commands of one camera are carried out in order."""
        if type(command) is Store:
            self._put_bytes += command.fragment.size_bytes
            if self._behind is None and self._put_bytes - self._taken_bytes > MAX_QUEUED_BYTES:
                self._behind = BEHIND
                self._on_trouble(self.trouble)
        self._queue.append(command)
        if not self._wake.is_set():
            self._wake.set()

    def start(self) -> None:
        self._thread = Thread(target=self._run, name=f"writer {self._root.name}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write what is queued, end all segments, and return when it is durable. Blocks."""
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join()

    # --- The thread -------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopping:
            self._wake.wait(self._patience_s())
            if self._queue and not self._stopping:
                sleep(GATHER_S)
            self._wake.clear()
            self.work()
        for segment in list(self._live.values()):
            self._end(segment)
        self.work(settle=True)

    def _patience_s(self) -> float:
        """Until something must happen even if no command comes."""
        now = self._clock.monotonic_ns()
        due = now + LOOK_NS
        if self._unsynced_since is not None:
            due = self._unsynced_since + SYNC_AFTER_NS
        if self._trouble is not None:
            due = min(due, self._retry_at)
        return max(due - now, 0) / SECOND_NS

    def work(self, *, settle: bool = False) -> None:
        """One round over everything queued; the thread's body, callable by itself in a test."""
        batch = [self._queue.popleft() for _ in range(len(self._queue))]
        if self._trouble is not None and self._clock.monotonic_ns() >= self._retry_at:
            self._guarded(self._retry)
        opened = [command.segment for command in batch if type(command) is Open]
        if opened:
            self._guarded(self._open, opened)
        for command in batch:
            self._guarded(self._carry_out, command)
        self._guarded(self._finish, settle or any(type(command) is Settle for command in batch))
        self._taken_bytes += sum(command.fragment.size_bytes for command in batch if type(command) is Store)
        self._catch_up()
        for command in batch:
            if type(command) is Settle:
                command.done()

    def _guarded(self, step: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> None:
        """Whatever goes wrong with one step becomes the volume's trouble; the thread goes on."""
        try:
            step(*args, **kwargs)
        except OSError as wrong:
            self._fail(wrong)
        except sqlite3.Error as wrong:
            self._give_up(Trouble(Cause.VOLUME_FAILING, f"the catalogue of the volume fails: {wrong}"))
        except Exception:
            log.exception("the writer met a fault of its own")
            self._give_up(Trouble(Cause.VOLUME_FAILING, "a fault in the program, described in its log"))

    def _carry_out(self, command: Command) -> None:
        match command:
            case Store():
                self._store(command)
            case Close(segment):
                self._end(segment)
            case BeginGap():
                self._later(lambda catalogue: catalogue.begin_gap(*command))
            case AddGap():
                self._later(lambda catalogue: catalogue.add_gap(*command))
            case Open() | Settle():
                pass  # before and after the others

    def _catch_up(self) -> None:
        if self._behind is not None and self._put_bytes - self._taken_bytes < MAX_QUEUED_BYTES // 2:
            self._behind = None
            self._on_trouble(self._trouble)

    # --- Segments ---------------------------------------------------------------------------------

    def _open(self, segments: list[LiveSegment]) -> None:
        """Files first, durable with their names; rows after. A row's file always exists."""
        if not segments:
            return
        if self._trouble is not None:
            for segment in segments:
                self._refuse(segment, self._trouble)
            return
        self._live.update((segment.row.id, segment) for segment in segments)
        for segment in segments:
            self._create(segment)
        self._sync()
        for segment in segments:
            if segment.first:
                self._later(_explaining(segment.row))
            self._later(_opening(segment.row))
        self._commit()

    def _create(self, segment: LiveSegment) -> None:
        self._storage.make_directories(segment.path.parent)
        segment.descriptor = self._storage.create(segment.path)
        if not self._storage.lock(segment.descriptor):
            raise OSError(errno.EAGAIN, "a file just made is locked by another process")
        segment.index_descriptor = self._storage.create(index_path(segment.path))
        self._append(segment, [segment.init], segment.row.start_90k, 0, 0, 0)

    def _refuse(self, segment: LiveSegment, trouble: Trouble) -> None:
        segment.ended = True
        if segment.row.recovered is None:
            self._later(_stopping(segment.row.camera, trouble, segment.row.start_90k))

    def _store(self, command: Store) -> None:
        segment, fragment, clock_offset_ms, resumes = command
        if segment.ended:
            return
        try:
            pieces = mp4.fragment(segment.sequence + 1, fragment.samples)
        except FormatError as wrong:
            self._leave_out(segment, fragment, str(wrong))
            return
        flags = (index.SYNC if fragment.sync else 0) | (index.DAMAGED if fragment.damaged else 0)
        offset_ms = index.clamped_offset_ms(clock_offset_ms)
        self._append(segment, pieces, fragment.start_90k, fragment.duration_90k, flags, offset_ms)
        segment.sequence += 1
        segment.end_90k = max(segment.end_90k, fragment.end_90k)
        if resumes:
            camera, at_90k = segment.row.camera, fragment.start_90k
            self._later(lambda catalogue: catalogue.end_gap(camera, at_90k))

    def _append(
        self,
        segment: LiveSegment,
        pieces: list[bytes],
        start_90k: int,
        duration_90k: int,
        flags: int,
        clock_offset_ms: int,
    ) -> None:
        """The hash of what is in memory, the bytes, then the entry that vouches for them."""
        pieces = _without_crumbs(pieces)
        digest = sha256()
        for piece in pieces:
            digest.update(piece)
        self._note_write()
        offset = segment.size_bytes
        length = self._storage.write_at(segment.descriptor, pieces, offset)
        entry = index.pack(
            index.Entry(start_90k, duration_90k, length, offset, flags, clock_offset_ms, digest.digest())
        )
        self._storage.write_at(segment.index_descriptor, [entry], len(segment.entries))
        self.written_bytes += length + index.ENTRY_BYTES
        segment.entries += entry
        segment.leaves.append(entry)
        segment.size_bytes = offset + length

    def _leave_out(self, segment: LiveSegment, fragment: Fragment, reason: str) -> None:
        """Times or sizes that no file can hold: the fragment is lost, the camera goes on."""
        camera = segment.row.camera
        log.warning("fragment left out", extra={"camera": str(camera), "reason": reason})
        if segment.row.recovered is not None:
            return  # it is in a gap already
        self._later(
            lambda catalogue: catalogue.add_gap(
                camera, Cause.PROTOCOL, reason, fragment.start_90k, fragment.end_90k
            )
        )

    def _end(self, segment: LiveSegment) -> None:
        if not segment.ended:
            segment.ended = True
            self._ending.append(segment)
            self._note_write()

    # --- Durability -------------------------------------------------------------------------------

    def _finish(self, at_once: bool) -> None:
        now = self._clock.monotonic_ns()
        if now - self._looked_at >= LOOK_NS:
            self._look_at_space()
        since = self._unsynced_since
        if since is not None and (at_once or now - since >= SYNC_AFTER_NS):
            self._sync()
        if self._pending:
            self._commit()
        if self._trouble is None and self.free_bytes <= 0:
            self._fill_up()

    def _note_write(self) -> None:
        """Something waits for a sync from now on, if nothing did."""
        if self._unsynced_since is None:
            self._unsynced_since = self._clock.monotonic_ns()

    def _sync(self) -> None:
        """Everything written so far is durable afterwards, so what has ended may be called closed."""
        ending = self._ending
        self._storage.sync_filesystem(self._root)
        self._unsynced_since = None
        for segment in ending:
            self._later(_closing(segment))
        if ending:
            self._commit()
        self._ending = []
        for segment in ending:
            self._release(segment)

    def _later(self, change: Change) -> None:
        if len(self._pending) < MAX_PENDING:
            self._pending.append(change)
        else:
            log.error("a change to the catalogue was lost: the volume has failed for too long")

    def _commit(self) -> None:
        with self._catalogue.transaction():
            for change in self._pending:
                change(self._catalogue)
        self._pending.clear()

    def _release(self, segment: LiveSegment) -> None:
        """Close its files, and with that give back the lock."""
        self._live.pop(segment.row.id, None)
        for descriptor in (segment.descriptor, segment.index_descriptor):
            if descriptor >= 0:
                self._storage.close(descriptor)
        segment.descriptor = segment.index_descriptor = -1

    # --- Full, failing, and back ------------------------------------------------------------------

    def _look_at_space(self) -> None:
        """What may still be written: of the volume's size, and of the disk without the reserve."""
        self.used_bytes = self._catalogue.used_bytes() + self._growing_bytes()
        of_size = self._size_bytes - self.used_bytes
        of_disk = self._storage.free_bytes(self._root) - self._reserve_bytes
        self.free_bytes = min(of_size, of_disk)
        self._looked_at = self._clock.monotonic_ns()

    def _growing_bytes(self) -> int:
        """What open segments take, ours and those of other processes."""
        ours = sum(segment.size_bytes + len(segment.entries) for segment in self._live.values())
        others = (row for row in self._catalogue.open_segments() if row.id not in self._live)
        return ours + sum(_size_of(self._root / row.path) for row in others)

    def _fill_up(self) -> None:
        """No room: end the open segments properly, within the reserve, and take no more."""
        self._set_trouble(Trouble(Cause.VOLUME_FULL, "the volume has no room left; nothing kept is removed"))
        self._stop_cameras()
        self._sync()
        self._commit()

    def _fail(self, wrong: OSError) -> None:
        reason = wrong.strerror or str(wrong)
        if wrong.errno in FULL:
            self._give_up(Trouble(Cause.VOLUME_FULL, f"the disk of the volume is full: {reason}"))
        else:
            self._give_up(Trouble(Cause.VOLUME_FAILING, f"the disk of the volume fails: {reason}"))

    def _give_up(self, trouble: Trouble) -> None:
        """What the disk holds of the open segments is unknown: leave them to recovery, touch nothing."""
        self._set_trouble(trouble)
        self._stop_cameras()
        self._ending = []
        for segment in list(self._live.values()):
            try:
                self._release(segment)
            except OSError as wrong:
                log.warning("a file would not close", extra={"reason": str(wrong)})
        self._unsynced_since = None

    def _stop_cameras(self) -> None:
        trouble = self._trouble
        assert trouble is not None
        for segment in self._live.values():
            if not segment.ended:
                self._end(segment)
                if segment.row.recovered is None:
                    self._later(_stopping(segment.row.camera, trouble, segment.end_90k))

    def _set_trouble(self, trouble: Trouble | None) -> None:
        self._retry_at = self._clock.monotonic_ns() + RETRY_NS
        if trouble != self._trouble:
            self._trouble = trouble
            log.log(
                logging.ERROR if trouble else logging.INFO,
                "volume in trouble" if trouble else "volume writes again",
                extra={"volume": str(self._root), "detail": trouble.detail if trouble else ""},
            )
            self._on_trouble(trouble)

    def _retry(self) -> None:
        """Try the disk with a file of our own, repair what was left open, and go on. Raises as writing
        does.
        """
        self._retry_at = self._clock.monotonic_ns() + RETRY_NS
        self._look_at_space()
        if self.free_bytes < ROOM_BYTES and self._trouble and self._trouble.cause is Cause.VOLUME_FULL:
            return
        self._storage.write_atomically(self._root / PROBE_NAME, b"still writable\n")
        self._commit()
        recovery.recover(self._root, self._volume, self._catalogue, self._storage, cause=Cause.VOLUME_FAILING)
        self._set_trouble(None)


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _without_crumbs(all_pieces: list[bytes]) -> list[bytes]:
    """The same bytes, with runs of small pieces (sound, mostly) joined.

    To hash and write a piece costs as much as to copy two thousand bytes. Pictures are not copied.
    """
    fewer: list[bytes] = []
    for small, run in groupby(all_pieces, key=_is_crumb):
        pieces = list(run)
        fewer += [b"".join(pieces)] if small else pieces
    return fewer


def _is_crumb(piece: bytes) -> bool:
    return len(piece) < CRUMB_BYTES


def _opening(row: SegmentRow) -> Change:
    return lambda catalogue: catalogue.add_open(row)


def _explaining(row: SegmentRow) -> Change:
    return lambda catalogue: catalogue.explain_silence(row.camera, row.start_90k)


def _closing(segment: LiveSegment) -> Change:
    entries = len(segment.entries) // index.ENTRY_BYTES
    return lambda catalogue: catalogue.close_segment(
        segment.row, segment.end_90k, segment.size_bytes, entries, segment.leaves.root()
    )


def _stopping(camera: UUID, trouble: Trouble, at_90k: int) -> Change:
    return lambda catalogue: catalogue.begin_gap(camera, trouble.cause, trouble.detail, at_90k)
