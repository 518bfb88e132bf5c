"""What volumes owe the journal is fetched, written down, and only then forgotten by the volume.

At least once: a web process that dies between the journal and the acknowledgement delivers again, under the
same key. Recording never waits for any of it.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import structlog

from bingjian.clock import instant_of
from bingjian.entries import (
    Entry,
    FindingMade,
    GapEnded,
    PackageHandedOver,
    SegmentClosed,
    SegmentRecovered,
    SegmentUnlinked,
)
from bingjian.inventory.errors import WorkerAway
from bingjian.inventory.workers import Worker, Workers, rfc3339
from bingjian.journal.append import Journal
from bingjian.journal.errors import JournalUnavailable
from bingjian.tasks import together

PAUSE_SECONDS = 5.0  # between looks at what is owed
log = structlog.get_logger()


class Deliveries:
    """Let ``run`` go on in a task, cancel the task to close it."""

    def __init__(self, workers: Workers, journal: Journal) -> None:
        self._workers = workers
        self._journal = journal

    async def run(self) -> None:
        while True:
            try:
                await self.round()
            except Exception:
                log.exception("bug", work="deliveries")
            await asyncio.sleep(PAUSE_SECONDS)

    async def round(self) -> None:
        """All that is owed now, volume by volume; a worker or journal that is away is asked again later."""
        for volume, worker in self._workers.holders().items():
            try:
                while await self._some(volume, worker):
                    pass
            except (WorkerAway, JournalUnavailable) as error:
                log.warning("delivery_postponed", volume=str(volume), error=type(error).__name__)

    async def _some(self, volume: UUID, worker: Worker) -> bool:
        """One answer's worth. False: nothing is owed."""
        path = f"/control/spool/{volume}"
        answer = await self._workers.ask(worker, "GET", path, params={"after": "0"})
        if answer.status_code != 200:
            raise WorkerAway
        items = answer.json()["items"]
        if not items:
            return False
        entries = [entry for item in items if (entry := entry_of(volume, item["body"])) is not None]
        await together(*(self._journal.append(entry) for entry in entries))
        done = await self._workers.ask(worker, "DELETE", path, params={"up_to": str(items[-1]["seq"])})
        if done.status_code != 204:
            raise WorkerAway
        return True


def entry_of(volume: UUID, body: Mapping[str, Any]) -> Entry | None:
    """As it stands in the journal; None for what a later version owes, or a damaged volume says."""
    make = MAKERS.get(str(body.get("kind")))
    try:
        return make(str(volume), body) if make is not None else None
    except (KeyError, TypeError, ValueError, OverflowError):
        log.warning("debt_not_understood", volume=str(volume), kind=str(body.get("kind")))
        return None


def _interval(body: Mapping[str, Any]) -> tuple[str, str]:
    return rfc3339(instant_of(int(body["start_90k"]))), rfc3339(instant_of(int(body["end_90k"])))


def _closed(actor: str, body: Mapping[str, Any]) -> Entry:
    where, rest = (body["camera"], body["segment"]), (body["root"], int(body["size_bytes"]))
    return SegmentClosed(actor, *where, *_interval(body), *rest)


def _gap(actor: str, body: Mapping[str, Any]) -> Entry:
    return GapEnded(actor, body["camera"], *_interval(body), body["cause"])


def _recovered(actor: str, body: Mapping[str, Any]) -> Entry:
    where, fetched = (body["camera"], body["segment"]), rfc3339(instant_of(int(body["fetched_90k"])))
    return SegmentRecovered(actor, *where, *_interval(body), body["device"], body["channel"], fetched)


def _unlinked(actor: str, body: Mapping[str, Any]) -> Entry:
    return SegmentUnlinked(actor, body["camera"], body["segment"])


def _finding(actor: str, body: Mapping[str, Any]) -> Entry:
    where = (body["camera"], body["segment"], body["finding"])
    return FindingMade(actor, *where, *_interval(body), body["detail"])


def _package(actor: str, body: Mapping[str, Any]) -> Entry:
    told = int(body["entry"]), int(body["file"]), int(body["size_bytes"]), body["sha256"]
    return PackageHandedOver(actor, body["camera"], *told)


MAKERS: dict[str, Callable[[str, Mapping[str, Any]], Entry]] = {
    "segment.closed": _closed,
    "segment.recovered": _recovered,
    "gap.ended": _gap,
    "segment.removed": _unlinked,
    "finding.made": _finding,
    "copy.package": _package,
}
