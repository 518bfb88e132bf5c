"""The journal: every entry durable before ``append`` returns, and part of a log that can only grow.

A record is durable when its line is (``records``); entries that arrive while a write is under way share the
next fsync (group commit). The tiles and the signed checkpoint of the log (``log``) follow within
``PUBLISH_SECONDS``, and are made good from the records after a crash.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_bytes
from typing import Any

import structlog

from bingjian.clock import Clock, utc_now
from bingjian.db.state import PRIVATE_DIRECTORY
from bingjian.durable import DISK, Storage
from bingjian.entries import Entry
from bingjian.journal.canonical import check
from bingjian.journal.errors import JournalBroken, JournalUnavailable, NotInJournal
from bingjian.journal.log import Log
from bingjian.journal.old_journal import take_over
from bingjian.journal.proofs import growth_since, proof_of
from bingjian.journal.record import SALT_BYTES, Record, checked, line_of, record_of, values_of
from bingjian.journal.records import Records
from bingjian.tlog.note import Note, Signature, Verifier
from bingjian.tlog.proof import Proof

GROUP_MAX = 1000  # entries in one fsync
PUBLISH_SECONDS = 10.0  # until a checkpoint covers an entry
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Receipt:
    """The entry is durable. ``hash``: the log's commitment to it, hexadecimal."""

    sequence: int
    hash: str


Waiting = tuple[str, dict[str, Any], "asyncio.Future[Receipt]"]  # kind, values, whoever waits


class Journal:
    """One directory, one writer. Open it with ``Journal.open``."""

    def __init__(self, records: Records, published: Log, clock: Clock, last_at: datetime | None) -> None:
        self._records = records
        self._log = published
        self._clock = clock
        self._last_at = last_at
        self._waiting: list[Waiting] = []
        self._turn = asyncio.Lock()
        self._unpublished: list[bytes] = []  # commitments of the newest records
        self._timer: asyncio.TimerHandle | None = None
        self._publishing: asyncio.Task[None] | None = None
        self.writable = True

    @classmethod
    def open(
        cls, folder: Path, clock: Clock, storage: Storage = DISK, origin: str | None = None
    ) -> "Journal":
        """Open or begin the journal; a torn last line, never receipted, is cut off.

        Args:
            origin: what the log calls itself if it begins now; it keeps that name.

        Raises:
            JournalUnavailable: it cannot be opened, or another process has it.
            JournalBroken: it is not what was signed.
        """
        try:
            folder.mkdir(PRIVATE_DIRECTORY, parents=True, exist_ok=True)
            take_over(folder)
            records = Records.open(folder, storage)
            try:
                last_at = last_of(records)
                return cls(records, Log.open(folder, storage, records, origin), clock, last_at)
            except BaseException:
                records.close()
                raise
        except OSError as error:
            raise JournalUnavailable(f"the journal {folder} cannot be opened: {error.strerror}") from error

    @property
    def length(self) -> int:
        """How many entries there are."""
        return self._records.count

    @property
    def last_at(self) -> datetime | None:
        """When the last entry was written, as it says."""
        return self._last_at

    async def append(self, entry: Entry) -> Receipt:
        """Make an entry durable.

        Raises:
            JournalUnavailable: it could not be; whatever it is about must not happen.
            ValueError: it has values that no record may have.
        """
        done: asyncio.Future[Receipt] = asyncio.get_running_loop().create_future()
        values = values_of(entry)
        check(values)
        self._waiting.append((entry.kind, values, done))
        async with self._turn:
            if not done.done():
                await self._commit()
        return await done

    async def _commit(self) -> None:
        """Write what waits, in one fsync. On failure nobody gets a receipt and the file is cut back."""
        group, self._waiting = self._waiting[:GROUP_MAX], self._waiting[GROUP_MAX:]
        lines, receipts = self._lines(group)
        writing = asyncio.ensure_future(asyncio.to_thread(self._records.write, lines))
        try:
            await asyncio.shield(writing)
        except asyncio.CancelledError:
            await asyncio.wait([writing])  # whoever asked has gone; the others of the group have not
            self._settle(group, lines, receipts, writing.exception())
            raise
        except OSError as error:
            self._settle(group, lines, receipts, error)
        else:
            self._settle(group, lines, receipts, None)

    def _lines(self, group: list[Waiting]) -> tuple[list[bytes], list[Receipt]]:
        at, lines, receipts = self._now().isoformat(), list[bytes](), list[Receipt]()
        salts = token_bytes(SALT_BYTES * len(group))
        for number, (kind, values, _) in enumerate(group):
            salt = salts[number * SALT_BYTES : (number + 1) * SALT_BYTES]
            line, digest = line_of(kind, values, self.length + number, at, salt)
            lines.append(line)
            receipts.append(Receipt(self.length + number, digest.hex()))
        return lines, receipts

    def _now(self) -> datetime:
        """The time, but never before that of the last record: a clock set back changes no order."""
        now = utc_now(self._clock)
        self._last_at = now if self._last_at is None else max(now, self._last_at)
        return self._last_at

    def _settle(
        self, group: list[Waiting], lines: list[bytes], receipts: list[Receipt], error: BaseException | None
    ) -> None:
        self.writable = error is None
        if error is not None:
            log.error("journal_unavailable", error=str(error))
        else:
            self._records.took(lines)
            self._unpublished += [bytes.fromhex(receipt.hash) for receipt in receipts]
            self._publish_soon()
        for (*_, done), receipt in zip(group, receipts, strict=True):
            if done.done():
                continue
            if error is None:
                done.set_result(receipt)
            else:
                done.set_exception(JournalUnavailable("the journal cannot be written"))

    def _publish_soon(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(PUBLISH_SECONDS, self._begin_publishing)

    def _begin_publishing(self) -> None:
        self._timer = None
        self._publishing = asyncio.ensure_future(self._publish_in_time())

    async def _publish_in_time(self) -> None:
        try:
            await self.publish()
        except OSError as error:
            log.error("journal_checkpoint_late", error=str(error))
            self._publish_soon()

    async def publish(self) -> None:
        """Have the checkpoint cover every record that is durable now. Raises OSError."""
        entries, first = self._unpublished[:], self.length - len(self._unpublished)
        await asyncio.to_thread(self._publish, first, entries)
        covered = self._log.size - (self.length - len(self._unpublished))
        del self._unpublished[: max(0, covered)]

    def _publish(self, first: int, entries: list[bytes]) -> None:
        self._log.publish(first, entries)
        self._records.save_places()

    async def read(self, limit: int, before: int | None = None) -> list[Record]:
        """Up to ``limit`` entries, newest first, those below sequence ``before``."""
        until = min(self.length if before is None else before, self.length)
        first = max(0, until - limit)
        if first >= until:
            return []
        return await asyncio.to_thread(self._read, self._records.span(first, until), first, until)

    def _read(self, span: tuple[int, int, int], first: int, until: int) -> list[Record]:
        lines = self._records.lines_in(span, first, until)
        if len(lines) != until - first:
            raise JournalBroken(f"entries {first} to {until - 1} of the journal are not where they were")
        return [record_of(line, number) for number, line in enumerate(lines, start=first)][::-1]

    @property
    def verifier(self) -> Verifier:
        """What strangers check the log's checkpoints with."""
        return self._log.verifier

    @property
    def signed_at(self) -> datetime:
        """When the last checkpoint was signed."""
        return self._log.signed_at

    async def checkpoint(self) -> Note:
        """A signed checkpoint over every record that is durable now. Raises JournalUnavailable."""
        try:
            await self.publish()
        except OSError as error:
            raise JournalUnavailable("the journal's checkpoint cannot be written") from error
        note = self._log.note
        assert note is not None, "the first is signed when the journal is opened"
        return note

    async def proof(self, sequence: int, *, opening: bool = True) -> Proof:
        """That this entry is in the log, as of now; with what it says, unless that is not to be told.

        Raises:
            NotInJournal, JournalBroken, JournalUnavailable.
        """
        note = await self.checkpoint()
        if not 0 <= sequence < self.length:
            raise NotInJournal(f"there is no entry {sequence}")
        span = self._records.span(sequence, sequence + 1)
        return await asyncio.to_thread(self._proof, note, sequence, span if opening else None)

    def _proof(self, note: Note, sequence: int, span: tuple[int, int, int] | None) -> Proof:
        said = None
        if span is not None:
            lines = self._records.lines_in(span, sequence, sequence + 1)
            said = checked(b"".join(lines), sequence)[1]
        return proof_of(self._log.tiles, note, sequence, said)

    async def growth_since(self, old: int) -> tuple[list[bytes], Note]:
        """That the log of ``old`` entries is how the one of this checkpoint began. Raises as ``proof``."""
        return await self.growth(old, await self.checkpoint())

    async def growth(self, old: int, note: Note) -> tuple[list[bytes], Note]:
        """The same for one of our checkpoints. Raises as ``proof``."""
        return await asyncio.to_thread(growth_since, self._log.tiles, note, old), note

    async def cosigned(self, text: str, signature: Signature) -> None:
        """A witness has signed the checkpoint with this text. Raises OSError."""
        await asyncio.to_thread(self._log.add, text, signature)

    def close(self) -> None:
        """The checkpoint covers everything then, if the disk lets us; else the next start sees to it."""
        if self._timer is not None:
            self._timer.cancel()
        try:
            self._publish(self.length - len(self._unpublished), self._unpublished)
        except OSError as error:
            log.error("journal_checkpoint_late", error=str(error))
        self._records.close()


def last_of(records: Records) -> datetime | None:
    """When the last record was written; it is what it was. Raises JournalBroken, OSError."""
    if records.count == 0:
        return None
    (line,) = records.lines(records.count - 1, records.count)
    return record_of(line, records.count - 1).at
