"""A witness: what it signed last for each log, and what it refused, in a directory of its own.

``<hash of the origin>/checkpoint`` is the last checkpoint that it signed; ``evidence/`` holds, for each that
it refused though the log had signed it, that one and the one it does not go with.
"""

import secrets
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from threading import Lock

import structlog

from bingjian.clock import Clock
from bingjian.db.state import PRIVATE, PRIVATE_DIRECTORY, write_private
from bingjian.durable import DISK
from bingjian.journal.errors import JournalBroken
from bingjian.tlog.checkpoint import Checkpoint
from bingjian.tlog.cosignature import cosign
from bingjian.tlog.note import COSIGNATURE, KEY_BYTES, Note, NoteBroken, Signer, Verifier, parse
from bingjian.tlog.witness import NotWitnessed, Request, judged, origin_of

KEY, CHECKPOINT, EVIDENCE = "witness.key", "checkpoint", "evidence"
EVIDENCE_MAX = 1000  # files; only a log that signs against itself makes one, and one would do
NS = 10**9
log = structlog.get_logger()


class Witness:
    """Whoever has its directory is the witness; one process at a time."""

    def __init__(self, folder: Path, signer: Signer, logs: Iterable[Verifier], clock: Clock) -> None:
        self._folder = folder
        self._signer = signer
        self._logs = {one.name: one for one in logs}
        self._clock = clock
        self._turn = Lock()  # between looking at the last size and saving the next, nobody else may

    @classmethod
    def open(cls, folder: Path, name: str | None, logs: Iterable[Verifier], clock: Clock) -> "Witness":
        """The witness of this directory, made at its first start.

        Raises:
            JournalBroken: its key cannot be read.
            OSError.
        """
        folder.mkdir(PRIVATE_DIRECTORY, parents=True, exist_ok=True)
        path = folder / KEY
        try:
            if not path.exists():
                fresh = Signer(name or f"witness/{secrets.token_hex(8)}", secrets.token_bytes(KEY_BYTES))
                write_private(path, f"{fresh.private_text()}\n".encode())
            return cls(folder, Signer.parse(path.read_text()), logs, clock)
        except (NoteBroken, UnicodeDecodeError) as error:
            raise JournalBroken(f"the witness's key {path} cannot be read or made") from error

    @property
    def verifier(self) -> Verifier:
        """What its cosignatures are checked with."""
        return self._signer.verifier(COSIGNATURE)

    def add_checkpoint(self, body: bytes) -> str:
        """The cosignature's line; the checkpoint is durable as the last one before it is returned.

        Raises:
            NotWitnessed: the answer to give instead.
            OSError: it could not be saved, so it was not signed.
        """
        request = Request.parse(body)
        with self._turn:
            last = self._last(origin_of(request))
            try:
                head, note = judged(request, self._logs, Checkpoint.of_text(last.text) if last else None)
            except NotWitnessed as error:
                if error.misled and last is not None:
                    self._keep(last, request.checkpoint)
                raise
            mine = cosign(head.text, self._clock.utc_ns() // NS, self._signer)
            self._save(head.origin, Note(note.text, (*note.signatures, mine)))
            return mine.line

    def checkpoint(self, origin_hash: str) -> str | None:
        """The last checkpoint signed for the log whose origin has this hash, for monitors. Raises OSError."""
        known = {_hash(origin): origin for origin in self._logs}
        last = self._last(known[origin_hash]) if origin_hash in known else None
        return str(last) if last else None

    def _last(self, origin: str) -> Note | None:
        try:
            return parse((self._folder / _hash(origin) / CHECKPOINT).read_bytes())
        except FileNotFoundError:
            return None
        except NoteBroken as error:  # to begin anew would be to forget what was signed
            raise OSError(f"what was signed last for {origin} cannot be read") from error

    def _save(self, origin: str, note: Note) -> None:
        folder = self._folder / _hash(origin)
        if not folder.exists():
            folder.mkdir(PRIVATE_DIRECTORY)
            DISK.sync_directory(self._folder)
        DISK.write_atomically(folder / CHECKPOINT, str(note).encode(), PRIVATE)

    def _keep(self, last: Note, refused: str) -> None:
        """Both checkpoints, each as its log signed it."""
        log.error("witness_refused", log=last.text.split("\n")[0])
        folder = self._folder / EVIDENCE
        folder.mkdir(PRIVATE_DIRECTORY, exist_ok=True)
        name = sha256(f"{last.text}{refused}".encode()).hexdigest()[:32]
        if (folder / f"{name}.refused").exists() or len(list(folder.iterdir())) >= EVIDENCE_MAX:
            return
        write_private(folder / f"{name}.signed", str(last).encode())
        write_private(folder / f"{name}.refused", refused.encode())


def _hash(origin: str) -> str:
    return sha256(origin.encode()).hexdigest()
