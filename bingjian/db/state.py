"""The state directory: held by one process at a time, its secret files for the owner's eyes only."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bingjian.durable import DISK

LOCK_NAME = "state.lock"
KEY_BYTES = 32
PRIVATE = 0o600
PRIVATE_DIRECTORY = 0o700


class StateInUse(Exception):
    """Another process has the state directory; carries one plain sentence."""


@contextmanager
def state_lock(run_dir: Path, name: str = LOCK_NAME) -> Iterator[None]:
    """Hold the state directory. The kernel lets go when the process ends, however it ends.

    Raises:
        StateInUse: somebody else holds it.
        OSError: the directory cannot be written.
    """
    run_dir.mkdir(parents=True, exist_ok=True, mode=PRIVATE_DIRECTORY)
    handle = os.open(run_dir / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StateInUse(f"Bingjian is already running with {run_dir.parent}") from error
        yield
    finally:
        os.close(handle)


def key_file(path: Path) -> bytes:
    """A random key of ``KEY_BYTES``, made at the first start and the same ever after."""
    if not path.exists():
        write_private(path, secrets.token_bytes(KEY_BYTES))
    return path.read_bytes()


def token_file(path: Path) -> str:
    """A random token as text, made at the first start: the form that Prometheus reads a bearer token in."""
    if not path.exists():
        write_private(path, secrets.token_urlsafe(KEY_BYTES).encode())
    return path.read_text().strip()


def write_private(path: Path, data: bytes) -> None:
    """Put a file in place whole and durable, readable by its owner alone from its first moment."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=PRIVATE_DIRECTORY)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, PRIVATE)
    try:
        os.fchmod(handle, PRIVATE)
        DISK.write_at(handle, [data], 0)
        DISK.sync_file(handle)
    finally:
        os.close(handle)
    draft.replace(path)
    DISK.sync_directory(path.parent)
