"""Was coverage restored in time: 24 h after a move (art. 19¶2), 72 h after damage by works (art. 30)."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from bingjian.rules.civil import CHINA, end_after_hours, is_within_hours
from bingjian.rules.decision import Case, Grant, Refusal, aware, consistent, decides
from bingjian.rules.edition import Words
from bingjian.rules.law import Law, Limit

MOVE, DAMAGE = "relocation.restore", "damage.restore"


@decides("R30.2")
def limit_of(law: Law, is_planned_move: bool, is_damage: bool) -> Limit:
    """Which term runs: a planned move's, accidental damage's, or of both the shorter.

    Raises:
        UsageError: it is neither.
    """
    consistent(is_planned_move or is_damage, "neither a planned move nor damage by works")
    keys = [key for key, applies in ((MOVE, is_planned_move), (DAMAGE, is_damage)) if applies]
    return min((law.limit(key) for key in keys), key=lambda limit: limit.value)


@dataclass(frozen=True, slots=True)
class Loss:
    """When coverage, or a facility, was lost. Instants aware; None: not known."""

    last_good: datetime | None  # last picture, or probe, that was good
    detected: datetime | None  # by the system
    reported: datetime | None  # by a person

    def __post_init__(self) -> None:
        aware(last_good=self.last_good, detected=self.detected, reported=self.reported)
        told = [at for at in (self.detected, self.reported) if at is not None]
        consistent(bool(told), "a loss that nobody has found")
        consistent(self.last_good is None or self.last_good <= min(told), "good after it was found lost")

    @property
    def began(self) -> datetime:
        """The last good instant, else the first detection or report: being slow to find it gains no time."""
        told = (self.detected, self.reported)
        return self.last_good or min(at for at in told if at is not None)


@decides("R19.8", "R30.1", "R30.2")
def is_restored_in_time(
    law: Law, loss: Loss, limit: Limit, unit: str, restored: datetime | None, now: datetime
) -> Grant | Refusal:
    """Arts. 19¶2 and 30: the last second of the term still counts, the next is a breach.

    Args:
        limit: of ``limit_of``.
        unit: that did the works; empty: not identified yet, and the time runs all the same.
        restored: when it was proven (``may_claim``); None: not yet.
    """
    aware(restored=restored, now=now)
    done = restored if restored is not None else now
    consistent(loss.began <= done <= now, "restored before it was lost, or in the future")
    until = end_after_hours(loss.began, limit.value)
    late, case = max(done - until, timedelta()), Case(law)
    who = Words(unit, unit) if unit.strip() else Words("施工单位待查", "unidentified unit")
    still = restored is None
    case.require(
        is_within_hours(loss.began, limit.value, done),
        limit.code,
        Words(
            f"应在北京时间 {until.astimezone(CHINA):%Y-%m-%d %H:%M:%S} 前（{limit.value} 小时内）恢复，"
            f"{'至今未恢复' if still else '恢复时'}已超 {late.total_seconds():.0f} 秒（{who.zh}）",
            f"was due within {limit.value} h, by {until.astimezone(CHINA):%Y-%m-%d %H:%M:%S} (+08:00), "
            f"{'still not restored' if still else 'restored'} {late.total_seconds():.0f} s late ({who.en})",
        ),
        Words("请立即恢复并说明原因；逾期情况将上报", "restore it now and explain; the breach is reported")
        if still
        else Words("请说明逾期原因；逾期情况将上报", "explain the delay; the breach is reported"),
    )
    return case.answer()


@dataclass(frozen=True, slots=True)
class Proof:
    """What shows that something works again: pictures of a camera's area, a probe of power or a link."""

    owed_cells: Set[int]  # grid cells of the original area; of power or a link alone none
    covered_cells: Set[int]  # by live pictures now; other cameras count
    has_live_picture: bool
    probe_s: float | None  # power or link up without a break until now; None: neither is concerned

    def __post_init__(self) -> None:
        consistent(bool(self.owed_cells) or self.probe_s is not None, "neither an area nor a link")
        consistent(self.probe_s is None or self.probe_s >= 0, "a negative time")


@decides("R19.8", "R30.1")
def may_claim(law: Law, limit: Limit, proof: Proof) -> Grant | Refusal:
    """Arts. 19¶2 and 30: restored is what pictures and probes show, never what somebody says."""
    case, missing = Case(law), proof.owed_cells - proof.covered_cells
    owed, covered = len(proof.owed_cells), len(proof.owed_cells) - len(missing)
    case.require(
        not proof.owed_cells or proof.has_live_picture,
        limit.code,
        Words("没有实时图像", "there is no live picture"),
        Words("请恢复图像后再申报", "bring the picture back first"),
    )
    case.require(
        not missing,
        limit.code,
        Words(
            f"原区域 {owed} 格只覆盖了 {covered} 格", f"{covered} of the {owed} original cells are covered"
        ),
        Words("请调整至全部覆盖后再申报", "cover them all first"),
    )
    probe = law.limit("damage.probe")
    case.require(
        proof.probe_s is None or timedelta(seconds=proof.probe_s) >= timedelta(minutes=probe.value),
        limit.code,
        Words(
            f"供电或者链路连续正常 {proof.probe_s or 0:.0f} 秒，至少应为 {probe.value} 分钟",
            f"power or link up for {proof.probe_s or 0:.0f} s without a break, needed are {probe.value} min",
        ),
        Words("请等检测连续通过后再申报", "wait until the probe has passed for so long"),
    )
    return case.answer()
