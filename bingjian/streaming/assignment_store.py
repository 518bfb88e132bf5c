"""The last assignment, kept in a file: a worker that starts while the web process is away records from it.

    magic (8 bytes) ‖ nonce (12) ‖ AES-256-GCM of the assignment in JSON, bound to magic and worker

What it holds opens cameras, so it is encrypted under a key that the supervisor hands over, and readable for
its owner alone. It is JSON as it came: reading it again goes through the same checks as hearing it.
"""

import asyncio
import os
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bingjian.durable import DISK, Storage
from bingjian.streaming.assignment import Assignment, AssignmentError, read_assignment

log = structlog.get_logger(__name__)

MAGIC = b"bjassgn\x01"
KEY_BYTES = 32
NONCE_BYTES = 12  # NIST SP 800-38D §8.2.2; random, far below 2^32 sealings under one key
MODE = 0o600
MAX_FILE_BYTES = 17 << 20  # an assignment has at most 16 MiB; what is longer is none of ours


class KeyUnusable(Exception):
    """The key for the kept assignment is not 32 bytes in base64; carries one plain sentence."""


class Told(Protocol):
    """An assignment of any process."""

    @property
    def epoch(self) -> int: ...


Kept = TypeVar("Kept", bound=Told)


class SealedAssignment(Generic[Kept]):
    """One process's file. Nothing here raises once it is made: without the file a worker works, too."""

    def __init__(
        self,
        path: Path,
        key: str,
        worker: str,
        storage: Storage,
        *,
        read: Callable[[bytes], Kept],
        refusals: type[Exception],
        limit: int,
    ) -> None:
        """
        Args:
            key: in base64.
            read: makes an assignment of what was kept; raises ``refusals``.
            limit: bytes of the file.

        Raises:
            KeyUnusable
        """
        self._path, self._limit = path, limit
        self._read, self._refusals = read, refusals
        self._cipher = AESGCM(_key(key))
        self._bound = MAGIC + worker.encode()
        self._storage = storage
        self._turn = asyncio.Lock()  # one write after the other
        self._epoch = -1  # of what the file holds, as far as we know

    async def load(self) -> Kept | None:
        """What was kept; None if there is nothing, or nothing that we sealed, which is said in the log."""
        assignment = await asyncio.to_thread(self._load)
        if assignment is not None:
            self._epoch = max(self._epoch, assignment.epoch)
        return assignment

    async def keep(self, body: bytes, epoch: int) -> bool:
        """Remember an assignment that has come into force, as it was received; one of an older epoch is
        passed over. False if the disk would not have it, which is said in the log.
        """
        async with self._turn:
            if epoch < self._epoch:
                return True
            try:
                await asyncio.to_thread(self._storage.write_atomically, self._path, self._seal(body), MODE)
            except OSError as error:
                log.error("assignment_not_kept", file=str(self._path), reason=error.strerror)
                return False
            self._epoch = epoch
            return True

    def _load(self) -> Kept | None:
        try:
            with open(self._path, "rb") as file:
                sealed = file.read(self._limit + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            self._refuse(f"it cannot be read: {error.strerror}")
            return None
        try:
            return self._read(self._open(sealed))
        except InvalidTag:
            self._refuse("it is damaged, or of another worker or key")
        except self._refusals as error:
            self._refuse(str(error))
        return None

    def _refuse(self, reason: str) -> None:
        log.warning("assignment_file_refused", file=str(self._path), reason=reason)

    def _seal(self, body: bytes) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return MAGIC + nonce + self._cipher.encrypt(nonce, body, self._bound)

    def _open(self, sealed: bytes) -> bytes:
        """Raises InvalidTag."""
        nonce, text = sealed[len(MAGIC) :][:NONCE_BYTES], sealed[len(MAGIC) + NONCE_BYTES :]
        if not sealed.startswith(MAGIC) or not text or len(sealed) > self._limit:
            raise InvalidTag
        return self._cipher.decrypt(nonce, text, self._bound)


class AssignmentStore(SealedAssignment[Assignment]):
    """Of a media worker."""

    def __init__(self, path: Path, key: str, worker: str, storage: Storage = DISK) -> None:
        """``key``: in base64. Raises KeyUnusable."""
        super().__init__(
            path, key, worker, storage, read=read_assignment, refusals=AssignmentError, limit=MAX_FILE_BYTES
        )


def _key(text: str) -> bytes:
    try:
        key = b64decode(text, validate=True)
    except (Base64Error, ValueError) as error:
        raise KeyUnusable("the key for the kept assignment is not base64") from error
    if len(key) != KEY_BYTES:
        raise KeyUnusable(f"the key for the kept assignment must have {KEY_BYTES} bytes")
    return key
