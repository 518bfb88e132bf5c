"""Key frames of an interval, one for each step, for pictures to show while somebody drags through time.
Everything blocks; call it in a thread.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from bingjian.formats import mp4_cut, mp4_reader
from bingjian.formats.access_unit import FormatError, VideoConfig
from bingjian.recording import reader
from bingjian.recording.extract import Moofs, Stored, continues
from bingjian.recording.reader import (
    JOINED_90K,
    MAX_KEY_FRAME_DISTANCE_90K,
    STANDING_90K,
    ReadError,
    Segment,
)
from bingjian.recording.volume import Volume

MAX_STEPS = 64
MAX_SPAN_90K = 31 * 86_400 * 90_000  # 9 000 segments, of which only those that hold a step are opened
MAX_BYTES = 48 << 20  # of key frames: 64 of a 4K camera with 750 kB each; further steps are left empty


Shown = dict[tuple[UUID, int], tuple[Stored, list[int]]]  # by segment and offset: a key frame, its steps


class KeyFrame(NamedTuple):
    """The picture of one step or more."""

    at_90k: int  # presentation time, UTC since 1970
    clock_offset_ms: int  # the camera's clock minus ours
    steps: tuple[int, ...]  # that show it, from 0


@dataclass(frozen=True, slots=True)
class KeyFrames:
    """What a decoder needs: one fragment of one sample per key frame, in order, after ``ftyp moov`` wherever
    the configuration changes.
    """

    movies: bytes
    frames: tuple[KeyFrame, ...]


def key_frames(
    volumes: Iterable[Volume], camera: UUID, start_90k: int, end_90k: int, steps: int
) -> KeyFrames:
    """Of each of ``steps`` equal parts of the interval the last key frame up to the middle of it; steps
    without footage have none, nor do those whose file cannot be read. Raises ReadError if it is damaged.
    """
    wanted = [start_90k + (2 * step + 1) * (end_90k - start_90k) // (2 * steps) for step in range(steps)]
    files = reader.segments(volumes, camera, start_90k - MAX_KEY_FRAME_DISTANCE_90K, end_90k)
    chosen = _chosen(files, wanted)
    movies, frames, size, init_sha = list[bytes](), list[KeyFrame](), 0, b""
    try:
        with Moofs() as moofs:
            for stored, shown in chosen.values():
                picture = _first_picture(stored, moofs)
                if picture is None:
                    continue
                init, at_90k, fragment = picture
                size += len(fragment)
                if size > MAX_BYTES:
                    break
                movies += [fragment] if stored.segment.init_sha == init_sha else [init, fragment]
                init_sha = stored.segment.init_sha
                frames.append(KeyFrame(at_90k, stored.entry.clock_offset_ms, tuple(shown)))
    except FormatError as wrong:
        raise ReadError(f"stored footage of camera {camera} is damaged: {wrong}") from wrong
    return KeyFrames(b"".join(movies), tuple(frames))


def _chosen(files: Sequence[Segment], wanted: Sequence[int]) -> Shown:
    """The key frames to show; opens a file only if a step needs it."""
    chosen: Shown = {}
    indexes: dict[UUID, list[Stored]] = {}
    starts = [file.start_90k for file in files]
    for step, at_90k in enumerate(wanted):
        number = bisect_right(starts, at_90k) - 1
        for stored in _before(files, number, at_90k, indexes):
            key = stored.segment.id, stored.entry.offset
            chosen.setdefault(key, (stored, []))[1].append(step)
    return chosen


def _before(
    files: Sequence[Segment], number: int, at_90k: int, indexes: dict[UUID, list[Stored]]
) -> list[Stored]:
    """The key frame of the picture that stood at this instant, or nothing."""
    after: Stored | None = None
    while number >= 0 and files[number].end_90k > at_90k - MAX_KEY_FRAME_DISTANCE_90K:
        stretch = [one for one in _index(files[number], indexes) if one.entry.start_90k <= at_90k]
        for stored in reversed(stretch):
            if after is None and stored.entry.end_90k + STANDING_90K < at_90k:
                return []
            if after is not None and not _joined(stored, after):
                return []
            if stored.entry.sync:
                return [stored]
            after = stored
        number -= 1
    return []


def _joined(before: Stored, after: Stored) -> bool:
    """Whether a picture of the one may build on the other."""
    return continues(before, after) and after.entry.start_90k - before.entry.end_90k <= JOINED_90K


def _index(file: Segment, indexes: dict[UUID, list[Stored]]) -> list[Stored]:
    """Of the last two files asked for: steps go forward."""
    if file.id not in indexes:
        if len(indexes) > 1:
            indexes.pop(next(iter(indexes)))
        try:
            indexes[file.id] = [Stored(file, entry) for entry in reader.entries(file)[1:]]
        except ReadError:
            indexes[file.id] = []
    return indexes[file.id]


def _first_picture(stored: Stored, moofs: Moofs) -> tuple[bytes, int, bytes] | None:
    """``ftyp moov``, when the key frame is presented, and a fragment of it alone; None if its file is lost,
    which hides no other. Raises FormatError."""
    try:
        init = mp4_reader.read_init(reader.init_of(stored.segment))
        return init.raw, *_alone(stored, init, moofs)
    except ReadError:
        return None


def _alone(stored: Stored, init: mp4_reader.Init, moofs: Moofs) -> tuple[int, bytes]:
    """Raises ReadError, FormatError."""
    moof = moofs.read(stored)
    for run in moof.runs:
        if run.track < len(init.tracks) and isinstance(init.tracks[run.track], VideoConfig):
            shorter = mp4_cut.cut(moof, {run.track: 1})
            assert shorter is not None, "a run has a sample"
            media = b"".join(moofs.bytes_of(stored, part) for part in shorter.ranges)
            return run.presented()[0], shorter.header + media
    raise FormatError("a key frame without a picture")
