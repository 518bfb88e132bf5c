"""Copies of held footage in an area of their own, written once: they outlive the original (R27.5).

    <area>/<hold>/<start>_<segment>.mp4, .idx   as they were stored, read-only
    <area>/<hold>/hold.json                     camera, interval, and root and size of every copy

A segment is copied whole: its root proves it, a part of it could not be proven. Every fragment is hashed
again while it is read, and the copy while it is read back; a copy that holds is never written again. What
was copied once stays in ``hold.json`` with its root, whatever becomes of it, so that what is left of it can
be proven. Readers find copies by it (``held``), and so does another hold whose original is lost.
"""

import json
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from bingjian.durable import Storage
from bingjian.recording import index, presence, reader
from bingjian.recording.cause import Cause
from bingjian.recording.held import FORMAT, MANIFEST
from bingjian.recording.segment import index_path
from bingjian.recording.volume import Volume
from bingjian.tlog import tree

READ_ONLY_MODE = 0o440
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Missing:
    """A stretch of the interval of which there is no copy."""

    start_90k: int
    end_90k: int
    cause: str  # recording.cause.Cause, or "recording": the segment is still being written


@dataclass(frozen=True, slots=True)
class Copied:
    """What the area holds of a hold."""

    segments: int
    size_bytes: int
    sha256: str  # over the roots of all copies, by start
    missing: list[Missing]


def copy(
    volumes: Iterable[Volume],
    area: Path,
    hold: UUID,
    camera: UUID,
    interval_90k: tuple[int, int],
    storage: Storage,
) -> Copied:
    """Complete the hold's copy and read all of it again. Blocks. Raises OSError.

    What was copied once counts even if its original is gone.
    """
    place = area / str(hold)
    storage.make_directories(place)
    found = reader.segments(volumes, camera, *interval_90k)
    for one in found:
        if one.closed:
            _copy_segment(one, place, storage)
    before = _said_before(place / MANIFEST)
    roots = {one.name: one.root for one in before.values()}
    roots |= {one.path.name: one.root for one in found if one.root is not None}
    copies = sorted(_copies(place, roots, storage), key=_by_start)
    all_said = sorted((before | {one.name: one for one in copies}).values(), key=_by_start)
    _write_manifest(place, hold, camera, interval_90k, all_said, storage)
    storage.sync_filesystem(place)  # with the names of the directories above it, whoever made them
    digest = sha256(b"".join(one.root for one in copies))
    return Copied(
        segments=len(copies),
        size_bytes=sum(one.size_bytes for one in copies),
        sha256=digest.hexdigest(),
        missing=list(_missing(volumes, camera, interval_90k, found, copies)),
    )


@dataclass(frozen=True, slots=True)
class _Copy:
    """One copy whose bytes are what its root says."""

    name: str
    start_90k: int
    end_90k: int
    size_bytes: int
    root: bytes


def _copy_segment(one: reader.Segment, place: Path, storage: Storage) -> None:
    """Nothing to do if a whole copy is there; an original that is damaged makes none."""
    target = place / one.path.name
    there = _checked(target, storage)
    if one.root is None or (there is not None and there.root == one.root):
        return
    try:
        entries = reader.entries(one)
        if tree.root(map(index.pack, entries)) != one.root:
            return
        _write_once(target, (_whole_fragment(one, entry) for entry in entries), storage)
    except reader.ReadError:
        return  # damaged: said among what is missing
    _write_once(index_path(target), [b"".join(map(index.pack, entries))], storage)
    storage.sync_directory(place)


def _whole_fragment(one: reader.Segment, entry: index.Entry) -> bytes:
    """Raises ReadError."""
    data = reader.read(one, entry.offset, entry.length)
    if sha256(data).digest() != entry.sha256:
        raise reader.ReadError(f"segment {one.id} is damaged")
    return data


def _write_once(target: Path, pieces: Iterable[bytes], storage: Storage) -> None:
    """Under another name until it is whole and durable; then nobody writes to it again."""
    draft = target.with_name(f".{target.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = storage.create(draft)
    try:
        offset = 0
        for piece in pieces:
            offset += storage.write_at(descriptor, [piece], offset)
        storage.sync_file(descriptor)
    finally:
        storage.close(descriptor)
    draft.chmod(READ_ONLY_MODE)
    storage.replace(draft, target)


def _said_before(manifest: Path) -> dict[str, _Copy]:
    """What was copied so far, by name; nothing if that is not known."""
    try:
        return {
            one["name"]: _Copy(
                *(str(one["name"]), int(one["start_90k"]), int(one["end_90k"]), int(one["size_bytes"])),
                bytes.fromhex(one["root"]),
            )
            for one in json.loads(manifest.read_bytes())["copies"]
        }
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError) as wrong:
        log.error("manifest of a hold is damaged", extra={"path": str(manifest), "reason": str(wrong)})
        return {}


def _by_start(one: _Copy) -> tuple[int, str]:
    return one.start_90k, one.name


def _copies(place: Path, roots: dict[str, bytes], storage: Storage) -> Iterator[_Copy]:
    """Those that are whole and have the root, by name, that the original has or they had at first."""
    for path in sorted(place.glob("*.mp4")):
        found = _checked(path, storage)
        if found is not None and roots.get(found.name, found.root) == found.root:
            yield found


def _checked(path: Path, storage: Storage) -> _Copy | None:
    """The copy, read from end to end; None if it is not there or not whole."""
    try:
        entries = list(index.entries_of(index_path(path).read_bytes()))
        descriptor = storage.open_to_read(path)
    except OSError:
        return None
    try:
        if not entries or storage.size(descriptor) != entries[-1].end:
            return None
        for entry in entries:
            if sha256(storage.read_at(descriptor, entry.length, entry.offset)).digest() != entry.sha256:
                return None
    finally:
        storage.close(descriptor)
    root = tree.root(map(index.pack, entries))
    end_90k = max(entry.end_90k for entry in entries)
    return _Copy(path.name, entries[0].start_90k, end_90k, entries[-1].end, root)


def _write_manifest(
    place: Path,
    hold: UUID,
    camera: UUID,
    interval_90k: tuple[int, int],
    copies: list[_Copy],
    storage: Storage,
) -> None:
    said = {
        "format": FORMAT,
        "hold": str(hold),
        "camera": str(camera),
        "start_90k": interval_90k[0],
        "end_90k": interval_90k[1],
        "copies": [
            {
                "name": one.name,
                "start_90k": one.start_90k,
                "end_90k": one.end_90k,
                "size_bytes": one.size_bytes,
                "root": one.root.hex(),
            }
            for one in copies
        ],
    }
    storage.write_atomically(place / MANIFEST, json.dumps(said, indent=2).encode() + b"\n")


def _missing(
    volumes: Iterable[Volume],
    camera: UUID,
    interval_90k: tuple[int, int],
    found: list[reader.Segment],
    copies: list[_Copy],
) -> Iterator[Missing]:
    """Of the interval, what no copy covers: with the recording's own cause, or because it goes on."""
    covered = {(one.start_90k, one.end_90k) for one in copies}
    for one in found:
        if (one.start_90k, one.end_90k) not in covered:
            start, end = max(one.start_90k, interval_90k[0]), min(one.end_90k, interval_90k[1])
            cause = "recording" if not one.closed else Cause.VOLUME_FAILING.value
            yield Missing(start, end, cause)
    for span in presence.spans(volumes, camera, *interval_90k):
        if span.kind == "missing" and not any(
            one.start_90k <= span.start_90k and one.end_90k >= span.end_90k for one in copies
        ):
            yield Missing(span.start_90k, span.end_90k, span.cause.value if span.cause else "unknown")
