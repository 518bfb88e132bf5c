"""The one door: decide, write it down durably, then open. Nothing that shows a picture goes another way."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Literal, TypedDict
from uuid import UUID

from bingjian.access.decisions import (
    BY_GRANT,
    LISTS,
    NOTHING,
    ON_TRIAL,
    PLATFORM,
    Actor,
    Deed,
    Resource,
    Verb,
    decide,
    may_use_grant,
    needs_grant,
)
from bingjian.access.errors import DeviceNotMasked, DeviceTimeUncertain, OutOfReach
from bingjian.access.grants import Grants, Look, Permitted
from bingjian.access.masking import Covering, Masking, Rights
from bingjian.access.register import RegisterRow
from bingjian.access.tracing import Recipient, marked
from bingjian.clock import Clock, ticks_of, utc_now
from bingjian.entries import (
    BaseInfoOpened,
    ClipOpened,
    CopyForwarded,
    CopyOpened,
    DownloadOpened,
    Entry,
    LiveOpened,
    PictureOpened,
    PlaybackOpened,
    RefusalGiven,
    SpriteOpened,
)
from bingjian.imaging.client import Tiles
from bingjian.inventory.errors import NothingThere
from bingjian.inventory.key_frames import KeyFrame, key_frames
from bingjian.inventory.models import CameraRow
from bingjian.inventory.service import Sited
from bingjian.inventory.workers import Workers, rfc3339
from bingjian.journal.append import Journal, Receipt
from bingjian.journal.refusals import note_refusal, written_down
from bingjian.rules.civil import TICK
from bingjian.rules.decision import Case, Grant, Refusal, Refused, granted
from bingjian.rules.decisions.conduct import HandedOver, may_hand_over
from bingjian.rules.decisions.protection import FORWARD
from bingjian.rules.decisions.secrecy import may_handle
from bingjian.rules.edition import Words
from bingjian.rules.law import Law
from bingjian.streaming.ticket import OPEN_SECONDS, VOICE, Kind, Ticket, sign

StreamRole = Literal["main", "sub"]
CopyKind = Literal["clip", "download"]
CopyVerb = Literal["copy", "retrieve"]

CONSOLE_LIFE = timedelta(minutes=5)  # the console has no session that could end
ROUNDING_90K = 90  # 1 ms: a time written to the millisecond must still find its own picture
PLAYBACK_MAX = timedelta(days=7)  # of one ticket; longer looks ask again, and are written down again
DEVICE_MAX = timedelta(days=1)  # of one ticket for a device's own storage: one call to it
# Of one copy: what a media worker plans at most (recording/extract.py).
COPY_MAX: dict[CopyKind, timedelta] = {"clip": timedelta(hours=24), "download": timedelta(hours=6)}
MASKS = "{masks}"  # in a room's name: stands for the digest of the masks
MASKED_COPY_MAX = timedelta(hours=2)  # every picture of it is made anew: half an hour of a core
TRIAL = "trial"  # purpose of a test view, in the journal
TASK = "task"  # purpose of what is no look at pictures: the task of the role that lets one
LIVE_MAX = timedelta(days=1)  # of one live view under a grant; its session ends sooner
SPRITE_MAX = timedelta(days=31)

TIMELINE_MAX = timedelta(days=400)  # a year and its margins; what a media worker answers at most

# fMP4, instant in 1/90000 s, what covers it → JPEG
Decoder = Callable[[bytes, int, Covering], Awaitable[bytes]]
# fMP4s, columns, width of one picture, what covers them
Tiler = Callable[[bytes, int, int, Covering], Awaitable[Tiles]]


@dataclass(frozen=True, slots=True)
class Opened:
    """A ticket whose journal entry is durable."""

    ticket: str = field(repr=False)
    opens_before: datetime
    expires: datetime
    is_masked: bool = False  # it is the imaging process that serves it


@dataclass(frozen=True, slots=True)
class Picture:
    """A still picture whose journal entry is durable."""

    jpeg: bytes = field(repr=False)
    taken_at: str  # RFC 3339
    is_masked: bool = False


@dataclass(frozen=True, slots=True)
class Sprite:
    """Small pictures of an interval whose journal entry is durable."""

    tiles: Tiles
    frames: tuple[KeyFrame, ...]  # in the order of the tiles
    is_masked: bool = False


class More(TypedDict):
    unit: str
    destination: str
    grant: str | None
    unmasked: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """What is about to be shown, as it is written down: by a grant, or by the person's role."""

    begin: datetime
    end: datetime
    purpose: str | None
    expires: datetime
    unit: str
    destination: str
    covering: Covering
    grant: str | None = None
    exact: bool = False
    earliest: datetime | None = None  # what was taken before it is not shown

    @property
    def more(self) -> "More":
        """What every entry of a look says of it beside its own."""
        unmasked = self.covering.unmask
        return {"unit": self.unit, "destination": self.destination, "grant": self.grant, "unmasked": unmasked}


WITHOUT_GRANT = (
    Words("没有授权，不能查看", "without a grant nothing is shown to you"),
    Words("请申请授权，或者选择已有的授权", "apply for one, or choose yours"),
)


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
        grants: Grants,
        law_at: Callable[[datetime], Law],
        masking: Masking,
        *,
        is_marked: bool,
    ) -> None:
        """``is_marked``: the platform stands in a domain that is marked for state secrets (R27.6)."""
        self._journal = journal
        self._workers = workers
        self._decode = decode
        self._clock = clock
        self._ticket_key = ticket_key
        self._tile = tile
        self._grants = grants
        self._law_at = law_at
        self._masking = masking
        self._is_marked = is_marked

    async def admit(
        self,
        actor: Actor,
        verb: Verb | Deed,
        resource: Resource = PLATFORM,
        purpose: str | None = None,
        session_ends: datetime | None = None,
        proven: frozenset[str] | None = None,
    ) -> datetime:
        """Decide; until when it holds. A refusal is in the journal before it is raised.

        Raises:
            OutOfReach: there is no such camera, or it lies where this person's roles do not reach: for them
                that is the same, and the journal has a refusal of either.
        """
        now = utc_now(self._clock)
        law, until = self._law_at(now), session_ends or now + CONSOLE_LIFE
        camera = None if resource is PLATFORM else UUID(resource.id)

        def ask(about: Resource) -> Grant | Refusal:
            return decide(law, actor, verb, about, purpose or TASK, now, until, proven)

        answer = ask(resource)
        if isinstance(answer, Grant):
            return until
        await note_refusal(self._journal, answer, actor, str(verb), camera)
        if camera is not None and isinstance(ask(replace(resource, met=LISTS)), Grant):
            raise OutOfReach  # all that refuses is where it lies
        raise Refused(answer)

    async def reach(
        self,
        actor: Actor,
        verb: Verb | Deed,
        resource: Resource,
        session_ends: datetime | None,
        grant: UUID | None = None,
        *,
        is_file: bool = False,
    ) -> None:
        """Whether somebody may know that a camera is there: before anything else is asked about it.

        One that is not there and one that this person may not look at have the same answer, after the same
        work, and leave the same entry.

        Raises:
            OutOfReach: as ``admit``.
            NoSuchGrant: or none of this person's; written down.
            Refused: no grant names it; written down.
        """
        camera, now = UUID(resource.id), utc_now(self._clock)
        if grant is not None:
            look = Look("copy" if is_file else "view", camera, now, now + TICK, None, is_file=is_file)
            await self._grants.require_named(grant, actor, look)
            return
        await self._require_role(verb, actor, camera)
        if may_use_grant(actor, verb):  # admitted so far because a grant might have let them
            await self.admit(actor, verb, resource, None, session_ends, NOTHING)

    async def require_handled(self, actor: Actor, verb: Verb | Deed, site: Sited) -> None:
        """Whether pictures of a camera of this level may be handled here. Raises Refused (R27.6)."""
        answer = may_handle(self._law_at(utc_now(self._clock)), site.level, self._is_marked)
        if isinstance(answer, Refusal):
            await note_refusal(self._journal, answer, actor, str(verb), site.row.id)
            raise Refused(answer)

    async def admit_control(
        self, actor: Actor, site: Sited, purpose: str, session_ends: datetime | None
    ) -> datetime:
        """Whether somebody may turn a camera, and until when: no right to look implies it (R27.2)."""
        await self.require_handled(actor, Verb.CONTROL, site)
        resource, now = Resource(str(site.row.id), site.division), utc_now(self._clock)
        until = await self.admit(actor, Verb.CONTROL, resource, purpose, session_ends)
        look = Look("view", site.row.id, now, now + TICK, purpose)
        await self._grants.require_purpose(actor, str(Verb.CONTROL), look)
        return until

    def voice_ticket(self, actor: Actor, camera: UUID, entry: int, expires: datetime) -> Opened:
        """To speak through a camera that they control; ``entry`` is durable. It shows nothing."""
        now = self._clock.utc_ns() // 1_000_000_000
        ends, opens_before = int(expires.timestamp()), now + OPEN_SECONDS
        ticket = Ticket(VOICE, str(camera), "main", 0, 0, str(actor.id), entry, opens_before, ends)
        signed = sign(ticket, self._ticket_key)
        return Opened(signed, datetime.fromtimestamp(opens_before, UTC), datetime.fromtimestamp(ends, UTC))

    def require_copyable(self, start: datetime, end: datetime, kind: CopyKind) -> None:
        """Raises IntervalNotAccepted."""
        require_interval(start, end, COPY_MAX[kind])
        if end > utc_now(self._clock):
            raise IntervalNotAccepted("the interval must have ended: what is not recorded cannot be copied")

    async def _look(
        self,
        verb: Verb | Deed,
        actor: Actor,
        site: Sited,
        look: Look,
        session_ends: datetime | None,
        grant: UUID | None,
        entry: Callable[[Seen], Entry],
        proven: frozenset[str] = NOTHING,
    ) -> tuple[Seen, int]:
        """Decide, by the grant if there is one, and write it down; what is shown, and its entry's number."""
        resource = Resource(str(look.camera), site.division)
        if grant is None:
            await self._require_role(verb, actor, look.camera)
            expires = await self.admit(actor, verb, resource, look.purpose, session_ends, proven)
            if isinstance(verb, Verb) and verb is not Verb.TRIAL and not look.is_file:
                await self._grants.require_purpose(actor, str(verb), look)  # others are for nothing else
            asking = self._covering(look, look.begin, Rights())
            covering = await written_down(self._journal, asking, actor, str(verb), look.camera)
            await self._require_room(look, covering)
            if look.is_bare:
                await self._require_bare(actor, site, covering)
            seen = seen_by_role(actor, look, expires, covering)
            return seen, (await self._journal.append(entry(seen))).sequence
        expires = await self.admit(actor, verb, resource, look.purpose, session_ends, BY_GRANT)
        await self._foresee_room(grant, actor, look)
        shown: list[Seen] = []

        async def write(permitted: Permitted) -> Receipt:
            covering = await self._covering(look, permitted.begin, rights_of(permitted))
            shown.append(seen_by_grant(actor, permitted, expires, covering))
            return await self._journal.append(entry(shown[-1]))

        _, receipt = await self._grants.use(grant, actor, look, write)
        return shown[-1], receipt.sequence

    async def _covering(self, look: Look, begin: datetime, rights: Rights) -> Covering:
        """Raises rules' Refused, IntervalNotAccepted."""
        now = utc_now(self._clock)
        told = {"is_live": look.is_live, "unmask": look.unmask}
        covering = await self._masking.of(look.camera, begin, rights, now, **told)
        if covering.digest and look.is_file:
            require_interval(begin, look.end, MASKED_COPY_MAX)
        if look.is_file:
            granted(may_hand_over(self._law_at(now), handed_over(look, covering)))
        return covering

    async def _foresee_room(self, grant: UUID, actor: Actor, look: Look) -> None:
        """Before the transaction that uses the grant, or all writers would wait for the imaging process.

        Raises as ``_require_room``; what else refuses is refused, and written down, by that transaction.
        """
        foreseen = await self._grants.foreseen(grant, actor, look) if look.room else None
        if foreseen is not None:
            with suppress(Refused, IntervalNotAccepted):
                covering = await self._covering(look, foreseen.begin, rights_of(foreseen))
                await self._require_room(look, covering)

    async def _require_room(self, look: Look, covering: Covering) -> None:
        """Raises RenditionsFull, RenditionsAway, before anything is written down."""
        if covering.digest and look.room:
            await self._masking.require_room(look.room.replace(MASKS, covering.digest))

    async def _require_role(self, verb: Verb | Deed, actor: Actor, camera: UUID) -> None:
        """Whoever looks by a grant alone has to name it (R22.8). Raises Refused."""
        case = Case(self._law_at(utc_now(self._clock)))
        case.require(not needs_grant(actor, verb), "R22.8", *WITHOUT_GRANT)
        answer = case.answer()
        if isinstance(answer, Refusal):
            await note_refusal(self._journal, answer, actor, str(verb), camera)
            raise Refused(answer)

    async def open_live(
        self,
        actor: Actor,
        site: Sited,
        stream: StreamRole,
        purpose: str | None,
        session_ends: datetime | None,
        grant: UUID | None = None,
        *,
        unmask: bool = False,
    ) -> Opened:
        """The right to look at a camera now, for as long as the session and the grant last."""
        told = site, stream, purpose, session_ends, grant
        return await self._open_live(Verb.LIVE, actor, *told, unmask=unmask)

    async def open_trial(
        self, actor: Actor, site: Sited, stream: StreamRole, session_ends: datetime | None
    ) -> Opened:
        """The builder's test view (R16.5). Whether the system is on trial was asked before."""
        return await self._open_live(Verb.TRIAL, actor, site, stream, TRIAL, session_ends, None)

    async def _open_live(
        self,
        verb: Verb,
        actor: Actor,
        site: Sited,
        stream: StreamRole,
        purpose: str | None,
        session_ends: datetime | None,
        grant: UUID | None,
        *,
        unmask: bool = False,
    ) -> Opened:
        now, room = utc_now(self._clock), f"live {site.row.id} {stream} {MASKS}"
        look = Look("view", site.row.id, now, now + LIVE_MAX, purpose, is_live=True, unmask=unmask, room=room)

        def entry(seen: Seen) -> LiveOpened:
            ids, expires = (str(actor.id), str(site.row.id)), rfc3339(seen.expires)
            return LiveOpened(*ids, stream, seen.purpose, actor.address, expires, **seen.more)

        proven = ON_TRIAL if verb is Verb.TRIAL else NOTHING
        seen, sequence = await self._look(verb, actor, site, look, session_ends, grant, entry, proven)
        return self._ticket("live", actor, site.row, stream, None, sequence, seen)

    async def open_playback(
        self,
        actor: Actor,
        site: Sited,
        start: datetime,
        end: datetime,
        purpose: str | None,
        session_ends: datetime | None,
        grant: UUID | None = None,
        *,
        unmask: bool = False,
    ) -> Opened:
        """The right to look at one interval of what was recorded, cut to the grant's if there is one. Raises
        IntervalNotAccepted too.
        """
        require_interval(start, end, PLAYBACK_MAX)
        room = f"playback {site.row.id} {actor.id}"
        look = Look("view", site.row.id, start, end, purpose, unmask=unmask, room=room)

        def entry(seen: Seen) -> PlaybackOpened:
            ids, span, expires = (str(actor.id), str(site.row.id)), span_of(seen), rfc3339(seen.expires)
            return PlaybackOpened(*ids, *span, seen.purpose, actor.address, expires, **seen.more)

        seen, sequence = await self._look(Verb.PLAYBACK, actor, site, look, session_ends, grant, entry)
        return self._ticket("playback", actor, site.row, "main", interval_of(seen), sequence, seen)

    async def foresee_device(self, actor: Actor, site: Sited, start: datetime, grant: UUID | None) -> None:
        """Whether what a device's own storage holds may be shown at all: before the device is asked.

        Raises:
            DeviceTimeUncertain: under a grant; written down. A program stream carries no time of day, and
                devices begin where they have a key picture: nothing proves that the interval is kept (R22.8).
            DeviceNotMasked: the camera is shown masked; written down.
        """
        if grant is not None:
            await self._note(actor, site, "22", "R22.8", "the times of a device's own footage prove nothing")
            raise DeviceTimeUncertain
        look = Look("view", site.row.id, start, start + TICK, None)
        asking = self._covering(look, start, Rights())
        covering = await written_down(self._journal, asking, actor, str(Verb.PLAYBACK), site.row.id)
        await self._require_bare(actor, site, covering)

    async def open_device_playback(
        self,
        actor: Actor,
        site: Sited,
        start: datetime,
        end: datetime,
        purpose: str | None,
        session_ends: datetime | None,
    ) -> Opened:
        """The right to look at one interval of what the camera's device has stored itself, by its clock.

        Never under a grant, never of a camera with masks: ``foresee_device`` says so before. Raises
        DeviceNotMasked, IntervalNotAccepted too.
        """
        require_interval(start, end, DEVICE_MAX)
        look = Look("view", site.row.id, start, end, purpose, is_bare=True)

        def entry(seen: Seen) -> PlaybackOpened:
            ids, span, expires = (str(actor.id), str(site.row.id)), span_of(seen), rfc3339(seen.expires)
            told = PlaybackOpened(*ids, *span, seen.purpose, actor.address, expires, **seen.more)
            return replace(told, source="device")

        seen, sequence = await self._look(Verb.PLAYBACK, actor, site, look, session_ends, None, entry)
        return self._ticket("device", actor, site.row, "main", interval_of(seen), sequence, seen)

    async def _require_bare(self, actor: Actor, site: Sited, covering: Covering) -> None:
        """Raises DeviceNotMasked, written down: the original of a camera with masks never leaves (R6.2)."""
        if covering.digest:
            await self._note(actor, site, "6", "R6.2", "a device's playback cannot be masked here")
            raise DeviceNotMasked

    async def _note(self, actor: Actor, site: Sited, article: str, code: str, why: str) -> None:
        """A refusal that is ours, not a rule's; durable when this returns."""
        told = str(actor.id), str(Verb.PLAYBACK), str(site.row.id)
        await self._journal.append(RefusalGiven(*told, article, code, why, actor.address))

    async def open_picture(
        self,
        actor: Actor,
        site: Sited,
        at: datetime | None,
        purpose: str | None,
        session_ends: datetime | None,
        grant: UUID | None = None,
        *,
        unmask: bool = False,
        verb: Verb | Deed = Verb.PICTURE,
    ) -> Picture:
        """One still picture: the last at or before ``at``, or of now; under a grant none from before it."""
        instant = at or utc_now(self._clock)
        look = Look("view", site.row.id, instant, instant + TICK, purpose, unmask=unmask)

        def entry(seen: Seen) -> PictureOpened:
            ids = str(actor.id), str(site.row.id)
            return PictureOpened(*ids, rfc3339(seen.begin), seen.purpose, actor.address, **seen.more)

        seen, _ = await self._look(verb, actor, site, look, session_ends, grant, entry)
        footage = await self._workers.footage(site.row, instant)
        taken = datetime.fromisoformat(footage.taken_at)
        if seen.earliest is not None and taken < seen.earliest:
            raise NothingThere(None)
        taken_90k = ticks_of(taken) + ROUNDING_90K
        jpeg = await self._decode(footage.fmp4, taken_90k, seen.covering)
        return Picture(jpeg, footage.taken_at, is_masked=seen.covering.digest != "")

    async def open_sprite(
        self,
        actor: Actor,
        site: Sited,
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
        look = Look("view", site.row.id, start, end, purpose)

        def entry(seen: Seen) -> SpriteOpened:
            ids, span, told = (str(actor.id), str(site.row.id)), span_of(seen), (seen.unit, seen.destination)
            return SpriteOpened(*ids, *span, pictures, seen.purpose, actor.address, *told)

        # Under a grant none are made: key frames lie apart, and one from before its interval would be shown.
        seen, _ = await self._look(Verb.PICTURE, actor, site, look, session_ends, None, entry)
        found = await key_frames(self._workers, site.row, start, end, pictures)
        tiles = await self._tile(found.movies, columns, width, seen.covering)
        return Sprite(tiles, found.frames, is_masked=seen.covering.digest != "")

    async def open_clip(
        self,
        actor: Actor,
        site: Sited,
        start: datetime,
        end: datetime,
        purpose: str,
        kind: CopyKind,
        session_ends: datetime | None,
        grant: UUID | None = None,
        verb: CopyVerb = "copy",
        destination: str = "",
        *,
        unmask: bool = False,
        mark: str = "",
    ) -> Opened:
        """The right to take one interval of what was recorded away. Raises IntervalNotAccepted too.

        Args:
            mark: who gets it; a derived copy has it in its pixels (R31.5).
        """
        self.require_copyable(start, end, kind)
        look = Look(
            verb,
            site.row.id,
            start,
            end,
            purpose,
            is_file=True,
            destination=destination,
            unmask=unmask,
            room="copy",
            mark=mark,
        )

        def entry(seen: Seen) -> CopyOpened:
            made, ids = ClipOpened if kind == "clip" else DownloadOpened, (str(actor.id), str(site.row.id))
            told = seen.purpose or "", actor.address, rfc3339(seen.expires)
            return made(*ids, *span_of(seen), *told, **seen.more, verb=verb)

        seen, sequence = await self._look(Verb.COPY, actor, site, look, session_ends, grant, entry)
        return self._ticket(kind, actor, site.row, "main", interval_of(seen), sequence, seen, mark)

    async def open_forward(
        self,
        actor: Actor,
        site: Sited,
        of: RegisterRow,
        recipient: str,
        destination: str,
        session_ends: datetime | None,
    ) -> Opened:
        """A copy that was made under a grant is given on, as a file of its own for this recipient (R27.8)."""
        start, end = of.start or utc_now(self._clock), of.end or utc_now(self._clock)
        mark = marked([Recipient(recipient, destination)])
        look = Look(
            verb=of.verb,
            camera=site.row.id,
            begin=start,
            end=end,
            purpose=None,
            is_file=True,
            destination=destination,
            is_forward=True,
            recipient=recipient,
            mark=mark,
        )

        def entry(seen: Seen) -> CopyForwarded:
            ids, told = (str(actor.id), str(site.row.id)), (seen.purpose or "", actor.address)
            return CopyForwarded(
                *ids, *span_of(seen), *told, rfc3339(seen.expires), **seen.more,
                verb=FORWARD.verb, recipient=recipient, forwarded=of.sequence,
            )  # fmt: skip

        seen, sequence = await self._look(Verb.FORWARD, actor, site, look, session_ends, of.grant, entry)
        kind: CopyKind = "clip" if of.kind == ClipOpened.kind else "download"
        return self._ticket(kind, actor, site.row, "main", interval_of(seen), sequence, seen, mark)

    async def open_base_info(
        self, actor: Actor, camera: UUID, division: str | None, grant: UUID, session_ends: datetime | None
    ) -> None:
        """Base information of one camera, by a grant that names it (R20.3)."""
        await self.admit(actor, Verb.GRANT_READ, Resource(str(camera), division), None, session_ends)

        async def write(purpose: str) -> Receipt:
            told = purpose, actor.address, str(actor.organisation or ""), str(grant)
            return await self._journal.append(BaseInfoOpened(str(actor.id), str(camera), *told))

        await self._grants.base_info(grant, actor, camera, write)

    def _ticket(
        self,
        kind: Kind,
        actor: Actor,
        camera: CameraRow,
        role: StreamRole,
        interval_90k: tuple[int, int] | None,
        entry: int,
        seen: Seen,
        mark: str = "",
    ) -> Opened:
        now = self._clock.utc_ns() // 1_000_000_000
        expires = int(seen.expires.timestamp())
        start_90k, end_90k = interval_90k or (0, 0)
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
            grant=seen.grant or "",
            exact=seen.exact,
            masks=seen.covering.digest,
            unmask=seen.covering.unmask,
            mark=mark if seen.covering.digest else "",
        )
        return Opened(
            sign(ticket, self._ticket_key),
            datetime.fromtimestamp(ticket.opens_before, UTC),
            datetime.fromtimestamp(expires, UTC),
            is_masked=ticket.masks != "",
        )


def handed_over(look: Look, covering: Covering) -> HandedOver:
    """A derived copy has the mark in its pixels; every copy names its entry in a box, and no two the same."""
    is_derived = covering.digest != ""
    visible, packed = (look.mark, "") if is_derived else ("", look.mark)
    return HandedOver(look.mark, is_derived, visible, hidden_mark="entry", package_recipient=packed)


def rights_of(permitted: Permitted) -> Rights:
    return Rights(str(permitted.grant), permitted.may_unmask, permitted.masks)


def seen_by_role(actor: Actor, look: Look, expires: datetime, covering: Covering) -> Seen:
    unit, destination = str(actor.organisation or ""), look.destination or actor.address
    return Seen(look.begin, look.end, look.purpose, expires, unit, destination, covering)


def seen_by_grant(actor: Actor, permitted: Permitted, session_ends: datetime, covering: Covering) -> Seen:
    """Until the session ends, the grant, or, of what is seen as it happens, its interval."""
    ends = min(session_ends, permitted.expires, permitted.end if permitted.is_live else permitted.expires)
    return Seen(
        begin=permitted.begin,
        end=permitted.end,
        purpose=permitted.purpose,
        expires=ends,
        unit=str(actor.organisation or ""),
        destination=permitted.destination,
        covering=covering,
        grant=str(permitted.grant),
        exact=permitted.is_exact,
        earliest=permitted.earliest,
    )


def span_of(seen: Seen) -> tuple[str, str]:
    return rfc3339(seen.begin), rfc3339(seen.end)


def interval_of(seen: Seen) -> tuple[int, int]:
    return ticks_of(seen.begin), ticks_of(seen.end)


def require_interval(start: datetime, end: datetime, longest: timedelta) -> None:
    """Raises IntervalNotAccepted."""
    if end <= start:
        raise IntervalNotAccepted("the interval must end after it starts")
    if end - start > longest:
        hours = longest // timedelta(hours=1)
        words = f"{longest.days} days" if longest.days > 1 else f"{hours} hours"
        raise IntervalNotAccepted(f"the interval must not be longer than {words}")
