"""Entrusting (art. 25, Decree 799 art. 15): a contract with scope and period, and what is done under it.

The body that entrusts stays responsible; the firm acts only inside the contract.
"""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import Field, model_validator
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Role
from bingjian.procedures.kinds import (
    STAYS,
    Data,
    DocumentId,
    Kind,
    Move,
    Opening,
    OrganisationId,
    PersonId,
    Ref,
    Text,
    said,
)
from bingjian.procedures.models import RecordRow
from bingjian.procedures.step import Step, data_of
from bingjian.rules.civil import DAY, TICK, start_of_day
from bingjian.rules.decision import Case, Grant, Refusal, consistent
from bingjian.rules.decisions import entrusting, staffing
from bingjian.rules.edition import Words
from bingjian.rules.law import Law

JOBS_MOST = 10_000  # entered in one contract; a new one is signed long before


class Work(StrEnum):
    """What a firm can be entrusted with."""

    MAINTENANCE = "maintenance"
    REPAIR = "repair"
    INSPECTION = "inspection"
    DUTY_WATCH = "duty_watch"
    DAILY_CHECK = "daily_check"


WORKS = {
    Work.MAINTENANCE.value: ("维护", "upkeep"),
    Work.REPAIR.value: ("维修", "repair"),
    Work.INSPECTION.value: ("检查", "inspection"),
    Work.DUTY_WATCH.value: ("值班监看", "duty watch"),
    Work.DAILY_CHECK.value: ("每日检查", "daily check"),
}
SystemId = Annotated[UUID, Ref("record:system")]
Systems = Annotated[tuple[SystemId, ...], Field(max_length=5_000)]


class Job(Data):
    """One thing done under the contract."""

    work: Work = said("工作", "Work", choices=WORKS)
    system: SystemId = said("系统", "System")
    text: str = said("内容", "What was done")
    at: datetime = said("时间", "When")
    by: PersonId = said("经办人", "By whom")


class Look(Data):
    """The entrusting body has looked at the firm's work."""

    at: datetime = said("时间", "When")
    text: str = said("监督情况", "What was found")


class Contract(Data):
    body: OrganisationId = said("委托单位", "Who entrusts")
    firm: OrganisationId = said("受托单位", "Firm")
    scope: tuple[Work, ...] = said("委托范围", "Scope", choices=WORKS)
    systems: tuple[SystemId, ...] = said("系统", "Systems")
    first_day: date = said("开始日期", "First day")
    last_day: date = said("结束日期", "Last day")
    text: DocumentId = said("合同文本", "Contract")
    agreement: DocumentId | None = said("安全保密协议", "Security and secrecy agreement", default=None)
    signed_by: tuple[OrganisationId, ...] = said("已签署", "Signed by", default=())
    supervised: tuple[Look, ...] = said("监督记录", "Supervision", default=())
    jobs: tuple[Job, ...] = said("工作记录", "Work done", default=())
    ended: str = said("终止原因", "Why it ended", default="")


class ContractOpening(Opening):
    firm: OrganisationId = said("受托单位", "Firm")
    scope: tuple[Work, ...] = said("委托范围", "Scope", choices=WORKS, min_length=1)
    systems: Systems = said("系统", "Systems", min_length=1)
    first_day: date = said("开始日期", "First day")
    last_day: date = said("结束日期", "Last day")
    text: DocumentId = said("合同文本", "Contract")

    @model_validator(mode="after")
    def _in_order(self) -> "ContractOpening":
        if self.first_day > self.last_day:
            raise ValueError("the contract ends before it begins")
        return self


class Agree(Data):
    agreement: DocumentId = said("安全保密协议", "Security and secrecy agreement")


class Supervise(Data):
    text: Text = said("监督情况", "What was found", min_length=1)


class TakeJob(Data):
    work: Work = said("工作", "Work", choices=WORKS)
    system: SystemId = said("系统", "System")
    text: Text = said("内容", "What was done", min_length=1)


class End(Data):
    reason: Text = said("终止原因", "Why it ends", min_length=1)


async def begin(step: Step, wish: ContractOpening) -> Contract:
    """The record is the firm's, so that its people see it; the body stays responsible."""
    body = step.record.organisation
    consistent(body is not None, "nobody entrusts")
    consistent(body != wish.firm, "a body that entrusts itself")
    step.record.organisation = wish.firm
    fields = wish.model_dump(exclude={"title", "division", "organisation", "subject"})
    return Contract(body=body, **fields)


async def agree(step: Step, contract: Contract, wish: Agree) -> Contract:
    """The agreement on security and secrecy; whoever attaches another one signs anew."""
    return contract.model_copy(update={"agreement": wish.agreement, "signed_by": ()})


async def sign(step: Step, contract: Contract, wish: Data) -> Contract:
    """The side that the person acts for signs the agreement."""
    side = step.actor.organisation
    consistent(side in (contract.body, contract.firm), "neither side of the contract")
    return contract.model_copy(update={"signed_by": (*contract.signed_by, side)})


async def is_agreed(step: Step, contract: Contract) -> Grant | Refusal:
    parties = frozenset({str(contract.body), str(contract.firm)})
    signed = frozenset(map(str, contract.signed_by))
    agreement = str(contract.agreement) if contract.agreement is not None else ""
    return entrusting.may_entrust(step.law, agreement, signed, parties)


async def start(step: Step, contract: Contract, wish: Data) -> Contract:
    return contract


async def supervise(step: Step, contract: Contract, wish: Supervise) -> Contract:
    consistent(step.actor.organisation != contract.firm, "the firm cannot supervise itself")
    look = Look(at=step.now, text=wish.text)
    return contract.model_copy(update={"supervised": (*contract.supervised, look)})


async def take_job(step: Step, contract: Contract, wish: TakeJob) -> Contract:
    """The firm does something: inside scope and period, on a system of the contract."""
    consistent(len(contract.jobs) < JOBS_MOST, f"more than {JOBS_MOST} jobs")
    step.require(judged(step.law, [contract], wish.system, wish.work, step.now))
    job = Job(work=wish.work, system=wish.system, text=wish.text, at=step.now, by=step.actor.id)
    return contract.model_copy(update={"jobs": (*contract.jobs, job)})


async def end(step: Step, contract: Contract, wish: End) -> Contract:
    return contract.model_copy(update={"ended": wish.reason})


# --- what other parts ask


async def may_firm_act(
    session: AsyncSession, law: Law, firm: UUID, system: UUID, work: Work, at: datetime
) -> Grant | Refusal:
    """Whether a firm may do this to a system at an instant, by any contract that runs (R25.2)."""
    query = select(RecordRow).where(
        RecordRow.kind == "contract", RecordRow.organisation == firm, RecordRow.state == "running"
    )
    contracts = [data_of(row, Contract) for row in await session.scalars(query)]
    return judged(law, contracts, system, work, at)


async def firms_of(session: AsyncSession, body: UUID, system: UUID) -> list[UUID]:
    """The firms that a body entrusts a system to."""
    query = select(RecordRow).where(RecordRow.kind == "contract", RecordRow.state == "running")
    contracts = [data_of(row, Contract) for row in await session.scalars(query.order_by(RecordRow.id))]
    return [one.firm for one in contracts if one.body == body and system in one.systems]


def judged(
    law: Law, contracts: Iterable[Contract], system: UUID, work: Work, at: datetime
) -> Grant | Refusal:
    """By the contract that grants, else by the last that covers the system, else by none."""
    mine = sorted((one for one in contracts if system in one.systems), key=lambda one: one.last_day)
    answers = [by_contract(law, one, work, at) for one in mine]
    granted = [answer for answer in answers if isinstance(answer, Grant)]
    return (granted or answers or [staffing.may_act_for(law, None, work, at)])[-1]


def by_contract(law: Law, contract: Contract, work: Work, at: datetime) -> Grant | Refusal:
    """By the city's measure and by the decree, which has the firm promise secrecy too (N19)."""
    scope = frozenset(str(one) for one in contract.scope)
    # Its last instant is the one before 24:00 of its last day.
    period = start_of_day(contract.first_day), start_of_day(contract.last_day + DAY) - TICK
    has_promised = contract.agreement is not None and contract.firm in contract.signed_by
    case = Case(law)
    told = staffing.Contract(str(contract.firm), str(contract.body), scope, *period)
    case.join(staffing.may_act_for(law, told, work, at))
    entrusted = entrusting.Entrusted(*period, scope, has_promised)
    case.join(entrusting.may_contractor(law, entrusted, work, frozenset(), at))
    return case.answer()


BODY = frozenset(
    {Role.REGISTRAR, Role.SHIFT_LEAD, Role.CUSTODIAN, Role.DEPARTMENT_USER, Role.PUBLIC_SECURITY}
)
FIRM = frozenset({Role.MAINTAINER})
CONTRACT = Kind(
    name="contract",
    path="contracts",
    words=Words("委托维护合同", "maintenance contract"),
    order="R25.2",
    prefix="HT",
    data=Contract,
    states={
        "drafted": Words("拟订中", "being drafted"),
        "running": Words("履行中", "running"),
        "ended": Words("已终止", "ended"),
    },
    opening=ContractOpening,
    openers=BODY,
    readers=BODY | FIRM | {Role.WORKGROUP_OFFICE, Role.CITY_DATA_AUTHORITY, Role.INSPECTOR, Role.AUDITOR},
    open=begin,
    moves=(
        Move(
            "agree", Words("附安全保密协议", "attach the agreement"), ("drafted",), STAYS, BODY, agree, Agree
        ),
        Move("sign", Words("签署协议", "sign the agreement"), ("drafted",), STAYS, BODY | FIRM, sign),
        Move("start", Words("生效", "start"), ("drafted",), "running", BODY, start, check=is_agreed),
        Move("supervise", Words("监督", "supervise"), ("running",), STAYS, BODY, supervise, Supervise),
        Move(
            "take_job", Words("登记工作", "enter work"), ("running",), STAYS, BODY | FIRM, take_job, TakeJob
        ),
        Move("end", Words("终止", "end"), ("running",), "ended", BODY, end, End),
    ),
)
