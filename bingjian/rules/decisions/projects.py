"""Building projects: a system goes together with the project it belongs to (art. 12)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from bingjian.rules.civil import civil_date
from bingjian.rules.decision import Case, Grant, Refusal, aware, consistent, decides, is_given, named
from bingjian.rules.edition import Words
from bingjian.rules.law import Law


@dataclass(frozen=True, slots=True)
class Progress:
    """When main project and system reached each stage, by code of ``sync_stage``. Missing: not yet."""

    main: Mapping[str, datetime]
    video: Mapping[str, datetime]

    def __post_init__(self) -> None:
        aware(**{f"main {stage}": at for stage, at in self.main.items()})
        aware(**{f"video {stage}": at for stage, at in self.video.items()})


@decides("R12.1")
def is_in_step(law: Law, progress: Progress, now: datetime) -> Grant | Refusal:
    """Art. 12: the system reaches each stage no later than the main project; the same day is together.

    Every stage in breach refuses; the main project itself is not ours to stop.
    """
    aware(now=now)
    case = Case(law)
    for stage in law.codes("sync_stage"):
        main, video = progress.main.get(stage), progress.video.get(stage)
        if main is None or main > now:
            continue
        day, own = civil_date(main), None if video is None or video > now else civil_date(video)
        case.require(own is not None and own <= day, "R12.1", *_behind(law, stage, day, own))
    return case.answer()


def _behind(law: Law, stage: str, main: date, video: date | None) -> tuple[Words, Words]:
    name = named(law, "sync_stage", [stage])
    reached = (
        Words(f"系统为 {video}", f"its system on {video}")
        if video
        else Words("系统尚未达到", "its system has not")
    )
    return (
        Words(
            f"“{name.zh}”阶段不同步：主体工程为 {main}，{reached.zh}",
            f"{name.en}: the main project got there on {main}, {reached.en}",
        ),
        Words("请尽快补齐该阶段；此情况将予报告", "make up for this stage; the breach is reported"),
    )


@dataclass(frozen=True, slots=True)
class Exemption:
    """Of a project in a special case."""

    reason: str
    document: str
    approver: str


@dataclass(frozen=True, slots=True)
class Project:
    """A building project as far as art. 12 asks."""

    kind: str  # code of ``project_kind`` or ``project_kind_exempt``
    has_system: bool  # its design includes one
    exemption: Exemption | None = None

    def __post_init__(self) -> None:
        consistent(not (self.has_system and self.exemption), "exempt, and with a system")


@decides("R12.2")
def may_proceed(law: Law, project: Project) -> Grant | Refusal:
    """Art. 12: new, rebuilt and extended projects include a system, or have an exemption that is whole."""
    case, covered, free = Case(law), law.codes("project_kind"), law.codes("project_kind_exempt")
    names = named(law, "project_kind", [project.kind])
    case.require(
        project.kind in covered or project.kind in free,
        "R12.2",
        Words(f"没有项目类型“{project.kind}”", f"no kind of project {project.kind!r}"),
        Words("请选择项目类型", "choose the kind of project"),
    )
    is_owed = project.kind in covered and not project.has_system
    case.require(
        not is_owed or project.exemption is not None,
        "R12.2",
        Words(f"{names.zh}项目没有设计公共视频图像信息系统", f"a {names.en} project without a video system"),
        Words("请补充系统设计，或者办理特殊情况的豁免", "add one to the design, or obtain an exemption"),
    )
    if project.exemption is not None:
        _whole(case, project.exemption)
    return case.answer()


def _whole(case: Case, exemption: Exemption) -> None:
    parts = {
        Words("理由", "reason"): exemption.reason,
        Words("文件", "document"): exemption.document,
        Words("批准人", "approver"): exemption.approver,
    }
    missing = [name for name, value in parts.items() if not is_given(value)]
    zh, en = "、".join(name.zh for name in missing), ", ".join(name.en for name in missing)
    case.require(
        not missing,
        "R12.2",
        Words(f"豁免缺少：{zh}", f"the exemption lacks: {en}"),
        Words("请补齐", "add what is missing"),
    )


def is_exempt(law: Law, project: Project) -> bool:
    """Whether it belongs into the report of exempted projects (R12.2)."""
    return project.exemption is not None and isinstance(may_proceed(law, project), Grant)


@dataclass(frozen=True, slots=True)
class Approval:
    """Somebody approved a system."""

    body: str  # code of ``body``
    document: str
    at: datetime

    def __post_init__(self) -> None:
        aware(at=self.at)


@decides("R12.4")
def may_approve(
    law: Law, approvals: tuple[Approval, ...], now: datetime, *, is_national_security: bool | None
) -> Grant | Refusal:
    """Art. 12: what concerns national security is approved only with the national security organ's approval.

    Args:
        is_national_security: None: nobody has said.
    """
    aware(now=now)
    needed, case = law.codes("approver.national_security"), Case(law)
    given = {one.body for one in approvals if one.at <= now and is_given(one.document)}
    case.require(
        is_national_security is not None,
        "R12.4",
        Words("没有说明是否涉及国家安全", "nobody has said whether it concerns national security"),
        Words("请说明是否涉及国家安全", "say whether it does"),
    )
    missing = [body for body in needed if body not in given] if is_national_security else []
    names = named(law, "approver.national_security", missing)
    case.require(
        not missing,
        "R12.4",
        Words(
            f"涉及国家安全，没有{names.zh}的批准",
            f"it concerns national security: no approval of the {names.en}",
        ),
        Words(f"请报{names.zh}批准", f"obtain the approval of the {names.en}"),
    )
    return case.answer()
