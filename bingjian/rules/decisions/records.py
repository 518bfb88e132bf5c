"""That what a system takes is true and complete: art. 26."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bingjian.rules.decision import Case, Grant, Refusal, aware, consistent, decides, is_given, named
from bingjian.rules.decisions.retention import Keeping, default_term, may_remove
from bingjian.rules.edition import Words
from bingjian.rules.law import Law
from bingjian.rules.spans import Span, gaps, several

# --- three kinds, one set of rules


@dataclass(frozen=True, slots=True)
class Record:
    """One entry of the common index."""

    camera: str
    time: datetime  # of a video: its end
    kind: str  # of ``data_kind``

    def __post_init__(self) -> None:
        aware(time=self.time)


@decides("R26.1")
def may_index(law: Law, record: Record) -> Grant | Refusal:
    """Art. 26: what is kept has its camera and one of the kinds of the law."""
    case = Case(law)
    known = named(law, "data_kind", law.codes("data_kind"))
    case.require(
        record.kind in law.codes("data_kind"),
        "R26.1",
        Words(f"“{record.kind}”不是{known.zh}之一", f"{record.kind!r} is none of {known.en}"),
        Words("请按信息种类编目", "index it under its kind"),
    )
    case.require(
        is_given(record.camera),
        "R26.1",
        Words("没有来源摄像机", "no camera is named"),
        Words("请填写来源摄像机", "name the camera"),
    )
    return case.answer()


@decides("R26.1")
def may_remove_record(
    law: Law, record: Record, keeping: Keeping, marked: bool, holds: int, now: datetime
) -> Grant | Refusal:
    """A record of any kind is kept like the footage of its camera: the kind makes no difference."""
    return may_remove(law, record.time, keeping, marked, holds, now)


@decides("R26.1")
def may_show(law: Law, record: Record, is_written_down: bool) -> Grant | Refusal:
    """A record of any kind is shown only after the view is durable in the journal."""
    case = Case(law)
    case.require(
        is_written_down,
        "R26.1",
        Words("查阅尚未记入日志", f"the view of this {record.kind} is not in the journal yet"),
        Words("请稍候再试", "try again when it is"),
    )
    return case.answer()


# --- true


@dataclass(frozen=True, slots=True)
class Fragment:
    """What is known of a stored fragment. Hashes as hex."""

    camera: str
    number: int
    device: str  # as written with it
    hash_written: str
    hash_found: str
    is_head_signed: bool  # a signed head of the log covers it

    def __post_init__(self) -> None:
        consistent(self.number >= 0, "a fragment's number below zero")


@decides("R26.2")
def may_serve_as_original(law: Law, fragment: Fragment) -> Grant | Refusal:
    """Art. 26, true: what does not match its hash, device or signed head is untrusted. Camera and fragment
    are named."""
    name = Words(
        f"摄像机 {fragment.camera} 第 {fragment.number} 片段",
        f"camera {fragment.camera}, fragment {fragment.number}",
    )
    remedy = Words("已标记为不可信；请核对副本或者保全件", "it is marked untrusted: look at copies and holds")
    case = Case(law)
    for is_met, zh, en in (
        (
            is_given(fragment.hash_written) and fragment.hash_written == fragment.hash_found,
            "校验值不符",
            "the hash does not match",
        ),
        (is_given(fragment.device), "没有来源设备", "no device is named"),
        (fragment.is_head_signed, "没有签名日志头覆盖", "no signed head covers it"),
    ):
        case.require(is_met, "R26.2", Words(f"{name.zh}：{zh}", f"{name.en}: {en}"), remedy)
    return case.answer()


# --- complete


def recorded_seconds(planned: Span, recorded: Iterable[Span]) -> int:
    """Whole seconds of the plan that are there; what is there twice counts once, a part of one not at all."""
    missing = sum((gap.length for gap in gaps(planned, recorded)), timedelta())
    return (planned.length - missing) // timedelta(seconds=1)


@decides("R26.3")
def is_complete(law: Law, planned: Span, recorded: Iterable[Span]) -> Grant | Refusal:
    """Art. 26, complete: enough of a camera's plan is there; every missing interval is named exactly."""
    there = tuple(recorded)
    due_s, have_s = planned.length // timedelta(seconds=1), recorded_seconds(planned, there)
    percent, missing = law.number("records.complete"), gaps(planned, there)
    intervals = several(missing)
    case = Case(law)
    case.require(
        have_s * 100 >= percent * due_s and bool(due_s),
        "R26.3",
        Words(
            f"应录 {due_s} 秒，实录 {have_s} 秒，低于 {percent} %；缺失：{intervals.zh}",
            f"{have_s} s of {due_s} s recorded, below {percent} %; missing: {intervals.en}",
        ),
        Words("请查明原因；设备自存的录像可以补录", "find the cause; footage in the device may be recovered"),
    )
    return case.answer()


@decides("R26.3")
def nothing_vanished(law: Law, written: Iterable[Span], found: Iterable[Span]) -> Grant | Refusal:
    """Whether all that was written down as recorded is still there; what is not is named exactly."""
    there, case = tuple(found), Case(law)
    lost = sorted({gap for span in written for gap in gaps(span, there)})
    told = several(lost)
    case.require(
        not lost,
        "R26.3",
        Words(f"已记录的录像缺失：{told.zh}", f"recorded footage is missing: {told.en}"),
        Words("请立即调查；其余录像不受影响", "investigate now; the rest is not affected"),
    )
    return case.answer()


# --- on time


class Clock(StrEnum):
    PLATFORM = "platform"  # ours, against its time source
    CAMERA = "camera"  # against ours


class ClockState(StrEnum):
    RIGHT = "right"
    WARNING = "warning"
    FAILURE = "failure"


@decides("R26.4")
def clock_state(law: Law, clock: Clock, offset: timedelta | None) -> ClockState:
    """Of a clock that is so far off, either way; None: not measured, which is a failure."""
    if offset is None:
        return ClockState.FAILURE
    off = abs(offset)
    if clock is Clock.PLATFORM:
        allowed = timedelta(seconds=law.number("clock.platform"))
        return ClockState.RIGHT if off <= allowed else ClockState.FAILURE
    if off > timedelta(seconds=law.number("clock.camera_failure")):
        return ClockState.FAILURE
    is_right = off <= timedelta(seconds=law.number("clock.camera_warning"))
    return ClockState.RIGHT if is_right else ClockState.WARNING


@decides("R26.4")
def is_clock_right(law: Law, clock: Clock, offset: timedelta | None) -> Grant | Refusal:
    """Art. 26: time is part of the truth. Refused from a warning on, with how far it is off."""
    whose = {
        Clock.PLATFORM: Words("平台时钟与时间源", "the platform's clock from its source"),
        Clock.CAMERA: Words("摄像机时钟与平台", "the camera's clock from the platform's"),
    }[clock]
    told = (
        Words(f"{whose.zh}的偏差没有测得", f"the offset of {whose.en} is not measured")
        if offset is None
        else Words(
            f"{whose.zh}相差 {offset.total_seconds():.3f} 秒", f"{offset.total_seconds():.3f} s: {whose.en}"
        )
    )
    case = Case(law)
    case.require(
        clock_state(law, clock, offset) is ClockState.RIGHT,
        "R26.4",
        told,
        Words("请校正时钟；偏差随录像一并保存", "set the clock right; the offset is kept with the footage"),
    )
    return case.answer()


@decides("R26.4")
def may_export_time(law: Law, states_offset: bool) -> Grant | Refusal:
    """A time that leaves the platform says how far its clock was off."""
    case = Case(law)
    case.require(
        states_offset,
        "R26.4",
        Words("导出的时间没有注明时钟偏差", "the exported times do not state the clock's offset"),
        Words("请注明偏差后再导出", "state the offset, then export"),
    )
    return case.answer()


# --- by the city's networking standard


@dataclass(frozen=True, slots=True)
class CameraFile:
    """A catalogue entry. ``filled``: names of its fields that are not empty."""

    code: str
    filled: frozenset[str]
    is_class_one: bool
    saved_days: int | None  # as entered; None: not entered


@decides("R26.5")
def may_list(law: Law, entry: CameraFile, taken: Iterable[str]) -> Grant | Refusal:
    """Art. 26: a catalogue entry has a 20-digit code of its own and every mandatory field.

    Args:
        taken: codes of the other entries.
    """
    case = Case(law)
    case.join(may_have_code(law, entry.code, taken))
    _require_fields(case, entry)
    case.join(keeps_long_enough(law, entry.saved_days))
    return case.answer()


@decides("R26.5")
def may_have_code(law: Law, code: str, taken: Iterable[str]) -> Grant | Refusal:
    """Art. 26: a device code has 20 digits and is nobody else's. No sentence repeats it (R27.3).

    Args:
        taken: codes of the other entries.
    """
    digits, case = law.number("camera_file.code_digits"), Case(law)
    correct = Words("请核对编码后重新登记", "check the code and enter it again")
    case.require(
        len(code) == digits and code.isascii() and code.isdigit(),
        "R26.5",
        Words(
            f"设备编码不是 {digits} 位数字（共 {len(code)} 个字符）",
            f"the device code is not {digits} digits (it has {len(code)} characters)",
        ),
        correct,
    )
    taken_words = Words("该设备编码已被使用", "this device code is taken")
    case.require(code not in taken, "R26.5", taken_words, correct)
    return case.answer()


@decides("R26.5")
def keeps_long_enough(law: Law, saved_days: int | None) -> Grant | Refusal:
    """Art. 26 with art. 28: a file names no fewer days than footage is kept; None: not entered."""
    least, case = default_term(law).days, Case(law)
    case.require(
        saved_days is None or saved_days >= least,
        "R26.5",
        Words(f"录像保存天数 {saved_days} 少于 {least}", f"{saved_days} days kept, fewer than {least}"),
        Words("请按保存期限填写", "enter at least the term"),
    )
    return case.answer()


def _require_fields(case: Case, entry: CameraFile) -> None:
    for of in ("camera_file_field", *(["camera_file_field_class_one"] if entry.is_class_one else [])):
        missing = named(case.law, of, [code for code in case.law.codes(of) if code not in entry.filled])
        case.require(
            not missing.en,
            "R26.5",
            Words(f"一机一档缺少必填项：{missing.zh}", f"mandatory fields are missing: {missing.en}"),
            Words("请补齐必填项", "fill them in"),
        )


@decides("R26.5")
def is_within_profile(law: Law, media: str, profile: Iterable[str]) -> Grant | Refusal:
    """Whether media or a record follows the city's profile: else it is flagged, not refused storage."""
    case = Case(law)
    case.require(
        media in profile,
        "R26.5",
        Words(
            f"{media or '未知格式'}不在联网标准的范围内",
            f"{media or 'unknown media'} is outside the standard",
        ),
        Words(
            "请改用标准规定的格式；现有记录予以标明", "use the standard's formats; what is there is flagged"
        ),
    )
    return case.answer()
