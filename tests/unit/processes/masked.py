"""What the tests of masked renditions share: imaging's views over a worker that really serves, and pixels."""

import asyncio
import io
import json
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import av
import httpx
import numpy as np
from numpy.typing import NDArray

from bingjian.clock import Clock
from bingjian.imaging.cover import GREY
from bingjian.imaging.masks import Mask, digest_of, told
from bingjian.processes.imaging import ImagingConfig, MaskedViews
from bingjian.streaming.http import Request
from bingjian.streaming.ticket import Kind, Ticket, sign
from tests.unit.imaging.test_masks import WINDOW

KEY = b"k" * 32
CAMERA = UUID("00000000-0000-4000-8000-000000000001")
MASK = Mask(WINDOW)
REPORTS = "/control/reports"
HEARD: list[dict[str, Any]] = []  # packages that the web process was told of
CODING = 6  # of 256 levels: what an encoder makes of a constant


@asynccontextmanager
async def views_over(
    worker: str, clock: Clock, *, hears: bool = True, **more: Any
) -> AsyncIterator[MaskedViews]:
    """The masked side of the imaging process; ``more`` of its configuration. ``hears``: so does the web."""
    config = ImagingConfig.model_validate({"port": 1, "credential": "c" * 32, **more})
    masked = MaskedViews(config, clock)
    await masked.server.start("127.0.0.1", 0)
    masked.views.assign(assignment(worker))
    HEARD.clear()
    hearing = asyncio.create_task(hear(masked) if hears else asyncio.sleep(0))
    try:
        yield masked
    finally:
        hearing.cancel()
        await masked.close()


async def hear(masked: MaskedViews) -> None:
    """As the web process does: whatever is told has become durable."""
    while True:
        told = json.loads((await masked.control(Request("GET", REPORTS, {}, {}))).body)
        body = {"continued": [], "ended": [], "dismissed": []}
        body |= {"noted": max((note["number"] for note in told["notes"]), default=0)}
        HEARD.extend(note for note in told["notes"] if note["kind"] == "package")
        await masked.control(Request("POST", REPORTS, {}, {}, json.dumps(body).encode()))
        await asyncio.sleep(0.02)


def assignment(worker: str, masks: tuple[Mask, ...] = (MASK,), **more: Any) -> bytes:
    cameras = {str(CAMERA): {"url": worker, "masks": [{**one, "until_90k": None} for one in told(masks)]}}
    body = {"epoch": 1, "ticket_key": b64encode(KEY).decode(), "origins": [], "cameras": cameras}
    return json.dumps(body | more).encode()


def ticket(
    kind: Kind,
    clock: Clock,
    start_90k: int = 0,
    end_90k: int = 0,
    person: str = "p",
    entry: int = 1,
    **more: Any,
) -> str:
    now = clock.utc_ns() // 10**9
    fields: dict[str, Any] = {"masks": digest_of([MASK]), **more}
    return sign(
        Ticket(kind, str(CAMERA), "main", start_90k, end_90k, person, entry, now + 60, now + 3600, **fields),
        KEY,
    )


def client_of(masked: MaskedViews) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{masked.server.port}", trust_env=False, timeout=30)


def pictures_in(movie: bytes, form: str = "mp4") -> list[NDArray[np.uint8]]:
    """All pictures that a decoder finds, as luma."""
    with av.open(io.BytesIO(movie), format=form) as container:
        return [
            frame.to_ndarray(format="yuv420p")[: frame.height].astype(np.uint8)
            for frame in container.decode(video=0)
        ]


def inside(picture: NDArray[np.uint8], mask: Mask = MASK) -> NDArray[np.uint8]:
    """Its pixels within a mask that is a rectangle along the sides."""
    height, width = picture.shape
    xs, ys = zip(*mask.polygon, strict=True)
    top, bottom = round(min(ys) * height), round(max(ys) * height)
    return picture[top:bottom, round(min(xs) * width) : round(max(xs) * width)]


def is_covered(picture: NDArray[np.uint8]) -> bool:
    """The inside of the mask is one grey, up to what coding does to it; the rest is a picture."""
    covered = inside(picture).astype(int)
    return bool(np.abs(covered - GREY[0]).max() <= CODING and picture.std() > CODING)
