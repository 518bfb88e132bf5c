"""What stands around a camera (art. 11): the sign that announces it, and what may not hide its view."""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import date
from math import atan2, degrees, hypot, isfinite

from bingjian.rules.decision import Case, Grant, Refusal, consistent, decides
from bingjian.rules.edition import Words
from bingjian.rules.law import Law

HALF_TURN, TURN = 180, 360  # degrees


@dataclass(frozen=True, slots=True)
class Sign:
    """One notice sign as recorded; what is not known is empty."""

    template: str  # version of the uniform template
    photo_hash: str
    position: str
    put_up: date | None

    @property
    def is_recorded(self) -> bool:
        told = (self.template, self.photo_hash, self.position)
        return all(text.strip() for text in told) and self.put_up is not None


@dataclass(frozen=True, slots=True)
class Place:
    """A public place with capture devices."""

    name: str
    signs: tuple[Sign, ...]


@decides("R11.1")
def are_signs_up(law: Law, places: Iterable[Place], templates: Set[str]) -> Grant | Refusal:
    """Art. 11¶1: each public place has its sign, made by a template that is in use.

    Args:
        templates: versions of the uniform template that are known.
    """
    case, least = Case(law), law.number("sign.per_place")
    for place in places:
        good = sum(sign.is_recorded and sign.template in templates for sign in place.signs)
        case.require(
            good >= least,
            "R11.1",
            Words(
                f"“{place.name}”有 {good} 块合格的提示标识，至少应有 {least} 块",
                f"{place.name} has {good} correct notice signs and needs {least}",
            ),
            Words(
                "请按现行统一样式设置标识，并登记样式版本、照片、位置和日期",
                "put up a sign by the uniform template; record its version, photo, position and date",
            ),
        )
    return case.answer()


@decides("R11.1")
def was_sign_found(law: Law, place: str, found: bool | None) -> Grant | Refusal:
    """Art. 11¶1: every inspection says whether the sign is there. A refusal opens a ticket.

    Args:
        found: None: the inspection does not say.
    """
    case = Case(law)
    case.require(
        found is not None,
        "R11.1",
        Words(
            f"检查未说明“{place}”的提示标识是否完好",
            f"the inspection does not say whether {place} has its sign",
        ),
        Words("请补填标识状态", "enter the state of the sign"),
    )
    case.require(
        found is not False,
        "R11.1",
        Words(f"“{place}”的提示标识缺失", f"the notice sign of {place} is missing"),
        Words("请立即补设；工单已建立", "put it up again; a ticket is open"),
    )
    return case.answer()


# --- what hides a view


@dataclass(frozen=True, slots=True)
class Blockage:
    """Part of a view that is newly covered, since the reference picture."""

    cells: int  # of the view
    covered: int  # of these, newly
    seconds: float  # without a break

    def __post_init__(self) -> None:
        consistent(0 <= self.covered <= self.cells and self.cells > 0, "more cells covered than there are")
        consistent(isfinite(self.seconds) and self.seconds >= 0, "a negative or endless time")


@decides("R11.3")
def is_view_free(law: Law, blockage: Blockage) -> Grant | Refusal:
    """Art. 11: whether a view is free. A passing lorry hides it too shortly to count."""
    share, time = law.limit("view_block.share"), law.number("view_block.time")
    case = Case(law)
    is_wide = blockage.covered * 100 > share.value * blockage.cells
    case.require(
        not (is_wide and blockage.seconds > time),
        share.code,
        Words(
            f"画面的 {blockage.cells} 格中有 {blockage.covered} 格被新遮挡，已持续 {blockage.seconds:.0f} 秒"
            f"（至多 {share.value}%，至多 {time} 秒）",
            f"{blockage.covered} of {blockage.cells} cells newly covered for {blockage.seconds:.0f} s "
            f"(at most {share.value} %, or {time} s)",
        ),
        Words(
            "请查明遮挡物和责任方，并予以清除",
            "find what hides the view and who answers for it, and clear it",
        ),
    )
    return case.answer()


@decides("R11.3")
def may_record_blockage(law: Law, cause: str, responsible: str) -> Grant | Refusal:
    """Art. 11: a ticket of a blocked view names one of the causes and who answers for it."""
    known = law.codes("facility_cause")
    case = Case(law)
    case.require(
        cause in known,
        "R11.3",
        Words(f"遮挡原因“{cause}”不在列", f"{cause!r} is no cause of a blocked view"),
        Words("请从所列原因中选择", "choose one of the causes listed"),
    )
    case.require(
        bool(responsible.strip()),
        "R11.3",
        Words("没有写明责任方", "nobody is named who answers for it"),
        Words(
            "请填写责任方；尚不清楚的写明“待查”", "name who answers for it, or say that it is being found out"
        ),
    )
    return case.answer()


# --- would this facility hide a camera?


@dataclass(frozen=True, slots=True)
class Facility:
    """Something to be built. Metres east and north of any origin; height of its top above the ground."""

    east_m: float
    north_m: float
    height_m: float

    def __post_init__(self) -> None:
        consistent(
            all(map(isfinite, (self.east_m, self.north_m, self.height_m))), "a position without numbers"
        )
        consistent(self.height_m > 0, "a facility without height")


@dataclass(frozen=True, slots=True)
class Sight:
    """What one camera sees, from its height down to the ground at its range; same origin as the facility."""

    east_m: float
    north_m: float
    height_m: float
    azimuth_deg: float  # of the middle of its view, clockwise from north
    width_deg: float
    range_m: float

    def __post_init__(self) -> None:
        consistent(self.height_m > 0 and self.range_m > 0, "a camera without height or range")
        consistent(0 < self.width_deg <= TURN, "a view must be 1 to 360 degrees wide")

    def is_hidden_by(self, facility: Facility) -> bool:
        """Whether the facility rises into the view, between the camera and the end of its range."""
        east, north = facility.east_m - self.east_m, facility.north_m - self.north_m
        distance = hypot(east, north)
        if distance >= self.range_m:
            return False
        aside = (degrees(atan2(east, north)) - self.azimuth_deg + HALF_TURN) % TURN - HALF_TURN
        line = self.height_m * (1 - distance / self.range_m)  # of sight, above the ground there
        return abs(aside) <= self.width_deg / 2 and facility.height_m > line


@dataclass(frozen=True, slots=True)
class FacilityAnswer:
    """All that may be told: no camera, position or address code has a field here (27¶1)."""

    conflict: bool
    count: int
    case: str  # number to come back with


@decides("R11.4")
def would_hide(law: Law, facility: Facility, sights: Iterable[Sight], case: str) -> FacilityAnswer | Refusal:
    """Art. 11: would this facility hide a camera? For those who approve it, without base information.

    Args:
        case: number that the answer is filed under; empty is refused.
    """
    if not case.strip():
        return law.refusal(
            "R11.4",
            Words("查询没有编号", "the query has no case number"),
            Words("请先登记查询", "file the query first"),
        )
    count = sum(sight.is_hidden_by(facility) for sight in sights)
    return FacilityAnswer(count > 0, count, case)
