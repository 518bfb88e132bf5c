"""Files below ``cameras`` that no row vouches for: put there from outside, or given up and back again.

A recorder makes a segment's file a moment before its row, and a crash between the two leaves a file that the
next start adopts: such a file says itself whose it is, lies where that says, and is among the newest. A power
cut may leave the name of one and none of its bytes. Neither is a stray."""

import os
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

from bingjian.clock import TICKS_PER_SECOND, ticks_of
from bingjian.recording import fragments
from bingjian.recording.alignment import Kind
from bingjian.recording.catalogue import Address, recovering
from bingjian.recording.findings import Finding
from bingjian.recording.inspection import StoredFile, stored_file
from bingjian.recording.recovery import DAYS_TO_SEARCH
from bingjian.recording.segment import days_of, relative_path
from bingjian.recording.volume import CAMERAS, OWN_FILES, Volume

DAY_90K = 86_400 * TICKS_PER_SECOND
OWN = {CAMERAS, *OWN_FILES, *(f".{name}.new" for name in OWN_FILES)}  # with drafts left by a crash
SUFFIXES = (".mp4", ".idx")
NEW_NS = 60_000_000_000  # a row follows its file within a sync, on a struggling disk within seconds
MAX_HEAD_BYTES = 64 << 10  # far more than the head of a segment takes
LATEST_90K = ticks_of(datetime.max.replace(tzinfo=UTC))  # what calendars hold
NOBODY = UUID(int=0)  # where not even a camera can be named


def all_strays(volume: Volume) -> Iterator[Path]:
    """Everything in the volume's directory that is not its own. Raises OSError."""
    for path in _listing(volume.path):
        if path.name not in OWN:
            yield from _files_below(path)
    for directory in cameras_in(volume):
        yield from strays_in(volume, directory)


def cameras_in(volume: Volume) -> list[Path]:
    """What lies directly below ``cameras``; each has to be a camera's directory."""
    return _listing(volume.path / CAMERAS)


def strays_in(volume: Volume, camera_directory: Path) -> Iterator[Path]:
    """The strays of one camera, day by day. Raises OSError."""
    camera = _uuid(camera_directory.name)
    if camera is None or not _is_directory(camera_directory):
        yield from _files_below(camera_directory)
        return
    days = _listing(camera_directory)
    adopting = {*(day.name for day in days[-DAYS_TO_SEARCH:]), *_days_being_filled(volume, camera)}
    for day in days:
        begin = _date(day.name)
        if begin is None or not _is_directory(day):
            yield from _files_below(day)
            continue
        yield from _strays_of_day(volume, camera, day, begin, adopting=day.name in adopting)


def _days_being_filled(volume: Volume, camera: UUID) -> list[str]:
    with volume.reading() as catalogue:
        interval = recovering(catalogue).get(camera)
    return days_of(*interval) if interval is not None else []


def _strays_of_day(volume: Volume, camera: UUID, day: Path, begin: date, *, adopting: bool) -> Iterator[Path]:
    files = _listing(day)  # before the rows: a file removed meanwhile is seen to be gone below
    known = _stems_of_day(volume, camera, begin)
    for stem, several in groupby((path for path in files if not _is_draft(path, known)), key=_stem):
        paths = list(several)
        ours = all(path.suffix in SUFFIXES for path in paths)
        if ours and (stem in known or _left_by_a_crash(volume, day / f"{stem}.mp4", paths, adopting)):
            continue
        yield from (path for path in paths if os.path.lexists(path) and not _known_now(volume, camera, path))


def _left_by_a_crash(volume: Volume, mp4: Path, paths: list[Path], adopting: bool) -> bool:
    """Or about to get its row, while we look; whatever it is, it bears a name of ours."""
    if address_in(mp4) is None:
        return False
    if adopting and (_awaits_row(volume, mp4) or any(_is_new(volume, path) for path in paths)):
        return True
    return all(map(_holds_nothing, paths))


def _is_new(volume: Volume, path: Path) -> bool:
    """Made or changed a moment ago; nobody can set this time at will."""
    try:
        age_ns = volume.clock.utc_ns() - path.lstat().st_ctime_ns
    except FileNotFoundError:
        return True
    return 0 <= age_ns < NEW_NS


def _holds_nothing(path: Path) -> bool:
    """Empty, or zeros where its head should be: its name reached the disk, its bytes did not."""
    with stored_file(path) as source:
        if source is None or source.size > MAX_HEAD_BYTES:
            return False
        return not any(source.read(0, source.size))


def _known_now(volume: Volume, camera: UUID, path: Path) -> bool:
    """It has got its row since."""
    begin = _date(path.parent.name)
    return begin is not None and path.suffix in SUFFIXES and path.stem in _stems_of_day(volume, camera, begin)


def _stems_of_day(volume: Volume, camera: UUID, begin: date) -> set[str]:
    """File names, without suffix, of the camera's segments that began on that day."""
    start_90k = ticks_of(datetime(begin.year, begin.month, begin.day, tzinfo=UTC))
    key = (camera.bytes, start_90k, start_90k + DAY_90K)
    with volume.reading() as catalogue:
        rows = catalogue.execute(
            "SELECT start_90k, id FROM segments WHERE camera = ?1 AND start_90k >= ?2 AND start_90k < ?3"
            " UNION ALL SELECT start_90k, id FROM removed"
            " WHERE camera = ?1 AND start_90k >= ?2 AND start_90k < ?3 AND unlinked = 0",
            key,
        ).fetchall()
    return {Path(relative_path(camera, UUID(bytes=id), start)).stem for start, id in rows}


def _is_draft(path: Path, known: set[str]) -> bool:
    """``.<name>.idx.new``, left by a crash in the middle of a repair."""
    return path.name.startswith(".") and path.name.endswith(".idx.new") and path.name[1:-8] in known


def _awaits_row(volume: Volume, path: Path) -> bool:
    """The next start would adopt it: it says of itself what its path says."""
    named = address_in(path)
    if named is None:
        return False
    with stored_file(path) as source:
        said = fragments.identity_of(source) if source is not None else None
    if said is None or (said.camera, said.volume, said.segment) != (named.camera, volume.id, named.id):
        return False
    return volume.path / relative_path(named.camera, named.id, named.start_90k) == path


def address_in(path: Path) -> Address | None:
    """What the path of a segment says, its start to the millisecond; None: no name of ours."""
    start, _, id = path.stem.rpartition("_")
    try:
        at = datetime.strptime(start, "%Y%m%dT%H%M%S.%f%z")
        return Address(UUID(path.parent.parent.name), ticks_of(at), UUID(hex=id))
    except ValueError:
        return None


# --- As findings ----------------------------------------------------------------------------------


def stray_finding(volume: Volume, path: Path) -> Finding:
    """A stray as it is reported: under the camera in whose directory it lies. Raises OSError."""
    where = path.relative_to(volume.path)
    named = address_in(path)
    camera = _uuid(where.parts[1]) if len(where.parts) > 2 else None
    segment = named.id if named is not None else uuid5(NAMESPACE_URL, where.as_posix())
    start_90k, end_90k = _span(path)
    detail = f"{where.as_posix()} has no row"
    return Finding(Kind.INSERTED, camera or NOBODY, segment, start_90k, start_90k, end_90k, detail)


def _span(path: Path) -> tuple[int, int]:
    """Of what it holds; else what its name says; else its day; else when it was last written."""
    with stored_file(path) as source:
        held = _span_of_fragments(source) if source is not None else None
    if held is not None:
        return held
    named, day = address_in(path), _date(path.parent.name)
    if named is not None:
        return named.start_90k, named.start_90k
    if day is not None:
        start_90k = ticks_of(datetime(day.year, day.month, day.day, tzinfo=UTC))
        return start_90k, start_90k + DAY_90K
    written_90k = path.lstat().st_mtime_ns * 9 // 100_000
    return written_90k, written_90k


def _span_of_fragments(source: StoredFile) -> tuple[int, int] | None:
    init, places, at = fragments.init_of(source), list[tuple[int, int]](), 0
    while (length := fragments.unit_length(source, at, source.size)) is not None:
        places.append((at, length))
        at += length
    if init is None or len(places) < 2:
        return None
    ends = [fragments.timing(source.read(*places[number]), init.tracks) for number in (1, -1)]
    first, last = ends
    if first is None or last is None or not 0 <= first.start_90k <= last.end_90k < LATEST_90K:
        return None
    return first.start_90k, last.end_90k


# --- Directories ----------------------------------------------------------------------------------


def _listing(directory: Path) -> list[Path]:
    """By name; empty if there is no such directory."""
    try:
        return sorted(directory.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _is_directory(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _files_below(path: Path) -> Iterable[Path]:
    """Of what should not be there at all; links are not followed."""
    if not _is_directory(path):
        return [path]
    return [Path(where) / name for where, _, names in os.walk(path) for name in sorted(names)]


def _stem(path: Path) -> str:
    return path.stem if path.suffix in SUFFIXES else path.name


def _uuid(name: str) -> UUID | None:
    try:
        return UUID(name) if str(UUID(name)) == name else None
    except ValueError:
        return None


def _date(name: str) -> date | None:
    try:
        return date.fromisoformat(name) if len(name) == len("2026-09-21") else None
    except ValueError:
        return None
