"""Is the journal what was signed? Reads its directory alone, also while the platform writes into it.

First pass (``verify_tiles``): every entry of the log against the tiles, the tiles against each other, the
root against the signed checkpoint. Second pass (``verify_records``), if asked for: every record against the
log's commitment to it.

What is behind the checkpoint's size is not signed yet: tiles there are passed over, records must hold by
themselves.
"""

from dataclasses import dataclass
from pathlib import Path

from bingjian.journal.errors import JournalBroken
from bingjian.journal.faults import Fault
from bingjian.journal.folder import PUBLIC_KEY
from bingjian.journal.log import opened_checkpoint
from bingjian.journal.verify_records import record_faults
from bingjian.journal.verify_tiles import stray_faults, tile_faults
from bingjian.tlog.note import NoteBroken, Verifier


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was looked at and what is wrong with it: nothing, if ``faults`` is empty.

    ``size``: entries that the checkpoint covers; ``records``: that were looked at, None if not asked for.
    """

    origin: str
    size: int
    root: bytes
    records: int | None
    faults: tuple[Fault, ...]


def verify(folder: Path, key: Verifier | None = None, *, records: bool = False) -> Verdict:
    """Everything that the journal's directory can show.

    Args:
        key: the log's, from somewhere else than this directory; else the one that lies there is believed.
        records: also the second pass.

    Raises:
        OSError: something could not be read, which says nothing about what was signed.
    """
    try:
        head, _ = opened_checkpoint(folder, [key or key_of(folder)])
    except JournalBroken as error:
        return Verdict("", 0, b"", None, (Fault("altered", None, "checkpoint", str(error)),))
    faults = [*tile_faults(folder, head), *stray_faults(folder, head.size)]
    if not records:
        return Verdict(head.origin, head.size, head.root, None, tuple(faults))
    count, more = record_faults(folder, head.size)
    return Verdict(head.origin, head.size, head.root, count, (*faults, *more))


def key_of(folder: Path) -> Verifier:
    """The log's public key as it lies beside it. Raises JournalBroken."""
    try:
        return Verifier.parse((folder / PUBLIC_KEY).read_text())
    except (FileNotFoundError, NoteBroken, UnicodeDecodeError) as error:
        raise JournalBroken("the log's public key is missing or was changed") from error
