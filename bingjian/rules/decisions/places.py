"""May a camera stand there: territory, purpose, consent of neighbours with secrets, necessity, registration.

What is private is judged in ``privacy``, what is a key place in ``keyplaces``; ``may_have_camera`` asks all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bingjian.rules.decision import Case, Grant, Refusal, aware, consistent, decides, is_given, named
from bingjian.rules.decisions.keyplaces import KeyPlace, Mount, is_located, may_be_key_place
from bingjian.rules.decisions.privacy import Part, Seen, may_cover, may_view
from bingjian.rules.edition import Words
from bingjian.rules.law import Law


@dataclass(frozen=True, slots=True)
class Site:
    """Where a place lies."""

    division: str  # code of ``division``: GB/T 2260, six digits
    is_inside: bool | None  # its coordinates lie inside the boundary or on it; None: it has no coordinates


@decides("R2.1")
def may_be_site(law: Law, site: Site) -> Grant | Refusal:
    """Art. 2: a site lies in a known district, county or county-level city of the city, border included."""
    case, known = Case(law), law.codes("division")
    where = named(law, "division", [site.division])
    case.require(
        site.division in known,
        "R2.1",
        Words(
            f"“{site.division}”不是本市的区、县（市）代码",
            f"{site.division!r} is no district or county of the city",
        ),
        Words(f"请从本市 {len(known)} 个区、县（市）中选择", f"choose one of the city's {len(known)}"),
    )
    case.require(
        site.is_inside is not False,
        "R2.1",
        Words(f"坐标不在{where.zh}境内", f"the coordinates lie outside {where.en}"),
        Words("请核对坐标和行政区划", "check the coordinates and the district"),
    )
    return case.answer()


@decides("R3.2")
def may_serve(law: Law, purpose: str) -> Grant | Refusal:
    """Art. 3: a system serves public safety, public service or public management. ``purpose``: a code."""
    case, known = Case(law), law.codes("purpose")
    names = named(law, "purpose", known)
    case.require(
        purpose in known,
        "R3.2",
        Words(f"“{purpose}”不是允许的目的", f"{purpose!r} is no purpose of a public system")
        if purpose
        else Words("没有填写目的", "no purpose is given"),
        Words(f"请选择：{names.zh}；其他系统不登记", f"choose: {names.en}; other systems are not registered"),
    )
    return case.answer()


@dataclass(frozen=True, slots=True)
class Scope:
    """Whether Decree 799 governs a system, and why; recorded with the system."""

    is_under: bool
    reason: Words


@decides("N2")
def decree_scope(law: Law, purposes: Sequence[str], *, is_public_place: bool) -> Scope:
    """Decree 799 art. 2: capture of public places for public safety; narrower than the city's measures."""
    owed = law.codes("decree_purpose")
    meant, said = named(law, "decree_purpose", owed), named(law, "purpose", purposes)
    if not law.binds("N2"):
        return Scope(False, Words("条例未施行", "the decree is not in force"))
    if not is_public_place:
        return Scope(False, Words("不采集公共场所", "it captures no public place"))
    if not set(purposes) & set(owed):
        return Scope(
            False, Words(f"目的仅为{said.zh or '未填写'}", f"it serves only: {said.en or 'nothing stated'}")
        )
    return Scope(True, Words(f"采集公共场所，目的为{meant.zh}", f"it captures a public place for {meant.en}"))


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A military zone or secret-holding state organ near a camera."""

    name: str
    consent: str  # reference of its document; empty: none
    consented: datetime | None

    def __post_init__(self) -> None:
        aware(consented=self.consented)


@decides("N10")
def have_consented(law: Law, neighbours: Sequence[Neighbour] | None, now: datetime) -> Grant | Refusal:
    """Decree 799 art. 10: each such neighbour consents before. None: nobody looked for neighbours."""
    aware(now=now)
    case = Case(law)
    case.require(
        neighbours is not None,
        "N10",
        Words(
            "尚未核查周边是否有军事禁区或者涉密单位",
            "nobody checked for military zones or secret-holding units nearby",
        ),
        Words("请先核查周边单位", "check the surroundings first"),
    )
    for one in neighbours or ():
        case.require(
            is_given(one.consent) and one.consented is not None and one.consented <= now,
            "N10",
            Words(f"没有“{one.name}”的事先同意", f"no prior consent of {one.name}"),
            Words(
                f"请取得“{one.name}”的书面同意并登记文号",
                f"obtain the written consent of {one.name} and record it",
            ),
        )
    return case.answer()


@dataclass(frozen=True, slots=True)
class Necessity:
    """Why this position, angle and range, and the sign that tells of it."""

    note: str
    has_sign: bool  # conspicuous, recorded


@decides("N13")
def is_necessary(law: Law, necessity: Necessity) -> Grant | Refusal:
    """Decree 799 art. 13: place, angle and range no more than needed; a conspicuous sign."""
    case = Case(law)
    case.require(
        is_given(necessity.note),
        "N13",
        Words(
            "没有说明位置、角度和范围的必要性", "nothing says why this position, angle and range are needed"
        ),
        Words("请填写必要性说明", "state the need"),
    )
    case.require(
        necessity.has_sign,
        "N13",
        Words("没有显著的提示标识", "no conspicuous sign is recorded"),
        Words("请设置标识并登记照片", "put up the sign and record its picture"),
    )
    return case.answer()


@dataclass(frozen=True, slots=True)
class Device:
    """A device that sends a stream."""

    id: str
    is_registered: bool  # its registration is complete


@decides("R9.6")
def may_store(law: Law, device: Device) -> Grant | Refusal:
    """Arts. 9, 16: nothing is stored of a device that is not registered."""
    case = Case(law)
    for code in ("R9.6", "R16.3"):
        case.require(
            device.is_registered and is_given(device.id),
            code,
            Words(f"设备“{device.id}”未完成登记", f"the device {device.id!r} is not registered"),
            Words("请先登记设备；此前的视频不予存储", "register it first; nothing it sends before is stored"),
        )
    return case.answer()


@dataclass(frozen=True, slots=True)
class Proposal:
    """A camera that somebody wants to register."""

    site: Site
    purposes: Sequence[str]
    is_public_place: bool
    part: Part
    seen: Sequence[Seen] | None  # what its view meets; None: not computed
    mount: Mount
    neighbours: Sequence[Neighbour] | None
    necessity: Necessity
    key_place: KeyPlace | None  # None: no place of art. 8

    def __post_init__(self) -> None:
        categories = self.key_place.categories if self.key_place else ()
        consistent(
            set(self.part.categories) == set(categories), "the part has other categories than its place"
        )


def may_have_camera(law: Law, proposal: Proposal, now: datetime) -> Grant | Refusal:
    """Everything that the law asks of where a camera stands, together. Who may install it: ``building``."""
    case = Case(law)
    case.join(may_be_site(law, proposal.site))
    for purpose in proposal.purposes or ("",):
        case.join(may_serve(law, purpose))
    case.join(may_cover(law, proposal.part))
    case.join(may_view(law, proposal.seen))
    case.join(is_located(law, proposal.mount))
    if proposal.key_place is not None:
        case.join(may_be_key_place(law, proposal.key_place))
    if decree_scope(law, proposal.purposes, is_public_place=proposal.is_public_place).is_under:
        case.join(have_consented(law, proposal.neighbours, now))
        case.join(is_necessary(law, proposal.necessity))
    return case.answer()


def may_be_filed(law: Law, proposal: Proposal, now: datetime, *, has_position: bool) -> Grant | Refusal:
    """What is asked of a camera when its file is made or changed: that it stands nowhere it must not.

    What a registration has to state besides (purpose, necessity, sign) may follow until the camera is put
    into service; then ``may_have_camera`` asks all. Without a position nothing is known of what it sees.
    """
    case = Case(law)
    case.join(may_be_site(law, proposal.site))
    case.join(may_cover(law, proposal.part))
    if has_position:
        case.join(may_view(law, proposal.seen))
        if decree_scope(law, proposal.purposes, is_public_place=proposal.is_public_place).is_under:
            case.join(have_consented(law, proposal.neighbours, now))
    return case.answer()
