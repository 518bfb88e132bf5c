"""Periodic checks (art. 25(3)): a plan with its three areas, and inspections with their four checklists.

The plan's days are a series: the first day, then every so many. An inspection that is closed meets the one
that was due; the next day of the series that is still to come is owed then.
"""

from collections.abc import Mapping
from datetime import date, datetime

from bingjian.access.decisions import Role
from bingjian.duties.models import Obligation
from bingjian.procedures.contract import Work, may_firm_act
from bingjian.procedures.kinds import STAYS, Code, Data, DocumentId, Kind, Move, Opening, Text, said
from bingjian.procedures.models import RecordRow
from bingjian.procedures.step import Step, data_of, subject_of
from bingjian.rules.decision import Grant, Refusal, consistent
from bingjian.rules.decisions import upkeep
from bingjian.rules.decisions.staffing import remind_at
from bingjian.rules.edition import Words
from bingjian.rules.law import Law

CODE = "R25.4"
PLAN, RUNNING = "inspection_plan", "running"
INSPECTION, CLOSED = "inspection", "closed"
PERIOD_MOST = 3_660  # days; more is a slip of the pen


class Plan(Data):
    areas: tuple[Code, ...] = said("检查范围", "Areas", of="inspection_area")
    every_days: int = said("周期（天）", "Every so many days", ge=1, le=PERIOD_MOST)
    first: date = said("首次检查日期", "First day")
    stopped: str = said("停止原因", "Why it was stopped", default="")


class PlanOpening(Opening):
    areas: tuple[Code, ...] = said("检查范围", "Areas", of="inspection_area", max_length=20)
    every_days: int = said("周期（天）", "Every so many days", ge=1, le=PERIOD_MOST)
    first: date = said("首次检查日期", "First day")


class SetAreas(Data):
    areas: tuple[Code, ...] = said("检查范围", "Areas", of="inspection_area", max_length=20)


class Stop(Data):
    reason: Text = said("停止原因", "Why it is stopped", min_length=1)


class Checklist(Data):
    """One of the four, filled in."""

    is_sound: bool = said("正常", "In order")
    findings: Text = said("检查情况", "What was found", min_length=1)
    document: DocumentId | None = said("检查记录", "Record", default=None)


class Inspection(Data):
    due: date = said("应检日期", "Due on")
    checklists: Mapping[str, Checklist] = said("检查表", "Checklists", default_factory=dict)
    closed_at: datetime | None = said("办结时间", "Closed at", default=None)
    next_due: date | None = said("下次检查日期", "Next one due on", default=None)
    is_late: bool = said("逾期", "Late", default=False)


class Fill(Data):
    area: Code = said("检查表", "Checklist", of="inspection_checklist")
    checklist: Checklist = said("检查情况", "What was found")


# --- the plan


async def begin_plan(step: Step, wish: PlanOpening) -> Plan:
    return Plan(areas=wish.areas, every_days=wish.every_days, first=wish.first)


async def set_areas(step: Step, plan: Plan, wish: SetAreas) -> Plan:
    return plan.model_copy(update={"areas": wish.areas})


async def is_complete(step: Step, plan: Plan) -> Grant | Refusal:
    return upkeep.is_plan_complete(step.law, plan.areas)


async def start(step: Step, plan: Plan, wish: Data) -> Plan:
    await step.owe(owed_by(step.law, step.record, plan.first))
    return plan


async def stop(step: Step, plan: Plan, wish: Stop) -> Plan:
    await step.drop(CODE)
    return plan.model_copy(update={"stopped": wish.reason})


def owed_by(law: Law, plan: RecordRow, due: date) -> Obligation:
    """The inspection of this day: until 24:00 of it."""
    until = upkeep.inspection_until(due)
    reminder = remind_at(law, "inspection.remind", until)
    return Obligation(CODE, subject_of(plan), plan.organisation, plan.opened_at, until, reminders=(reminder,))


# --- one inspection


async def begin(step: Step, wish: Opening) -> Inspection:
    """Of a plan that runs; it is the one that is due."""
    plan, inspected = await plan_of(step)
    consistent(plan.state == RUNNING, "the plan does not run")
    step.record.division = plan.division
    done = [data_of(row, Inspection) for row in await step.about(plan.id, INSPECTION, [CLOSED])]
    days = [one.next_due for one in done if one.next_due is not None]
    return Inspection(due=max(days, default=inspected.first))


async def fill(step: Step, inspection: Inspection, wish: Fill) -> Inspection:
    """Fill one checklist in. A firm may only within its contract (R25.2)."""
    consistent(wish.area in step.law.codes("inspection_checklist"), f"there is no checklist {wish.area}")
    await require_entrusted(step)
    filled = {**inspection.checklists, wish.area: wish.checklist}
    return inspection.model_copy(update={"checklists": filled})


async def is_filled_in(step: Step, inspection: Inspection) -> Grant | Refusal:
    return upkeep.may_close_inspection(step.law, inspection.checklists)


async def close(step: Step, inspection: Inspection, wish: Data) -> Inspection:
    """Meets what was due; the next one is owed. Late is late, and closed all the same."""
    await require_entrusted(step)
    row, plan = await plan_of(step)
    in_time = upkeep.is_inspected_in_time(step.law, inspection.due, step.now, step.now)
    following = upkeep.next_inspection(plan.first, plan.every_days, inspection.due, step.now)
    if row.state == RUNNING:
        await step.meet(CODE, row.id)
        await step.owe(owed_by(step.law, row, following))
    late = isinstance(in_time, Refusal)
    return inspection.model_copy(update={"closed_at": step.now, "next_due": following, "is_late": late})


async def require_entrusted(step: Step) -> None:
    """Whoever is not of the plan's own body acts by contract. Raises Refused."""
    row, _ = await plan_of(step)
    firm = step.acting
    if firm is None or firm.id == row.organisation or not is_firm(step.actor.roles):
        return
    assert row.subject is not None  # the kind has one
    step.require(await may_firm_act(step.session, step.law, firm.id, row.subject, Work.INSPECTION, step.now))


def is_firm(roles: frozenset[Role]) -> bool:
    return roles <= FIRM


async def plan_of(step: Step) -> tuple[RecordRow, Plan]:
    subject = step.record.subject
    assert subject is not None  # the kind has one
    row = await step.get(PLAN, subject)
    return row, data_of(row, Plan)


BODY = frozenset({Role.REGISTRAR, Role.SHIFT_LEAD, Role.CUSTODIAN, Role.PUBLIC_SECURITY})
FIRM = frozenset({Role.MAINTAINER})
READERS = BODY | FIRM | {Role.WORKGROUP_OFFICE, Role.CITY_DATA_AUTHORITY, Role.INSPECTOR, Role.AUDITOR}
INSPECTION_PLAN = Kind(
    name=PLAN,
    path="inspection-plans",
    words=Words("定期检查计划", "inspection plan"),
    order=CODE,
    prefix="JH",
    data=Plan,
    states={
        "drafted": Words("拟订中", "being drafted"),
        RUNNING: Words("执行中", "running"),
        "stopped": Words("已停止", "stopped"),
    },
    opening=PlanOpening,
    openers=BODY,
    readers=READERS,
    open=begin_plan,
    subject="record:system",
    moves=(
        Move("set_areas", Words("修改范围", "set areas"), ("drafted",), STAYS, BODY, set_areas, SetAreas),
        Move("start", Words("执行", "start"), ("drafted",), RUNNING, BODY, start, check=is_complete),
        Move("stop", Words("停止", "stop"), (RUNNING,), "stopped", BODY, stop, Stop),
    ),
)
INSPECTION_KIND = Kind(
    name=INSPECTION,
    path="inspections",
    words=Words("定期检查", "inspection"),
    order=CODE,
    prefix="JC",
    data=Inspection,
    states={"open": Words("检查中", "under way"), CLOSED: Words("已办结", "closed")},
    opening=Opening,
    openers=BODY | FIRM,
    readers=READERS,
    open=begin,
    subject=f"record:{PLAN}",
    moves=(
        Move("fill", Words("填写检查表", "fill in"), ("open",), STAYS, BODY | FIRM, fill, Fill),
        Move("close", Words("办结", "close"), ("open",), CLOSED, BODY | FIRM, close, check=is_filled_in),
    ),
)
