"""What became of a sequence of pieces: which of them were changed, lost, added or put elsewhere. Pure.

The pieces are the fragments of a segment, or the entries of its index. Those found again by their hash are
given with the place where they were found; what lies between them is judged by its length alone, because the
bytes themselves can no longer be recognised."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What happened to footage. Codes are shown through the dictionaries and never renamed."""

    ALTERED = "altered"
    REMOVED = "removed"
    INSERTED = "inserted"
    REORDERED = "reordered"
    EARLY_DELETED = "early_deleted"


class Match(NamedTuple):
    """A piece that was found again."""

    number: int  # in the order it should have
    offset: int
    length: int  # bytes

    @property
    def end(self) -> int:
        return self.offset + self.length


class Difference(NamedTuple):
    """Something happened to the pieces [first, last), or, where both are equal, in front of that piece."""

    kind: Kind
    first: int
    last: int
    length: int  # bytes concerned


def differences(
    lengths: Sequence[int],
    matches: Iterable[Match],
    size: int,
    pieces_in: Callable[[int, int], int | None],
) -> list[Difference]:
    """All that is not as it should be, by place.

    Args:
        lengths: bytes of every piece, in the order they should have.
        matches: pieces found, wherever and how often; none overlaps another.
        size: bytes there are.
        pieces_in: into how many whole pieces the bytes [start, end) fall; None: into none.
    """
    found = sorted(matches, key=lambda match: match.offset)
    kept = _longest_in_order(found)
    numbers = {match.number for match in kept}
    moved, repeats = list[Match](), list[Match]()
    for match in found:
        if match not in kept:
            (repeats if match.number in numbers else moved).append(match)
            numbers.add(match.number)
    seen = list(_reordered(kept, moved, lengths))
    for before, after in zip([None, *kept], [*kept, None], strict=True):
        seen += _between(before, after, lengths, size, moved, repeats, pieces_in)
    return sorted(seen, key=lambda one: (one.first, one.last, one.kind))


def _longest_in_order(found: Sequence[Match]) -> list[Match]:
    """The longest run of pieces that stand in their order (patience sorting)."""
    tails: list[int] = []  # number of the last piece of the best run of each length
    ends: list[int] = []  # where in ``found`` that piece is
    before: list[int] = []  # for each piece, the one before it in its run
    for place, match in enumerate(found):
        length = bisect_left(tails, match.number)
        tails[length : length + 1], ends[length : length + 1] = [match.number], [place]
        before.append(ends[length - 1] if length else -1)
    run, place = list[Match](), ends[-1] if ends else -1
    while place >= 0:
        run.append(found[place])
        place = before[place]
    return run[::-1]


def _reordered(kept: list[Match], moved: list[Match], lengths: Sequence[int]) -> Iterable[Difference]:
    """Pieces that are all there, but not in their order."""
    present = sorted(kept + moved, key=lambda match: match.offset)
    order = [match.number for match in present]
    misplaced = {is_at for is_at, belongs in zip(order, sorted(order), strict=True) if is_at != belongs}
    for first, last in runs(misplaced):
        yield Difference(Kind.REORDERED, first, last, sum(lengths[first:last]))


def _between(
    before: Match | None,
    after: Match | None,
    lengths: Sequence[int],
    size: int,
    moved: list[Match],
    repeats: list[Match],
    pieces_in: Callable[[int, int], int | None],
) -> Iterable[Difference]:
    """What lies between two neighbours of the run in order."""
    start, end = (before.end if before else 0), (after.offset if after else size)
    first, last = (before.number + 1 if before else 0), (after.number if after else len(lengths))
    elsewhere = {match.number for match in moved}
    missing = [number for number in range(first, last) if number not in elsewhere]
    for match in repeats:
        if start <= match.offset < end:
            yield Difference(Kind.INSERTED, last, last, match.length)
    strange = _without(start, end, moved + repeats)
    yield from _judged(missing, strange, last, lengths, pieces_in)


def _without(start: int, end: int, known: list[Match]) -> list[tuple[int, int]]:
    """The stretches of [start, end) that no known piece covers."""
    stretches, at = [], start
    for match in sorted(known, key=lambda one: one.offset):
        if start <= match.offset < end:
            stretches.append((at, match.offset))
            at = match.end
    stretches.append((at, end))
    return [(a, b) for a, b in stretches if b > a]


def _judged(
    missing: list[int],
    strange: list[tuple[int, int]],
    at: int,
    lengths: Sequence[int],
    pieces_in: Callable[[int, int], int | None],
) -> Iterable[Difference]:
    """Pieces that were not found, and bytes in their place that nobody knows."""
    length = sum(end - start for start, end in strange)
    wanted = sum(lengths[number] for number in missing)
    if not missing:
        if length:
            yield Difference(Kind.INSERTED, at, at, length)
        return
    counts = [pieces_in(start, end) for start, end in strange]
    same_count = None not in counts and sum(filter(None, counts)) == len(missing)
    kind = Kind.ALTERED
    if not same_count and length != wanted:
        kind = Kind.REMOVED if length < wanted else Kind.INSERTED
    concerned = wanted if kind is Kind.ALTERED else abs(wanted - length)
    for first, last in runs(missing):
        yield Difference(kind, first, last, concerned)


def runs(numbers: Iterable[int]) -> Iterable[tuple[int, int]]:
    """Numbers as half-open ranges of neighbours: {1, 2, 5} → (1, 3), (5, 6)."""
    first = last = -1
    for number in sorted(numbers):
        if number != last:
            if last > first:
                yield first, last
            first = number
        last = number + 1
    if last > first:
        yield first, last
