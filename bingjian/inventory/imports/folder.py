"""Where an import's files lie, and how they are written and read."""

import asyncio
import hashlib
import json
import shutil
import sys
from collections.abc import AsyncIterable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from bingjian.durable import DISK
from bingjian.inventory.errors import SheetNotReadable
from bingjian.inventory.imports.sheet import Extract

SOURCE, CELLS, GOOD, BAD = "source", "cells.jsonl", "good.jsonl", "bad.jsonl"
READ_MAX_S = 150  # a little more than the reader gives itself
PRIVATE = 0o700


class Folder:
    """Of one import: ``source`` as uploaded, ``cells`` as read, ``good`` and ``bad`` rows as judged."""

    def __init__(self, root: Path, identity: UUID) -> None:
        self.path = root / str(identity)

    def __truediv__(self, name: str) -> Path:
        return self.path / name

    async def receive(self, chunks: AsyncIterable[bytes]) -> tuple[int, str]:
        """Keep what is uploaded, durable; its size in bytes and SHA-256."""
        self.path.mkdir(parents=True, mode=PRIVATE)
        digest, size = hashlib.sha256(), 0
        with (self / SOURCE).open("xb") as file:
            async for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                await asyncio.to_thread(file.write, chunk)
            file.flush()
            await asyncio.to_thread(DISK.sync_file, file.fileno())
        await asyncio.to_thread(DISK.sync_directory, self.path)
        return size, digest.hexdigest()

    async def extract(self, sheet: str) -> Extract:
        """Read the source in a process of its own. Raises SheetNotReadable."""
        reader = "bingjian.inventory.imports.sheet"
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", reader, str(self / SOURCE), str(self / CELLS), sheet),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            said, _ = await asyncio.wait_for(process.communicate(), READ_MAX_S)
            found = json.loads(said)
        except (TimeoutError, ValueError) as error:
            raise SheetNotReadable("文件无法读取", "the file cannot be read") from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if "en" in found:
            raise SheetNotReadable(found["zh"], found["en"])
        return Extract(**found)

    def head(self, rows: int) -> list[list[Any]]:
        """The first rows as they were read."""
        with (self / CELLS).open(encoding="utf-8") as file:
            return [json.loads(line) for line, _ in zip(file, range(rows), strict=False)]

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)


def lines_together(path: Path, count: int) -> Iterator[list[str]]:
    """A file's lines, so many at a time."""
    with path.open(encoding="utf-8") as file:
        some: list[str] = []
        for line in file:
            some.append(line)
            if len(some) == count:
                yield some
                some = []
        if some:
            yield some


def lines_from(path: Path, offset: int, limit: int) -> tuple[list[dict[str, Any]], int | None]:
    """Up to ``limit`` lines from a byte on, and where to go on (None: at the end)."""
    if not path.exists():
        return [], None
    with path.open("rb") as file:
        file.seek(offset)
        found = [json.loads(line) for line, _ in zip(iter(file.readline, b""), range(limit), strict=False)]
        at = file.tell()
        return found, at if file.read(1) else None
