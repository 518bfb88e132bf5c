"""Sign-in and sessions. A session lives on the server; the browser has a random token, we have its hash."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Actor
from bingjian.access.errors import NotSignedIn, SignInLocked, WrongCredentials
from bingjian.access.models import PersonRow, SessionRow, SignInFailureRow
from bingjian.access.passwords import Hasher
from bingjian.clock import Clock, utc_now
from bingjian.db.session import Database
from bingjian.entries import SignedIn, SignedOut, SignInFailed
from bingjian.journal.append import Journal

SESSION_LIFE = timedelta(hours=12)  # a long shift; then one signs in again
TOKEN_BYTES = 32
FREE_FAILURES = 4  # mistypings of one account from one address before any wait
FREE_FAILURES_ADDRESS = 30  # of all accounts from one address: many names tried one after another
LOCK_FIRST = timedelta(seconds=5)  # then doubled by every further failure
LOCK_MAX = timedelta(minutes=15)
FAILURES_FORGOTTEN = timedelta(hours=24)
ANY_ACCOUNT = b""


@dataclass(frozen=True, slots=True)
class Session:
    """An open session; ``token`` is known only to who just signed in."""

    actor: Actor
    expires: datetime
    token: str = field(default="", repr=False)


class Sessions:
    """Opens, finds and ends sessions; slows down who guesses."""

    def __init__(self, database: Database, journal: Journal, hasher: Hasher, clock: Clock) -> None:
        self._database = database
        self._journal = journal
        self._hasher = hasher
        self._clock = clock

    async def sign_in(
        self, name: str, password: str, address: str, *, replaces: str | None = None
    ) -> Session:
        """Open a session with a new token; the one it replaces ends.

        Raises:
            SignInLocked: before the password is even looked at.
            WrongCredentials: not said which.
        """
        await self._require_unlocked(name, address)
        async with self._database.read() as session:
            person = await session.scalar(select(PersonRow).where(PersonRow.name == name))
        fits = await self._hasher.fits(person.password_hash if person else None, password)
        if person is None or not fits or not person.enabled:
            await self._note_failure(name, address, person.id if person else None)
            raise WrongCredentials
        return await self._open(person, address, replaces)

    async def find(self, token: str, address: str) -> Session:
        """The session of a token. Raises NotSignedIn: none, ended, or the account closed."""
        query = (
            select(SessionRow, PersonRow)
            .join(PersonRow, PersonRow.id == SessionRow.person)
            .where(SessionRow.token_hash == hash_of(token))
        )
        async with self._database.read() as session:
            found = (await session.execute(query)).one_or_none()
        if found is None or found[0].expires_at <= utc_now(self._clock) or not found[1].enabled:
            raise NotSignedIn
        return Session(actor_of(found[1], address), found[0].expires_at)

    async def sign_out(self, token: str, actor: Actor) -> None:
        """End the session; the token is worth nothing from here on."""

        async def work(session: AsyncSession) -> None:
            await session.execute(delete(SessionRow).where(SessionRow.token_hash == hash_of(token)))
            await self._journal.append(SignedOut(str(actor.id), actor.address))

        await self._database.run(work)

    async def _open(self, person: PersonRow, address: str, replaces: str | None) -> Session:
        token, now = secrets.token_urlsafe(TOKEN_BYTES), utc_now(self._clock)

        async def work(session: AsyncSession) -> None:
            ended = SessionRow.expires_at <= now
            if replaces:
                ended |= SessionRow.token_hash == hash_of(replaces)
            await session.execute(delete(SessionRow).where(ended))
            await session.execute(
                delete(SignInFailureRow).where(
                    SignInFailureRow.account == account_of(person.name), SignInFailureRow.address == address
                )
            )
            session.add(
                SessionRow(
                    token_hash=hash_of(token), person=person.id, created_at=now, expires_at=now + SESSION_LIFE
                )
            )
            await session.flush()
            await self._journal.append(SignedIn(str(person.id), address))

        await self._database.run(work)
        return Session(actor_of(person, address), now + SESSION_LIFE, token)

    async def _require_unlocked(self, name: str, address: str) -> None:
        now = utc_now(self._clock)
        query = select(SignInFailureRow).where(
            SignInFailureRow.account.in_([account_of(name), ANY_ACCOUNT]), SignInFailureRow.address == address
        )
        async with self._database.read() as session:
            locks = [row.locked_until for row in await session.scalars(query)]
        if locks and max(locks) > now:
            raise SignInLocked(-int((now - max(locks)).total_seconds() // 1))

    async def _note_failure(self, name: str, address: str, person: UUID | None) -> None:
        async def work(session: AsyncSession) -> None:
            now = utc_now(self._clock)
            await session.execute(
                delete(SignInFailureRow).where(SignInFailureRow.last_at < now - FAILURES_FORGOTTEN)
            )
            locks = [
                await count(session, account_of(name), address, FREE_FAILURES, now),
                await count(session, ANY_ACCOUNT, address, FREE_FAILURES_ADDRESS, now),
            ]
            await session.flush()
            locked_for = max(0, int((max(locks) - now).total_seconds()))
            await self._journal.append(SignInFailed(str(person) if person else "", address, locked_for))

        await self._database.run(work)


async def count(session: AsyncSession, account: bytes, address: str, free: int, now: datetime) -> datetime:
    """Count one more failure; returns until when it locks."""
    row = await session.get(SignInFailureRow, (account, address))
    if row is None:
        row = SignInFailureRow(account=account, address=address, failures=0, last_at=now, locked_until=now)
        session.add(row)
    row.failures += 1
    row.last_at = now
    row.locked_until = now + lock_after(row.failures, free)
    return row.locked_until


def lock_after(failures: int, free: int) -> timedelta:
    """Nothing for the first ``free`` failures, then 5 s, 10 s, 20 s … at most ``LOCK_MAX``."""
    beyond = failures - free
    if beyond <= 0:
        return timedelta(0)
    return min(LOCK_FIRST * (1 << min(beyond - 1, 16)), LOCK_MAX)


def actor_of(person: PersonRow, address: str) -> Actor:
    return Actor(
        person.id,
        person.name,
        person.role_set,
        person.language,
        address,
        person.enabled,
        person.organisation,
        person.area_codes,
    )


def hash_of(token: str) -> bytes:
    """SHA-256 is enough for a token of 256 random bits."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def account_of(name: str) -> bytes:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()
