"""``kill -9`` of the sequencer, again and again: nothing acknowledged is lost, nothing signed taken back."""

import subprocess
import sys
from pathlib import Path
from random import Random

from bingjian.clock import SystemClock
from bingjian.journal.append import Journal
from bingjian.journal.verify import Verdict, verify
from bingjian.tlog.tree import check_consistency

# Eight at a time, each receipt said once it is there; checkpoints so often that kills hit them too.
PROGRAM = """
import asyncio, sys
from pathlib import Path
from bingjian.clock import SystemClock
from bingjian.entries import SignedIn
from bingjian.journal import append

append.PUBLISH_SECONDS = 0.02

async def main(folder):
    journal = append.Journal.open(folder, SystemClock())

    async def one(lane):
        while True:
            receipt = await journal.append(SignedIn(f"lane-{lane}", "::1"))
            print(receipt.sequence, receipt.hash, flush=True)

    await asyncio.gather(*map(one, range(8)))

asyncio.run(main(Path(sys.argv[1])))
"""
LIVES = 12


def life(folder: Path, receipts: int) -> dict[int, str]:
    """Killed after so many receipts; those that it said."""
    with subprocess.Popen([sys.executable, "-c", PROGRAM, str(folder)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(receipts)]
        process.kill()
        said += process.stdout.read().splitlines(keepends=True)
    whole = [line.split() for line in said if line.endswith(b"\n")]
    return {int(sequence): digest.decode() for sequence, digest in whole}


async def test_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    chance, receipts = Random(6), dict[int, str]()
    heads = list[Verdict]()
    for _ in range(LIVES):
        receipts |= life(tmp_path, chance.randint(1, 600))
        torn = verify(tmp_path, records=True)
        assert torn.faults == (), "a kill is no tampering"
        heads.append(torn)
    journal = Journal.open(tmp_path, SystemClock())
    kept = {record.sequence: record.hash for record in await journal.read(journal.length)}
    assert {sequence: kept.get(sequence) for sequence in receipts} == receipts
    assert sorted(kept) == list(range(len(kept)))
    for head in heads:
        path, _ = await journal.growth_since(head.size)
        now = verify(tmp_path)
        check_consistency(head.size, head.root, now.size, now.root, path)
    journal.close()
    assert verify(tmp_path, records=True).faults == ()
    assert heads[-1].size > 1000
