"""How long footage is kept, and what may be done to it (arts. 27, 28, 31).

A term runs from the footage's end. Of several terms the one that ends last counts (R28.4), so nothing that is
added can shorten. No function here takes a role or a wish: there is nobody who may shorten a term.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from math import floor, isfinite

from bingjian.rules.civil import CHINA, end_after_years, end_of_natural_day
from bingjian.rules.decision import Case, Grant, Refusal, decides, is_given
from bingjian.rules.edition import Article, Kind, Unit, Words
from bingjian.rules.law import GENERAL_TERM, HIGHER, TERMS, Law, Limit

OTHER_LAW = "R28.5"
# Of a check: why it refuses, and what to do now.
NO_REASON = Words("没有写明理由", "no reason is given"), Words("请填写理由", "give the reason")


class TermKind(StrEnum):
    DEFAULT = "default"
    COUNTER_TERROR = "counter_terror"
    IMPORTANT = "important"
    OTHER_LAW = "other_law"


NAMES = {
    TermKind.DEFAULT: Words("一般期限", "general term"),
    TermKind.COUNTER_TERROR: Words("防范恐怖袭击重点目标", "counter-terror key target"),
    TermKind.IMPORTANT: Words("已标记的重要信息", "marked important"),
    TermKind.OTHER_LAW: Words("其他规定", "other law"),
}


@dataclass(frozen=True, slots=True)
class Term:
    """One duty to keep: so many natural days, or so many calendar years."""

    kind: TermKind
    code: str
    article: Article
    days: int  # 0 where it is counted in years
    years: int  # 0 where it is counted in days
    citation: str  # of the other law; else empty
    beside: tuple[Article, ...] = ()  # other law that commands the same

    def until(self, end: datetime) -> datetime:
        """First instant at which footage that ended at ``end`` is free of this term. UTC."""
        return end_after_years(end, self.years) if self.years else end_of_natural_day(end, self.days)

    @property
    def articles(self) -> tuple[Article, ...]:
        return (self.article, *self.beside)

    @property
    def words(self) -> Words:
        """Length, kind and sources: "90 days, counter-terror key target (art. 28¶2, …)"."""
        zh = f"{self.years} 年" if self.years else f"{self.days} 日"
        en = f"{self.years} years" if self.years else f"{self.days} days"
        name, cited = NAMES[self.kind], [self.citation] if self.citation else []
        return Words(
            f"{name.zh} {zh}（{'、'.join([each.zh for each in self.articles] + cited)}）",
            f"{en}, {name.en} ({', '.join([each.en for each in self.articles] + cited)})",
        )


@dataclass(frozen=True, slots=True)
class OtherLaw:
    """A term of another law, regulation or standard, counted in natural days (R28.5)."""

    days: int
    citation: str
    kind: Kind | None = None  # what it is a term of; None: not said, then it can only lengthen
    effective: date | None = None  # its first day
    need: str = ""  # of a standard: why the purpose needs the longer term (C9)
    approvals: tuple[str, ...] = ()  # who approved it, by id


@dataclass(frozen=True, slots=True)
class Keeping:
    """What decides how long a camera's footage is kept, marks and holds apart."""

    counter_terror: bool = False
    other_laws: tuple[OtherLaw, ...] = ()


@decides("R28.7")
def united(keepings: Iterable[Keeping]) -> Keeping:
    """The duties of all of these: for footage that lay there while a camera's keeping changed (R28.7).

    A stricter keeping reaches back to all footage still there; a milder one frees nothing already stored.
    """
    several = tuple(keepings)
    laws = dict.fromkeys(other for keeping in several for other in keeping.other_laws)
    return Keeping(any(keeping.counter_terror for keeping in several), tuple(laws))


def _term(kind: TermKind, limit: Limit) -> Term:
    days, years = (limit.value if limit.unit is unit else 0 for unit in (Unit.DAYS, Unit.YEARS))
    return Term(kind, limit.code, limit.article, days, years, "", limit.beside)


def default_term(law: Law) -> Term:
    return _term(TermKind.DEFAULT, law.limit(GENERAL_TERM))


def terms_of(law: Law, keeping: Keeping, *, marked: bool) -> tuple[Term, ...]:
    """Every term that binds, the general one first; never empty."""
    other = law.duty(_binding(law, OTHER_LAW))
    return (
        default_term(law),
        *(_terms(law, TermKind.COUNTER_TERROR) if keeping.counter_terror else ()),
        *(
            Term(TermKind.OTHER_LAW, other.code, other.article, one.days, 0, one.citation)
            for one in keeping.other_laws
        ),
        *(_terms(law, TermKind.IMPORTANT) if marked else ()),
    )


def _terms(law: Law, kind: TermKind) -> tuple[Term, ...]:
    """The term of this kind; none while no edition in force sets one."""
    limit = law.limits.get(f"{TERMS}{kind}")
    return () if limit is None else (_term(kind, limit),)


def _binding(law: Law, code: str) -> str:
    """The duty to refuse by: where the city's measures are not in force yet, that of the general term, so
    that a hold or another law's term keeps all the same."""
    return code if law.binds(code) else law.limit(GENERAL_TERM).code


def longest(terms: Iterable[Term], end: datetime) -> tuple[Term, datetime]:
    """The term that ends last for footage that ended at ``end``, and its ``until``; of equals the first."""
    return max(((term, term.until(end)) for term in terms), key=lambda ends: ends[1])


def expirable_before(law: Law, keeping: Keeping, now: datetime) -> datetime:
    """Unmarked, unheld footage may go exactly if it ended before this instant (not at it). UTC."""
    return end_of_natural_day(now, -days_to_keep(law, keeping))


def days_to_keep(law: Law, keeping: Keeping) -> int:
    """The longest that unmarked footage lies on a disk, in days of 24 h: what ends at 00:00 stays that whole
    day and the days of its term. For admission and forecasts."""
    return 1 + max(term.days for term in terms_of(law, keeping, marked=False))


@decides("R28.1", "R28.2", "R28.3", "R28.4", "R28.7", "R27.5", "N17", "CTL32")
def may_remove(
    law: Law, end: datetime, keeping: Keeping, marked: bool, holds: int, now: datetime
) -> Grant | Refusal:
    """Art. 28¶2: not before the longest term has ended. Art. 27¶2: never under a hold.

    Args:
        end: of the footage.
        marked: any of it lies in an interval marked important, and not released.
        holds: how many holds in force touch it.
    """
    term, until = longest(terms_of(law, keeping, marked=marked), end)
    case = Case(law)
    case.require(
        not holds,
        _binding(law, "R27.5"),
        Words(f"有 {holds} 项证据保全尚未解除", f"holds in force: {holds}"),
        Words("请由两人办理解除保全", "have each hold released, by two persons"),
    )
    told = f"{until.astimezone(CHINA):%Y-%m-%d %H:%M}"
    case.require(
        now >= until,
        term.code,
        Words(f"保存至北京时间 {told}：{term.words.zh}", f"kept until {told} (+08:00): {term.words.en}"),
        Words("请等待期满；任何人不能缩短期限", "wait; nobody can shorten a term"),
    )
    return case.answer()


@decides("R28.6")
def gone(law: Law, first: datetime, last: datetime, parts: int) -> Refusal:
    """A mark or hold that came too late: so many parts between these instants were given up before it."""
    began, ended = (
        f"{first.astimezone(CHINA):%Y-%m-%d %H:%M:%S}",
        f"{last.astimezone(CHINA):%Y-%m-%d %H:%M:%S}",
    )
    return law.refusal(
        "R28.6",
        Words(
            f"其中有录像保存期满，已依法删除（北京时间 {began} 至 {ended} 之间 {parts} 段）",
            f"footage of this interval was removed when its term had ended "
            f"({parts} parts between {began} and {ended}, +08:00)",
        ),
        Words(
            "请只对其余时段重新提出；删除回执在日志簿中",
            "ask again for the rest alone; the receipts are in the journal",
        ),
    )


@decides("R28.5")
def may_set_term(law: Law, other: OtherLaw) -> Grant | Refusal:
    """Art. 28¶2: another law or standard may set another term, with its citation.

    One shorter than the general term takes a statute or an administrative regulation with its first day, and
    two approvals; it stands in the book, but the general term goes on binding beside it (R28.4). A standard
    lengthens only where the purpose needs it (C9, Decree 799 art. 17).
    """
    least, most = default_term(law).days, law.number("retention.other_law_most")
    case = Case(law)
    case.require(
        is_given(other.citation),
        OTHER_LAW,
        Words("没有写明依据", "no law is cited"),
        Words("请填写法律、法规或标准的名称和条款", "cite the law, regulation or standard, and its article"),
    )
    case.require(
        (least if other.kind not in HIGHER else 1) <= other.days <= most,
        OTHER_LAW,
        Words(f"{other.days} 日不在 {least} 至 {most} 日之间", f"{other.days} is not {least} to {most} days"),
        Words("请填写其中的天数；任何人不能缩短期限", "enter days between; nobody can shorten a term"),
    )
    if other.kind in HIGHER and other.days < least:
        _require_approved(case, other, least)
    case.require(
        other.kind is not Kind.STANDARD or is_given(other.need),
        OTHER_LAW,
        Words("没有写明为何需要按标准延长", "it does not say why the purpose needs the standard's term"),
        Words("请写明用途上的必要", "say what the purpose needs it for"),
    )
    return case.answer()


def _require_approved(case: Case, other: OtherLaw, least: int) -> None:
    """Of a term of higher law that is shorter than the general one."""
    needed = case.law.number("term.approvals")
    persons = {person.strip().casefold() for person in other.approvals} - {""}
    case.require(
        len(persons) >= needed,
        OTHER_LAW,
        Words(
            f"短于 {least} 日的期限须由 {needed} 人批准，已有 {len(persons)} 人",
            f"a term shorter than {least} days takes {needed} approvals, there are {len(persons)}",
        ),
        Words("请由另一人批准", "have another person approve it"),
    )
    case.require(
        other.effective is not None,
        OTHER_LAW,
        Words("没有写明该规定的施行日期", "it does not say when that law took effect"),
        Words("请填写施行日期", "give its first day in force"),
    )


@decides("R27.5")
def may_release(law: Law, asked_by: str, confirmed_by: str, reason: str) -> Grant | Refusal:
    """Art. 27¶2: a mark or hold is released by two distinct persons, for a reason. Persons by id."""
    persons = {person.strip().casefold() for person in (asked_by, confirmed_by)} - {""}
    case = Case(law)
    case.require(
        len(persons) >= law.number("release.persons"),
        "R27.5",
        Words("解除须由两名不同人员办理", "a release takes two different persons"),
        Words("请由另一人确认", "have another person confirm it"),
    )
    case.require(bool(reason.strip()), "R27.5", *NO_REASON)
    return case.answer()


@decides("R31.7")
def may_pause(law: Law, reason: str, order: str, until: datetime | None, now: datetime) -> Grant | Refusal:
    """Art. 31(7): recording stops on purpose only for a reason, by an order, until a time to come."""
    case = Case(law)
    case.require(bool(reason.strip()), "R31.7", *NO_REASON)
    case.require(
        bool(order.strip()),
        "R31.7",
        Words("没有工单", "no work order is named"),
        Words("请填写工单号", "name the order"),
    )
    case.require(
        until is not None and until > now,
        "R31.7",
        Words("没有将来的结束时间", "no end that is still to come"),
        Words("请填写结束时间；到时自动恢复录像", "give the end: recording goes on by itself then"),
    )
    return case.answer()


@decides("R31.7")
def may_end_recording(law: Law, reason: str) -> Grant | Refusal:
    """Art. 31(7): recording that does not go on by itself ends on purpose only for a written reason."""
    case = Case(law)
    case.require(
        bool(reason.strip()),
        "R31.7",
        Words(
            "此操作将停止摄像机录像，但没有写明理由",
            "this ends the recording of cameras, and no reason is given",
        ),
        Words("请填写理由", "give the reason"),
    )
    return case.answer()


@decides("R28.9")
def may_admit(law: Law, needed_days: int, forecast_days: float, arithmetic: Words) -> Grant | Refusal:
    """Art. 28¶2: a camera is taken on only where its term fits, since footage in term is never overwritten.

    Args:
        needed_days: see ``days_to_keep``.
        forecast_days: how long the volume lasts with this camera on it; NaN (not known) does not fit.
        arithmetic: how the forecast came about, shown to the person refused.
    """
    forecast = _tenths_down(forecast_days)
    case = Case(law)
    case.require(
        forecast_days >= needed_days,
        "R28.9",
        Words(
            f"需能保存 {needed_days} 天，预计只够 {forecast} 天：{arithmetic.zh}",
            f"needs room for {needed_days} days, the forecast is {forecast}: {arithmetic.en}",
        ),
        Words("请增加存储空间，或换到另一个存储卷", "add space, or choose another volume"),
    )
    return case.answer()


def _tenths_down(days: float) -> str:
    """29.96 is shown as 29.9: never as the 30 that it is not."""
    return f"{floor(days * 10) / 10:.1f}" if isfinite(days) else "0.0"
