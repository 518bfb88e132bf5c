"""The records against the log: each must be what the log has the commitment of, at its place."""

from pathlib import Path

from bingjian.durable import DISK
from bingjian.journal.errors import JournalBroken
from bingjian.journal.faults import Fault, difference
from bingjian.journal.folder import INDEX, RECORDS
from bingjian.journal.record import checked, opening_of
from bingjian.journal.records import Records
from bingjian.journal.tiles import Tiles
from bingjian.journal.verify_tiles import whole_entries
from bingjian.tlog.tile import ENTRIES, WIDTH, tile_in

BATCH = 16 * WIDTH  # records read at a time
NEIGHBOURS = 64 * WIDTH  # how far a record is searched for that is not at its place


def record_faults(folder: Path, size: int) -> tuple[int, list[Fault]]:
    """How many records there are, and the first that is not what the log says; behind ``size`` the log says
    nothing yet. Raises OSError.
    """
    places = _places(folder)
    try:
        records = Records.open(folder, DISK, read_only=True, from_places=False)
    except FileNotFoundError:
        return 0, [Fault("removed", 0, RECORDS, "the file is missing")]
    try:
        fault = _first_fault(records, Tiles(folder), size)
        faults = [fault] if fault else []
        if not fault and not records.has_places(places):
            faults.append(Fault("altered", None, INDEX, "it does not say where records begin"))
        return records.count, faults
    finally:
        records.close()


def _places(folder: Path) -> bytes:
    try:
        return (folder / INDEX).read_bytes()
    except FileNotFoundError:
        return b""  # it is written after the checkpoint; without it, lines are counted


def _first_fault(records: Records, tiles: Tiles, size: int) -> Fault | None:
    for first in range(0, records.count, BATCH):
        lines = records.lines(first, min(first + BATCH, records.count))
        logged = _logged(tiles, size, first, first + len(lines))
        for number, line in enumerate(lines, start=first):
            if not _holds(line, number, logged[number - first] if number < size else None):
                return _named(records, tiles, size, number)
    if records.count < size:
        return Fault("truncated", records.count, RECORDS, f"{size - records.count} records are missing")
    return None


def _holds(line: bytes, number: int, logged: bytes | None) -> bool:
    try:
        digest = checked(line, number)[2]
    except JournalBroken:
        return False
    return logged is None or digest == logged


def _logged(tiles: Tiles, size: int, first: int, until: int) -> list[bytes]:
    """The log's entries first…until-1, ``first`` where a bundle begins; b"" for what cannot be read."""
    entries = list[bytes]()
    for number in range(first // WIDTH, -(-min(until, size) // WIDTH)):
        tile = tile_in(size, ENTRIES, number)
        try:
            found = list(whole_entries(tiles.read(tile)))[: tile.width]
        except JournalBroken:
            found = []
        entries += found + [b""] * (tile.width - len(found))
    return entries


def _named(records: Records, tiles: Tiles, size: int, number: int) -> Fault:
    """What became of the record that should stand here, by its neighbours."""
    start = number - number % WIDTH
    until = min(start + NEIGHBOURS, size)
    if number >= size:
        return Fault("altered", number, RECORDS, "the record is not as it was written")
    expected = _logged(tiles, size, start, until)[number - start :]
    actual = list(map(_commitment, records.lines(number, min(start + NEIGHBOURS, records.count))))
    kind, _ = difference(expected, actual) if expected != actual else ("altered", 0)
    return Fault(kind, number, RECORDS, "the record is not the one that the log has")


def _commitment(line: bytes) -> bytes:
    """Of a line that holds by itself, wherever it stands; else b""."""
    try:
        opening, stated = opening_of(line)
        return stated if opening.commitment(opening.body["kind"]) == stated else b""
    except JournalBroken:
        return b""
