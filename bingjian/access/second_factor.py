"""The second factor of an account: an authenticator's codes (RFC 6238), ten recovery codes for a lost one."""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Actor, Role
from bingjian.access.errors import NoEnrolment, NoSuchPerson, SecondFactorKept, WrongCode, WrongFirstCode
from bingjian.access.models import PersonRow, RecoveryCodeRow, SecondFactorRow, SessionRow
from bingjian.access.passwords import random_groups
from bingjian.access.totp import base32, matching_step, new_secret, uri_of
from bingjian.clock import Clock, utc_now
from bingjian.db.session import Database
from bingjian.entries import IntrusionSuspected, RefusalGiven, SecondFactorChanged, Sign
from bingjian.inventory.vault import Vault
from bingjian.journal.append import Journal
from bingjian.journal.refusals import written_down
from bingjian.rules.decision import granted
from bingjian.rules.decisions import rights
from bingjian.rules.library import law

SecondFactorMode = Literal["off", "optional", "required"]
MUST = frozenset({Role.SYSADMIN, Role.CUSTODIAN, Role.AUDITOR})  # when it is required
ENROLMENT_LIFE = timedelta(minutes=10)  # from the picture to the first code
RECOVERY_CODES = 10
RECOVERY_GROUPS, RECOVERY_LENGTH = 4, 4  # 16 characters of 32: 80 bits, so a fast hash is enough

Used = Literal["totp", "recovery"]


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the authenticator must be told, this once."""

    secret: str = field(repr=False)  # base 32, to be typed
    uri: str = field(repr=False)  # to be shown as a picture
    expires: datetime


@dataclass(frozen=True, slots=True)
class FactorState:
    """What may be known of a person's second factor."""

    enrolled_at: datetime | None = None
    recovery_codes_left: int = 0


class Factors:
    """Enrols, takes codes, resets."""

    def __init__(
        self, database: Database, journal: Journal, vault: Vault, clock: Clock, mode: SecondFactorMode
    ) -> None:
        self._database = database
        self._journal = journal
        self._vault = vault
        self._clock = clock
        self.mode = mode

    def must_enrol(self, roles: frozenset[Role], *, enrolled: bool) -> bool:
        """Whether these roles are of no use until there is a second factor."""
        return self.mode == "required" and not enrolled and bool(roles & MUST)

    async def state(self, person: UUID) -> FactorState:
        async with self._database.read() as session:
            row = await session.get(SecondFactorRow, person)
            codes = select(func.count()).where(RecoveryCodeRow.person == person)
            left = await session.scalar(codes) or 0
        return FactorState(row.enrolled_at, left) if row and row.secret else FactorState()

    async def begin(self, person: UUID, name: str) -> Enrolment:
        """A new secret, which counts from its first code on; until then the old one does."""
        secret, expires = new_secret(), utc_now(self._clock) + ENROLMENT_LIFE

        async def work(session: AsyncSession) -> None:
            row = await session.get(SecondFactorRow, person)
            if row is None:
                row = SecondFactorRow(person=person, last_step=0)
                session.add(row)
            row.pending, row.pending_until = self._vault.seal_factor(person, secret), expires

        await self._database.run(work)
        return Enrolment(base32(secret), uri_of(secret, name), expires)

    async def confirm(self, person: UUID, code: str) -> list[str]:
        """The first code of the new secret; the recovery codes, which are known this once.

        Raises:
            NoEnrolment: nothing was begun, or too long ago.
            WrongFirstCode: not a code of the new secret.
        """
        now = utc_now(self._clock)
        codes = [random_groups(RECOVERY_GROUPS, RECOVERY_LENGTH) for _ in range(RECOVERY_CODES)]

        async def work(session: AsyncSession) -> None:
            row = await session.get(SecondFactorRow, person)
            if row is None or row.pending is None or row.pending_until is None or row.pending_until <= now:
                raise NoEnrolment
            step = matching_step(self._vault.open_factor(person, row.pending), code, now)
            if step is None:
                raise WrongFirstCode
            row.secret, row.enrolled_at, row.last_step = row.pending, now, step
            row.pending = row.pending_until = None
            await session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.person == person))
            session.add_all(RecoveryCodeRow(code_hash=hash_of(person, one), person=person) for one in codes)
            await session.flush()
            await self._journal.append(SecondFactorChanged(str(person), str(person), "enrolled"))

        await self._database.run(work)
        return codes

    async def is_wanted(self, session: AsyncSession, person: UUID) -> bool:
        """Whether signing in to this account takes a code."""
        row = await session.get(SecondFactorRow, person)
        return self.mode != "off" and row is not None and row.secret is not None

    async def take(self, session: AsyncSession, person: UUID, code: str) -> Used:
        """Use a code up, in the transaction of the sign-in. Raises WrongCode: none, or used before."""
        row = await session.get(SecondFactorRow, person)
        if row is None or row.secret is None:
            raise WrongCode
        if not re.fullmatch(r"\d{6}", code.strip(), re.ASCII):
            return await self._take_recovery(session, person, code)
        step = matching_step(self._vault.open_factor(person, row.secret), code.strip(), utc_now(self._clock))
        if step is None:
            raise WrongCode
        if step <= row.last_step:
            raise WrongCode(REPLAYED)
        row.last_step = step
        return "totp"

    async def note_replay(self, person: UUID, address: str) -> None:
        await self._journal.append(IntrusionSuspected("", str(person), REPLAYED, address))

    async def note_refused(self, actor: Actor, verb: str) -> None:
        """Write down that somebody without it was turned away."""
        reason = "a second factor is required for this role"
        await self._journal.append(
            RefusalGiven(str(actor.id), verb, None, "31(4)", "R31.4", reason, actor.address)
        )

    async def require_may_give_up(self, actor: Actor) -> None:
        """Raises SecondFactorKept, written down before: a role of theirs needs one."""
        if self.must_enrol(actor.roles, enrolled=False):
            await self.note_refused(actor, "account.change")
            raise SecondFactorKept

    async def give_up(self, session: AsyncSession, person: UUID, code: str) -> None:
        """Switch one's own off by proving it, in the caller's transaction. Raises WrongCode."""
        await self.take(session, person, code)
        for table in (RecoveryCodeRow, SecondFactorRow):
            await session.execute(delete(table).where(table.person == person))
        await session.flush()
        await self._journal.append(SecondFactorChanged(str(person), str(person), "given_up"))

    async def reset(self, person: UUID, actor: Actor) -> None:
        """Take a lost second factor away; its person's sessions end. Nobody does so for themselves.

        Raises:
            Refused: one's own.
            NoSuchPerson.
        """
        about, by = str(person), str(actor.id)

        async def own() -> None:
            granted(rights.may_change_account(law(), about, by))

        async def work(session: AsyncSession) -> None:
            if await session.get(PersonRow, person) is None:
                raise NoSuchPerson
            for table in (RecoveryCodeRow, SecondFactorRow, SessionRow):
                await session.execute(delete(table).where(table.person == person))
            await self._journal.append(SecondFactorChanged(by, about, "reset"))

        await written_down(self._journal, own(), actor, "people.change", person)
        await self._database.run(work)

    async def _take_recovery(self, session: AsyncSession, person: UUID, code: str) -> Used:
        row = await session.get(RecoveryCodeRow, hash_of(person, code))
        if row is None:
            raise WrongCode
        await session.delete(row)
        return "recovery"


REPLAYED = Sign.REPLAYED_CODE


def hash_of(person: UUID, code: str) -> bytes:
    """However it is typed: capitals, spaces and dashes do not count."""
    plain = re.sub(r"[\s-]", "", code).lower()
    return hashlib.sha256(person.bytes + plain.encode("utf-8", "surrogatepass")).digest()
