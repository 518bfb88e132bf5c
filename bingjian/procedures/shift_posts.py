"""Who is on shift where and when: one row a person and shift, for the questions that cross shifts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from bingjian.db.base import Base, Instant
from bingjian.rules.decisions.staffing import Shift
from bingjian.rules.spans import Span


class ShiftPostRow(Base):
    """One person's time on one post of one platform's shift."""

    __tablename__ = "shift_posts"
    __table_args__ = (Index("ix_shift_posts_person", "person", "start_at"),)

    shift: Mapped[UUID] = mapped_column(primary_key=True)  # the record
    person: Mapped[UUID] = mapped_column(primary_key=True)
    platform: Mapped[UUID]
    post: Mapped[str] = mapped_column(String(60))
    is_watch: Mapped[bool]
    start_at: Mapped[datetime] = mapped_column(Instant)
    end_at: Mapped[datetime] = mapped_column(Instant)

    @property
    def judged(self) -> Shift:
        """As the rules ask about it."""
        span = Span(self.start_at, self.end_at)
        return Shift(str(self.person), str(self.platform), self.post, self.is_watch, span)


async def elsewhere(session: AsyncSession, post: ShiftPostRow) -> list[Shift]:
    """The same person's other posts that overlap with this one."""
    table = ShiftPostRow
    query = select(table).where(
        table.person == post.person,
        table.shift != post.shift,
        table.start_at < post.end_at,
        table.end_at > post.start_at,
    )
    return [row.judged for row in await session.scalars(query)]


async def forget(session: AsyncSession, shift: UUID, person: UUID | None = None) -> None:
    """Nobody, or this person no longer, is on that shift."""
    gone = delete(ShiftPostRow).where(ShiftPostRow.shift == shift)
    if person is not None:
        gone = gone.where(ShiftPostRow.person == person)
    await session.execute(gone)
