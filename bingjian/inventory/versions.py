"""Two people, one file: the second is told, nothing is lost."""

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.inventory.errors import Stale
from bingjian.inventory.history import HistoryRow

EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


async def require_version(session: AsyncSession, subject: UUID, is_: int, read: int) -> None:
    """The version that the person has read is still the one that is. Raises Stale."""
    if is_ == read:
        return
    last = await session.get(HistoryRow, (subject, is_))
    if last is None:  # as it came with the program: nobody has changed it yet
        raise Stale(is_, "the program itself", EARLIEST, ())
    raise Stale(is_, last.by_name, last.at, tuple(sorted(last.changes)))
