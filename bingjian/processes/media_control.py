"""What the web process asks of a media worker about its footage: sums, lists, copies, removals, debts.

All of it touches disks, so it runs in threads of its own; a copy of hours of footage holds up nothing.
"""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from bingjian.clock import TICKS_PER_SECOND
from bingjian.entries import RemovalReceipt
from bingjian.processes.media_requests import instant_in, number_in, require, ticks_in, unknown, uuid_in
from bingjian.recording import holds, presence, reader, removal
from bingjian.recording.audit import Progress, progress
from bingjian.recording.catalogue import CatalogueError, debts
from bingjian.recording.findings_table import FindingRow, findings_after
from bingjian.recording.volume import Volume
from bingjian.streaming.http import HttpProblem, Request, Response, json_response
from bingjian.streaming.hub import Hub, rfc3339

THREADS = 2
COPY_PATIENCE_S = 20.0  # an answer takes 30 s at most; a copy of hours of footage is asked for again
MAX_LISTED = 1000  # segments or debts in one answer
MAX_DAYS = 400  # of one sum; longer questions are a mistake

T = TypeVar("T")
HoldWish = tuple[UUID, UUID, tuple[int, int]]  # hold, camera, interval in 1/90000 s


class FootageControl:
    """The routes below ``/control`` that concern what is stored. Belongs to the event loop."""

    def __init__(self, hub: Hub, holds_area: Path | None, audit_period_s: float) -> None:
        self._hub = hub
        self._audit_period_s = audit_period_s
        self._holds_area = holds_area
        self._threads = ThreadPoolExecutor(THREADS, "control")
        self._copying = ThreadPoolExecutor(1, "holds")
        self._copies: dict[HoldWish, asyncio.Task[holds.Copied]] = {}  # under way, or not yet asked for

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._copying.shutdown(wait=False, cancel_futures=True)

    async def handle(self, request: Request, parts: list[str]) -> Response:
        """``parts``: the path behind ``/control/``. Raises HttpProblem."""
        match parts:
            case ["completeness"]:
                require(request, "GET", "HEAD")
                return await self._completeness(request)
            case ["footage"]:
                require(request, "GET", "HEAD")
                return await self._footage(request)
            case ["removals"]:
                require(request, "POST")
                return await self._remove(request)
            case ["holds"]:
                require(request, "POST")
                return await self._hold(request)
            case ["spool", volume]:
                require(request, "GET", "DELETE")
                return await self._spool(request, self._volume(uuid_in(volume)))
            case ["findings", volume]:
                require(request, "GET", "HEAD")
                return await self._findings(self._volume(uuid_in(volume)))
            case _:
                raise unknown()

    # --- Asking

    async def _completeness(self, request: Request) -> Response:
        start_90k, end_90k = instant_in(request, "start"), instant_in(request, "end")
        if not 0 <= end_90k - start_90k <= MAX_DAYS * 86_400 * TICKS_PER_SECOND:
            raise HttpProblem(400, "bad_interval", f"an interval has 0 to {MAX_DAYS} days")
        outage_90k = number_in(request, "outage_ms", 0, 86_400_000) * TICKS_PER_SECOND // 1000
        cameras = self._cameras_in(request)
        sums = await self._in_thread(
            lambda: {
                str(camera): presence.completeness(self._hub.volumes, camera, start_90k, end_90k, outage_90k)
                for camera in cameras()
            }
        )
        return json_response({"cameras": {camera: _summed(one) for camera, one in sums.items()}})

    def _cameras_in(self, request: Request) -> Callable[[], Iterable[UUID]]:
        """One camera, ``cameras=all`` that have footage here, or those assigned. What is given back may
        block.
        """
        only, which = request.query.get("camera"), request.query.get("cameras", "assigned")
        if which not in ("assigned", "all"):
            raise HttpProblem(400, "bad_cameras", "'cameras' must be 'assigned' or 'all'")
        if only:
            return partial(iter, [uuid_in(only)])
        if which == "all":
            return partial(reader.cameras, self._hub.volumes)
        return partial(iter, list(self._hub.cameras))

    async def _footage(self, request: Request) -> Response:
        camera, before_90k = uuid_in(request.query.get("camera", "")), instant_in(request, "before")
        after_90k = instant_in(request, "after") if "after" in request.query else 0
        limit, growing = number_in(request, "limit", 1, MAX_LISTED), request.query.get("growing") == "1"
        found = await self._in_thread(
            lambda: reader.stored(self._hub.volumes, camera, after_90k, before_90k, limit, growing=growing)
        )
        return json_response({"segments": [_listed(one) for one in found]})

    async def _findings(self, volume: Volume) -> Response:
        found, audit = await self._in_thread(lambda: _audited(volume, self._audit_period_s))
        return json_response({"findings": [_finding(volume, row) for row in found], "audit": _told(audit)})

    # --- Removing and keeping

    async def _remove(self, request: Request) -> Response:
        assignment = self._hub.assignment
        if assignment is None or assignment.receipt_key is None:
            raise HttpProblem(503, "no_receipt_key", "this worker does not know whose receipts to believe")
        key = assignment.receipt_key
        receipts = _receipts(request.body)
        removed: list[str] = []
        refused: list[removal.Refused] = []
        for volume, some in self._by_volume(receipts):
            if volume is None:
                refused += [removal.Refused(one.segment, "that volume is not here") for one in some]
                continue
            outcome = await self._in_thread(partial(_removed, volume, some, key))
            removed += outcome.removed
            refused += outcome.refused
        return json_response({"removed": removed, "refused": [one._asdict() for one in refused]})

    def _by_volume(self, receipts: list[RemovalReceipt]) -> list[tuple[Volume | None, list[RemovalReceipt]]]:
        by_id = {str(volume.id): volume for volume in self._hub.volumes}
        names = dict.fromkeys(receipt.volume for receipt in receipts)
        return [(by_id.get(name), [one for one in receipts if one.volume == name]) for name in names]

    async def _hold(self, request: Request) -> Response:
        if self._holds_area is None:
            raise HttpProblem(503, "no_holds_area", "this worker has no place for copies of held footage")
        wish = _hold_in(request.body)
        copying = self._copies.get(wish)
        if copying is None:
            copying = self._copies[wish] = asyncio.create_task(self._copy(self._holds_area, wish))
        await asyncio.wait([copying], timeout=COPY_PATIENCE_S)
        if not copying.done():
            raise HttpProblem(503, "still_copying", "the copy is being made; ask again")
        del self._copies[wish]
        copied = copying.result()
        return json_response(
            {
                "hold": str(wish[0]),
                "segments": copied.segments,
                "bytes": copied.size_bytes,
                "sha256": copied.sha256,
                "missing": [
                    {"start": rfc3339(one.start_90k), "end": rfc3339(one.end_90k), "cause": one.cause}
                    for one in copied.missing
                ],
            }
        )

    async def _copy(self, area: Path, wish: HoldWish) -> holds.Copied:
        storage = next(iter(self._hub.volumes)).storage
        copied = await self._run(self._copying, lambda: holds.copy(self._hub.volumes, area, *wish, storage))
        await self._run(self._copying, self._hub.volumes.held.refresh)
        return copied

    # --- What is owed to the journal

    async def _spool(self, request: Request, volume: Volume) -> Response:
        if request.method == "DELETE":
            up_to = number_in(request, "up_to", 0, 2**63 - 1)
            await self._in_thread(lambda: _settle(volume, up_to))
            return Response(204)
        after = number_in(request, "after", 0, 2**63 - 1)
        owed = await self._in_thread(lambda: _owed(volume, after))
        return json_response({"items": [{"seq": one.seq, "key": one.key, "body": one.body} for one in owed]})

    def _volume(self, id: UUID) -> Volume:
        volume = self._hub.volumes.get(id)
        if volume is None:
            raise unknown()
        return volume

    # --- Threads

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await self._run(self._threads, work)

    async def _run(self, threads: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        """What the disk does becomes one sentence."""
        try:
            return await asyncio.get_running_loop().run_in_executor(threads, work)
        except (OSError, sqlite3.Error, CatalogueError, reader.ReadError) as error:
            raise HttpProblem(503, "volume_failing", f"the disk does not play along: {error}") from error


def _removed(volume: Volume, receipts: list[RemovalReceipt], key: bytes) -> removal.Outcome:
    catalogue = volume.own_catalogue()
    try:
        return removal.remove(volume.path, volume.id, catalogue, volume.storage, receipts, key)
    finally:
        catalogue.close()


def _settle(volume: Volume, up_to: int) -> None:
    catalogue = volume.own_catalogue()
    try:
        with catalogue.transaction():
            catalogue.settle_debts(up_to)
    finally:
        catalogue.close()


def _owed(volume: Volume, after: int) -> list[Any]:
    with volume.reading() as rows:
        return debts(rows, after, MAX_LISTED)


def _audited(volume: Volume, period_s: float) -> tuple[list[FindingRow], Progress]:
    with volume.reading() as rows:
        return findings_after(rows, MAX_LISTED), progress(rows, period_s)


def _finding(volume: Volume, row: FindingRow) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "volume": str(volume.id),
        "camera": str(row.finding.camera),
        "segment": str(row.finding.segment),
        "kind": row.finding.kind.value,
        "start": rfc3339(row.finding.start_90k),
        "end": rfc3339(row.finding.end_90k),
        "found_at": rfc3339(row.found_at_90k),
        "detail": row.finding.detail,
    }


def _told(audit: Progress) -> dict[str, Any]:
    last_90k = audit.last_round_at_90k
    return {
        "period_days": audit.period_s / 86_400,
        "covered_bytes": audit.covered_bytes,
        "total_bytes": audit.total_bytes,
        "last_round_at": rfc3339(last_90k) if last_90k is not None else None,
    }


def _summed(one: presence.Completeness) -> dict[str, Any]:
    missing = {
        cause.value if cause else "unknown": ticks / TICKS_PER_SECOND
        for cause, ticks in one.missing_90k.items()
    }
    return {
        "present_s": one.present_90k / TICKS_PER_SECOND,
        "recovered_s": one.recovered_90k / TICKS_PER_SECOND,
        "missing": missing,
        "outages": one.outages,
    }


def _listed(one: reader.Segment) -> dict[str, Any]:
    return {
        "volume": str(one.volume),
        "camera": str(one.camera),
        "segment": str(one.id),
        "start_90k": one.start_90k,
        "end_90k": one.end_90k,
        "size_bytes": one.size_bytes,
        "root": (one.root or b"").hex(),
    }


def _receipts(body: bytes) -> list[RemovalReceipt]:
    """Raises HttpProblem 400."""
    try:
        given = json.loads(body)["receipts"]
        receipts = [RemovalReceipt(**one) for one in given]
        if not all(isinstance(value, str) for one in given for value in one.values()):
            raise TypeError
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise HttpProblem(400, "bad_receipts", "these are no removal receipts") from error
    return receipts


def _hold_in(body: bytes) -> HoldWish:
    """Raises HttpProblem 400."""
    try:
        given = json.loads(body)
        interval = ticks_in(given["start"]), ticks_in(given["end"])
        if interval[1] <= interval[0]:
            raise ValueError
        return UUID(given["hold"]), UUID(given["camera"]), interval
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise HttpProblem(400, "bad_hold", "a hold has an id, a camera, a start and an end") from error
