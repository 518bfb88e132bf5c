"""Sharing between departments (art. 20): the rule, within purpose, scope and period (C10)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from bingjian.rules.civil import CHINA, TICK, civil_date, end_of_working_day
from bingjian.rules.decision import Case, Grant, Refusal, absent, aware, consistent, decides, is_given
from bingjian.rules.decisions.serving import may_use_for
from bingjian.rules.edition import Words
from bingjian.rules.holidays import Holidays
from bingjian.rules.law import Law


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """What can be asked for: a group of cameras, kinds of data, conditions."""

    cameras: frozenset[str]
    kinds: frozenset[str]
    conditions: str


@decides("R20.1")
def may_publish(law: Law, is_data_authority: bool, entry: CatalogueEntry) -> Grant | Refusal:
    """Art. 20: whether this body may publish, or withdraw, an entry. A department may not."""
    lacking = absent(
        ("摄像机", "cameras", entry.cameras),
        ("数据类型", "kinds of data", entry.kinds),
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
def figures_of_use(entries: Iterable[str], uses: Iterable[str]) -> Mapping[str, int]:
    """How often each entry of the catalogue was used, also if never. Entries by id, one for each use."""
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


@decides("R20.2")
def is_answered_in_time(
    law: Law, asked: datetime, answered: datetime | None, holidays: Holidays, now: datetime
) -> Grant | Refusal:
    """Art. 20: within so many working days, else the data authority is told."""
    aware(asked=asked, answered=answered, now=now)
    consistent(asked <= now, "asked in the future")
    consistent(answered is None or asked <= answered <= now, "answered before it was asked, or in the future")
    case, limit = Case(law), law.limits.get("share.answer")
    if limit is not None:
        until = end_of_working_day(asked, limit.value, holidays)
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
    cameras: frozenset[str]
    kinds: frozenset[str]
    begin: datetime
    until: datetime  # its last instant
    has_base_info: bool = False

    def __post_init__(self) -> None:
        aware(begin=self.begin, until=self.until)
        consistent(self.begin <= self.until, "the period ends before it begins")


@dataclass(frozen=True, slots=True)
class SharedUse:
    """What the department wants to do with it now."""

    purpose: str
    camera: str
    kind: str
    is_base_info: bool


@decides("R20.3")
def may_use_share(law: Law, grant: ShareGrant, use: SharedUse, now: datetime) -> Grant | Refusal:
    """Art. 20: within purpose, scope and period; base information only if it was granted (art. 27¶1)."""
    aware(now=now)
    outside = absent(
        ("摄像机", "camera", use.camera in grant.cameras),
        ("数据类型", "kind of data", use.kind in grant.kinds),
        ("基础信息", "base information", grant.has_base_info or not use.is_base_info),
    )
    case = Case(law)
    case.require(
        not outside.zh,
        "R20.3",
        Words(f"不在共享范围内：{outside.zh}", f"not shared: {outside.en}"),
        Words("请另行申请共享", "ask for it to be shared"),
    )
    begin, until = (f"{one.astimezone(CHINA):%Y-%m-%d %H:%M:%S}" for one in (grant.begin, grant.until))
    case.require(
        grant.begin <= now <= grant.until,
        "R20.3",
        Words(f"共享期限为北京时间 {begin} 至 {until}", f"shared from {begin} to {until} (+08:00)"),
        Words("请申请延期", "ask for a longer period"),
    )
    case.join(may_use_for(law, grant.purpose, use.purpose))
    return case.answer()
