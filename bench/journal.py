"""Journal: how many entries become durable, how long one takes, and what the log costs its readers.

``appended_per_s``: entries from many callers at once, each durable before its caller goes on, checkpoints
included. ``durable_ms_p95``: one entry, from the call to its receipt, while ``--offered`` a second arrive.
``proof_ms_p95``: an inclusion proof of an entry taken by chance out of a log of ``--entries``, tiles read
from their files; these are written from commitments made up for it, so nobody has to live through the log.
``verified_per_s``: the first pass of ``bingjian journal verify`` over that log, from entries to the root.

The peer of appending is one line and one fsync at a time, without any log: what a program does that writes an
audit trail to a file and wants it to be there.
"""

import argparse
import asyncio
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from random import Random

from bench.report import Result, median, percentile
from bingjian.clock import SystemClock
from bingjian.durable import DISK
from bingjian.entries import LiveOpened
from bingjian.journal.append import Journal
from bingjian.journal.log import Log
from bingjian.journal.proofs import proof_of
from bingjian.journal.records import Records
from bingjian.journal.verify import verify
from bingjian.tlog.tree import check_inclusion, leaf_hash

CALLERS = 1000  # at once, when as many as possible are appended
BATCH = 256 * 1024  # commitments taken into the big log at a time
ENTRY = LiveOpened(
    actor="5f0c6b1e-4d0c-4e0e-9d3c-1f6a2b7c8d9e",
    camera="0b8f5c52-7a9e-4c3b-8f64-2d1f3e4a5b6c",
    stream="main",
    purpose="R25.2",
    address="192.0.2.17",
    expires="2026-11-26T12:00:00+00:00",
)


async def appended_per_s(folder: Path, entries: int) -> float:
    """Of ``CALLERS`` who each append one entry after another."""
    journal = Journal.open(folder, SystemClock())

    async def caller(count: int) -> None:
        for _ in range(count):
            await journal.append(ENTRY)

    began = time.perf_counter()
    await asyncio.gather(*(caller(entries // CALLERS) for _ in range(CALLERS)))
    await journal.publish()
    seconds = time.perf_counter() - began
    journal.close()
    return entries // CALLERS * CALLERS / seconds


async def durable_ms(folder: Path, offered_per_s: int, seconds: float) -> list[float]:
    """Of entries that arrive at random instants, so many a second on average."""
    journal, chance = Journal.open(folder, SystemClock()), Random(1)
    loop, took, calls = asyncio.get_running_loop(), list[float](), list[asyncio.Task[None]]()

    async def one(due: float) -> None:
        await journal.append(ENTRY)
        took.append((loop.time() - due) * 1000)

    due = began = loop.time()
    while due < began + seconds:
        due += chance.expovariate(offered_per_s)
        await asyncio.sleep(due - loop.time())
        calls.append(asyncio.create_task(one(due)))
    await asyncio.gather(*calls)
    journal.close()
    return took


def plain_lines_per_s(folder: Path, seconds: float) -> float:
    """A line, an fsync, a line, an fsync."""
    folder.mkdir()
    line, count, began = b"x" * 420 + b"\n", 0, time.perf_counter()
    with (folder / "trail").open("ab", buffering=0) as file:
        while time.perf_counter() < began + seconds:
            file.write(line)
            os.fsync(file.fileno())
            count += 1
    return count / (time.perf_counter() - began)


def entry_of(number: int) -> bytes:
    """A commitment made up for the big log."""
    return sha256(number.to_bytes(8)).digest()


def big_log(folder: Path, entries: int) -> Log:
    """Tiles and a signed checkpoint over so many entries; there are no records."""
    folder.mkdir(parents=True)
    records = Records.open(folder, DISK)
    built = Log.open(folder, DISK, records, "bench.example/journal")
    records.close()
    for first in range(0, entries, BATCH):
        built.publish(first, list(map(entry_of, range(first, min(first + BATCH, entries)))))
    return built


def proof_ms(built: Log, proofs: int) -> list[float]:
    """Each proof's time; each is checked, outside of it."""
    chance, took = Random(2), list[float]()
    assert built.note is not None
    for _ in range(proofs):
        sequence = chance.randrange(built.size)
        began = time.perf_counter()
        proof = proof_of(built.tiles, built.note, sequence, None)
        took.append((time.perf_counter() - began) * 1000)
        leaf = leaf_hash(entry_of(sequence))
        check_inclusion(leaf, sequence, built.size, proof.path, built.root)
    return took


def verified_per_s(folder: Path) -> float:
    began = time.perf_counter()
    verdict = verify(folder)
    seconds = time.perf_counter() - began
    assert verdict.faults == ()
    return verdict.size / seconds


@contextmanager
def work_folder(where: Path | None) -> Iterator[Path]:
    """On a disk that syncs, unlike /tmp on some machines."""
    folder = Path(tempfile.mkdtemp(prefix="bench-journal-", dir=where))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def run(entries: int, appended: int, offered: int, seconds: float, proofs: int, folder: Path) -> Result:
    appending = asyncio.run(appended_per_s(folder / "many", appended))
    took = asyncio.run(durable_ms(folder / "paced", offered, seconds))
    plain = plain_lines_per_s(folder / "plain", min(seconds, 5))
    began = time.perf_counter()
    built = big_log(folder / "big", entries)
    build_s = time.perf_counter() - began
    shown = proof_ms(built, proofs)
    return Result(
        bench="journal",
        params={
            "entries": entries,
            "appended": appended,
            "callers": CALLERS,
            "offered_per_s": offered,
            "seconds": seconds,
            "proofs": proofs,
        },
        bingjian={
            "appended_per_s": appending,
            "durable_ms_p50": median(took),
            "durable_ms_p95": percentile(took, 95),
            "proof_ms_p50": median(shown),
            "proof_ms_p95": percentile(shown, 95),
            "verified_per_s": verified_per_s(folder / "big"),
            "build_s": build_s,
        },
        peer={"name": "one line, one fsync", "appended_per_s": plain},
        ratios={"appended_vs_plain": appending / plain},
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="bench journal", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--entries", type=int, default=10_000_000, help="in the log that is read")
    parser.add_argument("--appended", type=int, default=200_000, help="as fast as possible")
    parser.add_argument("--offered", type=int, default=1000, help="entries a second whose delay is measured")
    parser.add_argument("--seconds", type=float, default=20.0, help="so long")
    parser.add_argument("--proofs", type=int, default=2000, help="of entries taken by chance")
    parser.add_argument("--folder", type=Path, help="where to work: a directory on the disk to be measured")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")
    wish = parser.parse_args(arguments)
    with work_folder(wish.folder) as folder:
        result = run(wish.entries, wish.appended, wish.offered, wish.seconds, wish.proofs, folder)
    result.show(as_json=wish.json)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
