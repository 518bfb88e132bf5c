"""The platform's own few values."""

from sqlalchemy import String, Text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bingjian.db.base import Base
from bingjian.db.session import Database

EPOCH = "epoch"


class PlatformValue(Base):
    __tablename__ = "platform"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


async def next_epoch(database: Database) -> int:
    """One more than the last: names this run of the web process, and never repeats."""

    async def work(session: AsyncSession) -> int:
        row = await session.get(PlatformValue, EPOCH)
        if row is None:
            session.add(PlatformValue(key=EPOCH, value="1"))
            return 1
        row.value = str(int(row.value) + 1)
        return int(row.value)

    return await database.run(work)
