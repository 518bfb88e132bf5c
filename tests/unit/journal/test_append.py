"""The journal: durable before receipted, part of a signed log soon after, cut back after a torn write."""

import asyncio
import errno
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bingjian.durable import Storage
from bingjian.entries import SignedIn, SignedOut
from bingjian.journal.append import Journal
from bingjian.journal.errors import JournalBroken, JournalUnavailable
from bingjian.journal.record import checked
from bingjian.journal.verify import Verdict, verify
from tests.backend import StillClock


async def filled(folder: Path, count: int, storage: Storage | None = None) -> None:
    journal = Journal.open(folder, StillClock(), storage or Storage())
    await asyncio.gather(*(journal.append(SignedIn(f"person-{n}", "127.0.0.1")) for n in range(count)))
    journal.close()


def sound(folder: Path) -> Verdict:
    """Verified, and nothing is wrong."""
    verdict = verify(folder, records=True)
    assert verdict.faults == ()
    return verdict


async def test_entries_come_back_newest_first_in_pages(journal: Journal) -> None:
    receipts = [await journal.append(SignedIn(str(number), "::1")) for number in range(7)]
    assert [receipt.sequence for receipt in receipts] == list(range(7))
    first = await journal.read(3)
    assert [record.sequence for record in first] == [6, 5, 4]
    rest = await journal.read(100, before=4)
    assert [record.entry["actor"] for record in rest] == ["3", "2", "1", "0"]
    assert await journal.read(3, before=0) == []
    assert rest[0].hash == receipts[3].hash


async def test_any_page_of_many_entries(tmp_path: Path) -> None:
    await filled(tmp_path, 1200)
    journal = Journal.open(tmp_path, StillClock())
    for first, until in ((0, 1), (255, 257), (256, 512), (0, 1200), (1199, 1200), (500, 900)):
        page = await journal.read(until - first, before=until)
        assert [record.sequence for record in page] == list(range(until - 1, first - 1, -1))
    journal.close()


async def test_reopened_it_goes_on_with_the_same_log(tmp_path: Path) -> None:
    await filled(tmp_path, 300)
    before = sound(tmp_path)
    await filled(tmp_path, 2)
    after = sound(tmp_path)
    assert (before.size, after.size, after.records) == (300, 302, 302)
    assert before.origin == after.origin
    assert before.origin.startswith("bingjian/")


async def test_its_files_are_for_nobody_else(tmp_path: Path) -> None:
    await filled(tmp_path / "journal", 300)
    assert (tmp_path / "journal").stat().st_mode & 0o777 == 0o700
    files = [path for path in (tmp_path / "journal").rglob("*") if path.is_file()]
    assert len(files) >= 8
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}


async def test_the_log_has_the_name_it_began_with(tmp_path: Path) -> None:
    for origin in ("video.example.org/journal", "other.example.org", None):
        Journal.open(tmp_path, StillClock(), origin=origin).close()
        assert sound(tmp_path).origin == "video.example.org/journal"


class WatchedDisk(Storage):
    """The real disk, but the syncs of records are counted, and fail as often as asked."""

    def __init__(self) -> None:
        self.syncs = self.failures = 0
        self.records = -1

    def open(self, path: Path) -> int:
        descriptor = super().open(path)
        if path.name == "records.jsonl":
            self.records = descriptor
        return descriptor

    def sync_file(self, descriptor: int) -> None:
        self.syncs += descriptor == self.records
        if self.failures:
            self.failures -= 1
            raise OSError(errno.ENOSPC, "No space left on device")
        super().sync_file(descriptor)


async def test_together_they_share_an_fsync(tmp_path: Path) -> None:
    disk = WatchedDisk()
    journal = Journal.open(tmp_path, StillClock(), disk)
    receipts = await asyncio.gather(*(journal.append(SignedIn(str(n), "")) for n in range(100)))
    assert sorted(receipt.sequence for receipt in receipts) == list(range(100))
    assert disk.syncs == 2  # the first goes alone, the rest wait for it
    journal.close()


@pytest.mark.parametrize("tail", [b"{", b'{"commitment":"00', b"\0" * 5000])
async def test_a_torn_last_line_is_cut(tmp_path: Path, tail: bytes) -> None:
    await filled(tmp_path, 3)
    with (tmp_path / "records.jsonl").open("ab") as file:
        file.write(tail)
    sound(tmp_path)
    await filled(tmp_path, 1)
    assert sound(tmp_path).size == 4


async def test_a_disk_that_fails_gives_no_receipt_and_leaves_no_trace(tmp_path: Path) -> None:
    disk = WatchedDisk()
    journal = Journal.open(tmp_path, StillClock(), disk)
    await journal.append(SignedIn("before", ""))
    size = (tmp_path / "records.jsonl").stat().st_size
    disk.failures = 1
    with pytest.raises(JournalUnavailable):
        await journal.append(SignedIn("lost", ""))
    assert not journal.writable
    assert (tmp_path / "records.jsonl").stat().st_size == size
    receipt = await journal.append(SignedIn("after", ""))
    assert journal.writable
    assert receipt.sequence == 1
    assert [record.entry["actor"] for record in await journal.read(10)] == ["after", "before"]
    journal.close()
    assert sound(tmp_path).size == 2


async def test_a_checkpoint_that_cannot_be_written_loses_nothing(tmp_path: Path) -> None:
    disk = WatchedDisk()
    journal = Journal.open(tmp_path, StillClock(), disk)
    await journal.append(SignedIn("one", ""))
    disk.failures = 1
    with pytest.raises(OSError, match="No space"):
        await journal.publish()
    assert sound(tmp_path).size == 0
    await journal.append(SignedIn("two", ""))
    await journal.publish()
    assert sound(tmp_path).size == 2
    await journal.append(SignedIn("three", ""))
    disk.failures = 1
    journal.close()
    assert (sound(tmp_path).size, sound(tmp_path).records) == (2, 3)
    Journal.open(tmp_path, StillClock()).close()
    assert sound(tmp_path).size == 3


async def test_the_checkpoint_follows_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bingjian.journal.append.PUBLISH_SECONDS", 0.01)
    journal = Journal.open(tmp_path, StillClock())
    await journal.append(SignedIn("one", ""))
    while verify(tmp_path).size == 0:
        await asyncio.sleep(0.01)
    journal.close()


async def test_who_hangs_up_hurts_nobody_else(journal: Journal) -> None:
    waiting = [asyncio.create_task(journal.append(SignedOut(str(n), ""))) for n in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting[0]
    receipts = [await task for task in waiting[1:]]
    after = await journal.append(SignedIn("later", ""))
    assert after.sequence == receipts[-1].sequence + 1


async def test_a_second_sequencer_is_refused(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path, StillClock())
    with pytest.raises(JournalUnavailable, match="another process"):
        Journal.open(tmp_path, StillClock())
    journal.close()
    Journal.open(tmp_path, StillClock()).close()


async def test_time_never_goes_back(tmp_path: Path) -> None:
    clock = StillClock()
    began, second_ns = clock.utc_ns(), 10**9
    for step, seconds in ((0, 10), (10, 10), (-100, 10), (-3600, 10), (20, 20)):
        clock.now_ns = began + step * second_ns
        journal = Journal.open(tmp_path, clock)
        await journal.append(SignedIn("one", ""))
        (record,) = await journal.read(1)
        assert record.at.timestamp() * second_ns <= began + seconds * second_ns
        journal.close()
    journal = Journal.open(tmp_path, clock)
    times = [record.at for record in await journal.read(10)]
    journal.close()
    assert times == sorted(times, reverse=True)
    assert len(set(times)) == 3


async def test_half_a_character_does_not_stop_the_journal(journal: Journal) -> None:
    await journal.append(SignedIn("half \ud800", "字"))
    (record,) = await journal.read(1)
    assert (record.entry["actor"], record.entry["address"]) == ("half ?", "字")


async def test_what_no_record_may_have_is_refused_and_hurts_nobody(journal: Journal) -> None:
    for wrong in (1.5, 1 << 60, b"bytes", {"名": 1}):
        with pytest.raises(ValueError, match="record"):
            await journal.append(SignedIn(wrong, ""))  # type: ignore[arg-type]
    assert (await journal.append(SignedIn("after", ""))).sequence == 0


# ---- opened again -----------------------------------------------------------------------------------------


def lines_of(folder: Path) -> list[bytes]:
    return (folder / "records.jsonl").read_bytes().splitlines(keepends=True)


@pytest.mark.parametrize("lost", ["tile", "checkpoint", "records.index", "log.vkey"])
async def test_whatever_follows_from_the_records_is_made_again(tmp_path: Path, lost: str) -> None:
    await filled(tmp_path, 600)
    before = sound(tmp_path)
    for path in [path for path in tmp_path.rglob("*") if path.is_file()]:
        if path.relative_to(tmp_path).parts[0] == lost:
            path.unlink()
    Journal.open(tmp_path, StillClock()).close()
    assert sound(tmp_path) == before


@pytest.mark.parametrize(
    ("signed", "torn", "more"),
    [
        (300, ["tile/entries/001.p/60"], 100),
        (300, ["tile/0/001.p/60"], 100),
        (250, ["tile/entries/000", "tile/entries/001.p/9"], 100),
        (510, ["tile/1/000.p/2"], 600),
    ],
)
async def test_tiles_that_a_kill_left_torn_before_they_were_signed_are_no_tampering(
    tmp_path: Path, signed: int, torn: list[str], more: int
) -> None:
    await filled(tmp_path, signed)
    for name in torn:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"\0" * 40)
    sound(tmp_path)
    await filled(tmp_path, more)
    assert sound(tmp_path).size == signed + more


async def test_a_changed_tile_is_not_built_upon(tmp_path: Path) -> None:
    await filled(tmp_path, 600)
    before = sound(tmp_path)
    path = tmp_path / "tile" / "0" / "002.p" / "88"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    Journal.open(tmp_path, StillClock()).close()
    assert sound(tmp_path) == before


CHANGES: dict[str, Callable[[Path], object]] = {
    "last record": lambda folder: (folder / "records.jsonl").write_bytes(
        (folder / "records.jsonl").read_bytes().replace(b"person-1", b"person-7")
    ),
    "fewer records": lambda folder: (folder / "records.jsonl").write_bytes(lines_of(folder)[0]),
    "checkpoint": lambda folder: (folder / "checkpoint").write_bytes(b"something else"),
    "key lost": lambda folder: (folder / "log.key").unlink(),
    "key broken": lambda folder: (folder / "log.key").write_text("PRIVATE+KEY+a+b+c"),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_what_is_not_as_it_was_signed_is_not_continued(tmp_path: Path, change: str) -> None:
    await filled(tmp_path, 2)
    CHANGES[change](tmp_path)
    with pytest.raises(JournalBroken):
        Journal.open(tmp_path, StillClock())
    with pytest.raises(JournalBroken):  # and no lock was left behind
        Journal.open(tmp_path, StillClock())
    assert (tmp_path / "log.key").exists() == (change != "key lost"), "no other key took its place"


async def test_rewritten_records_are_not_signed_again(tmp_path: Path) -> None:
    """Somebody has other records, each whole, and has taken the tiles away."""
    await filled(tmp_path / "one", 3)
    await filled(tmp_path / "other", 3)
    (tmp_path / "other" / "records.jsonl").replace(tmp_path / "one" / "records.jsonl")
    for path in [path for path in (tmp_path / "one" / "tile").rglob("*") if path.is_file()]:
        path.unlink()
    with pytest.raises(JournalBroken, match="not those"):
        Journal.open(tmp_path / "one", StillClock())


@pytest.mark.parametrize("places", [b"", b"\0" * 16, b"garbage", bytes(8) + (70).to_bytes(8, "little")])
async def test_wrong_places_are_found_anew(tmp_path: Path, places: bytes) -> None:
    await filled(tmp_path, 600)
    (tmp_path / "records.index").write_bytes(places)
    await filled(tmp_path, 300)
    assert sound(tmp_path).records == 900


def test_no_place_to_write_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalUnavailable, match="cannot be opened"):
        Journal.open(tmp_path / "file" / "journal", StillClock())


@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.text(), st.lists).map(lambda v: json.dumps(v).encode())
)
def test_garbage_raises_its_own_error_only(line: bytes) -> None:
    with pytest.raises(JournalBroken):
        checked(line, 0)
