"""A source of obligations: which codes it answers for, and how it reads them for a whole city at once."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.duties.models import Obligation
from bingjian.procedures.lawbook import Lawbook
from bingjian.rules.law import Law

PART_ROWS = 2_000  # read at a time, so that others have their turn in between


@dataclass(frozen=True, slots=True)
class Facts:
    """What a source is asked with."""

    session: AsyncSession
    book: Lawbook
    now: datetime

    @property
    def law(self) -> Law:
        """What binds now."""
        return self.book.at(self.now)

    async def rows(self, query: Select[*tuple[Any, ...]]) -> AsyncIterator[Any]:
        """The rows of a query, read part by part."""
        result = await self.session.stream(query.execution_options(yield_per=PART_ROWS))
        async for some in result.partitions():
            for row in some:
                yield row


@dataclass(frozen=True, slots=True)
class Source:
    """The open duties of these codes about these kinds are exactly what ``owed`` gives."""

    name: str
    codes: tuple[str, ...]
    about: tuple[str, ...]  # kinds of subjects
    owed: Callable[[Facts], AsyncIterator[Obligation]]
