"""The end of the measures (art. 36): announced in time; once they have ended the office says what follows."""

from collections.abc import Sequence
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import SUPERVISORS, Role
from bingjian.duties.models import Obligation, Subject
from bingjian.duties.owing import reconcile
from bingjian.procedures.appointment import holders
from bingjian.procedures.kinds import Code, Data, DocumentId, Kind, Line, Opening, said
from bingjian.procedures.lawbook import Lawbook
from bingjian.procedures.models import RecordRow
from bingjian.procedures.step import Step
from bingjian.rules.civil import DAY, start_of_day
from bingjian.rules.decisions import offices, validity
from bingjian.rules.edition import Words

CODE = "R36.2"
MEASURES = uuid5(NAMESPACE_URL, "bingjian:measures")  # what the duty to choose is about


class Validity(Data):
    choice: str = said("处理方式", "What follows")
    successor: str = said("接替的办法", "What takes its place", default="")
    document: DocumentId = said("决定文件", "Decision")


class ValidityOpening(Opening):
    choice: Code = said("处理方式", "What follows")
    successor: Line = said("接替的办法", "What takes its place", default="")
    document: DocumentId = said("决定文件", "Decision")


async def choose(step: Step, wish: ValidityOpening) -> Validity:
    """By the office; this meets the duty that stands since the measures were published."""
    step.require(validity.is_settled(step.book.whole, wish.choice, step.now))
    await step.meet(CODE, MEASURES)
    return Validity(choice=wish.choice, successor=wish.successor, document=wish.document)


async def owe_choice(session: AsyncSession, book: Lawbook, now: datetime) -> None:
    """Have the office's duty to choose, with its announcements, as the day of publication asks for it."""
    chosen = await session.scalar(select(RecordRow.id).where(RecordRow.kind == VALIDITY.name).limit(1))
    wanted = await expected(session, book) if chosen is None else ()
    await reconcile(session, [CODE], wanted, now)


async def expected(session: AsyncSession, book: Lawbook) -> Sequence[Obligation]:
    readings = validity.last_days(book.whole)
    if readings is None:
        return ()  # not published: no end
    owner = (await holders(session, book.whole))[offices.OFFICE]
    subject = Subject(VALIDITY.name, MEASURES, validity.measures(book.whole).title.zh, "")
    reminders = tuple(one.at for one in validity.reminders(book.whole))
    begun, due = begin_of(book), start_of_day(readings.counted + DAY)
    return (Obligation(CODE, subject, owner, begun, due, reminders=reminders),)


def begin_of(book: Lawbook) -> datetime:
    """The first instant of the measures."""
    effective = validity.measures(book.whole).effective
    assert effective is not None  # published, for they have a last day
    return start_of_day(effective)


OFFICE = frozenset({Role.WORKGROUP_OFFICE})
VALIDITY = Kind(
    name="validity",
    path="validities",
    words=Words("有效期届满处理", "end of the measures"),
    order=CODE,
    prefix="YX",
    data=Validity,
    states={"chosen": Words("已选择", "chosen")},
    opening=ValidityOpening,
    openers=OFFICE,
    readers=OFFICE | SUPERVISORS | {Role.GOVERNMENT, Role.AUDITOR, Role.REGISTRAR},
    open=choose,
    moves=(),
)
