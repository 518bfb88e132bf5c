"""The key frames of an interval, from the worker that has the camera."""

import json
from dataclasses import dataclass, field
from datetime import datetime

from bingjian.inventory.errors import NothingThere, WorkerAway
from bingjian.inventory.models import CameraRow
from bingjian.inventory.workers import PICTURE_MAX, Workers, cause_in, rfc3339


@dataclass(frozen=True, slots=True)
class KeyFrame:
    """One key frame; its place in the list is that in the movies."""

    at_90k: int  # presentation time, UTC since 1970 in 1/90000 s
    clock_offset_ms: int  # the camera's clock minus ours
    steps: tuple[int, ...]  # of the interval that show it, from 0


@dataclass(frozen=True, slots=True)
class KeyFrames:
    """fMP4 of these key frames alone, in order."""

    movies: bytes = field(repr=False)
    frames: tuple[KeyFrame, ...]


async def key_frames(
    workers: Workers, camera: CameraRow, start: datetime, end: datetime, steps: int
) -> KeyFrames:
    """One for each of so many equal steps, where there is one. Raises WorkerAway, NothingThere."""
    path = f"/control/cameras/{camera.id}/key-frames"
    params = {"start": rfc3339(start), "end": rfc3339(end), "steps": str(steps)}
    answer = await workers.ask(workers.of(camera), "GET", path, params=params)
    if answer.status_code == 404:
        raise NothingThere(cause_in(answer))
    if answer.status_code != 200 or len(answer.content) > PICTURE_MAX:
        raise WorkerAway
    frames = json.loads(answer.headers["X-Key-Frames"])
    return KeyFrames(answer.content, tuple(KeyFrame(at, offset, tuple(of)) for at, offset, of in frames))
