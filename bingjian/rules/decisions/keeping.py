"""Around the terms: marks, receipts of removal, the rules a unit has for its images (art. 28)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bingjian.rules.civil import end_after_hours, end_of_natural_day
from bingjian.rules.decision import Case, Grant, Refusal, aware, consistent, decides, is_given, named
from bingjian.rules.edition import Words
from bingjian.rules.law import Law
from bingjian.rules.spans import clock

# --- marks


@dataclass(frozen=True, slots=True)
class Mark:
    """Why an interval is important, and who answers for that (C2)."""

    purpose: str  # a case or an event, not served yet
    owner: str
    marked: datetime
    reviewed: datetime | None = None  # the last time
    is_served: bool = False  # the owner says the purpose is served

    def __post_init__(self) -> None:
        aware(marked=self.marked, reviewed=self.reviewed)
        consistent(self.reviewed is None or self.marked <= self.reviewed, "reviewed before it was marked")


class MarkState(StrEnum):
    """What a mark asks for. In each of them the footage stays (R28.3): no state removes anything."""

    KEPT = "kept"
    REVIEW_DUE = "review_due"
    LAWYER_DECIDES = "lawyer_decides"  # its purpose is served: neither kept nor removed by itself


@decides("R28.3")
def may_mark(law: Law, mark: Mark) -> Grant | Refusal:
    """Art. 28¶2 with Decree 799 art. 17 (C2): a mark names an unserved purpose and its owner."""
    case = Case(law)
    case.require(
        is_given(mark.purpose) and not mark.is_served,
        "R28.3",
        Words("没有写明尚未实现的目的", "no purpose is named that is still to be served"),
        Words("请填写案件或者事件", "name the case or event"),
    )
    case.require(
        is_given(mark.owner),
        "R28.3",
        Words("没有负责人", "nobody answers for the mark"),
        Words("请填写负责人", "name its owner"),
    )
    return case.answer()


def review_until(law: Law, mark: Mark) -> datetime:
    """First instant at which a mark's review is overdue. UTC."""
    return end_of_natural_day(mark.reviewed or mark.marked, law.number("mark.review"))


@decides("R28.3")
def state_of(law: Law, mark: Mark, now: datetime) -> MarkState:
    """What a mark asks for at ``now``."""
    aware(now=now)
    if mark.is_served:
        return MarkState.LAWYER_DECIDES
    return MarkState.KEPT if now < review_until(law, mark) else MarkState.REVIEW_DUE


# --- removal


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a removal left behind. An empty text is missing."""

    fragment: str
    hash: str
    rule: str  # code of the term that ended last
    retain_until: datetime
    removed: datetime
    job: str

    def __post_init__(self) -> None:
        aware(retain_until=self.retain_until, removed=self.removed)


@decides("R28.8")
def is_receipt_good(law: Law, receipt: Receipt, until: datetime) -> Grant | Refusal:
    """Whether a receipt documents a lawful removal.

    Args:
        until: first instant at which every term of that footage had ended, computed again by whoever checks.
    """
    aware(until=until)
    case = Case(law)
    fields = (receipt.fragment, receipt.hash, receipt.job)
    case.require(
        all(map(is_given, fields)) and receipt.rule in law.duties,
        "R28.8",
        Words("删除回执不完整", "the receipt is not whole"),
        Words("请按调查程序处理", "investigate it"),
    )
    case.require(
        receipt.retain_until == until,
        "R28.8",
        Words(
            f"回执所写期满时间 {clock(receipt.retain_until)} 与应有的 {clock(until)} 不符",
            f"the receipt says kept until {clock(receipt.retain_until)}, it should be {clock(until)}",
        ),
        Words("请按调查程序处理", "investigate it"),
    )
    case.require(
        receipt.removed >= until,
        "R28.8",
        Words(
            f"删除于 {clock(receipt.removed)}，早于期满时间 {clock(until)}",
            f"removed at {clock(receipt.removed)}, before its term ended at {clock(until)}",
        ),
        Words("期限未满的删除属于违法，请立即调查", "a removal within the term is unlawful: investigate now"),
    )
    return case.answer()


@decides("R28.8", "N17")
def is_removed_in_time(law: Law, free: datetime, removed: datetime | None, now: datetime) -> Grant | Refusal:
    """Whether footage that nothing keeps any more went in time, or still can (Decree 799 art. 17).

    Args:
        free: first instant at which nothing kept it.
    """
    aware(free=free, removed=removed, now=now)
    consistent(removed is None or removed >= free, "removed before it was free")
    hours, case = law.number("retention.removal"), Case(law)
    case.require(
        (removed if removed is not None else now) <= end_after_hours(free, hours),
        "R28.8",
        Words(
            f"{clock(free)} 起即可删除，{hours} 小时内未删除",
            f"free since {clock(free)}, not removed within {hours} h",
        ),
        Words("请检查删除任务", "look at the removal job"),
    )
    return case.answer()


# --- the unit's own rules


@decides("R28.10")
def has_keeping_rules(law: Law, current: Iterable[str]) -> Grant | Refusal:
    """Art. 28¶1: before service the rules for keeping and for use are there (codes of ``keeping_rule``)."""
    there = set(current)
    missing = named(law, "keeping_rule", [code for code in law.codes("keeping_rule") if code not in there])
    case = Case(law)
    case.require(
        not missing.en,
        "R28.10",
        Words(f"缺少：{missing.zh}", f"missing: {missing.en}"),
        Words("请制定后再投入使用", "set them up, then enter service"),
    )
    return case.answer()
