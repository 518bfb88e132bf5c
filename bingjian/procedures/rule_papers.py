"""The rules a body has for itself, as current documents: five management systems (art. 25(1)), and the rules
for keeping and for use (art. 28¶1). A new version takes the place of the last; nothing is overwritten."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Role
from bingjian.duties.models import Obligation
from bingjian.procedures.kinds import STAYS, Code, Data, DocumentId, Kind, Line, Move, Opening, Text, said
from bingjian.procedures.models import RecordRow
from bingjian.procedures.step import Step, data_of, subject_of
from bingjian.rules.civil import civil_date, start_of_day
from bingjian.rules.decision import consistent
from bingjian.rules.decisions import staffing
from bingjian.rules.edition import Words
from bingjian.rules.law import Law

SYSTEMS, RULES, CURRENT = "management_system", "keeping_rules", "current"
REVIEW = "R25.1"


class Version(Data):
    """What was approved."""

    document: DocumentId = said("文本", "Text")
    version: Line = said("版本号", "Version", min_length=1)
    approver: Line = said("批准人", "Approved by", min_length=1)
    approved: date = said("批准日期", "Approved on")


class Reviewed(Version):
    review: date = said("复审日期", "Review on")


class System(Data):
    """One of the five, in all its versions; the last is the one in force."""

    of: Code = said("制度", "Which system", of="management_system")
    versions: tuple[Reviewed, ...] = said("版本", "Versions", default=())
    withdrawn: str = said("废止原因", "Why it was withdrawn", default="")


class Rules(Data):
    of: Code = said("规定", "Which rules", of="keeping_rule")
    versions: tuple[Version, ...] = said("版本", "Versions", default=())
    withdrawn: str = said("废止原因", "Why they were withdrawn", default="")


class SystemOpening(Opening):
    of: Code = said("制度", "Which system", of="management_system")


class RulesOpening(Opening):
    of: Code = said("规定", "Which rules", of="keeping_rule")


class ApproveSystem(Data):
    paper: Reviewed = said("版本", "Version")


class ApproveRules(Data):
    paper: Version = said("版本", "Version")


class Withdraw(Data):
    reason: Text = said("废止原因", "Why they are withdrawn", min_length=1)


# --- the five management systems


async def begin_system(step: Step, wish: SystemOpening) -> System:
    require_owner(step)
    consistent(wish.of in step.law.codes("management_system"), f"no management system: {wish.of}")
    return System(of=wish.of)


async def approve_system(step: Step, system: System, wish: ApproveSystem) -> System:
    """A version in force; its review is owed. The version before has then been reviewed."""
    consistent(wish.paper.approved <= civil_date(step.now), "approved on a day to come")
    step.require(staffing.is_sound(step.law, judged(system.of, wish.paper)))
    await step.meet(REVIEW)
    await step.owe(review_owed(step.law, step.record, system.of, wish.paper))
    return system.model_copy(update={"versions": (*system.versions, wish.paper)})


async def withdraw_system(step: Step, system: System, wish: Withdraw) -> System:
    await step.drop(REVIEW)
    return system.model_copy(update={"withdrawn": wish.reason})


def judged(of: str, version: Reviewed) -> staffing.Rules:
    """As the rules ask about it."""
    approved, review = start_of_day(version.approved), start_of_day(version.review)
    return staffing.Rules(of, version.approver, version.version, approved, review)


def review_owed(law: Law, record: RecordRow, of: str, version: Reviewed) -> Obligation:
    until = staffing.review_until(judged(of, version))
    reminder = staffing.remind_at(law, "systems.remind", until)
    begun = start_of_day(version.approved)
    return Obligation(REVIEW, subject_of(record), record.organisation, begun, until, reminders=(reminder,))


async def systems_of(session: AsyncSession, organisation: UUID) -> list[staffing.Rules]:
    """The management systems that a body has in force."""
    found = [data_of(row, System) for row in await current(session, SYSTEMS, organisation)]
    return [judged(one.of, one.versions[-1]) for one in found]


# --- the rules for keeping and use


async def begin_rules(step: Step, wish: RulesOpening) -> Rules:
    require_owner(step)
    consistent(wish.of in step.law.codes("keeping_rule"), f"no rules that the law asks for: {wish.of}")
    return Rules(of=wish.of)


async def approve_rules(step: Step, rules: Rules, wish: ApproveRules) -> Rules:
    consistent(wish.paper.approved <= civil_date(step.now), "approved on a day to come")
    return rules.model_copy(update={"versions": (*rules.versions, wish.paper)})


async def withdraw_rules(step: Step, rules: Rules, wish: Withdraw) -> Rules:
    return rules.model_copy(update={"withdrawn": wish.reason})


async def rules_of(session: AsyncSession, organisation: UUID) -> list[str]:
    """Codes of ``keeping_rule`` that a body has in force."""
    return [data_of(row, Rules).of for row in await current(session, RULES, organisation)]


# --- both


def require_owner(step: Step) -> None:
    consistent(step.record.organisation is not None, "whose rules they are is not said")


async def current(session: AsyncSession, kind: str, organisation: UUID) -> list[RecordRow]:
    query = select(RecordRow).where(
        RecordRow.organisation == organisation, RecordRow.kind == kind, RecordRow.state == CURRENT
    )
    return list(await session.scalars(query.order_by(RecordRow.opened_at, RecordRow.id)))


BODY = frozenset({Role.REGISTRAR, Role.SHIFT_LEAD, Role.CUSTODIAN, Role.ARCHIVIST, Role.PUBLIC_SECURITY})
BODY |= {Role.DEPARTMENT_USER, Role.MAINTAINER}
READERS = BODY | {Role.WORKGROUP_OFFICE, Role.CITY_DATA_AUTHORITY, Role.INSPECTOR, Role.AUDITOR, Role.WATCHER}
STATES = {
    "drafted": Words("起草中", "being drafted"),
    CURRENT: Words("现行", "in force"),
    "withdrawn": Words("已废止", "withdrawn"),
}
APPROVE, RENEW = Words("批准", "approve"), Words("复审换版", "review with a new version")
WITHDRAW = Words("废止", "withdraw")
MANAGEMENT_SYSTEM = Kind(
    name=SYSTEMS,
    path="management-systems",
    words=Words("管理制度", "management system"),
    order=REVIEW,
    prefix="ZD",
    data=System,
    states=STATES,
    opening=SystemOpening,
    openers=BODY,
    readers=READERS,
    open=begin_system,
    moves=(
        Move("approve", APPROVE, ("drafted",), CURRENT, BODY, approve_system, ApproveSystem),
        Move("review", RENEW, (CURRENT,), STAYS, BODY, approve_system, ApproveSystem),
        Move("withdraw", WITHDRAW, (CURRENT,), "withdrawn", BODY, withdraw_system, Withdraw),
    ),
)
KEEPING_RULES = Kind(
    name=RULES,
    path="keeping-rules",
    words=Words("信息留存和使用规定", "rules for keeping and use"),
    order="R28.10",
    prefix="GD",
    data=Rules,
    states=STATES,
    opening=RulesOpening,
    openers=BODY,
    readers=READERS,
    open=begin_rules,
    moves=(
        Move("approve", APPROVE, ("drafted",), CURRENT, BODY, approve_rules, ApproveRules),
        Move("renew", Words("换版", "new version"), (CURRENT,), STAYS, BODY, approve_rules, ApproveRules),
        Move("withdraw", WITHDRAW, (CURRENT,), "withdrawn", BODY, withdraw_rules, Withdraw),
    ),
)
