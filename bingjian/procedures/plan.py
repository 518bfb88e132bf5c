"""The construction plan (art. 7): drafted, nine opinions, reuse of what is there, submitted, approved."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from bingjian.access.decisions import Role
from bingjian.inventory.coverage import overlap_of
from bingjian.inventory.rings import checked_ring
from bingjian.procedures.kinds import (
    STAYS,
    CameraId,
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
from bingjian.rules.decision import Case, Grant, Refusal, consistent
from bingjian.rules.decisions import planning
from bingjian.rules.edition import Words

EXISTING_MOST = 10_000  # cameras that cover one item's area already
Standards = Annotated[tuple[Line, ...], Field(max_length=100)]
Area = Annotated[tuple[tuple[float, float], ...], Field(max_length=1000)]  # longitude, latitude, WGS-84


class Opinion(Data):
    """What a department answered."""

    document: DocumentId = said("意见函", "Letter")
    text: Text = said("意见", "Opinion", default="")


class Reuse(Data):
    """Whether a camera that is there already serves."""

    is_reused: bool = said("可利用", "Can be reused")
    reason: Text = said("理由", "Reason", min_length=1)


class Item(Data):
    """One item of the plan, with what covers its area already."""

    name: Line = said("项目", "Item", min_length=1)
    area: Area = said("范围", "Area", default=())
    is_possible_duplicate: bool = said("可能重复建设", "Possible duplicate", default=False)
    existing: tuple[CameraId, ...] = said(
        "现有摄像机", "Cameras that are there", default=(), max_length=EXISTING_MOST
    )
    cells: int = said("面积（格）", "Area in cells", default=1, ge=1)
    overlapping: int = said("已覆盖（格）", "Covered already, in cells", default=0, ge=0)
    answers: Mapping[CameraId, Reuse] = said("利用分析", "Reuse analysis", default_factory=dict)


class Plan(Data):
    standards: Standards = said("依据标准", "Standards", default=())
    opinions: Mapping[str, Opinion] = said(
        "部门意见", "Opinions by department", of="department", default_factory=dict
    )
    items: tuple[Item, ...] = said("建设项目", "Items", default=())
    submitted_by: str = said("报送单位", "Submitted by", of="body,department", default="")
    approved_by: str = said("批准机关", "Approved by", of="body,department", default="")
    approval: DocumentId | None = said("批准文件", "Approval", default=None)


class PlanOpening(Opening):
    standards: Standards = said("依据标准", "Standards", default=())


class Cite(Data):
    standards: Standards = said("依据标准", "Standards")


class AddItem(Data):
    name: Line = said("项目", "Item", min_length=1)
    area: Area = said("范围（经度、纬度）", "Area (longitude, latitude)")


class Answer(Data):
    item: int = said("第几项", "Number of the item", ge=1)
    camera: CameraId = said("摄像机", "Camera")
    answer: Reuse = said("利用分析", "Reuse analysis")


class GiveOpinion(Data):
    opinion: Opinion = said("意见", "Opinion")
    department: Code | None = said(
        "部门（登记他部门来函时填写）", "Department whose letter it is", of="department", default=None
    )


class Approve(Data):
    approval: DocumentId = said("批准文件", "Approval")


async def begin(step: Step, wish: PlanOpening) -> Plan:
    return Plan(standards=wish.standards)


async def cite(step: Step, plan: Plan, wish: Cite) -> Plan:
    return plan.model_copy(update={"standards": wish.standards})


async def give_opinion(step: Step, plan: Plan, wish: GiveOpinion) -> Plan:
    """A department gives its own; the drafter records the letters of departments without an account."""
    is_drafter = step.body in step.law.codes("plan_drafter")
    department = wish.department if wish.department and is_drafter else step.body
    return plan.model_copy(update={"opinions": {**plan.opinions, department: wish.opinion}})


async def add_item(step: Step, plan: Plan, wish: AddItem) -> Plan:
    """With the cameras that cover its area already, which the system itself lists (art. 7¶2)."""
    ring = checked_ring(wish.area, "area")
    found = await overlap_of(step.session, ring, step.actor.areas)
    consistent(len(found.existing) <= EXISTING_MOST, "so many cameras are there that it is several items")
    item = Item(
        name=wish.name,
        area=ring,
        existing=found.existing,
        cells=found.cells,
        overlapping=found.overlapping,
    )
    flagged = planning.is_possible_duplicate(step.law, item_of(item))
    item = item.model_copy(update={"is_possible_duplicate": flagged})
    return plan.model_copy(update={"items": (*plan.items, item)})


async def answer(step: Step, plan: Plan, wish: Answer) -> Plan:
    """Of one camera that covers an item's area, whether it is reused."""
    consistent(wish.item <= len(plan.items), "the plan has no item of that number")
    items, at = list(plan.items), wish.item - 1
    item = items[at]
    items[at] = item.model_copy(update={"answers": {**item.answers, wish.camera: wish.answer}})
    return plan.model_copy(update={"items": tuple(items)})


async def is_ready(step: Step, plan: Plan) -> Grant | Refusal:
    """Art. 7¶1 and ¶2: everything that still bars the submission."""
    case = Case(step.law)
    opinions = {body: str(opinion.document) for body, opinion in plan.opinions.items()}
    case.join(planning.may_submit(step.law, planning.Draft(step.body, opinions, plan.standards)))
    for item in plan.items:
        case.join(planning.is_reuse_answered(step.law, item_of(item)))
    return case.answer()


async def submit(step: Step, plan: Plan, wish: Data) -> Plan:
    return plan.model_copy(update={"submitted_by": step.body})


async def approve(step: Step, plan: Plan, wish: Approve) -> Plan:
    """Art. 7¶1: by the city government and nobody else."""
    step.require(planning.may_start(step.law, planning.Plan(step.body, str(wish.approval))))
    return plan.model_copy(update={"approved_by": step.body, "approval": wish.approval})


async def send_back(step: Step, plan: Plan, wish: Data) -> Plan:
    return plan.model_copy(update={"submitted_by": ""})


def item_of(item: Item) -> planning.Item:
    answers = {str(camera): planning.Reuse(one.is_reused, one.reason) for camera, one in item.answers.items()}
    existing = frozenset(map(str, item.existing))
    return planning.Item(existing, answers, item.cells, item.overlapping)


DRAFTERS = frozenset({Role.CITY_DATA_AUTHORITY, Role.PLANNER})
PLAN = Kind(
    name="plan",
    path="plans",
    words=Words("建设规划", "construction plan"),
    order="R7.2",
    prefix="GH",
    data=Plan,
    states={
        "drafted": Words("起草中", "being drafted"),
        "submitted": Words("已报送", "submitted"),
        "approved": Words("已批准", "approved"),
    },
    opening=PlanOpening,
    openers=DRAFTERS,
    readers=DRAFTERS
    | {Role.DEPARTMENT_USER, Role.GOVERNMENT, Role.WORKGROUP_OFFICE, Role.PUBLIC_SECURITY, Role.INSPECTOR}
    | {Role.REGISTRAR, Role.BUILDER, Role.AUDITOR},
    open=begin,
    moves=(
        Move("cite", Words("填写依据标准", "cite standards"), ("drafted",), STAYS, DRAFTERS, cite, Cite),
        Move(
            "give_opinion",
            Words("出具意见", "give an opinion"),
            ("drafted",),
            STAYS,
            DRAFTERS | {Role.DEPARTMENT_USER, Role.PUBLIC_SECURITY},
            give_opinion,
            GiveOpinion,
        ),
        Move("add_item", Words("增加项目", "add an item"), ("drafted",), STAYS, DRAFTERS, add_item, AddItem),
        Move("answer", Words("利用分析", "answer on reuse"), ("drafted",), STAYS, DRAFTERS, answer, Answer),
        Move(
            "submit",
            Words("报送", "submit"),
            ("drafted",),
            "submitted",
            DRAFTERS,
            submit,
            check=is_ready,
        ),
        Move(
            "approve",
            Words("批准", "approve"),
            ("submitted",),
            "approved",
            frozenset({Role.GOVERNMENT}),
            approve,
            Approve,
        ),
        Move(
            "send_back",
            Words("退回", "send back"),
            ("submitted",),
            "drafted",
            frozenset({Role.GOVERNMENT}),
            send_back,
        ),
    ),
)
