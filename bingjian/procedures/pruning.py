"""Plants that hide a camera's area are pruned (art. 5¶4): one open order a camera, verified by its view."""

from datetime import datetime

from bingjian.access.decisions import SUPERVISORS, Role
from bingjian.duties.models import Obligation
from bingjian.inventory.organisations import body_id
from bingjian.procedures.kinds import CameraId, Data, DocumentId, Kind, Move, Opening, Text, said
from bingjian.procedures.step import Step
from bingjian.procedures.support_request import helper_of, require_own
from bingjian.rules.decision import Grant
from bingjian.rules.decisions import support
from bingjian.rules.edition import Words

CODE = "R5.8"
HELP = "prune"


class SceneView(Data):
    """What was seen of the camera's area."""

    picture: DocumentId = said("画面", "Picture")
    hidden: int = said("被遮挡（格）", "Hidden, in cells", ge=0, le=10**9)
    cells: int = said("画面（格）", "View, in cells", ge=1, le=10**9)


class Pruning(Data):
    camera: CameraId = said("摄像机", "Camera")
    views: tuple[SceneView, ...] = said("画面核验", "Views", default=())  # oldest first
    done: datetime | None = said("报告修剪时间", "Reported as done", default=None)
    reopened: int = said("退回次数", "Times reopened", default=0)
    is_clear: bool = said("遮挡已消除", "Clear", default=False)
    note: Text = said("说明", "Note", default="")


class PruningOpening(Opening):
    subject: CameraId = said("摄像机", "Camera")
    view: SceneView = said("画面", "View")


class Done(Data):
    note: Text = said("修剪情况", "What was done", min_length=1)


class Verify(Data):
    view: SceneView = said("画面", "View")


async def begin(step: Step, wish: PruningOpening) -> Pruning:
    there = await step.about(wish.subject, PRUNING.name, UNFINISHED)
    step.require(support.may_open_order(step.law, occlusion(wish.view), len(there)))
    await owe(step)
    return Pruning(camera=wish.subject, views=(wish.view,))


async def done(step: Step, data: Pruning, wish: Done) -> Pruning:
    await require_own(step, helper_of(step, HELP))
    return data.model_copy(update={"done": step.now, "note": wish.note})


async def verify(step: Step, data: Pruning, wish: Verify) -> Pruning:
    """The view afterwards decides, not who says so."""
    is_clear = isinstance(support.is_clear(step.book.whole, occlusion(wish.view)), Grant)
    after = {"views": (*data.views, wish.view), "is_clear": is_clear}
    if is_clear:
        await step.meet(CODE)
        return data.model_copy(update=after)
    return data.model_copy(update={**after, "done": None, "reopened": data.reopened + 1})


async def withdraw(step: Step, data: Pruning, wish: Done) -> Pruning:
    await step.drop(CODE)
    return data.model_copy(update={"note": wish.note})


async def owe(step: Step) -> None:
    """Promptly: the measures name no term."""
    await step.owe(Obligation(CODE, step.subject, body_id(helper_of(step, HELP)), step.now, None))


def occlusion(view: SceneView) -> support.Occlusion:
    return support.Occlusion(view.hidden, view.cells)


def verified(data: Pruning) -> str:
    return "verified" if data.is_clear else "open"


WATCHERS = frozenset({Role.WATCHER, Role.SHIFT_LEAD, Role.REGISTRAR, Role.MAINTAINER})
CITY_MANAGEMENT = frozenset({Role.DEPARTMENT_USER})
UNFINISHED = ("open", "done")
PRUNING = Kind(
    name="pruning",
    path="prunings",
    words=Words("植物修剪", "pruning order"),
    order=CODE,
    prefix="XJ",
    data=Pruning,
    states={
        "open": Words("待修剪", "to be pruned"),
        "done": Words("待核验", "to be verified"),
        "verified": Words("已核验", "verified"),
        "withdrawn": Words("已撤回", "withdrawn"),
    },
    opening=PruningOpening,
    openers=WATCHERS,
    readers=WATCHERS | CITY_MANAGEMENT | SUPERVISORS | {Role.AUDITOR},
    open=begin,
    subject="camera",
    moves=(
        Move("done", Words("报告已修剪", "report as done"), ("open",), "done", CITY_MANAGEMENT, done, Done),
        Move(
            "verify",
            Words("核验画面", "verify the view"),
            ("done",),
            "verified",
            WATCHERS,
            verify,
            Verify,
            leads=verified,
        ),
        Move("withdraw", Words("撤回", "withdraw"), UNFINISHED, "withdrawn", WATCHERS, withdraw, Done),
    ),
)
