"""Sharing between departments (art. 20): the rule, within purpose, scope and period (C10)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from bingjian.rules.civil import CHINA, TICK, civil_date, end_of_working_day
from bingjian.rules.decision import (
    Case,
    Grant,
    Refusal,
    absent,
    aware,
    consistent,
    decides,
    is_given,
    named,
)
from bingjian.rules.decisions.serving import may_use_for
from bingjian.rules.edition import Words
from bingjian.rules.holidays import Holidays
from bingjian.rules.law import Law


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """What can be asked for: a group of cameras, kinds of data, conditions."""

    cameras: frozenset[str]
    kinds: frozenset[str]  # codes of ``share_kind``
    conditions: str


@decides("R20.1")
def may_publish(law: Law, is_data_authority: bool, entry: CatalogueEntry) -> Grant | Refusal:
    """Art. 20: whether this body may publish, or withdraw, an entry. A department may not."""
    lacking = absent(
        ("摄像机", "cameras", entry.cameras),
        ("数据类型", "kinds of data", entry.kinds and entry.kinds <= set(law.codes("share_kind"))),
        ("共享条件", "conditions", entry.conditions),
    )
    case = Case(law)
    case.require(
        is_data_authority,
        "R20.1",
        Words("共享目录只能由市数据主管部门发布", "only the city data authority publishes the catalogue"),
        Words("请提请市数据主管部门发布", "ask the data authority to publish it"),
    )
    case.require(
        not lacking.zh,
        "R20.1",
        Words(f"目录条目缺少：{lacking.zh}", f"the entry lacks: {lacking.en}"),
        Words("请补齐条目", "complete the entry"),
    )
    return case.answer()


@decides("R20.1")
def figures_of_use(entries: Iterable[str], uses: Iterable[str] | Mapping[str, int]) -> Mapping[str, int]:
    """How often each entry of the catalogue was used, also if never.

    Args:
        uses: entries by id, one for each use, or how often each was used.
    """
    count = Counter(uses)
    return {entry: count[entry] for entry in sorted(set(entries))}


# --- giving and denying


@dataclass(frozen=True, slots=True)
class ShareRequest:
    """What a department asks of another."""

    is_content: bool  # pictures; else catalogue or metadata
    purpose: str  # code of ``access_purpose``
    ground: str  # code of ``legal_ground``, where the purpose is none of public safety
    citation: str  # of that law, with its article


@decides("R20.2")
def may_share(law: Law, asked: ShareRequest) -> Grant | Refusal:
    """Art. 20, C10: catalogue and metadata by default; pictures for public safety or on a legal ground."""
    has_ground = asked.ground in law.codes("legal_ground") and is_given(asked.citation)
    case = Case(law)
    case.require(
        not asked.is_content or asked.purpose in law.codes("public_safety_purpose") or has_ground,
        "R20.2",
        Words(
            "画面没有公共安全目的，也没有其他法定依据", "pictures need public safety or another legal ground"
        ),
        Words("请写明公共安全目的或者法定依据", "give such a purpose, or cite the law"),
    )
    return case.answer()


@dataclass(frozen=True, slots=True)
class Scope:
    """Cameras by id, kinds of data, and a period: what is offered, asked for or given."""

    cameras: frozenset[str]
    kinds: frozenset[str]  # codes of ``share_kind``
    begin: datetime
    until: datetime  # its last instant
    earliest: datetime  # what was taken before it is no part of it

    def __post_init__(self) -> None:
        aware(begin=self.begin, until=self.until, earliest=self.earliest)
        consistent(self.begin <= self.until, "the period ends before it begins")


@decides("R20.2")
def may_ask(law: Law, asked: Scope, purpose: str, offered: Scope | None, now: datetime) -> Grant | Refusal:
    """Art. 20, C10: a request names its cameras, kinds of data, purpose and a period that has not ended.

    Args:
        offered: by the entry of the catalogue that is asked for; what it does not offer is no part of it.
    """
    aware(now=now)
    kinds = bool(asked.kinds) and asked.kinds <= set(law.codes("share_kind"))
    lacking = absent(
        ("摄像机", "cameras", asked.cameras),
        ("数据类型", "kinds of data", kinds),
        ("用途", "purpose", purpose in law.codes("access_purpose")),
        ("尚未结束的期限", "a period still to come", now <= asked.until),
    )
    case = Case(law)
    case.require(
        not lacking.zh,
        "R20.2",
        Words(f"没有写明：{lacking.zh}", f"not given: {lacking.en}"),
        Words("请补齐后重新申请", "complete it and ask again"),
    )
    if offered is not None:
        _require_within(case, "R20.2", asked, offered, Words("超出目录条目", "more than the entry offers"))
    return case.answer()


@decides("R20.3")
def may_grant_share(law: Law, asked: Scope, given: Scope, now: datetime) -> Grant | Refusal:
    """Art. 20: of what was asked for and nothing else, with an end still to come."""
    aware(now=now)
    case = Case(law)
    _require_within(case, "R20.3", given, asked, Words("超出申请", "more than was asked for"))
    until = f"{given.until.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
    case.require(
        now <= given.until,
        "R20.3",
        Words(f"共享期限（北京时间 {until}）已过", f"it would have ended at {until} (+08:00)"),
        Words("请填写今后的截止时间", "give an instant to come"),
    )
    return case.answer()


def _require_within(case: Case, code: str, inner: Scope, outer: Scope, told: Words) -> None:
    wider = absent(
        ("摄像机", "cameras", bool(inner.cameras) and inner.cameras <= outer.cameras),
        ("数据类型", "kinds of data", bool(inner.kinds) and inner.kinds <= outer.kinds),
        ("期限", "period", outer.begin <= inner.begin and inner.until <= outer.until),
        ("录像时段", "how far back", outer.earliest <= inner.earliest),
    )
    case.require(
        not wider.zh,
        code,
        Words(f"{told.zh}：{wider.zh}", f"{told.en}: {wider.en}"),
        Words("请限于其范围之内", "keep within it"),
    )


@decides("R20.2")
def may_answer(law: Law, asked: str, by: str, is_data_authority: bool) -> Grant | Refusal:
    """Art. 20: the body that was asked answers, or the data authority. Bodies by id."""
    case = Case(law)
    case.require(
        is_data_authority or (is_given(asked) and asked == by),
        "R20.2",
        Words(
            "只由被申请单位或者市数据主管部门答复", "the body that was asked answers, or the data authority"
        ),
        Words("请由被申请单位办理", "have that body answer"),
    )
    return case.answer()


@dataclass(frozen=True, slots=True)
class Denial:
    """A department does not want to share."""

    ground: str  # code of ``legal_ground``
    citation: str
    author: str
    review: date | None  # when it is looked at again


@decides("R20.2")
def may_deny(law: Law, denial: Denial, now: datetime) -> Grant | Refusal:
    """Art. 20: not sharing is the exception; a denial that is refused leaves the request open."""
    aware(now=now)
    lacking = absent(
        ("法定依据", "legal ground", denial.ground in law.codes("legal_ground")),
        ("名称和条款", "its name and article", denial.citation),
        ("经办人", "author", denial.author),
        ("今后的复核日期", "review date to come", denial.review and denial.review > civil_date(now)),
    )
    case = Case(law)
    case.require(
        not lacking.zh,
        "R20.2",
        Words(f"拒绝共享没有写明：{lacking.zh}", f"the denial does not give: {lacking.en}"),
        Words("请补齐，否则应当共享；申请仍待答复", "complete it, or share; the request stays open"),
    )
    return case.answer()


def answer_until(law: Law, asked: datetime, holidays: Holidays) -> datetime | None:
    """The first instant at which an answer is late; None: no law gives a term."""
    limit = law.limits.get("share.answer")
    return None if limit is None else end_of_working_day(asked, limit.value, holidays)


@decides("R20.2")
def is_answered_in_time(
    law: Law, asked: datetime, answered: datetime | None, holidays: Holidays, now: datetime
) -> Grant | Refusal:
    """Art. 20: within so many working days, else the data authority is told."""
    aware(asked=asked, answered=answered, now=now)
    consistent(asked <= now, "asked in the future")
    consistent(answered is None or asked <= answered <= now, "answered before it was asked, or in the future")
    case, limit = Case(law), law.limits.get("share.answer")
    until = answer_until(law, asked, holidays)
    if limit is not None and until is not None:
        last = civil_date(until - TICK)
        case.require(
            (answered or now) < until,
            limit.code,
            Words(
                f"应在 {limit.value} 个工作日内即 {last} 前答复",
                f"was to be answered within {limit.value} working days, by {last}",
            ),
            Words("请立即答复；已报市数据主管部门", "answer now; the data authority is told"),
        )
    return case.answer()


# --- using what is shared


@dataclass(frozen=True, slots=True)
class ShareGrant:
    """What was shared with a department."""

    purpose: str  # code of ``access_purpose``
    scope: Scope


@dataclass(frozen=True, slots=True)
class SharedUse:
    """What the department wants to do with it now."""

    purpose: str
    camera: str
    kind: str  # code of ``share_kind``
    start: datetime | None = None  # of the footage; None: there is none
    is_file: bool = False  # it would take something away

    def __post_init__(self) -> None:
        aware(start=self.start)


@decides("R20.3")
def may_know_share(law: Law, grant: ShareGrant, camera: str) -> Grant | Refusal:
    """Art. 20: of cameras that are not shared it says nothing, not even whether they are there."""
    case = Case(law)
    case.require(
        camera in grant.scope.cameras,
        "R20.3" if law.binds("R20.3") else law.duty("N16").code,
        Words("不在共享范围内：摄像机", "not shared: camera"),
        Words("请另行申请共享", "ask for it to be shared"),
    )
    return case.answer()


@decides("R20.3")
def may_use_share(law: Law, grant: ShareGrant, use: SharedUse, now: datetime) -> Grant | Refusal:
    """Art. 20: within purpose, scope and period; base information only if it was granted (art. 27¶1)."""
    aware(now=now)
    scope, case = grant.scope, Case(law)
    told = named(law, "share_kind", [use.kind])
    outside = absent(
        ("摄像机", "camera", use.camera in scope.cameras),
        (f"数据类型“{told.zh}”", told.en, use.kind in scope.kinds),
        ("录像时段", "interval", use.start is None or scope.earliest <= use.start),
    )
    case.require(
        not outside.zh,
        "R20.3",
        Words(f"不在共享范围内：{outside.zh}", f"not shared: {outside.en}"),
        Words("请另行申请共享", "ask for it to be shared"),
    )
    case.require(
        not use.is_file,
        "R20.3",
        Words("共享只供查看，不包括复制", "what is shared is looked at, never copied"),
        Words("请依第二十二条申请复制", "apply for a copy under art. 22"),
    )
    begin, until = (f"{one.astimezone(CHINA):%Y-%m-%d %H:%M:%S}" for one in (scope.begin, scope.until))
    case.require(
        scope.begin <= now <= scope.until,
        "R20.3",
        Words(f"共享期限为北京时间 {begin} 至 {until}", f"shared from {begin} to {until} (+08:00)"),
        Words("请申请延期", "ask for a longer period"),
    )
    case.join(may_use_for(law, grant.purpose, use.purpose))
    return case.answer()
