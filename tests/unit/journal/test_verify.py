"""Verification beside what the thousand tamperings show: whose key, which place, who rewrote what."""

import asyncio
from pathlib import Path

import pytest

from bingjian.durable import DISK
from bingjian.entries import SignedIn
from bingjian.journal.append import Journal
from bingjian.journal.record import checked, line_of
from bingjian.journal.records import Records
from bingjian.journal.tiles import Tiles
from bingjian.journal.verify import verify
from bingjian.tlog.edge import Edge
from tests.backend import StillClock


async def filled(folder: Path, count: int) -> None:
    journal = Journal.open(folder, StillClock())
    await asyncio.gather(*(journal.append(SignedIn(f"person-{n}", "")) for n in range(count)))
    journal.close()


async def test_an_empty_log_is_sound(tmp_path: Path) -> None:
    await filled(tmp_path, 0)
    verdict = verify(tmp_path, records=True)
    assert (verdict.size, verdict.records, verdict.faults) == (0, 0, ())


def test_where_there_is_no_log_there_is_a_fault(tmp_path: Path) -> None:
    assert [fault.what for fault in verify(tmp_path).faults] == ["checkpoint"]


async def test_entries_and_tiles_that_were_rewritten_together_do_not_have_the_root(tmp_path: Path) -> None:
    """Bundles and tiles of another history, whole in itself, under the old checkpoint."""
    await filled(tmp_path, 300)
    edge, tiles = Edge().grown([bytes([number % 256]) * 32 for number in range(300)])
    Tiles(tmp_path).write(tiles)
    (fault,) = verify(tmp_path).faults
    assert (fault.kind, fault.what) == ("altered", "tile")
    assert edge.size == 300


async def test_a_record_rewritten_with_its_commitment_is_not_the_logs(tmp_path: Path) -> None:
    await filled(tmp_path, 300)
    path = tmp_path / "records.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    body, _, _ = checked(lines[7], 7)
    lines[7], _ = line_of(body["kind"], {**body["entry"], "actor": "nobody"}, 7, body["at"], bytes(16))
    path.write_bytes(b"".join(lines))
    assert verify(tmp_path).faults == ()
    (fault,) = verify(tmp_path, records=True).faults
    assert (fault.kind, fault.entry, fault.what) == ("altered", 7, "records.jsonl")


async def test_wrong_places_are_named(tmp_path: Path) -> None:
    await filled(tmp_path, 600)
    path = tmp_path / "records.index"
    path.write_bytes(path.read_bytes()[:-1] + b"\1")
    assert [fault.what for fault in verify(tmp_path, records=True).faults] == ["records.index"]


@pytest.mark.parametrize("lost", ["records.jsonl", "log.vkey"])
async def test_a_lost_file_is_named(tmp_path: Path, lost: str) -> None:
    await filled(tmp_path, 3)
    (tmp_path / lost).unlink()
    assert verify(tmp_path, records=True).faults != ()


async def test_what_is_not_signed_yet_must_hold_by_itself(tmp_path: Path) -> None:
    await filled(tmp_path, 3)
    journal = Journal.open(tmp_path, StillClock())
    await journal.append(SignedIn("not signed yet", ""))
    verdict = verify(tmp_path, records=True)
    assert (verdict.size, verdict.records, verdict.faults) == (3, 4, ())
    path = tmp_path / "records.jsonl"
    path.write_bytes(path.read_bytes().replace(b"not signed", b"not  igned"))
    assert [fault.entry for fault in verify(tmp_path, records=True).faults] == [3]
    journal.close()


async def test_reading_while_it_is_written_takes_no_lock(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path, StillClock())
    records = Records.open(tmp_path, DISK, read_only=True)
    assert records.count == 0
    records.close()
    await journal.append(SignedIn("one", ""))
    journal.close()


async def test_partial_tiles_go_when_the_full_one_is_there(tmp_path: Path) -> None:
    for count in (10, 240, 10):
        await filled(tmp_path, count)
    names = {path.relative_to(tmp_path / "tile").as_posix() for path in (tmp_path / "tile").rglob("*")}
    assert "0/000" in names
    assert "0/000.p" not in names
    assert "entries/000.p" not in names
    assert "0/001.p/4" in names
