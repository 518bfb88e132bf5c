"""Rectification orders of the workgroup's office (art. 5¶2): a text, a due instant, met only by evidence."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from bingjian.access.decisions import SUPERVISORS, Role
from bingjian.duties.models import Obligation
from bingjian.procedures.appointment import held_by, holders
from bingjian.procedures.fields import UNITS, When
from bingjian.procedures.kinds import (
    STAYS,
    Code,
    Data,
    DocumentId,
    Kind,
    Move,
    Opening,
    OrganisationId,
    Text,
    said,
)
from bingjian.procedures.step import Step
from bingjian.rules.civil import TICK
from bingjian.rules.decision import Refusal
from bingjian.rules.decisions import offices, supervision
from bingjian.rules.edition import Words

CODE = "R5.2"
Evidence = Annotated[tuple[DocumentId, ...], Field(min_length=1, max_length=100)]


class Rectification(Data):
    issued_by: str = said("下达职能", "Issued as")
    theme: str = said("监督事项", "Theme")
    text: Text = said("整改要求", "What is to be put right")
    issued: datetime = said("下达时间", "Issued")
    due: datetime = said("整改期限", "Due")
    done: datetime | None = said("报告整改时间", "Reported as done", default=None)
    is_late: bool = said("逾期", "Late", default=False)
    report: Text = said("整改情况", "What was done", default="")
    evidence: tuple[DocumentId, ...] = said("整改证明", "Evidence", default=())
    remarks: Text = said("退回或撤回理由", "Why it was sent back or withdrawn", default="")


class RectificationOpening(Opening):
    organisation: OrganisationId = said("整改单位", "Who has to put it right")
    theme: Code = said("监督事项", "Theme")
    text: Text = said("整改要求", "What is to be put right")
    due: When = said("整改期限", "Due")


class ReportDone(Data):
    report: Text = said("整改情况", "What was done", min_length=1)
    evidence: Evidence = said("整改证明", "Evidence")


class Remark(Data):
    remarks: Text = said("理由", "Reason", min_length=1)


class Extend(Data):
    due: When = said("新期限", "New due time")
    remarks: Text = said("理由", "Reason", min_length=1)


async def issue(step: Step, wish: RectificationOpening) -> Rectification:
    """Art. 5¶2: by the office, as the body that holds this appointment now."""
    held = held_by(await holders(step.session, step.book.whole), step.actor.organisation)
    order = Rectification(
        issued_by=offices.OFFICE if offices.OFFICE in held else "",
        theme=wish.theme,
        text=wish.text,
        issued=step.now,
        due=wish.due,
    )
    step.require(offices.may_order(step.law, order_of(order), wish.theme))
    await owe(step, order)
    return order


async def report(step: Step, data: Rectification, wish: ReportDone) -> Rectification:
    """By whom it was put to; the evidence meets the duty, the office looks at it then."""
    asked, by = str(step.record.organisation), str(step.actor.organisation)
    step.require(supervision.may_answer(step.law, CODE, asked, by))
    done = data.model_copy(update={"done": step.now, "report": wish.report, "evidence": wish.evidence})
    is_late = isinstance(offices.is_obeyed(step.book.whole, order_of(done), step.now), Refusal)
    await step.meet(CODE)
    return done.model_copy(update={"is_late": is_late})


async def send_back(step: Step, data: Rectification, wish: Remark) -> Rectification:
    """Not put right: it is owed again, by the same instant."""
    again = data.model_copy(update={"done": None, "is_late": False, "remarks": wish.remarks})
    await owe(step, again)
    return again


async def extend(step: Step, data: Rectification, wish: Extend) -> Rectification:
    later = data.model_copy(update={"due": wish.due, "remarks": wish.remarks})
    await owe(step, later)
    return later


async def accept(step: Step, data: Rectification, wish: Data) -> Rectification:
    return data


async def withdraw(step: Step, data: Rectification, wish: Remark) -> Rectification:
    await step.drop(CODE)
    return data.model_copy(update={"remarks": wish.remarks})


async def owe(step: Step, data: Rectification) -> None:
    """The last second counts: overdue is what comes after it."""
    order_of(data)  # a due instant before the order contradicts it
    owner = step.record.organisation
    await step.owe(Obligation(CODE, step.subject, owner, data.issued, data.due + TICK))


def order_of(data: Rectification) -> offices.Order:
    return offices.Order(data.issued_by, data.text, data.issued, data.due, data.done)


OFFICE = frozenset({Role.WORKGROUP_OFFICE})
RECTIFICATION = Kind(
    name="rectification",
    path="rectifications",
    words=Words("整改通知", "rectification order"),
    order=CODE,
    prefix="ZG",
    data=Rectification,
    states={
        "issued": Words("待整改", "to be put right"),
        "reported": Words("已报告整改", "reported as done"),
        "met": Words("已整改", "put right"),
        "withdrawn": Words("已撤回", "withdrawn"),
    },
    opening=RectificationOpening,
    openers=OFFICE,
    readers=OFFICE | SUPERVISORS | UNITS | {Role.AUDITOR},
    open=issue,
    moves=(
        Move("report", Words("报告整改", "report"), ("issued",), "reported", UNITS, report, ReportDone),
        Move("accept", Words("确认", "accept"), ("reported",), "met", OFFICE, accept),
        Move("send_back", Words("退回", "send back"), ("reported",), "issued", OFFICE, send_back, Remark),
        Move("extend", Words("延期", "extend"), ("issued",), STAYS, OFFICE, extend, Extend),
        Move("withdraw", Words("撤回", "withdraw"), ("issued",), "withdrawn", OFFICE, withdraw, Remark),
    ),
)
