"""The rate of intact cameras, art. 25(3): in whole numbers, compared before anything is rounded.

No law gives a formula: what is counted here is our reading (requirements 5.1).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bingjian.rules.civil import end_after_hours
from bingjian.rules.decision import Case, Grant, Refusal, aware, consistent, decides, is_given
from bingjian.rules.edition import Words
from bingjian.rules.law import Law
from bingjian.rules.spans import Span

RATE, GOOD_DAY = "camera.intact_rate", "camera.intact_day"
RESTORED = "relocation.restore"  # hours: a camera moved with authority is due again after them
NOTHING_DUE = Words("没有应计算的摄像机", "no camera is due")
RAISE = Words("请查明并修复未完好的摄像机", "find and repair the cameras that are not intact")


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """Nothing there that the question could be about: neither met nor broken."""

    reason: Words


@dataclass(frozen=True, slots=True)
class Count:
    """Cameras, camera-days or camera-seconds."""

    good: int
    due: int  # what is excluded is still in it
    excluded: int = 0  # of those due, for force majeure; none of them is good

    def __post_init__(self) -> None:
        consistent(min(self.good, self.due, self.excluded) >= 0, "a count below zero")
        consistent(self.good + self.excluded <= self.due, "more good or excluded than due")

    @property
    def net(self) -> int:
        """Due, without what is excluded."""
        return self.due - self.excluded

    def is_at_least(self, percent: int) -> bool:
        return self.good * 100 >= percent * self.net

    @property
    def net_percent(self) -> str:
        return _percent(self.good, self.net)

    @property
    def raw_percent(self) -> str:
        """As if nothing had been excluded; always shown beside the other (R25.8)."""
        return _percent(self.good, self.due)


def _percent(good: int, due: int) -> str:
    """ "95.74 %": cut off, so that 94.999 is never shown as the 95 that it is not."""
    hundredths = good * 10_000 // due if due else 0
    return f"{hundredths // 100}.{hundredths % 100:02d} %"


def total(counts: Iterable[Count]) -> Count:
    """Of several systems, districts or days together."""
    several = tuple(counts)
    return Count(*(sum(getattr(each, name) for each in several) for name in ("good", "due", "excluded")))


@decides("R25.7", "R25.8")
def is_rate_met(law: Law, cameras: Count) -> Grant | Refusal | NotApplicable:
    """Whether enough cameras are intact, force majeure left out. Both rates are told."""
    if not cameras.net:
        return NotApplicable(NOTHING_DUE)
    percent = law.number(RATE)
    case = Case(law)
    case.require(cameras.is_at_least(percent), "R25.7", _told(cameras, percent), RAISE)
    return case.answer()


def _told(count: Count, percent: int) -> Words:
    net = f"{count.net_percent}（{count.good}/{count.net}）"
    raw = f"{count.raw_percent}（{count.good}/{count.due}）"
    return Words(
        f"完好率 {net}，低于 {percent} %；不剔除不可抗力时为 {raw}",
        f"intact rate {count.net_percent} ({count.good}/{count.net}), below {percent} %; "
        f"with force majeure counted {count.raw_percent} ({count.good}/{count.due})",
    )


@decides("R25.7")
def is_month_met(law: Law, days: Count, seconds: Count) -> Grant | Refusal | NotApplicable:
    """Whether a month's rate is met: by camera-days, and by camera-seconds as well."""
    if not days.net or not seconds.net:
        return NotApplicable(NOTHING_DUE)
    percent = law.number(RATE)
    case = Case(law)
    for count in (days, seconds):
        case.require(count.is_at_least(percent), "R25.7", _told(count, percent), RAISE)
    return case.answer()


@decides("R25.7")
def is_good_day(law: Law, good_s: int, due_s: int) -> bool:
    """Whether a camera counts as intact on a day.

    Args:
        good_s: seconds with a stream that decodes, a usable picture and a recording, all three.
        due_s: seconds of the day in which it was due.
    """
    consistent(0 <= good_s <= due_s and due_s > 0, "more seconds good than due")
    return Count(good_s, due_s).is_at_least(law.number(GOOD_DAY))


@decides("R25.7")
def is_due(law: Law, in_service: Span, moved: datetime | None, at: datetime) -> bool:
    """Whether a camera counts at an instant: in service, and not in the hours that a move with authority has.

    Args:
        moved: first loss of coverage by that move; None: not moved.
    """
    aware(moved=moved, at=at)
    if at not in in_service:
        return False
    if moved is None or at < moved or RESTORED not in law.limits:
        return True
    return at > end_after_hours(moved, law.number(RESTORED))


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A camera left out of the rate for a while."""

    kind: str  # of ``force_majeure``
    proof: str
    period: Span
    approver: str  # a body
    responsible: str  # the body whose rate it is


@decides("R25.8")
def may_exclude(law: Law, exclusion: Exclusion) -> Grant | Refusal:
    """Art. 25(3): only for force majeure, proven, and approved by somebody else. Works are no such reason."""
    case = Case(law)
    case.require(
        exclusion.kind in law.codes("force_majeure"),
        "R25.8",
        Words(f"{exclusion.kind or '未填写的情形'}不属于不可抗力", f"{exclusion.kind!r} is no force majeure"),
        Words("请选择不可抗力的种类；施工等原因照常计算", "choose its kind; works and the like count"),
    )
    case.require(
        is_given(exclusion.proof),
        "R25.8",
        Words("没有证明材料", "no proof is given"),
        Words("请附证明材料", "attach the proof"),
    )
    approver = exclusion.approver.strip()
    case.require(
        bool(approver) and approver.casefold() != exclusion.responsible.strip().casefold(),
        "R25.8",
        Words("没有责任主体以外的批准人", "approved by nobody but the responsible body"),
        Words("请由责任主体以外的单位批准", "have another body approve it"),
    )
    return case.answer()
