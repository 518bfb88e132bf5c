"""Start-up repair: a segment that no living writer holds is cut to its last whole fragment, closed, and
what is missing after it gets a name.

Only what can be locked is touched, so segments of another worker on the same volume are safe. What is cut
off is the torn rest of a fragment, nothing else: a fragment that is whole but has no index entry yet gets
one."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from bingjian.clock import TICKS_PER_SECOND, ticks_of
from bingjian.durable import Storage
from bingjian.formats import mp4, mp4_reader
from bingjian.formats.access_unit import FormatError, TrackConfig, VideoConfig
from bingjian.recording import index
from bingjian.recording.catalogue import Catalogue, SegmentRow
from bingjian.recording.cause import Cause
from bingjian.recording.segment import CLOSE_90K, Identity, days_of, index_path
from bingjian.tlog import tree

# Older fragments were synced long before: a sync comes every 0.6 s (writer.SYNC_AFTER_NS), even on a
# struggling disk within seconds. What lies further back is the audit's to read.
DOUBTFUL_90K = 10 * TICKS_PER_SECOND
DAYS_TO_SEARCH = 2  # newest day directories of a camera in which a file without a row may lie after a crash
SYNCED_TOGETHER = 256  # segments repaired for one sync; each holds a file open meanwhile
MAX_FRAGMENT_BYTES = 64 << 20  # far beyond any of ours; what claims more is torn
ROUNDED_90K = 90  # a start in a name has milliseconds
DETAIL = "the recorder ended in the middle of a segment"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Repair:
    """What was done to one segment."""

    segment: UUID
    camera: UUID
    end_90k: int
    cut_bytes: int  # torn rest, removed from its end
    rebuilt: int  # index entries made from whole fragments


def recover(
    root: Path, volume: UUID, catalogue: Catalogue, storage: Storage, *, cause: Cause = Cause.RECORDER_CRASHED
) -> list[Repair]:
    """Repair and close every open segment that nobody holds; blocks, and raises OSError and sqlite3.Error.

    Args:
        cause: of the gap that begins where each segment ends.
    """
    _adopt_strays(root, volume, catalogue, storage, cause)
    rows = catalogue.open_segments()
    repairs: list[Repair] = []
    for first in range(0, len(rows), SYNCED_TOGETHER):
        repairs += _repair(root, rows[first : first + SYNCED_TOGETHER], catalogue, storage, cause)
    return repairs


class _Mended(NamedTuple):
    """A segment whose files are as they should be, locked until its row says so."""

    row: SegmentRow
    descriptor: int
    entries: list[index.Entry]
    cut_bytes: int
    rebuilt: int

    @property
    def end_90k(self) -> int:
        return max(entry.end_90k for entry in self.entries)

    @property
    def repair(self) -> Repair:
        return Repair(self.row.id, self.row.camera, self.end_90k, self.cut_bytes, self.rebuilt)


def _repair(
    root: Path, rows: list[SegmentRow], catalogue: Catalogue, storage: Storage, cause: Cause
) -> list[Repair]:
    """One sync and one transaction for all: syncing them one by one took most of a start. None is called
    closed before its files are durable.
    """
    mended: list[_Mended] = []
    try:
        for row in rows:
            one = _mended(root, row, catalogue, storage)
            mended += [one] if one is not None else []
        if mended:
            storage.sync_filesystem(root)
            with catalogue.transaction():
                for one in mended:
                    _close(one, catalogue, cause)
    finally:
        for one in mended:
            storage.close(one.descriptor)
    return [one.repair for one in mended]


def _close(one: _Mended, catalogue: Catalogue, cause: Cause) -> None:
    root = tree.root([index.pack(entry) for entry in one.entries])
    catalogue.close_segment(one.row, one.end_90k, one.entries[-1].end, len(one.entries), root)
    if one.row.recovered is None:  # else the gap that it was to fill stands
        catalogue.note_crash(one.row, cause, DETAIL, one.end_90k)


def _mended(root: Path, row: SegmentRow, catalogue: Catalogue, storage: Storage) -> _Mended | None:
    """None: its writer lives, or nothing of it can be shown."""
    path = root / row.path
    try:
        descriptor = storage.open(path)
    except FileNotFoundError:
        _give_up(row, catalogue, Cause.VOLUME_FAILING, "the file of a segment is missing")
        return None
    try:
        if storage.lock(descriptor):
            mended = _mend_locked(path, descriptor, row, storage)
            descriptor = -1
            return mended
    except FormatError as wrong:
        _give_up(row, catalogue, Cause.VOLUME_FAILING, f"the file of a segment has no head: {wrong}")
    finally:
        if descriptor >= 0:
            storage.close(descriptor)
    return None


def _give_up(row: SegmentRow, catalogue: Catalogue, cause: Cause, reason: str) -> None:
    """Nothing to repair: say so, once. The file, if there is one, stays as it is."""
    log.error("segment lost", extra={"segment": str(row.id), "path": row.path, "reason": reason})
    with catalogue.transaction():
        catalogue.lose_segment(row)
        if row.recovered is None and not _is_being_fetched(row, catalogue):
            catalogue.note_crash(row, cause, reason, row.start_90k)


def _is_being_fetched(row: SegmentRow, catalogue: Catalogue) -> bool:
    """It lies in a gap that was being filled: of a torn file nothing says so but the time."""
    start_90k, end_90k = catalogue.recovering().get(row.camera, (0, 0))
    return start_90k - ROUNDED_90K < row.start_90k < end_90k


def _mend_locked(path: Path, descriptor: int, row: SegmentRow, storage: Storage) -> _Mended:
    size = storage.size(descriptor)
    claimed = index.sound_prefix(_read_index(index_path(path), storage), size)
    known = _trusted(descriptor, claimed, storage)
    entries = known
    if len(known) == len(claimed):  # else the disk lost what it had, and what follows is no better
        entries = known + _rebuilt(descriptor, size, known, row.start_90k, storage)
    if not entries:
        raise FormatError("the init segment is not what was written")
    whole = entries[-1].end
    _write_back(path, descriptor, whole, entries, storage)
    return _Mended(row, descriptor, entries, size - whole, len(entries) - len(known))


def _read_index(path: Path, storage: Storage) -> bytes:
    try:
        descriptor = storage.open(path)
    except FileNotFoundError:
        return b""
    try:
        return storage.read_at(descriptor, storage.size(descriptor), 0)
    finally:
        storage.close(descriptor)


def _trusted(descriptor: int, entries: list[index.Entry], storage: Storage) -> list[index.Entry]:
    """The entries up to the first whose bytes are not what was hashed; the last seconds are read again.

    Of those, times that are not the fragment's own are put right.
    """
    trusted: list[index.Entry] = []
    tracks: tuple[TrackConfig, ...] = ()
    doubtful_from = entries[-1].end_90k - DOUBTFUL_90K if entries else 0
    for number, entry in enumerate(entries):
        if number == 0 or entry.end_90k >= doubtful_from:
            data = storage.read_at(descriptor, entry.length, entry.offset)
            if sha256(data).digest() != entry.sha256:
                return trusted
            if number == 0:
                tracks = mp4_reader.read_init(data).tracks
            else:
                entry = _with_own_times(entry, data, trusted[-1], tracks)
        trusted.append(entry)
    return trusted


def _with_own_times(
    entry: index.Entry, data: bytes, last: index.Entry, tracks: tuple[TrackConfig, ...]
) -> index.Entry:
    own = _entry_for(data, last, tracks)
    if own is None or (own.start_90k, own.duration_90k) == (entry.start_90k, entry.duration_90k):
        return entry
    return own


def _rebuilt(
    descriptor: int, size: int, known: list[index.Entry], start_90k: int, storage: Storage
) -> list[index.Entry]:
    """Entries for what lies whole behind the last known one: it was written, but its entry was not.

    Raises FormatError if not even the init segment is whole.
    """
    entries = [] if known else [_init_entry(descriptor, start_90k, storage)]
    first = (known or entries)[0]
    tracks = mp4_reader.read_init(storage.read_at(descriptor, first.length, 0)).tracks
    last = (known or entries)[-1]
    while True:
        data = _fragment_bytes(descriptor, last.end, size, storage)
        entry = _entry_for(data, last, tracks) if data else None
        if entry is None:
            return entries
        entries.append(entry)
        last = entry


def _init_entry(descriptor: int, start_90k: int, storage: Storage) -> index.Entry:
    init = mp4_reader.read_init(storage.read_at(descriptor, mp4_reader.MAX_HEADER, 0)).raw
    return index.Entry(start_90k, 0, len(init), 0, index.REBUILT, 0, sha256(init).digest())


def _fragment_bytes(descriptor: int, offset: int, size: int, storage: Storage) -> bytes | None:
    """``moof`` and ``mdat`` at this offset, if both are whole."""
    end = offset
    for kind in (b"moof", b"mdat"):
        header = storage.read_at(descriptor, 8, end)
        length = int.from_bytes(header[:4])
        if header[4:] != kind or length < 8 or end + length > size:
            return None
        end += length
    return storage.read_at(descriptor, end - offset, offset) if end - offset <= MAX_FRAGMENT_BYTES else None


def _entry_for(data: bytes, last: index.Entry, tracks: tuple[TrackConfig, ...]) -> index.Entry | None:
    """What the writer would have put down for this fragment; None if it holds something else than samples."""
    try:
        fragment = mp4_reader.read_fragment(data)
    except FormatError:
        return None
    runs = [run for run in fragment.runs if run.samples and run.track < len(tracks)]
    if not runs:
        return None
    video = [run for run in runs if isinstance(tracks[run.track], VideoConfig)]
    if not all(_whole_pictures(data, run) for run in video):
        return None
    lead = (video or runs)[0]
    rate = tracks[lead.track].clock_rate
    start_90k = min(sample.pts for sample in lead.samples) * TICKS_PER_SECOND // rate
    duration_90k = sum(sample.duration for sample in lead.samples) * TICKS_PER_SECOND // rate
    if start_90k < last.start_90k:
        return None
    has_video = any(isinstance(track, VideoConfig) for track in tracks)
    sync = lead.samples[0].sync and bool(video) == has_video
    flags = index.REBUILT | (index.SYNC if sync else 0)
    return index.Entry(
        start_90k,
        min(duration_90k, CLOSE_90K),
        len(data),
        last.end,
        flags,
        last.clock_offset_ms,
        sha256(data).digest(),
    )


def _whole_pictures(data: bytes, run: mp4_reader.Run) -> bool:
    """Each picture is a chain of NAL units with a length before each, to its very end. A power cut can
    leave a file of the right size with zeros in it."""
    return all(_is_chain(data, sample.offset, sample.offset + sample.size) for sample in run.samples)


def _is_chain(data: bytes, at: int, end: int) -> bool:
    while at < end:
        length = int.from_bytes(data[at : at + 4])
        if length == 0:
            return False
        at += 4 + length
    return at == end


def _write_back(
    path: Path, descriptor: int, whole: int, entries: list[index.Entry], storage: Storage
) -> None:
    """Cut the torn rest and complete the index. Neither is durable yet, but the index never before what it
    vouches for.
    """
    if storage.size(descriptor) != whole:
        storage.truncate(descriptor, whole)
    side = index_path(path)
    content = b"".join(map(index.pack, entries))
    if _read_index(side, storage) != content:
        storage.sync_file(descriptor)
        storage.write_atomically(side, content)


# --- Files without a row --------------------------------------------------------------------------


def _adopt_strays(root: Path, volume: UUID, catalogue: Catalogue, storage: Storage, cause: Cause) -> None:
    """A crash between a segment's file and its row leaves a file that says itself what it is: it gets its
    row. After a power cut it may hold less than its head: then it is lost.
    """
    for path in _recent_files(root / "cameras", catalogue.recovering()):
        named = _named(path)
        if named is None or catalogue.has_segment(*named):
            continue
        row = _row_from(root, path, volume, storage)
        if row is not None:
            with catalogue.transaction():
                catalogue.add_open(row)
        elif _is_torn_head(path, storage):
            _lose_stray(*named, catalogue, cause)
        else:
            log.error("a file that is no segment of this volume", extra={"path": str(path)})


def _is_torn_head(path: Path, storage: Storage) -> bool:
    """Nobody holds the file, and it has less than ``ftyp moov``: nothing, zeros, or the beginning. Of a
    segment without a row there may also be the index alone."""
    try:
        descriptor = storage.open(path)
    except FileNotFoundError:
        return True
    try:
        if not storage.lock(descriptor) or storage.size(descriptor) > mp4_reader.MAX_HEADER:
            return False
        head = storage.read_at(descriptor, mp4_reader.MAX_HEADER, 0)
        if not head.strip(b"\0"):
            return True
        mp4_reader.read_init(head)
    except FormatError:
        return head[4:8] == b"ftyp"
    finally:
        storage.close(descriptor)
    return False  # whole, and another volume's


def _lose_stray(camera: UUID, start_90k: int, segment: UUID, catalogue: Catalogue, cause: Cause) -> None:
    row = SegmentRow(
        *(segment, camera, start_90k, start_90k, "open", 0, 0, None), *("", sha256().digest(), "", 0)
    )
    with catalogue.transaction():
        catalogue.add_open(row)
    _give_up(row, catalogue, cause, "a segment had just been begun")


def _recent_files(cameras: Path, fetched: Mapping[UUID, tuple[int, int]]) -> list[Path]:
    """The segment files in each camera's newest days, and those that were being filled afterwards; no scan
    of the store.
    """
    if not cameras.is_dir():
        return []
    places = [camera for camera in cameras.iterdir() if camera.is_dir()]
    days = [day for place in places for day in sorted(place.iterdir())[-DAYS_TO_SEARCH:]]
    days += [
        cameras / str(camera) / day for camera, interval in fetched.items() for day in days_of(*interval)
    ]
    files = [file for day in days for file in day.glob("*_*.*") if file.suffix in (".mp4", ".idx")]
    return sorted({file.with_suffix(".mp4") for file in files})


def _named(path: Path) -> tuple[UUID, int, UUID] | None:
    """Camera, start (to the millisecond) and segment, as path and name have them; None: not one of ours."""
    try:
        return UUID(path.parent.parent.name), _start_in_name(path), UUID(hex=path.stem.rpartition("_")[2])
    except ValueError:
        return None


def _row_from(root: Path, path: Path, volume: UUID, storage: Storage) -> SegmentRow | None:
    """What the file says of itself; None if it cannot be read, or is another volume's or camera's."""
    try:
        descriptor = storage.open(path)
    except FileNotFoundError:
        return None
    try:
        if not storage.lock(descriptor):
            return None  # being made this very moment
        init = mp4_reader.read_init(storage.read_at(descriptor, mp4_reader.MAX_HEADER, 0))
        init_sha = sha256(mp4.init_segment(init.tracks)).digest()
        start_90k = _start_in_name(path)
    except (FormatError, ValueError):
        return None
    finally:
        storage.close(descriptor)
    identity = Identity.unpack(init.identity)
    if identity is None or identity.volume != volume or str(identity.camera) != path.parent.parent.name:
        return None
    mime = mp4.mime_type(init.tracks)
    row = SegmentRow(
        *(identity.segment, identity.camera, start_90k, start_90k, "open", 0, 0, None),
        *(mime, init_sha, "", identity.epoch, identity.recovered),
    )
    return row if root / row.path == path else None


def _start_in_name(path: Path) -> int:
    """To the millisecond. Raises ValueError."""
    return ticks_of(datetime.strptime(path.name.partition("_")[0], "%Y%m%dT%H%M%S.%f%z"))
