"""Proofs out of a journal: any entry, any time, to anybody; and nothing of its neighbours."""

import asyncio
from pathlib import Path

import pytest

from bingjian.entries import SignedIn
from bingjian.journal import proofs
from bingjian.journal.append import Journal
from bingjian.journal.canonical import canonical
from bingjian.journal.errors import JournalBroken, NotInJournal
from bingjian.journal.record import Opening
from bingjian.tlog import proof as tlog_proof
from bingjian.tlog.checkpoint import Checkpoint
from bingjian.tlog.edge import Edge
from bingjian.tlog.note import Signer
from bingjian.tlog.proof import Proof
from bingjian.tlog.tree import EMPTY_ROOT, check_consistency
from tests.backend import StillClock


async def fill(journal: Journal, count: int) -> None:
    await asyncio.gather(*(journal.append(SignedIn(f"person-{n}", "::1")) for n in range(count)))


async def test_every_entry_is_proven_to_a_stranger(journal: Journal) -> None:
    await fill(journal, 600)
    for sequence in (0, 1, 255, 256, 511, 512, 599):
        shown = proofs.check(str(await journal.proof(sequence)).encode(), journal.verifier)
        assert (shown.sequence, shown.checkpoint.size) == (sequence, 600)
        assert shown.opening.body["entry"]["actor"] == f"person-{sequence}"


async def test_an_entry_of_this_moment_is_covered_at_once(journal: Journal) -> None:
    receipt = await journal.append(SignedIn("now", ""))
    shown = proofs.check(str(await journal.proof(receipt.sequence)).encode(), journal.verifier)
    assert shown.opening.commitment(shown.opening.body["kind"]).hex() == receipt.hash


async def test_a_proof_without_its_opening_tells_nothing(journal: Journal) -> None:
    await fill(journal, 5)
    proof = await journal.proof(3, opening=False)
    assert "extra" not in str(proof)
    with pytest.raises(JournalBroken, match="does not say"):
        proofs.check(str(proof).encode(), journal.verifier)
    (record,) = await journal.read(1, before=4)
    assert tlog_proof.check(proof, bytes.fromhex(record.hash), [journal.verifier])[0].size == 5


async def test_a_changed_proof_is_not_believed(journal: Journal) -> None:
    await fill(journal, 20)
    proof = await journal.proof(3)
    for text in (
        str(proof).replace("index 3", "index 4"),
        str(await journal.proof(4)).split("index")[0] + "index" + str(proof).split("index")[1],
        str(proof).replace("extra ", "extra AAAA"),
        "",
    ):
        with pytest.raises(JournalBroken):
            proofs.check(text.encode(), journal.verifier)
    other = Signer(journal.verifier.name, b"k" * 32).verifier()
    with pytest.raises(JournalBroken, match="known key"):
        proofs.check(str(proof).encode(), other)


async def test_what_is_not_there_has_no_proof(journal: Journal) -> None:
    await fill(journal, 5)
    for sequence in (-1, 5, 1 << 62):
        with pytest.raises(NotInJournal):
            await journal.proof(sequence)
    with pytest.raises(NotInJournal):
        await journal.growth_since(6)


async def test_growth_is_proven_between_any_two_checkpoints(journal: Journal) -> None:
    heads = [Checkpoint(journal.verifier.name, 0, EMPTY_ROOT)]
    for count in (1, 7, 250, 260, 100):
        await fill(journal, count)
        heads.append(Checkpoint.of_text((await journal.checkpoint()).text))
    for old in heads:
        path, note = await journal.growth_since(old.size)
        now = Checkpoint.of_text(note.text)
        check_consistency(old.size, old.root, now.size, now.root, path)


async def test_a_lost_tile_is_said(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path, StillClock())
    await fill(journal, 300)
    await journal.checkpoint()
    (tmp_path / "tile" / "0" / "000").unlink()
    with pytest.raises(JournalBroken, match="missing"):
        await journal.proof(3)
    journal.close()


@pytest.mark.parametrize("data", [b"", b"\xff", b"c2sp.org/tlog-proof@v1\nextra e30=\nindex 0\n\na\n1\n"])
def test_hostile_proofs_raise_one_error(data: bytes) -> None:
    with pytest.raises(JournalBroken):
        proofs.check(data, Signer("a", bytes(32)).verifier())


def test_an_entry_that_names_another_place_is_not_believed() -> None:
    """A log that put a record of one place into another."""
    signer = Signer("example.com/log", bytes(32))
    opening = Opening(canonical({"sequence": 7, "at": "", "kind": "a", "entry": {}}), bytes(16))
    edge, _ = Edge().grown([opening.commitment("a")])
    note = Checkpoint("example.com/log", 1, edge.root()).signed(signer)
    with pytest.raises(JournalBroken, match="another place"):
        proofs.check(str(Proof(0, (), str(note), opening.text())).encode(), signer.verifier())
