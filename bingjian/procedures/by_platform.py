"""Records that nobody opens by hand: the platform does, of what it noticed."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.duties.service import JOB
from bingjian.inventory.history import Subject, differences, remember
from bingjian.inventory.search import searchable
from bingjian.journal.append import Journal
from bingjian.procedures.alert import ALERT, SIGNS, Alert
from bingjian.procedures.kinds import Data, Kind
from bingjian.procedures.models import RecordRow
from bingjian.procedures.service import next_number
from bingjian.rules.edition import Words


@dataclass(frozen=True, slots=True)
class Platform:
    """Who opens them, in histories."""

    id: UUID = JOB
    name: str = "平台"
    address: str = ""


async def raise_alert(
    session: AsyncSession, journal: Journal, alert: Alert, subject: UUID | None, now: datetime
) -> RecordRow:
    """Have an alert looked at; the person it is about (``subject``) never sees it."""
    return await open_record(session, journal, ALERT, SIGNS[alert.sign], alert, now, subject=subject)


async def open_record(
    session: AsyncSession,
    journal: Journal,
    kind: Kind,
    title: Words,
    data: Data,
    now: datetime,
    *,
    subject: UUID | None = None,
    division: str = "",
) -> RecordRow:
    """A record in its first state. Raises JournalUnavailable."""
    number, told = await next_number(session, kind.prefix, now), f"{title.zh} / {title.en}"
    record = RecordRow(
        id=uuid4(),
        kind=kind.name,
        number=number,
        title=told,
        division=division,
        organisation=None,
        subject=subject,
        state=kind.first,
        version=1,
        opened_at=now,
        changed_at=now,
        data_json=data.model_dump_json(),
        search=searchable(told, number),
    )
    session.add(record)
    changes = differences({}, {"state": record.state, **data.model_dump(mode="json")})
    await remember(session, journal, Subject(kind.name, record.id, 1), "opened", changes, Platform(), now)
    return record
