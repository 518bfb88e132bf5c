"""Sign-in and sessions. A session lives on the server; the browser has a random token, we have its hash.

A token is new at every sign-in and at every change of rights, and bound to the class of its device.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Actor
from bingjian.access.errors import (
    NoSuchSession,
    NotSignedIn,
    SecondFactorNeeded,
    WrongCode,
    WrongCodeAgain,
    WrongCredentials,
    WrongPassword,
)
from bingjian.access.guard import Guard, account_of
from bingjian.access.models import PersonRow, SecondFactorRow, SessionRow
from bingjian.access.passwords import Hasher
from bingjian.access.second_factor import REPLAYED, Factors
from bingjian.access.service import SESSION_LIFE
from bingjian.access.source import ADDRESS_MAX, Source
from bingjian.clock import Clock, utc_now
from bingjian.db.session import Database
from bingjian.entries import IntrusionSuspected, SessionEnded, Sign, SignedIn, SignedOut
from bingjian.inventory.organisations import OrganisationRow
from bingjian.journal.append import Journal

SESSION_IDLE = timedelta(hours=1)  # without a request (NIST SP 800-63B-4 §2.2.3); an open page asks by itself
SEEN_EVERY = timedelta(minutes=1)  # how finely that is noted: at most a minute is counted twice
TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Session:
    """An open session; ``token`` is known only to who just signed in."""

    id: UUID
    actor: Actor
    expires: datetime
    token: str = field(default="", repr=False)
    known: str = field(default="", repr=False)  # the browser's cookie of known devices
    has_factor: bool = False  # whether the account has a second factor, or one was proven to the provider
    by_provider: bool = False  # opened by the city's identity provider
    unit: str = ""  # whom the person acts for, by name; of a session that was found


@dataclass(frozen=True, slots=True)
class Proof:
    """What somebody has shown beside being who they say."""

    code: str = field(default="", repr=False)  # of our second factor; empty: none was asked for yet
    by_provider: bool = False  # the identity provider knows them; else they have the password
    provider_factor: bool = False  # and it has seen a second factor, which is enough


class Sessions:
    """Opens, finds and ends sessions."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        hasher: Hasher,
        clock: Clock,
        factors: Factors,
        guard: Guard,
    ) -> None:
        self._database = database
        self._journal = journal
        self._hasher = hasher
        self._clock = clock
        self._factors = factors
        self.guard = guard

    async def sign_in(
        self, name: str, password: str, source: Source, *, code: str = "", replaces: str | None = None
    ) -> Session:
        """Open a session with a new token; the one it replaces ends.

        Args:
            code: of the second factor, or a recovery code; empty: none was asked for yet.

        Raises:
            SignInLocked: before the password is even looked at.
            WrongCredentials: not said which.
            SecondFactorNeeded, WrongCode: name and password are right.
        """
        return await self.enter(await self._named(name, password, source), Proof(code), source, replaces)

    async def enter(self, person: PersonRow, proof: Proof, source: Source, replaces: str | None) -> Session:
        """The same for somebody who is known to be this person. Raises SecondFactorNeeded, WrongCode."""
        if await self.wants_code(person.id) and not proof.provider_factor:
            if not proof.code:
                raise SecondFactorNeeded
            await self.guard.admit_code(person.name, source)
        else:
            proof = replace(proof, code="")
        try:
            return await self._open(person, proof, source, replaces)
        except WrongCode as error:
            if error.args == (REPLAYED,):
                await self._factors.note_replay(person.id, source.address)
            await self.guard.failed(person.name, source, person.id, at_code=True)
            raise WrongCode from error

    async def require_password(self, actor: Actor, password: str, source: Source) -> None:
        """The person's password, anew; guessing it here is as slow as at sign-in.

        Raises:
            SignInLocked, WrongPassword.
        """
        try:
            await self._named(actor.name, password, source)
        except WrongCredentials as error:
            raise WrongPassword from error

    async def give_up_factor(self, actor: Actor, code: str, source: Source) -> None:
        """Switch the person's own second factor off, by proving it once more.

        Raises:
            SecondFactorKept: a role of theirs needs one.
            WrongCodeAgain: guessing it here is as slow as at sign-in.
            SignInLocked.
        """
        await self._factors.require_may_give_up(actor)
        await self.guard.admit_code(actor.name, source)

        async def work(session: AsyncSession) -> None:
            await self._factors.give_up(session, actor.id, code)

        try:
            await self._database.run(work)
        except WrongCode as error:
            if error.args == (REPLAYED,):
                await self._factors.note_replay(actor.id, source.address)
            await self.guard.failed(actor.name, source, actor.id, at_code=True)
            raise WrongCodeAgain from error

    async def find(self, token: str, source: Source) -> Session:
        """The session of a token. Raises NotSignedIn: none, ended, another device's, the account closed."""
        query = (
            select(SessionRow, PersonRow, SecondFactorRow, OrganisationRow.name)
            .join(PersonRow, PersonRow.id == SessionRow.person)
            .outerjoin(SecondFactorRow, SecondFactorRow.person == SessionRow.person)
            .outerjoin(OrganisationRow, OrganisationRow.id == PersonRow.organisation)
            .where(SessionRow.token_hash == hash_of(token))
        )
        async with self._database.read() as session:
            found = (await session.execute(query)).one_or_none()
        if found is None:
            raise NotSignedIn
        row, person, factor, unit = found
        now = utc_now(self._clock)
        if ends_at(row, person) <= now or row.seen_at + SESSION_IDLE <= now or not person.is_open(now):
            raise NotSignedIn
        if row.device != source.device:
            await self._end_stolen(row, source)
            raise NotSignedIn
        if now - row.seen_at >= SEEN_EVERY:
            await self._note_seen(row.id, now)
        has_factor = row.provider_factor or (factor is not None and factor.secret is not None)
        told = row.id, actor_of(person, source.address), ends_at(row, person)
        return Session(*told, has_factor=has_factor, by_provider=row.by_provider, unit=unit or "")

    async def rotate(self, current: Session, source: Source) -> Session:
        """The same person's session under a new token; all others of the person end."""

        async def work(session: AsyncSession) -> Session:
            person = await session.get(PersonRow, current.actor.id)
            row = await session.scalar(select(SessionRow).where(SessionRow.id == current.id))
            if person is None or row is None:
                raise NotSignedIn  # it was ended meanwhile
            expires, proof = row.expires_at, proof_of(row)
            await session.execute(delete(SessionRow).where(SessionRow.person == person.id))
            return self._added(session, person, source, expires, proof)

        return await self._database.run(work)

    async def sign_out(self, token: str, actor: Actor) -> None:
        """End the session; the token is worth nothing from here on."""

        async def work(session: AsyncSession) -> None:
            await session.execute(delete(SessionRow).where(SessionRow.token_hash == hash_of(token)))
            await self._journal.append(SignedOut(str(actor.id), actor.address))

        await self._database.run(work)

    async def of(self, person: UUID) -> Sequence[SessionRow]:
        """The person's open sessions, newest first."""
        now = utc_now(self._clock)
        query = select(SessionRow).where(SessionRow.person == person, SessionRow.expires_at > now)
        query = query.where(SessionRow.seen_at > now - SESSION_IDLE).order_by(SessionRow.created_at.desc())
        async with self._database.read() as session:
            return list(await session.scalars(query))

    async def end(self, person: UUID, session_id: UUID, by: Actor) -> None:
        """End one session of a person. Raises NoSuchSession."""
        if not await self._end(person, SessionRow.id == session_id, by):
            raise NoSuchSession

    async def end_others(self, person: UUID, but: UUID, by: Actor) -> None:
        """End all sessions of a person but one."""
        await self._end(person, SessionRow.id != but, by)

    async def _end(self, person: UUID, which: ColumnElement[bool], by: Actor) -> int:
        async def work(session: AsyncSession) -> int:
            query = select(SessionRow.token_hash).where(SessionRow.person == person, which)
            tokens = list(await session.scalars(query))
            if tokens:
                await session.execute(delete(SessionRow).where(SessionRow.token_hash.in_(tokens)))
                entry = SessionEnded(str(by.id), str(person), len(tokens), by.address)
                await self._journal.append(entry)
            return len(tokens)

        return await self._database.run(work)

    async def _named(self, name: str, password: str, source: Source) -> PersonRow:
        """Whose name and password these are. The same work and answer where there is no such person."""
        await self.guard.admit(name, source)
        async with self._database.read() as session:
            person = await session.scalar(select(PersonRow).where(PersonRow.name == name))
        fits = await self._hasher.fits(person.password_hash if person else None, password)
        if person is None or not fits or not person.is_open(utc_now(self._clock)):
            await self.guard.failed(name, source, person.id if person else None)
            raise WrongCredentials
        return person

    async def wants_code(self, person: UUID) -> bool:
        """Whether signing in to this account takes a code."""
        async with self._database.read() as session:
            return await self._factors.is_wanted(session, person)

    async def _open(self, known: PersonRow, proof: Proof, source: Source, replaces: str | None) -> Session:
        now = utc_now(self._clock)

        async def work(session: AsyncSession) -> Session:
            person = await session.get(PersonRow, known.id)
            if person is None or proven_by(person) != proven_by(known) or not person.is_open(now):
                raise WrongCredentials  # changed while the password was being looked at
            used = await self._second(session, person.id, proof)
            ended = (SessionRow.expires_at <= now) | (SessionRow.seen_at <= now - SESSION_IDLE)
            if replaces:
                ended |= SessionRow.token_hash == hash_of(replaces)
            await session.execute(delete(SessionRow).where(ended))
            await self.guard.passed(session, person.name, source)
            opened = self._added(session, person, source, now + SESSION_LIFE, proof)
            await session.flush()
            was_known = self.guard.devices.id_of(source.known, account_of(person.name)) is not None
            told = str(person.id), source.address, source.device, was_known, used
            await self._journal.append(SignedIn(*told, by="provider" if proof.by_provider else ""))
            return replace(opened, has_factor=bool(used))

        return await self._database.run(work)

    async def _second(self, session: AsyncSession, person: UUID, proof: Proof) -> str:
        """Which second factor was proven, if any; our code is used up. Raises as ``enter``."""
        if proof.provider_factor:
            return "provider"
        if proof.code:
            return await self._factors.take(session, person, proof.code)
        if await self._factors.is_wanted(session, person):
            raise SecondFactorNeeded  # enrolled meanwhile
        return ""

    def _added(
        self, session: AsyncSession, person: PersonRow, source: Source, expires: datetime, proof: Proof
    ) -> Session:
        token, now = secrets.token_urlsafe(TOKEN_BYTES), utc_now(self._clock)
        row = SessionRow(
            token_hash=hash_of(token),
            id=uuid4(),
            person=person.id,
            device=source.device,
            address=source.address[:ADDRESS_MAX],
            created_at=now,
            seen_at=now,
            expires_at=expires,
            by_provider=proof.by_provider,
            provider_factor=proof.provider_factor,
        )
        session.add(row)
        known = self.guard.devices.remember(source.known, account_of(person.name))
        told = row.id, actor_of(person, source.address), ends_at(row, person)
        return Session(*told, token, known, by_provider=proof.by_provider)

    async def note_foreign(self, actor: Actor) -> None:
        """A page of another site has used this person's session; nothing came of it (R31.4)."""
        await self._journal.append(IntrusionSuspected("", str(actor.id), Sign.FOREIGN_ORIGIN, actor.address))

    async def _end_stolen(self, row: SessionRow, source: Source) -> None:
        """A token that turns up on another class of device was copied: nobody keeps it."""

        async def work(session: AsyncSession) -> None:
            await session.execute(delete(SessionRow).where(SessionRow.id == row.id))
            await self._journal.append(
                IntrusionSuspected("", str(row.person), Sign.OTHER_DEVICE, source.address)
            )

        await self._database.run(work)

    async def _note_seen(self, session_id: UUID, now: datetime) -> None:
        async def work(session: AsyncSession) -> None:
            query = update(SessionRow).where(SessionRow.id == session_id, SessionRow.seen_at < now)
            await session.execute(query.values(seen_at=now))

        await self._database.run(work)


def proof_of(row: SessionRow) -> Proof:
    """What its sign-in had shown, without the code."""
    return Proof(by_provider=row.by_provider, provider_factor=row.provider_factor)


def proven_by(person: PersonRow) -> tuple[str | None, ...]:
    """What a sign-in rests on: when it changes, a sign-in that is under way does not count."""
    return person.password_hash, person.oidc_issuer, person.oidc_subject


def ends_at(row: SessionRow, person: PersonRow) -> datetime:
    """When a session ends at the latest: a grant or a ticket never outlives it, nor the contract."""
    return min(row.expires_at, person.closes_at or row.expires_at)


def actor_of(person: PersonRow, address: str) -> Actor:
    return Actor(
        person.id,
        person.name,
        person.role_set,
        person.language,
        address,
        person.organisation,
        person.area_codes,
    )


def hash_of(token: str) -> bytes:
    """SHA-256 is enough for a token of 256 random bits."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
