"""What the journal says about records and duties: the numbers of its entries, by which it can be proven."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.db.areas import within
from bingjian.duties.models import DutyRow
from bingjian.duties.owing import pieces
from bingjian.inventory.history import HistoryRow
from bingjian.procedures.models import RecordRow


async def entries_about(
    session: AsyncSession, ids: Iterable[str], at: datetime
) -> Mapping[str, Sequence[int]]:
    """By id: of a record every change of it, of a duty that it became overdue; what was written by ``at``."""
    found = defaultdict[str, list[int]](list)
    for some in pieces(sorted(map(UUID, ids))):
        changes = select(HistoryRow.subject, HistoryRow.entry).where(HistoryRow.subject.in_(some))
        changes = changes.where(HistoryRow.at <= at, HistoryRow.entry.is_not(None))
        notes = select(DutyRow.id, DutyRow.overdue_entry).where(DutyRow.id.in_(some))
        notes = notes.where(DutyRow.overdue_noted_at <= at, DutyRow.overdue_entry.is_not(None))
        for query in (changes, notes):
            for id, entry in await session.execute(query):
                assert entry is not None  # by the conditions
                found[str(id)].append(entry)
    return found


async def is_about_record(
    session: AsyncSession, entry: int, kinds: Iterable[str], areas: Iterable[str]
) -> bool:
    """Whether an entry tells of a record of these kinds in these areas, or of an overdue duty there."""
    areas = list(areas)
    record = select(RecordRow.id).join(HistoryRow, HistoryRow.subject == RecordRow.id)
    record = record.where(HistoryRow.entry == entry, RecordRow.kind.in_(kinds))
    duty = select(DutyRow.id).where(DutyRow.overdue_entry == entry, within(DutyRow.division, areas))
    found = await session.scalar(record.where(within(RecordRow.division, areas)).limit(1))
    return found is not None or await session.scalar(duty.limit(1)) is not None
