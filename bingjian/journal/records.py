"""The file of records: a line an entry, one behind the other, and where every 256th begins."""

from array import array
from itertools import pairwise
from pathlib import Path
from threading import Lock

import structlog

from bingjian.db.state import write_private
from bingjian.durable import Storage
from bingjian.journal.errors import JournalBroken, JournalUnavailable
from bingjian.journal.folder import INDEX, RECORDS
from bingjian.journal.record import opening_of

STRIDE = 256  # records between two places that are known: as many as in a bundle
OFFSET_BYTES = 8
BLOCK = 1024 * 1024  # bytes read at a time when lines are counted
log = structlog.get_logger()


class Records:
    """One open file. Open it with ``Records.open``; one writer at a time."""

    def __init__(self, storage: Storage, folder: Path, handle: int, *, read_only: bool) -> None:
        self._storage = storage
        self._folder = folder
        self._handle = handle
        self._read_only = read_only
        self._known = array("Q")  # where records 0, 256, 512 … begin
        self._saving = Lock()  # checkpoints are written from any thread
        self._saved = 0  # how many of these places are in the file beside
        self.count = 0
        self.end = 0  # bytes: where the next record will begin

    @classmethod
    def open(
        cls, folder: Path, storage: Storage, *, read_only: bool = False, from_places: bool = True
    ) -> "Records":
        """Open or begin the file; a torn last line, never receipted, is cut off.

        Args:
            from_places: believe the file beside, instead of counting every line.

        Raises:
            JournalUnavailable: another process writes it.
            OSError.
        """
        path = folder / RECORDS
        if not path.exists() and not read_only:
            write_private(path, b"")
        handle = storage.open_to_read(path) if read_only else storage.open(path)
        opened = cls(storage, folder, handle, read_only=read_only)
        try:
            if not read_only and not storage.lock(handle):
                raise JournalUnavailable(f"another process writes the journal {folder}")
            if from_places:
                opened._recall()
            opened._count()
            opened._cut()
        except BaseException:
            storage.close(handle)
            raise
        return opened

    def _count(self) -> None:
        """Find every 256th record, and the end of the last whole one."""
        self._saved = len(self._known)
        start = self._known.pop() if self._known else 0
        self.count, self.end, at = len(self._known) * STRIDE, start, start
        while block := self._storage.read_at(self._handle, BLOCK, at):
            found = block.find(b"\n")
            while found >= 0:
                self._note(at + found + 1)
                found = block.find(b"\n", found + 1)
            at += len(block)

    def _note(self, end: int) -> None:
        """One more record, which ends there."""
        if self.count % STRIDE == 0:
            self._known.append(self.end)
        self.count += 1
        self.end = end

    def _recall(self) -> None:
        """The places that the file beside knows, if they are believable: the last one is looked at."""
        try:
            data = (self._folder / INDEX).read_bytes()
        except FileNotFoundError:
            return
        places = array("Q", data[: len(data) // OFFSET_BYTES * OFFSET_BYTES])
        if not places or places[0] != 0 or any(one >= next_ for one, next_ in pairwise(places)):
            return
        if self._begins(places[-1], (len(places) - 1) * STRIDE):
            self._known = places

    def _begins(self, place: int, sequence: int) -> bool:
        line = self._storage.read_at(self._handle, BLOCK, place).partition(b"\n")
        try:
            return bool(opening_of(line[0] + line[1])[0].body["sequence"] == sequence)
        except (JournalBroken, KeyError):
            return False

    def _cut(self) -> None:
        if self._read_only or self.end == self._storage.size(self._handle):
            return
        log.warning("journal_tail_cut", at_bytes=self.end)
        self._storage.truncate(self._handle, self.end)
        self._storage.sync_file(self._handle)

    def write(self, lines: list[bytes]) -> None:
        """Make lines durable behind the last one. They count once ``took`` is told.

        What a failed earlier write may have left behind is cut first. Raises OSError.
        """
        self._storage.truncate(self._handle, self.end)
        try:
            self._storage.write_at(self._handle, [b"".join(lines)], self.end)
            self._storage.sync_file(self._handle)
        except OSError:
            self._storage.truncate(self._handle, self.end)
            raise

    def took(self, lines: list[bytes]) -> None:
        """These lines are durable."""
        for line in lines:
            self._note(self.end + len(line))

    def span(self, first: int, until: int) -> tuple[int, int, int]:
        """Where to read for records first…until-1: the record that begins there, first byte, last."""
        block, after = first // STRIDE, -(-until // STRIDE)
        end = self._known[after] if after < len(self._known) else self.end
        return block * STRIDE, self._known[block], end

    def lines(self, first: int, until: int) -> list[bytes]:
        """Records first…until-1 as they stand. Raises OSError."""
        if first >= until:
            return []
        return self.lines_in(self.span(first, until), first, until)

    def lines_in(self, span: tuple[int, int, int], first: int, until: int) -> list[bytes]:
        """The same from a span taken earlier: for another thread, while this one writes on."""
        begins, start, end = span
        lines = self._storage.read_at(self._handle, end - start, start).splitlines(keepends=True)
        return lines[first - begins : until - begins]

    def has_places(self, data: bytes) -> bool:
        """Whether these are places as ``save_places`` writes them."""
        return data == self._known[: -(-len(data) // OFFSET_BYTES)].tobytes()

    def save_places(self) -> None:
        """Write the places that the file beside does not have yet. Raises OSError."""
        with self._saving:
            self._save_places()

    def _save_places(self) -> None:
        path, new = self._folder / INDEX, self._known[self._saved :]
        if not new:
            return
        if self._saved == 0:
            write_private(path, new.tobytes())
        else:
            handle = self._storage.open(path)
            try:
                self._storage.write_at(handle, [new.tobytes()], self._saved * OFFSET_BYTES)
                self._storage.sync_file(handle)
            finally:
                self._storage.close(handle)
        self._saved += len(new)

    def close(self) -> None:
        self._storage.close(self._handle)
