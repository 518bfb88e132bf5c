"""Inspection, referral and cases against staff (arts. 32–35; Decree 799 arts. 24, 25)."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from bingjian.rules.civil import CHINA
from bingjian.rules.decision import (
    Case,
    Grant,
    Refusal,
    absent,
    aware,
    consistent,
    decides,
    distinct,
    is_given,
    named,
)
from bingjian.rules.edition import Article, Words
from bingjian.rules.law import Law


@dataclass(frozen=True, slots=True)
class Inspection:
    """An account for one inspection: it only reads, and ends."""

    begin: datetime
    until: datetime  # its last instant
    areas: frozenset[str]

    def __post_init__(self) -> None:
        aware(begin=self.begin, until=self.until)
        consistent(self.begin <= self.until, "the inspection ends before it begins")


@dataclass(frozen=True, slots=True)
class Look:
    """What the inspector wants."""

    area: str
    reads: str  # code of ``inspection_reading``; blank: something else
    is_footage: bool
    has_grant: bool  # under art. 22, for this footage


@decides("R32.1", "N24")
def may_inspect(law: Law, inspection: Inspection, look: Look, now: datetime) -> Grant | Refusal:
    """Art. 32: figures, registers and proofs of the area, within the period; footage only by a grant."""
    aware(now=now)
    readings = law.codes("inspection_reading")
    begin, until = (
        f"{one.astimezone(CHINA):%Y-%m-%d %H:%M:%S}" for one in (inspection.begin, inspection.until)
    )
    case = Case(law)
    case.require(
        inspection.begin <= now <= inspection.until,
        "R32.1",
        Words(
            f"检查期为北京时间 {begin} 至 {until}", f"the inspection runs from {begin} to {until} (+08:00)"
        ),
        Words("请申请延长检查期", "have its period extended"),
    )
    case.require(
        look.area in inspection.areas,
        "R32.1",
        Words(f"“{look.area}”不在检查辖区内", f"{look.area or 'no area'} is not inspected"),
        Words("请限于检查辖区", "keep to the area of the inspection"),
    )
    case.require(
        look.has_grant if look.is_footage else look.reads in readings,
        "R32.1",
        Words("检查账号只读，查看录像须另有授权", "an inspection only reads; footage takes a grant"),
        Words(
            f"可查：{named(law, 'inspection_reading', readings).zh}；录像请依第二十二条申请",
            f"it may read {named(law, 'inspection_reading', readings).en}; apply under art. 22 for footage",
        ),
    )
    return case.answer()


@decides("R32.1", "N24")
def may_look(law: Law, inspections: Iterable[Inspection], look: Look, now: datetime) -> Grant | Refusal:
    """Art. 32: what one of the inspections that an account is named in allows; without any, nothing."""
    case = Case(law)
    case.require(
        False,
        "R32.1",
        Words("该账号没有进行中的监督检查", "no inspection of this account is in progress"),
        Words("请由公安机关发起监督检查并指定检查人员", "have public security open one that names it"),
    )
    answer = case.answer()
    for inspection in inspections:
        answer = may_inspect(law, inspection, look, now)
        if isinstance(answer, Grant):
            break
    return answer


@decides("R32.2")
def may_ask(law: Law, text: str, due: datetime, now: datetime) -> Grant | Refusal:
    """Art. 32: a question says what is asked, and leaves time to answer."""
    aware(due=due, now=now)
    lacking = absent(("内容", "text", text), ("答复期限", "time to answer", now <= due))
    case = Case(law)
    case.require(
        not lacking.zh,
        "R32.2",
        Words(f"检查问题缺少：{lacking.zh}", f"the question lacks: {lacking.en}"),
        Words("请补齐", "give it"),
    )
    return case.answer()


@decides("R5.2", "R32.2")
def may_answer(law: Law, code: str, asked: str, by: str) -> Grant | Refusal:
    """Arts. 5¶2, 32: an order or a question is answered by the unit that it was put to.

    Args:
        code: of the duty that asks for the answer, "R5.2" or "R32.2".
        asked: the organisation it was put to, by id.
        by: the organisation that whoever answers acts for, by id.
    """
    case = Case(law)
    case.require(
        bool(distinct([asked]) & distinct([by])),
        code,
        Words("只能由被要求的单位答复", "only the unit that it was put to answers"),
        Words("请由该单位办理", "have that unit answer"),
    )
    return case.answer()


@decides("R32.2", "N24")
def is_question_answered(
    law: Law, due: datetime, answered: datetime | None, now: datetime
) -> Grant | Refusal:
    """Art. 32, Decree 799 art. 24: those inspected answer by the due instant, that second included."""
    aware(due=due, answered=answered, now=now)
    consistent(answered is None or answered <= now, "answered in the future")
    told = f"{due.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
    case = Case(law)
    case.require(
        (answered or now) <= due,
        "R32.2",
        Words(f"应在北京时间 {told} 前答复检查问题", f"the question was to be answered by {told} (+08:00)"),
        Words("请立即答复；已上报", "answer now; it was reported"),
    )
    return case.answer()


@dataclass(frozen=True, slots=True)
class Report:
    """Somebody from the public says that a camera is unlawful."""

    kind: str  # code of ``reported_camera``
    place: str
    received: datetime
    receiver: str  # of public security, by id

    def __post_init__(self) -> None:
        aware(received=self.received)


@decides("N24")
def may_take_report(law: Law, report: Report) -> Grant | Refusal:
    """Decree 799 art. 24¶2: taken if it says what and where; who reports need not be named."""
    lacking = absent(
        ("违法安装的情形", "what is unlawful", report.kind in law.codes("reported_camera")),
        ("地点", "place", report.place),
        ("受理人", "receiver", report.receiver),
    )
    case = Case(law)
    case.require(
        not lacking.zh,
        "N24",
        Words(f"举报缺少：{lacking.zh}", f"the report lacks: {lacking.en}"),
        Words("请向举报人问明后受理", "ask the person who reports, then take it"),
    )
    return case.answer()


# --- the report of an inspection


@dataclass(frozen=True, slots=True)
class Breach:
    """One breach of one article, with its evidence and what follows from it."""

    article: Article
    code: str
    facts: str  # hash of the recorded facts
    evidence: tuple[str, ...]  # ids
    consequence: Words
    citation: str = ""  # of the higher rule that the consequence is taken from
    entries: tuple[int, ...] = ()  # numbers of the journal's entries about that evidence

    def __post_init__(self) -> None:
        consistent(is_given(self.facts), "a breach without facts")


@decides("R32.3")
def report_of(breaches: Iterable[Breach]) -> bytes:
    """All breaches by article, each with its evidence, as JSON: the same breaches give the same bytes."""
    rows = {_row(breach): breach for breach in breaches}
    ordered = sorted(rows.items(), key=lambda item: (item[1].article.order, item[0]))
    return ("[" + ",".join(row for row, _ in ordered) + "]").encode()


def _row(breach: Breach) -> str:
    values = {
        "article": str(breach.article),
        "article_zh": breach.article.zh,
        "code": breach.code,
        "facts": breach.facts,
        "evidence": sorted(set(breach.evidence)),
        "entries": sorted(set(breach.entries)),
        "consequence": {"zh": breach.consequence.zh, "en": breach.consequence.en},
        "citation": breach.citation,
    }
    return json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


# --- consequences


def under_higher_law(breach: Breach, citation: str, consequence: Words) -> Breach:
    """The same breach with the consequence of a higher rule; its facts are never touched."""
    return replace(breach, citation=citation, consequence=consequence)


@decides("R33.1")
def may_cite_higher_law(law: Law, old: Breach, new: Breach) -> Grant | Refusal:
    """Art. 33: a cited higher rule replaces the consequence, never the facts."""
    is_same = replace(new, citation=old.citation, consequence=old.consequence) == old
    case = Case(law)
    case.require(
        is_same,
        "R33.1",
        Words("改引上位法不得变动事实", "citing a higher rule must not change the facts"),
        Words("请只修改后果和依据", "change the consequence and its source alone"),
    )
    case.require(
        is_given(new.citation) and is_given(new.consequence.zh) and is_given(new.consequence.en),
        "R33.1",
        Words(
            "没有写明上位法的名称、条款和后果", "the higher rule, its article or its consequence is not given"
        ),
        Words("请写明", "give them"),
    )
    return case.answer()


@dataclass(frozen=True, slots=True)
class Referral:
    """What is handed to public security or the prosecution."""

    facts: frozenset[str]  # ids
    proofs: frozenset[str]  # ids of the facts that have one
    has_verifier: bool  # one that runs without this platform
    is_verified: bool | None  # by it, on this very package; None: not tried

    def __post_init__(self) -> None:
        consistent(not self.is_verified or self.has_verifier, "verified without a verifier")
        consistent(self.proofs <= self.facts, "a proof of no fact")


@decides("R34.1")
def may_refer(law: Law, referral: Referral) -> Grant | Refusal:
    """Art. 34: facts, a proof of each, a verifier that stands alone, and it has verified."""
    lacking = absent(
        ("事实", "facts", referral.facts),
        ("每项事实的证明", "a proof of every fact", referral.facts == referral.proofs),
        ("独立的核验工具", "a verifier that stands alone", referral.has_verifier),
        ("核验通过", "a verification that passed", referral.is_verified),
    )
    case = Case(law)
    case.require(
        not lacking.zh,
        "R34.1",
        Words(f"移送材料缺少：{lacking.zh}", f"the referral lacks: {lacking.en}"),
        Words("请补齐并核验后移送", "complete and verify it first"),
    )
    return case.answer()


# --- cases against staff


@dataclass(frozen=True, slots=True)
class StaffCase:
    """A case against somebody of a state organ. Persons by id."""

    id: str
    against: str
    unit: str
    offence: str  # code of ``staff_offence``


@decides("R35.1")
def may_open_case(law: Law, case_: StaffCase, opened_by: str) -> Grant | Refusal:
    """Art. 35: of one of the offences, against a named person, by somebody else."""
    who = distinct([opened_by])
    lacking = absent(
        ("被举报人", "who it is against", case_.against),
        ("单位", "unit", case_.unit),
        ("情形", "offence", case_.offence in law.codes("staff_offence")),
        ("其他人立案", "somebody else who opens it", who - distinct([case_.against])),
    )
    case = Case(law)
    case.require(
        not lacking.zh,
        "R35.1",
        Words(f"案件缺少：{lacking.zh}", f"the case lacks: {lacking.en}"),
        Words("请补齐后立案", "complete it, then open it"),
    )
    return case.answer()


@decides("R35.1")
def cases_shown(
    law: Law, person: str, roles: frozenset[str], cases: Iterable[StaffCase]
) -> tuple[StaffCase, ...]:
    """What a query for cases answers: to auditor and discipline body all but those against themselves.

    To everybody else, administrators of the unit too, there are none: that is the whole answer.
    """
    who = distinct([person])
    if not who or not roles & set(law.codes("staff_case_reader")):
        return ()
    return tuple(sorted((one for one in cases if not who & distinct([one.against])), key=lambda one: one.id))


@decides("N25")
def is_police_act_recorded(law: Law, is_police: bool, entry: str, reason: str) -> Grant | Refusal:
    """Decree 799 art. 25: what public security does is journaled with its reason, as everybody's acts are.

    Args:
        entry: id of the journal's entry.
    """
    lacking = absent(("日志记录", "journal entry", entry), ("事由", "reason", reason))
    case = Case(law)
    case.require(
        not is_police or not lacking.zh,
        "N25",
        Words(f"公安机关的操作缺少：{lacking.zh}", f"an act of public security lacks: {lacking.en}"),
        Words("请补记并报内部监督部门", "have it recorded and tell internal supervision"),
    )
    return case.answer()
