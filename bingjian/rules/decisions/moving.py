"""Moving, removing and turning cameras of art. 8 systems (art. 19). Coverage afterwards: ``restoring``."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import date, datetime
from math import inf, isfinite

from bingjian.rules.civil import civil_date, days_between
from bingjian.rules.decision import Case, Grant, Refusal, aware, consistent, decides, enumerated, named
from bingjian.rules.edition import Words
from bingjian.rules.law import Law

TURN = 360  # degrees
UPRIGHT = 90  # degrees of tilt, either way


@dataclass(frozen=True, slots=True)
class Camera:
    id: str
    managing_unit: str
    is_article8: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What covers the area afterwards; what is not known is empty or None."""

    kind: str  # code of ``relocation_plan``
    area: str  # that it covers
    day: date | None  # by when


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice of moving or removing a camera; what is not known is empty or None. Instants aware."""

    reason: str  # code of ``relocation_reason``
    document: str  # that proves the reason
    necessity: str  # for the reasons that must explain themselves
    plan: Plan | None
    receiver: str  # unit
    received: datetime  # by that unit, not sent
    planned: datetime  # begin of the works
    acknowledged: datetime | None = None  # by the managing unit; a notice is no request: it cannot say no
    objection: str = ""  # of the managing unit: recorded and reported, no bar

    def __post_init__(self) -> None:
        aware(received=self.received, planned=self.planned, acknowledged=self.acknowledged)
        is_in_order = self.acknowledged is None or self.received <= self.acknowledged
        consistent(is_in_order, "acknowledged before it was received")


@decides("R19.1", "R19.6")
def may_move(law: Law, camera: Camera, notice: Notice | None, start: datetime) -> Grant | Refusal:
    """Art. 19: whether a camera may be moved or removed from this instant on.

    A camera outside art. 8 may: nothing here asks for a notice, and the grant cites nothing.
    """
    aware(start=start)
    case = Case(law)
    if not camera.is_article8:
        return case.answer()
    file_it = Words(
        "请向管理单位报备并等待确认", "give notice to the managing unit and wait until it is acknowledged"
    )
    if notice is None:
        for code in ("R19.1", "R19.6"):
            told = Words(
                f"摄像机 {camera.id} 的移动、拆除未报备", f"no notice was given of moving {camera.id}"
            )
            case.require(False, code, told, file_it)
        return case.answer()
    case.require(
        notice.acknowledged is not None and notice.acknowledged <= start,
        "R19.1",
        Words("管理单位尚未确认收到报备", "the managing unit has not acknowledged the notice"),
        file_it,
    )
    case.join(is_notice_valid(law, camera, notice))
    day, planned = civil_date(start), civil_date(notice.planned)
    case.require(
        day >= planned,
        "R19.6",
        Words(
            f"报备的施工日期为 {planned}，不能在 {day} 开始", f"planned for {planned}, cannot begin on {day}"
        ),
        Words("请等到该日，或者另行报备", "wait for that day, or give another notice"),
    )
    return case.answer()


def is_notice_valid(law: Law, camera: Camera, notice: Notice) -> Grant | Refusal:
    """Art. 19¶2: reason, time, plan and receiver together; an objection of the receiver is no bar."""
    case = Case(law)
    for answer in (
        is_reason_good(law, notice),
        is_notice_early_enough(law, notice),
        is_plan_good(law, camera, notice),
    ):
        case.join(answer)
    return case.answer()


@decides("R19.5")
def is_reason_good(law: Law, notice: Notice) -> Grant | Refusal:
    """Art. 19¶2: one of the reasons, with its document; the open one states why it is necessary."""
    known, case = law.codes("relocation_reason"), Case(law)
    told = named(law, "relocation_reason", known)
    case.require(
        notice.reason in known,
        "R19.5",
        Words(f"移动理由不是{told.zh}之一", f"the reason is none of {told.en}"),
        Words("没有法定理由不能移动", "without such a reason the camera stays"),
    )
    case.require(
        bool(notice.document.strip()),
        "R19.5",
        Words("没有附证明文件", "no document proves the reason"),
        Words("请附上证明文件", "enclose the document"),
    )
    case.require(
        notice.reason not in law.codes("relocation_reason_explained") or bool(notice.necessity.strip()),
        "R19.5",
        Words("没有说明为何确需移动", "it does not say why the move is necessary"),
        Words("请说明必要性", "say why it is necessary"),
    )
    return case.answer()


@decides("R19.6")
def is_notice_early_enough(law: Law, notice: Notice) -> Grant | Refusal:
    """Art. 19¶2: at least so many natural days from receipt to the planned works, by the dates in China."""
    limit, case = law.limit("relocation.notice"), Case(law)
    days = days_between(notice.received, notice.planned)
    case.require(
        days >= limit.value,
        limit.code,
        Words(
            f"管理单位收到报备距计划施工只有 {days} 天，至少应有 {limit.value} 天",
            f"{days} days from receipt to the planned works, at least {limit.value} are needed",
        ),
        Words("请推迟施工日期", "plan the works for a later day"),
    )
    return case.answer()


@decides("R19.7")
def is_plan_good(law: Law, camera: Camera, notice: Notice) -> Grant | Refusal:
    """Art. 19¶2: a plan to rebuild or replace, with area and date, sent to the camera's managing unit."""
    known, plan = law.codes("relocation_plan"), notice.plan or Plan("", "", None)
    told, case = named(law, "relocation_plan", known), Case(law)
    case.require(
        plan.kind in known,
        "R19.7",
        Words(f"没有{told.zh}", f"no plan of these kinds: {told.en}"),
        Words("请附上方案", "enclose the plan"),
    )
    case.require(
        bool(plan.area.strip()) and plan.day is not None,
        "R19.7",
        Words("方案没有写明覆盖区域或者完成日期", "the plan does not name the area covered and its date"),
        Words("请补充覆盖区域和日期", "name the area and the date"),
    )
    case.require(
        bool(notice.receiver.strip()) and notice.receiver == camera.managing_unit,
        "R19.7",
        Words(
            f"报备送给了“{notice.receiver}”，该摄像机的管理单位是“{camera.managing_unit}”",
            f"sent to {notice.receiver}; the managing unit of this camera is {camera.managing_unit}",
        ),
        Words("请送该摄像机的管理单位", "send it to the managing unit"),
    )
    return case.answer()


# --- the registered view


@decides("R19.2")
def may_change_view(
    law: Law,
    camera: Camera,
    changed: Set[str],
    notice: Notice | None,
    keeps_old_values: bool,
    now: datetime,
) -> Grant | Refusal:
    """Art. 19¶1: position, direction and coverage of an art. 8 camera change only with a notice in order.

    Args:
        changed: codes of ``locked_view``; what else is changed does not matter here.
        keeps_old_values: the values before stay on record.
    """
    locked, case = law.codes("locked_view").keys() & changed, Case(law)
    if not (camera.is_article8 and locked):
        return case.answer()
    told, move = named(law, "locked_view", locked), may_move(law, camera, notice, now)
    case.join(move)
    case.require(
        isinstance(move, Grant),
        "R19.2",
        Words(f"不得擅自改变：{told.zh}", f"not to be changed at will: {told.en}"),
        Words("请先报备并由管理单位确认收到", "give notice first and have the managing unit acknowledge it"),
    )
    case.require(
        keeps_old_values,
        "R19.2",
        Words(f"没有保留原值：{told.zh}", f"the values before are not kept: {told.en}"),
        Words("请保留原有登记值", "keep the values before on record"),
    )
    return case.answer()


@dataclass(frozen=True, slots=True)
class Shift:
    """A view that differs from the registered one."""

    percent: float  # of the view
    seconds: float  # without a break
    idle_s: float | None  # since the last command of an authorised session; None: there is no such session

    def __post_init__(self) -> None:
        consistent(0 <= self.percent <= 100, "a shift must be 0 to 100 percent")
        consistent(isfinite(self.seconds) and self.seconds >= 0, "a negative or endless time")
        consistent(self.idle_s is None or self.idle_s >= 0, "a negative time")


@decides("R19.3")
def is_view_unchanged(law: Law, camera: Camera, shift: Shift) -> Grant | Refusal:
    """Art. 19¶1: a camera turned, refocused or displaced, and left so, raises an alarm.

    An authorised session excuses it until the camera has to go home.
    """
    share, time, case = law.limit("view_shift.share"), law.number("view_shift.time"), Case(law)
    is_excused = shift.idle_s is not None and not must_go_home(law, shift.idle_s)
    is_shifted = shift.percent > share.value and shift.seconds > time
    case.require(
        is_excused or not is_shifted,
        share.code,
        Words(
            f"摄像机 {camera.id} 的画面偏离基准 {shift.percent:g}%，已持续 {shift.seconds:.0f} 秒"
            f"（至多 {share.value}%，至多 {time} 秒）",
            f"the view of {camera.id} differs by {shift.percent:g} % for {shift.seconds:.0f} s "
            f"(at most {share.value} %, or {time} s)",
        ),
        Words(
            "请恢复登记的画面，并查明是谁改变的", "restore the registered view, and find out who changed it"
        ),
    )
    return case.answer()


@decides("R19.4")
def must_go_home(law: Law, idle_s: float) -> bool:
    """Whether a camera that nobody moved for so long goes back to its registered view now."""
    consistent(idle_s >= 0, "a negative time")
    return idle_s >= law.number("ptz.idle")


@dataclass(frozen=True, slots=True)
class Sweep:
    """The registered range of a camera that turns. Degrees; pan clockwise from ``pan_from``."""

    pan_from: float
    pan_width: float  # 0…360
    tilt_least: float
    tilt_most: float
    zoom_most: float  # times

    def __post_init__(self) -> None:
        consistent(0 <= self.pan_width <= TURN, "a pan range must be 0 to 360 degrees")
        consistent(self.tilt_least <= self.tilt_most and self.zoom_most >= 1, "a range without a width")


@decides("R19.4")
def may_turn(law: Law, sweep: Sweep, pan: float, tilt: float, zoom: float) -> Grant | Refusal:
    """Art. 19¶1: authorised control is no change of the view inside the registered sweep; outside it is."""
    consistent(all(map(isfinite, (pan, tilt, zoom))), "a position without numbers")
    beyond = enumerated(
        words
        for is_inside, words in (
            ((pan - sweep.pan_from) % TURN <= sweep.pan_width, Words(f"水平 {pan:g}°", f"pan {pan:g}°")),
            (sweep.tilt_least <= tilt <= sweep.tilt_most, Words(f"俯仰 {tilt:g}°", f"tilt {tilt:g}°")),
            (zoom <= sweep.zoom_most, Words(f"变倍 {zoom:g}", f"zoom {zoom:g}")),
        )
        if not is_inside
    )
    case = Case(law)
    case.require(
        not beyond.en,
        "R19.4",
        Words(f"超出登记的云台范围：{beyond.zh}", f"beyond the registered sweep: {beyond.en}"),
        Words("请在登记范围内控制", "stay inside the registered sweep"),
    )
    return case.answer()


# What moves; a camera that is told to stop moves nowhere.
AXES = (("pan", Words("水平", "pan")), ("tilt", Words("俯仰", "tilt")), ("zoom", Words("变倍", "zoom")))


@decides("R19.4")
def may_turn_unseen(law: Law, sweep: Sweep | None, axes: Set[str]) -> Grant | Refusal:
    """Art. 19¶1: a camera that does not say where it looks turns freely only where all of it is registered.

    Args:
        sweep: None: none is registered.
        axes: "pan", "tilt", "zoom", those that would move.
    """
    case = Case(law)
    case.require(
        sweep is not None or not axes,
        "R19.4",
        Words("没有登记云台范围", "no sweep is registered"),
        Words("请先在一机一档中登记云台范围", "register the sweep in the camera's file first"),
    )
    if sweep is not None:
        told = enumerated(words for axis, words in AXES if axis in axes and not is_whole(sweep, axis))
        case.require(
            not told.en,
            "R19.4",
            Words(
                f"摄像机不报告当前朝向，登记范围又不是全部：{told.zh}",
                f"the camera does not say where it looks, and not all of it is registered: {told.en}",
            ),
            Words("请使用已登记画面的预置位", "use a preset whose view is registered"),
        )
    return case.answer()


@decides("R19.4")
def may_roam(law: Law, sweep: Sweep | None) -> Grant | Refusal:
    """Art. 19¶1: a scan goes to and fro between edges that only the camera has; they may lie anywhere.

    Args:
        sweep: None: none is registered.
    """
    case = Case(law)
    case.require(
        sweep is not None and is_whole(sweep, "pan"),
        "R19.4",
        Words(
            "自动扫描的边界只存于摄像机，只有登记了整圈水平范围的摄像机可以扫描",
            "a scan's edges are in the camera alone: only a camera registered for a whole turn may scan",
        ),
        Words("请使用由已登记画面的预置位组成的巡航", "use a cruise of presets whose views are registered"),
    )
    return case.answer()


@decides("R19.4")
def may_wait_before_home(law: Law, delay_s: int) -> Grant | Refusal:
    """Art. 19¶1: what the camera does by itself is not later than what the platform would do."""
    most, case = law.number("ptz.idle"), Case(law)
    case.require(
        delay_s <= most,
        "R19.4",
        Words(f"{delay_s} 秒后才归位，至多 {most} 秒", f"home after {delay_s} s, {most} s at most"),
        Words("请缩短时间", "take a shorter time"),
    )
    return case.answer()


def is_whole(sweep: Sweep, axis: str) -> bool:
    """Whether a camera cannot leave the sweep along this axis."""
    if axis == "pan":
        return sweep.pan_width >= TURN
    if axis == "tilt":
        return sweep.tilt_least <= -UPRIGHT and sweep.tilt_most >= UPRIGHT
    return sweep.zoom_most == inf


@decides("R19.4")
def may_leave_home(law: Law, has_home: bool) -> Grant | Refusal:
    """Art. 19¶1: only what can go back to its registered view is turned away from it."""
    case = Case(law)
    case.require(
        has_home,
        "R19.4",
        Words("没有归位点，转动后无法自动归位", "it has no home position to go back to by itself"),
        Words("请先把登记画面存为归位点", "keep the registered view as its home position first"),
    )
    return case.answer()


@decides("R19.4")
def may_be_home(law: Law, percent: float) -> Grant | Refusal:
    """Art. 19¶1: the home of a camera is its registered view; elsewhere it would go back to the wrong one.

    Args:
        percent: of the registered view, by which what the camera shows lies beside it.
    """
    consistent(percent >= 0, "a negative share")
    most, case = law.limit("view_shift.share").value, Case(law)
    case.require(
        percent <= most,
        "R19.4",
        Words(
            f"当前画面偏离登记画面 {percent:.0f}%，至多 {most}%",
            f"it shows what lies {percent:.0f} % of the registered view beside it, {most} % at most",
        ),
        Words("请先转回登记画面", "turn it back to the registered view first"),
    )
    return case.answer()
