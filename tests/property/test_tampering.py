"""A thousand random tamperings of a real store: each is named with its kind, and nothing else is accused."""

import asyncio
import os
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from bingjian.formats import g711
from bingjian.formats.access_unit import Codec
from bingjian.recording import index
from bingjian.recording.alignment import Kind
from bingjian.recording.catalogue import SegmentRow
from bingjian.recording.cause import Cause
from bingjian.recording.findings import Finding
from bingjian.recording.findings_table import FIRST, closed_after
from bingjian.recording.inspection import segment_findings
from bingjian.recording.segment import index_path
from bingjian.recording.strays import cameras_in, stray_finding, strays_in
from bingjian.recording.volume import Volume
from tests.unit.recording.footage import (
    CAMERA,
    GIB,
    StandingClock,
    interleaved,
    recorder,
    seconds,
    sound,
    video,
    video_config,
)

TAMPERINGS = 1000
PARTS = 10  # so that a failure shows more than one case
SEED = 20261126
OTHER = UUID("99999999-2222-4333-8444-555555555555")
LENGTHS_S = (7, 5, 9)  # of each camera's segments


@pytest.fixture(scope="module")
def store(tmp_path_factory) -> Path:
    """Two cameras, one with sound, three segments each, and none of them open."""
    return asyncio.run(_recorded(tmp_path_factory.mktemp("store") / "volume"))


async def _recorded(path: Path) -> Path:
    clock = StandingClock()
    volume = Volume.create(path, size_bytes=GIB, reserve_bytes=0, clock=clock)
    tracks = {CAMERA: (video_config(),), OTHER: (video_config(), g711.config_from(Codec.PCMA))}
    for camera, config in tracks.items():
        one, at = recorder(volume, clock, camera=camera), 0
        one.set_tracks(config)
        for length in LENGTHS_S:
            for second in range(at, at + length):
                pictures = video(second, 1, size=150, gop=40, damaged=second % 4 == 3)
                heard = sound(second, 1) if camera == OTHER else []
                one.write(interleaved(pictures, heard), clock_offset_ms=second * 3 - 20)
            at += length
            one.discontinuity(Cause.CLOCK_STEP, seconds(at))
        await one.close()
    await volume.settled()
    volume.close()
    return path


@pytest.fixture(scope="module")
def rows(store: Path) -> list[SegmentRow]:
    with Volume.open(store, read_only=True, clock=StandingClock()).reading() as catalogue:
        return closed_after(catalogue, FIRST, 100)


# --- Tamperings: each leaves the store changed and says which kinds must be named ------------------


class Case:
    """One segment to be tampered with."""

    def __init__(self, store: Path, rows: list[SegmentRow], chance: random.Random) -> None:
        self.store, self.rows, self.chance = store, rows, chance
        self.row = chance.choice(rows)
        self.mp4 = store / self.row.path
        self.idx = index_path(self.mp4)
        self.entries = list(index.entries_of(self.idx.read_bytes()))

    def pieces(self, path: Path) -> list[bytes]:
        """Fragments of the file, or entries of the index."""
        raw = path.read_bytes()
        if path.suffix == ".idx":
            return [raw[at : at + 64] for at in range(0, len(raw), 64)]
        return [raw[entry.offset : entry.end] for entry in self.entries]

    def other_segment(self) -> SegmentRow:
        return self.chance.choice([row for row in self.rows if row.id != self.row.id])


Tampering = Callable[[Case, Path], set[Kind]]


def flip_a_byte(case: Case, path: Path) -> set[Kind]:
    raw = bytearray(path.read_bytes())
    raw[case.chance.randrange(len(raw))] ^= 1 << case.chance.randrange(8)
    path.write_bytes(raw)
    return {Kind.ALTERED}


def drop_bytes(case: Case, path: Path) -> set[Kind]:
    raw = path.read_bytes()
    at = case.chance.randrange(len(raw))
    length = case.chance.choice([1, 2, 8, 64, case.chance.randrange(1, len(raw))])
    path.write_bytes(raw[:at] + raw[at + length :])
    return {Kind.REMOVED}


def insert_bytes(case: Case, path: Path) -> set[Kind]:
    raw = path.read_bytes()
    at = case.chance.randrange(len(raw) + 1)
    length = case.chance.choice([1, 2, 8, 64, case.chance.randrange(1, 2000)])
    path.write_bytes(raw[:at] + case.chance.randbytes(length) + raw[at:])
    return {Kind.INSERTED}


def truncate(case: Case, path: Path) -> set[Kind]:
    os.truncate(path, case.chance.randrange(path.stat().st_size))
    return {Kind.REMOVED}


def drop_a_piece(case: Case, path: Path) -> set[Kind]:
    pieces = case.pieces(path)
    del pieces[case.chance.randrange(len(pieces))]
    path.write_bytes(b"".join(pieces))
    return {Kind.REMOVED}


def insert_a_piece(case: Case, path: Path) -> set[Kind]:
    """Of another segment, or once more one of this one."""
    pieces = case.pieces(path)
    other = case.store / case.other_segment().path
    source = index_path(other) if path.suffix == ".idx" else other
    strange = Case.pieces(_at(case, other), source)
    pieces.insert(case.chance.randrange(len(pieces) + 1), case.chance.choice([*pieces, *strange]))
    path.write_bytes(b"".join(pieces))
    return {Kind.INSERTED}


def _at(case: Case, mp4: Path) -> Case:
    other = object.__new__(Case)
    other.entries = list(index.entries_of(index_path(mp4).read_bytes()))
    return other


def swap_two_pieces(case: Case, path: Path) -> set[Kind]:
    pieces = case.pieces(path)
    a, b = case.chance.sample(range(len(pieces)), 2)
    pieces[a], pieces[b] = pieces[b], pieces[a]
    path.write_bytes(b"".join(pieces))
    return {Kind.REORDERED}


def remove_the_file(case: Case, path: Path) -> set[Kind]:
    path.unlink()
    return {Kind.REMOVED}


def put_anothers_in_its_place(case: Case, path: Path) -> set[Kind]:
    other = case.store / case.other_segment().path
    shutil.copy(index_path(other) if path.suffix == ".idx" else other, path)
    return {Kind.REMOVED, Kind.INSERTED}


ON_ONE_FILE: list[Tampering] = [
    flip_a_byte,
    drop_bytes,
    insert_bytes,
    truncate,
    drop_a_piece,
    insert_a_piece,
    swap_two_pieces,
    remove_the_file,
    put_anothers_in_its_place,
]


# --- What touches file and index together, or adds files -------------------------------------------


def rewritten(case: Case, pieces: list[tuple[bytes, index.Entry]]) -> None:
    """File and index made anew, so that they agree with each other."""
    offset, content, side = 0, b"", b""
    for data, entry in pieces:
        side += index.pack(entry._replace(offset=offset, length=len(data), sha256=sha256(data).digest()))
        content += data
        offset += len(data)
    case.mp4.write_bytes(content)
    case.idx.write_bytes(side)


def both(case: Case) -> list[tuple[bytes, index.Entry]]:
    return list(zip(case.pieces(case.mp4), case.entries, strict=True))


def alter_both(case: Case) -> set[Kind]:
    pieces = both(case)
    number = case.chance.randrange(1, len(pieces))
    data = bytearray(pieces[number][0])
    data[-1 - case.chance.randrange(100)] ^= 1
    pieces[number] = bytes(data), pieces[number][1]
    rewritten(case, pieces)
    return {Kind.ALTERED}


def drop_from_both(case: Case) -> set[Kind]:
    pieces = both(case)
    del pieces[case.chance.randrange(1, len(pieces))]
    rewritten(case, pieces)
    return {Kind.REMOVED}


def truncate_both(case: Case) -> set[Kind]:
    rewritten(case, both(case)[: case.chance.randrange(2, len(case.entries))])
    return {Kind.REMOVED}


def insert_into_both(case: Case) -> set[Kind]:
    pieces = both(case)
    strange = case.chance.choice(both(Case(case.store, [case.other_segment()], case.chance))[1:])
    pieces.insert(case.chance.randrange(1, len(pieces) + 1), strange)
    rewritten(case, pieces)
    return {Kind.INSERTED}


def swap_in_both(case: Case) -> set[Kind]:
    pieces = both(case)
    a, b = case.chance.sample(range(1, len(pieces)), 2)
    pieces[a], pieces[b] = pieces[b], pieces[a]
    rewritten(case, pieces)
    return {Kind.REORDERED}


def remove_both(case: Case) -> set[Kind]:
    case.mp4.unlink()
    case.idx.unlink()
    return {Kind.REMOVED}


def put_anothers_in_both_places(case: Case) -> set[Kind]:
    other = case.store / case.other_segment().path
    shutil.copy(other, case.mp4)
    shutil.copy(index_path(other), case.idx)
    return {Kind.REMOVED, Kind.INSERTED}


def add_rubbish(case: Case) -> set[Kind]:
    day = case.mp4.parent
    name = case.chance.choice(["notes.txt", f"{uuid4().hex}.mp4", f"20260921T141320.000Z_{uuid4().hex}.mp4"])
    (day / name).write_bytes(case.chance.randbytes(case.chance.randrange(1, 500)))
    return {Kind.INSERTED}


def copy_of_another_camera(case: Case) -> set[Kind]:
    other = case.store / case.chance.choice([row for row in case.rows if row.camera != case.row.camera]).path
    shutil.copy(other, case.mp4.parent / other.name)
    if case.chance.random() < 0.5:
        shutil.copy(index_path(other), case.mp4.parent / index_path(other).name)
    return {Kind.INSERTED}


def copy_under_another_name(case: Case) -> set[Kind]:
    shutil.copy(case.mp4, case.mp4.with_name(f"{case.mp4.stem.partition('_')[0]}_{uuid4().hex}.mp4"))
    return {Kind.INSERTED}


ON_THE_STORE: list[Callable[[Case], set[Kind]]] = [
    alter_both,
    drop_from_both,
    truncate_both,
    insert_into_both,
    swap_in_both,
    remove_both,
    put_anothers_in_both_places,
    add_rubbish,
    copy_of_another_camera,
    copy_under_another_name,
]


# --- The test ---------------------------------------------------------------------------------------


@contextmanager
def restored(store: Path) -> Iterator[None]:
    """Whatever the block does to the footage is undone."""
    before = {path: path.read_bytes() for path in store.glob("cameras/*/*/*")}
    yield
    for path in store.glob("cameras/*/*/*"):
        if path not in before:
            path.unlink()
    for path, content in before.items():
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)


def judged(volume: Volume, rows: list[SegmentRow]) -> list[Finding]:
    found = [one for row in rows for one in segment_findings(volume, row)]
    return found + [
        stray_finding(volume, path)
        for directory in cameras_in(volume)
        for path in strays_in(volume, directory)
    ]


def test_an_untouched_store_is_accused_of_nothing(store, rows):
    assert len(rows) == 2 * len(LENGTHS_S)
    assert judged(Volume.open(store, read_only=True, clock=StandingClock()), rows) == []


@pytest.mark.parametrize("part", range(PARTS))
def test_each_of_a_thousand_tamperings_is_named_and_nothing_else(store, rows, part):
    volume = Volume.open(store, read_only=True, clock=StandingClock())
    for number in range(part, TAMPERINGS, PARTS):
        chance = random.Random(SEED + number)
        with restored(store):
            case = Case(store, rows, chance)
            tampering = chance.choice([*ON_ONE_FILE, *ON_ONE_FILE, *ON_THE_STORE])
            if tampering in ON_ONE_FILE:
                expected = tampering(case, chance.choice([case.mp4, case.idx]))
            else:
                expected = tampering(case)
            found = judged(volume, rows)
        what = f"{number}: {tampering.__name__} of {case.row.path}: {found}"
        assert {one.kind for one in found} == expected, what
        assert {one.camera for one in found} == {case.row.camera}, what
        if tampering not in ON_THE_STORE[-3:]:
            assert {one.segment for one in found} == {case.row.id}, what
            assert all(
                case.row.start_90k <= one.start_90k <= one.end_90k <= case.row.end_90k for one in found
            ), what
