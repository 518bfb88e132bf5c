"""A thousand random tamperings of a journal's directory: each is found, and nothing else is accused."""

import asyncio
import random
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bingjian.durable import DISK
from bingjian.entries import SignedIn
from bingjian.journal.append import Journal
from bingjian.journal.verify import Verdict, key_of, verify
from bingjian.tlog.tile import Tile
from bingjian.tlog.tree import HASH_BYTES
from tests.backend import StillClock

TAMPERINGS = 1000
PARTS = 10  # so that a failure shows more than one case
ENTRIES = 700  # two full bundles and a partial one, with an earlier partial one beside
SLOT = 34  # bytes of an entry in a bundle


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal that was written in three sittings; nobody has touched it."""

    folder = tmp_path_factory.mktemp("journal")

    async def sitting(first: int, until: int) -> None:
        opened = Journal.open(folder, StillClock(), DISK)
        await asyncio.gather(*(opened.append(SignedIn(f"person-{n}", "::1")) for n in range(first, until)))
        opened.close()

    for first, until in ((0, 100), (100, 600), (600, ENTRIES)):
        asyncio.run(sitting(first, until))
    return folder


@dataclass
class Case:
    """A copy that is tampered with. ``entry``: the first entry that must be named, if one can be."""

    folder: Path
    chance: random.Random
    entry: int | None = None

    def record_lines(self) -> list[bytes]:
        return (self.folder / "records.jsonl").read_bytes().splitlines(keepends=True)

    def keep_lines(self, lines: list[bytes]) -> None:
        (self.folder / "records.jsonl").write_bytes(b"".join(lines))

    def some(self, count: int) -> int:
        return self.chance.randrange(count)


def flip(path: Path, chance: random.Random) -> int:
    """One bit of a file; returns the byte's place."""
    data = bytearray(path.read_bytes())
    at = chance.randrange(len(data))
    data[at] ^= 1 << chance.randrange(8)
    path.write_bytes(data)
    return at


def records_flip(case: Case) -> str:
    lines = case.record_lines()
    at = flip(case.folder / "records.jsonl", case.chance)
    ends, end = [], 0
    for line in lines:
        end += len(line)
        ends.append(end)
    case.entry = next(number for number, end in enumerate(ends) if at < end)
    return "altered truncated removed"  # the last newline gone looks cut off


def records_delete(case: Case) -> str:
    lines = case.record_lines()
    case.entry = case.some(ENTRIES - 1)
    del lines[case.entry]
    case.keep_lines(lines)
    return "removed"


def records_insert(case: Case) -> str:
    lines = case.record_lines()
    case.entry = case.some(ENTRIES)
    forged = lines[case.some(ENTRIES)].replace(b"person", b"nobody")
    lines.insert(case.entry, forged)
    case.keep_lines(lines)
    return "inserted"


def records_swap(case: Case) -> str:
    lines = case.record_lines()
    one, other = sorted(case.chance.sample(range(ENTRIES), 2))
    lines[one], lines[other] = lines[other], lines[one]
    case.keep_lines(lines)
    case.entry = one
    return "swapped"


def records_truncate(case: Case) -> str:
    path = case.folder / "records.jsonl"
    data = path.read_bytes()[: case.some(path.stat().st_size)]
    path.write_bytes(data)
    case.entry = data.count(b"\n")
    return "truncated"


def bundle(case: Case) -> Path:
    """One of the three that the log consists of."""
    case.entry = case.some(3) * 256
    number = case.entry // 256
    return case.folder / Tile(-1, number, 256 if number < 2 else ENTRIES - 512).path


def slots_of(path: Path) -> list[bytes]:
    data = path.read_bytes()
    return [data[at : at + SLOT] for at in range(0, len(data), SLOT)]


def entries_flip(case: Case) -> str:
    path = bundle(case)
    case.entry = (case.entry or 0) + flip(path, case.chance) // SLOT
    return "altered truncated removed inserted"  # a changed length moves all that follows


def entries_delete(case: Case) -> str:
    path = bundle(case)
    slots = slots_of(path)
    at = case.some(len(slots) - 1)
    path.write_bytes(b"".join(slots[:at] + slots[at + 1 :]))
    case.entry = (case.entry or 0) + at
    return "removed"


def entries_insert(case: Case) -> str:
    path = bundle(case)
    slots = slots_of(path)
    at = case.some(len(slots) + 1)
    slots.insert(at, b"\0\x20" + case.chance.randbytes(32))
    path.write_bytes(b"".join(slots))
    case.entry = (case.entry or 0) + at
    return "inserted"


def entries_swap(case: Case) -> str:
    path = bundle(case)
    slots = slots_of(path)
    one, other = sorted(case.chance.sample(range(len(slots)), 2))
    slots[one], slots[other] = slots[other], slots[one]
    path.write_bytes(b"".join(slots))
    case.entry = (case.entry or 0) + one
    return "swapped"


def entries_truncate(case: Case) -> str:
    path = bundle(case)
    kept = case.some(path.stat().st_size)
    path.write_bytes(path.read_bytes()[:kept])
    case.entry = (case.entry or 0) + kept // SLOT
    return "truncated"


def entries_lost(case: Case) -> str:
    bundle(case).unlink()
    return "removed"


def any_tile(case: Case) -> Path:
    """A file of hashes or entries that is not empty, also one of an earlier checkpoint."""
    return case.chance.choice(sorted(path for path in (case.folder / "tile").rglob("*") if path.is_file()))


def tile_flip(case: Case) -> str:
    flip(any_tile(case), case.chance)
    return ANY


def tile_truncate(case: Case) -> str:
    path = any_tile(case)
    path.write_bytes(path.read_bytes()[: case.some(path.stat().st_size)])
    return ANY


def tile_swap(case: Case) -> str:
    """Two hashes of one tile change places."""
    path = case.folder / Tile(0, case.some(2)).path
    data = path.read_bytes()
    hashes = [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]
    one, other = case.chance.sample(range(len(hashes)), 2)
    hashes[one], hashes[other] = hashes[other], hashes[one]
    path.write_bytes(b"".join(hashes))
    return "swapped"


def tile_insert(case: Case) -> str:
    (case.folder / "tile" / "0" / f"{case.some(1000):03}~").write_bytes(b"something")
    return "inserted"


def checkpoint_flip(case: Case) -> str:
    flip(case.folder / "checkpoint", case.chance)
    return ANY


def checkpoint_truncate(case: Case) -> str:
    path = case.folder / "checkpoint"
    path.write_bytes(path.read_bytes()[: case.some(path.stat().st_size)])
    return ANY


def checkpoint_insert(case: Case) -> str:
    path = case.folder / "checkpoint"
    data, at = path.read_bytes(), case.some(path.stat().st_size)
    path.write_bytes(data[:at] + case.chance.randbytes(1) + data[at:])
    return ANY


def checkpoint_lost(case: Case) -> str:
    (case.folder / "checkpoint").unlink()
    return ANY


ANY = "altered removed inserted swapped truncated"
KINDS: list[Callable[[Case], str]] = [
    *(records_flip, records_delete, records_insert, records_swap, records_truncate),
    *(entries_flip, entries_delete, entries_insert, entries_swap, entries_truncate, entries_lost),
    *(tile_flip, tile_truncate, tile_swap, tile_insert),
    *(checkpoint_flip, checkpoint_truncate, checkpoint_insert, checkpoint_lost),
]


@pytest.mark.parametrize("part", range(PARTS))
def test_every_tampering_is_found(journal: Path, tmp_path: Path, part: int) -> None:
    chance, key = random.Random(part), key_of(journal)
    for number in range(TAMPERINGS // PARTS):
        case = Case(tmp_path / str(number), chance)
        shutil.copytree(journal, case.folder)
        damage = KINDS[(part * TAMPERINGS // PARTS + number) % len(KINDS)]
        kinds = damage(case)
        verdict = verify(case.folder, key, records=True)
        assert verdict.faults, damage.__name__
        first = verdict.faults[0]
        assert first.kind in kinds.split(), (damage.__name__, first)
        if case.entry is not None:
            assert first.entry == case.entry, (damage.__name__, first)
        shutil.rmtree(case.folder)


def untouched(folder: Path, chance: random.Random) -> Iterator[Verdict]:
    """While it is written, closed at any length, torn at the end."""

    async def writing() -> list[Verdict]:
        seen = []
        for _ in range(20):
            opened = Journal.open(folder, StillClock())
            for count in (chance.randrange(1, 300), chance.randrange(1, 40)):
                await asyncio.gather(*(opened.append(SignedIn(str(n), "")) for n in range(count)))
                seen.append(verify(folder, records=True))
                await opened.publish()
                seen.append(verify(folder, records=True))
            opened.close()
            with (folder / "records.jsonl").open("ab") as file:
                file.write(b'{"commitment"'[: chance.randrange(14)])
            seen.append(verify(folder, records=True))
        return seen

    yield from asyncio.run(writing())


def test_nobody_is_accused_without_reason(journal: Path, tmp_path: Path) -> None:
    assert verify(journal, records=True).faults == ()
    verdicts = list(untouched(tmp_path, random.Random(1)))
    assert [verdict for verdict in verdicts if verdict.faults] == []
    assert verdicts[-1].size == verdicts[-1].records > 1000


def test_who_rewrites_everything_still_has_no_signature(journal: Path, tmp_path: Path) -> None:
    """Another journal altogether, whole in itself: the key from elsewhere tells."""
    opened = Journal.open(tmp_path, StillClock())
    opened.close()
    assert verify(tmp_path).faults == ()
    assert verify(tmp_path, key_of(journal)).faults[0].what == "checkpoint"
