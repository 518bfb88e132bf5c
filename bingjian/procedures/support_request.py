"""Works and the help they ask for (art. 5¶4): road-breaking and pipelines need a paper; help has a clock.

The paper bars the works until it is there. Help that a department does not give in time is the department's
duty, and never a bar to the builder.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from pydantic import Field
from sqlalchemy import select

from bingjian.access.decisions import SUPERVISORS, Role
from bingjian.duties.models import Obligation
from bingjian.inventory.organisations import OrganisationRow, body_id
from bingjian.procedures.kinds import (
    STAYS,
    Code,
    Data,
    DocumentId,
    Kind,
    Line,
    Move,
    Opening,
    Text,
    said,
)
from bingjian.procedures.step import Step
from bingjian.rules.decision import Grant, Refusal
from bingjian.rules.decisions import offices, support
from bingjian.rules.edition import Words

CODE = "R5.5"
Works = Annotated[tuple[Code, ...], Field(max_length=20)]


class Paper(Data):
    works: Code = said("施工类别", "Works")
    body: Code = said("出具部门", "Who issued it")
    reference: Line = said("文号", "Reference", min_length=1)
    document: DocumentId | None = said("批准或者会签文件", "Paper", default=None)


class Help(Data):
    department: str = said("协助部门", "Department")
    text: Text = said("请求内容", "What is asked for", default="")
    asked: datetime = said("提出时间", "Asked")
    due: datetime | None = said("答复期限", "To be answered before", default=None)
    answered: datetime | None = said("答复时间", "Answered", default=None)
    is_given: bool = said("同意协助", "Help is given", default=False)
    answer: Text = said("答复", "Answer", default="")


class SupportRequest(Data):
    works: Works = said("施工类别", "Works", default=())
    papers: tuple[Paper, ...] = said("批准与会签", "Papers", default=())
    helps: Mapping[str, Help] = said("协助请求", "Help asked for", default_factory=dict)
    begun: datetime | None = said("开工时间", "Begun", default=None)
    finished: datetime | None = said("完工时间", "Finished", default=None)


class SupportOpening(Opening):
    works: Works = said("施工类别", "Works", default=())
    is_maintenance: bool = said("维护作业", "Maintenance job", default=False)


class AddPaper(Data):
    paper: Paper = said("批准或者会签", "Paper")


class Approve(Data):
    works: Code = said("施工类别", "Works")
    reference: Line = said("文号", "Reference", min_length=1)
    document: DocumentId | None = said("批准或者会签文件", "Paper", default=None)


class AskHelp(Data):
    help: Code = said("协助事项", "Help")
    text: Text = said("请求内容", "What is asked for", default="")


class AnswerHelp(Data):
    help: Code = said("协助事项", "Help")
    is_given: bool = said("同意协助", "Help is given")
    answer: Text = said("答复", "Answer", min_length=1)


async def begin_request(step: Step, wish: SupportOpening) -> SupportRequest:
    return SupportRequest(works=wish.works)


async def add_paper(step: Step, data: SupportRequest, wish: AddPaper) -> SupportRequest:
    return data.model_copy(update={"papers": (*data.papers, wish.paper)})


async def approve(step: Step, data: SupportRequest, wish: Approve) -> SupportRequest:
    """By the department that the measures name for these works, itself."""
    await require_own(step, next(iter(step.book.whole.codes(f"approver.{wish.works}")), ""))
    paper = Paper(works=wish.works, body=step.body, reference=wish.reference, document=wish.document)
    return data.model_copy(update={"papers": (*data.papers, paper)})


async def ask_help(step: Step, data: SupportRequest, wish: AskHelp) -> SupportRequest:
    """The department's clock begins; the works do not wait for it."""
    step.require(support.may_ask_for(step.book.whole, wish.help))
    department = helper_of(step, wish.help)
    due = support.answer_due(step.law, step.now, step.holidays)
    await step.owe(Obligation(CODE, step.subject, body_id(department), step.now, due, wish.help))
    asked = Help(department=department, text=wish.text, asked=step.now, due=due)
    return data.model_copy(update={"helps": {**data.helps, wish.help: asked}})


async def answer_help(step: Step, data: SupportRequest, wish: AnswerHelp) -> SupportRequest:
    step.require(support.may_ask_for(step.book.whole, wish.help))
    await require_own(step, helper_of(step, wish.help))
    asked = data.helps.get(wish.help) or Help(department=step.body, asked=step.now)
    said_now = {"answered": step.now, "is_given": wish.is_given, "answer": wish.answer}
    await step.meet(CODE, key=wish.help)
    return data.model_copy(update={"helps": {**data.helps, wish.help: asked.model_copy(update=said_now)}})


async def has_papers(step: Step, data: SupportRequest) -> Grant | Refusal:
    papers = tuple(support.Paper(one.works, one.body, one.reference) for one in data.papers)
    return support.may_begin(step.law, support.Job(frozenset(data.works), papers))


async def start(step: Step, data: SupportRequest, wish: Data) -> SupportRequest:
    return data.model_copy(update={"begun": step.now})


async def finish(step: Step, data: SupportRequest, wish: Data) -> SupportRequest:
    return data.model_copy(update={"finished": step.now})


async def require_own(step: Step, owner: str) -> None:
    """Art. 5¶3: no department acts for another. Raises Refused."""
    query = select(OrganisationRow.body, OrganisationRow.name).where(OrganisationRow.division == "")
    known = {body: Words(name, name) for body, name in await step.session.execute(query)}
    known |= {code: texts[0].words for code, texts in step.book.whole.codes("department").items()}
    step.require(offices.may_decide(step.law, step.body, owner, known))


def helper_of(step: Step, help: str) -> str:
    """The department that owes this help."""
    return next(iter(step.book.whole.codes(f"helper.{help}")), "")


BUILDERS = frozenset({Role.BUILDER, Role.CONSTRUCTION_UNIT, Role.MAINTAINER, Role.REGISTRAR})
DEPARTMENTS = frozenset({Role.DEPARTMENT_USER})
OPEN = ("asked", "begun")
SUPPORT_REQUEST = Kind(
    name="support_request",
    path="support-requests",
    words=Words("施工协助", "works and support"),
    order=CODE,
    prefix="XZ",
    data=SupportRequest,
    states={
        "asked": Words("待开工", "not begun"),
        "begun": Words("施工中", "begun"),
        "finished": Words("已完工", "finished"),
    },
    opening=SupportOpening,
    openers=BUILDERS,
    readers=BUILDERS | DEPARTMENTS | SUPERVISORS | {Role.AUDITOR},
    open=begin_request,
    moves=(
        Move(
            "add_paper", Words("登记批准文件", "record a paper"), OPEN, STAYS, BUILDERS, add_paper, AddPaper
        ),
        Move("approve", Words("批准或者会签", "approve"), OPEN, STAYS, DEPARTMENTS, approve, Approve),
        Move("ask_help", Words("请求协助", "ask for help"), OPEN, STAYS, BUILDERS, ask_help, AskHelp),
        Move("answer_help", Words("答复", "answer"), OPEN, STAYS, DEPARTMENTS, answer_help, AnswerHelp),
        Move("start", Words("开工", "begin"), ("asked",), "begun", BUILDERS, start, check=has_papers),
        Move("finish", Words("完工", "finish"), ("begun",), "finished", BUILDERS, finish),
    ),
)
