"""Which volume belongs at which path, remembered outside the volume.

A volume says who it is, and how often it has been opened (its *generation*). This file says what was there
last time. If the two disagree, the directory holds another volume, or an old copy of the right one: neither
may be recorded to, for then two truths would go on growing.
"""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

from bingjian.durable import DISK, Storage


class UnknownVolume(Exception):
    """The volume at a path is not the one that was there; carries one plain sentence."""


class _Known(NamedTuple):
    """What was seen at a path last."""

    id: UUID
    generation: int


class KnownVolumes:
    """The file, shared by all workers of a machine. Raises OSError."""

    def __init__(self, file: Path, storage: Storage = DISK) -> None:
        self._file = file
        self._storage = storage

    def require(self, path: Path, id: UUID, generation: int) -> None:
        """Raises UnknownVolume unless this is the volume last seen there, or none was."""
        known = self._read().get(str(path.absolute()))
        if known is None:
            return
        if known.id != id:
            raise UnknownVolume(
                f"{path} holds volume {id}, but volume {known.id} was there before; if that is meant, run"
                f" `bingjian volume accept {path}`"
            )
        if generation < known.generation:
            raise UnknownVolume(
                f"{path} holds an old copy of volume {id}; mount the right one, or run"
                f" `bingjian volume accept {path}` if the newer one is lost"
            )

    def note(self, path: Path, id: UUID, generation: int) -> None:
        """It was opened."""
        with self._locked():
            known = self._read()
            known[str(path.absolute())] = _Known(id, generation)
            self._write(known)

    def forget(self, path: Path) -> bool:
        """Whatever is there next is right. False: nothing was known of this path."""
        with self._locked():
            known = self._read()
            found = known.pop(str(path.absolute()), None)
            if found is not None:
                self._write(known)
            return found is not None

    def _read(self) -> dict[str, _Known]:
        try:
            said = json.loads(self._file.read_bytes())
            return {path: _Known(UUID(one["id"]), int(one["generation"])) for path, one in said.items()}
        except FileNotFoundError:
            return {}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            sentence = f"{self._file} is damaged; move it away if all volumes are in place"
            raise UnknownVolume(sentence) from error

    def _write(self, known: dict[str, _Known]) -> None:
        said = {path: {"id": str(one.id), "generation": one.generation} for path, one in known.items()}
        self._storage.write_atomically(self._file, json.dumps(said, indent=2).encode() + b"\n")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One process at a time changes the file."""
        with self._file.with_name(f"{self._file.name}.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
