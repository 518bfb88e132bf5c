"""Acceptance before service (art. 16, Decree 799 art. 11).

Every attempt is kept and the last one decides, for the system and for each camera: a supplementary acceptance
speaks for the cameras that it lists, any other for the whole system.
"""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import datetime

from bingjian.rules.civil import civil_date
from bingjian.rules.decision import (
    Case,
    Grant,
    Refusal,
    aware,
    consistent,
    decides,
    enumerated,
    listed,
    named,
)
from bingjian.rules.decisions.systems import System, acceptance_duty
from bingjian.rules.edition import Words
from bingjian.rules.law import Law


@dataclass(frozen=True, slots=True)
class Participant:
    body: str  # code of the organisation
    name: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One acceptance as recorded; what is not known is empty or None. Instants aware."""

    system: str  # id
    built: datetime  # when the works that it judges were finished
    held: datetime
    standards: tuple[str, ...]
    results: tuple[str, ...]  # one line per item
    is_passed: bool | None  # the conclusion; None: none was drawn
    participants: tuple[Participant, ...]
    report_hash: str
    cameras: Set[str]  # ids
    is_supplementary: bool = False
    revoked: datetime | None = None

    def __post_init__(self) -> None:
        aware(built=self.built, held=self.held, revoked=self.revoked)
        consistent(self.built <= self.held, "accepted before it was built")
        consistent(self.revoked is None or self.held <= self.revoked, "revoked before it was held")

    def stands(self, now: datetime) -> bool:
        return self.is_passed is True and (self.revoked is None or now < self.revoked)


@decides("R16.4")
def deciding(attempts: Iterable[Attempt], system: System, now: datetime) -> Attempt | None:
    """The last acceptance of the whole system; an earlier one, passed or failed, says nothing any more."""
    own = [one for one in _of(attempts, system, now) if not one.is_supplementary]
    return own[-1] if own else None


def _of(attempts: Iterable[Attempt], system: System, now: datetime) -> list[Attempt]:
    """Held by now for this very system, the last at the end; of two at one instant the failed one."""
    own = (one for one in attempts if one.system == system.id and one.held <= now)
    return sorted(own, key=lambda one: (one.held, not one.stands(now)))


def _deciding_by_camera(
    attempts: Iterable[Attempt], system: System, cameras: Set[str], now: datetime
) -> dict[str, Attempt]:
    found = dict[str, Attempt]()
    for attempt in _of(attempts, system, now):
        found |= dict.fromkeys(cameras & attempt.cameras, attempt)
    return found


@decides("R16.3", "N11")
def is_accepted(
    law: Law, system: System, cameras: Set[str], attempts: Iterable[Attempt], now: datetime
) -> Grant | Refusal:
    """Art. 16: no service, and no picture shown, shared or cascaded, without a passed acceptance.

    Args:
        cameras: all that are to be in service, by id.
        attempts: all that were ever held, in any order.
    """
    aware(now=now)
    several = tuple(attempts)
    last = deciding(several, system, now)
    by_camera = _deciding_by_camera(several, system, cameras, now)
    case = Case(law)
    if code := acceptance_duty(law, system, "R16.3"):
        case.require(last is not None and last.stands(now), code, *_why(last, now))
    case.join(are_cameras_accepted(law, system, cameras, several, now))
    counted = {id(one): one for one in (last, *by_camera.values()) if one is not None}
    for attempt in counted.values():
        case.join(is_record_complete(law, system, attempt))
        case.join(took_part(law, system, attempt))
    return case.answer()


def _why(last: Attempt | None, now: datetime) -> tuple[Words, Words]:
    redo = Words("请整改后重新组织验收", "put it right and hold the acceptance again")
    if last is None:
        return (
            Words("系统尚未验收", "the system is not accepted"),
            Words("请按标准组织竣工验收", "hold the acceptance by the standards"),
        )
    if last.revoked is not None and last.revoked <= now:
        return Words("验收结论已撤销", "the acceptance was revoked"), redo
    return Words("最后一次验收不合格或者没有结论", "the last acceptance failed or has no conclusion"), redo


@decides("R16.6")
def accepted_cameras(
    law: Law, system: System, cameras: Set[str], attempts: Iterable[Attempt], now: datetime
) -> frozenset[str]:
    """Art. 16: which of these may be in service: all of a system that needs no acceptance."""
    if acceptance_duty(law, system, "R16.6") is None:
        return frozenset(cameras)
    by_camera = _deciding_by_camera(attempts, system, cameras, now)
    return frozenset(camera for camera, one in by_camera.items() if one.stands(now))


@decides("R16.6")
def are_cameras_accepted(
    law: Law, system: System, cameras: Set[str], attempts: Iterable[Attempt], now: datetime
) -> Grant | Refusal:
    """Art. 16: a camera added afterwards waits for its supplementary acceptance."""
    left = sorted(cameras - accepted_cameras(law, system, cameras, attempts, now))
    case = Case(law)
    if code := acceptance_duty(law, system, "R16.6"):
        case.require(
            not left,
            code,
            Words(
                f"{len(cameras)} 台摄像机中有 {len(left)} 台未通过验收：{'、'.join(left)}",
                f"{len(left)} of {len(cameras)} cameras are not accepted: {listed(left)}",
            ),
            Words("请对其组织补充验收", "hold a supplementary acceptance for them"),
        )
    return case.answer()


@decides("R16.1")
def is_record_complete(law: Law, system: System, attempt: Attempt) -> Grant | Refusal:
    """Art. 16: standards, item results, conclusion, participants and report; every record is dated."""
    elements = (
        (any(map(str.strip, attempt.standards)), Words("所依标准", "the standards")),
        (any(map(str.strip, attempt.results)), Words("逐项结果", "the result of each item")),
        (attempt.is_passed is not None, Words("结论", "the conclusion")),
        (bool(attempt.participants), Words("参加人员", "who took part")),
        (bool(attempt.report_hash.strip()), Words("验收报告", "the report")),
    )
    told = enumerated(words for is_there, words in elements if not is_there)
    case = Case(law)
    if code := acceptance_duty(law, system, "R16.1"):
        case.require(
            not told.en,
            code,
            Words(f"验收记录缺少：{told.zh}", f"the acceptance record lacks {told.en}"),
            Words("请补齐验收记录", "complete the record"),
        )
    return case.answer()


@decides("R16.2")
def took_part(law: Law, system: System, attempt: Attempt) -> Grant | Refusal:
    """Art. 16: of each body a person by name; asked where government invested (requirements 5.12)."""
    present = {one.body for one in attempt.participants if one.name.strip()}
    missing = law.codes("acceptance_participant").keys() - present
    told = named(law, "acceptance_participant", missing)
    case = Case(law)
    case.require(
        not (system.is_government_invested and missing),
        "R16.2",
        Words(f"没有派员参加验收：{told.zh}", f"nobody took part for the {told.en}"),
        Words("请邀请其派员，重新组织验收", "invite them and hold the acceptance again"),
    )
    return case.answer()


@decides("R16.4")
def may_delete_attempt(law: Law, attempt: Attempt) -> Refusal:
    """Art. 16: never; a failed attempt stays on record beside the one that passed."""
    day = civil_date(attempt.held)
    return law.refusal(
        "R16.4",
        Words(f"{day} 的验收记录应当保留，不能删除", f"the acceptance of {day} stays on record"),
        Words("请另行登记新的验收", "record another acceptance beside it"),
    )


@dataclass(frozen=True, slots=True)
class TrialView:
    """Somebody wants to see a stream of a system that runs on trial."""

    role: str
    is_test_view: bool  # the builder's own; anything else shows, shares or cascades
    is_watermarked: bool
    is_kept: bool  # under its term, as any footage
    is_logged: bool
    is_on_trial: bool = True  # before, nothing is to be seen; after, it is no test any more


def not_building(law: Law) -> Refusal:
    """Art. 16: a test view is for whoever builds the system; the same of a camera that is not there."""
    return law.refusal(
        "R16.5" if law.binds("R16.5") else "N16",
        Words("不是本单位建设的试运行系统的摄像机", "no camera of a system on trial that you build"),
        Words("请由建设单位查看试运行画面", "the test view is for those who build it"),
    )


@decides("R16.5")
def may_view_trial(law: Law, view: TrialView) -> Grant | Refusal:
    """Art. 16: before acceptance pictures are for the builder's test view alone."""
    viewers = named(law, "trial_viewer", law.codes("trial_viewer"))
    case = Case(law)
    case.require(
        view.role in law.codes("trial_viewer"),
        "R16.5",
        Words(f"试运行图像只供{viewers.zh}测试", f"pictures of a trial are for {viewers.en} alone"),
        Words("请等待验收合格", "wait until the system is accepted"),
    )
    case.require(
        view.is_on_trial,
        "R16.5",
        Words("系统不在试运行期间", "the system is not on trial"),
        Words("请在试运行期间测试", "test while it is on trial"),
    )
    for is_met, zh, en in (
        (
            view.is_test_view,
            "不在测试页面，或者会被共享、级联",
            "it is not the test view, or would be shared or cascaded",
        ),
        (view.is_watermarked, "没有加水印", "it has no watermark"),
        (view.is_kept, "没有留存录像", "the footage is not kept"),
        (view.is_logged, "没有记录查看", "the view is not logged"),
    ):
        case.require(
            is_met,
            "R16.5",
            Words(f"试运行图像{zh}", f"trial: {en}"),
            Words("请改用测试页面并记录查看", "use the test view, and log it"),
        )
    return case.answer()
