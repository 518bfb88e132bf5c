"""Footage as retention sees it: a shelf that removes nothing without a valid receipt in the journal."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bingjian.clock import instant_of, ticks_of
from bingjian.entries import RemovalReceipt, receipt_payload
from bingjian.inventory.errors import WorkerAway
from bingjian.inventory.models import Place
from bingjian.journal.append import Journal
from bingjian.retention.remote import Copied, Removed, Stored
from bingjian.streaming.http import HttpProblem, Request, Response, json_response
from tests.worker import CREDENTIAL, SpokenWorker

VOLUME = UUID(int=99)


@dataclass
class Shelf:
    """In memory; ``remove`` checks what a worker checks, and that the receipt was durable before it came."""

    public_key: bytes
    journal: Journal
    footage_of: dict[UUID, list[Stored]] = field(default_factory=dict)
    removed: dict[UUID, RemovalReceipt] = field(default_factory=dict)
    copies: list[UUID] = field(default_factory=list)
    missing: list[dict[str, str]] = field(default_factory=list)
    refuses: str = ""  # says so of everything
    away: bool = False
    asked: int = 0  # how often for footage

    def put(self, camera: UUID, start: datetime, end: datetime) -> Stored:
        segment = uuid4()
        root = hashlib.sha256(segment.bytes).hexdigest()
        one = Stored(VOLUME, segment, ticks_of(start), ticks_of(end), root)
        self.footage_of.setdefault(camera, []).append(one)
        return one

    def there(self, camera: UUID) -> list[Stored]:
        return [one for one in self.footage_of.get(camera, []) if one.segment not in self.removed]

    async def footage(self, place: Place, after_90k: int, before: datetime, limit: int) -> list[Stored]:
        self._require_here()
        self.asked += 1
        found = [
            one
            for one in self.there(place.camera)
            if one.start_90k >= after_90k and one.end_90k <= ticks_of(before)
        ]
        return sorted(found, key=lambda one: one.start_90k)[:limit]

    async def oldest(self, place: Place, now: datetime) -> datetime | None:
        found = await self.footage(place, 0, now, 1)
        return instant_of(found[0].start_90k) if found else None

    async def remove(self, place: Place, receipts: "list[RemovalReceipt] | Any") -> Removed:
        self._require_here()
        if self.refuses:
            return Removed(frozenset(), {UUID(one.segment): self.refuses for one in receipts})
        for receipt in receipts:
            await self._check(place, receipt)
            self.removed[UUID(receipt.segment)] = receipt
        return Removed(frozenset(UUID(one.segment) for one in receipts), {})

    async def hold(self, place: Place, hold: UUID, start: datetime, end: datetime) -> Copied:
        self._require_here()
        self.copies.append(hold)
        held = [
            one
            for one in self.there(place.camera)
            if one.start_90k < ticks_of(end) and one.end_90k > ticks_of(start)
        ]
        digest = hashlib.sha256("".join(one.root for one in held).encode()).hexdigest()
        return Copied(len(held), 1000 * len(held), digest, self.missing)

    async def _check(self, place: Place, receipt: RemovalReceipt) -> None:
        key = Ed25519PublicKey.from_public_bytes(self.public_key)
        key.verify(bytes.fromhex(receipt.signature), receipt_payload(receipt))
        (one,) = [one for one in self.footage_of[place.camera] if str(one.segment) == receipt.segment]
        assert (str(one.volume), one.root) == (receipt.volume, receipt.root)
        records = await self.journal.read(1000)
        assert any(one.entry.get("signature") == receipt.signature for one in records), "not journalled"

    def _require_here(self) -> None:
        if self.away:
            raise WorkerAway


@dataclass
class KeepingWorker(SpokenWorker):
    """The shelf behind a media worker's control interface."""

    shelf: Shelf = field(kw_only=True)
    nonsense: bool = False  # answers what nobody asked for

    async def handle(self, request: Request) -> Response:
        path = request.path.split("?")[0]
        if path not in ("/control/footage", "/control/removals", "/control/holds"):
            return await super().handle(request)
        assert request.bearer() == CREDENTIAL
        if self.nonsense:
            return json_response({"segments": [{}], "removed": [1], "missing": 5})
        try:
            return json_response(await self._keep(path, request))
        except WorkerAway as error:
            raise HttpProblem(503, "away", "volume away") from error

    async def _keep(self, path: str, request: Request) -> dict[str, Any]:
        if path == "/control/footage":
            asked = dict(request.query)
            place, before = Place(UUID(asked["camera"]), "", None), datetime.fromisoformat(asked["before"])
            after = ticks_of(datetime.fromisoformat(asked["after"]))
            found = await self.shelf.footage(place, after, before, int(asked["limit"]))
            return {"segments": [segment_out(place.camera, one) for one in found]}
        body = json.loads(request.body)
        if path == "/control/holds":
            start, end = datetime.fromisoformat(body["start"]), datetime.fromisoformat(body["end"])
            copied = await self.shelf.hold(
                Place(UUID(body["camera"]), "", None), UUID(body["hold"]), start, end
            )
            figures = {"segments": copied.segments, "bytes": copied.size_bytes, "sha256": copied.sha256}
            return {"hold": body["hold"], **figures, "missing": copied.missing}
        receipts = [RemovalReceipt(**one) for one in body["receipts"]]
        answer = await self.shelf.remove(Place(UUID(receipts[0].camera), "", None), receipts)
        refused = [{"segment": str(one), "reason": why} for one, why in answer.refused.items()]
        return {"removed": [str(one) for one in answer.removed], "refused": refused}


def segment_out(camera: UUID, one: Stored) -> dict[str, Any]:
    return {
        "volume": str(one.volume),
        "camera": str(camera),
        "segment": str(one.segment),
        "start_90k": one.start_90k,
        "end_90k": one.end_90k,
        "size_bytes": 1000,
        "root": one.root,
    }
