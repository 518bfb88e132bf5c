"""What a segment's index was when the segment was closed, from what is left of it and of the file. Pure.

The catalogue keeps only the Merkle root. An index that no longer hashes to it is put together again: from its
own entries in another order, else from the fragments in the file, whose hashes are found again in the index
wherever they stand. Once the result hashes to the root it is *proven*, and everything else is measured
against it; until then it is the best guess."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import product
from math import prod
from typing import NamedTuple

from bingjian.recording import fragments, index
from bingjian.recording.catalogue import SegmentRow
from bingjian.recording.fragments import Source, Unit
from bingjian.recording.index import ENTRY_BYTES, Entry
from bingjian.tlog import tree

MAX_GUESSES = 2000  # for entries that are gone, of which nobody knows the camera's clock any more


class Truth(NamedTuple):
    """The entries a closed segment had."""

    entries: list[Entry]
    proven: bool  # they hash to the root in the catalogue


class Claim(NamedTuple):
    """One entry as pieced together; doubtful where it is not, byte for byte, in the index."""

    entry: Entry
    doubtful: bool


def truth(row: SegmentRow, raw: bytes, source: Source | None) -> Truth | None:
    """The index that the row's root was made of; None if there is nothing to go by.

    Args:
        raw: the index as it stands; empty if it is missing.
        source: the file, None if it is missing.
    """
    assert row.root is not None, "a closed segment has a root"
    aligned = list(index.entries_of(raw))
    for entries in (aligned[: row.entries], _chain(aligned)):
        if len(entries) == row.entries and _root(entries) == row.root:
            return Truth(entries, True)
    units = fragments.cut(source) if source is not None else []
    if source is None or not units or not _complete(row, units, source.size):
        return None
    claims = _Pieces(raw, aligned, source, row.start_90k).claims(units)
    proven = next((guess for guess in _guesses(claims, row) if _root(guess) == row.root), None)
    guess = [claim.entry for claim in claims]
    if proven is None and not any(claim.doubtful for claim in claims):
        proven = _one_wrong(guess, row)
    return Truth(proven or guess, proven is not None)


def _complete(row: SegmentRow, units: Sequence[Unit], size: int) -> bool:
    """The file has as many pieces and bytes as it had."""
    return len(units) == row.entries and units[-1].end == row.size_bytes == size


def _root(entries: Iterable[Entry]) -> bytes:
    return tree.root(map(index.pack, entries))


def _chain(entries: Sequence[Entry]) -> list[Entry]:
    """Those that follow from each other by their offsets, whatever their order."""
    by_offset: dict[int, Entry] = {}
    for entry in entries:
        by_offset.setdefault(entry.offset, entry)
    chain, at = list[Entry](), 0
    while at in by_offset:
        chain.append(by_offset.pop(at))
        at = chain[-1].end
    return chain


class _Pieces:
    """Puts entries together for the fragments of a file that is whole."""

    def __init__(self, raw: bytes, aligned: Sequence[Entry], source: Source, start_90k: int) -> None:
        self._raw = raw
        self._start_90k = start_90k  # of the segment
        self._by_place = {(entry.offset, entry.length): entry for entry in aligned}
        self._source = source
        init = fragments.init_of(source)
        self._tracks = init.tracks if init is not None else ()

    def claims(self, units: Sequence[Unit]) -> list[Claim]:
        claims = list[Claim]()
        for number, unit in enumerate(units):
            claims.append(self._claim(number, unit, claims[-1].entry if claims else None))
        return claims

    def _claim(self, number: int, unit: Unit, before: Entry | None) -> Claim:
        left = self._by_hash(unit.sha256) or self._by_place.get((unit.offset, unit.length)) or before
        made = self._made(number, unit, left)
        return Claim(made, index.pack(made) not in self._raw)

    def _by_hash(self, sha256: bytes) -> Entry | None:
        """The entry whose hash this is, wherever it stands in the index."""
        place = self._raw.find(sha256)
        if place < ENTRY_BYTES - len(sha256):
            return None
        return next(index.entries_of(self._raw[place - ENTRY_BYTES + len(sha256) : place + len(sha256)]))

    def _made(self, number: int, unit: Unit, left: Entry | None) -> Entry:
        """What the file says, and of what only the index says, what is left."""
        flags, clock = (left.flags, left.clock_offset_ms) if left is not None else (0, 0)
        start_90k = left.start_90k if left is not None else self._start_90k
        made = Entry(start_90k, 0, unit.length, unit.offset, flags & index.REBUILT, 0, unit.sha256)
        if number == 0:
            return made
        timed = fragments.timing(self._source.read(unit.offset, unit.length), self._tracks)
        if timed is None:
            return made._replace(clock_offset_ms=clock)
        flags = flags & (index.DAMAGED | index.REBUILT) | (index.SYNC if timed.sync else 0)
        start_90k, duration_90k, _ = timed
        return made._replace(
            start_90k=start_90k, duration_90k=duration_90k, flags=flags, clock_offset_ms=clock
        )


# --- What the file does not say: damaged, rebuilt, and the camera's clock -------------------------


MARKS = (0, index.DAMAGED, index.REBUILT, index.DAMAGED | index.REBUILT)


def _guesses(claims: Sequence[Claim], row: SegmentRow) -> Iterator[list[Entry]]:
    """The claims, with what is doubtful in them varied."""
    entries = [claim.entry for claim in claims]
    yield entries
    doubtful = [number for number, claim in enumerate(claims) if claim.doubtful]
    clocks = {claim.entry.clock_offset_ms for claim in claims[1:] if not claim.doubtful}
    choices = [
        list(_of_first(entries, row) if number == 0 else _of_fragment(entries[number], clocks))
        for number in doubtful
    ]
    if not doubtful or prod(map(len, choices)) > MAX_GUESSES:
        return
    for chosen in product(*choices):
        guess = entries.copy()
        for number, entry in zip(doubtful, chosen, strict=True):
            guess[number] = entry
        yield guess


def _of_first(entries: Sequence[Entry], row: SegmentRow) -> Iterator[Entry]:
    """The init segment's entry: its start is the row's, or the first fragment's where that was rounded."""
    starts = {row.start_90k, entries[0].start_90k, entries[min(1, len(entries) - 1)].start_90k}
    for start_90k, flags in product(starts, (0, index.REBUILT)):
        yield entries[0]._replace(start_90k=start_90k, flags=flags)


def _of_fragment(entry: Entry, clocks: Iterable[int]) -> Iterator[Entry]:
    for mark, clock in product(MARKS, {*clocks, entry.clock_offset_ms}):
        yield entry._replace(flags=entry.flags & index.SYNC | mark, clock_offset_ms=clock)


def _one_wrong(entries: list[Entry], row: SegmentRow) -> list[Entry] | None:
    """The entries with one of them mended in what the file does not say, if that gives the root."""
    leaves = [tree.leaf_hash(index.pack(entry)) for entry in entries]
    for number, entry in enumerate(entries):
        climb = _climber(leaves, number)
        for mended in _of_first(entries, row) if number == 0 else _of_fragment(entry, _one_byte_off(entry)):
            if climb(tree.leaf_hash(index.pack(mended))) == row.root:
                return [*entries[:number], mended, *entries[number + 1 :]]
    return None


def _one_byte_off(entry: Entry) -> Iterator[int]:
    """The clock offsets that differ from this one in a single byte."""
    clock = entry.clock_offset_ms.to_bytes(4, "big", signed=True)
    for place, value in product(range(4), range(256)):
        yield int.from_bytes(clock[:place] + bytes([value]) + clock[place + 1 :], "big", signed=True)


def _climber(leaves: Sequence[bytes], number: int) -> Callable[[bytes], bytes]:
    """From another hash of this leaf to the root that the tree would then have (RFC 6962 §2.1.1)."""
    steps = list(_path(leaves, number))

    def climb(hashed: bytes) -> bytes:
        for on_the_right, other in steps:
            hashed = tree.node_hash(hashed, other) if on_the_right else tree.node_hash(other, hashed)
        return hashed

    return climb


def _path(leaves: Sequence[bytes], number: int) -> Iterator[tuple[bool, bytes]]:
    """The neighbours on the way up; True: the neighbour stands on the right."""
    if len(leaves) == 1:
        return
    half = 1 << (len(leaves) - 1).bit_length() - 1
    if number < half:
        yield from _path(leaves[:half], number)
        yield True, _head(leaves[half:])
    else:
        yield from _path(leaves[half:], number - half)
        yield False, _head(leaves[:half])


def _head(leaves: Sequence[bytes]) -> bytes:
    """The root over leaves that are hashed already."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return tree.node_hash(_head(leaves[:half]), _head(leaves[half:]))
