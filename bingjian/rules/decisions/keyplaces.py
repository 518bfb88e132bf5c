"""Key places: where a system must be built (art. 8), and whether one is there."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bingjian.rules.civil import days_between
from bingjian.rules.decision import Case, Grant, Refusal, aware, consistent, decides, is_given, named
from bingjian.rules.decisions.lifecycle import State
from bingjian.rules.edition import Words
from bingjian.rules.law import Law

CATEGORY = "key_place_category"


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """A place of art. 8, as it is registered."""

    categories: tuple[str, ...]  # codes of ``key_place_category``
    citation: str = ""  # the law that makes it one, for the category of others
    is_like_those_named: bool = False  # not named itself, but like those of its category (等)
    note: str = ""  # why it is like them
    confirmed_by: str = ""  # the reviewer of that
    parts: int = 0
    key_parts: int = 0  # of them, flagged

    def __post_init__(self) -> None:
        consistent(0 <= self.key_parts <= self.parts, "more key parts than parts")

    @property
    def is_article8(self) -> bool:
        """Protected by art. 19 (R8.6)."""
        return bool(self.categories)


@decides("R8.1")
def may_be_key_place(law: Law, place: KeyPlace) -> Grant | Refusal:
    """Art. 8: one or more known categories; others by law with their citation; others of a kind confirmed."""
    case, known = Case(law), law.codes(CATEGORY)
    strange = [code for code in place.categories if code not in known]
    case.require(
        bool(place.categories) and not strange,
        "R8.1",
        Words("没有填写场所类别", "no category is given")
        if not strange
        else Words(f"没有类别“{'、'.join(strange)}”", f"no such category: {', '.join(strange)}"),
        Words(f"请从 {len(known)} 个类别中选择", f"choose among the {len(known)} categories"),
    )
    for code in place.categories:
        if code in law.codes("category_by_citation") and not is_given(place.citation):
            reason = Words("没有写明法律、法规依据", "no law is cited")
            remedy = Words("请填写法律、法规的名称和条款", "cite the law and its article")
            _refuse_at(case, "R8.1", CATEGORY, code, reason, remedy)
    case.require(
        not place.is_like_those_named or (is_given(place.note) and is_given(place.confirmed_by)),
        "R8.1",
        Words(
            "同类其他场所没有说明或者未经复核", "a place like those named has no note, or nobody confirmed it"
        ),
        Words("请填写说明并由复核人确认", "give the note and have a reviewer confirm it"),
    )
    return case.answer()


def _refuse_at(case: Case, duty: str, of: str, code: str, reason: Words, remedy: Words) -> None:
    """Refuse by the duty, at the item of the law that lists the code: "8(12)"."""
    if case.law.binds(duty):
        refusal = case.law.refusal(duty, reason, remedy)
        case.join(replace(refusal, article=case.law.codes(of)[code][0].article))


@dataclass(frozen=True, slots=True)
class KeyPart:
    """A part that the duty reaches, and what stands there."""

    name: str
    district: str  # code of ``division``
    categories: tuple[str, ...]
    cameras: tuple[State, ...]  # the state of each
    since: datetime  # when it became a key part, or lost its last camera in service

    def __post_init__(self) -> None:
        aware(since=self.since)


@decides("R8.2")
def is_covered(law: Law, part: KeyPart, now: datetime) -> Grant | Refusal:
    """Art. 8: a key part without a camera in service is a coverage gap; the refusal says how old it is."""
    aware(now=now)
    consistent(part.since <= now, "a key part since the future")
    if not law.binds("R8.2"):
        return Case(law).answer()
    least = law.number("coverage.cameras")
    serving = sum(state is State.IN_SERVICE for state in part.cameras)
    days = days_between(part.since, now)
    where = named(law, "division", [part.district])
    what = named(law, CATEGORY, part.categories)
    case = Case(law)
    case.require(
        serving >= least,
        "R8.2",
        Words(
            f"覆盖缺口：{where.zh}“{part.name}”（{what.zh}）"
            f"应有 {least} 台在用摄像机，现有 {serving} 台，已 {days} 天",
            f"coverage gap: {part.name} in {where.en} ({what.en}) has {serving} of {least} cameras in "
            f"service, for {days} days",
        ),
        Words("请尽快建设或者恢复摄像机", "build a camera, or bring one back into service"),
    )
    return case.answer()


@dataclass(frozen=True, slots=True)
class Owed:
    """What art. 8 asks of one place."""

    key_parts: int
    needs_review: bool  # a place of art. 8 in which nobody has flagged a key part


@decides("R8.3")
def owed(law: Law, place: KeyPlace) -> Owed:
    """Art. 8: the duty reaches each key part. A place or vehicle may itself be one, if none is flagged."""
    is_itself = any(code in law.codes("category_itself_key") for code in place.categories)
    if place.key_parts or not place.is_article8 or not law.binds("R8.3"):
        return Owed(place.key_parts, needs_review=False)
    return Owed(law.number("key_parts.default"), False) if is_itself else Owed(0, needs_review=True)


@dataclass(frozen=True, slots=True)
class Mount:
    """What a camera is mounted on."""

    kind: str  # code of ``vehicle``, or of a place
    has_position: bool  # fixed coordinates
    vehicle_id: str = ""
    has_track: bool = False  # its positions are received


@decides("R8.4")
def is_located(law: Law, mount: Mount) -> Grant | Refusal:
    """Art. 8(3), 8(9): on a vehicle its id and track stand in place of a fixed location."""
    case, vehicles = Case(law), law.codes("vehicle")
    is_vehicle = mount.kind in vehicles
    if is_vehicle and not (is_given(mount.vehicle_id) and mount.has_track):
        name = named(law, "vehicle", [mount.kind])
        reason = Words(
            f"{name.zh}上的摄像机没有车辆编号或者定位轨迹", f"no vehicle id or no track of the {name.en}"
        )
        remedy = Words("请填写车辆编号并接入定位轨迹", "give the vehicle's id and connect its track")
        _refuse_at(case, "R8.4", "vehicle", mount.kind, reason, remedy)
    case.require(
        is_vehicle or mount.has_position,
        "R8.4",
        Words("固定摄像机没有坐标", "a camera that is not on a vehicle has no coordinates"),
        Words("请填写坐标", "give its coordinates"),
    )
    return case.answer()


@dataclass(frozen=True, slots=True)
class Reclassification:
    """A change of a system's categories."""

    before: Sequence[str]
    after: Sequence[str]
    by: str  # code of the body that decided
    decision: str  # its reference


@decides("R8.6")
def may_reclassify(law: Law, change: Reclassification) -> Grant | Refusal:
    """Arts. 8, 19¶1: only a recorded decision of the data authority changes a category of art. 8."""
    bodies = law.codes("approver.reclassification")
    is_decided = change.by in bodies and is_given(change.decision)
    is_new = not change.before  # a first classification protects, it frees nothing
    names = named(law, "approver.reclassification", bodies)
    case = Case(law)
    for code in ("R8.6", "R19.1"):
        case.require(
            is_new or set(change.before) == set(change.after) or is_decided,
            code,
            Words("第八条类别的变更没有主管部门的决定", "no decision to change a category of art. 8"),
            Words(
                f"请由{names.zh}作出决定并登记文号", f"have the {names.en} decide, and record the decision"
            ),
        )
    return case.answer()
