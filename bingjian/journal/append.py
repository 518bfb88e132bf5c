"""The journal: one JSON line an entry, chained by hash, durable before ``append`` returns.

A line is ``{"sequence", "at", "kind", "entry", "previous", "hash"}``; ``hash`` is the SHA-256 of the line's
other members as compact JSON with sorted keys, ``previous`` the hash before it. Entries that arrive while a
write is under way share the next fsync (group commit).
"""

import asyncio
import hashlib
import json
from array import array
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from bingjian.clock import Clock, utc_now
from bingjian.db.state import write_private
from bingjian.durable import DISK, Storage
from bingjian.entries import Entry
from bingjian.journal.errors import JournalBroken, JournalUnavailable

GENESIS = "0" * 64  # what the first entry follows
GROUP_MAX = 1000  # entries in one fsync
LINE_MAX = 1024 * 1024  # bytes; an entry is a few hundred
BLOCK = 1024 * 1024  # bytes read at a time when the lines are counted
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Receipt:
    """The entry is durable."""

    sequence: int
    hash: str


@dataclass(frozen=True, slots=True)
class Record:
    """An entry as it stands in the journal."""

    sequence: int
    at: datetime
    kind: str
    entry: dict[str, Any]
    hash: str


class Journal:
    """One file, one writer. Open it with ``Journal.open``."""

    def __init__(
        self, storage: Storage, handle: int, offsets: "array[int]", end: int, last: str, clock: Clock
    ) -> None:
        self._storage = storage
        self._handle = handle
        self._offsets = offsets  # where each line begins
        self._end = end  # where the next one will
        self._last = last
        self._clock = clock
        self._waiting: list[tuple[Entry, asyncio.Future[Receipt]]] = []
        self._turn = asyncio.Lock()
        self.writable = True

    @classmethod
    def open(cls, path: Path, clock: Clock, storage: Storage = DISK) -> "Journal":
        """Open or begin the journal; a torn last line, never receipted, is cut off.

        Raises:
            JournalUnavailable: the file cannot be opened.
            JournalBroken: the last entry does not match its hash.
        """
        try:
            if not path.exists():
                write_private(path, b"")
            handle = storage.open(path)
            offsets, end = line_offsets(storage, handle)
            if end != storage.size(handle):
                log.warning("journal_tail_cut", at_bytes=end)
                storage.truncate(handle, end)
                storage.sync_file(handle)
            last = GENESIS
            if offsets:
                line = storage.read_at(handle, end - offsets[-1], offsets[-1])
                last = checked(line, len(offsets) - 1, None)["hash"]
        except OSError as error:
            raise JournalUnavailable(f"the journal {path} cannot be opened: {error.strerror}") from error
        return cls(storage, handle, offsets, end, last, clock)

    @property
    def length(self) -> int:
        """How many entries there are."""
        return len(self._offsets)

    async def append(self, entry: Entry) -> Receipt:
        """Make an entry durable.

        Raises:
            JournalUnavailable: it could not be; whatever it is about must not happen.
        """
        done: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        self._waiting.append((entry, done))
        async with self._turn:
            if not done.done():
                await self._commit()
        return await done

    async def _commit(self) -> None:
        """Write what waits, in one fsync. On failure nobody gets a receipt and the file is cut back."""
        group, self._waiting = self._waiting[:GROUP_MAX], self._waiting[GROUP_MAX:]
        lines, receipts, previous = [], [], self._last
        for number, (entry, _) in enumerate(group, start=self.length):
            line, previous = line_of(entry, number, utc_now(self._clock), previous)
            lines.append(line)
            receipts.append(Receipt(number, previous))
        writing = asyncio.ensure_future(asyncio.to_thread(self._write, b"".join(lines)))
        try:
            await asyncio.shield(writing)
        except asyncio.CancelledError:
            await asyncio.wait([writing])  # whoever asked has gone; the others of the group have not
            self._settle(group, lines, receipts, previous, writing.exception())
            raise
        except OSError as error:
            self._settle(group, lines, receipts, previous, error)
        else:
            self._settle(group, lines, receipts, previous, None)

    def _settle(
        self,
        group: list[tuple[Entry, "asyncio.Future[Receipt]"]],
        lines: list[bytes],
        receipts: list[Receipt],
        last: str,
        error: BaseException | None,
    ) -> None:
        self.writable = error is None
        if error is not None:
            log.error("journal_unavailable", error=str(error))
        else:
            for line in lines:
                self._offsets.append(self._end)
                self._end += len(line)
            self._last = last
        for (_, done), receipt in zip(group, receipts, strict=True):
            if done.done():
                continue
            if error is None:
                done.set_result(receipt)
            else:
                done.set_exception(JournalUnavailable("the journal cannot be written"))

    def _write(self, data: bytes) -> None:
        """In a thread. What a failed earlier write may have left behind is overwritten or cut first."""
        self._storage.truncate(self._handle, self._end)
        self._storage.write_at(self._handle, [data], self._end)
        self._storage.sync_file(self._handle)

    async def read(self, limit: int, before: int | None = None) -> list[Record]:
        """Up to ``limit`` entries, newest first, those below sequence ``before``."""
        until = min(self.length if before is None else before, self.length)
        first = max(0, until - limit)
        if first >= until:
            return []
        end = self._offsets[until] if until < self.length else self._end
        return await asyncio.to_thread(self._read, first, until, self._offsets[first], end)

    def _read(self, first: int, until: int, start: int, end: int) -> list[Record]:
        data = self._storage.read_at(self._handle, end - start, start)
        lines = data.splitlines(keepends=True)
        return [record_of(checked(lines[n - first], n, None)) for n in range(until - 1, first - 1, -1)]

    def close(self) -> None:
        self._storage.close(self._handle)


def line_offsets(storage: Storage, handle: int) -> tuple["array[int]", int]:
    """Where each whole line begins, and where the last one ends."""
    offsets, start, at = array("Q"), 0, 0
    while block := storage.read_at(handle, BLOCK, at):
        found = block.find(b"\n")
        while found >= 0:
            offsets.append(start)
            start = at + found + 1
            found = block.find(b"\n", found + 1)
        at += len(block)
    return offsets, start


def line_of(entry: Entry, sequence: int, at: datetime, previous: str) -> tuple[bytes, str]:
    """The line of an entry, and its hash."""
    body = {
        "sequence": sequence,
        "at": at.isoformat(),
        "kind": entry.kind,
        "entry": asdict(entry),
        "previous": previous,
    }
    digest = hashlib.sha256(compact(body)).hexdigest()
    return compact({**body, "hash": digest}) + b"\n", digest


def compact(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def checked(line: bytes, sequence: int, previous: str | None) -> dict[str, Any]:
    """A line that is what it was: number, hash and (if given) predecessor. Raises JournalBroken."""
    try:
        body = json.loads(line)
        digest = body.pop("hash")
        whole = digest == hashlib.sha256(compact(body)).hexdigest() and body["sequence"] == sequence
        follows = previous is None or body["previous"] == previous
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise JournalBroken(f"entry {sequence} of the journal cannot be read") from error
    if not whole or not follows:
        raise JournalBroken(f"entry {sequence} of the journal was changed, or one before it is missing")
    return {**body, "hash": digest}


def record_of(body: dict[str, Any]) -> Record:
    at = datetime.fromisoformat(body["at"])
    return Record(body["sequence"], at, body["kind"], body["entry"], body["hash"])


def verify(path: Path) -> int:
    """Walk the whole chain; returns how many entries hold.

    Raises:
        JournalBroken: names the first entry that doesn't.
    """
    previous, count = GENESIS, 0
    with path.open("rb") as file:
        while line := file.readline(LINE_MAX):
            previous = checked(line, count, previous)["hash"]
            count += 1
    return count
