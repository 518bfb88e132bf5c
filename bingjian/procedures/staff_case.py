"""Cases against staff of state organs (art. 35): there for auditor and discipline body, for nobody else.

Whoever a case is against is never shown it, whatever their roles; nor are there duties or reports about it.
"""

from bingjian.access.decisions import Role
from bingjian.procedures.fields import Fact, Facts, hash_of
from bingjian.procedures.kinds import (
    STAYS,
    Code,
    Data,
    Kind,
    Line,
    Move,
    Opening,
    OrganisationId,
    PersonId,
    Text,
    said,
)
from bingjian.procedures.step import Step
from bingjian.rules.decisions import supervision
from bingjian.rules.edition import Words


class StaffCase(Data):
    against: str = said("被举报人", "Against whom")
    unit: OrganisationId = said("所在单位", "Unit")
    offence: str = said("情形", "Offence")
    facts: tuple[Fact, ...] = said("事实", "Facts", default=())
    facts_hash: str = said("事实摘要", "Hash of the facts")
    outcome: Text = said("处理结果", "Outcome", default="")


class StaffCaseOpening(Opening):
    against: Line = said("被举报人", "Against whom", default="")
    person: PersonId | None = said("被举报人的账号", "Account of that person", default=None)
    unit: OrganisationId = said("所在单位", "Unit")
    offence: Code = said("情形", "Offence")
    facts: Facts = said("事实", "Facts", default=())


class AddFact(Data):
    fact: Fact = said("事实", "Fact")


class Conclude(Data):
    outcome: Text = said("处理结果", "Outcome", min_length=1)


async def begin(step: Step, wish: StaffCaseOpening) -> StaffCase:
    """Against a named person, by somebody else."""
    against = str(wish.person) if wish.person is not None else wish.against
    case = supervision.StaffCase(str(step.record.id), against, str(wish.unit), wish.offence)
    step.require(supervision.may_open_case(step.law, case, str(step.actor.id)))
    step.record.subject = wish.person
    return StaffCase(
        against=wish.against or against,
        unit=wish.unit,
        offence=wish.offence,
        facts=wish.facts,
        facts_hash=hash_of(wish.facts),
    )


async def add_fact(step: Step, data: StaffCase, wish: AddFact) -> StaffCase:
    facts = (*data.facts, wish.fact)
    return data.model_copy(update={"facts": facts, "facts_hash": hash_of(facts)})


async def conclude(step: Step, data: StaffCase, wish: Conclude) -> StaffCase:
    return data.model_copy(update={"outcome": wish.outcome})


BODY = frozenset({Role.DISCIPLINE_BODY})
STAFF_CASE = Kind(
    name="staff_case",
    path="staff-cases",
    words=Words("人员案件", "case against staff"),
    order="R35.1",
    prefix="RY",
    data=StaffCase,
    states={
        "opened": Words("办理中", "open"),
        "closed": Words("已结案", "closed"),
        "dismissed": Words("不成立", "dismissed"),
    },
    opening=StaffCaseOpening,
    openers=BODY,
    readers=BODY | {Role.AUDITOR},
    open=begin,
    moves=(
        Move("add_fact", Words("补充事实", "add a fact"), ("opened",), STAYS, BODY, add_fact, AddFact),
        Move("close", Words("结案", "close"), ("opened",), "closed", BODY, conclude, Conclude),
        Move("dismiss", Words("不予认定", "dismiss"), ("opened",), "dismissed", BODY, conclude, Conclude),
    ),
    silent=True,
    hidden_from_subject=True,
)
