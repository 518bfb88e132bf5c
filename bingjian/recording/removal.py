"""The only code that unlinks footage. It takes receipts that ``retention`` has signed, and nothing else.

Order (docs/recording.md): the receipt is durable in the journal → the row moves to the removal queue → the
files are unlinked → their directories are synced → the queue entry is done. What a crash leaves in between is
completed when the volume is opened next.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bingjian.clock import ticks_of
from bingjian.durable import Storage
from bingjian.entries import RemovalReceipt, receipt_payload
from bingjian.recording.catalogue import Address, Catalogue
from bingjian.recording.segment import index_path


class Refused(NamedTuple):
    """A receipt that removes nothing."""

    segment: str
    reason: str  # one plain sentence


class Outcome(NamedTuple):
    """What became of some receipts; ids of segments."""

    removed: list[str]
    refused: list[Refused]


def remove(
    root: Path,
    volume: UUID,
    catalogue: Catalogue,
    storage: Storage,
    receipts: Sequence[RemovalReceipt],
    public_key: bytes,
) -> Outcome:
    """Give up what the receipts name; blocks. Receipts of what is gone already count as carried out.

    Args:
        catalogue: a connection of the caller's own.
        public_key: of ``retention``, 32 bytes.

    Raises:
        OSError, sqlite3.Error: the files are in the removal queue, or nothing has happened.
    """
    removed: list[str] = []
    refused: list[Refused] = []
    key = Ed25519PublicKey.from_public_bytes(public_key)
    with catalogue.transaction():
        for receipt in receipts:
            reason = _give_up(volume, catalogue, receipt, key)
            if reason is None:
                removed.append(receipt.segment)
            else:
                refused.append(Refused(receipt.segment, reason))
    complete(root, catalogue, storage)
    return Outcome(removed, refused)


def _give_up(
    volume: UUID, catalogue: Catalogue, receipt: RemovalReceipt, key: Ed25519PublicKey
) -> str | None:
    """Why not; None if it is in the removal queue now, or gone."""
    if not is_signed(receipt, key):
        return "the signature of the receipt is not retention's"
    if receipt.volume != str(volume):
        return "the receipt is for another volume"
    try:
        camera, segment = UUID(receipt.camera), UUID(receipt.segment)
        about_90k = ticks_of(datetime.fromisoformat(receipt.start))
    except ValueError:
        return "the receipt does not say which segment it is for"
    if catalogue.is_removed(camera, about_90k, segment):
        return None
    row = catalogue.closed_segment(camera, about_90k, segment)
    if row is None:
        return "there is no such closed segment"
    if row.root is None or row.root.hex() != receipt.root:
        return "the receipt is for other bytes than are kept here"
    catalogue.give_up(row.address, json.dumps(asdict(receipt)))
    return None


def is_signed(receipt: RemovalReceipt, key: Ed25519PublicKey) -> bool:
    """Whether the receipt is retention's."""
    try:
        key.verify(bytes.fromhex(receipt.signature), receipt_payload(receipt))
    except (InvalidSignature, ValueError):
        return False
    return True


def complete(root: Path, catalogue: Catalogue, storage: Storage) -> None:
    """Unlink what the removal queue holds. Doing it again changes nothing. Raises OSError, sqlite3.Error."""
    queue = catalogue.removal_queue()
    for row in queue:
        _unlink(root, row.address, storage)
    for day in {(root / row.address.path).parent for row in queue}:
        if day.is_dir():
            storage.sync_directory(day)
    if queue:
        with catalogue.transaction():
            for row in queue:
                catalogue.unlinked(row)


def _unlink(root: Path, address: Address, storage: Storage) -> None:
    """First the index: without it the file is not taken for footage."""
    path = root / address.path
    storage.unlink(index_path(path))
    storage.unlink(path)
