"""What was granted under art. 22: one row a grant, and the question it answers before every look.

Procedures write the rows, in the transaction of the decision; a row is never changed but by its uses and its
end. Nothing is shown under a grant without ``Grants.use``: it asks the rules with the row locked, and the
entry in the journal is durable before it returns.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Index, String, Text, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bingjian.access.decisions import Actor, Role
from bingjian.access.errors import NoSuchGrant
from bingjian.clock import Clock, utc_now
from bingjian.db.areas import CITY, is_inside
from bingjian.db.base import Base, Instant
from bingjian.db.session import Database
from bingjian.inventory.camera_files import CameraFileRow
from bingjian.journal.append import Journal, Receipt
from bingjian.journal.refusals import written_down
from bingjian.rules.civil import TICK
from bingjian.rules.decision import Case, granted
from bingjian.rules.decisions import register, serving
from bingjian.rules.decisions.individuals import IndividualView, may_view_individually
from bingjian.rules.decisions.serving import AccessGrant
from bingjian.rules.law import Law
from bingjian.rules.spans import Span

LISTED = 200  # grants of one person in one answer; nobody holds so many at a time


class GrantRow(Base):
    """One grant: exactly these cameras, this interval, these verbs and persons, until ``expires_at``."""

    __tablename__ = "grants"
    __table_args__ = (Index("ix_grants_expires_at", "expires_at", "id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    request: Mapped[UUID] = mapped_column(index=True)  # the record that it was decided in
    number: Mapped[str] = mapped_column(String(40))  # of that record, as people write it
    cameras_json: Mapped[str] = mapped_column(Text)  # ids
    begin_at: Mapped[datetime] = mapped_column(Instant)  # of the footage
    end_at: Mapped[datetime] = mapped_column(Instant)  # its first instant that is not shown
    verbs: Mapped[str] = mapped_column(String(100))  # codes of ``access_verb``, joined by ','
    officers_json: Mapped[str] = mapped_column(Text)  # ids
    purpose: Mapped[str] = mapped_column(String(60))  # code of ``access_purpose``
    destination: Mapped[str] = mapped_column(Text)  # where it is looked at, where copies go
    expires_at: Mapped[datetime] = mapped_column(Instant)  # its last instant
    has_whole_edges: Mapped[bool]  # it names the fragments at its ends as a whole
    individual_json: Mapped[str] = mapped_column(Text)  # an individual's: who and why; else empty
    uses_json: Mapped[str] = mapped_column(Text)  # by "verb camera", how often
    given_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)  # revoked, or given back

    @property
    def cameras(self) -> tuple[UUID, ...]:
        return tuple(map(UUID, json.loads(self.cameras_json)))

    @property
    def officers(self) -> frozenset[str]:
        return frozenset(json.loads(self.officers_json))

    @property
    def uses(self) -> dict[str, int]:
        found: dict[str, int] = json.loads(self.uses_json)
        return found

    @property
    def last_instant(self) -> datetime:
        return self.expires_at if self.ended_at is None else min(self.expires_at, self.ended_at - TICK)

    def as_granted(self) -> AccessGrant:
        """As the rules know it."""
        return AccessGrant(
            purpose=self.purpose,
            verbs=frozenset(self.verbs.split(",")),
            cameras=frozenset(map(str, self.cameras)),
            begin=self.begin_at,
            end=self.end_at,
            officers=self.officers,
            expires=self.last_instant,
            has_whole_edges=self.has_whole_edges,
        )


@dataclass(frozen=True, slots=True)
class Decided:
    """A request that was decided in its favour."""

    request: UUID
    number: str
    grant: AccessGrant
    destination: str
    individual: IndividualView | None = None


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


Write = Callable[[Permitted], Awaitable[Receipt]]


# --- in the transaction of a decision


def give(session: AsyncSession, decided: Decided, now: datetime) -> GrantRow:
    """Write a grant down; it holds from the end of the transaction on."""
    told = decided.grant
    row = GrantRow(
        id=uuid4(),
        request=decided.request,
        number=decided.number,
        cameras_json=json.dumps(sorted(told.cameras)),
        begin_at=told.begin,
        end_at=told.end,
        verbs=",".join(sorted(told.verbs)),
        officers_json=json.dumps(sorted(told.officers)),
        purpose=told.purpose,
        destination=decided.destination,
        expires_at=told.expires,
        has_whole_edges=told.has_whole_edges,
        individual_json=json.dumps(asdict(decided.individual)) if decided.individual else "",
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
            NoSuchGrant: or none of this person's.
            Refused: written down.
            JournalUnavailable.
        """

        async def work(session: AsyncSession) -> tuple[Permitted, Receipt]:
            row = await session.get(GrantRow, grant, with_for_update=True)
            users = frozenset[str]() if row is None else await in_whose_name(session, row, actor, look)
            if row is None or not users:
                raise NoSuchGrant
            now = utc_now(self._clock)
            seen, key = permitted(row, look), f"{look.verb} {look.camera}"
            uses = row.uses
            self._require(row, actor, users, look, seen, uses.get(key, 0), now)
            row.uses_json = json.dumps(uses | {key: uses.get(key, 0) + 1})
            await session.flush()
            return seen, await write(seen)

        running = self._database.run(work)
        return await written_down(self._journal, running, actor, f"grant.{look.verb}", look.camera)

    def _require(
        self,
        row: GrantRow,
        actor: Actor,
        persons: frozenset[str],
        look: Look,
        seen: Permitted,
        times: int,
        now: datetime,
    ) -> None:
        """Raises Refused: with everything that refuses."""
        law = self._law_at(now)
        case = Case(law)
        cameras = frozenset({str(seen.camera)})
        use = serving.Use(
            verb=look.verb,
            purpose=seen.purpose,
            cameras=cameras,
            persons=persons,
            begin=seen.begin,
            end=seen.end,
            is_file=look.is_file,
            marked=persons,  # the answer carries the mark, and the page draws it over the pictures
            times_before=times,
        )
        # Written by the same transaction before anything is opened; if it cannot be, nothing is.
        entry = serving.Entry(now, persons | {str(actor.id)}, cameras, seen.purpose, seen.destination)
        case.join(serving.may_serve(law, row.as_granted(), use, entry, now))
        case.join(register.may_enter(law, registered(actor, look, seen, now)))
        if row.individual_json:
            asked = IndividualView(**json.loads(row.individual_json))
            # No rendition with others masked is made yet: nothing can be shown.
            case.join(
                may_view_individually(law, replace(asked, are_others_masked=False, is_file=look.is_file))
            )
        granted(case.answer())

    async def of_person(self, person: UUID) -> list[GrantRow]:
        """Those that still hold, the first to end in front."""
        return await self._holding(GrantRow.officers_json.contains(str(person)))

    async def _holding(self, condition: ColumnElement[bool]) -> list[GrantRow]:
        now = utc_now(self._clock)
        query = select(GrantRow).where(GrantRow.expires_at >= now, GrantRow.ended_at.is_(None), condition)
        async with self._database.read() as session:
            query = query.order_by(GrantRow.expires_at, GrantRow.id).limit(LISTED)
            return list(await session.scalars(query))

    async def for_camera(self, camera: UUID) -> list[GrantRow]:
        """Those that still hold and name this camera, the first to end in front."""
        return await self._holding(GrantRow.cameras_json.contains(str(camera)))

    async def revoked(self) -> frozenset[UUID]:
        """Grants that ended early, while tickets under them could still live: workers are told."""
        query = select(GrantRow.id).where(GrantRow.ended_at.is_not(None))
        query = query.where(GrantRow.expires_at >= utc_now(self._clock))
        async with self._database.read() as session:
            return frozenset(await session.scalars(query))


async def in_whose_name(session: AsyncSession, row: GrantRow, actor: Actor, look: Look) -> frozenset[str]:
    """Their own, if it was granted to them; a custodian makes files of it for its officers (art. 22)."""
    own = row.officers & {str(actor.id)}
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
        destination=row.destination,
        expires=row.last_instant,
        is_exact=not row.has_whole_edges,
        is_live=look.is_live,
        earliest=row.begin_at,
    )


def registered(actor: Actor, look: Look, seen: Permitted, now: datetime) -> register.Entry:
    """The register's entry of a look, as the rules judge whether it is whole.

    A file's hash is known when a package has been made of it; the entry comes before its first byte.
    """
    return register.Entry(
        persons=(actor.name,),
        time=Span(now, max(seen.expires, now) + TICK),
        purpose=seen.purpose,
        destination=seen.destination,
        unit=str(actor.organisation or ""),
        content=look.verb,
        cameras=(str(seen.camera),),
        interval=Span(seen.begin, seen.end),
        package_hash="",
        hands_over=False,
    )
