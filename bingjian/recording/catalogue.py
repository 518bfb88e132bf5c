"""The volume's own SQLite database: one row per segment and one per gap, never one per fragment.

Written by the volume's writer thread alone (one connection per process; several processes take turns under
``BEGIN IMMEDIATE``), read by any number of read-only connections in threads. Times are UTC since 1970 in
1/90000 s."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from uuid import UUID, uuid4

from bingjian.clock import TICKS_PER_SECOND
from bingjian.recording.cause import Cause
from bingjian.recording.segment import CLOSE_90K

VERSION = 1
BUSY_S = 5.0  # how long one process waits for another's transaction, which takes milliseconds
CACHE_KIB = 512  # pages kept per connection; the rows in use are few
UNEXPLAINED_90K = TICKS_PER_SECOND  # silence between two segments that is no longer rounding

SCHEMA = """
CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value
) WITHOUT ROWID;
CREATE TABLE segments (
  id         BLOB PRIMARY KEY,          -- UUID
  camera     BLOB NOT NULL,             -- UUID
  start_90k  INTEGER NOT NULL,
  end_90k    INTEGER NOT NULL,          -- open: its start, the index knows better
  state      TEXT NOT NULL CHECK (state IN ('open', 'closed', 'lost')),
  path       TEXT NOT NULL,             -- of the .mp4, from the volume's directory
  size_bytes INTEGER NOT NULL,          -- of the .mp4; open: 0
  entries    INTEGER NOT NULL,          -- in the index, with the init segment's; open: 0
  root       BLOB,                      -- Merkle root over the index entries; open: NULL
  mime       TEXT NOT NULL,
  init_sha   BLOB NOT NULL,             -- SHA-256 of ftyp moov without the identity
  worker     TEXT NOT NULL,
  epoch      INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX segments_by_camera ON segments (camera, start_90k);
CREATE INDEX segments_open ON segments (state) WHERE state = 'open';
CREATE TABLE gaps (
  id         BLOB PRIMARY KEY,          -- UUID
  camera     BLOB NOT NULL,
  start_90k  INTEGER NOT NULL,
  end_90k    INTEGER,                   -- NULL: goes on
  cause      TEXT NOT NULL,             -- recording.cause.Cause
  detail     TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX gaps_by_camera ON gaps (camera, start_90k);
CREATE UNIQUE INDEX gaps_open ON gaps (camera) WHERE end_90k IS NULL;
INSERT INTO meta VALUES ('used_bytes', 0);
"""

SELECT = (
    "SELECT id, camera, start_90k, end_90k, state, path, size_bytes, entries, root, mime, init_sha, worker,"
    " epoch FROM segments"
)


class CatalogueError(Exception):
    """The catalogue is not one of this volume, or of a version we do not know; carries one plain sentence."""


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """One segment as the catalogue knows it."""

    id: UUID
    camera: UUID
    start_90k: int
    end_90k: int
    state: Literal["open", "closed", "lost"]  # lost: found missing or without its head
    path: str
    size_bytes: int
    entries: int
    root: bytes | None
    mime: str
    init_sha: bytes
    worker: str
    epoch: int


@dataclass(frozen=True, slots=True)
class GapRow:
    """Why a camera's footage is missing."""

    id: UUID
    camera: UUID
    start_90k: int
    end_90k: int | None
    cause: Cause
    detail: str


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection that may wander between threads, used by one at a time."""
    mode = "ro" if read_only else "rwc"
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=BUSY_S,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    if not read_only:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
    return connection


class Catalogue:
    """The writing side. Raises ``sqlite3.Error`` when the disk or the database does not play along."""

    def __init__(self, path: Path, volume: UUID) -> None:
        self._connection = connect(path)
        try:
            self._prepare(volume)
        except BaseException:
            self._connection.close()
            raise

    def _prepare(self, volume: UUID) -> None:
        with self.transaction():
            version = self._connection.execute("PRAGMA user_version").fetchone()[0]
            if version == 0:
                for statement in SCHEMA.split(";\n"):
                    self._connection.execute(statement)
                self._connection.execute("INSERT INTO meta VALUES ('volume', ?)", (volume.bytes,))
                self._connection.execute(f"PRAGMA user_version = {VERSION}")
            elif version != VERSION:
                raise CatalogueError(f"the catalogue has version {version}, this program knows {VERSION}")
        owner = self._connection.execute("SELECT value FROM meta WHERE key = 'volume'").fetchone()
        if owner is None or owner[0] != volume.bytes:
            raise CatalogueError("the catalogue belongs to another volume")

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Durable when the block ends, or nothing of it happened."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def used_bytes(self) -> int:
        """What closed segments and their indexes take."""
        return int(self._connection.execute("SELECT value FROM meta WHERE key = 'used_bytes'").fetchone()[0])

    def add_open(self, row: SegmentRow) -> None:
        self._connection.execute(
            "INSERT OR IGNORE INTO segments VALUES (?,?,?,?,'open',?,0,0,NULL,?,?,?,?)",
            (
                *(row.id.bytes, row.camera.bytes, row.start_90k, row.start_90k, row.path),
                *(row.mime, row.init_sha, row.worker, row.epoch),
            ),
        )

    def close_segment(self, segment: UUID, end_90k: int, size_bytes: int, entries: int, root: bytes) -> None:
        """The files must be durable. Repeating it changes nothing."""
        changed = self._connection.execute(
            "UPDATE segments SET state = 'closed', end_90k = ?, size_bytes = ?, entries = ?, root = ?"
            " WHERE id = ? AND state = 'open'",
            (end_90k, size_bytes, entries, root, segment.bytes),
        ).rowcount
        if changed:
            self._connection.execute(
                "UPDATE meta SET value = value + ? WHERE key = 'used_bytes'", (size_bytes + 64 * entries,)
            )

    def begin_gap(self, camera: UUID, cause: Cause, detail: str, at_90k: int) -> None:
        """From here on nothing is recorded. An open gap of another cause ends here; one of the same goes
        on.
        """
        row = self._connection.execute(
            "SELECT cause, start_90k FROM gaps WHERE camera = ? AND end_90k IS NULL", (camera.bytes,)
        ).fetchone()
        if row is not None and row[0] == cause:
            return
        if row is not None:
            at_90k = max(at_90k, row[1])
        self.end_gap(camera, at_90k)
        self._insert_gap(camera, cause, detail, at_90k, None)

    def end_gap(self, camera: UUID, at_90k: int) -> None:
        """Recording goes on here."""
        self._connection.execute(
            "UPDATE gaps SET end_90k = max(start_90k, ?) WHERE camera = ? AND end_90k IS NULL",
            (at_90k, camera.bytes),
        )

    def add_gap(self, camera: UUID, cause: Cause, detail: str, start_90k: int, end_90k: int) -> None:
        """A gap that is already over."""
        self._insert_gap(camera, cause, detail, start_90k, max(start_90k, end_90k))

    def _insert_gap(
        self, camera: UUID, cause: Cause, detail: str, start_90k: int, end_90k: int | None
    ) -> None:
        self._connection.execute(
            "INSERT INTO gaps VALUES (?,?,?,?,?,?)",
            (uuid4().bytes, camera.bytes, start_90k, end_90k, cause.value, detail),
        )

    def explain_silence(self, camera: UUID, until_90k: int) -> None:
        """Name the time between a camera's last record and now, if a recorder died without leaving a word."""
        known = self._connection.execute(
            "SELECT max(end_90k), sum(end_90k IS NULL) FROM"
            " (SELECT * FROM (SELECT end_90k FROM segments WHERE camera = ?1 AND start_90k <= ?2"
            "   ORDER BY start_90k DESC LIMIT 1)"
            "  UNION ALL SELECT * FROM (SELECT end_90k FROM gaps WHERE camera = ?1 AND start_90k <= ?2"
            "   ORDER BY start_90k DESC LIMIT 1))",
            (camera.bytes, until_90k),
        ).fetchone()
        last_90k, going_on = known
        if last_90k is not None and not going_on and until_90k - last_90k > UNEXPLAINED_90K:
            self.add_gap(
                camera, Cause.RECORDER_CRASHED, "the recorder ended without a word", last_90k, until_90k
            )

    def lose_segment(self, segment: UUID) -> None:
        """Its file is gone or has no head, and it was never closed: nothing of it can be shown."""
        self._connection.execute(
            "UPDATE segments SET state = 'lost' WHERE id = ? AND state = 'open'", (segment.bytes,)
        )

    def note_crash(self, row: SegmentRow, cause: Cause, detail: str, end_90k: int) -> None:
        """A segment was found torn: footage is missing from its end until the next segment, or until further
        notice. A gap that is open already says more."""
        camera = row.camera
        following = self._connection.execute(
            "SELECT min(start_90k) FROM segments WHERE camera = ? AND start_90k >= ? AND id != ?",
            (camera.bytes, end_90k, row.id.bytes),
        ).fetchone()[0]
        if following is not None:
            self.add_gap(camera, cause, detail, end_90k, following)
            return
        going_on = self._connection.execute(
            "SELECT 1 FROM gaps WHERE camera = ? AND end_90k IS NULL", (camera.bytes,)
        ).fetchone()
        if going_on is None:
            self._insert_gap(camera, cause, detail, end_90k, None)

    def open_segments(self) -> list[SegmentRow]:
        return _segments(self._connection.execute(SELECT + " WHERE state = 'open'"))

    def has_segment(self, segment: UUID) -> bool:
        found = self._connection.execute("SELECT 1 FROM segments WHERE id = ?", (segment.bytes,))
        return found.fetchone() is not None


# --- Reading --------------------------------------------------------------------------------------


def segments_between(
    connection: sqlite3.Connection, camera: UUID, start_90k: int, end_90k: int
) -> list[SegmentRow]:
    """The camera's segments that may reach into [start, end), by start: all that began up to one segment's
    longest life before it."""
    return _segments(
        connection.execute(
            SELECT + " WHERE camera = ? AND start_90k > ? AND start_90k < ? ORDER BY start_90k, id",
            (camera.bytes, _in_sqlite(start_90k - 2 * CLOSE_90K), _in_sqlite(end_90k)),
        )
    )


def segment_by_id(connection: sqlite3.Connection, segment: UUID) -> SegmentRow | None:
    found = _segments(connection.execute(SELECT + " WHERE id = ?", (segment.bytes,)))
    return found[0] if found else None


def gaps_between(connection: sqlite3.Connection, camera: UUID, start_90k: int, end_90k: int) -> list[GapRow]:
    """The camera's gaps that reach into [start, end), by start; those without length are marks and left
    out.
    """
    rows = connection.execute(
        "SELECT id, camera, start_90k, end_90k, cause, detail FROM gaps WHERE camera = ? AND start_90k < ?"
        " AND (end_90k IS NULL OR (end_90k > ? AND end_90k > start_90k)) ORDER BY start_90k, id",
        (camera.bytes, _in_sqlite(end_90k), _in_sqlite(start_90k)),
    )
    return [
        GapRow(UUID(bytes=id), UUID(bytes=of), start, end, Cause(cause), detail)
        for id, of, start, end, cause, detail in rows
    ]


def _segments(rows: sqlite3.Cursor) -> list[SegmentRow]:
    return [SegmentRow(UUID(bytes=id), UUID(bytes=camera), *rest) for id, camera, *rest in rows]


def _in_sqlite(value: int) -> int:
    """A number that a column can be compared with: SQLite's are 64 bits wide."""
    return max(-(2**63), min(value, 2**63 - 1))
