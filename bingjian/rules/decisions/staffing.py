"""The people and papers that keep a system going: arts. 24, 25(1), 25(2) and the entrusted firm."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bingjian.rules.civil import DAY, civil_date, end_after_months, start_of_day
from bingjian.rules.decision import (
    Case,
    Grant,
    Refusal,
    aware,
    consistent,
    decides,
    is_given,
    listed,
    named,
)
from bingjian.rules.edition import Words
from bingjian.rules.law import Law
from bingjian.rules.spans import Span, clock

# --- art. 24: how many


@decides("R24.1")
def headcount(law: Law, cameras: int, key_cameras: int) -> int:
    """Staff that each shift of a platform needs (our formula; the text only says: by area and importance)."""
    consistent(0 <= key_cameras <= cameras, "more key cameras than cameras")
    each, each_key = law.number("staff.cameras_each"), law.number("staff.key_cameras_each")
    return law.number("staff.least") + -(-cameras // each) + key_cameras // each_key


@decides("R24.1")
def is_staffed(law: Law, cameras: int, key_cameras: int, persons: Iterable[str]) -> Grant | Refusal:
    """Whether a shift has its staff. Persons by id; the same one twice is one."""
    needed, there = headcount(law, cameras, key_cameras), len({each for each in persons if is_given(each)})
    case = Case(law)
    case.require(
        there >= needed,
        "R24.1",
        Words(
            f"{cameras} 路摄像机（重点 {key_cameras} 路）每班需 {needed} 人，只有 {there} 人",
            f"{cameras} cameras ({key_cameras} key ones) need {needed} on shift, there are {there}",
        ),
        Words(f"请增派 {needed - there} 人", f"roster {needed - there} more"),
    )
    return case.answer()


@dataclass(frozen=True, slots=True)
class Shift:
    """One person's time on one post."""

    person: str
    platform: str
    post: str
    is_watch: bool  # the duty watch of art. 25(4)
    span: Span


@decides("R24.1", "R25.9")
def may_roster(law: Law, shift: Shift, others: Iterable[Shift]) -> Grant | Refusal:
    """Art. 24: nobody is on shift at two platforms at once. Art. 25(4): a watcher has no other post."""
    same = sorted(
        (other for other in others if other.person == shift.person and other.span.overlaps(shift.span)),
        key=lambda each: (each.span, each.platform, each.post),
    )
    elsewhere = [other.platform for other in same if other.platform != shift.platform]
    posts = [other.post for other in same if other.post != shift.post and (other.is_watch or shift.is_watch)]
    case = Case(law)
    case.require(
        not elsewhere,
        "R24.1",
        Words(
            f"此人 {shift.span} 已在其他平台当班：{'、'.join(elsewhere)}",
            f"this person is on shift elsewhere in {shift.span}: {listed(elsewhere)}",
        ),
        Words("请改派他人或者调整时间", "roster somebody else, or another time"),
    )
    case.require(
        not posts,
        "R25.9",
        Words(
            f"值班监看须专人，此人 {shift.span} 另有岗位：{'、'.join(posts)}",
            f"the watch takes a dedicated person; in {shift.span} this one is also: {listed(posts)}",
        ),
        Words("请改派专人值班监看", "roster somebody who holds no other post"),
    )
    return case.answer()


# --- art. 25(1): the management systems


@dataclass(frozen=True, slots=True)
class Rules:
    """The document of one management system, as it is in force."""

    system: str  # of ``management_system``, or any other that the unit has
    approver: str
    version: str
    approved: datetime
    review: datetime  # due on that day

    def __post_init__(self) -> None:
        aware(approved=self.approved, review=self.review)
        consistent(self.approved <= self.review, "reviewed before it was approved")


@decides("R25.1")
def has_management_systems(law: Law, documents: Iterable[Rules], now: datetime) -> Grant | Refusal:
    """Art. 25(1): before service every one of the systems has a current document. All that lack are named."""
    aware(now=now)
    current = sorted(
        (each for each in documents if each.approved <= now), key=lambda each: (each.system, each.approved)
    )
    there = {each.system for each in current}
    missing = named(
        law, "management_system", [one for one in law.codes("management_system") if one not in there]
    )
    least, case = law.number("systems.required"), Case(law)
    case.require(
        not missing.en,
        "R25.1",
        Words(f"缺少管理制度：{missing.zh}", f"management systems missing: {missing.en}"),
        Words("请制定并批准后再投入使用", "have them approved, then enter service"),
    )
    case.require(
        len(there) >= least,
        "R25.1",
        Words(f"管理制度 {len(there)} 项，应有 {least} 项", f"{len(there)} management systems of {least}"),
        Words("请补齐管理制度", "set up the rest"),
    )
    for each in current:
        case.join(is_sound(law, each))
    return case.answer()


@decides("R25.1")
def is_sound(law: Law, document: Rules) -> Grant | Refusal:
    """Whether a document names its approver and version, and is reviewed within the months allowed."""
    name, months = named(law, "management_system", [document.system]), law.number("systems.review")
    case = Case(law)
    case.require(
        is_given(document.approver) and is_given(document.version),
        "R25.1",
        Words(f"{name.zh}制度没有批准人或者版本号", f"{name.en}: no approver or no version"),
        Words("请填写批准人和版本号", "give approver and version"),
    )
    case.require(
        document.review < end_after_months(document.approved, months),
        "R25.1",
        Words(
            f"{name.zh}制度的复审日期 {civil_date(document.review)} 晚于批准后 {months} 个月",
            f"{name.en}: its review on {civil_date(document.review)} is over {months} months after approval",
        ),
        Words("请提前复审日期", "set an earlier review"),
    )
    return case.answer()


def review_until(document: Rules) -> datetime:
    """First instant at which a document's review is overdue. UTC."""
    return start_of_day(civil_date(document.review) + DAY)


@decides("R25.1")
def is_reviewed(law: Law, document: Rules, now: datetime) -> Grant | Refusal:
    """Whether a document's review is still to come. An overdue one is reminded of; service goes on."""
    aware(now=now)
    name, due = named(law, "management_system", [document.system]), civil_date(document.review)
    case = Case(law)
    case.require(
        civil_date(now) <= due,
        "R25.1",
        Words(f"{name.zh}制度应在 {due} 前复审", f"{name.en}: review was due on {due}"),
        Words("请复审并登记新的版本", "review it and enter the new version"),
    )
    return case.answer()


# --- art. 25: the entrusted firm


@dataclass(frozen=True, slots=True)
class Contract:
    """What a firm is entrusted with. The body that entrusts stays responsible."""

    firm: str
    body: str
    scope: frozenset[str]  # acts
    start: datetime
    end: datetime  # its last instant

    def __post_init__(self) -> None:
        aware(start=self.start, end=self.end)
        consistent(self.start <= self.end, "a contract that ends before it starts")


@decides("R25.2")
def may_act_for(law: Law, contract: Contract | None, act: str, at: datetime) -> Grant | Refusal:
    """Art. 25: an entrusted firm acts only within its contract's scope and period."""
    aware(at=at)
    case = Case(law)
    is_running = contract is not None and contract.start <= at <= contract.end
    told = "没有合同" if contract is None else f"合同期为 {clock(contract.start)} 至 {clock(contract.end)}"
    told_en = (
        "there is no contract"
        if contract is None
        else f"the contract runs from {clock(contract.start)} to {clock(contract.end)}"
    )
    case.require(
        is_running, "R25.2", Words(told, told_en), Words("请先签订或者续签合同", "sign or renew it first")
    )
    case.require(
        contract is None or act in contract.scope,
        "R25.2",
        Words(f"合同范围不含：{act}", f"the contract does not cover: {act}"),
        Words("请由维护责任主体办理，或者变更合同", "let the responsible body do it, or change the contract"),
    )
    return case.answer()


# --- art. 25(2): training


@dataclass(frozen=True, slots=True)
class Training:
    """One training that a person passed."""

    kind: str  # of ``training``
    passed: datetime

    def __post_init__(self) -> None:
        aware(passed=self.passed)


def valid_until(law: Law, training: Training) -> datetime:
    """First instant after a training's validity. UTC."""
    return end_after_months(training.passed, law.number("training.validity"))


def remind_at(law: Law, key: str, until: datetime) -> datetime:
    """00:00 of the day, so many (the number of ``key``) before the last of a term, to remind of it on. UTC.

    Args:
        until: first instant after the term.
    """
    return start_of_day(civil_date(until) - (law.number(key) + 1) * DAY)


def trained(law: Law, trainings: Iterable[Training], at: datetime) -> dict[str, datetime]:
    """Until when each kind of training passed by then is valid; what has run out too."""
    ends = dict[str, datetime]()
    for each in trainings:
        if each.passed <= at:
            ends[each.kind] = max(valid_until(law, each), ends.get(each.kind, each.passed))
    return ends


@decides("R25.3")
def may_take_post(law: Law, trainings: Iterable[Training], at: datetime) -> Grant | Refusal:
    """Art. 25(2): monitors and managers work only while every kind of training is valid."""
    aware(at=at)
    ends, case = trained(law, trainings, at), Case(law)
    for kind in law.codes("training"):
        name, end = law.words("training", kind), ends.get(kind)
        is_valid = end is not None and at < end
        case.require(
            is_valid,
            "R25.3",
            _lapsed(name, end),
            Words(f"请先通过{name.zh}培训", f"pass the training first: {name.en}"),
        )
    return case.answer()


@decides("R25.3")
def may_confirm_training(law: Law, person: str, by: str) -> Grant | Refusal:
    """Nobody vouches for their own training. Persons by id."""
    case = Case(law)
    case.require(
        person != by,
        "R25.3",
        Words("不能确认自己的培训", "nobody confirms their own training"),
        Words("请由其他人员确认", "have somebody else confirm it"),
    )
    return case.answer()


def _lapsed(name: Words, end: datetime | None) -> Words:
    if end is None:
        return Words(f"没有通过{name.zh}培训", f"not trained: {name.en}")
    return Words(f"{name.zh}培训有效期已于 {clock(end)} 届满", f"training ran out at {clock(end)}: {name.en}")
