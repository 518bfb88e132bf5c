"""Start-up repair: every way in which a recorder can have ended in the middle."""

import asyncio
import fcntl
import os
import shutil
import sqlite3
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import pytest

from bench import store_check as store
from bingjian.durable import Storage
from bingjian.recording import index, presence, reader, recovery
from bingjian.recording.catalogue import Catalogue
from bingjian.recording.cause import Cause
from bingjian.recording.segment import index_path
from bingjian.recording.volume import CATALOGUE_FILE, Volume, VolumeIdentity
from bingjian.tlog import tree
from tests.unit.recording.footage import CAMERA, GIB, StandingClock, recorder, seconds, video, video_config

ALL = (0, 1 << 62)


@pytest.fixture(scope="module")
def left_open(tmp_path_factory) -> Path:
    """The volume of a recorder that was killed after 5 s: a copy made while it was recording."""
    return asyncio.run(_leave_open(tmp_path_factory.mktemp("left"), 5))


async def _leave_open(tmp_path: Path, length_s: float) -> Path:
    clock = StandingClock()
    volume = Volume.create(tmp_path / "live", size_bytes=GIB, reserve_bytes=0, clock=clock)
    one = recorder(volume, clock)
    one.set_tracks((video_config(),))
    one.write(video(0, length_s), clock_offset_ms=12)
    await volume.settled()
    shutil.copytree(volume.path, tmp_path / "killed")
    volume.close()
    return tmp_path / "killed"


@pytest.fixture
def killed(left_open, tmp_path) -> Path:
    return Path(shutil.copytree(left_open, tmp_path / "volume"))


def the_file(root: Path) -> Path:
    (file,) = root.glob("cameras/*/*/*.mp4")
    return file


def checked(volume: Volume) -> reader.Segment:
    """The one segment, after what must hold of every closed segment was found to hold."""
    (kept,) = reader.segments([volume], CAMERA, *ALL)
    content, entries = kept.path.read_bytes(), reader.entries(kept)
    assert kept.closed
    assert kept.size_bytes == len(content) == entries[-1].end
    assert index_path(kept.path).stat().st_size == 64 * len(entries)
    assert [sha256(content[e.offset : e.end]).digest() for e in entries] == [e.sha256 for e in entries]
    assert kept.root == tree.root(map(index.pack, entries))
    assert kept.end_90k == max(entry.end_90k for entry in entries)
    return kept


def reopened(root: Path) -> Volume:
    volume = Volume.open(root, clock=StandingClock())
    volume.close()
    return Volume.open(root, read_only=True)


def crash_gap(volume: Volume) -> tuple[int, int, Cause | None]:
    *_, last = presence.spans([volume], CAMERA, seconds(0), seconds(60))
    return last.start_90k, last.end_90k, last.cause


def test_nothing_torn_nothing_cut(killed):
    volume = Volume.open(killed, clock=StandingClock())
    (repair,) = volume.repairs
    assert (repair.end_90k, repair.cut_bytes, repair.rebuilt) == (seconds(5), 0, 0)
    assert checked(volume).end_90k == seconds(5)
    assert crash_gap(volume) == (seconds(5), seconds(60), Cause.RECORDER_CRASHED)
    volume.close()


def test_repairing_twice_changes_nothing(killed):
    first = checked(reopened(killed))
    assert checked(reopened(killed)) == first
    assert Volume.open(killed, read_only=True).repairs == []


def test_a_torn_fragment_is_cut_off(killed):
    file = the_file(killed)
    os.truncate(file, file.stat().st_size - 1)
    volume = Volume.open(killed, clock=StandingClock())
    assert volume.repairs[0].cut_bytes > 0
    assert checked(volume).end_90k == seconds(4)
    assert crash_gap(volume) == (seconds(4), seconds(60), Cause.RECORDER_CRASHED)
    volume.close()


def test_garbage_behind_the_last_fragment_is_cut_off(killed):
    with the_file(killed).open("ab") as file:
        file.write(b"\0" * 5000)
    assert checked(reopened(killed)).end_90k == seconds(5)


@pytest.mark.parametrize("entries", range(6))
def test_whole_fragments_without_an_entry_get_one(killed, entries):
    side = index_path(the_file(killed))
    before = list(index.entries_of(side.read_bytes()))
    os.truncate(side, 64 * entries + (17 if entries < 6 else 0))
    kept = checked(reopened(killed))
    after = reader.entries(kept)
    assert kept.end_90k == seconds(5)
    assert after[:entries] == before[:entries]
    assert all(entry.flags & index.REBUILT for entry in after[entries:])
    assert [e._replace(flags=0, clock_offset_ms=0) for e in after] == [
        e._replace(flags=0, clock_offset_ms=0) for e in before
    ]
    assert [e.sync for e in after] == [e.sync for e in before]


def test_a_lost_index_is_rebuilt(killed):
    index_path(the_file(killed)).unlink()
    assert checked(reopened(killed)).end_90k == seconds(5)


def test_bytes_that_are_not_what_was_hashed_are_cut_with_what_follows(killed):
    """The disk kept the index but lost some of the file: a power cut."""
    file = the_file(killed)
    third = list(index.entries_of(index_path(file).read_bytes()))[3]
    content = bytearray(file.read_bytes())
    content[third.end - 10] ^= 1
    file.write_bytes(content)
    assert checked(reopened(killed)).end_90k == seconds(2)


def test_zeros_in_place_of_pictures_are_no_fragment(killed):
    """The file has its size but not its content, and the index not even its entry: a power cut, too."""
    file = the_file(killed)
    last = list(index.entries_of(index_path(file).read_bytes()))[-1]
    os.truncate(index_path(file), index_path(file).stat().st_size - 64)
    with file.open("r+b") as open_file:
        open_file.seek(last.end - 200)
        open_file.write(bytes(200))
    assert checked(reopened(killed)).end_90k == seconds(4)


def test_a_segment_without_a_whole_fragment_is_closed_empty(killed):
    file = the_file(killed)
    init = next(iter(index.entries_of(index_path(file).read_bytes())))
    os.truncate(file, init.length + 30)
    volume = reopened(killed)
    assert reader.segments([volume], CAMERA, *ALL) == []
    assert file.stat().st_size == init.length
    assert crash_gap(volume) == (seconds(0), seconds(60), Cause.RECORDER_CRASHED)


@pytest.mark.parametrize("size", [0, 3, 100, 500])
def test_a_file_without_its_head_is_left_alone(killed, size):
    file = the_file(killed)
    os.truncate(file, size)
    volume = reopened(killed)
    assert reader.segments([volume], CAMERA, *ALL) == []
    assert file.stat().st_size == size
    assert crash_gap(volume) == (seconds(0), seconds(60), Cause.VOLUME_FAILING)


def test_a_missing_file_does_not_keep_the_volume_from_opening(killed):
    the_file(killed).unlink()
    assert crash_gap(reopened(killed)) == (seconds(0), seconds(60), Cause.VOLUME_FAILING)
    assert crash_gap(reopened(killed)) == (seconds(0), seconds(60), Cause.VOLUME_FAILING)


def test_a_file_without_a_row_gets_its_row(killed):
    """A crash between the file and the catalogue."""
    with sqlite3.connect(killed / "catalogue.sqlite3") as catalogue:
        catalogue.execute("DELETE FROM segments")
    catalogue.close()
    kept = checked(reopened(killed))
    assert (kept.start_90k, kept.end_90k, kept.epoch) == (seconds(0), seconds(5), 7)


def forget(root: Path) -> None:
    """As if the row had never come: the power went between the file and the catalogue."""
    with sqlite3.connect(root / "catalogue.sqlite3") as catalogue:
        catalogue.execute("DELETE FROM segments")
    catalogue.close()


@pytest.mark.parametrize("content", [b"", bytes(700), b"\0\0\0\x1cftypiso6"], ids=["empty", "zeros", "torn"])
def test_a_torn_head_without_a_row_is_lost_and_said_so(killed, content):
    file = the_file(killed)
    file.write_bytes(content)
    forget(killed)
    volume = reopened(killed)
    assert reader.segments([volume], CAMERA, *ALL) == []
    assert [row.state for row in store.rows_of(killed)] == ["lost"]
    assert file.read_bytes() == content
    assert store.unaccounted(killed) == []
    assert crash_gap(volume) == (seconds(0), seconds(60), Cause.RECORDER_CRASHED)


def test_an_index_whose_file_was_not_kept_is_accounted_for(killed):
    the_file(killed).unlink()
    forget(killed)
    reopened(killed)
    assert store.unaccounted(killed) == []


def test_a_torn_head_that_somebody_is_just_writing_is_left_alone(killed):
    file = the_file(killed)
    file.write_bytes(b"")
    forget(killed)
    with file.open("r+b") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        Volume.open(killed, clock=StandingClock()).close()
        assert store.rows_of(killed) == []


def test_strangers_files_are_left_alone(killed):
    day = the_file(killed).parent
    shutil.copy(
        the_file(killed), day / f"20260921T141320.000Z_{uuid4().hex}.mp4"
    )  # a copy under another name
    (day / f"20260921T141320.000Z_{uuid4().hex}.mp4").write_bytes(b"not a movie")
    (day / "notes.mp4").write_bytes(b"")
    strange = killed / "cameras" / str(uuid4()) / "2026-09-21"
    strange.mkdir(parents=True)
    shutil.copy(the_file_of(day), strange / the_file_of(day).name.replace(the_file_of(day).stem[-4:], "abcd"))
    before = {path: path.stat().st_size for path in killed.glob("cameras/*/*/*.mp4")}
    checked(reopened(killed))
    assert {path: path.stat().st_size for path in killed.glob("cameras/*/*/*.mp4")} == before


def the_file_of(day: Path) -> Path:
    """The segment that has an index."""
    return next(path for path in day.glob("*.mp4") if index_path(path).exists())


def test_the_segment_of_a_living_writer_is_left_alone(killed):
    with the_file(killed).open("r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        volume = Volume.open(killed, clock=StandingClock())
        assert volume.repairs == []
        assert [kept.closed for kept in reader.segments([volume], CAMERA, *ALL)] == [False]
        volume.close()


async def test_recording_goes_on_after_a_crash_and_the_gap_ends_there(killed):
    clock = StandingClock()
    volume = Volume.open(killed, clock=clock)
    one = recorder(volume, clock)
    one.set_tracks((video_config(),))
    one.write(video(8, 3))
    await one.close()
    spans = presence.spans([volume], CAMERA, seconds(0), seconds(11))
    found = [(s.start_90k, s.end_90k, s.cause) for s in spans]
    volume.close()
    assert found == [
        (seconds(0), seconds(5), None),
        (seconds(5), seconds(8), Cause.RECORDER_CRASHED),
        (seconds(8), seconds(11), None),
    ]


def test_one_sync_serves_all_segments_and_comes_before_any_is_closed(killed):
    """A start that synced fifty segments one by one took seconds on a busy disk."""
    identity, open_at_sync = VolumeIdentity.read(killed), []
    catalogue = Catalogue(killed / CATALOGUE_FILE, identity.id)

    class Watched(Storage):
        def sync_filesystem(self, path: Path) -> None:
            open_at_sync.append(len(catalogue.open_segments()))
            super().sync_filesystem(path)

        def sync_file(self, descriptor: int) -> None:
            raise AssertionError("nothing was torn, so one sync of the file system is enough")

    repairs = recovery.recover(killed, identity.id, catalogue, Watched())
    assert (len(repairs), open_at_sync, catalogue.open_segments()) == (1, [1], [])
    catalogue.close()
