"""A stored volume, checked against docs/recording.md by code that shares nothing with what wrote it.

Only the documented layout is used: file names, the index' 64 bytes, the catalogue's tables. Reads alone, also
while others record. Each function returns what is wrong as sentences; none: all is well.
"""

import fcntl
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from struct import Struct, error
from uuid import UUID

ENTRY = Struct(">QIIQIi32s")  # start, duration, length, offset, flags, clock offset, SHA-256
IDENTITY = Struct(">B7x16s16s16sQ")  # version, camera, volume, segment, epoch; 2: and where it was fetched
IDENTITY_TYPE = bytes.fromhex("b1960c1e71d24b0f9a55c0de5e9b3a17")
OWN_FILES = {
    *("volume.json", "volume.lock", ".probe"),
    *("catalogue.sqlite3", "catalogue.sqlite3-wal", "catalogue.sqlite3-shm"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of ``segments``."""

    camera: UUID
    start_90k: int
    id: UUID
    end_90k: int
    state: str
    size_bytes: int
    entries: int
    root: bytes | None
    path: Path  # of the .mp4


def rows_of(volume: Path) -> list[Row]:
    """Every segment of the catalogue, by camera and start."""
    columns = "camera, start_90k, id, end_90k, state, size_bytes, entries, root"
    found = _ask(volume, f"SELECT {columns} FROM segments ORDER BY camera, start_90k")
    names = _files_by_id(volume)
    return [
        Row(UUID(bytes=camera), start, UUID(bytes=id), *rest, names.get(UUID(bytes=id), volume / "nowhere"))
        for camera, start, id, *rest in found
    ]


def _ask(volume: Path, question: str) -> list[tuple[object, ...]]:
    uri = f"{(volume / 'catalogue.sqlite3').absolute().as_uri()}?mode=ro"
    connection = sqlite3.connect(uri, uri=True, timeout=30)
    try:
        return connection.execute(question).fetchall()
    finally:
        connection.close()


def _files_by_id(volume: Path) -> dict[UUID, Path]:
    return {id: path for path in volume.glob("cameras/*/*/*.mp4") if (id := id_in(path)) is not None}


def id_in(path: Path) -> UUID | None:
    """The segment that a file's name is of."""
    try:
        return UUID(hex=path.stem.rpartition("_")[2])
    except ValueError:
        return None


# --- Bytes ----------------------------------------------------------------------------------------


def corrupt(volume: Path, rows: Iterable[Row]) -> list[str]:
    """Invariants 1 to 3, 6 and 11 of these segments, every fragment hashed."""
    return [f"{row.path.name}: {fault}" for row in rows for fault in _faults(volume, row)]


def _faults(volume: Path, row: Row) -> Iterator[str]:
    if row.state == "lost":
        return
    try:
        index = row.path.with_suffix(".idx").read_bytes()  # first, for it may be growing
        data = row.path.read_bytes()
    except OSError as wrong:
        yield f"cannot be read: {wrong}"
        return
    entries = list(ENTRY.iter_unpack(index[: len(index) // ENTRY.size * ENTRY.size]))
    yield from _faults_of_entries(entries, data)
    if row.state == "closed":
        yield from _faults_of_closed(row, index, entries, data)
    if entries and not _is_of(row, data[: entries[0][2]]):
        yield "its uuid box names another segment"


def _faults_of_entries(entries: Sequence[tuple[int, ...]], data: bytes) -> Iterator[str]:
    offset, start = 0, 0
    for number, (start_90k, _, length, at, _, _, digest) in enumerate(entries):
        piece = data[at : at + length]
        if at != offset or start_90k < start:
            yield f"entry {number} does not follow from the one before"
        if sha256(piece).digest() != digest:
            yield f"entry {number} is not of these bytes"
        elif _boxes(piece) != ([b"ftyp", b"moov"] if number == 0 else [b"moof", b"mdat"]):
            yield f"entry {number} is no fragment"
        offset, start = at + length, start_90k


def _faults_of_closed(
    row: Row, index: bytes, entries: Sequence[tuple[int, ...]], data: bytes
) -> Iterator[str]:
    if len(data) != row.size_bytes or len(index) != ENTRY.size * row.entries:
        yield "its files have not the size that its row says"
    if not entries or entries[-1][3] + entries[-1][2] != len(data):
        yield "its last entry does not end where the file does"
    elif max(start + duration for start, duration, *_ in entries) != row.end_90k:
        yield "its row has another end than its entries"
    if row.root != _tree_head([index[at : at + ENTRY.size] for at in range(0, len(index), ENTRY.size)]):
        yield "its root is not that of its index"


def _boxes(data: bytes) -> list[bytes]:
    """Types of the boxes that fill these bytes exactly; empty if none do."""
    found, at = [], 0
    while at + 8 <= len(data):
        found.append(data[at + 4 : at + 8])
        at += max(int.from_bytes(data[at : at + 4]), 8)
    return found if at == len(data) else []


def _is_of(row: Row, init: bytes) -> bool:
    at = init.find(b"uuid" + IDENTITY_TYPE) + 4 + len(IDENTITY_TYPE)
    try:
        version, camera, _, segment, _ = IDENTITY.unpack(init[at : at + IDENTITY.size])
    except error:
        return False
    return version in (1, 2) and (camera, segment) == (row.camera.bytes, row.id.bytes)


def _tree_head(leaves: Sequence[bytes]) -> bytes:
    """RFC 6962 §2.1, word for word."""
    if len(leaves) < 2:
        return sha256(b"\0" + leaves[0]).digest() if leaves else sha256().digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha256(b"\1" + _tree_head(leaves[:half]) + _tree_head(leaves[half:])).digest()


# --- Files ----------------------------------------------------------------------------------------


def unaccounted(volume: Path) -> list[str]:
    """Invariant 7, and rows without their files. Files come before their rows and go after them, so what is
    listed first and asked about later may only be what a living writer holds."""
    files = [path for path in volume.rglob("*") if path.is_file()]
    rows = {UUID(bytes=id): state for id, state in _ask(volume, "SELECT id, state FROM segments")}  # type: ignore[arg-type]
    leaving = {UUID(bytes=id) for (id,) in _ask(volume, "SELECT id FROM removed WHERE unlinked = 0")}  # type: ignore[arg-type]
    strangers = [path for path in files if not _is_accounted(volume, path, rows.keys() | leaving)]
    there = {id_in(path) for path in files if path.suffix == ".mp4"}
    there |= {id_in(path) for path in volume.glob("cameras/*/*/*.mp4")}
    missing = [str(id) for id, state in rows.items() if state != "lost" and id not in there]
    return [f"{path}: nobody's" for path in strangers] + [f"segment {id}: has no file" for id in missing]


def _is_accounted(volume: Path, path: Path, known: set[UUID]) -> bool:
    if path.parent == volume and path.name in OWN_FILES:
        return True
    if path.name.startswith(".") and path.name.endswith(".new"):
        return True  # a draft, see docs/recording.md
    return id_in(path) in known or not path.exists() or _is_held(path.with_suffix(".mp4"))


def _is_held(path: Path) -> bool:
    """A living writer has the file and will give it its row."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


# --- Promises -------------------------------------------------------------------------------------


def removed_more_than_once(volume: Path) -> list[str]:
    """Receipts that the volume has reported twice."""
    asked = "SELECT key, count(*) FROM spool WHERE key LIKE 'removed:%' GROUP BY key HAVING count(*) > 1"
    return [f"{key} carried out {times} times" for key, times in _ask(volume, asked)]


def bad_gaps(volume: Path) -> list[str]:
    """Invariant 9, and gaps that end before they begin."""
    asked = (
        "SELECT hex(camera), 'more than one open gap' FROM gaps WHERE end_90k IS NULL"
        " GROUP BY camera HAVING count(*) > 1"
        " UNION ALL SELECT hex(camera), 'a gap that runs backwards' FROM gaps WHERE end_90k < start_90k"
    )
    return [f"{camera}: {fault}" for camera, fault in _ask(volume, asked)]
