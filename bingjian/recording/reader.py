"""Reading volumes: which bytes hold an instant. Everything blocks; call it in a thread.

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
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple, TypeVar
from uuid import UUID

from bingjian.clock import TICKS_PER_SECOND
from bingjian.formats import mp4_reader
from bingjian.formats.access_unit import FormatError, TrackConfig, VideoConfig
from bingjian.recording import index, orphans
from bingjian.recording.catalogue import (
    Address,
    SegmentRow,
    cameras_of,
    removed_ids,
    segment_at,
    segments_between,
    stored_within,
)
from bingjian.recording.held import NOTHING_HELD, HeldCopies, HeldCopy, by_segment
from bingjian.recording.proven import Proof, ProvenReader, Unproven, proof_of
from bingjian.recording.segment import index_path
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
        for row in asked(volume, lambda rows: segments_between(rows, camera, start_90k, end_90k))
        if (one := _segment(volume, row)) is not None and _reaches_into(one, start_90k)
    ]
    if held := held_by(volumes).between(camera, start_90k, end_90k):
        found = list(_with_copies(volumes, found, held))
    return sorted(found, key=attrgetter("start_90k", "id"))


def segment(volumes: Iterable[Volume], address: Address) -> Segment | None:
    """The segment at this address."""
    held = [
        one
        for one in held_by(volumes).between(address.camera, address.start_90k, address.start_90k + 1)
        if one.segment == address.id
    ]
    for volume in volumes:
        for row in asked(volume, lambda rows: [segment_at(rows, address)]):
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
        for row in asked(
            volume,
            lambda rows: stored_within(rows, camera, after_90k, before_90k, limit, growing=growing),
        )
        if (one := _segment(volume, row)) is not None
    ]
    return sorted(found, key=attrgetter("start_90k", "id"))[:limit]


def cameras(volumes: Iterable[Volume]) -> list[UUID]:
    """Every camera with footage on any of them, or in copies of what is held."""
    stored = {camera for volume in volumes for camera, _ in asked(volume, cameras_of)}
    return sorted(stored | held_by(volumes).cameras())


def _reaches_into(one: Segment, start_90k: int) -> bool:
    return one.start_90k < one.end_90k and one.end_90k > start_90k


def asked(volume: Volume, question: Callable[[sqlite3.Connection], list[T]]) -> list[T]:
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
        written = growing(path)
        if not written:
            return None
        end_90k, size_bytes = max(entry.end_90k for entry in written), written[-1].end
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


def growing(path: Path) -> list[index.Entry]:
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


def held_by(volumes: Iterable[Volume]) -> HeldCopies:
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
    for some in orphaned(volumes, copies):
        if (orphan := _segment_of(some)) is not None:
            yield orphan


def orphaned(volumes: Iterable[Volume], copies: dict[UUID, list[HeldCopy]]) -> list[list[HeldCopy]]:
    """Copies, by segment, of what no volume has; without what a receipt has given up, which stays gone."""
    if not copies:
        return []
    starts = [some[0].start_90k for some in copies.values()]
    camera = next(iter(copies.values()))[0].camera
    gone = {
        id
        for volume in volumes
        for _, id in asked(volume, lambda rows: removed_ids(rows, camera, min(starts), max(starts)))
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
