"""The transparency log over the journal's records: tiles, and a checkpoint signed over them."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

import structlog

from bingjian.db.state import PRIVATE, write_private
from bingjian.durable import Storage
from bingjian.journal.errors import JournalBroken
from bingjian.journal.folder import CHECKPOINT, PRIVATE_KEY, PUBLIC_KEY
from bingjian.journal.record import checked
from bingjian.journal.records import Records
from bingjian.journal.tiles import Tiles
from bingjian.tlog import checkpoint as checkpoints
from bingjian.tlog.checkpoint import Checkpoint
from bingjian.tlog.edge import Edge
from bingjian.tlog.note import KEY_BYTES, Note, NoteBroken, Signature, Signer, Verifier
from bingjian.tlog.tile import TileBroken

ORIGIN_PREFIX = "bingjian/"
BATCH = 64 * 1024  # records taken into the tree at a time: some 60 MB
log = structlog.get_logger()


class Log:
    """Follows the records; whatever it has, it could compute again from them. Open it with ``Log.open``."""

    def __init__(self, folder: Path, storage: Storage, signer: Signer, edge: Edge, note: Note | None) -> None:
        self._folder = folder
        self._storage = storage
        self._signer = signer
        self._edge = edge
        self._writing = Lock()
        self.tiles = Tiles(folder, storage)
        self.note = note  # the signed checkpoint; None before the first

    @classmethod
    def open(cls, folder: Path, storage: Storage, records: Records, origin: str | None) -> "Log":
        """The log as the last checkpoint left it, brought up to the last record.

        Raises:
            JournalBroken: what was signed is no longer what the records say, or cannot be read.
            OSError.
        """
        signed = (folder / CHECKPOINT).exists()
        signer = signer_of(folder, origin, signed=signed)
        opened = cls(folder, storage, signer, Edge(), None)
        if signed:
            opened._recall(records)
            opened.tiles.drop_unsigned(opened.size)
        opened._catch_up(records)
        opened._say()
        return opened

    @property
    def size(self) -> int:
        """Entries that the checkpoint covers."""
        return self._edge.size

    @property
    def root(self) -> bytes:
        """The root that is signed."""
        return self._edge.root()

    @property
    def signed_at(self) -> datetime:
        """When the checkpoint was signed: the note does not say it, but its file does. Raises OSError."""
        return datetime.fromtimestamp((self._folder / CHECKPOINT).stat().st_mtime, UTC)

    @property
    def verifier(self) -> Verifier:
        return self._signer.verifier()

    def _recall(self, records: Records) -> None:
        head, self.note = opened_checkpoint(self._folder, [self.verifier])
        if head.size > records.count:
            raise JournalBroken(
                f"the journal has {records.count} entries, but {head.size} were signed: the last are missing"
            )
        try:
            edge = Edge.of(head.size, self.tiles.read)
            right = edge.root() == head.root
        except (JournalBroken, TileBroken, ValueError):
            right = False
        self._edge = edge if right else self._rebuilt(records, head)

    def _rebuilt(self, records: Records, head: Checkpoint) -> Edge:
        """All tiles written anew from the records, if these are still what was signed."""
        log.warning("journal_tiles_rebuilt", entries=head.size)
        edge = Edge()
        for first in range(0, head.size, BATCH):
            edge, tiles = edge.grown(commitments(records, first, min(first + BATCH, head.size)))
            self.tiles.write(tiles)
        if edge.root() != head.root:
            raise JournalBroken("the journal's entries are not those that its checkpoint was signed over")
        return edge

    def _catch_up(self, records: Records) -> None:
        for first in range(self.size, records.count, BATCH):
            self.publish(first, commitments(records, first, min(first + BATCH, records.count)))
        if self.note is None:
            self._sign(self._edge)

    def _say(self) -> None:
        path, text = self._folder / PUBLIC_KEY, f"{self.verifier}\n".encode()
        if not path.exists() or path.read_bytes() != text:
            write_private(path, text)

    def publish(self, first: int, entries: Sequence[bytes]) -> None:
        """Take the commitments of records ``first``… into the tree and sign a checkpoint over all.

        Those that are in it already are passed over, so it does not matter who comes first. Raises OSError.
        """
        with self._writing:
            edge, tiles = self._edge.grown(entries[self.size - first :])
            if not tiles:
                return
            self.tiles.write(tiles)
            self._sign(edge)
            self.tiles.drop_partial(tiles)

    def add(self, text: str, signature: Signature) -> None:
        """Put a witness's signature under the checkpoint, if it still has this text. Raises OSError."""
        with self._writing:
            note = self.note
            if note is None or note.text != text or signature in note.signatures:
                return
            more = Note(text, (*note.signatures, signature))
            self._storage.write_atomically(self._folder / CHECKPOINT, str(more).encode(), PRIVATE)
            self.note = more

    def _sign(self, edge: Edge) -> None:
        note = Checkpoint(self._signer.name, edge.size, edge.root()).signed(self._signer)
        self._storage.write_atomically(self._folder / CHECKPOINT, str(note).encode(), PRIVATE)
        self._edge, self.note = edge, note


def signer_of(folder: Path, origin: str | None, *, signed: bool) -> Signer:
    """The log's key, made at the first start under this origin, else under one by chance.

    Raises:
        JournalBroken: it cannot be read, or is missing though checkpoints were signed with it.
    """
    path = folder / PRIVATE_KEY
    if not path.exists():
        if signed:
            raise JournalBroken(f"the journal's key {path} is missing: put it back")
        fresh = Signer(origin or ORIGIN_PREFIX + secrets.token_hex(8), secrets.token_bytes(KEY_BYTES))
        write_private(path, f"{fresh.private_text()}\n".encode())
    try:
        signer = Signer.parse(path.read_text())
    except (NoteBroken, UnicodeDecodeError) as error:
        raise JournalBroken(f"the journal's key {path} cannot be read") from error
    if origin not in (None, signer.name):
        log.warning("journal_origin_stays", origin=signer.name, wished=origin)
    return signer


def opened_checkpoint(folder: Path, logs: Sequence[Verifier]) -> tuple[Checkpoint, Note]:
    """The checkpoint in the journal's directory. Raises JournalBroken."""
    try:
        return checkpoints.opened((folder / CHECKPOINT).read_bytes(), logs)
    except FileNotFoundError as error:
        raise JournalBroken("the journal has no checkpoint yet") from error
    except NoteBroken as error:
        raise JournalBroken(f"the journal's checkpoint was changed: {error}") from error


def commitments(records: Records, first: int, until: int) -> list[bytes]:
    """What the log holds of these records. Raises JournalBroken, OSError."""
    lines = records.lines(first, until)
    return [checked(line, number)[2] for number, line in enumerate(lines, start=first)]
