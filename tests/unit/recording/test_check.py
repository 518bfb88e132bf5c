"""Each numbered invariant, broken once: ``check`` names its number, and holds its peace otherwise."""

import json
import os
import shutil
import sqlite3
from pathlib import Path
from uuid import uuid4

import pytest

from bingjian.commands import check as command
from bingjian.commands.outcome import CommandFailed
from bingjian.recording import check as module
from bingjian.recording import index
from bingjian.recording.check import NUMBERS, Check, Fault, Violation
from bingjian.recording.segment import index_path
from bingjian.recording.volume import Volume
from bingjian.settings import Settings
from tests.unit.recording.footage import CAMERA, recorder, seconds, video, video_config
from tests.unit.recording.test_removal import PUBLIC, receipt_for, remove, segments


@pytest.fixture
async def recorded(volume, clock) -> Volume:
    """Two closed segments of 4 s, and one that is being written."""
    one = recorder(volume, clock)
    for number in range(3):
        one.set_tracks((video_config(wide=16 + number),))
        one.write(video(4 * number, 4))
    await volume.settled()
    return volume


def check(volume: Volume, *, deep: bool = False) -> list[Violation]:
    reading = Volume.open(volume.path, read_only=True)
    found = module.check(reading, deep=deep, receipt_key=PUBLIC)
    reading.close()
    return found


def faults(volume: Volume, *, deep: bool = False) -> set[Fault]:
    return {one.fault for one in check(volume, deep=deep)}


def file_of(volume: Volume, number: int) -> Path:
    return segments(volume)[number].path


def change(path: Path, at: int, value: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at, os.SEEK_END if at < 0 else os.SEEK_SET)
        file.write(value)


def rewrite(path: Path, number: int, **values: int) -> None:
    """One entry of an index, with other values."""
    entries = list(index.entries_of(path.read_bytes()))
    entries[number] = entries[number]._replace(**values)
    path.write_bytes(b"".join(map(index.pack, entries)))


def sql(volume: Volume, statement: str, *values: object) -> None:
    with sqlite3.connect(volume.path / "catalogue.sqlite3") as connection:
        connection.execute(statement, values)
    connection.close()


def test_every_fault_has_its_number():
    assert set(NUMBERS) == set(Fault)


@pytest.mark.parametrize("deep", [False, True])
async def test_a_store_that_is_recorded_into_is_clean(recorded, deep):
    looking = Check(Volume.open(recorded.path, read_only=True), deep=deep)
    assert list(looking) == []
    assert looking.segments == 3
    assert looking.read_bytes > 0


async def test_it_changes_nothing(recorded):
    def state() -> dict[Path, tuple[int, int]]:
        return {
            path: (path.stat().st_size, path.stat().st_mtime_ns)
            for path in recorded.path.rglob("*")
            if path.is_file() and not path.name.endswith("-shm")
        }

    before = state()
    check(recorded, deep=True)
    assert state() == before


async def test_1_a_closed_segment_has_its_files(recorded):
    first, second = file_of(recorded, 0), file_of(recorded, 1)
    first.unlink()
    index_path(second).unlink()
    assert faults(recorded) == {Fault.FILE_MISSING, Fault.INDEX_MISSING}


async def test_1_of_their_sizes(recorded):
    with file_of(recorded, 0).open("ab") as file:
        file.write(b"x")
    with index_path(file_of(recorded, 1)).open("ab") as file:
        file.write(b"x")
    assert faults(recorded) == {Fault.FILE_SIZE, Fault.INDEX_SIZE}


async def test_1_and_the_index_hashes_to_the_root(recorded):
    change(index_path(file_of(recorded, 0)), 64 + 27, b"\7")  # flags of entry 1
    (found,) = check(recorded)
    assert (found.invariant, found.fault) == (1, Fault.ROOT)
    assert (found.camera, found.start_90k, found.end_90k) == (CAMERA, seconds(0), seconds(4))
    assert found.path == str(index_path(file_of(recorded, 0)).relative_to(recorded.path))


async def test_1_what_cannot_be_read_is_said(recorded, monkeypatch):
    def broken(path):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(module, "index_of", broken)
    found = check(recorded)
    assert {(one.fault, one.detail) for one in found} == {(Fault.UNREADABLE, "Input/output error")}


async def test_2_entries_follow_from_each_other(recorded):
    side = index_path(file_of(recorded, 0))
    rewrite(side, 2, offset=7)
    assert Fault.OFFSETS in faults(recorded)
    rewrite(index_path(file_of(recorded, 1)), 3, start_90k=seconds(1))
    assert Fault.STARTS in faults(recorded)


async def test_2_the_last_entry_ends_where_the_file_does(recorded):
    rewrite(index_path(file_of(recorded, 0)), 4, length=50)
    assert Fault.LAST_ENTRY in faults(recorded)


async def test_3_bytes_are_what_was_hashed(recorded):
    """The first and last pieces are read in any case, the others when asked for."""
    first, second = list(index.entries_of(index_path(file_of(recorded, 0)).read_bytes()))[1:3]
    change(file_of(recorded, 0), second.end - 1, b"\xff")
    assert check(recorded) == []
    (found,) = check(recorded, deep=True)
    assert (found.invariant, found.start_90k, found.end_90k) == (3, seconds(1), seconds(2))
    change(file_of(recorded, 1), -1, b"\xff")
    assert [(one.fault, one.start_90k) for one in check(recorded)] == [(Fault.BYTES, seconds(7))]
    assert first.end == second.offset


async def test_4_an_entry_of_an_open_segment_has_its_bytes(recorded):
    path = file_of(recorded, 2)
    size = path.stat().st_size
    os.truncate(path, size - 1)
    assert faults(recorded) == {Fault.NOT_COVERED}
    os.truncate(path, size)  # its last byte is zero now
    change(path, -1, b"\xff")
    assert faults(recorded) == {Fault.NOT_COVERED}


@pytest.mark.parametrize("size", [0, 20])
async def test_5_an_open_segment_has_its_head(recorded, size):
    os.truncate(file_of(recorded, 2), size)
    assert Fault.NO_HEAD in faults(recorded)


async def test_5_an_open_segment_has_its_file(recorded):
    file_of(recorded, 2).unlink()
    assert faults(recorded) == {Fault.NO_HEAD}


async def test_6_a_segment_lies_under_its_own_name(recorded):
    shutil.copy(file_of(recorded, 0), file_of(recorded, 1))
    assert Fault.IDENTITY in faults(recorded)


@pytest.mark.parametrize(
    "name", ["x", "cameras/x", f"cameras/{CAMERA}/x", f"cameras/{CAMERA}/2026-09-21/x.mp4"]
)
async def test_7_no_file_is_a_stranger(recorded, name):
    (recorded.path / name).write_bytes(b"x")
    assert [(one.invariant, one.path) for one in check(recorded)] == [(7, name)]


@pytest.mark.parametrize("name", [".probe", ".volume.json.new", "..probe.new", "volume.lock"])
async def test_7_its_own_files_are_none(recorded, name):
    (recorded.path / name).write_bytes(b"x")
    assert check(recorded) == []


async def test_8_the_format_is_that_of_the_file(recorded):
    sql(recorded, "UPDATE formats SET init_sha = zeroblob(32) WHERE id = 1")
    assert faults(recorded) == {Fault.FORMAT}


async def test_8_the_start_is_that_of_the_index(recorded):
    rewrite(index_path(file_of(recorded, 0)), 0, start_90k=seconds(-1))
    assert faults(recorded) == {Fault.ROOT, Fault.START}


async def test_9_gaps_end_after_they_start(recorded):
    values = (uuid4().bytes, CAMERA.bytes, seconds(9), seconds(8))
    sql(recorded, "INSERT INTO gaps VALUES (?, ?, ?, ?, 'no_packets', '')", *values)
    (found,) = check(recorded)
    assert (found.invariant, found.start_90k, found.end_90k) == (9, seconds(9), seconds(8))


async def test_9_and_only_one_is_open(recorded):
    sql(recorded, "DROP INDEX gaps_open")
    for second in (20, 30):
        values = (uuid4().bytes, CAMERA.bytes, seconds(second))
        sql(recorded, "INSERT INTO gaps VALUES (?, ?, ?, NULL, 'no_packets', '')", *values)
    assert [(one.fault, one.start_90k) for one in check(recorded)] == [(Fault.GAPS, seconds(30))]


async def test_10_who_writes_holds_the_lock(recorded):
    looking = Check(Volume.open(recorded.path, read_only=True))
    before = looking._growing()
    assert [held for _, _, held in before.values()] == [True]
    copy = recorded.path / "x"
    shutil.copy(file_of(recorded, 2), copy)  # the same bytes, but a file that nobody holds
    os.replace(copy, file_of(recorded, 2))
    one = looking._growing()
    with file_of(recorded, 2).open("ab") as file:
        file.write(b"x")
    two = looking._growing()
    assert [found.invariant for found in looking._unlocked(one, two)] == [10]
    assert list(looking._unlocked(before, one)) == []
    assert list(looking._unlocked(two, two)) == []


async def test_11_a_segment_ends_where_its_last_entry_does(recorded):
    sql(recorded, "UPDATE segments SET end_90k = end_90k + 1 WHERE state = 'closed'")
    assert faults(recorded) == {Fault.END}


async def test_11_and_is_no_longer_than_it_may_be(recorded):
    rewrite(index_path(file_of(recorded, 0)), 4, duration_90k=2**32 - 1)
    assert Fault.TOO_LONG in faults(recorded)


async def test_12_a_removal_has_its_receipt(recorded):
    first = segments(recorded)[0]
    remove(recorded, receipt_for(first))
    assert check(recorded) == []
    sql(recorded, "UPDATE removed SET receipt = '{}'")
    (found,) = check(recorded)
    assert (found.invariant, found.start_90k, found.end_90k) == (12, seconds(0), seconds(4))


async def test_12_what_was_removed_is_gone(recorded):
    first = segments(recorded)[0]
    content = first.path.read_bytes()
    remove(recorded, receipt_for(first))
    first.path.write_bytes(content)
    os.utime(first.path)
    day = recorded.path / "cameras" / str(CAMERA)
    for later in ("2026-09-22", "2026-09-23"):  # so that it is not taken for one that waits for its row
        (day / later).mkdir()
    assert faults(recorded) == {Fault.STRAY}


async def test_13_used_bytes_is_what_is_there(recorded):
    sql(recorded, "UPDATE meta SET value = value + 1 WHERE key = 'used_bytes'")
    assert faults(recorded) == {Fault.USED_BYTES}


async def test_a_segment_that_closes_meanwhile_is_judged_as_closed(recorded, clock, monkeypatch):
    rows = module.open_rows
    stale = []

    def as_it_was(catalogue):
        stale.extend(rows(catalogue) if not stale else [])
        return stale

    reading = Volume.open(recorded.path, read_only=True)
    monkeypatch.setattr(module, "open_rows", as_it_was)
    with reading.reading() as catalogue:
        as_it_was(catalogue)
    recorded.close()
    os.truncate(recorded.path / stale[0].path, 3000)
    assert {one.fault for one in Check(reading)} == {Fault.FILE_SIZE, Fault.BYTES}
    reading.close()


# --- The command


@pytest.fixture
def english(monkeypatch) -> None:
    monkeypatch.setenv("BINGJIAN_LANGUAGE", "en")


def run(volume: Volume, *, deep: bool = False, as_json: bool = False) -> int:
    return command.run(Settings(), volume.path, deep=deep, as_json=as_json)


async def test_the_command_is_0_when_all_holds_and_1_when_not(recorded, capsys, english):
    assert run(recorded) == 0
    assert "3 segments, all holds" in capsys.readouterr().out
    file_of(recorded, 0).unlink()
    assert run(recorded) == 1
    said = capsys.readouterr().out
    assert "✗ 1: the file of a closed segment is missing" in said
    assert f"{CAMERA}  2026-09-21 22:13:20.000+08:00 – 2026-09-21 22:13:24.000+08:00" in said


async def test_the_command_speaks_json(recorded, capsys):
    change(file_of(recorded, 1), -1, b"\xff")
    assert run(recorded, as_json=True, deep=True) == 1
    (volume,) = json.loads(capsys.readouterr().out)["volumes"]
    (found,) = volume["violations"]
    assert (found["invariant"], found["fault"], found["camera"]) == (3, "bytes", str(CAMERA))
    assert found["start"] == "2026-09-21T14:13:27.000000Z"


def test_every_fault_has_words_in_both_languages():
    assert set(command.WORDS) == set(Fault)
    assert all(
        en and any("\u4e00" <= letter <= "\u9fff" for letter in zh) for en, zh in command.WORDS.values()
    )


def test_where_there_is_no_volume_it_says_so(tmp_path):
    with pytest.raises(CommandFailed, match=r"is not a volume") as failed:
        command.report(tmp_path, None, deep=False)
    assert failed.value.code == 3
