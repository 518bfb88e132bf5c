"""The media workers: which of them has which camera, what it says of it, and what it is asked for.

A camera goes to the worker that scores highest for it (rendezvous hashing, Thaler and Ravishankar 1998) and
stays there as long as that worker exists.
"""

import asyncio
import base64
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

import httpx
import structlog

from bingjian.clock import Clock, ticks_of, utc_now
from bingjian.db.errors import DatabaseError
from bingjian.inventory.errors import NothingThere, WorkerAway
from bingjian.inventory.models import CameraRow
from bingjian.inventory.service import Cameras, Reachable
from bingjian.streaming.sources.base import SourceAddress
from bingjian.trust import trusted

POLL_SECONDS = 1.0  # between looks at a worker's state
ANSWER_SECONDS = 10.0  # a worker that takes longer counts as away
SUMMED = ("write_bytes_per_s", "cameras")  # what each worker tells of its own share of a volume
HUSH_SECONDS = 2.0  # whoever takes over a camera waits for it
PICTURE_MAX = 64 * 1024 * 1024  # bytes; one GOP of a 4K camera with a key frame every 10 s stays below
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Worker:
    """Where a media worker is: for us, and for browsers."""

    name: str
    control_url: str  # http://host:port
    public_url: str
    credential: str = field(repr=False)


@dataclass(slots=True)
class Seen:
    """What a worker last said."""

    up: bool = False
    detail: str | None = "not yet asked"
    seen_at: datetime | None = None
    state: dict[str, Any] = field(default_factory=dict)
    assigned: frozenset[str] = frozenset()  # cameras of the last assignment it took
    stale: bool = True  # it needs its assignment (again)


@dataclass(frozen=True, slots=True)
class Footage:
    """A few fragments that end with the picture asked for."""

    fmp4: bytes = field(repr=False)
    taken_at: str  # RFC 3339, of the last sample


class Pause(Protocol):
    """An order not to record a camera for a while."""

    @property
    def order(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def until(self) -> datetime: ...


PausesInForce = Callable[[datetime], Awaitable[Mapping[UUID, Pause]]]
ReleasedHolds = Callable[[], Awaitable[Sequence[UUID]]]
Stopped = Callable[[], Awaitable[Set[UUID]]]
Revoked = Callable[[], Awaitable[Set[UUID]]]
Told = Callable[[], Awaitable[None]]
Changed = Callable[[], Awaitable[Mapping[UUID, datetime]]]


async def no_pauses(_now: datetime) -> Mapping[UUID, Pause]:
    return {}


async def no_holds() -> Sequence[UUID]:
    return ()


async def none_stopped() -> Set[UUID]:
    return frozenset()


async def nobody_else() -> None:
    return


async def nobody_changed() -> Mapping[UUID, datetime]:
    return {}


def in_seconds(changed: Mapping[UUID, datetime]) -> dict[str, int]:
    """As processes are told: by person, seconds since 1970."""
    return {str(person): int(at.timestamp()) for person, at in changed.items()}


class Workers:
    """The one client of all media workers."""

    def __init__(
        self,
        workers: Sequence[Worker],
        cameras: Cameras,
        clock: Clock,
        *,
        epoch: int,
        ticket_key: bytes,
        origins: Sequence[str],
        receipt_key: bytes,
    ) -> None:
        """``receipt_key``: retention's public key, by which workers know its receipts."""
        self.pauses: PausesInForce = no_pauses  # set by whoever keeps the orders
        self.released_holds: ReleasedHolds = no_holds  # set by whoever keeps the holds
        self.stopped: Stopped = none_stopped  # cameras that no worker may have; set by whoever bans them
        self.revoked: Revoked = none_stopped  # grants that ended early; set by whoever keeps them
        self.closed: Stopped = none_stopped  # cameras shown to nobody; set by whoever knows their levels
        self.hidden: Stopped = none_stopped  # cameras shown masked alone; set by whoever keeps the masks
        self.told: Told = nobody_else  # who has to hear as well; set by whoever makes masked renditions
        self.changed: Changed = nobody_changed  # people's rights, and when; set by whoever keeps the people
        self._workers = {worker.name: worker for worker in workers}
        self._seen = {worker.name: Seen() for worker in workers}
        self._cameras = cameras
        self._clock = clock
        self._common: dict[str, object] = {
            "epoch": epoch,
            "ticket_key": base64.b64encode(ticket_key).decode(),
            "origins": list(origins),
            "receipt_key": base64.b64encode(receipt_key).decode(),
        }
        self._turn = asyncio.Lock()
        self._http = httpx.AsyncClient(timeout=ANSWER_SECONDS, trust_env=False, verify=trusted())

    def all(self) -> Iterable[Worker]:
        return self._workers.values()

    def of(self, camera: CameraRow) -> Worker:
        """The worker that has the camera."""
        return self._workers[placed(camera.id, camera.worker, self._workers)]

    # --- assignment and state

    async def assign_all(self) -> None:
        """Tell every worker its cameras; one that is away is told when it comes back."""
        async with self._turn:
            try:
                stopped = await self.stopped()
                reachable = [one for one in await self._cameras.reachable() if one.row.id not in stopped]
                moved = {
                    one.row.id: place
                    for one in reachable
                    if (place := placed(one.row.id, one.row.worker, self._workers)) != one.row.worker
                }
                await self._cameras.place(moved)
                pauses = await self.pauses(utc_now(self._clock))
                self._common["released_holds"] = [str(hold) for hold in await self.released_holds()]
                self._common["revoked_grants"] = sorted(map(str, await self.revoked()))
                self._common["closed_cameras"] = sorted(map(str, await self.closed()))
                hidden = await self.hidden()
                changed = await self.changed()
                self._common["changed_people"] = in_seconds(changed)
            except DatabaseError as error:
                log.error("assignment_postponed", error=str(error))
                for seen in self._seen.values():
                    seen.stale = True
                return
            shares = {
                name: [one for one in reachable if placed(one.row.id, one.row.worker, self._workers) == name]
                for name in self._workers
            }
            await asyncio.gather(
                *(self._assign(name, share, pauses, hidden) for name, share in shares.items())
            )
            await self.told()

    async def _assign(
        self, name: str, share: list[Reachable], pauses: Mapping[UUID, Pause], hidden: Set[UUID]
    ) -> None:
        seen = self._seen[name]
        cameras = [assignment_of(one, pauses.get(one.row.id), one.row.id in hidden) for one in share]
        body = {**self._common, "cameras": cameras}
        try:
            answer = await self.ask(self._workers[name], "PUT", "/control/assignment", json=body)
            answer.raise_for_status()
        except (WorkerAway, httpx.HTTPStatusError) as error:
            seen.stale = True
            log.warning("assignment_not_taken", worker=name, error=type(error).__name__)
        else:
            seen.stale = False
            seen.assigned = frozenset(str(one.row.id) for one in share)

    async def watch(self) -> None:
        """Look at all workers once a second, for ever; assign again what a restarted one has forgotten."""
        while True:
            await self.look()
            await asyncio.sleep(POLL_SECONDS)

    async def look(self) -> None:
        """One look at every worker."""
        await asyncio.gather(*(self._look_at(worker) for worker in self._workers.values()))
        if any(seen.up and seen.stale for seen in self._seen.values()):
            await self.assign_all()

    async def _look_at(self, worker: Worker) -> None:
        seen = self._seen[worker.name]
        try:
            answer = await self.ask(worker, "GET", "/control/state")
            answer.raise_for_status()
            state = answer.json()
            cameras = frozenset(state["cameras"])
        except (WorkerAway, httpx.HTTPStatusError, ValueError, KeyError, TypeError) as error:
            if seen.up:
                log.warning("worker_away", worker=worker.name, error=type(error).__name__)
            seen.up, seen.stale, seen.state = False, True, {}
            seen.detail = (
                "does not answer" if isinstance(error, WorkerAway) else "answers something unexpected"
            )
            return
        seen.up, seen.detail, seen.seen_at, seen.state = True, None, utc_now(self._clock), state
        seen.stale = seen.stale or cameras != seen.assigned

    # --- what a camera's worker is asked for

    async def timeline(
        self, camera: CameraRow, start: datetime, end: datetime, resolution_ms: int = 0
    ) -> list[dict[str, Any]]:
        """The spans of an interval, none shorter than can be drawn. Raises WorkerAway."""
        params = {"start": rfc3339(start), "end": rfc3339(end), "resolution_ms": str(resolution_ms)}
        answer = await self.ask(
            self.of(camera), "GET", f"/control/cameras/{camera.id}/timeline", params=params
        )
        if answer.status_code == 404:
            return []
        if answer.status_code != 200:
            raise WorkerAway
        spans: list[dict[str, Any]] = answer.json()["spans"]
        return spans

    async def footage(self, camera: CameraRow, at: datetime) -> Footage:
        """What it takes to decode the last picture up to an instant. Raises WorkerAway, NothingThere."""
        path = f"/control/cameras/{camera.id}/picture"
        answer = await self.ask(self.of(camera), "GET", path, params={"at": rfc3339(at)})
        if answer.status_code == 404:
            raise NothingThere(cause_in(answer))
        if answer.status_code != 200 or len(answer.content) > PICTURE_MAX:
            raise WorkerAway
        return Footage(answer.content, answer.headers["X-Picture-Time"])

    async def ask(self, worker: Worker, method: str, path: str, **more: Any) -> httpx.Response:
        """One question to a worker's control interface. Raises WorkerAway if there is no answer at all."""
        headers = {"Authorization": f"Bearer {worker.credential}"}
        try:
            return await self._http.request(method, worker.control_url + path, headers=headers, **more)
        except httpx.HTTPError as error:
            raise WorkerAway from error

    async def hush(self, camera: UUID, up_to: int) -> None:
        """Whoever speaks through a camera is cut off, whichever worker they speak through; no ticket opens
        any more whose entry has this number or a lower one. A worker that does not answer ends it by itself,
        for no ticket to speak lives long.
        """
        path = f"/control/cameras/{camera}/voice"
        asked = (
            self.ask(worker, "DELETE", path, params={"up_to": str(up_to)}, timeout=HUSH_SECONDS)
            for worker in self.all()
        )
        for answer in await asyncio.gather(*asked, return_exceptions=True):
            if isinstance(answer, BaseException):
                log.warning("voice_not_cut_off", camera=str(camera), error=type(answer).__name__)

    async def completeness(
        self, start: datetime, end: datetime, outage_ms: int, camera: CameraRow | None = None
    ) -> dict[UUID, dict[str, Any]]:
        """How much there is of an interval, by camera. Raises WorkerAway if one asked does not answer."""
        params = {"start": rfc3339(start), "end": rfc3339(end), "outage_ms": str(outage_ms)}
        if camera is not None:
            params["camera"] = str(camera.id)
        asked = [self.of(camera)] if camera is not None else list(self._workers.values())
        answers = await asyncio.gather(
            *(self.ask(worker, "GET", "/control/completeness", params=params) for worker in asked)
        )
        if any(answer.status_code != 200 for answer in answers):
            raise WorkerAway
        return {UUID(id): one for answer in answers for id, one in answer.json()["cameras"].items()}

    async def findings(self) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """What the audits of all volumes found, newest first, and how far they are. Raises WorkerAway."""
        asked = self.holders().items()
        answers = await asyncio.gather(
            *(self.ask(worker, "GET", f"/control/findings/{volume}") for volume, worker in asked)
        )
        if any(answer.status_code != 200 for answer in answers):
            raise WorkerAway
        told = [answer.json() for answer in answers]
        found = [one for each in told for one in each["findings"]]
        found.sort(key=lambda one: (one["found_at"], one["id"]), reverse=True)
        return found, _audits([each["audit"] for each in told])

    def holders(self) -> dict[UUID, Worker]:
        """Of each open volume, a worker that answers for it."""
        found: dict[UUID, Worker] = {}
        for name, seen in self._seen.items():
            for volume in seen.state.get("volumes", ()):
                if volume["id"] is not None:
                    found.setdefault(UUID(volume["id"]), self._workers[name])
        return found

    # --- what they said

    def state_of(self, camera: CameraRow) -> dict[str, Any] | None:
        """The main stream's state, or None while nothing is known."""
        streams = self._seen[self.of(camera).name].state.get("cameras", {}).get(str(camera.id))
        if not streams or not streams.get("main"):
            return None
        main, sub = streams["main"], streams.get("sub") or {}
        return {**main, "viewers": (main.get("viewers") or 0) + (sub.get("viewers") or 0)}

    def states(self) -> Iterator[str]:
        """The state of every camera's main stream."""
        for seen in self._seen.values():
            for streams in seen.state.get("cameras", {}).values():
                yield (streams.get("main") or {}).get("state", "unknown")

    def volumes(self) -> list[dict[str, Any]]:
        """Every volume that a worker speaks of, by path; rates and cameras are those of all workers."""
        merged: dict[str, dict[str, Any]] = {}
        for name, seen in self._seen.items():
            for volume in seen.state.get("volumes", ()):
                fresh = {**volume, **dict.fromkeys(SUMMED, 0), "workers": []}
                known = merged.setdefault(volume["path"], fresh)
                known["workers"].append(name)
                for figure in SUMMED:
                    known[figure] += volume[figure]
                if volume["cause"] is not None:
                    known.update({one: volume[one] for one in ("state", "cause", "detail")})
        return list(merged.values())

    def reports(self) -> list[dict[str, Any]]:
        return [
            {
                "name": name,
                "up": seen.up,
                "detail": seen.detail,
                "cameras": len(seen.assigned),
                "seen_at": seen.seen_at,
            }
            for name, seen in self._seen.items()
        ]

    def all_up(self) -> bool:
        """Every worker answers and has its assignment."""
        return all(seen.up and not seen.stale for seen in self._seen.values())

    async def close(self) -> None:
        await self._http.aclose()


def _audits(each: list[dict[str, Any]]) -> dict[str, Any]:
    """Of several volumes: all bytes together, and the round that ended first."""
    total = sum(one["total_bytes"] for one in each)
    covered = sum(one["covered_bytes"] for one in each)
    rounds = [one["last_round_at"] for one in each]
    return {
        "period_days": max((one["period_days"] for one in each), default=0),
        "covered_percent": 100 * covered / total if total else 100.0,
        "last_round_at": min(rounds) if rounds and None not in rounds else None,
    }


def placed(camera: UUID, worker: str | None, workers: Iterable[str]) -> str:
    """The worker of a camera: the one it has, else the highest score."""
    names = list(workers)
    if worker in names:
        return str(worker)
    return max(names, key=lambda name: hashlib.sha256(camera.bytes + name.encode()).digest())


def assignment_of(one: Reachable, pause: Pause | None, is_masked: bool = False) -> dict[str, object]:
    """A camera as the media worker's control interface takes it."""
    ordered = pause and {"detail": f"{pause.order}: {pause.reason}", "until_90k": ticks_of(pause.until)}
    return {
        "id": str(one.row.id),
        "pause": ordered,
        "name": one.row.name,
        "main": address_out(one.main),
        "sub": address_out(one.sub) if one.sub else None,
        "masked": is_masked,
    }


def address_out(address: SourceAddress) -> dict[str, object]:
    return {
        "url": address.url,
        "username": address.username,
        "password": address.password,
        "transport": address.transport,
        "verify_tls": address.verify_tls,
    }


def cause_in(answer: httpx.Response) -> str | None:
    """The cause in a worker's 404, if it says one."""
    try:
        cause = answer.json().get("cause")
    except (ValueError, AttributeError):
        return None
    return cause if isinstance(cause, str) else None


def rfc3339(instant: datetime) -> str:
    """UTC with 'Z', to the microsecond."""
    return instant.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
