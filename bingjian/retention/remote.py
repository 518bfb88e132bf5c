"""What retention asks of media workers: which footage is old, to remove it, to copy what is held."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from bingjian.clock import instant_of
from bingjian.entries import RemovalReceipt
from bingjian.inventory.errors import WorkerAway
from bingjian.inventory.models import Place
from bingjian.inventory.workers import Workers, placed, rfc3339

COPY_SECONDS = 3600.0  # a hold of hours is tens of GB; the worker goes on where it was when asked again


@dataclass(frozen=True, slots=True)
class Stored:
    """A closed segment on a worker's volume."""

    volume: UUID
    segment: UUID
    start_90k: int
    end_90k: int
    root: str  # hexadecimal


@dataclass(frozen=True, slots=True)
class Removed:
    """What became of an order to remove."""

    removed: frozenset[UUID]
    refused: Mapping[UUID, str]  # and why


@dataclass(frozen=True, slots=True)
class Copied:
    """What a hold's copy holds."""

    segments: int
    size_bytes: int
    sha256: str
    missing: list[dict[str, str]]  # start, end, cause


class Stores(Protocol):
    """Where footage is. Every method raises WorkerAway: not answering, or with something unexpected."""

    async def footage(self, place: Place, after_90k: int, before: datetime, limit: int) -> list[Stored]:
        """Closed segments that began at or after one instant and ended at or before another, oldest first."""

    async def oldest(self, place: Place, now: datetime) -> datetime | None:
        """The start of the oldest footage, also of what is being written; None: there is none."""

    async def remove(self, place: Place, receipts: Sequence[RemovalReceipt]) -> Removed:
        """Remove what the receipts name; again and again to the same end."""

    async def hold(self, place: Place, hold: UUID, start: datetime, end: datetime) -> Copied:
        """Copy an interval to the holds area, or complete and read again the copy that is there."""


class WorkerStores:
    """The media workers, over their control interface."""

    def __init__(self, workers: Workers) -> None:
        self._workers = workers

    async def footage(self, place: Place, after_90k: int, before: datetime, limit: int) -> list[Stored]:
        found = await self._listed(place, after_90k, before, limit=str(limit))
        return [one for one in found if one.start_90k >= after_90k]

    async def oldest(self, place: Place, now: datetime) -> datetime | None:
        found = await self._listed(place, 0, now, limit="1", growing="1")
        return instant_of(found[0].start_90k) if found else None

    async def _listed(self, place: Place, after_90k: int, before: datetime, **more: str) -> list[Stored]:
        after = rfc3339(instant_of(after_90k))
        params = {"camera": str(place.camera), "after": after, "before": rfc3339(before), **more}
        answer = await self._ask(place, "GET", "/control/footage", params=params)
        try:
            return [stored_of(one) for one in answer["segments"]]
        except (KeyError, TypeError, ValueError) as error:
            raise WorkerAway from error

    async def remove(self, place: Place, receipts: Sequence[RemovalReceipt]) -> Removed:
        body = {"receipts": [asdict(receipt) for receipt in receipts]}
        answer = await self._ask(place, "POST", "/control/removals", json=body)
        try:
            removed = frozenset(map(UUID, answer["removed"]))
            return Removed(removed, {UUID(one["segment"]): str(one["reason"]) for one in answer["refused"]})
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise WorkerAway from error

    async def hold(self, place: Place, hold: UUID, start: datetime, end: datetime) -> Copied:
        body = {"hold": str(hold), "camera": str(place.camera), "start": rfc3339(start), "end": rfc3339(end)}
        answer = await self._ask(place, "POST", "/control/holds", json=body, timeout=COPY_SECONDS)
        try:
            missing = [
                {name: str(one[name]) for name in ("start", "end", "cause")} for one in answer["missing"]
            ]
            return Copied(int(answer["segments"]), int(answer["bytes"]), str(answer["sha256"]), missing)
        except (KeyError, TypeError, ValueError) as error:
            raise WorkerAway from error

    async def _ask(self, place: Place, method: str, path: str, **more: Any) -> Any:
        workers = {worker.name: worker for worker in self._workers.all()}
        worker = workers[placed(place.camera, place.worker, workers)]
        answer = await self._workers.ask(worker, method, path, **more)
        if answer.status_code != 200:
            raise WorkerAway
        try:
            return answer.json()
        except ValueError as error:
            raise WorkerAway from error


def stored_of(one: dict[str, Any]) -> Stored:
    """Raises KeyError, TypeError, ValueError."""
    volume, segment = UUID(one["volume"]), UUID(one["segment"])
    return Stored(volume, segment, int(one["start_90k"]), int(one["end_90k"]), str(one["root"]))
