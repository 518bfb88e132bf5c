"""Two people, one file: the second is told, nothing is lost."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.inventory.errors import Stale
from bingjian.inventory.history import HistoryRow


async def require_version(session: AsyncSession, subject: UUID, is_: int, read: int) -> None:
    """The version that the person has read is still the one that is. Raises Stale."""
    if is_ == read:
        return
    last = await session.get(HistoryRow, (subject, is_))
    assert last is not None  # every version but a seeded first one has its history
    raise Stale(is_, last.by_name, last.at, tuple(sorted(last.changes)))
