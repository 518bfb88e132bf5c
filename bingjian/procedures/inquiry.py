"""Questions of an inspection (art. 32): put to a unit with a due instant; late is seen at that instant."""

from datetime import datetime

from bingjian.access.decisions import SUPERVISORS, Role
from bingjian.duties.models import Obligation
from bingjian.procedures.errors import RefersToNothing
from bingjian.procedures.fields import UNITS, Papers, When
from bingjian.procedures.kinds import Data, Kind, Move, Opening, OrganisationId, Text, said
from bingjian.procedures.step import Step
from bingjian.procedures.supervision import SUPERVISION
from bingjian.rules.civil import TICK
from bingjian.rules.decision import Refusal
from bingjian.rules.decisions import supervision
from bingjian.rules.edition import Words

ANSWER = "R32.2"


class Inquiry(Data):
    text: Text = said("问题", "Question")
    asked: datetime = said("提出时间", "Asked")
    due: datetime = said("答复期限", "Due")
    answered: datetime | None = said("答复时间", "Answered", default=None)
    answer: Text = said("答复", "Answer", default="")
    documents: Papers = said("证明材料", "Evidence", default=())
    is_late: bool = said("逾期", "Late", default=False)
    remarks: Text = said("退回理由", "Why it was sent back", default="")


class InquiryOpening(Opening):
    organisation: OrganisationId = said("被检查单位", "Unit asked")
    text: Text = said("问题", "Question")
    due: When = said("答复期限", "Due")


class Answer(Data):
    answer: Text = said("答复", "Answer", min_length=1)
    documents: Papers = said("证明材料", "Evidence", default=())


class Remark(Data):
    remarks: Text = said("理由", "Reason", min_length=1)


async def ask(step: Step, wish: InquiryOpening) -> Inquiry:
    """Of an inspection that is open; an inspector who is none of public security, within its period."""
    inspection = await step.get(SUPERVISION.name, step.record.subject) if step.record.subject else None
    if inspection is None or inspection.state != "open":
        raise RefersToNothing("subject", "inspection")
    step.require(supervision.may_ask(step.law, wish.text, wish.due, step.now))
    inquiry = Inquiry(text=wish.text, asked=step.now, due=wish.due)
    await owe(step, inquiry)
    return inquiry


async def answer(step: Step, data: Inquiry, wish: Answer) -> Inquiry:
    asked, by = str(step.record.organisation), str(step.actor.organisation)
    step.require(supervision.may_answer(step.book.whole, ANSWER, asked, by))
    in_time = supervision.is_question_answered(step.book.whole, data.due, step.now, step.now)
    await step.meet(ANSWER)
    after = {"answered": step.now, **wish.model_dump(), "is_late": isinstance(in_time, Refusal)}
    return data.model_copy(update=after)


async def send_back(step: Step, data: Inquiry, wish: Remark) -> Inquiry:
    """Not answered: it is owed again, by the same instant."""
    again = data.model_copy(update={"answered": None, "is_late": False, "remarks": wish.remarks})
    await owe(step, again)
    return again


async def accept(step: Step, data: Inquiry, wish: Data) -> Inquiry:
    return data


async def owe(step: Step, data: Inquiry) -> None:
    """The last second counts: overdue is what comes after it."""
    owner = step.record.organisation
    await step.owe(Obligation(ANSWER, step.subject, owner, data.asked, data.due + TICK))


ASKERS = frozenset({Role.PUBLIC_SECURITY, Role.INSPECTOR})


INQUIRY = Kind(
    name="inquiry",
    path="inquiries",
    words=Words("检查问题", "question of an inspection"),
    order=ANSWER,
    prefix="WT",
    data=Inquiry,
    states={
        "asked": Words("待答复", "to be answered"),
        "answered": Words("已答复", "answered"),
        "accepted": Words("已办结", "settled"),
    },
    opening=InquiryOpening,
    openers=ASKERS,
    readers=SUPERVISORS | UNITS | {Role.AUDITOR},
    open=ask,
    subject="record:supervision",
    moves=(
        Move("answer", Words("答复", "answer"), ("asked",), "answered", UNITS, answer, Answer),
        Move("send_back", Words("退回", "send back"), ("answered",), "asked", ASKERS, send_back, Remark),
        Move("accept", Words("认可", "accept"), ("answered",), "accepted", ASKERS, accept),
    ),
)
