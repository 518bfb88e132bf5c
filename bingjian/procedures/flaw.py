"""The register of flaws in products and services (Decree 799 art. 12): fixed, users told, reported."""

from collections.abc import Mapping
from datetime import datetime

from bingjian.access.decisions import SUPERVISORS, Role
from bingjian.duties.models import Obligation
from bingjian.procedures.fields import Papers, When
from bingjian.procedures.kinds import STAYS, Code, Data, Kind, Line, Move, Opening, Text, said
from bingjian.procedures.step import Step
from bingjian.rules.civil import TICK
from bingjian.rules.decision import Grant, Refusal, consistent
from bingjian.rules.decisions import qualification
from bingjian.rules.edition import Words

CODE = "N12"


class Done(Data):
    at: datetime = said("完成时间", "Done")
    documents: Papers = said("证明材料", "Evidence", default=())
    note: Text = said("说明", "Note", default="")


class Flaw(Data):
    product: Line = said("产品或者服务", "Product or service")
    description: Text = said("缺陷情况", "What is wrong")
    found: datetime = said("发现时间", "Found")
    due: datetime | None = said("办理期限", "Due", default=None)
    done: Mapping[str, Done] = said("已办事项", "Done", default_factory=dict)
    is_late: bool = said("逾期", "Late", default=False)


class FlawOpening(Opening):
    product: Line = said("产品或者服务", "Product or service", min_length=1)
    description: Text = said("缺陷情况", "What is wrong", min_length=1)
    found: When = said("发现时间", "Found")


class Take(Data):
    step: Code = said("事项", "Step")
    documents: Papers = said("证明材料", "Evidence", min_length=1)
    note: Text = said("说明", "Note", min_length=1)


async def register(step: Step, wish: FlawOpening) -> Flaw:
    """Each step is owed at once, and at the latest by its last instant."""
    consistent(wish.found <= step.now, "it was found in the future")
    due = qualification.flaw_due(step.law, wish.found)
    after = None if due is None else due + TICK
    for code in step.law.codes("flaw_step"):
        await step.owe(Obligation(CODE, step.subject, step.record.organisation, wish.found, after, key=code))
    return Flaw(product=wish.product, description=wish.description, found=wish.found, due=due)


async def take(step: Step, data: Flaw, wish: Take) -> Flaw:
    """One of the steps was taken now."""
    step.book.whole.words("flaw_step", wish.step)
    done = {**data.done, wish.step: Done(at=step.now, documents=wish.documents, note=wish.note)}
    await step.meet(CODE, key=wish.step)
    answer = qualification.is_flaw_handled(step.book.whole, flaw_of(data.found, done), step.now)
    return data.model_copy(update={"done": done, "is_late": isinstance(answer, Refusal)})


async def may_close(step: Step, data: Flaw) -> Grant | Refusal:
    return qualification.may_close_flaw(step.book.whole, flaw_of(data.found, data.done))


async def close(step: Step, data: Flaw, wish: Data) -> Flaw:
    return data


def flaw_of(found: datetime, done: Mapping[str, Done]) -> qualification.Flaw:
    return qualification.Flaw(found, {code: one.at for code, one in done.items()})


HOLDERS = frozenset({Role.BUILDER, Role.CONSTRUCTION_UNIT, Role.MAINTAINER, Role.REGISTRAR, Role.TELECOM})
FLAW = Kind(
    name="flaw",
    path="flaws",
    words=Words("安全缺陷", "flaw"),
    order=CODE,
    prefix="QX",
    data=Flaw,
    states={"found": Words("处置中", "being dealt with"), "closed": Words("已办结", "closed")},
    opening=FlawOpening,
    openers=HOLDERS,
    readers=HOLDERS | SUPERVISORS | {Role.AUDITOR},
    open=register,
    moves=(
        Move("take", Words("登记办理", "record a step"), ("found",), STAYS, HOLDERS, take, Take),
        Move("close", Words("办结", "close"), ("found",), "closed", HOLDERS, close, check=may_close),
    ),
)
