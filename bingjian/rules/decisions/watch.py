"""The duty watch and what it reports: art. 25(4)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bingjian.rules.decision import Case, Grant, Refusal, aware, consistent, decides, is_given, named
from bingjian.rules.decisions.keeping import Mark
from bingjian.rules.edition import Words
from bingjian.rules.law import Law
from bingjian.rules.spans import Span, clock, gaps, several


@decides("R25.9")
def is_roster_complete(law: Law, planned: Span, shifts: Iterable[Span]) -> Grant | Refusal:
    """Art. 25(4): somebody is rostered to watch all the time. Each gap is named."""
    open_ = gaps(planned, shifts)
    told, case = several(open_), Case(law)
    case.require(
        not open_,
        "R25.9",
        Words(f"无人值班监看：{told.zh}", f"nobody is rostered to watch: {told.en}"),
        Words("请排人补上", "roster somebody"),
    )
    return case.answer()


@decides("R25.9")
def is_watched(law: Law, unsigned_since: datetime | None, now: datetime) -> Grant | Refusal:
    """Whether somebody is signed in on watch, or nobody has been for no longer than allowed: else alarm.

    Args:
        unsigned_since: start of the shift, or when the last watcher signed out; None: somebody is signed in.
    """
    aware(unsigned_since=unsigned_since, now=now)
    consistent(unsigned_since is None or unsigned_since <= now, "nobody on watch since a time to come")
    minutes, case = law.number("watch.unsigned"), Case(law)
    since = now if unsigned_since is None else unsigned_since
    case.require(
        now - since <= timedelta(minutes=minutes),
        "R25.9",
        Words(
            f"自 {clock(since)} 起无人签到值班，已超过 {minutes} 分钟",
            f"nobody has signed in on watch since {clock(since)}, more than {minutes} minutes",
        ),
        Words("请立即派人到岗签到", "send somebody on watch now"),
    )
    return case.answer()


@dataclass(frozen=True, slots=True)
class Handover:
    """From one watch to the next. Persons by id."""

    outgoing: str
    incoming: str
    signed: frozenset[str]


@decides("R25.9")
def may_hand_over(law: Law, handover: Handover) -> Grant | Refusal:
    """A handover takes the signatures of both, who are two persons."""
    both = {one for one in (handover.outgoing, handover.incoming) if is_given(one)}
    signed, needed, case = len(both & handover.signed), law.number("handover.persons"), Case(law)
    case.require(
        signed >= needed,
        "R25.9",
        Words(f"交接班须双方签字，已有 {signed} 人签字", f"{signed} of the two have signed the handover"),
        Words("请交班人和接班人都签字", "have both of them sign"),
    )
    return case.answer()


# --- what is suspicious


@dataclass(frozen=True, slots=True)
class Report:
    """Suspicious information for public security. A text that is empty is missing."""

    watcher: str
    marked: datetime  # when the watcher marked it
    time: datetime | None  # of what was seen
    camera: str
    clip: str
    text: str
    organ: str  # the local public security organ
    filed: datetime | None = None
    acknowledged: datetime | None = None

    def __post_init__(self) -> None:
        aware(marked=self.marked, time=self.time, filed=self.filed, acknowledged=self.acknowledged)
        steps = [step for step in (self.marked, self.filed, self.acknowledged) if step is not None]
        consistent(steps == sorted(steps), "filed before it was marked, or acknowledged before it was filed")
        consistent(self.filed is not None or self.acknowledged is None, "acknowledged though never filed")

    def filled(self) -> frozenset[str]:
        """Codes of ``suspicious_report`` that it has."""
        texts = {"camera": self.camera, "clip": self.clip, "text": self.text, "organ": self.organ}
        there = {code for code, text in texts.items() if is_given(text)}
        return frozenset(there | ({"time"} if self.time is not None else set()))


@decides("R25.10")
def may_file_report(law: Law, report: Report) -> Grant | Refusal:
    """Art. 25(4): a report says time, camera, clip, what it is, and to whom."""
    missing = named(
        law, "suspicious_report", [c for c in law.codes("suspicious_report") if c not in report.filled()]
    )
    case = Case(law)
    case.require(
        not missing.en,
        "R25.10",
        Words(f"报告缺少：{missing.zh}", f"the report lacks: {missing.en}"),
        Words("请补齐后立即报告", "add it and report at once"),
    )
    return case.answer()


@decides("R25.10")
def is_reported_in_time(law: Law, report: Report, now: datetime) -> Grant | Refusal:
    """Whether a report was filed in time after marking, or still can be. A late one is filed and flagged."""
    return _in_time(
        law, "report.suspicious", report.marked, report.filed, now, Words("报告公安机关", "reported")
    )


@decides("R25.10")
def is_acknowledged_in_time(law: Law, report: Report, now: datetime) -> Grant | Refusal:
    """Whether public security has taken note in time, or still can: else the report goes one level up."""
    if report.filed is None:
        return is_reported_in_time(law, report, now)
    return _in_time(
        law,
        "report.acknowledged",
        report.filed,
        report.acknowledged,
        now,
        Words("获公安机关签收", "acknowledged by public security"),
    )


def _in_time(
    law: Law, key: str, begun: datetime, done: datetime | None, now: datetime, what: Words
) -> Grant | Refusal:
    aware(now=now)
    minutes, case = law.number(key), Case(law)
    case.require(
        (done if done is not None else now) - begun <= timedelta(minutes=minutes),
        "R25.10",
        Words(
            f"自 {clock(begun)} 起未在 {minutes} 分钟内{what.zh}",
            f"not {what.en} within {minutes} minutes of {clock(begun)}",
        ),
        Words("请立即报告并逐级上报", "report it now, one level up as well"),
    )
    return case.answer()


@decides("R25.10")
def may_change_report(law: Law) -> Refusal:
    """Nobody changes or deletes a report; it can only be added to."""
    return law.refusal(
        "R25.10",
        Words("报告不能修改或者删除", "a report is never changed or deleted"),
        Words("如需更正，请补充一份报告", "file another report that corrects it"),
    )


@decides("R25.10")
def mark_of(report: Report) -> Mark:
    """The mark that the report's clip gets by itself (R28.3); its owner is the watcher who filed it."""
    consistent(report.filed is not None, "a mark for a report that is not filed")
    return Mark(purpose=report.text, owner=report.watcher, marked=report.filed or report.marked)
