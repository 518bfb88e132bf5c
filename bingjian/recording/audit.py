"""The audit: re-reads a whole volume within a period, and names everything that is not as it was written.

One *round* looks at every closed segment, byte by byte, then at every removal, then for files without a row.
It spreads its reading over the period: as many bytes a second as are left, divided by the time that is left,
and never more than ``max_bytes_per_s``. Where it stands is kept in the catalogue, so a restart goes on. Of
several processes with one volume, the first audits; the others wait for it to go."""

import fcntl
import json
import logging
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from threading import get_native_id
from typing import NamedTuple
from uuid import UUID

from bingjian.clock import TICKS_PER_SECOND, Clock
from bingjian.recording import strays
from bingjian.recording.catalogue import Address, SegmentRow
from bingjian.recording.findings import Finding
from bingjian.recording.findings_table import (
    CURSOR,
    FIRST,
    FindingsTable,
    closed_after,
    removed_after,
)
from bingjian.recording.index import ENTRY_BYTES
from bingjian.recording.inspection import Pause, at_once, removal_findings, segment_findings
from bingjian.recording.volume import CAMERAS, CATALOGUE_FILE, Volume

DAY_S = 86_400
PERIOD_S = 30 * DAY_S
MAX_BYTES_PER_S = 16 << 20  # a tenth of what a hard disk gives
SLICE_S = 60.0  # the longest rest, after which the pace is reckoned anew
WAIT_S = 600.0  # between looks whether there is anything to do
PAGE = 64  # rows read from the catalogue at a time
NICEST = 19

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Round:
    """Where the audit stands; kept as JSON."""

    began_90k: int
    part: str = "segments"  # then "removed", "files", "done"
    camera: str = str(FIRST.camera)  # the address of the last one seen in this part
    start_90k: int = FIRST.start_90k
    segment: str = str(FIRST.id)
    covered_bytes: int = 0  # of the segments read in this round, with their indexes
    unreadable: int = 0  # segments whose bytes the disk would not give
    last_began_90k: int | None = None  # of the last complete round
    last_ended_90k: int | None = None

    @property
    def after(self) -> Address:
        return Address(UUID(self.camera), self.start_90k, UUID(self.segment))

    def at(self, address: Address) -> "Round":
        return replace(self, camera=str(address.camera), start_90k=address.start_90k, segment=str(address.id))

    def next_part(self, part: str) -> "Round":
        return replace(self.at(FIRST), part=part)


class _Stopped(Exception):
    """In the middle of a segment; the next run begins it again."""


class Progress(NamedTuple):
    """For those who ask."""

    period_s: float
    audited_until_90k: int | None  # all that was closed before this has been looked at; None: not yet
    last_round_at_90k: int | None  # when that look ended
    covered_bytes: int  # in the round that goes on
    total_bytes: int


class Audit:
    """Of one volume. Everything blocks; ``run`` is the body of a thread."""

    def __init__(
        self,
        volume: Volume,
        *,
        clock: Clock,
        sleep: Callable[[float], object],
        receipt_key: bytes | None = None,
        period_s: float = PERIOD_S,
        max_bytes_per_s: float = MAX_BYTES_PER_S,
    ) -> None:
        """
        Args:
            sleep: waits so many seconds, or shorter where it is woken to stop.
            receipt_key: retention's public key; None: signatures of receipts are not looked at.
        """
        self._volume = volume
        self._clock = clock
        self._sleep = sleep
        self._receipt_key = receipt_key
        self._period_s = period_s
        self._max_bytes_per_s = max_bytes_per_s
        self._round = Round(self._now_90k())

    # --- Doors ------------------------------------------------------------------------------------

    def run(self, stopping: Callable[[], bool]) -> None:
        """Round after round until told to stop; a fault is logged, and tried again after a while."""
        os.setpriority(os.PRIO_PROCESS, get_native_id(), NICEST)  # on Linux, of this thread alone
        while not stopping():
            try:
                with self._alone() as alone:
                    if alone:
                        self._rounds(stopping)
            except (OSError, sqlite3.Error) as wrong:
                log.error("audit interrupted", extra={"volume": str(self._volume.path), "reason": str(wrong)})
            except Exception:
                log.exception("the audit met a fault of its own")
            if not stopping():
                self._sleep(WAIT_S)

    def full_pass(self) -> int:
        """A whole round at once, without pauses, whatever the round that goes on; how many findings are new.

        Raises OSError and sqlite3.Error.
        """
        with self._table() as table:
            self._round = _fresh(_read(table.value(CURSOR)), self._now_90k())
            return sum(self._steps(table, at_once))

    # --- Rounds -----------------------------------------------------------------------------------

    def _rounds(self, stopping: Callable[[], bool]) -> None:
        with self._table() as table:
            going_on = self._round_to_go_on(_read(table.value(CURSOR)))
            if going_on is None:
                return
            self._round, covered = going_on, going_on.covered_bytes
            with suppress(_Stopped):
                for _ in self._steps(table, self._pause(stopping)):
                    self._rest(self._round.covered_bytes - covered, table, stopping)
                    covered = self._round.covered_bytes
                    if stopping():
                        return

    def _round_to_go_on(self, kept: Round | None) -> Round | None:
        """None: this period's round is done."""
        now_90k = self._now_90k()
        if kept is None or kept.began_90k > now_90k:  # the clock was wrong then, or is now
            return _fresh(kept, now_90k)
        if kept.part != "done":
            return kept
        over = now_90k - kept.began_90k >= self._period_s * TICKS_PER_SECOND
        return _fresh(kept, now_90k) if over else None

    def _steps(self, table: FindingsTable, pause: Pause) -> Iterator[int]:
        """One segment, page of removals, or camera's directory at a time; how many findings were new."""
        if self._round.part == "segments":
            yield from self._segments(table, pause)
            self._round = self._round.next_part("removed")
        if self._round.part == "removed":
            yield from self._removals(table)
            self._round = self._round.next_part("files")
        if self._round.part == "files":
            yield from self._files(table)
            ended = replace(self._round, part="done", last_ended_90k=self._now_90k())
            self._round = replace(ended, last_began_90k=ended.began_90k)
            yield self._keep(table, [])

    def _segments(self, table: FindingsTable, pause: Pause) -> Iterator[int]:
        while True:
            with self._volume.reading() as catalogue:
                rows = closed_after(catalogue, self._round.after, PAGE)
            if not rows:
                return
            for row in rows:
                yield self._segment(table, row, pause)

    def _segment(self, table: FindingsTable, row: SegmentRow, pause: Pause) -> int:
        found, unread = list[Finding](), 0
        try:
            found = segment_findings(self._volume, row, pause)
        except OSError as wrong:  # the disk's fault, nobody's deed; the next round tries again
            unread = 1
            log.error("segment cannot be read", extra={"path": row.path, "reason": str(wrong)})
        except _Stopped:
            raise
        except Exception:  # one segment that we cannot judge must not keep us from all others
            unread = 1
            log.exception("the audit met a fault of its own", extra={"path": row.path})
        here = self._round.at(row.address)
        covered = here.covered_bytes + row.size_bytes + ENTRY_BYTES * row.entries
        self._round = replace(here, covered_bytes=covered, unreadable=here.unreadable + unread)
        return self._keep(table, found, row)

    def _removals(self, table: FindingsTable) -> Iterator[int]:
        while True:
            with self._volume.reading() as catalogue:
                rows = removed_after(catalogue, self._round.after, PAGE)
            if not rows:
                return
            found = [one for row in rows for one in removal_findings(self._volume.id, row, self._receipt_key)]
            self._round = self._round.at(rows[-1].address)
            yield self._keep(table, found)

    def _files(self, table: FindingsTable) -> Iterator[int]:
        for directory in strays.cameras_in(self._volume):
            for path in strays.strays_in(self._volume, directory):
                yield self._keep(table, [strays.stray_finding(self._volume, path)])

    def _keep(self, table: FindingsTable, found: list[Finding], row: SegmentRow | None = None) -> int:
        """Findings and cursor in one transaction. A segment given up meanwhile is not found missing."""
        with table.transaction():
            if found and row is not None and not table.is_closed(row):
                found = []
            new = table.add_findings(found, self._now_90k())
            table.set_value(CURSOR, json.dumps(asdict(self._round)))
        for one in found:
            log.error("footage is not as it was written", extra=_words(one))
        return new

    # --- Pace -------------------------------------------------------------------------------------

    def _bytes_per_s(self, total_bytes: int, owed_bytes: float) -> float:
        """What is left of the round, over what is left of the period.

        Args:
            owed_bytes: read already, but sooner than their time came.
        """
        left_bytes = max(total_bytes - self._round.covered_bytes, 0) + owed_bytes
        left_s = self._period_s - (self._now_90k() - self._round.began_90k) / TICKS_PER_SECOND
        if left_s <= 0:
            return self._max_bytes_per_s
        return min(self._max_bytes_per_s, left_bytes / left_s)

    def _pause(self, stopping: Callable[[], bool]) -> Pause:
        """After each read, as long as keeps within the greatest rate."""

        def pause(length: int) -> None:
            if stopping():
                raise _Stopped
            self._sleep(length / self._max_bytes_per_s)

        return pause

    def _rest(self, read_bytes: int, table: FindingsTable, stopping: Callable[[], bool]) -> None:
        """After a segment, until as much time has passed as its bytes may take in all."""
        total = table.used_bytes()
        owed = read_bytes * (1 - self._bytes_per_s(total, read_bytes) / self._max_bytes_per_s)
        while owed >= 1 and not stopping():
            rate = self._bytes_per_s(table.used_bytes(), owed)
            rest_s = min(owed / rate, SLICE_S)
            self._sleep(rest_s)
            owed -= rest_s * rate

    # --- Small things -----------------------------------------------------------------------------

    def _now_90k(self) -> int:
        return self._clock.utc_ns() * 9 // 100_000

    @contextmanager
    def _table(self) -> Iterator[FindingsTable]:
        table = FindingsTable(self._volume.path / CATALOGUE_FILE, self._volume.id)
        try:
            yield table
        finally:
            table.close()

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        """Whether no other process audits this volume; it is so while the block lasts.

        The lock is on the directory of the cameras, which nobody else locks.
        """
        try:
            descriptor = os.open(self._volume.path / CAMERAS, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except FileNotFoundError:
            yield False  # nothing was ever recorded
            return
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield True
        except BlockingIOError:
            yield False
        finally:
            os.close(descriptor)


def _fresh(before: Round | None, now_90k: int) -> Round:
    """A round that begins now, and remembers the last complete one."""
    if before is None:
        return Round(now_90k)
    last = before.last_began_90k, before.last_ended_90k
    return Round(now_90k, last_began_90k=last[0], last_ended_90k=last[1])


def _read(kept: str | None) -> Round | None:
    """Where the audit stood; None if it never did, or in a form that this program does not know."""
    try:
        return Round(**json.loads(kept)) if kept is not None else None
    except (ValueError, TypeError):
        return None


def _words(one: Finding) -> dict[str, str]:
    """For the log."""
    return {"kind": one.kind, "camera": str(one.camera), "segment": str(one.segment), "detail": one.detail}


def progress(connection: sqlite3.Connection, period_s: float = PERIOD_S) -> Progress:
    """Where the audit of a volume stands, by its catalogue."""
    values = dict(connection.execute("SELECT key, value FROM meta WHERE key IN (?, 'used_bytes')", (CURSOR,)))
    kept = _read(values.get(CURSOR))
    total = int(values["used_bytes"])
    if kept is None:
        return Progress(period_s, None, None, 0, total)
    return Progress(period_s, kept.last_began_90k, kept.last_ended_90k, min(kept.covered_bytes, total), total)
