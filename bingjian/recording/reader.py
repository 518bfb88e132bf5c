"""Reading volumes: which bytes hold an instant, and what is present or missing. Everything blocks; call it
in a thread.

A camera's footage may lie on several volumes. One that cannot be read says nothing, and takes nothing away
from what the others have. What a hold has copied is read like the rest, hashed fragment by fragment, from the
first file that has it as it was written: the original, or a copy (``proven``, ``held``).

A segment that is being written reads like any other, up to its last fragment: an index entry is written
after its bytes."""

import logging
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from operator import attrgetter
from pathlib import Path
from typing import Literal, NamedTuple, TypeVar
from uuid import UUID

from bingjian.clock import TICKS_PER_SECOND
from bingjian.formats import mp4_reader
from bingjian.formats.access_unit import FormatError, TrackConfig, VideoConfig
from bingjian.recording import index, orphans
from bingjian.recording.catalogue import (
    Address,
    GapRow,
    SegmentRow,
    Stretches,
    cameras_of,
    gaps_between,
    removed_between,
    removed_ids,
    segment_at,
    segments_between,
    stored_within,
    stretches_between,
)
from bingjian.recording.cause import Cause
from bingjian.recording.findings_table import segments_found
from bingjian.recording.held import NOTHING_HELD, HeldCopies, HeldCopy, by_segment
from bingjian.recording.proven import Proof, ProvenReader, Unproven, proof_of
from bingjian.recording.segment import index_path, relative_path
from bingjian.recording.volume import Volume
from bingjian.recording.volumes import Volumes

# A picture stands until the next: an instant this long after the end of a fragment still shows its last
# picture, which is what the newest one is while the fragment after it is being gathered and written.
STANDING_90K = 3 * TICKS_PER_SECOND
MAX_PICTURE_BYTES = 64 << 20  # from a key frame to the picture: a minute of 8 Mbit/s
MAX_KEY_FRAME_DISTANCE_90K = 120 * TICKS_PER_SECOND
JOINED_90K = TICKS_PER_SECOND // 2  # between two segments: less is rounding, and neither hole nor missing

T = TypeVar("T")
log = logging.getLogger(__name__)


class ReadError(Exception):
    """A stored file is not what the catalogue says of it; carries one plain sentence."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One stored file, closed or still growing."""

    id: UUID
    camera: UUID
    volume: UUID
    start_90k: int
    end_90k: int  # growing: of its last fragment
    closed: bool
    path: Path
    size_bytes: int  # growing: up to the end of its last fragment
    root: bytes | None
    mime: str
    # equal in two segments: a decoder may go from one to the other without a new init segment
    init_sha: bytes
    worker: str
    epoch: int
    # in the holds area, closed and held only: every byte is hashed before it is used; ``path`` may be one
    copies: tuple[Path, ...] = ()

    @property
    def address(self) -> Address:
        return Address(self.camera, self.start_90k, self.id)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a camera's time."""

    start_90k: int
    end_90k: int
    kind: Literal["present", "missing"]
    cause: Cause | None = None  # of what is missing; None: never recorded, or nobody knows
    detail: str = ""
    recovered_from: Literal["hold"] | None = None  # the original is lost: present as the copy of a hold


class Picture(NamedTuple):
    """What a decoder needs for one picture."""

    init: bytes
    fragments: bytes  # from the one that begins with a key frame to the one that holds the picture
    at_90k: int  # presentation time of the last picture at or before the instant asked for


# --- Segments -------------------------------------------------------------------------------------


def segments(volumes: Iterable[Volume], camera: UUID, start_90k: int, end_90k: int) -> list[Segment]:
    """The camera's segments with footage in [start, end), by start."""
    found = [
        one
        for volume in volumes
        for row in _asked(volume, lambda rows: segments_between(rows, camera, start_90k, end_90k))
        if (one := _segment(volume, row)) is not None and _reaches_into(one, start_90k)
    ]
    if held := _held_by(volumes).between(camera, start_90k, end_90k):
        found = list(_with_copies(volumes, found, held))
    return sorted(found, key=attrgetter("start_90k", "id"))


def segment(volumes: Iterable[Volume], address: Address) -> Segment | None:
    """The segment at this address."""
    held = [
        one
        for one in _held_by(volumes).between(address.camera, address.start_90k, address.start_90k + 1)
        if one.segment == address.id
    ]
    for volume in volumes:
        for row in _asked(volume, lambda rows: [segment_at(rows, address)]):
            if row is not None:
                found = _segment(volume, row)
                return next(_with_copies(volumes, [found], held)) if found is not None and held else found
    return next(_with_copies(volumes, [], held), None) if held else None


def stored(
    volumes: Iterable[Volume],
    camera: UUID,
    after_90k: int,
    before_90k: int,
    limit: int,
    *,
    growing: bool = False,
) -> list[Segment]:
    """The camera's closed segments that began at or after one instant and ended by another, oldest first.

    ``growing``: with those that are open and began before the other.
    """
    found = [
        one
        for volume in volumes
        for row in _asked(
            volume,
            lambda rows: stored_within(rows, camera, after_90k, before_90k, limit, growing=growing),
        )
        if (one := _segment(volume, row)) is not None
    ]
    return sorted(found, key=attrgetter("start_90k", "id"))[:limit]


def cameras(volumes: Iterable[Volume]) -> list[UUID]:
    """Every camera with footage on any of them, or in copies of what is held."""
    stored = {camera for volume in volumes for camera, _ in _asked(volume, cameras_of)}
    return sorted(stored | _held_by(volumes).cameras())


def _reaches_into(one: Segment, start_90k: int) -> bool:
    return one.start_90k < one.end_90k and one.end_90k > start_90k


def _asked(volume: Volume, question: Callable[[sqlite3.Connection], list[T]]) -> list[T]:
    """What the volume's catalogue answers; nothing if it cannot be read."""
    try:
        with volume.reading() as catalogue:
            return question(catalogue)
    except sqlite3.Error as error:
        log.warning("catalogue cannot be read", extra={"path": str(volume.path), "reason": str(error)})
        return []


def _segment(volume: Volume, row: SegmentRow) -> Segment | None:
    """None for one that is lost, or has just been opened."""
    path = volume.path / row.path
    end_90k, size_bytes = row.end_90k, row.size_bytes
    if row.state == "lost":
        return None
    if row.state == "open":
        growing = _growing(path)
        if not growing:
            return None
        end_90k, size_bytes = max(entry.end_90k for entry in growing), growing[-1].end
    return Segment(
        *(row.id, row.camera, volume.id, row.start_90k, end_90k, row.state == "closed", path, size_bytes),
        *(row.root, row.mime, row.init_sha, row.worker, row.epoch),
    )


def entries(segment: Segment) -> list[index.Entry]:
    """Its index: entry 0 is the init segment, the others its fragments in order. Raises ReadError."""
    if segment.copies:
        return list(proof(segment).entries)
    found = _entries(segment.path)
    if not found:
        raise ReadError(f"the index of segment {segment.id} is missing")
    return found


def _growing(path: Path) -> list[index.Entry]:
    """What can be read of a file that is being written, or waits for repair."""
    try:
        raw = index_path(path).read_bytes()
        return index.sound_prefix(raw, path.stat().st_size)
    except OSError:
        return []


def _entries(path: Path) -> list[index.Entry]:
    try:
        raw = index_path(path).read_bytes()
    except OSError:
        return []
    return list(index.entries_of(raw))


def read(segment: Segment, offset: int, length: int) -> bytes:
    """These bytes of the segment's file; fewer at its end. Raises ReadError."""
    if segment.copies:
        return _proven(segment, offset, length)
    try:
        descriptor = os.open(segment.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            return os.pread(descriptor, length, offset)
        finally:
            os.close(descriptor)
    except (OSError, OverflowError, ValueError) as wrong:
        raise ReadError(f"segment {segment.id} cannot be read: {wrong}") from wrong


def init_of(segment: Segment) -> bytes:
    """Its ``ftyp moov``. Raises ReadError."""
    return read(segment, 0, entries(segment)[0].length)


# --- Held footage (R27.5) ------------------------------------------------------------------------


def _held_by(volumes: Iterable[Volume]) -> HeldCopies:
    return volumes.held if isinstance(volumes, Volumes) else NOTHING_HELD


@contextmanager
def told_as_read_error(segment: Segment) -> Iterator[None]:
    """Of a held segment: what cannot be proven cannot be read."""
    try:
        yield
    except Unproven as wrong:
        raise ReadError(f"held segment {segment.id}: {wrong}") from wrong


def proof(segment: Segment) -> Proof:
    """Of a held segment: what its bytes must be, and which files may have them. Raises ReadError."""
    assert segment.root is not None, "only closed segments are held"
    with told_as_read_error(segment):
        return proof_of(tuple(dict.fromkeys((segment.path, *segment.copies))), segment.root)


def require(segment: Segment, offset: int, length: int) -> None:
    """Raises ReadError if of a held segment no file has these bytes as they were written."""
    with told_as_read_error(segment):
        ProvenReader(proof(segment)).require(offset, length)


def _proven(segment: Segment, offset: int, length: int) -> bytes:
    with told_as_read_error(segment):
        return ProvenReader(proof(segment)).read(offset, length)


def _with_copies(
    volumes: Iterable[Volume], found: Iterable[Segment], held: Sequence[HeldCopy]
) -> Iterator[Segment]:
    """The same segments, which now know their copies; and those that no volume knows any more."""
    copies = by_segment(held)
    for one in found:
        mine = copies.pop(one.id, [])
        yield replace(one, copies=tuple(copy.path for copy in mine)) if mine and one.closed else one
    for some in _orphans(volumes, copies):
        if (orphan := _segment_of(some)) is not None:
            yield orphan


def _orphans(volumes: Iterable[Volume], copies: dict[UUID, list[HeldCopy]]) -> list[list[HeldCopy]]:
    """Copies, by segment, of what no volume has; without what a receipt has given up, which stays gone."""
    if not copies:
        return []
    starts = [some[0].start_90k for some in copies.values()]
    camera = next(iter(copies.values()))[0].camera
    gone = {
        id
        for volume in volumes
        for _, id in _asked(volume, lambda rows: removed_ids(rows, camera, min(starts), max(starts)))
    }
    return [some for id, some in copies.items() if id not in gone]


def _segment_of(some: list[HeldCopy]) -> Segment | None:
    """As its row had it, from copies alone; None if none of them has its beginning."""
    files = tuple(copy.path for copy in some)
    for one in some:  # one false manifest makes no other false
        with suppress(Unproven):
            head = orphans.head(files, one.root)
            who = head.identity
            if (who.camera, who.segment) == (one.camera, one.segment):
                return Segment(
                    *(who.segment, who.camera, who.volume, one.start_90k, one.end_90k, True, one.path),
                    *(head.size_bytes, one.root, head.mime, head.init_sha, "", who.epoch, files),
                )
    log.error("copies of a hold are damaged", extra={"path": str(files[0])})
    return None


# --- Pictures -------------------------------------------------------------------------------------


def picture(volumes: Iterable[Volume], camera: UUID, at_90k: int) -> Picture | None:
    """The picture that stood at this instant; None if the camera has none there. Raises ReadError."""
    first_90k = at_90k - MAX_KEY_FRAME_DISTANCE_90K
    stretch: list[tuple[Segment, list[index.Entry]]] = []  # newest segment first, fragments oldest first
    for one in reversed(segments(volumes, camera, first_90k, at_90k + 1)):
        if stretch and not _joined(one, stretch[-1][0]):
            break
        fragments = [entry for entry in entries(one)[1:] if entry.start_90k <= at_90k]
        if not stretch and (not fragments or fragments[-1].end_90k + STANDING_90K < at_90k):
            return None
        from_key_frame = _from_last_sync(fragments)
        stretch.append((one, from_key_frame or fragments))
        if from_key_frame:
            return _assembled(stretch[::-1], at_90k)
    return None


def _joined(earlier: Segment, later: Segment) -> bool:
    """Whether a decoder may go on from one to the other."""
    return earlier.init_sha == later.init_sha and later.start_90k - earlier.end_90k <= JOINED_90K


def _from_last_sync(fragments: list[index.Entry]) -> list[index.Entry]:
    for number in range(len(fragments) - 1, -1, -1):
        if fragments[number].sync:
            return fragments[number:]
    return []


def _assembled(stretch: list[tuple[Segment, list[index.Entry]]], at_90k: int) -> Picture | None:
    """Fragments of one segment lie side by side, so each segment is one read."""
    if sum(entry.length for _, fragments in stretch for entry in fragments) > MAX_PICTURE_BYTES:
        return None
    newest, last = stretch[-1][0], stretch[-1][1][-1]
    data = b"".join(
        read(one, fragments[0].offset, fragments[-1].end - fragments[0].offset)
        for one, fragments in stretch
        if fragments
    )
    try:
        init = mp4_reader.read_init(init_of(newest))
        shown_90k = _last_picture(data[-last.length :], init.tracks, at_90k)
    except FormatError as wrong:
        raise ReadError(f"segment {newest.id} is damaged: {wrong}") from wrong
    return Picture(init.raw, data, min(at_90k, last.start_90k) if shown_90k is None else shown_90k)


def _last_picture(fragment: bytes, tracks: tuple[TrackConfig, ...], at_90k: int) -> int | None:
    """When the last picture at or before this instant was presented; None if that was in an earlier
    fragment.
    """
    runs = mp4_reader.read_fragment(fragment).runs
    times = [
        sample.pts
        for run in runs
        if run.track < len(tracks) and isinstance(tracks[run.track], VideoConfig)
        for sample in run.samples
        if sample.pts <= at_90k
    ]
    return max(times, default=None)


# --- Present and missing --------------------------------------------------------------------------


def spans(volumes: Iterable[Volume], camera: UUID, start_90k: int, end_90k: int) -> list[Span]:
    """What is present in [start, end) and what is missing why: in order, without overlap, without hole.

    Only what lies after the last fragment of a segment that is still being written is left out: it is not yet
    decided.
    """
    if end_90k <= start_90k:
        return []
    copies = by_segment(_held_by(volumes).between(camera, start_90k, end_90k))
    volumes = list(volumes)
    records = [_records(volume, camera, start_90k, end_90k) for volume in volumes]
    undecided_90k = [one.undecided_from_90k for one in records if one.undecided_from_90k is not None]
    if undecided_90k:
        end_90k = min(end_90k, max(start_90k, *undecided_90k))
    layers = [
        (volume, list(_classified(one.covered, one.gaps, start_90k, end_90k)))
        for volume, one in zip(volumes, records, strict=True)
        if one.covered or one.gaps
    ]
    told = [layer for _, layer in layers]
    if copies:
        told = _told_with_copies(volumes, layers, copies, start_90k, end_90k)
    return list(_merged(_overlaid(told, start_90k, end_90k)))


def recovered(layer: Iterable[Span], lost: Iterable[tuple[int, int]]) -> Iterator[Span]:
    """What is present, and lost where it was written: it comes from the copy of a hold."""
    stretches = [_Stretch(start, end, False) for start, end in sorted(lost)]
    for span in layer:
        if span.kind == "missing":
            yield span
            continue
        at_90k = span.start_90k
        for start, end, _ in _covered(stretches, span.start_90k, span.end_90k):
            if start > at_90k:
                yield replace(span, start_90k=at_90k, end_90k=start)
            yield replace(span, start_90k=start, end_90k=end, recovered_from="hold")
            at_90k = end
        if at_90k < span.end_90k:
            yield replace(span, start_90k=at_90k)


def coarse(parts: Sequence[Span], resolution_90k: int) -> list[Span]:
    """The same at a zoom at which nothing shorter than ``resolution_90k`` can be drawn.

    Runs of shorter spans become one, which is missing if any of them is: a gap may look longer, never vanish.
    """
    found: list[Span] = []
    run: list[Span] = []
    for part in parts:
        if part.end_90k - part.start_90k >= resolution_90k:
            found += _joined_run(run)
            run = []
            found.append(part)
            continue
        run.append(part)
        if part.end_90k - run[0].start_90k >= resolution_90k:
            found += _joined_run(run)
            run = []
    return [*found, *_joined_run(run)]


def _joined_run(run: list[Span]) -> list[Span]:
    if not run:
        return []
    missing = [part for part in run if part.kind == "missing"]
    worst = max(missing or run, key=lambda part: part.end_90k - part.start_90k)
    return [replace(worst, start_90k=run[0].start_90k, end_90k=run[-1].end_90k)]


@dataclass(frozen=True, slots=True)
class Completeness:
    """How much of an interval there is."""

    present_90k: int
    missing_90k: dict[Cause | None, int]
    outages: int  # holes longer than was asked for


def completeness(
    volumes: Iterable[Volume], camera: UUID, start_90k: int, end_90k: int, outage_90k: int
) -> Completeness:
    """Sums over ``spans``; a hole that the interval cuts counts by what lies inside."""
    present, outages = 0, 0
    missing: dict[Cause | None, int] = {}
    for span in spans(volumes, camera, start_90k, end_90k):
        length = span.end_90k - span.start_90k
        if span.kind == "present":
            present += length
            continue
        missing[span.cause] = missing.get(span.cause, 0) + length
        outages += length > outage_90k
    return Completeness(present, missing, outages)


class _Stretch(NamedTuple):
    """Footage that is there, or was until its term ended."""

    start_90k: int
    end_90k: int
    removed: bool


class _Records(NamedTuple):
    """What one volume knows of an interval."""

    covered: list[_Stretch]  # by start
    gaps: list[GapRow]
    undecided_from_90k: int | None  # the end of what is being written; None: nothing is


def _records(volume: Volume, camera: UUID, start_90k: int, end_90k: int) -> _Records:
    told = _asked(volume, lambda rows: [_told(rows, camera, start_90k, end_90k)])
    stretches, gaps, removed = told[0] if told else (Stretches([], []), [], [])
    covered = [_Stretch(start, end, False) for start, end in stretches.closed]
    covered += [_Stretch(start, end, True) for start, end in removed]
    growing_90k = []
    for start, id in stretches.open:
        growing = _growing(volume.path / relative_path(camera, id, start))
        if growing:
            growing_90k.append(max(entry.end_90k for entry in growing))
            covered.append(_Stretch(start, growing_90k[-1], False))
    if removed or growing_90k:
        covered.sort()
    going_on = bool(growing_90k) and volume.trouble is None and all(gap.end_90k is not None for gap in gaps)
    return _Records(covered, gaps, max(growing_90k) if going_on else None)


def _told_with_copies(
    volumes: Iterable[Volume],
    layers: list[tuple[Volume, list[Span]]],
    copies: dict[UUID, list[HeldCopy]],
    start_90k: int,
    end_90k: int,
) -> list[list[Span]]:
    """What each volume says, told from its copy where it lost it; and one layer more, of the copies of what
    no volume knows any more."""
    known, told = set[UUID](), list[list[Span]]()
    for volume, layer in layers:
        mine = _held_rows(volume, copies)
        known |= {row.id for row in mine}
        told.append(list(recovered(layer, _lost(volume, mine))))
    alone = _orphans(volumes, {id: some for id, some in copies.items() if id not in known})
    runs = sorted(run for some in alone for run in _runs_said(some))
    apart = _classified([_Stretch(*run, False) for run in runs], [], start_90k, end_90k)
    return [*told, list(recovered(apart, runs))]


def _held_rows(volume: Volume, copies: dict[UUID, list[HeldCopy]]) -> list[SegmentRow]:
    all_of_them = [one for some in copies.values() for one in some]
    start_90k, end_90k = min(one.start_90k for one in all_of_them), max(one.end_90k for one in all_of_them)
    camera = all_of_them[0].camera
    rows = _asked(volume, lambda rows: segments_between(rows, camera, start_90k, end_90k))
    return [row for row in rows if row.id in copies and row.state == "closed"]


def _lost(volume: Volume, rows: list[SegmentRow]) -> Iterator[tuple[int, int]]:
    """Stretches of these segments that cannot be read, or that the audit found changed."""
    yield from ((row.start_90k, row.end_90k) for row in rows if not _stands(volume.path / row.path, row))
    if rows:
        camera, start_90k, end_90k = rows[0].camera, rows[0].start_90k, max(row.end_90k for row in rows)
        found = _asked(volume, lambda known: segments_found(known, camera, start_90k, end_90k))
        ids = {row.id for row in rows}
        yield from ((start, end) for id, start, end in found if id in ids)


def _stands(path: Path, row: SegmentRow) -> bool:
    """Both files are there, of their sizes."""
    try:
        sizes = path.stat().st_size, index_path(path).stat().st_size
    except OSError:
        return False
    return sizes == (row.size_bytes, row.entries * index.ENTRY_BYTES)


def _runs_said(some: list[HeldCopy]) -> tuple[tuple[int, int], ...]:
    """From when to when the copies of a segment have footage; nothing if none has its index."""
    files = tuple(copy.path for copy in some)
    for one in some:
        with suppress(Unproven):
            return orphans.runs(files, one.root, JOINED_90K)
    return ()


def _told(
    rows: sqlite3.Connection, camera: UUID, start_90k: int, end_90k: int
) -> tuple[Stretches, list[GapRow], list[tuple[int, int]]]:
    """What is there, what is missing, what was given up: in this order, so that what is given up meanwhile is
    told twice rather than never.
    """
    stretches = stretches_between(rows, camera, start_90k, end_90k, JOINED_90K)
    gaps = gaps_between(rows, camera, start_90k, end_90k)
    return stretches, gaps, removed_between(rows, camera, start_90k, end_90k)


def _classified(
    stretches: list[_Stretch], gaps: list[GapRow], start_90k: int, end_90k: int
) -> Iterator[Span]:
    """A gap wins over a segment around it; what neither covers is missing without a cause."""
    covered = list(_covered(stretches, start_90k, end_90k))
    at_90k, first = start_90k, 0
    for gap in gaps:
        gap_start = max(gap.start_90k, at_90k)
        gap_end = end_90k if gap.end_90k is None else min(gap.end_90k, end_90k)
        if gap_end <= gap_start:
            continue
        while first < len(covered) and covered[first].end_90k <= at_90k:
            first += 1
        yield from _without_gaps(islice(covered, first, None), at_90k, gap_start)
        yield Span(gap_start, gap_end, "missing", gap.cause, gap.detail)
        at_90k = gap_end
    yield from _without_gaps(islice(covered, first, None), at_90k, end_90k)


def _covered(stretches: list[_Stretch], start_90k: int, end_90k: int) -> Iterator[_Stretch]:
    """The union of the stretches, by start; holes too small to mean anything closed."""
    begun: _Stretch | None = None
    for start, end, removed in stretches:
        start, end = max(start, start_90k), min(end, end_90k)
        if end <= start:
            continue
        if begun is not None and begun.removed == removed and start - begun.end_90k <= JOINED_90K:
            if end > begun.end_90k:
                begun = _Stretch(begun.start_90k, end, removed)
            continue
        if begun is not None:
            yield begun
        begun = _Stretch(start, end, removed)
    if begun is not None:
        yield begun


def _without_gaps(covered: Iterable[_Stretch], start_90k: int, end_90k: int) -> Iterator[Span]:
    at_90k = start_90k
    for begin, end, removed in covered:
        if begin >= end_90k:
            break
        begin, end = max(begin, at_90k), min(end, end_90k)
        if end <= begin:
            continue
        if begin > at_90k:
            yield Span(at_90k, begin, "missing")
        yield Span(begin, end, "missing", Cause.EXPIRED) if removed else Span(begin, end, "present")
        at_90k = end
    if at_90k < end_90k:
        yield Span(at_90k, end_90k, "missing")


def _overlaid(layers: list[list[Span]], start_90k: int, end_90k: int) -> Iterator[Span]:
    """Of what several volumes say of one moment: present before missing, an original before a copy, a cause
    before none, and of two causes the one that began later, for it knows more.
    """
    if len(layers) < 2:
        yield from layers[0] if layers else [Span(start_90k, end_90k, "missing")]
        return
    bounds = sorted({bound for layer in layers for span in layer for bound in (span.start_90k, span.end_90k)})
    places = [0] * len(layers)
    for begin, end in pairwise(bounds):
        told: Span | None = None
        for number, layer in enumerate(layers):
            while places[number] < len(layer) and layer[places[number]].end_90k <= begin:
                places[number] += 1
            if places[number] == len(layer) or layer[places[number]].start_90k > begin:
                continue
            one = layer[places[number]]
            if told is None or _worth(one) > _worth(told):
                told = one
        if told is not None:
            yield replace(told, start_90k=begin, end_90k=end)


def _worth(span: Span) -> tuple[bool, bool, bool, int]:
    return span.kind == "present", span.recovered_from is None, span.cause is not None, span.start_90k


def _merged(parts: Iterator[Span]) -> Iterator[Span]:
    """Neighbours that say the same become one."""
    held: Span | None = None
    for part in parts:
        if held is not None and _said(held) == _said(part):
            held = replace(held, end_90k=part.end_90k)
            continue
        if held is not None:
            yield held
        held = part
    if held is not None:
        yield held


def _said(span: Span) -> tuple[object, ...]:
    return span.kind, span.cause, span.detail, span.recovered_from
