"""Who maintains a system, and how well it is kept: arts. 23 and 25(3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import combinations

from bingjian.rules.civil import DAY, TICK, civil_date, is_within_hours, start_of_day
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
from bingjian.rules.spans import Span, clock, gaps, several

REPAIR = Words("请立即修复", "repair it now")


# --- art. 23: who


@dataclass(frozen=True, slots=True)
class Responsible:
    """One body's time of being responsible for a system. ``end`` None: it still is."""

    unit: str
    contact: str
    start: datetime
    end: datetime | None

    def __post_init__(self) -> None:
        aware(start=self.start, end=self.end)
        consistent(self.end is None or self.start < self.end, "responsibility ends before it starts")

    def until(self, now: datetime) -> Span:
        """Its time as far as it can be judged at ``now``, that instant included."""
        return Span(self.start, self.end or max(now, self.start) + TICK)


def responsible_at(periods: Iterable[Responsible], instant: datetime) -> tuple[str, ...]:
    """The units responsible at an instant: of a lawful history exactly one."""
    return tuple(sorted(each.unit for each in periods if instant in each.until(instant)))


@decides("R23.1")
def has_one_responsible_body(
    law: Law, periods: Iterable[Responsible], in_service: datetime, now: datetime
) -> Grant | Refusal:
    """Art. 23: from the day in service until now exactly one body, with a contact, at every moment."""
    aware(in_service=in_service, now=now)
    consistent(in_service <= now, "in service in the future")
    ordered = sorted(periods, key=lambda each: (each.until(now), each.unit, each.contact))
    nobody = gaps(Span(in_service, now + TICK), (each.until(now) for each in ordered))
    twice = [pair for pair in combinations(ordered, 2) if pair[0].until(now).overlaps(pair[1].until(now))]
    unnamed = [each for each in ordered if not (is_given(each.unit) and is_given(each.contact))]
    told, case = several(nobody), Case(law)
    case.require(
        not nobody,
        "R23.1",
        Words(f"没有维护责任主体：{told.zh}", f"no responsible body: {told.en}"),
        Words("请确定维护责任主体；不明确的，报同级人民政府决定", "name one; if unclear, ask the government"),
    )
    pairs = [(one.unit, other.unit) for one, other in twice]
    case.require(
        not pairs,
        "R23.1",
        Words(
            f"责任期重叠：{'；'.join(f'{one}与{other}' for one, other in pairs)}",
            f"at the same time: {listed(f'{one} and {other}' for one, other in pairs)}",
        ),
        Words("请把前一责任主体的结束时间改为交接时间", "end the first at the handover"),
    )
    case.require(
        not unnamed,
        "R23.1",
        Words(
            f"没有联系方式：{'、'.join(each.unit for each in unnamed)}",
            f"no name or contact: {listed(each.unit for each in unnamed)}",
        ),
        Words("请填写名称和联系方式", "give name and contact"),
    )
    return case.answer()


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision on who is responsible where that was unclear."""

    by_government: bool  # a people's government, not one of its departments
    area: str  # administrative code of the deciding body
    unit: str  # whom it names
    document: str


@decides("R23.2")
def may_settle(law: Law, system_area: str, ruling: Ruling) -> Grant | Refusal:
    """Art. 23: the government of the system's own level and area decides, in writing.

    Args:
        system_area: code of the city for a city system, of the district for a district's.
    """
    body = Words("政府", "the government") if ruling.by_government else Words("部门", "a department")
    case = Case(law)
    case.require(
        ruling.by_government and ruling.area == system_area,
        "R23.2",
        Words(
            f"应由 {system_area} 的人民政府决定，而不是 {ruling.area} 的{body.zh}",
            f"the government of {system_area} decides, not {body.en} of {ruling.area}",
        ),
        Words("请报与系统同级的人民政府决定", "ask the government of the system's own level"),
    )
    case.require(
        is_given(ruling.unit) and is_given(ruling.document),
        "R23.2",
        Words("没有决定文件或者没有写明责任主体", "no decision document, or it names nobody"),
        Words("请附决定文件并写明责任主体", "attach the document and name the body"),
    )
    return case.answer()


def unclear_for(since: datetime, now: datetime) -> timedelta:
    """How long it has been unclear who is responsible. For the report on art. 23."""
    aware(since=since, now=now)
    consistent(since <= now, "unclear since a time to come")
    return now - since


# --- art. 25(3): regular checks


@decides("R25.4")
def is_plan_complete(law: Law, areas: Iterable[str]) -> Grant | Refusal:
    """Whether a plan of inspections covers every area (codes of ``inspection_area``)."""
    return _all_there(law, "inspection_area", areas, Words("检查计划缺少：", "the plan leaves out: "))


@decides("R25.4")
def may_close_inspection(law: Law, checked: Iterable[str]) -> Grant | Refusal:
    """Whether every checklist (codes of ``inspection_checklist``) of an inspection is filled in."""
    return _all_there(law, "inspection_checklist", checked, Words("尚未完成：", "not done yet: "))


def _all_there(law: Law, of: str, given: Iterable[str], lacking: Words) -> Grant | Refusal:
    there = set(given)
    missing = named(law, of, (code for code in law.codes(of) if code not in there))
    case = Case(law)
    case.require(
        not missing.en,
        "R25.4",
        Words(lacking.zh + missing.zh, lacking.en + missing.en),
        Words("请补齐后再办结", "complete it, then close"),
    )
    return case.answer()


@decides("R25.4")
def is_inspected_in_time(law: Law, due: date, closed: datetime | None, now: datetime) -> Grant | Refusal:
    """Whether an inspection kept its day, or still can: until 24:00 of it."""
    aware(closed=closed, now=now)
    consistent(closed is None or closed <= now, "closed in the future")
    done = closed if closed is not None else now
    days = (civil_date(done) - due).days
    case = Case(law)
    case.require(
        done < start_of_day(due + DAY),
        "R25.4",
        Words(f"应在 {due} 前检查，已逾期 {days} 天", f"was due on {due}, {days} days overdue"),
        Words("请立即检查", "inspect now"),
    )
    return case.answer()


def inspection_until(due: date) -> datetime:
    """First instant at which an inspection due on this day is overdue. UTC."""
    return start_of_day(due + DAY)


def next_inspection(first: date, every_days: int, due: date, closed: datetime) -> date:
    """The day of the plan's series after one that was due and is closed: the first that is still to come."""
    consistent(every_days > 0 and first <= due, "no series of days")
    after = max(due, civil_date(closed))
    return first + ((after - first).days // every_days + 1) * every_days * DAY


# --- art. 25(3): all day


@dataclass(frozen=True, slots=True)
class Outage:
    """A gap in recording that is longer than tolerated."""

    span: Span
    causes: tuple[str, ...]  # as declared; none: not known


@dataclass(frozen=True, slots=True)
class Declared:
    """What was noted down about an interruption."""

    span: Span
    cause: str


@decides("R25.5")
def outages(
    law: Law, planned: Span, recorded: Iterable[Span], declared: Iterable[Declared] = ()
) -> tuple[Outage, ...]:
    """Art. 25(3), effective all day: every gap of a plan longer than tolerated, with its exact ends."""
    tolerated = timedelta(seconds=law.number("outage.tolerance"))
    notes = tuple(declared)
    return tuple(
        Outage(gap, tuple(sorted({note.cause for note in notes if note.span.overlaps(gap)})))
        for gap in gaps(planned, recorded)
        if gap.length > tolerated
    )


# --- art. 25(3): repair at once


@dataclass(frozen=True, slots=True)
class Ticket:
    """A fault and what was done about it; None: not yet."""

    found: datetime
    opened: datetime | None
    assignee: str
    responded: datetime | None = None
    probe_passed: datetime | None = None  # the last probe that found it working, nothing failing since

    def __post_init__(self) -> None:
        aware(found=self.found, opened=self.opened, responded=self.responded, probe=self.probe_passed)
        steps = (self.found, self.opened, self.responded)
        known = [step for step in steps if step is not None]
        consistent(known == sorted(known), "a step before the one it follows")
        consistent(self.opened is not None or self.responded is None, "a response to no ticket")


@decides("R25.6")
def is_ticketed_at_once(law: Law, ticket: Ticket, now: datetime) -> Grant | Refusal:
    """Whether a fault was ticketed and assigned in time, or still can be."""
    aware(now=now)
    allowed = law.number("fault.ticket")
    done = ticket.opened if ticket.opened is not None and is_given(ticket.assignee) else now
    case = Case(law)
    case.require(
        done - ticket.found <= timedelta(seconds=allowed),
        "R25.6",
        Words(
            f"{clock(ticket.found)} 发现的故障未在 {allowed} 秒内开单派人",
            f"the fault found at {clock(ticket.found)} was not ticketed and assigned within {allowed} s",
        ),
        Words("请立即开单并指定处理人", "open the ticket and assign it now"),
    )
    return case.answer()


@decides("R25.6")
def may_close_ticket(law: Law, ticket: Ticket) -> Grant | Refusal:
    """Art. 25(3): a ticket is closed only after a probe has passed, later than the ticket."""
    is_working = (
        ticket.opened is not None
        and ticket.probe_passed is not None
        and ticket.probe_passed > (ticket.responded or ticket.opened)
    )
    case = Case(law)
    case.require(
        is_working,
        "R25.6",
        Words("故障尚未经检测确认排除", "no probe has found it working since the ticket"),
        Words("请修复并等待检测通过后再办结", "repair it and close once the probe passes"),
    )
    return case.answer()


@decides("R25.6")
def is_repaired_in_time(law: Law, ticket: Ticket, now: datetime) -> Grant | Refusal:
    """Whether our own targets for response and repair were kept, or still can be."""
    aware(now=now)
    began, case = ticket.opened or ticket.found, Case(law)
    for key, done, zh, en in (
        ("fault.response", ticket.responded, "响应", "responded to"),
        ("fault.repair", ticket.probe_passed, "修复", "repaired"),
    ):
        hours = law.number(key)
        case.require(
            is_within_hours(began, hours, done if done is not None else now),
            "R25.6",
            Words(f"未在 {hours} 小时内{zh}", f"not {en} within {hours} h"),
            REPAIR,
        )
    return case.answer()
