"""Prohibited acts (art. 31, Decree 799 art. 23) as records: what happened, what shows it, what followed."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated
from uuid import UUID

from bingjian.access.decisions import SUPERVISORS, Role
from bingjian.procedures.fields import Fact, Facts, When, digest, hash_of, papers_of
from bingjian.procedures.kinds import (
    STAYS,
    CameraId,
    Code,
    Data,
    Finding,
    Kind,
    Move,
    Opening,
    PlaceId,
    Ref,
    Text,
    said,
)
from bingjian.procedures.models import RecordRow
from bingjian.procedures.step import Step, data_of
from bingjian.rules.decision import all_of, consistent
from bingjian.rules.decisions import conduct
from bingjian.rules.edition import Words

CaseId = Annotated[UUID, Ref("record:case")]


class Incident(Data):
    act: str = said("行为", "Act")
    description: Text = said("情况", "What happened", default="")
    happened: datetime = said("发生时间", "When")
    place: PlaceId | None = said("场所", "Place", default=None)
    cameras: tuple[CameraId, ...] = said("涉及的摄像机", "Cameras concerned", default=())
    facts: tuple[Fact, ...] = said("事实", "Facts", default=())
    facts_hash: str = said("事实摘要", "Hash of the facts")
    breaches: tuple[str, ...] = said("违反的要求", "Duties breached", default=())
    confirmed: datetime | None = said("认定时间", "Confirmed", default=None)
    case: CaseId | None = said("案件", "Case", default=None)
    outcome: Text = said("处理结果", "Outcome", default="")


class IncidentOpening(Opening):
    act: Code = said("行为", "Act")
    description: Text = said("情况", "What happened", default="")
    happened: When = said("发生时间", "When")
    place: PlaceId | None = said("场所", "Place", default=None)
    cameras: tuple[CameraId, ...] = said("涉及的摄像机", "Cameras concerned", default=(), max_length=1000)
    facts: Facts = said("事实", "Facts", default=())


class AddFact(Data):
    fact: Fact = said("事实", "Fact")


class Refer(Data):
    case: CaseId = said("案件", "Case")


class Conclude(Data):
    outcome: Text = said("处理结果", "Outcome", min_length=1)


async def begin(step: Step, wish: IncidentOpening) -> Incident:
    step.require(conduct.may_file_incident(step.law, wish.act, wish.description))
    consistent(wish.happened <= step.now, "it happened in the future")
    return Incident(
        act=wish.act,
        description=wish.description,
        happened=wish.happened,
        place=wish.place,
        cameras=wish.cameras,
        facts=wish.facts,
        facts_hash=hash_of(wish.facts),
    )


async def add_fact(step: Step, data: Incident, wish: AddFact) -> Incident:
    facts = (*data.facts, wish.fact)
    return data.model_copy(update={"facts": facts, "facts_hash": hash_of(facts)})


async def confirm(step: Step, data: Incident, wish: Data) -> Incident:
    """It was one of the acts: which duties of which laws it breached is what the rules say of it."""
    forbidden = conduct.is_forbidden(step.book.whole, data.act)
    codes = tuple(refusal.code for refusal in all_of(forbidden))
    return data.model_copy(update={"breaches": codes, "confirmed": step.now})


async def refer(step: Step, data: Incident, wish: Refer) -> Incident:
    return data.model_copy(update={"case": wish.case})


async def conclude(step: Step, data: Incident, wish: Conclude) -> Incident:
    return data.model_copy(update={"outcome": wish.outcome})


def findings(record: RecordRow, at: datetime) -> Iterator[Finding]:
    """Once it was confirmed; what followed from it later changes nothing about what happened."""
    data = data_of(record, Incident)
    if data.confirmed is not None and data.confirmed <= at:
        evidence = (str(record.id), *papers_of(data.facts))
        facts = digest([data.act, data.description, data.happened.isoformat(), data.facts_hash])
        yield from (Finding(code, facts, evidence) for code in data.breaches)


REPORTERS = frozenset(
    {Role.WATCHER, Role.SHIFT_LEAD, Role.CUSTODIAN, Role.REGISTRAR, Role.MAINTAINER, Role.BUILDER}
    | {Role.CONSTRUCTION_UNIT, Role.TELECOM, Role.PUBLIC_SECURITY, Role.WORKGROUP_OFFICE}
)
JUDGES = frozenset({Role.PUBLIC_SECURITY, Role.WORKGROUP_OFFICE})
OPENED = "opened"
INCIDENT = Kind(
    name="incident",
    path="incidents",
    words=Words("违禁行为", "prohibited act"),
    order="R31.11",
    ground="31",
    prefix="WJ",
    data=Incident,
    states={
        OPENED: Words("待认定", "to be confirmed"),
        "confirmed": Words("已认定", "confirmed"),
        "dismissed": Words("不成立", "dismissed"),
        "closed": Words("已办结", "closed"),
        "referred": Words("已转立案", "made a case"),
    },
    opening=IncidentOpening,
    openers=REPORTERS,
    readers=REPORTERS | SUPERVISORS | {Role.AUDITOR},
    open=begin,
    findings=findings,
    moves=(
        Move("add_fact", Words("补充事实", "add a fact"), (OPENED,), STAYS, REPORTERS, add_fact, AddFact),
        Move("confirm", Words("认定", "confirm"), (OPENED,), "confirmed", JUDGES, confirm),
        Move("dismiss", Words("不予认定", "dismiss"), (OPENED,), "dismissed", JUDGES, conclude, Conclude),
        Move("close", Words("办结", "close"), ("confirmed",), "closed", JUDGES, conclude, Conclude),
        Move("refer", Words("转立案", "make it a case"), ("confirmed",), "referred", JUDGES, refer, Refer),
    ),
)
