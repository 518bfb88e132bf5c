"""Who must build a system, and who may install one (art. 10, Decree 799 arts. 7, 9), where both speak.

Parks and transport hubs are government-built by the city's measures and operator-built by the decree: there
government or the public operator of the place builds (C3). Everywhere else: ``owners``.
"""

from dataclasses import dataclass
from enum import StrEnum

from bingjian.rules.decision import Case, Grant, Refusal, decides, is_given, named
from bingjian.rules.decisions.privacy import Part, may_cover
from bingjian.rules.edition import Article, Words
from bingjian.rules.law import Law

GOVERNMENT, OPERATOR = "government", "operator"  # codes of ``decree_installer``
BUILD, MAINTAIN = Words("建设", "build"), Words("维护", "maintain")
CITY_DUTY, DEPARTMENTS, OPERATORS, INSTALLERS, OTHERS = "R10.1", "N7.1", "N7.2", "N7.3", "N9"


@dataclass(frozen=True, slots=True)
class Ruling:
    """The data authority decided that another area is like those of 10¶1."""

    body: str  # code of ``body``
    reference: str


@dataclass(frozen=True, slots=True)
class Place:
    """A place as far as building asks."""

    kind: str  # a place code: of ``government_built``, ``decree_operator_place`` …, or another
    is_public: bool
    ruling: Ruling | None = None


class DecreeClass(StrEnum):
    """Codes of ``decree_class``."""

    A = "A"  # a place of Decree 799 art. 7
    B = "B"  # another public place, art. 9


@decides("N9")
def decree_class(law: Law, place: Place) -> DecreeClass | None:
    """Decree 799 arts. 7, 9: B has no duty to file or keep under the decree. None: not under it."""
    if place.kind in law.codes("decree_government_place") or place.kind in law.codes("decree_operator_place"):
        return DecreeClass.A
    return DecreeClass.B if place.is_public and law.binds(OTHERS) else None


@decides("R10.1")
def is_government_built(law: Law, place: Place) -> bool:
    """Art. 10¶1: a place that it names, or one that the data authority has ruled to be like those."""
    if not law.binds(CITY_DUTY):
        return False
    ruling = place.ruling
    is_ruled = (
        ruling is not None and ruling.body in law.codes("approver.other_10_1") and is_given(ruling.reference)
    )
    return is_ruled or place.kind in law.codes("government_built")


@decides("R10.1")
def may_rule(law: Law, ruling: Ruling) -> Grant | Refusal:
    """Art. 10¶1: the data authority alone says that another area is like those named, and on what paper."""
    bodies, case = law.codes("approver.other_10_1"), Case(law)
    names = named(law, "body", bodies)
    case.require(
        ruling.body in bodies and is_given(ruling.reference),
        CITY_DUTY,
        Words(f"其他区域须由{names.zh}书面认定", f"another area is ruled on in writing by the {names.en}"),
        Words(f"请由{names.zh}认定并填写文号", f"have the {names.en} rule on it, and give the reference"),
    )
    return case.answer()


@dataclass(frozen=True, slots=True)
class Bearer:
    """Somebody who must build at a place, and by which duty."""

    code: str  # GOVERNMENT or OPERATOR
    duty: str
    articles: tuple[Article, ...]


@decides("R10.1", "N7.1", "N7.2")
def bearers(law: Law, place: Place) -> tuple[Bearer, ...]:
    """Who must build there by name of the place. Two: either of them does (C3). None: see ``owners``."""
    found = list[Bearer]()
    if is_government_built(law, place):
        found.append(Bearer(GOVERNMENT, CITY_DUTY, law.cited(CITY_DUTY)))
    elif place.kind in law.codes("decree_government_place"):
        found.append(Bearer(GOVERNMENT, DEPARTMENTS, law.cited(DEPARTMENTS)))
    if place.kind in law.codes("decree_operator_place"):
        found.append(Bearer(OPERATOR, OPERATORS, law.cited(OPERATORS)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Installer:
    """Who has a system installed. A contractor is not the installer: the one he works for is (R25.2)."""

    kind: str  # code of ``decree_installer``, or another: "private_firm"
    is_public_body: bool
    has_security_duty: bool
    need: str  # why public safety needs it


@decides("N7.3", "N9")
def may_install(law: Law, place: Place, installer: Installer) -> Grant | Refusal:
    """Decree 799: in places of art. 7 departments and operators; elsewhere who has a security duty."""
    case, allowed = Case(law), law.codes("decree_installer")
    kind, names = decree_class(law, place), named(law, "decree_installer", allowed)
    case.require(
        kind is not DecreeClass.A or installer.kind in allowed,
        INSTALLERS,
        Words(f"此类场所只能由{names.zh}安装", f"only these may install there: {names.en}"),
        Words(f"请由{names.zh}提出", f"have it proposed by one of: {names.en}"),
    )
    if kind is DecreeClass.B:
        case.require(
            installer.has_security_duty and is_given(installer.need),
            OTHERS,
            Words(
                "没有安全防范义务，或者没有说明公共安全需要",
                "no security duty, or no need of public safety is stated",
            ),
            Words("请说明安全防范义务及其依据和需要", "state the security duty and the need"),
        )
    return case.answer()


@dataclass(frozen=True, slots=True)
class Scheme:
    """How a system is to be built and kept."""

    organiser: Installer
    responsible: Installer  # for maintenance
    budget_level: str = ""  # code of ``budget_level``; of a government's
    asset_class: str = ""  # code of ``asset_class``; of a government's


@decides("R10.1", "N7.1", "N7.2")
def may_organise(law: Law, place: Place, scheme: Scheme) -> Grant | Refusal:
    """Art. 10¶1, Decree 799 art. 7: who must build there does, and keeps it up; nobody else may."""
    case = Case(law)
    duties = {bearer.code: bearer.duty for bearer in bearers(law, place)}
    for body, role in ((scheme.organiser, BUILD), (scheme.responsible, MAINTAIN)):
        for duty in duties.values():
            case.require(_bears(body, duty, duties), duty, *_not_theirs(law, place, role, duties))
    if GOVERNMENT in duties and scheme.organiser.kind == GOVERNMENT:
        _public_money(case, scheme, duties[GOVERNMENT])
    case.join(may_install(law, place, scheme.organiser))
    return case.answer()


def _bears(body: Installer, duty: str, duties: dict[str, str]) -> bool:
    """A department may stand in for the operator (N7.3), a public operator for government (C3)."""
    if body.kind == GOVERNMENT:
        return True
    return body.kind == OPERATOR in duties and (duty == OPERATORS or body.is_public_body)


def _not_theirs(law: Law, place: Place, role: Words, duties: dict[str, str]) -> tuple[Words, Words]:
    names, where = named(law, "decree_installer", duties), _name(law, place)
    remedy = Words(f"请改由{names.zh}{role.zh}", f"let one of these {role.en} it: {names.en}")
    if GOVERNMENT in duties and OPERATOR in duties:
        remedy = Words(
            f"{remedy.zh}；经营管理单位须为公共单位", f"{remedy.en}; the operator must be a public body"
        )
    return Words(
        f"“{where.zh}”的系统应由{names.zh}{role.zh}", f"{where.en}: {names.en} must {role.en} it"
    ), remedy


def _name(law: Law, place: Place) -> Words:
    lists = ("government_built", "decree_government_place", "decree_operator_place")
    return named(law, next((of for of in lists if place.kind in law.codes(of)), lists[0]), [place.kind])


def _public_money(case: Case, scheme: Scheme, duty: str) -> None:
    case.require(
        scheme.budget_level in case.law.codes("budget_level"),
        duty,
        Words("没有填写同级财政预算", "no government budget is named"),
        Words("请填写预算级次", "name the level of the budget"),
    )
    case.require(
        scheme.asset_class in case.law.codes("asset_class"),
        duty,
        Words("没有登记为公共基础设施", "it is not registered as public infrastructure"),
        Words("请登记为公共基础设施", "register it as public infrastructure"),
    )


@dataclass(frozen=True, slots=True)
class Voluntary:
    """A camera that an enterprise or institution adds for the public area around it."""

    builder: str  # code of ``voluntary_builder``
    is_around_own_premises: bool
    place: Place
    installer: Installer
    part: Part


@decides("R10.6")
def may_volunteer(law: Law, camera: Voluntary) -> Grant | Refusal:
    """Art. 10: never refused for want of a duty under art. 8; the ban and the decree's installers hold."""
    case = Case(law)
    names = named(law, "voluntary_builder", law.codes("voluntary_builder"))
    case.require(
        camera.builder in law.codes("voluntary_builder") and camera.is_around_own_premises,
        "R10.6",
        Words(
            f"自愿建设限于{names.zh}覆盖本单位周边公共区域",
            f"{names.en} may add cameras around their own premises",
        ),
        Words("请说明建设单位和本单位位置", "say who builds it and where its premises are"),
    )
    case.join(may_install(law, camera.place, camera.installer))
    case.join(may_cover(law, camera.part))
    return case.answer()
