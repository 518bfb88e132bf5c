"""The daily check of places where no camera may be (Decree 799 art. 8¶2), and the report of what is found.

One record a place, kept by whoever runs it: every check is a step of it. A find is reported by the very step
that enters it, to the police of the place's own district.
"""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from pydantic import AwareDatetime
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Role
from bingjian.duties.models import Evidence, Obligation, Subject
from bingjian.duties.owing import meet
from bingjian.inventory.organisations import body_id
from bingjian.inventory.place_rows import PlaceRow
from bingjian.procedures.kinds import (
    STAYS,
    Data,
    DocumentId,
    Kind,
    Move,
    Opening,
    OrganisationId,
    PersonId,
    PlaceId,
    Text,
    said,
)
from bingjian.procedures.step import Step
from bingjian.rules.decision import Refusal, consistent
from bingjian.rules.decisions import privacy
from bingjian.rules.edition import Words
from bingjian.rules.law import Law

CODE = "N8.2"
CHECK = "check"  # key of the duty to check; "report:1" and "handle:1" are those of the first find
KIND, PLACE = "daily_check", "place"
FINDS_MOST = 1_000


class Checked(Protocol):
    """A place, as far as its checks go."""

    @property
    def id(self) -> UUID: ...
    @property
    def name(self) -> str: ...
    @property
    def division(self) -> str: ...
    @property
    def operator(self) -> UUID | None: ...


class Find(Data):
    """Equipment that was found."""

    found: datetime = said("发现时间", "Found at")
    text: str = said("发现情况", "What was found")
    document: DocumentId | None = said("照片或者记录", "Picture or record", default=None)
    reported: datetime = said("报告时间", "Reported at")
    police: OrganisationId = said("受理公安机关", "Police that it went to")
    is_late: bool = said("迟报", "Reported late", default=False)
    answer: str = said("处置情况", "What the police did", default="")


class Checks(Data):
    place: PlaceId = said("场所", "Place")
    checked: datetime | None = said("上次检查", "Last checked", default=None)
    checked_by: PersonId | None = said("检查人", "Checked by", default=None)
    note: str = said("检查情况", "What was seen", default="")
    finds: tuple[Find, ...] = said("发现记录", "Finds", default=())
    ended: str = said("结束原因", "Why it ended", default="")


class Check(Data):
    note: Text = said("检查情况", "What was seen", default="")


class Found(Data):
    found: AwareDatetime = said("发现时间", "Found at")
    text: Text = said("发现情况", "What was found", min_length=1)
    document: DocumentId | None = said("照片或者记录", "Picture or record", default=None)


class Handle(Data):
    find: int = said("第几次发现", "Number of the find", ge=1)
    answer: Text = said("处置情况", "What was done", min_length=1)


class End(Data):
    reason: Text = said("结束原因", "Why it ends", min_length=1)


async def begin(step: Step, wish: Opening) -> Checks:
    place = await place_of(step)
    step.record.division = place.division
    step.record.organisation = place.operator or step.record.organisation
    return Checks(place=place.id)


async def check(step: Step, checks: Checks, wish: Check) -> Checks:
    """Looked, and nothing was there."""
    await require_operator(step)
    await settle(step)
    return checks.model_copy(update={"checked": step.now, "checked_by": step.actor.id, "note": wish.note})


async def find(step: Step, checks: Checks, wish: Found) -> Checks:
    """Looked, and found something: the police of the district have it with this step."""
    await require_operator(step)
    consistent(wish.found <= step.now, "found at a time to come")
    consistent(len(checks.finds) < FINDS_MOST, f"more than {FINDS_MOST} finds")
    police, number = body_id("public_security", step.record.division), len(checks.finds) + 1
    in_time = privacy.is_reported(step.law, wish.found, step.now, step.now)
    await report(step, wish.found, number, police)
    await settle(step)
    one = Find(**wish.model_dump(), reported=step.now, police=police, is_late=isinstance(in_time, Refusal))
    told = {"checked": step.now, "checked_by": step.actor.id, "note": wish.text}
    return checks.model_copy(update={**told, "finds": (*checks.finds, one)})


async def report(step: Step, found: datetime, number: int, police: UUID) -> None:
    """The operator owed the report and has made it, late or not; the police owe an answer."""
    key, record = f"report:{number}", step.record
    until = privacy.report_until(step.law, found)
    await step.owe(Obligation(CODE, step.subject, record.organisation, found, until, key))
    await step.meet(CODE, key=key)
    await step.owe(Obligation(CODE, step.subject, police, step.now, None, f"handle:{number}"))


async def handle(step: Step, checks: Checks, wish: Handle) -> Checks:
    """The police have seen to it."""
    consistent(wish.find <= len(checks.finds), f"there is no find {wish.find}")
    await step.meet(CODE, key=f"handle:{wish.find}")
    finds = list(checks.finds)
    finds[wish.find - 1] = finds[wish.find - 1].model_copy(update={"answer": wish.answer})
    return checks.model_copy(update={"finds": tuple(finds)})


async def end(step: Step, checks: Checks, wish: End) -> Checks:
    """The place has another operator, or none: who comes next opens a new record."""
    return checks.model_copy(update={"ended": wish.reason})


async def settle(step: Step) -> None:
    """Today's check is done, tomorrow's is owed."""
    place = await place_of(step)
    evidence = Evidence(KIND, step.record.id)
    await meet(step.session, place.id, CODE, evidence, step.now, CHECK)
    if step.law.binds(CODE):
        await step.owe(owed_by(step.law, place, step.now, step.now))


def owed_by(law: Law, place: Checked, begun: datetime, checked: datetime) -> Obligation:
    """The check after this one. Of a place never checked: after the day it became one to check."""
    subject = Subject(PLACE, place.id, place.name, place.division)
    return Obligation(CODE, subject, place.operator, begun, privacy.check_until(law, checked), CHECK)


async def require_operator(step: Step) -> None:
    """Raises Refused."""
    place, by = await place_of(step), step.actor.organisation
    answer = privacy.may_check(step.law, str(place.operator or ""), str(by or ""))
    step.require(answer)


async def place_of(step: Step) -> PlaceRow:
    return await place_there(step.session, step.record.subject)


async def place_there(session: AsyncSession, place: UUID | None) -> PlaceRow:
    row = await session.get(PlaceRow, place)
    consistent(row is not None, "there is no such place")
    assert row is not None
    return row


OPERATORS = frozenset({Role.REGISTRAR, Role.SHIFT_LEAD, Role.CUSTODIAN, Role.BUILDER, Role.DEPARTMENT_USER})
POLICE = frozenset({Role.PUBLIC_SECURITY})
DAILY_CHECK = Kind(
    name=KIND,
    path="daily-checks",
    words=Words("私密场所每日检查", "daily check of a private place"),
    order=CODE,
    prefix="XC",
    data=Checks,
    states={"running": Words("检查中", "running"), "ended": Words("已结束", "ended")},
    opening=Opening,
    openers=OPERATORS,
    readers=OPERATORS | POLICE | {Role.WORKGROUP_OFFICE, Role.INSPECTOR, Role.AUDITOR},
    open=begin,
    subject=PLACE,
    moves=(
        Move("check", Words("检查无异常", "nothing found"), ("running",), STAYS, OPERATORS, check, Check),
        Move("find", Words("发现设备并报告", "found, report"), ("running",), STAYS, OPERATORS, find, Found),
        Move("handle", Words("公安处置", "police answer"), (), STAYS, POLICE, handle, Handle),
        Move("end", Words("结束", "end"), ("running",), "ended", OPERATORS, end, End),
    ),
)
