"""May these officers look at this (arts. 21, 22; Decree 799 art. 20): the application, and refusing it.

What follows from a yes, camera by camera and second by second, is in ``serving``; individuals are in
``individuals``. Both bodies of law are asked: two persons and a legal power (C6).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bingjian.rules.civil import civil_date
from bingjian.rules.decision import (
    Case,
    Grant,
    Refusal,
    absent,
    aware,
    consistent,
    decides,
    distinct,
    enumerated,
    is_given,
    named,
)
from bingjian.rules.decisions.refusing import RULES, OtherLaw, may_except
from bingjian.rules.edition import Words
from bingjian.rules.law import Law

WILDCARDS = frozenset("*?%")


@dataclass(frozen=True, slots=True)
class Certificate:
    """A work or enforcement certificate."""

    kind: str  # code of ``certificate``
    number: str
    issuer: str
    valid_to: date | None  # its last day
    is_seen: bool  # the custodian has held it


@dataclass(frozen=True, slots=True)
class Officer:
    """Somebody who comes to look."""

    person: str  # id
    name: str
    unit: str
    certificate: Certificate | None
    undertaking: str  # version of the rules of use and secrecy that was signed


@dataclass(frozen=True, slots=True)
class AuthorityDocument:
    """An approval or a letter of introduction."""

    kind: str  # code of ``authority_document``
    number: str
    unit: str  # that issued it
    issued: date | None
    scan: str  # hash of the scan


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who asks. Whether it is a state organ may not be known."""

    name: str
    is_state_organ: bool | None
    is_individual: bool = False

    def __post_init__(self) -> None:
        consistent(not (self.is_state_organ and self.is_individual), "a state organ is no individual")


@dataclass(frozen=True, slots=True)
class Application:
    """One request to view, copy or retrieve."""

    applicant: Applicant
    number: str  # of the case or the work
    purpose: str  # code of ``access_purpose``
    power: str  # the law or administrative regulation that gives the power, with its article
    cameras: tuple[str, ...]
    begin: datetime
    end: datetime
    verbs: frozenset[str]  # codes of ``access_verb``
    officers: tuple[Officer, ...]
    documents: tuple[AuthorityDocument, ...]
    is_urgent: bool = False  # recorded; it drops nothing
    other_law: OtherLaw | None = None
    wants_forward: bool = False  # to give copies on; no right implies it (art. 27¶1)
    recipients: frozenset[str] = frozenset()  # by name, to whom

    def __post_init__(self) -> None:
        aware(begin=self.begin, end=self.end)
        consistent(self.begin < self.end, "the interval ends before it begins")


@decides("R21.1", "R21.2", "R21.3", "R22.1", "R22.2", "R22.3", "R22.5", "N20")
def may_access(law: Law, asked: Application, rules_version: str, now: datetime) -> Grant | Refusal:
    """Arts. 21, 22, Decree 799 art. 20: may this application be granted; all that is missing is named.

    Args:
        rules_version: of the rules of use and secrecy in force; blank: none are, and nobody can have signed.
    """
    aware(now=now)
    case = Case(law)
    _require_organ(case, asked.applicant)
    _require_need(case, asked)
    dropped = _dropped(case, asked.other_law)
    today = civil_date(now)
    if not _items(law, "R22.1") & dropped:
        _require_officers(case, asked.officers)
    if not _items(law, "R22.2") & dropped:
        _require_certificates(case, asked.officers, today)
    if not _items(law, "R22.3") & dropped:
        _require_documents(case, asked, today)
    if not _items(law, "R22.5") & dropped:
        _require_undertakings(case, asked.officers, rules_version)
    return case.answer()


def _items(law: Law, code: str) -> frozenset[str]:
    """The items of art. 22 that stand where this duty stands."""
    if not law.binds(code):
        return frozenset()
    place = law.duty(code).article
    return frozenset(item for item, known in law.codes(RULES).items() if known[0].article == place)


def _dropped(case: Case, other_law: OtherLaw | None) -> frozenset[str]:
    """Items that another law does without; none if its way was not taken properly."""
    if other_law is None:
        return frozenset()
    answer = may_except(case.law, other_law)
    case.join(answer)
    return other_law.drops if isinstance(answer, Grant) else frozenset()


def _require_organ(case: Case, applicant: Applicant) -> None:
    individual = Words("可以申请个人查阅", "apply for an individual view")
    organ = Words("请由有权的国家机关申请", "have the competent state organ apply")
    case.require(
        applicant.is_state_organ is True,
        "R21.1",
        Words(f"“{applicant.name}”不是国家机关", f"{applicant.name} is not known to be a state organ"),
        individual if applicant.is_individual else organ,
    )


def _require_need(case: Case, asked: Application) -> None:
    """For work, as far as needed: number, purpose, power, each camera, and which verbs."""
    law = case.law
    loose = [camera for camera in asked.cameras if not is_given(camera) or WILDCARDS & set(camera)]
    lacking = absent(
        ("案件或者工作编号", "case or work number", asked.number),
        ("用途", "purpose", asked.purpose in law.codes("access_purpose")),
        ("逐一列出的摄像机", "cameras one by one", asked.cameras and not loose),
    )
    case.require(
        not lacking.zh,
        "R21.2",
        Words(f"没有写明：{lacking.zh}", f"not given: {lacking.en}"),
        Words("请补齐后重新申请", "complete the application"),
    )
    case.require(
        is_given(asked.power),
        "N20",
        Words(
            "没有写明权限依据的法律、行政法规", "no law or administrative regulation is cited as the power"
        ),
        Words("请写明法律、行政法规的名称和条款", "cite it, with its article"),
    )
    case.require(
        bool(asked.verbs) and asked.verbs <= set(law.codes("access_verb")),
        "R21.3",
        Words("没有写明查阅、复制还是调取", "it is not said which of the rights is asked for"),
        Words("请从中选择", f"choose of: {named(law, 'access_verb', law.codes('access_verb')).en}"),
    )


def different_officers(officers: Sequence[Officer]) -> int:
    """How many officers these surely are: who shares a person's id or a certificate's number is one."""
    groups = list[set[tuple[str, str]]]()
    for officer in officers:
        number = officer.certificate.number if officer.certificate else ""
        marks = {("person", one) for one in distinct([officer.person])}
        marks |= {("number", one) for one in distinct([number])} if marks else set()
        same = [group for group in groups if group & marks]
        groups = [group for group in groups if group not in same]
        groups += [marks.union(*same)] if marks else []
    return len(groups)


def _require_officers(case: Case, officers: Sequence[Officer]) -> None:
    least, count = case.law.limits.get("access.min_officers"), different_officers(officers)
    if least is None:
        return
    case.require(
        count >= least.value,
        least.code,
        Words(
            f"不同的调查取证人员只有 {count} 人，应当不少于 {least.value} 人",
            f"{count} different officers, at least {least.value} are needed",
        ),
        Words("请增派持本人证件的人员", "bring another officer with a certificate of their own"),
    )


def _require_certificates(case: Case, officers: Sequence[Officer], today: date) -> None:
    for officer in officers:
        wrong = _wrong_certificate(case.law, officer.certificate, today)
        case.require(
            not wrong.zh,
            "R22.2",
            Words(f"“{officer.name}”的证件：{wrong.zh}", f"certificate of {officer.name}: {wrong.en}"),
            Words("请出示有效证件并由管理人员核验", "show a valid certificate to the custodian"),
        )


def _wrong_certificate(law: Law, shown: Certificate | None, today: date) -> Words:
    if shown is None:
        return Words("未出示", "not shown")
    faults = [
        (shown.kind in law.codes("certificate"), Words("种类不符", "kind not accepted")),
        (is_given(shown.number), Words("没有编号", "no number")),
        (is_given(shown.issuer), Words("没有签发单位", "no issuer")),
        (shown.is_seen, Words("未经核验", "not seen by the custodian")),
        (shown.valid_to is not None, Words("有效期不明", "validity not known")),
        (
            shown.valid_to is None or shown.valid_to >= today,
            Words(f"有效期至 {shown.valid_to}", f"expired after {shown.valid_to}"),
        ),
    ]
    return enumerated(told for holds, told in faults if not holds)


def _require_documents(case: Case, asked: Application, today: date) -> None:
    """One of each unit that the officers come from; of the applicant's while nobody is named."""
    units = {officer.unit for officer in asked.officers} or {asked.applicant.name}
    issuers = {one.unit for one in asked.documents if _is_valid_document(case.law, one, today)}
    for unit in sorted(units):
        case.require(
            is_given(unit) and unit in issuers,
            "R22.3",
            Words(
                f"没有“{unit}”出具的有效批准文件或者介绍信函",
                f"no valid approval or letter issued by {unit or '?'}",
            ),
            Words("请出示本单位的文件", "show one of the officers' own unit, with number, date and scan"),
        )


def _is_valid_document(law: Law, one: AuthorityDocument, today: date) -> bool:
    is_dated = one.issued is not None and one.issued <= today
    is_known = one.kind in law.codes("authority_document")
    return is_known and is_dated and is_given(one.number) and is_given(one.scan)


def _require_undertakings(case: Case, officers: Sequence[Officer], rules_version: str) -> None:
    for officer in officers:
        signed = officer.undertaking
        case.require(
            is_given(rules_version) and signed == rules_version,
            "R22.5",
            Words(
                f"“{officer.name}”签署的承诺版本为“{signed or '无'}”，现行版本为“{rules_version or '无'}”",
                f"{officer.name} signed version {signed or 'none'}, {rules_version or 'none'} is in force",
            ),
            Words("请签署现行版本的使用、保密承诺", "have them sign the version in force"),
        )
