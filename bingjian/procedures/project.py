"""Building projects (art. 12): a video system goes with the project it belongs to, stage by stage.

The main project is not ours to stop: where it gets ahead of its system the breach is kept and owed.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bingjian.access.decisions import Role
from bingjian.procedures.consequences import revise as revise_other
from bingjian.procedures.kinds import STAYS, Code, Data, DocumentId, Kind, Move, Opening, Ref, Text, said
from bingjian.procedures.models import RecordRow
from bingjian.procedures.plan import Plan
from bingjian.procedures.project_stages import (
    CODE,
    REACHED_BY,
    Stages,
    breaches_of,
    owe_what_is_behind,
    stages_of,
)
from bingjian.procedures.step import Step, data_of
from bingjian.procedures.system_data import System
from bingjian.rules.decision import Case, Grant, Refusal, consistent
from bingjian.rules.decisions import planning, projects
from bingjian.rules.decisions.lifecycle import State
from bingjian.rules.edition import Words
from bingjian.rules.law import Law

KIND = "project"
KINDS = "project_kind,project_kind_exempt"  # lists of codes
PlanId = Annotated[UUID, Ref("record:plan")]
SystemId = Annotated[UUID, Ref("record:system")]
Investment = Literal["government", "social"]


class Exemption(Data):
    reason: Text = said("理由", "Reason", default="")
    document: DocumentId | None = said("文件", "Document", default=None)
    approver: Text = said("批准人", "Approver", default="")


class Approval(Data):
    body: str = said("批准机关", "Approving body")
    document: DocumentId = said("批准文件", "Document")
    at: AwareDatetime = said("批准时间", "Approved at")


class Breach(Data):
    """A stage that the main project reached before its system."""

    code: str = said("条款", "Duty")
    zh: str = said("情况", "In Chinese")
    en: str = said("情况（英文）", "In English")


class Project(Data):
    kind: Code = said("项目类型", "Kind of project", of=KINDS)
    investment: Investment = said("投资性质", "Investment", of="investment")
    plan: PlanId | None = said("所属规划", "Plan", default=None)
    has_system: bool = said("设计包含视频系统", "Its design includes a video system")
    system: SystemId | None = said("配套视频系统", "Its video system", default=None)
    is_national_security: bool | None = said("涉及国家安全", "Concerns national security", default=None)
    exemption: Exemption | None = said("豁免", "Exemption", default=None)
    approvals: tuple[Approval, ...] = said("批准意见", "Approvals", default=())
    main: Stages = said("主体工程各阶段", "Stages of the main project", default_factory=dict)
    video: Stages = said("视频系统各阶段", "Stages of the video system", default_factory=dict)
    breaches: tuple[Breach, ...] = said("不同步情况", "Stages out of step", default=())


class ProjectOpening(Opening):
    kind: Code = said("项目类型", "Kind of project", of=KINDS)
    investment: Investment = said("投资性质", "Investment", of="investment", default="social")
    plan: PlanId | None = said("所属规划", "Plan", default=None)
    has_system: bool = said("设计包含视频系统", "Its design includes a video system", default=False)
    is_national_security: bool | None = said("涉及国家安全", "Concerns national security", default=None)


class Revise(Data):
    plan: PlanId | None = said("所属规划", "Plan", default=None)
    has_system: bool = said("设计包含视频系统", "Its design includes a video system")
    is_national_security: bool | None = said("涉及国家安全", "Concerns national security", default=None)


class GiveApproval(Data):
    document: DocumentId = said("批准文件", "Document")


SIDES = {"main": ("主体工程", "main project"), "video": ("视频系统", "video system")}


class Reach(Data):
    of: Literal["main", "video"] = said("所指工程", "Of what", choices=SIDES)
    stage: Code = said("阶段", "Stage", of="sync_stage")
    at: AwareDatetime = said("达到时间", "Reached at")


class Link(Data):
    system: SystemId = said("配套视频系统", "Its video system")


async def begin(step: Step, wish: ProjectOpening) -> Project:
    return Project(
        kind=wish.kind,
        investment=wish.investment,
        plan=wish.plan,
        has_system=wish.has_system,
        is_national_security=wish.is_national_security,
    )


async def revise(step: Step, project: Project, wish: Revise) -> Project:
    return project.model_copy(update=dict(wish))


async def exempt(step: Step, project: Project, wish: Exemption) -> Project:
    """Art. 12, special cases: without a system, with reason, document and approver."""
    after = project.model_copy(update={"exemption": wish})
    step.require(projects.may_proceed(step.law, facts_of(after)))
    return after


async def may_be_started(step: Step, project: Project) -> Grant | Refusal:
    """Art. 7¶1: under an approved plan, if it is the government's or of a plan; art. 12: with a system."""
    case = Case(step.law)
    case.join(projects.may_proceed(step.law, facts_of(project)))
    if project.plan is not None or project.investment == "government":
        case.join(planning.may_start(step.law, await approved_plan(step, project.plan)))
    return case.answer()


async def approved_plan(step: Step, plan: UUID | None) -> planning.Plan:
    """As far as its approval goes; one that is submitted has none."""
    if plan is None:
        return planning.Plan("", "")
    row = await step.get("plan", plan)
    data = data_of(row, Plan)
    return (
        planning.Plan(data.approved_by, str(data.approval or ""))
        if row.state == "approved"
        else planning.Plan("", "")
    )


async def give_approval(step: Step, project: Project, wish: GiveApproval) -> Project:
    given = Approval(body=step.body, document=wish.document, at=step.now)
    return project.model_copy(update={"approvals": (*project.approvals, given)})


async def may_be_approved(step: Step, project: Project) -> Grant | Refusal:
    """Art. 12: what concerns national security, with that organ's approval only."""
    given = tuple(projects.Approval(one.body, str(one.document), one.at) for one in project.approvals)
    return projects.may_approve(step.law, given, step.now, is_national_security=project.is_national_security)


async def reach(step: Step, project: Project, wish: Reach) -> Project:
    """A stage was reached. Once is enough: what was entered first stands."""
    consistent(wish.at <= step.now, "a stage in the future")
    consistent(wish.stage in step.law.codes("sync_stage"), "there is no such stage")
    consistent(wish.of == "main" or project.system is None, "the linked system says where it stands itself")
    stages: Mapping[str, object] = getattr(project, wish.of)
    consistent(wish.stage not in stages, "this stage was reached before")
    return await compared(step, project.model_copy(update={wish.of: {**stages, wish.stage: wish.at}}))


async def link(step: Step, project: Project, wish: Link) -> Project:
    return await compared(step, project.model_copy(update={"system": wish.system}))


async def compare(step: Step, project: Project, wish: Data) -> Project:
    return await compared(step, project)


async def compared(step: Step, project: Project) -> Project:
    """With the stages of the linked system, and every breach there is (R12.1)."""
    video = project.video if project.system is None else await stages_of(step.session, project.system)
    await owe_what_is_behind(step, project.main, video if project.has_system else project.main)
    return with_video(step.law, project, video, step.now)


def with_video(law: Law, project: Project, video: Stages, now: datetime) -> Project:
    found = breaches_of(law, project.main, video, now) if project.has_system else ()
    told = tuple(Breach(code=one.code, zh=one.reason.zh, en=one.reason.en) for one in found)
    return project.model_copy(update={"video": video, "breaches": told})


async def follow_system(step: Step, system: System, state: State) -> None:
    """A system's own step: its projects see at once which stage it has come to, and what is met by that."""
    stage = next((one for one, by in REACHED_BY.items() if by is state), None)
    if stage is None:
        return
    reached = (system.used_at if state is State.IN_SERVICE else None) or step.now
    video = {stage: reached} | await stages_of(step.session, step.record.id)
    for record in await projects_of(step.session, step.record.id):
        project = data_of(record, Project)
        if video == project.video:
            continue
        await step.meet(CODE, subject=record.id, key=stage)
        await revise_other(step, record, project, with_video(step.law, project, video, step.now), "followed")


async def projects_of(session: AsyncSession, system: UUID) -> list[RecordRow]:
    """The projects that this system belongs to, oldest first."""
    query = select(RecordRow).where(RecordRow.kind == KIND, RecordRow.state.in_(LINKED))
    query = query.where(RecordRow.data_json.contains(str(system), autoescape=True))
    rows = await session.scalars(query.order_by(RecordRow.opened_at, RecordRow.id))
    return [row for row in rows if data_of(row, Project).system == system]


async def keep(step: Step, project: Project, wish: Data) -> Project:
    return project


def facts_of(project: Project) -> projects.Project:
    one = project.exemption
    given = projects.Exemption(one.reason, str(one.document or ""), one.approver) if one else None
    return projects.Project(project.kind, project.has_system, given)


WORK = ("started", "approved")
LINKED = (*WORK, "finished")  # the main project goes on after its papers are closed
OWNERS = frozenset({Role.BUILDER, Role.PLANNER, Role.CITY_DATA_AUTHORITY})
APPROVERS = frozenset({Role.CITY_DATA_AUTHORITY, Role.GOVERNMENT, Role.DEPARTMENT_USER})
PROJECT = Kind(
    name=KIND,
    path="projects",
    words=Words("建设项目", "building project"),
    order="R12.1",
    prefix="XM",
    data=Project,
    states={
        "proposed": Words("拟建", "proposed"),
        "started": Words("已启动", "started"),
        "approved": Words("已审批", "approved"),
        "finished": Words("已完成", "finished"),
        "exempted": Words("已豁免", "exempted"),
    },
    opening=ProjectOpening,
    openers=OWNERS,
    readers=OWNERS
    | APPROVERS
    | {Role.WORKGROUP_OFFICE, Role.PUBLIC_SECURITY, Role.INSPECTOR, Role.REGISTRAR, Role.AUDITOR},
    open=begin,
    moves=(
        Move("revise", Words("修改", "revise"), ("proposed",), STAYS, OWNERS, revise, Revise),
        Move(
            "exempt",
            Words("豁免", "exempt"),
            ("proposed",),
            "exempted",
            APPROVERS,
            exempt,
            Exemption,
        ),
        Move("start", Words("启动", "start"), ("proposed",), "started", OWNERS, keep, check=may_be_started),
        Move(
            "give_approval",
            Words("出具批准意见", "give an approval"),
            ("proposed", "started"),
            STAYS,
            APPROVERS,
            give_approval,
            GiveApproval,
        ),
        Move(
            "approve",
            Words("审批通过", "approve"),
            ("started",),
            "approved",
            APPROVERS,
            keep,
            check=may_be_approved,
        ),
        Move("link", Words("关联视频系统", "link its video system"), WORK, STAYS, OWNERS, link, Link),
        Move("reach", Words("登记阶段", "enter a stage"), LINKED, STAYS, OWNERS, reach, Reach),
        Move(
            "compare",
            Words("核对同步情况", "compare the stages"),
            LINKED,
            STAYS,
            OWNERS | APPROVERS | {Role.WORKGROUP_OFFICE, Role.INSPECTOR},
            compare,
        ),
        Move("finish", Words("办结", "finish"), ("approved",), "finished", OWNERS, compare),
    ),
)
