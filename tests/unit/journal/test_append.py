"""The journal: durable before receipted, chained, cut back after a torn write."""

import asyncio
import errno
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bingjian.durable import Storage
from bingjian.entries import SignedIn, SignedOut
from bingjian.journal.append import Journal, checked, verify
from bingjian.journal.errors import JournalBroken, JournalUnavailable
from tests.backend import StillClock


async def filled(path: Path, count: int) -> None:
    journal = Journal.open(path, StillClock())
    for number in range(count):
        await journal.append(SignedIn(f"person-{number}", "127.0.0.1"))
    journal.close()


async def test_entries_come_back_newest_first_in_pages(journal: Journal) -> None:
    receipts = [await journal.append(SignedIn(str(number), "::1")) for number in range(7)]
    assert [receipt.sequence for receipt in receipts] == list(range(7))
    first = await journal.read(3)
    assert [record.sequence for record in first] == [6, 5, 4]
    rest = await journal.read(100, before=4)
    assert [record.entry["actor"] for record in rest] == ["3", "2", "1", "0"]
    assert await journal.read(3, before=0) == []
    assert rest[0].hash == receipts[3].hash


async def test_reopened_it_goes_on_with_the_chain(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    await filled(path, 3)
    await filled(path, 2)
    assert verify(path) == 5
    assert path.stat().st_mode & 0o777 == 0o600


class WatchedDisk(Storage):
    """The real disk, but its syncs are counted, and fail as often as asked."""

    def __init__(self) -> None:
        self.syncs = self.failures = 0

    def sync_file(self, descriptor: int) -> None:
        self.syncs += 1
        if self.failures:
            self.failures -= 1
            raise OSError(errno.ENOSPC, "No space left on device")
        super().sync_file(descriptor)


async def test_together_they_share_an_fsync(tmp_path: Path) -> None:
    disk = WatchedDisk()
    journal = Journal.open(tmp_path / "journal.jsonl", StillClock(), disk)
    receipts = await asyncio.gather(*(journal.append(SignedIn(str(n), "")) for n in range(100)))
    assert sorted(receipt.sequence for receipt in receipts) == list(range(100))
    assert disk.syncs == 2  # the first goes alone, the rest wait for it


@pytest.mark.parametrize("tail", [b"{", b'{"sequence":3', b"\0" * 5000])
async def test_a_torn_last_line_is_cut(tmp_path: Path, tail: bytes) -> None:
    path = tmp_path / "journal.jsonl"
    await filled(path, 3)
    with path.open("ab") as file:
        file.write(tail)
    await filled(path, 1)
    assert verify(path) == 4


async def test_a_disk_that_fails_gives_no_receipt_and_leaves_no_trace(tmp_path: Path) -> None:
    path, disk = tmp_path / "journal.jsonl", WatchedDisk()
    journal = Journal.open(path, StillClock(), disk)
    await journal.append(SignedIn("before", ""))
    disk.failures = 1
    with pytest.raises(JournalUnavailable):
        await journal.append(SignedIn("lost", ""))
    assert not journal.writable
    receipt = await journal.append(SignedIn("after", ""))
    assert journal.writable
    assert receipt.sequence == 1
    assert [record.entry["actor"] for record in await journal.read(10)] == ["after", "before"]
    journal.close()
    assert verify(path) == 2


async def test_who_hangs_up_hurts_nobody_else(journal: Journal) -> None:
    waiting = [asyncio.create_task(journal.append(SignedOut(str(n), ""))) for n in range(3)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting[0]
    receipts = [await task for task in waiting[1:]]
    after = await journal.append(SignedIn("later", ""))
    assert after.sequence == receipts[-1].sequence + 1


@pytest.mark.parametrize("damage", ["change", "drop", "insert", "swap"])
async def test_whatever_is_done_to_a_line_is_named(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "journal.jsonl"
    await filled(path, 5)
    lines = path.read_bytes().splitlines(keepends=True)
    if damage == "change":
        lines[2] = lines[2].replace(b"person-2", b"person-9")
    elif damage == "drop":
        del lines[2]
    elif damage == "insert":
        lines.insert(2, lines[2])
    else:
        lines[2], lines[3] = lines[3], lines[2]
    path.write_bytes(b"".join(lines))
    with pytest.raises(JournalBroken, match=r"entry [23]"):
        verify(path)


async def test_a_changed_last_entry_is_found_at_the_start(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    await filled(path, 2)
    path.write_bytes(path.read_bytes().replace(b"person-1", b"person-7"))
    with pytest.raises(JournalBroken):
        Journal.open(path, StillClock())


def test_no_place_to_write_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalUnavailable, match="cannot be opened"):
        Journal.open(tmp_path / "file" / "journal.jsonl", StillClock())


@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.text(), st.lists).map(lambda v: json.dumps(v).encode())
)
def test_garbage_raises_its_own_error_only(line: bytes) -> None:
    with pytest.raises(JournalBroken):
        checked(line, 0, None)
