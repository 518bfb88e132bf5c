"""A view that an advertisement, a line, a tree or another facility hides (art. 11): a ticket a camera.

The picture decides: what is narrow or passes by is no event, and a view that is free again closes the ticket.
"""

from bingjian.access.decisions import SUPERVISORS, Role
from bingjian.procedures.errors import AlreadyOpen
from bingjian.procedures.kinds import (
    STAYS,
    CameraId,
    Code,
    Data,
    DocumentId,
    Kind,
    Line,
    Move,
    Opening,
    Text,
    said,
)
from bingjian.procedures.step import Step
from bingjian.rules.decision import Refusal, consistent, granted
from bingjian.rules.decisions import surroundings
from bingjian.rules.edition import Words

CODE = "R11.3"


class Covered(Data):
    """What was seen of a view, against its reference picture."""

    picture: DocumentId = said("画面", "Picture")
    covered: int = said("新被遮挡（格）", "Newly covered, in cells", ge=0, le=10**9)
    cells: int = said("画面（格）", "View, in cells", ge=1, le=10**9)
    seconds: float = said("已持续（秒）", "For so many seconds", ge=0, le=10**9)


class Blockage(Data):
    camera: CameraId = said("摄像机", "Camera")
    cause: str = said("遮挡物", "What hides it", of="facility_cause")
    responsible: str = said("责任方", "Who answers for it")
    views: tuple[Covered, ...] = said("画面核验", "Views")  # oldest first
    note: Text = said("处理情况", "What was done", default="")


class BlockageOpening(Opening):
    subject: CameraId = said("摄像机", "Camera")
    view: Covered = said("画面", "View")
    cause: Code = said("遮挡物", "What hides it", of="facility_cause")
    responsible: Line = said(
        "责任方（不清楚的写“待查”）", "Who answers for it, or that it is being found out"
    )


class Told(Data):
    cause: Code = said("遮挡物", "What hides it", of="facility_cause")
    responsible: Line = said("责任方", "Who answers for it")


class Look(Data):
    view: Covered = said("画面", "View")
    note: Text = said("处理情况", "What was done", default="")


async def begin(step: Step, wish: BlockageOpening) -> Blockage:
    if await step.about(wish.subject, BLOCKAGE.name, ("open",)):
        raise AlreadyOpen("this camera's view has a ticket that is open")
    step.require(surroundings.may_record_blockage(step.law, wish.cause, wish.responsible))
    free = surroundings.is_view_free(step.book.whole, blockage(wish.view))
    consistent(isinstance(free, Refusal), "the view is not covered so far and so long that it is an event")
    return Blockage(camera=wish.subject, cause=wish.cause, responsible=wish.responsible, views=(wish.view,))


async def tell(step: Step, data: Blockage, wish: Told) -> Blockage:
    """Who it was is known better now."""
    step.require(surroundings.may_record_blockage(step.law, wish.cause, wish.responsible))
    return data.model_copy(update=wish.model_dump())


async def look(step: Step, data: Blockage, wish: Look) -> Blockage:
    """The view afterwards decides, not who says so: it is free, or the ticket stays open. Raises Refused."""
    granted(surroundings.is_view_free(step.book.whole, blockage(wish.view)))
    return data.model_copy(update={"views": (*data.views, wish.view), "note": wish.note})


def blockage(view: Covered) -> surroundings.Blockage:
    return surroundings.Blockage(view.cells, view.covered, view.seconds)


WATCHERS = frozenset({Role.WATCHER, Role.SHIFT_LEAD, Role.REGISTRAR, Role.MAINTAINER})
BLOCKAGE = Kind(
    name="blockage",
    path="blockages",
    words=Words("视域遮挡", "blocked view"),
    order=CODE,
    prefix="DZ",
    data=Blockage,
    states={"open": Words("待清除", "to be cleared"), "clear": Words("已清除", "clear")},
    opening=BlockageOpening,
    openers=WATCHERS,
    readers=WATCHERS | SUPERVISORS | {Role.DEPARTMENT_USER, Role.AUDITOR},
    open=begin,
    subject="camera",
    moves=(
        Move(
            "tell",
            Words("更正遮挡物和责任方", "correct cause and who answers"),
            ("open",),
            STAYS,
            WATCHERS,
            tell,
            Told,
        ),
        Move("look", Words("核验画面", "look again"), ("open",), "clear", WATCHERS, look, Look),
    ),
)
