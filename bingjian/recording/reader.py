"""Reading a volume: which bytes hold an instant, and what is present or missing. Everything blocks; call it
in a thread.

A segment that is being written reads like any other, up to its last fragment: an index entry is written
after its bytes."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple
from uuid import UUID

from bingjian.clock import TICKS_PER_SECOND
from bingjian.formats import mp4_reader
from bingjian.formats.access_unit import FormatError, TrackConfig, VideoConfig
from bingjian.recording import index
from bingjian.recording.catalogue import (
    GapRow,
    SegmentRow,
    gaps_between,
    segment_by_id,
    segments_between,
)
from bingjian.recording.cause import Cause
from bingjian.recording.segment import index_path
from bingjian.recording.volume import Volume

# A picture stands until the next: an instant this long after the end of a fragment still shows its last
# picture, which is what the newest one is while the fragment after it is being gathered and written.
STANDING_90K = 3 * TICKS_PER_SECOND
MAX_PICTURE_BYTES = 64 << 20  # from a key frame to the picture: a minute of 8 Mbit/s
MAX_KEY_FRAME_DISTANCE_90K = 120 * TICKS_PER_SECOND
JOINED_90K = TICKS_PER_SECOND // 2  # between two segments: less is rounding, and neither hole nor missing


class ReadError(Exception):
    """A stored file is not what the catalogue says of it; carries one plain sentence."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One stored file, closed or still growing."""

    id: UUID
    camera: UUID
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


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a camera's time."""

    start_90k: int
    end_90k: int
    kind: Literal["present", "missing"]
    cause: Cause | None = None  # of what is missing; None: never recorded, or nobody knows
    detail: str = ""


class Picture(NamedTuple):
    """What a decoder needs for one picture."""

    init: bytes
    fragments: bytes  # from the one that begins with a key frame to the one that holds the picture
    at_90k: int  # presentation time of the last picture at or before the instant asked for


# --- Segments -------------------------------------------------------------------------------------


def segments(volume: Volume, camera: UUID, start_90k: int, end_90k: int) -> list[Segment]:
    """The camera's segments with footage in [start, end), by start."""
    with volume.reading() as catalogue:
        rows = segments_between(catalogue, camera, start_90k, end_90k)
    found = (_segment(volume, row) for row in rows)
    return [
        one for one in found if one is not None and one.start_90k < one.end_90k and one.end_90k > start_90k
    ]


def segment(volume: Volume, id: UUID) -> Segment | None:
    """The segment of this id."""
    with volume.reading() as catalogue:
        row = segment_by_id(catalogue, id)
    return _segment(volume, row) if row is not None else None


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
        *(row.id, row.camera, row.start_90k, end_90k, row.state == "closed", path, size_bytes),
        *(row.root, row.mime, row.init_sha, row.worker, row.epoch),
    )


def entries(segment: Segment) -> list[index.Entry]:
    """Its index: entry 0 is the init segment, the others its fragments in order. Raises ReadError."""
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


# --- Pictures -------------------------------------------------------------------------------------


def picture(volume: Volume, camera: UUID, at_90k: int) -> Picture | None:
    """The picture that stood at this instant; None if the camera has none there. Raises ReadError."""
    first_90k = at_90k - MAX_KEY_FRAME_DISTANCE_90K
    stretch: list[tuple[Segment, list[index.Entry]]] = []  # newest segment first, fragments oldest first
    for one in reversed(segments(volume, camera, first_90k, at_90k + 1)):
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


def spans(volume: Volume, camera: UUID, start_90k: int, end_90k: int) -> list[Span]:
    """What is present in [start, end) and what is missing why: in order, without overlap, without hole.

    Only what lies after the last fragment of a segment that is still being written is left out: it is not yet
    decided.
    """
    if end_90k <= start_90k:
        return []
    with volume.reading() as catalogue:
        rows = segments_between(catalogue, camera, start_90k, end_90k)
        gaps = gaps_between(catalogue, camera, start_90k, end_90k)
    present = [one for row in rows if (one := _segment(volume, row)) is not None]
    going_on = any(not one.closed for one in present) and all(gap.end_90k is not None for gap in gaps)
    if going_on:
        end_90k = min(end_90k, max(start_90k, *(one.end_90k for one in present)))
    return list(_merged(_classified(present, gaps, start_90k, end_90k)))


def _classified(present: list[Segment], gaps: list[GapRow], start_90k: int, end_90k: int) -> Iterator[Span]:
    """A gap wins over a segment around it; what neither covers is missing without a cause."""
    covered = list(_covered(present, start_90k, end_90k))
    at_90k = start_90k
    for gap in gaps:
        gap_start = max(gap.start_90k, at_90k)
        gap_end = end_90k if gap.end_90k is None else min(gap.end_90k, end_90k)
        if gap_end <= gap_start:
            continue
        yield from _without_gaps(covered, at_90k, gap_start)
        yield Span(gap_start, gap_end, "missing", gap.cause, gap.detail)
        at_90k = gap_end
    yield from _without_gaps(covered, at_90k, end_90k)


def _covered(present: list[Segment], start_90k: int, end_90k: int) -> Iterator[tuple[int, int]]:
    """The union of the segments, by start; holes too small to mean anything closed."""
    begun: tuple[int, int] | None = None
    for one in present:
        start, end = max(one.start_90k, start_90k), min(one.end_90k, end_90k)
        if end <= start:
            continue
        if begun is not None and start - begun[1] <= JOINED_90K:
            begun = (begun[0], max(begun[1], end))
            continue
        if begun is not None:
            yield begun
        begun = (start, end)
    if begun is not None:
        yield begun


def _without_gaps(covered: list[tuple[int, int]], start_90k: int, end_90k: int) -> Iterator[Span]:
    at_90k = start_90k
    for begin, end in covered:
        begin, end = max(begin, at_90k), min(end, end_90k)
        if end <= begin:
            continue
        if begin > at_90k:
            yield Span(at_90k, begin, "missing")
        yield Span(begin, end, "present")
        at_90k = end
    if at_90k < end_90k:
        yield Span(at_90k, end_90k, "missing")


def _merged(parts: Iterator[Span]) -> Iterator[Span]:
    """Neighbours that say the same become one."""
    held: Span | None = None
    for part in parts:
        if held is not None and (held.kind, held.cause, held.detail) == (part.kind, part.cause, part.detail):
            held = Span(held.start_90k, part.end_90k, held.kind, held.cause, held.detail)
            continue
        if held is not None:
            yield held
        held = part
    if held is not None:
        yield held
