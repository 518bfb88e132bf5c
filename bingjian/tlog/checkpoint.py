"""Checkpoints: a log's signed head as three lines, origin, size and root (C2SP tlog-checkpoint)."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from bingjian.tlog import note
from bingjian.tlog.note import Note, NoteBroken, Signer, Verifier
from bingjian.tlog.tree import EMPTY_ROOT, HASH_BYTES

SIZE_MAX = 1 << 63  # entries; nobody will write as many


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """``origin``: which log; ``size``: entries; ``root``: over all of them; ``extensions``: not used here."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What is signed."""
        lines = (self.origin, str(self.size), base64.b64encode(self.root).decode(), *self.extensions)
        return "".join(line + "\n" for line in lines)

    @classmethod
    def of_text(cls, text: str) -> "Checkpoint":
        """Raises NoteBroken."""
        lines = text.removesuffix("\n").split("\n")
        if len(lines) < 3 or not all(lines):
            raise NoteBroken("a checkpoint has at least three lines")
        origin, size, root, *extensions = lines
        found = cls(origin, decimal(size), note.from_base64(root), tuple(extensions))
        if len(found.root) != HASH_BYTES:
            raise NoteBroken("the root of the checkpoint is no SHA-256 hash")
        return found

    def signed(self, signer: Signer) -> Note:
        return signer.sign(self.text)


def decimal(text: str) -> int:
    """A whole number without sign and leading zeroes. Raises NoteBroken."""
    digits = text.isascii() and text.isdecimal() and len(text) < 20
    if not digits or str(int(text)) != text or int(text) >= SIZE_MAX:
        raise NoteBroken("this is no decimal number")
    return int(text)


def opened(data: bytes, verifiers: Sequence[Verifier]) -> tuple[Checkpoint, Note]:
    """A checkpoint signed by the log that its origin names, and the note it stands in.

    Args:
        verifiers: the logs' keys; the one that counts has the origin as its name.

    Raises:
        NoteBroken: no checkpoint, or none of that log.
    """
    found = note.parse(data)
    checkpoint = Checkpoint.of_text(found.text)
    note.verify(found, [one for one in verifiers if one.name == checkpoint.origin])
    if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        raise NoteBroken("an empty log has another root")
    return checkpoint, found
