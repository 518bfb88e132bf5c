"""Who acts: the workgroup's office and its orders (art. 5¶2), departments (5¶3), police (Decree 799)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bingjian.rules.civil import CHINA
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

OFFICE = "workgroup_office"  # code of ``appointment``


@decides("R5.2")
def may_appoint(law: Law, appointment: str, held: Iterable[str]) -> Grant | Refusal:
    """Art. 5¶2: the office goes only to the organisation that holds the data authority; it may hold both.

    Args:
        appointment: code of ``appointment`` to be given.
        held: codes of those the organisation holds.
    """
    case, held = Case(law), set(held)
    needed = law.codes("office_holder")
    names, what = named(law, "office_holder", needed), named(law, "appointment", [appointment])
    case.require(
        appointment in law.codes("appointment"),
        "R5.2",
        Words(f"没有任命“{appointment}”", f"no appointment {appointment!r}"),
        Words("请选择任命", "choose the appointment"),
    )
    case.require(
        appointment != OFFICE or bool(held & set(needed)),
        "R5.2",
        Words(
            f"{what.zh}由{names.zh}承担，该单位不是",
            f"the {what.en} belongs to the {names.en}, which this body is not",
        ),
        Words(f"请任命{names.zh}", f"appoint the {names.en}"),
    )
    return case.answer()


@dataclass(frozen=True, slots=True)
class Order:
    """An order to put something right."""

    issued_by: str  # code of ``appointment``
    text: str
    issued: datetime
    due: datetime
    done: datetime | None

    def __post_init__(self) -> None:
        aware(issued=self.issued, due=self.due, done=self.done)
        consistent(self.issued <= self.due, "due before it was issued")
        consistent(self.done is None or self.issued <= self.done, "done before it was issued")


@decides("R5.2")
def may_order(law: Law, order: Order, theme: str) -> Grant | Refusal:
    """Art. 5¶2: the office orders rectification within its themes, with a text. ``theme``: a code."""
    case, office = Case(law), named(law, "appointment", [OFFICE])
    case.require(
        order.issued_by == OFFICE,
        "R5.2",
        Words(f"整改通知应由{office.zh}下达", f"the {office.en} issues such orders"),
        Words(f"请提请{office.zh}下达", f"ask the {office.en} to issue it"),
    )
    case.require(
        is_given(order.text),
        "R5.2",
        Words("整改通知没有内容", "the order has no text"),
        Words("请写明整改事项", "say what is to be put right"),
    )
    names = named(law, "theme", law.codes("theme"))
    case.require(
        theme in law.codes("theme"),
        "R5.2",
        Words(f"“{theme}”不在监督范围内", f"{theme!r} is not supervised"),
        Words(f"请选择：{names.zh}", f"choose: {names.en}"),
    )
    return case.answer()


@decides("R5.2")
def is_obeyed(law: Law, order: Order, now: datetime) -> Grant | Refusal:
    """Art. 5¶2: whether an order was carried out by its time, or still can be; its last second counts."""
    aware(now=now)
    consistent(order.issued <= now and (order.done is None or order.done <= now), "an order of the future")
    case, due = Case(law), f"{order.due.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
    case.require(
        (order.done or now) <= order.due,
        "R5.2",
        Words(f"整改期限为北京时间 {due}，已逾期", f"due at {due} (+08:00), and overdue"),
        Words("请立即整改并报告", "put it right now and report"),
    )
    return case.answer()


@decides("R5.2")
def may_office_view(law: Law, *, has_grant: bool) -> Grant | Refusal:
    """Arts. 5¶2, 21: figures of all districts, but no footage without a grant as anybody else needs."""
    case = Case(law)
    case.require(
        has_grant,
        "R21.1",
        Words(
            "监督职责不包括查看视频，且没有准许", "to supervise is not to view footage, and there is no grant"
        ),
        Words("请按规定申请查阅", "apply for it as the rules ask"),
    )
    return case.answer()


@decides("R5.4")
def are_departments_there(law: Law, organisations: Iterable[str]) -> Grant | Refusal:
    """Art. 5¶3: each department that the law names exists as an organisation; more may."""
    case, there = Case(law), set(organisations)
    missing = [code for code in law.codes("department") if code not in there]
    names = named(law, "department", missing)
    case.require(
        not missing,
        "R5.4",
        Words(f"缺少部门：{names.zh}", f"missing departments: {names.en}"),
        Words("请建立这些部门", "set these departments up"),
    )
    return case.answer()


@decides("R5.4")
def may_decide(law: Law, actor: str, owner: str, organisations: Mapping[str, Words]) -> Grant | Refusal:
    """Art. 5¶3: no department decides for another.

    Args:
        actor: code of the department that acts.
        owner: code of the department whose matter it is.
        organisations: every department that exists, with its name: those the law names, and any added.
    """
    case = Case(law)
    strange = sorted({actor, owner} - set(organisations))
    case.require(
        not strange,
        "R5.4",
        Words(f"没有部门“{'、'.join(strange)}”", f"no such department: {listed(strange)}"),
        Words("请选择已有的部门", "choose a department that exists"),
    )
    mine, theirs = (organisations.get(code, Words(code, code)) for code in (actor, owner))
    case.require(
        actor == owner,
        "R5.4",
        Words(f"{mine.zh}不得代替{theirs.zh}作出决定", f"{mine.en} must not decide for {theirs.en}"),
        Words(f"请由{theirs.zh}办理", f"have {theirs.en} decide"),
    )
    return case.answer()


@dataclass(frozen=True, slots=True)
class Police:
    """A public security organ."""

    level: str  # code of ``police_level``, or a lower one that has no powers here
    division: str  # GB/T 2260, six digits; "230100" is all of the city, "230000" all of the province


@decides("N5")
def has_jurisdiction(law: Law, organ: Police, division: str) -> Grant | Refusal:
    """Decree 799 art. 5: police of the county level and above, each in its own territory."""
    case, levels = Case(law), law.codes("police_level")
    level, where = named(law, "police_level", [organ.level]), named(law, "division", [division])
    least = named(law, "police_level", list(levels)[:1])
    case.require(
        organ.level in levels,
        "N5",
        Words(f"“{level.zh}”公安机关没有监督职权", f"police of the level {level.en!r} do not supervise"),
        Words(f"请由{least.zh}以上公安机关办理", f"have police of the {least.en} level or above act"),
    )
    case.require(
        _covers(organ.division, division),
        "N5",
        Words(f"{where.zh}不在该公安机关辖区", f"{where.en} lies outside this organ's territory"),
        Words(f"请由{where.zh}公安机关办理", f"have the police of {where.en} act"),
    )
    return case.answer()


def _covers(territory: str, division: str) -> bool:
    """Of GB/T 2260 codes: pairs of zeros at the end stand for all that lies below."""
    if not (territory.isdecimal() and division.isdecimal() and len(territory) == len(division)):
        return False
    while territory.endswith("00"):
        territory = territory[:-2]
    return division.startswith(territory)
