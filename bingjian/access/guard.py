"""Counts failed sign-ins and says who must wait; what decides is in ``lockout`` and in the rules (R31.4)."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from math import ceil
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.errors import SignInLocked
from bingjian.access.known_devices import KnownDevices
from bingjian.access.lockout import (
    DELAY_MAX_S,
    FORGOTTEN,
    Bucket,
    Pressure,
    TooMany,
    failed,
    pressed,
    too_many_from_network,
)
from bingjian.access.models import SignInFailureRow
from bingjian.access.source import Source
from bingjian.clock import Clock, utc_now
from bingjian.db.session import Database
from bingjian.entries import Entry, IntrusionSuspected, Sign, SignInFailed
from bingjian.journal.append import Journal
from bingjian.rules.decision import Refusal
from bingjian.rules.decisions import conduct
from bingjian.rules.library import law

ANY_ACCOUNT = b""
ANYWHERE = ""  # the source of an account's pressure
CODES = "codes"  # of those who had the password: nobody else can fill it, so it may lock
ROWS_MAX = 100_000  # sources remembered, 10 MB; beyond, the oldest go
ROWS_SPARED = 90_000  # so many stay then
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Pause = Callable[[float], Awaitable[None]]


class Guard:
    """Asked before a password is looked at, told when one was wrong."""

    def __init__(
        self,
        database: Database,
        journal: Journal,
        clock: Clock,
        devices: KnownDevices,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self._database = database
        self._journal = journal
        self._clock = clock
        self.devices = devices
        self._pause = pause
        self._held = set[tuple[bytes, str]]()  # who is being kept waiting: one of each account and network

    async def admit(self, name: str, source: Source) -> None:
        """Let a try pass, perhaps after seconds. Raises SignInLocked: this source must wait longer."""
        account, now = account_of(name), utc_now(self._clock)
        is_known = self.devices.id_of(source.known, account) is not None
        places = {(account, self._place(source, account)), (ANY_ACCOUNT, source.network)}
        async with self._database.read() as session:
            rows = list(await session.scalars(select(SignInFailureRow).where(is_one_of(places))))
            pressure = pressure_of(await session.get(SignInFailureRow, (account, ANYWHERE)))
        require_no_wait([bucket_of(row) for row in rows], now)
        delay = 0.0 if is_known else pressure.delay_s(now)
        if delay:
            with self._holding(account, source.network):
                await self._pause(delay)

    async def admit_code(self, name: str, source: Source) -> None:
        """The same for a code, by somebody who has the password. Raises SignInLocked."""
        account = account_of(name)
        if self.devices.id_of(source.known, account) is not None:
            return
        async with self._database.read() as session:
            row = await session.get(SignInFailureRow, (account, CODES))
        require_no_wait([bucket_of(row)] if row else [], utc_now(self._clock))

    async def failed(self, name: str, source: Source, person: UUID | None, *, at_code: bool = False) -> None:
        """Count a failure and write it down.

        Args:
            person: whose account it is, if it is anybody's.
            at_code: the password was right, the code was not.
        """
        account, now = account_of(name), utc_now(self._clock)
        is_known = self.devices.id_of(source.known, account) is not None
        told = str(person) if person else ""

        async def work(session: AsyncSession) -> None:
            await forget(session, now)
            locked = [
                await count(session, account, self._place(source, account), too_many_for_account, now),
                await count(session, ANY_ACCOUNT, source.network, too_many_from_network, now),
            ]
            if not is_known:
                await press(session, account, now)
            if at_code and not is_known:
                locked.append(await count(session, account, CODES, too_many_for_account, now))
            await session.flush()
            wait = max(locked)
            await self._journal.append(SignInFailed(told, source.address, ceil(wait.total_seconds())))
            if wait:
                await self._journal.append(IntrusionSuspected("", told, Sign.FAILED_SIGN_INS, source.address))

        await self._database.run(work)

    async def admit_anybody(self, source: Source) -> None:
        """The same where no name was given: only its network's failures count. Raises SignInLocked."""
        async with self._database.read() as session:
            row = await session.get(SignInFailureRow, (ANY_ACCOUNT, source.network))
        require_no_wait([bucket_of(row)] if row else [], utc_now(self._clock))

    async def failed_anybody(self, source: Source, entry: Entry) -> None:
        """Count a failure of nobody's account, and write this down for it."""
        now = utc_now(self._clock)

        async def work(session: AsyncSession) -> None:
            await forget(session, now)
            await count(session, ANY_ACCOUNT, source.network, too_many_from_network, now)
            await session.flush()
            await self._journal.append(entry)

        await self._database.run(work)

    async def passed(self, session: AsyncSession, name: str, source: Source) -> None:
        """Whoever has signed in from there has not been guessing."""
        account = account_of(name)
        mine = (SignInFailureRow.account == account) & (
            SignInFailureRow.source == self._place(source, account)
        )
        await session.execute(delete(SignInFailureRow).where(mine))

    def _place(self, source: Source, account: bytes) -> str:
        """Where failures are counted: at the device that is known here, else at its network."""
        device = self.devices.id_of(source.known, account)
        return f"device {device}" if device else source.network

    @contextmanager
    def _holding(self, account: bytes, network: str) -> Iterator[None]:
        """Raises SignInLocked: another try from there is being kept waiting already."""
        held = account, network
        if held in self._held:
            raise SignInLocked(ceil(DELAY_MAX_S))
        self._held.add(held)
        try:
            yield
        finally:
            self._held.discard(held)


def is_one_of(places: set[tuple[bytes, str]]) -> ColumnElement[bool]:
    table = SignInFailureRow
    return or_(*(and_(table.account == account, table.source == source) for account, source in places))


def require_no_wait(buckets: Sequence[Bucket], now: datetime) -> None:
    wait = max((bucket.wait(now) for bucket in buckets), default=timedelta(0))
    if wait:
        raise SignInLocked(ceil(wait.total_seconds()))


def too_many_for_account(failures: Sequence[datetime], now: datetime) -> bool:
    """Asks the rules (R31.4)."""
    return isinstance(conduct.may_try(law(), failures, now), Refusal)


async def count(
    session: AsyncSession, account: bytes, source: str, too_many: TooMany, now: datetime
) -> timedelta:
    """Count one more failure; how long that source must wait now."""
    row = await session.get(SignInFailureRow, (account, source))
    bucket = failed(bucket_of(row) if row else Bucket(), too_many, now)
    row = row or added(session, account, source)
    row.recent = ",".join(str((one - EPOCH) // timedelta(microseconds=1)) for one in bucket.recent)
    row.count, row.last_at, row.locked_until = bucket.locks, now, bucket.locked_until
    return bucket.wait(now)


async def press(session: AsyncSession, account: bytes, now: datetime) -> None:
    """Count it for the account, from wherever."""
    row = await session.get(SignInFailureRow, (account, ANYWHERE))
    level = pressed(pressure_of(row), now).level
    row = row or added(session, account, ANYWHERE)
    row.recent, row.count, row.last_at, row.locked_until = "", level, now, None


def added(session: AsyncSession, account: bytes, source: str) -> SignInFailureRow:
    row = SignInFailureRow(account=account, source=source)
    session.add(row)
    return row


async def forget(session: AsyncSession, now: datetime) -> None:
    """Drop what is long ago, and the oldest of too much."""
    table = SignInFailureRow
    await session.execute(delete(table).where(table.last_at <= now - FORGOTTEN))
    rows = await session.scalar(select(func.count()).select_from(table)) or 0
    if rows >= ROWS_MAX:
        newest = select(table.last_at).order_by(table.last_at.desc()).offset(ROWS_SPARED).limit(1)
        oldest = await session.scalar(newest)
        await session.execute(delete(table).where(table.last_at <= oldest))


def bucket_of(row: SignInFailureRow) -> Bucket:
    recent = tuple(EPOCH + timedelta(microseconds=int(one)) for one in row.recent.split(",") if one)
    return Bucket(recent, row.count, row.locked_until)


def pressure_of(row: SignInFailureRow | None) -> Pressure:
    return Pressure(row.count, row.last_at) if row else Pressure()


def account_of(name: str) -> bytes:
    """SHA-256 of the name: a mistyped one may be a password, and is kept nowhere."""
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()
