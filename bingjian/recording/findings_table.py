"""The catalogue's table of findings, and where the audit stands: the only SQL that audit and check have."""

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple
from uuid import NAMESPACE_OID, UUID, uuid5

from bingjian.recording.alignment import Kind
from bingjian.recording.catalogue import (
    SELECT,
    SELECT_REMOVED,
    Address,
    Catalogue,
    GapRow,
    RemovedRow,
    SegmentRow,
    gaps_between,
    removed_in,
    segments_between,
    segments_in,
)
from bingjian.recording.findings import Finding
from bingjian.recording.recovery import ROUNDED_90K

CURSOR = "audit"  # key in ``meta`` under which the audit keeps where it stands
FIRST = Address(UUID(int=0), -(2**63), UUID(int=0))  # before every segment


class FindingRow(NamedTuple):
    """A finding as it is kept."""

    id: UUID  # made of segment, kind and interval: finding it again is no second finding
    finding: Finding
    found_at_90k: int


class FindingsTable(Catalogue):
    """The audit's own connection to the catalogue."""

    def add_findings(self, found: Iterable[Finding], at_90k: int) -> int:
        """Keep what is not known yet and owe it to the journal; how many that were. In a transaction."""
        return sum(self._add_finding(one, at_90k) for one in found)

    def _add_finding(self, one: Finding, at_90k: int) -> int:
        id = id_of(one)
        added = self._connection.execute(
            "INSERT OR IGNORE INTO findings (id, camera, segment_start_90k, segment, kind,"
            " start_90k, end_90k, found_at_90k, detail) VALUES (?,?,?,?,?,?,?,?,?)",
            (
                *(id.bytes, one.camera.bytes, one.segment_start_90k, one.segment.bytes, one.kind.value),
                *(one.start_90k, one.end_90k, at_90k, one.detail),
            ),
        ).rowcount
        if added:
            self.owe(
                f"finding:{id}",
                {
                    "kind": "finding.made",
                    "finding": one.kind.value,
                    "camera": str(one.camera),
                    "segment": str(one.segment),
                    "start_90k": one.start_90k,
                    "end_90k": one.end_90k,
                    "detail": one.detail,
                },
            )
        return added

    def is_closed(self, row: SegmentRow) -> bool:
        """It is still here, as it was when the row was read."""
        found = self._connection.execute(
            "SELECT 1 FROM segments WHERE camera = ? AND start_90k = ? AND id = ? AND state = 'closed'"
            " AND root = ?",
            (*row.address.key, row.root),
        )
        return found.fetchone() is not None


def id_of(one: Finding) -> UUID:
    return uuid5(NAMESPACE_OID, f"{one.segment} {one.kind} {one.start_90k} {one.end_90k}")


def closed_after(connection: sqlite3.Connection, after: Address, limit: int) -> list[SegmentRow]:
    """Closed segments of all cameras behind this address, in the order of addresses."""
    return segments_in(
        connection.execute(
            SELECT + " WHERE (camera, start_90k, segments.id) > (?,?,?) AND state = 'closed'"
            " ORDER BY camera, start_90k, segments.id LIMIT ?",
            (*after.key, limit),
        )
    )


def removed_after(connection: sqlite3.Connection, after: Address, limit: int) -> list[RemovedRow]:
    """The same of removals."""
    return removed_in(
        connection.execute(
            SELECT_REMOVED
            + " WHERE (camera, start_90k, id) > (?,?,?) ORDER BY camera, start_90k, id LIMIT ?",
            (*after.key, limit),
        )
    )


def findings_after(
    connection: sqlite3.Connection, limit: int, after: tuple[int, UUID] | None = None
) -> list[FindingRow]:
    """Newest first; ``after``: found_at_90k and id of the last one seen."""
    at_90k, id = after or (2**63 - 1, UUID(int=2**128 - 1))
    rows = connection.execute(
        "SELECT id, kind, camera, segment, segment_start_90k, start_90k, end_90k, detail, found_at_90k"
        " FROM findings WHERE (found_at_90k, id) < (?,?) ORDER BY found_at_90k DESC, id DESC LIMIT ?",
        (at_90k, id.bytes, limit),
    )
    return [
        FindingRow(
            UUID(bytes=id),
            Finding(Kind(kind), UUID(bytes=camera), UUID(bytes=segment), *rest),
            found_at_90k,
        )
        for id, kind, camera, segment, *rest, found_at_90k in rows
    ]


def segments_found(
    connection: sqlite3.Connection, camera: UUID, start_90k: int, end_90k: int
) -> list[tuple[UUID, int, int]]:
    """Of the camera's findings that touch [start, end): the segment, and from when to when."""
    rows = connection.execute(
        "SELECT segment, start_90k, end_90k FROM findings WHERE camera = ? AND start_90k < ? AND end_90k > ?",
        (camera.bytes, end_90k, start_90k),
    )
    return [(UUID(bytes=segment), start, end) for segment, start, end in rows]


# --- For ``check`` --------------------------------------------------------------------------------


def open_rows(connection: sqlite3.Connection) -> list[SegmentRow]:
    return segments_in(connection.execute(SELECT + " WHERE state = 'open'"))


def gap_faults(connection: sqlite3.Connection) -> list[tuple[UUID, int, int | None]]:
    """Gaps that end before they start, and cameras with more than one open gap."""
    rows = connection.execute(
        "SELECT camera, start_90k, end_90k FROM gaps WHERE end_90k < start_90k"
        " UNION ALL SELECT camera, max(start_90k), NULL FROM gaps WHERE end_90k IS NULL"
        " GROUP BY camera HAVING count(*) > 1"
    )
    return [(UUID(bytes=camera), start_90k, end_90k) for camera, start_90k, end_90k in rows]


def outside_gaps(connection: sqlite3.Connection) -> list[SegmentRow]:
    """Recovered segments that are closed and do not lie wholly in gaps, or lie over other footage."""
    recovered = segments_in(connection.execute(SELECT + " WHERE device IS NOT NULL AND state = 'closed'"))
    return [row for row in recovered if _is_outside(connection, row)]


def _is_outside(connection: sqlite3.Connection, row: SegmentRow) -> bool:
    interval = row.camera, row.start_90k, row.end_90k
    beside = segments_between(connection, *interval)
    if any(_overlap(row, other) for other in beside if other.id != row.id):
        return True
    return not _lies_in(gaps_between(connection, *interval), row)


def _overlap(one: SegmentRow, other: SegmentRow) -> bool:
    return one.start_90k < other.end_90k and other.start_90k < one.end_90k


def _lies_in(gaps: Iterable[GapRow], row: SegmentRow) -> bool:
    """Several that follow each other do. A row made at start-up has milliseconds."""
    at_90k = row.start_90k + ROUNDED_90K
    for gap in gaps:
        if gap.start_90k <= at_90k:
            at_90k = max(at_90k, gap.end_90k if gap.end_90k is not None else row.end_90k)
    return at_90k >= row.end_90k


def used_and_taken(connection: sqlite3.Connection) -> tuple[int, int]:
    """``used_bytes``, and what closed segments and those still to be unlinked take with their indexes."""
    row = connection.execute(
        "SELECT (SELECT value FROM meta WHERE key = 'used_bytes'),"
        " (SELECT coalesce(sum(size_bytes + 64 * entries), 0) FROM segments WHERE state = 'closed')"
        " + (SELECT coalesce(sum(size_bytes), 0) FROM removed WHERE unlinked = 0)"
    ).fetchone()
    return int(row[0]), int(row[1])
