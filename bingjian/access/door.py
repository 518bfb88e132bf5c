"""The one door: decide, write it down durably, then open. Nothing that shows a picture goes another way."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from bingjian.access.decisions import Actor, Deed, Grant, Refusal, Verb, decide
from bingjian.access.errors import Refused
from bingjian.clock import Clock, ticks_of, utc_now
from bingjian.entries import (
    ClipOpened,
    DownloadOpened,
    LiveOpened,
    PictureOpened,
    PlaybackOpened,
    RefusalGiven,
    SpriteOpened,
)
from bingjian.imaging.client import Tiles
from bingjian.inventory.key_frames import KeyFrame, key_frames
from bingjian.inventory.models import CameraRow
from bingjian.inventory.workers import Workers, rfc3339
from bingjian.journal.append import Journal
from bingjian.streaming.ticket import OPEN_SECONDS, Kind, Ticket, sign

StreamRole = Literal["main", "sub"]
CopyKind = Literal["clip", "download"]

CONSOLE_LIFE = timedelta(minutes=5)  # the console has no session that could end
ROUNDING_90K = 90  # 1 ms: a time written to the millisecond must still find its own picture
PLAYBACK_MAX = timedelta(days=7)  # of one ticket; longer looks ask again, and are written down again
# Of one copy: what a media worker plans at most (recording/extract.py).
COPY_MAX: dict[CopyKind, timedelta] = {"clip": timedelta(hours=24), "download": timedelta(hours=6)}
TRIAL = "trial"  # purpose of a test view, in the journal
SPRITE_MAX = timedelta(days=31)

TIMELINE_MAX = timedelta(days=400)  # a year and its margins; what a media worker answers at most

Decoder = Callable[[bytes, int], Awaitable[bytes]]  # fMP4, instant in 1/90000 s → JPEG
Tiler = Callable[[bytes, int, int], Awaitable[Tiles]]  # fMP4s, columns, width of one picture


@dataclass(frozen=True, slots=True)
class Opened:
    """A ticket whose journal entry is durable."""

    ticket: str = field(repr=False)
    opens_before: datetime
    expires: datetime


@dataclass(frozen=True, slots=True)
class Picture:
    """A still picture whose journal entry is durable."""

    jpeg: bytes = field(repr=False)
    taken_at: str  # RFC 3339


@dataclass(frozen=True, slots=True)
class Sprite:
    """Small pictures of an interval whose journal entry is durable."""

    tiles: Tiles
    frames: tuple[KeyFrame, ...]  # in the order of the tiles


class IntervalNotAccepted(Exception):
    """The interval ends before it starts, or is too long for one ticket; carries one plain sentence."""


class Door:
    """Every method raises Refused (written down before it is said) or JournalUnavailable."""

    def __init__(
        self,
        journal: Journal,
        workers: Workers,
        decode: Decoder,
        clock: Clock,
        ticket_key: bytes,
        tile: Tiler,
    ) -> None:
        self._journal = journal
        self._workers = workers
        self._decode = decode
        self._clock = clock
        self._ticket_key = ticket_key
        self._tile = tile

    async def admit(
        self,
        actor: Actor,
        verb: Verb | Deed,
        resource: UUID | None = None,
        purpose: str | None = None,
        session_ends: datetime | None = None,
    ) -> Grant:
        """Decide; a refusal is in the journal before it is raised."""
        now = utc_now(self._clock)
        answer = decide(actor, verb, resource, purpose, now, session_ends or now + CONSOLE_LIFE)
        if isinstance(answer, Refusal):
            await self._journal.append(
                RefusalGiven(
                    str(actor.id),
                    str(verb),
                    str(resource) if resource else None,
                    answer.article,
                    answer.code,
                    answer.reason,
                    actor.address,
                )
            )
            raise Refused(answer)
        return answer

    async def open_live(
        self,
        actor: Actor,
        camera: CameraRow,
        stream: StreamRole,
        purpose: str | None,
        session_ends: datetime | None,
    ) -> Opened:
        """The right to look at a camera now, for as long as the session lasts."""
        return await self._open_live(Verb.LIVE, actor, camera, stream, purpose, session_ends)

    async def open_trial(
        self, actor: Actor, camera: CameraRow, stream: StreamRole, session_ends: datetime | None
    ) -> Opened:
        """The builder's test view (R16.5). Whether the system is on trial was asked before."""
        return await self._open_live(Verb.TRIAL, actor, camera, stream, TRIAL, session_ends)

    async def _open_live(
        self,
        verb: Verb,
        actor: Actor,
        camera: CameraRow,
        stream: StreamRole,
        purpose: str | None,
        session_ends: datetime | None,
    ) -> Opened:
        grant = await self.admit(actor, verb, camera.id, purpose, session_ends)
        receipt = await self._journal.append(
            LiveOpened(
                str(actor.id),
                str(camera.id),
                stream,
                purpose,
                actor.address,
                rfc3339(grant.expires),
            )
        )
        return self._ticket("live", actor, camera, stream, 0, 0, receipt.sequence, grant)

    async def open_playback(
        self,
        actor: Actor,
        camera: CameraRow,
        start: datetime,
        end: datetime,
        purpose: str | None,
        session_ends: datetime | None,
    ) -> Opened:
        """The right to look at one interval of what was recorded. Raises IntervalNotAccepted too."""
        require_interval(start, end, PLAYBACK_MAX)
        grant = await self.admit(actor, Verb.PLAYBACK, camera.id, purpose, session_ends)
        receipt = await self._journal.append(
            PlaybackOpened(
                str(actor.id),
                str(camera.id),
                rfc3339(start),
                rfc3339(end),
                purpose,
                actor.address,
                rfc3339(grant.expires),
            )
        )
        interval = ticks_of(start), ticks_of(end)
        return self._ticket("playback", actor, camera, "main", *interval, receipt.sequence, grant)

    async def open_picture(
        self,
        actor: Actor,
        camera: CameraRow,
        at: datetime | None,
        purpose: str | None,
        session_ends: datetime | None,
    ) -> Picture:
        """One still picture: the last at or before ``at``, or of now."""
        await self.admit(actor, Verb.PICTURE, camera.id, purpose, session_ends)
        instant = at or utc_now(self._clock)
        await self._journal.append(
            PictureOpened(str(actor.id), str(camera.id), rfc3339(instant), purpose, actor.address)
        )
        footage = await self._workers.footage(camera, instant)
        taken_90k = ticks_of(datetime.fromisoformat(footage.taken_at)) + ROUNDING_90K
        return Picture(await self._decode(footage.fmp4, taken_90k), footage.taken_at)

    async def open_sprite(
        self,
        actor: Actor,
        camera: CameraRow,
        start: datetime,
        end: datetime,
        pictures: int,
        columns: int,
        width: int,
        purpose: str | None,
        session_ends: datetime | None,
    ) -> Sprite:
        """Small pictures, one for each of so many equal steps of an interval: one look, one entry. Raises
        IntervalNotAccepted too."""
        require_interval(start, end, SPRITE_MAX)
        await self.admit(actor, Verb.PICTURE, camera.id, purpose, session_ends)
        span = rfc3339(start), rfc3339(end)
        await self._journal.append(
            SpriteOpened(str(actor.id), str(camera.id), *span, pictures, purpose, actor.address)
        )
        found = await key_frames(self._workers, camera, start, end, pictures)
        return Sprite(await self._tile(found.movies, columns, width), found.frames)

    async def open_clip(
        self,
        actor: Actor,
        camera: CameraRow,
        start: datetime,
        end: datetime,
        purpose: str,
        kind: CopyKind,
        session_ends: datetime | None,
    ) -> Opened:
        """The right to take one interval of what was recorded away. Raises IntervalNotAccepted too."""
        require_interval(start, end, COPY_MAX[kind])
        if end > utc_now(self._clock):
            raise IntervalNotAccepted("the interval must have ended: what is not recorded cannot be copied")
        grant = await self.admit(actor, Verb.COPY, camera.id, purpose, session_ends)
        entry = ClipOpened if kind == "clip" else DownloadOpened
        span = rfc3339(start), rfc3339(end)
        receipt = await self._journal.append(
            entry(str(actor.id), str(camera.id), *span, purpose, actor.address, rfc3339(grant.expires))
        )
        interval = ticks_of(start), ticks_of(end)
        return self._ticket(kind, actor, camera, "main", *interval, receipt.sequence, grant)

    def _ticket(
        self,
        kind: Kind,
        actor: Actor,
        camera: CameraRow,
        role: StreamRole,
        start_90k: int,
        end_90k: int,
        entry: int,
        grant: Grant,
    ) -> Opened:
        now = self._clock.utc_ns() // 1_000_000_000
        expires = int(grant.expires.timestamp())
        ticket = Ticket(
            kind=kind,
            camera=str(camera.id),
            role=role,
            start_90k=start_90k,
            end_90k=end_90k,
            person=str(actor.id),
            entry=entry,
            opens_before=now + OPEN_SECONDS,
            expires=expires,
        )
        return Opened(
            sign(ticket, self._ticket_key),
            datetime.fromtimestamp(ticket.opens_before, UTC),
            datetime.fromtimestamp(expires, UTC),
        )


def require_interval(start: datetime, end: datetime, longest: timedelta) -> None:
    """Raises IntervalNotAccepted."""
    if end <= start:
        raise IntervalNotAccepted("the interval must end after it starts")
    if end - start > longest:
        hours = longest // timedelta(hours=1)
        words = f"{longest.days} days" if longest.days > 1 else f"{hours} hours"
        raise IntervalNotAccepted(f"the interval must not be longer than {words}")
