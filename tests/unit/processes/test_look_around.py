"""What a media worker looks for again and again."""

import asyncio
import json
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import pytest

from bingjian.processes import media
from bingjian.recording.held import HeldCopies
from bingjian.recording.volumes import Volumes

CAMERA, HOLD, SEGMENT = (UUID(int=number) for number in (1, 2, 3))


async def test_R27_5_copies_that_another_worker_made_are_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media, "LOOK_SECONDS", 0.001)
    volumes = Volumes([])
    volumes.held = HeldCopies(tmp_path)
    looking = asyncio.create_task(media.look_around(volumes))
    copy = {"name": f"x_{SEGMENT.hex}.mp4", "start_90k": 0, "end_90k": 9, "size_bytes": 1, "root": "00" * 32}
    said = {"format": 1, "hold": str(HOLD), "camera": str(CAMERA), "copies": [copy]}
    (tmp_path / str(HOLD)).mkdir()
    (tmp_path / str(HOLD) / "hold.json").write_text(json.dumps(said))
    async with asyncio.timeout(10):
        while not volumes.held.between(CAMERA, 0, 9):
            await asyncio.sleep(0.001)
    looking.cancel()
    with suppress(asyncio.CancelledError):
        await looking
    assert [one.segment for one in volumes.held.between(CAMERA, 0, 9)] == [SEGMENT]
