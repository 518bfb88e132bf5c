"""What was done to a closed segment: every finding by kind, with camera and interval. Pure.

The anchor is the Merkle root in the segment's row. The index is measured against it, the file against the
index; where the index has lost its credit, ``reconstruction`` says what it was. Kinds:

- *altered*: bytes of a fragment, or an entry of the index, are not those that were written
- *removed*: the file, the index, a fragment, an entry, or some of their bytes are gone
- *inserted*: bytes that no entry vouches for, or a file that no row vouches for
- *reordered*: fragments or entries are all there, but not in their order
- *early_deleted*: footage was given up without a valid receipt, or before its term

A file or index of another segment in the place of this one is a removal and an insertion."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID

from bingjian.clock import TICKS_PER_SECOND
from bingjian.recording import alignment, fragments, index
from bingjian.recording.alignment import Difference, Kind, Match
from bingjian.recording.catalogue import SegmentRow
from bingjian.recording.fragments import Source
from bingjian.recording.index import ENTRY_BYTES, Entry
from bingjian.recording.reconstruction import truth
from bingjian.recording.segment import Identity

HOLE_90K = TICKS_PER_SECOND // 2  # between two fragments: less is rounding (as reader.JOINED_90K)


class Finding(NamedTuple):
    """One thing that was done to a camera's footage in [start, end)."""

    kind: Kind
    camera: UUID
    segment: UUID
    segment_start_90k: int
    start_90k: int
    end_90k: int  # equal to the start where something stands between two fragments
    detail: str  # one plain sentence


def classify(row: SegmentRow, volume: UUID, raw: bytes | None, source: Source | None) -> list[Finding]:
    """All that is wrong with a closed segment; nothing, if it is as it was when it was closed.

    Args:
        raw: the bytes of its index, None if it is missing.
        source: its file, None if it is missing; reading it may raise OSError.
    """
    return list(dict.fromkeys(_Segment(row, volume, raw, source).findings()))


class _Segment:
    def __init__(self, row: SegmentRow, volume: UUID, raw: bytes | None, source: Source | None) -> None:
        self._row, self._volume, self._raw, self._source = row, volume, raw, source
        self._truth = truth(row, raw or b"", source)

    def findings(self) -> Iterator[Finding]:
        if self._source is None and self._raw is None:
            yield self._whole(Kind.REMOVED, "its file and its index are missing")
            return
        if self._source is None:
            yield self._whole(Kind.REMOVED, "its file is missing")
        if self._raw is None:
            yield self._whole(Kind.REMOVED, "its index is missing")
        stranger = self._stranger()
        if stranger is not None:
            yield from self._replaced(f"the file in its place is that of segment {stranger.segment}")
            if not self._credible:
                return
        found = [*self._of_file(replaced=stranger is not None), *self._of_index()]
        if self._truth is None or not found:
            found += self._of_both(named=bool(found))
        yield from found

    @property
    def _credible(self) -> bool:
        """Whether what we know of the index comes from the root, and not from a file that may be false."""
        return self._truth is not None and self._truth.proven

    # --- The file

    def _of_file(self, *, replaced: bool) -> Iterator[Finding]:
        source = self._source
        if source is None or replaced or not self._entries:
            return
        lengths = [entry.length for entry in self._entries]
        for one in alignment.differences(lengths, self._matches, source.size, self._units_in):
            yield self._of(one, self._entries, "file")

    @cached_property
    def _entries(self) -> list[Entry]:
        """What the index was, as far as we know."""
        return self._truth.entries if self._truth is not None else self._claimed()

    @cached_property
    def _matches(self) -> list[Match]:
        return fragments.find_known(self._source, self._entries) if self._source is not None else []

    def _units_in(self, start: int, end: int) -> int | None:
        assert self._source is not None
        return fragments.whole_units_in(self._source, start, end)

    def _stranger(self) -> Identity | None:
        """Whose file it is, if it says so, and nothing in it is known to be this segment's."""
        said = fragments.identity_of(self._source) if self._source is not None else None
        mine = (self._row.camera, self._volume, self._row.id)
        if said is None or (said.camera, said.volume, said.segment) == mine:
            return None
        return said if not (self._credible and self._matches) else None

    # --- The index

    def _claimed(self) -> list[Entry]:
        """An index that nothing proves, as far as it holds together in itself."""
        return sorted(index.entries_of(self._raw or b""), key=lambda entry: entry.offset)

    def _of_index(self) -> Iterator[Finding]:
        raw, known = self._raw, self._truth
        if raw is None or known is None:
            return
        matches = list(_entries_in(raw, known.entries))
        if not matches and _is_an_index(raw):
            yield from self._replaced("the index in its place is that of another segment")
            return
        lengths = [ENTRY_BYTES] * len(known.entries)
        for one in alignment.differences(lengths, matches, len(raw), lambda start, end: None):
            yield self._of(one, known.entries, "index")

    # --- File and index together

    def _of_both(self, *, named: bool) -> Iterator[Finding]:
        """They agree with each other, or cannot be told apart, but not with the root: what the times say.

        Args:
            named: something is known to be wrong already; then only what is missing or too much is added.
        """
        if self._credible or self._source is None:
            return
        entries = self._claimed() or self._read()
        if not entries:
            short = self._source.size < self._row.size_bytes
            yield self._whole(Kind.REMOVED if short else Kind.ALTERED, "nothing in it can be read")
            return
        if self._raw is None and self._same_shape(entries):
            return
        kind = self._by_count(entries)
        if named and kind in (Kind.ALTERED, Kind.REORDERED):
            return
        for start_90k, end_90k in self._suspected(kind, entries):
            yield self._finding(kind, start_90k, end_90k, "file and index agree, but not with the catalogue")

    def _same_shape(self, entries: Sequence[Entry]) -> bool:
        assert self._source is not None
        return (len(entries), self._source.size) == (self._row.entries, self._row.size_bytes)

    def _by_count(self, entries: Sequence[Entry]) -> Kind:
        if len(entries) != self._row.entries:
            return Kind.REMOVED if len(entries) < self._row.entries else Kind.INSERTED
        in_order = all(a.start_90k <= b.start_90k for a, b in pairwise(entries))
        return Kind.ALTERED if in_order else Kind.REORDERED

    def _read(self) -> list[Entry]:
        """Entries for the fragments of the file, as it stands."""
        assert self._source is not None
        init, found = fragments.init_of(self._source), list[Entry]()
        for unit in fragments.cut(self._source):
            data = self._source.read(unit.offset, unit.length)
            timed = fragments.timing(data, init.tracks) if init is not None else None
            start_90k = timed.start_90k if timed else (found[-1].end_90k if found else self._row.start_90k)
            duration_90k = timed.duration_90k if timed else 0
            found.append(Entry(start_90k, duration_90k, unit.length, unit.offset, 0, 0, unit.sha256))
        return found

    def _suspected(self, kind: Kind, entries: Sequence[Entry]) -> list[tuple[int, int]]:
        """Where it must have happened; the whole segment if the times do not say."""
        row, pairs = self._row, list(pairwise(entries))
        found = list[tuple[int, int]]()
        if kind is Kind.REMOVED:
            found = [(a.end_90k, b.start_90k) for a, b in pairs if b.start_90k - a.end_90k > HOLE_90K]
            end_90k = max(entry.end_90k for entry in entries)
            found += [(end_90k, row.end_90k)] if row.end_90k > end_90k else []
        elif kind is not Kind.ALTERED:
            found = [(b.start_90k, b.end_90k) for a, b in pairs if b.start_90k < a.end_90k - HOLE_90K]
        return found or [(row.start_90k, row.end_90k)]

    # --- Words

    def _of(self, one: Difference, entries: Sequence[Entry], where: str) -> Finding:
        start_90k, end_90k = _interval(one, entries, self._row)
        place = f"in front of number {one.first}"
        if one.last > one.first:
            place = f"number {one.first}" if one.last == one.first + 1 else f"{one.first} to {one.last - 1}"
        unit = "fragment" if where == "file" else "entry"
        return self._finding(
            one.kind, start_90k, end_90k, f"{one.length} bytes of the {where} {one.kind}, {unit} {place}"
        )

    def _replaced(self, detail: str) -> Iterator[Finding]:
        yield self._whole(Kind.REMOVED, detail)
        yield self._whole(Kind.INSERTED, detail)

    def _whole(self, kind: Kind, detail: str) -> Finding:
        return self._finding(kind, self._row.start_90k, self._row.end_90k, detail)

    def _finding(self, kind: Kind, start_90k: int, end_90k: int, detail: str) -> Finding:
        """Within the segment: what a damaged entry says of its time may be anything."""
        row = self._row
        start_90k, end_90k = (min(max(at, row.start_90k), row.end_90k) for at in (start_90k, end_90k))
        return Finding(kind, row.camera, row.id, row.start_90k, start_90k, max(start_90k, end_90k), detail)


def _entries_in(raw: bytes, entries: Sequence[Entry]) -> Iterator[Match]:
    """Where these entries stand in an index, however it was shifted; overlaps are left out."""
    end = 0
    found = (place for number, entry in enumerate(entries) for place in _places(raw, number, entry))
    for match in sorted(found, key=lambda match: match.offset):
        if match.offset >= end:
            yield match
            end = match.end


def _places(raw: bytes, number: int, entry: Entry) -> Iterator[Match]:
    packed = index.pack(entry)
    place = raw.find(packed)
    while place >= 0:
        yield Match(number, place, ENTRY_BYTES)
        place = raw.find(packed, place + 1)


def _is_an_index(raw: bytes) -> bool:
    """A whole one, of whatever segment."""
    return len(raw) >= ENTRY_BYTES and ENTRY_BYTES * len(index.sound_prefix(raw, 1 << 64)) == len(raw)


def _interval(one: Difference, entries: Sequence[Entry], row: SegmentRow) -> tuple[int, int]:
    """Of the fragments concerned; without the init segment nothing can be shown, so that is the whole."""
    if one.first == 0:
        return row.start_90k, row.end_90k
    if one.first == one.last:
        after = entries[one.first].start_90k if one.first < len(entries) else row.end_90k
        return min(entries[one.first - 1].end_90k, after), after
    concerned = entries[one.first : one.last]
    return concerned[0].start_90k, max(entry.end_90k for entry in concerned)
