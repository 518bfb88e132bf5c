"""Refusing officers, and the way past (arts. 22¶2, 31(10)): by an item of the article, in writing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bingjian.rules.civil import CHINA, civil_date, end_after_hours
from bingjian.rules.decision import (
    Case,
    Grant,
    Refusal,
    absent,
    all_of,
    aware,
    consistent,
    decides,
    distinct,
    enumerated,
)
from bingjian.rules.decisions.conduct import OTHER, duty_at
from bingjian.rules.edition import Words
from bingjian.rules.law import Law

RULES = "access_rule"


@dataclass(frozen=True, slots=True)
class OtherLaw:
    """The way past an item of art. 22 that another law opens (art. 22¶2)."""

    ground: str  # code of ``legal_ground``
    citation: str  # its name and article
    reason: str
    opened_by: str  # custodian, by id
    confirmed_by: str  # a second one
    drops: frozenset[str]  # codes of ``access_rule`` that this law does without


@decides("R22.7")
def may_except(law: Law, other_law: OtherLaw) -> Grant | Refusal:
    """Art. 22¶2: another law prevails only if cited, for a reason, and two custodians stand for it."""
    lacking = absent(
        ("法律、法规的类别", "kind of law", other_law.ground in law.codes("legal_ground")),
        ("名称和条款", "its name and article", other_law.citation),
        ("理由", "reason", other_law.reason),
        ("不适用的项", "items that it drops", other_law.drops and other_law.drops <= set(law.codes(RULES))),
    )
    case = Case(law)
    case.require(
        not lacking.zh,
        "R22.7",
        Words(f"没有写明：{lacking.zh}", f"not given: {lacking.en}"),
        Words("请补齐；仅以紧急为由不能免除手续", "complete it; urgency alone drops nothing"),
    )
    least = law.limits.get("access.exception_persons")
    if least is not None:
        case.require(
            len(distinct((other_law.opened_by, other_law.confirmed_by))) >= least.value,
            least.code,
            Words("提出人不能自行确认", "whoever opens an exception does not confirm it"),
            Words("请由另一名管理人员确认", "have a second custodian confirm it"),
        )
    return case.answer()


@decides("R22.7")
def exceptions_in_month(exceptions: Iterable[datetime], now: datetime) -> int:
    """How many were made in the calendar month of ``now`` in China, up to then."""
    today = civil_date(now)
    days = [civil_date(one) for one in exceptions if one <= now]
    return sum((day.year, day.month) == (today.year, today.month) for day in days)


@decides("R22.6")
def may_refuse(law: Law, items: frozenset[str], is_written: bool) -> Grant | Refusal:
    """Art. 22¶2: the custodian refuses in writing, by items of art. 22 and not otherwise."""
    known = law.codes(RULES)
    case = Case(law)
    case.require(
        bool(items) and items <= set(known),
        "R22.6",
        Words("没有选择拒绝所依据的项", "no item of the article is chosen"),
        Words(f"请从 {len(known)} 项中选择", f"choose of its {len(known)} items"),
    )
    case.require(
        is_written,
        "R22.6",
        Words("没有书面告知申请人", "the applicant does not have it in writing"),
        Words("请出具书面拒绝", "give it in writing"),
    )
    return case.answer()


@decides("R22.6")
def refused_items(law: Law, answer: Grant | Refusal) -> tuple[str, ...]:
    """Codes of the items of art. 22 that an answer refuses by, in their order: for the written form."""
    places = {refusal.article for refusal in all_of(answer)}
    return tuple(item for item, known in law.codes(RULES).items() if known[0].article in places)


# --- lawful use refused


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, as it was answered. Instants aware."""

    by: str  # code of ``asking_authority``
    received: datetime
    answered: datetime | None
    refused_items: frozenset[str] | None  # codes of ``access_rule`` it was refused by; None: not refused
    lacking_items: frozenset[str]  # those that the record shows were not met

    def __post_init__(self) -> None:
        aware(received=self.received, answered=self.answered)
        consistent(self.answered is None or self.received <= self.answered, "answered before it was received")
        consistent(self.refused_items is None or self.answered is not None, "refused, but not answered")


@decides("R31.10", "R31.11")
def is_use_respected(law: Law, asked: Asked, now: datetime) -> Grant | Refusal:
    """Art. 31(10), for a court (11): answered in time, and refused by what was lacking or not at all."""
    aware(now=now)
    consistent((asked.answered or asked.received) <= now, "received or answered in the future")
    known = law.codes("asking_authority").get(asked.by, ())
    code = next((one for one in (duty_at(law, each.article) for each in known) if one), OTHER)
    case = Case(law)
    _require_answer(case, code, asked, now)
    items = asked.refused_items
    untrue = (items or frozenset()) - asked.lacking_items
    told = enumerated(law.words(RULES, item) for item in sorted(untrue))
    remedy = Words("请重新处理；已上报", "deal with it again; it was reported")
    case.require(
        items is None or bool(items), code, Words("拒绝没有写明项", "refused without an item"), remedy
    )
    case.require(
        not untrue,
        code,
        Words(f"拒绝理由与记录不符：{told.zh}", f"the record contradicts the refusal: {told.en}"),
        remedy,
    )
    return case.answer()


@decides("R31.10")
def answer_until(law: Law, received: datetime) -> datetime | None:
    """Art. 31(10): the last instant at which a valid request is answered in time; None: no term. UTC."""
    most = law.limits.get("access.answer")
    return end_after_hours(received, most.value) if most is not None else None


def _require_answer(case: Case, code: str, asked: Asked, now: datetime) -> None:
    until = answer_until(case.law, asked.received)
    if until is None:
        return
    told = f"{until.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
    case.require(
        (asked.answered or now) <= until,
        code,
        Words(f"应在北京时间 {told} 前答复", f"was to be answered by {told} (+08:00)"),
        Words("请立即答复；已上报", "answer now; it was reported"),
    )
