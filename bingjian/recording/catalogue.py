"""The volume's own SQLite database: one row per segment and one per gap, never one per fragment.

Written by few connections (each process' writer thread, its removals and its audit), which take turns under
``BEGIN IMMEDIATE``; read by any number of read-only connections in threads. Times are UTC since 1970 in
1/90000 s. A segment is addressed by camera, start and id, and its rows lie in that order: what is asked is
always "this camera, from then to then", and a year of it is one stretch of the file."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple
from uuid import UUID, uuid4

from bingjian.clock import TICKS_PER_SECOND
from bingjian.recording.cause import Cause
from bingjian.recording.segment import CLOSE_90K, Recovered, relative_path

VERSION = 3
OLDEST = 2  # that is made one of ours when it is opened for writing
BUSY_S = 5.0  # how long one process waits for another's transaction, which takes milliseconds
CACHE_KIB = 512  # pages kept per connection; the rows in use are few
NEVER_90K = -(2**63)  # before every instant a column can hold
UNEXPLAINED_90K = TICKS_PER_SECOND  # silence between two segments that is no longer rounding

SCHEMA = """
CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value
) WITHOUT ROWID;
CREATE TABLE formats (                  -- what a decoder must know of a segment; a camera has few
  id       INTEGER PRIMARY KEY,
  init_sha BLOB NOT NULL UNIQUE,        -- SHA-256 of ftyp moov without the identity
  mime     TEXT NOT NULL
);
CREATE TABLE segments (
  camera     BLOB NOT NULL,             -- UUID
  start_90k  INTEGER NOT NULL,
  id         BLOB NOT NULL,             -- UUID
  end_90k    INTEGER NOT NULL,          -- open: its start, the index knows better
  state      TEXT NOT NULL CHECK (state IN ('open', 'closed', 'lost')),
  size_bytes INTEGER NOT NULL,          -- of the .mp4; open: 0
  entries    INTEGER NOT NULL,          -- in the index, with the init segment's; open: 0
  root       BLOB,                      -- Merkle root over the index entries; open: NULL
  format     INTEGER NOT NULL,          -- formats.id
  worker     TEXT NOT NULL,
  epoch      INTEGER NOT NULL,
  PRIMARY KEY (camera, start_90k, id)
) WITHOUT ROWID;
CREATE INDEX segments_open ON segments (state) WHERE state = 'open';
CREATE TABLE removed (                  -- what a receipt has given up; the root stays for ever
  camera     BLOB NOT NULL,
  start_90k  INTEGER NOT NULL,
  id         BLOB NOT NULL,
  end_90k    INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,          -- with its index
  root       BLOB NOT NULL,
  receipt    TEXT NOT NULL,             -- entries.RemovalReceipt as JSON
  unlinked   INTEGER NOT NULL,          -- 0: its files are still to be unlinked
  PRIMARY KEY (camera, start_90k, id)
) WITHOUT ROWID;
CREATE INDEX removed_queue ON removed (unlinked) WHERE unlinked = 0;
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
CREATE TABLE findings (                 -- of the audit
  id            BLOB PRIMARY KEY,       -- UUID
  camera        BLOB NOT NULL,
  segment_start_90k INTEGER NOT NULL,
  segment       BLOB NOT NULL,
  kind          TEXT NOT NULL,
  start_90k     INTEGER NOT NULL,
  end_90k       INTEGER NOT NULL,
  found_at_90k  INTEGER NOT NULL,
  detail        TEXT NOT NULL,
  UNIQUE (segment, kind, start_90k, end_90k)
) WITHOUT ROWID;
CREATE TABLE spool (                    -- owed to the journal; gone once acknowledged
  seq  INTEGER PRIMARY KEY AUTOINCREMENT,
  key  TEXT NOT NULL,                   -- repeats under one key are one
  body TEXT NOT NULL                    -- JSON
);
INSERT INTO meta VALUES ('used_bytes', 0);
"""
# Since version 3: which segments were fetched from a device afterwards. Rows stay for ever.
RECOVERED = """TABLE recovered (
  camera      BLOB NOT NULL,
  start_90k   INTEGER NOT NULL,
  id          BLOB NOT NULL,            -- UUID of the segment
  device      TEXT NOT NULL,
  channel     TEXT NOT NULL,
  fetched_90k INTEGER NOT NULL,
  PRIMARY KEY (camera, start_90k, id)
) WITHOUT ROWID"""
RECOVERING = "recovering:"  # and a camera's UUID, in ``meta``: the interval that is being fetched

SELECT = (
    "SELECT segments.id, camera, start_90k, end_90k, state, size_bytes, entries, root, mime, init_sha,"
    " worker, epoch, device, channel, fetched_90k FROM segments"
    " LEFT JOIN recovered USING (camera, start_90k, id) JOIN formats ON formats.id = segments.format"
)

# A start as names and texts give it may be rounded down by up to a millisecond.
ABOUT = "camera = ?1 AND start_90k >= ?2 AND start_90k <= ?2 + 90 AND id = ?3"
HAS_SEGMENT = f"SELECT 1 FROM segments WHERE {ABOUT} UNION ALL SELECT 1 FROM removed WHERE {ABOUT}"  # noqa: S608
IS_REMOVED = f"SELECT 1 FROM removed WHERE {ABOUT}"  # noqa: S608
CLOSED_SEGMENT = f"{SELECT} WHERE {ABOUT.replace(' id', ' segments.id')} AND state = 'closed'"


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
    size_bytes: int
    entries: int
    root: bytes | None
    mime: str
    init_sha: bytes
    worker: str
    epoch: int
    recovered: Recovered | None = None  # None: we recorded it ourselves

    @property
    def path(self) -> str:
        """Of the .mp4, from the volume's directory."""
        return relative_path(self.camera, self.id, self.start_90k)

    @property
    def address(self) -> "Address":
        return Address(self.camera, self.start_90k, self.id)


class Address(NamedTuple):
    """How one segment is told from all others."""

    camera: UUID
    start_90k: int
    id: UUID

    @property
    def key(self) -> tuple[bytes, int, bytes]:
        return self.camera.bytes, self.start_90k, self.id.bytes

    @property
    def path(self) -> str:
        """Of the .mp4, from the volume's directory."""
        return relative_path(self.camera, self.id, self.start_90k)


class RemovedRow(NamedTuple):
    """What a receipt has given up."""

    address: Address
    end_90k: int
    size_bytes: int  # with its index
    root: bytes
    receipt: str  # JSON


class Owed(NamedTuple):
    """One thing the journal is to be told."""

    seq: int
    key: str
    body: dict[str, object]


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
    elif connection.execute("PRAGMA user_version").fetchone()[0] == OLDEST:
        connection.execute(f"CREATE TEMP {RECOVERED}")  # read as it stands: nothing was recovered then
    return connection


class Catalogue:
    """The writing side. Raises ``sqlite3.Error`` when the disk or the database does not play along."""

    def __init__(self, path: Path, volume: UUID) -> None:
        self._connection = connect(path)
        self._formats: dict[bytes, int] = {}  # init_sha → formats.id
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
            if version in (0, OLDEST):
                self._connection.execute(f"CREATE {RECOVERED}")
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
            self._formats.clear()  # those of this transaction are not there
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def used_bytes(self) -> int:
        """What closed segments and their indexes take."""
        return int(self._connection.execute("SELECT value FROM meta WHERE key = 'used_bytes'").fetchone()[0])

    def add_open(self, row: SegmentRow) -> None:
        """Whoever holds its file says so, whatever a repair has made of it a moment before. Repeating it
        changes nothing; one that is closed stays closed.
        """
        self._insert_segments([row])
        self._connection.execute(
            "UPDATE segments SET state = 'open', format = ?, worker = ?, epoch = ?"
            " WHERE camera = ? AND start_90k = ? AND id = ? AND state = 'lost'",
            (self._format(row), row.worker, row.epoch, *row.address.key),
        )

    def add_closed(self, rows: Iterable[SegmentRow]) -> None:
        """Many segments whose files are durable, in one go: of a moved store, or for a benchmark."""
        taken = self._insert_segments(rows)
        self._connection.execute("UPDATE meta SET value = value + ? WHERE key = 'used_bytes'", (taken,))

    def _insert_segments(self, rows: Iterable[SegmentRow]) -> int:
        """Returns what they take on the disk."""
        taken = 0
        fetched: list[SegmentRow] = []

        def values() -> Iterator[tuple[object, ...]]:
            nonlocal taken
            for row in rows:
                taken += row.size_bytes + 64 * row.entries
                if row.recovered is not None:
                    fetched.append(row)
                yield (
                    *(row.camera.bytes, row.start_90k, row.id.bytes, row.end_90k, row.state),
                    *(row.size_bytes, row.entries, row.root, self._format(row)),
                    *(row.worker, row.epoch),
                )

        insert = "INSERT OR IGNORE INTO segments VALUES (?,?,?,?,?,?,?,?,?,?,?)"
        self._connection.executemany(insert, values())
        self._note_recovered(fetched)
        return taken

    def _note_recovered(self, rows: Iterable[SegmentRow]) -> None:
        self._connection.executemany(
            "INSERT OR IGNORE INTO recovered VALUES (?,?,?,?,?,?)",
            (
                (*row.address.key, row.recovered.device, row.recovered.channel, row.recovered.fetched_90k)
                for row in rows
                if row.recovered is not None
            ),
        )

    def _format(self, row: SegmentRow) -> int:
        known = self._formats.get(row.init_sha)
        if known is None:
            self._connection.execute(
                "INSERT OR IGNORE INTO formats (init_sha, mime) VALUES (?,?)", (row.init_sha, row.mime)
            )
            found = self._connection.execute("SELECT id FROM formats WHERE init_sha = ?", (row.init_sha,))
            known = self._formats[row.init_sha] = int(found.fetchone()[0])
        return known

    def close_segment(
        self, row: SegmentRow, end_90k: int, size_bytes: int, entries: int, root: bytes
    ) -> None:
        """The files must be durable. Repeating it changes nothing."""
        changed = self._connection.execute(
            "UPDATE segments SET state = 'closed', end_90k = ?, size_bytes = ?, entries = ?, root = ?"
            " WHERE camera = ? AND start_90k = ? AND id = ? AND state = 'open'",
            (end_90k, size_bytes, entries, root, *row.address.key),
        ).rowcount
        if not changed:
            return
        self._connection.execute(
            "UPDATE meta SET value = value + ? WHERE key = 'used_bytes'", (size_bytes + 64 * entries,)
        )
        self.owe(
            f"segment:{row.id}",
            {
                "kind": "segment.closed",
                "camera": str(row.camera),
                "segment": str(row.id),
                "start_90k": row.start_90k,
                "end_90k": end_90k,
                "root": root.hex(),
                "size_bytes": size_bytes,
            },
        )
        if row.recovered is not None:
            self._owe_recovered(row, row.recovered, end_90k)

    def _owe_recovered(self, row: SegmentRow, recovered: Recovered, end_90k: int) -> None:
        """The proof of when it was fetched."""
        self.owe(
            f"recovered:{row.id}",
            {
                "kind": "segment.recovered",
                "camera": str(row.camera),
                "segment": str(row.id),
                "start_90k": row.start_90k,
                "end_90k": end_90k,
                **asdict(recovered),
            },
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
        ended = self._connection.execute(
            "UPDATE gaps SET end_90k = max(start_90k, ?) WHERE camera = ? AND end_90k IS NULL"
            " RETURNING id, start_90k, end_90k, cause",
            (at_90k, camera.bytes),
        ).fetchall()
        for id, start_90k, end_90k, cause in ended:
            self._owe_gap(id, camera, start_90k, end_90k, cause)

    def add_gap(self, camera: UUID, cause: Cause, detail: str, start_90k: int, end_90k: int) -> None:
        """A gap that is already over."""
        self._insert_gap(camera, cause, detail, start_90k, max(start_90k, end_90k))

    def _insert_gap(
        self, camera: UUID, cause: Cause, detail: str, start_90k: int, end_90k: int | None
    ) -> None:
        id = uuid4().bytes
        self._connection.execute(
            "INSERT INTO gaps VALUES (?,?,?,?,?,?)",
            (id, camera.bytes, start_90k, end_90k, cause.value, detail),
        )
        if end_90k is not None:
            self._owe_gap(id, camera, start_90k, end_90k, cause.value)

    def _owe_gap(self, id: bytes, camera: UUID, start_90k: int, end_90k: int, cause: str) -> None:
        if end_90k > start_90k:
            self.owe(
                f"gap:{UUID(bytes=id)}",
                {
                    "kind": "gap.ended",
                    "camera": str(camera),
                    "start_90k": start_90k,
                    "end_90k": end_90k,
                    "cause": cause,
                },
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

    def lose_segment(self, row: SegmentRow) -> None:
        """Its file is gone or has no head, and it was never closed: nothing of it can be shown."""
        self._connection.execute(
            "UPDATE segments SET state = 'lost'"
            " WHERE camera = ? AND start_90k = ? AND id = ? AND state = 'open'",
            row.address.key,
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
        return segments_in(self._connection.execute(SELECT + " WHERE state = 'open'"))

    def has_segment(self, camera: UUID, about_90k: int, segment: UUID) -> bool:
        """Whether there is a row; ``about_90k``: its start, rounded down to the millisecond."""
        found = self._connection.execute(
            HAS_SEGMENT,
            (camera.bytes, about_90k, segment.bytes),
        )
        return found.fetchone() is not None

    # --- Removal: see recording.removal, the only caller

    def closed_segment(self, camera: UUID, about_90k: int, segment: UUID) -> SegmentRow | None:
        """``about_90k``: its start, rounded down to the millisecond or finer."""
        key = (camera.bytes, about_90k, segment.bytes)
        found = segments_in(self._connection.execute(CLOSED_SEGMENT, key))
        return found[0] if found else None

    def is_removed(self, camera: UUID, about_90k: int, segment: UUID) -> bool:
        found = self._connection.execute(IS_REMOVED, (camera.bytes, about_90k, segment.bytes))
        return found.fetchone() is not None

    def give_up(self, address: Address, receipt: str) -> bool:
        """Move a closed segment's row to the removal queue. False: there is no such closed segment."""
        row = self._connection.execute(
            "DELETE FROM segments WHERE camera = ? AND start_90k = ? AND id = ? AND state = 'closed'"
            " RETURNING end_90k, size_bytes + 64 * entries, root",
            address.key,
        ).fetchone()
        if row is None:
            return False
        values = (*address.key, *row, receipt)
        self._connection.execute("INSERT INTO removed VALUES (?,?,?,?,?,?,?,0)", values)
        return True

    def removal_queue(self) -> list[RemovedRow]:
        """Those whose files are still to be unlinked."""
        return removed_in(self._connection.execute(SELECT_REMOVED + " WHERE unlinked = 0"))

    def unlinked(self, row: RemovedRow) -> None:
        """Its files are gone for good. Repeating it changes nothing."""
        changed = self._connection.execute(
            "UPDATE removed SET unlinked = 1 WHERE camera = ? AND start_90k = ? AND id = ? AND unlinked = 0",
            row.address.key,
        ).rowcount
        if changed:
            self._connection.execute(
                "UPDATE meta SET value = value - ? WHERE key = 'used_bytes'", (row.size_bytes,)
            )
            self.owe(
                f"removed:{row.address.id}",
                {
                    "kind": "segment.removed",
                    "camera": str(row.address.camera),
                    "segment": str(row.address.id),
                },
            )

    # --- What is owed

    def owe(self, key: str, body: dict[str, object]) -> None:
        """Tell the journal, some time."""
        self._connection.execute("INSERT INTO spool (key, body) VALUES (?,?)", (key, json.dumps(body)))

    def settle_debts(self, up_to: int) -> None:
        """The journal has these."""
        self._connection.execute("DELETE FROM spool WHERE seq <= ?", (up_to,))

    # --- Small durable values of other parts (the audit's cursor, the volume's generation)

    def value(self, key: str) -> Any:
        found = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return found[0] if found else None

    def set_value(self, key: str, value: int | str | bytes) -> None:
        self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?,?)", (key, value))

    # --- What is being fetched from a device: a crash may leave a file of those days without a row

    def begin_recovery(self, camera: UUID, start_90k: int, end_90k: int) -> None:
        """Before its first file is made; one interval per camera at a time."""
        self.set_value(f"{RECOVERING}{camera}", f"{start_90k} {end_90k}")

    def end_recovery(self, camera: UUID) -> None:
        """All its files have closed rows."""
        self._connection.execute("DELETE FROM meta WHERE key = ?", (f"{RECOVERING}{camera}",))

    def recovering(self) -> dict[UUID, tuple[int, int]]:
        return recovering(self._connection)


# --- Reading --------------------------------------------------------------------------------------


def segments_between(
    connection: sqlite3.Connection, camera: UUID, start_90k: int, end_90k: int
) -> list[SegmentRow]:
    """The camera's segments that may reach into [start, end), by start: all that began up to one segment's
    longest life before it."""
    return segments_in(
        connection.execute(
            SELECT + " WHERE camera = ? AND start_90k > ? AND start_90k < ? ORDER BY start_90k, segments.id",
            (camera.bytes, _in_sqlite(start_90k - 2 * CLOSE_90K), _in_sqlite(end_90k)),
        )
    )


def segment_at(connection: sqlite3.Connection, address: Address) -> SegmentRow | None:
    found = segments_in(
        connection.execute(SELECT + " WHERE camera = ? AND start_90k = ? AND segments.id = ?", address.key)
    )
    return found[0] if found else None


def stored_within(
    connection: sqlite3.Connection,
    camera: UUID,
    after_90k: int,
    before_90k: int,
    limit: int,
    *,
    growing: bool,
) -> list[SegmentRow]:
    """The camera's closed segments that began at or after one instant and ended by another, oldest first.

    ``growing``: with those that are open and began before the other.
    """
    return segments_in(
        connection.execute(
            SELECT
            + " WHERE camera = ?1 AND start_90k >= ?2 AND start_90k < ?3 AND end_90k <= ?3"
            + " AND (state = 'closed' OR (?5 AND state = 'open')) ORDER BY start_90k, segments.id LIMIT ?4",
            (camera.bytes, _in_sqlite(after_90k), _in_sqlite(before_90k), limit, growing),
        )
    )


class Stretches(NamedTuple):
    """Where there is footage, by start."""

    closed: list[tuple[int, int]]  # start and end
    open: list[tuple[int, UUID]]  # start and id of each segment whose end the index knows better


def stretches_between(
    connection: sqlite3.Connection, camera: UUID, start_90k: int, end_90k: int, joined_90k: int
) -> Stretches:
    """The camera's segments that may reach into [start, end); closed ones at most ``joined_90k`` apart are
    one stretch.

    They are joined as the rows come, without an object for any: a month has 9 000 rows and seldom a hundred
    stretches. A window function takes seven times as long.
    """
    rows = connection.execute(
        "SELECT start_90k, end_90k, CASE state WHEN 'open' THEN id END FROM segments"
        " WHERE camera = ? AND start_90k > ? AND start_90k < ? AND state != 'lost' ORDER BY start_90k",
        (camera.bytes, _in_sqlite(start_90k - 2 * CLOSE_90K), _in_sqlite(end_90k)),
    )
    found = Stretches([], [])
    first_90k = last_90k = NEVER_90K
    for start, end, id in rows:
        if id is not None:
            found.open.append((start, UUID(bytes=id)))
        elif start - last_90k > joined_90k:
            found.closed.append((first_90k, last_90k))
            first_90k, last_90k = start, end
        elif end > last_90k:
            last_90k = end
    found.closed.append((first_90k, last_90k))
    del found.closed[0]  # what ended before the first
    return found


def removed_between(
    connection: sqlite3.Connection, camera: UUID, start_90k: int, end_90k: int
) -> list[tuple[int, int]]:
    """Start and end of what was given up of [start, end), by start."""
    rows = connection.execute(
        "SELECT start_90k, end_90k FROM removed"
        " WHERE camera = ? AND start_90k > ? AND start_90k < ? AND end_90k > ? ORDER BY start_90k",
        (camera.bytes, _in_sqlite(start_90k - 2 * CLOSE_90K), _in_sqlite(end_90k), _in_sqlite(start_90k)),
    )
    return rows.fetchall()


class RecoveredStretch(NamedTuple):
    """A segment that was fetched from a device."""

    start_90k: int
    end_90k: int  # open: its start
    id: UUID
    open: bool
    recovered: Recovered


def recovered_between(
    connection: sqlite3.Connection, camera: UUID, start_90k: int, end_90k: int
) -> list[RecoveredStretch]:
    """The camera's recovered segments that may reach into [start, end), by start."""
    rows = connection.execute(
        "SELECT recovered.start_90k, end_90k, recovered.id, state = 'open', device, channel, fetched_90k"
        " FROM recovered CROSS JOIN segments ON segments.camera = recovered.camera"
        " AND segments.start_90k = recovered.start_90k AND segments.id = recovered.id"
        " WHERE recovered.camera = ? AND recovered.start_90k > ? AND recovered.start_90k < ?"
        " AND state != 'lost' ORDER BY recovered.start_90k, recovered.id",
        (camera.bytes, _in_sqlite(start_90k - 2 * CLOSE_90K), _in_sqlite(end_90k)),
    )
    return [
        RecoveredStretch(start, end, UUID(bytes=id), bool(is_open), Recovered(*said))
        for start, end, id, is_open, *said in rows
    ]


def recovering(connection: sqlite3.Connection) -> dict[UUID, tuple[int, int]]:
    """By camera, the interval that is, or was when a process died, being fetched."""
    rows = connection.execute("SELECT key, value FROM meta WHERE key GLOB ?", (f"{RECOVERING}*",))
    return {
        UUID(key.removeprefix(RECOVERING)): (int(start), int(end))
        for key, value in rows
        for start, end in [value.split()]
    }


def removed_ids(
    connection: sqlite3.Connection, camera: UUID, first_90k: int, last_90k: int
) -> list[tuple[int, UUID]]:
    """Start and id of the camera's segments that were given up and began from one instant to another."""
    rows = connection.execute(
        "SELECT start_90k, id FROM removed WHERE camera = ? AND start_90k BETWEEN ? AND ?",
        (camera.bytes, _in_sqlite(first_90k), _in_sqlite(last_90k)),
    )
    return [(start_90k, UUID(bytes=id)) for start_90k, id in rows]


def cameras_of(connection: sqlite3.Connection) -> list[tuple[UUID, int]]:
    """Every camera with footage here, and the start of its newest segment; one look-up per camera."""
    rows = connection.execute(
        "WITH RECURSIVE one(camera) AS (SELECT min(camera) FROM segments UNION ALL"
        " SELECT (SELECT min(camera) FROM segments WHERE camera > one.camera) FROM one"
        " WHERE one.camera IS NOT NULL)"
        " SELECT camera, (SELECT max(start_90k) FROM segments WHERE segments.camera = one.camera)"
        " FROM one WHERE camera IS NOT NULL"
    )
    return [(UUID(bytes=camera), newest_90k) for camera, newest_90k in rows]


def debts(connection: sqlite3.Connection, after: int, limit: int) -> list[Owed]:
    """What the journal has not been told, oldest first."""
    rows = connection.execute(
        "SELECT seq, key, body FROM spool WHERE seq > ? ORDER BY seq LIMIT ?", (after, limit)
    )
    return [Owed(seq, key, json.loads(body)) for seq, key, body in rows]


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


SELECT_REMOVED = "SELECT camera, start_90k, id, end_90k, size_bytes, root, receipt FROM removed"


def removed_in(rows: sqlite3.Cursor) -> list[RemovedRow]:
    return [
        RemovedRow(Address(UUID(bytes=camera), start_90k, UUID(bytes=id)), *rest)
        for camera, start_90k, id, *rest in rows
    ]


def segments_in(rows: sqlite3.Cursor) -> list[SegmentRow]:
    return [
        SegmentRow(UUID(bytes=id), UUID(bytes=camera), *rest, *_recovered_in(device, channel, fetched_90k))
        for id, camera, *rest, device, channel, fetched_90k in rows
    ]


def _recovered_in(device: str | None, channel: str, fetched_90k: int) -> list[Any]:
    """The last field of a row, if it has one."""
    return [Recovered(device, channel, fetched_90k)] if device is not None else []


def _in_sqlite(value: int) -> int:
    """A number that a column can be compared with: SQLite's are 64 bits wide."""
    return max(-(2**63), min(value, 2**63 - 1))
