"""What was granted: to officers under art. 22, or shared with a department under art. 20; one row a grant.

Procedures write the rows, in the transaction of the decision; a row is never changed but by its uses and its
end. Nothing is shown under a grant without ``Grants.use``: it asks the rules (``grant_rules``) with the row
locked, and the entry in the journal is durable before it returns.
"""

import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Index, String, Text, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bingjian.access.decisions import Actor, Role
from bingjian.access.errors import NoSuchGrant
from bingjian.access.grant_rules import Question, answer_to, base_answer, scope_answer
from bingjian.clock import Clock, utc_now
from bingjian.db.areas import CITY, is_inside
from bingjian.db.base import Base, Instant
from bingjian.db.session import Database
from bingjian.imaging.masks import Mask, read, told
from bingjian.inventory.camera_files import CameraFileRow, levels_of
from bingjian.inventory.renditions import OwnMasks
from bingjian.journal.append import Journal, Receipt
from bingjian.journal.refusals import note_refusal, written_down
from bingjian.rules.civil import TICK
from bingjian.rules.decision import granted
from bingjian.rules.decisions.individuals import IndividualView
from bingjian.rules.decisions.protection import FORWARD, SEE_BASE_INFO, Permission
from bingjian.rules.decisions.serving import AccessGrant, has_purpose, no_grant
from bingjian.rules.decisions.sharing import Scope, ShareGrant
from bingjian.rules.law import Law

LISTED = 200  # grants of one person in one answer; nobody holds so many at a time
VIEW, BASE_INFO = "view", "base_info"  # codes of ``access_verb``, ``share_kind``


class GrantKind(StrEnum):
    """By which law somebody looks."""

    ACCESS = "access"  # art. 22: these officers, this interval of the footage
    SHARE = "share"  # art. 20: whoever acts for this department, in its period


class GrantRow(Base):
    """One grant: exactly these cameras, this footage, these rights and people, until ``expires_at``."""

    __tablename__ = "grants"
    __table_args__ = (
        Index("ix_grants_expires_at", "expires_at", "id"),
        Index("ix_grants_holder", "holder", "expires_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))  # as ``GrantKind``
    request: Mapped[UUID] = mapped_column(index=True)  # the record that it was decided in
    number: Mapped[str] = mapped_column(String(40))  # of that record, as people write it
    cameras_json: Mapped[str] = mapped_column(Text)  # ids
    begin_at: Mapped[datetime] = mapped_column(Instant)  # of the footage
    end_at: Mapped[datetime] = mapped_column(Instant)  # its first instant that is not shown
    verbs: Mapped[str] = mapped_column(String(100))  # codes of ``access_verb``, joined by ','
    kinds: Mapped[str] = mapped_column(String(100))  # of a share: codes of ``share_kind``, joined by ','
    holder: Mapped[UUID | None]  # of a share: the department
    officers_json: Mapped[str] = mapped_column(Text)  # ids; of a share: nobody by name
    purpose: Mapped[str] = mapped_column(String(60))  # code of ``access_purpose``
    destination: Mapped[str] = mapped_column(Text)  # where it is looked at, where copies go
    may_forward: Mapped[bool]  # copies may be given to others (art. 27¶1)
    recipients_json: Mapped[str] = mapped_column(Text)  # by name, who may be given trade secrets too
    starts_at: Mapped[datetime] = mapped_column(Instant)  # when it holds from
    expires_at: Mapped[datetime] = mapped_column(Instant)  # its last instant
    has_whole_edges: Mapped[bool]  # it names the fragments at its ends as a whole
    individual_json: Mapped[str] = mapped_column(Text)  # an individual's: who and why; else empty
    uses_json: Mapped[str] = mapped_column(Text)  # by "verb camera", how often
    given_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)  # revoked, or given back
    may_unmask: Mapped[bool] = mapped_column(default=False)  # shows what the cameras' privacy masks hide
    masks_json: Mapped[str] = mapped_column(Text, default="[]")  # over its pictures, beside the cameras'

    @property
    def cameras(self) -> tuple[UUID, ...]:
        return tuple(map(UUID, json.loads(self.cameras_json)))

    @property
    def officers(self) -> frozenset[str]:
        return frozenset(json.loads(self.officers_json))

    @property
    def recipients(self) -> frozenset[str]:
        return frozenset(json.loads(self.recipients_json))

    @property
    def uses(self) -> dict[str, int]:
        found: dict[str, int] = json.loads(self.uses_json)
        return found

    @property
    def masks(self) -> tuple[Mask, ...]:
        return read(json.loads(self.masks_json))

    @property
    def last_instant(self) -> datetime:
        return self.expires_at if self.ended_at is None else min(self.expires_at, self.ended_at - TICK)

    @property
    def held(self) -> frozenset[Permission]:
        """What it gives beside looking and copying (art. 27¶1): no right implies another."""
        base = {SEE_BASE_INFO} if BASE_INFO in self.kinds.split(",") else set[Permission]()
        return frozenset(base | ({FORWARD} if self.may_forward else set()))

    @property
    def is_share(self) -> bool:
        return self.kind == GrantKind.SHARE

    def is_held_by(self, actor: Actor) -> bool:
        if self.is_share:
            return self.holder is not None and self.holder == actor.organisation
        return str(actor.id) in self.officers

    def as_granted(self) -> AccessGrant:
        """As the rules of art. 22 know it."""
        return AccessGrant(
            purpose=self.purpose,
            verbs=frozenset(self.verbs.split(",")),
            cameras=frozenset(map(str, self.cameras)),
            begin=self.begin_at,
            end=self.end_at,
            officers=self.officers,
            expires=self.last_instant,
            has_whole_edges=self.has_whole_edges,
            may_forward=self.may_forward,
            recipients=self.recipients,
        )

    def as_shared(self) -> ShareGrant:
        """As the rules of art. 20 know it."""
        cameras, kinds = frozenset(map(str, self.cameras)), frozenset(self.kinds.split(","))
        until = self.last_instant
        begin = min(self.starts_at, until)  # one that was revoked before it began never begins
        return ShareGrant(self.purpose, Scope(cameras, kinds, begin, until, self.begin_at))


@dataclass(frozen=True, slots=True)
class Decided:
    """A request under art. 22 that was decided in its favour."""

    request: UUID
    number: str
    grant: AccessGrant
    destination: str
    individual: IndividualView | None = None
    may_unmask: bool = False
    masks: tuple[Mask, ...] = ()


@dataclass(frozen=True, slots=True)
class Shared:
    """A request of a department under art. 20 that was decided in its favour."""

    request: UUID
    number: str
    grant: ShareGrant
    holder: UUID
    destination: str


@dataclass(frozen=True, slots=True)
class Look:
    """What somebody wants to see under a grant."""

    verb: str  # code of ``access_verb``
    camera: UUID
    begin: datetime
    end: datetime
    purpose: str | None  # None: the grant's
    is_file: bool = False
    is_live: bool = False  # as it happens: begins now
    destination: str = ""  # of a copy; a grant says it itself
    is_forward: bool = False  # a copy that was made is given on …
    recipient: str = ""  # … to whom

    @property
    def kind(self) -> str:
        """Code of ``share_kind``."""
        return "live" if self.is_live else "footage"

    @property
    def act(self) -> str:
        """Giving on is no copying: it counts by itself (R27.8)."""
        return FORWARD.verb if self.is_forward else self.verb

    @property
    def key(self) -> str:
        """Under which its uses are counted."""
        return f"{self.act} {self.camera}"

    unmask: bool = False  # without the cameras' privacy masks
    room: str = ""  # of its masked rendition, if it keeps one: for how many are made at a time
    mark: str = ""  # of a file: who gets it, as its mark says
    is_bare: bool = False  # it comes as it is, and cannot be masked


@dataclass(frozen=True, slots=True)
class Permitted:
    """What of it is shown: never beyond the grant."""

    grant: UUID
    camera: UUID
    begin: datetime
    end: datetime
    purpose: str
    destination: str
    expires: datetime  # last instant
    is_exact: bool  # edges are cut; else whole fragments are given
    is_live: bool
    earliest: datetime  # first instant of the grant
    may_unmask: bool = False
    masks: tuple[Mask, ...] = ()  # over its pictures, beside the cameras'


Write = Callable[[Permitted], Awaitable[Receipt]]
Result = TypeVar("Result")
WriteBase = Callable[[str], Awaitable[Receipt]]  # of the purpose


# --- in the transaction of a decision


def give(session: AsyncSession, decided: Decided, now: datetime) -> GrantRow:
    """Write a grant under art. 22 down; it holds from the end of the transaction on."""
    granted_to = decided.grant
    row = GrantRow(
        id=uuid4(),
        kind=GrantKind.ACCESS,
        request=decided.request,
        number=decided.number,
        cameras_json=json.dumps(sorted(granted_to.cameras)),
        begin_at=granted_to.begin,
        end_at=granted_to.end,
        verbs=",".join(sorted(granted_to.verbs)),
        kinds="",
        officers_json=json.dumps(sorted(granted_to.officers)),
        purpose=granted_to.purpose,
        destination=decided.destination,
        may_forward=granted_to.may_forward,
        recipients_json=json.dumps(sorted(granted_to.recipients), ensure_ascii=False),
        starts_at=now,
        expires_at=granted_to.expires,
        has_whole_edges=granted_to.has_whole_edges,
        individual_json=json.dumps(asdict(decided.individual)) if decided.individual else "",
        uses_json="{}",
        given_at=now,
        may_unmask=decided.may_unmask,
        masks_json=json.dumps(told(decided.masks)),
    )
    session.add(row)
    return row


def share(session: AsyncSession, shared: Shared, now: datetime) -> GrantRow:
    """Write a grant under art. 20 down: to look, for whoever acts for the department."""
    scope = shared.grant.scope
    row = GrantRow(
        id=uuid4(),
        kind=GrantKind.SHARE,
        request=shared.request,
        number=shared.number,
        cameras_json=json.dumps(sorted(scope.cameras)),
        begin_at=scope.earliest,
        end_at=scope.until + TICK,
        verbs=VIEW,
        kinds=",".join(sorted(scope.kinds)),
        holder=shared.holder,
        officers_json="[]",
        purpose=shared.grant.purpose,
        destination=shared.destination,
        may_forward=False,
        recipients_json="[]",
        starts_at=scope.begin,
        expires_at=scope.until,
        has_whole_edges=False,
        individual_json="",
        uses_json="{}",
        given_at=now,
    )
    session.add(row)
    return row


async def end(session: AsyncSession, grant: UUID, now: datetime) -> None:
    """From now on it opens nothing; one that has ended stays ended when it did."""
    row = await session.get(GrantRow, grant, with_for_update=True)
    if row is not None and row.ended_at is None:
        row.ended_at = now


# --- before a look


class Grants:
    """Asked by the door."""

    def __init__(
        self, database: Database, journal: Journal, clock: Clock, law_at: Callable[[datetime], Law]
    ) -> None:
        self._database = database
        self._journal = journal
        self._clock = clock
        self._law_at = law_at

    async def use(self, grant: UUID, actor: Actor, look: Look, write: Write) -> tuple[Permitted, Receipt]:
        """Ask, register, count. ``write`` makes the entry durable; nothing is counted if it cannot.

        Raises:
            NoSuchGrant: or none of this person's; written down.
            Refused: written down.
            JournalUnavailable.
        """

        async def work(session: AsyncSession) -> tuple[Permitted, Receipt]:
            row = await session.get(GrantRow, grant, with_for_update=True)
            users = frozenset[str]() if row is None else await in_whose_name(session, row, actor, look)
            if row is None or not users:
                raise NoSuchGrant
            now = utc_now(self._clock)
            seen, key = permitted(row, look), look.key
            uses = row.uses
            level = (await levels_of(session, [look.camera]))[str(look.camera)]
            question = Question(row, actor, users, look, seen, uses.get(key, 0), level, now)
            granted(answer_to(self._law_at(now), question))
            row.uses_json = json.dumps(uses | {key: uses.get(key, 0) + 1}, ensure_ascii=False)
            await session.flush()
            return seen, await write(seen)

        return await self._told(self._database.run(work), actor, look.act, look.camera)

    async def foreseen(self, grant: UUID, actor: Actor, look: Look) -> Permitted | None:
        """What ``use`` would show, were it asked now; None: not this person's. Nothing is decided by it."""
        async with self._database.read() as session:
            row = await session.get(GrantRow, grant)
            users = frozenset[str]() if row is None else await in_whose_name(session, row, actor, look)
        return permitted(row, look) if row is not None and users else None

    async def require_named(self, grant: UUID, actor: Actor, look: Look) -> None:
        """Whether the person's grant names the camera: before anything is asked about the camera itself.

        Raises:
            NoSuchGrant: or none of this person's; written down.
            Refused: another camera, whether or not there is one; written down.
        """

        async def work() -> None:
            async with self._database.read() as session:
                row = await session.get(GrantRow, grant)
                users = frozenset[str]() if row is None else await in_whose_name(session, row, actor, look)
            if row is None or not users:
                raise NoSuchGrant
            granted(scope_answer(self._law_at(utc_now(self._clock)), row, look.camera))

        await self._told(work(), actor, look.act, look.camera)

    async def _told(self, work: Awaitable[Result], actor: Actor, act: str, camera: UUID | None) -> Result:
        """Its result; a refusal is written down before it is raised, and so is a grant that is not theirs."""
        verb = f"grant.{act}"
        try:
            return await written_down(self._journal, work, actor, verb, camera)
        except NoSuchGrant:
            no = no_grant(self._law_at(utc_now(self._clock)))
            await note_refusal(self._journal, no, actor, verb, camera)
            raise

    async def require_purpose(self, actor: Actor, verb: str, look: Look) -> None:
        """Whoever looks by their role says what for (R4.2). Raises Refused: written down."""

        async def work() -> None:
            granted(has_purpose(self._law_at(utc_now(self._clock)), look.purpose or ""))

        await written_down(self._journal, work(), actor, verb, look.camera)

    async def base_info(self, grant: UUID, actor: Actor, camera: UUID, write: WriteBase) -> None:
        """Whether base information of a shared camera may be seen (R20.3); written down by ``write``.

        Raises:
            NoSuchGrant: or none of this person's; written down.
            Refused: written down.
            JournalUnavailable.
        """

        async def work(session: AsyncSession) -> None:
            row = await session.get(GrantRow, grant)
            if row is None or not row.is_held_by(actor):
                raise NoSuchGrant
            now = utc_now(self._clock)
            granted(scope_answer(self._law_at(now), row, camera))
            level = (await levels_of(session, [camera]))[str(camera)]
            granted(base_answer(self._law_at(now), row, camera, level, now))
            await write(row.purpose)

        await self._told(self._database.run(work), actor, BASE_INFO, camera)

    async def of_person(self, actor: Actor) -> list[GrantRow]:
        """Those that still hold, the first to end in front: their own, and their department's."""
        own = GrantRow.officers_json.contains(str(actor.id))
        shares = Role.DEPARTMENT_USER in actor.roles and actor.organisation is not None
        return await self._holding(or_(own, GrantRow.holder == actor.organisation) if shares else own)

    async def _holding(self, condition: ColumnElement[bool]) -> list[GrantRow]:
        now = utc_now(self._clock)
        query = select(GrantRow).where(GrantRow.expires_at >= now, GrantRow.ended_at.is_(None), condition)
        async with self._database.read() as session:
            query = query.order_by(GrantRow.expires_at, GrantRow.id).limit(LISTED)
            return list(await session.scalars(query))

    async def for_camera(self, camera: UUID) -> list[GrantRow]:
        """Those that still hold and name this camera, the first to end in front."""
        return await self._holding(GrantRow.cameras_json.contains(str(camera)))

    async def require_held(self, grant: UUID, actor: Actor) -> None:
        """Raises NoSuchGrant: or none of this person's; written down."""

        async def work() -> None:
            async with self._database.read() as session:
                row = await session.get(GrantRow, grant)
            if row is None or not row.is_held_by(actor):
                raise NoSuchGrant

        await self._told(work(), actor, "read", None)

    async def known(self, grants: Iterable[UUID]) -> dict[UUID, GrantRow]:
        """By id; whoever holds them."""
        query = select(GrantRow).where(GrantRow.id.in_(set(grants)))
        async with self._database.read() as session:
            return {row.id: row for row in await session.scalars(query)}

    async def revoked(self) -> frozenset[UUID]:
        """Grants that ended early, while tickets under them could still live: workers are told."""
        query = select(GrantRow.id).where(GrantRow.ended_at.is_not(None))
        query = query.where(GrantRow.expires_at >= utc_now(self._clock))
        async with self._database.read() as session:
            return frozenset(await session.scalars(query))

    async def masking(self) -> dict[UUID, OwnMasks]:
        """Grants that still hold and bring masks of their own."""
        query = select(GrantRow).where(GrantRow.masks_json != "[]", GrantRow.ended_at.is_(None))
        query = query.where(GrantRow.expires_at >= utc_now(self._clock))
        async with self._database.read() as session:
            return {row.id: OwnMasks(row.cameras, row.masks) for row in await session.scalars(query)}


async def holds_any(session: AsyncSession, person: UUID, now: datetime) -> bool:
    """Whether a grant of art. 22 that holds now names this person."""
    query = select(GrantRow.id).where(GrantRow.officers_json.contains(str(person)))
    query = query.where(GrantRow.expires_at >= now, GrantRow.ended_at.is_(None))
    return await session.scalar(query.limit(1)) is not None


async def in_whose_name(session: AsyncSession, row: GrantRow, actor: Actor, look: Look) -> frozenset[str]:
    """Their own, if it is theirs; a custodian makes files of it for its officers (art. 22)."""
    own = frozenset({str(actor.id)}) if row.is_held_by(actor) else frozenset[str]()
    if own or Role.CUSTODIAN not in actor.roles or not look.is_file:
        return own
    division = await session.scalar(select(CameraFileRow.division).where(CameraFileRow.id == look.camera))
    return row.officers if is_inside(division or CITY, actor.areas) else own


def permitted(row: GrantRow, look: Look) -> Permitted:
    """The look, cut to the grant's interval; one outside stays as it is, for the rules to refuse."""
    begin = look.begin if look.is_live else max(look.begin, row.begin_at)
    last = min(look.end, row.end_at)
    if begin >= last:
        begin, last = look.begin, look.end
    return Permitted(
        grant=row.id,
        camera=look.camera,
        begin=begin,
        end=last,
        purpose=look.purpose or row.purpose,
        destination=look.destination if look.is_forward else row.destination,
        expires=row.last_instant,
        is_exact=not row.has_whole_edges,
        is_live=look.is_live,
        earliest=row.begin_at,
        may_unmask=row.may_unmask,
        masks=row.masks,
    )
