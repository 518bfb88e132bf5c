"""What the log shows to strangers: that an entry is in it, and that it has only grown. Reads tiles alone."""

from dataclasses import dataclass

from bingjian.journal.errors import JournalBroken, NotInJournal
from bingjian.journal.record import Opening
from bingjian.journal.tiles import Tiles
from bingjian.tlog import proof as proofs
from bingjian.tlog.checkpoint import Checkpoint
from bingjian.tlog.note import Note, NoteBroken, Verifier
from bingjian.tlog.proof import Proof
from bingjian.tlog.tile import TileBroken, TileHashes
from bingjian.tlog.tree import ProofBroken, consistency_proof, inclusion_proof


@dataclass(frozen=True, slots=True)
class Shown:
    """A proof that held. ``note``: the signed checkpoint, for its cosignatures."""

    sequence: int
    opening: Opening
    checkpoint: Checkpoint
    note: Note


def proof_of(tiles: Tiles, note: Note, sequence: int, opening: Opening | None) -> Proof:
    """That entry ``sequence`` is in the log that this checkpoint was signed over.

    Args:
        opening: what the entry says, put beside the proof; without it the proof tells nobody.

    Raises:
        NotInJournal: the checkpoint does not cover it.
        JournalBroken: a tile is missing or has the wrong length.
    """
    size = Checkpoint.of_text(note.text).size
    if not 0 <= sequence < size:
        raise NotInJournal(f"there is no entry {sequence} in a log of {size}")
    try:
        path = inclusion_proof(sequence, size, TileHashes(size, tiles.read))
    except TileBroken as error:
        raise JournalBroken(str(error)) from error
    return Proof(sequence, tuple(path), str(note), opening.text() if opening else None)


def growth_since(tiles: Tiles, note: Note, old: int) -> list[bytes]:
    """That the log of ``old`` entries is how this one began (RFC 6962 §2.1.2). Raises as ``proof_of``."""
    size = Checkpoint.of_text(note.text).size
    if not 0 <= old <= size:
        raise NotInJournal(f"a log of {size} was never one of {old}")
    try:
        return consistency_proof(old, size, TileHashes(size, tiles.read))
    except TileBroken as error:
        raise JournalBroken(str(error)) from error


def check(data: bytes, log: Verifier) -> Shown:
    """A stranger's check of a proof with its opening, by the log's public key alone.

    Raises:
        JournalBroken: it does not hold, with the reason.
    """
    try:
        proof = proofs.parse(data)
        if proof.extra is None:
            raise JournalBroken("the proof does not say what the entry is")
        opening = Opening.of_text(proof.extra)
        body = opening.body
        checkpoint, note = proofs.check(proof, opening.commitment(body["kind"]), [log])
    except (NoteBroken, ProofBroken) as error:
        raise JournalBroken(f"the proof does not hold: {error}") from error
    if body.get("sequence") != proof.index:
        raise JournalBroken("the proof does not hold: the entry names another place")
    return Shown(proof.index, opening, checkpoint, note)
