"""Masked renditions, as the web process sees them: the imaging process is told what to hide, and asked.

It is told whenever the media workers are told their cameras, and again after it was restarted.
"""

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
import structlog

from bingjian.clock import ticks_of
from bingjian.imaging.masks import Mask, Standing, told
from bingjian.inventory.errors import RenditionsAway, RenditionsFull
from bingjian.inventory.picture_masks import PictureMaskRow, PictureMasks
from bingjian.inventory.service import Cameras
from bingjian.inventory.workers import Changed, Revoked, Workers, in_seconds
from bingjian.trust import trusted

ANSWER_SECONDS = 5.0
POLL_SECONDS = 1.0  # between looks at what it knows
FULL = "masked_streams_full"
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class OwnMasks:
    """What a grant hides of its cameras beside their own masks."""

    cameras: tuple[UUID, ...]
    masks: tuple[Mask, ...]


Granted = Callable[[], Awaitable[Mapping[UUID, OwnMasks]]]  # by grant, those that still hold


@dataclass(frozen=True, slots=True)
class Knowledge:
    """How the imaging process is reached, and what it and the media workers have in common."""

    url: str  # http://host:port, for us
    credential: str = field(repr=False)
    epoch: int
    ticket_key: bytes = field(repr=False)
    origins: Sequence[str]


class Renditions:
    """The one client of the imaging process's masked side."""

    def __init__(
        self,
        knowledge: Knowledge,
        masks: PictureMasks,
        cameras: Cameras,
        workers: Workers,
        granted: Granted,
        revoked: Revoked,
        changed: Changed,
    ) -> None:
        self._knowledge = knowledge
        self._masks = masks
        self._cameras = cameras
        self._workers = workers
        self._granted = granted
        self._revoked = revoked
        self._changed = changed
        self._turn = asyncio.Lock()
        self._http = httpx.AsyncClient(
            base_url=knowledge.url,
            headers={"Authorization": f"Bearer {knowledge.credential}"},
            timeout=ANSWER_SECONDS,
            trust_env=False,
            verify=trusted(),
        )

    async def assign(self) -> None:
        """Tell it everything; one that is away is told when it is back."""
        async with self._turn:
            body = await self._assignment()
            try:
                answer = await self._http.put("/control/assignment", json=body)
                answer.raise_for_status()
            except httpx.HTTPError as error:
                log.warning("imaging_not_told", error=type(error).__name__)

    async def watch(self) -> None:
        """Look once a second, for ever, whether it was started anew and knows nothing."""
        while True:
            await asyncio.sleep(POLL_SECONDS)
            with suppress(httpx.HTTPError, ValueError, KeyError):
                state = (await self._http.get("/control/state")).json()
                if state["epoch"] != self._knowledge.epoch:
                    await self.assign()

    async def require_room(self, name: str) -> None:
        """Before anything is written down. Raises RenditionsFull, RenditionsAway."""
        try:
            answer = await self._http.get("/control/room", params={"name": name})
        except httpx.HTTPError as error:
            raise RenditionsAway from error
        if answer.status_code == 503:
            raise RenditionsFull(answer.json()["detail"])
        if answer.status_code != 204:
            raise RenditionsAway

    async def close(self) -> None:
        await self._http.aclose()

    async def _assignment(self) -> dict[str, Any]:
        ours, granted = await self._masks.ours(), await self._granted()
        shown = {*ours, *(camera for own in granted.values() for camera in own.cameras)}
        rows = await self._cameras.rows(sorted(shown))
        return {
            "epoch": self._knowledge.epoch,
            "ticket_key": base64.b64encode(self._knowledge.ticket_key).decode(),
            "origins": list(self._knowledge.origins),
            "cameras": {
                str(row.id): {
                    "url": self._workers.of(row).control_url,
                    "masks": [standing_out(one) for one in map(standing_of, ours.get(row.id, ()))],
                }
                for row in rows
            },
            "grants": {str(grant): told(own.masks) for grant, own in granted.items()},
            "revoked_grants": sorted(map(str, await self._revoked())),
            "closed_cameras": sorted(map(str, await self._workers.closed())),
            "changed_people": in_seconds(await self._changed()),
        }


def standing_of(row: PictureMaskRow) -> Standing:
    return Standing(row.mask, ticks_of(row.ended_at) if row.ended_at is not None else None)


def standing_out(one: Standing) -> dict[str, Any]:
    return {**told([one.mask])[0], "until_90k": one.until_90k}
