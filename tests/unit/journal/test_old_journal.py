"""A journal of a version before the log becomes the log's first records."""

import hashlib
import json
from pathlib import Path

import pytest

from bingjian.entries import SignedIn
from bingjian.journal.append import Journal
from bingjian.journal.errors import JournalBroken
from bingjian.journal.verify import verify
from tests.backend import StillClock


def old_lines(count: int) -> list[bytes]:
    """As version 0.1 wrote them."""
    lines, previous = list[bytes](), "0" * 64
    for number in range(count):
        entry = {"actor": f"人 {number}", "address": ""}
        at = f"2026-01-01T00:00:{number:02}+00:00"
        body = {
            "sequence": number,
            "at": at,
            "kind": "session.signed_in",
            "entry": entry,
            "previous": previous,
        }
        text = json.dumps(body, sort_keys=True, separators=(",", ":"))
        previous = hashlib.sha256(text.encode()).hexdigest()
        whole = {**body, "hash": previous}
        lines.append(json.dumps(whole, sort_keys=True, separators=(",", ":")).encode() + b"\n")
    return lines


async def test_it_goes_on_in_the_log(tmp_path: Path) -> None:
    old = b"".join(old_lines(3))
    (tmp_path / "journal.jsonl").write_bytes(old + b'{"torn')
    for _ in range(2):  # the second time there is nothing to take over any more
        journal = Journal.open(tmp_path, StillClock())
        actors = [record.entry["actor"] for record in await journal.read(10)]
        assert actors[-3:] == ["人 2", "人 1", "人 0"]
        receipt = await journal.append(SignedIn("new", ""))
        journal.close()
    assert receipt.sequence == 4
    assert (tmp_path / "journal.jsonl").read_bytes().startswith(old)
    verdict = verify(tmp_path, records=True)
    assert (verdict.size, verdict.faults) == (5, ())


@pytest.mark.parametrize("damage", ["change", "drop", "swap", "garbage"])
def test_a_chain_that_does_not_hold_is_not_taken_over(tmp_path: Path, damage: str) -> None:
    lines = old_lines(5)
    if damage == "change":
        lines[2] = lines[2].replace(b"00:02", b"00:09")
    elif damage == "drop":
        del lines[2]
    elif damage == "swap":
        lines[2], lines[3] = lines[3], lines[2]
    else:
        lines[2] = b"[]\n"
    (tmp_path / "journal.jsonl").write_bytes(b"".join(lines))
    for _ in range(2):
        with pytest.raises(JournalBroken, match="entry 2 of the old journal"):
            Journal.open(tmp_path, StillClock())
    assert not (tmp_path / "records.jsonl").exists()


def test_an_entry_rewritten_with_its_hash_is_named_by_the_next(tmp_path: Path) -> None:
    lines = old_lines(5)
    body = json.loads(lines[2])
    del body["hash"]
    body["entry"]["actor"] = "nobody"
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    body["hash"] = hashlib.sha256(text.encode()).hexdigest()
    lines[2] = json.dumps(body, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    (tmp_path / "journal.jsonl").write_bytes(b"".join(lines))
    with pytest.raises(JournalBroken, match="entry 3 of the old journal"):
        Journal.open(tmp_path, StillClock())
