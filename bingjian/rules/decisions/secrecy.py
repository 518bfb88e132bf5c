"""Secrets and privacy (arts. 6, 27¶2; Decree 799 art. 22): what never leaves, is masked, is published.

A level that nobody has set is unknown, and what is unknown stays.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

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
    is_given,
    listed,
    named,
)
from bingjian.rules.edition import Words
from bingjian.rules.law import Law


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is to leave this system, all together or not at all."""

    levels: Mapping[str, str]  # of each fragment by id its code of ``secrecy``; "" is not known
    way: str  # code of ``way_out``
    recipients: frozenset[str]
    named: frozenset[str]  # recipients that the grant names


@decides("R6.1", "R27.6")
def may_leave(law: Law, parcel: Parcel) -> Grant | Refusal:
    """Arts. 6, 27¶2: one fragment that must stay keeps everything; trade secrets go only to whom is named."""
    count = Counter(parcel.levels.values())
    strangers = distinct(parcel.recipients) - distinct(parcel.named)
    case = Case(law)
    _require_known(case, parcel, count)
    for level in law.codes("secrecy_kept"):
        reason, remedy = _kept(law, level, count[level], len(parcel.levels))
        case.require(not count[level], "R6.1", reason, remedy)
        case.require(not count[level], "R27.6", reason, remedy)
    for level in law.codes("secrecy_named"):
        is_named = bool(distinct(parcel.recipients)) and not strangers
        reason, remedy = _unnamed(law, level, strangers)
        case.require(not count[level] or is_named, "R6.1", reason, remedy)
    return case.answer()


def _require_known(case: Case, parcel: Parcel, count: Counter[str]) -> None:
    unknown = sum(many for level, many in count.items() if level not in case.law.codes("secrecy"))
    case.require(
        not unknown and bool(parcel.levels),
        "R6.1",
        Words(f"{unknown} 个片段没有定密级", f"the secrecy of {unknown} fragments is not known"),
        Words("请先确定每个片段的密级", "set the level of every fragment first"),
    )
    case.require(
        parcel.way in case.law.codes("way_out"),
        "R6.1",
        Words("没有写明以何种方式流出", "it is not said which way it leaves"),
        Words("请写明方式", "name the way"),
    )


def _kept(law: Law, level: str, count: int, total: int) -> tuple[Words, Words]:
    told = law.words("secrecy", level)
    return (
        Words(
            f"{total} 个片段中有 {count} 个属于“{told.zh}”，整批不得流出",
            f"{count} of {total} fragments are of the level {told.en}: nothing of it may leave",
        ),
        Words("请剔除这些片段，或者按保密规定办理", "leave them out, or follow the rules of secrecy"),
    )


def _unnamed(law: Law, level: str, strangers: frozenset[str]) -> tuple[Words, Words]:
    told, who = law.words("secrecy", level), sorted(strangers)
    return (
        Words(
            f"含“{told.zh}”，授权中没有列明的接收方：{'、'.join(who) or '未写明接收方'}",
            f"holds a {told.en}; not named in the grant: {listed(who) or 'no recipient given'}",
        ),
        Words("请在授权中列明接收方，或者剔除", "have the grant name them, or leave it out"),
    )


@decides("R27.6")
def may_handle(law: Law, level: str, is_marked_domain: bool) -> Grant | Refusal:
    """Art. 27¶2: show, store or send inside: state secrets and national security only in a marked domain."""
    is_known, is_kept = level in law.codes("secrecy"), level in law.codes("secrecy_kept")
    told = law.words("secrecy", level) if is_known else Words("未定密级", "unknown level")
    case = Case(law)
    case.require(
        is_marked_domain or (is_known and not is_kept),
        "R27.6",
        Words(f"“{told.zh}”只能在标明密级的专用域内处理", f"{told.en}: only in a marked domain"),
        Words("请在专用域内处理", "handle it in the marked domain"),
    )
    return case.answer()


@decides("R27.6")
def shown_outside(law: Law, cameras: Mapping[str, str]) -> tuple[str, ...]:
    """The answer to a query from another platform: cameras whose level may be known outside.

    Args:
        cameras: of each by id its code of ``secrecy``. Those kept, and those not known, are not there at all.
    """
    allowed = set(law.codes("secrecy")) - set(law.codes("secrecy_kept"))
    return tuple(sorted(camera for camera, level in cameras.items() if level in allowed))


@decides("R6.1")
def is_assessed(law: Law, grade: str, assessed: datetime | None, now: datetime) -> Grant | Refusal:
    """Art. 6: the platform's protection grade and its last assessment are recorded."""
    aware(assessed=assessed, now=now)
    consistent(assessed is None or assessed <= now, "assessed in the future")
    lacking = absent(("保护等级", "protection grade", grade), ("最近测评", "last assessment", assessed))
    today = civil_date(now)
    case = Case(law)
    case.require(
        not lacking.zh,
        "R6.1",
        Words(f"截至 {today} 没有记录：{lacking.zh}", f"not recorded by {today}: {lacking.en}"),
        Words("请补录定级和测评", "record the grade and the assessment"),
    )
    return case.answer()


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, copy or export about to be given to somebody."""

    masks: frozenset[str]  # privacy masks registered for the camera
    applied: frozenset[str]
    may_unmask: bool  # the person holds a grant to
    original_before: str  # hash
    original_after: str
    is_view: bool = False  # shown and gone: no file of it stands in for the original

    def __post_init__(self) -> None:
        consistent(self.applied <= self.masks, "a mask was applied that the camera does not have")


@decides("R6.2")
def may_give_picture(law: Law, picture: Picture) -> Grant | Refusal:
    """Art. 6: every mask of the camera is on, unless the person may unmask; the original stays as it was."""
    open_masks = sorted(picture.masks - picture.applied)
    case = Case(law)
    case.require(
        not open_masks or picture.may_unmask,
        "R6.2",
        Words(
            f"隐私遮挡未生效：{'、'.join(open_masks)}", f"privacy masks are not applied: {listed(open_masks)}"
        ),
        Words("请应用全部遮挡，或者取得去遮挡授权", "apply every mask, or have a grant to unmask"),
    )
    case.require(
        picture.is_view
        or (is_given(picture.original_before) and picture.original_before == picture.original_after),
        "R6.2",
        Words("原件的校验值发生变化或者未知", "the original's hash changed or is not known"),
        Words("请只在派生件上遮挡", "mask a derived file alone"),
    )
    return case.answer()


# --- making public


@dataclass(frozen=True, slots=True)
class Release:
    """Footage to be made public, lawfully (Decree 799 art. 22)."""

    found: frozenset[str] | None  # codes of ``protected_feature`` seen in it; None: nobody has looked
    hidden: frozenset[str]  # of these, those made unrecognisable
    basis: str  # the law that allows publication
    is_derived: bool  # a file of its own, not the original

    def __post_init__(self) -> None:
        consistent(self.found is None or self.hidden <= self.found, "hidden, but not found in it")


@decides("N22")
def may_release(law: Law, release: Release) -> Grant | Refusal:
    """Decree 799 art. 22: faces, plates, names and licences are hidden; only a derived file is released."""
    known, found = law.codes("protected_feature").keys(), release.found or frozenset()
    bare = named(law, "protected_feature", (found & known) - release.hidden)
    odd = named(law, "protected_feature", found - known)
    case = Case(law)
    case.require(
        release.found is not None and not odd.zh,
        "N22",
        Words(f"尚未逐项核查 {odd.zh}".strip(), f"not looked through yet {odd.en}".strip()),
        Words("请先核查人脸、号牌、名称、证照", "look through it first: faces, plates, names, licences"),
    )
    case.require(
        not bare.zh,
        "N22",
        Words(f"没有遮挡：{bare.zh}", f"not hidden: {bare.en}"),
        Words("请遮挡后再公开", "hide them, then release it"),
    )
    case.require(
        release.is_derived and is_given(release.basis),
        "N22",
        Words("公开的不是派生件，或者没有写明依据", "it is not a derived file, or no basis is given"),
        Words("请制作派生件并写明公开的依据", "make a derived file and cite what allows publication"),
    )
    return case.answer()
