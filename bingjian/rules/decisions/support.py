"""Money and help for building and operation: budget (art. 5¶1), works and pruning (art. 5¶4)."""

from dataclasses import dataclass
from datetime import datetime

from bingjian.rules.civil import TICK, civil_date, end_of_working_day
from bingjian.rules.decision import Case, Grant, Refusal, aware, consistent, decides, is_given, named
from bingjian.rules.edition import Words
from bingjian.rules.holidays import Holidays
from bingjian.rules.law import Law

GOVERNMENT = "government"  # code of ``investment``


@dataclass(frozen=True, slots=True)
class Funding:
    """Where the money of a system comes from. What is not known is empty."""

    investment: str  # code of ``investment``
    level: str  # of the system, code of ``budget_level``
    budget_level: str  # of its budget, code of ``budget_level``
    build_item: str
    operation_item: str
    programme: str  # the urban-rural plan or smart-city programme it belongs to


@decides("R5.1")
def is_funded(law: Law, funding: Funding) -> Grant | Refusal:
    """Art. 5¶1: a government system leaves "planned" with budget items for both, and a plan."""
    case = Case(law)
    kinds = named(law, "investment", law.codes("investment"))
    case.require(
        funding.investment in law.codes("investment"),
        "R5.1",
        Words(f"没有投资类型“{funding.investment}”", f"no kind of investment {funding.investment!r}"),
        Words(f"请选择：{kinds.zh}", f"choose: {kinds.en}"),
    )
    if funding.investment == GOVERNMENT:
        missing = _missing(law, funding)
        zh, en = "、".join(each.zh for each in missing), ", ".join(each.en for each in missing)
        case.require(
            not missing,
            "R5.1",
            Words(f"政府投资系统缺少：{zh}", f"a government-invested system lacks: {en}"),
            Words("请补齐后再办理", "add what is missing first"),
        )
    return case.answer()


def _missing(law: Law, funding: Funding) -> list[Words]:
    given = {
        Words("预算级次", "budget level"): funding.budget_level in law.codes("budget_level"),
        Words("建设预算项目", "budget item for building"): is_given(funding.build_item),
        Words("运行维护预算项目", "budget item for operation"): is_given(funding.operation_item),
        Words("所属规划或者项目", "plan or programme"): is_given(funding.programme),
    }
    return [name for name, is_given in given.items() if not is_given]


@decides("R5.1")
def is_level_mismatch(law: Law, funding: Funding) -> bool:
    """Art. 5¶1: a warning, no refusal: the budget is not of the system's own level."""
    return law.binds("R5.1") and funding.investment == GOVERNMENT and funding.level != funding.budget_level


@dataclass(frozen=True, slots=True)
class Paper:
    """An approval or countersign."""

    works: str  # code of ``works`` that it is for
    body: str  # who issued it, code of ``department``
    reference: str


@dataclass(frozen=True, slots=True)
class Job:
    """A job of building or maintenance. What help it has asked for never stops it, so it is not here."""

    works: frozenset[str]  # codes of ``works``
    papers: tuple[Paper, ...]


@decides("R5.5")
def may_begin(law: Law, job: Job) -> Grant | Refusal:
    """Art. 5¶4: breaking a road and touching pipelines each need the paper of the right department."""
    case = Case(law)
    for flag in sorted(job.works):
        bodies = law.codes(f"approver.{flag}")
        issued = {one.body for one in job.papers if one.works == flag and is_given(one.reference)}
        names, what = named(law, "department", bodies), named(law, "works", [flag])
        case.require(
            flag in law.codes("works") and bool(issued & set(bodies)),
            "R5.5",
            Words(
                f"“{what.zh}”没有{names.zh}的批准或者会签",
                f"{what.en}: no paper of {names.en or 'any department'}",
            ),
            Words(
                f"请取得{names.zh}的批准或者会签并登记文号",
                f"obtain it from {names.en or 'a department'} and record it",
            ),
        )
    return case.answer()


@dataclass(frozen=True, slots=True)
class Request:
    """Help that a builder asked a department for."""

    help: str  # code of ``help``
    asked: datetime
    answered: datetime | None

    def __post_init__(self) -> None:
        aware(asked=self.asked, answered=self.answered)
        consistent(self.answered is None or self.asked <= self.answered, "answered before it was asked")


@decides("R5.5")
def may_ask_for(law: Law, help: str) -> Grant | Refusal:
    """Art. 5¶4: help is asked for by its name, so that it is clear which department owes an answer."""
    case, names = Case(law), named(law, "help", law.codes("help"))
    case.require(
        help in law.codes("help"),
        "R5.5",
        Words(f"没有协助事项“{help}”", f"no help {help!r}"),
        Words(f"请选择：{names.zh}", f"choose: {names.en}"),
    )
    return case.answer()


@decides("R5.5")
def answer_due(law: Law, asked: datetime, holidays: Holidays) -> datetime | None:
    """Art. 5¶4: the first instant after a department's time to answer; None: nothing in force sets one."""
    aware(asked=asked)
    limit = law.limits.get("support.answer")
    return None if limit is None else end_of_working_day(asked, limit.value, holidays)


@decides("R5.5")
def is_answered(law: Law, request: Request, holidays: Holidays, now: datetime) -> Grant | Refusal:
    """Art. 5¶4: whether the department answered in time, or still can. Its clock, never the builder's."""
    aware(now=now)
    consistent(
        request.asked <= now and (request.answered is None or request.answered <= now), "in the future"
    )
    case = Case(law)
    if not law.binds("R5.5"):
        return case.answer()
    until = end_of_working_day(request.asked, law.number("support.answer"), holidays)
    last = civil_date(until - TICK)
    what, helpers = named(law, "help", [request.help]), law.codes(f"helper.{request.help}")
    who = named(law, "department", helpers)
    case.require(
        request.help in law.codes("help") and (request.answered or now) < until,
        "R5.5",
        Words(
            f"{who.zh}对“{what.zh}”协助请求的答复应在 {last} 24:00 前作出",
            f"{who.en}: help with {what.en} was to be answered by 24:00 on {last}",
        ),
        Words("请催办该部门；施工不受影响", "remind the department; the job goes on"),
    )
    return case.answer()


@dataclass(frozen=True, slots=True)
class Occlusion:
    """How much of a view plants hide, in cells."""

    hidden: int
    cells: int

    def __post_init__(self) -> None:
        consistent(0 <= self.hidden <= self.cells and self.cells > 0, "more hidden cells than cells")


@decides("R5.8")
def is_clear(law: Law, view: Occlusion) -> Grant | Refusal:
    """Art. 5¶4: whether plants hide less than the share at which they are pruned."""
    case = Case(law)
    if not law.binds("R5.8"):
        return case.answer()
    share, who = law.number("prune.occlusion"), named(law, "department", law.codes("helper.prune"))
    case.require(
        view.hidden * 100 < share * view.cells,
        "R5.8",
        Words(
            f"植物遮挡画面 {view.cells} 格中的 {view.hidden} 格，达到 {share}%",
            f"plants hide {view.hidden} of {view.cells} cells: {share} % or more",
        ),
        Words(f"请{who.zh}及时修剪", f"have {who.en} prune them"),
    )
    return case.answer()


@decides("R5.8")
def may_open_order(law: Law, view: Occlusion, open_orders: int) -> Grant | Refusal:
    """Art. 5¶4: a pruning order wants plants that hide enough, and none open about the same view."""
    share, case = law.limits.get("prune.occlusion"), Case(law)
    percent = 0 if share is None else share.value
    case.require(
        isinstance(is_clear(law, view), Refusal),
        "R5.8",
        Words(f"植物遮挡未达到画面的 {percent}%", f"plants hide less than {percent} % of the view"),
        Words("无须修剪", "nothing needs pruning"),
    )
    case.require(
        not open_orders,
        "R5.8",
        Words("该摄像机已有未完成的修剪任务", "a pruning order of this camera is open"),
        Words("请办理已有的任务", "go on with that one"),
    )
    return case.answer()


@decides("R5.8")
def opens_order(law: Law, view: Occlusion, open_orders: int) -> bool:
    """Whether a pruning order is opened, or a done one reopened: never a second while one is open."""
    consistent(open_orders >= 0, "a negative count of orders")
    return not open_orders and isinstance(is_clear(law, view), Refusal)
