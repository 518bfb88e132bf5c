"""Proofs: one text that shows anybody, without the log, that an entry is in it (C2SP tlog-proof)."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from bingjian.tlog import checkpoint as checkpoints
from bingjian.tlog.checkpoint import Checkpoint, decimal
from bingjian.tlog.note import Note, NoteBroken, Verifier, from_base64
from bingjian.tlog.tree import HASH_BYTES, check_inclusion, leaf_hash

FIRST_LINE = "c2sp.org/tlog-proof@v1"
PATH_MAX = 63  # hashes: of a tree with 2^63 leaves
PROOF_BYTES_MAX = 256 * 1024  # extra data and all
_EXTRA, _INDEX = "extra ", "index "


@dataclass(frozen=True, slots=True)
class Proof:
    """``extra``: anything, not proven; ``checkpoint``: the signed note as the log gave it."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None

    def __str__(self) -> str:
        extra = [] if self.extra is None else [_EXTRA + base64.b64encode(self.extra).decode()]
        hashes = [base64.b64encode(one).decode() for one in self.path]
        lines = [FIRST_LINE, *extra, f"{_INDEX}{self.index}", *hashes, ""]
        return "\n".join(lines) + "\n" + self.checkpoint


def parse(data: bytes) -> Proof:
    """The proof in these bytes, nothing of it checked yet. Raises NoteBroken."""
    if len(data) > PROOF_BYTES_MAX:
        raise NoteBroken("the proof is too long")
    try:
        head, blank, checkpoint = data.decode("utf-8").partition("\n\n")
    except UnicodeDecodeError as error:
        raise NoteBroken("the proof is not UTF-8") from error
    first, *lines = head.split("\n")
    if not blank or first != FIRST_LINE:
        raise NoteBroken("this is no tlog-proof")
    extra = from_base64(lines.pop(0).removeprefix(_EXTRA)) if lines and lines[0].startswith(_EXTRA) else None
    if not lines or not lines[0].startswith(_INDEX):
        raise NoteBroken("the proof names no index")
    index, path = decimal(lines[0].removeprefix(_INDEX)), tuple(map(from_base64, lines[1:]))
    if len(path) > PATH_MAX or any(len(one) != HASH_BYTES for one in path):
        raise NoteBroken("the path of the proof is no list of hashes")
    return Proof(index, path, checkpoint, extra)


def check(proof: Proof, entry: bytes, logs: Sequence[Verifier]) -> tuple[Checkpoint, Note]:
    """That this entry is in the log; returns the checkpoint that covers it, for its cosignatures.

    Raises:
        NoteBroken: the checkpoint is not signed by one of these logs.
        ProofBroken: the entry is another one.
    """
    checkpoint, note = checkpoints.opened(proof.checkpoint.encode(), logs)
    check_inclusion(leaf_hash(entry), proof.index, checkpoint.size, proof.path, checkpoint.root)
    return checkpoint, note
