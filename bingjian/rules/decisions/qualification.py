"""Who and what may build: products, units and standards (arts. 14 and 15, Decree 799 art. 12)."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bingjian.rules.civil import civil_date, end_after_hours
from bingjian.rules.decision import (
    Case,
    Grant,
    Refusal,
    aware,
    consistent,
    decides,
    named,
)
from bingjian.rules.edition import Words
from bingjian.rules.law import Law

# --- products


@dataclass(frozen=True, slots=True)
class Product:
    """A device model as it was installed; what is not known is empty or None."""

    model: str
    certificate: str  # number of its certificate or inspection report
    issuer: str
    valid_to: date | None  # last day
    installed: date
    is_up_to_mandatory: bool | None  # national standards (Decree 799 art. 12)
    is_free_of_malware: bool | None


@decides("R14.1", "N12")
def are_products_qualified(law: Law, products: Iterable[Product]) -> Grant | Refusal:
    """Art. 14: each model has a certificate valid on the day it was installed. Decree 799 art. 12: and meets
    the mandatory national standards, with no malicious program."""
    several, case = tuple(products), Case(law)
    case.require(
        bool(several),
        "R14.1",
        Words("没有登记任何设备", "no device is recorded"),
        Words("请登记设备型号及其证书", "record the device models with their certificates"),
    )
    for product in several:
        case.join(_is_certified(law, product))
        for is_met, zh, en in (
            (product.is_up_to_mandatory, "符合强制性国家标准", "meets the mandatory national standards"),
            (product.is_free_of_malware, "不含恶意程序", "holds no malicious program"),
        ):
            case.require(
                is_met is True,
                "N12",
                Words(f"{product.model} 未证明{zh}", f"it is not proven that {product.model} {en}"),
                Words("请补交检测报告，或者更换产品", "hand in the test report, or use another product"),
            )
    return case.answer()


def _is_certified(law: Law, product: Product) -> Grant | Refusal:
    case = Case(law)
    has_paper = bool(product.certificate.strip() and product.issuer.strip() and product.valid_to)
    case.require(
        has_paper,
        "R14.1",
        Words(
            f"{product.model} 没有证书编号、发证机构或者有效期",
            f"{product.model} has no certificate with number, issuer and last day",
        ),
        Words("请补录合格证书或者检验报告", "record its certificate or inspection report"),
    )
    case.require(
        product.valid_to is None or product.installed <= product.valid_to,
        "R14.1",
        Words(
            f"{product.model} 的证书有效至 {product.valid_to}，安装日为 {product.installed}",
            f"the certificate of {product.model} ended on {product.valid_to}, installed {product.installed}",
        ),
        Words(
            "请提供安装之日有效的证书，或者更换产品",
            "show a certificate valid that day, or use another product",
        ),
    )
    return case.answer()


@dataclass(frozen=True, slots=True)
class Flaw:
    """A flaw found in a product or service, and which steps were taken when."""

    found: datetime
    done: Mapping[str, datetime]  # by code of ``flaw_step``

    def __post_init__(self) -> None:
        aware(found=self.found, **self.done)
        consistent(all(self.found <= at for at in self.done.values()), "a step before the flaw was found")


@decides("N12")
def is_flaw_handled(law: Law, flaw: Flaw, now: datetime) -> Grant | Refusal:
    """Decree 799 art. 12: fixed at once, the users told, reported. Refuses once a step is late."""
    aware(now=now)
    consistent(all(at <= now for at in (flaw.found, *flaw.done.values())), "a flaw or a step in the future")
    if "flaw.step" not in law.limits:
        return Case(law).answer()  # no edition in force asks for it
    limit = law.limit("flaw.step")
    until = end_after_hours(flaw.found, limit.value)
    case = Case(law)
    late = [step for step in law.codes("flaw_step") if flaw.done.get(step, now) > until]
    told = named(law, "flaw_step", late)
    case.require(
        not late,
        limit.code,
        Words(
            f"发现缺陷后 {limit.value} 小时内未完成：{told.zh}",
            f"not done within {limit.value} h of finding it: {told.en}",
        ),
        Words("请立即完成并记录", "do it now, and record it"),
    )
    return case.answer()


@decides("N12")
def flaw_due(law: Law, found: datetime) -> datetime | None:
    """Decree 799 art. 12: the last instant for each step about a flaw; None: nothing in force sets one."""
    aware(found=found)
    limit = law.limits.get("flaw.step")
    return None if limit is None else end_after_hours(found, limit.value)


@decides("N12")
def may_close_flaw(law: Law, flaw: Flaw) -> Grant | Refusal:
    """Decree 799 art. 12: a flaw is done with when every step was taken, late or not."""
    missing = [step for step in law.codes("flaw_step") if step not in flaw.done]
    told = named(law, "flaw_step", missing)
    case = Case(law)
    case.require(
        not missing,
        "N12",
        Words(f"尚未完成：{told.zh}", f"not done yet: {told.en}"),
        Words("请完成并登记证明", "do it, and record what shows it"),
    )
    return case.answer()


# --- units


@dataclass(frozen=True, slots=True)
class Unit:
    """A firm in one of the roles; what is not known is empty or None."""

    role: str  # code of ``unit_role``
    name: str
    covers: Set[str]  # codes of ``unit_role`` that its qualification is for
    number: str
    valid_to: date | None  # last day
    exemption: str = ""  # why the law asks for no qualification here, with its citation


@decides("R14.2")
def are_units_qualified(law: Law, units: Iterable[Unit], day: date) -> Grant | Refusal:
    """Art. 14: each of the roles is held by a unit with the qualification for it, valid that day."""
    several, case = tuple(units), Case(law)
    for role in law.codes("unit_role"):
        word = law.words("unit_role", role)
        holders = [unit for unit in several if unit.role == role]
        case.require(
            bool(holders),
            "R14.2",
            Words(f"没有登记{word.zh}", f"there is no {word.en}"),
            Words("请登记该单位及其资质", "record the unit and its qualification"),
        )
        for unit in holders:
            case.join(_is_qualified(law, unit, day, "R14.2"))
    return case.answer()


@decides("R14.3")
def may_take_job(law: Law, unit: Unit, day: date) -> Grant | Refusal:
    """Art. 14: no new job for a unit whose qualification has ended or is not for it."""
    law.words("unit_role", unit.role)
    return _is_qualified(law, unit, day, "R14.3")


def _is_qualified(law: Law, unit: Unit, day: date, code: str) -> Grant | Refusal:
    word, case = law.words("unit_role", unit.role), Case(law)
    is_exempt = bool(unit.exemption.strip())
    case.require(
        bool(unit.name.strip()) and (is_exempt or (unit.role in unit.covers and bool(unit.number.strip()))),
        code,
        Words(f"{word.zh}“{unit.name}”没有该项资质", f"{unit.name} has no qualification as {word.en}"),
        Words("请更换有相应资质的单位，或者补录资质", "take a unit that has it, or record its qualification"),
    )
    case.require(
        is_exempt or (unit.valid_to is not None and day <= unit.valid_to),
        code,
        Words(
            f"{word.zh}“{unit.name}”的资质有效至 {unit.valid_to or '（未填）'}，办理日为 {day}",
            f"the qualification of {unit.name} as {word.en} is valid to {unit.valid_to or '(not given)'}, "
            f"asked for {day}",
        ),
        Words("请续办资质后再承接", "renew the qualification first"),
    )
    return case.answer()


@decides("R14.3")
def remind_on(law: Law, valid_to: date, contract_ends: date) -> date | None:
    """From which day on a qualification is reminded of; None: it outlasts the contract."""
    if not law.binds("R14.3") or valid_to >= contract_ends:
        return None
    return valid_to - timedelta(days=law.number("qualification.reminder"))


@decides("R14.3")
def must_remind(law: Law, valid_to: date, contract_ends: date, today: date) -> bool:
    """Whether a qualification that ends during a running contract is to be reminded of."""
    first = remind_on(law, valid_to, contract_ends)
    return first is not None and first <= today <= contract_ends


# --- standards


@dataclass(frozen=True, slots=True)
class Check:
    """One item of a standard's checklist."""

    standard: str
    item: str
    is_mandatory: bool
    is_passed: bool | None  # None: not looked at yet


@decides("R15.1")
def are_standards_met(law: Law, checks: Iterable[Check]) -> Grant | Refusal:
    """Art. 15: every mandatory item is passed. What fails of the voluntary ones: ``warnings``."""
    several, case = tuple(checks), Case(law)
    case.require(
        any(check.is_mandatory for check in several),
        "R15.1",
        Words("没有强制性标准的检查项", "no item of a mandatory standard was checked"),
        Words("请按适用标准填写检查表", "fill in the checklists of the standards that apply"),
    )
    for check in several:
        if check.is_mandatory and check.is_passed is not True and law.binds("R15.1"):
            case.join(_unmet(law, check))
    return case.answer()


def _unmet(law: Law, check: Check) -> Refusal:
    zh, en = ("未检查", "not checked") if check.is_passed is None else ("不合格", "failed")
    return law.refusal(
        "R15.1",
        Words(
            f"强制性条款{zh}：{check.standard} {check.item}",
            f"mandatory item {en}: {check.standard} {check.item}",
        ),
        Words("请整改后重新检查该项", "put it right and check the item again"),
    )


@decides("R15.1")
def warnings(checks: Iterable[Check]) -> tuple[Check, ...]:
    """Voluntary items that failed: told, never a bar (more advanced standards are encouraged)."""
    return tuple(check for check in checks if not check.is_mandatory and check.is_passed is False)


@dataclass(frozen=True, slots=True)
class Specification:
    """A version of the city's technical specification; organisations by code."""

    version: str
    author: str
    coauthors: Set[str]
    effective: date | None  # first day


@decides("R15.3")
def may_issue(law: Law, specification: Specification) -> Grant | Refusal:
    """Art. 15: by the data authority with public security, with a version and a first day."""
    case = Case(law)
    authors = named(law, "specification_author", law.codes("specification_author"))
    case.require(
        specification.author in law.codes("specification_author"),
        "R15.3",
        Words(f"技术规范应由{authors.zh}制定", f"a specification's author is the {authors.en}"),
        Words("请由其提出", "have it submitted by that body"),
    )
    missing = law.codes("specification_coauthor").keys() - specification.coauthors
    told = named(law, "specification_coauthor", missing)
    case.require(
        not missing,
        "R15.3",
        Words(f"没有会同{told.zh}", f"not together with {told.en}"),
        Words("请会同其制定", "issue it together with that body"),
    )
    case.require(
        bool(specification.version.strip()) and specification.effective is not None,
        "R15.3",
        Words("没有版本号或者施行日期", "no version or no first day"),
        Words("请填写版本号和施行日期", "give the version and its first day"),
    )
    return case.answer()


@decides("R15.3")
def judged_by(specifications: Iterable[Specification], accepted: datetime) -> Specification | None:
    """The version in force on the day a system was accepted, for good; None: there was none yet."""
    day = civil_date(accepted)
    begun = [one for one in specifications if one.effective is not None and one.effective <= day]
    return max(begun, key=lambda one: (one.effective or date.min, one.version), default=None)
