"""The plan: who drafts, who gives an opinion, who approves, and what is there already (art. 7)."""

from collections.abc import Mapping
from dataclasses import dataclass

from bingjian.rules.decision import Case, Grant, Refusal, consistent, decides, is_given, listed, named
from bingjian.rules.edition import Words
from bingjian.rules.law import Law


@dataclass(frozen=True, slots=True)
class Draft:
    """A plan that is to be submitted."""

    submitted_by: str  # code of ``body``
    opinions: Mapping[str, str]  # by department, the reference of its opinion
    standards: tuple[str, ...]  # that it cites


@decides("R7.1")
def may_submit(law: Law, draft: Draft) -> Grant | Refusal:
    """Art. 7¶1: by the city data authority, with an opinion of each co-drafter (more may) and a standard."""
    case = Case(law)
    if not law.binds("R7.1"):
        return case.answer()
    drafter = named(law, "plan_drafter", law.codes("plan_drafter"))
    case.require(
        draft.submitted_by in law.codes("plan_drafter"),
        "R7.1",
        Words(f"规划应由{drafter.zh}报送", f"the {drafter.en} submits the plan"),
        Words(f"请交{drafter.zh}报送", f"hand it to the {drafter.en}"),
    )
    _opinions(case, {body for body, reference in draft.opinions.items() if is_given(reference)})
    standards, least = {one.strip() for one in draft.standards} - {""}, law.number("plan.standards")
    case.require(
        len(standards) >= least,
        "R7.1",
        Words(
            f"规划引用标准 {len(standards)} 项，至少应有 {least} 项",
            f"it cites {len(standards)} standards, {least} at least",
        ),
        Words("请写明所依据的国家标准", "cite the national standards that it follows"),
    )
    return case.answer()


def _opinions(case: Case, given: set[str]) -> None:
    owed, least = case.law.codes("plan_department"), case.law.number("plan.departments")
    missing = [body for body in owed if body not in given]
    names = named(case.law, "plan_department", missing)
    case.require(
        not missing and len(given) >= least,
        "R7.1",
        Words(f"已有 {len(given)} 份意见，缺少：{names.zh}", f"{len(given)} opinions; missing: {names.en}"),
        Words("请征求这些部门的意见并登记", "ask these departments and record their opinions"),
    )


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan as far as its approval goes."""

    approved_by: str  # code of ``body``; empty: not approved
    approval: str  # reference of the document


@decides("R7.2")
def may_start(law: Law, plan: Plan) -> Grant | Refusal:
    """Art. 7¶1: a project starts only under a plan that the city government has approved."""
    case, approvers = Case(law), law.codes("approver.plan")
    who, by = named(law, "approver.plan", approvers), named(law, "body", [plan.approved_by])
    case.require(
        plan.approved_by in approvers and is_given(plan.approval),
        "R7.2",
        Words(
            f"规划由{by.zh}批准，应由{who.zh}批准",
            f"the plan was approved by the {by.en}, not by the {who.en}",
        )
        if plan.approved_by
        else Words("规划尚未批准", "the plan has not been approved"),
        Words(f"请报{who.zh}批准后再启动项目", f"obtain the approval of the {who.en}, then start"),
    )
    return case.answer()


@dataclass(frozen=True, slots=True)
class Reuse:
    """What the planner answered about a camera that is there."""

    is_reused: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a plan, and what covers its area already, in cells of the area."""

    existing: frozenset[str]  # cameras that the system lists
    answers: Mapping[str, Reuse]  # by camera
    cells: int
    overlapping: int  # of them, covered already

    def __post_init__(self) -> None:
        consistent(0 <= self.overlapping <= self.cells and self.cells > 0, "more overlap than area")
        consistent(set(self.answers) <= self.existing, "an answer about a camera that is not listed")


@decides("R7.4")
def is_reuse_answered(law: Law, item: Item) -> Grant | Refusal:
    """Art. 7¶2: of each camera that covers the area already, whether it is reused, and why."""
    case = Case(law)
    answered = {camera for camera, reuse in item.answers.items() if is_given(reuse.reason)}
    missing = sorted(item.existing - answered)
    total = len(item.existing)
    case.require(
        not missing,
        "R7.4",
        Words(
            f"区域内现有 {total} 台摄像机，尚未说明能否利用：{'、'.join(missing)}",
            f"{total} cameras cover the area; not answered: {listed(missing)}",
        ),
        Words("请逐台说明是否利用及其理由", "say of each whether it is reused, and why"),
    )
    return case.answer()


@decides("R7.4")
def is_possible_duplicate(law: Law, item: Item) -> bool:
    """Arts. 4, 7¶2: flagged, not refused, from the set share of overlap on."""
    return law.binds("R7.4") and item.overlapping * 100 >= law.number("plan.overlap") * item.cells
