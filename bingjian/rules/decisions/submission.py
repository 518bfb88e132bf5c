"""What a filing must hold, who files it and with whom: art. 18 and Decree 799 art. 14.

Which duties to file there are, and until when: ``filing``. One filing answers both duties only if it holds
what each of them asks for (C1).
"""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from bingjian.rules.civil import TICK, civil_date, end_of_filing
from bingjian.rules.decision import Case, Grant, Refusal, aware, consistent, decides, named
from bingjian.rules.decisions.connection import Interface, has_interface
from bingjian.rules.decisions.filing import Clock, Due
from bingjian.rules.edition import Words
from bingjian.rules.holidays import Holidays
from bingjian.rules.law import Law

DECREE = (Clock.USE, Clock.USED_BEFORE)


@dataclass(frozen=True, slots=True)
class Submission:
    """What was handed in at one time, or has been by then. Instants aware."""

    received: datetime
    documents: Set[str]  # codes of ``filing_document``
    declared_absent: Set[str]  # of these what does not exist, as the user of an old system declares
    fields: Set[str]  # codes of ``filing_field``
    is_declared_true: bool  # by the filer, who answers for it
    filer: str  # code of the clock's own list, ``filing.new.filer`` …
    user: str  # name of the body that uses the system
    receiver_district: str  # code of the district of the organ that it is handed to
    receiver_level: str  # code of ``filing_level``
    must_keep_interface: bool  # R13.2; otherwise it is connected under R13.1
    interface: Interface | None

    def __post_init__(self) -> None:
        aware(received=self.received)
        consistent(not self.documents & self.declared_absent, "enclosed, and declared absent")


def is_complete(law: Law, due: Due, district: str, submission: Submission) -> Grant | Refusal:
    """Whether a submission holds all that this duty asks for; a refusal is what the police ask to correct.

    Args:
        district: code of the system's own.
    """
    case = Case(law)
    case.join(is_right_filer(law, due, submission))
    case.join(is_right_receiver(law, due, district, submission))
    if due.clock in DECREE:
        case.join(are_fields_given(law, submission))
    else:
        case.join(are_documents_enclosed(law, due, submission))
        if submission.must_keep_interface:
            case.join(has_interface(law, submission.interface, submission.received))
    return case.answer()


@decides("R18.2", "R18.4")
def are_documents_enclosed(law: Law, due: Due, submission: Submission) -> Grant | Refusal:
    """Art. 18: three kinds of a new system; of one from before what exists, the rest declared absent."""
    is_old, case = due.clock is Clock.EXISTING, Case(law)
    there = submission.documents | (submission.declared_absent if is_old else set())
    missing = law.codes("filing_document").keys() - there
    told = named(law, "filing_document", missing)
    case.require(
        not missing,
        due.code if is_old else "R18.2",
        Words(f"备案资料缺少：{told.zh}", f"the filing lacks: {told.en}"),
        Words("请补交；确实没有的请说明", "enclose it, or declare that it does not exist")
        if is_old
        else Words("请补交", "enclose it"),
    )
    return case.answer()


@decides("N14")
def are_fields_given(law: Law, submission: Submission) -> Grant | Refusal:
    """Decree 799 art. 14: what the filing tells, and that the filer answers for its truth."""
    missing = law.codes("filing_field").keys() - submission.fields
    told, case = named(law, "filing_field", missing), Case(law)
    case.require(
        not missing,
        "N14",
        Words(f"备案内容缺少：{told.zh}", f"the filing does not tell: {told.en}"),
        Words("请补填", "fill it in"),
    )
    case.require(
        submission.is_declared_true,
        "N14",
        Words("没有对真实性作出承诺", "the filer has not declared that it is true"),
        Words("请确认内容真实", "declare that the content is true"),
    )
    return case.answer()


@decides("R18.1", "R18.4", "N14")
def is_right_filer(law: Law, due: Due, submission: Submission) -> Grant | Refusal:
    """Art. 18: the builder files a new system, the user one from before; by the decree its operator does."""
    of, case = f"{due.clock}.filer", Case(law)
    told = named(law, of, law.codes(of))
    case.require(
        submission.filer in law.codes(of),
        due.code,
        Words(
            f"应由{told.zh}备案（使用单位：{submission.user}）",
            f"to be filed by the {told.en} (used by {submission.user})",
        ),
        Words("请由其提交", "have that body file it"),
    )
    return case.answer()


@decides("R18.3", "N14")
def is_right_receiver(law: Law, due: Due, district: str, submission: Submission) -> Grant | Refusal:
    """Art. 18, Decree 799 art. 14: the county-level police of the system's own district (C4)."""
    code, case = "N14" if due.clock in DECREE else "R18.3", Case(law)
    levels = named(law, "filing_level", law.codes("filing_level"))
    remedy = Words(
        "请向系统所在地的县级公安机关提出", "file with the county-level police of the system's district"
    )
    case.require(
        bool(district.strip()) and submission.receiver_district == district,
        code,
        Words(
            f"系统位于 {district}，受理机关属于 {submission.receiver_district}",
            f"the system lies in {district}, the receiver belongs to {submission.receiver_district}",
        ),
        remedy,
    )
    case.require(
        submission.receiver_level in law.codes("filing_level"),
        code,
        Words(f"受理机关不是{levels.zh}", f"the receiver is no {levels.en}"),
        remedy,
    )
    return case.answer()


@decides("R18.6")
def first_complete(law: Law, due: Due, district: str, submissions: Iterable[Submission]) -> Submission | None:
    """The submission whose time counts; None: none is complete yet, and corrections are owed."""
    ordered = sorted(submissions, key=lambda one: one.received)
    return next((one for one in ordered if isinstance(is_complete(law, due, district, one), Grant)), None)


@decides("R18.6")
def is_receipted(law: Law, number: str, received: datetime | None) -> Grant | Refusal:
    """Art. 18: the police's receipt has a number and the time."""
    aware(received=received)
    case = Case(law)
    case.require(
        bool(number.strip()) and received is not None,
        "R18.6",
        Words("回执没有编号或者时间", "the receipt has no number or no time"),
        Words("请出具写明编号和时间的回执", "give a receipt with number and time"),
    )
    return case.answer()


@decides("N14")
def satisfied(law: Law, dues: Iterable[Due], district: str, submission: Submission) -> tuple[Due, ...]:
    """Of the duties to file those that this one filing answers: both only with both sets of content (C1)."""
    return tuple(due for due in dues if isinstance(is_complete(law, due, district, submission), Grant))


@decides("N14")
def may_ask_for(law: Law, asked: Sequence[str], shared: Set[str]) -> Grant | Refusal:
    """Decree 799 art. 14: the police do not ask the filer for what other departments share already."""
    known = [one for one in asked if one in shared]
    case = Case(law)
    case.require(
        not known,
        "N14",
        Words(
            f"可以通过共享获得：{'、'.join(known)}",
            f"shared by other departments already: {', '.join(known)}",
        ),
        Words("请从共享平台取得", "take it from the sharing platform"),
    )
    return case.answer()


# --- changes


@dataclass(frozen=True, slots=True)
class Change:
    """What was filed and what is so now, by code of ``filing_field``."""

    before: Mapping[str, str]
    after: Mapping[str, str]
    at: datetime

    def __post_init__(self) -> None:
        aware(at=self.at)

    def fields(self, law: Law) -> tuple[str, ...]:
        """Codes of what changed, of all that is filed."""
        codes = law.codes("filing_field")
        return tuple(code for code in codes if self.before.get(code) != self.after.get(code))


@decides("N14")
def is_change_filed(
    law: Law, change: Change, filed: datetime | None, holidays: Holidays, now: datetime
) -> Grant | Refusal:
    """Decree 799 art. 14: a change of what was filed is filed in time; no change asks for nothing.

    Args:
        filed: when the change was filed; None: not yet.
    """
    aware(filed=filed, now=now)
    done = filed if filed is not None else now
    consistent(change.at <= done <= now, "filed before it changed, or in the future")
    case, changed = Case(law), change.fields(law)
    if not changed:
        return case.answer()
    limit, told = law.limit("filing.change"), named(law, "filing_field", changed)
    until = end_of_filing(change.at, limit.value, holidays)
    last = civil_date(until - TICK)
    case.require(
        done < until,
        limit.code,
        Words(
            f"{told.zh}已变更，应在 {last} 24:00 前变更备案",
            f"changed: {told.en}; the change was to be filed by 24:00 on {last}",
        ),
        Words("请立即变更备案；逾期仍会受理", "file the change now; a late one is still accepted"),
    )
    return case.answer()
