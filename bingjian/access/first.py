"""The first administrator of accounts: whoever has the code that the machine's console was given.

There is no default account. While there is nobody, the console gets a code that counts for ten minutes and
once; only its hash is kept.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Role
from bingjian.access.errors import SomebodyIsThere, WrongCode
from bingjian.access.guard import Guard
from bingjian.access.models import PersonRow
from bingjian.access.passwords import random_groups
from bingjian.access.service import CONSOLE, People, require_long_enough
from bingjian.access.source import Source
from bingjian.clock import Clock, utc_now
from bingjian.db.platform import PlatformValue
from bingjian.db.session import Database
from bingjian.entries import FirstCodeGiven
from bingjian.journal.append import Journal

CODE_LIFE = timedelta(minutes=10)
GROUPS, LENGTH = 4, 4  # 80 bits: nobody tries them all in ten minutes
KEY = "first_administrator"
NOBODY = ""  # the name that failures are counted for


@dataclass(frozen=True, slots=True)
class FirstCode:
    """Known this once."""

    code: str = field(repr=False)
    expires: datetime


class FirstAdministrator:
    """Gives the code, and takes it once."""

    def __init__(
        self, database: Database, journal: Journal, people: People, guard: Guard, clock: Clock
    ) -> None:
        self._database = database
        self._journal = journal
        self._people = people
        self._guard = guard
        self._clock = clock

    async def is_awaited(self) -> bool:
        """Whether there is nobody yet."""
        return await self._people.is_empty()

    async def give_code(self) -> FirstCode:
        """A new code; an earlier one is worth nothing from here on. Raises SomebodyIsThere."""
        if not await self.is_awaited():
            raise SomebodyIsThere
        given = FirstCode(random_groups(GROUPS, LENGTH), utc_now(self._clock) + CODE_LIFE)
        value = json.dumps({"hash": hash_of(given.code), "expires": given.expires.isoformat()})

        async def work(session: AsyncSession) -> None:
            await session.merge(PlatformValue(key=KEY, value=value))
            await session.flush()
            await self._journal.append(FirstCodeGiven(str(CONSOLE), given.expires.isoformat()))

        await self._database.run(work)
        return given

    async def become(self, code: str, name: str, password: str, language: str, source: Source) -> PersonRow:
        """The first administrator of accounts.

        Raises:
            SomebodyIsThere.
            WrongCode: not the code, used, or too late.
            SignInLocked: too many wrong ones from there.
            PasswordTooShort: the code still counts.
        """
        if not await self.is_awaited():
            raise SomebodyIsThere
        await self._guard.admit(NOBODY, source)
        if not await self._fits(code):
            await self._guard.failed(NOBODY, source, None)
            raise WrongCode
        require_long_enough(password)
        if not await self._use_up(code):
            raise WrongCode  # somebody was faster
        row, _ = await self._people.add_person(name, password, frozenset({Role.SYSADMIN}), language)
        return row

    async def _fits(self, code: str) -> bool:
        async with self._database.read() as session:
            return self._is_right(await session.get(PlatformValue, KEY), code)

    def _is_right(self, row: PlatformValue | None, code: str) -> bool:
        kept = json.loads(row.value) if row is not None else {"hash": "", "expires": "1970-01-01T00:00:00Z"}
        is_in_time = utc_now(self._clock) < datetime.fromisoformat(kept["expires"])
        return hmac.compare_digest(kept["hash"], hash_of(code)) and is_in_time

    async def _use_up(self, code: str) -> bool:
        async def work(session: AsyncSession) -> bool:
            row = await session.get(PlatformValue, KEY)
            if not self._is_right(row, code):
                return False
            await session.delete(row)
            return True

        return await self._database.run(work)


def hash_of(code: str) -> str:
    plain = "".join(code.split()).replace("-", "").lower()
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()
